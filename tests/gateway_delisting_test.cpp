// Orders and gateways when an instrument ends: part of the contract of ports::OrderGateway.
#include "gateway_world.hpp"

namespace parallax::gateway_testing {
namespace {

using messages::OrderAction;
using messages::OrderEvent;
using messages::OrderEventKind;
using messages::OrderRequest;
using messages::TimeInForce;

class GatewayDelisting : public ::testing::TestWithParam<VenueParts (*)()> {
protected:
    World w{GetParam()(), true};
};

/// Binance lists fills by symbol: one that had ended kept the whole gateway from ever being ready.
TEST_P(GatewayDelisting, WhatTheVenueNoLongerListsDoesNotKeepItFromStarting) {
    InstrumentDefinition d = w.universe.definition(w.spot_id);
    d.venue_symbol = "GONEUSDT";
    d.base = "GONE";
    ASSERT_TRUE(w.universe.list(d));
    w.start_gateway("test");
    EXPECT_TRUE(w.until([&] { return w.gateway->ready(); })) << w.gateway->waits_for();
    w.rest(Side::Sell, 60'010, 10);
    const OrderRequest buy = w.order(Side::Buy, 60'010, 10, TimeInForce::Ioc);
    EXPECT_EQ(w.end_of(w.place(buy)).kind, OrderEventKind::Done);
}

/// Such a question was asked for ever: the venue knows no such instrument, which is no answer about
/// an order.
TEST_P(GatewayDelisting, AnOrderLostOnItsWayToWhatIsThenDelistedEnds) {
    w.deaf = true;
    const OrderRequest request = w.order(Side::Buy, 59'000, 10, TimeInForce::Gtc);
    const ClientOrderId id = w.place(request);
    ASSERT_TRUE(w.until([&] { return w.count(id, OrderEventKind::Unknown) == 1; }));
    w.venue.set_state(w.spot, sim_engine::ListingState::Delisted, w.venue.now());
    w.deaf = false;
    w.gate.cut();
    w.run(Nanos::seconds(2));
    w.delist(false);
    w.ask(OrderAction::Query, request);
    const OrderEvent end = w.end_of(id);
    EXPECT_EQ(end.kind, OrderEventKind::NotFound);
    EXPECT_EQ(w.count(id, OrderEventKind::NotFound), 1U);
    EXPECT_EQ(w.venue.fills_since(w.me, 0).size(), 0U);
    const std::uint64_t lookups = w.gateway->counters().lookups;
    w.run(Nanos::seconds(3));
    EXPECT_EQ(w.gateway->counters().lookups, lookups) << "it is still asked about";
    EXPECT_EQ(w.gateway->counters().by_socket + w.gateway->counters().by_rest, 1U)
        << "it is sent once";
}

TEST_P(GatewayDelisting, WhatAnOrderFilledBeforeItsInstrumentWasDelistedIsBooked) {
    w.rest(Side::Sell, 60'010, 10);
    w.gate.mute = true;
    const OrderRequest request = w.order(Side::Buy, 60'010, 25, TimeInForce::Gtc);
    const ClientOrderId id = w.place(request);
    ASSERT_TRUE(w.until([&] { return w.venue.fills_since(w.me, 0).size() == 1; }));
    w.venue.set_state(w.spot, sim_engine::ListingState::Delisted, w.venue.now());
    w.gate.cut();
    ASSERT_TRUE(w.until([&] { return w.count(id, OrderEventKind::Unknown) == 1; }));
    w.gate.mute = false;
    w.delist(false);
    w.ask(OrderAction::Query, request);
    const OrderEvent end = w.end_of(id);
    EXPECT_EQ(end.kind, OrderEventKind::Done);
    EXPECT_FALSE(end.reason.none());
    w.run(Nanos::millis(300));
    w.expect_fills_equal_the_venues();
    EXPECT_EQ(w.filled(id), w.order(Side::Buy, 60'010, 10, TimeInForce::Gtc).quantity);
    w.expect_balances_equal_the_events();
}

const char* gateway_name(std::size_t index) {
    constexpr const char* kNames[] = {"Okx", "Bybit", "BinanceSpot", "BinanceUsdm"};
    return kNames[index];
}
INSTANTIATE_TEST_SUITE_P(Venues, GatewayDelisting,
                         ::testing::Values(okx_parts, bybit_parts, binance_spot_parts,
                                           binance_usdm_parts),
                         [](const auto& c) { return gateway_name(c.index); });

}  // namespace
}  // namespace parallax::gateway_testing
