#include "adapters/venues/binance/parse.hpp"

#include "adapters/venues/binance/instruments.hpp"
#include "adapters/venues/common/parser_test_kit.hpp"
#include "testing/folders/folders.hpp"

namespace parallax::binance {
namespace {

using Content = ports::MarketFrame;
namespace vc = venue_common;
const UnixNanos kNow = vc::kTestNow;

/// One parser of a market that lists BTCUSDT (price 2 decimals, size 4) and BTCUSD_PERP (1,
/// contracts of 100 USD).
class Fixture : public vc::ParserFixture<Parser> {
public:
    explicit Fixture(Market market = Market::BinanceUsdm)
        : ParserFixture{
              market,
              {market == Market::BinanceCoinm ? infer_definition(market, "BTCUSD_PERP", 1, 0)
                                              : infer_definition(market, "BTCUSDT", 3, 4)}} {}
};

TEST(Parse, DepthOfUsdm) {
    Fixture f;
    ASSERT_TRUE(f.parse(
        R"({"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1571889248277,"T":1571889248276,"s":"BTCUSDT","U":390497796,"u":390497878,"pu":390497794,"b":[["7403.89","0.002"],["7403.90","0.000"]],"a":[["7405.96","3.340"]]}})"));
    ASSERT_TRUE(f.out.has(Content::kDepth));
    EXPECT_EQ(f.out.depth.kind, messages::DepthKind::Delta);
    EXPECT_EQ(f.out.depth.first_id, 390497796U);
    EXPECT_EQ(f.out.depth.last_id, 390497878U);
    EXPECT_EQ(f.out.depth.previous_id, 390497794);
    EXPECT_EQ(f.out.depth.stamp.venue_time.millis(), 1571889248276);
    EXPECT_EQ(f.out.depth.stamp.sent.millis(), 1571889248277);
    ASSERT_EQ(f.out.depth.bids.size(), 2U);
    EXPECT_EQ(f.out.depth.bids[0], (Level{Price::from_raw(7403890), Quantity::from_raw(20)}));
    EXPECT_TRUE(f.out.depth.bids[1].quantity.is_zero());
    EXPECT_EQ(f.out.depth.asks[0], (Level{Price::from_raw(7405960), Quantity::from_raw(33400)}));
}

TEST(Parse, FieldsOf2026DoNotDisturb) {
    Fixture f;
    const std::string old_form = f.text(
        R"({"e":"bookTicker","u":400900217,"s":"BTCUSDT","b":"25.35","B":"31.21","a":"25.36","A":"40.66","T":1568014460891,"E":1568014460893})");
    EXPECT_EQ(
        f.text(
             R"({"e":"bookTicker","u":400900217,"E":1568014460893,"T":1568014460891,"s":"BTCUSDT","ps":"BTCUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000","st":1})")
            .substr(0, 8),
        "contents");
    EXPECT_EQ(
        f.text(
            R"({"e":"bookTicker","u":400900217,"E":1568014460893,"T":1568014460891,"s":"BTCUSDT","ps":"BTCUSDT","b":"25.35000000","B":"31.21000000","a":"25.36000000","A":"40.66000000","st":1})"),
        old_form);
    EXPECT_NE(old_form.find(" quote "), std::string::npos);
}

TEST(Parse, SpotQuoteHasNoTimes) {
    Fixture f{Market::BinanceSpot};
    ASSERT_TRUE(f.parse(
        R"({"u":400900217,"s":"BTCUSDT","b":"25.35000000","B":"31.21000000","a":"0.00000000","A":"0.00000000"})"));
    ASSERT_TRUE(f.out.has(Content::kQuote));
    EXPECT_EQ(f.out.quote.update_id, 400900217U);
    EXPECT_FALSE(f.out.quote.stamp.venue_time.known());
    EXPECT_EQ(f.out.quote.stamp.received, kNow);
    EXPECT_TRUE(f.out.quote.ask.quantity.is_zero());
}

TEST(Parse, BuyerMakerMeansTheAggressorSold) {
    Fixture f;
    ASSERT_TRUE(f.parse(
        R"({"e":"aggTrade","E":123456789,"s":"BTCUSDT","a":5933014,"p":"0.001","q":"100","nq":"100","f":100,"l":105,"T":123456785,"m":true,"st":1})"));
    ASSERT_EQ(f.out.trades.size(), 1U);
    EXPECT_EQ(f.out.trades[0].aggressor, Side::Sell);
    EXPECT_EQ(f.out.trades[0].trade_id, 5933014U);
    EXPECT_EQ(f.out.trades[0].quantity.raw(), 1'000'000);
    ASSERT_TRUE(f.parse(
        R"({"e":"trade","E":123456789,"s":"BTCUSDT","t":7,"p":"0.001","q":"100","T":123456785,"m":false})"));
    EXPECT_EQ(f.out.trades[0].aggressor, Side::Buy);
}

TEST(Parse, CoinmContractsBecomeQuoteUnits) {
    Fixture f{Market::BinanceCoinm};
    ASSERT_TRUE(f.parse(
        R"({"u":1007198632021,"e":"bookTicker","s":"BTCUSD_PERP","ps":"BTCUSD","b":"61804.7","B":"35","a":"61804.8","A":"1645","T":1723161257465,"E":1723161257476})"));
    EXPECT_EQ(f.out.quote.bid.quantity.raw(), 3'500);
    EXPECT_EQ(f.out.quote.ask.quantity.raw(), 164'500);
}

TEST(Parse, RestSnapshotBelongsToTheDefaultSymbol) {
    Fixture f{Market::BinanceSpot};
    constexpr std::string_view kBody =
        R"({"lastUpdateId":160,"bids":[["0.002","10"]],"asks":[["0.003","100"]]})";
    EXPECT_EQ(f.parse(kBody), fail(Errc::Malformed));
    ASSERT_TRUE(f.parse(kBody, "BTCUSDT"));
    EXPECT_EQ(f.out.depth.kind, messages::DepthKind::Snapshot);
    EXPECT_EQ(f.out.depth.last_id, 160U);
    ASSERT_TRUE(f.parser().parse_snapshot(kBody, "BTCUSDT", kNow, f.out));
    EXPECT_EQ(f.parser().parse_snapshot(R"({"code":-1121,"msg":"Invalid symbol."})", "BTCUSDT",
                                        kNow, f.out),
              fail(Errc::Malformed));
    EXPECT_EQ(f.out.contents, Content::kNone);
}

TEST(Parse, PartialDepthIsAWholeBook) {
    Fixture spot{Market::BinanceSpot};
    ASSERT_TRUE(spot.parse(
        R"({"stream":"btcusdt@depth5@100ms","data":{"lastUpdateId":160,"bids":[["0.002","10"]],"asks":[]}})"));
    EXPECT_EQ(spot.out.depth.kind, messages::DepthKind::Snapshot);
    Fixture usdm;
    const std::string body =
        R"("data":{"e":"depthUpdate","E":1,"T":1,"s":"BTCUSDT","U":1,"u":2,"pu":0,"b":[],"a":[]}})";
    ASSERT_TRUE(usdm.parse(R"({"stream":"btcusdt@depth20@100ms",)" + body));
    EXPECT_EQ(usdm.out.depth.kind, messages::DepthKind::Snapshot);
    ASSERT_TRUE(usdm.parse(R"({"stream":"btcusdt@rpiDepth@500ms",)" + body));
    EXPECT_EQ(usdm.out.contents, Content::kNone);  // another book
}

TEST(Parse, UnknownSymbolSaysWhatItNeeds) {
    Fixture f;
    ASSERT_TRUE(f.parse(
        R"({"e":"depthUpdate","E":1,"T":1,"s":"ETHUSDT","U":1,"u":2,"pu":0,"b":[["1.2300","5"],["1.2345","0.0010"]],"a":[["2","7"]]})"));
    EXPECT_EQ(f.out.contents, Content::kUnknownInstrument);
    EXPECT_EQ(f.out.note, "ETHUSDT");
    EXPECT_EQ(f.out.price_decimals, 4);
    EXPECT_EQ(f.out.quantity_decimals, 3);
}

TEST(Parse, FinerDigitsGrowTheScaleOnce) {
    Fixture f;
    constexpr std::string_view kFrame =
        R"({"e":"trade","E":1,"s":"BTCUSDT","t":7,"p":"0.12345","q":"1.000001","T":1,"m":false})";
    ASSERT_TRUE(f.parse(kFrame));
    ASSERT_EQ(f.out.contents, Content::kFinerScale);
    EXPECT_EQ(f.out.price_decimals, 5);
    EXPECT_EQ(f.out.quantity_decimals, 6);
    ASSERT_TRUE(
        f.universe().refine(f.out.instrument, f.out.price_decimals, f.out.quantity_decimals));
    ASSERT_TRUE(f.parse(kFrame));
    EXPECT_EQ(f.out.trades[0].price.raw(), 12345);
    EXPECT_EQ(
        f.parse(
            R"({"e":"trade","E":1,"s":"BTCUSDT","t":7,"p":"99999999999999999","q":"1","T":1,"m":false})"),
        fail(Errc::Unrepresentable));
}

TEST(Parse, MarkPriceIsRoundedNotRefined) {
    Fixture f;
    ASSERT_TRUE(f.parse(
        R"({"e":"markPriceUpdate","E":1562305380000,"s":"BTCUSDT","p":"11794.15650000","i":"11784.62649091","P":"11784.25641265","r":"0.00038167","ap":"11794.15000000","T":1562306400000,"st":1})"));
    ASSERT_TRUE(f.out.has(Content::kMark));
    EXPECT_EQ(f.out.mark.mark.raw(), 11794157);
    EXPECT_EQ(f.out.mark.index.raw(), 11784626);
    EXPECT_EQ(f.out.mark.funding_rate.raw(), 381670);
    EXPECT_TRUE(f.out.mark.has_funding);
    EXPECT_EQ(f.out.mark.next_funding.millis(), 1562306400000);
}

TEST(Parse, TickerAndKline) {
    Fixture f;
    ASSERT_TRUE(f.parse(
        R"({"e":"24hrTicker","E":123456789,"s":"BTCUSDT","p":"0.0015","P":"250.00","w":"0.0018","c":"0.002","Q":"10","o":"0.0010","h":"0.003","l":"0.001","v":"10000","q":"18","O":0,"C":86400000,"F":0,"L":18150,"n":18151,"st":1})"));
    ASSERT_TRUE(f.out.has(Content::kTicker));
    EXPECT_EQ(f.out.ticker.last.raw(), 2);
    EXPECT_EQ(f.out.ticker.volume.raw(), 100'000'000);
    ASSERT_TRUE(f.parse(
        R"({"e":"kline","E":1638747660000,"s":"BTCUSDT","k":{"t":1638747660000,"T":1638747719999,"s":"BTCUSDT","i":"1m","f":100,"L":200,"o":"0.001","c":"0.002","h":"0.003","l":"0.001","v":"1000","n":100,"x":true,"q":"1.0000","V":"500","Q":"0.500","B":"123456"}})"));
    ASSERT_EQ(f.out.klines.size(), 1U);
    EXPECT_EQ(f.out.klines[0].interval, Nanos::seconds(60));
    EXPECT_TRUE(f.out.klines[0].closed);
    EXPECT_EQ(f.out.klines[0].close.raw(), 2);
}

TEST(Parse, ControlErrorsAndWhatWeDoNotFollow) {
    Fixture f;
    const auto contents = [&](std::string_view frame) {
        return f.parse(frame) ? static_cast<int>(f.out.contents) : -1;
    };
    EXPECT_EQ(contents(R"({"result":null,"id":1})"), Content::kControl);
    EXPECT_EQ(
        contents(R"({"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}})"),
        Content::kControl);
    EXPECT_EQ(f.out.note, "serverShutdown");
    EXPECT_EQ(contents(R"({"code":2,"msg":"Invalid request","id":3})"), Content::kError);
    EXPECT_EQ(f.out.note, "Invalid request");
    EXPECT_EQ(contents(R"({"error":{"code":3,"msg":"Invalid JSON"}})"), Content::kError);
    EXPECT_EQ(contents(R"({"e":"forceOrder","E":1568014460893,"o":{"s":"BTCUSDT"}})"),
              Content::kNone);
    EXPECT_EQ(contents(R"({"e":"contractInfo","E":1669356423908,"s":"IOTAUSDT"})"), Content::kNone);
    EXPECT_EQ(contents(R"([{"e":"24hrMiniTicker"}])"), Content::kNone);
    for (const char* bad :
         {"", "{", "17", "null", "{}x", R"({"e":"trade"})", R"({"e":"kline","s":"BTCUSDT"})"}) {
        EXPECT_EQ(contents(bad), -1) << bad;
    }
    EXPECT_EQ(f.out.contents, Content::kNone);
}

// --- the scanner and the full reader agree
// ----------------------------------------------------------------------

std::string random_message(vc::TestRandom& r) {
    const std::string tail = r.one_in(2) ? R"(,"st":1)" : "";
    switch (r.below(5)) {
        case 0:
            return fmt::format(
                R"({{"e":"depthUpdate","E":{},"T":{},"s":"BTCUSDT","U":{},"u":{},"pu":{},"b":{},"a":{}{}}})",
                r.millis(), r.millis(), r.below(1ULL << 50), r.below(1ULL << 50),
                r.below(1ULL << 50), vc::random_levels(r), vc::random_levels(r), tail);
        case 1:
            return fmt::format(R"({{"u":{},"s":"BTCUSDT","b":"{}","B":"{}","a":"{}","A":"{}"}})",
                               r.below(1ULL << 40), r.decimal(99'999, 3), r.decimal(999, 4),
                               r.decimal(99'999, 3), r.decimal(999, 4));
        case 2:
            return fmt::format(
                R"({{"e":"bookTicker","u":{},"s":"BTCUSDT","b":"{}","B":"{}","a":"{}","A":"{}","T":{},"E":{}{}}})",
                r.below(1ULL << 60), r.decimal(99'999, 3), r.decimal(999, 4), r.decimal(99'999, 3),
                r.decimal(999, 4), r.millis(), r.millis(), tail);
        case 3:
            return fmt::format(
                R"({{"e":"trade","E":{},"T":{},"s":"BTCUSDT","t":{},"p":"{}","q":"{}","X":"MARKET","m":{}{}}})",
                r.millis(), r.millis(), r.below(1ULL << 40), r.decimal(99'999, 3),
                r.decimal(999, 4), r.one_in(2), tail);
        default:
            return fmt::format(
                R"({{"e":"aggTrade","E":{},"s":"BTCUSDT","a":{},"p":"{}","q":"{}","f":1,"l":2,"T":{},"m":{},"M":true}})",
                r.millis(), r.below(1ULL << 40), r.decimal(99'999, 3), r.decimal(999, 4),
                r.millis(), r.one_in(2));
    }
}

std::string combined(const std::string& payload) {
    return R"({"stream":"btcusdt@depth@100ms","data":)" + payload + "}";
}

TEST(Agreement, AnyShapeOfAMessageGivesTheSameFrame) {
    Fixture f;
    vc::expect_agreement(f, [](vc::TestRandom& random) {
        const std::string message = random_message(random);
        return random.one_in(2) ? combined(message) : message;
    });
}

TEST(Malformed, NoTruncationIsTakenForTheWhole) {
    Fixture f;
    vc::expect_no_truncation_taken(
        f, [](vc::TestRandom& random) { return combined(random_message(random)); });
}

TEST(Fixtures, EveryMarketDataMessageIsRead) {
    const std::filesystem::path folder = recordings() / "fixtures" / "binance";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no fixtures at " << folder;
    std::size_t read = 0;
    std::size_t with_content = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.path().extension() != ".json") continue;
        const std::string text = vc::read_file(entry.path());
        const bool market_data =
            entry.path().string().find("market_data_json") != std::string::npos ||
            entry.path().filename().string().starts_with("ws_spot_t") ||
            entry.path().filename().string().starts_with("ws_spot_agg") ||
            entry.path().filename().string().starts_with("ws_futures_book") ||
            entry.path().filename().string().starts_with("ws_futures_depth") ||
            entry.path().filename().string().starts_with("ws_futures_ticker");
        Universe universe;
        Parser parser{Market::BinanceUsdm, universe};
        ports::MarketFrame out;
        const auto result = vc::parse_growing(
            universe, Market::BinanceUsdm, [&] { return parser.parse(text, kNow, out); },
            infer_definition, out);
        if (!market_data) continue;  // must not crash, no more
        EXPECT_TRUE(result) << entry.path();
        ++read;
        with_content += out.contents != Content::kNone ? 1 : 0;
    }
    EXPECT_EQ(read, 13U);
    EXPECT_EQ(with_content, read - 1);  // all but the liquidation
}

}  // namespace
}  // namespace parallax::binance
