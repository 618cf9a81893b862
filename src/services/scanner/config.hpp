#pragma once

#include <cstdint>

#include "core/amount.hpp"
#include "core/market.hpp"
#include "core/settings.hpp"
#include "core/time.hpp"
#include "services/scanner/inventory_weights.hpp"

namespace parallax::scanner {

/// Settings of the scanner; section `scanner`. Thresholds that depend on the route are derived, not
/// set here: see estimators.hpp.
struct Config {
    // What to look for.
    bool cross_venue = true;
    bool stablecoin_pairs = true;
    bool triangles = true;
    bool cross_venue_cycles = true;
    bool four_leg_cycles = false;
    bool spot_perp = true;
    bool perp_perp = true;
    bool dated_basis = true;
    bool shadow = false;

    // What to signal.
    Rate min_edge = Rate::basis_points(1);
    Rate max_edge = Rate::basis_points(500);
    Rate message_cost = Rate::from_raw(5'000);
    Rate report_step = Rate::basis_points(1);
    Nanos report_interval = Nanos::seconds(1);
    Nanos ttl = Nanos::millis(250);
    Nanos cooldown = Nanos::seconds(2);
    std::int64_t max_levels = 50;
    Amount max_value = Amount::units(50'000);
    bool unlimited_balances = false;

    // What to trust.
    Nanos quote_age_spot = Nanos::millis(150);
    Nanos quote_age_derivative = Nanos::millis(50);
    Nanos quote_age_basis = Nanos::seconds(1);
    Nanos skew_max = Nanos::millis(100);
    Nanos conflation_spot = Nanos::millis(20);
    Nanos conflation_derivative = Nanos::millis(10);
    Nanos latency_binance = Nanos::millis(5);
    Nanos latency_okx = Nanos::millis(25);
    Nanos latency_bybit = Nanos::millis(35);

    // Conversion between quote assets.
    Rate haircut_min = Rate::basis_points(1);
    Rate breaker = Rate::basis_points(50);
    Nanos conversion_age = Nanos::seconds(2);
    Amount conversion_size = Amount::units(10'000);
    bool usd_at_par = true;

    // Inventory.
    double inventory_band = 0.5;
    Rate inventory_cost = Rate::basis_points(2);
    InventoryWeights inventory_weights;

    // Basis and funding.
    Nanos basis_interval = Nanos::seconds(1);
    std::int64_t hold_hours = 24;
    Rate capital_rate = Rate::basis_points(500);
    Amount basis_value = Amount::units(10'000);
    double basis_risk_z = 0.5;
    std::int64_t max_hold_hours = 168;

    // Estimators.
    double fill_prior_hits = 19.0;
    double fill_prior_misses = 1.0;
    double fill_forgetting = 0.99;
    Rate unwind_prior = Rate::basis_points(8);
    double impact_factor = 1.0;

    [[nodiscard]] Nanos latency(Venue venue) const noexcept {
        return venue == Venue::Binance ? latency_binance
               : venue == Venue::Okx   ? latency_okx
                                       : latency_bybit;
    }

    template <class Visitor>
    void visit(Visitor& v) {
        v.field("cross_venue", cross_venue, "", "", "compare one spot symbol over venues");
        v.field("stablecoin_pairs", stablecoin_pairs, "", "",
                "also compare BTC/USDT with BTC/USDC and the like");
        v.field("triangles", triangles, "", "", "cycles of three markets");
        v.field("cross_venue_cycles", cross_venue_cycles, "", "",
                "cycles may change venue, against inventory");
        v.field("four_leg_cycles", four_leg_cycles, "", "",
                "cycles of four markets: four taker fees");
        v.field("spot_perp", spot_perp, "", "", "basis and funding of spot against perpetuals");
        v.field("perp_perp", perp_perp, "", "", "the same between two perpetuals");
        v.field("dated_basis", dated_basis, "", "", "the same against dated futures");
        v.field("shadow", shadow, "", "", "scan only: what would be signalled gets mode_shadow");
        v.field("min_edge_bp", min_edge, "0", "1000",
                "least expected edge to signal, on the capital bought");
        v.field("max_edge_bp", max_edge, "1", "100000",
                "a larger net edge is taken for an error of the data");
        v.field("message_cost_bp", message_cost, "0", "10",
                "shadow price of the rate tokens of one attempt");
        v.field("report_step_bp", report_step, "0", "1000",
                "a refused gap is reported again when it grew by this");
        v.field("report_interval_ms", report_interval, "0", "3600000",
                "and at most this often when it came anew");
        v.field("ttl_ms", ttl, "1", "60000", "time to live of a signal");
        v.field("cooldown_ms", cooldown, "0", "3600000",
                "rest of a route after a plan that failed");
        v.field("max_levels", max_levels, "1", "200", "levels of each book that are walked");
        v.field("max_value", max_value, "0", "1000000000",
                "largest bought value of one opportunity, in its value asset");
        v.field("unlimited_balances", unlimited_balances, "", "",
                "an unknown balance does not limit the size");
        v.field("quote_age_spot_ms", quote_age_spot, "1", "600000",
                "an older spot book is not traded on");
        v.field("quote_age_derivative_ms", quote_age_derivative, "1", "600000",
                "the same for derivatives");
        v.field("quote_age_basis_ms", quote_age_basis, "1", "600000",
                "age and skew allowed to basis pairs, which last");
        v.field("skew_max_ms", skew_max, "1", "600000",
                "largest difference of the ages of two legs");
        v.field("conflation_spot_ms", conflation_spot, "0", "1000",
                "interval at which spot feeds are conflated");
        v.field("conflation_derivative_ms", conflation_derivative, "0", "1000",
                "the same for derivatives");
        v.field("latency_binance_ms", latency_binance, "0", "10000",
                "decision to matching engine, Binance");
        v.field("latency_okx_ms", latency_okx, "0", "10000", "decision to matching engine, OKX");
        v.field("latency_bybit_ms", latency_bybit, "0", "10000",
                "decision to matching engine, Bybit");
        v.field("haircut_min_bp", haircut_min, "0", "1000",
                "least haircut on a conversion between quote assets");
        v.field("breaker_bp", breaker, "1", "10000",
                "a stablecoin further from par is not converted");
        v.field("conversion_age_ms", conversion_age, "1", "600000",
                "an older conversion rate is not used");
        v.field("conversion_size", conversion_size, "0", "1000000000",
                "the conversion book is walked to this size");
        v.field("usd_at_par", usd_at_par, "", "",
                "the USD of coin-margined contracts counts as a stablecoin at par");
        v.field("inventory_band", inventory_band, "0.01", "10",
                "distance from target, of target, at full shadow price");
        v.field("inventory_cost_bp", inventory_cost, "0", "1000",
                "cost of moving inventory: largest shadow price");
        v.field(
            "inventory_weights", inventory_weights, "", "",
            "target shares by wallet and asset, e.g. 'binance.spot BTC 3, okx * 2'; 1 if unnamed");
        v.field("basis_interval_ms", basis_interval, "100", "3600000",
                "how often basis pairs are looked at");
        v.field("hold_hours", hold_hours, "1", "8760", "planned holding time of a basis position");
        v.field("max_hold_hours", max_hold_hours, "1", "87600",
                "a basis position older than this is closed at any price");
        v.field("capital_rate_bp", capital_rate, "0", "100000", "cost of capital a year");
        v.field("basis_value", basis_value, "0", "1000000000",
                "largest value of one basis position");
        v.field("basis_risk_z", basis_risk_z, "0", "10",
                "standard deviations of the basis charged between perpetuals");
        v.field("fill_prior_hits", fill_prior_hits, "0.1", "10000",
                "prior of the fill ratio: hits");
        v.field("fill_prior_misses", fill_prior_misses, "0.1", "10000",
                "prior of the fill ratio: misses");
        v.field("fill_forgetting", fill_forgetting, "0.5", "1",
                "weight of the past at each attempt");
        v.field("unwind_prior_bp", unwind_prior, "0", "1000",
                "unwind cost of a lone leg before any was seen");
        v.field("impact_factor", impact_factor, "0", "10",
                "Y of the square-root impact of repeated flow");
    }
};

}  // namespace parallax::scanner
