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

struct Refusal {
    const char* price;
    const char* quantity;
    messages::Reason reason;
};

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

}  // namespace
}  // namespace parallax::paper
