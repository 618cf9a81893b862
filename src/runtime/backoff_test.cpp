#include "runtime/backoff.hpp"

#include <gtest/gtest.h>

namespace parallax::runtime {
namespace {

TEST(Backoff, DoublesToItsLimitWithJitterAndStartsAgain) {
    Backoff backoff{Nanos::millis(100), Nanos::seconds(1), 7};
    for (const std::int64_t whole : {100, 200, 400, 800, 1'000, 1'000}) {
        const Nanos wait = backoff.next();
        EXPECT_GE(wait, Nanos::millis(whole) / 2);
        EXPECT_LE(wait, Nanos::millis(whole));
    }
    backoff.reset();
    EXPECT_LE(backoff.next(), Nanos::millis(100));
}

TEST(Backoff, SeedDecides) {
    Backoff a{Nanos::millis(100), Nanos::seconds(1), 7};
    Backoff b{Nanos::millis(100), Nanos::seconds(1), 7};
    Backoff c{Nanos::millis(100), Nanos::seconds(1), 8};
    const Nanos first = a.next();
    EXPECT_EQ(first, b.next());
    EXPECT_NE(first, c.next());
}

}  // namespace
}  // namespace parallax::runtime
