#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "ports/transport.hpp"

namespace parallax::sim_network {

enum class PacketKind : std::uint8_t {
    // to the server
    Request,
    Upgrade,
    Connect,       ///< of a stream of bytes, which is up at once
    ServerOpened,  ///< its own accept(), told back to it
    Question,      ///< a WebSocket message of the client
    Ping,
    PongToServer,
    Leave,  ///< the client closes
    ServerClosed,
    // to the client
    Response,
    Refusal,  ///< of an upgrade
    ClientOpened,
    Push,  ///< a WebSocket message of the server
    PongToClient,
    Dismiss,  ///< the server closes
    ClientClosed,
    Timeout,  ///< the client's patience ends
    Failure,  ///< connecting or asking did not work
};
[[nodiscard]] constexpr bool goes_to_server(PacketKind kind) noexcept {
    return kind <= PacketKind::ServerClosed;
}

/// Something on its way. `sequence` orders what arrives at one time.
struct Packet {
    Packet(std::uint64_t of, PacketKind what, std::uint16_t number = 0, std::string_view text = {})
        : link{of}, kind{what}, code{number}, bytes{text} {}

    UnixNanos at;
    std::uint64_t sequence = 0;
    std::uint64_t link;
    PacketKind kind;
    std::uint16_t code;  ///< HTTP status or close code
    bool unsent = false;
    std::string bytes;
    std::string method, path, query;  ///< of Request and Upgrade
    std::vector<ports::HttpHeader> headers;
};

}  // namespace parallax::sim_network
