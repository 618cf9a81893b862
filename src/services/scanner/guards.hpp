#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "core/time.hpp"

namespace parallax::scanner {

/// How long messages of one feed wait on their way, beyond the shortest way seen lately. A constant
/// offset between the venue's clock and ours cancels, however large: recorded clocks are off by
/// seconds. The minimum is over two windows, so that a drift of the offset is followed.
class QueueDelay {
public:
    static constexpr Nanos kWindow = Nanos::seconds(60);

    /// A message with a venue time. One that repeats the last venue time says nothing new.
    void observe(UnixNanos received, UnixNanos venue_time) noexcept {
        if (!venue_time.known() || venue_time == last_venue_time_) return;
        last_venue_time_ = venue_time;
        const std::int64_t offset = (received - venue_time).count();
        if (received - window_start_ >= kWindow) {
            previous_ = current_;
            current_ = offset;
            window_start_ = received;
        }
        current_ = std::min(current_, offset);
        delay_ = Nanos{offset - std::min(current_, previous_)};
    }
    /// Of the newest message; 0 until the feed carried a venue time.
    [[nodiscard]] Nanos delay() const noexcept { return delay_; }

    template <class Archive>
    void describe(Archive& a) {
        a(last_venue_time_, window_start_, current_, previous_, delay_);
    }

private:
    UnixNanos last_venue_time_;
    UnixNanos window_start_;
    std::int64_t current_ = std::numeric_limits<std::int64_t>::max();
    std::int64_t previous_ = std::numeric_limits<std::int64_t>::max();
    Nanos delay_;
};

/// age = now - last receipt + queueing delay + half the conflation interval (methods 2).
[[nodiscard]] constexpr Nanos quote_age(UnixNanos now, UnixNanos received, Nanos queue,
                                        Nanos conflation) noexcept {
    return (now - received) + queue + conflation / 2;
}

}  // namespace parallax::scanner
