#include "adapters/venues/binance/limits.hpp"

#include <gtest/gtest.h>

#include "adapters/venues/binance/errors.hpp"

namespace parallax::binance {
namespace {

using venue_common::RateLimiter;
using venue_common::Reaction;
using venue_common::Urgency;

constexpr auto kStart = UnixNanos::from_millis(1'700'000'000'000);

ports::NetEvent answer(std::uint16_t status, const std::vector<ports::HttpHeader>& headers) {
    ports::NetEvent event;
    event.kind = ports::NetEventKind::Response;
    event.code = status;
    event.received = kStart;
    event.headers = headers;
    return event;
}

TEST(BinanceLimits, OrdersStopAtTheReserveAndCancelsGoOn) {
    RateLimiter rates{spot::rates()};
    int placed = 0;
    while (rates.acquire({.call = spot::kPlace}, kStart)) ++placed;
    EXPECT_EQ(placed, 40);
    EXPECT_TRUE(rates.acquire({.call = spot::kPlace, .urgency = Urgency::Urgent}, kStart));
    EXPECT_TRUE(rates.acquire({.call = spot::kCancel, .urgency = Urgency::Urgent}, kStart));
}

TEST(BinanceLimits, UsageHeadersCount) {
    RateLimiter rates{spot::rates()};
    const auto ticket = rates.acquire({.call = spot::kPlace}, kStart).value();
    const std::vector<ports::HttpHeader> headers{{"x-mbx-used-weight-1m", "5999"},
                                                 {"X-MBX-ORDER-COUNT-10S", "7"},
                                                 {"X-MBX-ORDER-COUNT-1D", "nonsense"}};
    on_answer(rates, Product::Spot, ticket, answer(200, headers));
    EXPECT_EQ(rates.budget(spot::kWeight, kStart).left, 1U);
    EXPECT_EQ(rates.budget(spot::kOrders10s, kStart).used, 7U);
    EXPECT_EQ(rates.budget(spot::kOrders1d, kStart).used, 1U);
}

TEST(BinanceLimits, RetryAfterStopsEverything) {
    RateLimiter rates{usdm::rates()};
    const auto ticket = rates.acquire({.call = usdm::kPlace}, kStart).value();
    on_answer(rates, Product::Usdm, ticket, answer(429, {{"Retry-After", "17"}}));
    EXPECT_EQ(rates.blocked_until(), kStart + Nanos::seconds(17));
    const auto second = rates.acquire({.call = usdm::kPlace}, rates.blocked_until()).value();
    auto banned = answer(418, {});
    banned.received = kStart + Nanos::seconds(17);
    on_answer(rates, Product::Usdm, second, banned);
    EXPECT_EQ(rates.blocked_until(), kStart + Nanos::seconds(137));
}

TEST(BinanceLimits, AFailedRequestCountsUnlessItWasNotSent) {
    RateLimiter rates{usdm::rates()};
    ports::NetEvent failed;
    failed.kind = ports::NetEventKind::Failed;
    failed.received = kStart;
    on_answer(rates, Product::Usdm, rates.acquire({.call = usdm::kIncome}, kStart).value(), failed);
    failed.unsent = true;
    on_answer(rates, Product::Usdm, rates.acquire({.call = usdm::kIncome}, kStart).value(), failed);
    EXPECT_EQ(rates.budget(usdm::kWeight, kStart).used, 30U);
}

TEST(BinanceLimits, CodesOfTheWebSocketApi) {
    RateLimiter rates{spot::rates()};
    on_error(rates, Product::Spot, -1015, std::nullopt, kStart);
    EXPECT_EQ(rates.acquire({.call = spot::kPlace}, kStart).error().at,
              kStart + Nanos::seconds(10));
    EXPECT_TRUE(rates.acquire({.call = spot::kCancel}, kStart));
    on_error(rates, Product::Spot, -1003, kStart + Nanos::seconds(300), kStart);
    EXPECT_EQ(rates.acquire({.call = spot::kCancel}, kStart).error().at,
              kStart + Nanos::seconds(300));
}

TEST(BinanceErrors, TheSheetsReactions) {
    const auto spot_says = [](std::int32_t code, std::string_view text = {}) {
        return judge_spot(400, code, text).reaction;
    };
    EXPECT_EQ(spot_says(-1021), Reaction::ResyncClock);
    EXPECT_EQ(spot_says(-1007), Reaction::Unknown);
    EXPECT_EQ(spot_says(-1022), Reaction::Halt);
    EXPECT_EQ(spot_says(-2010, "Duplicate order sent."), Reaction::Unknown);
    EXPECT_EQ(spot_says(-2010, "Account has insufficient balance for requested action."),
              Reaction::Reject);
    EXPECT_EQ(spot_says(-2011, "Unknown order sent."), Reaction::Done);
    EXPECT_EQ(spot_says(-2013), Reaction::NotFound);
    EXPECT_EQ(spot_says(-9999), Reaction::Unknown);
    EXPECT_EQ(judge_usdm(400, -4116, "").reaction, Reaction::Unknown);
    EXPECT_EQ(judge_usdm(400, -4046, "").reaction, Reaction::Done);
    EXPECT_EQ(judge_usdm(400, -5028, "").reaction, Reaction::ResyncClock);
}

TEST(BinanceErrors, StatusesDecideWhereThereIsNoCode) {
    const auto says = [](int status) { return judge_spot(status, 0, "").reaction; };
    EXPECT_EQ(says(200), Reaction::None);
    EXPECT_EQ(says(429), Reaction::BackOff);
    EXPECT_EQ(says(418), Reaction::BackOff);
    for (const int status : {408, 409, 500, 502, 503, 504, 302}) {
        EXPECT_EQ(says(status), Reaction::Unknown) << status;
    }
}

TEST(BinanceErrors, TheFourTextsOf503) {
    const auto says = [](std::int32_t code, std::string_view text) {
        return judge_usdm(503, code, text).reaction;
    };
    EXPECT_EQ(says(0, "Unknown error, please check your request or try again later."),
              Reaction::Unknown);
    EXPECT_EQ(says(0, "Service Unavailable."), Reaction::BackOff);
    EXPECT_EQ(says(-1000, "Internal error; unable to process your request. Please try again."),
              Reaction::BackOff);
    EXPECT_EQ(says(-1008, "Request throttled by system-level protection. Reduce-only exempt."),
              Reaction::BackOff);
    EXPECT_EQ(says(-1008, ""), Reaction::BackOff);
    EXPECT_EQ(says(0, "something new"), Reaction::Unknown);
}

}  // namespace
}  // namespace parallax::binance
