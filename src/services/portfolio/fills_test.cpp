#include "services/portfolio/service_fixture.hpp"

namespace parallax::portfolio {
namespace {

using messages::PlanState;
using namespace test;

class Fills : public FundedService {};

TEST_F(Fills, ABuyPaysFromItsHoldAndTheFeeFromWhatItBrought) {
    send(service, world, world.order(order_id(1), world.binance_btc, Side::Buy, "60600", "1"));
    service.on(world.fill(order_id(1), world.binance_btc, Side::Buy, 11, "60000.5", "1", "1",
                          "0.001", "BTC"));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Reserved), Amount{});
    EXPECT_EQ(balance(Market::BinanceSpot, "BTC"), amount("0.999"));
    EXPECT_EQ(balance(Market::BinanceSpot, "BTC", Bucket::Fee), amount("0.001"));
    EXPECT_EQ(balance(Market::BinanceSpot, "BTC", Bucket::Conversion), amount("-1"));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Conversion), amount("60000.5"));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT"), amount("39999.5"));
}

TEST_F(Fills, ASellBringsQuoteAndARebateIsReceived) {
    send(service, world, world.order(order_id(1), world.okx_btc, Side::Sell, "59000", "0.5"));
    service.on(world.fill(order_id(1), world.okx_btc, Side::Sell, 11, "60000", "0.5", "0.5", "-1.5",
                          "USDT"));
    EXPECT_EQ(balance(Market::Okx, "USDT"), amount("30001.5"));
    EXPECT_EQ(balance(Market::Okx, "USDT", Bucket::Fee), amount("-1.5"));
    EXPECT_EQ(balance(Market::Okx, "BTC"), amount("1.5"));
    EXPECT_EQ(service.entries().back().kind, EntryKind::Rebate);
}

TEST_F(Fills, AVenueThatPaysInEightDigitsCutsTheNinth) {
    InstrumentDefinition d = world.universe.definition(world.binance_eth);
    d.venue_symbol = "ETHBTC";
    d.quote = d.settle = "BTC";
    d.tick = "0.00001";
    d.quote_decimals = 8;
    const InstrumentId id = world.list(d);
    service.on(world.flow(Market::BinanceSpot, "BTC", "1"));
    send(service, world, world.order(order_id(1), id, Side::Buy, "0.04", "0.0123"));
    service.on(world.fill(order_id(1), id, Side::Buy, 11, "0.03123", "0.0123", "0.0123"));
    EXPECT_EQ(balance(Market::BinanceSpot, "BTC", Bucket::Conversion), amount("0.00038412"));
    EXPECT_EQ(balance(Market::BinanceSpot, "BTC", Bucket::Reserved), Amount{});
}

TEST_F(Fills, AFillCountsOnceByTradeIdAndByCumulative) {
    send(service, world, world.order(order_id(1), world.binance_btc, Side::Buy, "60600", "1"));
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

TEST_F(Fills, FillsInOtherOrderAllCount) {
    send(service, world, world.order(order_id(1), world.binance_btc, Side::Buy, "60600", "1"));
    service.on(world.fill(order_id(1), world.binance_btc, Side::Buy, 0, "60010", "0.6", "1"));
    service.on(world.fill(order_id(1), world.binance_btc, Side::Buy, 0, "60000", "0.4", "0.4"));
    EXPECT_EQ(balance(Market::BinanceSpot, "BTC"), amount("1"));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Conversion), amount("60006"));
}

TEST_F(Fills, AnAggregateOfPartlyKnownFillsBooksTheRestOnly) {
    send(service, world, world.order(order_id(1), world.binance_btc, Side::Buy, "60600", "1"));
    service.on(world.fill(order_id(1), world.binance_btc, Side::Buy, 5, "60000", "0.4", "0.4"));
    service.on(world.fill(order_id(1), world.binance_btc, Side::Buy, 0, "60000", "1", "1", "10"));
    EXPECT_EQ(balance(Market::BinanceSpot, "BTC"), amount("1"));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Fee), amount("6"));
}

TEST_F(Fills, AnOversizeFillIsBookedAndHaltsTheVenue) {
    send(service, world, world.order(order_id(1), world.okx_btc, Side::Sell, "59000", "1"));
    service.on(world.fill(order_id(1), world.okx_btc, Side::Sell, 11, "60000", "1.5", "1.5"));
    EXPECT_EQ(balance(Market::Okx, "BTC"), amount("0.5"));
    ASSERT_EQ(service.state_commands().size(), 1u);
    EXPECT_EQ(service.state_commands()[0].scope.kind, messages::ScopeKind::Venue);
    EXPECT_EQ(service.state_commands()[0].scope.id, static_cast<std::uint32_t>(Venue::Okx));
    EXPECT_EQ(service.state_commands()[0].state, messages::TradingState::Halted);
}

TEST_F(Fills, WhatAVenueTookBeyondTheBalanceComesFromSuspense) {
    send(service, world, world.order(order_id(1), world.okx_btc, Side::Sell, "59000", "2"));
    service.on(world.fill(order_id(1), world.okx_btc, Side::Sell, 11, "60000", "3", "3"));
    EXPECT_EQ(balance(Market::Okx, "BTC"), Amount{});
    EXPECT_EQ(balance(Market::Okx, "BTC", Bucket::Suspense), amount("-1"));
    EXPECT_EQ(balance(Market::Okx, "USDT"), amount("180000"));
    EXPECT_EQ(service.counters().alarms[static_cast<std::size_t>(Alarm::Overdraft)], 1u);
}

TEST_F(Fills, AFillOfAnUnknownOrderIsBookedOnceAndHalts) {
    const auto fill = world.fill(order_id(9), world.okx_btc, Side::Sell, 11, "60000", "1", "1");
    service.on(fill);
    service.on(fill);
    EXPECT_EQ(balance(Market::Okx, "BTC"), amount("1"));
    EXPECT_EQ(service.state_commands().size(), 1u);
    EXPECT_EQ(service.counters().duplicates, 1u);
    ASSERT_EQ(service.attributions().size(), 1u);
    EXPECT_EQ(service.attributions()[0].residual, Amount{});
}

TEST_F(Fills, AContradictoryFillIsNotBookedAndHalts) {
    send(service, world, world.order(order_id(1), world.okx_btc, Side::Sell, "59000", "1"));
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

TEST_F(Fills, AFillOfAForgottenOrderIsNotBooked) {
    send(service, world, world.order(order_id(1), world.okx_btc, Side::Sell, "59000", "1"));
    service.on(world.done(order_id(1), world.okx_btc));
    service.on(messages::ClockTick{at(24LL * 3'600'000)});
    EXPECT_EQ(service.orders().size(), 0u);
    service.on(world.fill(order_id(1), world.okx_btc, Side::Sell, 11, "60000", "1", "1"));
    EXPECT_EQ(service.counters().alarms[static_cast<std::size_t>(Alarm::ForgottenOrder)], 1u);
    EXPECT_EQ(balance(Market::Okx, "BTC"), amount("2"));
}

TEST_F(Fills, ALateFillIsBookedAndExplained) {
    send(service, world, world.order(order_id(1), world.okx_btc, Side::Sell, "59000", "1"));
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

}  // namespace
}  // namespace parallax::portfolio
