// What every market feed must do, against the simulated venue's real front over TLS.
#include "feeds/world.hpp"

namespace parallax::feed_testing {
namespace {

class FeedContract : public ::testing::TestWithParam<Way> {};

TEST_P(FeedContract, EveryBookBecomesLiveAndEqualsTheVenues) {
    World w{GetParam()};
    w.subscribe_all();
    ASSERT_TRUE(w.become_live());
    w.run(Nanos::seconds(2));
    EXPECT_EQ(w.gaps(), 0u);
    EXPECT_GT(w.reader->trades, 0u);
    EXPECT_GT(w.reader->marks, 0u);
    EXPECT_EQ(w.reader->errors, 0u);
    w.expect_equal_books();
    EXPECT_EQ(w.reader->doubles(), 0u);
    EXPECT_EQ(w.count(&ports::FeedConnection::drops), 0u);
}

TEST_P(FeedContract, AfterACutEveryBookIsLostAndComesBack) {
    World w{GetParam()};
    w.subscribe_all();
    ASSERT_TRUE(w.become_live());
    w.cut();
    ASSERT_TRUE(w.until([&] { return w.none_live(); }));
    EXPECT_GE(w.reader->notices_of(ports::FeedNoticeKind::BookLost), w.books().size());
    EXPECT_GT(w.reader->downs, 0u);
    ASSERT_TRUE(w.become_live());
    EXPECT_EQ(w.reader->ups, w.reader->downs * 2);
    w.expect_equal_books();
}

TEST_P(FeedContract, SilenceIsNoticedAndEveryBookComesBack) {
    venue_common::FeedSettings settings = World::quick();
    settings.silence = Nanos::millis(900);
    settings.heartbeat = Nanos::millis(250);
    World w{GetParam(), settings};
    w.subscribe_all();
    ASSERT_TRUE(w.become_live());
    // Nothing of these connections arrives any more; those made later work.
    std::set<std::uint64_t> stalled;
    w.tamper = [&](const ports::NetEvent& event) {
        const bool socket =
            event.kind == ports::NetEventKind::Message || event.kind == ports::NetEventKind::Pong;
        if (socket && w.reader->downs == 0) stalled.insert(event.connection.raw());
        return !socket || !stalled.contains(event.connection.raw());
    };
    ASSERT_TRUE(w.until([&] { return w.none_live(); }));
    ASSERT_TRUE(w.become_live());
    bool told = false;
    for (const ports::FeedConnection& one : w.feed->connections())
        told = told || one.last_reason.starts_with("silent");
    EXPECT_TRUE(told);
    w.expect_equal_books();
}

TEST_P(FeedContract, AGapIsMended) {
    World w{GetParam()};
    w.subscribe_all();
    ASSERT_TRUE(w.become_live());
    w.run(Nanos::millis(500));
    const std::uint64_t drops = w.count(&ports::FeedConnection::drops);
    for (int round = 0; round < 3; ++round) {
        // The next change of each book is lost.
        std::set<std::string> lost;
        w.tamper = [&](const ports::NetEvent& event) {
            if (event.kind != ports::NetEventKind::Message) return true;
            const std::string depth = w.depth_of(event);
            return depth.empty() || !lost.insert(depth).second;
        };
        const std::uint64_t before = w.gaps();
        // What is lost while a snapshot is on its way shows nothing; then another one is.
        auto since = std::chrono::steady_clock::now();
        ASSERT_TRUE(w.until([&] {
            if (std::chrono::steady_clock::now() - since > std::chrono::seconds{4}) {
                lost.clear();
                since = std::chrono::steady_clock::now();
            }
            return w.gaps() >= before + w.books().size();
        }));
        EXPECT_FALSE(w.all_live());
        ASSERT_TRUE(w.become_live());
        w.tamper = nullptr;
    }
    w.expect_equal_books();
    EXPECT_EQ(w.count(&ports::FeedConnection::drops), drops) << "no connection was given up";
    for (const Book& one : w.books()) EXPECT_GE(w.feed->book(one.market, one.symbol).resyncs, 3u);
}

TEST_P(FeedContract, ARefusedSymbolIsToldAndHarmsNoOther) {
    World w{GetParam()};
    const Market market = w.books()[0].market;
    ASSERT_TRUE(w.feed->subscribe({market, "NOSUCH", ports::kFeedDepth | ports::kFeedTrades}));
    w.subscribe_all();
    ASSERT_TRUE(w.become_live());
    ASSERT_TRUE(w.until([&] { return w.reader->notices_of(ports::FeedNoticeKind::Refused) > 0; }));
    for (const ports::FeedNotice& notice : w.reader->notices) EXPECT_EQ(notice.symbol, "NOSUCH");
    w.run(Nanos::seconds(2));
    EXPECT_LE(w.reader->notices_of(ports::FeedNoticeKind::Refused), 20u) << "rarely";
    EXPECT_EQ(w.count(&ports::FeedConnection::drops), 0u);
    w.expect_equal_books();
}

TEST_P(FeedContract, APlannedReplacementLosesNothing) {
    World w{GetParam()};
    w.subscribe_all();
    ASSERT_TRUE(w.become_live());
    const std::size_t connections = w.feed->connections().size();
    for (std::uint64_t round = 1; round <= 2; ++round) {
        w.feed->replace_all(w.now());
        const bool all = w.until([&] {
            EXPECT_TRUE(w.all_live()) << "at no time";
            return w.count(&ports::FeedConnection::replaced) == round * connections ||
                   !w.all_live();
        });
        ASSERT_TRUE(all && w.all_live());
        w.run(Nanos::seconds(2));  // the overlap, and the next connections within the limits
    }
    EXPECT_EQ(w.sessions.size(), connections) << "the old ones were left";
    EXPECT_EQ(w.reader->doubles(), 0u);
    EXPECT_GT(w.reader->trades, 20u);
    const std::size_t missing = w.reader->missing_trades();
    EXPECT_TRUE(GetParam().venue != Venue::Binance || missing == 0) << "its ids are dense";
    EXPECT_EQ(w.gaps(), 0u);
    EXPECT_EQ(w.reader->downs, 0u);
    EXPECT_EQ(w.count(&ports::FeedConnection::drops), 0u);
    EXPECT_EQ(w.reader->notices_of(ports::FeedNoticeKind::BookLost), 0u);
    w.expect_equal_books();
}

TEST_P(FeedContract, AVenueThatCutsAllTheTimeIsNotStormed) {
    World w{GetParam()};
    w.subscribe_all();
    ASSERT_TRUE(w.become_live());
    const std::uint64_t before = w.count(&ports::FeedConnection::attempts);
    const MonoNanos end = runtime::mono_now() + Nanos::seconds(3);
    ASSERT_TRUE(w.until([&] {
        w.cut();
        return runtime::mono_now() > end;
    }));
    const std::size_t connections = w.feed->connections().size();
    EXPECT_GT(w.count(&ports::FeedConnection::attempts), before);
    // 20, 40, ... 400 ms, each from its upper half: at most 5 in the first 310 ms, then 5 a second.
    EXPECT_LE(w.count(&ports::FeedConnection::attempts) - before, connections * 20);
    ASSERT_TRUE(w.become_live());
    w.expect_equal_books();
}

TEST_P(FeedContract, ASymbolMayComeAndGoWhileItRuns) {
    World w{GetParam()};
    const Book late = w.books().back();
    for (const Book& book : w.books()) {
        if (book.symbol == late.symbol) continue;
        ASSERT_TRUE(w.feed->subscribe({book.market, book.symbol, ports::kFeedAll}));
    }
    w.feed->start(w.now());
    const Book first = w.books().front();
    ASSERT_TRUE(w.until([&] { return w.reader->tradable(first.market, first.symbol); }));
    ASSERT_TRUE(w.feed->subscribe({late.market, late.symbol, ports::kFeedAll}));
    ASSERT_TRUE(w.become_live());
    w.expect_equal_books();
    w.feed->unsubscribe(late.market, late.symbol);
    EXPECT_FALSE(w.feed->book(late.market, late.symbol).subscribed);
    w.run(Nanos::millis(300));
    const auto last = w.reader->book(late.market, late.symbol)->last_id();
    w.run(Nanos::millis(700));
    EXPECT_EQ(w.reader->book(late.market, late.symbol)->last_id(), last)
        << "nothing comes any more";
    EXPECT_TRUE(w.reader->tradable(first.market, first.symbol));
    EXPECT_EQ(w.count(&ports::FeedConnection::drops), 0u);
}

TEST_P(FeedContract, AnotherVenuesMarketIsRefused) {
    World w{GetParam()};
    const Market other = GetParam().venue == Venue::Okx ? Market::BybitSpot : Market::Okx;
    EXPECT_FALSE(w.feed->subscribe({other, "BTCUSDT", ports::kFeedAll}));
}

TEST(BinanceFeed, ASnapshotThatIsRefusedIsAskedForAgainInTime) {
    World w{Venue::Binance};
    int refused = 0;
    static const ports::HttpHeader kLater[] = {{"Retry-After", "1"}};
    w.tamper = [&](ports::NetEvent& event) {
        if (event.kind == ports::NetEventKind::Response && refused < 3 &&
            event.bytes.find("lastUpdateId") != std::string_view::npos) {
            ++refused;
            event.code = 429;
            event.bytes = R"({"code":-1003,"msg":"Too many requests."})";
            event.headers = kLater;
        }
        return true;
    };
    w.subscribe_all();
    ASSERT_TRUE(w.until([&] { return refused == 3; }));
    EXPECT_FALSE(w.all_live()) << "without its snapshot";
    ASSERT_TRUE(w.become_live());
    EXPECT_EQ(w.count(&ports::FeedConnection::drops), 0u);
    w.expect_equal_books();
}

TEST(BinanceFeed, ASnapshotOlderThanTheFirstUpdateIsFetchedAgain) {
    venue_common::FeedSettings settings = World::quick();
    settings.first_update = Nanos::seconds(10);  // every book has a first update
    World w{Venue::Binance, settings};
    std::string stale;
    int given = 0;
    w.tamper = [&](ports::NetEvent& event) {
        if (event.kind == ports::NetEventKind::Response && given < 2 &&
            event.bytes.starts_with(R"({"lastUpdateId":)")) {
            ++given;
            stale = R"({"lastUpdateId":1,"bids":[["1.0","1.0"]],"asks":[["2.0","1.0"]]})";
            event.bytes = stale;
        }
        return true;
    };
    w.subscribe_all();
    ASSERT_TRUE(w.become_live());
    EXPECT_EQ(given, 2);
    EXPECT_EQ(w.reader->snapshots, w.books().size()) << "the old ones were not passed on";
    EXPECT_EQ(w.gaps(), 0u);
    w.expect_equal_books();
}

TEST(BinanceFixFeed, NewsOfMaintenanceArePrecededByNothingLost) {
    World w{Way{Venue::Binance, true}};
    w.subscribe_all();
    ASSERT_TRUE(w.become_live());
    const std::size_t sessions = w.binance()->fix().sessions();
    w.binance()->fix().close_at(w.sim().now() + Nanos::millis(1'500));
    const bool moved = w.until([&] {
        EXPECT_TRUE(w.all_live()) << "at no time";
        return w.count(&ports::FeedConnection::replaced) == 1 || !w.all_live();
    });
    ASSERT_TRUE(moved && w.all_live());
    w.run(Nanos::seconds(2));  // the old one has left before its server does
    EXPECT_EQ(w.binance()->fix().sessions(), sessions);
    EXPECT_EQ(w.count(&ports::FeedConnection::replaced), 1u) << "the new one is not told";
    EXPECT_EQ(w.count(&ports::FeedConnection::drops), 0u);
    EXPECT_EQ(w.reader->doubles(), 0u);
    EXPECT_EQ(w.reader->missing_trades(), 0u);
    EXPECT_EQ(w.gaps(), 0u);
    EXPECT_EQ(w.reader->downs, 0u);
    w.expect_equal_books();
}

TEST(BinanceFixFeed, AKeyThatIsRefusedIsToldAndTriedRarely) {
    World w{Way{Venue::Binance, true}};
    w.forget_key();
    w.subscribe_all();
    w.run(Nanos::seconds(2));
    EXPECT_FALSE(w.reader->tradable(Market::BinanceSpot, "BTCUSDT"));
    EXPECT_TRUE(w.reader->tradable(Market::BinanceUsdm, "BTCUSDT")) << "harms no other";
    const auto all = w.feed->connections();
    const auto fix = std::find_if(all.begin(), all.end(),
                                  [](const auto& one) { return one.name == "spot over FIX"; });
    ASSERT_NE(fix, all.end());
    EXPECT_TRUE(fix->last_reason.starts_with("not signed in -2015")) << fix->last_reason;
    EXPECT_LE(fix->attempts, 20u) << "ever more rarely";
}

TEST(OkxFeed, AnAnnouncedUpgradeIsPrecededByANewConnection) {
    World w{Venue::Okx};
    w.subscribe_all();
    ASSERT_TRUE(w.become_live());
    w.okx()->announce_upgrade();
    ASSERT_TRUE(w.until([&] { return w.count(&ports::FeedConnection::replaced) == 1; }));
    w.run(Nanos::millis(600));
    EXPECT_EQ(w.gaps(), 0u);
    EXPECT_EQ(w.reader->downs, 0u);
    w.expect_equal_books();
}

TEST_P(FeedContract, NewListingsAndRulesAreSeen) {
    venue_common::FeedSettings settings = World::quick();
    settings.refresh = Nanos::millis(300);
    World w{GetParam(), settings};
    w.subscribe_all();
    ASSERT_TRUE(w.become_live());
    w.run(Nanos::seconds(1));
    EXPECT_TRUE(w.reader->notices.empty()) << "nothing changed";
    const Book book = w.books()[0];
    const ListingId id = *w.sim().find_listing(book.market, book.symbol);
    InstrumentDefinition definition = w.sim().listing(id).definition;
    definition.tick = "0.001";
    ASSERT_TRUE(w.sim().change_rules(definition));
    ASSERT_TRUE(
        w.until([&] { return w.reader->notices_of(ports::FeedNoticeKind::RulesChanged) == 1; }));
    EXPECT_EQ(w.reader->notices[0].symbol, book.symbol);
    EXPECT_NE(w.reader->notices[0].text.find("tick"), std::string::npos);
    ASSERT_TRUE(w.become_live());
}

INSTANTIATE_TEST_SUITE_P(All, FeedContract,
                         ::testing::Values(Way{Venue::Binance}, Way{Venue::Binance, true},
                                           Way{Venue::Okx}, Way{Venue::Bybit}),
                         [](const auto& of) { return of.param.name(); });

}  // namespace
}  // namespace parallax::feed_testing
