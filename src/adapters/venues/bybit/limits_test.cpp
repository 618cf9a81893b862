#include "adapters/venues/bybit/limits.hpp"

#include <gtest/gtest.h>

#include "adapters/venues/bybit/errors.hpp"

namespace parallax::bybit {
namespace {

using venue_common::RateLimiter;
using venue_common::RateRequest;
using venue_common::Reaction;
using venue_common::Wire;

constexpr auto kStart = UnixNanos::from_millis(1'700'000'000'000);

ports::NetEvent answer(std::uint16_t status, const std::vector<ports::HttpHeader>& headers) {
    ports::NetEvent event;
    event.kind = ports::NetEventKind::Response;
    event.code = status;
    event.received = kStart;
    event.headers = headers;
    return event;
}
constexpr RateRequest kLinear{.call = kPlaceLinear};

TEST(BybitLimits, ProductsHaveBucketsOfTheirOwn) {
    RateLimiter rates{bybit::rates()};
    int placed = 0;
    while (rates.acquire(kLinear, kStart)) ++placed;
    EXPECT_EQ(placed, 8);
    EXPECT_TRUE(rates.acquire({.call = kPlaceSpot}, kStart));
    EXPECT_TRUE(rates.acquire({.call = kCancelLinear}, kStart));
    EXPECT_FALSE(rates.acquire({.call = kBatchPlaceLinear, .items = 9}, kStart));
}

TEST(BybitLimits, OnlyHttpCountsForTheIpsHttpLimit) {
    RateLimiter rates{bybit::rates()};
    ASSERT_TRUE(rates.acquire({.call = kPlaceLinear, .wire = Wire::WebSocket}, kStart));
    EXPECT_EQ(rates.budget(kHttpLimit, kStart).used, 0U);
    ASSERT_TRUE(rates.acquire(kLinear, kStart));
    EXPECT_EQ(rates.budget(kHttpLimit, kStart).used, 1U);
    EXPECT_EQ(rates.budget(kFirstEndpointLimit, kStart).used, 2U);
}

TEST(BybitLimits, TheAccountsTierIsLearntFromHeaders) {
    RateLimiter rates{bybit::rates()};
    const std::vector<ports::HttpHeader> headers{{"X-Bapi-Limit", "40"},
                                                 {"X-Bapi-Limit-Status", "31"}};
    on_answer(rates, kLinear, rates.acquire(kLinear, kStart).value(), answer(200, headers), 0, {});
    const auto budget = rates.budget(kFirstEndpointLimit, kStart);
    EXPECT_EQ(budget.limit, 40U);
    EXPECT_EQ(budget.used, 9U);
    EXPECT_EQ(budget.left_normal, 23U);
}

TEST(BybitLimits, TooManyVisitsWaitsForTheResetByTheVenuesClock) {
    RateLimiter rates{bybit::rates()};
    const std::vector<ports::HttpHeader> headers{
        {"X-Bapi-Limit-Reset-Timestamp", std::to_string(kStart.millis() + 5'000)}};
    on_answer(rates, kLinear, rates.acquire(kLinear, kStart).value(), answer(200, headers), 10006,
              Nanos::seconds(2));
    EXPECT_EQ(rates.acquire(kLinear, kStart).error().at, kStart + Nanos::millis(3'001));
    EXPECT_TRUE(rates.acquire({.call = kPlaceSpot}, kStart));
}

TEST(BybitLimits, AForbiddenIpIsSilentForTenMinutes) {
    RateLimiter rates{bybit::rates()};
    on_answer(rates, kLinear, rates.acquire(kLinear, kStart).value(), answer(403, {}), std::nullopt,
              {});
    EXPECT_EQ(rates.acquire({.call = kCancelSpot}, kStart).error().at,
              kStart + Nanos::seconds(600));
}

TEST(BybitErrors, TheSheetsReactions) {
    const auto says = [](std::int32_t code) { return judge(200, code).reaction; };
    EXPECT_EQ(says(0), Reaction::None);
    EXPECT_EQ(says(10000), Reaction::Unknown);
    EXPECT_EQ(says(10002), Reaction::ResyncClock);
    EXPECT_EQ(says(10004), Reaction::Halt);
    EXPECT_EQ(says(10006), Reaction::BackOff);
    EXPECT_EQ(says(110001), Reaction::NotFound);
    EXPECT_EQ(says(110007), Reaction::Reject);
    EXPECT_EQ(says(110072), Reaction::Unknown);
    EXPECT_EQ(says(170146), Reaction::Unknown);
    EXPECT_EQ(says(170142), Reaction::Done);
    EXPECT_EQ(says(123456), Reaction::Unknown);
    EXPECT_EQ(judge(200, std::nullopt).reaction, Reaction::Unknown);
    EXPECT_EQ(judge(403, std::nullopt).reaction, Reaction::BackOff);
    EXPECT_EQ(judge(504, std::nullopt).reaction, Reaction::Unknown);
}

}  // namespace
}  // namespace parallax::bybit
