#include "services/portfolio/service_fixture.hpp"

namespace parallax::portfolio {
namespace {

using messages::PlanState;
using messages::Purpose;
using namespace test;

class PortfolioService : public FundedService {};

TEST_F(PortfolioService, BybitMarketsShareOneWallet) {
    service.on(world.flow(Market::BybitLinear, "USDT", "7"));
    EXPECT_EQ(service.available(Market::BybitInverse, world.asset("USDT")), amount("7"));
    EXPECT_EQ(balance(Market::BybitSpot, "USDT"), amount("7"));
}

TEST_F(PortfolioService, CashEventsHaveTheirAccountsAndCountOnce) {
    messages::CashEvent event;
    event.wallet = Market::BinanceUsdm;
    event.asset = world.asset("USDT");
    const auto book = [&](EntryKind kind, std::string_view sum, std::uint64_t id) {
        event.kind = kind;
        event.amount = amount(sum);
        event.venue_id = id;
        service.on(event);
        service.on(event);
    };
    book(EntryKind::Funding, "-12", 1);
    book(EntryKind::Interest, "-3", 2);
    book(EntryKind::Rebate, "2", 3);
    book(EntryKind::Liquidation, "-40", 4);
    book(EntryKind::Adl, "15", 5);
    book(EntryKind::Airdrop, "9", 6);
    book(EntryKind::Transfer, "-100", 7);
    EXPECT_TRUE(service.state_commands().empty());
    book(EntryKind::Unexplained, "5", 8);
    EXPECT_EQ(service.state_commands().size(), 1u);
    EXPECT_EQ(service.counters().duplicates, 8u);
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::Funding), amount("15"));
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::Fee), amount("-2"));
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::Pnl), amount("25"));
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::External), amount("-50009"));
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::InTransit), amount("100"));
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT", Bucket::Suspense), amount("-5"));
    EXPECT_EQ(balance(Market::BinanceUsdm, "USDT"), amount("49876"));
}

