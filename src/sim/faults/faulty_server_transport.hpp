#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "ports/server_transport.hpp"
#include "runtime/random.hpp"

namespace parallax::sim_faults {

enum class FaultKind : std::uint8_t {
    // What a server sends over WebSockets.
    Stall,      ///< nothing leaves until the fault is over; then everything does
    Gap,        ///< messages are lost
    Duplicate,  ///< they come twice
    Reorder,    ///< they come after the next one
    Corrupt,    ///< one letter of them is none: they cannot be read, and not be taken for others
    Truncate,   ///< their end is missing
    // Requests: of HTTP, and messages of clients on WebSockets that are not answered.
    Slow,         ///< the answer leaves `delay` later (HTTP)
    Answer,       ///< answered with `status`, `headers` and `body` without being looked at (HTTP)
    LoseRequest,  ///< never looked at; HTTP connections are cut after `delay`
    LoseAnswer,   ///< done, but never answered; likewise
};

/// Something that goes wrong: with what, how often, how long.
struct Fault {
    FaultKind kind{};
    std::vector<ports::ListenerId> listeners{};  ///< none = all
    std::string path{};        ///< what the path of the request or of the WebSocket begins with
    std::string containing{};  ///< in the message, or in the request's path, query or body
    std::uint32_t count = 0;   ///< so many messages or requests at most; 0 = all
    UnixNanos until{};         ///< unknown = until clear()
    double chance = 1;         ///< that one of them is hit
    Nanos delay{};
    std::uint16_t status = 0;
    std::vector<ports::HttpHeader> headers{};
    std::string body{};
};

/// A server's transport that lets things go wrong between the server and its peers. The same seed
/// and the same calls: the same accidents. One thread. Time comes in and never falls.
class FaultyServerTransport final : public ports::ServerTransport {
public:
    static constexpr std::size_t kMostFaults = 1'000;

    FaultyServerTransport(ports::ServerTransport& below, std::uint64_t seed)
        : below_{below}, random_{seed} {}

    /// Of more than `kMostFaults` at a time the oldest are forgotten.
    void begin(Fault fault);
    /// Ends every fault; what was held back leaves.
    void clear();
    /// Closes WebSockets now; code 0 cuts them. Returns how many.
    std::size_t disconnect(const std::vector<ports::ListenerId>& listeners, std::string_view path,
                           std::uint16_t code);
    void advance(UnixNanos now);
    [[nodiscard]] std::size_t active() const noexcept { return faults_.size(); }
    [[nodiscard]] std::uint64_t accidents() const noexcept { return accidents_; }

    ports::SessionId accept(ports::ExchangeId exchange,
                            std::span<const ports::HttpHeader> headers) override;
    void respond(ports::ExchangeId exchange, ports::HttpReply reply) override;
    void drop(ports::ExchangeId exchange) override;
    HotResult<void> send(ports::SessionId session, std::string_view text) override;
    HotResult<void> ping(ports::SessionId session) override { return below_.ping(session); }
    void close(ports::SessionId session, std::uint16_t code) override;
    std::span<const ports::ServerEvent> poll(Nanos wait) override;
    UnixNanos now() const noexcept override { return now_; }

private:
    struct Active {
        Fault fault;
        std::uint32_t struck = 0;
    };
    struct Held {
        std::string text;
        UnixNanos until;
    };
    struct Session {
        ports::ListenerId listener;
        std::string path;
        std::deque<Held> held;             ///< in order; nothing overtakes them
        std::vector<std::string> swapped;  ///< leave after the next message
        std::uint32_t mute = 0;            ///< answers to lose
    };
    struct Exchange {
        ports::ListenerId listener;
        std::string path;
        Nanos delay{};
        bool lose_answer = false;
    };
    struct Late {
        ports::ExchangeId exchange;
        bool cut = false;
        ports::HttpReply reply;
    };
    [[nodiscard]] const Fault* hit(bool message, ports::ListenerId listener, std::string_view path,
                                   std::initializer_list<std::string_view> text, bool websocket);
    [[nodiscard]] bool pass(const ports::ServerEvent& event);
    HotResult<void> forward(ports::SessionId id, Session& session, std::string_view text);
    void spoil(std::string& text, FaultKind kind);
    void release(ports::SessionId id, Session& session);

    ports::ServerTransport& below_;
    runtime::Random random_;
    UnixNanos now_;
    std::vector<Active> faults_;
    std::map<std::uint64_t, Session> sessions_;
    std::map<std::uint64_t, Exchange> exchanges_;
    std::multimap<UnixNanos, Late> late_;
    std::vector<ports::ServerEvent> told_;
    std::uint64_t accidents_ = 0;
};

}  // namespace parallax::sim_faults
