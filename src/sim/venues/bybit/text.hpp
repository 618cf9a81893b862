#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/engine/listing.hpp"
#include "sim/engine/order.hpp"

namespace parallax::sim_bybit {

[[nodiscard]] constexpr bool is_spot(const sim_engine::Listing& l) noexcept { return !l.perpetual; }
[[nodiscard]] constexpr std::string_view category_of(const sim_engine::Listing& l) noexcept {
    return l.perpetual ? "linear" : "spot";
}
/// The market of a category; none for those this venue does not simulate (inverse, option).
[[nodiscard]] std::optional<Market> market_of(std::string_view category) noexcept;

/// A category of the venue that has no listings here: its lists are empty.
[[nodiscard]] constexpr bool none_simulated(std::string_view category) noexcept {
    return category == "inverse" || category == "option";
}
/// "A,B" as A and B.
[[nodiscard]] std::vector<std::string> split(std::string_view text);

/// With the digits of the tick, or as many as it takes: "16493.50".
[[nodiscard]] std::string price_text(const sim_engine::Listing& listing, Price price);
/// Spot: without trailing zeros. Linear: with the digits of the lot, and a bare "0".
[[nodiscard]] std::string quantity_text(const sim_engine::Listing& listing, Quantity quantity);
/// Average of `value` over `quantity`, with two digits more than the tick has; "" without quantity.
[[nodiscard]] std::string average_text(const sim_engine::Listing& listing, Amount value,
                                       Quantity quantity);
[[nodiscard]] std::string rate_text(Rate rate);
[[nodiscard]] constexpr std::string_view side_text(Side side) noexcept {
    return side == Side::Buy ? "Buy" : "Sell";
}
[[nodiscard]] std::string_view time_in_force_text(const sim_engine::Order& order) noexcept;
[[nodiscard]] std::string_view self_trade_text(sim_engine::SelfTrade mode) noexcept;

}  // namespace parallax::sim_bybit
