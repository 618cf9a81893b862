#include "services/portfolio/service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/portfolio/test_world.hpp"

namespace parallax::portfolio {
namespace {

using messages::PlanState;
using messages::Purpose;
using namespace test;

class PortfolioService : public ::testing::Test {
protected:
    PortfolioService() {
        service.on(world.flow(Market::BinanceSpot, "USDT", "100000"));
        service.on(world.flow(Market::Okx, "BTC", "2"));
        service.on(world.flow(Market::BinanceUsdm, "USDT", "50000"));
        service.on(world.flow(Market::BinanceCoinm, "BTC", "1"));
        service.clear_outputs();
    }
    void TearDown() override {
        const auto failure = service.verify();
        EXPECT_FALSE(failure) << *failure;
    }
    Amount balance(Market wallet, std::string_view asset, Bucket bucket = Bucket::Available) const {
        return service.ledger().balance(wallet, world.asset(asset), bucket);
    }
    ports::Hold hold(Market wallet, std::string_view asset, std::string_view sum) const {
        return {wallet, world.asset(asset), amount(sum)};
    }
    void reserve(std::uint64_t plan, std::vector<ports::Hold> holds) {
        ASSERT_TRUE(service.reserve(PlanId{plan}, holds, at(1)));
    }
    World world;
    Service service{world.universe, world.books, Config{}};
};

TEST_F(PortfolioService, ReservesAllHoldsOrNone) {
    const std::vector<ports::Hold> holds{hold(Market::BinanceSpot, "USDT", "60000"),
                                         hold(Market::Okx, "BTC", "3")};
    EXPECT_EQ(service.reserve(PlanId{1}, holds, at(1)), fail(Errc::Rejected));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT"), amount("100000"));
    EXPECT_TRUE(service.entries().empty());
}

TEST_F(PortfolioService, CountsTwoHoldsOnOneAccountTogether) {
    const auto one = hold(Market::BinanceSpot, "USDT", "60000");
    EXPECT_EQ(service.reserve(PlanId{1}, std::vector{one, one}, at(1)), fail(Errc::Rejected));
}

TEST_F(PortfolioService, ReservationsOfOnePlanAddUpAndGoBackOnce) {
    reserve(1, {hold(Market::BinanceSpot, "USDT", "100")});
    reserve(1, {hold(Market::BinanceSpot, "USDT", "23")});
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Reserved), amount("123"));
    service.release(PlanId{1}, at(2));
    service.release(PlanId{1}, at(3));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Reserved), Amount{});
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT"), amount("100000"));
}

TEST_F(PortfolioService, BybitMarketsShareOneWallet) {
    service.on(world.flow(Market::BybitLinear, "USDT", "7"));
    EXPECT_EQ(service.available(Market::BybitInverse, world.asset("USDT")), amount("7"));
    EXPECT_EQ(balance(Market::BybitSpot, "USDT"), amount("7"));
}

TEST_F(PortfolioService, ABuyPaysFromItsHoldAndTheFeeFromWhatItBrought) {
    reserve(1, {hold(Market::BinanceSpot, "USDT", "60600")});
    service.on(world.order(order_id(1), world.binance_btc, Side::Buy, "60600", "1"));
    service.on(world.fill(order_id(1), world.binance_btc, Side::Buy, 11, "60000.5", "1", "1",
                          "0.001", "BTC"));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Reserved), amount("599.5"));
    EXPECT_EQ(balance(Market::BinanceSpot, "BTC"), amount("0.999"));
    EXPECT_EQ(balance(Market::BinanceSpot, "BTC", Bucket::Fee), amount("0.001"));
    EXPECT_EQ(balance(Market::BinanceSpot, "BTC", Bucket::Conversion), amount("-1"));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Conversion), amount("60000.5"));
    EXPECT_EQ(service.counters().unreserved_orders, 0u);
    service.release(PlanId{1}, at(5));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT"), amount("39999.5"));
}

