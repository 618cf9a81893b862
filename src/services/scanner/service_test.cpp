#include "services/scanner/service.hpp"

#include <gtest/gtest.h>

#include "runtime/random.hpp"
#include "services/scanner/testing.hpp"

namespace parallax::scanner {
namespace {

using messages::Opportunity;
using messages::OpportunityKind;
using messages::ReasonCode;

const Opportunity* find(std::span<const Opportunity> all, OpportunityKind kind) {
    for (const Opportunity& o : all) {
        if (o.kind == kind) return &o;
    }
    return nullptr;
}

TEST(Service, SignalsACrossedPairOfVenuesWithExactMoney) {
    Desk desk;
    const auto a = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto b = desk.spot(Market::Okx, "BTC", "USDT");
    desk.start();
    desk.quote(a, "100.00", "3", "101.00", "2");
    desk.quote(b, "103.00", "1", "104.00", "5");
    ASSERT_EQ(desk.service->opportunities().size(), 1u);
    const Opportunity& o = desk.service->opportunities()[0];
    EXPECT_EQ(o.reason.code, ReasonCode::None);
    ASSERT_EQ(o.leg_count, 2u);
    EXPECT_EQ(o.legs[0].instrument, a);
    EXPECT_EQ(o.legs[0].side, Side::Buy);
    EXPECT_EQ(o.legs[1].instrument, b);
    EXPECT_EQ(desk.service->counts().signalled, 1u);
    EXPECT_EQ(o.edge.raw, Amount::units(2));
    EXPECT_EQ(o.edge.net, Amount::units(2));
    EXPECT_EQ(o.capital, Amount::units(101));
    EXPECT_TRUE(adds_up(o.edge));
    EXPECT_GE(o.legs[0].protection, o.legs[0].worst);
    EXPECT_LE(o.legs[1].protection, o.legs[1].worst);
}

TEST(Service, BuysMoreWhenTheFeeComesFromTheReceivedBase) {
    Desk desk{"base"};
    const auto a = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto b = desk.spot(Market::Okx, "BTC", "USDT");
    desk.start();
    desk.quote(a, "100.00", "3", "101.00", "20");
    desk.quote(b, "103.00", "10", "104.00", "5");
    ASSERT_EQ(desk.service->opportunities().size(), 1u);
    const Opportunity& o = desk.service->opportunities()[0];
    EXPECT_EQ(o.reason.code, ReasonCode::None);
    const std::int64_t bought = o.legs[0].quantity.raw(), sold = o.legs[1].quantity.raw();
    EXPECT_GT(bought, sold);
    EXPECT_LE(std::abs(received(bought, Rate::basis_points(10)) - sold), 1);
    // 10 BTC: raw 20, fees 10 bp of 1,010 and of 1,030
    EXPECT_NEAR(o.edge.net.approximate(), 20.0 - 1.01 - 1.03, 0.02);
}

TEST(Service, RefusesWithTheReasonAndItsNumbers) {
    Desk desk{"base"};
    const auto a = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto b = desk.spot(Market::Okx, "BTC", "USDT");
    desk.start();
    desk.quote(a, "100.00", "3", "101.00", "2");
    desk.quote(b, "101.05", "1", "104.00", "5");  // 5 bp raw, 20 bp fees
    ASSERT_EQ(desk.service->opportunities().size(), 1u);
    const Opportunity& o = desk.service->opportunities()[0];
    EXPECT_EQ(o.reason.code, ReasonCode::BelowMinEdge);
    EXPECT_EQ(o.reason.value, o.expected_rate.raw());
    EXPECT_EQ(o.reason.limit, o.threshold.raw());
    EXPECT_LE(o.expected_rate, o.threshold);
    EXPECT_EQ(desk.service->counts().refused[static_cast<std::size_t>(ReasonCode::BelowMinEdge)],
              1u);
    desk.tick_book(b);  // nothing new: counted, not emitted
    EXPECT_EQ(desk.service->opportunities().size(), 1u);
    EXPECT_EQ(desk.service->counts().refused[static_cast<std::size_t>(ReasonCode::BelowMinEdge)],
              2u);
    EXPECT_EQ(desk.service->counts().seen, 2u);
}

TEST(Service, RefusesOldBooksAndUnequalAges) {
    Desk desk;
    const auto a = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto b = desk.spot(Market::Okx, "BTC", "USDT");
    desk.start();
    desk.quote(a, "100.00", "3", "101.00", "2");
    desk.now = desk.now + Nanos::seconds(3);
    desk.quote(b, "103.00", "1", "104.00", "5");
    ASSERT_EQ(desk.service->opportunities().size(), 1u);
    EXPECT_EQ(desk.service->opportunities()[0].reason.code, ReasonCode::BookStale);
    EXPECT_GE(desk.service->opportunities()[0].reason.value, Nanos::seconds(3).count());
    EXPECT_EQ(desk.service->opportunities()[0].reason.limit, desk.config.quote_age_spot.count());

    Desk skewed;
    skewed.config.quote_age_spot = Nanos::seconds(60);
    const auto c = skewed.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto d = skewed.spot(Market::Okx, "BTC", "USDT");
    skewed.start();
    skewed.quote(c, "100.00", "3", "101.00", "2");
    skewed.now = skewed.now + Nanos::seconds(3);
    skewed.quote(d, "103.00", "1", "104.00", "5");
    ASSERT_EQ(skewed.service->opportunities().size(), 1u);
    EXPECT_EQ(skewed.service->opportunities()[0].reason.code, ReasonCode::ClockSkew);
    EXPECT_EQ(skewed.service->opportunities()[0].reason.value, Nanos::seconds(3).count());
}

TEST(Service, AClockThatIsSecondsOffIsNoAge) {
    Desk desk;
    desk.venue_clock = Nanos::seconds(-1'272);
    const auto a = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto b = desk.spot(Market::Okx, "BTC", "USDT");
    desk.start();
    desk.quote(a, "100.00", "3", "101.00", "2");
    desk.quote(b, "103.00", "1", "104.00", "5");
    ASSERT_EQ(desk.service->opportunities().size(), 1u);
    EXPECT_EQ(desk.service->opportunities()[0].reason.code, ReasonCode::None);
}

TEST(Service, RefusesWhatIsTooGoodToBeTrue) {
    Desk desk;
    const auto a = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto b = desk.spot(Market::Okx, "BTC", "USDT");
    desk.start();
    desk.quote(a, "100.00", "3", "101.00", "2");
    desk.quote(b, "203.00", "1", "204.00", "5");
    ASSERT_EQ(desk.service->opportunities().size(), 1u);
    EXPECT_EQ(desk.service->opportunities()[0].reason.code, ReasonCode::RiskLimit);
}

TEST(Service, NoNumberAVenueCanSendStopsTheProcess) {
    Desk desk{"base"};
    const InstrumentId ids[] = {desk.spot(Market::BinanceSpot, "BTC", "USDT"),
                                desk.spot(Market::Okx, "BTC", "USDT"),
                                desk.spot(Market::BybitSpot, "BTC", "USDC"),
                                desk.spot(Market::BinanceSpot, "ETH", "BTC"),
                                desk.spot(Market::BinanceSpot, "ETH", "USDT"),
                                desk.spot(Market::BinanceSpot, "USDC", "USDT"),
                                desk.linear(Market::BinanceUsdm, "BTC"),
                                desk.inverse(Market::BinanceCoinm, "BTC")};
    desk.config.max_value = Amount::units(1'000'000'000);
    desk.start();
    runtime::Random random{9};
    const auto any = [&] {
        return random.between(1, (std::int64_t{1} << random.between(1, 62)) + random.between(0, 3));
    };
    for (int i = 0; i < 30'000; ++i) {
        desk.now = desk.now + Nanos::millis(random.between(0, 30));
        const InstrumentId id = ids[random.below(8)];
        const std::int64_t bid = any();
        const std::int64_t ask = random.chance(0.3) ? bid + 1 : bid + any() / 2;
        desk.raw_quote(id, bid, any(), ask, any());
        if (random.chance(0.1)) desk.raw_quote(id, bid, 0, ask, any());  // an empty side
        if (random.chance(0.2)) desk.clock();
        for (const Opportunity& o : desk.service->opportunities()) ASSERT_TRUE(adds_up(o.edge));
        desk.service->clear_outputs();
    }
    EXPECT_GT(desk.service->counts().seen, 1'000u);
}

TEST(Service, BalancesLimitTheSizeAndTheirLackRefuses) {
    Desk desk;
    desk.config.unlimited_balances = false;
    const auto a = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto b = desk.spot(Market::Okx, "BTC", "USDT");
    desk.start();
    desk.service->set_balance(Market::Okx, *desk.universe.find_asset("BTC"), *Amount::parse("0.5"));
    desk.quote(a, "100.00", "3", "101.00", "2");
    desk.quote(b, "103.00", "1", "104.00", "5");
    ASSERT_EQ(desk.service->opportunities().size(), 1u);
    EXPECT_EQ(desk.service->opportunities()[0].reason.code, ReasonCode::InsufficientBalance);
    EXPECT_EQ(desk.service->opportunities()[0].reason.value, 0);

    desk.service->set_balance(Market::BinanceSpot, *desk.universe.find_asset("USDT"),
                              Amount::units(10'000));
    desk.service->clear_outputs();
    desk.now = desk.now + Nanos::seconds(2);
    desk.quote(a, "100.00", "3", "101.00", "2");
    desk.quote(b, "103.00", "1", "104.00", "5");
    ASSERT_FALSE(desk.service->opportunities().empty());
    const Opportunity& o =
        desk.service->opportunities().back();  // the first found the other book too old
    EXPECT_EQ(o.reason.code, ReasonCode::None);
    EXPECT_EQ(desk.text(o.legs[1].instrument, o.legs[1].quantity), "0.5");
}

TEST(Service, OnePlanARouteAndARestAfterFailure) {
    Desk desk;
    const auto a = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto b = desk.spot(Market::Okx, "BTC", "USDT");
    desk.start();
    desk.quote(a, "100.00", "3", "101.00", "2");
    desk.quote(b, "103.00", "1", "104.00", "5");
    ASSERT_EQ(desk.service->counts().signalled, 1u);
    messages::PlanUpdate update;
    update.opportunity = desk.service->opportunities()[0].id;
    update.state = messages::PlanState::Sent;
    update.time = desk.now;
    desk.service->on(update);
    desk.now = desk.now + Nanos::seconds(2);
    desk.tick_book(a);
    desk.tick_book(b);
    EXPECT_EQ(desk.service->counts().signalled, 1u);
    EXPECT_GE(desk.service->counts().refused[static_cast<std::size_t>(ReasonCode::Duplicate)], 1u);
    update.state = messages::PlanState::Settled;
    update.outcome = messages::PlanOutcome::Missed;
    update.time = desk.now;
    desk.service->on(update);
    desk.tick_book(b);
    EXPECT_GE(desk.service->counts().refused[static_cast<std::size_t>(ReasonCode::Cooldown)], 1u);
    desk.now = desk.now + desk.config.cooldown;
    desk.tick_book(a);
    desk.tick_book(b);
    EXPECT_EQ(desk.service->counts().signalled, 2u);
}

TEST(Service, SignalsAgainWhenThePlanCompletedAndTheGapIsStillThere) {
    Desk desk;
    const auto a = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto b = desk.spot(Market::Okx, "BTC", "USDT");
    desk.start();
    desk.quote(a, "100.00", "3", "101.00", "2");
    desk.quote(b, "103.00", "1", "104.00", "5");
    messages::PlanUpdate update;
    update.opportunity = desk.service->opportunities()[0].id;
    update.state = messages::PlanState::Settled;
    update.outcome = messages::PlanOutcome::Completed;
    update.time = desk.now;
    desk.service->on(update);
    desk.tick_book(b);
    ASSERT_EQ(desk.service->opportunities().size(), 2u);
    EXPECT_TRUE(desk.service->opportunities()[1].reason.none());
    EXPECT_EQ(desk.service->counts().signalled, 2u);
}

TEST(Service, ShadowModeNamesItself) {
    Desk desk;
    desk.config.shadow = true;
    const auto a = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto b = desk.spot(Market::Okx, "BTC", "USDT");
    desk.start();
    desk.quote(a, "100.00", "3", "101.00", "2");
    desk.quote(b, "103.00", "1", "104.00", "5");
    ASSERT_EQ(desk.service->opportunities().size(), 1u);
    EXPECT_EQ(desk.service->opportunities()[0].reason.code, ReasonCode::ModeShadow);
    EXPECT_EQ(desk.service->counts().signalled, 0u);
}

TEST(Service, EpisodesOpenPeakAndClose) {
    Desk desk;
    const auto a = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto b = desk.spot(Market::Okx, "BTC", "USDT");
    desk.start();
    desk.quote(a, "100.00", "3", "101.00", "2");
    desk.quote(b, "102.00", "1", "104.00", "5");
    const UnixNanos opened = desk.now;
    desk.now = desk.now + Nanos::millis(10);
    desk.quote(b, "103.00", "1", "104.00", "5");
    const UnixNanos peaked = desk.now;
    desk.now = desk.now + Nanos::millis(10);
    EXPECT_TRUE(desk.service->episodes().empty());
    desk.quote(b, "100.50", "1", "104.00", "5");
    ASSERT_EQ(desk.service->episodes().size(), 1u);
    const messages::Episode& e = desk.service->episodes()[0];
    EXPECT_EQ(e.opened, opened);
    EXPECT_EQ(e.peaked, peaked);
    EXPECT_EQ(e.closed, desk.now);
    EXPECT_EQ(e.peak_net, Amount::units(2));
    EXPECT_EQ(e.buy, a);
    EXPECT_EQ(e.sell, b);
    EXPECT_FALSE(e.censored);
    EXPECT_EQ(desk.service->survival()[0].episodes, 1u);
    // and one that the end of data cuts off
    desk.service->clear_outputs();
    desk.quote(b, "103.00", "1", "104.00", "5");
    desk.service->close_all(desk.now + Nanos::millis(5));
    ASSERT_EQ(desk.service->episodes().size(), 1u);
    EXPECT_TRUE(desk.service->episodes()[0].censored);
}

TEST(Service, AFeedThatIsDownEndsEpisodesAsCensored) {
    Desk desk;
    const auto a = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto b = desk.spot(Market::Okx, "BTC", "USDT");
    desk.start();
    desk.quote(a, "100.00", "3", "101.00", "2");
    desk.quote(b, "103.00", "1", "104.00", "5");
    desk.service->on(messages::FeedStatus{Market::Okx, desk.now, false});
    ASSERT_EQ(desk.service->episodes().size(), 1u);
    EXPECT_TRUE(desk.service->episodes()[0].censored);
    const auto seen = desk.service->counts().seen;
    desk.tick_book(b);
    EXPECT_EQ(desk.service->counts().seen, seen);
    desk.service->on(messages::FeedStatus{Market::Okx, desk.now, true});
    EXPECT_GT(desk.service->counts().seen, seen);
}

TEST(Service, ComparesStablecoinPairsThroughATradableRateOnly) {
    Desk desk;
    const auto a = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto b = desk.spot(Market::Okx, "BTC", "USDC");
    const auto k = desk.spot(Market::BinanceSpot, "USDC", "USDT");
    desk.start();
    desk.quote(a, "100.00", "3", "101.00", "2");
    desk.quote(b, "103.00", "1", "104.00", "5");
    EXPECT_TRUE(desk.service->opportunities().empty());  // no rate yet
    desk.quote(k, "0.9990", "1000000", "0.9991", "1000000");
    desk.tick_book(b);
    const Opportunity* pair = find(desk.service->opportunities(), OpportunityKind::CrossVenue);
    ASSERT_NE(pair, nullptr);
    const Opportunity& o = *pair;
    EXPECT_EQ(o.reason.code, ReasonCode::None);
    EXPECT_EQ(o.value_asset, *desk.universe.find_asset("USDT"));
    EXPECT_GT(o.edge.conversion, Amount{});
    EXPECT_NEAR(o.edge.conversion.approximate(), 103.0 * (1.0 - 0.9990 * 0.9999), 1e-6);
    // the peg breaks: the pair falls apart
    desk.service->clear_outputs();
    desk.quote(k, "0.8700", "1000000", "0.8710", "1000000");
    desk.now = desk.now + Nanos::seconds(2);
    desk.service->clear_outputs();
    desk.tick_book(b);
    EXPECT_EQ(find(desk.service->opportunities(), OpportunityKind::CrossVenue), nullptr);
}

TEST(Service, FindsATriangleOfOneVenue) {
    Desk desk;
    const auto bu = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto eb = desk.spot(Market::BinanceSpot, "ETH", "BTC");
    const auto eu = desk.spot(Market::BinanceSpot, "ETH", "USDT");
    desk.start();
    EXPECT_EQ(desk.service->cycle_count(), 2u);
    desk.quote(bu, "60000.00", "1", "60001.00", "1");
    desk.quote(eb, "0.05000", "50", "0.05001", "50");
    desk.quote(eu, "3030.00", "5", "3031.00", "5");
    const Opportunity* o = find(desk.service->opportunities(), OpportunityKind::Triangle);
    ASSERT_NE(o, nullptr);
    EXPECT_EQ(o->reason.code, ReasonCode::None);
    ASSERT_EQ(o->leg_count, 3u);
    EXPECT_EQ(o->legs[0].instrument, bu);
    EXPECT_EQ(o->legs[1].instrument, eb);
    EXPECT_EQ(o->legs[2].instrument, eu);
    EXPECT_EQ(o->legs[2].side, Side::Sell);
    EXPECT_TRUE(adds_up(o->edge));
    EXPECT_GT(o->edge.net, Amount::units(100));
    desk.quote(eu, "3000.00", "5", "3001.00", "5");
    EXPECT_EQ(desk.service->episodes().size(), 1u);
}

TEST(Service, FindsSpotAgainstAnInversePerpetualInBaseTerms) {
    Desk desk;
    const auto s = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto p = desk.inverse(Market::BinanceCoinm, "BTC");
    desk.start();
    EXPECT_EQ(desk.service->basis_pair_count(), 1u);
    desk.quote(s, "60000.00", "5", "60001.00", "5");
    desk.quote(p, "60600.0", "1000000", "60601.0", "1000000");
    desk.clock();
    const Opportunity* o = find(desk.service->opportunities(), OpportunityKind::SpotPerp);
    ASSERT_NE(o, nullptr);
    ASSERT_EQ(o->leg_count, 2u);
    EXPECT_EQ(o->legs[0].instrument, s);
    EXPECT_EQ(o->legs[1].instrument, p);
    EXPECT_EQ(o->legs[1].side, Side::Sell);
    EXPECT_EQ(o->legs[1].quantity.raw() % 100, 0);  // whole contracts of 100 USD
    EXPECT_EQ(o->legs[1].value, Amount::units(o->legs[1].quantity.raw()));
    const double base = o->legs[1].value.approximate() / 60600.0;
    EXPECT_NEAR(o->edge.raw.approximate(), base * 599.0, 1e-6);
    EXPECT_TRUE(adds_up(o->edge));
    // the basis is expected to stay as it is: nothing is earned by entering
    EXPECT_EQ(o->reason.code, ReasonCode::BelowMinEdge);
}

TEST(Service, ADatedFutureConvergesAndAnExpiredOneIsLeftAlone) {
    Desk desk;
    desk.config.hold_hours = 24 * 30;
    const auto s = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto f = desk.dated(Market::BinanceUsdm, "BTC", desk.now + Nanos::seconds(7 * 86'400));
    desk.start();
    desk.quote(s, "60000.00", "5", "60001.00", "5");
    desk.quote(f, "60600.00", "5", "60601.00", "5");
    desk.clock();
    const Opportunity* o = find(desk.service->opportunities(), OpportunityKind::DatedBasis);
    ASSERT_NE(o, nullptr);
    EXPECT_EQ(o->reason.code, ReasonCode::None);
    EXPECT_GT(o->edge.net, Amount{});
    const auto seen = desk.service->counts().seen;
    desk.now = desk.now + Nanos::seconds(8 * 86'400);
    desk.quote(s, "60000.00", "5", "60001.00", "5");
    desk.quote(f, "60600.00", "5", "60601.00", "5");
    desk.clock();
    EXPECT_EQ(desk.service->counts().seen, seen);
}

TEST(Service, ExpectedFundingPaysForABasisPosition) {
    Desk desk;
    const auto s = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto p = desk.linear(Market::BinanceUsdm, "BTC");
    desk.config.hold_hours = 8;
    desk.start();
    messages::MarkPrice mark;
    mark.instrument = p;
    mark.stamp.received = desk.now;
    mark.has_funding = true;
    mark.funding_rate = Rate::basis_points(30);
    mark.next_funding = desk.now + Nanos::seconds(3'600);
    mark.funding_interval = Nanos::seconds(8 * 3'600);
    desk.quote(s, "60000.00", "5", "60001.00", "5");
    desk.quote(p, "60010.00", "5", "60011.00", "5");
    desk.service->on(mark);
    const Opportunity* o = find(desk.service->opportunities(), OpportunityKind::SpotPerp);
    ASSERT_NE(o, nullptr);
    EXPECT_EQ(o->reason.code, ReasonCode::None);
    EXPECT_NEAR(o->edge.funding.approximate() / o->capital.approximate(), 0.0030, 1e-6);
}

// --- Whole runs
// -------------------------------------------------------------------------------------------------

/// A day's worth of everything in small: three venues, cycles, perpetuals, random walks, outages.
struct Day {
    Desk desk;
    std::vector<InstrumentId> ids;
    runtime::Random random;

    explicit Day(std::uint64_t seed, std::string_view fees = "vip9") : desk{fees}, random{seed} {
        ids.push_back(desk.spot(Market::BinanceSpot, "BTC", "USDT"));
        ids.push_back(desk.spot(Market::Okx, "BTC", "USDT"));
        ids.push_back(desk.spot(Market::BybitSpot, "BTC", "USDC"));
        ids.push_back(desk.spot(Market::BinanceSpot, "ETH", "USDT"));
        ids.push_back(desk.spot(Market::BinanceSpot, "ETH", "BTC"));
        ids.push_back(desk.linear(Market::BinanceUsdm, "BTC"));
        ids.push_back(desk.inverse(Market::BinanceCoinm, "BTC"));
        ids.push_back(desk.spot(Market::BinanceSpot, "USDC", "USDT"));
        desk.start();
    }
    void step() {
        static constexpr std::int64_t kMid[] = {6'000'000, 6'000'000, 6'000'000, 300'000,
                                                5'000,     6'000'000, 600'000,   10'000};
        const auto i = static_cast<std::size_t>(random.below(ids.size()));
        desk.now = desk.now + Nanos::millis(random.between(0, 20));
        const std::int64_t spread = std::max<std::int64_t>(kMid[i] / 20'000, 1);
        const std::int64_t width = i == 7 ? 3 : std::max<std::int64_t>(kMid[i] / 700, 1);
        const std::int64_t bid = kMid[i] + random.between(-width, width);
        const std::int64_t scale = ids[i].index() == 6 ? 1'000 : 1;
        desk.raw_quote(ids[i], bid, random.between(1, 400) * 1'000 * scale, bid + spread,
                       random.between(1, 400) * 1'000 * scale);
        if (random.chance(0.05)) desk.clock();
        if (random.chance(0.002)) {
            const bool up = random.chance(0.5);
            desk.send(messages::FeedStatus{Market::Okx, desk.now, up});
        }
        if (random.chance(0.01)) finish_a_plan();
    }
    void finish_a_plan() {
        for (const Opportunity& o : desk.service->opportunities()) {
            if (!o.reason.none()) continue;
            messages::PlanUpdate update;
            update.opportunity = o.id;
            update.kind = o.kind;
            update.state = messages::PlanState::Settled;
            update.outcome = random.chance(0.7) ? messages::PlanOutcome::Completed
                                                : messages::PlanOutcome::Legged;
            update.time = desk.now;
            desk.send(update);
            return;
        }
    }
};

TEST(Service, TheSameInputGivesTheSameStateAndOutput) {
    Day a{7}, b{7}, c{8};
    std::uint64_t emitted = 0;
    for (int i = 0; i < 20'000; ++i) {
        a.step();
        b.step();
        c.step();
        ASSERT_EQ(a.desk.service->opportunities().size(), b.desk.service->opportunities().size());
        for (std::size_t k = 0; k < a.desk.service->opportunities().size(); ++k) {
            const Opportunity& o = a.desk.service->opportunities()[k];
            ASSERT_EQ(state_hash(o), state_hash(b.desk.service->opportunities()[k]));
            ASSERT_TRUE(adds_up(o.edge));
            ASSERT_LE(o.leg_count, messages::kMaxLegs);
            for (std::size_t l = 0; l < o.leg_count; ++l) {
                const Instrument& instrument = a.desk.universe.instrument(o.legs[l].instrument);
                if (o.reason.none()) {
                    ASSERT_EQ(o.legs[l].quantity.raw() % instrument.lot.raw(), 0);
                    ASSERT_EQ(o.legs[l].protection.raw() % instrument.tick.raw(), 0);
                    ASSERT_GT(o.legs[l].quantity.raw(), 0);
                }
            }
        }
        emitted += a.desk.service->opportunities().size();
        if (i % 50 == 0) {
            a.desk.service->clear_outputs();
            b.desk.service->clear_outputs();
            c.desk.service->clear_outputs();
        }
    }
    EXPECT_GT(emitted, 100u);
    EXPECT_GT(a.desk.service->counts().signalled, 20u);
    EXPECT_EQ(state_hash(*a.desk.service), state_hash(*b.desk.service));
    EXPECT_NE(state_hash(*a.desk.service), state_hash(*c.desk.service));
}

TEST(Service, AStateReadBackIsTheSameAndGoesOnTheSame) {
    Day run{11};
    for (int i = 0; i < 5'000; ++i) run.step();
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(*run.desk.service);
    Service fresh{run.desk.universe, run.desk.books, run.desk.fees, run.desk.config};
    StateReader reader{bytes};
    reader(fresh);
    ASSERT_TRUE(reader.finished());
    EXPECT_EQ(state_hash(fresh), state_hash(*run.desk.service));
    // both see the same books from here on
    run.desk.second = &fresh;
    run.desk.service->clear_outputs();
    for (int i = 0; i < 5'000; ++i) run.step();
    EXPECT_EQ(fresh.counts().seen, run.desk.service->counts().seen);
    EXPECT_EQ(fresh.counts().refused, run.desk.service->counts().refused);
    EXPECT_EQ(state_hash(fresh), state_hash(*run.desk.service));
}

TEST(Service, AllocatesNothingInTheSteadyState) {
    Day run{3};
    for (int i = 0; i < 30'000; ++i) {
        run.step();
        if (i % 50 == 0) run.desk.service->clear_outputs();
    }
    const Counts counts = run.desk.service->counts();
    run.desk.service_allocations = 0;
    for (int i = 0; i < 5'000; ++i) {
        run.step();
        if (i % 50 == 0) run.desk.service->clear_outputs();
    }
    EXPECT_GT(run.desk.service->counts().signalled, counts.signalled);  // the work was done
    EXPECT_EQ(run.desk.service_allocations, 0u);
}

}  // namespace

}  // namespace parallax::scanner
