#include "services/scanner/service.hpp"

#include <gtest/gtest.h>

#include "services/scanner/testing.hpp"

namespace parallax::scanner {
namespace {

using messages::Opportunity;
using messages::OpportunityKind;
using messages::ReasonCode;

TEST(Service, OnePlanARouteAndARestAfterFailure) {
    TwoVenues desk;
    desk.start();
    desk.cross();
    ASSERT_EQ(desk.service->counts().signalled, 1u);
    messages::PlanUpdate update;
    update.opportunity = desk.service->opportunities()[0].id;
    update.state = messages::PlanState::Sent;
    update.time = desk.now;
    desk.service->on(update);
    desk.now = desk.now + Nanos::seconds(2);
    desk.tick_book(desk.a);
    desk.tick_book(desk.b);
    EXPECT_EQ(desk.service->counts().signalled, 1u);
    EXPECT_GE(desk.service->counts().refused[static_cast<std::size_t>(ReasonCode::Duplicate)], 1u);
    update.state = messages::PlanState::Settled;
    update.outcome = messages::PlanOutcome::Missed;
    update.time = desk.now;
    desk.service->on(update);
    desk.tick_book(desk.b);
    EXPECT_GE(desk.service->counts().refused[static_cast<std::size_t>(ReasonCode::Cooldown)], 1u);
    desk.now = desk.now + desk.config.cooldown;
    desk.tick_book(desk.a);
    desk.tick_book(desk.b);
    EXPECT_EQ(desk.service->counts().signalled, 2u);
}

TEST(Service, SignalsAgainWhenThePlanCompletedAndTheGapIsStillThere) {
    TwoVenues desk;
    desk.start();
    desk.cross();
    messages::PlanUpdate update;
    update.opportunity = desk.service->opportunities()[0].id;
    update.state = messages::PlanState::Settled;
    update.outcome = messages::PlanOutcome::Completed;
    update.time = desk.now;
    desk.service->on(update);
    desk.tick_book(desk.b);
    ASSERT_EQ(desk.service->opportunities().size(), 2u);
    EXPECT_TRUE(desk.service->opportunities()[1].reason.none());
    EXPECT_EQ(desk.service->counts().signalled, 2u);
}

/// Impact of the next look after a plan took the whole of a signal, `wait` later.
Amount impact_after(double factor, Nanos wait, bool trades, Side side = Side::Buy) {
    TwoVenues desk;
    desk.config.impact_factor = factor;
    desk.config.ttl = Nanos::millis(1);
    desk.config.cooldown = Nanos{};
    desk.start();
    for (int i = 0; i < 120; ++i) {  // a price that moves and a volume to relate to
        desk.now = desk.now + Nanos::seconds(1);
        desk.quote(desk.a, i % 2 == 0 ? "100.00" : "100.20", "3", "101.00", "2");
        desk.quote(desk.b, "99.00", "1", "104.00", "5");
        desk.clock();
        messages::TradePrint trade;
        trade.instrument = desk.a;
        trade.stamp.received = desk.now;
        trade.price = Price::from_raw(10'000);
        trade.quantity = Quantity::from_raw(100'000);
        if (trades) desk.send(trade);
    }
    desk.service->clear_outputs();
    desk.cross();
    const Opportunity first = *find(desk.service->opportunities(), OpportunityKind::CrossVenue);
    EXPECT_EQ(first.edge.impact, Amount{});  // a single order sees its depth
    if (side == Side::Sell) {  // taken from the other side only: nothing of what is wanted next
        Opportunity other = first;
        other.legs[0].side = Side::Sell;
        other.legs[1].side = Side::Buy;
        desk.finish(other, messages::PlanOutcome::Completed);
    } else {
        desk.finish(first, messages::PlanOutcome::Completed);
    }
    desk.now = desk.now + Nanos::millis(1);  // the books are back at once
    desk.tick_book(desk.a);
    desk.tick_book(desk.b);
    desk.service->clear_outputs();
    desk.now = desk.now + wait;
    desk.tick_book(desk.a);
    desk.tick_book(desk.b);
    PLX_ASSERT(!desk.service->opportunities().empty());
    const Opportunity second = desk.service->opportunities().back();
    EXPECT_TRUE(adds_up(second.edge));
    return second.edge.impact;
}

TEST(Impact, RepeatedFlowPaysForWhatHasNotComeBack) {
    const Amount soon = impact_after(1.0, Nanos::millis(10), true);
    EXPECT_GT(soon, Amount{});
    EXPECT_NEAR(impact_after(2.0, Nanos::millis(10), true).approximate(), 2.0 * soon.approximate(),
                1e-6);
    const Amount later = impact_after(1.0, Nanos::millis(1'000), true);
    EXPECT_LT(later, soon);
    EXPECT_GT(later, Amount{});
    EXPECT_EQ(impact_after(1.0, Nanos::seconds(60), true), Amount{});
}

TEST(Impact, IsNoneWithoutFlowOnTheSideOrAVolume) {
    EXPECT_EQ(impact_after(1.0, Nanos::millis(10), true, Side::Sell), Amount{});
    EXPECT_EQ(impact_after(1.0, Nanos::millis(10), false), Amount{});
}

}  // namespace
}  // namespace parallax::scanner
