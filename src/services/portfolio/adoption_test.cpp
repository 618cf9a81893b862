// Positions that were there before the ledger.
#include "services/portfolio/service_fixture.hpp"

namespace parallax::portfolio {
namespace {

using namespace test;

class Adoption : public FundedService {
protected:
    /// A fill whose profit the venue tells.
    void told(std::uint64_t plan, Side side, std::string_view price, std::string_view size,
              std::string_view profit) {
        send(service, world, world.order(order_id(plan), world.perp, side, price, size));
        auto fill = world.fill(order_id(plan), world.perp, side, plan, price, size, size);
        fill.realised = amount(profit);
        fill.realised_told = true;
        service.on(fill);
    }
};

TEST_F(Adoption, APositionIsTakenAtTheVenuesEntryPriceAndNothingIsRealised) {
    ASSERT_TRUE(service.on(adopted(world.perp, "0.5", "60000.5")));
    ASSERT_EQ(service.positions().size(), 1U);
    EXPECT_EQ(service.positions()[0].net, amount("0.5"));
    EXPECT_EQ(service.positions()[0].basis, amount("-30000.25"));
    EXPECT_EQ(service.positions()[0].realised, Amount{});
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::Pnl), Amount{});
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::Margin),
              amount("10000.083333333333333334"));  // / 3
    EXPECT_EQ(service.ledger().holdings(Market::BinanceUsdm, world.asset("USDT")), amount("50000"));
    messages::MarkPrice mark;
    mark.instrument = world.perp;
    mark.mark = world.price(world.perp, "60100");
    service.on(mark);
    EXPECT_EQ(service.positions()[0].unrealised, amount("49.75"));
}

TEST_F(Adoption, WhatComesOfItIsTheVenuesWord) {
    ASSERT_TRUE(service.on(adopted(world.perp, "-0.3", "60000.33")));
    EXPECT_EQ(service.positions()[0].basis, amount("18000.099"));
    told(1, Side::Buy, "59000", "0.1", "100.03333333");
    EXPECT_EQ(service.positions()[0].net, amount("-0.2"));
    told(2, Side::Buy, "59000", "0.2", "200.06666667");
    EXPECT_EQ(service.positions()[0].net, Amount{});
    EXPECT_EQ(service.positions()[0].realised, amount("300.1"));
    EXPECT_EQ(service.positions()[0].basis, amount("-0.001"))
        << "the venue's price is finer than it says: the rest stays";
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::Margin), Amount{});
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT"), amount("50300.1"));
}

TEST_F(Adoption, ItIsNoPlansProfit) {
    ASSERT_TRUE(service.on(adopted(world.perp, "0.5", "60000")));
    told(1, Side::Sell, "60100", "0.5", "50");
    for (const messages::Attribution& one : service.attributions())
        EXPECT_EQ(one.residual, Amount{});
    EXPECT_EQ(service.counters().inexact_attributions, 0U);
}

TEST_F(Adoption, InversePositionsCountInCoins) {
    ASSERT_TRUE(service.on(adopted(world.inverse, "6000", "50000")));
    EXPECT_EQ(service.positions()[0].basis, amount("0.12"));
    EXPECT_EQ(balance(Market::BinanceCoinm, "BTC", Bucket::Margin), amount("0.04"));
}

TEST_F(Adoption, InverseDivisionsGoAgainstUs) {
    ASSERT_TRUE(service.on(adopted(world.inverse, "-700", "60000")));
    EXPECT_EQ(service.positions()[0].basis, amount("-0.011666666666666667"));
}

TEST_F(Adoption, AMarginBeyondWhatThereIsLocksAllAndIsCounted) {
    ASSERT_TRUE(service.on(adopted(world.perp, "10", "60000")));
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT"), Amount{});
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::Margin), amount("50000"));
    EXPECT_EQ(service.counters().margin_short, 1U);
}

TEST_F(Adoption, WhatCannotBeIsRefusedAndChangesNothing) {
    const auto before = state_hash(service);
    EXPECT_FALSE(service.on(adopted(world.binance_btc, "1", "60000"))) << "spot";
    EXPECT_FALSE(service.on(adopted(InstrumentId{999}, "1", "60000")));
    EXPECT_FALSE(service.on(adopted(InstrumentId::none(), "1", "60000")));
    EXPECT_FALSE(service.on(adopted(world.perp, "0", "60000")));
    EXPECT_FALSE(service.on(adopted(world.perp, "1", "0")));
    EXPECT_FALSE(service.on(adopted(world.perp, "1", "-60000")));
    EXPECT_FALSE(service.on(adopted(world.perp, "0.0001", "60000"))) << "no whole steps";
    EXPECT_FALSE(service.on(adopted(world.perp, "10000000000000", "1")));
    EXPECT_FALSE(service.on(adopted(world.perp, "1000000000", "1000000000")));
    EXPECT_FALSE(service.on(
        messages::PositionAdopted{world.perp, Amount::max(), Amount::max(), Amount::max(), at(1)}));
    EXPECT_FALSE(
        service.on(messages::PositionAdopted{world.perp, amount("1"), Amount::max(), {}, at(1)}));
    EXPECT_EQ(state_hash(service), before);
}

TEST_F(Adoption, WhatTheLedgerKnowsIsNotTakenAgain) {
    ASSERT_FALSE(service.knows_position(world.perp));
    ASSERT_TRUE(service.on(adopted(world.perp, "0.5", "60000")));
    EXPECT_TRUE(service.knows_position(world.perp));
    EXPECT_FALSE(service.on(adopted(world.perp, "0.5", "60000")));
    told(1, Side::Sell, "60000", "0.5", "0");
    EXPECT_FALSE(service.on(adopted(world.perp, "0.5", "60000"))) << "flat is known too";
}

TEST_F(Adoption, ASnapshotHoldsIt) {
    ASSERT_TRUE(service.on(adopted(world.perp, "0.5", "60000")));
    service.clear_outputs();
    Service fresh = restored(service, world);
    EXPECT_EQ(state_hash(fresh), state_hash(service));
    EXPECT_TRUE(fresh.knows_position(world.perp));
    const auto failure = fresh.verify();
    EXPECT_FALSE(failure) << *failure;
}

}  // namespace
}  // namespace parallax::portfolio
