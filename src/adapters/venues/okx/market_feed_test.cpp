#include "adapters/venues/okx/market_feed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/venues/common/feed_test_kit.hpp"
#include "adapters/venues/okx/rest.hpp"

namespace parallax::okx {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using venue_common::between;
using venue_common::FeedDesk;
using venue_common::FeedReading;
using venue_common::times;
using Kind = FeedReading::Kind;

constexpr const char* kSpot =
    R"({"code":"0","msg":"","data":[{"instType":"SPOT","instId":"BTC-USDT","baseCcy":"BTC",)"
    R"("quoteCcy":"USDT","tickSz":"0.1","lotSz":"0.00000001","minSz":"0.00001","state":"live"}]})";
constexpr const char* kSwap = R"({"code":"0","msg":"","data":[]})";

FeedDesk make_desk() {
    return FeedDesk{std::make_unique<Rest>("https://rest.test"),
                    make_feed_dialect({"wss://okx.test"})};
}
void listings(FeedDesk& desk) {
    desk.bodies["instType=SPOT"] = kSpot;
    desk.bodies["instType=SWAP"] = kSwap;
}
/// One answer for each arg; those of `bad` are refused.
void acknowledge(FeedDesk& desk, std::string bad = "no such") {
    desk.answer = [&desk, bad](ports::ConnectionId id, const std::string& text) {
        if (text == "ping") return desk.say(id, "pong");
        const std::string key = between(text, "\"id\":\"", "\"");
        const std::string op = between(text, "\"op\":\"", "\"");
        for (std::size_t at = text.find("{\"channel\""); at != std::string::npos;
             at = text.find("{\"channel\"", at + 1)) {
            const std::string arg = text.substr(at, text.find('}', at) - at + 1);
            if (arg.find(bad) != std::string::npos) {
                desk.say(id, R"({"id":")" + key +
                                 R"(","event":"error","code":"60018","msg":"no such channel"})");
            } else {
                desk.say(id, R"({"id":")" + key + R"(","event":")" + op + R"(","arg":)" + arg +
                                 R"(,"connId":"a"})");
            }
        }
    };
}

