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
    Nanos query_interval_max = Nanos::seconds(60);
    std::int64_t max_queries = 6;
    Nanos residual_deadline = Nanos::millis(1'500);
    Nanos give_up = Nanos::seconds(10);
    Nanos retry_interval = Nanos::millis(100);
    std::int64_t max_hedges = 8;
    Rate hedge_slack = Rate::basis_points(5);
    Rate hedge_slack_cap = Rate::basis_points(100);
    Rate last_slack = Rate::basis_points(500);
    Rate proxy_cost = Rate::basis_points(10);
    Rate conversion_haircut = Rate::basis_points(2);
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
                "until the first query of an unknown order is repeated; doubles each time");
        v.field("query_interval_max_s", query_interval_max, "1", "3600",
                "longest time between such queries");
        v.field("max_queries", max_queries, "1", "32",
                "queries without an answer before the venue is reported to risk");
        v.field("residual_deadline_ms", residual_deadline, "1", "60000",
                "from the first fill: then the rest is hedged whatever is still open");
        v.field("give_up_s", give_up, "1", "600",
                "from the first fill: then one last hedge, with last_slack_bp of room");
        v.field("retry_interval_ms", retry_interval, "1", "60000",
                "pause after a refused or empty hedge");
        v.field("max_hedges", max_hedges, "1", "16", "hedge rounds of one plan");
        v.field("hedge_slack_bp", hedge_slack, "0", "1000",
                "room of a hedge's limit behind the last level it needs; doubles with each round");
        v.field("hedge_slack_cap_bp", hedge_slack_cap, "0", "1000", "most room of a hedge's limit");
        v.field("last_slack_bp", last_slack, "0", "1000",
                "room of the last hedge; risk's collar_hedge_bp bounds it");
        v.field("proxy_cost_bp", proxy_cost, "0", "1000",
                "cost of a perpetual that must be unwound later");
        v.field("conversion_haircut_bp", conversion_haircut, "1", "1000",
                "taken off the executable rate of a conversion a hedge makes necessary");
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
