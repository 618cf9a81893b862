#include "sim/engine/position.hpp"

#include <algorithm>

namespace parallax::sim_engine {

Price Position::entry_price(const Listing& listing) const noexcept {
    if (quantity_.is_zero()) return {};
    const int shift =
        Amount::kDecimals - listing.price_scale.decimals - listing.quantity_scale.decimals;
    const __int128 steps = kPow10[static_cast<std::size_t>(shift)];
    const __int128 divisor = static_cast<__int128>(magnitude().raw()) * steps;
    const __int128 price = divide(entry_value_.magnitude().raw(), divisor, Rounding::HalfEven);
    return Price::from_raw(static_cast<std::int64_t>(price));
}

Amount Position::apply(const Listing& listing, Side side, Price price, Quantity quantity) noexcept {
    const Quantity closing = std::min(quantity, reducible(side));
    const Quantity opening = quantity - closing;
    const auto sign = [side](Amount a) { return side == Side::Buy ? a : -a; };
    Amount profit;
    if (!closing.is_zero()) {
        const Amount released =
            closing == magnitude()
                ? entry_value_
                : Amount::from_raw(multiply_divide(entry_value_.raw(), closing.raw(),
                                                   magnitude().raw(), Rounding::Up));
        // Selling a long of entry value e for n earns n - e; a short's entry value is negative.
        profit = -sign(listing.notional(price, closing)) - released;
        if (closing < magnitude()) profit = cut(profit, listing.definition.quote_decimals);
        // What is finer than the venue pays stays with the rest of the position.
        entry_value_ -= -sign(listing.notional(price, closing)) - profit;
        realised_ += profit;
    }
    entry_value_ += sign(listing.notional(price, opening));
    if (side == Side::Buy) {
        quantity_ += quantity;
    } else {
        quantity_ -= quantity;
    }
    return profit;
}

Amount Position::unrealised(const Listing& listing, Price mark) const noexcept {
    if (quantity_.is_zero()) return {};
    const Amount value = mark_value(listing, mark);
    return (quantity_ < Quantity{} ? -value : value) - entry_value_;
}

Amount Position::margin(const Listing& listing, Price mark) const noexcept {
    const Amount held = mark_value(listing, mark);
    Amount most = held;
    for (const Side side : {Side::Buy, Side::Sell}) {
        const Quantity open = open_quantity(side);
        if (open.is_zero()) continue;
        const Amount worth = open_worth_[static_cast<std::size_t>(side)];
        const Quantity against = reducible(side);
        if (against.is_zero()) {
            most = std::max(most, held + worth);
        } else if (open > against) {
            const Quantity beyond = open - against;
            most = std::max(most, Amount::from_raw(multiply_divide(worth.raw(), beyond.raw(),
                                                                   open.raw(), Rounding::Up)));
        }
    }
    return Amount::from_raw(divide(most.raw(), leverage_, Rounding::Up));
}

}  // namespace parallax::sim_engine
