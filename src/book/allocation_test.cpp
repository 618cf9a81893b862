#include <gtest/gtest.h>

#include "book/order_book.hpp"
#include "testing/allocations.hpp"

namespace parallax::book {
namespace {

Level level(std::int64_t price, std::int64_t quantity) {
    return {Price::from_raw(price), Quantity::from_raw(quantity)};
}

TEST(LevelStore, UpdatingLevelsAllocatesNothing) {
    PLX_NEEDS_ALLOCATION_COUNT();
    OrderBook book;
    for (std::int64_t i = 1; i <= 1'000; ++i) {
        book.set(Side::Buy, level(10'000 - i, 1));
        book.set(Side::Sell, level(10'000 + i, 1));
    }
    const std::size_t before = allocations();
    for (std::int64_t round = 0; round < 10; ++round) {
        for (std::int64_t i = 1; i <= 1'000; i += 3) {
            book.set(Side::Buy, level(10'000 - i, round + 2));
            book.set(Side::Sell, level(10'000 + i, round + 2));
        }
        for (std::int64_t i = 1; i <= 20; ++i) {  // the best levels leave and come back
            book.set(Side::Buy, level(10'000 - i, 0));
            book.set(Side::Buy, level(10'000 - i, 3));
        }
        (void)book.best_bid();
        for (auto it = book.side(Side::Sell).cursor(); !it.done(); ++it) (void)*it;
    }
    EXPECT_EQ(allocations(), before);
}

TEST(LevelStore, ClearingAndFillingAgainAllocatesNothing) {
    PLX_NEEDS_ALLOCATION_COUNT();
    LevelStore store{Side::Sell};
    const auto fill = [&] {
        for (std::int64_t i = 1; i <= 500; ++i)
            store.set(Price::from_raw(i), Quantity::from_raw(1));
    };
    fill();
    const std::size_t before = allocations();
    store.clear();
    fill();
    EXPECT_EQ(allocations(), before);
}

}  // namespace
}  // namespace parallax::book
