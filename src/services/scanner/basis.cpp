#include "services/scanner/basis.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "services/scanner/estimators.hpp"

namespace parallax::scanner {
namespace {

constexpr Nanos kEightHours = Nanos::seconds(8 * 3'600);
constexpr double kBp = 1e-4;
constexpr double kPremiumHalfLifeSeconds =
    4.0 * 3'600.0;  ///< mean reversion of the premium, also its average's window

}  // namespace

// --- OuFit
// -------------------------------------------------------------------------------------------------

void OuFit::observe(double x) noexcept {
    if (known_) {
        const auto add = [](double& sum, double value) { sum = kForgetting * sum + value; };
        add(weight_, 1.0);
        add(x_, last_);
        add(y_, x);
        add(xx_, last_ * last_);
        add(xy_, last_ * x);
        add(yy_, x * x);
    }
    known_ = true;
    last_ = x;
}

OuFit::Line OuFit::line() const noexcept {
    const double mx = x_ / weight_, my = y_ / weight_;
    const double vx = std::max(xx_ / weight_ - mx * mx, 0.0);
    const double vy = std::max(yy_ / weight_ - my * my, 0.0);
    const double cov = xy_ / weight_ - mx * my;
    const double slope = vx > 0.0 ? std::clamp(cov / vx, 0.0, 0.999'999) : 0.0;
    const double noise = std::sqrt(std::max(vy - slope * cov, 0.0));
    return {slope, noise};
}

double OuFit::forecast(double steps) const noexcept {
    if (!ready()) return last_;
    const Line fit = line();
    // The mean of what was seen, which level / (1 - slope) tends to: that quotient runs away when
    // one outlier drives the slope towards 1.
    const double mean = y_ / weight_;
    return mean + (last_ - mean) * std::pow(fit.slope, steps);
}

double OuFit::deviation(double steps) const noexcept {
    if (!ready()) return 0.0;
    const Line fit = line();
    const double square = fit.slope * fit.slope;
    return fit.noise * std::sqrt((1.0 - std::pow(square, steps)) / (1.0 - square));
}

double OuFit::half_life() const noexcept {
    if (!ready()) return std::numeric_limits<double>::infinity();
    const double slope = line().slope;
    return slope > 0.0 ? std::log(0.5) / std::log(slope) : 0.0;
}

// --- FundingForecast
// ---------------------------------------------------------------------------------------------

double FundingForecast::rate_of(double premium, Nanos interval, double cap) noexcept {
    const double share = seconds(interval) / seconds(kEightHours);
    const double interest = kBp * share;
    const double rate =
        premium * share + std::clamp(interest - premium * share, -5.0 * kBp, 5.0 * kBp);
    return cap > 0.0 ? std::clamp(rate, -cap, cap) : rate;
}

void FundingForecast::on(const messages::MarkPrice& mark, Nanos listed_interval,
                         Rate cap) noexcept {
    if (mark.funding_interval.count() > 0)
        interval_ = mark.funding_interval;
    else if (interval_.count() == 0)
        interval_ = listed_interval.count() > 0 ? listed_interval : kEightHours;
    cap_ = static_cast<double>(cap.raw()) / static_cast<double>(Rate::kOne);
    if (mark.has_funding) {
        known_ = true;
        rate_ = static_cast<double>(mark.funding_rate.raw()) / static_cast<double>(Rate::kOne);
    }
    if (mark.next_funding.known()) next_ = mark.next_funding;
    if (mark.mark.raw() > 0 && mark.index.raw() > 0) {
        const double premium =
            static_cast<double>(mark.mark.raw()) / static_cast<double>(mark.index.raw()) - 1.0;
        const double gap =
            seen_.known() ? std::max(seconds(mark.stamp.received - seen_), 0.0) : 1e9;
        const double keep = std::exp2(-gap / kPremiumHalfLifeSeconds);
        premium_ = keep * premium_ + (1.0 - keep) * premium;
        seen_ = mark.stamp.received;
    }
}

double FundingForecast::expected(UnixNanos now, Nanos hold) const noexcept {
    if (!known_ || interval_.count() <= 0) return 0.0;
    UnixNanos stamp = next_.known() ? next_ : now + interval_;
    if (stamp <= now) {  // the announcement of the next period has not come yet
        const std::int64_t behind = (now - stamp).count() / interval_.count() + 1;
        stamp = stamp + interval_ * behind;
    }
    double sum = 0.0;
    constexpr int kMostStamps = 10'000;
    for (int n = 0; n < kMostStamps && stamp <= now + hold; ++n, stamp = stamp + interval_) {
        const double decay = std::exp2(-seconds(stamp - now) / kPremiumHalfLifeSeconds);
        sum += n == 0 ? rate_ : rate_of(premium_ * decay, interval_, cap_);
    }
    return sum;
}

double run_off(double basis, UnixNanos now, Nanos hold, UnixNanos expiry) noexcept {
    if (!expiry.known() || expiry <= now) return basis;
    const double left = seconds(expiry - now);
    return basis * std::max(0.0, 1.0 - seconds(hold) / left);
}

}  // namespace parallax::scanner
