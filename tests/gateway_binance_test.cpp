// What only Binance's gateways have.
#include "adapters/venues/binance/fix_orders.hpp"
#include "adapters/venues/binance/limits.hpp"
#include "adapters/venues/common/key_testing.hpp"
#include "gateway_world.hpp"
#include "sim/venues/binance/front.hpp"

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

TEST(BinanceFixGateway, OrdersGoOverFixAndEveryWayTellsThemOnce) {
    World w{binance_fix_parts(), true};
    ASSERT_TRUE(w.until([&] { return w.gateway->link(2).live(); })) << "drop copies";
    const auto heard = [&](std::size_t link) { return w.gateway->link(link).counters().messages; };
    const std::uint64_t orders = heard(1);
    const std::uint64_t copies = heard(2);
    w.rest(Side::Sell, 60'010, 10);
    const auto buy = w.order(Side::Buy, 60'010, 25, TimeInForce::Gtc);
    const ClientOrderId id = w.place(buy);
    ASSERT_TRUE(w.until([&] { return w.count(id, OrderEventKind::Filled) == 1; }));
    w.ask(messages::OrderAction::Cancel, buy);
    (void)w.end_of(id);
    EXPECT_EQ(w.gateway->counters().by_socket, 2U);
    EXPECT_EQ(w.gateway->counters().by_rest, 0U);
    EXPECT_EQ(heard(1) - orders, 3U) << "accepted, filled, cancelled";
    ASSERT_TRUE(w.until([&] { return heard(2) - copies == 3U; })) << "a second later";
    EXPECT_EQ(w.count(id, OrderEventKind::Filled), 1U);
    EXPECT_EQ(w.count(id, OrderEventKind::Accepted), 1U);
    EXPECT_EQ(w.gateway->desk().counters().contradictions, 0U);
    w.expect_fills_equal_the_venues();
    w.expect_balances_equal_the_events();
}

TEST(BinanceFixGateway, AnAmendmentShrinksAnOrder) {
    World w{binance_fix_parts(), true};
    const auto buy = w.order(Side::Buy, 59'000, 20, TimeInForce::Gtc);
    const ClientOrderId id = w.place(buy);
    ASSERT_TRUE(w.until([&] { return w.count(id, OrderEventKind::Accepted) == 1; }));
    const auto smaller = w.order(Side::Buy, 59'000, 8, TimeInForce::Gtc);
    ASSERT_TRUE(w.gateway->amend(id, std::nullopt, smaller.quantity));
    w.run(Nanos::millis(300));
    w.take(Side::Sell, 59'000, 8);
    EXPECT_EQ(w.end_of(id).cumulative, smaller.quantity);
    EXPECT_EQ(w.gateway->counters().by_rest, 0U);
    w.expect_fills_equal_the_venues();
}

TEST(BinanceFixGateway, ACutSessionIsReplacedUnderAnotherName) {
    World w{binance_fix_parts(), true};
    w.gate.cut();
    ASSERT_TRUE(w.until([&] { return !w.gateway->link(1).live(); }));
    ASSERT_TRUE(w.until([&] { return w.gateway->link(1).live() && w.gateway->ready(); }));
    EXPECT_GE(w.gateway->link(1).counters().opened, 2U);
}

TEST(BinanceFixGateway, AMaintenanceNewsMovesTheSessionBeforeItIsCut) {
    World w{binance_fix_parts(), true};
    const auto rests = w.order(Side::Buy, 59'000, 10, TimeInForce::Gtc);
    const ClientOrderId id = w.place(rests);
    ASSERT_TRUE(w.until([&] { return w.count(id, OrderEventKind::Accepted) == 1; }));
    auto& front = dynamic_cast<sim_binance::BinanceFront&>(*w.front);
    front.fix().close_at(w.venue.now() + Nanos::seconds(3'600));
    ASSERT_TRUE(w.until([&] { return w.gateway->link(1).counters().replaced == 1; }));
    EXPECT_TRUE(w.gateway->link(1).live());
    w.ask(messages::OrderAction::Cancel, rests);
    EXPECT_EQ(w.end_of(id).kind, OrderEventKind::Done);
    EXPECT_EQ(w.gateway->counters().by_rest, 0U);
}

TEST(BinanceFixGateway, OrdersGoOnWhileServersMove) {
    World w{binance_fix_parts(), true};
    auto& front = dynamic_cast<sim_binance::BinanceFront&>(*w.front);
    const std::size_t sessions = front.fix().sessions();
    std::vector<ClientOrderId> placed;
    // Two and a half seconds of orders, over the news, the move and the end of the old session.
    front.fix().close_at(w.venue.now() + Nanos::millis(1'500));
    constexpr int kOrders = 30;  // fewer than ten seconds allow
    for (int i = 0; i < kOrders; ++i) {
        w.rest(Side::Sell, 60'010, 1);
        placed.push_back(w.place(w.order(Side::Buy, 60'010, 1, TimeInForce::Ioc)));
        w.run(Nanos::millis(80));
        EXPECT_TRUE(w.gateway->link(1).live()) << "at no time is there none";
    }
    for (const ClientOrderId id : placed) {
        EXPECT_EQ(w.end_of(id).kind, OrderEventKind::Done);
        EXPECT_EQ(w.count(id, OrderEventKind::Accepted), 1U);
        EXPECT_EQ(w.count(id, OrderEventKind::Filled), 1U);
    }
    EXPECT_EQ(w.gateway->link(1).counters().replaced, 1U) << "the new one is not told";
    EXPECT_EQ(w.gateway->counters().by_rest, 0U);
    EXPECT_EQ(w.gateway->counters().by_socket, std::uint64_t{kOrders}) << "none twice";
    ASSERT_TRUE(w.until([&] { return front.fix().sessions() == sessions; })) << "the old one left";
    w.expect_fills_equal_the_venues();
    w.expect_balances_equal_the_events();
}

TEST(BinanceFixGateway, AHoleInTheVenuesNumbersEndsTheSessionAndNothingIsLost) {
    World w{binance_fix_parts(), true};
    const auto rests = w.order(Side::Buy, 59'000, 10, TimeInForce::Gtc);
    const ClientOrderId id = w.place(rests);
    ASSERT_TRUE(w.until([&] { return w.count(id, OrderEventKind::Accepted) == 1; }));
    const std::uint64_t opened = w.gateway->link(1).counters().opened;
    w.gate.swallow =
        "\x01"
        "150=F\x01";  // of FIX only
    w.take(Side::Sell, 59'000, 4);
    w.run(Nanos::millis(100));
    w.gate.swallow.clear();
    w.take(Side::Sell, 59'000, 2);
    ASSERT_TRUE(w.until([&] { return w.gateway->link(1).counters().opened > opened; }));
    ASSERT_TRUE(w.until([&] { return w.count(id, OrderEventKind::Filled) == 2; }));
    w.ask(messages::OrderAction::Cancel, rests);
    (void)w.end_of(id);
    w.expect_fills_equal_the_venues();
}

TEST(BinanceFixGateway, AnotherKindOfKeyIsRefusedAtOnce) {
    World w{binance_spot_parts(), true};
    binance::Signer hmac{venue_common::testing::credentials(kApiKey, kSecret)};
    const auto made =
        binance::make_fix_order_gateway(w.wire, *w.rest_client, w.universe, hmac, {}, {}, {});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, Errc::Rejected);
}

class BinanceLogon : public ::testing::TestWithParam<VenueParts (*)()> {};

TEST_P(BinanceLogon, ASocketThatSignedInTakesOrdersWithoutSignatures) {
    World w{GetParam()(), true};
    ASSERT_TRUE(w.until([&] { return w.gateway->link(w.parts.has_spot ? 0 : 1).live(); }));
    w.rest(Side::Sell, 60'010, 10);
    const auto buy = w.order(Side::Buy, 60'010, 10, TimeInForce::Ioc);
    const ClientOrderId id = w.place(buy);
    EXPECT_EQ(w.end_of(id).cumulative, buy.quantity);
    EXPECT_EQ(w.gateway->counters().by_socket, 1U);
    w.expect_fills_equal_the_venues();
}
INSTANTIATE_TEST_SUITE_P(Products, BinanceLogon,
                         ::testing::Values(binance_spot_logon_parts, binance_usdm_logon_parts),
                         [](const auto& c) { return c.index == 0 ? "Spot" : "Usdm"; });

TEST(BinanceUsdmGateway, AnExpiredListenKeyIsReplacedAndTheStreamGoesOn) {
    World w{binance_usdm_parts(), true};
    venue_common::RestCall close;
    close.rate.call = binance::usdm::kListenKey;
    close.method = "DELETE";
    close.path = "/fapi/v1/listenKey";
    const auto user = w.rest_client->add_user();
    ASSERT_TRUE(w.rest_client->submit(user, close, w.loop.client->now()));
    ASSERT_TRUE(w.until([&] { return w.rest_client->take(user).has_value(); }));
    for (const ports::SessionId session : w.gate.sessions)
        (void)w.gate.send(session, R"({"e":"listenKeyExpired","E":1,"listenKey":"x"})");
    ASSERT_TRUE(w.until([&] { return w.gateway->link(0).counters().replaced == 1; }));
    ASSERT_TRUE(w.until([&] { return w.gateway->ready(); }));
    const auto before = w.gateway->counters().lookups;
    w.rest(Side::Sell, 60'010, 10);
    const auto buy = w.order(Side::Buy, 60'010, 10, TimeInForce::Ioc);
    EXPECT_EQ(w.end_of(w.place(buy)).cumulative, buy.quantity);
    EXPECT_EQ(w.gateway->counters().lookups, before) << "the stream told it";
}

TEST(BinanceUsdmAccount, TheDeadMansSwitchIsKeptArmedAndCancelsWhenWeFallSilent) {
    World w{binance_usdm_parts(), true};
    venue_common::AccountConfig config;
    config.dead_man = Nanos::millis(1'500);
    w.start_account(config);
    ASSERT_TRUE(w.until([&] { return w.account->armed().known(); }));
    const ClientOrderId id = w.place(w.order(Side::Buy, 59'000, 10, TimeInForce::Gtc));
    ASSERT_TRUE(w.until([&] { return w.open_at_the_venue() == 1; }));
    const UnixNanos armed = w.account->armed();
    w.run(Nanos::millis(2'500));
    EXPECT_GT(w.account->armed(), armed);
    EXPECT_EQ(w.open_at_the_venue(), 1U);
    w.account.reset();
    EXPECT_EQ(w.end_of(id).kind, OrderEventKind::Done);
    EXPECT_EQ(w.open_at_the_venue(), 0U);
}

}  // namespace
}  // namespace parallax::gateway_testing