TEST_F(PortfolioService, ASellBringsQuoteAndARebateIsReceived) {
    reserve(1, {hold(Market::Okx, "BTC", "0.5")});
    service.on(world.order(order_id(1), world.okx_btc, Side::Sell, "59000", "0.5"));
    service.on(world.fill(order_id(1), world.okx_btc, Side::Sell, 11, "60000", "0.5", "0.5", "-1.5",
                          "USDT"));
    EXPECT_EQ(balance(Market::Okx, "USDT"), amount("30001.5"));
    EXPECT_EQ(balance(Market::Okx, "USDT", Bucket::Fee), amount("-1.5"));
    EXPECT_EQ(balance(Market::Okx, "BTC"), amount("1.5"));
    EXPECT_EQ(service.entries().back().kind, EntryKind::Rebate);
}

TEST_F(PortfolioService, AFillCountsOnceByTradeIdAndByCumulative) {
    reserve(1, {hold(Market::BinanceSpot, "USDT", "70000")});
    service.on(world.order(order_id(1), world.binance_btc, Side::Buy, "60600", "1"));
    const auto fill =
        world.fill(order_id(1), world.binance_btc, Side::Buy, 11, "60000", "0.4", "0.4");
    service.on(fill);
    service.on(fill);
    auto renamed = fill;  // the venue's other channel has no trade id, or another one
    renamed.trade_id = 0;
    service.on(renamed);
    renamed.trade_id = 12;
    service.on(renamed);
    EXPECT_EQ(balance(Market::BinanceSpot, "BTC"), amount("0.4"));
    EXPECT_EQ(service.counters().duplicates, 3u);
    EXPECT_TRUE(service.state_commands().empty());
}

TEST_F(PortfolioService, FillsInOtherOrderAllCount) {
    reserve(1, {hold(Market::BinanceSpot, "USDT", "70000")});
    service.on(world.order(order_id(1), world.binance_btc, Side::Buy, "60600", "1"));
    service.on(world.fill(order_id(1), world.binance_btc, Side::Buy, 0, "60010", "0.6", "1"));
    service.on(world.fill(order_id(1), world.binance_btc, Side::Buy, 0, "60000", "0.4", "0.4"));
    EXPECT_EQ(balance(Market::BinanceSpot, "BTC"), amount("1"));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Conversion), amount("60006"));
}

TEST_F(PortfolioService, AnAggregateOfPartlyKnownFillsBooksTheRestOnly) {
    reserve(1, {hold(Market::BinanceSpot, "USDT", "70000")});
    service.on(world.order(order_id(1), world.binance_btc, Side::Buy, "60600", "1"));
    service.on(world.fill(order_id(1), world.binance_btc, Side::Buy, 5, "60000", "0.4", "0.4"));
    service.on(world.fill(order_id(1), world.binance_btc, Side::Buy, 0, "60000", "1", "1", "10"));
    EXPECT_EQ(balance(Market::BinanceSpot, "BTC"), amount("1"));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Fee), amount("6"));
}

TEST_F(PortfolioService, AnOversizeFillIsBookedAndHaltsTheVenue) {
    reserve(1, {hold(Market::Okx, "BTC", "1")});
    service.on(world.order(order_id(1), world.okx_btc, Side::Sell, "59000", "1"));
    service.on(world.fill(order_id(1), world.okx_btc, Side::Sell, 11, "60000", "1.5", "1.5"));
    EXPECT_EQ(balance(Market::Okx, "BTC"), amount("0.5"));
    ASSERT_EQ(service.state_commands().size(), 1u);
    EXPECT_EQ(service.state_commands()[0].scope.kind, messages::ScopeKind::Venue);
    EXPECT_EQ(service.state_commands()[0].scope.id, static_cast<std::uint32_t>(Venue::Okx));
    EXPECT_EQ(service.state_commands()[0].state, messages::TradingState::Halted);
}

TEST_F(PortfolioService, WhatAVenueTookBeyondTheBalanceComesFromSuspense) {
    service.on(world.order(order_id(1), world.okx_btc, Side::Sell, "59000", "3"));
    service.on(world.fill(order_id(1), world.okx_btc, Side::Sell, 11, "60000", "3", "3"));
    EXPECT_EQ(balance(Market::Okx, "BTC"), Amount{});
    EXPECT_EQ(balance(Market::Okx, "BTC", Bucket::Suspense), amount("-1"));
    EXPECT_EQ(balance(Market::Okx, "USDT"), amount("180000"));
    EXPECT_EQ(service.counters().alarms[static_cast<std::size_t>(Alarm::Overdraft)], 1u);
    EXPECT_EQ(service.counters().unreserved_orders, 1u);
}

