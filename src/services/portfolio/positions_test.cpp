#include "services/portfolio/service_fixture.hpp"

namespace parallax::portfolio {
namespace {

using namespace test;

class Positions : public FundedService {};

TEST_F(Positions, LinearPositionsRealiseAtAverageCost) {
    send(service, world, world.order(order_id(1), world.perp, Side::Buy, "61000", "2"));
    service.on(world.fill(order_id(1), world.perp, Side::Buy, 1, "60000", "1", "1", "30"));
    service.on(world.fill(order_id(1), world.perp, Side::Buy, 2, "60600", "1", "2", "30.3"));
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::Margin), amount("40200"));  // 120600 / 3
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::Fee), amount("60.3"));
    service.on(world.flow(Market::BinanceUsdm, "USDT", "60000"));
    send(service, world, world.order(order_id(2), world.perp, Side::Sell, "60000", "3"));
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

TEST_F(Positions, InversePositionsSettleInCoins) {
    send(service, world, world.order(order_id(1), world.inverse, Side::Buy, "60000", "6000"));
    service.on(world.fill(order_id(1), world.inverse, Side::Buy, 1, "50000", "6000", "6000",
                          "0.00006", "BTC"));
    EXPECT_EQ(balance(Market::BinanceCoinm, "BTC", Bucket::Margin), amount("0.04"));  // 0.12 / 3
    send(service, world, world.order(order_id(2), world.inverse, Side::Sell, "50000", "6000"));
    service.on(world.fill(order_id(2), world.inverse, Side::Sell, 2, "60000", "6000", "6000"));
    EXPECT_EQ(service.positions()[0].realised, amount("0.02"));  // 0.12 - 0.10
    EXPECT_EQ(balance(Market::BinanceCoinm, "BTC"), amount("1.01994"));
}

TEST_F(Positions, UnevenInverseDivisionsGoAgainstUsAndTie) {
    send(service, world, world.order(order_id(1), world.inverse, Side::Sell, "50000", "700"));
    send(service, world, world.order(order_id(2), world.inverse, Side::Buy, "50000", "700"));
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

TEST_F(Positions, PartOfAnUnevenBasisIsRealisedAgainstUs) {
    send(service, world, world.order(order_id(1), world.perp, Side::Buy, "60000", "0.003"));
    send(service, world, world.order(order_id(2), world.perp, Side::Sell, "1", "0.003"));
    service.on(world.fill(order_id(1), world.perp, Side::Buy, 1, "0.1", "0.001", "0.001"));
    service.on(world.fill(order_id(1), world.perp, Side::Buy, 2, "0.3", "0.002",
                          "0.003"));  // basis -0.0007 of 0.003
    service.on(world.fill(order_id(2), world.perp, Side::Sell, 3, "0.2", "0.001", "0.001"));
    EXPECT_EQ(service.positions()[0].realised, amount("-0.000033333333333334"));
    service.on(world.fill(order_id(2), world.perp, Side::Sell, 4, "0.2", "0.002", "0.003"));
    EXPECT_EQ(service.positions()[0].realised, amount("-0.0001"));
}

TEST_F(Positions, AVenueThatPaysInEightDigitsKeepsTheRestInTheBasis) {
    InstrumentDefinition d = world.universe.definition(world.perp);
    d.venue_symbol = "BTCUSDT_8";
    d.quote_decimals = 8;
    const InstrumentId id = world.list(d);
    send(service, world, world.order(order_id(1), id, Side::Buy, "60000", "0.003"));
    send(service, world, world.order(order_id(2), id, Side::Sell, "1", "0.003"));
    service.on(world.fill(order_id(1), id, Side::Buy, 1, "0.1", "0.001", "0.001"));
    service.on(world.fill(order_id(1), id, Side::Buy, 2, "0.3", "0.002", "0.003"));
    service.on(world.fill(order_id(2), id, Side::Sell, 3, "0.2", "0.001", "0.001"));
    EXPECT_EQ(service.positions()[0].realised, amount("-0.00003333"));
    EXPECT_EQ(service.positions()[0].basis, amount("-0.00046667"));
    service.on(world.fill(order_id(2), id, Side::Sell, 4, "0.2", "0.002", "0.003"));
    EXPECT_EQ(service.positions()[0].realised, amount("-0.0001"));
    const auto failure = service.verify();
    EXPECT_FALSE(failure) << *failure;
}

}  // namespace
}  // namespace parallax::portfolio
