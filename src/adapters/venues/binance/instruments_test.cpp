#include "adapters/venues/binance/instruments.hpp"

#include <gtest/gtest.h>

#include "adapters/venues/common/definitions.hpp"
#include "adapters/venues/common/test_support.hpp"
#include "testing/folders/folders.hpp"

namespace parallax::binance {
namespace {

namespace vc = venue_common;
const std::filesystem::path kData = recordings();

std::vector<InstrumentDefinition> recorded(Market market, const char* file) {
    const auto answers = vc::read_answers(kData / file);
    if (answers.empty()) return {};
    const auto definitions = parse_exchange_info(market, answers.front().body);
    EXPECT_TRUE(definitions);
    return definitions.value_or(std::vector<InstrumentDefinition>{});
}

TEST(ExchangeInfo, EveryRecordedListingFitsTheUniverse) {
    if (!std::filesystem::exists(kData / "binance_spot_2021-10-12"))
        GTEST_SKIP() << "no recording at " << kData;
    const auto spot = recorded(Market::BinanceSpot, "binance_spot_2021-10-12/BINANCE.0");
    const auto usdm = recorded(Market::BinanceUsdm, "binance_usdm_2021-07-22/BINANCE_FUTURES.0");
    const auto coinm =
        recorded(Market::BinanceCoinm, "binance_coinm_2021-07-22/BINANCE_DELIVERY.0");
    EXPECT_EQ(spot.size(), 1695U);
    EXPECT_EQ(usdm.size(), 122U);
    EXPECT_EQ(coinm.size(), 36U);
    Universe universe;
    for (const auto* list : {&spot, &usdm, &coinm}) {
        for (const InstrumentDefinition& d : *list) EXPECT_TRUE(universe.list(d)) << d.venue_symbol;
    }
    const Instrument& eth = universe.instrument(*universe.find(Market::BinanceSpot, "ETHBTC"));
    EXPECT_EQ(universe.price_text(eth.id, eth.tick), "0.000001");
    EXPECT_EQ(universe.venue_quantity(eth.id, eth.lot), "0.0001");
    EXPECT_EQ(universe.venue_quantity(eth.id, eth.max_market_quantity),
              "873.9072");  // cut to the lot
    EXPECT_EQ(eth.min_notional.text(), "0.0001");
    EXPECT_EQ(eth.max_open_orders, 200U);
    const Instrument& perp =
        universe.instrument(*universe.find(Market::BinanceCoinm, "BTCUSD_PERP"));
    EXPECT_EQ(perp.kind, InstrumentKind::InversePerpetual);
    EXPECT_EQ(perp.lot.raw(), 100);  // one contract of 100 USD
    const Instrument& dated =
        universe.instrument(*universe.find(Market::BinanceCoinm, "BNBUSD_211231"));
    EXPECT_EQ(universe.symbol_of(dated.id).name, "BNB/USD:BNB-211231");
    EXPECT_EQ(dated.expiry.millis(), 1640937600000);
}

TEST(ExchangeInfo, RulesOfEveryFilter) {
    const auto definitions = parse_exchange_info(
        Market::BinanceSpot,
        R"({"symbols":[{"symbol":"BTCUSDT","status":"CANCEL_ONLY","baseAsset":"BTC","quoteAsset":"USDT","quoteAssetPrecision":8,"filters":[{"filterType":"PRICE_FILTER","minPrice":"0.01","maxPrice":"1000000.00","tickSize":"0.01"},{"filterType":"LOT_SIZE","minQty":"0.00001","maxQty":"9000.0","stepSize":"0.00001"},{"filterType":"NOTIONAL","minNotional":"5.0","maxNotional":"9000000.0","applyMinToMarket":true},{"filterType":"PERCENT_PRICE_BY_SIDE","bidMultiplierUp":"1.2","bidMultiplierDown":"0.2","askMultiplierUp":"5","askMultiplierDown":"0.8","avgPriceMins":5},{"filterType":"MAX_NUM_ORDERS","maxNumOrders":200}]},{"symbol":"BROKEN"}]})");
    ASSERT_TRUE(definitions);
    ASSERT_EQ(definitions->size(), 1U);
    const InstrumentDefinition& d = definitions->front();
    EXPECT_EQ(d.status, InstrumentStatus::Halted);
    EXPECT_EQ(d.min_notional, "5.0");
    EXPECT_EQ(d.quote_decimals, 8);
    EXPECT_EQ(d.max_notional, "9000000.0");
    EXPECT_EQ(d.price_band_up, "0.2");
    EXPECT_EQ(d.price_band_down, "0.2");
    EXPECT_FALSE(parse_exchange_info(Market::BinanceSpot, "{}"));
    EXPECT_FALSE(parse_exchange_info(Market::BinanceSpot, "not json"));
}

TEST(ExchangeInfo, FuturesPayInTheDigitsOfTheirQuote) {
    const std::string_view body =
        R"({"symbols":[{"symbol":"BTCUSDT","contractType":"PERPETUAL","status":"TRADING",)"
        R"("baseAsset":"BTC","quoteAsset":"USDT","marginAsset":"USDT","quotePrecision":8,)"
        R"("filters":[]}]})";
    EXPECT_EQ(parse_exchange_info(Market::BinanceUsdm, body)->front().quote_decimals, 8);
    EXPECT_EQ(parse_exchange_info(Market::BinanceCoinm, body)->front().quote_decimals, 0);
}

TEST(Infer, NamesOfEveryMarket) {
    const auto name = [](Market market, const char* symbol) {
        return canonical_name(infer_definition(market, symbol, 2, 3));
    };
    EXPECT_EQ(name(Market::BinanceSpot, "BTCUSDT"), "BTC/USDT");
    EXPECT_EQ(name(Market::BinanceSpot, "BTCFDUSD"), "BTC/FDUSD");
    EXPECT_EQ(name(Market::BinanceSpot, "BLZETH"), "BLZ/ETH");
    EXPECT_EQ(name(Market::BinanceUsdm, "1000PEPEUSDT"), "1000PEPE/USDT:USDT");
    EXPECT_EQ(name(Market::BinanceUsdm, "BTCUSDT_210924"), "BTC/USDT:USDT-210924");
    EXPECT_EQ(name(Market::BinanceCoinm, "BTCUSD_PERP"), "BTC/USD:BTC");
    EXPECT_EQ(name(Market::BinanceCoinm, "ETHUSD_210924"), "ETH/USD:ETH-210924");
    EXPECT_EQ(infer_definition(Market::BinanceCoinm, "BTCUSD_PERP", 1, 0).contract_size, "100");
    EXPECT_EQ(infer_definition(Market::BinanceCoinm, "XRPUSD_PERP", 4, 0).contract_size, "10");
    EXPECT_EQ(infer_definition(Market::BinanceCoinm, "BTCUSD_211231", 1, 0).expiry.millis(),
              1640937600000);
}

TEST(Definitions, TextArithmeticIsExact) {
    EXPECT_EQ(vc::multiply("0.01", "1"), "0.01");
    EXPECT_EQ(vc::multiply("100", "0.001"), "0.1");
    EXPECT_EQ(vc::multiply("", "1"), "");
    EXPECT_EQ(vc::band_above("1.15"), "0.15");
    EXPECT_EQ(vc::band_below("0.85"), "0.15");
    EXPECT_EQ(vc::percent("2.5000"), "0.025");
    EXPECT_EQ(vc::cut_to_lot("873.90727776", "0.00010000"), "873.9072");
    EXPECT_EQ(vc::cut_to_lot("100.5", "1"), "100");
    EXPECT_EQ(vc::leverage("12.50"), 12);
    EXPECT_FALSE(vc::expiry_time("211331", 8));
}

}  // namespace
}  // namespace parallax::binance
