// What closes the gate, each with its scope, its code and the way it opens again.
#include <gtest/gtest.h>

#include "services/risk/fixture.hpp"

namespace parallax::risk {
namespace {

using messages::Bucket;
using messages::EntryKind;
using messages::OrderEventKind;
using messages::PlanOutcome;
using messages::PlanState;
using messages::ReasonCode;
using messages::RiskCheck;
using messages::Scope;
using messages::ScopeKind;
using messages::TradingState;

class Breakers : public ::testing::Test, protected fixture::World {
protected:
    /// A plan of two legs of 100 settles.
    void settle(std::uint64_t plan, std::int64_t first, std::int64_t second,
                PlanOutcome outcome = PlanOutcome::Legged) {
        messages::PlanUpdate update;
        update.plan = PlanId{plan};
        update.kind = messages::OpportunityKind::SpotPerp;
        update.state = PlanState::Settled;
        update.outcome = outcome;
        update.time = now;
        update.leg_count = 2;
        update.legs[0].instrument = binance;
        update.legs[1].instrument = perp;
        update.legs[0].planned = update.legs[1].planned = Quantity::from_raw(100);
        update.legs[0].filled = Quantity::from_raw(first);
        update.legs[1].filled = Quantity::from_raw(second);
        gate->on(update);
    }
    void fill_one(Side side, std::int64_t price,
                  messages::Purpose purpose = messages::Purpose::Entry) {
        const auto one = order(binance, side, price, 100, purpose);
        ASSERT_TRUE(ask({one}).approved());
        gate->on(fill(one, 100, 100, one.id.raw()));
    }
    static constexpr Scope kSpotPerp{ScopeKind::Strategy, 3};
};

// ---- states

TEST_F(Breakers, OnlyACommandEndsAKill) {
    gate->on(messages::SetTradingState{{}, TradingState::Killed, now});
    for (int i = 0; i < 10; ++i) tick(Nanos::seconds(3'600));
    EXPECT_EQ(global(), TradingState::Killed);
    gate->on(messages::SetTradingState{{}, TradingState::Active, now});
    EXPECT_EQ(global(), TradingState::Active);
    ASSERT_EQ(gate->state_changes().size(), 2u);
    EXPECT_EQ(gate->state_changes()[1].from, TradingState::Killed);
}
/// What a person or a breaker set must not be lifted because a private stream came back.
TEST_F(Breakers, AnAccountThatIsNotGoodHaltsItsVenueAndLiftsNothingElse) {
    const Scope venue{ScopeKind::Venue, static_cast<std::uint32_t>(Venue::Binance)};
    const auto now_is = [&] { return gate->state(venue); };
    gate->on(messages::AccountStatus{Market::BinanceUsdm, false, now, "no stream"});
    EXPECT_EQ(now_is(), TradingState::Halted);
    gate->on(messages::SetTradingState{venue, TradingState::Active, now});
    EXPECT_EQ(now_is(), TradingState::Halted) << "a condition ends with what it sees";
    gate->on(messages::AccountStatus{Market::BinanceSpot, true, now, ""});
    EXPECT_EQ(now_is(), TradingState::Active);
    gate->on(messages::SetTradingState{venue, TradingState::Halted, now});
    gate->on(messages::AccountStatus{Market::BinanceSpot, false, now, "no stream"});
    gate->on(messages::AccountStatus{Market::BinanceSpot, true, now, ""});
    EXPECT_EQ(now_is(), TradingState::Halted) << "a person has not looked";
}
TEST_F(Breakers, ATradesLossReducesItsStrategyForAWhile) {
    messages::PlanUpdate settled;
    settled.plan = PlanId{9};
    settled.kind = messages::OpportunityKind::Triangle;
    settled.state = messages::PlanState::Settled;
    gate->on(settled);
    attribute(-250, 0, 9);
    const Scope triangle{ScopeKind::Strategy, 1};
    EXPECT_EQ(gate->state(triangle), TradingState::Reducing);
    EXPECT_EQ(global(), TradingState::Active);
    EXPECT_EQ(gate->state_changes()[0].reason.limit,
              static_cast<std::int64_t>(ProfitCode::LossTrade));
    tick(Nanos::seconds(59));
    EXPECT_EQ(gate->state(triangle), TradingState::Reducing);
    tick(Nanos::seconds(1));
    EXPECT_EQ(gate->state(triangle), TradingState::Active);
}
TEST_F(Breakers, TheLadderClimbs) {
    config.max_loss_trade = Amount{};  // off
    start();
    attribute(-499);
    EXPECT_EQ(global(), TradingState::Active);
    attribute(-1);
    EXPECT_EQ(global(), TradingState::Reducing);
    tick(Nanos::seconds(61));
    EXPECT_EQ(global(), TradingState::Active);
    attribute(-499);
    tick(Nanos::seconds(61));
    attribute(-501);  // 1,500 within the hour
    EXPECT_EQ(global(), TradingState::Halted);
    EXPECT_EQ(gate->state_changes().back().reason.limit,
              static_cast<std::int64_t>(ProfitCode::LossHour));
    tick(Nanos::seconds(7'200));
    EXPECT_EQ(global(), TradingState::Halted) << "a halt waits for a person";
    gate->on(messages::SetTradingState{{}, TradingState::Active, now});
    attribute(-10'000);
    EXPECT_EQ(global(), TradingState::Killed);
}
TEST_F(Breakers, ADaysLossHalts) {
    config.max_loss_trade = config.max_loss_minute = config.max_loss_hour = Amount{};
    start();
    for (int hour = 0; hour < 10; ++hour) {
        EXPECT_EQ(global(), TradingState::Active) << hour;
        attribute(-500);
        tick(Nanos::seconds(3'600));
    }
    EXPECT_EQ(global(), TradingState::Halted);
    EXPECT_EQ(gate->state_changes().back().reason.limit,
              static_cast<std::int64_t>(ProfitCode::LossDay));
}
TEST_F(Breakers, LeggingLossHalts) {
    attribute(0, -999);
    EXPECT_EQ(global(), TradingState::Active);
    attribute(0, -1);
    EXPECT_EQ(global(), TradingState::Halted);
}
TEST_F(Breakers, RejectsReduceTheirVenue) {
    for (int i = 0; i < 10; ++i) {
        const auto order = this->order(binance, Side::Buy);
        ASSERT_TRUE(ask({order}).approved()) << i;
        gate->on(event(order, i % 2 == 0 ? OrderEventKind::Done : OrderEventKind::Rejected));
    }
    EXPECT_EQ(venue(Venue::Binance), TradingState::Reducing);
    EXPECT_EQ(venue(Venue::Okx), TradingState::Active);
    tick(Nanos::seconds(60));
    EXPECT_EQ(venue(Venue::Binance), TradingState::Active);
}
TEST_F(Breakers, AnUnansweredOrderReducesItsVenueUntilItIsResolved) {
    const auto order = this->order(okx, Side::Buy);
    ASSERT_TRUE(ask({order}).approved());
    gate->on(event(order, OrderEventKind::Unknown));
    tick(Nanos::seconds(2));
    EXPECT_EQ(venue(Venue::Okx), TradingState::Active);
    tick(Nanos::millis(1));
    EXPECT_EQ(venue(Venue::Okx), TradingState::Reducing);
    gate->on(messages::SetTradingState{{ScopeKind::Venue, 1}, TradingState::Active, now});
    EXPECT_EQ(venue(Venue::Okx), TradingState::Reducing)
        << "a live condition is not commanded away";
    gate->on(event(order, OrderEventKind::NotFound));
    tick(Nanos::millis(1));
    EXPECT_EQ(venue(Venue::Okx), TradingState::Active);
    EXPECT_TRUE(btc().open_long().is_zero());
}
TEST_F(Breakers, AFeedThatIsDownReducesItsVenue) {
    gate->on(messages::FeedStatus{Market::BybitLinear, now, false});
    EXPECT_EQ(venue(Venue::Bybit), TradingState::Reducing);
    EXPECT_EQ(gate->state_changes()[0].reason.code, ReasonCode::VenueDown);
    gate->on(messages::FeedStatus{Market::BybitSpot, now, true});
    EXPECT_EQ(venue(Venue::Bybit), TradingState::Reducing);
    gate->on(messages::FeedStatus{Market::BybitLinear, now, true});
    EXPECT_EQ(venue(Venue::Bybit), TradingState::Active);
}

// ---- reconciliation

TEST_F(Breakers, AnUnexplainedDifferenceHaltsItsVenueUntilAPersonHasLooked) {
    const AssetId usdt = *universe.find_asset("USDT");
    book(EntryKind::Deposit, usdt, Bucket::External, Bucket::Available, 5);
    EXPECT_EQ(venue(Venue::Binance), TradingState::Active);
    book(EntryKind::Unexplained, usdt, Bucket::Available, Bucket::Suspense, 1);
    EXPECT_EQ(venue(Venue::Binance), TradingState::Halted);
    EXPECT_EQ(venue(Venue::Okx), TradingState::Active);
    EXPECT_EQ(cause(), ProfitCode::Reconciliation);
    tick(Nanos::seconds(86'400));
    EXPECT_EQ(venue(Venue::Binance), TradingState::Halted);
    command({ScopeKind::Venue, 0}, TradingState::Active);
    EXPECT_EQ(venue(Venue::Binance), TradingState::Active);
    book(EntryKind::Correction, usdt, Bucket::Suspense, Bucket::Available, 1);
    EXPECT_EQ(venue(Venue::Binance), TradingState::Active) << "a person's correction explains it";
}
TEST_F(Breakers, SmallDifferencesAddUp) {
    config.max_unreconciled = Amount::units(10);
    start();
    const AssetId usdt = *universe.find_asset("USDT");
    book(EntryKind::Unexplained, usdt, Bucket::Suspense, Bucket::Available, 6);
    EXPECT_EQ(venue(Venue::Binance), TradingState::Active);
    book(EntryKind::Unexplained, usdt, Bucket::Available, Bucket::Suspense, 6);
    EXPECT_EQ(venue(Venue::Binance), TradingState::Halted) << "in and out are two differences";
    start();
    book(EntryKind::Unexplained, *universe.find_asset("ETH"), Bucket::Suspense, Bucket::Available,
         1);
    EXPECT_EQ(venue(Venue::Binance), TradingState::Halted) << "of an asset without a price";
}

// ---- fill ratio

TEST_F(Breakers, ACollapseOfTheFillRatioReducesItsStrategy) {
    for (std::uint64_t i = 1; i < 50; ++i) settle(i, 19, 0);
    EXPECT_EQ(gate->state(kSpotPerp), TradingState::Active) << "too few to judge";
    settle(49, 0, 0);
    EXPECT_EQ(gate->state(kSpotPerp), TradingState::Active) << "settled again: not counted again";
    settle(50, 19, 0);
    EXPECT_EQ(gate->state(kSpotPerp), TradingState::Reducing) << "9.5 %";
    EXPECT_EQ(cause(), ProfitCode::FillRatio);
    EXPECT_EQ(global(), TradingState::Active);
    tick(Nanos::seconds(59));
    EXPECT_EQ(gate->state(kSpotPerp), TradingState::Reducing);
    tick(Nanos::seconds(1));
    EXPECT_EQ(gate->state(kSpotPerp), TradingState::Active);
    settle(51, 0, 0);
    EXPECT_EQ(gate->state(kSpotPerp), TradingState::Active) << "judged anew by new plans";
}
TEST_F(Breakers, AFairFillRatioDoesNotReduce) {
    for (std::uint64_t i = 1; i <= 200; ++i) settle(i, 20, 0);
    EXPECT_EQ(gate->state(kSpotPerp), TradingState::Active) << "10 %";
}

// ---- markout

TEST_F(Breakers, FillsThePriceTurnsAgainstReduceTheirSymbol) {
    config.orders_per_second = config.messages_per_second = 10'000;
    start();
    for (int i = 0; i < 50; ++i) fill_one(Side::Buy, 5'010'100);  // 20.2 bp above the mid
    tick(Nanos::millis(999));
    EXPECT_EQ(gate->state(symbol_scope(binance)), TradingState::Active);
    tick(Nanos::millis(1));
    EXPECT_EQ(gate->state(symbol_scope(binance)), TradingState::Reducing);
    EXPECT_EQ(gate->state(symbol_scope(perp)), TradingState::Active);
    EXPECT_EQ(cause(), ProfitCode::Markout);
    tick(Nanos::seconds(60));
    EXPECT_EQ(gate->state(symbol_scope(binance)), TradingState::Active);
}
TEST_F(Breakers, FillsThePriceFollowsDoNotNorDoHedges) {
    config.orders_per_second = config.messages_per_second = 10'000;
    start();
    for (int i = 0; i < 50; ++i) fill_one(Side::Buy, 5'009'900);  // 19.8 bp
    for (int i = 0; i < 50; ++i) fill_one(Side::Buy, 5'040'000, messages::Purpose::Hedge);
    tick(Nanos::seconds(1));
    EXPECT_EQ(gate->state(symbol_scope(binance)), TradingState::Active);
    for (int i = 0; i < 50; ++i) fill_one(Side::Sell, 5'010'100);
    tick(Nanos::seconds(1));
    EXPECT_EQ(gate->state(symbol_scope(binance)), TradingState::Active) << "sold dear";
}

// ---- stablecoins

class Stablecoins : public Breakers {
protected:
    Stablecoins() {
        usdc = list_pair("USDCUSDT", "USDC", "USDT");
        btc_usdc = list(Market::BybitSpot, InstrumentKind::Spot, "BTCUSDC", "BTC", "USDC");
        start();
        quote(btc_usdc, 4'999'900, 5'000'100);
    }
    InstrumentId list_pair(const char* name, const char* base, const char* quote_asset) {
        InstrumentDefinition d;
        d.market = Market::BinanceSpot;
        d.venue_symbol = name;
        d.base = base;
        d.quote = quote_asset;
        d.tick = "0.0001";
        d.lot = "0.01";
        books.add(book::GapPolicy::SnapshotOnly);
        return universe.list(d)->id;
    }
    messages::Verdict across() {
        return ask({order(binance, Side::Buy), order(btc_usdc, Side::Sell)});
    }
    messages::Verdict within() { return ask({order(binance, Side::Buy), order(okx, Side::Sell)}); }
    InstrumentId usdc, btc_usdc;
};

TEST_F(Stablecoins, ALostPegSplitsTheQuoteGroups) {
    quote(usdc, 9'950, 10'001);
    tick(Nanos::millis(100));
    EXPECT_TRUE(across().approved()) << "50 bp is the limit";
    quote(usdc, 9'949, 10'001);
    tick(Nanos::millis(100));
    EXPECT_EQ(gate->state(quote_scope("USDC")), TradingState::Reducing);
    EXPECT_EQ(cause(), ProfitCode::Stablecoin);
    const messages::Verdict verdict = across();
    EXPECT_EQ(verdict.check, RiskCheck::State);
    EXPECT_EQ(verdict.detail, static_cast<std::uint8_t>(StateCode::Quote));
    EXPECT_TRUE(within().approved()) << "one dollar trades with itself";
    command(quote_scope("USDC"), TradingState::Active);
    EXPECT_EQ(gate->state(quote_scope("USDC")), TradingState::Reducing)
        << "a live condition is not commanded away";
    for (int i = 0; i < 59; ++i) {
        quote(usdc, 9'999, 10'001);
        tick(Nanos::seconds(1));
    }
    EXPECT_FALSE(across().approved());
    quote(usdc, 9'999, 10'001);
    tick(Nanos::seconds(1));
    EXPECT_EQ(gate->state(quote_scope("USDC")), TradingState::Active);
}
TEST_F(Stablecoins, ASilentConversionSplitsThemToo) {
    quote(usdc, 9'999, 10'001);
    tick(Nanos::seconds(2));
    EXPECT_EQ(gate->state(quote_scope("USDC")), TradingState::Active);
    tick(Nanos::millis(1));
    EXPECT_EQ(gate->state(quote_scope("USDC")), TradingState::Reducing);
}
TEST_F(Stablecoins, ThirdAssetsTellWhoLeft) {
    const InstrumentId fd_usdt = list_pair("FDUSDUSDT", "FDUSD", "USDT");
    const InstrumentId fd_usdc = list_pair("FDUSDUSDC", "FDUSD", "USDC");
    start();
    quote(usdc, 9'700, 9'702);
    quote(fd_usdc, 10'300, 10'302);
    quote(fd_usdt, 9'999, 10'001);
    tick(Nanos::millis(100));
    EXPECT_EQ(gate->state(quote_scope("USDC")), TradingState::Reducing);
    EXPECT_EQ(gate->state(quote_scope("USDT")), TradingState::Active);
    EXPECT_EQ(gate->state(quote_scope("FDUSD")), TradingState::Active);
}

// ---- what trading could not mend

TEST_F(Breakers, AResidualReducesThePlansSymbolsUntilAPersonHasLooked) {
    settle(1, 100, 0, PlanOutcome::Residual);
    EXPECT_EQ(gate->state(symbol_scope(binance)), TradingState::Reducing);
    EXPECT_EQ(gate->state(symbol_scope(perp)), TradingState::Reducing);
    EXPECT_EQ(cause(), ProfitCode::Residual);
    tick(Nanos::seconds(86'400));
    EXPECT_EQ(gate->state(symbol_scope(perp)), TradingState::Reducing);
    command(symbol_scope(perp), TradingState::Active);
    EXPECT_EQ(gate->state(symbol_scope(perp)), TradingState::Active);
    EXPECT_EQ(gate->state(symbol_scope(binance)), TradingState::Reducing);
}
TEST_F(Breakers, AnOrderAskedAboutInVainHaltsItsVenue) {
    messages::PlanUpdate update;
    update.plan = PlanId{1};
    update.state = PlanState::Unknown;
    update.time = now;
    gate->on(update);
    EXPECT_EQ(venue(Venue::Okx), TradingState::Active);
    update.reason = {ReasonCode::VenueDown, static_cast<std::int64_t>(Market::Okx), 6};
    gate->on(update);
    EXPECT_EQ(venue(Venue::Okx), TradingState::Halted);
    EXPECT_EQ(cause(), ProfitCode::UnansweredOrder);
    tick(Nanos::seconds(86'400));
    EXPECT_EQ(venue(Venue::Okx), TradingState::Halted);
    update.reason.value = 77;
    gate->on(update);  // no such market
}

// ---- snapshots

TEST_F(Breakers, ASnapshotRestoresWhatTheyCount) {
    for (std::uint64_t i = 1; i < 50; ++i) settle(i, 0, 0);
    fill_one(Side::Buy, 5'000'000);
    book(EntryKind::Unexplained, *universe.find_asset("USDT"), Bucket::Available, Bucket::Suspense,
         1);
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(*gate);
    Service copy{universe, books, money, fees, Config{}};
    StateReader reader{bytes};
    reader(copy);
    EXPECT_TRUE(reader.finished());
    settle(50, 0, 0);
    EXPECT_EQ(gate->state(kSpotPerp), TradingState::Reducing);
    gate.emplace(universe, books, money, fees, Config{});
    StateReader again{bytes};
    again(*gate);
    settle(50, 0, 0);
    EXPECT_EQ(gate->state(kSpotPerp), TradingState::Reducing);
    EXPECT_EQ(gate->state({ScopeKind::Venue, 0}), TradingState::Halted);
}

}  // namespace
}  // namespace parallax::risk
