#include "sim/engine/test_support.hpp"

namespace parallax::sim_engine {
namespace {

using testing::World;

struct Outside : ::testing::TestWithParam<Venue> {
    World world{GetParam(), "base"};
};

TEST_P(Outside, FillsTakeARestingOrderWhoeverIsBeforeIt) {
    for (const bool perpetual : {false, true}) {
        NewOrder better = world.limit(1, Side::Buy, 101, 1'000);
        NewOrder mine = world.limit(0, Side::Buy, 100, 1'000);
        if (perpetual) {
            better = world.on_perpetual(better);
            mine = world.on_perpetual(mine);
        }
        const OrderId first = world.place(better);
        const OrderId id = world.place(mine);
        EXPECT_EQ(world.venue.fill(id, world.quantity(400), world.now), world.quantity(400));
        EXPECT_EQ(world.order(id).status, OrderStatus::PartiallyFilled);
        EXPECT_EQ(world.venue.fill(id, world.quantity(9'999), world.now), world.quantity(600));
        EXPECT_EQ(world.order(id).status, OrderStatus::Filled);
        EXPECT_EQ(world.order(first).filled, Quantity{});
        EXPECT_EQ(world.venue.fill(id, world.quantity(1), world.now).error(), Reject::OrderClosed);
        EXPECT_TRUE(world.venue.audit());
    }
    EXPECT_EQ(world.venue.fill(OrderId{7}, world.quantity(1), world.now).error(),
              Reject::UnknownOrder);
}

TEST_P(Outside, ACancelMayMeetAFill) {
    const OrderId id = world.place(world.limit(0, Side::Sell, 200, 1'000));
    world.venue.mischief().late_fills = 2;
    world.venue.mischief().part = Rate::basis_points(2'500);
    EXPECT_TRUE(world.venue.cancel(world.accounts[0], id, world.now));
    EXPECT_EQ(world.order(id).filled, world.quantity(250));
    EXPECT_EQ(world.order(id).status, OrderStatus::Cancelled);
    world.venue.mischief().part = Rate::from_raw(Rate::kOne);
    const OrderId whole = world.place(world.limit(0, Side::Sell, 200, 1'000));
    EXPECT_EQ(world.venue.cancel(world.accounts[0], whole, world.now).error(), Reject::OrderClosed);
    EXPECT_EQ(world.order(whole).status, OrderStatus::Filled);
    const OrderId later = world.place(world.limit(0, Side::Sell, 200, 1'000));
    EXPECT_TRUE(world.venue.cancel(world.accounts[0], later, world.now));
    EXPECT_TRUE(world.order(later).filled.is_zero());
    EXPECT_TRUE(world.venue.audit());
}

TEST_P(Outside, OrdersAreRefusedSoManyTimes) {
    world.venue.mischief().rejects = 2;
    world.venue.mischief().reject = Reject::InsufficientBalance;
    const NewOrder order = world.limit(0, Side::Buy, 100, 1'000);
    EXPECT_EQ(world.refused(order), Reject::InsufficientBalance);
    EXPECT_EQ(world.refused(order), Reject::InsufficientBalance);
    EXPECT_EQ(world.refused(order), Reject::None);
}

INSTANTIATE_TEST_SUITE_P(Venues, Outside,
                         ::testing::Values(Venue::Binance, Venue::Okx, Venue::Bybit));

}  // namespace
}  // namespace parallax::sim_engine
