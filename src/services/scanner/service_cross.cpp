#include <algorithm>

#include "messages/risk.hpp"
#include "services/scanner/lots.hpp"
#include "services/scanner/service.hpp"

namespace parallax::scanner {

using messages::OpportunityKind;
using messages::ReasonCode;

namespace {
constexpr std::uint32_t kAllRows = ~0u;
}  // namespace

/// Best net prices over the rows of a mask.
NetBest Service::net_best(const Group& group, std::uint32_t rows) const noexcept {
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
