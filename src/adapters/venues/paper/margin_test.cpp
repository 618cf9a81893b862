#include "adapters/venues/paper/paper_venue.hpp"
#include "adapters/venues/paper/test_support.hpp"
#include "core/archive.hpp"
#include "messages/risk.hpp"

namespace parallax::paper {
namespace {

using namespace testing;
using K = OrderEventKind;

messages::MarkPrice mark_of(const World& w, InstrumentId id, const char* price, const char* rate,
                            UnixNanos stamp) {
    messages::MarkPrice mark;
    mark.instrument = id;
    mark.stamp.received = w.now;
    mark.mark = w.price(id, price);
    mark.funding_rate = *Rate::parse(rate);
    mark.has_funding = true;
    mark.next_funding = stamp;
    return mark;
}

std::vector<messages::CashEvent> cash_of(PaperVenue& venue) {
    std::vector<messages::CashEvent> all;
    std::array<messages::CashEvent, 1> one;
    while (venue.poll_cash(one) > 0) all.push_back(one[0]);
    return all;
}

TEST(PaperPositions, LinearPositionHoldsMarginAndRealisesProfit) {
    Funded w;
    w.run(w.order(w.linear, Side::Buy, "100", "1"));  // 100.00, fee 5 bp
    EXPECT_EQ(w.venue->balance(World::kUsdm, w.usdt), World::amount("999.95"));
    EXPECT_EQ(w.venue->accounts().balance(World::kUsdm, w.usdt).margin.raw(),
              divide(Amount::units(100).raw(), 3, Rounding::Up));
    w.set_book(w.linear, {{"110", "5"}}, {{"110.1", "5"}});
    w.run(w.order(w.linear, Side::Sell, "110", "0.4"));  // profit 4, fee 0.022
    EXPECT_EQ(w.venue->balance(World::kUsdm, w.usdt), World::amount("1003.928"));
    EXPECT_EQ(w.venue->position(w.linear).quantity, w.quantity(w.linear, "0.6"));
    EXPECT_EQ(w.venue->position(w.linear).cost, Amount::units(60));
    w.run(w.order(w.linear, Side::Sell, "110",
                  "1"));  // closes 0.6 with profit 6, opens short 0.4, fee 0.055
    EXPECT_EQ(w.venue->balance(World::kUsdm, w.usdt), World::amount("1009.873"));
    EXPECT_EQ(w.venue->position(w.linear).quantity, Quantity{} - w.quantity(w.linear, "0.4"));
    EXPECT_EQ(w.venue->position(w.linear).cost, Amount::units(44));
}

TEST(PaperPositions, InversePositionSettlesInBaseRoundedAgainstUs) {
    Funded w;
    w.run(w.order(w.inverse, Side::Buy, "100", "300"));  // worth 3 BTC, fee 5 bp
    EXPECT_EQ(w.venue->balance(World::kCoinm, w.btc), World::amount("9.9985"));
    EXPECT_EQ(w.venue->position(w.inverse).cost, Amount::units(3));
    w.set_book(w.inverse, {{"120", "1000"}}, {{"121", "1000"}});
    w.run(w.order(w.inverse, Side::Sell, "120", "300"));  // worth 2.5 BTC now: profit 0.5
    EXPECT_EQ(w.venue->balance(World::kCoinm, w.btc), World::amount("10.49725"));
    EXPECT_EQ(w.venue->position(w.inverse).quantity, Quantity{});
    EXPECT_EQ(w.venue->accounts().balance(World::kCoinm, w.btc).margin, Amount{});
    // 7 USD at 99.9 is no round number of coins: entry down, exit up.
    w.set_book(w.inverse, {{"99.9", "1000"}}, {{"99.9", "0"}, {"100", "1000"}});
    w.run(w.order(w.inverse, Side::Sell, "99.9", "7"));
    EXPECT_EQ(w.venue->position(w.inverse).cost.raw(), (Amount::units(7).raw() * 10 + 998) / 999);
}

TEST(PaperPositions, DerivativesNeedMarginButClosingDoesNot) {
    World w;
    w.venue->deposit(World::kUsdm, w.usdt, World::amount("34"));
    EXPECT_EQ(w.run(w.order(w.linear, Side::Buy, "100.1", "2"))[0].reason.code,
              ReasonCode::InsufficientBalance);
    EXPECT_EQ(w.run(w.order(w.linear, Side::Buy, "100", "1")).back().reason, messages::Reason{});
    EXPECT_EQ(w.run(w.order(w.linear, Side::Sell, "99.9", "1")).back().reason, messages::Reason{});
    EXPECT_EQ(w.venue->position(w.linear).quantity, Quantity{});
}

TEST(PaperPositions, ReduceOnlyNeverOpens) {
    Funded w;
    auto reduce = w.order(w.linear, Side::Sell, "99.8", "2");
    reduce.reduce_only = true;
    EXPECT_EQ(w.run(reduce)[0].reason, instrument_rule(Filter::ReduceOnly));
    w.run(w.order(w.linear, Side::Buy, "100", "1"));
    auto close = w.order(w.linear, Side::Sell, "99.8", "2");
    close.reduce_only = true;
    const auto events = w.run(close);
    EXPECT_EQ(events.back().kind, K::Done);
    EXPECT_EQ(events.back().cumulative, w.quantity(w.linear, "1"));
    EXPECT_EQ(w.venue->position(w.linear).quantity, Quantity{});
}

TEST(PaperVenue, FundingIsPaidAtTheStampByWhoIsLong) {
    Funded w;
    w.run(w.order(w.linear, Side::Buy, "100.1", "2"));
    const UnixNanos stamp = w.now + Nanos::seconds(10);
    w.venue->on(mark_of(w, w.linear, "99.9", "0.0001", stamp));
    EXPECT_EQ(w.venue->next_due(), stamp);
    const Amount before = w.venue->balance(World::kUsdm, w.usdt);
    w.venue->advance(stamp - Nanos{1});
    EXPECT_TRUE(cash_of(*w.venue).empty());
    w.venue->advance(stamp + Nanos::seconds(1));
    EXPECT_FALSE(w.venue->quiet());
    const auto cash = cash_of(*w.venue);
    ASSERT_EQ(cash.size(), 1u);
    EXPECT_EQ(cash[0].kind, messages::EntryKind::Funding);
    EXPECT_EQ(cash[0].wallet, World::kUsdm);
    EXPECT_EQ(cash[0].asset, w.usdt);
    EXPECT_EQ(cash[0].instrument, w.linear);
    EXPECT_EQ(cash[0].time, stamp);
    EXPECT_NE(cash[0].venue_id, 0u);
    EXPECT_EQ(cash[0].amount, -World::amount("0.01998"));  // 2 x 99.9 x 0.0001
    EXPECT_EQ(w.venue->balance(World::kUsdm, w.usdt), before + cash[0].amount);
    EXPECT_TRUE(w.venue->quiet());
    // The same stamp told again, late, costs nothing; the next one is another payment.
    w.now = stamp + Nanos::seconds(2);
    w.venue->on(mark_of(w, w.linear, "99.9", "0.0001", stamp));
    w.venue->on(mark_of(w, w.linear, "99.9", "-0.0001", stamp + Nanos::seconds(20)));
    w.venue->advance(stamp + Nanos::seconds(20));
    const auto next = cash_of(*w.venue);
    ASSERT_EQ(next.size(), 1u);
    EXPECT_EQ(next[0].amount, World::amount("0.01998"));  // negative rate: longs receive
    EXPECT_NE(next[0].venue_id, cash[0].venue_id);
    EXPECT_EQ(w.venue->counters().fundings, 2u);
}

TEST(PaperVenue, FundingOfInverseContractsIsInCoinsRoundedAgainstUs) {
    Funded w;
    w.run(w.order(w.inverse, Side::Sell, "99.9", "10"));
    const UnixNanos stamp = w.now + Nanos::seconds(1);
    w.venue->on(mark_of(w, w.inverse, "30", "-0.0001", stamp));  // shorts pay
    w.venue->advance(stamp);
    const auto paid = cash_of(*w.venue);
    ASSERT_EQ(paid.size(), 1u);
    EXPECT_EQ(paid[0].asset, w.btc);
    const Amount up = w.universe.base_value(w.inverse, w.price(w.inverse, "30"),
                                            w.quantity(w.inverse, "10"), Rounding::Up);
    EXPECT_EQ(paid[0].amount, -apply(*Rate::parse("0.0001"), up, Rounding::Up));
    w.now = stamp;
    w.venue->on(mark_of(w, w.inverse, "30", "0.0001", stamp + Nanos::seconds(1)));
    w.venue->advance(stamp + Nanos::seconds(1));
    const auto got = cash_of(*w.venue);
    ASSERT_EQ(got.size(), 1u);
    EXPECT_LT(got[0].amount, -paid[0].amount);  // an uneven third: down here, up there
}

TEST(PaperVenue, WhoOpensAfterTheStampPaysNothingForIt) {
    Funded w;
    const UnixNanos stamp = w.now + Nanos::millis(1);
    w.venue->on(mark_of(w, w.linear, "100", "0.01", stamp));
    EXPECT_EQ(w.venue->next_due(), PaperVenue::kNever);  // nobody has a position
    w.run(w.order(w.linear, Side::Buy, "100.1", "2"));   // arrives 5 ms later
    w.venue->advance(w.now + Nanos::seconds(5));
    EXPECT_TRUE(cash_of(*w.venue).empty());
    EXPECT_FALSE(w.venue->position(w.linear).quantity.is_zero());
}

TEST(Liquidation, ClosesThePositionAtTheMarkWhenTheMaintenanceMarginIsGone) {
    Funded w;
    w.run(w.order(w.linear, Side::Buy, "100.1", "3"));  // 1 at 100, 2 at 100.1
    w.venue->deposit(World::kUsdm, w.usdt, World::amount("-899"));
    const Amount before = w.venue->balance(World::kUsdm, w.usdt);
    w.venue->on(mark_of(w, w.linear, "68", "0", {}));
    EXPECT_TRUE(w.drain().empty());
    w.venue->on(mark_of(w, w.linear, "60", "0", {}));
    const auto events = w.drain();
    ASSERT_EQ(kinds(events), (std::vector{K::Filled}));
    EXPECT_GE(events[0].id.plan().raw(), PaperVenue::kFirstLiquidation);
    EXPECT_EQ(events[0].side, Side::Sell);
    EXPECT_EQ(events[0].price, w.price(w.linear, "60"));
    EXPECT_EQ(events[0].quantity, w.quantity(w.linear, "3"));
    EXPECT_EQ(events[0].fee, World::amount("0.9"));  // 50 bp of 180
    EXPECT_EQ(w.venue->position(w.linear).quantity, Quantity{});
    EXPECT_EQ(w.venue->position(w.linear).margin, Amount{});
    EXPECT_EQ(w.venue->balance(World::kUsdm, w.usdt),
              before - World::amount("120.2") - World::amount("0.9"));
    EXPECT_EQ(w.venue->counters().liquidations, 1U);
    w.venue->on(mark_of(w, w.linear, "10", "0", {}));
    EXPECT_TRUE(w.drain().empty());
}

TEST(Liquidation, OfInverseShortsIsInCoins) {
    Funded w;
    w.run(w.order(w.inverse, Side::Sell, "99.9", "900"));
    w.venue->deposit(World::kCoinm, w.btc, World::amount("-6.5"));
    w.venue->on(mark_of(w, w.inverse, "120", "0", {}));
    EXPECT_TRUE(w.drain().empty());
    w.venue->on(mark_of(w, w.inverse, "200", "0", {}));
    const auto events = w.drain();
    ASSERT_EQ(kinds(events), (std::vector{K::Filled}));
    EXPECT_EQ(events[0].side, Side::Buy);
    EXPECT_EQ(events[0].fee_asset, w.btc);
    EXPECT_EQ(events[0].fee, World::amount("0.0225"));  // 50 bp of 900 / 200
}

TEST(Liquidation, EndsTheOrdersOfTheWalletFirst) {
    Funded w;
    const OrderRequest rest = w.order(w.linear, Side::Buy, "90", "1", TimeInForce::Gtc);
    w.run(rest);
    w.run(w.order(w.linear, Side::Buy, "100.1", "3"));
    w.venue->deposit(World::kUsdm, w.usdt, World::amount("-860"));
    w.venue->on(mark_of(w, w.linear, "50", "0", {}));
    const auto events = w.drain();
    ASSERT_EQ(kinds(events), (std::vector{K::Done, K::Filled}));
    EXPECT_EQ(events[0].id, rest.id);
    EXPECT_EQ(events[0].reason.code, ReasonCode::InsufficientBalance);
    EXPECT_EQ(w.venue->accounts().balance(World::kUsdm, w.usdt).held, Amount{});
}

TEST(PaperVenue, NumbersItsReportsLikeTheChangesTheyContain) {
    Funded w;
    const auto events = w.run(w.order(w.spot, Side::Buy, "100.01", "2"));
    std::uint64_t last = 0;
    for (const OrderEvent& event : events) {
        if (event.kind != K::Filled) continue;
        EXPECT_GT(event.account_update, last);
        last = event.account_update;
    }
    for (const messages::BalanceReport& report : w.venue->balance_reports()) {
        if (report.wallet != World::kSpotMarket) continue;
        EXPECT_EQ(report.account_update, last);
    }
}

}  // namespace
}  // namespace parallax::paper
