#include <algorithm>

#include "services/scanner/service.hpp"

// When to close a basis position (methods 1.4). Each look asks what holding on is still expected to
// bring: the basis run back to its mean (Ornstein-Uhlenbeck; to 0 at the expiry of a dated future),
// funding, less the cost of capital. Fees are paid now or later, so they do not decide. The
// position is closed when closing now beats holding on by the threshold, so that a converged basis,
// funding whose sign turned, or capital that costs more than both all end it; and at any price when
// it is older than max_hold_hours or its future expires within the hour.

namespace parallax::scanner {

using messages::ReasonCode;

/// The held sizes turned round, as much as both books take; false when that is nothing.
bool Service::draft_exit(const BasisPair& pair, Draft& draft) const noexcept {
    const Holding& held = pair.holding;
    // What was sold is bought back.
    const bool buys_future = held.sell_future;
    const InstrumentId ids[2] = {buys_future ? pair.future : pair.cash,
                                 buys_future ? pair.cash : pair.future};
    const Quantity sizes[2] = {buys_future ? held.future : held.cash,
                               buys_future ? held.cash : held.future};
    constexpr Side kSides[2] = {Side::Buy, Side::Sell};
    draft.out.kind = pair.kind;
    draft.out.value_asset = universe_.instrument(pair.cash).quote;
    draft.count = 2;
    Rate found = Rate::from_raw(Rate::kOne);
    for (std::size_t i = 0; i < 2; ++i) {
        draft.legs[i] = priced(ids[i], kSides[i], sizes[i], draft.out.value_asset);
        const Quantity there = draft.legs[i].walk.quantity;
        found = std::min(found, Rate::from_raw(static_cast<std::int64_t>(multiply_divide(
                                    there.raw(), Rate::kOne, sizes[i].raw(), Rounding::Down))));
    }
    for (std::size_t i = 0; i < 2; ++i) {
        const Instrument& instrument = universe_.instrument(ids[i]);
        if (found.raw() < Rate::kOne) {
            const auto part = static_cast<std::int64_t>(
                multiply_divide(sizes[i].raw(), found.raw(), Rate::kOne, Rounding::Down));
            draft.legs[i] =
                priced(ids[i], kSides[i], floor_to(Quantity::from_raw(part), instrument.lot),
                       draft.out.value_asset);
        }
        // A spot order sells what is there anyway; only derivatives know the flag.
        draft.legs[i].leg.reduce_only = !is_spot(instrument.kind);
        if (draft.legs[i].walk.base <= Amount{})
            draft.refuse(ReasonCode::InsufficientDepth, draft.legs[i].walk.quantity.raw(),
                         sizes[i].raw(), i);
    }
    return draft.out.reason.none();
}

void Service::look_at_exit(std::uint32_t number, UnixNanos now) {
    BasisPair& pair = pairs_[number];
    const Holding& held = pair.holding;
    const Instrument& cash = universe_.instrument(pair.cash);
    const Instrument& future = universe_.instrument(pair.future);
    if (!conversions_.between(future.quote, cash.quote).usable) return count(ReasonCode::BookStale);
    ++counts_.seen;
    Draft draft;
    draft.restart(kPairLane + number);
    draft.exit = true;
    draft.sell_future = held.sell_future;
    constexpr Nanos kHour = Nanos::seconds(3'600);
    draft.forced = now - held.opened >= kHour * config_.max_hold_hours ||
                   (future.expiry.known() && future.expiry - now <= kHour);
    if (draft_exit(pair, draft)) {
        // The rest of the planned hold; beyond it, one more funding interval at a time.
        const Nanos planned = held.opened + kHour * config_.hold_hours - now;
        const Nanos interval = observed_[pair.future.index()].funding.interval();
        const Nanos hold = std::max(planned, interval.count() > 0 ? interval : kHour);
        const BasisOutlook view = outlook(pair, now, held.sell_future, hold);
        const Amount value = bought_value(draft.all());
        const auto part = [&](double share, Rounding rounding) {
            return apply(to_rate(share), value, rounding);
        };
        double later_fees = 0.0;
        for (const PricedLeg& leg : draft.all()) later_fees += fraction(leg.taker);
        // Against closing at the end of the hold: its basis and fees are spared, its funding is
        // forgone, its capital is free.
        const Amount spared = part(view.exit + later_fees + view.capital, Rounding::Down);
        draft.out.edge =
            pair_waterfall(draft.all(), part(-view.funding, Rounding::Down), -spared, {});
    }
    check_ages(draft, now, config_.quote_age_basis, config_.quote_age_basis);
    decide(draft, now);
}

}  // namespace parallax::scanner
