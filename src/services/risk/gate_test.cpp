// Every check and every sub-code, each refused for its own reason only.
#include <gtest/gtest.h>

#include "services/risk/fixture.hpp"

namespace parallax::risk {
namespace {

using messages::OrderEventKind;
using messages::RiskCheck;
using messages::Scope;
using messages::ScopeKind;
using messages::TradingState;

class Gate : public ::testing::Test, protected fixture::World {
protected:
    template <class Code>
    static ::testing::AssertionResult refused(const messages::Verdict& verdict, RiskCheck check,
                                              Code code) {
        if (verdict.check == check && verdict.detail == static_cast<std::uint8_t>(code)) {
            return ::testing::AssertionSuccess();
        }
        return ::testing::AssertionFailure()
               << "got " << to_string(verdict.check) << " " << int{verdict.detail} << " value "
               << verdict.value << " limit " << verdict.limit;
    }
    messages::OrderRequest buy(std::int64_t price = 5'000'000, std::int64_t quantity = 10'000) {
        return order(binance, Side::Buy, price, quantity);
    }
    messages::OrderRequest sell(std::int64_t price = 5'000'000, std::int64_t quantity = 10'000) {
        return order(okx, Side::Sell, price, quantity);
    }
    void configure(const Config& changed) {
        config = changed;
        start();
    }
};

TEST_F(Gate, ApprovesACleanPair) {
    EXPECT_TRUE(ask({buy(), sell()}).approved());
    EXPECT_EQ(gate->open_orders(), 2u);
}

// 1
TEST_F(Gate, StateRefusesEntriesByScope) {
    const std::pair<Scope, StateCode> cases[] = {
        {{ScopeKind::Global, 0}, StateCode::Global},
        {{ScopeKind::Strategy, 0}, StateCode::Strategy},
        {{ScopeKind::Venue, static_cast<std::uint32_t>(Venue::Binance)}, StateCode::Venue},
        {{ScopeKind::Symbol, universe.instrument(binance).symbol.raw()}, StateCode::Symbol}};
    for (const auto& [scope, code] : cases) {
        command(scope, TradingState::Halted);
        const messages::Verdict verdict = ask({buy()});
        EXPECT_TRUE(refused(verdict, RiskCheck::State, code));
        EXPECT_EQ(verdict.value, static_cast<std::int64_t>(TradingState::Halted));
        EXPECT_TRUE(ask({hedge(binance, Side::Buy)}).approved()) << "a halt lets hedges pass";
        command(scope, TradingState::Killed);
        EXPECT_TRUE(refused(ask({hedge(binance, Side::Buy)}), RiskCheck::State, code));
        command(scope, TradingState::Active);
        EXPECT_TRUE(ask({buy()}).approved());
    }
}
TEST_F(Gate, ReducingPassesOnlyWhatShrinksTheNetDelta) {
    trade(buy());
    command({}, TradingState::Reducing);
    EXPECT_TRUE(refused(ask({buy()}), RiskCheck::State, StateCode::Global));
    EXPECT_TRUE(refused(ask({sell(5'000'000, 10'002)}), RiskCheck::State, StateCode::Global));
    EXPECT_TRUE(ask({sell()}).approved());
    EXPECT_TRUE(refused(ask({sell()}), RiskCheck::State, StateCode::Global))
        << "the open sell counts";
    EXPECT_TRUE(ask({hedge(binance, Side::Buy)}).approved());
}

// 2
TEST_F(Gate, InstrumentRules) {
    const auto is = [&](const messages::OrderRequest& request, InstrumentCode code) {
        EXPECT_TRUE(refused(ask({request}), RiskCheck::Instrument, code));
    };
    is(order(InstrumentId{99}, Side::Buy), InstrumentCode::Unknown);
    is(order(InstrumentId{}, Side::Buy), InstrumentCode::Unknown);
    is(buy(5'000'001), InstrumentCode::Tick);
    is(buy(5'000'000, 10'001), InstrumentCode::Lot);
    is(buy(5'000'000, 8), InstrumentCode::QuantityTooSmall);
    is(buy(5'000'000, -10'000), InstrumentCode::QuantityTooSmall);
    is(buy(5'000'000, 1'000'000'000), InstrumentCode::QuantityTooLarge);
    is(buy(5'000'000, 10), InstrumentCode::NotionalTooSmall);
    is(buy(5'000'000, 17'000'000), InstrumentCode::NotionalTooLarge);
    is(buy(900, 9'000'000), InstrumentCode::PriceRange);
    is(buy(100'000'005, 10'000), InstrumentCode::PriceRange);
}
TEST_F(Gate, InstrumentStatusExpiryAndBand) {
    InstrumentDefinition d = definition(binance);
    d.status = InstrumentStatus::Halted;
    relist(d);
    EXPECT_TRUE(refused(ask({buy()}), RiskCheck::Instrument, InstrumentCode::NotTrading));
    d.status = InstrumentStatus::Trading;
    d.price_band_up = d.price_band_down = "0.005";
    relist(d);
    const messages::Verdict verdict = ask({buy(5'030'000)});
    EXPECT_TRUE(refused(verdict, RiskCheck::Instrument, InstrumentCode::PriceBand));
    EXPECT_EQ(verdict.limit, 5'025'000);
    EXPECT_TRUE(refused(ask({order(binance, Side::Sell, 4'970'000)}), RiskCheck::Instrument,
                        InstrumentCode::PriceBand));
    EXPECT_TRUE(ask({buy(5'025'000)}).approved());
    d = definition(perp);
    d.expiry = now;
    relist(d);
    EXPECT_TRUE(
        refused(ask({order(perp, Side::Buy)}), RiskCheck::Instrument, InstrumentCode::Expired));
}

// 3
TEST_F(Gate, OrderSize) {
    EXPECT_TRUE(
        refused(ask({buy(5'000'000, 100'002)}), RiskCheck::OrderSize, OrderSizeCode::OrderValue));
    // Cheap enough by its own price, but too many coins for the price everybody else sees.
    EXPECT_TRUE(ask({buy()}).approved());  // values the coin
    EXPECT_TRUE(
        refused(ask({buy(2'500'000, 130'000)}), RiskCheck::OrderSize, OrderSizeCode::OrderVolume));
    Config small;
    small.max_plan_value = Amount::units(9'000);
    configure(small);
    const messages::Verdict verdict = ask({buy(), sell()});
    EXPECT_TRUE(refused(verdict, RiskCheck::OrderSize, OrderSizeCode::PlanValue));
    EXPECT_EQ(verdict.order, 1);
    EXPECT_EQ(verdict.value, 10'000'000'000);
    EXPECT_EQ(verdict.limit, 9'000'000'000);
    EXPECT_EQ(gate->open_orders(), 0u) << "all or none";
}
TEST_F(Gate, OrderSizeNeedsAValueOfTheQuoteAsset) {
    const messages::Verdict verdict = ask({order(cross, Side::Buy, 5'000, 20'000)});
    EXPECT_TRUE(refused(verdict, RiskCheck::OrderSize, OrderSizeCode::Unvalued));
    EXPECT_EQ(verdict.value, universe.find_asset("BTC")->raw());
    tick(Nanos::millis(1));  // the slow loop prices BTC, then ETH
    EXPECT_TRUE(ask({order(cross, Side::Buy, 5'000, 20'000)}).approved());
    EXPECT_TRUE(refused(ask({hedge(cross, Side::Buy, 5'000, 11'000'000)}), RiskCheck::ReduceOnly,
                        ReduceOnlyCode::HedgeValue));
}

// 4
TEST_F(Gate, PriceCollars) {
    EXPECT_TRUE(refused(ask({buy(0)}), RiskCheck::PriceCollar, PriceCollarCode::NoProtection));
    EXPECT_TRUE(refused(ask({hedge(binance, Side::Buy, 0)}), RiskCheck::PriceCollar,
                        PriceCollarCode::NoProtection));
    EXPECT_TRUE(ask({buy(5'050'000)}).approved());
    EXPECT_TRUE(refused(ask({buy(5'050'005)}), RiskCheck::PriceCollar, PriceCollarCode::OwnMid));
    EXPECT_TRUE(refused(ask({sell(4'949'995)}), RiskCheck::PriceCollar, PriceCollarCode::OwnMid));
    EXPECT_TRUE(ask({hedge(binance, Side::Buy, 5'300'000)}).approved()) << "hedges have more room";
    EXPECT_TRUE(refused(ask({hedge(binance, Side::Buy, 5'600'000)}), RiskCheck::PriceCollar,
                        PriceCollarCode::OwnMid));

    gate->on(messages::MarkPrice{binance, {}, Price::from_raw(4'800'000), {}, {}, false, {}, {}});
    EXPECT_TRUE(refused(ask({buy()}), RiskCheck::PriceCollar, PriceCollarCode::Mark));
    gate->on(messages::MarkPrice{binance, {}, Price::from_raw(5'000'000), {}, {}, false, {}, {}});
    quote(okx, 4'800'000, 4'800'100);
    EXPECT_TRUE(refused(ask({buy()}), RiskCheck::PriceCollar, PriceCollarCode::OtherVenues));
    quote(binance, 4'999'900, 0);
    EXPECT_TRUE(refused(ask({buy()}), RiskCheck::PriceCollar, PriceCollarCode::NoReference));
}

// 5
TEST_F(Gate, Balances) {
    const auto usdt = universe.find_asset("USDT")->index();
    money.table[static_cast<std::size_t>(Market::BinanceSpot)][usdt] = Amount::units(9'999);
    EXPECT_TRUE(ask({buy()}).approved());
    const messages::Verdict both = ask({buy(), buy(5'000'000, 10'002)});
    EXPECT_TRUE(refused(both, RiskCheck::Balance, BalanceCode::Available))
        << "the intent's orders add up";
    EXPECT_EQ(both.order, 1);
    EXPECT_EQ(both.value, 9'999'000'000);
    EXPECT_EQ(both.limit, 10'001'000'000);
    money.table[static_cast<std::size_t>(Market::BybitSpot)][usdt] = Amount::units(1'000);
    EXPECT_TRUE(refused(ask({order(perp, Side::Sell)}), RiskCheck::Balance, BalanceCode::Margin));
    EXPECT_TRUE(ask({order(perp, Side::Sell, 5'000'000, 4'000)}).approved());
}
TEST_F(Gate, LeverageAndLiquidationDistance) {
    Config bold;
    bold.leverage = 25;
    configure(bold);
    EXPECT_TRUE(refused(ask({order(perp, Side::Sell)}), RiskCheck::Balance, BalanceCode::Leverage));
    bold.leverage = 10;  // 10 % - 0.5 % < 10 %
    configure(bold);
    const messages::Verdict verdict = ask({order(perp, Side::Sell)});
    EXPECT_TRUE(refused(verdict, RiskCheck::Balance, BalanceCode::LiquidationDistance));
    EXPECT_EQ(verdict.value, 95'000'000);
}

// 6
TEST_F(Gate, ExposureCountsOrdersInFlight) {
    const auto with = [&](Amount Config::* field, std::int64_t units) {
        Config c;
        c.*field = Amount::units(units);
        configure(c);
        EXPECT_TRUE(ask({buy()}).approved());
        return ask({buy()});
    };
    EXPECT_TRUE(
        refused(with(&Config::max_position, 9'999), RiskCheck::Exposure, ExposureCode::Position));
    EXPECT_TRUE(refused(with(&Config::max_asset_delta, 9'999), RiskCheck::Exposure,
                        ExposureCode::AssetDelta));
    EXPECT_TRUE(refused(with(&Config::max_quote_group, 9'999), RiskCheck::Exposure,
                        ExposureCode::QuoteGroup));
    EXPECT_TRUE(refused(with(&Config::max_venue_gross, 9'999), RiskCheck::Exposure,
                        ExposureCode::VenueGross));
    EXPECT_TRUE(refused(with(&Config::max_total_gross, 9'999), RiskCheck::Exposure,
                        ExposureCode::TotalGross));
    EXPECT_TRUE(ask({hedge(binance, Side::Buy)}).approved()) << "hedges have limits of their own";
}
TEST_F(Gate, ExposureLetsThroughWhatReducesIt) {
    Config tight;
    tight.max_position = Amount::units(6'000);
    configure(tight);
    trade(buy());
    EXPECT_TRUE(refused(ask({buy()}), RiskCheck::Exposure, ExposureCode::Position));
    EXPECT_TRUE(ask({order(binance, Side::Sell)}).approved());
}

// 7
TEST_F(Gate, Duplicates) {
    const messages::OrderRequest first = buy();
    const std::array<messages::OrderRequest, 1> orders{first};
    const ports::Intent once = intent(orders);
    EXPECT_TRUE(gate->check(once).approved());
    const std::array<messages::OrderRequest, 1> fresh_id{buy()};
    ports::Intent again = once;
    again.orders = fresh_id;
    EXPECT_TRUE(refused(gate->check(again), RiskCheck::Duplicate, DuplicateCode::Opportunity));
    EXPECT_TRUE(refused(ask({first}), RiskCheck::Duplicate, DuplicateCode::ClientOrderId));
    gate->on(event(first, OrderEventKind::Done));
    EXPECT_TRUE(refused(ask({first}), RiskCheck::Duplicate, DuplicateCode::ClientOrderId))
        << "ended, not forgotten";
}
TEST_F(Gate, OpenOrderCounts) {
    Config few;
    few.max_open_orders = 3;
    few.max_open_orders_instrument = 2;
    configure(few);
    EXPECT_TRUE(ask({buy()}).approved());
    EXPECT_TRUE(ask({buy()}).approved());
    EXPECT_TRUE(refused(ask({buy()}), RiskCheck::Duplicate, DuplicateCode::OpenOrdersInstrument));
    EXPECT_TRUE(ask({sell()}).approved());
    EXPECT_TRUE(refused(ask({sell()}), RiskCheck::Duplicate, DuplicateCode::OpenOrders));
    EXPECT_TRUE(ask({hedge(okx, Side::Sell)}).approved());
}
TEST_F(Gate, SelfTrade) {
    EXPECT_TRUE(ask({order(okx, Side::Buy, 5'000'000)}).approved());
    EXPECT_TRUE(refused(ask({sell(5'000'000)}), RiskCheck::Duplicate, DuplicateCode::SelfTrade));
    EXPECT_TRUE(ask({sell(5'000'005)}).approved()) << "does not cross it";
}

// 8
TEST_F(Gate, RatesKeepAReserveForHedges) {
    Config slow;
    slow.orders_per_second = 5;  // 10 tokens, 3 of them reserved
    configure(slow);
    for (int i = 0; i < 7; ++i) EXPECT_TRUE(ask({buy()}).approved()) << i;
    const messages::Verdict verdict = ask({buy()});
    EXPECT_TRUE(refused(verdict, RiskCheck::Rate, RateCode::Orders));
    EXPECT_EQ(verdict.value, 3);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(ask({hedge(binance, Side::Buy)}).approved()) << i;
    EXPECT_TRUE(refused(ask({hedge(binance, Side::Buy)}), RiskCheck::Rate, RateCode::Orders));
    EXPECT_TRUE(ask({sell()}).approved()) << "another venue's bucket";
    now = now + Nanos::millis(200);
    EXPECT_TRUE(ask({hedge(binance, Side::Buy)}).approved()) << "a token came back";
}
TEST_F(Gate, AnIntentNeedsTokensForAllItsOrders) {
    Config slow;
    slow.orders_per_second = 1;
    slow.burst_seconds = 2;  // 1.4 tokens for entries
    configure(slow);
    EXPECT_TRUE(refused(ask({buy(), buy()}), RiskCheck::Rate, RateCode::Orders));
    EXPECT_TRUE(ask({buy()}).approved());
}
TEST_F(Gate, CancelsAndQueriesAlwaysPassAndUseMessages) {
    Config slow;
    slow.messages_per_second = 1;
    configure(slow);
    messages::OrderRequest cancel = buy();
    cancel.action = messages::OrderAction::Cancel;
    command({}, TradingState::Killed);
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(ask({cancel}).approved());
    command({}, TradingState::Active);
    EXPECT_TRUE(refused(ask({buy()}), RiskCheck::Rate, RateCode::Messages));
    EXPECT_EQ(gate->open_orders(), 0u);
}
TEST_F(Gate, RepeatedExecutionsWaitForAPerson) {
    Config few;
    few.max_executions = 2;
    configure(few);
    EXPECT_TRUE(ask({buy()}).approved());
    EXPECT_TRUE(ask({buy()}).approved());
    ASSERT_EQ(gate->state_changes().size(), 1u);
    EXPECT_EQ(gate->state_changes()[0].to, TradingState::Reducing);
    EXPECT_TRUE(refused(ask({buy()}), RiskCheck::State, StateCode::Strategy));
    trade(order(okx, Side::Sell, 5'000'000, 30'000,
                messages::Purpose::Hedge));  // net short: a buy reduces
    gate->on(event(order(okx, Side::Sell), OrderEventKind::Done));
    EXPECT_TRUE(
        refused(ask({buy(5'000'000, 10'000)}), RiskCheck::Rate, RateCode::RepeatedExecutions));
    command({ScopeKind::Strategy, 0}, TradingState::Active);
    EXPECT_TRUE(ask({buy()}).approved());
}

// 9
TEST_F(Gate, MarketData) {
    const std::array<messages::OrderRequest, 1> late{buy()};
    ports::Intent stale = intent(late);
    stale.expires = now - Nanos{1};
    EXPECT_TRUE(refused(gate->check(stale), RiskCheck::MarketData, MarketDataCode::Expired));

    gate->on(messages::FeedStatus{Market::BinanceSpot, now, false});
    EXPECT_TRUE(
        refused(ask({hedge(binance, Side::Buy)}), RiskCheck::MarketData, MarketDataCode::FeedDown));
    gate->on(messages::FeedStatus{Market::BinanceSpot, now, true});

    now = now + Nanos::millis(1'001);
    EXPECT_TRUE(refused(ask({buy()}), RiskCheck::MarketData, MarketDataCode::TooOld));
    EXPECT_TRUE(ask({hedge(binance, Side::Buy)}).approved());
    now = now + Nanos::seconds(31);
    EXPECT_TRUE(
        refused(ask({hedge(binance, Side::Buy)}), RiskCheck::MarketData, MarketDataCode::TooOld));

    books.at(binance).expire(now);
    EXPECT_TRUE(refused(ask({buy()}), RiskCheck::MarketData, MarketDataCode::NotTradable));
}
TEST_F(Gate, MarketDataSkewAndClock) {
    Config strict;
    strict.book_skew_max = Nanos::millis(100);
    configure(strict);
    now = now + Nanos::millis(200);
    quote(okx, 4'999'900, 5'000'100);
    EXPECT_TRUE(ask({buy()}).approved());
    EXPECT_TRUE(refused(ask({buy(), sell()}), RiskCheck::MarketData, MarketDataCode::Skew));

    book::DepthInput in;
    const Level bid[] = {{Price::from_raw(4'999'900), Quantity::from_raw(9)}};
    const Level ask_level[] = {{Price::from_raw(5'000'100), Quantity::from_raw(9)}};
    in.snapshot = true;
    in.last_id = ++sequence;
    in.received = now;
    in.venue_time = now - Nanos::seconds(3);
    in.bids = bid;
    in.asks = ask_level;
    books.at(okx).on_depth(in);
    EXPECT_TRUE(refused(ask({sell()}), RiskCheck::MarketData, MarketDataCode::ClockBound));
}
TEST_F(Gate, WithoutABookThereIsNoReference) {
    InstrumentDefinition d = definition(binance);
    d.market = Market::BybitSpot;
    const InstrumentId bookless = universe.list(d)->id;
    gate->on_listed(bookless);
    EXPECT_TRUE(ask({buy()}).approved());  // values the coin
    EXPECT_TRUE(refused(ask({order(bookless, Side::Buy)}), RiskCheck::PriceCollar,
                        PriceCollarCode::NoReference));
}

// 10
TEST_F(Gate, Profit) {
    const std::array<messages::OrderRequest, 1> orders{buy()};
    ports::Intent i = intent(orders);
    i.expected_rate = i.threshold;
    EXPECT_TRUE(refused(gate->check(i), RiskCheck::Profit, ProfitCode::BelowThreshold));
    i.expected_rate = Rate::basis_points(501);
    EXPECT_TRUE(refused(gate->check(i), RiskCheck::Profit, ProfitCode::TooGoodToBeTrue));
    const std::array<messages::OrderRequest, 1> hedges{hedge(binance, Side::Buy)};
    i.orders = hedges;
    i.expected_rate = Rate{};
    EXPECT_TRUE(gate->check(i).approved()) << "a hedge need not pay";
}

// 11
TEST_F(Gate, ReduceOnlyReduces) {
    messages::OrderRequest close = order(perp, Side::Sell);
    close.reduce_only = true;
    EXPECT_TRUE(refused(ask({close}), RiskCheck::ReduceOnly, ReduceOnlyCode::Grows));
    trade(order(perp, Side::Buy, 5'000'000, 8'000));
    EXPECT_TRUE(refused(ask({close}), RiskCheck::ReduceOnly, ReduceOnlyCode::TooLarge));
    close.quantity = Quantity::from_raw(8'000);
    EXPECT_TRUE(ask({close}).approved());
}
TEST_F(Gate, HedgesHaveLimitsOfTheirOwn) {
    EXPECT_TRUE(refused(ask({hedge(cross, Side::Buy, 5'000, 20'000)}), RiskCheck::ReduceOnly,
                        ReduceOnlyCode::Unvalued));
    Config c;
    c.max_hedge_value = Amount::units(6'000);
    c.max_hedge_open = Amount::units(9'000);
    configure(c);
    EXPECT_TRUE(refused(ask({hedge(binance, Side::Buy, 5'000'000, 12'002)}), RiskCheck::ReduceOnly,
                        ReduceOnlyCode::HedgeValue));
    EXPECT_TRUE(ask({hedge(binance, Side::Buy)}).approved());
    EXPECT_TRUE(refused(ask({hedge(binance, Side::Buy)}), RiskCheck::ReduceOnly,
                        ReduceOnlyCode::HedgeOpen));
    EXPECT_TRUE(ask({buy()}).approved()) << "entries are not measured by it";
}

TEST_F(Gate, RetractTakesAnIntentBackExactly) {
    const std::uint64_t before = state_hash(gate->exposures());
    const std::array<messages::OrderRequest, 2> orders{buy(), sell()};
    EXPECT_TRUE(gate->check(intent(orders)).approved());
    EXPECT_NE(state_hash(gate->exposures()), before);
    gate->retract(orders);
    EXPECT_EQ(state_hash(gate->exposures()), before);
    EXPECT_EQ(gate->open_orders(), 0u);
}

}  // namespace
}  // namespace parallax::risk
