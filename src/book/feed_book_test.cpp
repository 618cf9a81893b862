#include "book/feed_book.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

#include "book/book_set.hpp"
#include "core/archive.hpp"

namespace parallax::book {
namespace {

Level level(std::int64_t price, std::int64_t quantity) {
    return {Price::from_raw(price), Quantity::from_raw(quantity)};
}
UnixNanos at(std::int64_t ms) { return UnixNanos::from_millis(ms); }

/// A book and the words to tell it a story with.
struct Feed {
    explicit Feed(GapPolicy policy) : book{policy} {}
    Applied snapshot(std::uint64_t id, std::vector<Level> bids = {level(100, 1)},
                     std::vector<Level> asks = {level(110, 1)}) {
        return book.on_depth({true, id, id, -1, at(++now), at(now), bids, asks});
    }
    /// Bid 100 gets the quantity: an update one can recognise.
    Applied delta(std::uint64_t first, std::uint64_t last, std::int64_t previous,
                  std::int64_t quantity) {
        const std::vector<Level> bids{level(100, quantity)};
        return book.on_depth({false, first, last, previous, at(++now), at(now), bids, {}});
    }
    Applied next(std::uint64_t id, std::int64_t quantity) {
        return delta(id, id, -1, quantity);
    }  // Bybit
    Applied chained(std::int64_t previous, std::uint64_t id, std::int64_t quantity) {  // OKX
        return delta(id, id, previous, quantity);
    }
    Applied heartbeat(std::uint64_t id) {
        return book.on_depth(
            {false, id, id, static_cast<std::int64_t>(id), at(++now), at(now), {}, {}});
    }
    Applied quote(std::uint64_t id, Level bid, Level ask, std::int64_t venue_ms = 0) {
        return book.on_quote({id, at(++now), venue_ms == 0 ? at(now) : at(venue_ms), bid, ask});
    }
    [[nodiscard]] std::int64_t bid_quantity() const {
        return book.depth().best_bid().quantity.raw();
    }
    FeedBook book;
    std::int64_t now = 1'000'000;
};

// ---- Binance spot: U <= last u + 1, snapshot by REST

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

// ---- Binance futures: pu == last u

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

// ---- OKX: prevSeqId == last seqId

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

// ---- Bybit: u == last u + 1

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

// ---- resynchronising loses nothing: any policy, any loss, against the venue's own book

struct Sent {
    std::uint64_t first, last;
    std::int64_t previous;
    std::vector<Level> bids;
    std::map<std::int64_t, std::int64_t> book;  ///< the venue's after it
};

TEST(FeedBook, EndsEqualToTheVenueWhateverIsLostAndWheneverItResyncs) {
    EXPECT_TRUE(rc::check("resync", [] {
        const GapPolicy policy = *rc::gen::element(GapPolicy::FirstIsNext, GapPolicy::PreviousId,
                                                   GapPolicy::PreviousSequence, GapPolicy::NextId);
        std::vector<Sent> sent;
        std::map<std::int64_t, std::int64_t> venue;
        std::uint64_t id = 100;
        for (int i = 0; i < 60; ++i) {
            Sent s;
            s.previous = static_cast<std::int64_t>(id);
            const std::uint64_t jump =
                policy == GapPolicy::NextId ? 1 : *rc::gen::inRange<std::uint64_t>(1, 5);
            s.first = id + 1;
            id = s.last = id + jump;
            for (int k = *rc::gen::inRange(1, 4); k > 0; --k) {
                const auto price = *rc::gen::inRange<std::int64_t>(1, 20);
                const auto quantity = *rc::gen::inRange<std::int64_t>(0, 4);
                s.bids.push_back(level(price, quantity));
                if (quantity == 0)
                    venue.erase(price);
                else
                    venue[price] = quantity;
            }
            s.book = venue;
            sent.push_back(std::move(s));
        }
        Feed feed{policy};
        const auto snapshot_of = [&](const Sent& s) {
            std::vector<Level> bids;
            for (const auto& [price, quantity] : s.book) bids.push_back(level(price, quantity));
            return feed.snapshot(s.last, bids, {});
        };
        const bool in_stream = policy == GapPolicy::PreviousSequence || policy == GapPolicy::NextId;
        int answer_in = -1;  // messages until the answer to a snapshot request arrives
        for (std::size_t i = 0; i < sent.size(); ++i) {
            const Sent& s = sent[i];
            const bool lost = *rc::gen::inRange(0, 10) == 0;
            if (!lost) {
                const Applied applied =
                    feed.book.on_depth({false, s.first, s.last, s.previous, at(1), {}, s.bids, {}});
                if (applied.needs_snapshot) answer_in = *rc::gen::inRange(0, 4);
            }
            if (answer_in == 0) {
                // A REST answer may be some messages old; one in the stream is of now.
                const std::size_t oldest = in_stream ? 0 : std::min<std::size_t>(i, 3);
                const std::size_t age = *rc::gen::inRange<std::size_t>(0, oldest + 1);
                answer_in =
                    snapshot_of(sent[i - age]).needs_snapshot ? *rc::gen::inRange(1, 4) : -1;
            } else if (answer_in > 0) {
                --answer_in;
            }
            if (feed.book.state() == BookState::Live) {
                const auto same = std::find_if(sent.begin(), sent.end(), [&](const Sent& other) {
                    return other.last == feed.book.last_id();
                });
                RC_ASSERT(same != sent.end());
                std::map<std::int64_t, std::int64_t> ours;
                for (auto it = feed.book.depth().side(Side::Buy).cursor(); !it.done(); ++it) {
                    ours[(*it).price.raw()] = (*it).quantity.raw();
                }
                RC_ASSERT(ours == same->book);
                if (!lost && answer_in < 0) RC_ASSERT(feed.book.last_id() == s.last);
            }
        }
    }));
}

// ---- quotes over depth

std::vector<Level> walk(const FeedBook& book, Side side) {
    std::vector<Level> out;
    for (auto it = book.cursor(side); !it.done(); ++it) out.push_back(*it);
    return out;
}

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

// ---- state of the book

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
