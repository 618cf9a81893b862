#include "services/scanner/estimators.hpp"

#include <algorithm>
#include <cmath>

namespace parallax::scanner {

void Volatility::observe(UnixNanos time, double mid) noexcept {
    if (mid <= 0.0) return;
    if (mid_ > 0.0 && time > time_) {
        const double seconds = static_cast<double>((time - time_).count()) * 1e-9;
        const double keep = std::exp2(-seconds / kHalfLifeSeconds);
        const double move = std::log(mid / mid_);
        variance_ = keep * variance_ + move * move;
        weight_ = keep * weight_ + seconds;
        deviation_ = std::sqrt(variance_ / weight_);
    }
    if (mid_ > 0.0 && time <= time_) return;
    time_ = time;
    mid_ = mid;
}

void FillRatio::settle() noexcept {
    const double total = hits_ + misses_;
    const double mean = hits_ / total;
    const double deviation = std::sqrt(mean * (1.0 - mean) / (total + 1.0));
    lower_ = std::clamp(mean - 1.2816 * deviation, 0.01, 0.999);
}

void UnwindCost::record(double fraction) noexcept {
    constexpr double kNew = 0.1;
    const double surprise = fraction - mean_;
    mean_ += kNew * surprise;
    variance_ = (1.0 - kNew) * (variance_ + kNew * surprise * surprise);
    value_ = std::max(0.0, mean_ + 1.2816 * std::sqrt(variance_));
}

LegOdds LegOdds::of(double p, std::size_t legs, double unwind) noexcept {
    double all = 1.0, none = 1.0;
    for (std::size_t i = 0; i < legs; ++i) {
        all *= p;
        none *= 1.0 - p;
    }
    return {all, std::max(0.0, 1.0 - all - none), unwind};
}

double LegOdds::sequential_cost(double wait_risk) const noexcept {
    // The lone leg remains only when the first filled and a later one did not: about half of the
    // mixed outcomes.
    return 0.5 * one * unwind + wait_risk;
}

RouteEstimates::RouteEstimates(const Config& config) noexcept {
    fills_.fill(FillRatio{config.fill_prior_hits, config.fill_prior_misses});
    unwinds_.fill(UnwindCost{static_cast<double>(config.unwind_prior.raw()) /
                             static_cast<double>(Rate::kOne)});
}

Rate to_rate(double fraction) noexcept {
    constexpr double kLimit = 9e9;  // nine times one, far beyond any sensible fraction
    const double scaled = std::clamp(fraction, -kLimit, kLimit) * static_cast<double>(Rate::kOne);
    // As std::llround, in place: what is cut off decides.
    const double bounded = std::clamp(scaled, -9e18, 9e18);
    const auto whole = static_cast<std::int64_t>(bounded);
    const double rest = bounded - static_cast<double>(whole);
    return Rate::from_raw(whole + (rest >= 0.5 ? 1 : 0) - (rest <= -0.5 ? 1 : 0));
}

}  // namespace parallax::scanner
