#include "services/scanner/estimate.hpp"

#include <algorithm>
#include <cmath>

namespace parallax::scanner {
namespace {

/// As fraction(), by a multiplication: the last bit does not count here.
double share(Rate rate) noexcept { return static_cast<double>(rate.raw()) * 1e-9; }

/// The step below `value`, in 1e-9; false when the value is too near to a step to tell.
bool cut_off(double value, Rate& out) noexcept {
    constexpr double kNear = 1e-3;  // far above the error of the sums and of what amounts round
    const double below = std::floor(value);
    out = Rate::from_raw(static_cast<std::int64_t>(below));
    return value - below > kNear && value - below < 1.0 - kNear;
}

}  // namespace

/// Simultaneous or one by one, and what that costs on average.
RiskRates rates_of(const RiskView& risk, Rate net_rate) noexcept {
    const auto& [odds, lives, lives_longer, wait, riskiest] = risk;
    const double net = std::max(fraction(net_rate), 0.0);
    const double lone = odds.one * odds.unwind, lone_later = odds.sequential_cost(wait);
    const double together = lone + net * (1.0 - lives);
    const double apart = lone_later + net * (1.0 - lives_longer);
    const bool simultaneous = together <= apart;
    const double survives = odds.both * (simultaneous ? lives : lives_longer);
    return {simultaneous, to_rate(1.0 - survives), to_rate(simultaneous ? lone : lone_later)};
}

bool estimate_rates(std::span<const PricedLeg> legs, const RiskView& risk, Rate& net_rate,
                    Rate& expected_rate) noexcept {
    double bought = 0.0, paid = 0.0, sold = 0.0, earned = 0.0, costs = 0.0;
    for (const PricedLeg& leg : legs) {
        const auto base = static_cast<double>(leg.walk.base.raw());
        const double value = static_cast<double>(leg.walk.value.raw()) * share(leg.conversion);
        const bool buys = leg.leg.side == Side::Buy;
        (buys ? bought : sold) += base;
        (buys ? paid : earned) += value;
        costs += value * (share(leg.taker) + (buys ? share(leg.shadow) : -share(leg.shadow)));
    }
    constexpr double kLeastCapital = 1e15;  // 0.001 units
    constexpr double kMostRate = 2.0;
    const double net = (earned - paid * (sold / bought) - costs) / paid;
    if (!(paid > kLeastCapital) || !(std::abs(net) < kMostRate) || !cut_off(net * 1e9, net_rate))
        return false;
    const RiskRates rates = rates_of(risk, net_rate);
    const double expected = net - share(rates.latency) * std::max(net, 0.0) - share(rates.legging);
    return cut_off(expected * 1e9, expected_rate);
}

}  // namespace parallax::scanner
