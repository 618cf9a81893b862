#include "app/live_config.hpp"

#include <gtest/gtest.h>

#include "adapters/venues/binance/instruments.hpp"
#include "adapters/venues/bybit/instruments.hpp"
#include "adapters/venues/okx/instruments.hpp"
#include "core/instrument.hpp"

namespace parallax::app {
namespace {

InstrumentDefinition infer(const VenueSymbol& name) {
    switch (venue_of(name.market)) {
        case Venue::Binance:
            return binance::infer_definition(name.market, name.symbol, 2, 2);
        case Venue::Okx:
            return okx::infer_definition(name.market, name.symbol, 2, 2);
        case Venue::Bybit:
            return bybit::infer_definition(name.market, name.symbol, 2, 2);
    }
    return {};
}

/// What the venues' parsers make of the names is the canonical name again.
TEST(LiveConfig, VenueSymbolsComeBackAsTheirCanonicalNames) {
    for (const std::string canonical : {"BTC/USDT", "ETH/BTC", "USDC/USDT", "1000PEPE/USDT:USDT",
                                        "BTC/USDT:USDT", "ETH/USDC:USDC", "BTC/USD:BTC"}) {
        const auto names = venue_symbols(canonical);
        ASSERT_EQ(names.size(), kVenueCount) << canonical;
        for (const VenueSymbol& name : names) {
            Universe universe;
            const auto listed = universe.list(infer(name));
            ASSERT_TRUE(listed) << name.symbol;
            EXPECT_EQ(universe.symbol_of(listed->id).name, canonical) << name.symbol;
        }
    }
}

TEST(LiveConfig, OtherNamesAreNobodys) {
    for (const char* name : {"", "BTC", "/USDT", "BTC/", "BTC/USDT:BTC", "BTC/USD:USD"})
        EXPECT_TRUE(venue_symbols(name).empty()) << name;
}

TEST(LiveConfig, AddressesComeFromTheEnvironmentUnlessGiven) {
    VenueConfig config;
    config.rest = "https://elsewhere:1";
    const auto filled = with_addresses(Venue::Okx, config);
    ASSERT_TRUE(filled);
    EXPECT_EQ(filled->rest, "https://elsewhere:1");
    EXPECT_EQ(filled->streams, "wss://ws.okx.com:8443");
    config.environment = "testnet";
    const auto refused = with_addresses(Venue::Okx, config);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().detail, "okx has no testnet; it has production, demo, and custom");
    VenueConfig binance;
    EXPECT_EQ(with_addresses(Venue::Binance, binance)->fix_orders, "tls://fix-oe.binance.com:9000");
    binance.environment = "testnet";
    EXPECT_EQ(with_addresses(Venue::Binance, binance)->fix_orders,
              "tls://fix-oe.testnet.binance.vision:9000");
    EXPECT_EQ(with_addresses(Venue::Binance, binance)->fix_streams,
              "tls://fix-md.testnet.binance.vision:9000");
    EXPECT_TRUE(filled->fix_orders.empty());
    EXPECT_TRUE(filled->fix_streams.empty());
    config.environment = "custom";
    EXPECT_TRUE(with_addresses(Venue::Okx, config)->streams.empty());
}

}  // namespace
}  // namespace parallax::app
