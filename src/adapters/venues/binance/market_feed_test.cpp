#include "adapters/venues/binance/market_feed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/venues/binance/rest.hpp"
#include "adapters/venues/common/feed_test_kit.hpp"

namespace parallax::binance {
namespace {

using ::testing::ElementsAre;
using venue_common::FeedDesk;
using venue_common::FeedReading;
using venue_common::FeedTopic;
using venue_common::times;
using Kind = FeedReading::Kind;

const FeedEndpoints kHosts{"wss://spot.test", "wss://usdm.test", "wss://coinm.test"};
constexpr const char* kListings = R"({"symbols":[{"symbol":"BTCUSDT","pair":"BTCUSDT",
"contractType":"PERPETUAL","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT",
"marginAsset":"USDT","filters":[{"filterType":"PRICE_FILTER","tickSize":"0.01"},
{"filterType":"LOT_SIZE","stepSize":"0.00001"}]}]})";

FeedDesk make_desk(Product product = Product::Spot, venue_common::FeedSettings settings = {}) {
    return FeedDesk{
        std::make_unique<Rest>(product, "https://rest.test"),
        make_feed_dialect(product == Product::Spot ? FeedEndpoints{kHosts.spot, "", ""}
                                                   : FeedEndpoints{"", kHosts.usdm, ""}),
        settings};
}
void acknowledge(FeedDesk& desk) {
    desk.answer = [&desk](ports::ConnectionId id, const std::string& text) {
        desk.say(id, R"({"result":null,"id":)" + venue_common::between(text, "\"id\":", "}") + "}");
    };
}

TEST(BinanceFeedDialect, DoorsAndTopics) {
    const auto dialect = make_feed_dialect(kHosts);
    std::vector<std::string> urls;
    for (const auto& door : dialect->doors()) urls.push_back(door.target.url);
    EXPECT_THAT(urls, ElementsAre("wss://spot.test/ws", "wss://usdm.test/public/ws",
                                  "wss://usdm.test/market/ws", "wss://coinm.test/ws"));
    const auto topics = [&](Market market, const char* symbol) {
        std::vector<FeedTopic> all;
        dialect->topics(market, symbol, ports::kFeedAll, all);
        std::vector<std::string> names;
        for (const FeedTopic& topic : all)
            names.push_back(topic.name + " " + std::to_string(topic.door));
        return names;
    };
    EXPECT_THAT(topics(Market::BinanceSpot, "BTCUSDT"),
                ElementsAre("btcusdt@depth@100ms 0", "btcusdt@bookTicker 0", "btcusdt@aggTrade 0",
                            "btcusdt@ticker 0"));
    EXPECT_THAT(topics(Market::BinanceUsdm, "BTCUSDT"),
                ElementsAre("btcusdt@depth@100ms 1", "btcusdt@bookTicker 1", "btcusdt@aggTrade 2",
                            "btcusdt@markPrice@1s 2", "btcusdt@ticker 2"));
    EXPECT_THAT(topics(Market::BinanceCoinm, "BTCUSD_PERP")[0], "btcusd_perp@depth@100ms 3");
    EXPECT_EQ(dialect->snapshot_call(Market::BinanceCoinm, "BTCUSD_PERP").path, "/dapi/v1/depth");
}

TEST(BinanceFeedDialect, TellsMessagesApart) {
    const auto dialect = make_feed_dialect(kHosts);
    const auto kind = [&](const char* text) { return dialect->read(text).kind; };
    EXPECT_EQ(kind(R"({"e":"depthUpdate","E":1,"s":"BTCUSDT","U":1,"u":2,"b":[],"a":[]})"),
              Kind::Data);
    EXPECT_EQ(kind(R"({"u":1,"s":"BTCUSDT","b":"1","B":"1","a":"2","A":"1"})"), Kind::Data);
    EXPECT_EQ(kind(R"({"s":"BTCUSDT","u":1,"b":"1","B":"1","a":"2","A":"1"})"), Kind::Data);
    EXPECT_EQ(kind(R"({"E":1, "e":"aggTrade"})"), Kind::Data);
    EXPECT_EQ(kind(R"({"e":"serverShutdown","E":1770123456789})"), Kind::Leaving);
    EXPECT_EQ(kind(R"({"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}})"),
              Kind::Leaving);
    EXPECT_EQ(kind("no JSON"), Kind::Other);
    const FeedReading good = dialect->read(R"({"result":null,"id":7})");
    EXPECT_EQ(good.kind, Kind::Answer);
    EXPECT_EQ(good.key, 7u);
    for (const char* text : {R"({"code":2,"msg":"Invalid request","id":8})",
                             R"({"error":{"code":2,"msg":"Invalid request"},"id":8})"}) {
        const FeedReading bad = dialect->read(text);
        EXPECT_EQ(bad.kind, Kind::Refusal);
        EXPECT_EQ(bad.key, 8u);
        EXPECT_EQ(bad.code, 2);
        EXPECT_EQ(bad.text, "Invalid request");
    }
}

