// A plan that was open when the process died.
#include <gtest/gtest.h>

#include "services/trading/fixture.hpp"

namespace parallax::trading {
namespace {

using messages::Execution;
using messages::OrderAction;
using messages::OrderEventKind;
using messages::PlanOutcome;
using messages::PlanState;
using messages::Purpose;

class Resume : public ::testing::Test, protected fixture::World {
protected:
    /// Writes the state, lets time pass, reads it into a fresh service and goes on.
    void die(Nanos asleep) {
        std::vector<std::byte> state;
        service->clear_outputs();
        StateWriter{state}(*service);
        start();
        StateReader reader{state};
        reader(*service);
        ASSERT_TRUE(reader.finished());
        now = now + asleep;
        for (const InstrumentId id : {binance, okx, bybit, perp}) quote(id, 5'000'000);
        service->resume(now);
    }
};

TEST_F(Resume, AsksAboutEveryOrderWithoutAnEndAndSendsNoneAgain) {
    const auto orders = start(pair());
    fill(orders[0]);
    die(Nanos::seconds(3'600));
    EXPECT_TRUE(requests().empty()) << "not before its time is told";
    EXPECT_EQ(service->next_deadline(), now);
    const auto asked = wait(Nanos{1});
    ASSERT_EQ(asked.size(), 1u);
    EXPECT_EQ(asked[0].action, OrderAction::Query);
    EXPECT_EQ(asked[0].id, orders[1].id);
    const auto mended = say(orders[1], OrderEventKind::NotFound);
    ASSERT_EQ(mended.size(), 1u) << "it never was at the venue: the rest is hedged";
    EXPECT_EQ(mended[0].side, Side::Sell);
    fill(mended[0]);
    EXPECT_EQ(service->open_plans(), 0u);
}

/// Its time was over long before anybody could do anything: it would have ended with a rest at
/// once.
TEST_F(Resume, APlanGetsItsTimeAnew) {
    const auto orders = start(pair());
    fill(orders[0]);
    die(Nanos::seconds(3'600));
    for (const InstrumentId id : {binance, okx, bybit, perp}) books.at(id).reset();
    wait(Nanos{1});
    say(orders[1], OrderEventKind::Rejected);
    wait(Nanos::seconds(12));  // no book so far; longer than give_up_s
    EXPECT_EQ(service->open_plans(), 1u);
    for (const InstrumentId id : {binance, okx, bybit, perp}) quote(id, 5'000'000);
    const auto mended = wait(Nanos::seconds(1));
    ASSERT_EQ(mended.size(), 1u);
    EXPECT_EQ(mended[0].side, Side::Sell);
}

TEST_F(Resume, WhatWasNotSentIsMendedNotSent) {
    const auto orders = start(pair(Execution::Sequential));
    ASSERT_EQ(orders.size(), 1u);
    die(Nanos::seconds(60));
    EXPECT_EQ(gate.retracted, 1u) << "risk no longer counts the second leg";
    const auto mended = fill(orders[0]);
    ASSERT_EQ(mended.size(), 1u);
    EXPECT_NE(mended[0].purpose, Purpose::Entry);
}

/// Right after a start a venue may refuse everything for a second. Eight rounds of hedges were over
/// in no time, and the plan ended with its rest.
TEST_F(Resume, AVenueThatRefusesForAWhileDoesNotUseUpTheRounds) {
    const auto orders = start(pair());
    fill(orders[0]);
    die(Nanos::seconds(60));
    wait(Nanos{1});
    auto repair = say(orders[1], OrderEventKind::NotFound);
    int refusals = 0;
    for (const UnixNanos end = now + Nanos::seconds(3); now < end;) {
        for (const auto& order : std::vector{repair}) {
            ++refusals;
            repair = say(order, OrderEventKind::Rejected);
        }
        if (repair.empty()) repair = wait(Nanos::millis(20));
    }
    EXPECT_EQ(service->open_plans(), 1u) << "given up after " << refusals << " refusals";
    EXPECT_LT(refusals, 8);
    for (int i = 0; i < 300 && repair.empty(); ++i) repair = wait(Nanos::millis(20));
    ASSERT_EQ(repair.size(), 1u);
    fill(repair[0]);
    EXPECT_EQ(service->open_plans(), 0u);
}

TEST_F(Resume, ARestingOrderIsCancelled) {
    config.chase = true;
    config.chase_fill_probability = Rate::from_raw(Rate::kOne);
    config.hedge_slack = Rate{};
    start();
    const auto orders = start(pair());
    fill(orders[0]);
    const auto chase = say(orders[1], OrderEventKind::Rejected);
    ASSERT_EQ(chase.size(), 1u);
    ASSERT_EQ(chase[0].purpose, Purpose::Chase) << "this proves nothing otherwise";
    say(chase[0], OrderEventKind::Accepted);
    die(Nanos::seconds(60));
    const auto next = wait(Nanos{1});
    ASSERT_EQ(next.size(), 1u);
    EXPECT_EQ(next[0].action, OrderAction::Cancel);
    EXPECT_EQ(next[0].id, chase[0].id);
}

/// A machine that died may have lost the journal's last records, but not the orders they told of.
TEST_F(Resume, PlanIdsLeaveAGap) {
    const auto before = start(pair());
    for (const auto& order : before) fill(order);
    die(Nanos::seconds(60));
    const auto after = start(pair());
    ASSERT_FALSE(after.empty());
    EXPECT_GT(after[0].id.plan().raw(), before[0].id.plan().raw() + 1'000);
}

}  // namespace
}  // namespace parallax::trading
