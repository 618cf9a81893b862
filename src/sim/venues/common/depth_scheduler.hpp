#pragma once

#include <map>

#include "sim/engine/conflator.hpp"
#include "sim/venues/common/front.hpp"

namespace parallax::sim_front {

/// The diff streams of a front: one conflator a listing and interval, shared by all who follow it.
/// Intervals end at multiples of their length since 1970.
class DepthScheduler {
public:
    /// Counts followers; the first starts the stream at the book's present number.
    void follow(sim_engine::ListingId listing, Nanos interval, std::uint64_t update, UnixNanos now);
    void leave(sim_engine::ListingId listing, Nanos interval);
    void add(const sim_engine::LevelChange& change);
    /// Calls tell(listing, interval, delta) for each stream whose interval has ended with changes.
    template <class Tell>
    void flush(UnixNanos now, Tell&& tell) {
        for (auto& [key, stream] : streams_) {
            if (now < stream.due) continue;
            stream.due = end_of(key.second, now);
            if (const sim_engine::BookDelta* const delta = stream.changes.flush())
                tell(key.first, key.second, *delta);
        }
    }
    [[nodiscard]] UnixNanos next_due() const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return streams_.size(); }

    /// When the running interval ends, after now.
    [[nodiscard]] static UnixNanos end_of(Nanos interval, UnixNanos now) noexcept {
        return UnixNanos::from_nanos((now.nanos() / interval.count() + 1) * interval.count());
    }

private:
    struct Stream {
        sim_engine::ChangeConflator changes;
        UnixNanos due;
        std::size_t followers = 0;
    };
    std::map<std::pair<sim_engine::ListingId, Nanos>, Stream> streams_;
};

}  // namespace parallax::sim_front