TEST(OkxFeedDialect, TellsMessagesApart) {
    const auto dialect = make_feed_dialect({"wss://okx.test"});
    EXPECT_EQ(dialect->read(R"({"arg":{"channel":"books","instId":"BTC-USDT"},"data":[]})").kind,
              Kind::Data);
    EXPECT_EQ(dialect->read(R"({"data":[],"arg":{"channel":"books","instId":"BTC-USDT"}})").kind,
              Kind::Data);
    EXPECT_EQ(dialect->read("pong").kind, Kind::Other);
    EXPECT_EQ(dialect->read("[").kind, Kind::Other);
    const FeedReading good = dialect->read(
        R"({"id":"1512","event":"subscribe","arg":{"channel":"books","instId":"BTC-USDT"}})");
    EXPECT_EQ(good.kind, Kind::Answer);
    EXPECT_EQ(good.key, 1'512u);
    const FeedReading bad =
        dialect->read(R"({"id":"3","event":"error","code":"60012","msg":"Invalid request"})");
    EXPECT_EQ(bad.kind, Kind::Refusal);
    EXPECT_EQ(bad.key, 3u);
    EXPECT_EQ(bad.code, 60012);
    EXPECT_EQ(dialect->read(R"({"event":"notice","code":"64008","msg":"soon"})").kind,
              Kind::Leaving);
    EXPECT_EQ(dialect->read(R"({"event":"notice","code":"1","msg":"hello"})").kind, Kind::Other);
}

TEST(OkxFeed, SwapsHaveMarksAndFundingAndSpotHasNot) {
    FeedDesk desk = make_desk();
    acknowledge(desk);
    listings(desk);
    EXPECT_FALSE(desk.feed->subscribe({Market::Okx, "BTC-USDT", ports::kFeedMark}));
    ASSERT_TRUE(desk.feed->subscribe({Market::Okx, "BTC-USDT-SWAP", ports::kFeedMark}));
    desk.feed->start(desk.transport.time);
    desk.pass(Nanos::seconds(3));
    EXPECT_THAT(desk.take_sent(),
                ElementsAre(R"({"id":"1","op":"subscribe","args":[{"channel":"mark-price",)"
                            R"("instId":"BTC-USDT-SWAP"},{"channel":"funding-rate",)"
                            R"("instId":"BTC-USDT-SWAP"}]})"));
    EXPECT_EQ(desk.feed->connections()[0].state, "live");
}

/// Orders refused for their tick waited for the list of the next ten minutes.
TEST(OkxFeed, InstrumentsAreListedAgainAtOnceWhenWantedButNotAllTheTime) {
    FeedDesk desk = make_desk();
    acknowledge(desk);
    listings(desk);
    ASSERT_TRUE(desk.feed->subscribe({Market::Okx, "BTC-USDT", ports::kFeedDepth}));
    desk.feed->start(desk.transport.time);
    const auto lists = [&] {
        return std::ranges::count_if(desk.asked, [](const std::string& url) {
            return url.find("/public/instruments") != std::string::npos;
        });
    };
    desk.pass(Nanos::seconds(30));
    const auto first = lists();
    EXPECT_GT(first, 0);
    for (int i = 0; i < 50; ++i) {
        desk.feed->reload_instruments(Market::Okx, desk.transport.time);
        desk.pass(Nanos::millis(100));
    }
    EXPECT_EQ(lists(), 2 * first);
    desk.pass(Nanos::seconds(20));
    EXPECT_EQ(lists(), 3 * first) << "what was wanted in between comes when ten seconds are over";
    desk.pass(Nanos::seconds(60));
    EXPECT_EQ(lists(), 3 * first);
}

TEST(OkxFeed, AConnectionCarriesFewBooksAndTheyAreMadeSlowly) {
    FeedDesk desk = make_desk();
    acknowledge(desk);
    listings(desk);
    for (int i = 0; i < 130; ++i)
        ASSERT_TRUE(desk.feed->subscribe(
            {Market::Okx, "S" + std::to_string(i) + "-USDT", ports::kFeedDepth}));
    desk.feed->start(desk.transport.time);
    desk.pass(Nanos::seconds(10));
    EXPECT_EQ(desk.feed->connections().size(), 6u);
    for (const auto& [id, text] : desk.sent) EXPECT_LE(times(text, "\"books\""), 25u);
    ASSERT_EQ(desk.opened_at.size(), 6u);
    for (std::size_t i = 3; i < 6; ++i)
        EXPECT_GE(desk.opened_at[i] - desk.opened_at[i - 3], Nanos::seconds(1));
}

TEST(OkxFeed, ARefusalAmongManyIsFoundAndTriedAgainLater) {
    FeedDesk desk = make_desk();
    acknowledge(desk, "BAD-USDT");
    listings(desk);
    for (const char* symbol : {"BTC-USDT", "BAD-USDT", "ETH-USDT"})
        ASSERT_TRUE(desk.feed->subscribe({Market::Okx, symbol, ports::kFeedDepth}));
    desk.feed->start(desk.transport.time);
    desk.pass(Nanos::seconds(3));
    EXPECT_EQ(desk.take_sent().size(), 4u) << "all at once, then one by one";
    EXPECT_TRUE(desk.feed->book(Market::Okx, "BTC-USDT").subscribed);
    EXPECT_TRUE(desk.feed->book(Market::Okx, "ETH-USDT").subscribed);
    EXPECT_TRUE(desk.feed->book(Market::Okx, "BAD-USDT").refused);
    ASSERT_GE(desk.notices.size(), 1u);
    EXPECT_EQ(desk.notices[0].kind, ports::FeedNoticeKind::Refused);
    EXPECT_EQ(desk.notices[0].text, "books:BAD-USDT: 60018 no such channel");
    desk.pass(Nanos::seconds(50));
    EXPECT_EQ(times(desk.take_sent().back(), "subscribe"), 0u) << "nothing but pings";
    acknowledge(desk);  // it is listed now
    desk.pass(Nanos::seconds(15));
    EXPECT_TRUE(desk.feed->book(Market::Okx, "BAD-USDT").subscribed);
}

TEST(OkxFeed, WithoutAnAnswerItAsksOnceMoreAndThenConnectsAnew) {
    FeedDesk desk = make_desk();
    listings(desk);
    desk.answer = [&](ports::ConnectionId id, const std::string& text) {
        if (text == "ping") desk.say(id, "pong");
    };
    ASSERT_TRUE(desk.feed->subscribe({Market::Okx, "BTC-USDT", ports::kFeedDepth}));
    desk.feed->start(desk.transport.time);
    desk.pass(Nanos::seconds(15));
    EXPECT_EQ(desk.transport.connections.size(), 1u);
    desk.pass(Nanos::seconds(10));
    EXPECT_EQ(desk.transport.connections.size(), 2u);
    EXPECT_EQ(desk.feed->connections()[0].last_reason, "owner: no answer to a subscription");
    EXPECT_THAT(desk.statuses, IsEmpty()) << "it was never up";
}

TEST(OkxFeed, ABookThatKeepsAskingIsAnsweredEverMoreRarely) {
    FeedDesk desk = make_desk();
    acknowledge(desk);
    listings(desk);
    ASSERT_TRUE(desk.feed->subscribe({Market::Okx, "BTC-USDT", ports::kFeedDepth}));
    desk.feed->start(desk.transport.time);
    desk.pass(Nanos::seconds(3));
    (void)desk.take_sent();
    for (int i = 0; i < 600; ++i) {
        desk.feed->resync(Market::Okx, "BTC-USDT", desk.transport.time);
        desk.pass(Nanos::millis(100));
        if (i % 50 == 0)
            desk.say(desk.transport.newest(),
                     R"({"arg":{"channel":"books","instId":"BTC-USDT"},"data":[]})");
    }
    std::size_t times_subscribed = 0;
    for (const std::string& text : desk.take_sent())
        times_subscribed += times(text, R"("op":"subscribe")");
    EXPECT_GE(times_subscribed, 4u);
    EXPECT_LE(times_subscribed, 8u) << "at 0, 1, 2, 4, 8, 16, 32 s";
    EXPECT_EQ(desk.feed->connections()[0].drops, 0u);
}

TEST(OkxFeed, StopsAndSaysSo) {
    FeedDesk desk = make_desk();
    acknowledge(desk);
    listings(desk);
    ASSERT_TRUE(desk.feed->subscribe({Market::Okx, "BTC-USDT", ports::kFeedDepth}));
    desk.feed->start(desk.transport.time);
    desk.pass(Nanos::seconds(3));
    desk.feed->stop(desk.transport.time);
    ASSERT_EQ(desk.feed->statuses().size(), 1u);
    EXPECT_FALSE(desk.feed->statuses()[0].up);
    ASSERT_EQ(desk.feed->notices().size(), 1u);
    EXPECT_EQ(desk.feed->notices()[0].kind, ports::FeedNoticeKind::BookLost);
    const std::size_t made = desk.transport.connections.size();
    desk.pass(Nanos::seconds(60));
    EXPECT_EQ(desk.transport.connections.size(), made);
}

}  // namespace
}  // namespace parallax::okx