TEST_F(PortfolioService, AFillOfAnUnknownOrderIsBookedOnceAndHalts) {
    const auto fill = world.fill(order_id(9), world.okx_btc, Side::Sell, 11, "60000", "1", "1");
    service.on(fill);
    service.on(fill);
    EXPECT_EQ(balance(Market::Okx, "BTC"), amount("1"));
    EXPECT_EQ(service.state_commands().size(), 1u);
    EXPECT_EQ(service.counters().duplicates, 1u);
    ASSERT_EQ(service.attributions().size(), 1u);
    EXPECT_EQ(service.attributions()[0].residual, Amount{});
}

TEST_F(PortfolioService, AContradictoryFillIsNotBookedAndHalts) {
    service.on(world.order(order_id(1), world.okx_btc, Side::Sell, "59000", "1"));
    service.on(world.fill(order_id(1), world.okx_btc, Side::Buy, 11, "60000", "1", "1"));
    service.on(world.fill(order_id(1), world.okx_btc, Side::Sell, 11, "60000", "1", "0.5"));
    EXPECT_EQ(service.counters().alarms[static_cast<std::size_t>(Alarm::BadFill)], 2u);
    auto absurd = world.fill(order_id(1), world.okx_btc, Side::Sell, 11, "60000", "1", "1");
    absurd.price = Price::from_raw(std::numeric_limits<std::int64_t>::max());
    absurd.quantity = absurd.cumulative =
        Quantity::from_raw(std::numeric_limits<std::int64_t>::max());
    service.on(absurd);
    EXPECT_EQ(service.counters().alarms[static_cast<std::size_t>(Alarm::BadFill)], 3u);
    EXPECT_EQ(service.counters().fills, 0u);
}

TEST_F(PortfolioService, AFillOfAForgottenOrderIsNotBooked) {
    service.on(world.order(order_id(1), world.okx_btc, Side::Sell, "59000", "1"));
    service.on(world.done(order_id(1), world.okx_btc));
    service.on(messages::ClockTick{at(24LL * 3'600'000)});
    EXPECT_EQ(service.orders().size(), 0u);
    service.on(world.fill(order_id(1), world.okx_btc, Side::Sell, 11, "60000", "1", "1"));
    EXPECT_EQ(service.counters().alarms[static_cast<std::size_t>(Alarm::ForgottenOrder)], 1u);
    EXPECT_EQ(balance(Market::Okx, "BTC"), amount("2"));
}

TEST_F(PortfolioService, ALateFillIsBookedAndExplained) {
    reserve(1, {hold(Market::Okx, "BTC", "1")});
    service.on(world.order(order_id(1), world.okx_btc, Side::Sell, "59000", "1"));
    service.on(world.done(order_id(1), world.okx_btc));
    service.on(world.plan(1, PlanState::Settled,
                          {world.leg(world.okx_btc, Side::Sell, "1", "60000", "60000")}));
    service.clear_outputs();
    service.on(world.fill(order_id(1), world.okx_btc, Side::Sell, 11, "60005", "1", "1", "60.005"));
    EXPECT_EQ(balance(Market::Okx, "USDT"), amount("59944.995"));
    EXPECT_EQ(service.counters().late_fills, 1u);
    EXPECT_TRUE(service.state_commands().empty());
    ASSERT_EQ(service.attributions().size(), 1u);
    EXPECT_EQ(service.attributions()[0].legging, amount("5"));  // 60005 against the mid 60000
    EXPECT_EQ(service.attributions()[0].fees, amount("-60.005"));
    EXPECT_EQ(service.attributions()[0].realised, amount("-55.005"));
    EXPECT_EQ(service.attributions()[0].residual, Amount{});
}

