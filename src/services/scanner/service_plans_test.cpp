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

}  // namespace
}  // namespace parallax::scanner
