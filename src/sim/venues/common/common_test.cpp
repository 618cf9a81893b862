#include <gtest/gtest.h>

#include "sim/venues/common/depth_scheduler.hpp"
#include "sim/venues/common/parameters.hpp"
#include "sim/venues/common/rate_window.hpp"
#include "sim/venues/common/server_transport_testing.hpp"
#include "sim/venues/common/sessions.hpp"

namespace parallax::sim_front {
namespace {

constexpr UnixNanos kNow = UnixNanos::from_millis(1'767'225'600'000);

TEST(Parameters, KeepOrderAndUndoEscapes) {
    Parameters p;
    ASSERT_TRUE(p.add_encoded("symbol=BTCUSDT&a=%E4%BD%A0+b&empty=&flag&&symbol=X"));
    EXPECT_EQ(p.entries().size(), 5u);
    EXPECT_EQ(p.text("a"), "\xE4\xBD\xA0 b");
    EXPECT_EQ(p.text("symbol"), "BTCUSDT");
    EXPECT_TRUE(p.has("empty") && p.has("flag") && !p.has("b"));
    ASSERT_NE(p.duplicate(), nullptr);
    EXPECT_EQ(*p.duplicate(), "symbol");
    for (const char* bad : {"a=%", "a=%1", "a=%zz", "%=1"}) {
        Parameters other;
        EXPECT_FALSE(other.add_encoded(bad)) << bad;
    }
    Parameters many;
    std::string text;
    for (std::size_t i = 0; i <= Parameters::kMost; ++i) text += "a=1&";
    EXPECT_FALSE(many.add_encoded(text));
}

TEST(FixedText, PadsAndCuts) {
    EXPECT_EQ(fixed_text(15, 1, 8), "1.50000000");
    EXPECT_EQ(fixed_text(-1, 18, 20), "-0.00000000000000000100");
    EXPECT_EQ(fixed_text(12'345, 4, 2), "1.23");
    EXPECT_EQ(fixed_text(7, 0, 2), "7.00");
    EXPECT_EQ(fixed_text(75, 1, 0), "7");
    EXPECT_EQ(fixed_text(0, 3, 2), "0.00");
}

TEST(Integer, IsDigitsOnly) {
    EXPECT_EQ(integer("-12"), -12);
    for (const char* bad : {"", "1.0", " 1", "1 ", "+1", "99999999999999999999", "0x1"})
        EXPECT_FALSE(integer(bad)) << bad;
}

TEST(ReadJson, KeepsEveryDigitAndSaysWhereItStops) {
    const ReadJson read =
        read_json(R"({"p":52000.00,"n":12,"big":18446744073709551616,"l":[1,"x"]})");
    ASSERT_TRUE(read.good);
    EXPECT_EQ(read.value["p"], "52000.00");
    EXPECT_EQ(read.value["n"], 12);
    EXPECT_EQ(read.value["big"], "18446744073709551616");
    EXPECT_EQ(read.value["l"].size(), 2u);
    const ReadJson bad = read_json("{\"a\":}");
    EXPECT_FALSE(bad.good);
    EXPECT_EQ(bad.at, 6u);
    EXPECT_FALSE(read_json("").good);
    EXPECT_FALSE(read_json("\xff\xfe").good);
    EXPECT_FALSE(read_json(std::string(100'000, '[')).good);
}

TEST(RateWindow, AlignedStartsAnewOnTheMinute) {
    const RateLimit limit{Nanos::seconds(60), 10, WindowKind::Aligned};
    RateWindow window;
    const UnixNanos late = kNow + Nanos::seconds(59);
    EXPECT_TRUE(window.add(limit, late, 10));
    EXPECT_FALSE(window.add(limit, late, 1));
    EXPECT_EQ(window.used(limit, late), 11u);
    EXPECT_EQ(window.free_at(limit, late), kNow + Nanos::seconds(60));
    window.take_back(limit, late, 3);
    EXPECT_EQ(window.used(limit, late), 8u);
    EXPECT_EQ(window.used(limit, kNow + Nanos::seconds(60)), 0u);
}

TEST(RateWindow, SlidingNeverLetsMoreThroughInAnyInterval) {
    const RateLimit limit{Nanos::seconds(2), 5, WindowKind::Sliding};
    RateWindow window;
    std::vector<UnixNanos> passed;
    for (int i = 0; i < 5'000; ++i) {
        const UnixNanos now = kNow + Nanos::millis(7 * i);
        if (!window.fits(limit, now, 1)) continue;
        window.add(limit, now);
        passed.push_back(now);
    }
    ASSERT_GT(passed.size(), 75u);  // 35 s: hardly fewer than allowed
    for (std::size_t i = 5; i < passed.size(); ++i)
        EXPECT_GT(passed[i] - passed[i - 5], limit.interval);
}

TEST(RateTable, ForgetsIdleKeys) {
    RateTable table{{Nanos::seconds(1), 5, WindowKind::Aligned}};
    for (int i = 0; i < 10'000; ++i) table.add(std::to_string(i), kNow + Nanos::millis(10 * i));
    EXPECT_LT(table.size(), 2'048u);
}

TEST(Sessions, QueueForSlowReadersAndCloseTheHopeless) {
    RecordedServer server;
    Sessions<int> sessions{server};
    auto& s = sessions.open(ports::SessionId{1}, "10.0.0.1", {}, kNow, 0);
    server.full = true;
    sessions.send(s, "1");
    sessions.send(s, "2");
    server.full = false;
    sessions.send(s, "3");  // not before those that wait
    EXPECT_TRUE(server.sent[1].empty());
    sessions.advance(kNow);
    EXPECT_EQ(server.sent[1], (std::deque<std::string>{"1", "2", "3"}));
    server.full = true;
    const std::string big(1024 * 1024, 'x');
    for (int i = 0; i < 4; ++i) sessions.send(s, big);
    EXPECT_TRUE(server.closed.empty());
    sessions.send(s, "y");
    EXPECT_EQ(server.closed[1], 1008);
}

TEST(Sessions, PingAndEndWhoDoesNotAnswer) {
    RecordedServer server;
    Sessions<int> sessions{server};
    const KeepAlive rules{Nanos::seconds(20), Nanos::seconds(60), {}, Nanos::seconds(86'400)};
    sessions.open(ports::SessionId{1}, "a", rules, kNow, 0);
    sessions.open(ports::SessionId{2}, "b", rules, kNow, 0);
    EXPECT_EQ(sessions.next_due(), kNow + Nanos::seconds(20));
    for (int t = 1; t <= 100; ++t) {
        const UnixNanos now = kNow + Nanos::seconds(t);
        sessions.advance(now);
        sessions.heard(ports::SessionId{1}, ports::ServerEventKind::Pong, now);
    }
    EXPECT_EQ(server.pings[1], 5);
    EXPECT_FALSE(server.closed.contains(1));
    EXPECT_EQ(server.closed[2], 1008);
    sessions.advance(kNow + Nanos::seconds(86'400));
    EXPECT_TRUE(server.closed.contains(1));
}

TEST(DepthScheduler, EndsIntervalsOnTheirMultiplesAndLeavesTogether) {
    DepthScheduler depth;
    const sim_engine::ListingId listing{3};
    depth.follow(listing, Nanos::millis(100), 7, kNow + Nanos::millis(30));
    depth.follow(listing, Nanos::millis(100), 8, kNow + Nanos::millis(40));
    EXPECT_EQ(depth.next_due(), kNow + Nanos::millis(100));
    sim_engine::LevelChange change;
    change.listing = listing;
    change.price = Price::from_raw(5);
    change.after = Quantity::from_raw(2);
    change.update = 9;
    depth.add(change);
    change.listing = sim_engine::ListingId{4};
    depth.add(change);
    std::vector<std::uint64_t> told;
    const auto tell = [&](auto, auto, const sim_engine::BookDelta& d) {
        told.insert(told.end(), {d.previous, d.first, d.last});
    };
    depth.flush(kNow + Nanos::millis(99), tell);
    EXPECT_TRUE(told.empty());
    depth.flush(kNow + Nanos::millis(100), tell);
    EXPECT_EQ(told, (std::vector<std::uint64_t>{7, 9, 9}));
    depth.leave(listing, Nanos::millis(100));
    EXPECT_EQ(depth.size(), 1u);
    depth.leave(listing, Nanos::millis(100));
    EXPECT_EQ(depth.size(), 0u);
}

}  // namespace
}  // namespace parallax::sim_front
