#include "services/scanner/episodes.hpp"

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "core/archive.hpp"
#include "runtime/random.hpp"
#include "services/scanner/alignment.hpp"
#include "services/scanner/basis.hpp"
#include "services/scanner/estimators.hpp"
#include "services/scanner/guards.hpp"
#include "services/scanner/waterfall.hpp"

namespace parallax::scanner {
namespace {

UnixNanos at_ms(std::int64_t ms) { return UnixNanos::from_millis(1'700'000'000'000 + ms); }

// --- Survival
// -------------------------------------------------------------------------------------------------

/// The textbook estimate over single durations.
double product_limit(std::vector<std::pair<std::int64_t, bool>> lives, std::int64_t time) {
    std::sort(lives.begin(), lives.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    double alive = 1.0;
    for (std::size_t i = 0; i < lives.size();) {
        std::size_t same = i, ended = 0;
        for (; same < lives.size() && lives[same].first == lives[i].first; ++same)
            ended += lives[same].second ? 0 : 1;
        if (lives[i].first <= time)
            alive *= 1.0 - static_cast<double>(ended) / static_cast<double>(lives.size() - i);
        i = same;
    }
    return alive;
}

TEST(SurvivalTable, IsTheProductLimitEstimate) {
    EXPECT_TRUE(rc::check([] {
        runtime::Random random{*rc::gen::arbitrary<std::uint64_t>()};
        SurvivalTable table;
        std::vector<std::pair<std::int64_t, bool>> lives;
        for (int i = 0; i < 200; ++i) {
            // powers of two lie in buckets of their own, so that the buckets lose nothing
            const std::int64_t us = std::int64_t{1} << random.below(24);
            const bool censored = random.chance(0.3);
            lives.emplace_back(us, censored);
            table.record(Nanos::micros(us), censored);
        }
        for (unsigned power = 0; power < 24; ++power) {
            const std::int64_t us = std::int64_t{1} << power;
            RC_ASSERT(std::abs(table.survival(Nanos::micros(us)) - product_limit(lives, us)) <
                      1e-9);
        }
    }));
}

TEST(SurvivalTable, QuantilesLieWithinABucketOfTheTruth) {
    SurvivalTable table;
    for (std::int64_t ms = 1; ms <= 1'000; ++ms) table.record(Nanos::millis(ms), false);
    EXPECT_NEAR(static_cast<double>(table.quantile(0.5).as_millis()), 500.0, 500.0 * 0.13);
    EXPECT_NEAR(static_cast<double>(table.quantile(0.9).as_millis()), 900.0, 900.0 * 0.13);
    SurvivalTable censored;
    for (int i = 0; i < 10; ++i) censored.record(Nanos::millis(5), i != 0);
    EXPECT_EQ(censored.quantile(0.5), Nanos{-1});
    EXPECT_EQ(SurvivalTable{}.quantile(0.5), Nanos{-1});
    EXPECT_EQ(SurvivalTable{}.survival(Nanos::seconds(1)), 1.0);
}

// --- Guards and alignment
// ----------------------------------------------------------------------------------------

TEST(QueueDelay, AConstantOffsetCancelsWhateverItsSize) {
    for (const std::int64_t offset_ms : {-5'000'000, -1'272, 0, 30, 5'000'000}) {
        QueueDelay delay;
        const std::int64_t waits[] = {7, 3, 3, 9, 3, 53};
        for (std::size_t i = 0; i < 6; ++i) {
            const auto sent = at_ms(static_cast<std::int64_t>(i) * 10);
            delay.observe(sent + Nanos::millis(waits[i]), sent + Nanos::millis(offset_ms));
        }
        EXPECT_EQ(delay.delay(), Nanos::millis(50)) << offset_ms;
    }
}

TEST(QueueDelay, FollowsAnOffsetThatDrifts) {
    QueueDelay delay;
    delay.observe(at_ms(0), at_ms(0));
    for (std::int64_t s = 1; s < 200; ++s)
        delay.observe(at_ms(s * 1'000), at_ms(s * 1'000 - s));  // 1 ms a second
    EXPECT_LE(delay.delay(), Nanos::millis(121));
    EXPECT_GE(delay.delay(), Nanos::millis(59));
}

TEST(QuoteRing, GivesTheQuoteThatStoodThen) {
    QuoteRing ring;
    for (std::int64_t i = 0; i < 100; ++i)
        ring.push({at_ms(i * 4), Price::from_raw(i), Price::from_raw(i + 1)});
    EXPECT_EQ(ring.at(at_ms(99 * 4)).bid.raw(), 99);
    EXPECT_EQ(ring.at(at_ms(99 * 4 + 50)).bid.raw(), 99);
    EXPECT_EQ(ring.at(at_ms(80 * 4 + 1)).bid.raw(), 80);
    EXPECT_EQ(ring.at(at_ms(0)).bid.raw(), 36);  // the oldest kept
}

// --- Estimators
// -------------------------------------------------------------------------------------------------

TEST(LegOdds, BreakEvenIsTheThresholdOfTheMethodsSheet) {
    // methods 3: e* = 2 (1 - p) u / p for two independent legs
    for (const double p : {0.7, 0.85, 0.95, 0.99}) {
        const LegOdds odds = LegOdds::of(p, 2, 8e-4);
        EXPECT_NEAR(odds.both + odds.one + (1 - p) * (1 - p), 1.0, 1e-12);
        EXPECT_NEAR(odds.threshold(0.0), 2 * (1 - p) * 8e-4 / p, 1e-12);
    }
}

TEST(FillRatio, ForgetsAndStaysCautious) {
    FillRatio ratio{19, 1};
    EXPECT_NEAR(ratio.lower(), 0.889, 0.001);
    for (int i = 0; i < 1'000; ++i) ratio.record(false, 0.99);
    EXPECT_LT(ratio.lower(), 0.02);
    for (int i = 0; i < 1'000; ++i) ratio.record(true, 0.99);
    EXPECT_GT(ratio.lower(), 0.98);
}

TEST(Volatility, FindsTheDeviationOfAWalk) {
    runtime::Random random{1};
    Volatility volatility;
    double price = 100.0;
    for (std::int64_t s = 0; s < 5'000; ++s) {
        volatility.observe(at_ms(s * 1'000), price);
        price *= std::exp(2e-4 * random.normal());
    }
    EXPECT_NEAR(volatility.per_sqrt_second(), 2e-4, 2e-5);
}

// --- Basis and funding
// -------------------------------------------------------------------------------------------

TEST(OuFit, FindsTheParametersOfItsProcess) {
    runtime::Random random{2};
    OuFit fit;
    const double mean = 5e-4, keep = 0.99, noise = 1e-5;
    double x = mean;
    for (int i = 0; i < 20'000; ++i) {
        fit.observe(x);
        x = mean + keep * (x - mean) + noise * random.normal();
    }
    EXPECT_NEAR(fit.forecast(1e6), mean, 3e-5);
    EXPECT_NEAR(fit.half_life(), std::log(0.5) / std::log(keep), 15.0);
    EXPECT_NEAR(fit.deviation(1e6), noise / std::sqrt(1 - keep * keep), 2e-5);
}

TEST(FundingForecast, HasTheDeadZoneAndTheCap) {
    const Nanos eight = Nanos::seconds(8 * 3'600);
    const double bp = 1e-4;
    for (const double premium : {-4.0, 0.0, 3.0, 6.0}) {  // methods 1.4: F = I for P in [-4, 6] bp
        EXPECT_NEAR(FundingForecast::rate_of(premium * bp, eight, 0.0), bp, 1e-12);
    }
    EXPECT_NEAR(FundingForecast::rate_of(10 * bp, eight, 0.0), 5 * bp, 1e-12);
    EXPECT_NEAR(FundingForecast::rate_of(-10 * bp, eight, 0.0), -5 * bp, 1e-12);
    EXPECT_NEAR(FundingForecast::rate_of(100 * bp, eight, 20 * bp), 20 * bp, 1e-12);
}

TEST(FundingForecast, CountsTheStampsWithinTheHold) {
    FundingForecast forecast;
    messages::MarkPrice mark;
    mark.stamp.received = at_ms(0);
    mark.has_funding = true;
    mark.funding_rate = Rate::basis_points(3);
    mark.next_funding = at_ms(3'600'000);
    mark.funding_interval = Nanos::seconds(4 * 3'600);
    forecast.on(mark, Nanos{}, Rate{});
    EXPECT_EQ(forecast.expected(at_ms(0), Nanos::seconds(1'800)), 0.0);
    EXPECT_NEAR(forecast.expected(at_ms(0), Nanos::seconds(3'600)), 3e-4, 1e-12);
    EXPECT_NEAR(forecast.expected(at_ms(0), Nanos::seconds(5 * 3'600)), 3e-4 + 0.5e-4,
                1e-12);  // 1 bp per 8 h
}

// --- Waterfall
// -------------------------------------------------------------------------------------------------

TEST(Waterfall, BothIdentitiesHoldForAnyLegs) {
    EXPECT_TRUE(rc::check([] {
        runtime::Random random{*rc::gen::arbitrary<std::uint64_t>()};
        for (int round = 0; round < 50; ++round) {
            std::vector<PricedLeg> legs;
            for (std::size_t i = 0, n = 2 + random.below(5); i < n; ++i) {
                PricedLeg leg;
                leg.leg.side = i % 2 == 0 ? Side::Buy : Side::Sell;
                leg.walk.base =
                    Amount::from_raw(random.between(1, std::int64_t{1} << random.between(1, 62)));
                leg.leg.value = Amount::from_raw(
                    static_cast<__int128>(random.between(1, std::int64_t{1} << 62)) *
                    random.between(1, 1'000));
                leg.leg.fee = Amount::from_raw(random.between(0, 1'000'000'000));
                leg.unit_price = Amount::from_raw(random.between(1, std::int64_t{1} << 62));
                leg.conversion = Rate::from_raw(random.between(990'000'000, 1'010'000'000));
                leg.shadow = Rate::from_raw(random.between(-1'000'000, 1'000'000));
                legs.push_back(leg);
            }
            messages::EdgeWaterfall edge =
                pair_waterfall(legs, Amount::from_raw(random.between(-100, 100)),
                               Amount::from_raw(random.between(-100, 100)), {});
            RC_ASSERT(adds_up(edge));
            expect(edge, Amount::from_raw(3), Amount::from_raw(5), Amount::from_raw(7));
            RC_ASSERT(adds_up(edge));
            RC_ASSERT(edge.expected == edge.net - Amount::from_raw(15));
            edge.slippage += Amount::from_raw(1);
            RC_ASSERT(!adds_up(edge));
        }
    }));
}

/// Straight bookkeeping beside the waterfall: cash in, cash out, what stays of the base at cost.
TEST(Waterfall, NetIsTheCashThatMoves) {
    PricedLeg buy, sell;
    buy.leg.side = Side::Buy;
    buy.walk.base = *Amount::parse("2.002");
    buy.leg.value = *Amount::parse("202.404");  // two levels: 101 and 101.2
    buy.leg.fee = *Amount::parse("0.202404");   // 10 bp, from the base
    buy.unit_price = Amount::units(101);
    buy.conversion = Rate::from_raw(Rate::kOne);
    sell.leg.side = Side::Sell;
    sell.walk.base = Amount::units(2);
    sell.leg.value = *Amount::parse("205.9");
    sell.leg.fee = *Amount::parse("0.2059");
    sell.unit_price = Amount::units(103);
    sell.conversion = Rate::from_raw(Rate::kOne);
    const PricedLeg legs[] = {buy, sell};
    const auto edge = pair_waterfall(legs, {}, {}, {});
    EXPECT_EQ(edge.raw, Amount::units(4));
    EXPECT_EQ(edge.fees, *Amount::parse("0.408304"));
    // 2 of 2.002 bought at cost: 202.404 x 2 / 2.002, rounded up
    const Amount cost =
        Amount::from_raw(multiply_divide(buy.leg.value.raw(), 2'000, 2'002, Rounding::Up));
    EXPECT_EQ(edge.net, sell.leg.value - cost - edge.fees);
    EXPECT_EQ(edge.slippage, *Amount::parse("0.1") + cost - Amount::units(202));
}

TEST(Protect, GivesTheRiskierLegMoreRoomOnTickAndNeverTooMuch) {
    PricedLeg legs[2];
    legs[0].leg.side = Side::Buy;
    legs[0].leg.worst = Price::from_raw(1'000'000);
    legs[0].volatility = Rate::from_raw(3'000);
    legs[1].leg.side = Side::Sell;
    legs[1].leg.worst = Price::from_raw(1'010'000);
    legs[1].volatility = Rate::from_raw(1'000);
    const Amount values[] = {Amount::units(1'000), Amount::units(1'010)};
    const Price ticks[] = {Price::from_raw(7), Price::from_raw(100)};
    protect(legs, Amount::units(4), values, ticks);
    const std::int64_t bought_up = legs[0].leg.protection.raw() - 1'000'000;
    const std::int64_t sold_down = 1'010'000 - legs[1].leg.protection.raw();
    EXPECT_EQ(bought_up, 3'000 / 7 * 7);
    EXPECT_EQ(sold_down, 900);  // a hair less than 1,000 steps are its share
    protect(legs, -Amount::units(4), values, ticks);
    EXPECT_EQ(legs[0].leg.protection, legs[0].leg.worst);
}

TEST(Survival, TheRollingCurvesForgetAndTheOtherDoesNot) {
    SurvivalCurves curves;
    UnixNanos now = UnixNanos::from_millis(1'700'000'000'000);
    for (int i = 0; i < 30; ++i) curves.record(now, Nanos::millis(1), false);
    EXPECT_EQ(curves.telling(), &curves.hour());
    EXPECT_EQ(curves.hour().quantile(0.5), curves.ever().quantile(0.5));
    now = now + Nanos::seconds(2 * 3'600);
    curves.advance(now);
    EXPECT_EQ(curves.hour().count(), 0u);
    EXPECT_EQ(curves.day().count(), 30u);
    EXPECT_EQ(curves.telling(), &curves.day());
    for (int i = 0; i < 30; ++i) curves.record(now, Nanos::seconds(1), false);
    EXPECT_DOUBLE_EQ(curves.telling()->survival(Nanos::millis(5)), 1.0);  // the last hour's alone
    EXPECT_DOUBLE_EQ(curves.ever().survival(Nanos::millis(5)), 0.5);
    now = now + Nanos::seconds(30 * 3'600);
    curves.advance(now);
    EXPECT_EQ(curves.day().count(), 0u);
    EXPECT_EQ(curves.telling(), &curves.ever());
    EXPECT_EQ(curves.ever().count(), 60u);
}

TEST(Survival, ARollingCurveIsTheTableOfItsWindow) {
    EXPECT_TRUE(rc::check([] {
        runtime::Random random{*rc::gen::arbitrary<std::uint64_t>()};
        RollingSurvival<7> rolling{Nanos::seconds(600)};
        struct Record {
            std::int64_t slice;
            Nanos duration;
            bool censored;
        };
        std::vector<Record> all;
        UnixNanos now = UnixNanos::from_millis(1'700'000'000'000);
        for (int i = 0; i < 200; ++i) {
            now = now + Nanos::seconds(random.between(0, random.chance(0.02) ? 9'000 : 120));
            const Record record{now.nanos() / Nanos::seconds(600).count(),
                                Nanos::micros(random.between(0, 5'000'000)), random.chance(0.2)};
            all.push_back(record);
            rolling.record(now, record.duration, record.censored);
        }
        SurvivalTable expected;
        for (const Record& r : all) {
            if (r.slice > all.back().slice - 7) expected.record(r.duration, r.censored);
        }
        RC_ASSERT(rolling.table().count() == expected.count());
        RC_ASSERT(rolling.table().ended() == expected.ended());
        for (const std::int64_t ms : {1, 10, 100, 1'000, 4'000}) {
            RC_ASSERT(rolling.table().survival(Nanos::millis(ms)) ==
                      expected.survival(Nanos::millis(ms)));
        }
    }));
}

TEST(OuFit, OneOutlierDoesNotSendTheForecastAway) {
    OuFit fit;
    for (int i = 0; i < 100; ++i) fit.observe(i % 2 == 0 ? -1e-5 : 1e-5);
    fit.observe(0.01);
    for (const double steps : {1.0, 1'000.0, 86'400.0}) {
        EXPECT_GE(fit.forecast(steps), 0.0);
        EXPECT_LE(fit.forecast(steps), 0.01);
    }
}

}  // namespace
}  // namespace parallax::scanner
