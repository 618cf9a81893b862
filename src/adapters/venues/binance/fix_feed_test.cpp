#include "adapters/venues/binance/fix_feed.hpp"

#include "adapters/venues/binance/fix_market_testing.hpp"
#include "adapters/venues/binance/market_feed.hpp"
#include "adapters/venues/binance/rest.hpp"
#include "adapters/venues/common/feed_test_kit.hpp"

namespace parallax::binance {
namespace {

using venue_common::FeedDesk;

/// The feed with a venue that answers as Binance does, in memory.
struct FixVenue {
    FixVenue()
        : desk{std::make_unique<Rest>(Product::Spot, "https://rest.test"),
               make_feed_dialect({"fix:md", "", ""})} {
        desk.bodies["exchangeInfo"] = R"({"symbols":[{"symbol":"BTCUSDT","status":"TRADING",
"baseAsset":"BTC","quoteAsset":"USDT","filters":[{"filterType":"PRICE_FILTER","tickSize":"0.01"},
{"filterType":"LOT_SIZE","stepSize":"0.00001"}]}]})";
        desk.answer = [this](ports::ConnectionId id, const std::string& text) { hear(id, text); };
    }
    void hear(ports::ConnectionId id, const std::string& request) {
        const std::string topic{fix::text(request, 262)};
        if (fix::text(request, 35) == "A")
            return desk.say(
                id,
                fix_text("A", "98=0|60000=" + std::string{fix::text(request, fix::kAskTag)} + "|"));
        ++messages[id.raw()];
        if (fix::text(request, 263) == "2" || fix::text(request, 269) == "2" || !snapshots) return;
        desk.say(id, fix_text("W", "55=" + std::string{fix::text(request, 55)} + "|262=" + topic +
                                       "|25044=1|268=0|"));
    }
    void start() {
        desk.feed->start(desk.transport.time);
        desk.pass(Nanos::seconds(2));
    }
    /// The subscriptions sent since the last time, as people read them.
    std::vector<std::string> asked() {
        std::vector<std::string> out;
        for (std::string text : desk.take_sent()) {
            if (fix::text(text, 35) != "V") continue;
            out.push_back(std::string{fix::text(text, 263)} + " " +
                          std::string{fix::text(text, 262)});
        }
        return out;
    }

    FeedDesk desk;
    bool snapshots = true;
    std::map<std::uint64_t, std::size_t> messages;  ///< heard, by connection
};

