#pragma once

#include <cstdint>

#include "core/amount.hpp"
#include "core/time.hpp"

namespace parallax::risk {

/// All limits of the gate. Amounts are in value units: dollars, with dollar stablecoins at par.
struct Config {
    // 3 order size
    Amount max_order_value = Amount::units(50'000);
    Amount max_plan_value = Amount::units(200'000);
    Rate max_volume_slack = Rate::basis_points(2'000);
    // 4 price collar
    Rate collar_own = Rate::basis_points(100);
    Rate collar_venues = Rate::basis_points(200);
    Rate collar_mark = Rate::basis_points(300);
    Rate collar_hedge = Rate::basis_points(1'000);
    // 5 balance
    std::int64_t leverage = 3;
    Rate min_liquidation_distance = Rate::basis_points(1'000);
    // 6 exposure
    Amount max_position = Amount::units(250'000);
    Amount max_asset_delta = Amount::units(250'000);
    Amount max_quote_group = Amount::units(2'000'000);
    Amount max_venue_gross = Amount::units(1'000'000);
    Amount max_total_gross = Amount::units(3'000'000);
    // 7 duplicates
    std::int64_t max_open_orders = 256;
    std::int64_t max_open_orders_instrument = 16;
    // 8 rates
    std::int64_t orders_per_second = 20;
    std::int64_t messages_per_second = 60;
    std::int64_t burst_seconds = 2;
    Rate hedge_reserve = Rate::from_raw(300'000'000);
    std::int64_t max_executions = 100'000;
    // 9 market data
    Nanos book_age_max = Nanos::millis(1'000);
    Nanos book_skew_max = Nanos::millis(1'000);
    Nanos hedge_book_age_max = Nanos::seconds(30);
    Nanos clock_bound = Nanos::seconds(2);
    // 10 profit, loss ladder, breakers
    Rate max_expected_rate = Rate::basis_points(500);
    Amount max_loss_trade = Amount::units(250);
    Amount max_loss_minute = Amount::units(500);
    Amount max_loss_hour = Amount::units(1'500);
    Amount max_loss_day = Amount::units(5'000);
    Amount max_drawdown = Amount::units(10'000);
    Amount max_legging_hour = Amount::units(1'000);
    Nanos cooldown = Nanos::seconds(60);
    Rate max_reject_rate = Rate::from_raw(500'000'000);
    std::int64_t min_reject_sample = 10;
    Nanos unknown_max = Nanos::seconds(2);
    Amount max_unreconciled;
    Rate min_fill_ratio = Rate::basis_points(1'000);
    Rate max_markout_loss = Rate::basis_points(20);
    Nanos markout_after = Nanos::millis(1'000);
    Rate max_peg_deviation = Rate::basis_points(50);
    Nanos peg_age_max = Nanos::seconds(2);
    // 11 hedges
    Amount max_hedge_value = Amount::units(250'000);
    Amount max_hedge_open = Amount::units(500'000);

    template <class Visitor>
    void visit(Visitor& v) {
        v.field("max_order_value", max_order_value, "1", "100000000",
                "largest value of one entry order, dollars");
        v.field("max_plan_value", max_plan_value, "1", "1000000000",
                "largest value of one step of a plan, dollars");
        v.field("max_volume_slack_bp", max_volume_slack, "0", "100000",
                "how far an order's volume at the reference price may pass max_order_value");
        v.field("collar_own_bp", collar_own, "1", "10000",
                "entry price against the mid of its own book");
        v.field("collar_venues_bp", collar_venues, "1", "10000",
                "entry price against the mids of other venues");
        v.field("collar_mark_bp", collar_mark, "1", "10000", "entry price against the mark price");
        v.field("collar_hedge_bp", collar_hedge, "1", "10000",
                "the same three for hedges, chases and reverts");
        v.field("leverage", leverage, "1", "125",
                "initial margin of a derivative = value / leverage");
        v.field("min_liquidation_distance_bp", min_liquidation_distance, "0", "10000",
                "1/leverage minus the maintenance margin must exceed this");
        v.field("max_position", max_position, "1", "1000000000",
                "largest position in one listing, dollars");
        v.field("max_asset_delta", max_asset_delta, "1", "1000000000",
                "largest net delta of one asset, open orders at worst, dollars");
        v.field("max_quote_group", max_quote_group, "1", "10000000000",
                "largest net flow into or out of one quote asset, dollars");
        v.field("max_venue_gross", max_venue_gross, "1", "10000000000",
                "positions and open orders at one venue");
        v.field("max_total_gross", max_total_gross, "1", "10000000000", "the same over all venues");
        v.field("max_open_orders", max_open_orders, "1", "512", "open orders, all together");
        v.field("max_open_orders_instrument", max_open_orders_instrument, "1", "512",
                "open orders at one listing");
        v.field("orders_per_second", orders_per_second, "1", "10000",
                "new orders a market takes from us");
        v.field("messages_per_second", messages_per_second, "1", "10000",
                "orders, cancels and queries together");
        v.field("burst_seconds", burst_seconds, "1", "60",
                "size of both buckets in seconds of their rate");
        v.field("hedge_reserve_bp", hedge_reserve, "3000", "9000",
                "part of the buckets entries may not touch");
        v.field("max_executions", max_executions, "1", "1000000000",
                "plans of one strategy until a person re-arms it");
        v.field("book_age_max_ms", book_age_max, "1", "60000", "entries need a younger book");
        v.field("book_skew_max_ms", book_skew_max, "1", "60000",
                "largest difference of the ages of two legs");
        v.field("hedge_book_age_max_ms", hedge_book_age_max, "1", "600000",
                "hedges need a younger book");
        v.field("clock_bound_ms", clock_bound, "1", "60000",
                "largest distance of a venue's clock from ours");
        v.field("max_expected_rate_bp", max_expected_rate, "1", "10000",
                "an edge above this is an error, not a gift");
        v.field("max_loss_trade", max_loss_trade, "0", "100000000",
                "one plan's loss that reduces its strategy");
        v.field("max_loss_minute", max_loss_minute, "0", "100000000",
                "a minute's loss that reduces everything");
        v.field("max_loss_hour", max_loss_hour, "0", "100000000", "an hour's loss that halts");
        v.field("max_loss_day", max_loss_day, "0", "100000000", "24 hours' loss that halts");
        v.field("max_drawdown", max_drawdown, "0", "100000000",
                "fall from the highest profit that kills");
        v.field("max_legging_hour", max_legging_hour, "0", "100000000",
                "an hour's legging loss that halts");
        v.field("cooldown_s", cooldown, "1", "86400",
                "how long a reducing state by loss or rejects lasts at least");
        v.field("max_reject_rate_bp", max_reject_rate, "1", "10000",
                "rejects per order of a minute, one venue");
        v.field("min_reject_sample", min_reject_sample, "1", "100000",
                "orders a minute before that rate counts");
        v.field("unknown_max_ms", unknown_max, "1", "600000",
                "an order without an answer this long reduces its venue");
        v.field("max_unreconciled", max_unreconciled, "0", "100000000",
                "unexplained differences at one venue beyond this halt it, dollars");
        v.field("min_fill_ratio_bp", min_fill_ratio, "0", "10000",
                "filled part of a strategy's last 50 plans below this reduces it; 0 = never");
        v.field("max_markout_loss_bp", max_markout_loss, "1", "10000",
                "mean move against a symbol's last 50 fills above this reduces it");
        v.field("markout_after_ms", markout_after, "1", "600000",
                "how long after a fill that move is measured");
        v.field("max_peg_deviation_bp", max_peg_deviation, "1", "10000",
                "a dollar asset further from the others trades only with itself");
        v.field("peg_age_max_ms", peg_age_max, "1", "600000",
                "so does one whose conversion book is silent this long");
        v.field("max_hedge_value", max_hedge_value, "1", "1000000000",
                "largest value of one hedge order, dollars");
        v.field("max_hedge_open", max_hedge_open, "1", "1000000000",
                "open hedge orders together, dollars");
    }
    /// Limits change while running, so they are state.
    template <class Archive>
    void describe(Archive& a) {
        Fields<Archive> fields{a};
        visit(fields);
    }

private:
    template <class Archive>
    struct Fields {
        Archive& archive;
        template <class T>
        void field(const char*, T& value, const char*, const char*, const char*) {
            archive(value);
        }
    };
};

}  // namespace parallax::risk