TEST_F(PortfolioService, LinearPositionsRealiseAtAverageCost) {
    reserve(1, {hold(Market::BinanceUsdm, "USDT", "45000")});
    service.on(world.order(order_id(1), world.perp, Side::Buy, "61000", "2"));
    service.on(world.fill(order_id(1), world.perp, Side::Buy, 1, "60000", "1", "1", "30"));
    service.on(world.fill(order_id(1), world.perp, Side::Buy, 2, "60600", "1", "2", "30.3"));
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::Margin), amount("40200"));  // 120600 / 3
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::Fee), amount("60.3"));
    service.on(world.order(order_id(2), world.perp, Side::Sell, "60000", "3"));
    service.on(world.fill(order_id(2), world.perp, Side::Sell, 3, "60400", "0.5", "0.5"));
    EXPECT_EQ(service.positions()[0].realised, amount("50"));
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::Pnl), amount("-50"));
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::Margin), amount("30150"));
    service.on(
        world.fill(order_id(2), world.perp, Side::Sell, 4, "60200", "2.5", "3"));  // through zero
    EXPECT_EQ(service.positions()[0].net, amount("-1"));
    EXPECT_EQ(service.positions()[0].realised, amount("-100"));  // 50 - 1.5 x 100
    EXPECT_EQ(service.positions()[0].basis, amount("60200"));
    messages::MarkPrice mark;
    mark.instrument = world.perp;
    mark.mark = world.price(world.perp, "60100");
    service.on(mark);
    EXPECT_EQ(service.positions()[0].unrealised, amount("100"));
}

TEST_F(PortfolioService, InversePositionsSettleInCoins) {
    service.on(world.order(order_id(1), world.inverse, Side::Buy, "60000", "6000"));
    service.on(world.fill(order_id(1), world.inverse, Side::Buy, 1, "50000", "6000", "6000",
                          "0.00006", "BTC"));
    EXPECT_EQ(balance(Market::BinanceCoinm, "BTC", Bucket::Margin), amount("0.04"));  // 0.12 / 3
    service.on(world.order(order_id(2), world.inverse, Side::Sell, "50000", "6000"));
    service.on(world.fill(order_id(2), world.inverse, Side::Sell, 2, "60000", "6000", "6000"));
    EXPECT_EQ(service.positions()[0].realised, amount("0.02"));  // 0.12 - 0.10
    EXPECT_EQ(balance(Market::BinanceCoinm, "BTC"), amount("1.01994"));
}

TEST_F(PortfolioService, UnevenInverseDivisionsGoAgainstUsAndTie) {
    service.on(world.order(order_id(1), world.inverse, Side::Sell, "1", "700"));
    service.on(world.order(order_id(2), world.inverse, Side::Buy, "1", "700"));
    service.on(world.fill(order_id(1), world.inverse, Side::Sell, 1, "60000", "700", "700"));
    for (std::uint64_t i = 1; i <= 7; ++i) {
        service.on(world.fill(order_id(2), world.inverse, Side::Buy, 1 + i, "60000", "100"));
        const auto failure = service.verify();
        ASSERT_FALSE(failure) << *failure;
    }
    EXPECT_EQ(service.positions()[0].net, Amount{});
    EXPECT_LT(service.positions()[0].realised, Amount{});
    EXPECT_GE(service.positions()[0].realised, Amount::from_raw(-8));  // one step a division
}

TEST_F(PortfolioService, PartOfAnUnevenBasisIsRealisedAgainstUs) {
    service.on(world.order(order_id(1), world.perp, Side::Buy, "60000", "0.003"));
    service.on(world.order(order_id(2), world.perp, Side::Sell, "1", "0.003"));
    service.on(world.fill(order_id(1), world.perp, Side::Buy, 1, "0.1", "0.001", "0.001"));
    service.on(world.fill(order_id(1), world.perp, Side::Buy, 2, "0.3", "0.002",
                          "0.003"));  // basis -0.0007 of 0.003
    service.on(world.fill(order_id(2), world.perp, Side::Sell, 3, "0.2", "0.001", "0.001"));
    EXPECT_EQ(service.positions()[0].realised, amount("-0.000033333333333334"));
    service.on(world.fill(order_id(2), world.perp, Side::Sell, 4, "0.2", "0.002", "0.003"));
    EXPECT_EQ(service.positions()[0].realised, amount("-0.0001"));
}

