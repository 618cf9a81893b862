#include "sim/engine/test_support.hpp"

namespace parallax::sim_engine {
namespace {

using testing::World;

/// Account 0 long, account 1 short.
void open_position(World& w, double price, std::int64_t thousandths) {
    w.place(w.on_perpetual(w.limit(1, Side::Sell, price, thousandths)));
    w.place(w.on_perpetual(w.limit(0, Side::Buy, price, thousandths)));
}

TEST(Perpetuals, ProfitIsRealisedAgainstTheMeanEntry) {
    World w;
    open_position(w, 100, 1'000);
    open_position(w, 110, 1'000);
    const Position& p = w.venue.position(w.accounts[0], w.perpetual);
    EXPECT_EQ(p.entry_price(w.venue.listing(w.perpetual)), w.price(105));
    w.venue.clear_events();
    w.place(w.on_perpetual(w.limit(2, Side::Buy, 120, 500)));
    w.place(w.on_perpetual(w.limit(0, Side::Sell, 120, 500)));
    EXPECT_EQ(p.realised().text(), "7.5");
    EXPECT_EQ(w.total(0, Wallet::Derivatives, w.usdt).text(), "1000007.5");
    EXPECT_EQ(p.entry_price(w.venue.listing(w.perpetual)), w.price(105));
    EXPECT_EQ(p.unrealised(w.venue.listing(w.perpetual), w.price(100)).text(), "-7.5");
    const auto told = w.told<PositionChange>();
    ASSERT_EQ(told.size(), 2U);
    EXPECT_TRUE(w.venue.audit());
}

TEST(Perpetuals, WhatIsFinerThanTheVenuePaysStaysWithTheRestOfThePosition) {
    World w;
    InstrumentDefinition d = w.venue.listing(w.perpetual).definition;
    d.quote_decimals = 3;
    ASSERT_TRUE(w.venue.change_rules(d));
    open_position(w, 100, 1'000);
    open_position(w, 101, 2'000);
    w.place(w.on_perpetual(w.limit(2, Side::Buy, 102, 3'000)));
    w.place(w.on_perpetual(w.limit(0, Side::Sell, 102, 1'000)));
    const Position& p = w.venue.position(w.accounts[0], w.perpetual);
    EXPECT_EQ(p.realised().text(), "1.333");  // 102 - 302 / 3
    EXPECT_EQ(p.entry_value().text(), "201.333");
    w.place(w.on_perpetual(w.limit(0, Side::Sell, 102, 2'000)));
    EXPECT_EQ(p.realised().text(), "4");
    EXPECT_EQ(p.entry_value(), Amount{});
    EXPECT_TRUE(w.venue.audit());
}

TEST(Perpetuals, AnOrderThroughZeroTurnsThePosition) {
    World w;
    open_position(w, 100, 1'000);
    w.place(w.on_perpetual(w.limit(2, Side::Buy, 90, 3'000)));
    w.place(w.on_perpetual(w.limit(0, Side::Sell, 90, 3'000)));
    const Position& p = w.venue.position(w.accounts[0], w.perpetual);
    EXPECT_EQ(p.quantity(), Quantity{} - w.quantity(2'000));
    EXPECT_EQ(p.entry_value().text(), "-180");
    EXPECT_EQ(p.realised().text(), "-10");
    EXPECT_TRUE(w.venue.audit());
}

TEST(Perpetuals, MarginCountsThePositionAndTheLargerSideOfOrders) {
    World w;
    ASSERT_TRUE(w.venue.set_leverage(w.accounts[0], w.perpetual, 10, w.now));
    open_position(w, 100, 1'000);  // no mark yet: the last price is 100
    const auto initial = [&] { return w.venue.margin(w.accounts[0], w.usdt).initial.text(); };
    EXPECT_EQ(initial(), "10");
    w.place(w.on_perpetual(w.limit(0, Side::Buy, 90, 1'000)));
    EXPECT_EQ(initial(), "19");
    w.place(w.on_perpetual(w.limit(0, Side::Sell, 110, 1'000)));  // closes: nothing
    EXPECT_EQ(initial(), "19");
    w.place(w.on_perpetual(w.limit(0, Side::Sell, 110, 4'000)));  // 4 beyond: 44
    EXPECT_EQ(initial(), "44");
    EXPECT_EQ(w.venue.available(w.accounts[0], Wallet::Derivatives, w.usdt).text(), "999956");
    w.venue.cancel_all(w.accounts[0], ListingId{}, w.now);
    EXPECT_EQ(initial(), "10");
}

TEST(Perpetuals, FundingMovesFromLongsToShortsAtItsStamp) {
    World w;
    w.venue.set_index(w.perpetual, w.price(100), w.now);
    open_position(w, 100, 1'000);
    // A book 1 % above the index: a premium beyond what is clamped, so F = P - 5 bp, capped.
    w.place(w.on_perpetual(w.limit(2, Side::Buy, 101, 1'000)));
    w.place(w.on_perpetual(w.limit(3, Side::Sell, 101.1, 1'000)));
    w.venue.set_index(w.perpetual, w.price(100), w.now + Nanos::seconds(1));
    const Desk& desk = w.venue.desk(w.perpetual);
    EXPECT_EQ(desk.funding_rate(), Rate::basis_points(30));
    EXPECT_EQ(desk.next_funding, w.now + Nanos::seconds(8 * 3'600));
    w.venue.advance(desk.next_funding - Nanos{1});
    EXPECT_TRUE(w.told<FundingPayment>().empty());
    w.venue.advance(desk.next_funding);
    const auto paid = w.told<FundingPayment>();
    ASSERT_EQ(paid.size(), 2U);
    // 0.5 % is the most the middle counts; one sixteenth of it is in the mark: 100.031.
    EXPECT_EQ(paid[0].mark, w.price(100.031));
    EXPECT_EQ(paid[0].amount.text(), "0.300093");
    EXPECT_EQ(paid[1].amount.text(), "-0.300093");
    EXPECT_EQ(desk.premium_samples, 0);
    EXPECT_TRUE(w.venue.audit());
}

TEST(Perpetuals, DustOfFundingGoesToTheInsuranceFund) {
    World w;
    InstrumentDefinition d = testing::definition(Market::BinanceUsdm, "FINE", "BTC", "USDT", true);
    d.tick = "0.00000001";
    d.lot = "0.000001";
    d.min_quantity = d.min_notional = d.max_quantity = "";
    w.perpetual = *w.venue.list(d);
    w.venue.set_index(w.perpetual, Price::from_raw(700'000'000'00), w.now);
    for (const auto& [account, side] : {std::pair{1, Side::Sell}, std::pair{0, Side::Buy}}) {
        NewOrder o = w.on_perpetual(w.limit(static_cast<std::size_t>(account), side, 0, 0));
        o.price = Price::from_raw(700'000'001'00);
        o.quantity = Quantity::from_raw(100'000'000);
        w.place(o);
    }
    w.venue.set_index(w.perpetual, Price::from_raw(700'000'000'03), w.now);
    w.venue.clear_events();
    w.venue.advance(w.venue.desk(w.perpetual).next_funding);
    const auto paid = w.told<FundingPayment>();
    ASSERT_EQ(paid.size(), 2U);
    // 7.0000000003 x 1 bp = 0.00070000000003; the venue tells and books eight digits.
    EXPECT_EQ(paid[0].amount.text(), "0.00070001");
    EXPECT_EQ(paid[1].amount.text(), "-0.0007");
    EXPECT_EQ(w.venue.ledger().insurance(w.usdt).text(), "0.00000001");
    EXPECT_TRUE(w.venue.audit());
}

/// A poor long of 1 BTC at 100 with 5 USDT.
AccountId poor_long(World& w) {
    AccountSettings s;
    s.fees = *FeeSchedule::named("zero");
    const AccountId poor = w.venue.open_account(s);
    w.venue.grant(poor, w.margin_wallet(), w.usdt, Amount::units(5));
    EXPECT_TRUE(w.venue.set_leverage(poor, w.perpetual, 50, w.now));
    w.venue.set_index(w.perpetual, w.price(100), w.now);
    w.place(w.on_perpetual(w.limit(1, Side::Sell, 100, 1'000)));
    NewOrder o = w.on_perpetual(w.limit(0, Side::Buy, 100, 1'000));
    o.account = poor;
    w.place(o);
    o.price = w.price(90);
    o.quantity = w.quantity(100);
    w.place(o);
    return poor;
}

TEST(Perpetuals, LiquidationSellsIntoTheBookAndTheFundTakesItsFee) {
    World w;
    const AccountId poor = poor_long(w);
    w.place(w.on_perpetual(w.limit(2, Side::Buy, 97, 5'000)));
    w.venue.clear_events();
    w.venue.set_index(w.perpetual, w.price(96.1), w.now);  // equity 1.1 > 0.961
    EXPECT_TRUE(w.told<LiquidationNotice>().empty());
    w.venue.set_index(w.perpetual, w.price(95.8), w.now);
    ASSERT_EQ(w.told<LiquidationNotice>().size(), 1U);
    const auto prints = w.told<TradePrint>();
    ASSERT_EQ(prints.size(), 1U);
    EXPECT_TRUE(prints[0].liquidation);
    EXPECT_EQ(prints[0].price, w.price(97));
    EXPECT_TRUE(w.venue.position(poor, w.perpetual).quantity().is_zero());
    EXPECT_TRUE(w.venue.open_orders(poor, ListingId{}).empty());
    // 5 - 3 of loss = 2 left; the fee is 1.25 % of 97.
    EXPECT_EQ(w.venue.ledger().insurance(w.usdt).text(), "1.2125");
    EXPECT_EQ(w.venue.balance(poor, Wallet::Derivatives, w.usdt).total.text(), "0.7875");
    EXPECT_TRUE(w.venue.audit());
}

TEST(Perpetuals, TheHouseTakesWhatNobodyBuysAndTheFundPaysTheDebt) {
    World w{Venue::Bybit};
    const AccountId poor = poor_long(w);
    w.venue.grant_insurance(w.usdt, Amount::units(100));
    w.venue.clear_events();
    w.venue.set_index(w.perpetual, w.price(80), w.now);
    EXPECT_TRUE(w.told<TradePrint>().empty());
    EXPECT_EQ(w.venue.position(AccountId{0}, w.perpetual).quantity(), w.quantity(1'000));
    EXPECT_TRUE(w.venue.balance(poor, Wallet::Trading, w.usdt).total.is_zero());
    EXPECT_EQ(w.venue.ledger().insurance(w.usdt).text(), "85");  // 20 lost, 5 were there
    EXPECT_TRUE(w.venue.audit());
}

TEST(Perpetuals, ReduceOnlyOrdersFollowThePosition) {
    World w;
    open_position(w, 100, 1'000);
    NewOrder o = w.on_perpetual(w.limit(0, Side::Sell, 110, 3'000));
    o.reduce_only = true;
    const OrderId first = w.place(o);
    EXPECT_EQ(w.order(first).quantity, w.quantity(1'000));  // cut
    o.price = w.price(111);
    o.quantity = w.quantity(500);
    const OrderId second = w.place(o);  // the first has it all already
    EXPECT_EQ(w.order(second).reason, CloseReason::ReduceOnly);
    w.place(w.on_perpetual(w.limit(2, Side::Buy, 100, 400)));
    w.place(w.on_perpetual(w.limit(0, Side::Sell, 100, 400)));
    EXPECT_EQ(w.order(first).quantity, w.quantity(600));
    w.place(w.on_perpetual(w.limit(2, Side::Buy, 100, 600)));
    w.place(w.on_perpetual(w.limit(0, Side::Sell, 100, 600)));
    EXPECT_EQ(w.order(first).reason, CloseReason::ReduceOnly);
    EXPECT_TRUE(w.venue.audit());
}

TEST(Perpetuals, AReduceOnlyMakerNeverTurnsItsPositionInOneSweep) {
    World w;
    open_position(w, 100, 1'000);
    w.place(w.on_perpetual(w.limit(0, Side::Sell, 101, 700)));
    NewOrder o = w.on_perpetual(w.limit(0, Side::Sell, 102, 1'000));
    o.reduce_only = true;
    w.place(o);
    NewOrder taker = w.on_perpetual(w.limit(2, Side::Buy, 102, 1'700));
    taker.time_in_force = TimeInForce::FillOrKill;
    EXPECT_EQ(w.refused(taker), Reject::FillOrKillUnfilled);  // only 1,000 are there in truth
    taker.time_in_force = TimeInForce::ImmediateOrCancel;
    EXPECT_EQ(w.order(w.place(taker)).filled, w.quantity(1'000));
    EXPECT_TRUE(w.venue.position(w.accounts[0], w.perpetual).quantity().is_zero());
    EXPECT_TRUE(w.venue.audit());
}

TEST(Movements, GoThroughTheirStatuses) {
    World w;
    const AccountId me = w.accounts[0];
    const auto in = w.venue.deposit(me, Wallet::Trading, w.usdt, Amount::units(7), w.now);
    const auto out =
        w.venue.withdraw(me, Wallet::Trading, w.usdt, Amount::units(50), Amount::units(1), w.now);
    const auto back =
        w.venue.withdraw(me, Wallet::Trading, w.usdt, Amount::units(60), Amount::units(1), w.now);
    ASSERT_TRUE(in && out && back);
    EXPECT_EQ(w.total(0, Wallet::Trading, w.usdt).text(), "999888");
    ASSERT_TRUE(w.venue.cancel_withdrawal(me, *back, w.now));
    w.venue.advance(w.now + Nanos::seconds(60));
    EXPECT_EQ(w.venue.movement(*in)->status, MovementStatus::Done);
    EXPECT_EQ(w.venue.movement(*out)->status, MovementStatus::Pending);
    w.venue.advance(w.now + Nanos::seconds(120));
    EXPECT_EQ(w.venue.movement(*out)->status, MovementStatus::Done);
    EXPECT_EQ(w.venue.movement(*back)->status, MovementStatus::Cancelled);
    EXPECT_EQ(w.total(0, Wallet::Trading, w.usdt).text(), "999956");
    EXPECT_EQ(w.venue.ledger().fees(w.usdt), Amount::units(1));
    EXPECT_TRUE(w.venue.audit());
}

TEST(Movements, WhatMarginNeedsCannotLeave) {
    World w;
    open_position(w, 100, 1'000'000);  // 100,000 of margin at leverage 1
    const auto move = [&](std::int64_t units) {
        return w.venue.transfer(w.accounts[0], Wallet::Derivatives, Wallet::Trading, w.usdt,
                                Amount::units(units), w.now);
    };
    EXPECT_FALSE(move(900'001));
    EXPECT_TRUE(move(900'000));
    EXPECT_TRUE(w.venue.audit());
}

TEST(History, RemembersOnlyTheNewestAndFillsByNumber) {
    VenueSettings settings = World::settings(Venue::Okx);
    settings.history = 3;
    SimVenue venue{settings};
    const ListingId spot =
        *venue.list(testing::definition(Market::Okx, "BTCUSDT", "BTC", "USDT", false));
    AccountSettings s;
    const AccountId me = venue.open_account(s);
    venue.grant(me, Wallet::Trading, *venue.find_asset("USDT"), Amount::units(1'000));
    venue.grant(me, Wallet::Trading, *venue.find_asset("BTC"), Amount::units(10));
    std::vector<OrderId> ids;
    for (int i = 0; i < 6; ++i) {
        NewOrder o;
        o.account = me;
        o.listing = spot;
        o.side = i % 2 == 0 ? Side::Buy : Side::Sell;
        o.price = Price::from_raw(100'000);
        o.quantity = Quantity::from_raw(10'000);
        o.self_trade = SelfTrade::Allow;
        o.client_id = ClientId{"c" + std::to_string(i)};
        ids.push_back(*venue.place(o, UnixNanos::from_millis(1'000 + i)));
    }
    EXPECT_EQ(venue.order(ids[2]), nullptr);
    EXPECT_EQ(venue.order(me, ClientId{"c2"}), nullptr);
    EXPECT_EQ(venue.order(me, ClientId{"c5"})->id, ids[5]);
    EXPECT_EQ(venue.closed_orders(me).size(), 3U);
    const auto fills = venue.fills_since(me, 0);
    ASSERT_EQ(fills.size(), 3U);
    EXPECT_EQ(venue.fills_since(me, fills[1].number).size(), 1U);
}

}  // namespace
}  // namespace parallax::sim_engine