TEST(FixFeedDesk, SpreadsStreamsAndStaysWithinTheMessagesOfAMinute) {
    FixVenue venue;
    for (int i = 0; i < 700; ++i)
        ASSERT_TRUE(venue.desk.feed->subscribe(
            {Market::BinanceSpot, "S" + std::to_string(i), ports::kFeedAll}));
    venue.start();
    venue.desk.pass(Nanos::seconds(3));
    const auto connections = venue.desk.feed->connections();
    ASSERT_EQ(connections.size(), 3U);
    EXPECT_EQ(connections[0].topics, 1'000U);
    EXPECT_EQ(connections[2].topics, 100U);
    for (const auto& one : connections) EXPECT_EQ(one.state, "live");
    // Every book is left and asked for again, over and over: there is an end to what may be sent.
    for (int round = 0; round < 5; ++round) {
        for (int i = 0; i < 700; ++i)
            venue.desk.feed->resync(Market::BinanceSpot, "S" + std::to_string(i),
                                    venue.desk.transport.time);
        venue.desk.pass(Nanos::seconds(8));
    }
    for (const auto& [id, count] : venue.messages) EXPECT_LE(count, 2'000U) << "in 45 seconds";
}

TEST(FixFeedDesk, ABookIsLeftAndAskedForAgain) {
    FixVenue venue;
    ASSERT_TRUE(venue.desk.feed->subscribe(
        {Market::BinanceSpot, "BTCUSDT", ports::kFeedDepth | ports::kFeedTrades}));
    venue.start();
    EXPECT_EQ(venue.asked(), (std::vector<std::string>{"1 book-BTCUSDT", "1 trade-BTCUSDT"}));
    EXPECT_TRUE(venue.desk.feed->book(Market::BinanceSpot, "BTCUSDT").subscribed);
    venue.desk.frames.clear();
    venue.desk.feed->resync(Market::BinanceSpot, "BTCUSDT", venue.desk.transport.time);
    venue.desk.feed->resync(Market::BinanceSpot, "BTCUSDT", venue.desk.transport.time);
    venue.desk.pass(Nanos::seconds(2));
    EXPECT_EQ(venue.asked(), (std::vector<std::string>{"2 book-BTCUSDT", "1 book-BTCUSDT"}));
    ASSERT_EQ(venue.desk.frames.size(), 1U) << "its snapshot";
    EXPECT_EQ(fix::text(venue.desk.frames[0].second, 35), "W");
    EXPECT_EQ(venue.desk.feed->connections()[0].drops, 0U);
    venue.desk.feed->unsubscribe(Market::BinanceSpot, "BTCUSDT");
    venue.desk.pass(Nanos::seconds(1));
    EXPECT_EQ(venue.asked(), (std::vector<std::string>{"2 book-BTCUSDT", "2 trade-BTCUSDT"}));
}

TEST(FixFeedDesk, WhatWasTakenForGrantedMayBeRefusedYet) {
    FixVenue venue;
    ASSERT_TRUE(venue.desk.feed->subscribe(
        {Market::BinanceSpot, "BTCUSDT", ports::kFeedDepth | ports::kFeedTrades}));
    venue.start();
    (void)venue.asked();
    const ports::ConnectionId id = venue.desk.transport.newest();
    venue.desk.say(id, fix_text("Y", "262=trade-BTCUSDT|281=2|58=Too many|25016=-1186|"));
    ASSERT_EQ(venue.desk.notices.size(), 1U);
    EXPECT_EQ(venue.desk.notices[0].kind, ports::FeedNoticeKind::Refused);
    EXPECT_EQ(venue.desk.notices[0].text, "trade-BTCUSDT: -1186 Too many");
    EXPECT_TRUE(venue.desk.feed->book(Market::BinanceSpot, "BTCUSDT").subscribed);
    for (int i = 0; i < 59; ++i) {
        venue.desk.pass(Nanos::seconds(1));
        venue.desk.give(venue.desk.transport.pongs(id));
    }
    EXPECT_TRUE(venue.asked().empty());
    venue.desk.pass(Nanos::seconds(2));
    EXPECT_EQ(venue.asked(), (std::vector<std::string>{"1 trade-BTCUSDT"})) << "a minute later";
}

TEST(FixFeedDesk, AnIdInUseWaitsForItsSnapshot) {
    FixVenue venue;
    venue.snapshots = false;
    ASSERT_TRUE(venue.desk.feed->subscribe({Market::BinanceSpot, "BTCUSDT", ports::kFeedDepth}));
    venue.start();
    const ports::ConnectionId id = venue.desk.transport.newest();
    venue.desk.say(id, fix_text("Y", "262=book-BTCUSDT|281=1|58=in use|25016=-1185|"));
    EXPECT_FALSE(venue.desk.feed->book(Market::BinanceSpot, "BTCUSDT").refused);
    venue.desk.say(id, fix_text("W", "55=BTCUSDT|262=book-BTCUSDT|25044=1|268=0|"));
    EXPECT_TRUE(venue.desk.feed->book(Market::BinanceSpot, "BTCUSDT").subscribed);
}

TEST(FixFeedDesk, WithoutSnapshotsTheConnectionIsGivenUp) {
    FixVenue venue;
    venue.snapshots = false;
    ASSERT_TRUE(venue.desk.feed->subscribe({Market::BinanceSpot, "BTCUSDT", ports::kFeedDepth}));
    venue.start();
    venue.desk.pass(Nanos::seconds(25));
    EXPECT_EQ(venue.desk.feed->connections()[0].drops, 1U);
    EXPECT_EQ(venue.desk.feed->connections()[0].last_reason, "owner: no answer to a subscription");
}

}  // namespace
}  // namespace parallax::binance
