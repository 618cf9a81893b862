#include "services/portfolio/service_fixture.hpp"

namespace parallax::portfolio {
namespace {

using messages::PlanState;
using messages::Transfer;
using messages::TransferState;
using namespace test;

class Transfers : public FundedService {
protected:
    Transfer step(TransferState state, std::string_view sum, std::string_view fee = "0",
                  std::uint64_t plan = 0) const {
        return {7,
                state,
                Market::BinanceSpot,
                Market::Okx,
                world.asset("USDT"),
                amount(sum),
                amount(fee),
                plan == 0 ? PlanId::none() : PlanId{plan},
                at(5),
                0};
    }
    Amount in_transit() const { return balance(Market::BinanceSpot, "USDT", Bucket::InTransit); }
};

TEST_F(Transfers, MoneyIsInTransitBetweenTheTwoWallets) {
    service.on(step(TransferState::Sent, "1000", "1"));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT"), amount("98999"));
    EXPECT_EQ(in_transit(), amount("1000"));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Fee), amount("1"));
    EXPECT_EQ(service.performance().equity, amount("329999"));  // it is still ours
    service.on(step(TransferState::Arrived, "999.5", "0.5"));
    EXPECT_EQ(in_transit(), Amount{});
    EXPECT_EQ(balance(Market::Okx, "USDT"), amount("999.5"));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Fee), amount("1.5"));
    EXPECT_TRUE(service.state_commands().empty());
}

TEST_F(Transfers, EachStepCountsOnceInAnyOrder) {
    for (const auto state : {TransferState::Arrived, TransferState::Sent, TransferState::Arrived,
                             TransferState::Sent, TransferState::Returned}) {
        service.on(step(state, "1000"));
        EXPECT_FALSE(service.verify());
    }
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT"), amount("99000"));
    EXPECT_EQ(balance(Market::Okx, "USDT"), amount("1000"));
    EXPECT_EQ(service.counters().duplicates, 3u);
    EXPECT_TRUE(service.state_commands().empty());
}

TEST_F(Transfers, WhatComesBackIsThereAgain) {
    service.on(step(TransferState::Sent, "1000", "1"));
    service.on(step(TransferState::Returned, "1000"));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT"), amount("99999"));
    EXPECT_EQ(in_transit(), Amount{});
}

TEST_F(Transfers, WhatIsLostOnTheWayGoesToSuspenseAndHalts) {
    service.on(step(TransferState::Sent, "1000"));
    service.on(step(TransferState::Arrived, "900"));
    EXPECT_EQ(in_transit(), Amount{});
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Suspense), amount("100"));
    EXPECT_EQ(alarms(Alarm::BadTransfer), 1u);
    ASSERT_EQ(service.state_commands().size(), 1u);
}

TEST_F(Transfers, StepsThatContradictAreNotBookedAndHalt) {
    service.on(step(TransferState::Sent, "1000"));
    auto other = step(TransferState::Arrived, "1000");
    other.asset = world.asset("BTC");
    service.on(other);
    auto nowhere = step(TransferState::Sent, "1000");
    nowhere.id = 8;
    nowhere.to = nowhere.from;
    service.on(nowhere);
    auto nothing = step(TransferState::Sent, "0");
    nothing.id = 9;
    service.on(nothing);
    EXPECT_EQ(alarms(Alarm::BadTransfer), 3u);
    EXPECT_EQ(in_transit(), amount("1000"));
}

TEST_F(Transfers, TheFeeIsAPartOfItsPlansProfit) {
    service.on(world.plan(1, PlanState::Reserved,
                          {world.leg(world.binance_btc, Side::Buy, "1", "60000", "60000")}));
    service.on(step(TransferState::Sent, "1000", "1.25", 1));
    service.on(step(TransferState::Arrived, "999.25", "0.75", 1));
    service.on(world.plan(1, PlanState::Settled,
                          {world.leg(world.binance_btc, Side::Buy, "1", "60000", "60000")}));
    ASSERT_EQ(service.attributions().size(), 1u);
    EXPECT_EQ(service.attributions()[0].transfers, amount("-2"));
    EXPECT_EQ(service.attributions()[0].realised, amount("-2"));
    EXPECT_EQ(service.attributions()[0].residual, Amount{});
    EXPECT_EQ(service.totals()[0].transfers, amount("-2"));
}

TEST_F(Transfers, AFeeInAnotherAssetMovesWithItsMark) {
    auto coins = step(TransferState::Sent, "0.5", "0.001", 1);
    coins.from = Market::Okx;
    coins.to = Market::BinanceSpot;
    coins.asset = world.asset("BTC");
    service.on(world.plan(1, PlanState::Reserved, {}));
    service.on(coins);
    for (const InstrumentId id : {world.binance_btc, world.okx_btc, world.bybit_btc})
        world.quote(id, "66000", "66000");
    service.on(world.plan(1, PlanState::Settled, {}));
    EXPECT_EQ(service.attributions()[0].transfers, amount("-60"));
    EXPECT_EQ(service.attributions()[0].inventory, amount("-6"));
    EXPECT_EQ(service.attributions()[0].residual, Amount{});
}

TEST_F(Transfers, AFeeAfterThePlansEndIsExplainedByItself) {
    service.on(step(TransferState::Sent, "1000", "1", 3));
    ASSERT_EQ(service.attributions().size(), 1u);
    EXPECT_EQ(service.attributions()[0].transfers, amount("-1"));
    EXPECT_EQ(service.open_plans(), 0u);
}

TEST_F(Transfers, SurviveASnapshotHalfWay) {
    service.on(step(TransferState::Sent, "1000", "1"));
    service.clear_outputs();
    Service fresh = restored(service, world);
    for (Service* s : {&service, &fresh}) {
        s->on(step(TransferState::Sent, "1000", "1"));
        s->on(step(TransferState::Arrived, "1000"));
        s->clear_outputs();
    }
    EXPECT_EQ(state_hash(fresh), state_hash(service));
    EXPECT_EQ(fresh.ledger().balance(Market::Okx, world.asset("USDT"), Bucket::Available),
              amount("1000"));
}

}  // namespace
}  // namespace parallax::portfolio
