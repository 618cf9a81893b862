#include "adapters/venues/common/clock_offset.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "core/archive.hpp"
#include "runtime/random.hpp"

namespace parallax::venue_common {
namespace {

constexpr auto kStart = UnixNanos::from_millis(1'700'000'000'000);
constexpr auto ms = [](std::int64_t count) { return Nanos::millis(count); };

/// A venue whose clock is `ahead` of ours and tells whole milliseconds.
bool ask(ClockOffset& clock, UnixNanos sent, Nanos there, Nanos back, Nanos ahead) {
    const UnixNanos read = sent + there + ahead;
    return clock.on_sample(sent, UnixNanos::from_millis(read.millis()), sent + there + back);
}

TEST(ClockOffset, KnowsNothingAtFirst) {
    const ClockOffset clock;
    EXPECT_FALSE(clock.estimate(kStart));
    EXPECT_EQ(clock.venue_time(kStart), kStart);
}

TEST(ClockOffset, TheSmallestRoundTripWins) {
    ClockOffset clock;
    ask(clock, kStart, ms(150), ms(5), ms(250));
    const auto rough = clock.estimate(kStart + ms(155)).value();
    ask(clock, kStart + ms(1'000), ms(2), ms(2), ms(250));
    ask(clock, kStart + ms(2'000), ms(5), ms(300), ms(250));
    const auto fine = clock.estimate(kStart + ms(2'305)).value();
    EXPECT_GT(rough.bound, ms(70));
    EXPECT_LT(fine.bound, ms(3));
    EXPECT_LE(std::abs((fine.offset - ms(250)).count()), fine.bound.count());
}

TEST(ClockOffset, ADelayOnOneSideOnlyStaysWithinTheBound) {
    for (const auto& [there, back] : {std::pair{ms(90), ms(1)}, std::pair{ms(1), ms(90)}}) {
        ClockOffset clock;
        ask(clock, kStart, there, back, ms(-400));
        const auto known = clock.estimate(kStart + there + back).value();
        EXPECT_LE(std::abs((known.offset - ms(-400)).count()), known.bound.count());
        EXPECT_LE(known.bound, ms(47));
        // The error of the middle is real: half the difference of the two ways.
        EXPECT_GT(std::abs((known.offset - ms(-400)).count()), ms(40).count());
    }
}

TEST(ClockOffset, HoldsForAnyDelaysAndDrift) {
    EXPECT_TRUE(rc::check("bound", [](std::uint64_t seed) {
        runtime::Random random{seed};
        ClockOffset clock;
        UnixNanos now = kStart;
        const std::int64_t offset = random.between(-5'000'000'000, 5'000'000'000);
        const std::int64_t ppm = random.between(-90, 90);
        const auto truth = [&](UnixNanos at) {
            return Nanos{offset + (at - kStart).count() / 1'000'000 * ppm};
        };
        for (int i = 0; i < 40; ++i) {
            now = now + Nanos{random.between(0, 60'000'000'000)};
            const Nanos there{random.between(0, 400'000'000)};
            const Nanos back{random.between(0, 400'000'000)};
            ask(clock, now, there, back, truth(now + there));
            now = now + there + back;
            const auto known = clock.estimate(now).value();
            RC_ASSERT(std::abs((known.offset - truth(now)).count()) <= known.bound.count());
            RC_ASSERT(clock.venue_time(now) == now + known.offset);
        }
    }));
}

TEST(ClockOffset, AClockThatWasSetIsNoticedByTheNextSample) {
    ClockOffset clock;
    ask(clock, kStart, ms(1), ms(1), ms(0));
    ask(clock, kStart + ms(1'000), ms(50), ms(50), ms(3'000));
    const auto known = clock.estimate(kStart + ms(1'100)).value();
    EXPECT_LE(std::abs((known.offset - ms(3'000)).count()), known.bound.count());
}

TEST(ClockOffset, ASampleAcrossABackwardStepIsNotUsed) {
    ClockOffset clock;
    EXPECT_FALSE(clock.on_sample(kStart, kStart, kStart - ms(1)));
    EXPECT_FALSE(clock.estimate(kStart));
}

TEST(ClockOffset, OldSamplesAreForgotten) {
    ClockOffset clock;
    ask(clock, kStart, ms(1), ms(1), ms(7));
    EXPECT_TRUE(clock.estimate(kStart + Nanos::seconds(600)));
    EXPECT_FALSE(clock.estimate(kStart + Nanos::seconds(601)));
}

TEST(ClockOffset, ItsStateSurvivesASnapshot) {
    ClockOffset clock;
    ask(clock, kStart, ms(1), ms(3), ms(7));
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(clock);
    ClockOffset other;
    StateReader reader{bytes};
    reader(other);
    EXPECT_TRUE(reader.finished());
    EXPECT_EQ(other.venue_time(kStart), clock.venue_time(kStart));
    EXPECT_NE(other.venue_time(kStart), kStart);
}

}  // namespace
}  // namespace parallax::venue_common
