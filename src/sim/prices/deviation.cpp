#include "sim/prices/deviation.hpp"

#include <algorithm>
#include <cmath>

namespace parallax::sim_prices {
namespace {

constexpr double kShocksPerMinute = 14.0;
constexpr double kShockSeconds = 0.5;
constexpr double kBasisSeconds = 60.0;
constexpr double kBasisSigma = 1.2;  ///< bp, stationary

}  // namespace

Deviation::Deviation(const Listing&, std::int64_t now_ns, runtime::Random& random) noexcept
    : basis_{kBasisSigma * kBp * random.normal()}, updated_{now_ns} {}

void Deviation::advance(const Listing& listing, std::int64_t now_ns,
                        runtime::Random& random) noexcept {
    const double seconds = static_cast<double>(now_ns - updated_) * 1e-9;
    updated_ = now_ns;
    shock_ *= std::max(0.0, 1.0 - seconds / kShockSeconds);
    const double pull = std::min(1.0, seconds / kBasisSeconds);
    const double noise = kBasisSigma * kBp * std::sqrt(2.0 * pull) * random.normal();
    basis_ += listing.shock_scale * noise - basis_ * pull;
}

void Deviation::shake(const Listing& listing, runtime::Random& random) noexcept {
    const double size = 6.0 + 40.0 * random.uniform() * random.uniform();
    shock_ += listing.shock_scale * size * kBp * (random.chance(0.5) ? 1.0 : -1.0);
}

double Deviation::middle_ticks(const Listing& listing, const FairPrice& fair,
                               std::int64_t seen_ns) const noexcept {
    const double price = fair.at(listing.base, seen_ns) / fair.at(listing.quote, seen_ns);
    const double premium = listing.perpetual ? fair.premium(listing.base) : 0.0;
    return price * (1.0 + premium + basis_ + shock_) * listing.coins_a_unit / listing.tick;
}

double shake_chance(double intensity) noexcept {
    constexpr double kStepMinutes = static_cast<double>(FairPrice::kStepNs) / (60.0 * 1e9);
    return intensity * kShocksPerMinute * kStepMinutes;
}

std::uint64_t derive_seed(std::uint64_t seed, std::uint64_t index) noexcept {
    return runtime::Random{seed ^ (index + 1) * 0x9E3779B97F4A7C15ULL}.next();
}

}  // namespace parallax::sim_prices
