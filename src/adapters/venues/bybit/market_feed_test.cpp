#include "adapters/venues/bybit/market_feed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/venues/bybit/rest.hpp"
#include "adapters/venues/common/feed_test_kit.hpp"

namespace parallax::bybit {
namespace {

using ::testing::ElementsAre;
using venue_common::between;
using venue_common::FeedDesk;
using venue_common::FeedReading;
using venue_common::FeedTopic;
using venue_common::times;
using Kind = FeedReading::Kind;

std::string listings(const char* cursor, const char* symbol) {
    return std::string{
               R"({"retCode":0,"retMsg":"OK","result":{"category":"linear","list":[{"symbol":")"} +
           symbol +
           R"(","contractType":"LinearPerpetual","status":"Trading","baseCoin":"BTC",)"
           R"("quoteCoin":"USDT","settleCoin":"USDT","priceFilter":{"tickSize":"0.10"},)"
           R"("lotSizeFilter":{"qtyStep":"0.001","minOrderQty":"0.001"}}],"nextPageCursor":")" +
           cursor + R"("},"retExtInfo":{},"time":1})";
}
FeedDesk make_desk() {
    return FeedDesk{std::make_unique<Rest>("https://rest.test"),
                    make_feed_dialect({"wss://bybit.test", 200})};
}
void acknowledge(FeedDesk& desk, std::string bad = "NOSUCH") {
    desk.answer = [&desk, bad](ports::ConnectionId id, const std::string& text) {
        const bool ok = text.find(bad) == std::string::npos;
        desk.say(id, std::string{R"({"success":)"} + (ok ? "true" : "false") + R"(,"ret_msg":")" +
                         (ok ? "" : "Invalid topic") + R"(","conn_id":"a","req_id":")" +
                         between(text, "\"req_id\":\"", "\"") + R"(","op":")" +
                         between(text, "\"op\":\"", "\"") + "\"}");
    };
}

TEST(BybitFeedDialect, DoorsTopicsAndMessages) {
    const auto dialect = make_feed_dialect({"wss://bybit.test", 200});
    std::vector<std::string> urls;
    for (const auto& door : dialect->doors()) urls.push_back(door.target.url);
    EXPECT_THAT(urls,
                ElementsAre("wss://bybit.test/v5/public/spot", "wss://bybit.test/v5/public/linear",
                            "wss://bybit.test/v5/public/inverse"));
    std::vector<FeedTopic> topics;
    dialect->topics(Market::BybitInverse, "BTCUSD", ports::kFeedAll, topics);
    std::vector<std::string> names;
    for (const FeedTopic& topic : topics) {
        names.push_back(topic.name);
        EXPECT_EQ(topic.door, 2);
    }
    EXPECT_THAT(names, ElementsAre("orderbook.200.BTCUSD", "orderbook.1.BTCUSD",
                                   "publicTrade.BTCUSD", "tickers.BTCUSD"));
    EXPECT_EQ(dialect->read(R"({"topic":"orderbook.50.BTCUSDT","type":"delta","data":{}})").kind,
              Kind::Data);
    EXPECT_EQ(dialect->read(R"({"type":"delta","topic":"orderbook.50.BTCUSDT","data":{}})").kind,
              Kind::Data);
    EXPECT_EQ(dialect->read(R"({"success":true,"ret_msg":"pong","conn_id":"0","op":"ping"})").kind,
              Kind::Other);
    const FeedReading bad = dialect->read(
        R"({"success":false,"ret_msg":"Invalid topic","conn_id":"a","req_id":"5","op":"subscribe"})");
    EXPECT_EQ(bad.kind, Kind::Refusal);
    EXPECT_EQ(bad.key, 5u);
    EXPECT_EQ(dialect->topic_of(R"({"type":"delta","topic":"tickers.BTCUSDT"})"),
              "tickers.BTCUSDT");
}

TEST(BybitFeed, AsksForTenTopicsAtATimeAndForTickersOnce) {
    FeedDesk desk = make_desk();
    acknowledge(desk);
    desk.bodies["category=linear"] = listings("", "BTCUSDT");
    for (int i = 0; i < 9; ++i)
        ASSERT_TRUE(
            desk.feed->subscribe({Market::BybitLinear, "S" + std::to_string(i), ports::kFeedAll}));
    // Marks and the day come with the same topic.
    ASSERT_TRUE(desk.feed->subscribe({Market::BybitLinear, "S9", ports::kFeedMark}));
    ASSERT_TRUE(desk.feed->subscribe({Market::BybitLinear, "S9", ports::kFeedTicker}));
    desk.feed->start(desk.transport.time);
    desk.pass(Nanos::seconds(3));
    const auto sent = desk.take_sent();
    ASSERT_EQ(sent.size(), 4u);
    std::size_t tickers = 0;
    for (const std::string& text : sent) {
        EXPECT_LE(times(text, ".S"), 10u);
        tickers += times(text, "tickers.S");
    }
    EXPECT_EQ(tickers, 10u);
}

