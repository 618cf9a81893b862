#include "runtime/wall_clock.hpp"

#include <gtest/gtest.h>

namespace parallax::runtime {
namespace {

TEST(WallClock, StartsAtTheHostsTimeAndNeverFalls) {
    const WallClock clock;
    const UnixNanos first = clock.now();
    const Nanos off = wall_now() - first;
    EXPECT_LT(off.count() < 0 ? -off.count() : off.count(), 1'000'000'000);
    UnixNanos last = first;
    for (int i = 0; i < 1'000; ++i) {
        const UnixNanos now = clock.now();
        EXPECT_GE(now, last);
        last = now;
    }
}

TEST(WallClock, RunsAtItsSpeed) {
    const auto start = UnixNanos::from_millis(1'767'225'600'000);
    const auto origin = MonoNanos::from_nanos(5);
    const WallClock clock{start, origin, 20};
    EXPECT_EQ(clock.at(origin), start);
    EXPECT_EQ(clock.at(origin + Nanos::seconds(3)), start + Nanos::seconds(60));
    EXPECT_EQ(clock.real(Nanos::seconds(60)), Nanos::seconds(3));
}

}  // namespace
}  // namespace parallax::runtime
