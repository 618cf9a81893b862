#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parallax::net {

/// An IPv4 or IPv6 address with its port.
struct Address {
    sockaddr_storage storage{};
    socklen_t length = 0;

    [[nodiscard]] const sockaddr* get() const noexcept {
        return reinterpret_cast<const sockaddr*>(&storage);
    }
    [[nodiscard]] sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
    [[nodiscard]] std::uint16_t port() const noexcept;
    void set_port(std::uint16_t port) noexcept;
    /// Without the port: 127.0.0.1, ::1.
    [[nodiscard]] std::string host() const;
    [[nodiscard]] bool loopback() const noexcept;
};

/// An address given literally, without brackets. Nothing when it is a name.
[[nodiscard]] std::optional<Address> parse_address(std::string_view host, std::uint16_t port);

}  // namespace parallax::net
