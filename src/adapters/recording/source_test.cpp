#include "adapters/recording/source.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "adapters/recording/test_support.hpp"
#include "testing/folders/folders.hpp"

namespace parallax::recording {
namespace {

namespace fs = std::filesystem;
using ports::FrameKind;

constexpr std::string_view kSpotDepth =
    R"({"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":1,"u":2,"b":[],"a":[]}})";
constexpr std::string_view kUsdmDepth =
    R"({"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1,"T":1,"s":"BTCUSDT","U":1,"u":2,"pu":0,"b":[]}})";
constexpr std::string_view kOkxBook =
    R"({"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"asks":[],"bids":[],"ts":"1"}]})";

std::string timed(std::int64_t nanos, std::string_view json) {
    return std::to_string(1'700'000'000'000'000'000 + nanos) + " " + std::string{json} + "\n";
}

Result<std::unique_ptr<ports::FrameSource>> open_text(Market market, std::string text,
                                                      std::string name = "file") {
    return open_storage_source(market, memory_storage(std::move(name), std::move(text)));
}

std::string error_of(Market market, std::string text, std::string name = "file") {
    const auto source = open_text(market, std::move(text), std::move(name));
    if (!source) return source.error().detail;
    const Read read = read_all(**source);
    return read.errors.empty() ? "" : read.errors.front();
}

// ---- What the formats say

TEST(TimedJson, GivesTimeKindAndSymbol) {
    const auto source = open_text(
        Market::BinanceSpot, timed(5, kSpotDepth) + timed(7, R"({"lastUpdateId":9,"bids":[]})"));
    ASSERT_TRUE(source) << source.error().detail;
    const Read read = read_all(**source);
    ASSERT_EQ(read.frames.size(), 2u);
    EXPECT_EQ(read.frames[0].kind, FrameKind::WebSocket);
    EXPECT_EQ(read.frames[0].received.nanos(), 1'700'000'000'000'000'005);
    EXPECT_EQ(read.frames[0].bytes, kSpotDepth);
    EXPECT_EQ(read.frames[1].kind, FrameKind::RestBody);
    EXPECT_EQ(read.frames[1].symbol, "BTCUSDT");
    EXPECT_EQ((*source)->progress().done, (*source)->progress().total);
}

TEST(TimedJson, DoesNotGuessTheSymbolOfABodyAmongSeveral) {
    std::string eth{kSpotDepth};
    eth.replace(eth.find("btcusdt"), 7, "ethusdt");
    const auto source =
        open_text(Market::BinanceSpot, timed(1, kSpotDepth) + timed(2, eth) +
                                           timed(3, R"({"lastUpdateId":9,"bids":[]})"));
    EXPECT_EQ(read_all(**source).frames.back().symbol, "");
}

TEST(TimedJson, TakesTheSymbolFromTheNameUntilAMessageTellsIt) {
    const auto source = open_text(Market::BinanceSpot, timed(3, R"({"lastUpdateId":9,"bids":[]})"),
                                  "x/ethusdt_20240808.gz");
    EXPECT_EQ(read_all(**source).frames.front().symbol, "ETHUSDT");
}

TEST(TimedJson, CountsLateFramesAndDeliversThem) {
    const auto source =
        open_text(Market::BinanceSpot, timed(5, kSpotDepth) + timed(3, kSpotDepth) +
                                           timed(4, kSpotDepth) + timed(6, kSpotDepth));
    EXPECT_EQ(read_all(**source).frames.size(), 4u);
    EXPECT_EQ((*source)->out_of_order(), 2u);
}

TEST(TimedJson, ALineThatIsNoneIsReportedAndReadingGoesOn) {
    const auto source =
        open_text(Market::BinanceSpot, timed(1, kSpotDepth) + "rubbish\n" + timed(2, kSpotDepth));
    const Read read = read_all(**source);
    EXPECT_EQ(read.frames.size(), 2u);
    ASSERT_EQ(read.errors.size(), 1u);
    EXPECT_TRUE(read.errors[0].starts_with("file:2: ")) << read.errors[0];
}

