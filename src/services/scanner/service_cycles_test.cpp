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

TEST(Cycles, TheAlignedEdgeOfARingAcrossVenuesIsOfOneMatchingTime) {
    for (const bool one_venue : {false, true}) {
        Desk desk;
        const auto bu = desk.spot(Market::BinanceSpot, "BTC", "USDT");
        const auto eb = desk.spot(Market::BinanceSpot, "ETH", "BTC");
        const auto eu = desk.spot(one_venue ? Market::BinanceSpot : Market::Okx, "ETH", "USDT");
        desk.start();
        desk.quote(bu, "60000.00", "1", "60001.00", "1");
        desk.quote(eb, "0.05000", "50", "0.05001", "50");
        desk.quote(eu, "3000.30", "5", "3000.60", "5");
        desk.now = desk.now + Nanos::millis(40);
        desk.quote(eu, "3030.00", "5", "3031.00", "5");
        const Opportunity* o = find(desk.service->opportunities(),
                                    one_venue ? OpportunityKind::Triangle : OpportunityKind::Cycle);
        ASSERT_NE(o, nullptr);
        if (one_venue) {
            EXPECT_EQ(o->edge.aligned, o->edge.raw);
        } else {
            EXPECT_LT(o->edge.aligned, Amount{});  // 3,000.30 then: less than the others cost
            EXPECT_GT(o->edge.raw, Amount::units(20));
        }
    }
}

TEST(Cycles, AStablecoinGapIsOneOpportunityNotTwo) {
    for (const bool pairs : {true, false}) {
        Desk desk;
        desk.config.stablecoin_pairs = pairs;
        const auto t = desk.spot(Market::BinanceSpot, "BTC", "USDT");
        const auto c = desk.spot(Market::BinanceSpot, "BTC", "USDC");
        const auto k = desk.spot(Market::BinanceSpot, "USDC", "USDT");
        desk.start();
        desk.quote(k, "0.9999", "1000000", "1.0000", "1000000");
        desk.quote(t, "60000.00", "1", "60001.00", "1");
        desk.quote(c, "60600.00", "1", "60601.00", "1");
        std::size_t signalled = 0;
        for (const Opportunity& o : desk.service->opportunities()) signalled += o.reason.none();
        EXPECT_EQ(signalled, 1u);
        EXPECT_EQ(desk.service->cycle_count(), pairs ? 0u : 2u);
    }
}

}  // namespace
}  // namespace parallax::scanner
