// Positions, in-flight exposure, states, ladder and breakers, snapshots.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "runtime/random.hpp"
#include "services/risk/fixture.hpp"

namespace parallax::risk {
namespace {

using messages::OrderEventKind;
using messages::ReasonCode;
using messages::RiskCheck;
using messages::Scope;
using messages::ScopeKind;
using messages::TradingState;

class RiskService : public ::testing::Test, protected fixture::World {
protected:
    const AssetExposure& btc() { return gate->exposures().asset(*universe.find_asset("BTC")); }
    const AssetExposure& usdt() { return gate->exposures().asset(*universe.find_asset("USDT")); }
    void attribute(std::int64_t dollars, std::int64_t legging = 0, std::uint64_t plan = 1) {
        messages::Attribution a;
        a.plan = PlanId{plan};
        a.value_asset = *universe.find_asset("USDT");
        a.time = now;
        a.realised = Amount::units(dollars);
        a.legging = Amount::units(legging);
        gate->on(a);
    }
    TradingState global() { return gate->state({}); }
    TradingState venue(Venue v) {
        return gate->state({ScopeKind::Venue, static_cast<std::uint32_t>(v)});
    }
};

TEST_F(RiskService, AnApprovedOrderCountsInFullAndShrinksWithItsFills) {
    const auto order = this->order(binance, Side::Buy);
    ASSERT_TRUE(ask({order}).approved());
    EXPECT_EQ(btc().open_long().text(), "0.1");
    EXPECT_EQ(usdt().open_short(), Amount::units(5'000));
    EXPECT_EQ(gate->exposures().venue(Venue::Binance).open, Amount::units(5'000));
    gate->on(fill(order, 4'000, 4'000, 1));
    EXPECT_EQ(btc().net.text(), "0.04");
    EXPECT_EQ(btc().open_long().text(), "0.06");
    EXPECT_EQ(gate->exposures().venue(Venue::Binance).gross, Amount::units(5'000));
    gate->on(fill(order, 4'000, 4'000, 1));  // again
    EXPECT_EQ(btc().net.text(), "0.04");
    EXPECT_EQ(gate->counters().duplicates, 1u);
    gate->on(event(order, OrderEventKind::Done));
    gate->on(event(order, OrderEventKind::Done));
    EXPECT_TRUE(btc().open_long().is_zero());
    EXPECT_TRUE(usdt().open_short().is_zero());
    gate->on(fill(order, 6'000, 10'000, 2));  // late
    EXPECT_EQ(btc().net.text(), "0.1");
    EXPECT_TRUE(btc().open_long().is_zero());
    EXPECT_EQ(usdt().net, Amount::units(-5'000));
    EXPECT_EQ(gate->counters().late_fills, 1u);
}
TEST_F(RiskService, FeesMoveTheirAsset) {
    const auto order = this->order(binance, Side::Buy);
    ASSERT_TRUE(ask({order}).approved());
    auto execution = fill(order, 10'000, 10'000, 1);
    execution.fee = Amount::from_raw(kPow10[14]);
    execution.fee_asset = *universe.find_asset("BTC");
    gate->on(execution);
    EXPECT_EQ(btc().net.text(), "0.0999");
}
TEST_F(RiskService, PeersCannotTripAnAssertion) {
    const auto order = this->order(binance, Side::Buy);
    ASSERT_TRUE(ask({order}).approved());
    auto bad = fill(order, INT64_MAX, INT64_MAX, 1);
    bad.price = Price::from_raw(INT64_MAX);
    gate->on(bad);
    bad.price = Price::from_raw(-5);
    gate->on(bad);
    bad.price = Price::from_raw(0);
    gate->on(bad);
    bad = fill(order, 1, 1, 2);
    bad.fee = Amount::max();
    bad.fee_asset = AssetId{};
    gate->on(bad);
    bad.instrument = InstrumentId{77};
    gate->on(bad);
    bad = fill(order, -5, -5, 3);
    gate->on(bad);
    messages::Attribution a;
    a.realised = Amount::max();
    gate->on(a);
    gate->on(
        messages::SetTradingState{{ScopeKind::Symbol, 4'000'000'000}, TradingState::Killed, now});
    gate->on(messages::SetTradingState{{ScopeKind::Strategy, 77}, TradingState::Killed, now});
    EXPECT_TRUE(btc().net.is_zero());
    EXPECT_GE(gate->counters().malformed, 6u);
}
TEST_F(RiskService, AFinerScaleMultipliesWhatIsHeld) {
    trade(this->order(binance, Side::Buy));
    const auto open = this->order(binance, Side::Buy);
    ASSERT_TRUE(ask({open}).approved());
    const auto change = *universe.refine(binance, 3, 6);
    ASSERT_TRUE(change.has_value());
    books.at(binance).rescale(10, 10);
    books.at(okx).rescale(10, 10);
    gate->on_rescale(*change);
    EXPECT_EQ(gate->exposures().at(binance).position.raw(), 100'000);
    gate->on(event(open, OrderEventKind::Done));
    EXPECT_TRUE(btc().open_long().is_zero());
    EXPECT_TRUE(ask({this->order(binance, Side::Buy, 50'000'000, 100'000)}).approved());
}

// ---- states

TEST_F(RiskService, OnlyACommandEndsAKill) {
    gate->on(messages::SetTradingState{{}, TradingState::Killed, now});
    for (int i = 0; i < 10; ++i) tick(Nanos::seconds(3'600));
    EXPECT_EQ(global(), TradingState::Killed);
    gate->on(messages::SetTradingState{{}, TradingState::Active, now});
    EXPECT_EQ(global(), TradingState::Active);
    ASSERT_EQ(gate->state_changes().size(), 2u);
    EXPECT_EQ(gate->state_changes()[1].from, TradingState::Killed);
}
TEST_F(RiskService, ATradesLossReducesItsStrategyForAWhile) {
    messages::PlanUpdate settled;
    settled.plan = PlanId{9};
    settled.kind = messages::OpportunityKind::Triangle;
    settled.state = messages::PlanState::Settled;
    gate->on(settled);
    attribute(-250, 0, 9);
    const Scope triangle{ScopeKind::Strategy, 1};
    EXPECT_EQ(gate->state(triangle), TradingState::Reducing);
    EXPECT_EQ(global(), TradingState::Active);
    EXPECT_EQ(gate->state_changes()[0].reason.limit,
              static_cast<std::int64_t>(ProfitCode::LossTrade));
    tick(Nanos::seconds(59));
    EXPECT_EQ(gate->state(triangle), TradingState::Reducing);
    tick(Nanos::seconds(1));
    EXPECT_EQ(gate->state(triangle), TradingState::Active);
}
TEST_F(RiskService, TheLadderClimbs) {
    config.max_loss_trade = Amount{};  // off
    start();
    attribute(-499);
    EXPECT_EQ(global(), TradingState::Active);
    attribute(-1);
    EXPECT_EQ(global(), TradingState::Reducing);
    tick(Nanos::seconds(61));
    EXPECT_EQ(global(), TradingState::Active);
    attribute(-499);
    tick(Nanos::seconds(61));
    attribute(-501);  // 1,500 within the hour
    EXPECT_EQ(global(), TradingState::Halted);
    EXPECT_EQ(gate->state_changes().back().reason.limit,
              static_cast<std::int64_t>(ProfitCode::LossHour));
    tick(Nanos::seconds(7'200));
    EXPECT_EQ(global(), TradingState::Halted) << "a halt waits for a person";
    gate->on(messages::SetTradingState{{}, TradingState::Active, now});
    attribute(-10'000);
    EXPECT_EQ(global(), TradingState::Killed);
}
TEST_F(RiskService, ADaysLossHalts) {
    config.max_loss_trade = config.max_loss_minute = config.max_loss_hour = Amount{};
    start();
    for (int hour = 0; hour < 10; ++hour) {
        EXPECT_EQ(global(), TradingState::Active) << hour;
        attribute(-500);
        tick(Nanos::seconds(3'600));
    }
    EXPECT_EQ(global(), TradingState::Halted);
    EXPECT_EQ(gate->state_changes().back().reason.limit,
              static_cast<std::int64_t>(ProfitCode::LossDay));
}
TEST_F(RiskService, LeggingLossHalts) {
    attribute(0, -999);
    EXPECT_EQ(global(), TradingState::Active);
    attribute(0, -1);
    EXPECT_EQ(global(), TradingState::Halted);
}
TEST_F(RiskService, RejectsReduceTheirVenue) {
    for (int i = 0; i < 10; ++i) {
        const auto order = this->order(binance, Side::Buy);
        ASSERT_TRUE(ask({order}).approved()) << i;
        gate->on(event(order, i % 2 == 0 ? OrderEventKind::Done : OrderEventKind::Rejected));
    }
    EXPECT_EQ(venue(Venue::Binance), TradingState::Reducing);
    EXPECT_EQ(venue(Venue::Okx), TradingState::Active);
    tick(Nanos::seconds(60));
    EXPECT_EQ(venue(Venue::Binance), TradingState::Active);
}
TEST_F(RiskService, AnUnansweredOrderReducesItsVenueUntilItIsResolved) {
    const auto order = this->order(okx, Side::Buy);
    ASSERT_TRUE(ask({order}).approved());
    gate->on(event(order, OrderEventKind::Unknown));
    tick(Nanos::seconds(2));
    EXPECT_EQ(venue(Venue::Okx), TradingState::Active);
    tick(Nanos::millis(1));
    EXPECT_EQ(venue(Venue::Okx), TradingState::Reducing);
    gate->on(messages::SetTradingState{{ScopeKind::Venue, 1}, TradingState::Active, now});
    EXPECT_EQ(venue(Venue::Okx), TradingState::Reducing)
        << "a live condition is not commanded away";
    gate->on(event(order, OrderEventKind::NotFound));
    tick(Nanos::millis(1));
    EXPECT_EQ(venue(Venue::Okx), TradingState::Active);
    EXPECT_TRUE(btc().open_long().is_zero());
}
TEST_F(RiskService, AFeedThatIsDownReducesItsVenue) {
    gate->on(messages::FeedStatus{Market::BybitLinear, now, false});
    EXPECT_EQ(venue(Venue::Bybit), TradingState::Reducing);
    EXPECT_EQ(gate->state_changes()[0].reason.code, ReasonCode::VenueDown);
    gate->on(messages::FeedStatus{Market::BybitSpot, now, true});
    EXPECT_EQ(venue(Venue::Bybit), TradingState::Reducing);
    gate->on(messages::FeedStatus{Market::BybitLinear, now, true});
    EXPECT_EQ(venue(Venue::Bybit), TradingState::Active);
}
TEST_F(RiskService, LimitsHaveVersions) {
    EXPECT_EQ(gate->limits_version(), 1u);
    Config tighter;
    tighter.max_order_value = Amount::units(1'000);
    gate->set_limits(tighter, now);
    ASSERT_EQ(gate->limit_changes().size(), 1u);
    EXPECT_EQ(gate->limit_changes()[0].version, 2u);
    EXPECT_EQ(ask({order(binance, Side::Buy)}).check, RiskCheck::OrderSize);
}

// ---- snapshots, properties

TEST_F(RiskService, ASnapshotRestoresEverything) {
    trade(order(binance, Side::Buy));
    const auto open = order(okx, Side::Sell);
    const auto gone = order(okx, Side::Sell);
    ASSERT_TRUE(ask({open, gone}).approved());
    gate->on(event(open, OrderEventKind::Unknown));
    gate->on(event(gone, OrderEventKind::Done));
    attribute(-300);
    gate->on(messages::SetTradingState{{ScopeKind::Symbol, 1}, TradingState::Halted, now});
    tick(Nanos::millis(1));
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(*gate);
    Service copy{universe, books, money, fees, Config{}};
    StateReader reader{bytes};
    reader(copy);
    EXPECT_TRUE(reader.finished());
    EXPECT_EQ(state_hash(copy), state_hash(*gate));
    // and goes on alike
    for (Service* one : {&copy, &*gate}) {
        one->on(fill(open, 10'000, 10'000, 5));
        one->on(event(open, OrderEventKind::Done));
        one->on(messages::ClockTick{now + Nanos::seconds(5)});
    }
    EXPECT_EQ(state_hash(copy), state_hash(*gate));
}

TEST_F(RiskService, InFlightExposureEndsAtExactlyZeroWhateverVenuesDo) {
    const bool held = rc::check("in-flight", [](std::uint64_t seed) {
        fixture::World world;
        world.config.orders_per_second = world.config.messages_per_second = 10'000;
        world.config.burst_seconds = 60;
        world.config.max_reject_rate = Rate::basis_points(10'000);
        world.start();
        runtime::Random random{seed};
        std::vector<messages::OrderRequest> sent;
        std::vector<messages::OrderEvent> events;
        Quantity net;
        const InstrumentId listings[] = {world.binance, world.okx, world.perp};
        for (int i = 0; i < 60; ++i) {
            const Side side = random.chance(0.5) ? Side::Buy : Side::Sell;
            const std::int64_t size = 2 * random.between(100, 2'000);
            const auto order = world.order(
                listings[random.below(3)], side, 5'000'000, size,
                random.chance(0.3) ? messages::Purpose::Hedge : messages::Purpose::Entry);
            const std::array<messages::OrderRequest, 1> one{order};
            if (!world.gate->check(world.intent(one)).approved()) continue;
            if (random.chance(0.1)) {
                world.gate->retract(one);
                continue;
            }
            std::int64_t filled = 0;
            std::uint64_t trade = order.id.raw();
            while (filled < size && random.chance(0.7)) {
                const std::int64_t part = random.between(1, size - filled);
                filled += part;
                events.push_back(world.fill(order, part, filled, ++trade));
                net = side == Side::Buy ? net + Quantity::from_raw(part)
                                        : net - Quantity::from_raw(part);
            }
            if (random.chance(0.3)) events.push_back(world.event(order, OrderEventKind::Unknown));
            events.push_back(world.event(order, filled == 0 && random.chance(0.5)
                                                    ? OrderEventKind::Rejected
                                                    : OrderEventKind::Done));
            if (random.chance(0.3))
                events.push_back(events[random.below(events.size())]);  // a repetition
        }
        for (std::size_t i = events.size(); i > 1; --i)
            std::swap(events[i - 1], events[random.below(i)]);
        for (const auto& event : events) world.gate->on(event);
        Quantity position;
        for (const InstrumentId id : listings) position += world.gate->exposures().at(id).position;
        RC_ASSERT(position == net);
        RC_ASSERT(world.gate->open_orders() == 0u);
        RC_ASSERT(world.gate->exposures().hedges_open().is_zero());
        for (const AssetExposure& asset : world.gate->exposures().assets()) {
            RC_ASSERT(asset.open_long().is_zero() && asset.open_short().is_zero());
        }
        Amount gross;
        for (const VenueExposure& venue : world.gate->exposures().venues()) {
            RC_ASSERT(venue.open.is_zero());
            gross += venue.gross;
        }
        RC_ASSERT(gross == world.gate->exposures().total());
    });
    EXPECT_TRUE(held);
}

}  // namespace
}  // namespace parallax::risk
