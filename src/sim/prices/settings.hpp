#pragma once

#include "core/time.hpp"

namespace parallax::sim_prices {

/// How lively the latent prices are.
struct Settings {
    UnixNanos start = UnixNanos::from_millis(
        1'767'225'600'000);   ///< 2026-01-01 00:00 UTC; history before it is flat
    double intensity = 1.0;   ///< multiplies how often prices jump and venues fall out of line
    double volatility = 1.0;  ///< multiplies the volatility of all prices
};

}  // namespace parallax::sim_prices
