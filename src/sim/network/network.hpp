#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ports/server_transport.hpp"
#include "runtime/random.hpp"
#include "sim/network/packet.hpp"

namespace parallax::sim_network {

/// The way between clients and one endpoint.
struct Line {
    Nanos latency = Nanos::micros(300);  ///< one way
    Nanos jitter;  ///< added to each message, uniform from 0 to this; order is kept as TCP keeps it
};

/// A network in memory, with its own time: the transport ports without sockets, threads or clocks,
/// for simulations of the whole system in one thread. The same seed and the same calls give the
/// same events. What TCP promises holds (order, nothing lost unless the connection is), what it
/// does not promise can be made to happen.
///
/// A run is a loop: `advance(t)` to the next thing due anywhere, then each server and client polls.
/// A poll never waits.
class Network {
public:
    static constexpr UnixNanos kNever = UnixNanos::from_nanos(0x7fff'ffff'ffff'ffff);
    /// A WebSocket's bytes on their way; more is BackPressured.
    static constexpr std::size_t kMostUnderWay = 4 * 1024 * 1024;

    Network(UnixNanos start, std::uint64_t seed);
    ~Network();
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;

    /// Another host that connects; lives as long as the network.
    [[nodiscard]] ports::Transport& add_client();
    /// Another host that listens, likewise.
    [[nodiscard]] ports::ServerTransport& add_server();
    /// `endpoint`: host:port as in URLs (the port always). Needs: a server of this network, an
    /// endpoint nobody listens at.
    ports::ListenerId listen(ports::ServerTransport& server, std::string endpoint,
                             const Line& line = {});

    // What can go wrong at an endpoint (unknown ones are ignored).
    void set_line(std::string_view endpoint, const Line& line);
    /// Connections break, requests under way fail; what was on its way is lost.
    void cut(std::string_view endpoint);
    /// Nothing gets through in either direction before `until`; then it all does.
    void stall(std::string_view endpoint, UnixNanos until);
    /// Nobody can connect or ask before `until`.
    void refuse(std::string_view endpoint, UnixNanos until);
    /// Requests arrive before `until`, their answers never.
    void lose_answers(std::string_view endpoint, UnixNanos until);

    /// Moves time on. Needs: not backwards.
    void advance(UnixNanos now);
    /// When something arrives next.
    [[nodiscard]] UnixNanos next_due() const noexcept;
    [[nodiscard]] UnixNanos now() const noexcept { return now_; }

private:
    class Client;
    class Server;
    struct Host;
    struct Link;

    Host* find(std::string_view endpoint);
    Link* link(std::uint64_t id);
    Link& add_link(Client& client, Host& host, bool websocket);
    void send(Link& link, Packet packet);
    void at(UnixNanos when, Packet packet);
    void push(Packet packet);
    void arrive(Packet& packet);
    void to_server(Link& link, Packet& packet);
    void to_client(Link& link, Packet& packet);
    void end(Link& link, std::string_view why);
    HotResult<void> send_message(Link* link, PacketKind kind, std::string_view text);
    void forget(const Link& link);

    struct Later {
        bool operator()(const Packet& a, const Packet& b) const noexcept {
            return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
        }
    };

    UnixNanos now_;
    runtime::Random random_;
    std::uint64_t last_id_ = 0;
    std::uint64_t last_packet_ = 0;
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<std::unique_ptr<Server>> servers_;
    std::vector<std::unique_ptr<Host>> hosts_;  ///< by listener
    std::map<std::uint64_t, std::unique_ptr<Link>> links_;
    std::vector<Packet> under_way_;  ///< heap, the next first
};

}  // namespace parallax::sim_network
