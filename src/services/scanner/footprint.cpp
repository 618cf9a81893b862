#include "services/scanner/footprint.hpp"

#include <algorithm>
#include <cmath>

#include "services/scanner/estimators.hpp"

namespace parallax::scanner {

void DailyVolume::observe(UnixNanos time, double base) noexcept {
    if (last_.known() && time > last_) {
        const double gap = seconds(time - last_);
        const double keep = std::exp2(-gap / kHalfLifeSeconds);
        volume_ *= keep;
        seconds_ = keep * seconds_ + gap;
    }
    if (!last_.known() || time > last_) last_ = time;
    volume_ += base;
}

double DailyVolume::value() const noexcept {
    constexpr double kLeastSeconds = 60.0;
    return seconds_ >= kLeastSeconds ? volume_ / seconds_ * 86'400.0 : 0.0;
}

void Footprint::add(UnixNanos now, double base, Side side, Price before, Price worst) noexcept {
    taken_ = left(now) + base;
    taken_at_ = now;
    measuring_ = before.raw() > 0 && worst.raw() > 0;
    rising_ = side == Side::Sell;
    half_way_ = Price::from_raw(worst.raw() + (before.raw() - worst.raw()) / 2);
}

void Footprint::observe(UnixNanos now, Price best) noexcept {
    if (!measuring_ || best.raw() <= 0) return;
    const double waited = seconds(now - taken_at_);
    const bool back = rising_ ? best >= half_way_ : best <= half_way_;
    if (!back && waited < kForgetSeconds) return;
    constexpr double kNew = 0.2, kLeast = 0.001;
    half_life_ += kNew * (std::clamp(waited, kLeast, kForgetSeconds) - half_life_);
    measuring_ = false;
}

double Footprint::left(UnixNanos now) const noexcept {
    if (taken_ <= 0.0) return 0.0;
    const double halves = seconds(now - taken_at_) / half_life_;
    constexpr double kGone = 10.0;  // less than a thousandth
    return halves < kGone ? taken_ * std::exp2(-std::max(halves, 0.0)) : 0.0;
}

void Footprint::rescale(std::int64_t price_factor) noexcept {
    half_way_ = Price::from_raw(half_way_.raw() * price_factor);
}

double square_root_impact(double factor, double daily_volatility, double quantity,
                          double daily_volume) noexcept {
    if (daily_volume <= 0.0 || quantity <= 0.0) return 0.0;
    return factor * daily_volatility * std::sqrt(quantity / daily_volume);
}

}  // namespace parallax::scanner
