#include "orders/fill_filter.hpp"

#include <gtest/gtest.h>

namespace parallax::orders {
namespace {

Quantity q(std::int64_t raw) { return Quantity::from_raw(raw); }

TEST(FillFilter, CountsAnExecutionOnce) {
    FillFilter filter;
    EXPECT_EQ(filter.accept(7, q(3), q(3)), q(3));
    EXPECT_EQ(filter.accept(7, q(3), q(3)), q(0));
    EXPECT_EQ(filter.filled(), q(3));
}
TEST(FillFilter, TakesExecutionsInAnyOrder) {
    FillFilter filter;
    EXPECT_EQ(filter.accept(8, q(2), q(5)), q(2));
    EXPECT_EQ(filter.accept(7, q(3), q(3)), q(3));
    EXPECT_EQ(filter.filled(), q(5));
}
TEST(FillFilter, UsesTheCumulativeCountWhereThereIsNoTradeId) {
    FillFilter filter;
    EXPECT_EQ(filter.accept(0, q(3), q(3)), q(3));
    EXPECT_EQ(filter.accept(0, q(3), q(3)), q(0));
    EXPECT_EQ(filter.accept(0, q(1), q(5)), q(2));  // one was missed in between
    EXPECT_EQ(filter.accept(0, q(2), q(4)), q(0));
}
TEST(FillFilter, ARepetitionOlderThanItsMemoryStopsAtTheCumulativeCount) {
    FillFilter filter;
    for (std::int64_t i = 1; i <= 40; ++i) filter.accept(static_cast<std::uint64_t>(i), q(1), q(i));
    EXPECT_EQ(filter.accept(1, q(1), q(1)), q(0));
    EXPECT_EQ(filter.filled(), q(40));
}
TEST(FillFilter, KnowsWhenExecutionsAreMissing) {
    FillFilter filter;
    filter.expect(q(5));
    EXPECT_TRUE(filter.missing());
    EXPECT_EQ(filter.accept(1, q(2), q(2)), q(2));
    EXPECT_TRUE(filter.missing());
    EXPECT_EQ(filter.accept(2, q(3), q(5)), q(3));
    EXPECT_FALSE(filter.missing());
}
TEST(FillFilter, IgnoresNonsense) {
    FillFilter filter;
    EXPECT_EQ(filter.accept(1, q(-4), q(0)), q(0));
    EXPECT_EQ(filter.accept(0, q(4), q(0)), q(0));
    EXPECT_EQ(filter.accept(0, q(4), q(-9)), q(0));
}

}  // namespace
}  // namespace parallax::orders
