#pragma once

#include <string>
#include <vector>

#include "net/connection.hpp"
#include "net/http_parser.hpp"
#include "net/websocket_session.hpp"
#include "ports/transport.hpp"

namespace parallax::net {

/// What happened to the WebSockets of one owner.
struct WebSocketEvents {
    std::vector<ports::NetEvent> events;
    std::vector<ports::ConnectionId> gone;  ///< to be destroyed once their events have expired
};

/// A client's WebSocket, or its stream of bytes, from the first look-up to the last byte.
class WebSocketClient final : public Connection, private WebSocketSession::Owner {
public:
    WebSocketClient(const ClientContext& context, Url url, const ports::WebSocketTarget& target,
                    ports::ConnectionId id, WebSocketEvents& events);

    /// Sends at once. Errors: BackPressured, Unavailable.
    [[nodiscard]] HotResult<void> send(Opcode opcode, std::string_view payload);
    void close(std::uint16_t code) { session_.close(code); }

private:
    void on_stream_open() override;
    void on_stream_failed(const std::string& why) override;
    void on_stream() override;
    void on_deadline() override;
    void on_item(const WebSocketCodec::Item& item) override;
    void on_closed(std::uint16_t code, std::string_view reason) override;
    void on_gone() override;
    void set_session_deadline(MonoNanos at) override { set_deadline(at); }

    void read_answer();
    ports::NetEvent& tell(ports::NetEventKind kind);

    ports::ConnectionId id_;
    WebSocketEvents& events_;
    std::vector<ports::HttpHeader> headers_;
    bool deflate_;
    HttpParser answer_;
    std::string key_;
    bool opening_ = true;
    WebSocketSession session_;
};

}  // namespace parallax::net
