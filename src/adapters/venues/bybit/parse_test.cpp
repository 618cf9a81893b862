#include "adapters/venues/bybit/parse.hpp"

#include "adapters/venues/bybit/instruments.hpp"
#include "adapters/venues/bybit/scan.hpp"
#include "adapters/venues/common/parser_test_kit.hpp"
#include "testing/folders/folders.hpp"

namespace parallax::bybit {
namespace {

using Content = ports::MarketFrame;
namespace vc = venue_common;
const UnixNanos kNow = vc::kTestNow;

/// Lists BTCUSDT: price 3 decimals, size 4.
class Fixture : public vc::ParserFixture<Parser> {
public:
    explicit Fixture(Market market = Market::BybitLinear)
        : ParserFixture{market, {infer_definition(market, "BTCUSDT", 3, 4)}} {}
};

TEST(Parse, BookInBothHeaderOrders) {
    Fixture f;
    ASSERT_TRUE(f.parse(
        R"({"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1687940967466,"data":{"s":"BTCUSDT","b":[["30247.20","30.028"],["30240.00","0"]],"a":[["30248.70","0"]],"u":177400507,"seq":66544703342},"cts":1687940967464})"));
    ASSERT_TRUE(f.out.has(Content::kDepth));
    EXPECT_EQ(f.out.depth.kind, messages::DepthKind::Delta);
    EXPECT_EQ(f.out.depth.first_id, 177400507U);
    EXPECT_EQ(f.out.depth.last_id, 177400507U);
    EXPECT_EQ(f.out.depth.stamp.sent.millis(), 1687940967466);
    EXPECT_EQ(f.out.depth.stamp.venue_time.millis(), 1687940967464);
    EXPECT_EQ(f.out.depth.bids[0], (Level{Price::from_raw(30247200), Quantity::from_raw(300280)}));
    ASSERT_TRUE(f.parse(
        R"({"topic":"orderbook.200.BTCUSDT","ts":1687940967466,"type":"snapshot","data":{"s":"BTCUSDT","b":[],"a":[],"u":5,"seq":6}})"));
    EXPECT_EQ(f.out.depth.kind, messages::DepthKind::Snapshot);
}

TEST(Parse, UpdateOneIsARestart) {
    Fixture f;
    ASSERT_TRUE(f.parse(
        R"({"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1,"data":{"s":"BTCUSDT","b":[["1","1"]],"a":[],"u":1,"seq":6},"cts":1})"));
    EXPECT_EQ(f.out.depth.kind, messages::DepthKind::Snapshot);
}

std::string level1(const char* type, const char* bids, const char* asks) {
    return fmt::format(
        R"({{"topic":"orderbook.1.BTCUSDT","type":"{}","ts":1709891679000,"data":{{"s":"BTCUSDT","b":{},"a":{},"u":9,"seq":8}},"cts":7}})",
        type, bids, asks);
}

TEST(Parse, Level1KeepsTheSideThatDidNotChange) {
    Fixture f;
    ASSERT_TRUE(f.parse(level1("snapshot", R"([["27450.00","0.5"]])", R"([["27451.00","0.75"]])")));
    ASSERT_TRUE(f.out.has(Content::kQuote));
    EXPECT_EQ(f.out.quote.update_id, 0U);
    ASSERT_TRUE(f.parse(level1("delta", R"([["27450.00","0.4"]])", "[]")));
    EXPECT_EQ(f.out.quote.bid.quantity.raw(), 4000);
    EXPECT_EQ(f.out.quote.ask.price.raw(), 27451000);
    ASSERT_TRUE(
        f.universe().refine(f.out.quote.instrument, 5, 6));  // what is remembered grows along
    ASSERT_TRUE(f.parse(level1("delta", R"([["27450.00","0"],["27449.5","1"]])", "[]")));
    EXPECT_EQ(f.out.quote.bid, (Level{Price::from_raw(2744950000), Quantity::from_raw(1000000)}));
    EXPECT_EQ(f.out.quote.ask, (Level{Price::from_raw(2745100000), Quantity::from_raw(750000)}));
    ASSERT_TRUE(f.parse(level1("delta", "[]", R"([["27451.00","0"]])")));
    EXPECT_TRUE(f.out.quote.ask.quantity.is_zero());
}

TEST(Parse, TradesInAnyFieldOrder) {
    Fixture f;
    ASSERT_TRUE(f.parse(
        R"({"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false,"seq":1783284617},{"i":"2290000000068683542","T":1672304486866,"p":"16578.4","v":"1","S":"Sell","s":"BTCUSDT","BT":false,"RPI":true}]})"));
    ASSERT_EQ(f.out.trades.size(), 2U);
    EXPECT_EQ(f.out.trades[0].aggressor, Side::Buy);
    EXPECT_EQ(f.out.trades[0].stamp.venue_time.millis(), 1672304486865);
    EXPECT_EQ(f.out.trades[0].trade_id, trade_id("20f43950-d8dd-5b31-9112-a178eb6023af"));
    EXPECT_EQ(f.out.trades[1].trade_id, 2290000000068683542U);
    EXPECT_EQ(f.out.trades[1].aggressor, Side::Sell);
    EXPECT_NE(trade_id("20f43950-d8dd-5b31-9112-a178eb6023af"),
              trade_id("20f43950-d8dd-5b31-9112-a178eb6023ae"));
}

