// What becomes of a rest: hedges, chases, what is kept, and the end of all attempts.
#include <gtest/gtest.h>

#include "services/trading/fixture.hpp"

namespace parallax::trading {
namespace {

using messages::OrderAction;
using messages::OrderEventKind;
using messages::PlanOutcome;
using messages::PlanState;
using messages::Purpose;
using messages::ReasonCode;

class Residual : public ::testing::Test, protected fixture::World {};

// ---- hedges

TEST_F(Residual, AMissingSellIsHedgedWhereItNetsMost) {
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
TEST_F(Residual, OnlyThePartThatIsMissingIsHedged) {
    const auto orders = start(pair());
    fill(orders[0]);
    fill(orders[1], 7'000);
    const auto hedges = done(orders[1]);
    ASSERT_EQ(hedges.size(), 1u);
    EXPECT_EQ(hedges[0].quantity.raw(), 3'000);
}
TEST_F(Residual, ALargeHedgeIsSplitOverVenues) {
    const auto orders =
        start(opportunity({leg(binance, Side::Buy, 180'000), leg(okx, Side::Sell, 180'000)}));
    fill(orders[0]);
    const auto hedges = done(orders[1]);
    ASSERT_GT(hedges.size(), 1u);
    std::int64_t sum = 0;
    for (const auto& hedge : hedges) sum += hedge.quantity.raw();
    EXPECT_EQ(sum, 180'000);
}
TEST_F(Residual, RevertsWhereItIsCheapest) {
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
TEST_F(Residual, APerpetualStandsInWhenNoSpotBalanceIsLeft) {
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
TEST_F(Residual, ASmallRestMayStay) {
    const auto orders = start(pair());
    fill(orders[0]);
    fill(orders[1], 9'985);
    EXPECT_TRUE(done(orders[1]).empty());  // 7.50 dollars: cheaper kept than hedged at 10 bp
    EXPECT_EQ(decision().choice, ResidualChoice::Keep);
    EXPECT_EQ(last().outcome, PlanOutcome::Legged);
}
TEST_F(Residual, DustIsRecordedAndKept) {
    const auto orders = start(pair());
    fill(orders[0]);
    fill(orders[1], 9'995);
    EXPECT_TRUE(done(orders[1]).empty());  // 2.50 dollars: below every venue's least order
    EXPECT_EQ(decision().choice, ResidualChoice::Dust);
    EXPECT_EQ(decision().reason.code, ReasonCode::LotRounding);
    EXPECT_EQ(decision().reason.value, 5);
    EXPECT_EQ(last().outcome, PlanOutcome::Completed);
}
TEST_F(Residual, AHedgeThatMissesIsRepeatedWithMoreRoom) {
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
    EXPECT_EQ(last().outcome, PlanOutcome::Residual);
}
TEST_F(Residual, ARefusedHedgeIsTriedAgainUntilThePlanGivesUp) {
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
TEST_F(Residual, GivesUpWithTheReasonThatStoodInTheWay) {
    const auto orders = start(pair());
    fill(orders[0]);
    gate.verdict.check = messages::RiskCheck::State;
    done(orders[1]);
    for (int i = 0; i < 101; ++i) wait(Nanos::millis(100));
    EXPECT_EQ(service->open_plans(), 0u);
    EXPECT_EQ(service->plan(PlanId{1})->reason.code, ReasonCode::RiskLimit);
    EXPECT_EQ(service->plan(PlanId{1})->outcome, PlanOutcome::Residual);
}

TEST_F(Residual, PausesBetweenRefusalsDoNotOutliveThePlan) {
    const auto orders = start(pair());
    fill(orders[0]);
    const UnixNanos give_up = now + Nanos::seconds(10);
    // The venue refuses whatever is sent: 100, 200, ... 6,400 ms between two repairs.
    auto repairs = done(orders[1]);
    while (now < give_up + Nanos::millis(100)) {
        while (!repairs.empty()) repairs = say(repairs[0], OrderEventKind::Rejected);
        repairs = wait(Nanos::millis(100));
    }
    while (!repairs.empty()) repairs = say(repairs[0], OrderEventKind::Rejected);
    EXPECT_EQ(service->open_plans(), 0u);
    EXPECT_EQ(service->plan(PlanId{1})->outcome, PlanOutcome::Residual);
}

// ---- chase

TEST_F(Residual, ChasesTheMissingLegWhenThatIsCheaper) {
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
TEST_F(Residual, ALostCancelIsSentAgain) {
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

// ---- the end of all attempts

TEST_F(Residual, TheLastHedgeHasAllTheRoomThereIs) {
    const auto orders = start(pair());
    fill(orders[0]);
    gate.verdict.check = messages::RiskCheck::State;
    done(orders[1]);
    for (int i = 0; i < 99; ++i) EXPECT_TRUE(wait(Nanos::millis(100)).empty()) << i;
    gate.verdict = {};
    const auto hedges = wait(Nanos::millis(100));  // 10 s after the fill
    ASSERT_EQ(hedges.size(), 1u);
    EXPECT_EQ(hedges[0].price.raw(), 4'999'999 - 249'999) << "500 bp behind the level";
    EXPECT_EQ(hedges[0].time_in_force, messages::TimeInForce::Ioc);
    fill(hedges[0]);
    EXPECT_EQ(last().state, PlanState::Settled);
    EXPECT_NE(last().outcome, PlanOutcome::Residual);
    EXPECT_EQ(service->counters().residuals, 0u);
}
TEST_F(Residual, WhatTheLastHedgeMissesIsReported) {
    const auto orders = start(pair());
    fill(orders[0]);
    gate.verdict.check = messages::RiskCheck::State;
    done(orders[1]);
    for (int i = 0; i < 99; ++i) wait(Nanos::millis(100));
    gate.verdict = {};
    const auto hedges = wait(Nanos::millis(100));
    ASSERT_EQ(hedges.size(), 1u);
    fill(hedges[0], 4'000);
    EXPECT_TRUE(done(hedges[0]).empty()) << "once";
    EXPECT_EQ(last().outcome, PlanOutcome::Residual);
    EXPECT_EQ(decision().choice, ResidualChoice::GiveUp);
    EXPECT_EQ(decision().rest.text(), "0.06");
}
TEST_F(Residual, WithoutABookThePlanEndsAsAResidualWithItsReason) {
    const auto orders = start(pair());
    fill(orders[0]);
    for (const InstrumentId id : {binance, okx, bybit, perp}) books.at(id).expire(now + Nanos{1});
    done(orders[1]);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(service->open_plans(), 1u) << "tried until the end";
        wait(Nanos::millis(100));
    }
    EXPECT_EQ(service->open_plans(), 0u);
    EXPECT_EQ(last().state, PlanState::Settled);
    EXPECT_EQ(last().outcome, PlanOutcome::Residual);
    EXPECT_EQ(last().reason.code, ReasonCode::BookStale);
    EXPECT_EQ(service->counters().residuals, 1u);
}
TEST_F(Residual, AResidualPlanStaysLongerThanOthers) {
    config.max_plans = 1;  // two places
    start();
    const auto orders = start(pair());
    fill(orders[0]);
    for (const InstrumentId id : {binance, okx, bybit, perp}) books.at(id).expire(now + Nanos{1});
    done(orders[1]);
    for (int i = 0; i < 100; ++i) wait(Nanos::millis(100));
    for (const InstrumentId id : {binance, okx, bybit, perp}) quote(id, 5'000'000);
    for (int i = 0; i < 3; ++i) {
        const auto others = start(pair());
        done(others[0]);
        done(others[1]);
    }
    ASSERT_NE(service->plan(PlanId{1}), nullptr);
    EXPECT_EQ(service->plan(PlanId{1})->outcome, PlanOutcome::Residual);
}

// ---- other quote assets

class Conversion : public Residual {
protected:
    Conversion() {
        btc_usdc = list(Market::Okx, InstrumentKind::Spot, "BTC-USDC", "BTC", "USDC");
        usdc = list(Market::BinanceSpot, InstrumentKind::Spot, "USDCUSDT", "USDC", "USDT");
        start();
        quote(btc_usdc, 5'100'000);  // 2 % dearer, in coins
        convertible_at(10'000);
    }
    void convertible_at(std::int64_t rate, std::int64_t size = 10'000'000'000) {
        quote(usdc, rate, size);  // 100,000 coins a level
    }
    /// Half a coin bought and not sold; the hedge.
    messages::OrderRequest hedge() {
        const auto orders = start(pair());
        fill(orders[0]);
        const auto hedges = done(orders[1]);
        EXPECT_EQ(hedges.size(), 1u);
        return hedges.at(0);
    }
    InstrumentId btc_usdc, usdc;
};

TEST_F(Conversion, AHedgeGoesWhereItNetsMostAfterConversion) {
    EXPECT_EQ(hedge().instrument, btc_usdc);
    // 100 more, less 5 of fee and 6.6 of fee, spread and haircut of the conversion.
    EXPECT_LT(decision().hedge_cost, Amount::units(-88));
    EXPECT_GT(decision().hedge_cost, Amount::units(-89));
}
TEST_F(Conversion, ACoinThatLostItsPegIsNoBetterPrice) {
    convertible_at(9'700);
    EXPECT_NE(hedge().instrument, btc_usdc);
}
TEST_F(Conversion, FeeAndHaircutOfTheConversionCount) {
    quote(btc_usdc, 5'007'000);  // 14 bp dearer: fee, spread and haircut take 13
    EXPECT_EQ(hedge().instrument, btc_usdc);
    config.conversion_haircut = Rate::basis_points(4);
    start();
    EXPECT_NE(hedge().instrument, btc_usdc);
}
TEST_F(Conversion, WithoutABookToConvertInThereIsNoHedge) {
    books.at(usdc).expire(now + Nanos{1});
    EXPECT_NE(hedge().instrument, btc_usdc);
}
TEST_F(Conversion, TheConversionsDepthCounts) {
    convertible_at(10'000, 50'000'000);  // 3 levels of 500 coins; 5,000 are needed
    EXPECT_NE(hedge().instrument, btc_usdc);
}
TEST_F(Conversion, GettingIsConvertedTheOtherWay) {
    quote(btc_usdc, 4'900'000);  // 2 % cheaper
    const auto orders = start(pair());
    fill(orders[1]);
    auto hedges = done(orders[0]);
    ASSERT_EQ(hedges.size(), 1u);
    EXPECT_EQ(hedges[0].instrument, btc_usdc);
    EXPECT_EQ(hedges[0].side, Side::Buy);
    start();
    convertible_at(10'300);  // dollar coins are dear
    const auto again = start(pair());
    fill(again[1]);
    hedges = done(again[0]);
    ASSERT_EQ(hedges.size(), 1u);
    EXPECT_NE(hedges[0].instrument, btc_usdc);
}
TEST_F(Conversion, ALegWithoutAnyConversionIsUndoneAllTheSame) {
    const InstrumentId inverse =
        list(Market::BybitInverse, InstrumentKind::InversePerpetual, "BTCUSD", "BTC", "USD");
    start();
    quote(inverse, 5'050'000, 100'000'000'000);
    for (const InstrumentId id : {okx, bybit, btc_usdc, perp}) quote(id, 4'000'000);
    const auto orders =
        start(opportunity({leg(binance, Side::Buy, 10'000), leg(inverse, Side::Sell, 500'000'000)},
                          messages::Execution::Simultaneous, messages::OpportunityKind::SpotPerp));
    fill(orders[1]);
    const auto hedges = done(orders[0]);
    ASSERT_FALSE(hedges.empty());
}

// ---- orders that only reduce

class ReduceOnly : public Residual {
protected:
    messages::Opportunity basis() {
        return opportunity({leg(binance, Side::Buy, 10'000), leg(perp, Side::Sell, 10'000)},
                           messages::Execution::Simultaneous, messages::OpportunityKind::SpotPerp);
    }
};

TEST_F(ReduceOnly, AnExitSaysSoAndNeedsNoMargin) {
    auto exit = opportunity({leg(perp, Side::Buy, 10'000), leg(binance, Side::Sell, 10'000)});
    exit.legs[0].reduce_only = true;
    const auto orders = start(exit);
    ASSERT_EQ(orders.size(), 2u);
    EXPECT_TRUE(orders[0].reduce_only);
    EXPECT_FALSE(orders[1].reduce_only);
    EXPECT_EQ(money.all[0].amount.text(), "2.75055055") << "5.5 bp of fee, no margin";
}
TEST_F(ReduceOnly, UnwindingAPerpetualOnlyReduces) {
    for (const InstrumentId id : {binance, okx, bybit}) quote(id, 5'100'000);
    const auto orders = start(basis());
    EXPECT_FALSE(orders[1].reduce_only) << "an entry opens";
    fill(orders[1]);
    const auto undo = done(orders[0]);
    ASSERT_EQ(undo.size(), 1u);
    EXPECT_EQ(undo[0].instrument, perp);
    EXPECT_EQ(undo[0].side, Side::Buy);
    EXPECT_TRUE(undo[0].reduce_only);
}
TEST_F(ReduceOnly, WithoutFeesItHoldsNothingButIsKnownToTheWallet) {
    fees = *FeeSchedule::named("zero");
    start();
    for (const InstrumentId id : {binance, okx, bybit}) quote(id, 5'100'000);
    const auto orders = start(basis());
    fill(orders[1]);
    const auto undo = done(orders[0]);
    ASSERT_EQ(undo.size(), 1u);
    EXPECT_TRUE(undo[0].reduce_only);
    EXPECT_EQ(money.held, 1);
    EXPECT_TRUE(money.last.amount.is_zero());
}
TEST_F(ReduceOnly, AHedgeThatOpensDoesNot) {
    for (const InstrumentId id : {binance, okx, bybit}) quote(id, 4'900'000);
    const auto orders = start(pair());
    fill(orders[0]);
    const auto hedges = done(orders[1]);
    ASSERT_EQ(hedges.size(), 1u);
    EXPECT_EQ(hedges[0].instrument, perp);
    EXPECT_FALSE(hedges[0].reduce_only);
}
TEST_F(ReduceOnly, AnotherPlansPositionIsNoneToReduceTwice) {
    config.exclusive = false;
    start();
    // One plan is short the perpetual, another long as much: there is no position to take back.
    const auto one = start(basis());
    fill(one[0]);
    fill(one[1]);
    for (const InstrumentId id : {binance, okx, bybit}) quote(id, 4'900'000);
    const auto two =
        start(opportunity({leg(perp, Side::Buy, 10'000), leg(binance, Side::Sell, 10'000)},
                          messages::Execution::Simultaneous, messages::OpportunityKind::SpotPerp));
    fill(two[0]);
    const auto undo = done(two[1]);
    ASSERT_EQ(undo.size(), 1u);
    EXPECT_EQ(undo[0].instrument, perp);
    EXPECT_FALSE(undo[0].reduce_only) << "flat: it opens the first plan's short again";
}
TEST_F(ReduceOnly, AVenueThatRefusesToReduceGetsAPlainOrder) {
    for (const InstrumentId id : {binance, okx, bybit}) quote(id, 5'100'000);
    const auto orders = start(basis());
    fill(orders[1]);
    const auto undo = done(orders[0]);
    ASSERT_EQ(undo.size(), 1u);
    const auto plain = say(undo[0], OrderEventKind::Rejected);
    ASSERT_EQ(plain.size(), 1u);
    EXPECT_EQ(plain[0].instrument, perp);
    EXPECT_FALSE(plain[0].reduce_only);
}

}  // namespace
}  // namespace parallax::trading
