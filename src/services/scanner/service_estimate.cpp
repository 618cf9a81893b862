#include "services/scanner/service.hpp"

// Money only where it is needed: for what a look emits, and for a new peak.

namespace parallax::scanner {

/// The rates that assess() will find without impact; false when only money can tell.
bool Service::estimate(Draft& draft, const RiskView& risk) const noexcept {
    messages::Opportunity& out = draft.out;
    out.threshold = config_.min_edge + config_.message_cost;
    return estimate_rates(draft.all(), risk, out.net_rate, out.expected_rate);
}

/// What an estimate left out, from what was seen then: the same numbers as if done at once.
void Service::price_exactly(Assessment& memo) const noexcept {
    price_pair(memo.draft);
    assess(memo.draft, memo.risk, Amount{});
    memo.exact = true;
}

/// Legs and edge of a draft whose legs are walked.
void Service::price_pair(Draft& draft) const noexcept {
    for (PricedLeg& leg : draft.all()) price_leg(leg, universe_.symbol_of(leg.leg.instrument));
    pair_waterfall(draft.all(), {}, {}, {}, draft.out.edge);
}

/// Does this look emit anything or raise a peak? Its reason is known.
bool Service::needs_money(const Assessment& memo, const Lane& place, UnixNanos now) const noexcept {
    const messages::Opportunity& out = memo.draft.out;
    return due(place, out.reason.code, out.expected_rate.raw(), now) ||
           episodes_.would_rise(memo.episode, out.net_rate, memo.episode_at);
}

}  // namespace parallax::scanner
