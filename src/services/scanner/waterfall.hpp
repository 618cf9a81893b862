#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "book/feed_book.hpp"
#include "core/fees.hpp"
#include "core/instrument.hpp"
#include "messages/scanner.hpp"

// Exact money of an opportunity: each leg's levels are walked again and every step of the waterfall
// is an integer sum.

namespace parallax::scanner {

/// What walking one side of a book for a quantity gives.
struct Walk {
    Quantity quantity;  ///< found, at most what was asked for
    Amount value;       ///< quote; rounded up when buying, down when selling
    Amount base;        ///< base units; of inverse contracts the coins behind them
    Price best;
    Price worst;
};

/// Walks at most max_levels of the side an order of `side` meets. Inverse quantities are quote
/// units.
[[nodiscard]] Walk walk_book(const book::FeedBook& book, const Symbol& symbol, Side side,
                             Quantity quantity, std::size_t max_levels) noexcept;

/// A leg with what is needed to count it in the value asset.
struct PricedLeg {
    messages::OpportunityLeg leg;
    Walk walk;
    Amount unit_price;  ///< best price of one base unit, in the leg's quote
    Rate conversion;  ///< of its quote into the value asset: pay when buying, receive when selling
    Rate taker;
    Rate shadow;      ///< worth of its quote less worth of its base, fractions of value
    Rate volatility;  ///< over the leg's latency: its share of the slack
};

/// Fills leg.value, fee, best, worst and unit_price from the walk.
void price_leg(PricedLeg& leg, const Symbol& symbol) noexcept;

/// The waterfall's steps down to `net` for legs that buy and sell one base asset. The size is the
/// base sold; what was bought counts at its average cost, so that a fee taken from the received
/// base and the dust of unequal lots leave at cost. `funding` and `carry` (cost of capital and of
/// an exit) are expectations over a hold, 0 for a pure arbitrage; carry counts as inventory.
void pair_waterfall(std::span<const PricedLeg> legs, Amount funding, Amount carry, Amount exit_fees,
                    messages::EdgeWaterfall& edge) noexcept;
[[nodiscard]] inline messages::EdgeWaterfall pair_waterfall(std::span<const PricedLeg> legs,
                                                            Amount funding, Amount carry,
                                                            Amount exit_fees) noexcept {
    messages::EdgeWaterfall edge;
    pair_waterfall(legs, funding, carry, exit_fees, edge);
    return edge;
}
/// Value of the bought legs in the value asset.
[[nodiscard]] Amount bought_value(std::span<const PricedLeg> legs) noexcept;

/// Completes a waterfall: expected = net - impact - latency - legging.
void expect(messages::EdgeWaterfall& edge, Amount impact, Amount latency, Amount legging) noexcept;
/// Both identities of EdgeWaterfall.
[[nodiscard]] bool adds_up(const messages::EdgeWaterfall& edge) noexcept;

/// Splits the slack over the legs in proportion to volatility over their latency (methods 3) and
/// sets protection prices: from the worst price touched outwards, rounded to the tick on the
/// cautious side. `values` are the legs' values in the value asset.
void protect(std::span<PricedLeg> legs, Amount slack, std::span<const Amount> values,
             std::span<const Price> ticks) noexcept;

/// amount x price of one unit (both 1e-18), rounded as said.
[[nodiscard]] inline Amount times(Amount amount, Amount unit_price, Rounding rounding) noexcept {
    return Amount::from_raw(
        multiply_divide(amount.raw(), unit_price.raw(), Amount::units(1).raw(), rounding));
}
/// Price of one unit as an amount of quote: exact.
[[nodiscard]] inline Amount unit_amount(Price price, Scale scale) noexcept {
    return Amount::from_raw(static_cast<__int128>(price.raw()) *
                            kPow10[static_cast<std::size_t>(Amount::kDecimals - scale.decimals)]);
}

}  // namespace parallax::scanner
