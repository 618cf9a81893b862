// Every step of a plan's life, one at a time; tests/plans_test.cpp does them all at once.
#include <gtest/gtest.h>

#include "services/trading/fixture.hpp"

namespace parallax::trading {
namespace {

using messages::Execution;
using messages::OrderAction;
using messages::OrderEventKind;
using messages::PlanOutcome;
using messages::PlanState;
using messages::Purpose;
using messages::ReasonCode;

class Trading : public ::testing::Test, protected fixture::World {
protected:
    using States = std::vector<PlanState>;
};

// ---- entry

TEST_F(Trading, ReservesThenSendsBothLegsAtTheirProtection) {
    const auto orders = start(pair());
    EXPECT_EQ(states(), (States{PlanState::Reserved, PlanState::Sent}));
    ASSERT_EQ(orders.size(), 2u);
    EXPECT_EQ(orders[0].action, OrderAction::Place);
    EXPECT_EQ(orders[0].time_in_force, messages::TimeInForce::Ioc);
    EXPECT_EQ(orders[0].price.raw(), 5'000'001 + 1'000);
    EXPECT_EQ(orders[1].price.raw(), 4'999'999 - 999);
    EXPECT_EQ(orders[0].id, (ClientOrderId{PlanId{1}, 0, 0}));
    EXPECT_EQ(orders[1].id, (ClientOrderId{PlanId{1}, 1, 1}));
    EXPECT_EQ(money.last.amount.text(), "0.1");
    EXPECT_EQ(universe.asset_name(money.last.asset), "BTC");
    EXPECT_EQ(service->next_deadline(), now + Nanos::seconds(2));
}
TEST_F(Trading, TradesOnlySignals) {
    auto o = pair();
    o.reason.code = ReasonCode::BelowMinEdge;
    EXPECT_TRUE(start(o).empty());
    EXPECT_TRUE(service->plan_updates().empty());
}
TEST_F(Trading, RefusesWithACode) {
    const auto refused = [&](ReasonCode code) {
        EXPECT_EQ(service->plan_updates().size(), 1u);
        EXPECT_EQ(last().state, PlanState::Refused);
        EXPECT_EQ(last().outcome, PlanOutcome::Refused);
        EXPECT_EQ(last().reason.code, code);
        EXPECT_EQ(last().leg_count, 2);
        EXPECT_TRUE(requests().empty());
    };
    gate.verdict.check = messages::RiskCheck::Exposure;
    gate.verdict.detail = 4;
    start(pair());
    refused(ReasonCode::RiskLimit);
    EXPECT_EQ(last().reason.value, 6);
    EXPECT_EQ(last().reason.limit, 4);
    gate.verdict = {};
    money.refuse = true;
    start(pair());
    refused(ReasonCode::InsufficientBalance);
    EXPECT_EQ(gate.retracted, 2u) << "what risk approved was not sent";
    money.refuse = false;
    const auto o = pair();
    start(o);
    start(o);
    refused(ReasonCode::Duplicate);
    start(pair());
    refused(ReasonCode::Duplicate);  // the first plan still works on these instruments
    config.enabled = false;
    start();
    start(pair());
    refused(ReasonCode::ModeShadow);
}
TEST_F(Trading, HasRoomForAFixedNumberOfPlans) {
    config.max_plans = 2;
    config.exclusive = false;
    start();
    const auto first = start(pair());
    start(pair());
    start(pair());
    EXPECT_EQ(last().reason.code, ReasonCode::RateBudget);
    done(first[0]);
    done(first[1]);
    EXPECT_EQ(service->open_plans(), 1u);
    EXPECT_EQ(start(pair()).size(), 2u);
}

// ---- the good ends

TEST_F(Trading, BothLegsFullIsCompleted) {
    const auto orders = start(pair());
    EXPECT_TRUE(fill(orders[0], 4'000).empty());
    EXPECT_EQ(states(), States{PlanState::Partial});
    EXPECT_TRUE(fill(orders[0], 6'000, 10'000).empty());
    EXPECT_TRUE(fill(orders[1]).empty());
    EXPECT_EQ(states(), (States{PlanState::Filled, PlanState::Settled}));
    EXPECT_EQ(last().outcome, PlanOutcome::Completed);
    EXPECT_EQ(last().legs[0].filled.raw(), 10'000);
    EXPECT_EQ(last().legs[0].filled_value.text(), "5001.001");
    EXPECT_TRUE(last().reason.none());
    EXPECT_EQ(money.held, 0);
    EXPECT_FALSE(service->next_deadline().known());
    EXPECT_TRUE(done(orders[0]).empty()) << "the venue's Done is old news";
}
TEST_F(Trading, EqualPartsNeedNoHedge) {
    const auto orders = start(pair());
    fill(orders[0], 5'000);
    fill(orders[1], 5'000);
    done(orders[0]);
    EXPECT_TRUE(done(orders[1]).empty());
    EXPECT_EQ(last().outcome, PlanOutcome::Completed);
    EXPECT_EQ(last().reason, (messages::Reason{ReasonCode::LostRace, 5'000, 10'000}));
}
TEST_F(Trading, NothingFilledIsMissed) {
    const auto orders = start(pair());
    say(orders[0], OrderEventKind::Rejected);
    done(orders[1]);
    EXPECT_EQ(states(), States{PlanState::Settled});
    EXPECT_EQ(last().outcome, PlanOutcome::Missed);
}
TEST_F(Trading, RepeatedAndReorderedFillsCountOnce) {
    const auto orders = start(pair());
    messages::OrderEvent e;
    e.kind = OrderEventKind::Filled;
    e.id = orders[0].id;
    e.instrument = orders[0].instrument;
    e.received = now;
    e.price = orders[0].price;
    e.quantity = Quantity::from_raw(3'000);
    e.cumulative = Quantity::from_raw(7'000);
    e.trade_id = 71;
    service->on(e);
    service->on(e);
    e.quantity = Quantity::from_raw(4'000);
    e.cumulative = Quantity::from_raw(4'000);
    e.trade_id = 70;
    service->on(e);
    EXPECT_EQ(service->plan(PlanId{1})->legs[0].filled.raw(), 7'000);
}
TEST_F(Trading, ADoneThatOvertookItsFillsWaitsForThem) {
    const auto orders = start(pair());
    EXPECT_TRUE(say(orders[0], OrderEventKind::Done, 0, 4'000).empty());
    fill(orders[1], 4'000);
    EXPECT_TRUE(done(orders[1]).empty()) << "no hedge: 4,000 are on their way";
    EXPECT_TRUE(fill(orders[0], 4'000).empty());
    EXPECT_EQ(last().outcome, PlanOutcome::Completed);
}

// ---- sequential

TEST_F(Trading, SequentialSizesTheSecondLegByTheFirstFill) {
    auto o = pair(Execution::Sequential);
    o.first_leg = 1;
    const auto first = start(o);
    ASSERT_EQ(first.size(), 1u);
    EXPECT_EQ(first[0].instrument, okx);
    EXPECT_EQ(gate.approved, 2u) << "both count from the start";
    fill(first[0], 6'000);
    const auto second = done(first[0]);
    ASSERT_EQ(second.size(), 1u);
    EXPECT_EQ(second[0].instrument, binance);
    EXPECT_EQ(second[0].quantity.raw(), 6'000);
    fill(second[0]);
    EXPECT_EQ(last().outcome, PlanOutcome::Completed);
}
TEST_F(Trading, SequentialMissCostsNothing) {
    const auto first = start(pair(Execution::Sequential));
    EXPECT_TRUE(done(first[0]).empty());
    EXPECT_EQ(last().outcome, PlanOutcome::Missed);
    EXPECT_EQ(gate.retracted, 1u) << "the leg never sent goes back to risk";
}
TEST_F(Trading, ATriangleSizesEachLegByWhatTheLastOneBrought) {
    const auto first =
        start(opportunity({leg(binance, Side::Buy, 10'000), leg(eth_btc, Side::Buy, 190'000),
                           leg(eth_usdt, Side::Sell, 190'000)},
                          Execution::Sequential, messages::OpportunityKind::Triangle));
    ASSERT_EQ(first.size(), 1u);
    EXPECT_EQ(gate.approved, 1u)
        << "later legs are asked about when there is something to pay them with";
    fill(first[0], 5'000);
    const auto second = done(first[0]);
    ASSERT_EQ(second.size(), 1u);
    EXPECT_EQ(second[0].side, Side::Buy);
    EXPECT_EQ(second[0].quantity.raw(), 99'980);  // 0.05 BTC / 0.05001, whole lots
    const auto third = fill(second[0]);
    ASSERT_EQ(third.size(), 1u);
    EXPECT_EQ(third[0].quantity.raw(), 99'980);
    fill(third[0]);
    EXPECT_EQ(last().outcome, PlanOutcome::Completed);
    EXPECT_EQ(last().legs[2].filled.raw(), 99'980);
}
TEST_F(Trading, ABrokenTriangleSellsWhatItHolds) {
    const auto first =
        start(opportunity({leg(binance, Side::Buy, 10'000), leg(eth_btc, Side::Buy, 190'000),
                           leg(eth_usdt, Side::Sell, 190'000)},
                          Execution::Sequential, messages::OpportunityKind::Triangle));
    const auto second = fill(first[0]);
    const auto repair = say(second[0], OrderEventKind::Rejected);
    ASSERT_EQ(repair.size(), 1u);
    EXPECT_EQ(repair[0].instrument, binance);
    EXPECT_EQ(repair[0].side, Side::Sell);
    EXPECT_EQ(repair[0].purpose, Purpose::Revert);
    EXPECT_EQ(repair[0].quantity.raw(), 10'000);
    fill(repair[0]);
    EXPECT_EQ(last().outcome, PlanOutcome::Unwound);
}

// ---- unknown

TEST_F(Trading, SilenceIsAskedAboutNeverResent) {
    const auto orders = start(pair());
    done(orders[1]);
    auto out = wait(Nanos::seconds(2));
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0].action, OrderAction::Query);
    EXPECT_EQ(out[0].id, orders[0].id);
    EXPECT_EQ(last().state, PlanState::Unknown);
    out = wait(Nanos::seconds(1));
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0].action, OrderAction::Query);
    say(orders[0], OrderEventKind::NotFound);
    EXPECT_EQ(last().outcome, PlanOutcome::Missed);
}
TEST_F(Trading, AGatewaysUnknownIsAskedAboutAtOnce) {
    const auto orders = start(pair());
    const auto out = say(orders[0], OrderEventKind::Unknown);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0].action, OrderAction::Query);
}
TEST_F(Trading, TheDeadlineHedgesWhateverIsStillOpen) {
    const auto orders = start(pair());
    fill(orders[0]);
    EXPECT_EQ(service->next_deadline(), now + Nanos::millis(1'500));
    quote(bybit, 5'000'100);
    const auto hedges = wait(Nanos::millis(1'500));
    ASSERT_EQ(hedges.size(), 1u);
    EXPECT_EQ(hedges[0].purpose, Purpose::Hedge);
    fill(hedges[0]);
    EXPECT_EQ(service->open_plans(), 1u) << "the silent order still holds the plan open";
    const auto undo = fill(orders[1]);  // it had filled after all
    ASSERT_EQ(undo.size(), 1u);
    EXPECT_EQ(undo[0].side, Side::Buy);
    fill(undo[0]);
    EXPECT_EQ(service->open_plans(), 0u);
}
TEST_F(Trading, ALateFillReopensThePlan) {
    const auto orders = start(pair());
    done(orders[0]);
    done(orders[1]);
    EXPECT_EQ(last().outcome, PlanOutcome::Missed);
    const auto hedges = fill(orders[0], 4'000);
    ASSERT_EQ(hedges.size(), 1u);
    EXPECT_EQ(hedges[0].quantity.raw(), 4'000);
    EXPECT_EQ(service->open_plans(), 1u);
    fill(hedges[0]);
    EXPECT_EQ(last().state, PlanState::Settled);
    EXPECT_NE(last().outcome, PlanOutcome::Missed);
    EXPECT_EQ(service->counters().late_fills, 1u);
}

TEST_F(Trading, QueriesGrowSeldomThenRiskIsTold) {
    const auto orders = start(pair());
    done(orders[1]);
    const std::int64_t pauses[] = {2, 1, 2, 4, 8, 16};  // the first is the order's timeout
    for (const std::int64_t pause : pauses) {
        EXPECT_EQ(service->counters().unanswered, 0u);
        EXPECT_TRUE(wait(Nanos::seconds(pause) - Nanos{1}).empty()) << pause;
        const auto out = wait(Nanos{1});
        ASSERT_EQ(out.size(), 1u) << pause;
        EXPECT_EQ(out[0].action, OrderAction::Query);
        EXPECT_EQ(out[0].id, orders[0].id);
    }
    EXPECT_EQ(service->counters().unanswered, 1u);
    EXPECT_EQ(last().state, PlanState::Unknown);
    EXPECT_EQ(last().reason, (messages::Reason{ReasonCode::VenueDown,
                                               static_cast<std::int64_t>(Market::BinanceSpot), 6}));
    wait(Nanos::seconds(32));
    EXPECT_TRUE(wait(Nanos::seconds(60) - Nanos{1}).empty()) << "the longest pause";
    EXPECT_EQ(wait(Nanos{1}).size(), 1u);
    EXPECT_EQ(service->counters().unanswered, 1u) << "told once";
    EXPECT_EQ(service->open_plans(), 1u);
    const auto hedges = fill(orders[0]);  // and the answer still counts
    ASSERT_EQ(hedges.size(), 1u);
    fill(hedges[0]);
    EXPECT_EQ(service->open_plans(), 0u);
}

// ---- overlapping signals

TEST_F(Trading, TheBestOfOverlappingSignalsIsTaken) {
    std::vector<messages::Opportunity> tick{pair(), pair(), pair(), pair()};
    tick[0].priority = 5;
    tick[1].priority = 9;
    tick[2].priority = 9;
    tick[2].edge.expected = Amount::units(1);
    tick[3].priority = 99;
    tick[3].reason.code = ReasonCode::BelowMinEdge;
    service->clear_outputs();
    service->on(std::span<const messages::Opportunity>{tick});
    EXPECT_EQ(service->open_plans(), 1u);
    EXPECT_EQ(service->plan(PlanId{1})->opportunity, tick[2].id);
    EXPECT_EQ(states(), (States{PlanState::Reserved, PlanState::Sent, PlanState::Refused,
                                PlanState::Refused}));
    EXPECT_EQ(service->plan_updates()[2].opportunity, tick[1].id);
    EXPECT_EQ(last().opportunity, tick[0].id);
    EXPECT_EQ(last().reason.code, ReasonCode::Duplicate);
}

// ---- state

TEST_F(Trading, ASnapshotRestoresEverything) {
    const auto orders = start(pair());
    fill(orders[0], 3'000);
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(*service);
    Service copy{universe, books, fees, gate, money, config};
    StateReader reader{bytes};
    reader(copy);
    EXPECT_TRUE(reader.finished());
    EXPECT_EQ(state_hash(copy), state_hash(*service));
    EXPECT_EQ(copy.next_deadline(), service->next_deadline());
    EXPECT_EQ(copy.open_plans(), 1u);
}
TEST_F(Trading, AFinerScaleMultipliesWhatIsHeld) {
    const auto orders = start(pair());
    fill(orders[0], 3'000);
    const auto change = **universe.refine(binance, 2, 6);
    service->on_rescale(change);
    EXPECT_EQ(service->plan(PlanId{1})->legs[0].filled.raw(), 30'000);
    auto rest = orders[0];
    EXPECT_TRUE(fill(rest, 70'000, 100'000).empty());
    EXPECT_EQ(service->plan(PlanId{1})->legs[0].filled.raw(), 100'000);
}
TEST_F(Trading, PeersCannotTripAnAssertion) {
    const auto orders = start(pair());
    auto bad = orders[0];
    bad.price = Price::from_raw(-1);
    fill(bad, 5);
    bad.price = Price::from_raw(INT64_MAX);
    fill(bad, INT64_MAX);
    fill(orders[0], -7);
    bad.id = ClientOrderId{PlanId{77}, 0, 0};
    fill(bad, 5);
    bad.id = ClientOrderId{PlanId{1}, 9, 9};
    fill(bad, 5);
    bad.id = ClientOrderId{};
    done(bad);
    EXPECT_TRUE(service->plan(PlanId{1})->legs[0].filled.is_zero());
    EXPECT_EQ(service->counters().orphan_fills, 2u);
}

}  // namespace
}  // namespace parallax::trading
