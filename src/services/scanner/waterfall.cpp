#include "services/scanner/waterfall.hpp"

#include <algorithm>

namespace parallax::scanner {

using messages::EdgeWaterfall;

namespace {
/// No real book is worth more; a level that would be is a fault of the feed, and sums must stay in
/// range.
constexpr Amount kMostValue = Amount::units(1'000'000'000'000'000);
}  // namespace

Walk walk_book(const book::FeedBook& book, const Symbol& symbol, Side side, Quantity quantity,
               std::size_t max_levels) noexcept {
    const bool inverse = is_inverse(symbol.kind);
    const Rounding rounding = side == Side::Buy ? Rounding::Up : Rounding::Down;
    Walk out;
    auto it = book.cursor(opposite(side));
    if (it.done()) return out;
    out.best = (*it).price;
    for (std::size_t n = 0; n < max_levels && !it.done() && out.quantity < quantity; ++n, ++it) {
        const Level level = *it;
        const Quantity part = std::min(level.quantity, quantity - out.quantity);
        const Amount own = to_amount(part, symbol.quantity_scale);
        const Amount value = inverse ? own
                                     : notional(level.price, symbol.price_scale, part,
                                                symbol.quantity_scale, rounding);
        if (value > kMostValue - out.value) break;
        out.value += value;
        out.base +=
            inverse ? divide_by_price(own, level.price, symbol.price_scale, Rounding::Down) : own;
        out.quantity += part;
        out.worst = level.price;
    }
    return out;
}

void price_leg(PricedLeg& priced, const Symbol& symbol) noexcept {
    messages::OpportunityLeg& leg = priced.leg;
    leg.quantity = priced.walk.quantity;
    leg.best = priced.walk.best;
    leg.worst = priced.walk.worst;
    leg.protection = priced.walk.worst;
    leg.value = priced.walk.value;
    leg.fee = apply(priced.taker, priced.walk.value, Rounding::Up);
    priced.unit_price = unit_amount(priced.walk.best, symbol.price_scale);
}

namespace {

/// Sums over the legs of one side. `converted` is in the value asset, `par` as if every quote were
/// worth the same.
struct SideSum {
    Amount base;
    Amount par;
    Amount converted;
    Amount best;  ///< lowest ask or highest bid of a unit
    bool any = false;
};

/// As apply(), without a division where there is nothing to divide: most conversions are at par and
/// most shadow prices 0.
Amount part_of(Rate rate, Amount amount, Rounding rounding) noexcept {
    if (rate.raw() == Rate::kOne) return amount;
    if (rate.raw() == 0) return {};
    return apply(rate, amount, rounding);
}

SideSum sum(std::span<const PricedLeg> legs, Side side) noexcept {
    const Rounding rounding = side == Side::Buy ? Rounding::Up : Rounding::Down;
    SideSum out;
    for (const PricedLeg& leg : legs) {
        if (leg.leg.side != side) continue;
        const bool better =
            side == Side::Buy ? leg.unit_price < out.best : leg.unit_price > out.best;
        if (!out.any || better) out.best = leg.unit_price;
        out.any = true;
        out.base += leg.walk.base;
        out.par += leg.leg.value;
        out.converted += part_of(leg.conversion, leg.leg.value, rounding);
    }
    return out;
}

Amount fees_of(std::span<const PricedLeg> legs) noexcept {
    Amount fees;
    for (const PricedLeg& leg : legs) fees += part_of(leg.conversion, leg.leg.fee, Rounding::Up);
    return fees;
}

/// Buying moves value from quote to base, selling back: each unit of value moved costs the
/// difference of their shadow prices.
Amount inventory_of(std::span<const PricedLeg> legs) noexcept {
    Amount cost;
    for (const PricedLeg& leg : legs) {
        const Rate rate = leg.leg.side == Side::Buy ? leg.shadow : -leg.shadow;
        if (rate.raw() == 0) continue;
        cost +=
            apply(rate, part_of(leg.conversion, leg.leg.value, Rounding::HalfEven), Rounding::Up);
    }
    return cost;
}

}  // namespace

void pair_waterfall(std::span<const PricedLeg> legs, Amount funding, Amount carry, Amount exit_fees,
                    EdgeWaterfall& edge) noexcept {
    const SideSum buys = sum(legs, Side::Buy);
    const SideSum sells = sum(legs, Side::Sell);
    PLX_ASSERT(buys.base > Amount{} && sells.base > Amount{});
    const auto matched = [&](Amount value) {
        if (sells.base == buys.base) return value;
        return Amount::from_raw(
            multiply_divide(value.raw(), sells.base.raw(), buys.base.raw(), Rounding::Up));
    };
    const Amount cost_par = matched(buys.par);
    const Amount cost = buys.converted == buys.par ? cost_par : matched(buys.converted);
    const Amount top_sold = times(sells.base, sells.best, Rounding::Down);
    const Amount top_bought = times(sells.base, buys.best, Rounding::Up);

    edge.raw = top_sold - top_bought;
    edge.slippage = (top_sold - sells.par) + (cost_par - top_bought);
    edge.conversion = (sells.par - sells.converted) + (cost - cost_par);
    edge.fees = fees_of(legs) + exit_fees;
    edge.inventory = inventory_of(legs) + carry;
    edge.funding = funding;
    edge.net = sells.converted - cost - edge.fees - edge.inventory + funding;
    edge.aligned = edge.raw;
    expect(edge, {}, {}, {});
    PLX_ASSERT(adds_up(edge));
}

Amount bought_value(std::span<const PricedLeg> legs) noexcept {
    return sum(legs, Side::Buy).converted;
}

void expect(EdgeWaterfall& edge, Amount impact, Amount latency, Amount legging) noexcept {
    edge.impact = impact;
    edge.latency = latency;
    edge.legging = legging;
    edge.expected = edge.net - impact - latency - legging;
}

bool adds_up(const EdgeWaterfall& e) noexcept {
    return e.net == e.raw - e.slippage - e.fees - e.conversion - e.inventory + e.funding &&
           e.expected == e.net - e.impact - e.latency - e.legging;
}

void protect(std::span<PricedLeg> legs, Amount slack, std::span<const Amount> values,
             std::span<const Price> ticks) noexcept {
    std::int64_t weights = 0;
    for (const PricedLeg& leg : legs) weights += std::max<std::int64_t>(leg.volatility.raw(), 1);
    for (std::size_t i = 0; i < legs.size(); ++i) {
        messages::OpportunityLeg& leg = legs[i].leg;
        leg.protection = leg.worst;
        if (slack <= Amount{} || values[i] <= Amount{}) continue;
        const std::int64_t weight = std::max<std::int64_t>(legs[i].volatility.raw(), 1);
        const Amount share =
            Amount::from_raw(multiply_divide(slack.raw(), weight, weights, Rounding::Down));
        const Rate room =
            std::min(ratio(share, values[i], Rounding::Down), Rate::basis_points(100));
        const auto steps = static_cast<std::int64_t>(
            multiply_divide(leg.worst.raw(), room.raw(), Rate::kOne, Rounding::Down));
        const std::int64_t tick = ticks[i].raw();
        const std::int64_t moved = steps / tick * tick;  // inwards: never more room than the share
        leg.protection =
            Price::from_raw(leg.worst.raw() + (leg.side == Side::Buy ? moved : -moved));
    }
}

}  // namespace parallax::scanner
