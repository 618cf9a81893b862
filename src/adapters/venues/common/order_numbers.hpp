#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/instrument.hpp"

/// Numbers of orders between our scales and a venue's text, exact both ways.
namespace parallax::venue_common {

inline void append_price(std::string& out, const WireFormat& wire, Price price) {
    std::array<char, 48> text;
    out.append(text.data(), format_decimal_to(text.data(), price.raw(), wire.price_decimals));
}
/// False, and nothing appended: it is no whole number of the venue's units.
[[nodiscard]] inline bool append_quantity(std::string& out, const WireFormat& wire,
                                          Quantity quantity) {
    if (quantity.raw() % wire.quantity_multiplier != 0) return false;
    std::array<char, 48> text;
    out.append(text.data(),
               format_decimal_to(text.data(), quantity.raw() / wire.quantity_multiplier,
                                 wire.quantity_decimals));
    return true;
}
/// Errors as parse_decimal.
[[nodiscard]] inline HotResult<Price> read_price(std::string_view text,
                                                 const WireFormat& wire) noexcept {
    return parse_decimal(text, wire.price_decimals).map(Price::from_raw);
}
[[nodiscard]] inline HotResult<Quantity> read_quantity(std::string_view text,
                                                       const WireFormat& wire) noexcept {
    const auto units = parse_decimal(text, wire.quantity_decimals);
    if (!units) return fail(units.error());
    std::int64_t raw = 0;
    if (__builtin_mul_overflow(*units, wire.quantity_multiplier, &raw))
        return fail(Errc::Unrepresentable);
    return Quantity::from_raw(raw);
}

/// None: more than there can be, which a peer may say.
[[nodiscard]] constexpr std::optional<Amount> sum_of(Amount a, Amount b) noexcept {
    __int128 sum = 0;
    if (__builtin_add_overflow(a.raw(), b.raw(), &sum)) return std::nullopt;
    return Amount::from_raw(sum);
}

/// A venue's id as a number: its digits, or, where it is a text such as a UUID, 64 bits drawn from
/// it. Never 0.
[[nodiscard]] constexpr std::uint64_t number_of(std::string_view text) noexcept {
    std::uint64_t value = 0;
    bool digits = !text.empty() && text.size() <= 19 && text.front() != '0';
    for (const char c : text) {
        digits = digits && c >= '0' && c <= '9';
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (digits) return value;
    std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a, its bits then spread
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    hash = (hash ^ (hash >> 32)) * 0x9E3779B97F4A7C15;
    return hash ^ (hash >> 29) ? hash ^ (hash >> 29) : 1;
}

}  // namespace parallax::venue_common
