// State of the book.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "book/book_set.hpp"
#include "book/feed_book_test_kit.hpp"
#include "core/archive.hpp"

namespace parallax::book {
namespace {

TEST(FeedBook, ACrossedBookIsNotTradable) {
    Feed feed{GapPolicy::FirstIsNext};
    feed.snapshot(10, {level(100, 1)}, {level(101, 1)});
    const std::vector<Level> bids{level(101, 2)};
    feed.book.on_depth({false, 11, 11, -1, at(++feed.now), {}, bids, {}});
    EXPECT_EQ(feed.book.state(), BookState::Crossed);
    EXPECT_FALSE(feed.book.tradable());
    const std::vector<Level> gone{level(101, 0)};
    feed.book.on_depth({false, 12, 12, -1, at(++feed.now), {}, gone, {}});
    EXPECT_TRUE(feed.book.tradable());
    EXPECT_EQ(feed.book.counters().crossed, 1U);
    feed.quote(13, level(105, 1), level(104, 1));
    EXPECT_EQ(feed.book.state(), BookState::Crossed);
}

TEST(FeedBook, AnEmptySideIsNotCrossed) {
    Feed feed{GapPolicy::SnapshotOnly};
    feed.snapshot(1, {level(100, 1)}, {});
    EXPECT_TRUE(feed.book.tradable());
    EXPECT_TRUE(feed.book.best_ask().quantity.is_zero());
}

TEST(FeedBook, SilenceMakesItStaleAndAMessageWakesIt) {
    Feed feed{GapPolicy::FirstIsNext};
    EXPECT_FALSE(feed.book.expire(at(feed.now + 1))) << "an empty book cannot grow old";
    feed.snapshot(10);
    EXPECT_FALSE(feed.book.expire(feed.book.received()));
    EXPECT_TRUE(feed.book.expire(feed.book.received() + Nanos{1}));
    EXPECT_FALSE(feed.book.expire(feed.book.received() + Nanos{1})) << "told once";
    EXPECT_EQ(feed.book.state(), BookState::Stale);
    feed.delta(11, 11, -1, 2);
    EXPECT_TRUE(feed.book.tradable());
}

TEST(FeedBook, ResetForgetsLevelsQuotesAndNumbers) {
    Feed feed{GapPolicy::PreviousSequence};
    feed.snapshot(100);
    feed.quote(101, level(105, 1), level(106, 1));
    feed.book.reset();
    EXPECT_EQ(feed.book.state(), BookState::Empty);
    EXPECT_EQ(feed.book.best_bid(), Level{});
    EXPECT_EQ(feed.book.last_id(), 0U);
    EXPECT_TRUE(feed.chained(5, 6, 2).needs_snapshot);
    feed.snapshot(7);
    EXPECT_TRUE(feed.book.tradable());
}

TEST(FeedBook, RescalesLevelsQuoteAndWhatWaits) {
    Feed feed{GapPolicy::FirstIsNext};
    feed.snapshot(10);
    feed.quote(12, level(104, 3), level(105, 4));
    EXPECT_TRUE(feed.book.rescale(10, 100));
    EXPECT_EQ(feed.book.best_bid(), level(1'040, 300));
    const std::vector<Level> bids{level(1'040, 300)};
    const std::vector<Level> asks{level(1'050, 400)};
    feed.book.on_depth({false, 11, 12, -1, at(++feed.now), {}, bids, asks});
    EXPECT_EQ(feed.book.counters().quotes_equal, 1U) << "the quote that waited was multiplied too";
    EXPECT_EQ(walk(feed.book, Side::Buy), (std::vector{level(1'040, 300), level(1'000, 100)}));

    Feed waiting{GapPolicy::FirstIsNext};
    waiting.delta(11, 12, -1, 5);
    EXPECT_TRUE(waiting.book.rescale(10, 1));
    waiting.snapshot(10, {level(1'000, 1)}, {});
    EXPECT_EQ(waiting.book.best_bid(), level(1'000, 5));
}

TEST(FeedBook, ANumberThatDoesNotFitTheFinerScaleStartsOver) {
    Feed feed{GapPolicy::FirstIsNext};
    feed.snapshot(10, {level(1, 10'000'000'000'000)}, {});
    EXPECT_FALSE(feed.book.rescale(1, 100'000'000));
    EXPECT_EQ(feed.book.state(), BookState::Empty);
    EXPECT_FALSE(feed.book.tradable());
    EXPECT_TRUE(feed.delta(11, 12, -1, 5).needs_snapshot);
}

TEST(FeedBook, SaysWhenTheTopChanged) {
    Feed feed{GapPolicy::FirstIsNext};
    feed.snapshot(10, {level(100, 1), level(99, 1)}, {level(110, 1)});
    EXPECT_TRUE(feed.delta(11, 11, -1, 2).top_changed);
    EXPECT_FALSE(feed.delta(12, 12, -1, 2).top_changed) << "same quantity again";
    const std::vector<Level> deep{level(99, 5)};
    EXPECT_FALSE(feed.book.on_depth({false, 13, 13, -1, at(++feed.now), {}, deep, {}}).top_changed);
}

TEST(FeedBook, ReadsBackFromItsStateAndGoesOnAlike) {
    for (const bool waiting : {false, true}) {
        Feed feed{GapPolicy::PreviousSequence};
        feed.snapshot(10, {level(100, 1), level(99, 1)}, {level(110, 1)});
        feed.chained(10, 15, 2);
        feed.chained(15, 3, 3);
        feed.quote(4, level(103, 1), level(105, 1));
        if (waiting) feed.chained(7, 9, 4);
        std::vector<std::byte> bytes;
        StateWriter writer{bytes};
        writer(feed.book);
        Feed copy{GapPolicy::SnapshotOnly};
        copy.now = feed.now;
        StateReader reader{bytes};
        reader(copy.book);
        ASSERT_TRUE(reader.finished());
        EXPECT_EQ(state_hash(copy.book), state_hash(feed.book));
        EXPECT_EQ(copy.book.state(), feed.book.state());
        EXPECT_EQ(copy.book.best_bid(), feed.book.best_bid());
        for (Feed* f : {&feed, &copy}) {
            f->snapshot(7, {level(100, 6)}, {level(110, 2)});
            f->quote(8, level(101, 1), level(105, 1), f->now + 5);
            f->chained(9, 12, 8);
        }
        EXPECT_EQ(state_hash(copy.book), state_hash(feed.book));
    }
}

TEST(BookSet, KeepsBooksByIdAndReferencesValid) {
    BookSet books;
    FeedBook& first = books.add(GapPolicy::NextId);
    for (int i = 0; i < 100; ++i) books.add(GapPolicy::PreviousId);
    EXPECT_EQ(&first, &books.at(InstrumentId{0}));
    EXPECT_EQ(books[InstrumentId{1}].policy(), GapPolicy::PreviousId);
    EXPECT_EQ(books.size(), 101U);
    EXPECT_TRUE(books.contains(InstrumentId{100}));
    EXPECT_FALSE(books.contains(InstrumentId{101}));
    EXPECT_FALSE(books.contains(InstrumentId::none()));
}

}  // namespace
}  // namespace parallax::book