TEST(BybitFeed, AConnectionsTopicsStayBelow21000Characters) {
    FeedDesk desk = make_desk();
    acknowledge(desk);
    desk.bodies["category=linear"] = listings("", "BTCUSDT");
    for (int i = 0; i < 700; ++i)
        ASSERT_TRUE(desk.feed->subscribe({Market::BybitLinear,
                                          "1000000LONGNAME" + std::to_string(1'000 + i) + "USDT",
                                          ports::kFeedDepth | ports::kFeedTrades}));
    desk.feed->start(desk.transport.time);
    desk.pass(Nanos::seconds(5));
    std::map<std::uint64_t, std::size_t> bytes;
    for (const auto& [id, text] : desk.sent)
        bytes[id.raw()] += between(text, "\"args\":[", "]").size();
    EXPECT_GE(bytes.size(), 3u);
    for (const auto& [id, size] : bytes) EXPECT_LE(size, 21'000u + 3 * 700);
}

TEST(BybitFeed, ReadsEveryPageOfTheListings) {
    FeedDesk desk = make_desk();
    acknowledge(desk);
    desk.bodies["cursor=a%26b"] = listings("", "ETHUSDT");
    desk.bodies["limit=1000"] = listings("a&b", "BTCUSDT");
    ASSERT_TRUE(desk.feed->subscribe({Market::BybitLinear, "BTCUSDT", ports::kFeedDepth}));
    desk.feed->start(desk.transport.time);
    desk.pass(Nanos::seconds(2));
    std::size_t pages = 0;
    for (const auto& [kind, body] : desk.frames) pages += kind == ports::FrameKind::RestBody;
    EXPECT_EQ(pages, 2u);
    EXPECT_TRUE(desk.notices.empty());
    EXPECT_EQ(desk.feed->lists(Market::BybitLinear, "ETHUSDT"), true);
    EXPECT_EQ(desk.feed->lists(Market::BybitLinear, "SOLUSDT"), false);
    EXPECT_EQ(desk.feed->lists(Market::BybitSpot, "ETHUSDT"), std::nullopt);
    // One page less: delisted.
    desk.bodies["limit=1000"] = listings("", "BTCUSDT");
    desk.pass(Nanos::seconds(610));
    EXPECT_EQ(desk.feed->lists(Market::BybitLinear, "ETHUSDT"), false);
    const auto gone = std::find_if(desk.notices.begin(), desk.notices.end(), [](const auto& one) {
        return one.kind == ports::FeedNoticeKind::Delisted;
    });
    ASSERT_NE(gone, desk.notices.end());
    EXPECT_EQ(gone->symbol, "ETHUSDT");
}

/// Nothing at all is no delisting of everything, and it is asked again soon.
TEST(BybitFeed, AnEmptyListDelistsNothing) {
    FeedDesk desk = make_desk();
    acknowledge(desk);
    desk.bodies["category=linear"] = listings("", "BTCUSDT");
    ASSERT_TRUE(desk.feed->subscribe({Market::BybitLinear, "BTCUSDT", ports::kFeedDepth}));
    desk.feed->start(desk.transport.time);
    desk.pass(Nanos::seconds(2));
    desk.bodies["category=linear"] = R"({"retCode":0,"result":{"category":"linear","list":[]}})";
    desk.pass(Nanos::seconds(610));
    for (const ports::FeedNotice& notice : desk.notices)
        EXPECT_NE(notice.kind, ports::FeedNoticeKind::Delisted);
    EXPECT_EQ(desk.feed->lists(Market::BybitLinear, "BTCUSDT"), true);
    desk.bodies["category=linear"] = listings("", "ETHUSDT");
    desk.pass(Nanos::seconds(60));
    EXPECT_EQ(desk.feed->lists(Market::BybitLinear, "BTCUSDT"), false);
}

TEST(BybitFeed, OneBadTopicDoesNotTakeTheOthersOfItsRequestAlong) {
    FeedDesk desk = make_desk();
    acknowledge(desk);
    desk.bodies["category=spot"] = R"({"retCode":0,"result":{"category":"spot","list":[{"symbol":)"
                                   R"("BTCUSDT","baseCoin":"BTC","quoteCoin":"USDT","status":)"
                                   R"("Trading","lotSizeFilter":{"basePrecision":"0.00001"},)"
                                   R"("priceFilter":{"tickSize":"0.01"}}]}})";
    for (const char* symbol : {"BTCUSDT", "NOSUCH", "ETHUSDT"})
        ASSERT_TRUE(desk.feed->subscribe({Market::BybitSpot, symbol, ports::kFeedDepth}));
    desk.feed->start(desk.transport.time);
    desk.pass(Nanos::seconds(3));
    EXPECT_TRUE(desk.feed->book(Market::BybitSpot, "BTCUSDT").subscribed);
    EXPECT_TRUE(desk.feed->book(Market::BybitSpot, "ETHUSDT").subscribed);
    EXPECT_TRUE(desk.feed->book(Market::BybitSpot, "NOSUCH").refused);
}

}  // namespace
}  // namespace parallax::bybit
