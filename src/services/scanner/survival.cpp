#include "services/scanner/survival.hpp"

#include <bit>

#include "core/assert.hpp"

namespace parallax::scanner {

std::size_t SurvivalTable::bucket(Nanos duration) noexcept {
    const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)) / 1'000;
    if (us < 8) return static_cast<std::size_t>(us);
    const auto power = static_cast<unsigned>(std::bit_width(us)) - 4;  // 8 sub-buckets are 2^3
    return std::min<std::size_t>((power + 1) * 8 + ((us >> power) & 7), kBuckets - 1);
}

Nanos SurvivalTable::upper(std::size_t bucket) noexcept {
    if (bucket < 8) return Nanos::micros(static_cast<std::int64_t>(bucket) + 1);
    const std::size_t power = bucket / 8 - 1;
    return Nanos::micros(static_cast<std::int64_t>((bucket % 8 + 9) << power));
}

void SurvivalTable::record(Nanos duration, bool censored) noexcept {
    ++count_;
    if (!censored) ++ended_;
    const std::size_t at = bucket(duration);
    low_ = std::min(low_, static_cast<std::uint32_t>(at));
    high_ = std::max(high_, static_cast<std::uint32_t>(at) + 1);
    ++(censored ? censored_ : events_)[at];
}

void SurvivalTable::subtract(const SurvivalTable& other) noexcept {
    PLX_ASSERT(other.count_ <= count_);
    count_ -= other.count_;
    ended_ -= other.ended_;
    for (std::size_t i = other.low_; i < other.high_; ++i) {
        events_[i] -= other.events_[i];
        censored_[i] -= other.censored_[i];
    }
    if (count_ == 0) *this = {};
}

double SurvivalTable::survival(Nanos time) const noexcept {
    if (count_ == 0) return 1.0;
    const std::size_t last = bucket(time);
    auto at_risk = static_cast<double>(count_);
    double alive = 1.0;
    const std::size_t end = std::min<std::size_t>(last + 1, high_);
    for (std::size_t i = low_; i < end && at_risk > 0.0; ++i) {
        if ((events_[i] | censored_[i]) == 0) continue;  // most, and a division each
        alive *= 1.0 - events_[i] / at_risk;
        at_risk -= static_cast<double>(events_[i]) + censored_[i];
    }
    return alive;
}

Nanos SurvivalTable::quantile(double fraction) const noexcept {
    auto at_risk = static_cast<double>(count_);
    double alive = 1.0;
    for (std::size_t i = 0; i < kBuckets && at_risk > 0.0; ++i) {
        alive *= 1.0 - events_[i] / at_risk;
        if (events_[i] > 0 && alive <= 1.0 - fraction + 1e-12) return upper(i);
        at_risk -= static_cast<double>(events_[i]) + censored_[i];
    }
    return Nanos{-1};
}

}  // namespace parallax::scanner
