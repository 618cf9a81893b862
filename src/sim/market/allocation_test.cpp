#include <gtest/gtest.h>

#include "sim/market/synthetic_market.hpp"
#include "testing/allocations.hpp"

namespace parallax::sim_market {
namespace {

TEST(SyntheticMarket, AllocatesNothingAfterWarmUp) {
    PLX_NEEDS_ALLOCATION_COUNT();
    SyntheticMarket market{{}, 17};
    Frame frame;
    for (int i = 0; i < 100'000; ++i) market.next(frame);
    const std::size_t before = allocations();
    for (int i = 0; i < 500'000; ++i) market.next(frame);
    EXPECT_EQ(allocations() - before, 0U);
}

}  // namespace
}  // namespace parallax::sim_market
