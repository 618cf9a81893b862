// Quotes over depth.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "book/feed_book_test_kit.hpp"

namespace parallax::book {
namespace {

TEST(FusedBook, ANewerQuoteHidesWhatIsBetterAndReplacesItsOwnPrice) {
    Feed feed{GapPolicy::FirstIsNext};
    feed.snapshot(10, {level(100, 1), level(99, 2), level(98, 3)}, {level(101, 1), level(102, 2)});
    EXPECT_TRUE(feed.quote(12, level(99, 7), level(102, 8)).top_changed);
    EXPECT_EQ(feed.book.best_bid(), level(99, 7));
    EXPECT_EQ(feed.book.best(Side::Sell), level(102, 8));
    EXPECT_EQ(walk(feed.book, Side::Buy), (std::vector{level(99, 7), level(98, 3)}));
    EXPECT_EQ(walk(feed.book, Side::Sell), std::vector{level(102, 8)});
    feed.delta(11, 12, -1, 5);  // the depth catches up
    EXPECT_EQ(feed.book.best_bid(), level(100, 5));
    EXPECT_EQ(walk(feed.book, Side::Buy), (std::vector{level(100, 5), level(99, 2), level(98, 3)}));
}

TEST(FusedBook, ANewerQuoteBetterThanAllComesFirst) {
    Feed feed{GapPolicy::FirstIsNext};
    feed.snapshot(10, {level(100, 1)}, {level(110, 1)});
    feed.quote(11, level(103, 4), level(104, 5));
    EXPECT_EQ(walk(feed.book, Side::Buy), (std::vector{level(103, 4), level(100, 1)}));
    EXPECT_EQ(walk(feed.book, Side::Sell), (std::vector{level(104, 5), level(110, 1)}));
}

TEST(FusedBook, AnOlderQuoteChangesNothing) {
    Feed feed{GapPolicy::FirstIsNext};
    feed.snapshot(10);
    EXPECT_FALSE(feed.quote(9, level(105, 1), level(106, 1)).top_changed);
    feed.quote(12, level(104, 1), level(106, 1));
    EXPECT_FALSE(feed.quote(11, level(105, 1), level(106, 1)).top_changed) << "overtaken";
    EXPECT_EQ(feed.book.best_bid(), level(104, 1));
}

TEST(FusedBook, AQuoteWithoutANumberOnlyProvesLife) {
    Feed feed{GapPolicy::NextId};
    feed.snapshot(10);
    EXPECT_TRUE(feed.book.expire(at(feed.now + 1)));
    EXPECT_EQ(feed.book.state(), BookState::Stale);
    feed.quote(0, level(105, 1), level(106, 1));
    EXPECT_EQ(feed.book.best_bid(), level(100, 1));
    EXPECT_TRUE(feed.book.tradable());
}

TEST(FusedBook, CursorEqualsTheNaiveOverlay) {
    EXPECT_TRUE(rc::check("overlay", [] {
        Feed feed{GapPolicy::FirstIsNext};
        std::map<std::int64_t, std::int64_t> asks;
        std::vector<Level> levels;
        for (int i = *rc::gen::inRange(0, 60); i > 0; --i) {
            const auto price = *rc::gen::inRange<std::int64_t>(1, 80);
            asks[price] = i;
            levels.push_back(level(price, i));
        }
        feed.snapshot(10, {}, levels);
        const auto price = *rc::gen::inRange<std::int64_t>(1, 80);
        const auto quantity = *rc::gen::inRange<std::int64_t>(0, 3);
        const bool newer = *rc::gen::arbitrary<bool>();
        feed.quote(newer ? 11 : 10, {}, level(price, quantity));
        if (newer && quantity > 0) {
            asks.erase(asks.begin(), asks.upper_bound(price));
            asks[price] = quantity;
        }
        std::vector<Level> expected;
        for (const auto& [p, q] : asks) expected.push_back(level(p, q));
        RC_ASSERT(walk(feed.book, Side::Sell) == expected);
    }));
}

TEST(FusedBook, CountsQuotesThatMeetTheirDepthUpdate) {
    Feed feed{GapPolicy::FirstIsNext};
    feed.snapshot(10);
    feed.quote(10, level(100, 1), level(110, 1));
    EXPECT_EQ(feed.book.counters().quotes_compared, 1U);
    EXPECT_EQ(feed.book.counters().quotes_equal, 1U);
    feed.quote(12, level(100, 3), level(110, 1));  // waits for 12
    feed.quote(13, level(100, 9), level(110, 1));  // 13 never comes alone
    feed.delta(11, 12, -1, 3);
    EXPECT_EQ(feed.book.counters().quotes_compared, 2U);
    EXPECT_EQ(feed.book.counters().quotes_equal, 2U);
    feed.delta(13, 15, -1, 4);
    EXPECT_EQ(feed.book.counters().quotes_compared, 2U) << "equal only at equal ids";
    feed.quote(15, level(100, 5), level(110, 1));
    EXPECT_EQ(feed.book.counters().quotes_compared, 3U);
    EXPECT_EQ(feed.book.counters().quotes_equal, 2U) << "a book that is wrong shows";
}

}  // namespace
}  // namespace parallax::book
