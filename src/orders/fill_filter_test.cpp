#include "orders/fill_filter.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "core/archive.hpp"

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
TEST(FillFilter, TellsExecutionsWithoutTradeIdByTheirRun) {
    FillFilter filter;
    EXPECT_EQ(filter.accept(0, q(3), q(3)), q(3));
    EXPECT_EQ(filter.accept(0, q(3), q(3)), q(0));
    EXPECT_EQ(filter.accept(0, q(1), q(5)), q(1));
    EXPECT_TRUE(filter.missing());  // one in between has not come yet
    EXPECT_EQ(filter.accept(0, q(2), q(4)), q(1));
    EXPECT_FALSE(filter.missing());
    EXPECT_EQ(filter.filled(), q(5));
}
TEST(FillFilter, KnowsARepetitionUnderAnotherNameOrNone) {
    FillFilter filter;
    EXPECT_EQ(filter.accept(7, q(3), q(3)), q(3));
    EXPECT_EQ(filter.accept(0, q(3), q(3)), q(0));
    EXPECT_EQ(filter.accept(8, q(3), q(3)), q(0));
    EXPECT_EQ(filter.accept(0, q(5), q(5)), q(2));  // a sum over known ones
}
TEST(FillFilter, NeverForgetsARepetition) {
    FillFilter filter;
    for (std::uint64_t i = 1; i <= 40; ++i) EXPECT_EQ(filter.accept(i, q(1), q(0)), q(1));
    for (std::uint64_t i = 1; i <= 40; ++i) EXPECT_EQ(filter.accept(i, q(1), q(0)), q(0));
    EXPECT_EQ(filter.filled(), q(40));
}
TEST(FillFilter, KeepsAnyNumberOfGaps) {
    FillFilter filter;
    for (std::int64_t i = 40; i > 0; --i) EXPECT_EQ(filter.accept(0, q(1), q(2 * i)), q(1));
    for (std::int64_t i = 1; i <= 40; ++i) EXPECT_EQ(filter.accept(0, q(1), q(2 * i)), q(0));
    EXPECT_EQ(filter.accept(0, q(80), q(80)), q(40));
    EXPECT_FALSE(filter.missing());
}
TEST(FillFilter, CountsEachUnitOfTheQuantityOnce) {
    EXPECT_TRUE(rc::check([](const std::vector<std::pair<std::uint8_t, std::uint8_t>>& runs) {
        FillFilter filter;
        std::array<bool, 512> naive{};
        std::int64_t filled = 0;
        for (const auto& [begin, size] : runs) {
            std::int64_t fresh = 0;
            for (std::size_t unit = begin; unit < std::size_t{begin} + size; ++unit)
                fresh += std::exchange(naive[unit], true) ? 0 : 1;
            filled += fresh;
            RC_ASSERT(filter.accept(0, q(size), q(begin + size)) == q(fresh));
            RC_ASSERT(filter.filled() == q(filled));
        }
    }));
}
TEST(FillFilter, StateSurvivesARoundTripAndGrowsWithTheScale) {
    FillFilter filter;
    for (std::int64_t i = 1; i <= 20; ++i)
        filter.accept(static_cast<std::uint64_t>(i), q(1), q(3 * i));
    filter.rescale(10);
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(filter);
    FillFilter fresh;
    StateReader reader{bytes};
    reader(fresh);
    ASSERT_TRUE(reader.finished());
    EXPECT_EQ(state_hash(fresh), state_hash(filter));
    EXPECT_EQ(fresh.filled(), q(200));
    EXPECT_EQ(fresh.accept(20, q(10), q(600)), q(0));
    EXPECT_EQ(fresh.accept(21, q(20), q(590)), q(20));
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
    EXPECT_EQ(filter.accept(1, q(4), q(3)), q(0));  // more than all together
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(filter.accept(2, q(kMost), q(0)), q(kMost));
    EXPECT_EQ(filter.accept(3, q(1), q(0)), q(0));
}

}  // namespace
}  // namespace parallax::orders
