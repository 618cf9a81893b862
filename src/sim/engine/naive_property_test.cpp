// The engine against a list that is sorted anew for each order, and every sum recomputed.
#include <rapidcheck/gtest.h>

#include "core/archive.hpp"
#include "sim/engine/test_support.hpp"

namespace parallax::sim_engine {
namespace {

using testing::World;

struct NaiveOrder {
    std::uint64_t id;
    Side side;
    std::int64_t price;
    std::int64_t quantity;
};
struct NaiveTrade {
    std::uint64_t maker, taker;
    std::int64_t price, quantity;
    friend bool operator==(const NaiveTrade&, const NaiveTrade&) = default;
};

/// Orders in order of arrival; price-time priority by a stable sort each time.
struct NaiveBook {
    std::vector<NaiveOrder> resting;
    std::vector<NaiveTrade> trades;

    void arrive(NaiveOrder order, TimeInForce tif) {
        std::vector<NaiveOrder*> others;
        for (NaiveOrder& o : resting) {
            const bool meets =
                o.side != order.side &&
                (order.side == Side::Buy ? o.price <= order.price : o.price >= order.price);
            if (meets) others.push_back(&o);
        }
        std::stable_sort(others.begin(), others.end(), [&](const auto* a, const auto* b) {
            return order.side == Side::Buy ? a->price < b->price : a->price > b->price;
        });
        std::int64_t there = 0;
        for (const NaiveOrder* o : others) there += o->quantity;
        if (tif == TimeInForce::FillOrKill && there < order.quantity) return;
        for (NaiveOrder* o : others) {
            const std::int64_t quantity = std::min(o->quantity, order.quantity);
            if (quantity == 0) break;
            trades.push_back({o->id, order.id, o->price, quantity});
            o->quantity -= quantity;
            order.quantity -= quantity;
        }
        std::erase_if(resting, [](const NaiveOrder& o) { return o.quantity == 0; });
        if (order.quantity > 0 && tif == TimeInForce::GoodTillCancel) resting.push_back(order);
    }
    void cancel(std::uint64_t id) {
        std::erase_if(resting, [id](const NaiveOrder& o) { return o.id == id; });
    }
    [[nodiscard]] std::vector<Level> levels(Side side) const {
        std::map<std::int64_t, std::int64_t> sums;
        for (const NaiveOrder& o : resting) {
            if (o.side == side) sums[o.price] += o.quantity;
        }
        std::vector<Level> out;
        for (const auto& [price, quantity] : sums)
            out.push_back({Price::from_raw(price), Quantity::from_raw(quantity)});
        if (side == Side::Buy) std::reverse(out.begin(), out.end());
        return out;
    }
};

/// Binance spot: less keeps its place, everything else is refused. Bybit: everything else goes to
/// the back and may trade.
void compare_with_naive(Venue which) {
    runtime::Random random{*rc::gen::arbitrary<std::uint64_t>()};
    World w{which};
    NaiveBook naive;
    std::vector<OrderId> ids;
    std::vector<NaiveTrade> trades;
    for (int step = 0; step < 120; ++step) {
        const std::uint64_t what = random.below(10);
        if (what < 7 || ids.empty()) {
            NewOrder o = w.limit(random.below(4), random.chance(0.5) ? Side::Buy : Side::Sell,
                                 100.0 + static_cast<double>(random.below(8)) * 0.1,
                                 50 + static_cast<std::int64_t>(random.below(100)));
            const std::uint64_t tif = random.below(6);
            o.time_in_force = tif == 0   ? TimeInForce::ImmediateOrCancel
                              : tif == 1 ? TimeInForce::FillOrKill
                                         : TimeInForce::GoodTillCancel;
            o.self_trade = SelfTrade::Allow;
            const OrderId id = *w.venue.place(o, w.now);
            ids.push_back(id);
            naive.arrive({id.raw(), o.side, o.price.raw(), o.quantity.raw()}, o.time_in_force);
        } else {
            const OrderId id = ids[random.below(ids.size())];
            const Order before = w.order(id);
            if (what < 9) {
                if (w.venue.cancel(before.account, id, w.now)) naive.cancel(id.raw());
            } else {
                AmendOrder amend{before.account, id, {}, {}};
                if (random.chance(0.5))
                    amend.price = Price::from_raw(before.price.raw() + random.between(-2, 2) * 100);
                if (random.chance(0.7))
                    amend.quantity =
                        Quantity::from_raw(before.quantity.raw() + random.between(-40, 40) * 100);
                if (!w.venue.amend(amend, w.now)) continue;
                const Price price = amend.price.value_or(before.price);
                const Quantity left = amend.quantity.value_or(before.quantity) - before.filled;
                const auto entry =
                    std::find_if(naive.resting.begin(), naive.resting.end(),
                                 [&](const NaiveOrder& o) { return o.id == id.raw(); });
                RC_ASSERT(entry != naive.resting.end());
                if (price == before.price && left.raw() < entry->quantity) {
                    entry->quantity = left.raw();
                } else {
                    RC_ASSERT(which == Venue::Bybit);
                    NaiveOrder again = *entry;
                    again.price = price.raw();
                    again.quantity = left.raw();
                    naive.cancel(id.raw());
                    naive.arrive(again, TimeInForce::GoodTillCancel);
                }
            }
        }
        for (const TradePrint& t : w.told<TradePrint>())
            trades.push_back({t.maker.raw(), t.taker.raw(), t.price.raw(), t.quantity.raw()});
        w.venue.clear_events();
        RC_ASSERT(trades == naive.trades);
        for (const Side side : {Side::Buy, Side::Sell})
            RC_ASSERT(w.venue.levels(w.spot, side, 1'000) == naive.levels(side));
    }
    RC_ASSERT(w.venue.audit());
}

RC_GTEST_PROP(Matching, EqualsASortedListAtBinance, ()) { compare_with_naive(Venue::Binance); }
RC_GTEST_PROP(Matching, EqualsASortedListAtBybit, ()) { compare_with_naive(Venue::Bybit); }

/// Everything at once on both listings, by accounts with little money and high leverage: all sums
/// must hold after every single request.
RC_GTEST_PROP(Conservation, HoldsWhateverHappens, ()) {
    runtime::Random random{*rc::gen::arbitrary<std::uint64_t>()};
    const auto which = static_cast<Venue>(random.below(3));
    World w{which, "base"};
    for (std::size_t i = 0; i < 4; ++i) {  // poor ones
        AccountSettings s;
        s.fees = *FeeSchedule::named("vip9");
        if (which != Venue::Binance) {
            FeeRates quote = s.fees.rates(Market::Okx, InstrumentKind::Spot);
            quote.asset = FeeAsset::Quote;
            s.fees.set(Market::Okx, true, quote);
        }
        s.self_trade_group = 1;
        w.accounts.push_back(w.venue.open_account(s));
        w.venue.grant(w.accounts.back(), w.margin_wallet(), w.usdt, Amount::units(20));
        w.venue.grant(w.accounts.back(), Wallet::Trading, w.btc, Amount::units(1));
    }
    const AssetId bnb = w.venue.asset("BNB");
    w.venue.set_asset_value(bnb, Amount::units(900));
    w.venue.set_asset_value(w.usdt, Amount::units(1));
    w.venue.set_asset_value(w.btc, Amount::units(100));
    w.venue.set_pays_with_discount_asset(w.accounts[0], true);
    w.venue.grant(w.accounts[0], w.margin_wallet(), bnb, Amount::parse("0.01").value());
    double index = 100;
    w.venue.set_index(w.perpetual, w.price(index), w.now);
    for (const AccountId a : w.accounts) (void)w.venue.set_leverage(a, w.perpetual, 50, w.now);
    for (int step = 0; step < 150; ++step) {
        w.now = w.now + Nanos::seconds(static_cast<std::int64_t>(random.below(3'600)));
        const AccountId account = w.accounts[random.below(w.accounts.size())];
        const ListingId listing = random.chance(0.4) ? w.spot : w.perpetual;
        switch (random.below(10)) {
            case 0: {
                index = std::clamp(index + static_cast<double>(random.between(-80, 80)) * 0.1, 60.0,
                                   140.0);
                w.venue.set_index(w.perpetual, w.price(index), w.now);
                break;
            }
            case 1:
                w.venue.advance(w.now);
                break;
            case 2: {
                const auto open = w.venue.open_orders(account, ListingId{});
                if (open.empty()) break;
                const Order o = *open[random.below(open.size())];
                AmendOrder amend{account, o.id, {}, {}};
                if (random.chance(0.5))
                    amend.price = Price::from_raw(o.price.raw() + random.between(-20, 20) * 100);
                amend.quantity =
                    Quantity::from_raw(o.quantity.raw() + random.between(-90, 90) * 100);
                (void)w.venue.amend(amend, w.now);
                break;
            }
            case 3: {
                const auto open = w.venue.open_orders(account, ListingId{});
                if (!open.empty())
                    (void)w.venue.cancel(account, open[random.below(open.size())]->id, w.now);
                break;
            }
            case 4: {
                if (random.chance(0.1))
                    w.venue.set_state(listing, static_cast<ListingState>(random.below(4)), w.now);
                if (random.chance(0.1))
                    w.venue.set_fees(account,
                                     *FeeSchedule::named(random.chance(0.5) ? "base" : "zero"));
                const auto wallets = w.wallets();
                (void)w.venue.transfer(account, wallets[random.below(wallets.size())],
                                       random.chance(0.5) ? Wallet::Funding : wallets[0], w.usdt,
                                       Amount::units(random.between(-1, 900'000)), w.now);
                if (random.chance(0.3))
                    (void)w.venue.withdraw(account, Wallet::Funding, w.usdt,
                                           Amount::units(random.between(1, 100)), Amount::units(1),
                                           w.now);
                if (random.chance(0.3))
                    (void)w.venue.deposit(account, Wallet::Trading, w.btc, Amount::units(1), w.now);
                break;
            }
            default: {
                NewOrder o;
                o.account = account;
                o.listing = listing;
                o.side = random.chance(0.5) ? Side::Buy : Side::Sell;
                o.type = random.chance(0.2) ? OrderType::Market : OrderType::Limit;
                o.time_in_force = static_cast<TimeInForce>(random.below(3));
                o.post_only = random.chance(0.15);
                o.reduce_only = random.chance(0.3);
                o.price = w.price(index + static_cast<double>(random.between(-15, 15)) * 0.1);
                o.quantity = w.quantity(random.between(50, 2'000));
                if (o.type == OrderType::Market && random.chance(0.4)) {
                    o.quantity = {};
                    o.quote_quantity = Amount::units(random.between(1, 300));
                    o.time_in_force = TimeInForce::GoodTillCancel;
                }
                o.self_trade = static_cast<SelfTrade>(random.below(5));
                (void)w.venue.place(o, w.now);
            }
        }
        RC_ASSERT(w.venue.audit());
    }
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(w.venue);
    World copy{which};
    StateReader reader{bytes};
    reader(copy.venue);
    RC_ASSERT(reader.finished());
    RC_ASSERT(state_hash(copy.venue) == state_hash(w.venue));
    RC_ASSERT(copy.venue.audit());
    // What the run went through: see the statistics of a run by hand.
    RC_CLASSIFY(!w.told<LiquidationNotice>().empty(), "liquidation");
    RC_CLASSIFY(!w.told<FundingPayment>().empty(), "funding");
    RC_CLASSIFY(!w.told<TradePrint>().empty(), "trade");
    RC_CLASSIFY(w.venue.position(AccountId{0}, w.perpetual).quantity() != Quantity{}, "house");
    RC_CLASSIFY(w.venue.ledger().fees(bnb) > Amount{}, "discount");
}

}  // namespace
}  // namespace parallax::sim_engine