TEST(BinanceFeedDialect, ASnapshotReachesTheFirstUpdateOrNot) {
    const auto dialect = make_feed_dialect(kHosts);
    const auto first = dialect->first_update(
        R"({"e":"depthUpdate","E":1,"s":"BTCUSDT","U":157,"u":160,"b":[],"a":[]})");
    ASSERT_TRUE(first);
    EXPECT_EQ(first->symbol, "BTCUSDT");
    EXPECT_EQ(first->first_id, 157u);
    EXPECT_FALSE(dialect->first_update(R"({"e":"aggTrade","s":"BTCUSDT","U":1})"));
    const auto reaches = [&](Market market, int last) {
        return dialect->reaches(market, R"({"lastUpdateId":)" + std::to_string(last) + "}", 157);
    };
    EXPECT_EQ(reaches(Market::BinanceSpot, 155), false);
    EXPECT_EQ(reaches(Market::BinanceSpot, 156), true) << "157 is the next";
    EXPECT_EQ(reaches(Market::BinanceUsdm, 156), false);
    EXPECT_EQ(reaches(Market::BinanceUsdm, 157), true);
    EXPECT_EQ(dialect->reaches(Market::BinanceSpot, "<html>", 157), std::nullopt);
}

TEST(BinanceFeed, SpreadsStreamsOverConnectionsWithinTheVenuesLimits) {
    FeedDesk desk = make_desk();
    acknowledge(desk);
    desk.bodies["exchangeInfo"] = kListings;
    for (int i = 0; i < 400; ++i) {
        ASSERT_TRUE(
            desk.feed->subscribe({Market::BinanceSpot, "S" + std::to_string(i),
                                  ports::kFeedDepth | ports::kFeedQuote | ports::kFeedTrades}));
    }
    desk.feed->start(desk.transport.time);
    desk.pass(Nanos::seconds(10));
    const auto connections = desk.feed->connections();
    ASSERT_EQ(connections.size(), 2u);
    EXPECT_EQ(connections[0].topics, 1'024u);
    EXPECT_EQ(connections[1].topics, 176u);
    std::size_t topics = 0;
    for (const auto& [id, text] : desk.sent) {
        EXPECT_LE(times(text, "@"), 200u);
        topics += times(text, ",\"") - 1;  // params, less the id
    }
    EXPECT_EQ(topics, 1'200u);
    ASSERT_EQ(desk.statuses.size(), 1u);
    EXPECT_TRUE(desk.statuses[0].up);
}

TEST(BinanceFeed, MessagesOfAConnectionStayBelowFiveASecond) {
    FeedDesk desk = make_desk();
    acknowledge(desk);
    desk.bodies["exchangeInfo"] = kListings;
    for (int i = 0; i < 1'000; ++i)
        ASSERT_TRUE(desk.feed->subscribe(
            {Market::BinanceSpot, "S" + std::to_string(i), ports::kFeedTrades}));
    desk.feed->start(desk.transport.time);
    std::vector<UnixNanos> times_sent;
    for (int i = 0; i < 600; ++i) {
        desk.pass(Nanos::millis(10));
        for (std::size_t n = desk.take_sent().size(); n > 0; --n)
            times_sent.push_back(desk.transport.time);
    }
    ASSERT_EQ(times_sent.size(), 10u);
    for (std::size_t i = 4; i < times_sent.size(); ++i)
        EXPECT_GE(times_sent[i] - times_sent[i - 4], Nanos::seconds(1));
}

TEST(BinanceFeed, ConnectsWhenTheListingsAreKnownAndFetchesSnapshotsBehindTheFirstUpdate) {
    FeedDesk desk = make_desk();
    acknowledge(desk);
    ASSERT_TRUE(desk.feed->subscribe({Market::BinanceSpot, "BTCUSDT", ports::kFeedDepth}));
    desk.feed->start(desk.transport.time);
    desk.pass(Nanos::seconds(1));
    EXPECT_TRUE(desk.transport.connections.empty());
    desk.bodies["exchangeInfo"] = kListings;
    desk.bodies["depth?symbol=BTCUSDT&limit=1000"] = R"({"lastUpdateId":9,"bids":[],"asks":[]})";
    desk.pass(Nanos::seconds(5));
    const ports::ConnectionId id = desk.transport.newest();
    EXPECT_THAT(desk.take_sent(),
                ElementsAre(R"({"method":"SUBSCRIBE","params":["btcusdt@depth@100ms"],"id":1})"));
    desk.asked.clear();
    desk.frames.clear();
    // The first snapshot was taken when nothing had come for two seconds.
    EXPECT_EQ(desk.feed->book(Market::BinanceSpot, "BTCUSDT").snapshots, 1u);
    desk.feed->resync(Market::BinanceSpot, "BTCUSDT", desk.transport.time);
    desk.feed->resync(Market::BinanceSpot, "BTCUSDT", desk.transport.time);
    desk.say(id, R"({"e":"depthUpdate","E":1,"s":"BTCUSDT","U":20,"u":22,"b":[],"a":[]})");
    desk.pass(Nanos::millis(1'500));
    EXPECT_EQ(desk.feed->book(Market::BinanceSpot, "BTCUSDT").resyncs, 1u) << "one was on its way";
    ASSERT_EQ(desk.frames.size(), 1u) << "9 is older than 20: not passed on";
    desk.bodies["depth?symbol=BTCUSDT&limit=1000"] = R"({"lastUpdateId":21,"bids":[],"asks":[]})";
    desk.pass(Nanos::seconds(5));
    ASSERT_EQ(desk.frames.size(), 2u);
    EXPECT_EQ(desk.frames[1].first, ports::FrameKind::RestBody);
    EXPECT_EQ(desk.frames[1].second, R"({"lastUpdateId":21,"bids":[],"asks":[]})");
}

TEST(BinanceFeed, ABookThatBeginsAnewLeavesBudgetToQuestionsAboutOrders) {
    FeedDesk desk = make_desk();
    acknowledge(desk);
    desk.bodies["exchangeInfo"] = kListings;
    desk.bodies["depth?symbol=BTCUSDT"] = R"({"lastUpdateId":9,"bids":[],"asks":[]})";
    // 5,400 of 6,000 are for all but cancels and hedges, 4,050 for what can wait.
    const auto spend = [&desk] {
        desk.rest.limiter().observe(spot::kWeight, 5'000, desk.transport.time);
    };
    spend();
    ASSERT_TRUE(desk.feed->subscribe({Market::BinanceSpot, "BTCUSDT", ports::kFeedDepth}));
    desk.feed->start(desk.transport.time);
    desk.pass(Nanos::seconds(65));
    const auto asked = [&desk] {
        return std::ranges::count_if(desk.asked, [](const std::string& url) {
            return url.find("depth?symbol=BTCUSDT") != std::string::npos;
        });
    };
    ASSERT_EQ(desk.feed->book(Market::BinanceSpot, "BTCUSDT").snapshots, 1u);
    EXPECT_EQ(asked(), 1) << "the first one does not wait";
    spend();
    desk.feed->resync(Market::BinanceSpot, "BTCUSDT", desk.transport.time);
    desk.pass(Nanos::seconds(30));
    EXPECT_EQ(asked(), 1);
    desk.pass(Nanos::seconds(60));
    EXPECT_GT(asked(), 1) << "its minute is over";
}

TEST(BinanceFeed, AConnectionThatBringsNothingIsCut) {
    FeedDesk desk = make_desk(Product::Usdm);
    acknowledge(desk);
    desk.bodies["exchangeInfo"] = kListings;
    ASSERT_TRUE(desk.feed->subscribe({Market::BinanceUsdm, "BTCUSDT", ports::kFeedTrades}));
    desk.feed->start(desk.transport.time);
    desk.pass(Nanos::seconds(1));
    // Pongs come, data does not: a stream asked for on the wrong route looks like this.
    for (int i = 0; i < 130; ++i) {
        desk.pass(Nanos::seconds(1));
        const ports::ConnectionId id = desk.transport.newest();
        if (desk.transport.connections[id.raw()].open) desk.give(desk.transport.pongs(id));
    }
    EXPECT_EQ(desk.feed->connections()[0].drops, 1u);
    EXPECT_EQ(desk.feed->connections()[0].last_reason, "owner: no data");
    EXPECT_EQ(desk.transport.connections.size(), 2u);
}

TEST(BinanceRest, WritesAndReads) {
    Rest spot{Product::Spot, "https://api.test"};
    venue_common::RestCall call;
    call.path = "/api/v3/depth";
    call.query = "symbol=BTCUSDT&limit=5";
    ports::HttpRequest request;
    spot.write(call, UnixNanos::from_millis(1), request);
    EXPECT_EQ(request.url, "https://api.test/api/v3/depth?symbol=BTCUSDT&limit=5");
    EXPECT_TRUE(request.headers.empty());
    EXPECT_EQ(spot.read_time(R"({"serverTime":1499827319559})"),
              UnixNanos::from_millis(1'499'827'319'559));
    EXPECT_EQ(spot.read_time("{}"), std::nullopt);
    const auto read = [](Rest& rest, std::uint16_t status, const char* body) {
        ports::NetEvent event;
        event.kind = ports::NetEventKind::Response;
        event.code = status;
        event.bytes = body;
        return rest.read(event);
    };
    using venue_common::Reaction;
    EXPECT_EQ(read(spot, 200, R"({"lastUpdateId":1})").verdict.reaction, Reaction::None);
    EXPECT_EQ(read(spot, 429, R"({"code":-1003,"msg":"Too many"})").verdict.reaction,
              Reaction::BackOff);
    const auto unknown = read(spot, 400, R"({"code":-1121,"msg":"Invalid symbol."})");
    EXPECT_EQ(unknown.code, -1121);
    EXPECT_EQ(unknown.verdict.reaction, Reaction::ReloadInstruments);
    EXPECT_NE(read(spot, 502, "<html>").verdict.reaction, Reaction::None);
    Rest coinm{Product::Usdm, "https://dapi.test", nullptr, true};
    EXPECT_EQ(coinm.time_call().path, "/dapi/v1/time");
}

}  // namespace
}  // namespace parallax::binance
