#include "adapters/venues/paper/latency.hpp"

#include <gtest/gtest.h>

namespace parallax::paper {
namespace {

TEST(LatencyModel, HasTheQuantilesItWasGiven) {
    const LatencyModel model{{Nanos::micros(2'000), Nanos::micros(9'000)}};
    runtime::Random random{3};
    std::vector<std::int64_t> draws(100'000);
    for (auto& draw : draws) draw = model.draw(random).count();
    std::sort(draws.begin(), draws.end());
    EXPECT_NEAR(static_cast<double>(draws[50'000]), 2e6, 5e4);
    EXPECT_NEAR(static_cast<double>(draws[99'000]), 9e6, 3e5);
    EXPECT_GT(draws[0], 700'000);
    EXPECT_NEAR(portable_log(0.001), -6.907755278982137, 1e-12);
    EXPECT_NEAR(portable_log(12345.678), 9.421061321291832, 1e-12);
}

}  // namespace
}  // namespace parallax::paper