TEST(Parse, TickerDeltasAreCompletedFromMemory) {
    Fixture f;
    ASSERT_TRUE(f.parse(
        R"({"topic":"tickers.BTCUSDT","type":"snapshot","data":{"symbol":"BTCUSDT","lastPrice":"66666.60","markPrice":"66666.6004","indexPrice":"115418.19","volume24h":"73191.3870","fundingIntervalHour":"8","nextFundingTime":"1760342400000","fundingRate":"-0.005","bid1Price":"66666.60"},"cs":9532239429,"ts":1760325052630})"));
    EXPECT_TRUE(f.out.has(Content::kTicker));
    EXPECT_TRUE(f.out.has(Content::kMark));
    EXPECT_EQ(f.out.mark.mark.raw(), 66666600);
    ASSERT_TRUE(f.parse(
        R"({"topic":"tickers.BTCUSDT","type":"delta","data":{"symbol":"BTCUSDT","fundingRate":"0.0001"},"cs":9532239430,"ts":1760325052730})"));
    EXPECT_EQ(f.out.mark.mark.raw(), 66666600);
    EXPECT_EQ(f.out.mark.funding_rate.raw(), 100'000);
    EXPECT_EQ(f.out.mark.funding_interval, Nanos::seconds(8 * 3600));
    EXPECT_TRUE(f.out.mark.has_funding);
    EXPECT_EQ(f.out.ticker.last.raw(), 66666600);
}

TEST(Parse, SpotTickerHasNoMark) {
    Fixture f{Market::BybitSpot};
    ASSERT_TRUE(f.parse(
        R"({"topic":"tickers.BTCUSDT","ts":1673853746003,"type":"snapshot","cs":2588407389,"data":{"symbol":"BTCUSDT","lastPrice":"21109.77","highPrice24h":"21426.99","lowPrice24h":"20575","prevPrice24h":"20704.93","volume24h":"6780.866843","turnover24h":"141946527.22907118","price24hPcnt":"0.0196","usdIndexPrice":"21120.2400136"}})"));
    EXPECT_EQ(f.out.contents, Content::kTicker);
    EXPECT_EQ(f.out.ticker.volume.raw(), 67808668);
}

TEST(Parse, KlineAndControl) {
    Fixture f;
    ASSERT_TRUE(f.parse(
        R"({"topic":"kline.5.BTCUSDT","data":[{"start":1672324800000,"end":1672325099999,"interval":"5","open":"16649.5","close":"16677","high":"16677","low":"16608","volume":"2.081","turnover":"34666.4005","confirm":false,"timestamp":1672324988882}],"ts":1672324988882,"type":"snapshot"})"));
    ASSERT_EQ(f.out.klines.size(), 1U);
    EXPECT_EQ(f.out.klines[0].interval, Nanos::seconds(300));
    const auto contents = [&](std::string_view frame) { return f.contents(frame); };
    EXPECT_EQ(contents(R"({"success":true,"ret_msg":"pong","conn_id":"0970e817","op":"ping"})"),
              Content::kControl);
    EXPECT_EQ(
        contents(R"({"req_id":"test","op":"pong","args":["1675418560633"],"conn_id":"cfcb4"})"),
        Content::kControl);
    EXPECT_EQ(
        contents(
            R"({"success":false,"ret_msg":"Invalid topic: x","conn_id":"c","op":"subscribe"})"),
        Content::kError);
    EXPECT_EQ(f.out.note, "Invalid topic: x");
    EXPECT_EQ(
        contents(
            R"({"op":"auth","success":false,"retCode":10003,"retMsg":"Invalid apikey","connId":"x"})"),
        Content::kError);
    EXPECT_EQ(
        contents(
            R"({"topic":"priceLimit.BTCUSDT","data":{"symbol":"BTCUSDT","buyLmt":"114450.00","sellLmt":"103550.00"},"ts":1750059683782})"),
        Content::kNone);
    EXPECT_EQ(
        contents(
            R"({"topic":"orderbook.rpi.BTCUSDT","type":"snapshot","ts":1,"data":{"s":"BTCUSDT","b":[["1","2","3"]],"a":[],"u":1,"seq":6}})"),
        Content::kNone);
    for (
        const char* bad :
        {"", "{", "3", R"({"topic":"orderbook.50.BTCUSDT"})",
         R"({"topic":"tickers.BTCUSDT","data":{}})",
         R"({"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1,"data":{"s":"OTHER","b":[],"a":[],"u":2}})"}) {
        EXPECT_EQ(contents(bad), -1) << bad;
    }
}

