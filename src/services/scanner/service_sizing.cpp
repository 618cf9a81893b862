#include <algorithm>

#include "services/scanner/lots.hpp"
#include "services/scanner/service.hpp"

namespace parallax::scanner {

using messages::OpportunityKind;
using messages::ReasonCode;

/// The levels of one row that beat `stop`, cut off where the balance or the limit (of the group's
/// scale) ends.
std::size_t Service::build_ladder(const Group& group, std::size_t place, Side side,
                                  std::int64_t stop, std::int64_t limit, std::span<NetLevel> out,
                                  NetLadder& ladder, SeenLevels& seen,
                                  bool& starved) const noexcept {
    const Row& row = group.rows[place];
    const bool buys = side == Side::Buy;
    seen.clear();
    auto it = tracks_[row.id.index()].book->cursor(opposite(side));
    if (it.done()) return 0;
    if (const Price top = (*it).price; top.raw() <= row.price_limit) {
        const std::int64_t net = buys ? row.net_ask.ceil(top) : row.net_bid.floor(top);
        if (buys ? net >= stop : net <= stop) return 0;  // most rows
    }
    const Instrument& instrument = universe_.instrument(row.id);
    const Symbol& symbol = universe_.symbol_of(row.id);
    const Rate base_fee = buys && row.terms.fee_from_base() ? row.terms.taker : Rate{};
    Amount budget = available(instrument.market, buys ? instrument.quote : instrument.base);
    if (buys && !row.terms.fee_from_base() && budget != Amount::max()) {
        budget = Amount::from_raw(multiply_divide(
            budget.raw(), Rate::kOne, Rate::kOne + row.terms.taker.raw(), Rounding::Down));
    }
    std::int64_t left =
        instrument.max_quantity.raw() > 0 ? instrument.max_quantity.raw() : kNoLimit;
    std::size_t count = 0;
    Price last;
    for (; !it.done() && count < out.size(); ++it) {
        Level level = *it;
        if (level.price.raw() > row.price_limit) {
            seen.known = false;
            break;
        }
        const std::int64_t net =
            buys ? row.net_ask.ceil(level.price) : row.net_bid.floor(level.price);
        if (buys ? net >= stop : net <= stop) break;
        if (seen.count == SeenLevels::kMost) {
            seen.known = false;
        } else {
            seen.levels[seen.count++] = level;
        }
        level.quantity = std::min(level.quantity, Quantity::from_raw(left));
        if (budget != Amount::max()) {
            const Amount cost = buys ? notional(level.price, symbol.price_scale, level.quantity,
                                                symbol.quantity_scale, Rounding::Up)
                                     : to_amount(level.quantity, symbol.quantity_scale);
            if (cost > budget) {
                const Amount base =
                    buys ? divide_by_price(budget, level.price, symbol.price_scale, Rounding::Down)
                         : budget;
                level.quantity = std::min(level.quantity,
                                          to_quantity(base, symbol.quantity_scale, Rounding::Down));
                left = level.quantity.raw();  // nothing behind this level
            }
            budget = std::max(budget - cost, Amount{});
        }
        left -= level.quantity.raw();
        if (level.quantity.raw() > 0) {
            out[count] = next_level(count == 0 ? NetLevel{} : out[count - 1], net,
                                    scaled(received(level.quantity.raw(), base_fee), row.factor));
            ++count;
            last = level.price;
        }
        if (left <= 0 || (count > 0 && out[count - 1].total >= limit)) {
            seen.open_ended = false;
            break;
        }
    }
    if (count == out.size()) seen.open_ended = false;
    if (count == 0) {
        starved |= left <= 0;
        return 0;
    }
    // Bids fall on the way: the worst level asks for the largest order to reach the minimum
    // notional.
    const Price reference = buys ? tracks_[row.id.index()].ask : last;
    const std::int64_t least = least_order(instrument, symbol, reference);
    const std::int64_t own = received_at_most(least, base_fee);
    ladder = {out.first(count), scaled(own, row.factor)};
    return count;
}

/// Sizes and prices what crosses among the rows of a mask into the memo; its draft has no legs when
/// even the top is too small for an order.
void Service::size_group(std::uint32_t number, UnixNanos now, Assessment& memo,
                         std::uint32_t rows) {
    Group& group = groups_[number];
    const NetBest& best = memo.best;
    const LegOdds odds = odds_for(OpportunityKind::CrossVenue, group.rows[best.ask_row].id,
                                  group.rows[best.bid_row].id, 2);
    const double costs = static_cast<double>((config_.min_edge + config_.message_cost).raw()) / 1e9;
    const auto theta =
        static_cast<std::int64_t>(odds.threshold(costs) * static_cast<double>(best.ask));
    const std::int64_t limit = most_quantity(group, best.ask);

    auto& [asks, bids, optimum, lots, lot_rows, walks] = sizing_;
    const auto depth = static_cast<std::size_t>(config_.max_levels);
    std::span<NetLevel> room{levels_};
    bool starved = false;
    for (std::size_t i = 0; i < group.rows.size(); ++i) {
        memo.asks[i].clear();
        memo.bids[i].clear();
        asks[i] = bids[i] = {};
        if ((rows >> i & 1) == 0) continue;
        if (group.table.ask(i) != CrossTable::kNoAsk) {
            room = room.subspan(build_ladder(group, i, Side::Buy, best.bid, limit,
                                             room.first(depth), asks[i], memo.asks[i], starved));
        }
        if (group.table.bid(i) != CrossTable::kNoBid) {
            room = room.subspan(build_ladder(group, i, Side::Sell, best.ask, limit,
                                             room.first(depth), bids[i], memo.bids[i], starved));
        }
    }
    const std::size_t venues = group.rows.size();
    joint_optimum({asks.data(), venues}, {bids.data(), venues},
                  std::min(theta, best.bid - best.ask - 1), limit, optimum);

    Draft& draft = memo.draft;
    draft.restart(number);
    const bool sized = optimum.quantity > 0 && draft_orders(group, sizing_, draft);
    if (!sized) refuse_unsized(group, memo, starved, {asks.data(), venues}, draft);
    if (draft.count == 0) return count(ReasonCode::LotRounding);
    memo.sizing = draft.out.reason;
    memo.sizing_leg = draft.out.reason_leg;
    name_episode(number, best, memo.episode);
    memo.risk = risk_of(draft);
    const Amount impact = impact_of(draft, now);
    memo.lasting = impact.is_zero();
    memo.exact = !sized || !memo.lasting || !estimate(draft, memo.risk);
    if (!memo.exact) return;  // the orders are enough for now
    if (sized) price_pair(draft);
    assess(draft, memo.risk, impact);
}

/// Nothing could be sized: the best two levels as they stand, with the reason. The draft may know
/// it already.
void Service::refuse_unsized(Group& group, const Assessment& memo, bool starved,
                             std::span<const NetLadder> asks, Draft& draft) const noexcept {
    const messages::Reason known = draft.out.reason;
    draft.restart(draft.lane);
    if (!draft_top(group, memo.best, draft)) {
        draft.count = 0;
        return;
    }
    draft.out.reason = known;
    const Instrument& buy = universe_.instrument(group.rows[memo.best.ask_row].id);
    const Instrument& sell = universe_.instrument(group.rows[memo.best.bid_row].id);
    if (starved && known.none()) {
        const bool for_quote = asks[memo.best.ask_row].levels.empty();
        const Instrument& poor = for_quote ? buy : sell;
        const PricedLeg& leg = draft.legs[for_quote ? 0 : 1];
        const Amount needed = for_quote ? leg.leg.value : leg.walk.base;
        const Amount has = available(poor.market, for_quote ? poor.quote : poor.base);
        draft.refuse(ReasonCode::InsufficientBalance,
                     static_cast<std::int64_t>(has.raw() / Rate::kOne),
                     static_cast<std::int64_t>(needed.raw() / Rate::kOne), for_quote ? 0 : 1);
    }
    if (draft.out.reason.none()) {  // the top is no order: it may be off lot and beyond a balance
        draft.refuse(ReasonCode::InsufficientDepth, draft.legs[0].leg.quantity.raw(),
                     least_order(buy, universe_.symbol_of(buy.id), tracks_[buy.id.index()].ask));
    }
}

/// Orders for the optimum in lots, walked through the books again for their exact value.
bool Service::draft_orders(const Group& group, Sizing& sizing, Draft& draft) const noexcept {
    auto& [asks, bids, optimum, lots, rows, walks] = sizing;
    std::size_t count = 0;
    const auto add = [&](std::size_t place, Side side, std::int64_t quantity) {
        if (quantity == 0) return;
        const Row& row = group.rows[place];
        const Instrument& instrument = universe_.instrument(row.id);
        const Symbol& symbol = universe_.symbol_of(row.id);
        const bool buys = side == Side::Buy;
        const Rate base_fee = buys && row.terms.fee_from_base() ? row.terms.taker : Rate{};
        const std::int64_t own = quantity / row.factor;
        const Walk& walk = walks[count] = walk_book(*tracks_[row.id.index()].book, symbol, side,
                                                    Quantity::from_raw(to_order(own, base_fee)),
                                                    static_cast<std::size_t>(config_.max_levels));
        lots[count] = {side,
                       walk.quantity.raw(),
                       instrument.lot.raw(),
                       least_order(instrument, symbol, walk.worst),
                       row.factor,
                       base_fee,
                       buys ? row.net_ask.ceil(walk.worst) : row.net_bid.floor(walk.worst)};
        rows[count++] = place;
    };
    for (std::size_t i = 0; i < group.rows.size(); ++i) add(i, Side::Buy, optimum.bought[i]);
    for (std::size_t i = 0; i < group.rows.size(); ++i) add(i, Side::Sell, optimum.sold[i]);
    const std::int64_t before = count > 0 ? lots[0].order : 0;
    const ReasonCode reason = fit_lots({lots.data(), count});
    if (reason != ReasonCode::None) {
        const Instrument& instrument = universe_.instrument(group.rows[rows[0]].id);
        if (reason == ReasonCode::BelowMinNotional) {
            const Symbol& symbol = universe_.symbol_of(instrument.id);
            const Amount value =
                notional(tracks_[instrument.id.index()].ask, symbol.price_scale,
                         Quantity::from_raw(before), symbol.quantity_scale, Rounding::Down);
            draft.refuse(reason, static_cast<std::int64_t>(value.raw() / Rate::kOne),
                         static_cast<std::int64_t>(instrument.min_notional.raw() / Rate::kOne));
        } else {
            draft.refuse(reason, before, instrument.lot.raw());
        }
        return false;
    }
    draft.out.kind = OpportunityKind::CrossVenue;
    draft.out.value_asset = group.quote;
    for (std::size_t i = 0; i < count; ++i) {
        if (lots[i].order == 0) continue;
        if (draft.count == messages::kMaxLegs) return false;
        const InstrumentId id = group.rows[rows[i]].id;
        const Quantity order = Quantity::from_raw(lots[i].order);
        if (order != walks[i].quantity) {
            walks[i] = walk_book(*tracks_[id.index()].book, universe_.symbol_of(id), lots[i].side,
                                 order, static_cast<std::size_t>(config_.max_levels));
        }
        fill_leg(draft.legs[draft.count++], id, lots[i].side, walks[i], group.quote);
    }
    return draft.complete();
}

}  // namespace parallax::scanner
