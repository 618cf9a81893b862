#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace parallax {

/// How many decimal digits stand behind the point in a raw integer: raw 12345 at scale 2 is 123.45.
/// 0 to 18.
struct Scale {
    std::uint8_t decimals = 0;
    friend constexpr auto operator<=>(Scale, Scale) = default;
};
inline constexpr std::uint8_t kMaxDecimals = 18;

inline constexpr std::array<std::int64_t, 19> kPow10 = [] {
    std::array<std::int64_t, 19> powers{};
    std::int64_t value = 1;
    for (std::size_t i = 0; i < powers.size(); ++i) {
        powers[i] = value;
        if (i + 1 < powers.size()) value *= 10;
    }
    return powers;
}();
[[nodiscard]] constexpr std::int64_t pow10(std::uint8_t exponent) noexcept {
    return kPow10[exponent];
}

/// Reads plain decimal text such as "63012.50" or "-0.004" into steps of 10^-decimals.
/// Errors: Malformed (not [-]digits[.digits]); Unrepresentable (a non-zero digit finer than the
/// scale, or above int64).
[[nodiscard]] HotResult<std::int64_t> parse_decimal(std::string_view text,
                                                    std::uint8_t decimals) noexcept;

/// Digits behind the point that matter: "61800.20" has 1, "5" has 0. Malformed text has 0.
[[nodiscard]] std::uint8_t significant_decimals(std::string_view text) noexcept;

/// Shortest exact text of raw at the scale: 6180020 at 2 is "61800.2".
[[nodiscard]] std::string format_decimal(std::int64_t raw, std::uint8_t decimals);
[[nodiscard]] std::string format_decimal(__int128 raw, std::uint8_t decimals);
/// As above into a caller's buffer of at least 48 bytes; returns the length. Allocates nothing.
std::size_t format_decimal_to(char* out, __int128 raw, std::uint8_t decimals) noexcept;

/// Reads up to 38 digits; for amounts and configuration, not for market data. Errors as
/// parse_decimal.
[[nodiscard]] HotResult<__int128> parse_decimal_wide(std::string_view text,
                                                     std::uint8_t decimals) noexcept;

}  // namespace parallax
