#include "services/portfolio/reconciliation.hpp"

namespace parallax::portfolio {

bool Reconciler::compare(Market wallet, AssetId asset, Amount difference, std::uint64_t movements,
                         bool in_flight) {
    ++compared_;
    if (difference.is_zero()) {
        watches_.erase({wallet, asset});
        return false;
    }
    if (in_flight) return false;
    Watch& watch = watches_[{wallet, asset}];
    if (watch.difference != difference || watch.movements != movements)
        watch = {difference, movements, 0};
    if (++watch.seen < reports_) return false;
    watches_.erase({wallet, asset});
    return true;
}

}  // namespace parallax::portfolio
