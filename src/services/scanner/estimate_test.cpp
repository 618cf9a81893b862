#include "services/scanner/estimate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "runtime/random.hpp"

namespace parallax::scanner {
namespace {

PricedLeg any_leg(runtime::Random& random, Side side, std::int64_t size, bool fees) {
    PricedLeg leg;
    leg.leg.side = side;
    leg.walk.base = Amount::from_raw(static_cast<__int128>(size) * 10'000'000'000);
    const std::int64_t price = random.between(5'990'000, 6'010'000);
    leg.walk.best = leg.walk.worst = Price::from_raw(price);
    leg.walk.value =
        Amount::from_raw(static_cast<__int128>(size) * price * 100'000'000 + random.between(0, 9));
    leg.conversion = Rate::from_raw(
        random.chance(0.5) ? Rate::kOne : Rate::kOne + random.between(-100'000, 100'000));
    leg.taker = Rate::from_raw(fees ? random.between(-50'000, 1'000'000) : 0);
    leg.shadow = Rate::from_raw(random.chance(0.5) ? 0 : random.between(-200'000, 200'000));
    return leg;
}

TEST(Estimate, TheRatesAreThoseOfTheMoney) {
    runtime::Random random{11};
    Symbol symbol;
    symbol.price_scale = Scale{2};
    int told = 0;
    constexpr int kRounds = 20'000;
    for (int round = 0; round < kRounds; ++round) {
        std::vector<PricedLeg> legs;
        const auto pairs = random.between(1, 4);
        // From a few hundredths of a dollar to billions.
        const std::int64_t size = std::int64_t{1} << random.between(8, 50);
        for (std::int64_t i = 0; i < pairs; ++i) {
            const std::int64_t own = size + random.between(0, size - 1);
            legs.push_back(any_leg(random, Side::Buy, own, true));
            legs.push_back(any_leg(random, Side::Sell, own - random.between(0, 3), true));
        }
        const double p = random.chance(0.1) ? 1.0 : 0.9;
        const RiskView risk{LegOdds::of(p, legs.size(), 0.0008), 0.7, 0.5, 0.0001, 1};
        Rate net, expected;
        if (!estimate_rates(legs, risk, net, expected)) continue;
        ++told;

        for (PricedLeg& leg : legs) price_leg(leg, symbol);
        messages::EdgeWaterfall edge = pair_waterfall(legs, {}, {}, {});
        const Amount capital = bought_value(legs);
        ASSERT_EQ(net, ratio(edge.net, capital, Rounding::Down)) << round;
        const RiskRates rates = rates_of(risk, net);
        expect(edge, {}, apply(rates.latency, std::max(edge.net, Amount{}), Rounding::Up),
               apply(rates.legging, capital, Rounding::Up));
        ASSERT_EQ(expected, ratio(edge.expected, capital, Rounding::Down)) << round;
    }
    EXPECT_GT(told, kRounds * 95 / 100);
}

TEST(Estimate, WhatIsTooSmallOrNextToAStepNeedsMoney) {
    runtime::Random random{12};
    Rate net, expected;
    const auto pair = [&](std::int64_t size) {
        return std::vector{any_leg(random, Side::Buy, size, false),
                           any_leg(random, Side::Sell, size, false)};
    };
    const std::vector<PricedLeg> dust = pair(1);
    EXPECT_FALSE(estimate_rates(dust, {}, net, expected));
    // Buying and selling at one price is a rate of exactly 0.
    std::vector<PricedLeg> even = pair(1 << 20);
    even[1] = even[0];
    even[1].leg.side = Side::Sell;
    even[0].shadow = even[1].shadow = Rate{};
    EXPECT_FALSE(estimate_rates(even, {}, net, expected));
}

}  // namespace
}  // namespace parallax::scanner
