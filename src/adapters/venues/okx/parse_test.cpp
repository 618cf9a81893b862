#include "adapters/venues/okx/parse.hpp"

#include "adapters/venues/common/parser_test_kit.hpp"
#include "adapters/venues/okx/instruments.hpp"
#include "testing/folders/folders.hpp"

namespace parallax::okx {
namespace {

using Content = ports::MarketFrame;
namespace vc = venue_common;
const UnixNanos kNow = vc::kTestNow;

/// Lists BTC-USDT (price 3 decimals, size 4) and BTC-USDT-SWAP (contracts of 0.01 BTC, lot 0.1
/// contracts).
class Fixture : public vc::ParserFixture<Parser> {
public:
    Fixture()
        : ParserFixture{Market::Okx, {infer_definition(Market::Okx, "BTC-USDT", 3, 4), swap()}} {}

private:
    static InstrumentDefinition swap() {
        InstrumentDefinition swap = infer_definition(Market::Okx, "BTC-USDT-SWAP", 1, 1);
        swap.contract_size = "0.01";
        return swap;
    }
};

TEST(Parse, BooksSnapshotAndUpdate) {
    Fixture f;
    ASSERT_TRUE(f.parse(
        R"({"arg":{"channel":"books","instId":"BTC-USDT"},"action":"snapshot","data":[{"asks":[["8476.98","415","0","13"],["8477","7","0","2"]],"bids":[["8476.97","256","0","12"]],"ts":"1597026383085","checksum":0,"prevSeqId":-1,"seqId":123456}]})"));
    ASSERT_TRUE(f.out.has(Content::kDepth));
    EXPECT_EQ(f.out.depth.kind, messages::DepthKind::Snapshot);
    EXPECT_EQ(f.out.depth.previous_id, -1);
    EXPECT_EQ(f.out.depth.last_id, 123456U);
    EXPECT_FALSE(f.out.depth.has_checksum);
    EXPECT_EQ(f.out.depth.stamp.venue_time.millis(), 1597026383085);
    ASSERT_EQ(f.out.depth.asks.size(), 2U);
    EXPECT_EQ(f.out.depth.asks[1], (Level{Price::from_raw(8477000), Quantity::from_raw(70000)}));
    EXPECT_EQ(f.out.depth.bids[0].price.raw(), 8476970);
    // The order of the two ids is not documented.
    ASSERT_TRUE(f.parse(
        R"({"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"asks":[],"bids":[],"ts":"1597026383085","checksum":-855196043,"seqId":5,"prevSeqId":9}]})"));
    EXPECT_EQ(f.out.depth.kind, messages::DepthKind::Delta);
    EXPECT_EQ(f.out.depth.previous_id, 9);
    EXPECT_EQ(f.out.depth.last_id, 5U);
    EXPECT_EQ(f.out.depth.checksum, -855196043);
    EXPECT_TRUE(f.out.depth.has_checksum);
}

TEST(Parse, SwapSizesAreContracts) {
    Fixture f;
    ASSERT_TRUE(f.parse(
        R"({"arg":{"channel":"bbo-tbt","instId":"BTC-USDT-SWAP"},"data":[{"asks":[["111.1","55.5","0","2"]],"bids":[],"ts":"1670324386802","seqId":363996337}]})"));
    ASSERT_TRUE(f.out.has(Content::kQuote));
    EXPECT_EQ(f.out.quote.ask.quantity.raw(), 555);  // 0.555 BTC in steps of 0.001
    EXPECT_TRUE(f.out.quote.bid.quantity.is_zero());
    EXPECT_EQ(f.out.quote.update_id, 363996337U);
}

TEST(Parse, Books5IsAWholeBook) {
    Fixture f;
    ASSERT_TRUE(f.parse(
        R"({"arg":{"channel":"books5","instId":"BTC-USDT"},"data":[{"asks":[["111.06","55154","0","2"]],"bids":[["111.05","57745","0","2"]],"instId":"BTC-USDT","ts":"1670324386802","seqId":363996337}]})"));
    ASSERT_TRUE(f.out.has(Content::kDepth));
    EXPECT_EQ(f.out.depth.kind, messages::DepthKind::Snapshot);
}

TEST(Parse, TradesOfBothChannels) {
    Fixture f;
    ASSERT_TRUE(f.parse(
        R"({"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"130639474","px":"42219.9","sz":"0.1206","side":"buy","ts":"1630048897897","count":"3","source":"0","seqId":1234},{"instId":"BTC-USDT","tradeId":"130639475","px":"42219.8","sz":"1","side":"sell","ts":"1630048897898","count":"1","source":"0","seqId":1234}]})"));
    ASSERT_EQ(f.out.trades.size(), 2U);
    EXPECT_EQ(f.out.trades[0].trade_id, 130639474U);
    EXPECT_EQ(f.out.trades[0].aggressor, Side::Buy);
    EXPECT_EQ(f.out.trades[1].aggressor, Side::Sell);
    EXPECT_EQ(f.out.trades[1].price.raw(), 42219800);
    ASSERT_TRUE(f.parse(
        R"({"arg":{"channel":"trades-all","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"130639474","px":"42219.9","sz":"0.12","side":"buy","source":"0","ts":"1630048897897"}]})"));
    EXPECT_EQ(f.out.trades.size(), 1U);
}

