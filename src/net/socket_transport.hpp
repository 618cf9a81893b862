#pragma once

#include <memory>

#include "net/client_options.hpp"
#include "ports/transport.hpp"

namespace parallax::net {

/// The real sockets behind the port: TCP, TLS, HTTP/1.1 and WebSocket. Of one thread, the one that
/// polls. Errors: Rejected (a CA file that is none), Unavailable (the kernel refuses).
[[nodiscard]] Result<std::unique_ptr<ports::Transport>> make_socket_transport(
    const ClientOptions& options);

}  // namespace parallax::net