TEST_F(PortfolioService, UnknownAssetsHaltButNeverStop) {
    messages::ExternalFlow flow{Market::Okx, AssetId{60'000}, amount("1"), at(1)};
    service.on(flow);
    flow.asset = AssetId::none();
    service.on(flow);
    EXPECT_EQ(service.counters().alarms[static_cast<std::size_t>(Alarm::UnknownEntry)], 2u);
    EXPECT_TRUE(service.entries().empty());
}

TEST_F(PortfolioService, EveryUnitIsAccountedFor) {
    send(service, world, world.order(order_id(1), world.binance_btc, Side::Buy, "60600", "1"));
    service.on(world.fill(order_id(1), world.binance_btc, Side::Buy, 11, "60000", "0.7", "0.7",
                          "0.0007", "BTC"));
    for (const Conservation& c : service.conservation()) {
        Amount sum = c.fees + c.funding + c.pnl + c.conversion + c.suspense;
        for (const Amount& wallet : c.wallets) sum += wallet;
        EXPECT_EQ(sum, c.external);
        EXPECT_EQ(c.residual, Amount{});
        if (c.asset == world.asset("USDT")) {
            EXPECT_EQ(c.external, amount("150000"));
            EXPECT_EQ(c.conversion, amount("42000"));
        }
    }
}

TEST_F(PortfolioService, EquityIsValuedAtMids) {
    const Performance p = service.performance();
    EXPECT_EQ(p.equity, amount("150000") + amount("180000"));  // 3 BTC at 60000
    EXPECT_EQ(p.unvalued, 0u);
    EXPECT_EQ(p.entries, 4u);
    EXPECT_GE(p.invariant_checks, 12u);
}

TEST_F(PortfolioService, TellsEachFreeBalanceThatChangedOnce) {
    service.on(world.flow(Market::Okx, "BTC", "1"));
    reserve(1, {hold(Market::Okx, "BTC", "0.25"),
                hold(Market::BinanceSpot, "USDT", "5", order_id(1, 1))});
    ASSERT_EQ(service.balance_changes().size(), 2u);
    EXPECT_EQ(service.balance_changes()[0].available, amount("2.75"));
    EXPECT_EQ(service.balance_changes()[1].available, amount("99995"));
    service.clear_outputs();
    EXPECT_TRUE(service.balance_changes().empty());
}

TEST_F(PortfolioService, AFinerScaleKeepsOrdersAndPositions) {
    send(service, world, world.order(order_id(1), world.perp, Side::Buy, "61000", "2"));
    service.on(world.fill(order_id(1), world.perp, Side::Buy, 1, "60000", "1", "1"));
    const Amount before = service.positions()[0].unrealised;
    const auto change = world.universe.refine(world.perp, 3, 6);
    ASSERT_TRUE(change && *change);
    service.on_rescale(**change);
    world.books.at(world.perp)
        .rescale(pow10((*change)->price_digits), pow10((*change)->quantity_digits));
    EXPECT_EQ(service.positions()[0].unrealised, before);
    world.books.at(world.perp).reset();
    EXPECT_EQ(service.positions()[0].unrealised, Amount{});  // no quote: at its last fill
    service.on(world.fill(order_id(1), world.perp, Side::Buy, 1, "60000", "1", "1"));
    EXPECT_EQ(service.counters().duplicates, 1u);
    service.on(world.fill(order_id(1), world.perp, Side::Buy, 2, "60000.001", "1", "2"));
    EXPECT_EQ(service.positions()[0].net, amount("2"));
    EXPECT_TRUE(service.state_commands().empty());
}

TEST_F(PortfolioService, ASnapshotBringsEverythingBack) {
    send(service, world, world.order(order_id(1), world.binance_btc, Side::Buy, "60600", "1"));
    service.on(world.plan(1, PlanState::Sent,
                          {world.leg(world.binance_btc, Side::Buy, "1", "60000", "60000")}));
    service.on(world.fill(order_id(1), world.binance_btc, Side::Buy, 11, "60000", "0.5", "0.5",
                          "0.1", "BNB"));
    send(service, world, world.order(order_id(2), world.perp, Side::Buy, "61000", "2"));
    service.on(world.fill(order_id(2), world.perp, Side::Buy, 1, "60000", "1", "1"));
    messages::CashEvent event{EntryKind::Funding,
                              Market::BinanceUsdm,
                              world.asset("USDT"),
                              world.perp,
                              amount("1"),
                              at(1),
                              77};
    service.on(event);
    service.on(messages::BalanceReport{Market::Okx, world.asset("BTC"), amount("1"), at(1)});
    messages::MarkPrice mark;
    mark.instrument = world.perp;
    mark.mark = world.price(world.perp, "60500");
    service.on(mark);
    service.clear_outputs();
    Service fresh = restored(service, world);
    EXPECT_EQ(state_hash(fresh), state_hash(service));
    EXPECT_EQ(fresh.performance().unrealised, amount("500"));
    EXPECT_EQ(fresh.performance().equity, service.performance().equity);
    for (Service* s : {&service, &fresh}) {
        s->on(event);  // known to both
        s->on(world.fill(order_id(1), world.binance_btc, Side::Buy, 11, "60000", "0.5", "0.5",
                         "0.1", "BNB"));
        s->on(world.fill(order_id(1), world.binance_btc, Side::Buy, 12, "60001", "0.5", "1", "0.1",
                         "BNB"));
        s->on(world.plan(1, PlanState::Settled,
                         {world.leg(world.binance_btc, Side::Buy, "1", "60000", "60000")}));
        EXPECT_FALSE(s->verify());
        s->clear_outputs();
    }
    EXPECT_EQ(state_hash(fresh), state_hash(service));
    EXPECT_EQ(fresh.counters().duplicates, 2u);

    Service again = restored(service, world);
    for (Service* s : {&service, &again}) {  // the plan lives again: its edge has been counted
        send(*s, world,
             world.order(order_id(1, 0, 1), world.binance_btc, Side::Sell, "59900", "1",
                         Purpose::Revert));
        s->on(world.plan(1, PlanState::Settled,
                         {world.leg(world.binance_btc, Side::Buy, "1", "60000", "60000")}));
        EXPECT_EQ(s->attributions()[0].edge, Amount{});
        s->clear_outputs();
    }
    EXPECT_EQ(state_hash(again), state_hash(service));
}

}  // namespace
}  // namespace parallax::portfolio