TEST(Parse, FundingMarkTickerCandle) {
    Fixture f;
    ASSERT_TRUE(f.parse(
        R"({"arg":{"channel":"funding-rate","instId":"BTC-USDT-SWAP"},"data":[{"fundingRate":"0.0001875391284828","fundingTime":"1700726400000","instId":"BTC-USDT-SWAP","instType":"SWAP","nextFundingRate":"","nextFundingTime":"1700755200000","ts":"1700724675402"}]})"));
    ASSERT_TRUE(f.out.has(Content::kMark));
    EXPECT_EQ(f.out.mark.funding_rate.raw(), 187539);
    EXPECT_EQ(f.out.mark.next_funding.millis(), 1700726400000);
    EXPECT_EQ(f.out.mark.funding_interval, Nanos::seconds(8 * 3600));
    ASSERT_TRUE(f.parse(
        R"({"arg":{"channel":"mark-price","instId":"BTC-USDT"},"data":[{"instType":"MARGIN","instId":"BTC-USDT","markPx":"42310.6006","ts":"1630049139746"}]})"));
    EXPECT_EQ(f.out.mark.mark.raw(), 42310601);
    EXPECT_FALSE(f.out.mark.has_funding);
    ASSERT_TRUE(f.parse(
        R"({"arg":{"channel":"tickers","instId":"BTC-USDT"},"data":[{"instType":"SPOT","instId":"BTC-USDT","last":"9999.99","lastSz":"0.1","askPx":"9999.99","askSz":"11","bidPx":"8888.88","bidSz":"5","open24h":"9000","high24h":"10000","low24h":"8888.88","volCcy24h":"2222","vol24h":"2222.56789","ts":"1597026383085"}]})"));
    ASSERT_TRUE(f.out.has(Content::kTicker));
    EXPECT_EQ(f.out.ticker.volume.raw(), 22225678);  // cut, not refined
    ASSERT_TRUE(f.parse(
        R"({"arg":{"channel":"candle1D","instId":"BTC-USDT"},"data":[["1629993600000","42500","48199.9","41006.1","41006.1","3587.4120","166741046.22583129","166741046.22583129","1"]]})"));
    ASSERT_EQ(f.out.klines.size(), 1U);
    EXPECT_TRUE(f.out.klines[0].closed);
    EXPECT_EQ(f.out.klines[0].interval, Nanos::seconds(86'400));
}

TEST(Parse, EventsAndWhatWeDoNotFollow) {
    Fixture f;
    const auto contents = [&](std::string_view frame) { return f.contents(frame); };
    EXPECT_EQ(contents("pong"), Content::kControl);
    EXPECT_EQ(
        contents(
            R"({"id":"1512","event":"subscribe","arg":{"channel":"books","instId":"BTC-USDT"},"connId":"a4d3ae55"})"),
        Content::kControl);
    EXPECT_EQ(
        contents(
            R"({"event":"notice","code":"64008","msg":"The connection will soon be closed","connId":"a4d3ae55"})"),
        Content::kControl);
    EXPECT_EQ(f.out.note, "The connection will soon be closed");
    EXPECT_EQ(
        contents(R"({"event":"error","code":"60012","msg":"Invalid request","connId":"a4d3ae55"})"),
        Content::kError);
    EXPECT_EQ(
        contents(
            R"({"event":"channel-conn-count-error","channel":"orders","connCount":"30","connId":"a4"})"),
        Content::kError);
    EXPECT_EQ(
        contents(
            R"({"arg":{"channel":"price-limit","instId":"X"},"data":[{"instId":"X","buyLmt":"200","sellLmt":"300","ts":"1","enabled":true}]})"),
        Content::kNone);
    for (
        const char* bad :
        {"", "ping", "{", "[]", R"({"arg":{"channel":"books","instId":"BTC-USDT"},"data":[]})",
         R"({"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"OTHER","tradeId":"1","px":"1","sz":"1","side":"buy","ts":"1"}]})"}) {
        EXPECT_EQ(contents(bad), -1) << bad;
    }
}

