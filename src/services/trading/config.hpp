#pragma once

#include <cstdint>

#include "core/amount.hpp"
#include "core/time.hpp"

namespace parallax::trading {

/// Amounts are in value units: dollars, with dollar stablecoins at par.
struct Config {
    bool enabled = true;
    std::int64_t max_plans = 64;
    bool exclusive = true;
    std::int64_t leverage = 3;
    Nanos order_timeout = Nanos::seconds(2);
    Nanos query_interval = Nanos::seconds(1);
    Nanos residual_deadline = Nanos::millis(1'500);
    Nanos give_up = Nanos::seconds(10);
    Nanos retry_interval = Nanos::millis(100);
    std::int64_t max_hedges = 8;
    Rate hedge_slack = Rate::basis_points(5);
    Rate hedge_slack_cap = Rate::basis_points(100);
    Rate proxy_cost = Rate::basis_points(10);
    Rate conversion_cost = Rate::basis_points(2);
    Amount keep_band = Amount::units(10);
    Rate keep_cost = Rate::basis_points(5);
    bool chase = true;
    Nanos chase_time = Nanos::millis(300);
    Rate chase_fill_probability = Rate::from_raw(400'000'000);
    Rate risk_per_second = Rate::basis_points(2);

    template <class Visitor>
    void visit(Visitor& v) {
        v.field("enabled", enabled, "", "", "false: opportunities are refused with mode_shadow");
        v.field("max_plans", max_plans, "1", "64", "plans that may be open at once");
        v.field("exclusive", exclusive, "", "",
                "one open plan per instrument and side: a level is not hit twice before its book "
                "answers");
        v.field("leverage", leverage, "1", "125",
                "initial margin held for a derivative = value / leverage");
        v.field("order_timeout_ms", order_timeout, "10", "60000",
                "an order without an end this long is unknown");
        v.field("query_interval_ms", query_interval, "10", "60000",
                "time between queries of an unknown order");
        v.field("residual_deadline_ms", residual_deadline, "1", "60000",
                "from the first fill: then the rest is hedged whatever is still open");
        v.field("give_up_s", give_up, "1", "600",
                "from the first fill: then the rest is kept as inventory");
        v.field("retry_interval_ms", retry_interval, "1", "60000",
                "pause after a refused or empty hedge");
        v.field("max_hedges", max_hedges, "1", "16", "hedge rounds of one plan");
        v.field("hedge_slack_bp", hedge_slack, "0", "1000",
                "room of a hedge's limit behind the last level it needs; doubles with each round");
        v.field("hedge_slack_cap_bp", hedge_slack_cap, "0", "1000", "most room of a hedge's limit");
        v.field("proxy_cost_bp", proxy_cost, "0", "1000",
                "cost of a perpetual that must be unwound later");
        v.field("conversion_cost_bp", conversion_cost, "0", "1000",
                "cost of ending in another dollar");
        v.field("keep_band", keep_band, "0", "1000000",
                "a rest worth at most this may stay as inventory, dollars");
        v.field("keep_cost_bp", keep_cost, "0", "1000", "price of keeping it");
        v.field("chase", chase, "", "",
                "whether a missing leg may be waited for with a limit order");
        v.field("chase_time_ms", chase_time, "1", "10000", "how long such an order rests");
        v.field("chase_fill_probability_bp", chase_fill_probability, "0", "10000",
                "chance that it fills in that time");
        v.field("risk_per_second_bp", risk_per_second, "0", "1000",
                "price of carrying a rest for a second");
    }
};

}  // namespace parallax::trading
