#include "sim/prices/fair_price.hpp"

#include <algorithm>

namespace parallax::sim_prices {
namespace {

constexpr double kStepSeconds = static_cast<double>(FairPrice::kStepNs) * 1e-9;
constexpr double kRootStep = 0.07071067811865475;  // square root of 0.005
constexpr double kMarketSigma = 0.7;               ///< bp per root second: about 40 % a year
constexpr double kJumpsPerMinute = 3.0;
constexpr double kBurstsPerMinute = 0.5;
constexpr double kBurstSeconds = 6.0;  ///< mean life of a burst
constexpr double kPegSeconds = 120.0;  ///< USDC returns to its peg in about this
constexpr double kPremiumSeconds = 1'800.0;

/// Rises from 0.75 at 04:00 UTC to 1.35 at 16:00 and back: the American afternoon is the busy time.
double time_of_day(std::int64_t time_ns) noexcept {
    const double hour = static_cast<double>(time_ns / 1'000'000'000 % 86'400) / 3600.0;
    double away = hour - 16.0;
    if (away < 0) away = -away;
    if (away > 12.0) away = 24.0 - away;
    return 1.35 - 0.05 * away;
}

std::size_t slot(std::int64_t index) noexcept {
    return static_cast<std::size_t>(index) % static_cast<std::size_t>(FairPrice::kHistory);
}

}  // namespace

FairPrice::FairPrice(const Settings& settings, std::uint64_t seed)
    : scale_{settings.volatility},
      jump_chance_{settings.intensity * kJumpsPerMinute * kStepSeconds / 60.0},
      burst_chance_{settings.intensity * kBurstsPerMinute * kStepSeconds / 60.0},
      random_{seed},
      newest_{settings.start.nanos() / kStepNs} {
    for (std::size_t i = 0; i < kCoinCount; ++i) {
        price_[i] = model(static_cast<Coin>(i)).price;
        history_[i].fill(price_[i]);
        premium_[i] = 2.0 * kBp * random_.normal();
    }
    history_[kCoinCount].fill(1.0);  // USDT
}

void FairPrice::advance(std::int64_t time_ns) noexcept {
    while (newest_ < time_ns / kStepNs) step();
}

void FairPrice::step() noexcept {
    ++newest_;
    if (random_.chance(burst_chance_)) volatility_ += 2.0 + 3.0 * random_.uniform();
    volatility_ += (1.0 - volatility_) * kStepSeconds / kBurstSeconds;
    const double scale = scale_ * volatility_ * time_of_day(newest_ * kStepNs) * kRootStep * kBp;
    const double market = kMarketSigma * scale * random_.normal();
    for (std::size_t i = 0; i < kCoinCount; ++i) {
        const CoinModel& coin = model(static_cast<Coin>(i));
        price_[i] *= 1.0 + coin.beta * market + coin.own_sigma * scale * random_.normal();
    }
    double& usdc = price_[static_cast<std::size_t>(Coin::Usdc)];
    usdc += (1.0 - usdc) * kStepSeconds / kPegSeconds;
    if (random_.chance(jump_chance_)) jump();
    for (std::size_t i = 0; i < kCoinCount; ++i) history_[i][slot(newest_)] = price_[i];
    // One coin's premium a step keeps this cheap; its pace is scaled accordingly.
    double& premium = premium_[slot(newest_) % kCoinCount];
    constexpr double kPremiumStep = kStepSeconds * static_cast<double>(kCoinCount);
    premium +=
        (1.0 * kBp - premium) * kPremiumStep / kPremiumSeconds + 0.02 * kBp * random_.normal();
}

/// News: the whole market or one coin moves at once. Followers see it later, which opens a gap for
/// a moment.
void FairPrice::jump() noexcept {
    const double size = (6.0 + 28.0 * random_.uniform() * random_.uniform()) * kBp *
                        (random_.chance(0.5) ? 1.0 : -1.0);
    const auto only = static_cast<std::size_t>(random_.below(2 * (kCoinCount - 1)));
    for (std::size_t i = 0; i + 1 < kCoinCount; ++i) {  // USDC, the last, does not jump
        const bool whole_market = only >= kCoinCount - 1;
        if (whole_market || only == i) price_[i] *= 1.0 + size * model(static_cast<Coin>(i)).beta;
    }
}

double FairPrice::at(Coin coin, std::int64_t time_ns) const noexcept {
    const std::int64_t index = std::clamp(time_ns / kStepNs, newest_ - kHistory + 1, newest_);
    return history_[static_cast<std::size_t>(coin)][slot(index)];
}

}  // namespace parallax::sim_prices
