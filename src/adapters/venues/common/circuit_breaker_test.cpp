#include "adapters/venues/common/circuit_breaker.hpp"

#include <gtest/gtest.h>

#include "adapters/venues/common/reactions.hpp"
#include "core/archive.hpp"

namespace parallax::venue_common {
namespace {

constexpr auto kStart = UnixNanos::from_millis(1'700'000'000'000);
constexpr auto s = [](std::int64_t count) { return Nanos::seconds(count); };
using State = CircuitBreaker::State;

CircuitBreakers opened() {
    CircuitBreakers breakers{2, {}};
    for (int i = 0; i < 5; ++i) breakers.failed(0, kStart);
    return breakers;
}

TEST(CircuitBreaker, OpensAfterFailuresInARow) {
    CircuitBreakers breakers{2, {}};
    for (int i = 0; i < 4; ++i) breakers.failed(0, kStart);
    breakers.succeeded(0);  // not in a row
    for (int i = 0; i < 4; ++i) breakers.failed(0, kStart);
    EXPECT_TRUE(breakers.allow(0, kStart));
    breakers.failed(0, kStart);
    EXPECT_EQ(breakers.at(0).state(), State::Open);
    EXPECT_FALSE(breakers.allow(0, kStart));
    EXPECT_TRUE(breakers.allow(1, kStart));  // the other endpoint is well
}

TEST(CircuitBreaker, ProbesOneAtATimeAndClosesAfterTwo) {
    CircuitBreakers breakers = opened();
    EXPECT_FALSE(breakers.allow(0, kStart + s(1) - Nanos{1}));
    EXPECT_TRUE(breakers.allow(0, kStart + s(1)));
    EXPECT_EQ(breakers.at(0).state(), State::HalfOpen);
    EXPECT_FALSE(breakers.allow(0, kStart + s(1)));
    breakers.succeeded(0);
    EXPECT_EQ(breakers.at(0).state(), State::HalfOpen);
    EXPECT_TRUE(breakers.allow(0, kStart + s(1)));
    breakers.succeeded(0);
    EXPECT_EQ(breakers.at(0).state(), State::Closed);
}

TEST(CircuitBreaker, EveryFailedProbeDoublesThePauseUpToTheLongest) {
    CircuitBreakers breakers = opened();
    UnixNanos now = kStart;
    for (const std::int64_t pause : {1, 2, 4, 8, 16, 32, 60, 60}) {
        EXPECT_FALSE(breakers.allow(0, now + s(pause) - Nanos{1}));
        EXPECT_EQ(breakers.at(0).opens_at(), now + s(pause));
        now = now + s(pause);
        ASSERT_TRUE(breakers.allow(0, now));
        breakers.failed(0, now);
    }
}

TEST(CircuitBreaker, AProbeNobodyReportedOnIsForgotten) {
    CircuitBreakers breakers = opened();
    ASSERT_TRUE(breakers.allow(0, kStart + s(1)));
    EXPECT_FALSE(breakers.allow(0, kStart + s(60)));
    EXPECT_TRUE(breakers.allow(0, kStart + s(61)));
    breakers.abandoned(0);
    EXPECT_TRUE(breakers.allow(0, kStart + s(61)));
}

TEST(CircuitBreaker, LateAnswersDoNotCloseIt) {
    CircuitBreakers breakers = opened();
    for (int i = 0; i < 3; ++i) breakers.succeeded(0);
    EXPECT_FALSE(breakers.allow(0, kStart));
}

TEST(CircuitBreaker, ItsStateSurvivesASnapshot) {
    CircuitBreakers breakers = opened();
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(breakers);
    CircuitBreakers other{2, {}};
    StateReader reader{bytes};
    reader(other);
    EXPECT_TRUE(reader.finished());
    EXPECT_FALSE(other.allow(0, kStart));
    EXPECT_TRUE(other.allow(0, kStart + s(1)));
}

constexpr CodeRule kRules[] = {
    {-2010, -2010, Reaction::Unknown, "duplicate", "Duplicate"},
    {-2010, -2010, Reaction::Reject, "rejected"},
    {-5, -3, Reaction::BackOff, "a range"},
};
static_assert(well_formed(kRules));
constexpr CodeRule kShadowed[] = {{1, 1, Reaction::Reject, "all"},
                                  {1, 1, Reaction::Retry, "never reached", "text"}};
static_assert(!well_formed(kShadowed));
constexpr CodeRule kOverlapping[] = {{1, 5, Reaction::Reject, "a"}, {5, 6, Reaction::Retry, "b"}};
static_assert(!well_formed(kOverlapping));

TEST(Reactions, ATextDecidesBeforeTheCodeAlone) {
    EXPECT_EQ(look_up(kRules, -2010, "Duplicate order sent.").reaction, Reaction::Unknown);
    EXPECT_EQ(look_up(kRules, -2010, "Market is closed.").reaction, Reaction::Reject);
    EXPECT_EQ(look_up(kRules, -4, "").meaning, "a range");
}

TEST(Reactions, WhatIsNotInTheTableIsUnknown) {
    EXPECT_EQ(look_up(kRules, -6, "").reaction, Reaction::Unknown);
    EXPECT_EQ(look_up({}, 0, "").reaction, Reaction::Unknown);
    EXPECT_TRUE(is_failure(Reaction::Unknown));
    EXPECT_FALSE(is_failure(Reaction::Reject));
}

}  // namespace
}  // namespace parallax::venue_common
