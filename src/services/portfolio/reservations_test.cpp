#include "services/portfolio/service_fixture.hpp"

namespace parallax::portfolio {
namespace {

using messages::PlanState;
using namespace test;

class Reservations : public FundedService {};

TEST_F(Reservations, ReservesAllHoldsOrNone) {
    const std::vector<ports::Hold> holds{hold(Market::BinanceSpot, "USDT", "60000"),
                                         hold(Market::Okx, "BTC", "3", order_id(1, 1))};
    EXPECT_EQ(service.reserve(PlanId{1}, holds, at(1)), fail(Errc::Rejected));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT"), amount("100000"));
    EXPECT_TRUE(service.entries().empty());
}

TEST_F(Reservations, CountsTwoHoldsOnOneAccountTogether) {
    const auto one = hold(Market::BinanceSpot, "USDT", "60000");
    EXPECT_EQ(
        service.reserve(
            PlanId{1}, std::vector{one, hold(Market::BinanceSpot, "USDT", "60000", order_id(1, 1))},
            at(1)),
        fail(Errc::Rejected));
}

TEST_F(Reservations, ReservationsOfOnePlanAddUpAndGoBackOnce) {
    reserve(1, {hold(Market::BinanceSpot, "USDT", "100")});
    reserve(1, {hold(Market::BinanceSpot, "USDT", "23", order_id(1, 1))});
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Reserved), amount("123"));
    service.release(PlanId{1}, at(2));
    service.release(PlanId{1}, at(3));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Reserved), Amount{});
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT"), amount("100000"));
}

TEST_F(Reservations, ASettledPlanLeavesNoOpenOrders) {
    send(service, world, world.order(order_id(1), world.okx_btc, Side::Sell, "59000", "1"));
    EXPECT_EQ(service.orders().open(), 1u);
    service.on(world.plan(1, PlanState::Settled,
                          {world.leg(world.okx_btc, Side::Sell, "1", "60000", "60000")}));
    EXPECT_EQ(service.orders().open(), 0u);
    EXPECT_EQ(service.open_plans(), 0u);
}

TEST_F(Reservations, TheFeeOfWhatAFillBroughtLeavesOtherHoldsAlone) {
    service.on(world.flow(Market::Okx, "USDT", "60000"));
    reserve(1, {hold(Market::Okx, "BTC", "1.5", order_id(1, 1))});
    send(service, world, world.order(order_id(1), world.okx_btc, Side::Buy, "60000", "1"));
    service.on(
        world.fill(order_id(1), world.okx_btc, Side::Buy, 1, "60000", "1", "1", "0.001", "BTC"));
    EXPECT_EQ(balance(Market::Okx, "BTC", Bucket::Reserved), amount("1.5"));
    EXPECT_EQ(balance(Market::Okx, "BTC"), amount("1.499"));
}

TEST_F(Reservations, AreTheWorstCaseOfWhatIsLeftAfterEachFill) {
    send(service, world, world.order(order_id(1), world.binance_btc, Side::Buy, "60000", "1"));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Reserved), amount("60000"));
    service.on(world.fill(order_id(1), world.binance_btc, Side::Buy, 1, "50000", "0.25", "0.25"));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Reserved), amount("45000"));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT"), amount("42500"));
    service.on(world.done(order_id(1), world.binance_btc));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Reserved), Amount{});
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT"), amount("87500"));
}

TEST_F(Reservations, AnOrderSentSmallerThanApprovedGivesBackTheRestAtOnce) {
    auto order = world.order(order_id(1), world.binance_btc, Side::Buy, "60000", "1");
    reserve(1, {hold_for(world, order)});
    order.quantity = world.size(world.binance_btc, "0.4");
    service.on(order);
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Reserved), amount("24000"));
}

TEST_F(Reservations, OfOpenOrdersOutliveARelease) {
    send(service, world, world.order(order_id(1), world.binance_btc, Side::Buy, "60000", "1"));
    reserve(1, {hold(Market::BinanceSpot, "USDT", "100", order_id(1, 1))});
    service.release(PlanId{1}, at(2));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Reserved), amount("60000"));
}

TEST_F(Reservations, StayUntilTheFillsThatTheEndCountsHaveCome) {
    send(service, world, world.order(order_id(1), world.binance_btc, Side::Buy, "60000", "1"));
    auto done = world.done(order_id(1), world.binance_btc);
    done.cumulative = world.size(world.binance_btc, "0.5");
    service.on(done);
    EXPECT_EQ(service.orders().open(), 1u);
    service.on(world.fill(order_id(1), world.binance_btc, Side::Buy, 1, "60000", "0.5", "0.5"));
    EXPECT_EQ(service.orders().open(), 0u);
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Reserved), Amount{});
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT"), amount("70000"));
}

TEST_F(Reservations, AreShortOnlyByWhatAVenueTookBeyondTheWorstCase) {
    service.on(world.flow(Market::BinanceSpot, "USDT", "-40000"));
    send(service, world, world.order(order_id(1), world.binance_btc, Side::Buy, "60000", "1"));
    service.on(world.fill(order_id(1), world.binance_btc, Side::Buy, 1, "80000", "0.5", "0.5"));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT", Bucket::Reserved), amount("20000"));
    EXPECT_EQ(service.counters().reservations_short, 1u);
    EXPECT_FALSE(service.verify());
}

using ReservationsDeathTest = Reservations;

TEST_F(ReservationsDeathTest, AnOrderThatNothingWasReservedForStopsTheProcess) {
    const auto order = world.order(order_id(1), world.binance_btc, Side::Buy, "60000", "1");
    EXPECT_DEATH(service.on(order), "");
    reserve(1, {hold(Market::BinanceSpot, "USDT", "59999.99")});  // less than its worst case
    EXPECT_DEATH(service.on(order), "");
}

TEST_F(ReservationsDeathTest, AReservationIsCreatedOnceAndBeforeTheOrder) {
    const auto order = world.order(order_id(1), world.binance_btc, Side::Buy, "60000", "0.1");
    const std::vector twice{hold_for(world, order)};
    reserve(1, twice);
    EXPECT_DEATH((void)service.reserve(PlanId{1}, {twice.data(), 1}, at(1)), "");
    service.on(order);
    EXPECT_DEATH((void)service.reserve(PlanId{1}, {twice.data(), 1}, at(1)), "");
}

TEST_F(Reservations, ARefusedPlanGivesBackItsHoldAndLeavesNothing) {
    reserve(1, {hold(Market::BinanceSpot, "USDT", "10")});
    service.on(world.plan(1, PlanState::Refused,
                          {world.leg(world.binance_btc, Side::Buy, "1", "60000", "60000")}));
    EXPECT_EQ(balance(Market::BinanceSpot, "USDT"), amount("100000"));
    EXPECT_EQ(service.open_plans(), 0u);
    EXPECT_TRUE(service.attributions().empty());
}

}  // namespace
}  // namespace parallax::portfolio
