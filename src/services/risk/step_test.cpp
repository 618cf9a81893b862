#include "services/risk/step.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace parallax::risk {
namespace {

TEST(Step, DividesWhatTheRemainderSaysItDivides) {
    for (std::int64_t step = 1; step <= 130; ++step) {
        const Step fast{step};
        for (std::int64_t n = 0; n <= 1'000; ++n)
            ASSERT_EQ(fast.divides(n), n % step == 0) << n << " / " << step;
    }
    for (const std::int64_t step : {std::int64_t{1}, std::int64_t{1} << 62, INT64_MAX}) {
        const Step fast{step};
        for (const std::int64_t n : {std::int64_t{0}, step - 1, step, INT64_MAX - 1, INT64_MAX})
            EXPECT_EQ(fast.divides(n), n % step == 0) << n << " / " << step;
    }
}
TEST(Step, AgreesWithTheRemainderEverywhere) {
    EXPECT_TRUE(rc::check("step", [] {
        const auto step = *rc::gen::inRange<std::int64_t>(1, INT64_MAX);
        const auto small = *rc::gen::inRange<std::int64_t>(1, 1'000'000);
        const auto times = *rc::gen::inRange<std::int64_t>(0, INT64_MAX / 1'000'000);
        const auto n = *rc::gen::inRange<std::int64_t>(0, INT64_MAX);
        RC_ASSERT(Step{step}.divides(n) == (n % step == 0));
        RC_ASSERT(Step{small}.divides(n) == (n % small == 0));
        RC_ASSERT(Step{small}.divides(small * times));
    }));
}

}  // namespace
}  // namespace parallax::risk