TEST_F(PortfolioService, MissingMoneyIsTakenOutOnlyAsFarAsItIsFree) {
    reserve(1, {hold(Market::Okx, "BTC", "1.5")});
    const messages::BalanceReport report{Market::Okx, world.asset("BTC"), amount("1"), at(1)};
    for (int i = 0; i < 3; ++i) service.on(report);
    EXPECT_EQ(balance(Market::Okx, "BTC"), Amount{});
    EXPECT_EQ(balance(Market::Okx, "BTC", Bucket::Reserved), amount("1.5"));
    EXPECT_EQ(balance(Market::Okx, "BTC", Bucket::Suspense), amount("0.5"));
    EXPECT_EQ(service.counters().alarms[static_cast<std::size_t>(Alarm::Overdraft)], 0u);
    EXPECT_EQ(service.counters().alarms[static_cast<std::size_t>(Alarm::Unreconciled)], 1u);
}

TEST_F(PortfolioService, ASettledPlanLeavesNoOpenOrders) {
    service.on(world.order(order_id(1), world.okx_btc, Side::Sell, "59000", "1"));
    EXPECT_EQ(service.orders().open(), 1u);
    service.on(world.plan(1, PlanState::Settled,
                          {world.leg(world.okx_btc, Side::Sell, "1", "60000", "60000")}));
    EXPECT_EQ(service.orders().open(), 0u);
    EXPECT_EQ(service.open_plans(), 0u);
}

TEST_F(PortfolioService, TheFeeOfWhatAFillBroughtLeavesOtherHoldsAlone) {
    reserve(1, {hold(Market::Okx, "BTC", "1"), hold(Market::Okx, "BTC", "0.5")});
    service.on(world.flow(Market::Okx, "USDT", "60000"));
    service.on(world.order(order_id(1), world.okx_btc, Side::Buy, "60000", "1"));
    service.on(
        world.fill(order_id(1), world.okx_btc, Side::Buy, 1, "60000", "1", "1", "0.001", "BTC"));
    EXPECT_EQ(balance(Market::Okx, "BTC", Bucket::Reserved), amount("1.5"));
    EXPECT_EQ(balance(Market::Okx, "BTC"), amount("1.499"));
}

TEST_F(PortfolioService, CashEventsHaveTheirAccountsAndCountOnce) {
    messages::CashEvent event;
    event.wallet = Market::BinanceUsdm;
    event.asset = world.asset("USDT");
    const auto book = [&](EntryKind kind, std::string_view sum, std::uint64_t id) {
        event.kind = kind;
        event.amount = amount(sum);
        event.venue_id = id;
        service.on(event);
        service.on(event);
    };
    book(EntryKind::Funding, "-12", 1);
    book(EntryKind::Interest, "-3", 2);
    book(EntryKind::Rebate, "2", 3);
    book(EntryKind::Liquidation, "-40", 4);
    book(EntryKind::Adl, "15", 5);
    book(EntryKind::Airdrop, "9", 6);
    book(EntryKind::Transfer, "-100", 7);
    EXPECT_TRUE(service.state_commands().empty());
    book(EntryKind::Unexplained, "5", 8);
    EXPECT_EQ(service.state_commands().size(), 1u);
    EXPECT_EQ(service.counters().duplicates, 8u);
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::Funding), amount("15"));
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::Fee), amount("-2"));
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::Pnl), amount("25"));
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::External), amount("-50009"));
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::InTransit), amount("100"));
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::Suspense), amount("-5"));
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT"), amount("49876"));
}

