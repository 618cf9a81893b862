#include "adapters/venues/common/clock_offset.hpp"

#include <algorithm>
#include <cstdlib>

namespace parallax::venue_common {

ClockOffset::Estimate ClockOffset::aged(const Sample& sample, UnixNanos now) noexcept {
    const std::int64_t age = std::abs((now - sample.taken).count());
    const std::int64_t width = sample.high - sample.low;
    // The venue's clock was read up to a round trip before the sample was taken.
    const std::int64_t drift = (age + width) * kDriftPpm / 1'000'000 + 1;
    return {Nanos{sample.low + width / 2}, Nanos{(width + 1) / 2 + drift}};
}

bool ClockOffset::on_sample(UnixNanos sent, UnixNanos server, UnixNanos received) noexcept {
    if (received < sent) return false;
    const Sample sample{(server - received).count(), (server + resolution_ - sent).count(),
                        received};
    if (const auto known = estimate(received)) {
        const std::int64_t middle = known->offset.count();
        const std::int64_t bound = known->bound.count();
        if (sample.low > middle + bound || sample.high < middle - bound) forget();
    }
    samples_[next_ % kKept] = sample;
    ++next_;
    count_ = std::min<std::uint64_t>(count_ + 1, kKept);
    return true;
}

std::optional<ClockOffset::Estimate> ClockOffset::estimate(UnixNanos now) const noexcept {
    std::optional<Estimate> best;
    for (std::uint64_t i = 1; i <= count_; ++i) {
        const Sample& sample = samples_[(next_ - i) % kKept];
        if (now - sample.taken > kWindow) continue;
        const Estimate candidate = aged(sample, now);
        if (!best || candidate.bound < best->bound) best = candidate;
    }
    return best;
}

UnixNanos ClockOffset::venue_time(UnixNanos now) const noexcept {
    const auto known = estimate(now);
    return known ? now + known->offset : now;
}

}  // namespace parallax::venue_common
