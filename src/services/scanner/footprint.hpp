#pragma once

#include <cstdint>

#include "core/price.hpp"
#include "core/time.hpp"

// Impact of repeated flow (methods 2). A single immediate-or-cancel order sees its price in the
// book; what it took comes back only after a while, and an order that follows sooner pays for what
// the book does not show. Statistics, so doubles.

namespace parallax::scanner {

/// Base units traded a day, from public trades: an exponentially weighted rate.
class DailyVolume {
public:
    static constexpr double kHalfLifeSeconds = 6.0 * 3'600.0;

    void observe(UnixNanos time, double base) noexcept;
    /// 0 until trades were seen for a minute.
    [[nodiscard]] double value() const noexcept;

    template <class Archive>
    void describe(Archive& a) {
        a(last_, volume_, seconds_);
    }

private:
    UnixNanos last_;
    double volume_ = 0.0;   ///< weighted base units
    double seconds_ = 0.0;  ///< weighted seconds they took
};

/// What we took from one side of one book and has not come back: decays with the half-life at which
/// the best price of that side was seen to recover after our own orders.
class Footprint {
public:
    static constexpr double kForgetSeconds = 300.0;

    /// An order of `side` took `base` units and walked the book from `before` to `worst`.
    void add(UnixNanos now, double base, Side side, Price before, Price worst) noexcept;
    /// The side's best price is `best`: half way back ends a measurement of the half-life.
    void observe(UnixNanos now, Price best) noexcept;
    /// Base units not back yet; 0 when it is too little to count.
    [[nodiscard]] double left(UnixNanos now) const noexcept;
    [[nodiscard]] double half_life_seconds() const noexcept { return half_life_; }
    [[nodiscard]] bool measuring() const noexcept { return measuring_; }
    void rescale(std::int64_t price_factor) noexcept;

    template <class Archive>
    void describe(Archive& a) {
        a(taken_, taken_at_, half_life_, measuring_, rising_, half_way_);
    }

private:
    double taken_ = 0.0;
    UnixNanos taken_at_;
    double half_life_ = 1.0;  ///< seconds; the prior until it was measured
    bool measuring_ = false;
    bool rising_ = false;  ///< bids recover upwards
    Price half_way_;
};

/// Square-root law I = Y s_D sqrt(Q / V_D) (Donier & Bonart 2015): a fraction of value. 0 without a
/// volume to relate to.
[[nodiscard]] double square_root_impact(double factor, double daily_volatility, double quantity,
                                        double daily_volume) noexcept;

}  // namespace parallax::scanner
