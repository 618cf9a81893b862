#pragma once

#include <cstdint>

#include "core/time.hpp"

namespace parallax::sim_market {

/// Settings of the synthetic market. Rates are per simulated time.
struct Config {
    UnixNanos start =
        UnixNanos::from_millis(1'767'225'600'000);  ///< 2026-01-01 00:00 UTC; not a setting
    double intensity = 1.0;
    double volatility = 1.0;
    double activity = 1.0;
    double lag = 1.0;
    double gap_probability = 0.0;
    double duplicate_probability = 0.0;
    double crossed_probability = 0.0;
    double stalls_per_minute = 0.0;
    Nanos stall = Nanos::millis(3'000);

    template <class Visitor>
    void visit(Visitor& v) {
        v.field("intensity", intensity, "0", "100",
                "multiplies how often prices jump and venues fall out of line");
        v.field("volatility", volatility, "0", "100", "multiplies the volatility of all prices");
        v.field("activity", activity, "0.01", "100", "multiplies how often books change");
        v.field("lag", lag, "0", "3", "multiplies how long follower venues lag behind the leader");
        v.field("gap_probability", gap_probability, "0", "1", "fault: a depth message is lost");
        v.field("duplicate_probability", duplicate_probability, "0", "1",
                "fault: a depth message comes twice");
        v.field("crossed_probability", crossed_probability, "0", "1",
                "fault: a depth message leaves its book crossed");
        v.field("stalls_per_minute", stalls_per_minute, "0", "60", "fault: a market falls silent");
        v.field("stall_ms", stall, "1", "600000", "how long it stays silent");
    }
};

}  // namespace parallax::sim_market
