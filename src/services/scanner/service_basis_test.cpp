#include "services/scanner/service.hpp"

#include <gtest/gtest.h>

#include "services/scanner/testing.hpp"

namespace parallax::scanner {
namespace {

using messages::Opportunity;
using messages::OpportunityKind;
using messages::ReasonCode;

TEST(Service, FindsSpotAgainstAnInversePerpetualInBaseTerms) {
    Desk desk;
    const auto s = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto p = desk.inverse(Market::BinanceCoinm, "BTC");
    desk.start();
    EXPECT_EQ(desk.service->basis_pair_count(), 1u);
    desk.quote(s, "60000.00", "5", "60001.00", "5");
    desk.quote(p, "60600.0", "1000000", "60601.0", "1000000");
    desk.clock();
    const Opportunity* o = find(desk.service->opportunities(), OpportunityKind::SpotPerp);
    ASSERT_NE(o, nullptr);
    ASSERT_EQ(o->leg_count, 2u);
    EXPECT_EQ(o->legs[0].instrument, s);
    EXPECT_EQ(o->legs[1].instrument, p);
    EXPECT_EQ(o->legs[1].side, Side::Sell);
    EXPECT_EQ(o->legs[1].quantity.raw() % 100, 0);  // whole contracts of 100 USD
    EXPECT_EQ(o->legs[1].value, Amount::units(o->legs[1].quantity.raw()));
    const double base = o->legs[1].value.approximate() / 60600.0;
    EXPECT_NEAR(o->edge.raw.approximate(), base * 599.0, 1e-6);
    EXPECT_TRUE(adds_up(o->edge));
    // the basis is expected to stay as it is: nothing is earned by entering
    EXPECT_EQ(o->reason.code, ReasonCode::BelowMinEdge);
}

TEST(Service, ADatedFutureConvergesAndAnExpiredOneIsLeftAlone) {
    Desk desk;
    desk.config.hold_hours = 24 * 30;
    const auto s = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto f = desk.dated(Market::BinanceUsdm, "BTC", desk.now + Nanos::seconds(7 * 86'400));
    desk.start();
    desk.quote(s, "60000.00", "5", "60001.00", "5");
    desk.quote(f, "60600.00", "5", "60601.00", "5");
    desk.clock();
    const Opportunity* o = find(desk.service->opportunities(), OpportunityKind::DatedBasis);
    ASSERT_NE(o, nullptr);
    EXPECT_EQ(o->reason.code, ReasonCode::None);
    EXPECT_GT(o->edge.net, Amount{});
    const auto seen = desk.service->counts().seen;
    desk.now = desk.now + Nanos::seconds(8 * 86'400);
    desk.quote(s, "60000.00", "5", "60001.00", "5");
    desk.quote(f, "60600.00", "5", "60601.00", "5");
    desk.clock();
    EXPECT_EQ(desk.service->counts().seen, seen);
}

TEST(Service, ExpectedFundingPaysForABasisPosition) {
    Desk desk;
    const auto s = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto p = desk.linear(Market::BinanceUsdm, "BTC");
    desk.config.hold_hours = 8;
    desk.start();
    messages::MarkPrice mark;
    mark.instrument = p;
    mark.stamp.received = desk.now;
    mark.has_funding = true;
    mark.funding_rate = Rate::basis_points(30);
    mark.next_funding = desk.now + Nanos::seconds(3'600);
    mark.funding_interval = Nanos::seconds(8 * 3'600);
    desk.quote(s, "60000.00", "5", "60001.00", "5");
    desk.quote(p, "60010.00", "5", "60011.00", "5");
    desk.service->on(mark);
    const Opportunity* o = find(desk.service->opportunities(), OpportunityKind::SpotPerp);
    ASSERT_NE(o, nullptr);
    EXPECT_EQ(o->reason.code, ReasonCode::None);
    EXPECT_NEAR(o->edge.funding.approximate() / o->capital.approximate(), 0.0030, 1e-6);
}

}  // namespace
}  // namespace parallax::scanner
