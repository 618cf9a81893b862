#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/amount.hpp"
#include "core/market.hpp"
#include "core/time.hpp"

namespace parallax::paper {

/// One way of a message, as a median and a 99th percentile. Equal values make it constant.
struct Latency {
    Nanos median;
    Nanos p99;
};

/// The three ways of methods section 7: a venue's data to us, our order to it, its answer to us.
struct VenueLatency {
    Latency feed;
    Latency order;
    Latency response;
};

/// Settings of the paper venue. Defaults of the latencies are those of one host in Tokyo (methods,
/// geography): next door to Binance, 50 ms round trip to OKX in Hong Kong, 70 ms to Bybit in
/// Singapore.
struct Config {
    std::array<VenueLatency, kVenueCount> latency{{
        {{Nanos::micros(2'000), Nanos::micros(9'000)},
         {Nanos::micros(2'500), Nanos::micros(12'000)},
         {Nanos::micros(2'500), Nanos::micros(12'000)}},
        {{Nanos::micros(26'000), Nanos::micros(45'000)},
         {Nanos::micros(27'000), Nanos::micros(50'000)},
         {Nanos::micros(27'000), Nanos::micros(50'000)}},
        {{Nanos::micros(36'000), Nanos::micros(58'000)},
         {Nanos::micros(37'000), Nanos::micros(62'000)},
         {Nanos::micros(37'000), Nanos::micros(62'000)}},
    }};

    Nanos refill_half_life = Nanos::millis(500);
    double competitor_probability = 0.0;
    double competitor_size = 2.0;

    std::int64_t leverage = 3;
    std::string other_fee_asset = "BNB";
    Rate maintenance_margin = Rate::basis_points(50);
    Rate liquidation_fee = Rate::basis_points(50);
    std::string self_trade = "cancel_oldest";
    Nanos balance_interval = Nanos::seconds(10);

    Nanos answer_timeout = Nanos::millis(1'000);
    Nanos order_memory = Nanos::seconds(3'600);
    std::int64_t max_in_flight = 100'000;

    double reject_probability = 0.0;
    double timeout_accepted_probability = 0.0;
    double timeout_lost_probability = 0.0;
    double late_fill_probability = 0.0;
    double duplicate_probability = 0.0;
    double reorder_probability = 0.0;
    Nanos disorder_delay = Nanos::millis(200);

    template <class Visitor>
    void visit(Visitor& v) {
        static constexpr std::string_view kNames[kVenueCount][6] = {
            {"binance_feed_median_us", "binance_feed_p99_us", "binance_order_median_us",
             "binance_order_p99_us", "binance_response_median_us", "binance_response_p99_us"},
            {"okx_feed_median_us", "okx_feed_p99_us", "okx_order_median_us", "okx_order_p99_us",
             "okx_response_median_us", "okx_response_p99_us"},
            {"bybit_feed_median_us", "bybit_feed_p99_us", "bybit_order_median_us",
             "bybit_order_p99_us", "bybit_response_median_us", "bybit_response_p99_us"}};
        static constexpr std::string_view kHelp[6] = {
            "market data on its way to us, median",
            "market data on its way to us, 99th percentile",
            "an order on its way to the venue, median",
            "an order on its way to the venue, 99th percentile",
            "an answer on its way back, median",
            "an answer on its way back, 99th percentile"};
        for (std::size_t venue = 0; venue < kVenueCount; ++venue) {
            VenueLatency& l = latency[venue];
            Nanos* const fields[6] = {&l.feed.median, &l.feed.p99,        &l.order.median,
                                      &l.order.p99,   &l.response.median, &l.response.p99};
            for (std::size_t i = 0; i < 6; ++i)
                v.field(kNames[venue][i], *fields[i], "0", "60000000", kHelp[i]);
        }
        v.field("refill_half_life_ms", refill_half_life, "1", "3600000",
                "time in which half of what we took from a level has come back");
        v.field(
            "competitor_probability", competitor_probability, "0", "1",
            "chance that somebody else takes from the same levels just before an order of ours");
        v.field("competitor_size", competitor_size, "0", "100",
                "the most a competitor takes, as a multiple of our quantity");
        v.field("leverage", leverage, "1", "125",
                "of derivative positions; the instrument's maximum caps it");
        v.choice("other_fee_asset", other_fee_asset, "BNB|OKB|MNT",
                 "asset that pays fees where the fee schedule says Other");
        v.field("maintenance_margin_bp", maintenance_margin, "0", "1000",
                "of a position's value, where the instrument's rules do not say");
        v.field("liquidation_fee_bp", liquidation_fee, "0", "1000",
                "of the value of a position the venue closes");
        v.choice("self_trade", self_trade, "none|cancel_newest|cancel_oldest|cancel_both",
                 "what happens when two orders of ours would meet");
        v.field("balance_interval_s", balance_interval, "1", "86400",
                "time between two reports of what the wallets hold");
        v.field("answer_timeout_ms", answer_timeout, "1", "600000",
                "an order without an answer becomes Unknown");
        v.field("order_memory_s", order_memory, "1", "604800",
                "how long a finished order can be queried");
        v.field("max_in_flight", max_in_flight, "1", "10000000",
                "requests on their way before submit refuses");
        v.field("reject_probability", reject_probability, "0", "1",
                "fault: the venue refuses a good order");
        v.field("timeout_accepted_probability", timeout_accepted_probability, "0", "1",
                "fault: no answer, but the order is in");
        v.field("timeout_lost_probability", timeout_lost_probability, "0", "1",
                "fault: no answer, and the order never arrived");
        v.field("late_fill_probability", late_fill_probability, "0", "1",
                "fault: a fill is told after Done");
        v.field("duplicate_probability", duplicate_probability, "0", "1",
                "fault: an event comes twice");
        v.field("reorder_probability", reorder_probability, "0", "1",
                "fault: an event is overtaken by later ones");
        v.field(
            "disorder_delay_ms", disorder_delay, "1", "60000",
            "the most a late, duplicate or overtaken event is delayed by the three faults above");
    }
};

}  // namespace parallax::paper
