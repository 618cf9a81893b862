#include <algorithm>
#include <limits>

#include "services/scanner/service.hpp"

// The raw edge with all books as of one time (methods 2, cross-venue alignment): part of a raw gap
// is one feed being late.

namespace parallax::scanner {

using messages::OpportunityKind;

/// The latest matching time that the books of all legs have reached.
UnixNanos Service::common_time(const Draft& draft) const noexcept {
    UnixNanos common = UnixNanos::from_nanos(std::numeric_limits<std::int64_t>::max());
    for (const PricedLeg& leg : draft.all())
        common = std::min(common, observed_[leg.leg.instrument.index()].ring.newest().time);
    return common;
}

void Service::set_aligned(Draft& draft) const noexcept {
    const bool cycle =
        draft.out.kind == OpportunityKind::Triangle || draft.out.kind == OpportunityKind::Cycle;
    const Market wallet = wallet_of(tracks_[draft.legs[0].leg.instrument.index()].market);
    const bool one_venue = std::all_of(
        draft.legs.begin(), draft.legs.begin() + draft.count, [&](const PricedLeg& leg) {
            return wallet_of(tracks_[leg.leg.instrument.index()].market) == wallet;
        });
    if (cycle && one_venue) return;  // one engine, one time: aligned is raw
    return cycle ? align_cycle(draft) : align_pair(draft);
}

/// Of what buys and sells one base asset.
void Service::align_pair(Draft& draft) const noexcept {
    const UnixNanos common = common_time(draft);
    Amount bid, ask = Amount::max(), sold;
    for (const PricedLeg& leg : draft.all()) {
        const TimedQuote& quote = observed_[leg.leg.instrument.index()].ring.at(common);
        const Scale scale = universe_.symbol_of(leg.leg.instrument).price_scale;
        if (leg.leg.side == Side::Buy) {
            if (quote.ask.raw() > 0) ask = std::min(ask, unit_amount(quote.ask, scale));
        } else {
            bid = std::max(bid, unit_amount(quote.bid, scale));
            sold += leg.walk.base;
        }
    }
    if (ask == Amount::max()) return;
    draft.out.edge.aligned = times(sold, bid, Rounding::Down) - times(sold, ask, Rounding::Up);
}

/// Of a ring: the capital taken around at the best prices of that time, without fees.
void Service::align_cycle(Draft& draft) const noexcept {
    const UnixNanos common = common_time(draft);
    Amount held = draft.out.capital;
    for (const PricedLeg& leg : draft.all()) {
        const TimedQuote& quote = observed_[leg.leg.instrument.index()].ring.at(common);
        const Scale scale = universe_.symbol_of(leg.leg.instrument).price_scale;
        const Price price = leg.leg.side == Side::Buy ? quote.ask : quote.bid;
        if (price.raw() <= 0) return;
        held = leg.leg.side == Side::Buy ? divide_by_price(held, price, scale, Rounding::Down)
                                         : times(held, unit_amount(price, scale), Rounding::Down);
    }
    draft.out.edge.aligned = held - draft.out.capital;
}

}  // namespace parallax::scanner
