#include <algorithm>
#include <cmath>

#include "services/scanner/service.hpp"

namespace parallax::scanner {

using messages::OpportunityKind;
using messages::ReasonCode;

namespace {

double mid(const Price& bid, const Price& ask, Scale scale) noexcept {
    return 0.5 * (static_cast<double>(bid.raw()) + static_cast<double>(ask.raw())) /
           static_cast<double>(pow10(scale.decimals));
}

/// What a leg ties up: the asset, and how much of it for a walk. Derivatives are margined in full.
struct Need {
    AssetId asset;
    Amount amount;
};
Need need_of(const Instrument& instrument, Side side, const Walk& walk) noexcept {
    if (is_inverse(instrument.kind)) return {instrument.settle, walk.base};
    if (!is_spot(instrument.kind)) return {instrument.settle, walk.value};
    return side == Side::Buy ? Need{instrument.quote, walk.value}
                             : Need{instrument.base, walk.base};
}

}  // namespace

/// Basis of the pair at mid prices goes into the fit; then both directions are looked at.
void Service::look_at_pair(std::uint32_t number, UnixNanos now) {
    BasisPair& pair = pairs_[number];
    const Track& cash = tracks_[pair.cash.index()];
    const Track& future = tracks_[pair.future.index()];
    const Instrument& dated = universe_.instrument(pair.future);
    pair.looked = now;
    const bool quoted = cash.live && future.live && cash.bid.raw() > 0 && cash.ask.raw() > 0 &&
                        future.bid.raw() > 0 && future.ask.raw() > 0;
    const bool expired = dated.expiry.known() && dated.expiry <= now;
    if (expired) pair.holding = {};  // the venue has settled it
    if (!quoted || expired) {
        pair.lane.crossed = false;
        pair.lane.open -=
            episodes_.close_if(kPairLane + number, now, {.censored = true, .reason = {}}, kEach);
        return;
    }
    const double spot = mid(cash.bid, cash.ask, universe_.symbol_of(pair.cash).price_scale);
    const double forward =
        mid(future.bid, future.ask, universe_.symbol_of(pair.future).price_scale);
    const double basis = forward / spot - 1.0;
    constexpr double kFault =
        0.5;  // a basis of 50 % is a fault of a feed and would spoil the fit for long
    if (std::abs(basis) > kFault) return count(ReasonCode::RiskLimit);
    pair.fit.observe(basis);
    if (pair.holding.any()) return look_at_exit(number, now);  // one position a pair
    look_at_direction(number, now, true);
    look_at_direction(number, now, false);
}

/// Forecasts as fractions of value. `exit`: the basis paid back when the position is closed, seen
/// from the direction of the trade, half spreads included by crossing both books once more.
BasisOutlook Service::outlook(const BasisPair& pair, UnixNanos now, bool sell_future,
                              Nanos hold) const noexcept {
    const Instrument& future = universe_.instrument(pair.future);
    if (future.expiry.known()) hold = std::min(hold, future.expiry - now);
    const double sign = sell_future ? 1.0 : -1.0;
    const double steps = seconds(hold) / std::max(seconds(config_.basis_interval), 1e-3);
    BasisOutlook out;
    out.hold_seconds = seconds(hold);
    const bool dated = pair.kind == OpportunityKind::DatedBasis;
    out.exit = sign * (dated ? run_off(pair.fit.last(), now, hold, future.expiry)
                             : pair.fit.forecast(steps));
    // A short position receives what longs pay.
    out.funding = sign * (observed_[pair.future.index()].funding.expected(now, hold) -
                          observed_[pair.cash.index()].funding.expected(now, hold));
    out.capital = fraction(config_.capital_rate) * out.hold_seconds / (365.0 * 86'400.0);
    if (pair.kind == OpportunityKind::PerpPerp)
        out.risk = config_.basis_risk_z * pair.fit.deviation(steps);
    return out;
}

/// Two legs of equal base size within the value, depth and balances; false when nothing is left.
/// The reason is then in the draft.
bool Service::draft_pair(const BasisPair& pair, bool sell_future, Draft& draft) const noexcept {
    const InstrumentId ids[2] = {sell_future ? pair.cash : pair.future,
                                 sell_future ? pair.future : pair.cash};
    const Side sides[2] = {Side::Buy, Side::Sell};
    const auto levels = static_cast<std::size_t>(config_.max_levels);
    draft.out.kind = pair.kind;
    draft.out.value_asset = universe_.instrument(pair.cash).quote;
    draft.count = 2;
    for (std::size_t i = 0; i < 2; ++i)
        draft.legs[i] = priced(ids[i], sides[i], Quantity{}, draft.out.value_asset);
    // The common base size: the least of value, depth and balance over the legs.
    Amount base = Amount::max();
    for (std::size_t i = 0; i < 2; ++i) {
        const Instrument& instrument = universe_.instrument(ids[i]);
        const Symbol& symbol = universe_.symbol_of(ids[i]);
        const book::FeedBook& book = *tracks_[ids[i].index()].book;
        const Price top = book.best(opposite(sides[i])).price;
        const Amount wanted =
            divide_by_price(config_.basis_value, top, symbol.price_scale, Rounding::Down);
        const Quantity ask =
            is_inverse(symbol.kind)
                ? to_quantity(config_.basis_value, symbol.quantity_scale, Rounding::Down)
                : to_quantity(wanted, symbol.quantity_scale, Rounding::Down);
        const Walk walk = walk_book(book, symbol, sides[i], ask, levels);
        draft.legs[i] = priced(ids[i], sides[i], walk.quantity, draft.out.value_asset);
        if (walk.base.is_zero()) {
            draft.refuse(ReasonCode::LotRounding, ask.raw(), instrument.lot.raw(), i);
            return false;
        }
        const Need need = need_of(instrument, sides[i], walk);
        const Amount has = available(instrument.market, need.asset);
        Amount most = walk.base;
        if (has < need.amount) {
            most = Amount::from_raw(
                multiply_divide(most.raw(), has.raw(), need.amount.raw(), Rounding::Down));
            if (most.is_zero()) {
                draft.refuse(ReasonCode::InsufficientBalance,
                             static_cast<std::int64_t>(has.raw() / Rate::kOne),
                             static_cast<std::int64_t>(need.amount.raw() / Rate::kOne), i);
                return false;
            }
        }
        base = std::min(base, most);
    }
    // The coarser lot decides first, the other leg follows it.
    const auto rounded = [&](std::size_t i, Amount size) {
        const Instrument& instrument = universe_.instrument(ids[i]);
        const Symbol& symbol = universe_.symbol_of(ids[i]);
        const Price top = tracks_[ids[i].index()].book->best(opposite(sides[i])).price;
        const Amount own = is_inverse(symbol.kind)
                               ? times(size, unit_amount(top, symbol.price_scale), Rounding::Down)
                               : size;
        return floor_to(to_quantity(own, symbol.quantity_scale, Rounding::Down), instrument.lot);
    };
    const auto lot_base = [&](std::size_t i) {
        const Price top = tracks_[ids[i].index()].book->best(opposite(sides[i])).price;
        return universe_.base_value(ids[i], top, universe_.instrument(ids[i]).lot, Rounding::Up);
    };
    const std::size_t coarse = lot_base(0) > lot_base(1) ? 0 : 1;
    for (const std::size_t i : {coarse, 1 - coarse}) {
        const Instrument& instrument = universe_.instrument(ids[i]);
        const Quantity order = rounded(i, base);
        draft.legs[i] = priced(ids[i], sides[i], order, draft.out.value_asset);
        const PricedLeg& leg = draft.legs[i];
        if (order.is_zero() || leg.walk.base.is_zero()) {
            draft.refuse(
                ReasonCode::LotRounding,
                to_quantity(base, universe_.symbol_of(ids[i]).quantity_scale, Rounding::Down).raw(),
                instrument.lot.raw(), i);
            return false;
        }
        if (order < instrument.min_quantity || leg.leg.value < instrument.min_notional) {
            draft.refuse(ReasonCode::BelowMinNotional,
                         static_cast<std::int64_t>(leg.leg.value.raw() / Rate::kOne),
                         static_cast<std::int64_t>(instrument.min_notional.raw() / Rate::kOne), i);
            return false;
        }
        base = std::min(base, leg.walk.base);
    }
    return true;
}

void Service::look_at_direction(std::uint32_t number, UnixNanos now, bool sell_future) {
    BasisPair& pair = pairs_[number];
    const Track& bought = tracks_[(sell_future ? pair.cash : pair.future).index()];
    const Track& sold = tracks_[(sell_future ? pair.future : pair.cash).index()];
    const Scale bought_scale =
        universe_.symbol_of(sell_future ? pair.cash : pair.future).price_scale;
    const Scale sold_scale = universe_.symbol_of(sell_future ? pair.future : pair.cash).price_scale;
    const std::uint32_t row = sell_future ? 0 : 1;  // names the direction among the pair's episodes
    const auto end_episode = [&] {
        pair.lane.open -= episodes_.close_if(
            kPairLane + number, now, {}, [row](const auto& open) { return open.buy_row == row; });
    };
    if (unit_amount(sold.bid, sold_scale) <= unit_amount(bought.ask, bought_scale))
        return end_episode();
    const Instrument& cash = universe_.instrument(pair.cash);
    const Instrument& future = universe_.instrument(pair.future);
    if (!conversions_.between(future.quote, cash.quote).usable) return;
    ++counts_.seen;
    pair.lane.crossed = true;

    Draft draft;
    draft.lane = kPairLane + number;
    draft.sell_future = sell_future;
    if (!draft_pair(pair, sell_future, draft)) {
        check_ages(draft, now, config_.quote_age_basis, config_.quote_age_basis);
        decide(draft, now);
        return;
    }
    const BasisOutlook view =
        outlook(pair, now, sell_future, Nanos::seconds(config_.hold_hours * 3'600));
    const Amount value = bought_value(draft.all());
    const auto part = [&](double share, Rounding rounding) {
        return apply(to_rate(share), value, rounding);
    };
    // Both books are crossed again and both fees paid again to get out.
    double exit_fees = 0.0;
    for (const PricedLeg& leg : draft.all()) exit_fees += fraction(leg.taker);
    const Amount funding = part(view.funding, Rounding::Down);
    const Amount carry = part(view.exit + view.capital + view.risk, Rounding::Up);
    draft.out.edge = pair_waterfall(draft.all(), funding, carry, part(exit_fees, Rounding::Up));
    const Rate net =
        ratio(draft.out.edge.net, std::max(value, Amount::from_raw(1)), Rounding::Down);
    if (draft.out.edge.net > Amount{}) {
        EpisodeBook::Open open;
        open.lane = draft.lane;
        open.buy_row = row;
        open.episode.kind = pair.kind;
        open.episode.buy = sell_future ? pair.cash : pair.future;
        open.episode.sell = sell_future ? pair.future : pair.cash;
        open.episode.route = RouteHash{pair.kind}
                                 .leg(open.episode.buy, Side::Buy)
                                 .leg(open.episode.sell, Side::Sell)
                                 .value();
        if (episodes_.touch(open, now, {net, draft.out.edge.net, draft.legs[0].leg.quantity}))
            ++pair.lane.open;
    } else {
        end_episode();
    }
    check_ages(draft, now, config_.quote_age_basis, config_.quote_age_basis);
    decide(draft, now);
}

}  // namespace parallax::scanner
