#include "sim/venues/common/rate_window.hpp"

#include <algorithm>

namespace parallax::sim_front {
namespace {

/// Uses are kept by the part of the interval they fell in; an aligned window has one part.
UnixNanos part_of(const RateLimit& limit, UnixNanos now) noexcept {
    const std::int64_t parts = limit.kind == WindowKind::Aligned ? 1 : 64;
    const std::int64_t length = std::max<std::int64_t>(1, limit.interval.count() / parts);
    return UnixNanos::from_nanos(now.nanos() - now.nanos() % length);
}

}  // namespace

bool RateWindow::add(const RateLimit& limit, UnixNanos now, std::uint32_t weight) {
    const bool good = fits(limit, now, weight);
    const UnixNanos part = part_of(limit, now);
    if (uses_.empty() || uses_.back().from != part) uses_.push_back({part, 0});
    // Saturates: who goes on after the limit must not wrap it.
    weight = std::min(weight, 1'000'000'000 - std::min(sum_, 1'000'000'000U));
    uses_.back().weight += weight;
    sum_ += weight;
    return good;
}

void RateWindow::take_back(const RateLimit& limit, UnixNanos now, std::uint32_t weight) {
    if (used(limit, now) == 0) return;
    const std::uint32_t less = std::min(weight, uses_.back().weight);
    uses_.back().weight -= less;
    sum_ -= less;
}

std::uint32_t RateWindow::used(const RateLimit& limit, UnixNanos now) {
    const UnixNanos part = part_of(limit, now);
    while (!uses_.empty()) {
        const bool over = limit.kind == WindowKind::Aligned
                              ? uses_.front().from != part
                              : now - uses_.front().from > limit.interval + limit.interval / 64;
        if (!over) break;
        sum_ -= uses_.front().weight;
        uses_.pop_front();
    }
    return sum_;
}

UnixNanos RateWindow::free_at(const RateLimit& limit, UnixNanos now) const noexcept {
    if (uses_.empty()) return now;
    if (limit.kind == WindowKind::Aligned) return part_of(limit, now) + limit.interval;
    return std::max(now, uses_.front().from + limit.interval + limit.interval / 64);
}

RateWindow& RateTable::window(std::string_view key, UnixNanos now) {
    if (const auto found = windows_.find(key); found != windows_.end()) return found->second;
    if (windows_.size() >= sweep_at_) {
        for (auto at = windows_.begin(); at != windows_.end();)
            at = at->second.used(limit_, now) == 0 ? windows_.erase(at) : std::next(at);
        sweep_at_ = std::max<std::size_t>(1'024, 2 * windows_.size());
    }
    return windows_[std::string{key}];
}

}  // namespace parallax::sim_front
