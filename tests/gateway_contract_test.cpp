// The contract of ports::OrderGateway, kept by every live gateway: over WebSockets and over REST,
// through real TLS, with the simulated venue at the other end.
#include "gateway_world.hpp"
#include "messages/risk.hpp"

namespace parallax::gateway_testing {
namespace {

using messages::OrderAction;
using messages::OrderEvent;
using messages::OrderEventKind;
using messages::OrderRequest;
using messages::ReasonCode;
using messages::TimeInForce;

struct Case {
    const char* name;
    VenueParts (*parts)();
    bool sockets;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class GatewayContract : public ::testing::TestWithParam<Case> {
protected:
    World w{GetParam().parts(), GetParam().sockets};

    void expect_done(ClientOrderId id, const OrderRequest& request) {
        const OrderEvent end = w.end_of(id);
        EXPECT_EQ(end.kind, OrderEventKind::Done);
        EXPECT_EQ(w.filled(id), request.quantity);
        EXPECT_EQ(end.cumulative, request.quantity);
    }
    void settle() {
        w.run(Nanos::millis(300));
        w.expect_fills_equal_the_venues();
    }
    [[nodiscard]] bool sockets() const { return GetParam().sockets; }
};

TEST_P(GatewayContract, AnImmediateOrderFillsLevelByLevel) {
    w.rest(Side::Sell, 60'010, 10);
    w.rest(Side::Sell, 60'020, 20);
    const OrderRequest buy = w.order(Side::Buy, 60'030, 25, TimeInForce::Ioc);
    const ClientOrderId id = w.place(buy);
    expect_done(id, buy);
    EXPECT_EQ(w.count(id, OrderEventKind::Filled), 2U);
    EXPECT_EQ(w.count(id, OrderEventKind::Accepted), 1U);
    EXPECT_EQ(w.of(id).front().kind, OrderEventKind::Accepted);
    EXPECT_NE(w.of(id).front().venue_order_id, 0U);
    settle();
    w.expect_balances_equal_the_events();
}

TEST_P(GatewayContract, WhatAnImmediateOrderCannotTakeIsCancelled) {
    w.rest(Side::Buy, 59'990, 10);
    const OrderRequest sell = w.order(Side::Sell, 59'980, 30, TimeInForce::Ioc);
    const ClientOrderId id = w.place(sell);
    const OrderEvent end = w.end_of(id);
    EXPECT_EQ(end.kind, OrderEventKind::Done);
    EXPECT_EQ(end.reason.code, ReasonCode::LostRace);
    EXPECT_EQ(end.cumulative, w.filled(id));
    EXPECT_EQ(w.filled(id).raw() * 3, sell.quantity.raw());
    settle();
    w.expect_balances_equal_the_events();
}

TEST_P(GatewayContract, AnImmediateOrderWithoutAnOppositeEndsUnfilled) {
    const ClientOrderId id = w.place(w.order(Side::Buy, 59'000, 10, TimeInForce::Ioc));
    const OrderEvent end = w.end_of(id);
    EXPECT_EQ(end.kind, OrderEventKind::Done);
    EXPECT_EQ(end.cumulative, Quantity{});
    EXPECT_EQ(end.reason.code, ReasonCode::LostRace);
    EXPECT_EQ(w.count(id, OrderEventKind::Filled), 0U);
    settle();
}

TEST_P(GatewayContract, FillOrKillFillsWholeOrNotAtAll) {
    w.rest(Side::Sell, 60'010, 10);
    const ClientOrderId killed = w.place(w.order(Side::Buy, 60'010, 11, TimeInForce::Fok));
    const OrderEvent end = w.end_of(killed);
    EXPECT_NE(end.kind, OrderEventKind::NotFound);
    EXPECT_EQ(w.filled(killed), Quantity{});
    const OrderRequest whole = w.order(Side::Buy, 60'010, 10, TimeInForce::Fok);
    expect_done(w.place(whole), whole);
    settle();
    w.expect_balances_equal_the_events();
}

TEST_P(GatewayContract, APostOnlyOrderThatWouldTakeLosesTheRace) {
    w.rest(Side::Sell, 60'010, 10);
    const ClientOrderId id = w.place(w.order(Side::Buy, 60'010, 5, TimeInForce::PostOnly));
    const OrderEvent end = w.end_of(id);
    EXPECT_EQ(end.reason.code, ReasonCode::LostRace);
    EXPECT_EQ(w.filled(id), Quantity{});
    settle();
}

TEST_P(GatewayContract, ARestingOrderFillsAsMaker) {
    const OrderRequest buy = w.order(Side::Buy, 59'900, 12, TimeInForce::PostOnly);
    const ClientOrderId id = w.place(buy);
    ASSERT_TRUE(w.until([&] { return w.count(id, OrderEventKind::Accepted) == 1; }));
    EXPECT_FALSE(w.over(id));
    w.take(Side::Sell, 59'900, 5);
    ASSERT_TRUE(w.until([&] { return w.count(id, OrderEventKind::Filled) == 1; }));
    w.take(Side::Sell, 59'900, 7);
    expect_done(id, buy);
    for (const OrderEvent& event : w.of(id)) {
        EXPECT_TRUE(event.kind != OrderEventKind::Filled || event.maker);
    }
    settle();
    w.expect_balances_equal_the_events();
}

TEST_P(GatewayContract, ACancelEndsARestingOrderOnce) {
    const OrderRequest request = w.order(Side::Sell, 61'000, 10, TimeInForce::Gtc);
    const ClientOrderId id = w.place(request);
    ASSERT_TRUE(w.until([&] { return w.count(id, OrderEventKind::Accepted) == 1; }));
    w.ask(OrderAction::Cancel, request);
    const OrderEvent end = w.end_of(id);
    EXPECT_EQ(end.kind, OrderEventKind::Done);
    EXPECT_EQ(end.cumulative, Quantity{});
    EXPECT_EQ(w.open_at_the_venue(), 0U);
    // Of an order that is over nothing is told again.
    w.ask(OrderAction::Cancel, request);
    w.run(Nanos::millis(800));
    (void)w.end_of(id);
}

TEST_P(GatewayContract, ACancelRightBehindTheOrderIsNotLost) {
    const OrderRequest request = w.order(Side::Sell, 61'000, 10, TimeInForce::Gtc);
    const ClientOrderId id = w.place(request);
    w.ask(OrderAction::Cancel, request);
    EXPECT_EQ(w.end_of(id).kind, OrderEventKind::Done);
    EXPECT_EQ(w.open_at_the_venue(), 0U);
}

TEST_P(GatewayContract, APerpetualRoundTripLeavesWhatTheEventsSay) {
    if (!w.parts.has_perpetual) GTEST_SKIP() << "spot only";
    w.rest(Side::Sell, 60'010, 40, true);
    const OrderRequest open = w.order(Side::Buy, 60'010, 40, TimeInForce::Ioc, true);
    expect_done(w.place(open), open);
    w.rest(Side::Buy, 60'100, 60, true);
    OrderRequest close = w.order(Side::Sell, 60'100, 40, TimeInForce::Ioc, true);
    close.reduce_only = true;
    expect_done(w.place(close), close);
    settle();
    w.expect_balances_equal_the_events();
    EXPECT_TRUE(w.venue.position(w.me, w.perpetual).quantity().is_zero());
}

TEST_P(GatewayContract, ReduceOnlyWithoutAPositionIsRefused) {
    if (!w.parts.has_perpetual) GTEST_SKIP() << "spot only";
    w.rest(Side::Buy, 60'000, 60, true);
    OrderRequest close = w.order(Side::Sell, 60'000, 40, TimeInForce::Ioc, true);
    close.reduce_only = true;
    const ClientOrderId id = w.place(close);
    const OrderEvent end = w.end_of(id);
    EXPECT_EQ(end.kind, OrderEventKind::Rejected);
    EXPECT_EQ(end.reason.code, ReasonCode::RiskLimit);
    EXPECT_EQ(w.filled(id), Quantity{});
}

TEST_P(GatewayContract, WhatTheAccountCannotPayIsRefused) {
    const ClientOrderId id = w.place(w.order(Side::Sell, 60'500, 150'000, TimeInForce::Ioc));
    const OrderEvent end = w.end_of(id);
    EXPECT_EQ(end.kind, OrderEventKind::Rejected);
    EXPECT_EQ(end.reason.code, ReasonCode::InsufficientBalance);
}

TEST_P(GatewayContract, AnOrderBelowTheSmallestIsRefused) {
    OrderRequest request = w.order(Side::Buy, 59'000, 10, TimeInForce::Gtc);
    request.quantity = w.instrument(false).lot;
    const OrderEvent end = w.end_of(w.place(request));
    EXPECT_EQ(end.kind, OrderEventKind::Rejected);
    EXPECT_EQ(end.reason.code, ReasonCode::BelowMinNotional);
    EXPECT_EQ(w.open_at_the_venue(), 0U);
}

TEST_P(GatewayContract, APriceOutsideTheBandIsRefused) {
    const ClientOrderId id = w.place(w.order(Side::Buy, 90'000, 10, TimeInForce::Ioc));
    const OrderEvent end = w.end_of(id);
    EXPECT_EQ(end.kind, OrderEventKind::Rejected);
    EXPECT_EQ(end.reason.code, ReasonCode::RiskLimit);
    EXPECT_EQ(end.reason.value, static_cast<std::int64_t>(messages::RiskCheck::PriceCollar));
}

TEST_P(GatewayContract, AnUnknownInstrumentIsRefusedWithoutAsking) {
    OrderRequest request = w.order(Side::Buy, 59'000, 10, TimeInForce::Gtc);
    request.instrument = InstrumentId{7'777};
    EXPECT_EQ(w.end_of(w.place(request)).kind, OrderEventKind::Rejected);
    EXPECT_EQ(w.gateway->counters().by_socket + w.gateway->counters().by_rest, 0U);
}

TEST_P(GatewayContract, AClientIdIsUsedOnce) {
    const OrderRequest request = w.order(Side::Buy, 59'000, 10, TimeInForce::Gtc);
    const ClientOrderId id = w.place(request);
    const auto again = w.gateway->submit({&request, 1});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Errc::Rejected);
    ASSERT_TRUE(w.until([&] { return w.count(id, OrderEventKind::Accepted) == 1; }));
    w.run(Nanos::millis(200));
    EXPECT_EQ(w.open_at_the_venue(), 1U);
}

TEST_P(GatewayContract, AQueryTellsTheWholeStory) {
    w.rest(Side::Sell, 60'010, 10);
    const OrderRequest buy = w.order(Side::Buy, 60'010, 25, TimeInForce::Gtc);
    const ClientOrderId id = w.place(buy);
    ASSERT_TRUE(w.until([&] { return w.count(id, OrderEventKind::Filled) == 1; }));
    w.run(Nanos::millis(200));
    const auto trade = [&] {
        std::uint64_t found = 0;
        for (const OrderEvent& event : w.of(id)) {
            if (event.kind == OrderEventKind::Filled) found = event.trade_id;
        }
        return found;
    };
    const std::uint64_t first = trade();
    w.events.clear();
    w.ask(OrderAction::Query, buy);
    ASSERT_TRUE(w.until([&] { return w.count(id, OrderEventKind::Filled) == 1; }));
    EXPECT_EQ(w.of(id).front().kind, OrderEventKind::Accepted);
    EXPECT_EQ(trade(), first);  // so the core can tell that it knows it
    EXPECT_FALSE(w.over(id));
    w.ask(OrderAction::Cancel, buy);
    EXPECT_EQ(w.end_of(id).cumulative, w.filled(id));
}

TEST_P(GatewayContract, AnOrderTheVenueNeverHadIsNotFoundOnceThatIsSure) {
    const OrderRequest never = w.order(Side::Buy, 59'000, 10, TimeInForce::Gtc);
    w.ask(OrderAction::Query, never);
    w.run(Nanos::millis(1'000));
    EXPECT_FALSE(w.over(never.id)) << "a late request could still arrive";
    EXPECT_EQ(w.end_of(never.id).kind, OrderEventKind::NotFound);
}

TEST_P(GatewayContract, AnOrderLostOnTheWayIsUnknownThenNotFound) {
    w.deaf = true;
    const OrderRequest request = w.order(Side::Buy, 59'000, 10, TimeInForce::Gtc);
    const ClientOrderId id = w.place(request);
    ASSERT_TRUE(w.until([&] { return w.count(id, OrderEventKind::Unknown) == 1; }));
    w.deaf = false;
    w.gate.cut();
    w.ask(OrderAction::Query, request);
    EXPECT_EQ(w.end_of(id).kind, OrderEventKind::NotFound);
    EXPECT_EQ(w.count(id, OrderEventKind::Unknown), 1U);
    EXPECT_EQ(
        w.venue.order(w.me,
                      sim_engine::ClientId{venue_common::view(w.gateway->desk().ids().write(id))}),
        nullptr);
}

TEST_P(GatewayContract, AnOrderWhoseAnswerIsLostIsUnknownThenWhatItIs) {
    w.rest(Side::Sell, 60'010, 10);
    w.gate.mute = true;
    const OrderRequest request = w.order(Side::Buy, 60'010, 10, TimeInForce::Ioc);
    const ClientOrderId id = w.place(request);
    ASSERT_TRUE(w.until([&] { return w.venue.fills_since(w.me, 0).size() == 1; }));
    w.gate.cut();
    ASSERT_TRUE(w.until([&] { return w.count(id, OrderEventKind::Unknown) == 1; }));
    EXPECT_FALSE(w.over(id));
    w.gate.mute = false;
    w.ask(OrderAction::Query, request);
    expect_done(id, request);
    settle();
    w.expect_balances_equal_the_events();
    EXPECT_EQ(w.venue.fills_since(w.me, 0).size(), 1U) << "it was never sent again";
}

TEST_P(GatewayContract, WhatFillsWhileTheConnectionIsDownIsNotMissed) {
    const OrderRequest rests = w.order(Side::Buy, 59'900, 10, TimeInForce::Gtc);
    const OrderRequest fills = w.order(Side::Buy, 59'950, 10, TimeInForce::Gtc);
    const ClientOrderId open = w.place(rests);
    const ClientOrderId full = w.place(fills);
    ASSERT_TRUE(w.until([&] {
        return w.count(open, OrderEventKind::Accepted) + w.count(full, OrderEventKind::Accepted) ==
               2;
    }));
    w.gate.mute = true;
    w.gate.cut();
    w.run(Nanos::millis(20));
    w.take(Side::Sell, 59'950, 10);
    w.take(Side::Sell, 59'900, 4);
    w.run(Nanos::millis(100));
    w.gate.mute = false;
    expect_done(full, fills);
    ASSERT_TRUE(w.until([&] { return w.count(open, OrderEventKind::Filled) == 1; }));
    EXPECT_FALSE(w.over(open));
    settle();
    w.expect_balances_equal_the_events();
}

TEST_P(GatewayContract, RepeatedMessagesAreToldOnce) {
    if (!sockets()) GTEST_SKIP() << "answers to requests are not repeated";
    w.gate.twice = true;
    w.rest(Side::Sell, 60'010, 10);
    w.rest(Side::Sell, 60'020, 10);
    const OrderRequest buy = w.order(Side::Buy, 60'030, 30, TimeInForce::Gtc);
    const ClientOrderId id = w.place(buy);
    ASSERT_TRUE(w.until([&] { return w.count(id, OrderEventKind::Filled) == 2; }));
    w.ask(OrderAction::Cancel, buy);
    EXPECT_EQ(w.end_of(id).cumulative, w.filled(id));
    w.run(Nanos::millis(300));
    (void)w.end_of(id);
    EXPECT_EQ(w.count(id, OrderEventKind::Filled), 2U);
    settle();
}

TEST_P(GatewayContract, OrdersOfOthersOnTheAccountAreShownNotTold) {
    sim_engine::NewOrder foreign;
    foreign.account = w.me;
    foreign.listing = w.spot;
    foreign.side = Side::Buy;
    foreign.price = *w.venue.listing(w.spot).parse_price("59000");
    foreign.quantity = *w.venue.listing(w.spot).parse_quantity("0.01");
    foreign.client_id = sim_engine::ClientId{"byhand"};
    EXPECT_TRUE(w.venue.place(foreign, w.venue.now()));
    const OrderRequest rests = w.order(Side::Buy, 59'100, 10, TimeInForce::Gtc);
    ASSERT_TRUE(w.until([&] { return w.gateway->ready(); }));
    const ClientOrderId id = w.place(rests);
    ASSERT_TRUE(w.until([&] { return w.count(id, OrderEventKind::Accepted) == 1; }));
    w.run(Nanos::millis(200));
    for (const OrderEvent& event : w.events) EXPECT_EQ(event.id, id);
    if (sockets()) {
        ASSERT_EQ(w.gateway->desk().foreign().size(), 1U);
        EXPECT_EQ(w.gateway->desk().foreign().front().client_id, "byhand");
    }
    EXPECT_EQ(w.gateway->cancel_all(), 1U);
    (void)w.end_of(id);
    EXPECT_EQ(w.open_at_the_venue(), 1U) << "the other one stays";
}

TEST_P(GatewayContract, ABatchIsPlacedAndCancelledInAsFewRequestsAsTheVenueAllows) {
    std::vector<OrderRequest> batch;
    for (int i = 0; i < 5; ++i)
        batch.push_back(w.order(Side::Buy, 59'000 + i, 10, TimeInForce::Gtc));
    batch.push_back(w.order(Side::Buy, 90'000, 10, TimeInForce::Gtc));  // outside the band
    ASSERT_TRUE(w.gateway->place_batch(batch));
    for (int i = 0; i < 5; ++i) {
        const ClientOrderId id = batch[static_cast<std::size_t>(i)].id;
        ASSERT_TRUE(w.until([&] { return w.count(id, OrderEventKind::Accepted) == 1; }));
    }
    EXPECT_EQ(w.end_of(batch.back().id).kind, OrderEventKind::Rejected);
    EXPECT_EQ(w.open_at_the_venue(), 5U);
    EXPECT_EQ(w.gateway->cancel_all(), 5U);
    for (int i = 0; i < 5; ++i) (void)w.end_of(batch[static_cast<std::size_t>(i)].id);
    const std::size_t most = w.parts.most_in_batch;
    EXPECT_EQ(w.gateway->counters().by_socket + w.gateway->counters().by_rest,
              (6 + most - 1) / most + (5 + most - 1) / most);
    EXPECT_EQ(w.open_at_the_venue(), 0U);
}

TEST_P(GatewayContract, AnAmendedOrderFillsAtItsNewPriceAndSize) {
    if (!w.parts.amends_price) GTEST_SKIP() << "the venue only shrinks orders";
    const OrderRequest buy = w.order(Side::Buy, 59'000, 10, TimeInForce::Gtc);
    const ClientOrderId id = w.place(buy);
    ASSERT_TRUE(w.until([&] { return w.count(id, OrderEventKind::Accepted) == 1; }));
    const OrderRequest to = w.order(Side::Buy, 59'500, 20, TimeInForce::Gtc);
    ASSERT_TRUE(w.gateway->amend(id, to.price, to.quantity));
    ASSERT_TRUE(w.until([&] { return w.gateway->desk().open().size() == 1; }));
    w.run(Nanos::millis(300));
    w.take(Side::Sell, 59'500, 20);
    const OrderEvent end = w.end_of(id);
    EXPECT_EQ(end.cumulative, to.quantity);
    settle();
    w.expect_balances_equal_the_events();
}

TEST_P(GatewayContract, TheNextRunFindsTheOrdersOfTheOneBefore) {
    const UnixNanos begin = w.loop.client->now();
    w.rest(Side::Sell, 60'010, 10);
    const OrderRequest filled = w.order(Side::Buy, 60'010, 10, TimeInForce::Ioc);
    const OrderRequest rests = w.order(Side::Buy, 59'000, 10, TimeInForce::Gtc);
    expect_done(w.place(filled), filled);
    const ClientOrderId open = w.place(rests);
    ASSERT_TRUE(w.until([&] { return w.count(open, OrderEventKind::Accepted) == 1; }));
    w.events.clear();
    w.start_gateway("test", begin);
    ASSERT_TRUE(w.until([&] { return w.gateway->ready(); }));
    ASSERT_TRUE(w.until([&] { return w.count(open, OrderEventKind::Accepted) == 1; }));
    EXPECT_EQ(w.filled(filled.id), filled.quantity);
    w.ask(OrderAction::Query, filled);
    EXPECT_EQ(w.end_of(filled.id).kind, OrderEventKind::Done);
    w.ask(OrderAction::Cancel, rests);
    EXPECT_EQ(w.end_of(open).kind, OrderEventKind::Done);
    EXPECT_EQ(w.open_at_the_venue(), 0U);
}

/// Lists tell it like the stream: a ledger books it whatever the order they are read in.
TEST_P(GatewayContract, TheNextRunIsToldTheProfitOfEachFill) {
    if (!w.parts.has_perpetual) GTEST_SKIP() << "spot only";
    const UnixNanos begin = w.loop.client->now();
    w.rest(Side::Sell, 60'010, 40, true);
    const OrderRequest open = w.order(Side::Buy, 60'010, 40, TimeInForce::Ioc, true);
    expect_done(w.place(open), open);
    w.rest(Side::Buy, 60'100, 30, true);
    const OrderRequest close = w.order(Side::Sell, 60'100, 30, TimeInForce::Ioc, true);
    expect_done(w.place(close), close);
    w.expect_fills_equal_the_venues();
    w.events.clear();
    w.start_gateway("test", begin);
    ASSERT_TRUE(w.until([&] { return w.fills() == 2; }));
    w.expect_fills_equal_the_venues();
}

TEST_P(GatewayContract, AnotherInstanceLeavesThemAlone) {
    const OrderRequest rests = w.order(Side::Buy, 59'000, 10, TimeInForce::Gtc);
    const ClientOrderId open = w.place(rests);
    ASSERT_TRUE(w.until([&] { return w.count(open, OrderEventKind::Accepted) == 1; }));
    w.events.clear();
    w.start_gateway("next", rests.decided);
    ASSERT_TRUE(w.until([&] { return w.gateway->ready(); }));
    w.run(Nanos::millis(300));
    EXPECT_TRUE(w.events.empty());
    ASSERT_EQ(w.gateway->desk().foreign().size(), 1U);
    EXPECT_TRUE(w.gateway->desk().foreign().front().of_another_instance);
    EXPECT_EQ(w.gateway->cancel_all(), 0U);
    EXPECT_EQ(w.open_at_the_venue(), 1U);
}

TEST_P(GatewayContract, AKeyThatIsNoneHaltsIt) {
    w.keyring.revoke(kApiKey);
    w.start_gateway("test");
    ASSERT_TRUE(w.until([&] { return w.gateway->halted().has_value(); }));
    EXPECT_EQ(w.gateway->halted()->reaction, venue_common::Reaction::Halt);
    EXPECT_FALSE(w.gateway->ready());
    const OrderEvent end = w.end_of(w.place(w.order(Side::Buy, 59'000, 10, TimeInForce::Gtc)));
    EXPECT_EQ(end.kind, OrderEventKind::Rejected);
    EXPECT_EQ(end.reason.code, ReasonCode::VenueAuthFailed);
}

TEST_P(GatewayContract, TheWatchdogCancelsWhatNobodyWatches) {
    w.start_gateway("test", {}, Nanos::millis(1'500));
    ASSERT_TRUE(w.until([&] { return w.gateway->ready(); }));
    const UnixNanos begin = w.loop.client->now();
    w.gateway->alive(begin);
    const ClientOrderId open = w.place(w.order(Side::Buy, 59'000, 10, TimeInForce::Gtc));
    const OrderEvent end = w.end_of(open);
    EXPECT_EQ(end.kind, OrderEventKind::Done);
    EXPECT_GE(end.received - begin, Nanos::millis(1'500));
    EXPECT_EQ(w.open_at_the_venue(), 0U);
    EXPECT_EQ(w.gateway->counters().abandoned, 1U);
}

TEST_P(GatewayContract, BalancesAreReportedByTheStream) {
    if (!sockets()) GTEST_SKIP() << "REST has no stream";
    w.rest(Side::Sell, 60'010, 10);
    const OrderRequest buy = w.order(Side::Buy, 60'010, 10, TimeInForce::Ioc);
    expect_done(w.place(buy), buy);
    w.run(Nanos::millis(300));
    std::map<std::string, Amount> reported;
    for (const messages::BalanceReport& report : w.balances)
        reported[w.universe.asset_name(report.asset)] = report.total;
    EXPECT_EQ(reported["USDT"].text(), w.balance("USDT").text());
    EXPECT_EQ(reported["BTC"].text(), w.balance("BTC").text());
}

INSTANTIATE_TEST_SUITE_P(Venues, GatewayContract,
                         ::testing::Values(Case{"OkxSocket", okx_parts, true},
                                           Case{"OkxRest", okx_parts, false},
                                           Case{"BybitSocket", bybit_parts, true},
                                           Case{"BybitRest", bybit_parts, false},
                                           Case{"BinanceSpotSocket", binance_spot_parts, true},
                                           Case{"BinanceSpotRest", binance_spot_parts, false},
                                           Case{"BinanceSpotFix", binance_fix_parts, true},
                                           Case{"BinanceUsdmSocket", binance_usdm_parts, true},
                                           Case{"BinanceUsdmRest", binance_usdm_parts, false}),
                         [](const auto& c) { return std::string{c.param.name}; });

}  // namespace
}  // namespace parallax::gateway_testing
