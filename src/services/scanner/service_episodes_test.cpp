#include "services/scanner/service.hpp"

#include <gtest/gtest.h>

#include "services/scanner/testing.hpp"

namespace parallax::scanner {
namespace {

using messages::Opportunity;
using messages::OpportunityKind;
using messages::ReasonCode;

TEST(Service, EpisodesOpenPeakAndClose) {
    TwoVenues desk;
    desk.start();
    desk.quote(desk.a, "100.00", "3", "101.00", "2");
    desk.quote(desk.b, "102.00", "1", "104.00", "5");
    const UnixNanos opened = desk.now;
    desk.now = desk.now + Nanos::millis(10);
    desk.quote(desk.b, "103.00", "1", "104.00", "5");
    const UnixNanos peaked = desk.now;
    desk.now = desk.now + Nanos::millis(10);
    EXPECT_TRUE(desk.service->episodes().empty());
    desk.quote(desk.b, "100.50", "1", "104.00", "5");
    ASSERT_EQ(desk.service->episodes().size(), 1u);
    const messages::Episode& e = desk.service->episodes()[0];
    EXPECT_EQ(e.opened, opened);
    EXPECT_EQ(e.peaked, peaked);
    EXPECT_EQ(e.closed, desk.now);
    EXPECT_EQ(e.peak_net, Amount::units(2));
    EXPECT_EQ(e.buy, desk.a);
    EXPECT_EQ(e.sell, desk.b);
    EXPECT_FALSE(e.censored);
    EXPECT_EQ(desk.service->survival()[0].episodes, 1u);
    // and one that the end of data cuts off
    desk.service->clear_outputs();
    desk.quote(desk.b, "103.00", "1", "104.00", "5");
    desk.service->close_all(desk.now + Nanos::millis(5));
    ASSERT_EQ(desk.service->episodes().size(), 1u);
    EXPECT_TRUE(desk.service->episodes()[0].censored);
}

TEST(Service, AFeedThatIsDownEndsEpisodesAsCensored) {
    TwoVenues desk;
    desk.start();
    desk.cross();
    desk.service->on(messages::FeedStatus{Market::Okx, desk.now, false});
    ASSERT_EQ(desk.service->episodes().size(), 1u);
    EXPECT_TRUE(desk.service->episodes()[0].censored);
    const auto seen = desk.service->counts().seen;
    desk.tick_book(desk.b);
    EXPECT_EQ(desk.service->counts().seen, seen);
    desk.service->on(messages::FeedStatus{Market::Okx, desk.now, true});
    EXPECT_GT(desk.service->counts().seen, seen);
}

TEST(Episodes, EndAtOnceWithTheReasonWhenABookCanNoLongerBeTraded) {
    TwoVenues desk;
    desk.start();
    desk.cross();
    desk.now = desk.now + Nanos::millis(3);
    desk.books.at(desk.b).invalidate();
    desk.tell(desk.b);
    ASSERT_EQ(desk.service->episodes().size(), 1u);
    const messages::Episode& e = desk.service->episodes()[0];
    EXPECT_TRUE(e.censored);
    EXPECT_EQ(e.closed, desk.now);
    EXPECT_EQ(e.reason.code, ReasonCode::BookStale);
    EXPECT_EQ(e.reason.value, static_cast<std::int64_t>(book::BookState::Gap));
}

TEST(Episodes, OfCyclesAndPairsEndWithTheReasonToo) {
    Desk desk;
    const auto bu = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto eb = desk.spot(Market::BinanceSpot, "ETH", "BTC");
    const auto eu = desk.spot(Market::BinanceSpot, "ETH", "USDT");
    const auto p = desk.linear(Market::BinanceUsdm, "BTC");
    desk.start();
    desk.quote(bu, "60000.00", "1", "60001.00", "1");
    desk.quote(eb, "0.05000", "50", "0.05001", "50");
    desk.quote(eu, "3030.00", "5", "3031.00", "5");
    desk.quote(p, "60600.00", "5", "60601.00", "5");
    messages::MarkPrice mark;
    mark.instrument = p;
    mark.stamp.received = desk.now;
    mark.has_funding = true;
    mark.funding_rate = Rate::basis_points(100);
    desk.send(mark);
    desk.send(messages::FeedStatus{Market::BinanceSpot, desk.now, false});
    ASSERT_EQ(desk.service->episodes().size(), 2u);
    for (const messages::Episode& e : desk.service->episodes()) {
        EXPECT_TRUE(e.censored);
        EXPECT_EQ(e.reason.code, ReasonCode::VenueDown);
        EXPECT_EQ(e.reason.value, static_cast<std::int64_t>(Market::BinanceSpot));
    }
}

TEST(Episodes, OneTheMarketEndedHasNoReason) {
    TwoVenues desk;
    desk.start();
    desk.cross();
    desk.quote(desk.b, "100.50", "1", "104.00", "5");
    ASSERT_EQ(desk.service->episodes().size(), 1u);
    EXPECT_FALSE(desk.service->episodes()[0].censored);
    EXPECT_TRUE(desk.service->episodes()[0].reason.none());
}

}  // namespace
}  // namespace parallax::scanner