TEST_F(PortfolioService, UnknownAssetsHaltButNeverStop) {
    messages::ExternalFlow flow{Market::Okx, AssetId{60'000}, amount("1"), at(1)};
    service.on(flow);
    flow.asset = AssetId::none();
    service.on(flow);
    EXPECT_EQ(service.counters().alarms[static_cast<std::size_t>(Alarm::UnknownEntry)], 2u);
    EXPECT_TRUE(service.entries().empty());
}

TEST_F(PortfolioService, ADifferenceIsActedUponAfterThreeEqualQuietReports) {
    const messages::BalanceReport report{Market::Okx, world.asset("BTC"), amount("1.999"), at(1)};
    service.on(report);
    service.on(report);
    service.on(world.order(order_id(1), world.okx_btc, Side::Sell, "59000", "1"));
    service.on(report);  // an order is in flight: says nothing
    EXPECT_TRUE(service.state_commands().empty());
    service.on(world.done(order_id(1), world.okx_btc));
    service.on(report);
    ASSERT_EQ(service.state_commands().size(), 1u);
    ASSERT_EQ(service.discrepancies().size(), 1u);
    EXPECT_EQ(service.discrepancies()[0].ours, amount("2"));
    EXPECT_EQ(balance(Market::Okx, "BTC", Bucket::Suspense), amount("0.001"));
    EXPECT_EQ(balance(Market::Okx, "BTC"), amount("1.999"));
    service.clear_outputs();
    for (int i = 0; i < 5; ++i) service.on(report);
    EXPECT_TRUE(service.state_commands().empty());
}

TEST_F(PortfolioService, ADifferenceThatChangesOrGoesAwayIsNoBreak) {
    const auto report = [&](std::string_view total) {
        service.on(messages::BalanceReport{Market::Okx, world.asset("BTC"), amount(total), at(1)});
    };
    report("1.9");
    report("1.9");
    report("1.8");
    report("1.8");
    report("2");
    report("1.8");
    service.on(world.flow(Market::Okx, "BTC", "1"));  // something was booked in between
    report("2.8");
    report("2.8");
    EXPECT_TRUE(service.state_commands().empty());
}

TEST_F(PortfolioService, EveryUnitIsAccountedFor) {
    reserve(1, {hold(Market::BinanceSpot, "USDT", "60600")});
    service.on(world.order(order_id(1), world.binance_btc, Side::Buy, "60600", "1"));
    service.on(world.fill(order_id(1), world.binance_btc, Side::Buy, 11, "60000", "0.7", "0.7",
                          "0.0007", "BTC"));
    for (const Conservation& c : service.conservation()) {
        Amount sum = c.fees + c.funding + c.pnl + c.conversion + c.suspense;
        for (const Amount& wallet : c.wallets) sum += wallet;
        EXPECT_EQ(sum, c.external);
        EXPECT_EQ(c.residual, Amount{});
        if (c.asset == world.asset("USDT")) {
            EXPECT_EQ(c.external, amount("150000"));
            EXPECT_EQ(c.conversion, amount("42000"));
        }
    }
}

TEST_F(PortfolioService, EquityIsValuedAtMids) {
    const Performance p = service.performance();
    EXPECT_EQ(p.equity, amount("150000") + amount("180000"));  // 3 BTC at 60000
    EXPECT_EQ(p.unvalued, 0u);
    EXPECT_EQ(p.entries, 4u);
    EXPECT_GE(p.invariant_checks, 12u);
}

TEST_F(PortfolioService, TellsEachFreeBalanceThatChangedOnce) {
    service.on(world.flow(Market::Okx, "BTC", "1"));
    reserve(1, {hold(Market::Okx, "BTC", "0.25"), hold(Market::BinanceSpot, "USDT", "5")});
    ASSERT_EQ(service.balance_changes().size(), 2u);
    EXPECT_EQ(service.balance_changes()[0].available, amount("2.75"));
    EXPECT_EQ(service.balance_changes()[1].available, amount("99995"));
    service.clear_outputs();
    EXPECT_TRUE(service.balance_changes().empty());
}

TEST_F(PortfolioService, AFinerScaleKeepsOrdersAndPositions) {
    service.on(world.order(order_id(1), world.perp, Side::Buy, "61000", "2"));
    service.on(world.fill(order_id(1), world.perp, Side::Buy, 1, "60000", "1", "1"));
    const Amount before = service.positions()[0].unrealised;
    const auto change = world.universe.refine(world.perp, 3, 6);
    ASSERT_TRUE(change && *change);
    service.on_rescale(**change);
    world.books.at(world.perp)
        .rescale(pow10((*change)->price_digits), pow10((*change)->quantity_digits));
    EXPECT_EQ(service.positions()[0].unrealised, before);
    world.books.at(world.perp).reset();
    EXPECT_EQ(service.positions()[0].unrealised, Amount{});  // no quote: at its last fill
    service.on(world.fill(order_id(1), world.perp, Side::Buy, 1, "60000", "1", "1"));
    EXPECT_EQ(service.counters().duplicates, 1u);
    service.on(world.fill(order_id(1), world.perp, Side::Buy, 2, "60000.001", "1", "2"));
    EXPECT_EQ(service.positions()[0].net, amount("2"));
    EXPECT_TRUE(service.state_commands().empty());
}

TEST_F(PortfolioService, ASnapshotBringsEverythingBack) {
    reserve(1, {hold(Market::BinanceSpot, "USDT", "60600")});
    service.on(world.order(order_id(1), world.binance_btc, Side::Buy, "60600", "1"));
    service.on(world.plan(1, PlanState::Sent,
                          {world.leg(world.binance_btc, Side::Buy, "1", "60000", "60000")}));
    service.on(world.fill(order_id(1), world.binance_btc, Side::Buy, 11, "60000", "0.5", "0.5",
                          "0.1", "BNB"));
    service.on(world.order(order_id(2), world.perp, Side::Buy, "61000", "2"));
    service.on(world.fill(order_id(2), world.perp, Side::Buy, 1, "60000", "1", "1"));
    messages::CashEvent event{EntryKind::Funding,
                              Market::BinanceUsdm,
                              world.asset("USDT"),
                              world.perp,
                              amount("1"),
                              at(1),
                              77};
    service.on(event);
    service.on(messages::BalanceReport{Market::Okx, world.asset("BTC"), amount("1"), at(1)});
    messages::MarkPrice mark;
    mark.instrument = world.perp;
    mark.mark = world.price(world.perp, "60500");
    service.on(mark);
    service.clear_outputs();
    Service fresh = restored(service, world);
    EXPECT_EQ(state_hash(fresh), state_hash(service));
    EXPECT_EQ(fresh.performance().unrealised, amount("500"));
    EXPECT_EQ(fresh.performance().equity, service.performance().equity);
    for (Service* s : {&service, &fresh}) {
        s->on(event);  // known to both
        s->on(world.fill(order_id(1), world.binance_btc, Side::Buy, 11, "60000", "0.5", "0.5",
                         "0.1", "BNB"));
        s->on(world.fill(order_id(1), world.binance_btc, Side::Buy, 12, "60001", "0.5", "1", "0.1",
                         "BNB"));
        s->on(world.plan(1, PlanState::Settled,
                         {world.leg(world.binance_btc, Side::Buy, "1", "60000", "60000")}));
        EXPECT_FALSE(s->verify());
        s->clear_outputs();
    }
    EXPECT_EQ(state_hash(fresh), state_hash(service));
    EXPECT_EQ(fresh.counters().duplicates, 2u);

    Service again = restored(service, world);
    for (Service* s : {&service, &again}) {  // the plan lives again: its edge has been counted
        s->on(world.order(order_id(1, 0, 1), world.binance_btc, Side::Sell, "59900", "1",
                          Purpose::Revert));
        s->on(world.plan(1, PlanState::Settled,
                         {world.leg(world.binance_btc, Side::Buy, "1", "60000", "60000")}));
        EXPECT_EQ(s->attributions()[0].edge, Amount{});
        s->clear_outputs();
    }
    EXPECT_EQ(state_hash(again), state_hash(service));
}

TEST_F(PortfolioService, ARefusedPlanGivesBackItsHoldAndLeavesNothing) {
    reserve(1, {hold(Market::BinanceSpot, "USDT", "10")});
    service.on(world.plan(1, PlanState::Refused,
                          {world.leg(world.binance_btc, Side::Buy, "1", "60000", "60000")}));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT"), amount("100000"));
    EXPECT_EQ(service.open_plans(), 0u);
    EXPECT_TRUE(service.attributions().empty());
}

}  // namespace
}  // namespace parallax::portfolio
