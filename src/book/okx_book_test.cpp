// prevSeqId == last seqId.
#include <gtest/gtest.h>

#include "book/feed_book_test_kit.hpp"

namespace parallax::book {
namespace {

TEST(OkxBook, AcceptsHeartbeatAndResetOfTheDocumentedChain) {
    Feed feed{GapPolicy::PreviousSequence};
    feed.snapshot(10);
    EXPECT_TRUE(feed.chained(10, 15, 2).depth_changed);
    EXPECT_FALSE(feed.heartbeat(15).gap);
    EXPECT_FALSE(feed.chained(15, 3, 3).gap) << "maintenance resets the numbers";
    EXPECT_FALSE(feed.chained(3, 5, 4).gap);
    EXPECT_TRUE(feed.book.tradable());
    EXPECT_EQ(feed.book.last_id(), 5U);
    EXPECT_EQ(feed.bid_quantity(), 4);
    EXPECT_TRUE(feed.chained(6, 7, 5).gap);
}

TEST(OkxBook, QuotesOfTheOldNumberingDoNotHideTheBookAfterAReset) {
    Feed feed{GapPolicy::PreviousSequence};
    feed.snapshot(10);
    feed.quote(14, level(104, 1), level(105, 1));
    EXPECT_EQ(feed.book.best_bid(), level(104, 1));
    feed.chained(10, 12, 2);
    EXPECT_EQ(feed.book.best_bid(), level(104, 1)) << "14 is newer than 12";
    const Applied reset = feed.chained(12, 3, 7);
    EXPECT_TRUE(reset.top_changed);
    EXPECT_EQ(feed.book.best_bid(), level(100, 7)) << "14 says nothing about 3";
    feed.quote(16, level(109, 1), level(109, 2), 1'000'001);  // delayed: sent before the reset
    EXPECT_EQ(feed.book.best_bid(), level(100, 7));
    feed.quote(4, level(103, 1), level(105, 1));
    EXPECT_EQ(feed.book.best_bid(), level(103, 1)) << "quotes of the new numbering count again";
    feed.chained(3, 5, 8);
    EXPECT_EQ(feed.book.best_bid(), level(100, 8));
    EXPECT_EQ(feed.book.counters().quotes_compared, 0U);
}

TEST(OkxBook, ResubscribingNeverLoops) {
    Feed feed{GapPolicy::PreviousSequence};
    feed.snapshot(10);
    EXPECT_TRUE(feed.chained(12, 15, 2).needs_snapshot);
    feed.chained(15, 17, 3);
    feed.chained(17, 20, 4);
    const Applied applied = feed.snapshot(30);  // in the stream: newer than all that waited
    EXPECT_FALSE(applied.needs_snapshot);
    EXPECT_TRUE(feed.book.tradable());
    EXPECT_EQ(feed.book.last_id(), 30U);
    EXPECT_EQ(feed.bid_quantity(), 1);
    EXPECT_TRUE(feed.chained(30, 33, 5).depth_changed);
}

TEST(OkxBook, WaitingUpdatesThatFollowTheSnapshotAreApplied) {
    Feed feed{GapPolicy::PreviousSequence};
    feed.snapshot(10);
    feed.chained(12, 15, 2);
    feed.chained(15, 17, 3);
    feed.chained(17, 20, 4);
    EXPECT_FALSE(feed.snapshot(15).needs_snapshot);
    EXPECT_EQ(feed.book.last_id(), 20U);
    EXPECT_EQ(feed.bid_quantity(), 4);
}

TEST(OkxBook, AResetWhileWaitingDoesNotLoopEither) {
    Feed feed{GapPolicy::PreviousSequence};
    feed.snapshot(100);
    feed.chained(120, 130, 2);
    feed.chained(130, 3, 3);
    EXPECT_FALSE(feed.snapshot(7).needs_snapshot);
    EXPECT_TRUE(feed.book.tradable());
    EXPECT_EQ(feed.bid_quantity(), 1);
    EXPECT_TRUE(feed.chained(7, 9, 4).depth_changed);
}

TEST(OkxBook, RecordingsWithoutSequenceNumbersAreTakenAsTheyCome) {
    Feed feed{GapPolicy::PreviousSequence};
    feed.snapshot(0);
    EXPECT_TRUE(feed.chained(-1, 0, 5).depth_changed);
    EXPECT_TRUE(feed.book.tradable());
    feed.book.reset();
    feed.chained(-1, 0, 6);
    feed.snapshot(0);
    EXPECT_EQ(feed.bid_quantity(), 1) << "a delta from before the snapshot is in it";
}

}  // namespace
}  // namespace parallax::book
