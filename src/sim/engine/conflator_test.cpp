#include "sim/engine/conflator.hpp"

#include <rapidcheck/gtest.h>

#include <map>

#include "core/archive.hpp"

#include "sim/engine/test_support.hpp"

namespace parallax::sim_engine {
namespace {

using testing::World;

/// Somebody who follows a stream.
struct Follower {
    std::map<Price, Quantity> bids, asks;
    std::uint64_t last = 0;
    void apply(const BookDelta& delta) {
        for (const auto& [side, levels] :
             {std::pair{&bids, &delta.bids}, std::pair{&asks, &delta.asks}}) {
            for (const Level& level : *levels) {
                if (level.quantity.is_zero()) {
                    side->erase(level.price);
                } else {
                    (*side)[level.price] = level.quantity;
                }
            }
        }
        last = delta.last;
    }
    [[nodiscard]] std::vector<Level> levels(Side side) const {
        std::vector<Level> out;
        for (const auto& [price, quantity] : side == Side::Buy ? bids : asks)
            out.push_back({price, quantity});
        if (side == Side::Buy) std::reverse(out.begin(), out.end());
        return out;
    }
};

RC_GTEST_PROP(Conflator, FollowersHaveTheBook, ()) {
    runtime::Random random{*rc::gen::arbitrary<std::uint64_t>()};
    World w;
    ChangeConflator changes{w.venue.book(w.spot).update()};
    TopConflator top{5};
    Follower all, best, joined;  // one takes its snapshot whenever
    best.apply(top.snapshot(w.venue.book(w.spot)));
    all.last = w.venue.book(w.spot).update();
    std::vector<OrderId> ids;
    for (int step = 0; step < 200; ++step) {
        if (random.chance(0.7) || ids.empty()) {
            NewOrder o = w.limit(0, random.chance(0.5) ? Side::Buy : Side::Sell,
                                 100.0 + static_cast<double>(random.below(30)) * 0.1,
                                 50 + static_cast<std::int64_t>(random.below(5)));
            ids.push_back(w.place(o));
        } else {
            (void)w.venue.cancel(w.accounts[0], ids[random.below(ids.size())], w.now);
        }
        for (const LevelChange& change : w.told<LevelChange>()) changes.add(change);
        w.venue.clear_events();
        if (random.chance(0.1)) {
            joined.bids.clear();
            joined.asks.clear();
            for (const Level& level : w.venue.levels(w.spot, Side::Buy, 1'000))
                joined.bids[level.price] = level.quantity;
            for (const Level& level : w.venue.levels(w.spot, Side::Sell, 1'000))
                joined.asks[level.price] = level.quantity;
            joined.last = w.venue.book(w.spot).update();
        }
        if (random.chance(0.7)) continue;
        if (const BookDelta* delta = changes.flush()) {
            RC_ASSERT(delta->first == all.last + 1);  // Binance spot's rule
            RC_ASSERT(delta->previous == all.last);
            all.apply(*delta);
            if (joined.last != 0) {
                if (delta->last > joined.last) joined.apply(*delta);
                RC_ASSERT(joined.levels(Side::Buy) == all.levels(Side::Buy));
                RC_ASSERT(joined.levels(Side::Sell) == all.levels(Side::Sell));
            }
        }
        if (const BookDelta* delta = top.flush(w.venue.book(w.spot))) {
            RC_ASSERT(delta->previous == best.last);
            RC_ASSERT(!delta->bids.empty() || !delta->asks.empty());
            best.apply(*delta);
        }
        for (const Side side : {Side::Buy, Side::Sell}) {
            RC_ASSERT(all.levels(side) == w.venue.levels(w.spot, side, 1'000));
            RC_ASSERT(best.levels(side) == w.venue.levels(w.spot, side, 5));
            RC_ASSERT(top.told(side) == best.levels(side));
        }
    }
}

TEST(Conflator, APriceThatCameBackIsToldToWhoTookASnapshotMeanwhile) {
    World w;
    w.place(w.limit(0, Side::Buy, 100, 100));
    w.venue.clear_events();
    ChangeConflator changes{w.venue.book(w.spot).update()};
    const std::uint64_t before = w.venue.book(w.spot).update();
    const OrderId id = w.place(w.limit(1, Side::Buy, 100, 50));
    Follower joins;  // with a snapshot in the middle of the interval
    for (const Level& level : w.venue.levels(w.spot, Side::Buy, 10))
        joins.bids[level.price] = level.quantity;
    ASSERT_TRUE(w.venue.cancel(w.accounts[1], id, w.now));
    w.place(w.limit(1, Side::Buy, 99, 70));
    for (const LevelChange& change : w.told<LevelChange>()) changes.add(change);
    EXPECT_TRUE(changes.pending());
    const BookDelta* delta = changes.flush();
    EXPECT_FALSE(changes.pending());
    ASSERT_NE(delta, nullptr);
    EXPECT_EQ(delta->bids,
              (std::vector<Level>{{w.price(100), w.quantity(100)}, {w.price(99), w.quantity(70)}}));
    joins.apply(*delta);
    EXPECT_EQ(joins.levels(Side::Buy), w.venue.levels(w.spot, Side::Buy, 10));
    EXPECT_EQ(delta->first, before + 1);
    EXPECT_EQ(delta->last, before + 3);
    EXPECT_EQ(changes.flush(), nullptr);
}

TEST(Conflator, QuotesComeAtMostOnceAnInterval) {
    QuoteConflator quotes{Nanos::millis(10)};
    const auto at = [](std::int64_t ms) { return UnixNanos::from_millis(1'000 + ms); };
    BestChange quote;
    quote.update = 1;
    quotes.add(quote);
    EXPECT_EQ(quotes.flush(at(0))->update, 1U);
    quote.update = 2;
    quotes.add(quote);
    EXPECT_FALSE(quotes.flush(at(9)));
    quote.update = 3;
    quotes.add(quote);
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(quotes);
    quotes = QuoteConflator{Nanos{}};
    StateReader reader{bytes};
    reader(quotes);
    EXPECT_TRUE(reader.finished());
    EXPECT_EQ(quotes.flush(at(10))->update, 3U);
    EXPECT_FALSE(quotes.flush(at(30)));
}

}  // namespace
}  // namespace parallax::sim_engine
