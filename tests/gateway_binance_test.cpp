// What only Binance's gateways have.
#include "gateway_world.hpp"

namespace parallax::gateway_testing {
namespace {

using messages::OrderEvent;
using messages::OrderEventKind;
using messages::TimeInForce;

TEST(BinanceSpotGateway, AnAmendmentShrinksAnOrderAndNothingElse) {
    World w{binance_spot_parts(), true};
    const auto buy = w.order(Side::Buy, 59'000, 20, TimeInForce::Gtc);
    const ClientOrderId id = w.place(buy);
    ASSERT_TRUE(w.until([&] { return w.count(id, OrderEventKind::Accepted) == 1; }));
    EXPECT_EQ(w.gateway->amend(id, buy.price, std::nullopt).error().code, Errc::Rejected);
    const auto smaller = w.order(Side::Buy, 59'000, 8, TimeInForce::Gtc);
    ASSERT_TRUE(w.gateway->amend(id, std::nullopt, smaller.quantity));
    w.run(Nanos::millis(300));
    w.take(Side::Sell, 59'000, 8);
    EXPECT_EQ(w.end_of(id).cumulative, smaller.quantity);
    w.expect_fills_equal_the_venues();
    w.expect_balances_equal_the_events();
}

}  // namespace
}  // namespace parallax::gateway_testing
