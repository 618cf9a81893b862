#pragma once

#include <algorithm>

#include "core/decimal.hpp"
#include "sim/venues/binance/call.hpp"

namespace parallax::sim_binance {

// Numbers as Binance prints them: on spot everything with eight digits, on futures prices and
// quantities with those of tick and step.

using sim_engine::Listing;

[[nodiscard]] inline bool spot(const Listing& listing) noexcept { return !listing.perpetual; }
[[nodiscard]] inline std::uint8_t price_digits(const Listing& l) {
    return spot(l) ? std::uint8_t{8} : significant_decimals(l.definition.tick);
}
[[nodiscard]] inline std::uint8_t quantity_digits(const Listing& l) {
    return spot(l) ? std::uint8_t{8} : significant_decimals(l.definition.lot);
}
/// How many digits a number has: what rests since before a tick grew is finer than the tick.
[[nodiscard]] constexpr std::uint8_t digits_of(std::int64_t raw, Scale scale) noexcept {
    std::uint8_t digits = scale.decimals;
    for (; digits > 0 && raw % 10 == 0; --digits) raw /= 10;
    return digits;
}
[[nodiscard]] inline std::string text(const Listing& l, Price price) {
    return sim_front::fixed_text(price.raw(), l.price_scale.decimals,
                                 std::max(price_digits(l), digits_of(price.raw(), l.price_scale)));
}
[[nodiscard]] inline std::string text(const Listing& l, Quantity quantity) {
    return sim_front::fixed_text(
        quantity.raw(), l.quantity_scale.decimals,
        std::max(quantity_digits(l), digits_of(quantity.raw(), l.quantity_scale)));
}
[[nodiscard]] inline std::string text(Amount amount) {
    return sim_front::fixed_text(amount.raw(), Amount::kDecimals, 8);
}
[[nodiscard]] inline std::string text(Rate rate) { return sim_front::fixed_text(rate.raw(), 9, 8); }
/// quote / quantity, rounded to what is printed; 0 when there is none.
[[nodiscard]] inline std::string average(Amount quote, Amount base, std::uint8_t digits) {
    if (!(base > Amount{})) return sim_front::fixed_text(0, 0, digits);
    return sim_front::fixed_text(
        multiply_divide(quote.raw(), Amount::units(1).raw(), base.raw(), Rounding::HalfEven), 18,
        digits);
}

}  // namespace parallax::sim_binance
