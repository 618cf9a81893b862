#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace parallax::net {

/// An absolute URL of the schemes this module speaks, taken apart.
struct Url {
    bool tls = false;        ///< https, wss, tls
    bool websocket = false;  ///< ws, wss
    bool raw = false;        ///< tls, tcp: bytes as they are, of a protocol of its own
    std::string host;        ///< lower case; an IPv6 address without its brackets
    std::uint16_t port = 0;  ///< 1 .. 65,535; 80 or 443 when not given, which tls and tcp must
    std::string target;      ///< path and query, escaped as given; at least "/"

    /// For the Host header: without the port where it is the scheme's own.
    [[nodiscard]] std::string authority() const;
    /// host:port, always with the port.
    [[nodiscard]] std::string endpoint() const;
};

/// Errors: Rejected, with what is wrong. Refused: other schemes, user names, fragments, blanks,
/// control characters and bytes above 126 (escape them before).
[[nodiscard]] Result<Url> parse_url(std::string_view text);

}  // namespace parallax::net
