#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "ports/transport.hpp"

namespace parallax::ports {

using ListenerId = Id<struct ListenerTag, std::uint32_t>;
/// A peer's WebSocket or stream of bytes; never used again.
using SessionId = Id<struct SessionTag, std::uint64_t>;
using ExchangeId =
    Id<struct ExchangeTag, std::uint64_t>;  ///< a request to answer; never used again

enum class ServerEventKind : std::uint8_t {
    Request,  ///< an HTTP request: respond() to it
    Upgrade,  ///< somebody wants a WebSocket: accept() or respond() with a refusal
    Opened,   ///< the WebSocket is up, or the stream where the listener takes streams only
    Message,  ///< a whole text or binary message, or bytes of a stream cut anywhere
    Ping,     ///< answered already; tells that the peer lives
    Pong,
    Closed,  ///< the last event of a session: `code`, `bytes` = reason
};

/// What a peer did. The views are valid until the next poll().
struct ServerEvent {
    ServerEventKind kind{};
    std::uint16_t code = 0;  ///< of Closed
    ListenerId listener;
    ExchangeId exchange;  ///< of Request and Upgrade
    SessionId session;    ///< of the others
    UnixNanos received;
    std::string_view peer;    ///< its address without the port: limits count by it
    std::string_view method;  ///< of Request and Upgrade
    std::string_view path;    ///< still escaped, without the query
    std::string_view query;   ///< still escaped, without the question mark
    std::string_view bytes;   ///< body or message
    std::span<const HttpHeader> headers;
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

struct HttpReply {
    std::uint16_t status = 200;
    std::vector<HttpHeader> headers;  ///< Content-Length is added
    std::string body;
    bool close = false;  ///< the connection afterwards
};

/// The other end of Transport, for simulated venues: listeners that speak HTTP and WebSocket, or
/// take streams of bytes, driven by one thread that polls.
class ServerTransport {
public:
    virtual ~ServerTransport() = default;
    /// The Upgrade becomes a WebSocket; Opened follows with the session it gets.
    /// none() when the peer has gone.
    virtual SessionId accept(ExchangeId exchange, std::span<const HttpHeader> headers = {}) = 0;
    /// Answers a Request, or refuses an Upgrade. Answers of one connection leave in the order of
    /// its requests, whenever they are given. Ignored when the peer has gone.
    virtual void respond(ExchangeId exchange, HttpReply reply) = 0;
    /// Cuts the connection of a Request or Upgrade instead of answering: what a peer sees of a
    /// server that died with the request in hand. Ignored when the peer has gone.
    virtual void drop(ExchangeId exchange) = 0;
    /// Errors: BackPressured (a slow reader: its buffer is full, nothing was taken), Unavailable.
    [[nodiscard]] virtual HotResult<void> send(SessionId session, std::string_view text) = 0;
    [[nodiscard]] virtual HotResult<void> ping(SessionId session) = 0;
    /// With a close frame, or a stream's end behind what was sent; code 0: the connection is cut.
    virtual void close(SessionId session, std::uint16_t code) = 0;
    [[nodiscard]] virtual std::span<const ServerEvent> poll(Nanos wait) = 0;
    [[nodiscard]] virtual UnixNanos now() const noexcept = 0;
};

}  // namespace parallax::ports
