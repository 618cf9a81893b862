#include "sim/venues/common/depth_scheduler.hpp"

namespace parallax::sim_front {

void DepthScheduler::follow(sim_engine::ListingId listing, Nanos interval, std::uint64_t update,
                            UnixNanos now) {
    const auto [at, fresh] = streams_.try_emplace({listing, interval});
    if (fresh) {
        at->second.changes = sim_engine::ChangeConflator{update};
        at->second.due = end_of(interval, now);
    }
    ++at->second.followers;
}

void DepthScheduler::leave(sim_engine::ListingId listing, Nanos interval) {
    const auto found = streams_.find({listing, interval});
    if (found != streams_.end() && --found->second.followers == 0) streams_.erase(found);
}

void DepthScheduler::add(const sim_engine::LevelChange& change) {
    for (auto at = streams_.lower_bound({change.listing, Nanos{}});
         at != streams_.end() && at->first.first == change.listing; ++at) {
        at->second.changes.add(change);
    }
}

UnixNanos DepthScheduler::next_due() const noexcept {
    UnixNanos due = kNever;
    for (const auto& [key, stream] : streams_) due = std::min(due, stream.due);
    return due;
}

}  // namespace parallax::sim_front