TEST(Cryptofeed, KnowsItsFourLines) {
    const auto source =
        open_text(Market::BinanceSpot,
                  "wss://stream.binance.com:9443/stream?streams=a <-> 1633998512.5\n"
                  "wss://stream.binance.com:9443/stream <- 1633998512.6: {\"op\":1}\n"
                  "https://api.binance.com/api/v3/depth?symbol=NKNUSDT&limit=1000 -> "
                  "1633998512.320639: {\"lastUpdateId\":1}\n"
                  "configuration: {}\n\n"
                  "1633998512.0633569: " +
                      std::string{kSpotDepth});
    ASSERT_TRUE(source) << source.error().detail;
    const Read read = read_all(**source);
    ASSERT_EQ(read.frames.size(), 4u) << (read.errors.empty() ? "" : read.errors[0]);
    EXPECT_EQ(read.frames[0].kind, FrameKind::Connected);
    EXPECT_EQ(read.frames[0].url, "wss://stream.binance.com:9443/stream?streams=a");
    EXPECT_EQ(read.frames[1].kind, FrameKind::Sent);
    EXPECT_EQ(read.frames[1].bytes, "{\"op\":1}");
    EXPECT_EQ(read.frames[2].kind, FrameKind::RestBody);
    EXPECT_EQ(read.frames[2].symbol, "NKNUSDT");
    EXPECT_EQ(read.frames[2].received.nanos(), 1'633'998'512'320'639'000);
    EXPECT_EQ(read.frames[3].received.nanos(), 1'633'998'512'063'356'900);
}

TEST(Bybit, ReceivesAtTheTimeOfTheMessage) {
    const auto source = open_text(
        Market::BybitLinear,
        R"({"topic":"orderbook.500.XRPUSDT","type":"delta","ts":1733011200691,"data":{}})");
    const Read read = read_all(**source);
    ASSERT_EQ(read.frames.size(), 1u);
    EXPECT_EQ(read.frames[0].received.nanos(), 1'733'011'200'691'000'000);
}

