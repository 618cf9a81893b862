#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "runtime/random.hpp"
#include "sim/engine/venue.hpp"

namespace parallax::sim_engine::testing {

inline InstrumentDefinition definition(Market market, const char* symbol, const char* base,
                                       const char* quote, bool perpetual) {
    InstrumentDefinition d;
    d.market = market;
    d.kind = perpetual ? InstrumentKind::LinearPerpetual : InstrumentKind::Spot;
    d.venue_symbol = symbol;
    d.base = base;
    d.quote = d.settle = quote;
    d.tick = "0.1";
    d.lot = "0.001";
    d.min_quantity = "0.001";
    d.max_quantity = "1000";
    d.max_market_quantity = "500";
    d.min_price = "0.5";
    d.max_price = "100000";
    d.min_notional = "5";
    d.max_notional = "2000000";
    d.price_band_up = d.price_band_down = "0.5";
    d.max_open_orders = 100;
    if (perpetual) {
        d.funding_interval = Nanos::seconds(8 * 3'600);
        d.funding_cap = "0.003";
        d.maintenance_margin = "0.01";
        d.max_leverage = 50;
    }
    return d;
}

/// One venue with a spot pair and a perpetual of it, some accounts with 1,000,000 USDT and 1,000
/// BTC, and short ways to say things. Prices in units, quantities in thousandths.
struct World {
    SimVenue venue;
    ListingId spot, perpetual;
    AssetId btc, usdt;
    std::vector<AccountId> accounts;
    UnixNanos now = UnixNanos::from_millis(1'767'225'600'000);

    explicit World(Venue which = Venue::Binance, const char* fees = "zero", std::size_t count = 4)
        : venue{settings(which)} {
        const Market spot_market = which == Venue::Binance ? Market::BinanceSpot
                                   : which == Venue::Okx   ? Market::Okx
                                                           : Market::BybitSpot;
        const Market perpetual_market = which == Venue::Binance ? Market::BinanceUsdm
                                        : which == Venue::Okx   ? Market::Okx
                                                                : Market::BybitLinear;
        spot = *venue.list(definition(spot_market, "BTCUSDT", "BTC", "USDT", false));
        perpetual = *venue.list(definition(perpetual_market, "BTCPERP", "BTC", "USDT", true));
        btc = *venue.find_asset("BTC");
        usdt = *venue.find_asset("USDT");
        for (std::size_t i = 0; i < count; ++i) {
            AccountSettings s;
            s.name = "trader " + std::to_string(i);
            s.fees = *FeeSchedule::named(fees);
            accounts.push_back(venue.open_account(s));
            for (const Wallet wallet : wallets()) {
                venue.grant(accounts[i], wallet, usdt, Amount::units(1'000'000));
                venue.grant(accounts[i], wallet, btc, Amount::units(1'000));
            }
        }
    }
    static VenueSettings settings(Venue which) {
        VenueSettings s;
        s.venue = which;
        if (which == Venue::Binance) s.discount_asset = "BNB";
        return s;
    }
    [[nodiscard]] std::vector<Wallet> wallets() const {
        if (venue.settings().venue == Venue::Binance) return {Wallet::Trading, Wallet::Derivatives};
        return {Wallet::Trading};
    }
    [[nodiscard]] Wallet margin_wallet() const { return wallets().back(); }

    [[nodiscard]] Price price(double units) const {
        return Price::from_raw(static_cast<std::int64_t>(units * 1'000 + 0.5));
    }
    [[nodiscard]] Quantity quantity(std::int64_t thousandths) const {
        return Quantity::from_raw(thousandths * 100);
    }
    [[nodiscard]] NewOrder limit(std::size_t account, Side side, double at,
                                 std::int64_t thousandths) const {
        NewOrder o;
        o.account = accounts[account];
        o.listing = spot;
        o.side = side;
        o.price = price(at);
        o.quantity = quantity(thousandths);
        return o;
    }
    [[nodiscard]] NewOrder on_perpetual(NewOrder o) const {
        o.listing = perpetual;
        return o;
    }
    [[nodiscard]] NewOrder market(std::size_t account, Side side, std::int64_t thousandths) const {
        NewOrder o = limit(account, side, 0, thousandths);
        o.type = OrderType::Market;
        return o;
    }
    OrderId place(const NewOrder& order) {
        const auto placed = venue.place(order, now);
        EXPECT_TRUE(placed.has_value()) << to_string(placed.error());
        return placed.value_or(OrderId{});
    }
    Reject refused(const NewOrder& order) {
        const auto placed = venue.place(order, now);
        return placed ? Reject::None : placed.error();
    }
    [[nodiscard]] const Order& order(OrderId id) const { return *venue.order(id); }
    template <class Body>
    [[nodiscard]] std::vector<Body> told() const {
        std::vector<Body> out;
        const auto collect = [&](const auto& events) {
            for (const auto& event : events) {
                std::visit(
                    [&](const auto& body) {
                        if constexpr (std::is_same_v<std::decay_t<decltype(body)>, Body>)
                            out.push_back(body);
                    },
                    event.body);
            }
        };
        collect(venue.public_events());
        collect(venue.private_events());
        return out;
    }
    [[nodiscard]] Amount total(std::size_t account, Wallet wallet, AssetId asset) const {
        return venue.balance(accounts[account], wallet, asset).total;
    }
};

}  // namespace parallax::sim_engine::testing
