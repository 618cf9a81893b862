#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/http_parser.hpp"
#include "net/server_options.hpp"
#include "net/stream.hpp"
#include "net/websocket_session.hpp"
#include "ports/server_transport.hpp"

namespace parallax::net {

class Peer;

/// What all peers of a server share.
struct ServerContext {
    Loop& loop;
    const ServerOptions& options;
    std::vector<ports::ServerEvent> events;
    std::deque<HttpParser> requests;                         ///< what events look at
    std::unordered_map<ports::ExchangeId, Peer*> exchanges;  ///< without an answer
    std::uint64_t last_exchange = 0;
    std::vector<std::uint64_t> gone;    ///< peers to be destroyed once their events have expired
    std::vector<std::uint64_t> unsent;  ///< peers with bytes to be flushed
};

/// One connection to a server: HTTP at first, a WebSocket if it comes to that. Or a stream of bytes
/// from its first one on.
class Peer final : Loop::Handler, private WebSocketSession::Owner {
public:
    /// `id` is also its session's.
    Peer(ServerContext& server, std::uint64_t id, ports::ListenerId listener, std::string address,
         bool deflate, bool raw);
    ~Peer() override;
    /// Begins. Errors: Unavailable.
    [[nodiscard]] Result<void> adopt(int fd, TlsPtr tls);

    /// Needs: an exchange that the context says is this peer's.
    void respond(ports::ExchangeId exchange, ports::HttpReply reply);
    /// Needs also: of an Upgrade.
    ports::SessionId accept(ports::ExchangeId exchange, std::span<const ports::HttpHeader> headers);
    [[nodiscard]] HotResult<void> send(Opcode opcode, std::string_view payload);
    void close(std::uint16_t code);
    /// Cuts the connection, answers that have not left included.
    void drop();
    void flush();

private:
    enum class State : std::uint8_t { Http, WebSocket, Finishing, Gone };
    struct Exchange {
        ports::ExchangeId id;
        bool upgrade = false;
        bool keep_alive = true;
        std::string key;         ///< Sec-WebSocket-Key
        std::string extensions;  ///< offered
        std::string answer;      ///< empty until it is given
    };
    void on_ready(std::uint32_t events) override;
    void on_deadline() override;
    void on_item(const WebSocketCodec::Item& item) override;
    void on_closed(std::uint16_t code, std::string_view reason) override;
    void on_gone() override;
    void set_session_deadline(MonoNanos at) override { set_deadline(at); }

    void open_session(bool raw);
    void read_requests();
    [[nodiscard]] bool read_request();
    void refuse(std::uint16_t status, std::string_view why);
    void begin_exchange();
    [[nodiscard]] Exchange* find(ports::ExchangeId exchange) noexcept;
    void send_answers();
    void forget_exchanges();
    void watch_request();
    void leave(bool linger);
    void send_soon();
    ports::ServerEvent& tell(ports::ServerEventKind kind);

    ServerContext& server_;
    std::uint64_t id_;
    ports::ListenerId listener_;
    std::string address_;
    bool deflate_;
    bool raw_;
    std::unique_ptr<Stream> stream_;
    State state_ = State::Http;
    HttpParser request_;
    bool continued_ = false;  ///< 100 Continue is sent for this request
    bool last_ = false;       ///< no request is read any more
    MonoNanos request_due_;   ///< of the one being received
    std::deque<Exchange> exchanges_;
    std::optional<WebSocketSession> session_;
    bool marked_ = false;
};

}  // namespace parallax::net
