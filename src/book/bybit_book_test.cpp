// u == last u + 1; and books that are whole each time.
#include <gtest/gtest.h>

#include "book/feed_book_test_kit.hpp"

namespace parallax::book {
namespace {

TEST(BybitBook, CountsByOne) {
    Feed feed{GapPolicy::NextId};
    feed.snapshot(50);
    EXPECT_TRUE(feed.next(51, 2).depth_changed);
    EXPECT_FALSE(feed.next(51, 3).depth_changed);
    EXPECT_TRUE(feed.next(53, 4).gap);
    feed.next(54, 5);
    feed.snapshot(52);
    EXPECT_TRUE(feed.book.tradable());
    EXPECT_EQ(feed.book.last_id(), 54U);
    EXPECT_EQ(feed.bid_quantity(), 5);
}

TEST(BybitBook, ARestartWithUOneReplacesTheBookWhateverItsType) {
    for (const bool typed : {true, false}) {
        Feed feed{GapPolicy::NextId};
        feed.snapshot(5'000);
        feed.quote(5'001, level(105, 1), level(106, 1));
        if (typed) {
            feed.snapshot(1, {level(90, 9)}, {level(91, 9)});
        } else {
            const std::vector<Level> bids{level(90, 9)};
            const std::vector<Level> asks{level(91, 9)};
            feed.book.on_depth({false, 1, 1, -1, at(++feed.now), at(feed.now), bids, asks});
        }
        EXPECT_TRUE(feed.book.tradable());
        EXPECT_EQ(feed.book.last_id(), 1U);
        EXPECT_EQ(feed.book.best_bid(), level(90, 9))
            << "neither old levels nor the old quote stay";
        EXPECT_EQ(feed.book.best_ask(), level(91, 9));
        EXPECT_TRUE(feed.next(2, 3).depth_changed);
    }
}

TEST(BybitBook, ARestartWhileWaitingNeverLoops) {
    Feed feed{GapPolicy::NextId};
    feed.snapshot(5'000);
    feed.next(5'005, 2);
    feed.next(5'006, 3);
    EXPECT_FALSE(feed.snapshot(1).needs_snapshot);
    EXPECT_TRUE(feed.book.tradable());
    EXPECT_EQ(feed.bid_quantity(), 1);
}

TEST(SnapshotOnlyBook, EveryMessageIsWhole) {
    Feed feed{GapPolicy::SnapshotOnly};
    EXPECT_TRUE(feed.delta(7, 7, -1, 5).depth_changed);
    EXPECT_TRUE(feed.book.tradable());
    const std::vector<Level> bids{level(99, 2)};
    feed.book.on_depth({false, 8, 8, -1, at(++feed.now), {}, bids, {}});
    EXPECT_EQ(feed.book.best_bid(), level(99, 2));
    EXPECT_EQ(feed.book.depth().side(Side::Buy).size(), 1U);
}

}  // namespace
}  // namespace parallax::book
