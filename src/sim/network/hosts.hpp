#pragma once

#include "sim/network/network.hpp"

/// The two ends of a Network: what its ports return.
namespace parallax::sim_network {

/// Where a server listens.
struct Network::Host {
    std::string endpoint;
    Server* server = nullptr;
    ports::ListenerId listener;
    Line line;
    UnixNanos stalled{}, refusing{}, mute{};  ///< until when
};

/// A WebSocket or a request, from its first byte to its last event. Its number is the connection's,
/// the session's, the request's and the exchange's id.
struct Network::Link {
    std::uint64_t id = 0;
    Client* client = nullptr;
    Host* host = nullptr;
    bool websocket = false;
    bool client_knows = true;  ///< the client waits for another event
    bool client_open = false;
    bool server_knows = false;  ///< it accepted, and waits for another event
    bool leaving = false;       ///< the client has said goodbye
    UnixNanos last_up{}, last_down{};
    std::size_t to_server = 0, to_client = 0;  ///< bytes under way
};

class Network::Client final : public ports::Transport {
public:
    Client(Network& network, std::size_t number)
        : network_{network}, address_{"10.0.0." + std::to_string(number)} {}

    Result<ports::ConnectionId> connect(const ports::WebSocketTarget& target) override;
    HotResult<void> send(ports::ConnectionId connection, std::string_view text) override;
    HotResult<void> ping(ports::ConnectionId connection) override;
    void close(ports::ConnectionId connection, std::uint16_t code) override;
    Result<ports::RequestId> request(const ports::HttpRequest& request) override;
    std::span<const ports::NetEvent> poll(Nanos wait) override;
    UnixNanos now() const noexcept override { return network_.now_; }

    void tell(const Link& link, Packet packet);
    [[nodiscard]] bool waiting() const noexcept { return !arrived_.empty(); }
    [[nodiscard]] const std::string& address() const noexcept { return address_; }

private:
    struct Arrived {
        Packet packet;
        bool websocket = false;
    };
    Result<std::uint64_t> begin(const std::string& url, bool websocket, Packet packet,
                                Nanos timeout);
    Link* open_link(ports::ConnectionId connection);

    Network& network_;
    std::string address_;
    std::vector<Arrived> arrived_;
    std::vector<Arrived> told_;
    std::vector<ports::NetEvent> events_;
};

class Network::Server final : public ports::ServerTransport {
public:
    explicit Server(Network& network) : network_{network} {}

    ports::SessionId accept(ports::ExchangeId exchange,
                            std::span<const ports::HttpHeader> headers) override;
    void respond(ports::ExchangeId exchange, ports::HttpReply reply) override;
    void drop(ports::ExchangeId exchange) override;
    HotResult<void> send(ports::SessionId session, std::string_view text) override;
    HotResult<void> ping(ports::SessionId session) override;
    void close(ports::SessionId session, std::uint16_t code) override;
    std::span<const ports::ServerEvent> poll(Nanos wait) override;
    UnixNanos now() const noexcept override { return network_.now_; }

    void tell(const Link& link, Packet packet);
    [[nodiscard]] bool waiting() const noexcept { return !arrived_.empty(); }

private:
    struct Arrived {
        Packet packet;
        ports::ListenerId listener;
        const std::string* peer = nullptr;
    };
    Network& network_;
    std::vector<Arrived> arrived_;
    std::vector<Arrived> told_;
    std::vector<ports::ServerEvent> events_;
};

}  // namespace parallax::sim_network
