#include "book/level_store.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <limits>
#include <map>
#include <vector>

#include "book/order_book.hpp"
#include "core/archive.hpp"

namespace parallax::book {

namespace {

Level level(std::int64_t price, std::int64_t quantity) {
    return {Price::from_raw(price), Quantity::from_raw(quantity)};
}

/// The book a textbook would write.
class NaiveSide {
public:
    explicit NaiveSide(Side side) : side_{side} {}
    void set(Level l) {
        if (l.quantity.is_zero()) {
            levels_.erase(l.price);
        } else {
            levels_[l.price] = l.quantity;
        }
    }
    void clear() { levels_.clear(); }
    void rescale(std::int64_t price_factor, std::int64_t quantity_factor) {
        std::map<Price, Quantity> scaled;
        for (const auto& [price, quantity] : levels_) {
            scaled[Price::from_raw(price.raw() * price_factor)] =
                Quantity::from_raw(quantity.raw() * quantity_factor);
        }
        levels_ = std::move(scaled);
    }
    [[nodiscard]] std::vector<Level> best_first() const {
        std::vector<Level> out;
        for (const auto& [price, quantity] : levels_) out.push_back({price, quantity});
        if (side_ == Side::Buy) std::reverse(out.begin(), out.end());
        return out;
    }
    [[nodiscard]] std::size_t size() const { return levels_.size(); }
    [[nodiscard]] Price any(std::size_t i) const {
        return std::next(levels_.begin(), static_cast<std::ptrdiff_t>(i))->first;
    }

private:
    Side side_;
    std::map<Price, Quantity> levels_;
};

std::vector<Level> best_first(const LevelStore& store) {
    std::vector<Level> out;
    for (auto it = store.cursor(); !it.done(); ++it) out.push_back(*it);
    return out;
}

struct Pair {
    explicit Pair(Side side) : store{side}, naive{side} {}
    void set(Level l) {
        store.set(l.price, l.quantity);
        naive.set(l);
    }
    void expect_equal() const {
        const auto expected = naive.best_first();
        RC_ASSERT(store.size() == expected.size());
        RC_ASSERT(store.empty() == expected.empty());
        RC_ASSERT(best_first(store) == expected);
        RC_ASSERT(store.best() == (expected.empty() ? Level{} : expected.front()));
    }
    LevelStore store;
    NaiveSide naive;
};

Side any_side() { return *rc::gen::element(Side::Buy, Side::Sell); }
std::int64_t any_quantity() {
    return *rc::gen::weightedOneOf<std::int64_t>(
        {{3, rc::gen::just<std::int64_t>(0)}, {7, rc::gen::inRange<std::int64_t>(1, 1'000)}});
}

TEST(LevelStore, EqualsAMapUnderDenseUpdates) {  // few prices: most updates hit a level
    EXPECT_TRUE(rc::check("dense", [] {
        Pair pair{any_side()};
        const int steps = *rc::gen::inRange(0, 600);
        for (int i = 0; i < steps; ++i)
            pair.set(level(*rc::gen::inRange<std::int64_t>(1, 150), any_quantity()));
        pair.expect_equal();
    }));
}

TEST(LevelStore, EqualsAMapUnderSparseUpdates) {  // any price at all
    EXPECT_TRUE(rc::check("sparse", [] {
        Pair pair{any_side()};
        for (const std::int64_t price : *rc::gen::arbitrary<std::vector<std::int64_t>>()) {
            RC_PRE(price != std::numeric_limits<std::int64_t>::min());
            pair.set(level(price, any_quantity()));
            pair.expect_equal();
        }
    }));
}

TEST(LevelStore, EqualsAMapWhenItGrowsAndShrinksAtItsEnds) {
    EXPECT_TRUE(rc::check("ends", [] {
        Pair pair{any_side()};
        std::int64_t low = 0;
        std::int64_t high = 0;
        const int steps = *rc::gen::inRange(0, 400);
        for (int i = 0; i < steps; ++i) {
            switch (*rc::gen::inRange(0, 4)) {
                case 0:
                    pair.set(level(++high, 1));
                    break;
                case 1:
                    pair.set(level(--low, 1));
                    break;
                case 2:
                    pair.set(level(high > low ? high-- : high, 0));
                    break;
                default:
                    pair.set(level(high > low ? low++ : low, 0));
                    break;
            }
        }
        pair.expect_equal();
    }));
}

/// Runs of inserts and removals: chunks split, empty, merge.
TEST(LevelStore, EqualsAMapThroughSplitsMergesAndMassRemovals) {
    EXPECT_TRUE(rc::check("mass", [] {
        Pair pair{any_side()};
        const int rounds = *rc::gen::inRange(1, 12);
        for (int round = 0; round < rounds; ++round) {
            const auto start = *rc::gen::inRange<std::int64_t>(1, 2'000);
            const auto count = *rc::gen::inRange<std::int64_t>(1, 700);
            const auto stride = *rc::gen::inRange<std::int64_t>(1, 4);
            const std::int64_t quantity = any_quantity();
            const bool down = *rc::gen::arbitrary<bool>();
            for (std::int64_t i = 0; i < count; ++i) {
                pair.set(level(start + stride * (down ? count - i : i), quantity));
            }
            pair.expect_equal();
        }
    }));
}

TEST(LevelStore, HoldsFiveThousandLevelsInAnyOrder) {
    for (const Side side : {Side::Buy, Side::Sell}) {
        LevelStore store{side};
        NaiveSide naive{side};
        std::uint64_t state = 1;
        for (int i = 0; i < 40'000; ++i) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            const auto price = static_cast<std::int64_t>(state >> 33) % 7'000 + 1;
            const Level l = level(price, i % 7 == 0 && naive.size() > 5'000 ? 0 : i + 1);
            store.set(l.price, l.quantity);
            naive.set(l);
        }
        EXPECT_GT(store.size(), 5'000U);
        EXPECT_EQ(best_first(store), naive.best_first());
        while (naive.size() > 0) {  // from the middle outwards
            const Level gone = {naive.any(naive.size() / 2), Quantity{}};
            store.set(gone.price, gone.quantity);
            naive.set(gone);
            if (naive.size() % 500 == 0) {
                ASSERT_EQ(best_first(store), naive.best_first());
            }
        }
        EXPECT_TRUE(store.empty());
        EXPECT_TRUE(store.cursor().done());
    }
}

TEST(LevelStore, TakesTheLargestPrices) {
    constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
    for (const Side side : {Side::Buy, Side::Sell}) {
        Pair pair{side};
        for (const std::int64_t price :
             {kMax, kMax - 1, -kMax, std::int64_t{0}, kMax - 2, -kMax + 1}) {
            pair.set(level(price, 5));
            EXPECT_EQ(best_first(pair.store), pair.naive.best_first());
        }
        for (const std::int64_t price : {kMax, -kMax}) {
            pair.set(level(price, 0));
            EXPECT_EQ(best_first(pair.store), pair.naive.best_first());
        }
    }
}

/// Whole messages: prices in order or not, the same price twice, some far from the others, so that
/// levels go beyond 32 bits of the best and come back.
TEST(LevelStore, EqualsAMapUnderMessagesOfAnyOrder) {
    EXPECT_TRUE(rc::check("messages", [] {
        constexpr std::int64_t kFar = std::int64_t{1} << 31;
        Pair pair{any_side()};
        const int messages = *rc::gen::inRange(1, 40);
        for (int m = 0; m < messages; ++m) {
            std::vector<Level> levels;
            const auto count = *rc::gen::inRange<std::size_t>(0, 60);
            const auto spread = *rc::gen::element<std::int64_t>(1, 1, 1, kFar / 50, kFar / 3);
            const auto shift = *rc::gen::element<std::int64_t>(0, 0, 0, kFar, -3 * kFar);
            for (std::size_t i = 0; i < count; ++i) {
                const auto step = *rc::gen::inRange<std::int64_t>(-100, 100);
                levels.push_back(level(shift + spread * step, any_quantity()));
            }
            const int order = *rc::gen::inRange(0, 3);
            const auto worse = [](const Level& a, const Level& b) { return a.price < b.price; };
            if (order > 0) std::sort(levels.begin(), levels.end(), worse);
            if (order > 1) std::reverse(levels.begin(), levels.end());
            pair.store.apply(levels);
            for (const Level& l : levels) pair.naive.set(l);
            pair.expect_equal();
        }
    }));
}

TEST(LevelStore, KeepsItsOrderBetweenWalks) {  // a walk sorts, changes must undo that
    EXPECT_TRUE(rc::check("walks", [] {
        Pair pair{any_side()};
        for (int i = 0; i < 300; ++i) {
            pair.set(level(*rc::gen::inRange<std::int64_t>(1, 60), any_quantity()));
            if (*rc::gen::inRange(0, 3) == 0) pair.expect_equal();
        }
        pair.expect_equal();
    }));
}

TEST(LevelStore, RemovingWhatIsNotThereChangesNothing) {
    LevelStore store{Side::Buy};
    store.set(Price::from_raw(10), Quantity{});
    EXPECT_TRUE(store.empty());
    store.set(Price::from_raw(10), Quantity::from_raw(1));
    store.set(Price::from_raw(9), Quantity{});
    store.set(Price::from_raw(11), Quantity{});
    EXPECT_EQ(best_first(store), std::vector{level(10, 1)});
}

TEST(LevelStore, StartsOverAfterClear) {
    EXPECT_TRUE(rc::check("clear", [] {
        Pair pair{any_side()};
        for (int round = 0; round < 3; ++round) {
            for (int i = 0; i < 200; ++i)
                pair.set(level(*rc::gen::inRange<std::int64_t>(1, 500), any_quantity()));
            pair.expect_equal();
            pair.store.clear();
            pair.naive.clear();
            pair.expect_equal();
        }
    }));
}

TEST(LevelStore, RescalesEveryLevel) {
    EXPECT_TRUE(rc::check("rescale", [] {
        Pair pair{any_side()};
        for (int i = 0; i < 200; ++i)
            pair.set(level(*rc::gen::inRange<std::int64_t>(-500, 500), any_quantity()));
        RC_ASSERT(pair.store.rescale(100, 10));
        pair.naive.rescale(100, 10);
        pair.expect_equal();
        for (int i = 0; i < 100; ++i)
            pair.set(level(*rc::gen::inRange<std::int64_t>(-50'000, 50'000), any_quantity()));
        pair.expect_equal();
    }));
}

TEST(LevelStore,
     ANumberThatDoesNotFitTheFinerScaleClearsIt) {  // 1e13 pieces at eight more decimals
    LevelStore store{Side::Sell};
    store.set(Price::from_raw(1), Quantity::from_raw(10'000'000'000'000));
    EXPECT_FALSE(store.rescale(1, 100'000'000));
    EXPECT_TRUE(store.empty());
}

TEST(LevelStore, ReadsBackFromItsState) {
    EXPECT_TRUE(rc::check("state", [] {
        const Side side = any_side();
        Pair pair{side};
        for (int i = 0; i < 200; ++i)
            pair.set(level(*rc::gen::inRange<std::int64_t>(1, 400), any_quantity()));
        std::vector<std::byte> bytes;
        StateWriter writer{bytes};
        writer(pair.store);
        LevelStore copy{side};
        copy.set(Price::from_raw(7), Quantity::from_raw(7));
        StateReader reader{bytes};
        reader(copy);
        RC_ASSERT(reader.finished());
        RC_ASSERT(best_first(copy) == best_first(pair.store));
        RC_ASSERT(state_hash(copy) == state_hash(pair.store));
    }));
}

TEST(OrderBook, AssignReplacesEverything) {
    OrderBook book;
    book.set(Side::Buy, level(99, 1));
    book.set(Side::Sell, level(101, 1));
    const std::vector<Level> bids{level(95, 2), level(97, 3)};
    book.assign(bids, {});
    EXPECT_EQ(book.best_bid(), level(97, 3));
    EXPECT_EQ(book.best_ask(), Level{});
    EXPECT_EQ(book.side(Side::Buy).size(), 2U);
}

}  // namespace
}  // namespace parallax::book
