#include "adapters/venues/paper/paper_venue.hpp"
#include "adapters/venues/paper/test_support.hpp"
#include "core/archive.hpp"
#include "messages/risk.hpp"

namespace parallax::paper {
namespace {

using namespace testing;
using K = OrderEventKind;

TEST(RestingOrders, RefusesPostOnlyThatCrosses) {
    Funded w;
    const auto crossing = w.run(w.order(w.spot, Side::Buy, "100", "1", TimeInForce::PostOnly));
    ASSERT_EQ(kinds(crossing), (std::vector{K::Rejected}));
    EXPECT_EQ(crossing[0].reason.code, ReasonCode::LostRace);
    const auto resting = w.run(w.order(w.spot, Side::Buy, "99.99", "1", TimeInForce::PostOnly));
    EXPECT_EQ(kinds(resting), (std::vector{K::Accepted}));
}

TEST(RestingOrders, RestingOrderWaitsBehindItsQueueAndFillsAsMaker) {
    Funded w;
    const OrderRequest bid = w.order(w.spot, Side::Buy, "99.99", "1", TimeInForce::Gtc);
    EXPECT_EQ(kinds(w.run(bid)), (std::vector{K::Accepted}));
    EXPECT_TRUE(w.trade(w.spot, "99.99", "0.4", Side::Sell).empty());  // 0.6 still ahead
    EXPECT_TRUE(w.trade(w.spot, "99.99", "5", Side::Buy).empty());     // the wrong side
    const auto part = w.trade(w.spot, "99.99", "0.9", Side::Sell);
    ASSERT_EQ(kinds(part), (std::vector{K::Filled}));
    EXPECT_EQ(part[0].quantity, w.quantity(w.spot, "0.3"));
    EXPECT_TRUE(part[0].maker);
    const auto rest = w.trade(w.spot, "99.97", "5", Side::Sell);  // through our price
    ASSERT_EQ(kinds(rest), (std::vector{K::Filled, K::Done}));
    EXPECT_EQ(rest[0].quantity, w.quantity(w.spot, "0.7"));
    EXPECT_EQ(rest[0].price, bid.price);
    EXPECT_EQ(w.venue->balance(World::kSpotMarket, w.usdt), World::amount("9900.01"));
    EXPECT_TRUE(w.trade(w.spot, "99.97", "5", Side::Sell).empty());
}

TEST(RestingOrders, RestingOrdersShareOneTrade) {
    Funded w;
    w.set_book(w.spot, {{"99.98", "1"}}, {{"100", "1"}});
    w.run(w.order(w.spot, Side::Buy, "99.99", "1", TimeInForce::Gtc));
    w.run(w.order(w.spot, Side::Buy, "99.99", "1", TimeInForce::Gtc));
    Quantity filled;
    for (const OrderEvent& event : w.trade(w.spot, "99.99", "1.25", Side::Sell))
        filled += event.quantity;
    EXPECT_EQ(filled, w.quantity(w.spot, "1.25"));
}

TEST(RestingOrders, RestingOrderFillsWhenTheBookTradesThrough) {
    Funded w;
    w.run(w.order(w.spot, Side::Buy, "99.99", "1", TimeInForce::Gtc));
    w.now = w.now + Nanos::seconds(1);
    w.venue->advance(w.now);
    w.set_book(w.spot, {{"99.5", "1"}}, {{"99.9", "0.25"}, {"100", "1"}});
    const auto events = w.drain();
    ASSERT_EQ(kinds(events), (std::vector{K::Filled}));
    EXPECT_EQ(events[0].quantity, w.quantity(w.spot, "0.25"));
    EXPECT_EQ(events[0].price, w.price(w.spot, "99.99"));
    EXPECT_TRUE(events[0].maker);
}

TEST(RestingOrders, PassiveFillsAreNoOlderThanTheBookThatCausedThem) {
    Funded w;
    w.run(w.order(w.spot, Side::Buy, "99.99", "1", TimeInForce::Gtc));
    w.now = w.now + Nanos::seconds(9);  // nothing was due: nobody called advance
    w.set_book(w.spot, {{"99.5", "1"}}, {{"99.9", "1"}});
    const UnixNanos changed = w.now;
    const auto events = w.drain();
    ASSERT_EQ(kinds(events), (std::vector{K::Filled, K::Done}));
    EXPECT_EQ(events[0].received, changed + Nanos::millis(2));  // - feed 2 + response 4
    EXPECT_EQ(events[0].venue_time, changed - Nanos::millis(2));
}

TEST(RestingOrders, CancelsRestingOrdersAndGivesBackTheHold) {
    Funded w;
    const OrderRequest bid = w.order(w.spot, Side::Buy, "99.9", "10", TimeInForce::Gtc);
    w.run(bid);
    EXPECT_EQ(w.venue->accounts().balance(World::kSpotMarket, w.usdt).held, World::amount("999"));
    const auto done = w.run(World::with_action(bid, OrderAction::Cancel, w.now));
    ASSERT_EQ(kinds(done), (std::vector{K::Done}));
    EXPECT_TRUE(done[0].reason.none());
    EXPECT_EQ(w.venue->accounts().balance(World::kSpotMarket, w.usdt).held, Amount{});
    EXPECT_TRUE(
        w.run(World::with_action(bid, OrderAction::Cancel, w.now)).empty());  // too late is no news
}

TEST(RestingOrders, CrossingGoodTillCancelTakesFirstAndRestsTheRemainder) {
    Funded w;
    const auto events = w.run(w.order(w.spot, Side::Buy, "100", "1.5", TimeInForce::Gtc));
    EXPECT_EQ(kinds(events), (std::vector{K::Accepted, K::Filled}));
    EXPECT_EQ(w.venue->accounts().balance(World::kSpotMarket, w.usdt).held, World::amount("50"));
}

/// A resting sale of ours at 100, behind the venue's one, and the answer to a purchase that reaches
/// it.
struct Met {
    std::vector<OrderEvent> oldest, newest;
};
Met meet(const char* mode, TimeInForce tif = TimeInForce::Ioc, const char* size = "2") {
    Config config = quiet_config();
    config.self_trade = mode;
    Funded w{config};
    w.set_book(w.spot, {{"99", "1"}}, {{"99.5", "1"}, {"100.5", "1"}});
    const OrderRequest sale = w.order(w.spot, Side::Sell, "100", "1", TimeInForce::Gtc);
    w.run(sale);
    const OrderRequest purchase = w.order(w.spot, Side::Buy, "101", size, tif);
    Met met;
    for (const OrderEvent& event : w.run(purchase))
        (event.id == sale.id ? met.oldest : met.newest).push_back(event);
    return met;
}

TEST(SelfTrade, TheOldestEndsAndTheNewestGoesOn) {
    const Met met = meet("cancel_oldest");
    EXPECT_EQ(kinds(met.oldest), (std::vector{K::Done}));
    EXPECT_EQ(met.oldest[0].reason.value,
              static_cast<std::int64_t>(messages::RiskCheck::Duplicate));
    EXPECT_EQ(kinds(met.newest), (std::vector{K::Accepted, K::Filled, K::Filled, K::Done}));
}

TEST(SelfTrade, TheNewestEndsWhereItWouldMeetTheOldest) {
    const Met met = meet("cancel_newest");
    EXPECT_TRUE(met.oldest.empty());
    ASSERT_EQ(kinds(met.newest), (std::vector{K::Accepted, K::Filled, K::Done}));
    EXPECT_EQ(met.newest[2].reason.value,
              static_cast<std::int64_t>(messages::RiskCheck::Duplicate));
}

TEST(SelfTrade, BothEnd) {
    const Met met = meet("cancel_both");
    EXPECT_EQ(kinds(met.oldest), (std::vector{K::Done}));
    EXPECT_EQ(kinds(met.newest), (std::vector{K::Accepted, K::Filled, K::Done}));
}

TEST(SelfTrade, NothingHappensToOrdersThatNeverMeet) {
    for (const char* mode : {"cancel_newest", "cancel_oldest", "cancel_both"}) {
        const Met met = meet(mode, TimeInForce::Ioc, "1");  // full before it gets there
        EXPECT_TRUE(met.oldest.empty()) << mode;
        EXPECT_EQ(kinds(met.newest), (std::vector{K::Accepted, K::Filled, K::Done})) << mode;
    }
    EXPECT_TRUE(meet("none").oldest.empty());
}

TEST(SelfTrade, AnAllOrNothingOrderCountsOnlyWhatItMayReach) {
    EXPECT_EQ(kinds(meet("cancel_newest", TimeInForce::Fok).newest),
              (std::vector{K::Accepted, K::Done}));
    EXPECT_EQ(kinds(meet("cancel_oldest", TimeInForce::Fok).newest),
              (std::vector{K::Accepted, K::Filled, K::Filled, K::Done}));
}

}  // namespace
}  // namespace parallax::paper
