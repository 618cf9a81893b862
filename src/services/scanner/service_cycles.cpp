#include <algorithm>

#include "services/scanner/service.hpp"

namespace parallax::scanner {

using messages::OpportunityKind;
using messages::ReasonCode;

void Service::scan_cycles(InstrumentId id, UnixNanos now) {
    cycles_.touched(id, [&](std::uint32_t cycle) { look_at_cycle(cycle, now); });
    if (!crossed_cycles_.empty()) settle_cycles(now);
}

/// Cycles that no longer pay leave the list; their episodes end.
void Service::settle_cycles(UnixNanos now) {
    std::size_t kept = 0;
    for (const std::uint32_t number : crossed_cycles_) {
        Lane& place = cycle_lanes_[number];
        const std::int64_t product = cycles_.product(number);
        if (place.open > 0 && product + cycles_[number].fees <= 0) {
            place.open -= episodes_.close_if(kCycleLane + number, now, {}, kEach);
        }
        place.crossed = product > 0;
        if (place.crossed) {
            crossed_cycles_[kept++] = number;
        } else {
            place.fresh = true;
        }
    }
    crossed_cycles_.resize(kept);
}

std::size_t Service::cycle_markets(const Cycle& cycle, std::span<CycleMarket> out) const noexcept {
    for (std::size_t i = 0; i < cycle.count; ++i) {
        const CycleLeg& leg = cycle.legs[i];
        const Instrument& instrument = universe_.instrument(leg.instrument);
        const FeeRates& rates = fees_.rates(instrument.market, instrument.kind);
        out[i] = {tracks_[leg.instrument.index()].book,
                  &instrument,
                  &universe_.symbol(instrument.symbol),
                  leg.side,
                  rates.taker,
                  rates.asset,
                  available(instrument.market,
                            leg.side == Side::Buy ? instrument.quote : instrument.base)};
    }
    return cycle.count;
}

void Service::look_at_cycle(std::uint32_t number, UnixNanos now) {
    const std::int64_t product = cycles_.product(number);
    if (product <= 0) return;  // within the error of the filter: the raw edge is not positive
    Lane& place = cycle_lanes_[number];
    if (!place.crossed) {
        place.crossed = true;
        crossed_cycles_.push_back(number);
    }
    ++counts_.seen;
    const Cycle& cycle = cycles_[number];
    const bool pays = product + cycle.fees > -Log2::kSlack;
    const auto rate =
        static_cast<std::int64_t>(static_cast<double>(product + cycle.fees) /
                                  static_cast<double>(Log2::kOne) * 0.6931471805599453 * 1e9);
    if (!pays && !due(place, ReasonCode::BelowMinEdge, rate, now))
        return count(ReasonCode::BelowMinEdge);

    std::array<CycleMarket, kMaxCycleLegs> markets;
    const std::span<const CycleMarket> legs{markets.data(), cycle_markets(cycle, markets)};
    const auto levels = static_cast<std::size_t>(config_.max_levels);
    Draft draft;
    draft.lane = kCycleLane + number;
    draft.out.kind =
        cycle.one_venue && cycle.count == 3 ? OpportunityKind::Triangle : OpportunityKind::Cycle;
    draft.out.value_asset = cycle.start;
    const LegOdds odds = odds_for(draft.out.kind, cycle.legs[0].instrument,
                                  cycle.legs[cycle.count - 1].instrument, cycle.count);
    const double costs = static_cast<double>((config_.min_edge + config_.message_cost).raw()) / 1e9;
    // A cycle worth less than its threshold is still sized, at its best levels, for the report.
    const double net = static_cast<double>(rate) / 1e9;
    const double theta = std::min(odds.threshold(costs), net > 0.0 ? 0.5 * net : net - 1e-9);
    const bool dollars = is_dollar(universe_.asset_name(cycle.start));
    CycleRun run = size_cycle(legs, theta, dollars ? config_.max_value : Amount::max(), levels);
    if (!run.feasible) {
        const ReasonCode obstacle = run.obstacle;
        const std::uint8_t leg = run.leg;
        // What it could have been, without the balance or the minimum in the way, is the smallest
        // run there is.
        return refuse_cycle(draft, legs, obstacle, leg, now);
    }
    draft_cycle(number, legs, run, draft);
    if (draft.out.edge.net > Amount{}) {
        EpisodeBook::Open open;
        open.lane = draft.lane;
        open.episode.kind = draft.out.kind;
        RouteHash route{draft.out.kind};
        for (std::size_t i = 0; i < cycle.count; ++i)
            route.leg(cycle.legs[i].instrument, cycle.legs[i].side);
        const auto first = [&](Side side) {
            for (const CycleLeg& leg : cycle.legs)
                if (leg.side == side && leg.instrument.valid()) return leg.instrument;
            return cycle.legs[0].instrument;
        };
        open.episode.buy = first(Side::Buy);
        open.episode.sell = first(Side::Sell);
        open.episode.route = route.value();
        const Rate peak = ratio(draft.out.edge.net, draft.out.capital, Rounding::Down);
        if (episodes_.touch(open, now, {peak, draft.out.edge.net, run.quantities[0]})) ++place.open;
    }
    check_ages(draft, now, config_.skew_max, Nanos{});
    decide(draft, now);
}

/// Reports a cycle that cannot be run at any size: legs with their best prices, no quantities.
void Service::refuse_cycle(Draft& draft, std::span<const CycleMarket> markets, ReasonCode obstacle,
                           std::uint8_t leg, UnixNanos now) {
    const CycleMarket& at = markets[leg];
    const Level best = at.book->best(opposite(at.side));
    for (const CycleMarket& market : markets) {
        draft.legs[draft.count++] =
            priced(market.instrument->id, market.side, Quantity{}, draft.out.value_asset);
        draft.legs[draft.count - 1].leg.best = market.book->best(opposite(market.side)).price;
    }
    const auto nano = [](Amount amount) {
        return static_cast<std::int64_t>(std::min<__int128>(
            amount.raw() / Rate::kOne, std::numeric_limits<std::int64_t>::max()));
    };
    const Amount top = notional(best.price, at.symbol->price_scale, best.quantity,
                                at.symbol->quantity_scale, Rounding::Down);
    switch (obstacle) {
        case ReasonCode::BelowMinNotional:
            draft.refuse(obstacle, nano(top), nano(at.instrument->min_notional), leg);
            break;
        case ReasonCode::InsufficientBalance:
            draft.refuse(
                obstacle, nano(at.available),
                nano(at.side == Side::Buy ? top
                                          : to_amount(best.quantity, at.symbol->quantity_scale)),
                leg);
            break;
        default:
            draft.refuse(obstacle, best.quantity.raw(), at.instrument->lot.raw(), leg);
            break;
    }
    decide(draft, now);
}

/// The waterfall of a cycle, counted in its start asset, by differences: best prices without fees,
/// the same with fees, and the integer run. Dust that a leg leaves counts as slippage; capital is
/// what the first leg spends.
void Service::draft_cycle(std::uint32_t number, std::span<const CycleMarket> markets,
                          const CycleRun& run, Draft& draft) const {
    const Cycle& cycle = cycles_[number];
    messages::Opportunity& out = draft.out;
    for (std::size_t i = 0; i < markets.size(); ++i) {
        draft.legs[i] =
            priced(cycle.legs[i].instrument, cycle.legs[i].side, run.quantities[i], cycle.start);
        draft.values[i] = run.used;
    }
    draft.count = markets.size();
    const Amount top = chain_at_best(markets, run.used, false);
    const Amount top_net = chain_at_best(markets, run.used, true);
    messages::EdgeWaterfall& edge = out.edge;
    edge.raw = top - run.used;
    edge.aligned = edge.raw;
    edge.fees = top - top_net;
    edge.slippage = top_net - run.got;
    for (const PricedLeg& leg : draft.all()) {
        edge.inventory +=
            apply(leg.leg.side == Side::Buy ? leg.shadow : -leg.shadow, run.used, Rounding::Up);
    }
    edge.net = run.profit() - edge.inventory;
    expect(edge, {}, {}, {});
    PLX_ASSERT(adds_up(edge));
    out.capital = run.used;
}

}  // namespace parallax::scanner
