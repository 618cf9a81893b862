#include "services/portfolio/reconciliation.hpp"

namespace parallax::portfolio {
namespace {

/// More changes than this overtake no report.
constexpr std::size_t kMostLater = 256;

}  // namespace

void Reconciler::booked(Market wallet, AssetId asset, Amount amount, Cut cut) {
    const auto it = watches_.find({wallet, asset});
    if (it == watches_.end()) return;
    Watch& watch = it->second;
    if (cut.within(watch.report)) {  // the report knew it before we did
        watch.difference -= amount;
        if (watch.counted) watch.seen = 0;
        watch.counted = false;
        return;
    }
    if (!cut.after(watch.report)) return;
    watch.later.push_back({cut, amount});
    if (watch.later.size() > kMostLater) watch.later.pop_front();
}

void Reconciler::cash_told(Market wallet, UnixNanos until) {
    UnixNanos& told = cash_told_[wallet];
    told = std::max(told, until);
}

bool Reconciler::awaits_cash(Market wallet, const Watch& watch) const noexcept {
    const auto told = cash_told_.find(wallet);
    return told != cash_told_.end() && told->second < watch.first &&
           now_ < watch.first_seen + cash_patience_;
}

/// The last report's difference is final now.
void Reconciler::count(Watch& watch) const {
    if (watch.counted) return;
    watch.counted = true;
    if (watch.difference.is_zero()) {
        watch.seen = 0;
    } else if (watch.seen > 0 && watch.difference == watch.steady) {
        ++watch.seen;
    } else {
        watch.steady = watch.difference;
        watch.seen = 1;
        watch.since = watch.placed;
        watch.first = watch.report.time;
        watch.first_seen = now_;
    }
}

std::optional<Amount> Reconciler::compare(Market wallet, AssetId asset, Amount difference,
                                          Cut report, OrdersOpen orders) {
    ++compared_;
    Watch& watch = watches_[{wallet, asset}];
    count(watch);
    std::erase_if(watch.later, [&](const Change& change) { return !change.cut.after(report); });
    for (const Change& change : watch.later) difference += change.amount;
    watch.report = report;
    watch.difference = difference;
    watch.placed = orders.placed;
    watch.counted = false;
    if (orders.oldest == kNone) count(watch);  // nothing is in flight that could change it

    if (watch.seen < reports_ || orders.oldest <= watch.since || watch.difference.is_zero() ||
        awaits_cash(wallet, watch))
        return std::nullopt;
    watch.seen = 0;
    watch.difference -= watch.steady;  // what is left is in flight
    return watch.steady;
}

}  // namespace parallax::portfolio