std::string random_message(vc::TestRandom& r) {
    constexpr std::string_view kTail = R"(,"0","3")";
    switch (r.below(3)) {
        case 0:
            return fmt::format(
                R"({{"arg":{{"channel":"books","instId":"BTC-USDT"}},"action":"{}","data":[{{"asks":{},"bids":{},"ts":"{}","checksum":{},"prevSeqId":{},"seqId":{}}}]}})",
                r.one_in(4) ? "snapshot" : "update", vc::random_levels(r, kTail),
                vc::random_levels(r, kTail), r.millis(), static_cast<std::int32_t>(r.next()),
                r.one_in(3) ? -1 : static_cast<std::int64_t>(r.below(1ULL << 50)),
                r.below(1ULL << 50));
        case 1:
            return fmt::format(
                R"({{"arg":{{"channel":"bbo-tbt","instId":"BTC-USDT"}},"data":[{{"asks":[["{}","{}","0","2"]],"bids":[["{}","{}","0","1"]],"ts":"{}","seqId":{}}}]}})",
                r.decimal(99'999, 3), r.decimal(999, 4), r.decimal(99'999, 3), r.decimal(999, 4),
                r.millis(), r.below(1ULL << 50));
        default:
            return fmt::format(
                R"({{"arg":{{"channel":"trades","instId":"BTC-USDT"}},"data":[{{"instId":"BTC-USDT","tradeId":"{}","px":"{}","sz":"{}","side":"{}","ts":"{}","count":"3","source":"0","seqId":12}},{{"instId":"BTC-USDT","tradeId":"{}","px":"{}","sz":"{}","side":"buy","ts":"{}"}}]}})",
                r.below(1ULL << 40), r.decimal(99'999, 3), r.decimal(999, 4),
                r.one_in(2) ? "buy" : "sell", r.millis(), r.below(1ULL << 40), r.decimal(99'999, 3),
                r.decimal(999, 4), r.millis());
    }
}

TEST(Agreement, AnyShapeOfAMessageGivesTheSameFrame) {
    Fixture f;
    vc::expect_agreement(f, random_message);
}

TEST(Malformed, NoTruncationIsTakenForTheWhole) {
    Fixture f;
    vc::expect_no_truncation_taken(f, random_message);
}

TEST(Fixtures, EveryPublicMessageIsRead) {
    const std::filesystem::path folder = recordings() / "fixtures" / "okx" / "unit";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no fixtures at " << folder;
    for (const char* name : {"ws_bbo_tbt", "ws_books_snapshot", "ws_books_update", "ws_candle",
                             "ws_funding_rate", "ws_tickers"}) {
        const std::string text = vc::read_file(folder / (std::string(name) + ".json"));
        Universe universe;
        Parser parser{Market::Okx, universe};
        ports::MarketFrame out;
        EXPECT_TRUE(vc::parse_growing(
            universe, Market::Okx, [&] { return parser.parse(text, kNow, out); }, infer_definition,
            out))
            << name;
        EXPECT_NE(out.contents, Content::kNone) << name;
    }
    for (const char* type :
         {"http_get_instruments_spot", "http_get_instruments_futures", "ws_instruments"}) {
        Universe universe;
        const auto definitions =
            parse_instruments(vc::read_file(folder / (std::string(type) + ".json")));
        ASSERT_TRUE(definitions) << type;
        EXPECT_FALSE(definitions->empty()) << type;
        for (const InstrumentDefinition& d : *definitions)
            EXPECT_TRUE(universe.list(d)) << d.venue_symbol;
    }
}

TEST(Snapshot, ARestBookIsNumberedLikeTheChannel) {
    Fixture f;
    ASSERT_TRUE(f.snapshot(
        R"({"code":"0","msg":"","data":[{"asks":[["41006.8","0.6003","0","1"]],"bids":[["41006.3","0.3017","0","2"]],"ts":"1629966436396","seqId":3235851742}]})",
        "BTC-USDT"));
    ASSERT_EQ(f.out.contents, Content::kDepth);
    EXPECT_EQ(f.out.depth.kind, messages::DepthKind::Snapshot);
    EXPECT_EQ(f.out.depth.last_id, 3235851742U);
    EXPECT_EQ(f.out.depth.stamp.venue_time.millis(), 1629966436396);
    EXPECT_EQ(f.out.depth.asks[0], (Level{Price::from_raw(41006800), Quantity::from_raw(6003)}));
    EXPECT_EQ(f.out.depth.bids[0], (Level{Price::from_raw(41006300), Quantity::from_raw(3017)}));
    ASSERT_TRUE(
        f.snapshot(R"({"code":"0","data":[{"bids":[],"asks":[["1.00001","1","0","1"]],"ts":"1"}]})",
                   "NEW-USDT"));
    EXPECT_EQ(f.out.contents, Content::kUnknownInstrument);
    EXPECT_EQ(f.out.price_decimals, 5);
}

TEST(Snapshot, WhatIsNoBookIsRefused) {
    Fixture f;
    EXPECT_EQ(f.snapshot(R"({"code":"51001","msg":"Instrument ID does not exist","data":[]})",
                         "BTC-USDT"),
              fail(Errc::Rejected));
    constexpr std::string_view kRow = R"({"asks":[],"bids":[["1","2","0","1"]],"ts":"1"})";
    const auto answer = [](std::string_view rows) {
        return R"({"code":"0","data":[)" + std::string(rows) + "]}";
    };
    EXPECT_TRUE(f.snapshot(answer(kRow), "BTC-USDT"));
    EXPECT_EQ(f.snapshot(answer(kRow), ""), fail(Errc::Malformed));
    for (const std::string& bad :
         {std::string{}, std::string{"{}"}, answer(""), answer("3"),
          answer(std::string(kRow) + "," + std::string(kRow)), answer(R"({"asks":[],"ts":"1"})"),
          answer(R"({"asks":[],"bids":[["1"]],"ts":"1"})"),
          answer(R"({"asks":[],"bids":[["-1","2","0","1"]],"ts":"1"})"),
          std::string{R"({"data":[{"asks":[],"bids":[],"ts":"1"}]})"}}) {
        EXPECT_EQ(f.snapshot(bad, "BTC-USDT"), fail(Errc::Malformed)) << bad;
        EXPECT_EQ(f.out.contents, Content::kNone);
    }
}

TEST(Instruments, APushNamesWhatChanged) {
    const auto pushed = parse_instruments(
        R"({"arg":{"channel":"instruments","instType":"SPOT"},"data":[{"instType":"SPOT","instId":"BTC-USDT","baseCcy":"BTC","quoteCcy":"USDT","tickSz":"0.1","lotSz":"0.00000001","minSz":"0.00001","maxLmtSz":"9999999999","maxLmtAmt":"1000000","maxMktSz":"","maxMktAmt":"1000000","state":"suspend","instIdCode":1000000000,"maxPxLmtPct":"0.15"}]})");
    ASSERT_TRUE(pushed);
    ASSERT_EQ(pushed->size(), 1U);
    EXPECT_EQ(pushed->front().venue_symbol, "BTC-USDT");
    EXPECT_EQ(pushed->front().status, InstrumentStatus::Halted);
    EXPECT_EQ(pushed->front().tick, "0.1");
    for (const char* bad :
         {R"({"arg":{"channel":"tickers","instId":"BTC-USDT"},"data":[]})",
          R"({"event":"subscribe","arg":{"channel":"instruments","instType":"SPOT"}})",
          R"({"code":"50011","msg":"Too Many Requests","data":[]})", "[]", ""}) {
        EXPECT_FALSE(parse_instruments(bad)) << bad;
    }
}

TEST(Instruments, RulesOf2026) {
    const auto definitions = parse_instruments(
        R"({"code":"0","msg":"","data":[{"instType":"SWAP","instId":"BTC-USDT-SWAP","uly":"BTC-USDT","instFamily":"BTC-USDT","settleCcy":"USDT","ctVal":"0.01","ctMult":"1","ctValCcy":"BTC","ctType":"linear","lever":"100","tickSz":"0.1","lotSz":"0.01","minSz":"0.01","maxLmtSz":"100000000","maxLmtAmt":"20000000","maxMktSz":"12000","state":"live","maxPxLmtPct":"0.15","instIdCode":10459},{"instType":"SWAP","instId":"NEW-USDT-SWAP","state":"preopen","listTime":"1573557408000"}]})");
    ASSERT_TRUE(definitions);
    ASSERT_EQ(definitions->size(), 1U);  // the announced one has no rules yet
    const InstrumentDefinition& d = definitions->front();
    EXPECT_EQ(d.contract_size, "0.01");
    EXPECT_EQ(d.venue_code, 10459);
    EXPECT_EQ(d.max_leverage, 100);
    EXPECT_EQ(d.price_band_up, "0.15");
    EXPECT_EQ(canonical_name(d), "BTC/USDT:USDT");
}

TEST(Infer, NamesDescribeThemselves) {
    EXPECT_EQ(canonical_name(infer_definition(Market::Okx, "BTC-USDT", 1, 8)), "BTC/USDT");
    EXPECT_EQ(canonical_name(infer_definition(Market::Okx, "BTC-USD-220527", 1, 0)),
              "BTC/USD:BTC-220527");
    const InstrumentDefinition uni = infer_definition(Market::Okx, "UNI-USD-SWAP", 3, 0);
    EXPECT_EQ(canonical_name(uni), "UNI/USD:UNI");
    EXPECT_EQ(uni.contract_size, "10");
    EXPECT_TRUE(uni.inferred);
    EXPECT_EQ(uni.tick, "0.001");
}

}  // namespace
}  // namespace parallax::okx
