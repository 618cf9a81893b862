#include <algorithm>

#include "messages/risk.hpp"
#include "services/scanner/lots.hpp"
#include "services/scanner/service.hpp"

namespace parallax::scanner {

using messages::OpportunityKind;
using messages::ReasonCode;

namespace {

constexpr std::uint32_t kAllRows = ~0u;

constexpr std::int64_t kMostQuantity =
    std::int64_t{1} << 56;  ///< of a level or an order: sums of many stay in range

/// Smallest order a venue takes at a price, a multiple of its lot.
std::int64_t least_order(const Instrument& instrument, const Symbol& symbol, Price price) noexcept {
    std::int64_t least = std::max(instrument.lot.raw(), instrument.min_quantity.raw());
    if (instrument.min_notional > Amount{} && price.raw() > 0) {
        const Amount base =
            divide_by_price(instrument.min_notional, price, symbol.price_scale, Rounding::Up);
        least = std::max(least, to_quantity(base, symbol.quantity_scale, Rounding::Up).raw());
    }
    const std::int64_t lot = instrument.lot.raw();
    return (std::min(least, kMostQuantity) + lot - 1) / lot * lot;
}

/// quantity x factor, saturating far above any real size.
std::int64_t scaled(std::int64_t quantity, std::int64_t factor) noexcept {
    std::int64_t out = 0;
    return __builtin_mul_overflow(quantity, factor, &out) ? kMostQuantity
                                                          : std::min(out, kMostQuantity);
}

}  // namespace

/// Best net prices over the rows of a mask.
Service::NetBest Service::net_best(const Group& group, std::uint32_t rows) const noexcept {
    NetBest best;
    for (std::size_t i = 0; i < group.rows.size(); ++i) {
        if ((rows >> i & 1) == 0) continue;
        const Row& row = group.rows[i];
        const Track& track = tracks_[row.id.index()];
        if (group.table.bid(i) != CrossTable::kNoBid) {
            const std::int64_t bid = row.net_bid.floor(track.bid);
            if (bid > best.bid) best.bid = bid, best.bid_row = i;
        }
        if (group.table.ask(i) != CrossTable::kNoAsk) {
            const std::int64_t ask = row.net_ask.ceil(track.ask);
            if (ask < best.ask) best.ask = ask, best.ask_row = i;
        }
    }
    return best;
}

std::uint32_t Service::fresh_rows(const Group& group, UnixNanos now) const noexcept {
    std::uint32_t rows = 0;
    for (std::size_t i = 0; i < group.rows.size(); ++i) {
        const InstrumentId id = group.rows[i].id;
        if (age_of(id, now) <= allowed_age(id)) rows |= 1u << i;
    }
    return rows;
}

void Service::scan_group(std::uint32_t number, UnixNanos now) {
    Group& group = groups_[number];
    if (!config_.cross_venue) return;
    if (!group.table.crossed()) {
        group.lane.crossed = false;
        group.lane.fresh = true;
        close_group_episodes(number, now);
        return;
    }
    group.lane.crossed = true;
    ++counts_.seen;
    const NetBest best = net_best(group, kAllRows);
    if (!best.crossed()) {
        close_group_episodes(number, now);
        look_at_top(number, now, best);
        return;
    }
    constexpr std::int64_t kAbsurd = 16;  // one price a multiple of another: a feed is broken
    if (best.bid / kAbsurd > best.ask) {
        Draft draft;
        draft.lane = number;
        draft.refuse(ReasonCode::RiskLimit, static_cast<std::int64_t>(messages::RiskCheck::Profit),
                     0);
        return draft_top(group, best, draft) ? decide(draft, now) : count(ReasonCode::RiskLimit);
    }
    const std::uint32_t fresh = fresh_rows(group, now);
    const NetBest fresh_best = net_best(group, fresh);
    const bool stale = !fresh_best.crossed();
    size_group(number, now, stale ? best : fresh_best, stale ? kAllRows : fresh, stale);
    close_group_episodes(number, now);
}

/// Raw prices cross, net prices do not: reported once in a while, always counted.
void Service::look_at_top(std::uint32_t number, UnixNanos now, const NetBest&) {
    Group& group = groups_[number];
    NetBest gross;
    gross.bid_row = group.table.bid_row();
    gross.ask_row = group.table.ask_row();
    gross.bid = group.table.bid(gross.bid_row);
    gross.ask = group.table.ask(gross.ask_row);
    const std::int64_t bid =
        group.rows[gross.bid_row].net_bid.floor(tracks_[group.rows[gross.bid_row].id.index()].bid);
    const std::int64_t ask =
        group.rows[gross.ask_row].net_ask.ceil(tracks_[group.rows[gross.ask_row].id.index()].ask);
    const auto rate = static_cast<std::int64_t>(static_cast<__int128>(bid - ask) * Rate::kOne /
                                                std::max<std::int64_t>(ask, 1));
    Draft draft;
    draft.lane = number;
    if (!due(group.lane, ReasonCode::BelowMinEdge, rate, now) || !draft_top(group, gross, draft)) {
        count(ReasonCode::BelowMinEdge);
        return;
    }
    decide(draft, now);
}

/// The quantity that max_value buys at a net price, in the group's scale.
std::int64_t Service::most_quantity(const Group& group, std::int64_t ask) const noexcept {
    const __int128 unit_steps = static_cast<__int128>(pow10(group.price_decimals))
                                << group.fraction;
    const __int128 raw = multiply_divide(config_.max_value.raw(), unit_steps,
                                         std::max<std::int64_t>(ask, 1), Rounding::Down);
    return std::min(
        to_quantity(Amount::from_raw(raw), Scale{group.quantity_decimals}, Rounding::Down).raw(),
        kMostQuantity);
}

/// An opportunity of the best two levels only, for what is refused before it is sized.
bool Service::draft_top(const Group& group, const NetBest& best, Draft& draft) const noexcept {
    const Row& buy = group.rows[best.ask_row];
    const Row& sell = group.rows[best.bid_row];
    const std::int64_t offered = tracks_[buy.id.index()].book->best_ask().quantity.raw();
    const std::int64_t wanted = tracks_[sell.id.index()].book->best_bid().quantity.raw();
    const std::int64_t common = std::min(
        {scaled(offered, buy.factor), scaled(wanted, sell.factor), most_quantity(group, best.ask)});
    const Quantity bought = Quantity::from_raw(common / buy.factor);
    const Quantity sold = Quantity::from_raw(common / sell.factor);
    if (bought.is_zero() || sold.is_zero()) return false;
    draft.out.kind = OpportunityKind::CrossVenue;
    draft.out.value_asset = group.quote;
    draft.legs[0] = priced(buy.id, Side::Buy, bought, group.quote);
    draft.legs[1] = priced(sell.id, Side::Sell, sold, group.quote);
    draft.count = 2;
    if (!draft.complete()) return false;
    draft.out.edge = pair_waterfall(draft.all(), {}, {}, {});
    return true;
}

/// The levels of one row that beat `stop`, cut off where the balance ends.
std::size_t Service::build_ladder(const Group& group, std::size_t place, Side side,
                                  std::int64_t stop, std::span<NetLevel> out, NetLadder& ladder,
                                  bool& starved) const noexcept {
    const Row& row = group.rows[place];
    const Instrument& instrument = universe_.instrument(row.id);
    const Symbol& symbol = universe_.symbol_of(row.id);
    const bool buys = side == Side::Buy;
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
    for (auto it = tracks_[row.id.index()].book->cursor(opposite(side));
         !it.done() && count < out.size(); ++it) {
        Level level = *it;
        if (level.price.raw() > row.price_limit) break;
        const std::int64_t net =
            buys ? row.net_ask.ceil(level.price) : row.net_bid.floor(level.price);
        if (buys ? net >= stop : net <= stop) break;
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
        if (left <= 0) break;
    }
    if (count == 0) {
        starved |= left <= 0;
        return 0;
    }
    // Bids fall on the way: the worst level asks for the largest order to reach the minimum
    // notional.
    const Price reference = buys ? tracks_[row.id.index()].ask : last;
    const std::int64_t least = least_order(instrument, symbol, reference);
    const std::int64_t own = static_cast<std::int64_t>(divide(
        static_cast<__int128>(least) * (Rate::kOne - base_fee.raw()), Rate::kOne, Rounding::Up));
    ladder = {out.first(count), scaled(own, row.factor)};
    return count;
}

void Service::size_group(std::uint32_t number, UnixNanos now, const NetBest& best,
                         std::uint32_t rows, bool stale) {
    Group& group = groups_[number];
    const InstrumentId buy = group.rows[best.ask_row].id;
    const InstrumentId sell = group.rows[best.bid_row].id;
    const LegOdds odds = odds_for(OpportunityKind::CrossVenue, buy, sell, 2);
    const double costs = static_cast<double>((config_.min_edge + config_.message_cost).raw()) / 1e9;
    const auto theta =
        static_cast<std::int64_t>(odds.threshold(costs) * static_cast<double>(best.ask));

    std::array<NetLadder, kMaxVenues> asks{}, bids{};
    const auto depth = static_cast<std::size_t>(config_.max_levels);
    std::span<NetLevel> room{levels_};
    bool starved = false;
    for (std::size_t i = 0; i < group.rows.size(); ++i) {
        if ((rows >> i & 1) == 0) continue;
        if (group.table.ask(i) != CrossTable::kNoAsk) {
            room = room.subspan(
                build_ladder(group, i, Side::Buy, best.bid, room.first(depth), asks[i], starved));
        }
        if (group.table.bid(i) != CrossTable::kNoBid) {
            room = room.subspan(
                build_ladder(group, i, Side::Sell, best.ask, room.first(depth), bids[i], starved));
        }
    }
    const std::size_t venues = group.rows.size();
    const Optimum optimum =
        joint_optimum({asks.data(), venues}, {bids.data(), venues},
                      std::min(theta, best.bid - best.ask - 1), most_quantity(group, best.ask));

    Draft draft;
    draft.lane = number;
    const bool sized = optimum.quantity > 0 && draft_orders(group, optimum, draft);
    if (!sized) {
        Draft top;
        top.lane = number;
        top.out.reason = draft.out.reason;
        if (!draft_top(group, best, top)) return count(ReasonCode::LotRounding);
        if (starved && top.out.reason.none()) {
            const bool for_quote = asks[best.ask_row].levels.empty();
            const Instrument& poor = universe_.instrument(for_quote ? buy : sell);
            const PricedLeg& leg = top.legs[for_quote ? 0 : 1];
            const Amount needed = for_quote ? leg.leg.value : leg.walk.base;
            top.refuse(
                ReasonCode::InsufficientBalance,
                static_cast<std::int64_t>(
                    available(poor.market, for_quote ? poor.quote : poor.base).raw() / Rate::kOne),
                static_cast<std::int64_t>(needed.raw() / Rate::kOne), for_quote ? 0 : 1);
        }
        if (top.out.reason.none()) {  // the top is no order: it may be off lot and beyond a balance
            top.refuse(ReasonCode::InsufficientDepth, top.legs[0].leg.quantity.raw(),
                       least_order(universe_.instrument(buy), universe_.symbol_of(buy),
                                   tracks_[buy.index()].ask));
        }
        draft = top;
    }
    touch_episode(number, now, best, draft);
    check_ages(draft, now, config_.skew_max, Nanos{});
    if (stale) {  // without the old books nothing crosses, even if no leg is left on one
        const InstrumentId old = age_of(buy, now) > allowed_age(buy) ? buy : sell;
        draft.refuse(ReasonCode::BookStale, age_of(old, now).count(), allowed_age(old).count());
    }
    decide(draft, now);
}

/// Orders for the optimum in lots, walked through the books again for their exact value.
bool Service::draft_orders(const Group& group, const Optimum& optimum,
                           Draft& draft) const noexcept {
    std::array<LotLeg, 2 * kMaxVenues> lots{};
    std::array<std::size_t, 2 * kMaxVenues> rows{};
    std::size_t count = 0;
    const auto add = [&](std::size_t place, Side side, std::int64_t quantity) {
        if (quantity == 0) return;
        const Row& row = group.rows[place];
        const Instrument& instrument = universe_.instrument(row.id);
        const Symbol& symbol = universe_.symbol_of(row.id);
        const bool buys = side == Side::Buy;
        const Rate base_fee = buys && row.terms.fee_from_base() ? row.terms.taker : Rate{};
        const std::int64_t own = quantity / row.factor;
        const Walk walk = walk_book(*tracks_[row.id.index()].book, symbol, side,
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
        draft.legs[draft.count++] = priced(group.rows[rows[i]].id, lots[i].side,
                                           Quantity::from_raw(lots[i].order), group.quote);
    }
    if (!draft.complete()) return false;
    draft.out.edge = pair_waterfall(draft.all(), {}, {}, {});
    return true;
}

void Service::touch_episode(std::uint32_t number, UnixNanos now, const NetBest& best,
                            const Draft& draft) {
    const Group& group = groups_[number];
    EpisodeBook::Open open;
    open.lane = number;
    open.buy_row = static_cast<std::uint32_t>(best.ask_row);
    open.sell_row = static_cast<std::uint32_t>(best.bid_row);
    open.episode.kind = OpportunityKind::CrossVenue;
    open.episode.buy = group.rows[best.ask_row].id;
    open.episode.sell = group.rows[best.bid_row].id;
    open.episode.route = RouteHash{OpportunityKind::CrossVenue}
                             .leg(open.episode.buy, Side::Buy)
                             .leg(open.episode.sell, Side::Sell)
                             .value();
    const Amount capital = bought_value({draft.legs.data(), draft.count});
    const Rate rate =
        capital > Amount{} ? ratio(draft.out.edge.net, capital, Rounding::Down) : Rate{};
    if (episodes_.touch(open, now, {rate, draft.out.edge.net, draft.legs[0].leg.quantity}))
        ++groups_[number].lane.open;
}

/// Closes the episodes of pairs whose net prices no longer cross.
void Service::close_group_episodes(std::uint32_t number, UnixNanos now) {
    Group& group = groups_[number];
    if (group.lane.open == 0) return;
    group.lane.open -= episodes_.close_if(number, now, false, [&](const EpisodeBook::Open& open) {
        if (group.table.ask(open.buy_row) == CrossTable::kNoAsk ||
            group.table.bid(open.sell_row) == CrossTable::kNoBid)
            return true;
        const Row& buy = group.rows[open.buy_row];
        const Row& sell = group.rows[open.sell_row];
        return sell.net_bid.floor(tracks_[sell.id.index()].bid) <=
               buy.net_ask.ceil(tracks_[buy.id.index()].ask);
    });
}

}  // namespace parallax::scanner
