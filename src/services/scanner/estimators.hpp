#pragma once

#include <array>
#include <cstdint>

#include "core/amount.hpp"
#include "core/market.hpp"
#include "core/time.hpp"
#include "messages/scanner.hpp"
#include "services/scanner/config.hpp"

// What the scanner learns (methods 6.1, 6.2). Statistics, so doubles; decisions take them as
// rounded Rates.

namespace parallax::scanner {

/// Variance of log returns per second, exponentially weighted over irregular steps.
class Volatility {
public:
    static constexpr double kHalfLifeSeconds = 600.0;

    /// A mid price at a time; the unit of price does not matter, but must stay.
    void observe(UnixNanos time, double mid) noexcept;
    /// Standard deviation of returns over one second, as a fraction; 0 until two prices were seen.
    [[nodiscard]] double per_sqrt_second() const noexcept { return deviation_; }
    void rescale(double factor) noexcept { mid_ *= factor; }

    template <class Archive>
    void describe(Archive& a) {
        a(time_, mid_, variance_, weight_, deviation_);
    }

private:
    UnixNanos time_;
    double mid_ = 0.0;
    double variance_ = 0.0;  ///< sum of weighted squared returns
    double weight_ = 0.0;    ///< sum of weighted seconds
    double deviation_ = 0.0;
};

/// Beta(a, b) over hits and misses with forgetting.
class FillRatio {
public:
    FillRatio() = default;
    FillRatio(double hits, double misses) noexcept : hits_{hits}, misses_{misses} { settle(); }
    void record(bool hit, double forgetting) noexcept {
        hits_ = forgetting * hits_ + (hit ? 1.0 : 0.0);
        misses_ = forgetting * misses_ + (hit ? 0.0 : 1.0);
        settle();
    }
    /// The 10 % quantile by the normal approximation, within [0.01, 0.999].
    [[nodiscard]] double lower() const noexcept { return lower_; }

    template <class Archive>
    void describe(Archive& a) {
        a(hits_, misses_, lower_);
    }

private:
    void settle() noexcept;

    double hits_ = 1.0;
    double misses_ = 1.0;
    double lower_ = 0.5;
};

/// What undoing a lone leg costs, as a fraction of its value: mean plus a quantile's worth of
/// spread.
class UnwindCost {
public:
    UnwindCost() = default;
    explicit UnwindCost(double prior) noexcept : mean_{prior}, value_{prior} {}
    void record(double fraction) noexcept;
    [[nodiscard]] double value() const noexcept { return value_; }

    template <class Archive>
    void describe(Archive& a) {
        a(mean_, variance_, value_);
    }

private:
    double mean_ = 0.0;
    double variance_ = 0.0;
    double value_ = 0.0;
};

/// How the legs of one attempt end, and what follows for the threshold.
struct LegOdds {
    double both = 1.0;    ///< all legs fill
    double one = 0.0;     ///< some but not all fill
    double unwind = 0.0;  ///< expected cost of a lone leg, fraction of value

    /// legs fill independently, each with probability p.
    [[nodiscard]] static LegOdds of(double p, std::size_t legs, double unwind) noexcept;
    /// theta = (p_one u + c_reb + c_msg) / p_both: the net edge below which an attempt loses money
    /// on average.
    [[nodiscard]] double threshold(double costs) const noexcept {
        return (one * unwind + costs) / both;
    }
    /// Expected cost of the same attempt sent leg by leg: a first leg that misses costs nothing,
    /// but the price may move against the last legs for `wait_risk` (fraction of value) meanwhile.
    [[nodiscard]] double sequential_cost(double wait_risk) const noexcept;
};

/// Fill ratios and unwind costs by kind and pair of markets: routes are many, attempts few, so that
/// they share.
class RouteEstimates {
public:
    explicit RouteEstimates(const Config& config) noexcept;
    [[nodiscard]] FillRatio& fill(messages::OpportunityKind kind, Market buy,
                                  Market sell) noexcept {
        return fills_[index(kind, buy, sell)];
    }
    [[nodiscard]] UnwindCost& unwind(messages::OpportunityKind kind, Market buy,
                                     Market sell) noexcept {
        return unwinds_[index(kind, buy, sell)];
    }
    template <class Archive>
    void describe(Archive& a) {
        a(fills_, unwinds_);
    }

private:
    static constexpr std::size_t kKinds = 6;
    static std::size_t index(messages::OpportunityKind kind, Market buy, Market sell) noexcept {
        return (static_cast<std::size_t>(kind) * kMarketCount + static_cast<std::size_t>(buy)) *
                   kMarketCount +
               static_cast<std::size_t>(sell);
    }
    std::array<FillRatio, kKinds * kMarketCount * kMarketCount> fills_;
    std::array<UnwindCost, kKinds * kMarketCount * kMarketCount> unwinds_;
};

/// For statistics.
[[nodiscard]] constexpr double fraction(Rate rate) noexcept {
    return static_cast<double>(rate.raw()) / static_cast<double>(Rate::kOne);
}
[[nodiscard]] constexpr double seconds(Nanos span) noexcept {
    return static_cast<double>(span.count()) * 1e-9;
}
/// A fraction as a Rate, to the nearest 1e-9, saturating.
[[nodiscard]] Rate to_rate(double fraction) noexcept;

}  // namespace parallax::scanner