TEST(Parse, V2SizesLoseTheirFloatNoise) {
    Fixture f;
    ASSERT_TRUE(f.parse(
        R"({"topic":"orderBookL2_25.BTCUSDT","type":"delta","data":{"delete":[{"price":"1054.30","symbol":"BTCUSDT","id":"10543000","side":"Buy"}],"update":[{"price":"1053.90","symbol":"BTCUSDT","id":"10539000","side":"Buy","size":69.299995}],"insert":[{"price":"1054.65","symbol":"BTCUSDT","id":"10546500","side":"Sell","size":5}]},"cross_seq":"864131802","timestamp_e6":"1618677786430132"})"));
    ASSERT_TRUE(f.out.has(Content::kDepth));
    ASSERT_EQ(f.out.depth.bids.size(), 2U);
    EXPECT_TRUE(f.out.depth.bids[0].quantity.is_zero());
    EXPECT_EQ(f.out.depth.bids[1].quantity.raw(), 693000);
    EXPECT_EQ(f.out.depth.stamp.sent.nanos(), 1618677786430132'000);
}

TEST(Parse, UnknownSymbolSaysWhatItNeeds) {
    Fixture f;
    ASSERT_TRUE(f.parse(
        R"({"topic":"orderbook.1.ETHUSDT","type":"snapshot","ts":1,"data":{"s":"ETHUSDT","b":[["1.2345","0.10"]],"a":[],"u":2,"seq":6},"cts":1})"));
    EXPECT_EQ(f.out.contents, Content::kUnknownInstrument);
    EXPECT_EQ(f.out.note, "ETHUSDT");
    EXPECT_EQ(f.out.price_decimals, 4);
    EXPECT_EQ(f.out.quantity_decimals, 1);
}

std::string random_message(vc::TestRandom& r) {
    if (r.one_in(3)) {
        return fmt::format(
            R"({{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":{},"data":[{{"T":{},"s":"BTCUSDT","S":"{}","v":"{}","p":"{}","L":"PlusTick","i":"{:x}-d8dd","BT":false,"seq":5}},{{"i":"{}","T":{},"p":"{}","v":"{}","S":"Buy","s":"BTCUSDT"}}]}})",
            r.millis(), r.millis(), r.one_in(2) ? "Buy" : "Sell", r.decimal(999, 4),
            r.decimal(99'999, 3), r.next(), r.below(1ULL << 60), r.millis(), r.decimal(99'999, 3),
            r.decimal(999, 4));
    }
    return fmt::format(
        R"({{"topic":"orderbook.{}.BTCUSDT","type":"{}","ts":{},"data":{{"s":"BTCUSDT","b":{},"a":{},"u":{},"seq":{}}},"cts":{}}})",
        r.one_in(3) ? 1 : 50, r.one_in(2) ? "snapshot" : "delta", r.millis(), vc::random_levels(r),
        vc::random_levels(r), r.below(5), r.below(1ULL << 50), r.millis());
}

