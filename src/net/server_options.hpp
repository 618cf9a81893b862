#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/time.hpp"
#include "net/certificate.hpp"
#include "net/http_parser.hpp"
#include "net/loop.hpp"

namespace parallax::net {

/// Limits that keep one peer from costing much. Its memory is at most twice `send_buffer`, and
/// one of `http.body_bytes` and `max_message` with 256 KiB.
struct ServerOptions {
    LoopOptions loop;
    std::size_t max_connections = 4'096;       ///< more are closed as they come
    std::size_t send_buffer = 1024 * 1024;     ///< bytes a peer may have waiting to be sent
    Nanos stuck_timeout = Nanos::seconds(10);  ///< a peer that reads nothing so long is cut
    std::size_t max_message = 1024 * 1024;     ///< of a WebSocket message
    HttpLimits http{.head_bytes = 16 * 1024, .headers = 64, .body_bytes = 4 * 1024 * 1024};
    std::size_t pipelined = 32;                  ///< requests of a connection without an answer
    Nanos request_timeout = Nanos::seconds(10);  ///< from its first byte, or TLS's, to its last
    Nanos idle_timeout = Nanos::seconds(60);     ///< between two requests
};

struct ListenOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;                  ///< 0: the kernel chooses
    std::optional<Certificate> certificate;  ///< without: no TLS
    bool allow_tls12 = false;
    bool deflate = true;  ///< accepts permessage-deflate where a client offers it
    bool raw = false;     ///< no HTTP: peers are streams of bytes, sessions from the start
};

}  // namespace parallax::net
