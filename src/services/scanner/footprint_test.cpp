#include "services/scanner/footprint.hpp"

#include <gtest/gtest.h>

namespace parallax::scanner {
namespace {

constexpr UnixNanos kStart = UnixNanos::from_millis(1'700'000'000'000);

TEST(Footprint, DecaysWithTheHalfLifeThatWasMeasured) {
    Footprint taken;
    EXPECT_EQ(taken.left(kStart), 0.0);
    const auto bought = [&](UnixNanos now) {
        taken.add(now, 8.0, Side::Buy, Price::from_raw(100), Price::from_raw(110));
    };
    bought(kStart);
    EXPECT_DOUBLE_EQ(taken.left(kStart + Nanos::seconds(1)), 4.0);  // the prior: a second
    // each time it takes the book four seconds to come half way back
    UnixNanos now = kStart;
    for (int i = 0; i < 60; ++i, now = now + Nanos::seconds(1'000)) {
        bought(now);
        taken.observe(now + Nanos::seconds(2), Price::from_raw(106));  // not yet
        taken.observe(now + Nanos::seconds(4), Price::from_raw(105));
    }
    EXPECT_NEAR(taken.half_life_seconds(), 4.0, 1e-4);
    bought(now);
    EXPECT_NEAR(taken.left(now + Nanos::seconds(4)), 4.0, 1e-3);
}

TEST(Footprint, BidsRecoverUpwards) {
    Footprint taken;
    taken.add(kStart, 1.0, Side::Sell, Price::from_raw(110), Price::from_raw(100));
    taken.observe(kStart + Nanos::seconds(2), Price::from_raw(104));
    EXPECT_TRUE(taken.measuring());
    taken.observe(kStart + Nanos::seconds(3), Price::from_raw(105));
    EXPECT_FALSE(taken.measuring());
    EXPECT_NEAR(taken.half_life_seconds(), 1.0 + 0.2 * 2.0, 1e-9);
}

TEST(Impact, IsOfTheExampleInTheLiterature) {
    // $50k in a $1bn/day market at 2.4 % volatility: 1.7 bp (methods 2)
    EXPECT_NEAR(square_root_impact(1.0, 0.024, 50'000, 1e9) * 1e4, 1.7, 0.01);
    EXPECT_EQ(square_root_impact(1.0, 0.024, 50'000, 0.0), 0.0);
}

TEST(DailyVolume, IsTheRateOfTheTradesSeen) {
    DailyVolume volume;
    for (int i = 0; i <= 3'600; ++i) {
        volume.observe(kStart + Nanos::seconds(i), 2.0);
        if (i < 60) {
            EXPECT_EQ(volume.value(), 0.0);
        }
    }
    EXPECT_NEAR(volume.value(), 2.0 * 86'400.0, 2.0 * 86'400.0 * 0.001);
}

}  // namespace
}  // namespace parallax::scanner