TEST(Agreement, AnyShapeOfAMessageGivesTheSameFrame) {
    Fixture f;
    vc::expect_agreement(f, random_message);
}

TEST(Malformed, NoTruncationIsTakenForTheWhole) {
    Fixture f;
    vc::expect_no_truncation_taken(f, random_message);
}

TEST(Fixtures, MessagesAndInstrumentsAreRead) {
    const std::filesystem::path folder = recordings() / "fixtures" / "bybit" / "unit";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no fixtures at " << folder;
    for (const char* name : {"ws_orderbook_snapshot", "ws_orderbook_delta", "ws_ticker_linear",
                             "ws_subscription_ack", "ws_subscription_failure"}) {
        const std::string text = vc::read_file(folder / (std::string(name) + ".json"));
        Universe universe;
        Parser parser{Market::BybitLinear, universe};
        ports::MarketFrame out;
        EXPECT_TRUE(vc::parse_growing(
            universe, Market::BybitLinear, [&] { return parser.parse(text, kNow, out); },
            infer_definition, out))
            << name;
        EXPECT_NE(out.contents, Content::kNone) << name;
    }
    const auto list = [&](Market market, const char* name) {
        Universe universe;
        const auto definitions = parse_instruments(market, vc::read_file(folder / name));
        ASSERT_TRUE(definitions) << name;
        EXPECT_FALSE(definitions->empty()) << name;
        for (const InstrumentDefinition& d : *definitions)
            EXPECT_TRUE(universe.list(d)) << d.venue_symbol;
    };
    Fixture f;
    EXPECT_TRUE(f.snapshot(vc::read_file(folder / "http_get_orderbook.json"), "BTCUSDT"));
    EXPECT_EQ(f.out.depth.bids.size(), 3U);
    list(Market::BybitLinear, "http_get_instruments_linear.json");
    list(Market::BybitInverse, "http_get_instruments_inverse_symbol_type.json");
    list(Market::BybitSpot, "http_get_instruments_spot_xstocks.json");
}

TEST(Snapshot, ARestBookIsWhole) {
    Fixture f;
    ASSERT_TRUE(f.snapshot(
        R"({"retCode":0,"retMsg":"OK","result":{"s":"BTCUSDT","a":[["65557.7","16.6065"]],"b":[["65485.47","47.0818"]],"ts":1716863719031,"u":230704,"seq":1432604333,"cts":1716863718905},"retExtInfo":{},"time":1716863719382})",
        "BTCUSDT"));
    ASSERT_EQ(f.out.contents, Content::kDepth);
    EXPECT_EQ(f.out.depth.kind, messages::DepthKind::Snapshot);
    EXPECT_EQ(f.out.depth.last_id, 230704U);
    EXPECT_EQ(f.out.depth.stamp.sent.millis(), 1716863719031);
    EXPECT_EQ(f.out.depth.stamp.venue_time.millis(), 1716863718905);
    EXPECT_EQ(f.out.depth.asks[0], (Level{Price::from_raw(65557700), Quantity::from_raw(166065)}));
    EXPECT_EQ(f.out.depth.bids[0], (Level{Price::from_raw(65485470), Quantity::from_raw(470818)}));
}

