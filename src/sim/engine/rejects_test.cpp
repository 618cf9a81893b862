#include <limits>
#include <set>

#include "core/archive.hpp"

#include "sim/engine/test_support.hpp"

namespace parallax::sim_engine {
namespace {

using testing::World;

/// Provokes every reason and notes it.
struct Provoker {
    std::set<Reject> seen;
    void expect(Reject got, Reject wanted) {
        EXPECT_EQ(got, wanted) << to_string(got) << " instead of " << to_string(wanted);
        seen.insert(got);
    }
    template <class T>
    void expect(const Outcome<T>& got, Reject wanted) {
        expect(got ? Reject::None : got.error(), wanted);
    }
};

void bad_orders(Provoker& p) {
    World w;
    const NewOrder good = w.limit(0, Side::Buy, 100, 100);
    const auto with = [&](auto change) {
        NewOrder o = good;
        change(o);
        return w.refused(o);
    };
    p.expect(with([](NewOrder& o) { o.account = AccountId{99}; }), Reject::UnknownAccount);
    p.expect(with([](NewOrder& o) { o.account = AccountId{0}; }), Reject::UnknownAccount);
    p.expect(with([](NewOrder& o) { o.listing = ListingId{99}; }), Reject::UnknownListing);
    p.expect(with([](NewOrder& o) { o.reduce_only = true; }), Reject::InvalidCombination);
    p.expect(with([](NewOrder& o) { o.quantity = {}; }), Reject::InvalidQuantity);
    p.expect(with([](NewOrder& o) { o.price = {}; }), Reject::InvalidPrice);
    p.expect(with([](NewOrder& o) { o.quantity += Quantity::from_raw(1); }), Reject::LotSize);
    p.expect(with([](NewOrder& o) { o.price = o.price + Price::from_raw(1); }), Reject::TickSize);
    p.expect(with([&](NewOrder& o) { o.quantity = w.quantity(1'000'001); }),
             Reject::AboveMaxQuantity);
    p.expect(with([&](NewOrder& o) { o = w.market(0, Side::Buy, 500'001); }),
             Reject::AboveMaxMarketQuantity);
    p.expect(with([&](NewOrder& o) { o.price = w.price(0.4); }), Reject::BelowMinPrice);
    p.expect(with([&](NewOrder& o) { o.price = w.price(100'000.1); }), Reject::AboveMaxPrice);
    p.expect(with([&](NewOrder& o) { o.quantity = w.quantity(49); }), Reject::BelowMinNotional);
    p.expect(with([&](NewOrder& o) {
                 o.price = w.price(90'000);
                 o.quantity = w.quantity(30'000);
             }),
             Reject::AboveMaxNotional);
    p.expect(with([&](NewOrder& o) {
                 o.price = w.price(50'000);
                 o.quantity = w.quantity(30'000);
             }),
             Reject::InsufficientBalance);
    InstrumentDefinition coarse = w.venue.listing(w.spot).definition;
    coarse.min_quantity = "0.2";
    ASSERT_TRUE(w.venue.change_rules(coarse));
    p.expect(with([](NewOrder&) {}), Reject::BelowMinQuantity);
    coarse.min_quantity = "0.001";
    coarse.max_open_orders = 2;
    ASSERT_TRUE(w.venue.change_rules(coarse));
    NewOrder named = good;
    named.client_id = ClientId{"one"};
    w.place(named);
    p.expect(w.refused(named), Reject::DuplicateClientId);
    w.place(good);
    p.expect(w.refused(good), Reject::TooManyOpenOrders);
    w.place(w.limit(1, Side::Sell, 101, 100));
    p.expect(with([&](NewOrder& o) {
                 o = w.limit(2, Side::Sell, 100, 100);
                 o.post_only = true;
             }),
             Reject::PostOnlyWouldTake);
    w.place(w.limit(2, Side::Buy, 101, 100));  // a trade makes a reference price
    p.expect(w.refused(w.limit(2, Side::Buy, 152, 100)), Reject::PriceTooHigh);
    p.expect(w.refused(w.limit(2, Side::Buy, 50, 200)), Reject::PriceTooLow);
}

void states_and_amends(Provoker& p) {
    World w;
    const OrderId id = w.place(w.limit(0, Side::Buy, 100, 200));
    const AccountId me = w.accounts[0];
    const auto amend = [&](std::optional<Price> price, std::optional<Quantity> quantity) {
        return w.venue.amend({me, id, price, quantity}, w.now);
    };
    for (const auto& [state, reason] : {std::pair{ListingState::Halted, Reject::Halted},
                                        std::pair{ListingState::CancelOnly, Reject::CancelOnly},
                                        std::pair{ListingState::PostOnly, Reject::PostOnlyPhase}}) {
        w.venue.set_state(w.spot, state, w.now);
        p.expect(w.refused(w.limit(0, Side::Buy, 100, 100)), reason);
        p.expect(amend({}, w.quantity(100)), reason);
    }
    w.venue.set_state(w.spot, ListingState::Trading, w.now);
    p.expect(amend({}, w.quantity(200)), Reject::NothingToAmend);
    p.expect(amend({}, w.quantity(300)), Reject::AmendNotAllowed);
    p.expect(amend(w.price(99), {}), Reject::AmendNotAllowed);
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(amend({}, w.quantity(199 - i)));
    p.expect(amend({}, w.quantity(150)), Reject::TooManyAmends);
    const OrderId part = w.place(w.limit(0, Side::Buy, 101, 200));
    w.place(w.limit(1, Side::Sell, 101, 100));
    p.expect(w.venue.amend({me, part, {}, w.quantity(100)}, w.now), Reject::AmendBelowFilled);
    p.expect(w.venue.cancel(w.accounts[1], id, w.now), Reject::UnknownOrder);
    ASSERT_TRUE(w.venue.cancel(me, id, w.now));
    p.expect(w.venue.cancel(me, id, w.now), Reject::OrderClosed);
    w.venue.set_state(w.spot, ListingState::Delisted, w.now);
    EXPECT_EQ(w.order(part).reason, CloseReason::Delisted);
    p.expect(w.refused(w.limit(0, Side::Buy, 100, 100)), Reject::Delisted);
}

void perpetuals(Provoker& p) {
    World w;
    NewOrder o = w.on_perpetual(w.limit(0, Side::Buy, 100, 100));
    o.time_in_force = TimeInForce::FillOrKill;
    p.expect(w.refused(o), Reject::FillOrKillUnfilled);
    o = w.on_perpetual(w.limit(0, Side::Sell, 100, 100));
    o.reduce_only = true;
    p.expect(w.refused(o), Reject::NothingToReduce);
    o = w.on_perpetual(w.limit(0, Side::Buy, 10'000, 200'000));
    p.expect(w.refused(o), Reject::InsufficientMargin);
    const auto leverage = [&](std::uint16_t x) {
        return w.venue.set_leverage(w.accounts[0], w.perpetual, x, w.now);
    };
    p.expect(leverage(51), Reject::InvalidLeverage);
    p.expect(leverage(0), Reject::InvalidLeverage);
    ASSERT_TRUE(leverage(50));
    w.place(o);
    p.expect(leverage(1), Reject::InsufficientMargin);

    World okx{Venue::Okx};
    okx.place(okx.on_perpetual(okx.limit(0, Side::Buy, 100, 100)));
    okx.place(okx.on_perpetual(okx.limit(1, Side::Sell, 100, 100)));
    o = okx.on_perpetual(okx.limit(0, Side::Sell, 101, 101));
    o.reduce_only = true;
    p.expect(okx.refused(o), Reject::ReduceOnlyTooLarge);
    NewOrder maker = okx.limit(0, Side::Buy, 100, 100);
    maker.post_only = true;
    const OrderId id = okx.place(maker);
    okx.place(okx.limit(1, Side::Sell, 101, 100));
    p.expect(okx.venue.amend({okx.accounts[0], id, okx.price(101), {}}, okx.now),
             Reject::AmendWouldTake);

    World bybit{Venue::Bybit};
    InstrumentDefinition many = bybit.venue.listing(bybit.spot).definition;
    many.max_open_orders = 0;
    ASSERT_TRUE(bybit.venue.change_rules(many));
    for (int i = 0; i < 500; ++i) bybit.place(bybit.limit(0, Side::Buy, 100, 50));
    p.expect(bybit.refused(bybit.limit(0, Side::Buy, 100, 50)), Reject::TooManyOpenOrdersInTotal);
}

void movements(Provoker& p) {
    World w{Venue::Bybit};
    const AccountId me = w.accounts[0];
    const auto move = [&](Wallet to, AssetId asset, std::int64_t units) {
        return w.venue.transfer(me, Wallet::Trading, to, asset, Amount::units(units), w.now);
    };
    p.expect(move(Wallet::Derivatives, w.usdt, 1), Reject::WalletNotOffered);
    p.expect(move(Wallet::Funding, AssetId{77}, 1), Reject::UnknownAsset);
    p.expect(move(Wallet::Funding, w.usdt, 0), Reject::InvalidAmount);
    p.expect(move(Wallet::Trading, w.usdt, 1), Reject::InvalidCombination);
    p.expect(move(Wallet::Funding, w.usdt, 1'000'001), Reject::InsufficientBalance);
    p.expect(w.venue.cancel_withdrawal(me, MovementId{5}, w.now), Reject::UnknownMovement);
    const auto out =
        w.venue.withdraw(me, Wallet::Trading, w.usdt, Amount::units(10), Amount::units(1), w.now);
    ASSERT_TRUE(out);
    w.now = w.now + Nanos::seconds(120);
    w.venue.advance(w.now);
    p.expect(w.venue.cancel_withdrawal(me, *out, w.now), Reject::MovementFinal);
}

TEST(Rejects, EveryReasonCanHappen) {
    Provoker p;
    bad_orders(p);
    states_and_amends(p);
    perpetuals(p);
    movements(p);
    for (std::size_t i = 1; i < kRejectCount; ++i) {
        const auto reason = static_cast<Reject>(i);
        EXPECT_TRUE(p.seen.contains(reason)) << to_string(reason);
        EXPECT_FALSE(to_string(reason).empty());
    }
}

TEST(Rejects, NumbersNobodyCanPayAreRefusedBeforeTheyOverflow) {
    World w;
    for (const ListingId id : {w.spot, w.perpetual}) {
        InstrumentDefinition d = w.venue.listing(id).definition;  // no limits at all
        d.max_quantity = d.max_market_quantity = d.max_notional = d.max_price = "";
        d.min_notional = d.price_band_up = d.price_band_down = "";
        ASSERT_TRUE(w.venue.change_rules(d));
        const Listing& listing = w.venue.listing(id);
        const std::int64_t most = std::numeric_limits<std::int64_t>::max();
        NewOrder o = w.limit(0, Side::Buy, 0, 0);
        o.listing = id;
        o.price = Price::from_raw(most - most % listing.tick.raw());
        o.quantity = floor_to(Quantity::from_raw(most), listing.lot);
        EXPECT_EQ(w.refused(o), Reject::AboveMaxQuantity);
        o.quantity = w.quantity(1'000'000'000);
        EXPECT_EQ(w.refused(o), Reject::AboveMaxNotional);
        o.type = OrderType::Market;
        o.quantity = floor_to(Quantity::from_raw(most), listing.lot);
        EXPECT_EQ(w.refused(o), Reject::AboveMaxMarketQuantity);
        if (id != w.spot) continue;
        o.quantity = {};
        o.quote_quantity = Amount::max();
        EXPECT_EQ(w.refused(o), Reject::AboveMaxNotional);
    }
    EXPECT_EQ(
        w.venue
            .withdraw(w.accounts[0], Wallet::Trading, w.usdt, Amount::max(), Amount::max(), w.now)
            .error(),
        Reject::InvalidAmount);
}

TEST(Rejects, ARefusedOrderLeavesNoTraceButTheEvent) {
    World w;
    const auto hash = [&] {  // numbers of events aside
        StateHasher hasher;
        hasher(const_cast<Ledger&>(w.venue.ledger()), const_cast<Book&>(w.venue.book(w.spot)));
        return hasher.value();
    };
    const std::uint64_t before = hash();
    EXPECT_EQ(w.refused(w.limit(0, Side::Buy, 50'000, 30'000)), Reject::InsufficientBalance);
    EXPECT_EQ(hash(), before);
    const auto told = w.told<OrderUpdate>();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].change, OrderChange::Rejected);
    EXPECT_EQ(told[0].reject, Reject::InsufficientBalance);
    EXPECT_FALSE(told[0].order.id.valid());
}

}  // namespace
}  // namespace parallax::sim_engine
