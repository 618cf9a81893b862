#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "runtime/random.hpp"
#include "sim/prices/listings.hpp"
#include "sim/prices/settings.hpp"

namespace parallax::sim_prices {

/// Latent fair prices of all coins in USDT: one market factor plus each coin's own noise,
/// volatility that follows the hour and comes in bursts, and jumps. Advances on a grid of 5 ms and
/// remembers two thirds of a second, so that a follower can look at the past. Only + - * / of
/// doubles: the same on every machine.
class FairPrice {
public:
    static constexpr std::int64_t kStepNs = 5'000'000;
    static constexpr std::int64_t kHistory = 128;

    FairPrice(const Settings& settings, std::uint64_t seed);
    /// Makes prices known up to `time_ns`.
    void advance(std::int64_t time_ns) noexcept;
    /// Price at a time not after the last advance; older than the memory gives the oldest
    /// remembered.
    [[nodiscard]] double at(Coin coin, std::int64_t time_ns) const noexcept;
    /// Premium of the perpetuals over spot, as a fraction.
    [[nodiscard]] double premium(Coin coin) const noexcept {
        return premium_[static_cast<std::size_t>(coin)];
    }
    /// 1 in quiet times, several in a burst.
    [[nodiscard]] double volatility() const noexcept { return volatility_; }

    template <class Archive>
    void describe(Archive& a) {
        a(random_, newest_, volatility_, price_, premium_, history_);
    }

private:
    void step() noexcept;
    void jump() noexcept;

    double scale_;        ///< Settings::volatility
    double jump_chance_;  ///< a step
    double burst_chance_;
    runtime::Random random_;
    std::int64_t newest_;  ///< grid index
    double volatility_ = 1.0;
    std::array<double, kCoinCount> price_{};
    std::array<double, kCoinCount> premium_{};
    std::array<std::array<double, kHistory>, kCoinCount + 1> history_{};
};

}  // namespace parallax::sim_prices