TEST(Snapshot, WhatIsNoBookOfTheSymbolIsRefused) {
    Fixture f;
    EXPECT_EQ(
        f.snapshot(R"({"retCode":10001,"retMsg":"Not supported symbols","result":{}})", "BTCUSDT"),
        fail(Errc::Rejected));
    const auto answer = [](std::string_view symbol, std::string_view rest) {
        return R"({"retCode":0,"result":{"s":")" + std::string(symbol) + "\"," + std::string(rest) +
               "}}";
    };
    constexpr std::string_view kBook = R"("b":[["1","2"]],"a":[],"ts":1,"u":5)";
    EXPECT_TRUE(f.snapshot(answer("BTCUSDT", kBook), "BTCUSDT"));
    for (const std::string& bad :
         {std::string{}, std::string{"[]"}, answer("ETHUSDT", kBook),
          answer("BTCUSDT", R"("b":[["1","2"]],"a":[],"ts":1)"),
          answer("BTCUSDT", R"("b":[["1"]],"a":[],"ts":1,"u":5)"),
          answer("BTCUSDT", R"("a":[],"ts":1,"u":5)"),
          std::string{R"({"result":{"s":"BTCUSDT","b":[],"a":[],"ts":1,"u":5}})"}}) {
        EXPECT_EQ(f.snapshot(bad, "BTCUSDT"), fail(Errc::Malformed)) << bad;
        EXPECT_EQ(f.out.contents, Content::kNone);
    }
}

TEST(Instruments, APageSaysHowToAskForTheNext) {
    EXPECT_EQ(next_page(R"({"retCode":0,"result":{"list":[],"nextPageCursor":"first%3DBTC"}})"),
              "first%3DBTC");
    EXPECT_EQ(next_page(R"({"retCode":0,"result":{"list":[],"nextPageCursor":""}})"), "");
    EXPECT_EQ(next_page(R"({"retCode":0,"result":{"list":[]}})"), "");
    EXPECT_EQ(next_page("no JSON"), "");
}

TEST(Instruments, ARefusalIsNoEmptyList) {
    EXPECT_FALSE(
        parse_instruments(Market::BybitLinear,
                          R"({"retCode":10006,"retMsg":"Too many visits!","result":{"list":[]}})"));
}

TEST(Instruments, RulesOf2026) {
    const auto definitions = parse_instruments(
        Market::BybitLinear,
        R"({"retCode":0,"retMsg":"OK","result":{"category":"linear","list":[{"symbol":"BTCUSDT","contractType":"LinearPerpetual","status":"Trading","baseCoin":"BTC","quoteCoin":"USDT","settleCoin":"USDT","deliveryTime":"0","priceFilter":{"minPrice":"0.10","maxPrice":"1999999.80","tickSize":"0.10"},"lotSizeFilter":{"maxOrderQty":"1190.000","minOrderQty":"0.001","qtyStep":"0.001","postOnlyMaxOrderQty":"1190.000","maxMktOrderQty":"500.000","minNotionalValue":"5"},"leverageFilter":{"maxLeverage":"100.00"},"fundingInterval":480,"upperFundingRate":"0.005","riskParameters":{"priceLimitRatioX":"0.01","priceLimitRatioY":"0.02"}}]}})");
    ASSERT_TRUE(definitions);
    ASSERT_EQ(definitions->size(), 1U);
    const InstrumentDefinition& d = definitions->front();
    EXPECT_EQ(d.funding_interval, Nanos::seconds(8 * 3600));
    EXPECT_EQ(d.min_notional, "5");
    EXPECT_EQ(d.max_market_quantity, "500.000");
    EXPECT_EQ(d.max_leverage, 100);
    EXPECT_EQ(d.price_band_up, "0.01");
    EXPECT_EQ(d.funding_cap, "0.005");
}

TEST(Infer, NamesOfEveryKind) {
    const auto name = [](Market market, const char* symbol) {
        return canonical_name(infer_definition(market, symbol, 2, 3));
    };
    EXPECT_EQ(name(Market::BybitSpot, "1000PEPEUSDT"), "1000PEPE/USDT");
    EXPECT_EQ(name(Market::BybitLinear, "BTCUSDT"), "BTC/USDT:USDT");
    EXPECT_EQ(name(Market::BybitLinear, "BTCPERP"), "BTC/USDC:USDC");
    EXPECT_EQ(name(Market::BybitLinear, "BTC-26DEC25"), "BTC/USDC:USDC-251226");
    EXPECT_EQ(name(Market::BybitLinear, "BTCUSDT-26DEC25"), "BTC/USDT:USDT-251226");
    EXPECT_EQ(name(Market::BybitInverse, "BTCUSD"), "BTC/USD:BTC");
    EXPECT_EQ(name(Market::BybitInverse, "BTCUSDZ25"), "BTC/USD:BTC-251226");
}

}  // namespace
}  // namespace parallax::bybit
