#pragma once

#include "core/amount.hpp"
#include "core/time.hpp"
#include "services/risk/config.hpp"
#include "services/risk/rolling_sum.hpp"

namespace parallax::risk {

/// Realised profit over five horizons. Losses are compared with >=, a limit of 0 switches a step
/// off.
class LossLadder {
public:
    /// The steps, mildest first, as sub-codes of RiskCheck::Profit count on from Breach::Trade.
    enum class Breach : std::uint8_t { None, Trade, Minute, Hour, Day, Drawdown, Legging };

    /// Books one settled plan (value units, negative = loss).
    void add(UnixNanos now, Amount realised, Amount legging) noexcept {
        minute_.add(now, realised);
        hour_.add(now, realised);
        day_.add(now, realised);
        legging_.add(now, legging);
        equity_ += realised;
        peak_ = std::max(peak_, equity_);
    }
    struct Loss {
        Amount amount;
        Amount limit;
    };
    [[nodiscard]] Loss minute(UnixNanos now, const Config& c) noexcept {
        return {-minute_.sum(now), c.max_loss_minute};
    }
    [[nodiscard]] Loss hour(UnixNanos now, const Config& c) noexcept {
        return {-hour_.sum(now), c.max_loss_hour};
    }
    [[nodiscard]] Loss day(UnixNanos now, const Config& c) noexcept {
        return {-day_.sum(now), c.max_loss_day};
    }
    [[nodiscard]] Loss drawdown(const Config& c) const noexcept {
        return {peak_ - equity_, c.max_drawdown};
    }
    [[nodiscard]] Loss legging(UnixNanos now, const Config& c) noexcept {
        return {-legging_.sum(now), c.max_legging_hour};
    }
    [[nodiscard]] static bool broken(Loss loss) noexcept {
        return !loss.limit.is_zero() && loss.amount >= loss.limit;
    }
    /// A person re-armed: old losses must not stop trading again at the next small one.
    void rearm() noexcept {
        minute_.clear();
        hour_.clear();
        day_.clear();
        legging_.clear();
        peak_ = equity_;
    }
    [[nodiscard]] Amount equity() const noexcept { return equity_; }
    template <class Archive>
    void describe(Archive& a) {
        a(minute_, hour_, day_, legging_, equity_, peak_);
    }

private:
    RollingSum<Amount, 60> minute_{Nanos::seconds(1)};
    RollingSum<Amount, 60> hour_{Nanos::seconds(60)};
    RollingSum<Amount, 96> day_{Nanos::seconds(900)};
    RollingSum<Amount, 60> legging_{Nanos::seconds(60)};
    Amount equity_;
    Amount peak_;
};

}  // namespace parallax::risk
