#include "adapters/venues/okx/limits.hpp"

#include <gtest/gtest.h>

#include "adapters/venues/okx/errors.hpp"

namespace parallax::okx {
namespace {

using venue_common::RateLimiter;
using venue_common::RateRequest;
using venue_common::Reaction;
using venue_common::Urgency;

constexpr auto kStart = UnixNanos::from_millis(1'700'000'000'000);

TEST(OkxLimits, OrdersCountByInstrument) {
    RateLimiter rates{okx::rates()};
    int placed = 0;
    while (rates.acquire({.call = kPlaceSwap, .instrument = 1}, kStart)) ++placed;
    EXPECT_EQ(placed, 54);
    EXPECT_TRUE(rates.acquire({.call = kPlaceSwap, .instrument = 2}, kStart));
    EXPECT_TRUE(rates.acquire({.call = kCancel, .instrument = 1}, kStart));
}

TEST(OkxLimits, TheSubAccountsCapIsForSwapsAndCountsOrders) {
    RateLimiter rates{okx::rates()};
    for (std::uint64_t instrument = 1; instrument <= 45; ++instrument) {
        ASSERT_TRUE(rates.acquire({.call = kBatchPlaceSwap, .items = 20, .instrument = instrument},
                                  kStart));
    }
    const auto refused = rates.acquire({.call = kPlaceSwap, .instrument = 99}, kStart);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().limit, kSubAccountLimit);
    EXPECT_TRUE(rates.acquire({.call = kPlaceSpot, .instrument = 99}, kStart));
    EXPECT_TRUE(
        rates.acquire({.call = kPlaceSwap, .urgency = Urgency::Urgent, .instrument = 99}, kStart));
}

TEST(OkxLimits, EveryEndpointHasItsOwn) {
    RateLimiter rates{okx::rates()};
    ASSERT_TRUE(rates.acquire({.call = kStatus}, kStart));
    EXPECT_GE(rates.acquire({.call = kStatus}, kStart).error().at, kStart + Nanos::seconds(5));
    EXPECT_TRUE(rates.acquire({.call = kDepositHistory}, kStart));
    EXPECT_EQ(rates.table().calls[kDepositHistory].name, "asset/deposit-history");
    EXPECT_EQ(rates.table().calls[kQuery].name, "trade/order, query");
}

TEST(OkxLimits, RefusalsOfTheVenueHoldTheCallBack) {
    RateLimiter rates{okx::rates()};
    const RateRequest request{.call = kPlaceSpot, .instrument = 1};
    on_error(rates, request, 50011, kStart);
    EXPECT_EQ(rates.acquire(request, kStart).error().at, kStart + Nanos::seconds(2));
    EXPECT_TRUE(rates.acquire({.call = kPlaceSpot, .instrument = 2}, kStart));
    on_error(rates, request, 50061, kStart);
    EXPECT_FALSE(rates.acquire({.call = kPlaceSwap, .instrument = 2}, kStart));
    EXPECT_TRUE(rates.acquire({.call = kPlaceSpot, .instrument = 2}, kStart));
}

TEST(OkxErrors, TheSheetsReactions) {
    const auto says = [](std::int32_t code) { return judge(200, code, "").reaction; };
    EXPECT_EQ(says(0), Reaction::None);
    EXPECT_EQ(says(50011), Reaction::BackOff);
    EXPECT_EQ(says(50102), Reaction::ResyncClock);
    EXPECT_EQ(says(50113), Reaction::Halt);
    EXPECT_EQ(says(51008), Reaction::Reject);
    EXPECT_EQ(says(51016), Reaction::Unknown);
    EXPECT_EQ(says(51149), Reaction::Unknown);
    EXPECT_EQ(says(51400), Reaction::Done);
    EXPECT_EQ(says(51603), Reaction::NotFound);
    EXPECT_EQ(says(60011), Reaction::Relogin);
    EXPECT_EQ(says(64008), Reaction::ResyncBook);
    EXPECT_EQ(says(99999), Reaction::Unknown);
}

TEST(OkxErrors, AStatusAloneNeverMeansDone) {
    EXPECT_EQ(judge(200, -1, "").reaction, Reaction::Unknown);
    EXPECT_EQ(judge(502, -1, "").reaction, Reaction::Unknown);
    EXPECT_EQ(judge(429, -1, "").reaction, Reaction::BackOff);
}

}  // namespace
}  // namespace parallax::okx
