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
    std::vector<PlanState> states() const {
        std::vector<PlanState> out;
        for (const messages::PlanUpdate& update : service->plan_updates())
            out.push_back(update.state);
        return out;
    }
    ResidualDecision decision() const { return service->residual_decisions().back(); }
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

// ---- the rest

TEST_F(Trading, AMissingSellIsHedgedWhereItNetsMost) {
    const auto orders = start(pair());
    fill(orders[0]);
    quote(bybit, 5'010'000);
    const auto hedges = done(orders[1]);
    ASSERT_EQ(hedges.size(), 1u);
    EXPECT_EQ(hedges[0].instrument, bybit);
    EXPECT_EQ(hedges[0].side, Side::Sell);
    EXPECT_EQ(hedges[0].purpose, Purpose::Hedge);
    EXPECT_EQ(hedges[0].price.raw(), 5'009'999 - 2'504);  // 5 bp behind the level, on tick
    EXPECT_EQ(last().state, PlanState::Residual);
    EXPECT_EQ(decision().choice, ResidualChoice::Hedge);
    EXPECT_EQ(decision().rest.text(), "0.1");
    fill(hedges[0]);
    EXPECT_EQ(last().state, PlanState::Settled);
    EXPECT_EQ(last().outcome, PlanOutcome::Legged);
    ASSERT_EQ(last().leg_count, 3);
    EXPECT_EQ(last().legs[2].instrument, bybit);
    EXPECT_EQ(last().legs[2].filled.raw(), 10'000);
    EXPECT_TRUE(last().legs[2].planned.is_zero());
}
TEST_F(Trading, OnlyThePartThatIsMissingIsHedged) {
    const auto orders = start(pair());
    fill(orders[0]);
    fill(orders[1], 7'000);
    const auto hedges = done(orders[1]);
    ASSERT_EQ(hedges.size(), 1u);
    EXPECT_EQ(hedges[0].quantity.raw(), 3'000);
}
TEST_F(Trading, ALargeHedgeIsSplitOverVenues) {
    const auto orders =
        start(opportunity({leg(binance, Side::Buy, 180'000), leg(okx, Side::Sell, 180'000)}));
    fill(orders[0]);
    const auto hedges = done(orders[1]);
    ASSERT_GT(hedges.size(), 1u);
    std::int64_t sum = 0;
    for (const auto& hedge : hedges) sum += hedge.quantity.raw();
    EXPECT_EQ(sum, 180'000);
}
TEST_F(Trading, RevertsWhereItIsCheapest) {
    for (const InstrumentId id : {okx, bybit, perp}) quote(id, 4'990'000);
    const auto orders = start(pair());
    fill(orders[0]);
    const auto hedges = say(orders[1], OrderEventKind::Rejected);
    ASSERT_EQ(hedges.size(), 1u);
    EXPECT_EQ(hedges[0].instrument, binance);
    EXPECT_EQ(hedges[0].purpose, Purpose::Revert);
    fill(hedges[0]);
    EXPECT_EQ(last().outcome, PlanOutcome::Unwound);
}
TEST_F(Trading, APerpetualStandsInWhenNoSpotBalanceIsLeft) {
    for (const Market wallet : {Market::BinanceSpot, Market::Okx}) {
        money.empty[static_cast<std::size_t>(wallet)] = true;
    }
    books.at(bybit).expire(now + Nanos{1});
    const auto orders = start(pair());
    fill(orders[0]);
    const auto hedges = done(orders[1]);
    ASSERT_EQ(hedges.size(), 1u);
    EXPECT_EQ(hedges[0].instrument, perp);
}
TEST_F(Trading, ASmallRestMayStay) {
    const auto orders = start(pair());
    fill(orders[0]);
    fill(orders[1], 9'985);
    EXPECT_TRUE(done(orders[1]).empty());  // 7.50 dollars: cheaper kept than hedged at 10 bp
    EXPECT_EQ(decision().choice, ResidualChoice::Keep);
    EXPECT_EQ(last().outcome, PlanOutcome::Legged);
}
TEST_F(Trading, DustIsRecordedAndKept) {
    const auto orders = start(pair());
    fill(orders[0]);
    fill(orders[1], 9'995);
    EXPECT_TRUE(done(orders[1]).empty());  // 2.50 dollars: below every venue's least order
    EXPECT_EQ(decision().choice, ResidualChoice::Dust);
    EXPECT_EQ(decision().reason.code, ReasonCode::LotRounding);
    EXPECT_EQ(decision().reason.value, 5);
    EXPECT_EQ(last().outcome, PlanOutcome::Completed);
}
TEST_F(Trading, AHedgeThatMissesIsRepeatedWithMoreRoom) {
    const auto orders = start(pair());
    fill(orders[0]);
    auto hedges = done(orders[1]);
    ASSERT_EQ(hedges.size(), 1u);
    const std::int64_t first = hedges[0].price.raw();
    hedges = done(hedges[0]);
    ASSERT_EQ(hedges.size(), 1u);
    EXPECT_LT(hedges[0].price.raw(), first);
    EXPECT_NE(hedges[0].id, orders[1].id);
    for (int i = 0; i < 20 && !hedges.empty(); ++i) hedges = done(hedges[0]);
    EXPECT_TRUE(hedges.empty()) << "there is an end";
    EXPECT_EQ(decision().choice, ResidualChoice::GiveUp);
    EXPECT_EQ(last().state, PlanState::Settled);
    EXPECT_EQ(last().outcome, PlanOutcome::Legged);
}
TEST_F(Trading, ARefusedHedgeIsTriedAgainUntilThePlanGivesUp) {
    const auto orders = start(pair());
    fill(orders[0]);
    gate.verdict.check = messages::RiskCheck::State;
    gate.verdict.detail = 1;
    EXPECT_TRUE(done(orders[1]).empty());
    EXPECT_EQ(service->next_deadline(), now + Nanos::millis(100));
    EXPECT_TRUE(wait(Nanos::millis(100)).empty());
    gate.verdict = {};
    EXPECT_EQ(wait(Nanos::millis(100)).size(), 1u);
}
TEST_F(Trading, GivesUpWithTheReasonThatStoodInTheWay) {
    const auto orders = start(pair());
    fill(orders[0]);
    gate.verdict.check = messages::RiskCheck::State;
    done(orders[1]);
    for (int i = 0; i < 101; ++i) wait(Nanos::millis(100));
    EXPECT_EQ(service->open_plans(), 0u);
    EXPECT_EQ(service->plan(PlanId{1})->reason.code, ReasonCode::RiskLimit);
    EXPECT_EQ(service->plan(PlanId{1})->outcome, PlanOutcome::Legged);
}

// ---- chase

TEST_F(Trading, ChasesTheMissingLegWhenThatIsCheaper) {
    config.chase = true;
    start();
    fees.set(Market::Okx, true,
             {Rate{}, Rate::basis_points(10), FeeAsset::Quote});  // makers pay nothing
    const auto orders = start(pair());
    fill(orders[0]);
    const auto chase = done(orders[1]);
    ASSERT_EQ(chase.size(), 1u);
    EXPECT_EQ(chase[0].purpose, Purpose::Chase);
    EXPECT_EQ(chase[0].time_in_force, messages::TimeInForce::Gtc);
    EXPECT_EQ(chase[0].instrument, okx);
    EXPECT_EQ(chase[0].price.raw(), 5'000'001);
    EXPECT_EQ(decision().choice, ResidualChoice::Chase);
    EXPECT_LT(decision().chase_cost, decision().hedge_cost);
    EXPECT_TRUE(wait(Nanos::millis(299)).empty());
    const auto cancel = wait(Nanos::millis(1));
    ASSERT_EQ(cancel.size(), 1u);
    EXPECT_EQ(cancel[0].action, OrderAction::Cancel);
    EXPECT_TRUE(fill(chase[0], 2'000).empty()) << "a cancel on its way is an open order";
    const auto hedge = done(chase[0]);
    ASSERT_EQ(hedge.size(), 1u);
    EXPECT_EQ(hedge[0].quantity.raw(), 8'000);
    EXPECT_NE(hedge[0].purpose, Purpose::Chase) << "once is enough";
}
TEST_F(Trading, ALostCancelIsSentAgain) {
    config.chase = true;
    start();
    fees.set(Market::Okx, true, {Rate{}, Rate::basis_points(10), FeeAsset::Quote});
    const auto orders = start(pair());
    fill(orders[0]);
    const auto chase = done(orders[1]);
    wait(Nanos::millis(300));
    const auto query = wait(Nanos::seconds(2));
    ASSERT_EQ(query.size(), 1u);
    EXPECT_EQ(query[0].action, OrderAction::Query);
    const auto cancel = say(chase[0], OrderEventKind::Accepted);
    ASSERT_EQ(cancel.size(), 1u);
    EXPECT_EQ(cancel[0].action, OrderAction::Cancel);
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
