#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace parallax::ports {

/// A WebSocket or a stream of bytes; never used again.
using ConnectionId = Id<struct ConnectionTag, std::uint64_t>;
using RequestId = Id<struct RequestTag, std::uint64_t>;  ///< an HTTP request; never used again

struct HttpHeader {
    std::string name;  ///< compares without regard to case
    std::string value;
};

struct WebSocketTarget {
    /// wss://host[:port]/path[?query]; ws:// only where a transport allows it. tls://host:port (and
    /// tcp://) is a stream of bytes of some other protocol: its messages are what has come so far,
    /// cut anywhere; there are no pings, and Closed has 1000 when the peer ended it in order.
    std::string url;
    std::vector<HttpHeader> headers;
    bool deflate = false;                        ///< offer permessage-deflate
    std::size_t max_message = 16 * 1024 * 1024;  ///< bytes after inflating; more closes with 1009
    Nanos timeout = Nanos::seconds(10);          ///< from the call to Opened
};

struct HttpRequest {
    std::string method;  ///< GET, POST, PUT, DELETE
    std::string url;     ///< https://host[:port]/path[?query], sent as it is: escape before
    std::vector<HttpHeader> headers;
    std::string body;
    Nanos timeout = Nanos::seconds(10);  ///< from the call to the last byte of the answer
};

enum class NetEventKind : std::uint8_t {
    Opened,    ///< the WebSocket's, or TLS's, handshake is done
    Message,   ///< a whole text or binary message, or bytes of a stream
    Pong,      ///< an answer to ping()
    Closed,    ///< the last event of a connection: `code`, `bytes` = reason
    Response,  ///< the only event of a request: `code` = HTTP status, `bytes` = body
    Failed,    ///< the other only event of a request: no answer; `bytes` says why, for people
};

/// What happened. The views are valid until the next poll().
struct NetEvent {
    NetEventKind kind{};
    /// Failed: not a byte of the request left this host, so the peer cannot have acted on it.
    bool unsent = false;
    std::uint16_t code = 0;  ///< close code (1006: without a close frame) or HTTP status
    ConnectionId connection;
    RequestId request;
    UnixNanos received;  ///< when its last byte was read
    std::string_view bytes;
    std::span<const HttpHeader> headers;  ///< of a Response
    /// Case-insensitive; empty when missing.
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

/// Sockets for those who speak a venue's protocol: WebSockets and HTTP requests over TLS, many at a
/// time, driven by one thread that polls. Nothing happens between two polls, no callback exists. A
/// transport of sockets shows a wall clock that never steps; a simulated one has its own time.
class Transport {
public:
    virtual ~Transport() = default;

    /// Begins to connect; Opened or Closed follows. Errors: Rejected (an url that is none).
    [[nodiscard]] virtual Result<ConnectionId> connect(const WebSocketTarget& target) = 0;
    /// One text message, in order. Errors: BackPressured (the peer reads too slowly and the buffer
    /// is full: nothing was taken), Unavailable (not open).
    [[nodiscard]] virtual HotResult<void> send(ConnectionId connection, std::string_view text) = 0;
    /// A ping frame. Errors: as send.
    [[nodiscard]] virtual HotResult<void> ping(ConnectionId connection) = 0;
    /// Says goodbye; Closed follows at once or when the peer has answered. Unknown ids are ignored.
    virtual void close(ConnectionId connection, std::uint16_t code = 1000) = 0;

    /// Begins a request; exactly one Response or Failed follows, at the latest after its timeout.
    /// Requests to one host share kept-alive connections. Never sent twice: what fails after its
    /// first byte left is Failed, not repeated. Errors: Rejected (an url that is none),
    /// BackPressured (too many wait).
    [[nodiscard]] virtual Result<RequestId> request(const HttpRequest& request) = 0;

    /// Reads and writes what is ready, waits at most `wait` when nothing is; 0 returns at once.
    /// What it returns is valid until the next call.
    [[nodiscard]] virtual std::span<const NetEvent> poll(Nanos wait) = 0;
    /// Wall time, read anew in every poll().
    [[nodiscard]] virtual UnixNanos now() const noexcept = 0;
};

}  // namespace parallax::ports
