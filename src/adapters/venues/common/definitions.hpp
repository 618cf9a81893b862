#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/instrument.hpp"

/// What the venues' instrument lists have in common. Cold.
namespace parallax::venue_common {

struct Pair {
    std::string base;
    std::string quote;
};
/// "1000PEPEUSDT" is 1000PEPE / USDT: the longest known quote asset at the end. Unknown ends: the
/// last three letters.
[[nodiscard]] Pair split_pair(std::string_view symbol);

/// The smallest number with this many decimals: "0.001" for 3.
[[nodiscard]] std::string step_text(std::uint8_t decimals);
/// Digits finer than the lot cut off: no order can use them, and they would widen the symbol's
/// scale.
[[nodiscard]] std::string cut_to_lot(std::string_view limit, std::string_view lot);
/// Product of two decimals, e.g. a contract's value and its multiplier; empty if one is empty or no
/// number.
[[nodiscard]] std::string multiply(std::string_view a, std::string_view b);
/// "1.15" is a band of "0.15"; empty stays empty.
[[nodiscard]] std::string band_above(std::string_view multiplier);
/// "0.85" is a band of "0.15".
[[nodiscard]] std::string band_below(std::string_view multiplier);
/// "2.5" percent is "0.025".
[[nodiscard]] std::string percent(std::string_view text);
/// "211231" of a time.
[[nodiscard]] std::string expiry_code(UnixNanos expiry);
/// 00:00 UTC of the day given as YYMMDD, plus `hour` hours; nothing if it is no date.
[[nodiscard]] std::optional<UnixNanos> expiry_time(std::string_view code, int hour) noexcept;
/// The whole part of a leverage such as "12.50"; 1 when absent, at most 65535.
[[nodiscard]] std::uint16_t leverage(std::string_view text) noexcept;

/// A definition guessed from the digits of messages.
[[nodiscard]] InstrumentDefinition guess(Market market, std::string_view venue_symbol,
                                         std::uint8_t price_decimals,
                                         std::uint8_t quantity_decimals);

}  // namespace parallax::venue_common
