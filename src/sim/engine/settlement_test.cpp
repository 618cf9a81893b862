#include "sim/engine/test_support.hpp"

namespace parallax::sim_engine {
namespace {

using testing::World;

TEST(Settlement, WhatIsFinerThanTheQuoteIsBookedInIsCutForBoth) {
    World world;
    InstrumentDefinition d = world.venue.listing(world.spot).definition;
    d.venue_symbol = "BTCUSDT2";
    d.min_notional = "";
    d.quote_decimals = 3;
    const ListingId id = *world.venue.list(d);
    NewOrder sell = world.limit(0, Side::Sell, 100.9, 1);
    NewOrder buy = world.limit(1, Side::Buy, 100.9, 1);
    sell.listing = buy.listing = id;
    world.place(sell);
    const OrderId bought = world.place(buy);
    const Amount paid = *Amount::parse("0.100");  // 0.1009
    EXPECT_EQ(world.order(bought).filled_quote, paid);
    EXPECT_EQ(world.total(0, Wallet::Trading, world.usdt), Amount::units(1'000'000) + paid);
    EXPECT_EQ(world.total(1, Wallet::Trading, world.usdt), Amount::units(1'000'000) - paid);
    EXPECT_TRUE(world.venue.audit());
}

}  // namespace
}  // namespace parallax::sim_engine