TEST(Minute, DeliversTheCloseAtTheEndOfItsMinute) {
    const auto source =
        open_text(Market::BybitSpot, "60000,1,2,3,17205.01,0.00531,5,6,7,17206.77,0.00416\n",
                  "day_2022-12-13/bybit_spot_BTCUSDT_quote_0000-0600.csv");
    ASSERT_TRUE(source) << source.error().detail;
    const Read read = read_all(**source);
    ASSERT_EQ(read.frames.size(), 1u);
    EXPECT_EQ(read.frames[0].kind, FrameKind::CsvQuote);
    EXPECT_EQ(read.frames[0].symbol, "BTCUSDT");
    EXPECT_EQ(read.frames[0].received.nanos(), (1'670'889'600LL + 120) * 1'000'000'000);
    const auto fields = ports::split_quote(read.frames[0].bytes);
    ASSERT_TRUE(fields);
    EXPECT_EQ((*fields)[0], "17205.01");
    EXPECT_EQ((*fields)[1], "0.00531");
    EXPECT_EQ((*fields)[2], "17206.77");
    EXPECT_EQ((*fields)[3], "0.00416");
}

TEST(Minute, SkipsBarsOfTradesWithANote) {
    const auto source = open_text(Market::BybitSpot, "0,1,2,3,4,5\n60000,1,2,3,4,5\n",
                                  "btcusdt/20221213_trade.csv");
    ASSERT_TRUE(source) << source.error().detail;
    const Read read = read_all(**source);
    EXPECT_TRUE(read.frames.empty());
    ASSERT_EQ(read.notes.size(), 1u);
    EXPECT_NE(read.notes[0].find("2 bars"), std::string::npos);
}

TEST(Minute, ReadsItsNames) {
    const MinuteName name =
        read_minute_name("a_2022-12-13/binance_coinm_BTCUSD_PERP_quote_0000-0600.csv");
    EXPECT_EQ(name.market, Market::BinanceCoinm);
    EXPECT_EQ(name.symbol, "BTCUSD_PERP");
    EXPECT_EQ(name.day->nanos(), 1'670'889'600'000'000'000);
    EXPECT_EQ(read_minute_name("btcusdt/20221213_quote.csv").symbol, "BTCUSDT");
    EXPECT_FALSE(read_minute_name("x/y/no_quote.csv").day);
}

// ---- Files that are not what they should be

TEST(OpenSource, SaysThatAFileIsMissingOrEmptyOrRubbish) {
    const auto missing = open_source(Market::Okx, "/nonexistent/file.gz");
    EXPECT_EQ(missing.error().code, Errc::Unavailable);
    EXPECT_NE(missing.error().detail.find("/nonexistent/file.gz"), std::string::npos);
    EXPECT_NE(error_of(Market::Okx, "").find("empty"), std::string::npos);
    EXPECT_NE(error_of(Market::Okx, "\n\n").find("no lines"), std::string::npos);
    EXPECT_NE(error_of(Market::Okx, std::string("\x7F"
                                                "ELF\x01\0\0\0",
                                                8))
                  .find("file:1"),
              std::string::npos);
    EXPECT_NE(error_of(Market::Okx, gzip("")).find("no lines"), std::string::npos);
}

TEST(OpenSource, SaysWhichMarketTheFileIsOf) {
    const std::string okx = "1652459225.5: " + std::string{kOkxBook} + "\n";
    const std::string text = error_of(Market::BinanceSpot, okx);
    EXPECT_NE(text.find("okx"), std::string::npos) << text;
    EXPECT_NE(text.find("binance.spot"), std::string::npos) << text;
    EXPECT_NE(error_of(Market::BinanceSpot, timed(1, kUsdmDepth)).find("binance.usdm"),
              std::string::npos);
    EXPECT_NE(error_of(Market::BinanceUsdm, timed(1, kSpotDepth)).find("binance.spot"),
              std::string::npos);
    EXPECT_NE(error_of(Market::BinanceCoinm, timed(1, kUsdmDepth)).find("binance.usdm"),
              std::string::npos);
    EXPECT_EQ(error_of(Market::BinanceUsdm, timed(1, kUsdmDepth)), "");
    EXPECT_NE(
        error_of(Market::BybitSpot, "0,1,1,1,1,1,1,1,1,1,1\n", "2022-12-13/okx_BTC-USDT_quote.csv")
            .find("okx"),
        std::string::npos);
    EXPECT_NE(
        error_of(Market::BinanceSpot, R"({"topic":"orderbook.50.BTCUSDT","ts":1})").find("bybit"),
        std::string::npos);
}

TEST(OpenSource, SaysWhereAFileBecomesMixed) {
    const std::string early = timed(1, kSpotDepth) + timed(2, kOkxBook);
    EXPECT_NE(error_of(Market::BinanceSpot, early).find("file:2"), std::string::npos);
    std::string late;
    for (int i = 0; i < 1000; ++i) late += timed(i, kSpotDepth);
    late += timed(2000, kOkxBook);
    EXPECT_NE(error_of(Market::BinanceSpot, late).find("file:1001"), std::string::npos);
}

TEST(OpenSource, DeliversWhatLiesBeforeACutInAGzipFile) {
    std::string text;
    for (int i = 0; i < 20'000; ++i) {
        std::string json{kSpotDepth};
        json.replace(json.find("\"U\":1"), 5, "\"U\":" + std::to_string(i * 7919));
        text += timed(i, json);
    }
    const std::string whole = gzip(text);
    const auto all = open_text(Market::BinanceSpot, whole);
    EXPECT_EQ(read_all(**all).frames.size(), 20'000u);
    const auto cut = open_text(Market::BinanceSpot, whole.substr(0, whole.size() / 2));
    ASSERT_TRUE(cut) << cut.error().detail;
    const Read read = read_all(**cut);
    EXPECT_GT(read.frames.size(), 5'000u);
    EXPECT_LT(read.frames.size(), 15'000u);
    ASSERT_EQ(read.errors.size(), 1u);
    EXPECT_NE(read.errors[0].find("ends early"), std::string::npos) << read.errors[0];
    EXPECT_EQ(read.frames.back().received.nanos() - 1'700'000'000'000'000'000,
              static_cast<std::int64_t>(read.frames.size()) - 1);
}

TEST(OpenSource, ReadsGzipFilesOfSeveralMembers) {
    const auto source =
        open_text(Market::BinanceSpot, gzip(timed(1, kSpotDepth)) + gzip(timed(2, kSpotDepth)));
    EXPECT_EQ(read_all(**source).frames.size(), 2u);
    const auto junk = open_text(Market::BinanceSpot, gzip(timed(1, kSpotDepth)) + "junk");
    const Read read = read_all(**junk);
    EXPECT_EQ(read.frames.size(), 1u);
    EXPECT_EQ(read.errors.size(), 1u);
}

TEST(OpenSource, ReadsStoredAndDeflatedZips) {
    for (const bool deflated : {false, true}) {
        const std::string zip = make_zip(
            {{"a.data", timed(1, kSpotDepth)}, {"b.data", timed(2, kSpotDepth)}}, deflated);
        const auto source = open_text(Market::BinanceSpot, zip);
        ASSERT_TRUE(source) << source.error().detail;
        const Read read = read_all(**source);
        EXPECT_EQ(read.frames.size(), 2u);
        EXPECT_TRUE(read.errors.empty());
    }
}

TEST(OpenSource, SaysWhatIsWrongWithAZip) {
    EXPECT_NE(error_of(Market::BinanceSpot, make_zip({}, false)).find("no entries"),
              std::string::npos);
    EXPECT_NE(error_of(Market::BinanceSpot, make_zip({{"folder/", ""}}, false)).find("no entries"),
              std::string::npos);
    std::string zip = make_zip({{"a.data", timed(1, kSpotDepth) + timed(2, kSpotDepth)}}, false);
    EXPECT_NE(error_of(Market::BinanceSpot, zip.substr(0, zip.size() / 2)).find("directory"),
              std::string::npos);
    zip[60] ^= 1;
    EXPECT_NE(error_of(Market::BinanceSpot, zip), "");
}

TEST(OpenSource, LongLinesAndALastLineWithoutItsFeedComeWhole) {
    std::string big =
        R"({"stream":"btcusdt@depth@100ms","data":")" + std::string(3'000'000, 'x') + "\"}";
    const std::string text = timed(1, kSpotDepth) + timed(2, big) + timed(3, kSpotDepth);
    for (const bool prefetch : {false, true}) {
        const auto source = open_storage_source(
            Market::BinanceSpot, memory_storage("f", text.substr(0, text.size() - 1)),
            {.prefetch = prefetch});
        const Read read = read_all(**source);
        ASSERT_EQ(read.frames.size(), 3u);
        EXPECT_EQ(read.frames[1].bytes, big);
        EXPECT_EQ(read.frames[2].bytes, kSpotDepth);
    }
}

TEST(OpenSource, PrefetchingChangesNothing) {
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += timed(i, kSpotDepth);
    text += "rubbish\n" + timed(1, kSpotDepth);
    const std::string cut = gzip(text).substr(0, gzip(text).size() - 20);
    for (const std::string& bytes : {text, cut}) {
        const auto plain = open_storage_source(Market::BinanceSpot, memory_storage("f", bytes));
        const auto ahead = open_storage_source(Market::BinanceSpot, memory_storage("f", bytes),
                                               {.prefetch = true});
        EXPECT_EQ(read_all(**plain), read_all(**ahead));
    }
}

TEST(OpenSource, AnAbandonedPrefetchStops) {
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += timed(i, kSpotDepth);
    const auto source =
        open_storage_source(Market::BinanceSpot, memory_storage("f", text), {.prefetch = true});
    ports::Frame frame;
    EXPECT_TRUE(*(*source)->next(frame));
}

// ---- The recordings we have

struct Expected {
    const char* path;
    Market market;
    std::size_t frames;
    std::size_t rest;
    std::size_t notes;
};

TEST(OpenSource, CountsWhatTheRecordingsHold) {
    const fs::path& data = recordings();
    if (!fs::exists(data))
        GTEST_SKIP() << "NO RECORDED DATA at " << data << ": nothing was proved here";
    const Expected kCases[] = {
        {"binance_2024-08-08/spot/btcusdt_20240808.gz", Market::BinanceSpot, 41'249, 1, 0},
        {"binance_2024-08-08/usdm/ethusdt_20240808.gz", Market::BinanceUsdm, 74'655, 1, 0},
        {"binance_2024-08-08/cm/btcusd_perp_20240808.gz", Market::BinanceCoinm, 48'270, 1, 0},
        {"binance_2024-08-08/spot", Market::BinanceSpot, 41'249 + 33'618, 2, 0},
        {"binance_spot_2021-10-12", Market::BinanceSpot, 267 - 1 + 4 + 1, 5, 0},
        {"binance_usdm_2021-07-22", Market::BinanceUsdm, 764 + 613 + 91 + 67 + 1 + 5, 5, 0},
        {"binance_coinm_2021-07-22", Market::BinanceCoinm, 2047 + 2240 + 51 + 33 + 1 + 11, 11, 0},
        {"okx_2022-05-13", Market::Okx, 414 + 25, 25, 0},
        {"bybit_v2_2021-04-17", Market::BybitLinear, 3359 + 1, 1, 1},
        {"bybit_v2_2021-04-17", Market::BybitInverse, 1103 + 1, 1, 1},
        {"bybit_v5_ob500_2024-12-01/xrpusdt-ob500.data.zip", Market::BybitLinear, 50, 0, 0},
        {"cross_binance_bybit_minute_2022-12-13", Market::BybitInverse, 210, 0, 8},
        {"cross_binance_bybit_minute_2022-12-13", Market::BybitSpot, 360, 0, 8},
    };
    for (const Expected& expected : kCases) {
        const auto source = open_source(expected.market, data / expected.path);
        ASSERT_TRUE(source) << source.error().detail;
        const Read read = read_all(**source);
        std::size_t rest = 0;
        for (const OwnedFrame& frame : read.frames)
            rest += frame.kind == FrameKind::RestBody ? 1 : 0;
        EXPECT_EQ(read.frames.size(), expected.frames) << expected.path;
        EXPECT_EQ(rest, expected.rest) << expected.path;
        EXPECT_EQ(read.notes.size(), expected.notes) << expected.path;
        EXPECT_TRUE(read.errors.empty()) << read.errors.front();
        EXPECT_EQ((*source)->progress().done, (*source)->progress().total) << expected.path;
    }
}

TEST(OpenSource, AFolderBeginsWithTheInstrumentsAndIsInOrderOfTime) {
    const fs::path& data = recordings();
    if (!fs::exists(data))
        GTEST_SKIP() << "NO RECORDED DATA at " << data << ": nothing was proved here";
    for (const auto& [folder, market] :
         {std::pair{"okx_2022-05-13", Market::Okx},
          std::pair{"binance_coinm_2021-07-22", Market::BinanceCoinm}}) {
        const auto source = open_source(market, data / folder);
        const Read read = read_all(**source);
        EXPECT_EQ(read.frames.front().kind, FrameKind::RestBody);
        EXPECT_EQ((*source)->out_of_order(), 0u);
        EXPECT_TRUE(
            std::is_sorted(read.frames.begin(), read.frames.end(),
                           [](const auto& a, const auto& b) { return a.received < b.received; }));
    }
}

TEST(OpenSource, RefusesEveryRecordingUnderAnotherVenue) {
    const fs::path& data = recordings();
    if (!fs::exists(data))
        GTEST_SKIP() << "NO RECORDED DATA at " << data << ": nothing was proved here";
    for (const char* path :
         {"okx_2022-05-13", "okx_2022-05-13/OKX.ws.1.0", "bybit_v5_ob500_2024-12-01",
          "binance_2024-08-08/usdm/btcusdt_20240808.gz", "bybit_v2_2021-04-17/BYBIT.ws.25.0",
          "binance_coinm_2021-07-22/BINANCE_DELIVERY.http.0.0"}) {
        EXPECT_EQ(open_source(Market::BinanceSpot, data / path).error().code, Errc::Malformed)
            << path;
    }
}

}  // namespace
}  // namespace parallax::recording
