#pragma once

#include <cstdint>

#include "core/amount.hpp"
#include "core/instrument.hpp"
#include "core/time.hpp"
#include "messages/market.hpp"

// Spot against derivative and derivative against derivative (methods 1.4, 1.5): forecasts in
// doubles, as fractions of value. Only what is finally bought and sold is money.

namespace parallax::scanner {

/// Basis as an Ornstein-Uhlenbeck process dX = kappa (m - X) dt + s dW, fitted by exponentially
/// weighted regression of each sample on the one before. Samples come at one fixed step.
class OuFit {
public:
    static constexpr double kForgetting = 0.9995;  ///< half-life about 1,400 samples
    static constexpr double kLeastSamples = 30.0;

    void observe(double x) noexcept;
    [[nodiscard]] bool ready() const noexcept { return weight_ >= kLeastSamples; }
    /// Expected value `steps` samples ahead; the last sample itself until the fit is ready.
    [[nodiscard]] double forecast(double steps) const noexcept;
    /// Standard deviation of the value `steps` ahead around its forecast.
    [[nodiscard]] double deviation(double steps) const noexcept;
    [[nodiscard]] double last() const noexcept { return last_; }
    /// Samples until half of a deviation is gone; infinite without mean reversion.
    [[nodiscard]] double half_life() const noexcept;

    template <class Archive>
    void describe(Archive& a) {
        a(known_, last_, weight_, x_, y_, xx_, xy_, yy_);
    }

private:
    struct Line {
        double slope, noise;  ///< X' - m = slope (X - m) + noise
    };
    [[nodiscard]] Line line() const noexcept;

    bool known_ = false;
    double last_ = 0.0;
    double weight_ = 0.0, x_ = 0.0, y_ = 0.0, xx_ = 0.0, xy_ = 0.0, yy_ = 0.0;
};

/// Funding of one perpetual: what the venue announced for the running period, then an AR(1) of the
/// premium through the clamp. F = P + clamp(I - P, +-5 bp), I = 1 bp per 8 h scaled to the
/// interval: for P in [-4, +6] bp F stays at I (the dead zone), so the last rate is no forecast.
class FundingForecast {
public:
    void on(const messages::MarkPrice& mark, Nanos listed_interval, Rate cap) noexcept;
    [[nodiscard]] bool known() const noexcept { return known_; }
    [[nodiscard]] Nanos interval() const noexcept { return interval_; }
    /// Sum of the rates at the stamps within (now, now + hold]: positive = longs pay.
    [[nodiscard]] double expected(UnixNanos now, Nanos hold) const noexcept;
    /// The formula: rate of a period whose average premium is `premium`.
    [[nodiscard]] static double rate_of(double premium, Nanos interval, double cap) noexcept;
    [[nodiscard]] double premium() const noexcept { return premium_; }

    template <class Archive>
    void describe(Archive& a) {
        a(known_, rate_, premium_, seen_, interval_, next_, cap_);
    }

private:
    bool known_ = false;
    double rate_ = 0.0;     ///< announced for the running period
    double premium_ = 0.0;  ///< EWMA of mark / index - 1
    UnixNanos seen_;        ///< of the last premium
    Nanos interval_;
    UnixNanos next_;
    double cap_ = 0.0;  ///< 0 = none known
};

/// Expected result of holding a pair, as fractions of its value; costs positive.
struct BasisOutlook {
    double exit = 0.0;     ///< basis expected to be paid back at the exit
    double funding = 0.0;  ///< received
    double capital = 0.0;  ///< interest on what is tied up
    double risk = 0.0;     ///< z standard deviations of the exit basis
    double hold_seconds = 0.0;
};

/// How much of an entry basis is left after `hold` when it runs off to 0 at expiry.
[[nodiscard]] double run_off(double basis, UnixNanos now, Nanos hold, UnixNanos expiry) noexcept;

}  // namespace parallax::scanner
