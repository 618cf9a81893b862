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
        rows |= age_of(id, now) <= tracks_[id.index()].allowed_age ? 1u << i : 0u;
    }
    return rows;
}

void Service::scan_group(std::uint32_t number, UnixNanos now, std::size_t touched) {
    Group& group = groups_[number];
    if (!config_.cross_venue) return;
    if (!group.table.crossed()) {
        group.lane.crossed = false;
        group.lane.fresh = true;
        group.forget();
        close_group_episodes(number, now);
        return;
    }
    group.lane.crossed = true;
    ++counts_.seen;
    const std::uint32_t fresh = fresh_rows(group, now);
    if (still_holds(group, fresh, touched)) return look_again(group, now);
    group.forget();
    const NetBest best = net_best(group, kAllRows);
    if (!best.crossed()) {
        close_group_episodes(number, now);
        look_at_top(number, now);
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
    const NetBest fresh_best =
        fresh == (1u << group.rows.size()) - 1 ? best : net_best(group, fresh);
    if (!group.assessed) group.assessed = std::make_unique<Assessment>();
    Assessment& memo = *group.assessed;
    memo.stale = !fresh_best.crossed();
    memo.best = memo.stale ? best : fresh_best;
    memo.fresh = fresh;
    size_group(number, now, memo, memo.stale ? kAllRows : fresh);
    if (memo.draft.count > 0) look_again(group, now);
    // The one that goes on may be all there is.
    if (memo.draft.count == 0 || group.lane.open > 1) close_group_episodes(number, now);
    memo.epoch = epoch_ + episodes_.endings();
    // what our own orders left behind decays with time
    memo.valid = memo.draft.count > 0 && memo.lasting;
}

/// Would sizing, pricing and judging the group again give the same? Only `touched` has changed its
/// book since.
bool Service::still_holds(const Group& group, std::uint32_t fresh,
                          std::size_t touched) const noexcept {
    if (!group.assessed) return false;
    const Assessment& memo = *group.assessed;
    if (!memo.valid || memo.epoch != epoch_ + episodes_.endings() || memo.fresh != fresh)
        return false;
    if (touched == kNobody) return true;
    const Row& row = group.rows[touched];
    return unchanged(row, Side::Buy, memo.asks[touched], memo.best.bid) &&
           unchanged(row, Side::Sell, memo.bids[touched], memo.best.ask);
}

/// Are the levels that an order of `side` would meet those seen, and does no other beat `stop`?
bool Service::unchanged(const Row& row, Side side, const SeenLevels& seen,
                        std::int64_t stop) const noexcept {
    if (!seen.known) return false;
    auto it = tracks_[row.id.index()].book->cursor(opposite(side));
    for (std::size_t i = 0; i < seen.count; ++i, ++it) {
        if (it.done()) return false;
        const Level level = *it;
        if (level.price != seen.levels[i].price || level.quantity != seen.levels[i].quantity)
            return false;
    }
    if (!seen.open_ended || it.done()) return true;
    const Price next = (*it).price;
    return next.raw() <= row.price_limit &&
           (side == Side::Buy ? row.net_ask.ceil(next) >= stop : row.net_bid.floor(next) <= stop);
}

/// A look at what was assessed: the episode goes on, ages and thresholds are checked.
void Service::look_again(Group& group, UnixNanos now) {
    Assessment& memo = *group.assessed;
    find_reason(group, now);
    if (!memo.exact && needs_money(memo, group.lane, now)) {
        price_exactly(memo);
        find_reason(group, now);
    }
    touch_episode(group, now);
    publish(memo.draft, group.lane, now);
}

void Service::find_reason(Group& group, UnixNanos now) {
    Assessment& memo = *group.assessed;
    Draft& draft = memo.draft;
    draft.out.reason = memo.sizing;
    draft.out.reason_leg = memo.sizing_leg;
    check_ages(draft, now, config_.skew_max, Nanos{});
    if (memo.stale) {  // without the old books nothing crosses, even if no leg is left on one
        const InstrumentId buy = group.rows[memo.best.ask_row].id;
        const InstrumentId sell = group.rows[memo.best.bid_row].id;
        const InstrumentId old = age_of(buy, now) > tracks_[buy.index()].allowed_age ? buy : sell;
        draft.refuse(ReasonCode::BookStale, age_of(old, now).count(),
                     tracks_[old.index()].allowed_age.count());
    }
    settle_reason(draft, group.lane, now);
}

/// Raw prices cross, net prices do not: reported once in a while, always counted.
void Service::look_at_top(std::uint32_t number, UnixNanos now) {
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
std::int64_t Service::most_quantity(Group& group, std::int64_t ask) const noexcept {
    if (group.most_at == ask && ask > 0) return group.most;
    const __int128 unit_steps = static_cast<__int128>(pow10(group.price_decimals))
                                << group.fraction;
    const __int128 raw = multiply_divide(config_.max_value.raw(), unit_steps,
                                         std::max<std::int64_t>(ask, 1), Rounding::Down);
    group.most_at = ask;
    return group.most = std::min(
               to_quantity(Amount::from_raw(raw), Scale{group.quantity_decimals}, Rounding::Down)
                   .raw(),
               kMostQuantity);
}

/// An opportunity of the best two levels only, for what is refused before it is sized.
bool Service::draft_top(Group& group, const NetBest& best, Draft& draft) const noexcept {
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
    pair_waterfall(draft.all(), {}, {}, {}, draft.out.edge);
    return true;
}

/// What a group's episode between two rows starts from; left as it is when it is that already.
void Service::name_episode(std::uint32_t number, const NetBest& best,
                           EpisodeBook::Open& open) const noexcept {
    if (open.episode.route != 0 && open.buy_row == best.ask_row && open.sell_row == best.bid_row)
        return;
    const Group& group = groups_[number];
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
}

void Service::touch_episode(Group& group, UnixNanos now) {
    Assessment& memo = *group.assessed;
    const messages::Opportunity& out = memo.draft.out;
    const EpisodeBook::Peak peak{out.net_rate, out.edge.net, memo.draft.legs[0].leg.quantity};
    if (episodes_.touch(memo.episode, now, peak, memo.episode_at)) ++group.lane.open;
}

/// Closes the episodes of pairs whose net prices no longer cross; where a quote lost its rate, it
/// was not the market that ended them.
void Service::close_group_episodes(std::uint32_t number, UnixNanos now) {
    Group& group = groups_[number];
    if (group.lane.open == 0) return;
    const auto unusable = [&](const EpisodeBook::Open& open) {
        return !group.rows[open.buy_row].usable || !group.rows[open.sell_row].usable;
    };
    const messages::Reason no_rate{ReasonCode::BookStale,
                                   static_cast<std::int64_t>(book::BookState::Stale), 0};
    group.lane.open -= episodes_.close_if(number, now, {true, no_rate}, unusable);
    group.lane.open -= episodes_.close_if(number, now, {}, [&](const EpisodeBook::Open& open) {
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
