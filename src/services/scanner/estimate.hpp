#pragma once

#include <cstdint>
#include <span>

#include "services/scanner/estimators.hpp"
#include "services/scanner/waterfall.hpp"

// Rates without money. Rates are cut off at 1e-9 of the capital, and doubles are a million times
// finer: unless a rate lies next to such a step, they tell it to the last digit. By the rates alone
// most looks end: a gap refused as before, no news, no new peak.

namespace parallax::scanner {

/// What the price of a draft's risk is made of.
struct RiskView {
    LegOdds odds;
    double lives = 1.0;         ///< until the slowest leg has arrived
    double lives_longer = 1.0;  ///< until the legs have arrived one after the other
    double wait = 0.0;          ///< adverse move while the last legs wait, fraction of value
    std::uint8_t riskiest = 0;  ///< leg
};
/// And the price, for one net edge.
struct RiskRates {
    bool simultaneous = true;  ///< the cheaper way to send the legs
    Rate latency;              ///< of the gain
    Rate legging;              ///< of the capital
};

[[nodiscard]] RiskRates rates_of(const RiskView& risk, Rate net_rate) noexcept;

/// The net and the expected rate of legs that are walked, not priced, as pair_waterfall() without
/// funding and expect() without impact will give them; false when only money can tell. The sums are
/// of at most eight legs and a few parts of the capital each: doubles err by less than 1e-14 of it,
/// the rounding of amounts adds some fifty steps of 1e-18 units.
[[nodiscard]] bool estimate_rates(std::span<const PricedLeg> legs, const RiskView& risk, Rate& net,
                                  Rate& expected) noexcept;

}  // namespace parallax::scanner
