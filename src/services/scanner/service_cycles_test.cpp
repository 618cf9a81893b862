#include "services/scanner/service.hpp"

#include <gtest/gtest.h>

#include "services/scanner/testing.hpp"

namespace parallax::scanner {
namespace {

using messages::Opportunity;
using messages::OpportunityKind;
using messages::ReasonCode;

TEST(Service, FindsATriangleOfOneVenue) {
    Desk desk;
    const auto bu = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto eb = desk.spot(Market::BinanceSpot, "ETH", "BTC");
    const auto eu = desk.spot(Market::BinanceSpot, "ETH", "USDT");
    desk.start();
    EXPECT_EQ(desk.service->cycle_count(), 2u);
    desk.quote(bu, "60000.00", "1", "60001.00", "1");
    desk.quote(eb, "0.05000", "50", "0.05001", "50");
    desk.quote(eu, "3030.00", "5", "3031.00", "5");
    const Opportunity* o = find(desk.service->opportunities(), OpportunityKind::Triangle);
    ASSERT_NE(o, nullptr);
    EXPECT_EQ(o->reason.code, ReasonCode::None);
    ASSERT_EQ(o->leg_count, 3u);
    EXPECT_EQ(o->legs[0].instrument, bu);
    EXPECT_EQ(o->legs[1].instrument, eb);
    EXPECT_EQ(o->legs[2].instrument, eu);
    EXPECT_EQ(o->legs[2].side, Side::Sell);
    EXPECT_TRUE(adds_up(o->edge));
    EXPECT_GT(o->edge.net, Amount::units(100));
    desk.quote(eu, "3000.00", "5", "3001.00", "5");
    EXPECT_EQ(desk.service->episodes().size(), 1u);
}

}  // namespace
}  // namespace parallax::scanner
