// Cases from the venues' sheets: what each must be able to tell from the engine's facts.
#include "sim/engine/test_support.hpp"

namespace parallax::sim_engine {
namespace {

using testing::World;

std::vector<OrderChange> changes_of(const World& w, OrderId id) {
    std::vector<OrderChange> out;
    for (const OrderUpdate& update : w.told<OrderUpdate>()) {
        if (update.order.id == id) out.push_back(update.change);
    }
    return out;
}

TEST(Golden, ImmediateOrCancelTellsFillsThenWhyTheRestEnded) {
    World w;
    w.place(w.limit(0, Side::Sell, 100, 100));
    NewOrder o = w.limit(1, Side::Buy, 100, 300);
    o.time_in_force = TimeInForce::ImmediateOrCancel;
    const OrderId id = w.place(o);
    EXPECT_EQ(w.order(id).status, OrderStatus::Expired);
    EXPECT_EQ(w.order(id).reason, CloseReason::ImmediateOrCancel);
    EXPECT_EQ(w.order(id).filled, w.quantity(100));
    EXPECT_EQ(w.order(id).filled_quote, Amount::units(10));
    EXPECT_EQ(changes_of(w, id),
              (std::vector{OrderChange::Accepted, OrderChange::Filled, OrderChange::Closed}));
    EXPECT_TRUE(w.venue.balance(w.accounts[1], Wallet::Trading, w.usdt).held.is_zero());
}

TEST(Golden, FillOrKillAndPostOnlyByVenue) {
    struct Case {
        Venue venue;
        bool perpetual;
        bool fok_accepted;
        bool post_only_accepted;
    };
    for (const Case& c : {Case{Venue::Binance, false, true, false},  // EXPIRED; -2010
                          Case{Venue::Binance, true, false, false},  // -5021; -5022
                          Case{Venue::Okx, true, true, true},        // cancelSource 13; 31
                          Case{Venue::Bybit, false, true, true}}) {  // EC_...
        World w{c.venue};
        const auto on = [&](NewOrder o) { return c.perpetual ? w.on_perpetual(o) : o; };
        w.place(on(w.limit(0, Side::Sell, 100, 100)));
        NewOrder o = on(w.limit(1, Side::Buy, 100, 200));
        o.time_in_force = TimeInForce::FillOrKill;
        auto placed = w.venue.place(o, w.now);
        EXPECT_EQ(placed.has_value(), c.fok_accepted);
        if (placed) {
            EXPECT_EQ(w.order(*placed).reason, CloseReason::FillOrKill);
            EXPECT_TRUE(w.order(*placed).filled.is_zero());
        }
        o.time_in_force = TimeInForce::GoodTillCancel;
        o.post_only = true;
        placed = w.venue.place(o, w.now);
        EXPECT_EQ(placed.has_value(), c.post_only_accepted);
        if (placed) {
            EXPECT_EQ(w.order(*placed).reason, CloseReason::PostOnly);
        }
        EXPECT_TRUE(w.told<TradePrint>().empty());
        EXPECT_TRUE(w.venue.audit());
    }
}

TEST(Golden, SelfTradePreventionModes) {
    const auto run = [](SelfTrade mode, CloseReason maker, CloseReason taker, std::size_t trades) {
        World w;
        const OrderId own = w.place(w.limit(0, Side::Sell, 100, 100));
        const OrderId other = w.place(w.limit(1, Side::Sell, 100, 100));
        NewOrder o = w.limit(0, Side::Buy, 100, 200);
        o.self_trade = mode;
        const OrderId id = w.place(o);
        EXPECT_EQ(w.order(own).reason, maker) << static_cast<int>(mode);
        EXPECT_EQ(w.order(id).reason, taker) << static_cast<int>(mode);
        EXPECT_EQ(w.told<TradePrint>().size(), trades) << static_cast<int>(mode);
        EXPECT_EQ(w.order(other).filled.is_zero(), trades == 0) << static_cast<int>(mode);
        EXPECT_TRUE(w.venue.audit());
    };
    run(SelfTrade::Allow, CloseReason::None, CloseReason::None, 2);
    run(SelfTrade::CancelTaker, CloseReason::None, CloseReason::SelfTrade, 0);
    run(SelfTrade::CancelMaker, CloseReason::SelfTrade, CloseReason::None, 1);
    run(SelfTrade::CancelBoth, CloseReason::SelfTrade, CloseReason::SelfTrade, 0);
    run(SelfTrade::Decrement, CloseReason::SelfTrade, CloseReason::None, 1);
}

TEST(Golden, SelfTradeGroupsCoverAllAccountsOfAMaster) {
    World w{Venue::Okx};
    AccountSettings s;
    s.self_trade_group = 7;
    const AccountId one = w.venue.open_account(s);
    const AccountId two = w.venue.open_account(s);
    w.venue.grant(one, Wallet::Trading, w.btc, Amount::units(1));
    w.venue.grant(two, Wallet::Trading, w.usdt, Amount::units(1'000));
    NewOrder o = w.limit(0, Side::Sell, 100, 100);
    o.account = one;
    const OrderId maker = w.place(o);
    o = w.limit(0, Side::Buy, 100, 100);
    o.account = two;
    const OrderId taker = w.place(o);
    EXPECT_EQ(w.order(maker).reason, CloseReason::SelfTrade);  // cancel_maker unless it says else
    EXPECT_EQ(w.order(taker).status, OrderStatus::New);
}

TEST(Golden, AmendsKeepOrLoseTheirPlaceAsTheVenueSays) {
    struct Case {
        Venue venue;
        bool perpetual;
        bool keeps;
    };
    for (const Case& c : {Case{Venue::Binance, false, true}, Case{Venue::Binance, true, false},
                          Case{Venue::Okx, true, true}, Case{Venue::Bybit, false, true}}) {
        World w{c.venue};
        const auto on = [&](NewOrder o) { return c.perpetual ? w.on_perpetual(o) : o; };
        const OrderId first = w.place(on(w.limit(0, Side::Sell, 100, 200)));
        const OrderId second = w.place(on(w.limit(1, Side::Sell, 100, 200)));
        ASSERT_TRUE(w.venue.amend({w.accounts[0], first, {}, w.quantity(150)}, w.now));
        w.place(on(w.limit(2, Side::Buy, 100, 100)));
        EXPECT_EQ(w.order(first).filled.is_zero(), !c.keeps);
        EXPECT_EQ(w.order(second).filled.is_zero(), c.keeps);
    }
}

TEST(Golden, AnAmendToWhatIsFilledEndsTheOrderAsTheVenueSays) {
    for (const auto& [venue, status, reason] :
         {std::tuple{Venue::Binance, OrderStatus::Cancelled, CloseReason::AmendBelowFilled},
          std::tuple{Venue::Okx, OrderStatus::Filled, CloseReason::None}}) {
        World w{venue};
        const OrderId id = w.place(w.on_perpetual(w.limit(0, Side::Buy, 100, 200)));
        w.place(w.on_perpetual(w.limit(1, Side::Sell, 100, 100)));
        ASSERT_TRUE(w.venue.amend({w.accounts[0], id, {}, w.quantity(100)}, w.now));
        EXPECT_EQ(w.order(id).status, status);
        EXPECT_EQ(w.order(id).reason, reason);
        EXPECT_TRUE(w.venue.audit());
    }
}

TEST(Golden, ClientIdsComeBackAfterTheOrderClosesExceptAtBybit) {
    for (const Venue venue : {Venue::Binance, Venue::Okx, Venue::Bybit}) {
        World w{venue};
        NewOrder o = w.limit(0, Side::Buy, 100, 100);
        o.client_id = ClientId{"again"};
        const OrderId first = w.place(o);
        EXPECT_EQ(w.refused(o), Reject::DuplicateClientId);
        ASSERT_TRUE(w.venue.cancel(w.accounts[0], first, w.now));
        EXPECT_EQ(w.refused(o), venue == Venue::Bybit ? Reject::DuplicateClientId : Reject::None);
        const Order* newest = w.venue.order(w.accounts[0], o.client_id);
        ASSERT_NE(newest, nullptr);
        EXPECT_EQ(newest->id == first, venue == Venue::Bybit);
    }
}

TEST(Golden, MarketOrdersStopAtTheProtectionOrAtTheEndOfTheBook) {
    World w;
    w.place(w.limit(0, Side::Sell, 100, 100));
    w.place(w.limit(1, Side::Buy, 100, 50));  // last = 100: the bound is 120
    w.place(w.limit(0, Side::Sell, 121, 100));
    const OrderId first = w.place(w.market(1, Side::Buy, 100));
    EXPECT_EQ(w.order(first).filled, w.quantity(50));
    EXPECT_EQ(w.order(first).reason, CloseReason::PriceProtection);
    const OrderId second = w.place(w.market(1, Side::Sell, 100));
    EXPECT_EQ(w.order(second).reason, CloseReason::NoLiquidity);
    EXPECT_TRUE(w.venue.audit());
}

TEST(Golden, AMarketBuyForQuoteSpendsWholeLotsOfIt) {
    World w;
    w.place(w.limit(0, Side::Sell, 100, 60));
    w.place(w.limit(0, Side::Sell, 101, 1'000));
    NewOrder o = w.market(1, Side::Buy, 0);
    o.quote_quantity = Amount::units(10);
    const OrderId id = w.place(o);
    // 6 buys 0.060 at 100; the 4 left buy 0.039 at 101, for 3.939.
    EXPECT_EQ(w.order(id).filled, w.quantity(99));
    EXPECT_EQ(w.order(id).filled_quote.text(), "9.939");
    EXPECT_EQ(w.order(id).status, OrderStatus::Filled);
    EXPECT_EQ(w.total(1, Wallet::Trading, w.usdt).text(), "999990.061");
}

TEST(Golden, OkxCutsATakerAfterAThousandMakers) {
    World w{Venue::Okx};
    InstrumentDefinition many = w.venue.listing(w.spot).definition;
    many.max_open_orders = 0;
    ASSERT_TRUE(w.venue.change_rules(many));
    for (int i = 0; i < 1'001; ++i) w.place(w.limit(0, Side::Sell, 100, 50));
    NewOrder o = w.limit(1, Side::Buy, 100, 50 * 1'001);
    o.time_in_force = TimeInForce::FillOrKill;
    EXPECT_EQ(w.order(w.place(o)).reason, CloseReason::FillOrKill);
    o.time_in_force = TimeInForce::GoodTillCancel;
    const Order& cut = w.order(w.place(o));
    EXPECT_EQ(cut.filled, w.quantity(50'000));
    EXPECT_EQ(cut.reason, CloseReason::TooManyMatches);
}

TEST(Golden, FeesComeFromWhatIsReceivedFromQuoteOrFromTheDiscountAsset) {
    World w{Venue::Binance, "base"};
    w.place(w.limit(0, Side::Sell, 100, 1'000));
    w.venue.clear_events();
    w.place(w.limit(1, Side::Buy, 100, 1'000));
    std::vector<std::string> fees;
    for (const OrderUpdate& u : w.told<OrderUpdate>()) {
        if (u.change == OrderChange::Filled)
            fees.push_back(u.execution.fee.text() + " " +
                           w.venue.asset_name(u.execution.fee_asset) +
                           (u.execution.maker ? " maker" : " taker"));
    }
    EXPECT_EQ(fees, (std::vector<std::string>{"0.1 USDT maker", "0.001 BTC taker"}));
    const AssetId bnb = w.venue.asset("BNB");
    w.venue.set_asset_value(bnb, Amount::units(900));
    w.venue.set_asset_value(w.usdt, Amount::units(1));
    w.venue.set_asset_value(w.btc, Amount::units(100));
    w.venue.grant(w.accounts[1], Wallet::Trading, bnb, Amount::units(1));
    w.venue.set_pays_with_discount_asset(w.accounts[1], true);
    w.place(w.limit(0, Side::Sell, 100, 1'000));
    w.venue.clear_events();
    w.place(w.limit(1, Side::Buy, 100, 1'000));
    // 0.001 BTC are 0.1 USDT, less a quarter 0.075, over 900: rounded up at the eighth digit.
    EXPECT_EQ(w.venue.ledger().fees(bnb).text(), "0.00008334");
    EXPECT_TRUE(w.venue.audit());
}

TEST(Golden, AFeeThatRisesUnderARestingOrderIsTakenAsFarAsThereIsMoney) {
    World w;
    AccountSettings settings;
    const AccountId poor = w.venue.open_account(settings);
    w.venue.grant(poor, Wallet::Trading, w.usdt, Amount::units(10));
    NewOrder o = w.limit(0, Side::Buy, 100, 100);
    o.account = poor;
    w.place(o);  // holds all it has
    FeeSchedule dear = *FeeSchedule::named("zero");
    dear.set(Market::BinanceSpot, true,
             {Rate::basis_points(10), Rate::basis_points(10), FeeAsset::Quote});
    w.venue.set_fees(poor, dear);
    w.place(w.limit(1, Side::Sell, 100, 50));
    EXPECT_EQ(w.venue.balance(poor, Wallet::Trading, w.usdt).total, Amount::units(5));
    EXPECT_TRUE(w.venue.audit());
}

TEST(Golden, BybitPaysASpotRebateInWhatTheFillGivesAway) {
    World w{Venue::Bybit};
    FeeSchedule fees = *FeeSchedule::named("zero");
    fees.set(Market::BybitSpot, true, {Rate::basis_points(-1), Rate{}, FeeAsset::Received});
    w.venue.set_fees(w.accounts[0], fees);
    w.place(w.limit(0, Side::Buy, 100, 1'000));
    w.place(w.limit(1, Side::Sell, 100, 1'000));
    EXPECT_EQ(w.total(0, Wallet::Trading, w.usdt).text(), "999900.01");
    EXPECT_EQ(w.total(0, Wallet::Trading, w.btc), Amount::units(1'001));
    EXPECT_TRUE(w.venue.audit());
}

TEST(Golden, CancelReplaceStopsOrGoesOn) {
    World w;
    const OrderId old = w.place(w.limit(0, Side::Buy, 100, 100));
    const NewOrder next = w.limit(0, Side::Buy, 99, 100);
    auto both = w.venue.cancel_replace(w.accounts[0], old, next, false, w.now);
    EXPECT_TRUE(both.cancelled && both.placed);
    EXPECT_EQ(w.order(old).reason, CloseReason::Replaced);
    both = w.venue.cancel_replace(w.accounts[0], old, next, false, w.now);
    EXPECT_EQ(both.cancelled.error(), Reject::OrderClosed);
    EXPECT_EQ(both.placed.error(), Reject::None);  // not tried
    both = w.venue.cancel_replace(w.accounts[0], old, next, true, w.now);
    EXPECT_TRUE(!both.cancelled && both.placed);
}

TEST(Golden, ACancelOnlyListingLetsOrdersGoAndAPostOnlyOneLetsThemRest) {
    World w;
    const OrderId id = w.place(w.limit(0, Side::Buy, 100, 100));
    w.venue.set_state(w.spot, ListingState::CancelOnly, w.now);
    EXPECT_TRUE(w.venue.cancel(w.accounts[0], id, w.now));
    w.venue.set_state(w.spot, ListingState::PostOnly, w.now);
    NewOrder o = w.limit(0, Side::Buy, 100, 100);
    o.post_only = true;
    EXPECT_EQ(w.order(w.place(o)).status, OrderStatus::New);
    EXPECT_EQ(w.told<ListingChange>().size(), 2U);
}

TEST(Golden, EventsAreNumberedOverBothStreamsAndEachBookChangeCountsOn) {
    World w;
    w.place(w.limit(0, Side::Sell, 100, 100));
    w.place(w.limit(0, Side::Sell, 101, 100));
    w.venue.clear_events();
    w.place(w.limit(1, Side::Buy, 101, 150));
    std::vector<std::uint64_t> numbers;
    for (const auto& event : w.venue.public_events()) numbers.push_back(event.number);
    for (const auto& event : w.venue.private_events()) numbers.push_back(event.number);
    std::sort(numbers.begin(), numbers.end());
    for (std::size_t i = 1; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], numbers[i - 1] + 1);
    const auto levels = w.told<LevelChange>();
    ASSERT_EQ(levels.size(), 2U);
    EXPECT_TRUE(levels[0].after.is_zero());
    EXPECT_EQ(levels[1].after, w.quantity(50));
    EXPECT_EQ(levels[1].update, levels[0].update + 1);
    const auto best = w.told<BestChange>();
    ASSERT_EQ(best.size(), 1U);  // once a request
    EXPECT_EQ(best[0].ask, (Level{w.price(101), w.quantity(50)}));
    EXPECT_EQ(best[0].bid.quantity, Quantity{});
}

TEST(Golden, TickAndLotMayGetFinerWhileOrdersRest) {
    World w;
    const OrderId old = w.place(w.limit(0, Side::Sell, 100.1, 100));
    InstrumentDefinition d = w.venue.listing(w.spot).definition;
    d.tick = "0.5";
    ASSERT_TRUE(w.venue.change_rules(d));
    EXPECT_EQ(w.refused(w.limit(1, Side::Buy, 100.1, 100)), Reject::TickSize);
    w.place(w.limit(1, Side::Buy, 100.5, 100));
    EXPECT_EQ(w.order(old).status, OrderStatus::Filled);
    d.tick = "0.001";
    EXPECT_TRUE(w.venue.change_rules(d));
    d.tick = "0.0001";  // finer than the two spare digits
    EXPECT_FALSE(w.venue.change_rules(d));
    EXPECT_EQ(w.venue.listing(w.spot).definition.tick, "0.001");
    d.quote = "USDC";
    EXPECT_FALSE(w.venue.change_rules(d));
}

TEST(Golden, ContractsAreReadAndWrittenInTheVenuesUnit) {
    SimVenue venue{World::settings(Venue::Okx)};
    InstrumentDefinition d = testing::definition(Market::Okx, "BTC-USDT-SWAP", "BTC", "USDT", true);
    d.contract_size = "0.01";
    d.lot = d.min_quantity = "0.01";
    const Listing& listing = venue.listing(*venue.list(d));
    const Quantity three = *listing.parse_quantity("3");
    EXPECT_EQ(listing.amount(three).text(), "0.03");
    EXPECT_EQ(listing.text(three), "3");
    EXPECT_EQ(listing.text(listing.lot), "0.01");
    d.venue_symbol = "DOGE-USDT-SWAP";
    d.contract_size = "1000";
    const Listing& doge = venue.listing(*venue.list(d));
    EXPECT_EQ(doge.amount(*doge.parse_quantity("0.01")).text(), "10");
    EXPECT_EQ(doge.text(*doge.parse_quantity("12.34")), "12.34");
    EXPECT_FALSE(venue.list(d));
}

}  // namespace
}  // namespace parallax::sim_engine
