#include "services/portfolio/attribution.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "runtime/random.hpp"
#include "services/portfolio/service.hpp"
#include "services/portfolio/test_world.hpp"

namespace parallax::portfolio {
namespace {

using messages::Attribution;
using messages::PlanState;
using messages::Purpose;
using namespace test;

Amount parts_of(const Attribution& a) {
    return a.edge + a.volume + a.slippage + a.legging + a.fees + a.conversion + a.funding +
           a.inventory + a.transfers;
}

TEST(Wide, KeepsProductsExactAndRoundsOnceAtTheEnd) {
    const Amount step = Amount::from_raw(1);
    const Wide tiny = Wide::product(step, step);  // 1e-36
    EXPECT_EQ(tiny.rounded(Rounding::Down), Amount{});
    EXPECT_EQ(tiny.rounded(Rounding::Up), step);
    EXPECT_EQ((-tiny).rounded(Rounding::Down), -step);
    EXPECT_EQ((-tiny).rounded(Rounding::Up), Amount{});
    const Wide half = Wide::product(amount("0.5"), step);
    EXPECT_EQ(half.rounded(Rounding::HalfEven), Amount{});
    EXPECT_EQ((half + Wide::product(step, Amount::units(1))).rounded(Rounding::HalfEven),
              Amount::from_raw(2));
    EXPECT_EQ(Wide::product(Amount::max(), Amount::max()).rounded(Rounding::Down), Amount::max());
    EXPECT_EQ(Wide::product(-Amount::max(), Amount::max()).rounded(Rounding::Down), -Amount::max());
}

TEST(Wide, IsARing) {
    EXPECT_TRUE(rc::check([](std::int64_t x, std::int64_t y, std::int64_t z) {
        const auto big = [](std::int64_t v) {
            return Amount::from_raw(static_cast<__int128>(v) * 1'000'000'007);
        };
        const Amount a = big(x), b = big(y), c = big(z);
        RC_ASSERT(Wide::product(a, b) == Wide::product(b, a));
        RC_ASSERT(Wide::product(a, b) + Wide::product(a, c) == Wide::product(a, b + c));
        RC_ASSERT(Wide::product(a, b) - Wide::product(a, b) == Wide{});
        RC_ASSERT(Wide::product(-a, b) == -Wide::product(a, b));
        RC_ASSERT(Wide::product(a, Amount::units(1)).rounded(Rounding::Down) == a);
    }));
}

class PortfolioAttribution : public ::testing::Test {
protected:
    PortfolioAttribution() {
        for (const Market wallet :
             {Market::BinanceSpot, Market::Okx, Market::BybitSpot, Market::BinanceUsdm}) {
            for (const char* asset : {"USDT", "USDC", "BTC", "ETH", "BNB"}) {
                service.on(world.flow(wallet, asset, "1000000"));
            }
        }
        service.on(world.flow(Market::BinanceCoinm, "BTC", "1000"));
    }
    void TearDown() override {
        const auto failure = service.verify();
        EXPECT_FALSE(failure) << *failure;
        EXPECT_EQ(service.counters().inexact_attributions, 0u);
    }
    /// The README's example: buy 1 BTC at Binance for 60000, sell it at OKX for 60100.
    std::vector<messages::PlanLeg> legs() const {
        return {world.leg(world.binance_btc, Side::Buy, "1", "60000", "60000"),
                world.leg(world.okx_btc, Side::Sell, "1", "60100", "60100")};
    }
    void start(std::uint64_t plan, std::string_view value_asset = "USDT") {
        service.on(world.plan(plan, PlanState::Reserved, legs(), value_asset));
        send(service, world,
             world.order(order_id(plan, 0), world.binance_btc, Side::Buy, "60010", "1"));
        send(service, world,
             world.order(order_id(plan, 1), world.okx_btc, Side::Sell, "60090", "1"));
    }
    Attribution settle(std::uint64_t plan, std::string_view value_asset = "USDT") {
        service.clear_outputs();
        service.on(world.plan(plan, PlanState::Settled, legs(), value_asset));
        EXPECT_EQ(service.attributions().size(), 1u);
        const Attribution a = service.attributions()[0];
        EXPECT_EQ(a.residual, Amount{});
        EXPECT_EQ(parts_of(a), a.realised);
        return a;
    }
    World world;
    Service service{world.universe, world.books, world.fees, Config{}};
};

TEST_F(PortfolioAttribution, APlanThatGoesToPlanIsItsEdgeLessFees) {
    start(1);
    service.on(
        world.fill(order_id(1, 0), world.binance_btc, Side::Buy, 1, "60000", "1", "1", "60"));
    service.on(world.fill(order_id(1, 1), world.okx_btc, Side::Sell, 1, "60100", "1", "1", "60.1"));
    const Attribution a = settle(1);
    EXPECT_EQ(a.edge, amount("100"));
    EXPECT_EQ(a.fees, amount("-120.1"));
    EXPECT_EQ(a.realised, amount("-20.1"));
    for (const Amount part :
         {a.volume, a.slippage, a.legging, a.conversion, a.funding, a.inventory, a.transfers}) {
        EXPECT_EQ(part, Amount{});
    }
}

TEST_F(PortfolioAttribution, HalfTheSizeHalfTheEdgeAndWorsePricesAreSlippage) {
    start(1);
    service.on(world.fill(order_id(1, 0), world.binance_btc, Side::Buy, 1, "60004", "0.5", "0.5"));
    service.on(world.fill(order_id(1, 1), world.okx_btc, Side::Sell, 1, "60094", "0.5", "0.5"));
    const Attribution a = settle(1);
    EXPECT_EQ(a.edge, amount("100"));
    EXPECT_EQ(a.volume, amount("-50"));
    EXPECT_EQ(a.slippage, amount("-5"));
    EXPECT_EQ(a.realised, amount("45"));
}

TEST_F(PortfolioAttribution, AMissedPlanLosesItsWholeEdgeAndNothingElse) {
    start(1);
    const Attribution a = settle(1);
    EXPECT_EQ(a.edge, amount("100"));
    EXPECT_EQ(a.volume, amount("-100"));
    EXPECT_EQ(a.realised, Amount{});
}

TEST_F(PortfolioAttribution, AMissedLegThatIsRevertedIsLegging) {
    start(1);
    service.on(world.fill(order_id(1, 0), world.binance_btc, Side::Buy, 1, "60000", "1", "1"));
    send(service, world,
         world.order(order_id(1, 0, 1), world.binance_btc, Side::Sell, "59900", "1",
                     Purpose::Revert));
    service.on(world.fill(order_id(1, 0, 1), world.binance_btc, Side::Sell, 2, "59970", "1", "1"));
    const Attribution a = settle(1);
    EXPECT_EQ(a.volume, amount("-100"));
    EXPECT_EQ(a.legging, amount("-30"));
    EXPECT_EQ(a.realised, amount("-30"));
}

TEST_F(PortfolioAttribution, AChaseIsLeggingAgainstThePlannedPriceAndNoLostVolume) {
    start(1);
    service.on(world.fill(order_id(1, 0), world.binance_btc, Side::Buy, 1, "60000", "1", "1"));
    send(service, world,
         world.order(order_id(1, 1, 1), world.okx_btc, Side::Sell, "60050", "1", Purpose::Chase));
    service.on(world.fill(order_id(1, 1, 1), world.okx_btc, Side::Sell, 2, "60080", "1", "1"));
    const Attribution a = settle(1);
    EXPECT_EQ(a.volume, Amount{});
    EXPECT_EQ(a.legging, amount("-20"));
    EXPECT_EQ(a.realised, amount("80"));
}

TEST_F(PortfolioAttribution, TheWorkedExampleOfTheReadme) {
    world.quote(world.binance_btc, "60019.5", "60020.5");
    start(1);
    service.on(world.fill(order_id(1, 0), world.binance_btc, Side::Buy, 1, "60003", "1", "1",
                          "0.001", "BTC"));
    service.on(world.fill(order_id(1, 1), world.okx_btc, Side::Sell, 1, "60100", "0.4", "0.4"));
    send(service, world,
         world.order(order_id(1, 2, 1), world.binance_btc, Side::Sell, "59900", "0.5",
                     Purpose::Revert));
    service.on(
        world.fill(order_id(1, 2, 1), world.binance_btc, Side::Sell, 2, "59970", "0.5", "0.5"));
    world.quote(world.binance_btc, "60519.5", "60520.5");
    auto all = legs();
    all.push_back(world.leg(world.binance_btc, Side::Sell, "0", "0", "0"));  // of the repair
    service.clear_outputs();
    service.on(world.plan(1, PlanState::Settled, all));
    ASSERT_EQ(service.attributions().size(), 1u);
    const Attribution a = service.attributions()[0];
    EXPECT_EQ(a.edge, amount("100"));
    EXPECT_EQ(a.volume, amount("-60"));
    EXPECT_EQ(a.slippage, amount("-3"));
    EXPECT_EQ(a.legging, amount("-13"));
    EXPECT_EQ(a.fees, amount("-60.02"));
    EXPECT_EQ(a.inventory, amount("49.5"));
    EXPECT_EQ(a.realised, amount("13.48"));
    EXPECT_EQ(a.residual, Amount{});
}

/// One leg fills in any part, the other in another; the surplus goes back at once at any loss. What
/// is lost in size is a share of the edge, and legging is the surplus's own planned edge plus what
/// going back cost: never anything of the size of the trade.
TEST_F(PortfolioAttribution, VolumeAndLeggingAreOfTheSizeOfTheEdgeAndTheUnwind) {
    EXPECT_TRUE(rc::check([this](std::uint64_t seed) {
        runtime::Random random{seed};
        Service s{world.universe, world.books, world.fees, Config{}};
        for (const Market wallet : {Market::BinanceSpot, Market::Okx}) {
            for (const char* asset : {"USDT", "BTC"}) s.on(world.flow(wallet, asset, "1000000"));
        }
        const auto cents = [](std::int64_t c) {
            return std::to_string(c / 100) + "." + std::to_string(c / 10 % 10) + "0";
        };
        const std::int64_t buy = random.between(5'998'000, 6'000'000) / 10 * 10;
        const std::int64_t sell = random.between(6'000'000, 6'002'000) / 10 * 10;
        const std::int64_t loss = random.between(0, 5'000) / 10 * 10;
        const std::vector<messages::PlanLeg> planned{
            world.leg(world.binance_btc, Side::Buy, "1", cents(buy), cents(buy)),
            world.leg(world.okx_btc, Side::Sell, "1", cents(sell), cents(sell))};
        s.on(world.plan(1, PlanState::Reserved, planned));
        const auto trade = [&](std::uint8_t leg, InstrumentId id, Side side, std::int64_t price,
                               Quantity size, Purpose purpose) {
            if (size.is_zero()) return;
            auto order = world.order(order_id(1, leg, leg), id, side, cents(price), "1", purpose);
            order.quantity = size;
            send(s, world, order);
            auto fill = world.fill(order.id, id, side, 10 + leg, cents(price), "1");
            fill.quantity = fill.cumulative = size;
            s.on(fill);
        };
        const std::int64_t one = world.size(world.binance_btc, "1").raw();
        const auto bought = Quantity::from_raw(random.chance(0.2) ? one : random.between(0, one));
        const auto sold = Quantity::from_raw(random.chance(0.3) ? 0 : random.between(0, one));
        trade(0, world.binance_btc, Side::Buy, buy, bought, Purpose::Entry);
        trade(1, world.okx_btc, Side::Sell, sell, sold, Purpose::Entry);
        auto all = planned;
        if (bought > sold) {
            trade(2, world.binance_btc, Side::Sell, buy - loss, bought - sold, Purpose::Revert);
            all.push_back(world.leg(world.binance_btc, Side::Sell, "0", "0", "0"));
        } else {
            trade(2, world.okx_btc, Side::Buy, sell + loss, sold - bought, Purpose::Revert);
            all.push_back(world.leg(world.okx_btc, Side::Buy, "0", "0", "0"));
        }
        s.clear_outputs();
        s.on(world.plan(1, PlanState::Settled, all));
        const Attribution a = s.attributions()[0];
        const Amount gap = to_amount(bought > sold ? bought - sold : sold - bought,
                                     world.universe.symbol_of(world.okx_btc).quantity_scale);
        const Amount missing =
            Amount::units(1) - to_amount(std::min(bought, sold),
                                         world.universe.symbol_of(world.okx_btc).quantity_scale);
        const auto times = [](Amount x, Amount y) {
            return Wide::product(x, y).rounded(Rounding::HalfEven);
        };
        RC_ASSERT(a.residual == Amount{});
        RC_ASSERT(parts_of(a) == a.realised);
        RC_ASSERT(a.volume == -times(missing, a.edge));
        RC_ASSERT(a.slippage == Amount{});
        // Bought and given back: the way to the mid and back cancels, the loss stays.
        RC_ASSERT(a.legging == -times(gap, amount(cents(loss))));
        RC_ASSERT(s.counters().inexact_attributions == 0u);
    }));
}

TEST_F(PortfolioAttribution, WhatIsKeptMovesWithItsMark) {
    start(1);
    service.on(world.fill(order_id(1, 0), world.binance_btc, Side::Buy, 1, "60000", "1", "1",
                          "0.001", "BTC"));
    world.quote(world.binance_btc, "60499.5", "60500.5");
    const Attribution a = settle(1);
    EXPECT_EQ(a.volume, amount("-100"));
    EXPECT_EQ(a.fees, amount("-60"));         // at the mark of the fill
    EXPECT_EQ(a.inventory, amount("499.5"));  // 0.999 BTC up 500
    EXPECT_EQ(a.realised, amount("439.5"));   // 0.999 x 60500 - 60000
}

TEST_F(PortfolioAttribution, QuoteAssetsKeptAreConversion) {
    const std::vector<messages::PlanLeg> two{
        world.leg(world.binance_btc, Side::Buy, "1", "60000", "60000"),
        world.leg(world.okx_btc_usdc, Side::Sell, "1", "60110", "60110")};
    service.on(world.plan(1, PlanState::Reserved, two));
    send(service, world, world.order(order_id(1, 0), world.binance_btc, Side::Buy, "60010", "1"));
    send(service, world, world.order(order_id(1, 1), world.okx_btc_usdc, Side::Sell, "60090", "1"));
    service.on(world.fill(order_id(1, 0), world.binance_btc, Side::Buy, 1, "60000", "1", "1"));
    service.on(world.fill(order_id(1, 1), world.okx_btc_usdc, Side::Sell, 1, "60110", "1", "1",
                          "10", "USDC"));
    world.quote(world.usdc, "0.9988", "0.9990");
    service.clear_outputs();
    service.on(world.plan(1, PlanState::Settled, two));
    const Attribution a = service.attributions()[0];
    EXPECT_EQ(a.edge, amount("103.989"));  // 60110 x 0.9999 - 60000
    EXPECT_EQ(a.fees, amount("-9.999"));
    EXPECT_EQ(a.conversion, amount("-60.1"));  // 60100 USDC kept, 0.001 down
    EXPECT_EQ(a.realised, amount("33.89"));
    EXPECT_EQ(a.residual, Amount{});
}

TEST_F(PortfolioAttribution, DerivativesAreWorthTheirMarkWhoeverOpenedThem) {
    const std::vector<messages::PlanLeg> one{
        world.leg(world.perp, Side::Buy, "1", "60000", "60000")};
    service.on(world.plan(1, PlanState::Reserved, one));
    send(service, world, world.order(order_id(1), world.perp, Side::Buy, "60000", "1"));
    service.on(world.fill(order_id(1), world.perp, Side::Buy, 1, "60000", "1", "1", "30"));
    messages::CashEvent funding{EntryKind::Funding,
                                Market::BinanceUsdm,
                                world.asset("USDT"),
                                world.perp,
                                amount("-6"),
                                at(2),
                                5};
    service.on(funding);
    service.clear_outputs();
    service.on(world.plan(1, PlanState::Settled, one));
    const Attribution opened = service.attributions()[0];
    EXPECT_EQ(opened.edge, amount("15"));  // mid 60015
    EXPECT_EQ(opened.funding, amount("-6"));
    EXPECT_EQ(opened.realised, amount("-21"));

    world.quote(world.perp, "60110", "60120");
    const std::vector<messages::PlanLeg> other{
        world.leg(world.perp, Side::Sell, "1", "60110", "60110")};
    service.on(world.plan(2, PlanState::Reserved, other));
    send(service, world, world.order(order_id(2), world.perp, Side::Sell, "60100", "1"));
    service.on(world.fill(order_id(2), world.perp, Side::Sell, 2, "60110", "1", "1"));
    service.clear_outputs();
    service.on(world.plan(2, PlanState::Settled, other));
    const Attribution closed = service.attributions()[0];
    EXPECT_EQ(
        closed.realised,
        amount("-5"));  // sold 5 below the mid; the 110 profit is the first plan's and the market's
    EXPECT_EQ(closed.residual, Amount{});
    EXPECT_EQ(service.positions()[0].realised, amount("110"));
}

TEST_F(PortfolioAttribution, APlanThatLivesAgainCountsItsEdgeOnce) {
    start(1);
    service.on(world.fill(order_id(1, 0), world.binance_btc, Side::Buy, 1, "60000", "1", "1"));
    service.on(world.fill(order_id(1, 1), world.okx_btc, Side::Sell, 1, "60100", "0.5", "0.5"));
    send(service, world,
         world.order(order_id(1, 0, 1), world.binance_btc, Side::Sell, "59900", "0.5",
                     Purpose::Revert));
    service.on(
        world.fill(order_id(1, 0, 1), world.binance_btc, Side::Sell, 2, "59990", "0.5", "0.5"));
    EXPECT_EQ(settle(1).realised, amount("45"));
    // The sale at OKX comes in full after all; trading buys back what is now too little.
    service.on(world.fill(order_id(1, 1), world.okx_btc, Side::Sell, 2, "60100", "0.5", "1"));
    EXPECT_EQ(service.attributions().back().legging, amount("50"));
    service.on(world.plan(1, PlanState::Residual, legs()));
    send(service, world,
         world.order(order_id(1, 1, 1), world.okx_btc, Side::Buy, "60200", "0.5", Purpose::Hedge));
    service.on(world.fill(order_id(1, 1, 1), world.okx_btc, Side::Buy, 3, "60020", "0.5", "0.5"));
    const Attribution again = settle(1);
    EXPECT_EQ(again.edge, Amount{});
    EXPECT_EQ(again.volume, Amount{});
    EXPECT_EQ(again.legging, amount("-10"));
    EXPECT_EQ(service.totals()[0].edge, amount("100"));
    EXPECT_EQ(service.totals()[0].realised, amount("85"));
}

TEST_F(PortfolioAttribution, WhatTheVenueTookTooMuchIsStillThePlansCost) {
    Service poor{world.universe, world.books, world.fees, Config{}};
    poor.on(world.flow(Market::Okx, "BTC", "1"));
    send(poor, world, world.order(order_id(1), world.okx_btc, Side::Sell, "59000", "1"));
    poor.on(world.fill(order_id(1), world.okx_btc, Side::Sell, 11, "60010", "3", "3"));
    poor.clear_outputs();
    poor.on(world.plan(1, PlanState::Settled,
                       {world.leg(world.okx_btc, Side::Sell, "3", "60010", "180030")}));
    EXPECT_EQ(poor.attributions()[0].realised, amount("30"));
    EXPECT_EQ(poor.attributions()[0].residual, Amount{});
}

/// Half a step of 1e-18 in size and money on each leg, at marks below 1e5.
constexpr Amount kMarginOfRounding = Amount::from_raw(200'000);

/// Random plans over all kinds of instruments, fees in odd assets, moving marks, no plan at all:
/// the parts always add up, exactly, and the totals are the sums.
TEST_F(PortfolioAttribution, PartsAddUpWhateverHappens) {
    EXPECT_TRUE(rc::check([this](std::uint64_t seed) {
        runtime::Random random{seed};
        const std::vector<InstrumentId> all{world.binance_btc, world.okx_btc, world.bybit_btc,
                                            world.binance_eth, world.usdc,    world.okx_btc_usdc,
                                            world.perp,        world.inverse};
        const std::vector<const char*> assets{"USDT", "USDC", "BTC", "ETH", "BNB"};
        Service s{world.universe, world.books, world.fees, Config{}};
        for (const MarketInfo& market : kMarkets) {
            for (const char* asset : assets) {
                if (market.wallet == market.market)
                    s.on(world.flow(market.market, asset, "5000000"));
            }
        }
        const auto any_price = [&](InstrumentId id) {
            const bool dollar = id == world.usdc;
            return Price::from_raw(dollar ? random.between(9'000, 11'000)
                                          : random.between(2'000'000, 7'000'000));
        };
        const auto move_market = [&] {
            for (const InstrumentId id : all) {
                if (random.chance(0.5)) continue;
                const std::string mid =
                    any_price(id).text(world.universe.symbol_of(id).price_scale);
                world.quote(id, mid, mid);
            }
        };
        std::map<std::uint16_t, Amount> realised;
        for (std::uint64_t plan = 1; plan <= 6; ++plan) {
            std::vector<messages::PlanLeg> planned(random.below(4));
            for (messages::PlanLeg& leg : planned) {
                leg.instrument = all[random.below(all.size())];
                leg.side = random.chance(0.5) ? Side::Buy : Side::Sell;
                // A leg without a size is one that a repair brought.
                leg.planned = Quantity::from_raw(random.chance(0.2) ? 0 : random.between(1, 1'000));
                leg.planned_worst = any_price(leg.instrument);
                leg.planned_value = Amount::from_raw(random.between(1, 1'000'000'000'000'000'000));
            }
            const char* value_asset = assets[random.below(3)];
            if (random.chance(0.8))
                s.on(world.plan(plan, PlanState::Reserved, planned, value_asset));
            for (std::uint16_t n = 0; n < random.below(8); ++n) {
                move_market();
                const auto leg = static_cast<std::uint8_t>(random.below(5));
                const bool own = leg < planned.size() && random.chance(0.7);
                messages::OrderRequest order;
                order.id = order_id(plan, leg, n);
                order.instrument = own ? planned[leg].instrument : all[random.below(all.size())];
                order.side = own ? planned[leg].side : random.chance(0.5) ? Side::Buy : Side::Sell;
                order.quantity = Quantity::from_raw(random.between(1, 2'000));
                order.price = any_price(order.instrument);
                order.purpose = static_cast<Purpose>(random.below(4));
                send(s, world, order);
                auto fill = world.fill(order.id, order.instrument, order.side, 1 + n, "1", "1", "",
                                       "0.000000000000000001", assets[random.below(assets.size())]);
                fill.price = any_price(order.instrument);
                fill.quantity = Quantity::from_raw(random.between(1, order.quantity.raw()));
                fill.fee =
                    Amount::from_raw(random.between(-1'000'000'007, 1'000'000'000'000'000'000));
                s.on(fill);
            }
            if (random.chance(0.3)) {
                s.on(messages::CashEvent{
                    EntryKind::Funding, Market::BinanceUsdm, world.asset("USDT"), world.perp,
                    Amount::from_raw(random.between(-1'000'000'007, 1'000'000'007)), at(5), plan});
            }
            move_market();
            s.clear_outputs();
            s.on(world.plan(plan, PlanState::Settled, planned, value_asset));
            for (const Attribution& a : s.attributions()) {
                RC_ASSERT(a.residual == Amount{});
                RC_ASSERT(a.volume.magnitude() <= a.edge.magnitude() + kMarginOfRounding);
                RC_ASSERT(parts_of(a) == a.realised);
                realised[a.value_asset.raw()] += a.realised;
            }
            const auto failure = s.verify();
            if (failure) RC_FAIL(*failure);
        }
        RC_ASSERT(s.counters().inexact_attributions == 0u);
        for (const Attribution& total : s.totals())
            RC_ASSERT(total.realised == realised[total.value_asset.raw()]);
    }));
}

TEST_F(PortfolioAttribution, APostingNobodyExplainsShowsAsResidual) {
    PlanAccount account;
    account.plan = PlanId{1};
    account.value_asset = world.asset("USDT");
    Marks marks{world.universe, world.books, Nanos::seconds(60)};
    touch(account, ItemKey::of(world.asset("BTC")), marks, world.universe, nullptr, {}).booked =
        amount("0.01");
    const Settlement settlement = portfolio::settle(account, {}, at(1), marks, world.universe);
    EXPECT_FALSE(settlement.exact);
    EXPECT_EQ(settlement.attribution.residual, amount("600"));
}

}  // namespace
}  // namespace parallax::portfolio
