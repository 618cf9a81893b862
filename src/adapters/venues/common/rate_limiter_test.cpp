#include "adapters/venues/common/rate_limiter.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>

#include "core/archive.hpp"
#include "runtime/random.hpp"

namespace parallax::venue_common {
namespace {

constexpr auto kStart = UnixNanos::from_millis(1'700'000'000'123);
constexpr auto ms = [](std::int64_t count) { return Nanos::millis(count); };

enum Limit : std::uint8_t { kWeight, kOrders, kPerInstrument, kMessages };
enum Call : std::uint8_t { kPlace, kBatch, kCancel, kQuery, kHuge };

constexpr std::array<LimitSpec, 4> kLimits{{
    {"weight", 60, Nanos::seconds(6), Per::Account, 6},
    {"orders", 10, Nanos::seconds(1), Per::Account, 2},
    {"orders of an instrument", 5, Nanos::seconds(2), Per::Instrument, 1},
    {"messages", 4, Nanos::seconds(1), Per::Connection},
}};
constexpr std::array<CallSpec, 5> kCalls{{
    {"place", {{{kPerInstrument, 1}, {kOrders, 1}, {kWeight, 1}}}},
    {"batch", {{{kPerInstrument, 1, true}, {kOrders, 1, true}, {kWeight, 5}}}},
    {"cancel", {{{kWeight, 1}, {kMessages, 1, false, Wire::WebSocket}}}},
    {"query", {{{kWeight, 4}}}},
    {"huge", {{{kWeight, 58}}}},
}};
constexpr RateTable kTable{kLimits, kCalls};

RateLimiter limiter() { return RateLimiter{kTable}; }

RateRequest place(Urgency urgency = Urgency::Normal) {
    return {.call = kPlace, .urgency = urgency, .instrument = 7};
}

TEST(RateLimiter, StopsAtTheSmallestOfItsLimits) {
    RateLimiter rates = limiter();
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(rates.acquire(place(), kStart));
    const auto refused = rates.acquire(place(), kStart);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().limit, kPerInstrument);
    EXPECT_GE(refused.error().at, kStart + Nanos::seconds(2));
    EXPECT_LE(refused.error().at, kStart + ms(2'040));
    EXPECT_TRUE(rates.acquire({.call = kPlace, .instrument = 8}, kStart));
}

TEST(RateLimiter, TheReserveIsForCancelsAndHedges) {
    RateLimiter rates = limiter();
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(rates.acquire(place(), kStart));
    EXPECT_FALSE(rates.acquire(place(), kStart));
    EXPECT_TRUE(rates.acquire(place(Urgency::Urgent), kStart));
    EXPECT_FALSE(rates.acquire(place(Urgency::Urgent), kStart));
}

TEST(RateLimiter, BackgroundStopsBeforeOrdersDo) {
    RateLimiter rates = limiter();
    const RateRequest refresh{.call = kQuery, .urgency = Urgency::Background};
    int accepted = 0;
    while (rates.acquire(refresh, kStart)) ++accepted;
    EXPECT_EQ(accepted, 41 / 4);  // three quarters of 60 - 6, rounded up, in steps of 4
    EXPECT_TRUE(rates.acquire(place(), kStart));
}

TEST(RateLimiter, ARefusedRequestMayGoWhenItWasToldTo) {
    RateLimiter rates = limiter();
    UnixNanos now = kStart;
    for (int i = 0; i < 4; ++i) {
        rates.answered(rates.acquire(place(), now).value(), now + ms(3));
        now = now + ms(100);
    }
    const UnixNanos at = rates.acquire(place(), now).error().at;
    EXPECT_FALSE(rates.acquire(place(), at - Nanos{1}));
    EXPECT_TRUE(rates.acquire(place(), at));
}

TEST(RateLimiter, WhatCostsMoreThanItsShareMayNeverGo) {
    RateLimiter rates = limiter();
    EXPECT_EQ(rates.acquire({.call = kHuge}, kStart).error().at, RateLimiter::kNever);
    EXPECT_TRUE(rates.acquire({.call = kHuge, .urgency = Urgency::Urgent}, kStart));
}

TEST(RateLimiter, ARequestWithoutAnswerCountsUntilItCannotArriveAnyMore) {
    RateLimiter rates{kTable, ms(5'000)};
    std::vector<RateTicket> sent;
    for (int i = 0; i < 4; ++i) sent.push_back(rates.acquire(place(), kStart).value());
    EXPECT_FALSE(rates.acquire(place(), kStart + Nanos::seconds(100)));
    for (const RateTicket& ticket : sent) rates.lost(ticket, kStart + Nanos::seconds(100));
    EXPECT_FALSE(rates.acquire(place(), kStart + ms(106'900)));
    EXPECT_TRUE(rates.acquire(place(), kStart + ms(107'100)));
}

TEST(RateLimiter, WhatWasNotSentIsGivenBack) {
    RateLimiter rates = limiter();
    for (int i = 0; i < 20; ++i) rates.unsent(rates.acquire(place(), kStart).value());
    EXPECT_EQ(rates.budget(kOrders, kStart).used, 0U);
}

TEST(RateLimiter, WhatSomebodyElseUsedCountsAsWell) {
    RateLimiter rates = limiter();
    rates.answered(rates.acquire({.call = kQuery}, kStart).value(), kStart);
    rates.observe(kWeight, 50, kStart);
    EXPECT_EQ(rates.budget(kWeight, kStart).used, 50U);
    EXPECT_TRUE(rates.acquire({.call = kQuery}, kStart));  // 54 of 54
    const auto refused = rates.acquire({.call = kCancel}, kStart);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(rates.acquire({.call = kQuery}, refused.error().at));
}

TEST(RateLimiter, ABlockHoldsBackEverybody) {
    RateLimiter rates = limiter();
    rates.block(kOrders, kStart + ms(500), kStart);
    EXPECT_EQ(rates.acquire(place(Urgency::Urgent), kStart).error().at, kStart + ms(500));
    EXPECT_TRUE(rates.acquire({.call = kQuery}, kStart));
    rates.block_all(kStart + ms(900));
    rates.block_all(kStart + ms(600));  // a shorter ban does not end the longer one
    EXPECT_EQ(rates.acquire({.call = kQuery, .urgency = Urgency::Urgent}, kStart).error().at,
              kStart + ms(900));
    EXPECT_TRUE(rates.acquire(place(), kStart + ms(900)));
}

TEST(RateLimiter, ACostMayCountOnOneWireOnly) {
    RateLimiter rates = limiter();
    const RateRequest socket{.call = kCancel, .wire = Wire::WebSocket, .connection = 3};
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(rates.acquire(socket, kStart));
    EXPECT_EQ(rates.acquire(socket, kStart).error().limit, kMessages);
    EXPECT_TRUE(rates.acquire({.call = kCancel}, kStart));
    EXPECT_TRUE(rates.acquire({.call = kCancel, .wire = Wire::WebSocket, .connection = 4}, kStart));
}

TEST(RateLimiter, TheAccountsOwnSizeReplacesTheTables) {
    RateLimiter rates = limiter();
    rates.set_limit(kOrders, 20);
    const RateBudget budget = rates.budget(kOrders, kStart);
    EXPECT_EQ(budget.limit, 20U);
    EXPECT_EQ(budget.left, 20U);
    EXPECT_EQ(budget.left_normal, 16U);  // the reserve grows in proportion
}

TEST(RateLimiter, CountsOfGoneConnectionsAreTakenOut) {
    RateLimiter rates = limiter();
    UnixNanos now = kStart;
    for (std::uint64_t connection = 0; connection < 2'000; ++connection) {
        now = now + ms(200);
        const auto ticket = rates.acquire(
            {.call = kCancel, .wire = Wire::WebSocket, .connection = connection}, now);
        ASSERT_TRUE(ticket);
        rates.answered(*ticket, now);
    }
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(rates);
    EXPECT_LT(bytes.size(), 300U * 400U);
}

TEST(RateLimiter, ItsStateSurvivesASnapshot) {
    RateLimiter rates = limiter();
    rates.answered(rates.acquire(place(), kStart).value(), kStart + ms(1));
    const RateTicket open = rates.acquire(place(), kStart + ms(2)).value();
    rates.lost(rates.acquire(place(), kStart + ms(2)).value(), kStart + ms(3));
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(rates);
    RateLimiter other = limiter();
    StateReader reader{bytes};
    reader(other);
    EXPECT_TRUE(reader.finished());
    for (RateLimiter* one : {&rates, &other}) one->answered(open, kStart + ms(5));
    EXPECT_EQ(rates.acquire({.call = kBatch, .items = 4, .instrument = 7}, kStart).error().at,
              other.acquire({.call = kBatch, .items = 4, .instrument = 7}, kStart).error().at);
    EXPECT_EQ(other.budget(kOrders, kStart + ms(5)).used, 3U);
}

/// A venue that counts what arrives by its own clock, in windows fixed to it and in rolling ones.
class CountingVenue {
public:
    CountingVenue(Nanos ahead, std::uint32_t ppm) : ahead_{ahead}, ppm_{ppm} {}
    void arrive(const RateRequest& request, UnixNanos at) {
        const std::int64_t clock = (at + ahead_).nanos() + (at - kStart).count() / 1'000'000 * ppm_;
        for (const Cost& cost : kCalls[request.call].costs) {
            if (cost.amount == 0 || (cost.on != Wire::Any && cost.on != request.wire)) continue;
            const auto per = kLimits[cost.limit].per;
            const std::uint64_t key = per == Per::Account      ? 0
                                      : per == Per::Instrument ? request.instrument
                                                               : request.connection;
            arrivals_[{cost.limit, key}].emplace_back(
                clock / 1'000'000, cost.each ? cost.amount * request.items : cost.amount);
        }
    }
    void expect_nothing_over() {
        for (auto& [key, arrivals] : arrivals_) {
            std::ranges::sort(arrivals);
            const std::int64_t window = kLimits[key.first].window.as_millis();
            std::map<std::int64_t, std::uint32_t> fixed;
            std::uint32_t rolling = 0;
            std::size_t first = 0;
            for (const auto& [at, amount] : arrivals) {
                rolling += amount;
                while (arrivals[first].first <= at - window) rolling -= arrivals[first++].second;
                RC_ASSERT(rolling <= kLimits[key.first].limit);
                RC_ASSERT((fixed[at / window] += amount) <= kLimits[key.first].limit);
            }
        }
    }

private:
    Nanos ahead_;
    std::int64_t ppm_;
    std::map<std::pair<std::uint8_t, std::uint64_t>,
             std::vector<std::pair<std::int64_t, std::uint32_t>>>
        arrivals_;
};

TEST(RateLimiter, NoWindowOfTheVenueIsEverOverItsLimit) {
    EXPECT_TRUE(rc::check("limits", [](std::uint64_t seed) {
        runtime::Random random{seed};
        RateLimiter rates{kTable, Nanos::seconds(3)};
        CountingVenue venue{Nanos{random.between(-50'000'000'000, 50'000'000'000)},
                            static_cast<std::uint32_t>(random.below(90))};
        const auto slow = random.between(1, 2'500);
        struct Answer {
            UnixNanos at;
            RateTicket ticket;
            bool lost;
        };
        std::vector<Answer> waiting;
        UnixNanos now = kStart;
        for (int i = 0; i < 600; ++i) {
            now = now + Nanos::micros(random.between(0, random.chance(0.05) ? 2'000'000 : 60'000));
            for (auto& answer : waiting) {
                if (answer.at > now) continue;
                if (answer.lost) {
                    rates.lost(answer.ticket, now);
                } else {
                    rates.answered(answer.ticket, now);
                }
            }
            std::erase_if(waiting, [&](const Answer& answer) { return answer.at <= now; });
            const RateRequest request{
                .call = static_cast<std::uint8_t>(random.below(kCalls.size())),
                .urgency = static_cast<Urgency>(random.below(3)),
                .wire = random.chance(0.5) ? Wire::Http : Wire::WebSocket,
                .items = static_cast<std::uint32_t>(random.between(1, 3)),
                .instrument = random.below(2),
                .connection = random.below(2)};
            const auto ticket = rates.acquire(request, now);
            if (!ticket) {
                RC_ASSERT(ticket.error().at > now);
                continue;
            }
            if (random.chance(0.03)) {
                rates.unsent(*ticket);
                continue;
            }
            const Nanos there = ms(random.between(0, slow));
            const bool lost = random.chance(0.05);
            if (lost) {  // given up after a second, reaches the venue up to three seconds later
                waiting.push_back({now + ms(1'000), *ticket, true});
                venue.arrive(request, now + ms(random.between(0, 3'999)));
            } else {
                venue.arrive(request, now + there);
                waiting.push_back({now + there + ms(random.between(0, slow)), *ticket, false});
            }
        }
        venue.expect_nothing_over();
    }));
}

TEST(RateLimiter, NearlyTheWholeLimitCanBeUsed) {
    RateLimiter rates = limiter();
    int accepted = 0;
    for (std::int64_t t = 0; t < 60'000; ++t) {
        const UnixNanos now = kStart + ms(t);
        const auto ticket = rates.acquire({.call = kCancel, .urgency = Urgency::Urgent}, now);
        if (!ticket) continue;
        ++accepted;
        rates.answered(*ticket, now);
    }
    EXPECT_GE(accepted, 580);  // of 600 in ten windows
    EXPECT_LE(accepted, 600);
}

}  // namespace
}  // namespace parallax::venue_common
