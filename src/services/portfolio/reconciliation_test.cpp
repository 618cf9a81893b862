#include "services/portfolio/service_fixture.hpp"

namespace parallax::portfolio {
namespace {

using namespace test;

class Reconciliation : public FundedService {};

TEST_F(Reconciliation, MissingMoneyIsTakenOutOnlyAsFarAsItIsFree) {
    reserve(1, {hold(Market::Okx, "BTC", "1.5")});
    const messages::BalanceReport report{Market::Okx, world.asset("BTC"), amount("1"), at(1)};
    for (int i = 0; i < 3; ++i) service.on(report);
    EXPECT_EQ(balance(Market::Okx, "BTC"), Amount{});
    EXPECT_EQ(balance(Market::Okx, "BTC", Bucket::Reserved), amount("1.5"));
    EXPECT_EQ(balance(Market::Okx, "BTC", Bucket::Suspense), amount("0.5"));
    EXPECT_EQ(service.counters().alarms[static_cast<std::size_t>(Alarm::Overdraft)], 0u);
    EXPECT_EQ(service.counters().alarms[static_cast<std::size_t>(Alarm::Unreconciled)], 1u);
}

TEST_F(Reconciliation, ADifferenceIsActedUponAfterThreeEqualQuietReports) {
    const messages::BalanceReport report{Market::Okx, world.asset("BTC"), amount("1.999"), at(1)};
    service.on(report);
    service.on(report);
    send(service, world, world.order(order_id(1), world.okx_btc, Side::Sell, "59000", "1"));
    service.on(report);  // an order is in flight: says nothing
    EXPECT_TRUE(service.state_commands().empty());
    service.on(world.done(order_id(1), world.okx_btc));
    service.on(report);
    ASSERT_EQ(service.state_commands().size(), 1u);
    ASSERT_EQ(service.alarms().size(), 1u);
    EXPECT_EQ(service.alarms()[0].amount, amount("-0.001"));
    EXPECT_EQ(balance(Market::Okx, "BTC", Bucket::Suspense), amount("0.001"));
    EXPECT_EQ(balance(Market::Okx, "BTC"), amount("1.999"));
    service.clear_outputs();
    for (int i = 0; i < 5; ++i) service.on(report);
    EXPECT_TRUE(service.state_commands().empty());
}

TEST_F(Reconciliation, ADifferenceThatChangesOrGoesAwayIsNoBreak) {
    const auto report = [&](std::string_view total) {
        service.on(messages::BalanceReport{Market::Okx, world.asset("BTC"), amount(total), at(1)});
    };
    for (const auto* total : {"1.9", "1.9", "1.8", "1.8", "2", "1.8", "1.8"}) report(total);
    EXPECT_TRUE(service.state_commands().empty());
    report("1.8");
    EXPECT_EQ(service.state_commands().size(), 1u);
}

/// Funding that was paid at second 10, and reports that know of it.
class LateFunding : public Reconciliation {
protected:
    static UnixNanos second(std::int64_t n) { return at(1'000 * n); }
    void told(std::int64_t until) {
        service.on(messages::CashTold{Market::Okx, second(until), second(until)});
    }
    void report(std::int64_t time) {
        service.on(messages::ClockTick{second(time)});
        service.on(
            messages::BalanceReport{Market::Okx, world.asset("BTC"), amount("2.5"), second(time)});
    }
    void pay() {
        service.on(messages::CashEvent{messages::EntryKind::Funding, Market::Okx,
                                       world.asset("BTC"), InstrumentId::none(), amount("0.5"),
                                       second(10), 77});
    }
};

TEST_F(LateFunding, IsWaitedForUntilTheListOfPaymentsWasRead) {
    told(0);
    for (std::int64_t time = 11; time <= 311; time += 30) report(time);
    told(10);  // the first report may know of more
    report(320);
    EXPECT_TRUE(service.alarms().empty());
    pay();
    told(315);
    for (std::int64_t time = 330; time <= 450; time += 30) report(time);
    EXPECT_TRUE(service.alarms().empty());
    EXPECT_EQ(balance(Market::Okx, "BTC"), amount("2.5"));
    EXPECT_EQ(balance(Market::Okx, "BTC", Bucket::Suspense), Amount{});
}

TEST_F(LateFunding, WhatNoPaymentExplainsIsActedUponOnceTheListWasRead) {
    told(0);
    for (std::int64_t time = 11; time <= 101; time += 30) report(time);
    EXPECT_TRUE(service.alarms().empty());
    told(11);
    report(120);
    ASSERT_EQ(service.alarms().size(), 1u);
    EXPECT_EQ(service.alarms()[0].alarm, Alarm::Unreconciled);
    EXPECT_EQ(service.alarms()[0].amount, amount("0.5"));
}

TEST_F(LateFunding, AListThatIsNeverReadIsNotWaitedForForEver) {
    told(0);
    for (std::int64_t time = 11; time < 611; time += 30) report(time);
    EXPECT_TRUE(service.alarms().empty());
    report(611);
    ASSERT_EQ(service.alarms().size(), 1u);
    EXPECT_EQ(service.alarms()[0].time, second(611));
}

/// Each difference waits for payments until its own first report.
TEST_F(LateFunding, AnOlderReadingSaysNothingOfALaterDifference) {
    told(20);
    report(11);
    service.on(messages::BalanceReport{Market::Okx, world.asset("BTC"), amount("2"), second(21)});
    for (std::int64_t time = 31; time <= 151; time += 30) report(time);
    EXPECT_TRUE(service.alarms().empty());
    told(5);  // readings may overtake each other
    told(31);
    report(160);
    EXPECT_EQ(service.alarms().size(), 1u);
}

/// A wallet where something is always in flight: order after order, each told of after the report
/// that knows it already.
class BusyWallet : public Reconciliation {
protected:
    void step(std::uint64_t n, Amount wrong, bool numbered) {
        const auto id = order_id(n);
        send(service, world, world.order(id, world.okx_btc, Side::Sell, "59000", "0.01"));
        auto fill = world.fill(id, world.okx_btc, Side::Sell, n, "60000", "0.01", "0.01");
        fill.account_update = numbered ? 10 * n : 0;
        fill.venue_time = at(static_cast<std::int64_t>(10 * n));
        const Amount truth = balance(Market::Okx, "BTC") +
                             balance(Market::Okx, "BTC", Bucket::Reserved) - amount("0.01");
        // The report knows the fill; we do not yet.
        service.on(messages::BalanceReport{Market::Okx, world.asset("BTC"), truth + wrong,
                                           at(static_cast<std::int64_t>(10 * n + 1)),
                                           numbered ? 10 * n + 1 : 0});
        auto next = world.order(order_id(n, 1), world.okx_btc, Side::Sell, "59000", "0.01");
        send(service, world, next);  // so that there is never a moment without an open order
        service.on(fill);
        service.on(world.done(id, world.okx_btc));
        service.on(world.done(order_id(n - 1, 1), world.okx_btc));
    }
};

TEST_F(BusyWallet, IsReconciledAtTheCutOfItsReports) {
    for (const bool numbered : {true, false}) {
        const std::uint64_t first = numbered ? 1 : 101;
        for (std::uint64_t n = first; n < first + 8; ++n) step(n, {}, numbered);
        EXPECT_TRUE(service.state_commands().empty());
    }
}

TEST_F(BusyWallet, ABreakIsFoundThoughItNeverRests) {
    for (const bool numbered : {true, false}) {
        const std::uint64_t first = numbered ? 1 : 101;
        for (std::uint64_t n = first; n < first + 4; ++n) step(n, amount("-0.5"), numbered);
        service.on(world.done(order_id(first + 3, 1), world.okx_btc));
        ASSERT_EQ(service.alarms().size(), 1u);
        EXPECT_EQ(service.alarms()[0].amount, amount("-0.5"));
        EXPECT_EQ(alarms(Alarm::Unreconciled), numbered ? 1u : 2u);
        service.clear_outputs();
    }
}

TEST_F(BusyWallet, AReportThatIsOvertakenIsComparedWithoutWhatCameLater) {
    send(service, world, world.order(order_id(1), world.okx_btc, Side::Sell, "59000", "1"));
    for (std::uint64_t n = 1; n <= 4; ++n) {
        auto fill = world.fill(order_id(1), world.okx_btc, Side::Sell, n, "60000", "0.1");
        fill.account_update = 10 * n;
        const messages::BalanceReport before{
            Market::Okx, world.asset("BTC"),
            service.ledger().holdings(Market::Okx, world.asset("BTC")), at(1), 10 * n - 1};
        service.on(before);
        service.on(fill);
        service.on(before);  // the same again, slower than the fill
    }
    service.on(world.done(order_id(1), world.okx_btc));
    EXPECT_TRUE(service.state_commands().empty());
    EXPECT_TRUE(service.alarms().empty());
}

TEST_F(BusyWallet, AnOrderWithoutAnEndMayExplainADifference) {
    send(service, world, world.order(order_id(1), world.okx_btc, Side::Sell, "59000", "1"));
    const messages::BalanceReport report{Market::Okx, world.asset("BTC"), amount("1.5"), at(3)};
    for (int i = 0; i < 10; ++i) service.on(report);
    EXPECT_TRUE(service.state_commands().empty());
    service.on(world.fill(order_id(1), world.okx_btc, Side::Sell, 1, "60000", "0.5", "0.5"));
    service.on(world.done(order_id(1), world.okx_btc));
    for (int i = 0; i < 10; ++i) service.on(report);
    EXPECT_TRUE(service.state_commands().empty());
}

}  // namespace
}  // namespace parallax::portfolio
