#include "adapters/venues/paper/paper_venue.hpp"

#include "adapters/venues/paper/filters.hpp"
#include "adapters/venues/paper/test_support.hpp"
#include "core/archive.hpp"
#include "messages/risk.hpp"

namespace parallax::paper {
namespace {

using namespace testing;
using K = OrderEventKind;

TEST(PaperVenue, OrderArrivesAfterOrderAndFeedLatencyAndTheAnswerNotBefore) {
    Funded w;
    const OrderRequest request = w.order(w.spot, Side::Buy, "100", "1");
    const UnixNanos decided = w.now;
    ASSERT_TRUE(w.venue->submit({&request, 1}));
    EXPECT_EQ(w.venue->next_due(), decided + Nanos::millis(5));  // order 3 + feed 2
    w.venue->advance(decided + Nanos::millis(5) - Nanos{1});
    EXPECT_EQ(w.venue->counters().placed, 0U);
    w.venue->advance(decided + Nanos::millis(5));
    EXPECT_EQ(w.venue->counters().placed, 1U);
    EXPECT_TRUE(w.poll().empty());
    const auto events = w.drain();
    ASSERT_EQ(kinds(events), (std::vector{K::Accepted, K::Filled, K::Done}));
    for (const OrderEvent& event : events) {
        EXPECT_EQ(event.received, decided + Nanos::millis(7));    // order 3 + response 4
        EXPECT_EQ(event.venue_time, decided + Nanos::millis(3));  // order 3
    }
}

TEST(PaperVenue, AnswerIsNeverBeforeTheArrivalItDependsOn) {
    Config config = quiet_config();
    config.latency[0].feed = {Nanos::millis(50), Nanos::millis(50)};
    Funded w{config};
    const UnixNanos decided = w.now;
    const auto events = w.run(w.order(w.spot, Side::Buy, "100", "1"));
    EXPECT_EQ(events.front().received, decided + Nanos::millis(53));
}

TEST(PaperVenue, MeetsTheBookAsItIsAtArrival) {
    Funded w;
    const OrderRequest request = w.order(w.spot, Side::Buy, "100", "1");
    ASSERT_TRUE(w.venue->submit({&request, 1}));
    w.venue->advance(w.now + Nanos::millis(4));
    w.set_book(w.spot, {{"100.01", "1"}}, {{"100.02", "1"}});
    const auto events = w.drain();
    ASSERT_EQ(kinds(events), (std::vector{K::Accepted, K::Done}));
    EXPECT_EQ(events.back().reason.code, ReasonCode::LostRace);
    EXPECT_EQ(events.back().reason.limit, request.quantity.raw());
}

TEST(PaperVenue, WalksLevelsWithinTheLimitOneFillEach) {
    Funded w;
    const auto events = w.run(w.order(w.spot, Side::Buy, "100.02", "4"));
    ASSERT_EQ(kinds(events), (std::vector{K::Accepted, K::Filled, K::Filled, K::Done}));
    EXPECT_EQ(events[1].price, w.price(w.spot, "100"));
    EXPECT_EQ(events[1].quantity, w.quantity(w.spot, "1"));
    EXPECT_EQ(events[2].price, w.price(w.spot, "100.01"));
    EXPECT_EQ(events[2].quantity, w.quantity(w.spot, "2"));
    EXPECT_EQ(events[2].cumulative, w.quantity(w.spot, "3"));
    EXPECT_NE(events[1].trade_id, events[2].trade_id);
    EXPECT_FALSE(events[2].maker);
    EXPECT_EQ(events[3].reason.code, ReasonCode::LostRace);
    EXPECT_EQ(events[3].cumulative, w.quantity(w.spot, "3"));
}

TEST(PaperVenue, ChargesTheFeeOnWhatTheFillBringsIn) {
    Funded w;
    const auto buy = w.run(w.order(w.spot, Side::Buy, "100", "1"));
    EXPECT_EQ(buy[1].fee, World::amount("0.001"));
    EXPECT_EQ(buy[1].fee_asset, w.btc);
    EXPECT_EQ(w.venue->balance(World::kSpotMarket, w.usdt), World::amount("9900"));
    EXPECT_EQ(w.venue->balance(World::kSpotMarket, w.btc), World::amount("10.999"));
    const auto sell = w.run(w.order(w.spot, Side::Sell, "99.99", "1"));
    EXPECT_EQ(sell[1].fee, World::amount("0.09999"));
    EXPECT_EQ(sell[1].fee_asset, w.usdt);
    EXPECT_EQ(w.venue->balance(World::kSpotMarket, w.usdt), World::amount("9999.89001"));
    EXPECT_EQ(w.venue->balance(World::kSpotMarket, w.btc), World::amount("9.999"));
}

TEST(PaperVenue, TakesQuoteFeesFromTheQuote) {
    World w;
    w.set_fees(World::kSpotMarket, true, {Rate{}, Rate::basis_points(10), FeeAsset::Quote});
    w.venue->deposit(World::kSpotMarket, w.usdt, World::amount("100"));
    EXPECT_EQ(w.run(w.order(w.spot, Side::Buy, "100", "1")).front().reason.code,
              ReasonCode::InsufficientBalance);
    w.venue->deposit(World::kSpotMarket, w.usdt, World::amount("0.1"));
    EXPECT_EQ(w.run(w.order(w.spot, Side::Buy, "100", "1")).back().reason, messages::Reason{});
    EXPECT_EQ(w.venue->balance(World::kSpotMarket, w.usdt), Amount{});
    EXPECT_EQ(w.venue->balance(World::kSpotMarket, w.btc), Amount::units(1));
}

TEST(PaperVenue, PaysFeesInTheOtherAssetUntilItRunsOut) {
    World w;
    w.set_fees(World::kSpotMarket, true, {Rate{}, Rate::basis_points(10), FeeAsset::Other});
    w.venue->deposit(World::kSpotMarket, w.usdt, World::amount("1000"));
    w.venue->deposit(World::kSpotMarket, w.bnb, World::amount("0.0003"));
    const auto first = w.run(w.order(w.spot, Side::Buy, "100", "1"));
    EXPECT_EQ(first[1].fee_asset, w.bnb);
    EXPECT_EQ(first[1].fee, World::amount("0.0002"));  // 0.1 USDT at a bid of 500
    EXPECT_EQ(w.venue->balance(World::kSpotMarket, w.btc), Amount::units(1));
    w.now = w.now + Nanos::seconds(60);
    w.venue->advance(w.now);
    const auto second = w.run(w.order(w.spot, Side::Buy, "100", "1"));
    EXPECT_EQ(second[1].fee_asset, w.btc);
    EXPECT_EQ(second[1].fee, World::amount("0.001"));
    EXPECT_EQ(w.venue->balance(World::kSpotMarket, w.bnb), World::amount("0.0001"));
}

TEST(PaperVenue, DoesNotHitALevelTwiceBeforeItRefills) {
    Funded w;
    EXPECT_EQ(w.run(w.order(w.spot, Side::Buy, "100", "1")).size(), 3U);
    EXPECT_EQ(kinds(w.run(w.order(w.spot, Side::Buy, "100", "1")))[1],
              K::Filled);  // a crumb has come back
    const auto again = w.run(w.order(w.spot, Side::Buy, "100", "1"));
    EXPECT_LT(again.back().cumulative, w.quantity(w.spot, "0.1"));
    // Half comes back in one half-life.
    w.now = w.now + quiet_config().refill_half_life;
    w.venue->advance(w.now);
    const auto half = w.run(w.order(w.spot, Side::Buy, "100", "1"));
    EXPECT_GE(half.back().cumulative, w.quantity(w.spot, "0.5"));
    EXPECT_LT(half.back().cumulative, w.quantity(w.spot, "0.52"));
    // And all of it at once when the venue shows another quantity.
    w.set_book(w.spot, {{"99.99", "1"}}, {{"100", "1.5"}});
    EXPECT_EQ(w.run(w.order(w.spot, Side::Buy, "100", "1.5")).back().reason, messages::Reason{});
}

TEST(PaperVenue, FillsAllOrKills) {
    Funded w;
    const auto killed = w.run(w.order(w.spot, Side::Buy, "100.01", "3.001", TimeInForce::Fok));
    ASSERT_EQ(kinds(killed), (std::vector{K::Accepted, K::Done}));
    EXPECT_EQ(killed.back().reason,
              (messages::Reason{ReasonCode::LostRace, w.quantity(w.spot, "3").raw(),
                                w.quantity(w.spot, "3.001").raw()}));
    const auto filled = w.run(w.order(w.spot, Side::Buy, "100.01", "3", TimeInForce::Fok));
    EXPECT_EQ(kinds(filled), (std::vector{K::Accepted, K::Filled, K::Filled, K::Done}));
}

TEST(PaperVenue, RefusesPostOnlyThatCrosses) {
    Funded w;
    const auto crossing = w.run(w.order(w.spot, Side::Buy, "100", "1", TimeInForce::PostOnly));
    ASSERT_EQ(kinds(crossing), (std::vector{K::Rejected}));
    EXPECT_EQ(crossing[0].reason.code, ReasonCode::LostRace);
    const auto resting = w.run(w.order(w.spot, Side::Buy, "99.99", "1", TimeInForce::PostOnly));
    EXPECT_EQ(kinds(resting), (std::vector{K::Accepted}));
}

TEST(PaperVenue, RestingOrderWaitsBehindItsQueueAndFillsAsMaker) {
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

TEST(PaperVenue, RestingOrdersShareOneTrade) {
    Funded w;
    w.set_book(w.spot, {{"99.98", "1"}}, {{"100", "1"}});
    w.run(w.order(w.spot, Side::Buy, "99.99", "1", TimeInForce::Gtc));
    w.run(w.order(w.spot, Side::Buy, "99.99", "1", TimeInForce::Gtc));
    Quantity filled;
    for (const OrderEvent& event : w.trade(w.spot, "99.99", "1.25", Side::Sell))
        filled += event.quantity;
    EXPECT_EQ(filled, w.quantity(w.spot, "1.25"));
}

TEST(PaperVenue, RestingOrderFillsWhenTheBookTradesThrough) {
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

TEST(PaperVenue, PassiveFillsAreNoOlderThanTheBookThatCausedThem) {
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

TEST(PaperVenue, CancelsRestingOrdersAndGivesBackTheHold) {
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

TEST(PaperVenue, CrossingGoodTillCancelTakesFirstAndRestsTheRemainder) {
    Funded w;
    const auto events = w.run(w.order(w.spot, Side::Buy, "100", "1.5", TimeInForce::Gtc));
    EXPECT_EQ(kinds(events), (std::vector{K::Accepted, K::Filled}));
    EXPECT_EQ(w.venue->accounts().balance(World::kSpotMarket, w.usdt).held, World::amount("50"));
}

struct Refusal {
    const char* price;
    const char* quantity;
    messages::Reason reason;
};
messages::Reason instrument_rule(Filter filter) {
    return {ReasonCode::RiskLimit, static_cast<std::int64_t>(messages::RiskCheck::Instrument),
            static_cast<std::int64_t>(filter)};
}

TEST(PaperVenue, RefusesWhatTheVenuesFiltersRefuse) {
    Funded w;
    // A finer scale than the instrument's own rules, so that the rules can be broken.
    auto finer =
        define(Market::Okx, InstrumentKind::Spot, "BTC-USDT", "BTC", "USDT", "0.001", "0.0001");
    const auto listed = w.universe.list(finer);
    ASSERT_TRUE(listed && listed->rescaled);
    w.books.add(book::GapPolicy::SnapshotOnly);
    w.set_book(w.spot, {{"99.99", "1"}}, {{"100", "1"}});
    const Refusal cases[] = {
        {"100.005", "1", instrument_rule(Filter::Tick)},
        {"110", "1", instrument_rule(Filter::PriceBand)},
        {"90", "1", instrument_rule(Filter::PriceBand)},
        {"0", "1", instrument_rule(Filter::Price)},
        {"100", "0.0001", instrument_rule(Filter::QuantityRange)},
        {"100", "101", instrument_rule(Filter::QuantityRange)},
        {"100", "1.0005", {ReasonCode::LotRounding, 10'005, 10}},
        {"100", "0.049", {ReasonCode::BelowMinNotional, 4'900'000'000, 5'000'000'000}},
    };
    for (const Refusal& c : cases) {
        const auto events = w.run(w.order(w.spot, Side::Buy, c.price, c.quantity));
        ASSERT_EQ(kinds(events), (std::vector{K::Rejected})) << c.price << ' ' << c.quantity;
        EXPECT_EQ(events[0].reason, c.reason) << c.price << ' ' << c.quantity;
    }
    for (int i = 0; i < 3; ++i) w.run(w.order(w.spot, Side::Buy, "99", "1", TimeInForce::Gtc));
    EXPECT_EQ(w.run(w.order(w.spot, Side::Buy, "99", "1", TimeInForce::Gtc))[0].reason,
              instrument_rule(Filter::OpenOrders));
}

TEST(PaperVenue, RefusesWithoutBalanceBookOrTrading) {
    World w;
    w.venue->deposit(World::kSpotMarket, w.usdt, World::amount("99.99"));
    EXPECT_EQ(w.run(w.order(w.spot, Side::Buy, "100", "1"))[0].reason,
              (messages::Reason{ReasonCode::InsufficientBalance, 99'990'000'000, 100'000'000'000}));
    EXPECT_EQ(w.run(w.order(w.spot, Side::Sell, "99", "1"))[0].reason.code,
              ReasonCode::InsufficientBalance);
    w.books.at(w.spot).reset();
    EXPECT_EQ(w.run(w.order(w.spot, Side::Buy, "99", "1"))[0].reason.code, ReasonCode::BookStale);
    auto halted = w.universe.definition(w.spot);
    halted.status = InstrumentStatus::Halted;
    ASSERT_TRUE(w.universe.list(halted));
    EXPECT_EQ(w.run(w.order(w.spot, Side::Buy, "99", "1"))[0].reason.code, ReasonCode::VenueDown);
}

TEST(PaperVenue, LinearPositionHoldsMarginAndRealisesProfit) {
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

TEST(PaperVenue, InversePositionSettlesInBaseRoundedAgainstUs) {
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

TEST(PaperVenue, DerivativesNeedMarginButClosingDoesNot) {
    World w;
    w.venue->deposit(World::kUsdm, w.usdt, World::amount("34"));
    EXPECT_EQ(w.run(w.order(w.linear, Side::Buy, "100.1", "2"))[0].reason.code,
              ReasonCode::InsufficientBalance);
    EXPECT_EQ(w.run(w.order(w.linear, Side::Buy, "100", "1")).back().reason, messages::Reason{});
    EXPECT_EQ(w.run(w.order(w.linear, Side::Sell, "99.9", "1")).back().reason, messages::Reason{});
    EXPECT_EQ(w.venue->position(w.linear).quantity, Quantity{});
}

TEST(PaperVenue, ReduceOnlyNeverOpens) {
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

TEST(PaperVenue, TimedOutOrderIsUnknownUntilQueried) {
    Config config = quiet_config();
    config.timeout_accepted_probability = 1;
    Funded w{config};
    const OrderRequest request = w.order(w.spot, Side::Buy, "100", "1");
    const UnixNanos decided = w.now;
    const auto events = w.run(request);
    ASSERT_EQ(kinds(events), (std::vector{K::Unknown}));
    EXPECT_EQ(events[0].received, decided + config.answer_timeout);
    EXPECT_EQ(w.venue->balance(World::kSpotMarket, w.btc), World::amount("10.999"));
    EXPECT_FALSE(w.venue->quiet());
    const auto told = w.run(World::with_action(request, OrderAction::Query, w.now));
    ASSERT_EQ(kinds(told), (std::vector{K::Accepted, K::Filled, K::Done}));
    EXPECT_GT(told[0].received, decided + config.answer_timeout);
    EXPECT_LT(told[0].venue_time, decided + config.answer_timeout);
    EXPECT_TRUE(w.venue->quiet());
    // Asked again, the same trade id comes again: the receiver must see that it has it.
    EXPECT_EQ(w.run(World::with_action(request, OrderAction::Query, w.now))[1].trade_id,
              told[1].trade_id);
}

TEST(PaperVenue, LostOrderIsNotFound) {
    Config config = quiet_config();
    config.timeout_lost_probability = 1;
    Funded w{config};
    const OrderRequest request = w.order(w.spot, Side::Buy, "100", "1");
    EXPECT_EQ(kinds(w.run(request)), (std::vector{K::Unknown}));
    EXPECT_EQ(w.venue->balance(World::kSpotMarket, w.btc), World::amount("10"));
    const auto told = w.run(World::with_action(request, OrderAction::Query, w.now));
    ASSERT_EQ(kinds(told), (std::vector{K::NotFound}));
    EXPECT_EQ(told[0].id, request.id);
}

TEST(PaperVenue, FaultsRejectDuplicateDelayAndReorder) {
    Config config = quiet_config();
    config.reject_probability = 1;
    Funded refused{config};
    EXPECT_EQ(refused.run(refused.order(refused.spot, Side::Buy, "100", "1"))[0].reason.code,
              ReasonCode::VenueDown);

    config = quiet_config();
    config.duplicate_probability = 1;
    Funded doubled{config};
    EXPECT_EQ(doubled.run(doubled.order(doubled.spot, Side::Buy, "100", "1")).size(), 6U);

    config = quiet_config();
    config.late_fill_probability = 1;
    Funded late{config};
    const auto events = late.run(late.order(late.spot, Side::Buy, "100", "1"));
    EXPECT_EQ(kinds(events), (std::vector{K::Accepted, K::Done, K::Filled}));

    config = quiet_config();
    config.reorder_probability = 0.5;
    bool disordered = false;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Funded w{config, seed};
        const auto told = kinds(w.run(w.order(w.spot, Side::Buy, "100.01", "3")));
        disordered |= told != std::vector{K::Accepted, K::Filled, K::Filled, K::Done};
    }
    EXPECT_TRUE(disordered);
}

TEST(PaperVenue, RefusesAClientIdItHasSeen) {
    Funded w;
    const OrderRequest request = w.order(w.spot, Side::Buy, "99", "1", TimeInForce::Gtc);
    w.run(request);
    const auto again = w.run(request);
    ASSERT_EQ(kinds(again), (std::vector{K::Rejected}));
    EXPECT_EQ(again[0].reason.code, ReasonCode::Duplicate);
    EXPECT_EQ(kinds(w.run(World::with_action(request, OrderAction::Query, w.now))),
              (std::vector{K::Accepted}));
}

TEST(PaperVenue, CompetitorTakesFirst) {
    Config config = quiet_config();
    config.competitor_probability = 1;
    config.competitor_size = 1;
    Funded w{config};
    const auto events = w.run(w.order(w.spot, Side::Buy, "100", "1"));
    EXPECT_LT(events.back().cumulative, w.quantity(w.spot, "1"));
    EXPECT_EQ(w.venue->counters().competed, 1U);
}

TEST(PaperVenue, ForgetsFinishedOrdersAfterAWhile) {
    Funded w;
    const OrderRequest request = w.order(w.spot, Side::Buy, "100", "1");
    w.run(request);
    w.now = w.now + quiet_config().order_memory + Nanos::seconds(1);
    w.venue->advance(w.now);
    EXPECT_EQ(kinds(w.run(World::with_action(request, OrderAction::Query, w.now))),
              (std::vector{K::NotFound}));
}

TEST(PaperVenue, RefusesToQueueWithoutBound) {
    Config config = quiet_config();
    config.max_in_flight = 1;
    Funded w{config};
    const OrderRequest two[] = {w.order(w.spot, Side::Buy, "99", "1"),
                                w.order(w.spot, Side::Buy, "99", "1")};
    const auto refused = w.venue->submit(two);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::BackPressured);
    EXPECT_EQ(w.venue->next_due(), PaperVenue::kNever);
}

TEST(PaperVenue, FollowsAFinerScale) {
    Funded w;
    const OrderRequest bid = w.order(w.spot, Side::Buy, "99.99", "1", TimeInForce::Gtc);
    w.run(bid);
    const auto change = w.universe.refine(w.spot, 4, 5);
    ASSERT_TRUE(change && *change);
    w.books.at(w.spot).rescale(pow10((*change)->price_digits), pow10((*change)->quantity_digits));
    w.venue->rescale(**change);
    const auto events = w.trade(w.spot, "99.98", "5", Side::Sell);
    ASSERT_EQ(kinds(events), (std::vector{K::Filled, K::Done}));
    EXPECT_EQ(events[0].price, w.price(w.spot, "99.99"));
    EXPECT_EQ(events[0].quantity, w.quantity(w.spot, "1"));
    EXPECT_EQ(w.venue->balance(World::kSpotMarket, w.usdt), World::amount("9900.01"));
}

TEST(PaperVenue, ReportsEveryWalletItTouched) {
    Funded w;
    const auto reports = w.venue->balance_reports();
    ASSERT_EQ(reports.size(), 4U);
    EXPECT_EQ(reports[0].wallet, World::kSpotMarket);
    EXPECT_EQ(reports[0].asset, w.btc);
    EXPECT_EQ(reports[0].total, Amount::units(10));
}

TEST(PaperVenue, StateSurvivesARoundTrip) {
    Config config = quiet_config();
    config.duplicate_probability = 0.3;
    config.timeout_accepted_probability = 0.3;
    Funded w{config};
    w.run(w.order(w.spot, Side::Buy, "99.9", "1", TimeInForce::Gtc));
    w.run(w.order(w.spot, Side::Buy, "100.01", "2"));
    w.run(w.order(w.linear, Side::Buy, "100.1", "2"));
    const OrderRequest pending = w.order(w.spot, Side::Sell, "99.98", "2");
    ASSERT_TRUE(w.venue->submit({&pending, 1}));
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(*w.venue);
    PaperVenue fresh{w.universe, w.books, *FeeSchedule::named("base"), config, 99};
    StateReader reader{bytes};
    reader(fresh);
    EXPECT_TRUE(reader.finished());
    EXPECT_EQ(state_hash(fresh), state_hash(*w.venue));
    const UnixNanos later = w.now + Nanos::seconds(5);
    fresh.advance(later);
    w.venue->advance(later);
    EXPECT_EQ(state_hash(fresh), state_hash(*w.venue));
    EXPECT_EQ(fresh.balance(World::kSpotMarket, w.btc),
              w.venue->balance(World::kSpotMarket, w.btc));
}

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

TEST(LatencyModel, HasTheQuantilesItWasGiven) {
    const LatencyModel model{{Nanos::micros(2'000), Nanos::micros(9'000)}};
    runtime::Random random{3};
    std::vector<std::int64_t> draws(100'000);
    for (auto& draw : draws) draw = model.draw(random).count();
    std::sort(draws.begin(), draws.end());
    EXPECT_NEAR(static_cast<double>(draws[50'000]), 2e6, 5e4);
    EXPECT_NEAR(static_cast<double>(draws[99'000]), 9e6, 3e5);
    EXPECT_GT(draws[0], 700'000);
    EXPECT_NEAR(portable_log(0.001), -6.907755278982137, 1e-12);
    EXPECT_NEAR(portable_log(12345.678), 9.421061321291832, 1e-12);
}

}  // namespace
}  // namespace parallax::paper
