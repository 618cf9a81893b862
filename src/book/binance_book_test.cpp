// Spot: U <= last u + 1. Futures: pu == last u. The snapshot comes by REST.
#include <gtest/gtest.h>

#include "book/feed_book_test_kit.hpp"

namespace parallax::book {
namespace {

TEST(BinanceSpotBook, BuffersUntilTheSnapshotAndDropsWhatItHolds) {
    Feed feed{GapPolicy::FirstIsNext};
    EXPECT_EQ(feed.book.state(), BookState::Empty);
    EXPECT_TRUE(feed.delta(90, 95, -1, 5).needs_snapshot);
    EXPECT_EQ(feed.book.state(), BookState::Syncing);
    EXPECT_FALSE(feed.delta(96, 100, -1, 6).needs_snapshot) << "asked already";
    EXPECT_FALSE(feed.delta(101, 105, -1, 7).needs_snapshot);
    EXPECT_FALSE(feed.book.tradable());
    const Applied applied = feed.snapshot(98);
    EXPECT_TRUE(applied.depth_changed && applied.top_changed);
    EXPECT_FALSE(applied.needs_snapshot);
    EXPECT_TRUE(feed.book.tradable());
    EXPECT_EQ(feed.book.last_id(), 105U);
    EXPECT_EQ(feed.bid_quantity(), 7);
    EXPECT_EQ(feed.book.counters().depth_applied, 2U);
    EXPECT_EQ(feed.book.counters().depth_dropped, 1U);
}

TEST(BinanceSpotBook, ASnapshotBeforeAnyDeltaIsEnough) {
    Feed feed{GapPolicy::FirstIsNext};
    feed.snapshot(98);
    EXPECT_TRUE(feed.book.tradable());
    EXPECT_FALSE(feed.delta(90, 98, -1, 5).depth_changed) << "all of it is in the snapshot";
    EXPECT_TRUE(feed.delta(97, 99, -1, 6).depth_changed) << "straddles the snapshot";
    EXPECT_TRUE(feed.delta(100, 120, -1, 7).depth_changed);
    EXPECT_EQ(feed.bid_quantity(), 7);
}

TEST(BinanceSpotBook, ASnapshotNewerThanAllThatWaitsIsEnough) {
    Feed feed{GapPolicy::FirstIsNext};
    feed.delta(90, 95, -1, 5);
    feed.snapshot(200);
    EXPECT_TRUE(feed.book.tradable());
    EXPECT_EQ(feed.bid_quantity(), 1);
    EXPECT_TRUE(feed.delta(201, 202, -1, 8).depth_changed);
}

TEST(BinanceSpotBook, ASnapshotOlderThanWhatWaitsIsAskedForAgainAndNothingIsLost) {
    Feed feed{GapPolicy::FirstIsNext};
    feed.delta(90, 95, -1, 5);
    feed.delta(96, 99, -1, 6);
    EXPECT_TRUE(feed.snapshot(80).needs_snapshot);
    EXPECT_EQ(feed.book.state(), BookState::Syncing);
    EXPECT_FALSE(feed.delta(100, 104, -1, 7).needs_snapshot);
    EXPECT_FALSE(feed.snapshot(97).needs_snapshot);
    EXPECT_EQ(feed.book.last_id(), 104U);
    EXPECT_EQ(feed.bid_quantity(), 7);
}

TEST(BinanceSpotBook, AGapStopsTradingUntilResynced) {
    Feed feed{GapPolicy::FirstIsNext};
    feed.snapshot(100);
    const Applied gap = feed.delta(103, 105, -1, 9);
    EXPECT_TRUE(gap.gap && gap.needs_snapshot);
    EXPECT_FALSE(gap.depth_changed);
    EXPECT_EQ(feed.book.state(), BookState::Gap);
    EXPECT_FALSE(feed.book.tradable());
    EXPECT_FALSE(feed.delta(106, 107, -1, 10).gap) << "told once";
    EXPECT_EQ(feed.book.counters().gaps, 1U);
    feed.snapshot(104);
    EXPECT_TRUE(feed.book.tradable());
    EXPECT_EQ(feed.bid_quantity(), 10) << "what came meanwhile was kept";
}

TEST(BinanceSpotBook, ALateSnapshotDoesNotTurnALiveBookBack) {
    Feed feed{GapPolicy::FirstIsNext};
    feed.snapshot(100);
    feed.delta(101, 110, -1, 9);
    EXPECT_FALSE(feed.snapshot(105).depth_changed);
    EXPECT_EQ(feed.book.last_id(), 110U);
    EXPECT_EQ(feed.bid_quantity(), 9);
    EXPECT_TRUE(feed.delta(111, 112, -1, 10).depth_changed);
}

TEST(BinanceFuturesBook, FollowsPu) {
    Feed feed{GapPolicy::PreviousId};
    feed.delta(70, 75, 69, 5);
    feed.delta(80, 95, 75, 6);
    feed.delta(99, 120, 95, 7);
    feed.snapshot(90);
    EXPECT_TRUE(feed.book.tradable());
    EXPECT_EQ(feed.book.last_id(), 120U);
    EXPECT_EQ(feed.bid_quantity(), 7);
    EXPECT_TRUE(feed.delta(130, 140, 120, 8).depth_changed) << "U is not last u + 1 there";
    EXPECT_FALSE(feed.delta(130, 140, 120, 9).depth_changed) << "seen already";
    EXPECT_TRUE(feed.delta(150, 160, 145, 10).gap);
}

TEST(BinanceFuturesBook, JoinsTheSnapshotAtItsVeryId) {
    Feed feed{GapPolicy::PreviousId};
    feed.delta(80, 90, 79, 5);
    feed.delta(91, 95, 90, 6);
    feed.snapshot(90);
    EXPECT_TRUE(feed.book.tradable());
    EXPECT_EQ(feed.bid_quantity(), 6);
}

TEST(BinanceFuturesBook, AFirstEventBehindTheSnapshotIsAGap) {
    Feed feed{GapPolicy::PreviousId};
    feed.delta(80, 95, 79, 6);
    EXPECT_TRUE(feed.snapshot(70).needs_snapshot);
    EXPECT_FALSE(feed.book.tradable());
    EXPECT_FALSE(feed.snapshot(85).needs_snapshot);
    EXPECT_TRUE(feed.book.tradable());
}

}  // namespace
}  // namespace parallax::book
