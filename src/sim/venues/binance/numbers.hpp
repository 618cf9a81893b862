#pragma once

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
[[nodiscard]] inline std::string text(const Listing& l, Price price) {
    return sim_front::exact_text(price.raw(), l.price_scale.decimals, price_digits(l));
}
[[nodiscard]] inline std::string text(const Listing& l, Quantity quantity) {
    return sim_front::exact_text(quantity.raw(), l.quantity_scale.decimals, quantity_digits(l));
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
