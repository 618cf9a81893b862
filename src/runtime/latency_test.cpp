#include "runtime/latency.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "runtime/clock.hpp"

namespace parallax::runtime {
namespace {

TEST(LatencyHistogram, IsEmptyAtFirst) {
    const LatencyHistogram histogram;
    EXPECT_EQ(histogram.count(), 0U);
    EXPECT_EQ(histogram.quantile(0.5), 0U);
    EXPECT_EQ(histogram.max(), 0U);
}

TEST(LatencyHistogram, IsExactBelowThirtyTwo) {
    for (std::int64_t ns = 0; ns < 32; ++ns) {
        LatencyHistogram histogram;
        histogram.record(ns);
        histogram.record(1'000'000);
        EXPECT_EQ(histogram.quantile(0.0), static_cast<std::uint64_t>(ns));
    }
}

TEST(LatencyHistogram, QuantilesAreNeverTooLowAndAtMostASixteenthTooHigh) {
    EXPECT_TRUE(rc::check("quantile", [] {
        LatencyHistogram histogram;
        std::vector<std::uint64_t> values;
        for (const std::uint64_t wide :
             *rc::gen::nonEmpty(rc::gen::arbitrary<std::vector<std::uint64_t>>())) {
            values.push_back(wide >> 1 >> *rc::gen::inRange(0, 63));
            histogram.record(static_cast<std::int64_t>(values.back()));
        }
        std::sort(values.begin(), values.end());
        for (const double q : {0.0, 0.5, 0.9, 0.99, 0.999, 1.0}) {
            const std::uint64_t exact =
                values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
            const std::uint64_t ours = histogram.quantile(q);
            RC_ASSERT(ours >= exact);
            RC_ASSERT(ours - exact <= exact / 16);
        }
        RC_ASSERT(histogram.count() == values.size());
        RC_ASSERT(histogram.max() == values.back());
    }));
}

TEST(LatencyHistogram, TakesTheEndsOfTheRange) {
    LatencyHistogram histogram;
    histogram.record(-5);  // a clock that stepped back counts as nothing, not as for ever
    histogram.record(std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(histogram.quantile(0.0), 0U);
    EXPECT_EQ(histogram.quantile(1.0),
              static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
}

TEST(Clock, MonotonicTimeDoesNotStepBack) {
    MonoNanos last = mono_now();
    for (int i = 0; i < 1'000; ++i) {
        const MonoNanos now = mono_now();
        ASSERT_GE(now, last);
        last = now;
    }
    EXPECT_GT(wall_now(), UnixNanos::from_millis(1'700'000'000'000));
}

}  // namespace
}  // namespace parallax::runtime
