#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "ports/secret.hpp"

namespace parallax::venue_common {

/// HMAC-SHA256 (RFC 2104, FIPS 180-4) of one key. What depends on the key alone is hashed once: a
/// signature costs the blocks of its message and one more. A prefix that all messages share is
/// hashed in advance too. Signing allocates nothing; one object may sign in several threads.
class HmacSha256 {
public:
    using Digest = std::array<std::uint8_t, 32>;

    explicit HmacSha256(std::string_view key, std::string_view prefix = {});
    /// The same key, for messages that go on after a longer prefix.
    [[nodiscard]] HmacSha256 after(std::string_view prefix) const;

    /// Of the prefix and the parts, one after the other.
    [[nodiscard]] Digest sign(std::initializer_list<std::string_view> parts) const noexcept;
    [[nodiscard]] Digest sign(std::string_view message) const noexcept { return sign({message}); }

private:
    HmacSha256() = default;

    /// Two SHA-256 states, of the inner and the outer hash: with them one can sign.
    ports::Secret midstates_;
};

}  // namespace parallax::venue_common
