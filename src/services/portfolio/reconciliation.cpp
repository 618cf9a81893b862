#include "services/portfolio/reconciliation.hpp"

namespace parallax::portfolio {

bool Reconciler::compare(Market wallet, AssetId asset, Amount difference, std::uint64_t movements, bool in_flight) {
    ++compared_;
    if (difference.is_zero()) {
        watches_.erase({wallet, asset});
        return false;
    }
    if (in_flight) return false;
    Watch& watch = watches_[{wallet, asset}];
    if (watch.difference != difference || watch.movements != movements) watch = {difference, movements, 0};
    if (++watch.seen < reports_) return false;
    watches_.erase({wallet, asset});
    return true;
}

bool SeenEvents::insert(const messages::CashEvent& event) {
    if (event.venue_id == 0) return true;
    const Key key{event.venue_id, wallet_of(event.wallet), event.kind, event.asset};
    if (!known_.insert(key).second) return false;
    order_.push_back(key);
    if (order_.size() > kept_) {
        known_.erase(order_.front());
        order_.pop_front();
    }
    return true;
}

}  // namespace parallax::portfolio
