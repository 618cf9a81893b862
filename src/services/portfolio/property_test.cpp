#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include <map>
#include <memory>
#include <set>
#include <utility>

#include "runtime/random.hpp"
#include "services/portfolio/service.hpp"
#include "services/portfolio/test_world.hpp"

// Random lives of the service against a naive model that only adds up what each delivered fact
// moves. After every step all invariants hold, the entries rebuild the ledger, and every wallet
// holds what the model says.

namespace parallax::portfolio {
namespace {

using messages::PlanState;
using namespace test;

constexpr std::array<std::string_view, 5> kAssets{"USDT", "BTC", "ETH", "BNB", "USDC"};
using Key = std::pair<Market, std::string_view>;

struct Listing {
    InstrumentId World::* id;
    Market market;
    std::string_view base;
    bool perpetual;
    std::uint8_t price_decimals;
    std::uint8_t quantity_decimals;
};
constexpr std::array<Listing, 5> kListings{
    {{&World::binance_btc, Market::BinanceSpot, "BTC", false, 2, 8},
     {&World::okx_btc, Market::Okx, "BTC", false, 2, 8},
     {&World::bybit_btc, Market::BybitSpot, "BTC", false, 2, 8},
     {&World::binance_eth, Market::BinanceSpot, "ETH", false, 2, 4},
     {&World::perp, Market::BinanceUsdm, "BTC", true, 1, 3}}};

struct Fact {  ///< a fill the venue made, in the scales of its making
    std::int64_t quantity, cumulative, price;
    std::uint64_t trade_id;
    Amount fee;
    std::string_view fee_asset;
    bool delivered = false;
};

struct Sent {
    ClientOrderId id;
    std::size_t listing = 0;
    Side side{};
    std::int64_t quantity = 0;
    std::vector<Fact> facts;
    bool settled = false;
};

struct Model {
    std::uint64_t plans = 0;
    std::uint64_t trades = 0;
    std::vector<Sent> orders;
    std::map<Key, Amount> totals;  ///< ours and suspense, and the basis of open positions
    std::set<std::uint64_t> cash_ids;
    std::map<std::uint64_t, std::pair<bool, bool>> transfers;  ///< sent, ended
    std::map<std::string_view, int> price_digits;  ///< by base + kind: extra decimals so far
    std::map<std::string_view, int> quantity_digits;
};

std::string_view scale_key(const Listing& listing) {
    return listing.perpetual ? "perp" : listing.base;
}
int price_decimals(const Model& m, const Listing& l) {
    const auto it = m.price_digits.find(scale_key(l));
    return l.price_decimals + (it == m.price_digits.end() ? 0 : it->second);
}
int quantity_decimals(const Model& m, const Listing& l) {
    const auto it = m.quantity_digits.find(scale_key(l));
    return l.quantity_decimals + (it == m.quantity_digits.end() ? 0 : it->second);
}

struct Sut {
    World world;
    std::unique_ptr<Service> service;
    Ledger copy;
    Sut() {
        world.fees = *FeeSchedule::named("base");
        service = std::make_unique<Service>(world.universe, world.books, world.fees, Config{});
        copy.grow(world.universe.asset_count());
    }
};

messages::OrderEvent event_of(const Sent& sent, const Fact& fact, const World& world) {
    messages::OrderEvent event;
    event.kind = messages::OrderEventKind::Filled;
    event.id = sent.id;
    event.instrument = world.*kListings[sent.listing].id;
    event.side = sent.side;
    event.received = at(10);
    event.trade_id = fact.trade_id;
    event.price = Price::from_raw(fact.price);
    event.quantity = Quantity::from_raw(fact.quantity);
    event.cumulative = Quantity::from_raw(fact.cumulative);
    event.fee = fact.fee;
    event.fee_asset = world.asset(fact.fee_asset);
    return event;
}

/// What a fact moves, by plain arithmetic.
void book(Model& m, const Sent& sent, const Fact& fact) {
    const Listing& listing = kListings[sent.listing];
    const int pd = price_decimals(m, listing), qd = quantity_decimals(m, listing);
    const __int128 base =
        static_cast<__int128>(fact.quantity) * kPow10[static_cast<std::size_t>(18 - qd)];
    const __int128 quote = static_cast<__int128>(fact.price) * fact.quantity *
                           kPow10[static_cast<std::size_t>(18 - pd - qd)];
    const int sign = sent.side == Side::Buy ? 1 : -1;
    if (!listing.perpetual)
        m.totals[{listing.market, listing.base}] += Amount::from_raw(sign * base);
    m.totals[{listing.market, "USDT"}] -= Amount::from_raw(sign * quote);
    m.totals[{listing.market, fact.fee_asset}] -= fact.fee;
}

void check_invariants(const Model& m, Sut& sut) {
    Service& service = *sut.service;
    const auto failure = service.verify();
    if (failure) RC_FAIL(*failure);
    for (const LedgerEntry& entry : service.entries())
        RC_ASSERT(sut.copy.replay(entry).has_value());
    service.clear_outputs();
    sut.copy.clear_outputs();
    RC_ASSERT(state_hash(sut.copy) == state_hash(service.ledger()));
    for (const Conservation& c : service.conservation()) RC_ASSERT(c.residual == Amount{});
    std::map<Key, Amount> basis;
    for (const PositionReport& position : service.positions())
        basis[{Market::BinanceUsdm, "USDT"}] += position.basis;
    for (const MarketInfo& market : kMarkets) {
        for (const std::string_view asset : kAssets) {
            const AssetId id = sut.world.asset(asset);
            const Key key{market.market, asset};
            const Amount ours = service.ledger().holdings(market.market, id) +
                                service.ledger().balance(market.market, id, Bucket::Suspense) +
                                basis[key];
            const auto expected = m.totals.find(key);
            RC_ASSERT(ours == (expected == m.totals.end() ? Amount{} : expected->second));
        }
    }
    const Counters& counters = service.counters();
    for (const Alarm alarm :
         {Alarm::OversizeFill, Alarm::UnknownOrder, Alarm::ForgottenOrder, Alarm::BadFill}) {
        RC_ASSERT(counters.alarms[static_cast<std::size_t>(alarm)] == 0u);
    }
    RC_ASSERT(counters.inexact_attributions == 0u);
    for (const Sent& sent : m.orders) {
        const Order* order = service.orders().find(sent.id);
        RC_ASSERT(order != nullptr);
        std::int64_t filled = 0;
        for (const Fact& fact : sent.facts) filled += fact.delivered ? fact.quantity : 0;
        RC_ASSERT(order->fills.filled().raw() == filled);
        RC_ASSERT(order->fills.filled() <= order->ordered);
    }
}

struct Step : rc::state::Command<Model, Sut> {
    virtual void act(const Model& m, Sut& sut) const = 0;
    void run(const Model& m, Sut& sut) const final {
        act(m, sut);
        check_invariants(nextState(m), sut);
    }
};

struct Deposit final : Step {
    std::size_t listing = *rc::gen::inRange<std::size_t>(0, kListings.size());
    std::size_t asset = *rc::gen::inRange<std::size_t>(0, kAssets.size());
    std::int64_t thousandths = *rc::gen::inRange<std::int64_t>(-5'000, 200'000'000);
    [[nodiscard]] Amount sum() const {
        return Amount::from_raw(static_cast<__int128>(thousandths) * 1'000'000'000'000'000);
    }
    void apply(Model& m) const override {
        m.totals[{kListings[listing].market, kAssets[asset]}] += sum();
    }
    void act(const Model&, Sut& sut) const override {
        sut.service->on(messages::ExternalFlow{kListings[listing].market,
                                               sut.world.asset(kAssets[asset]), sum(), at(1)});
    }
    void show(std::ostream& os) const override {
        os << "deposit " << sum().text() << " " << kAssets[asset];
    }
};

struct Place final : Step {
    std::size_t listing = *rc::gen::inRange<std::size_t>(0, kListings.size());
    bool buys = *rc::gen::arbitrary<bool>();
    bool holds_more = *rc::gen::weightedElement<bool>({{1, true}, {4, false}});
    bool numbered = *rc::gen::arbitrary<bool>();  ///< whether the venue gives trade ids
    std::vector<int> pieces = *rc::gen::container<std::vector<int>>(4, rc::gen::inRange(1, 400));
    int unfilled = *rc::gen::inRange(0, 300);
    int price = *rc::gen::inRange(20'000, 700'000);
    std::size_t fee_asset = *rc::gen::inRange<std::size_t>(0, kAssets.size());
    int fee = *rc::gen::inRange(-1'000, 100'000);

    [[nodiscard]] Sent order(const Model& m) const {
        Sent sent;
        sent.id = order_id(m.plans + 1, 0);
        sent.listing = listing;
        sent.side = buys ? Side::Buy : Side::Sell;
        std::uint64_t trade = m.trades;
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            sent.quantity += pieces[i];
            sent.facts.push_back(
                {pieces[i], sent.quantity, price + static_cast<int>(i), numbered ? ++trade : 0,
                 Amount::from_raw(static_cast<__int128>(fee) * 1'000'000'000 + static_cast<int>(i)),
                 kAssets[(fee_asset + i / 2) % kAssets.size()]});
        }
        sent.quantity += unfilled;
        return sent;
    }
    void apply(Model& m) const override {
        const Listing& l = kListings[listing];
        m.totals[{l.market, buys || l.perpetual ? "USDT" : l.base}] += room(m);
        m.orders.push_back(order(m));
        ++m.plans;
        m.trades += pieces.size();
    }
    void act(const Model& m, Sut& sut) const override {
        const Sent sent = order(m);
        const InstrumentId id = sut.world.*kListings[listing].id;
        messages::OrderRequest request;
        request.id = sent.id;
        request.instrument = id;
        request.side = sent.side;
        request.quantity = Quantity::from_raw(sent.quantity);
        request.price = Price::from_raw(price + 4);
        request.decided = at(2);
        // Room for the order, for another one that never leaves, and for the fees of both.
        const ports::Hold hold = hold_for(sut.world, request);
        sut.service->on(messages::ExternalFlow{hold.wallet, hold.asset, room(m), at(2)});
        RC_ASSERT(sut.service->reserve(sent.id.plan(), {&hold, 1}, at(2)).has_value());
        if (holds_more) {
            ports::Hold more = hold;
            more.order = order_id(sent.id.plan().raw(), 1);
            RC_ASSERT(sut.service->reserve(sent.id.plan(), {&more, 1}, at(2)).has_value());
        }
        sut.service->on(request);
    }
    /// More than twice what the order can need.
    [[nodiscard]] Amount room(const Model& m) const {
        const Listing& l = kListings[listing];
        const Sent sent = order(m);
        const int qd = quantity_decimals(m, l), pd = price_decimals(m, l);
        const __int128 size = static_cast<__int128>(sent.quantity) * 3;
        if (!buys && !l.perpetual)
            return Amount::from_raw(size * kPow10[static_cast<std::size_t>(18 - qd)]);
        return Amount::from_raw(size * (price + 4) *
                                kPow10[static_cast<std::size_t>(18 - pd - qd)]);
    }
    void show(std::ostream& os) const override {
        os << "place " << (buys ? "buy " : "sell ") << listing << " pieces " << pieces.size()
           << " + " << unfilled;
    }
};

/// Delivers one of an order's fills, in any order, once or more.
struct Deliver final : Step {
    std::size_t order, fact;
    int times = *rc::gen::inRange(1, 3);
    explicit Deliver(const Model& m) {
        RC_PRE(!m.orders.empty());
        order = *rc::gen::inRange<std::size_t>(0, m.orders.size());
        fact = *rc::gen::inRange<std::size_t>(0, m.orders[order].facts.size());
    }
    void checkPreconditions(const Model& m) const override {
        RC_PRE(order < m.orders.size());
        RC_PRE(fact < m.orders[order].facts.size());
    }
    void apply(Model& m) const override {
        Fact& f = m.orders[order].facts[fact];
        if (!f.delivered) book(m, m.orders[order], f);
        f.delivered = true;
    }
    void act(const Model& m, Sut& sut) const override {
        const Sent& sent = m.orders[order];
        const std::uint64_t before = sut.service->counters().duplicates;
        for (int i = 0; i < times; ++i)
            sut.service->on(event_of(sent, sent.facts[fact], sut.world));
        const auto expected =
            static_cast<std::uint64_t>(times - (sent.facts[fact].delivered ? 0 : 1));
        RC_ASSERT(sut.service->counters().duplicates - before == expected);
    }
    void show(std::ostream& os) const override {
        os << "deliver order " << order << " fill " << fact << " x" << times;
    }
};

/// The venue says the order is over: fills may still come.
struct Finish final : Step {
    std::size_t order;
    messages::OrderEventKind kind =
        *rc::gen::element(messages::OrderEventKind::Done, messages::OrderEventKind::Unknown,
                          messages::OrderEventKind::NotFound, messages::OrderEventKind::Accepted);
    explicit Finish(const Model& m) {
        RC_PRE(!m.orders.empty());
        order = *rc::gen::inRange<std::size_t>(0, m.orders.size());
    }
    void checkPreconditions(const Model& m) const override { RC_PRE(order < m.orders.size()); }
    void act(const Model& m, Sut& sut) const override {
        auto event =
            sut.world.done(m.orders[order].id, sut.world.*kListings[m.orders[order].listing].id);
        event.kind = kind;
        sut.service->on(event);
    }
    void show(std::ostream& os) const override { os << to_string(kind) << " order " << order; }
};

struct Settle final : Step {
    std::size_t order;
    bool releases = *rc::gen::arbitrary<bool>();
    explicit Settle(const Model& m) {
        RC_PRE(!m.orders.empty());
        order = *rc::gen::inRange<std::size_t>(0, m.orders.size());
    }
    void checkPreconditions(const Model& m) const override {
        RC_PRE(order < m.orders.size());
        RC_PRE(!m.orders[order].settled);
    }
    void apply(Model& m) const override { m.orders[order].settled = true; }
    void act(const Model& m, Sut& sut) const override {
        const Sent& sent = m.orders[order];
        if (releases) sut.service->release(sent.id.plan(), at(5));
        messages::PlanLeg leg;
        leg.instrument = sut.world.*kListings[sent.listing].id;
        leg.side = sent.side;
        leg.planned = Quantity::from_raw(sent.quantity);
        leg.planned_value = Amount::from_raw(1'234'567'890'123'456'789);
        sut.service->on(sut.world.plan(sent.id.plan().raw(), PlanState::Settled, {leg}));
        RC_ASSERT(sut.service->attributions().size() == 1u);
        RC_ASSERT(sut.service->attributions()[0].residual == Amount{});
    }
    void show(std::ostream& os) const override { os << "settle plan of order " << order; }
};

struct Cash final : Step {
    EntryKind kind = *rc::gen::element(EntryKind::Funding, EntryKind::Interest, EntryKind::Rebate,
                                       EntryKind::Liquidation, EntryKind::Adl, EntryKind::Airdrop,
                                       EntryKind::RealisedPnl, EntryKind::Fill);
    std::uint64_t id = *rc::gen::inRange<std::uint64_t>(1, 6);
    int sum = *rc::gen::inRange(-100'000, 100'000);
    /// Ids repeat within a kind; a repetition moves nothing.
    [[nodiscard]] std::uint64_t key() const { return id * 100 + static_cast<std::uint64_t>(kind); }
    void apply(Model& m) const override {
        if (!m.cash_ids.insert(key()).second) return;
        // Unexplained money is balanced by suspense.
        if (kind != EntryKind::Fill) m.totals[{Market::BinanceUsdm, "USDT"}] += Amount::units(sum);
    }
    void act(const Model&, Sut& sut) const override {
        sut.service->on(messages::CashEvent{kind, Market::BinanceUsdm, sut.world.asset("USDT"),
                                            sut.world.perp, Amount::units(sum), at(6), id});
    }
    void show(std::ostream& os) const override {
        os << to_string(kind) << " " << sum << " id " << id;
    }
};

/// Any step of a few transfers between two wallets, in any order, once or more.
struct Move final : Step {
    std::uint64_t id = *rc::gen::inRange<std::uint64_t>(1, 9);
    messages::TransferState state =
        *rc::gen::element(messages::TransferState::Sent, messages::TransferState::Arrived,
                          messages::TransferState::Returned);
    std::int64_t sum = *rc::gen::inRange<std::int64_t>(1, 1'000);
    std::int64_t fee = *rc::gen::inRange<std::int64_t>(0, 3);
    std::uint64_t plan = *rc::gen::inRange<std::uint64_t>(0, 6);
    [[nodiscard]] messages::Transfer step(const World& world) const {
        messages::Transfer step;
        step.id = id;
        step.state = state;
        step.from = id % 2 == 0 ? Market::BinanceSpot : Market::Okx;
        step.to = id % 2 == 0 ? Market::BinanceUsdm : Market::BybitSpot;
        step.asset = world.asset(kAssets[id % 2]);
        step.amount = Amount::units(sum);
        step.fee = Amount::units(fee);
        step.plan = plan == 0 ? PlanId::none() : PlanId{plan};
        step.time = at(8);
        return step;
    }
    void apply(Model& m) const override {
        auto& [sent, ended] = m.transfers[id];
        bool& told = state == messages::TransferState::Sent ? sent : ended;
        if (std::exchange(told, true)) return;
        const std::string_view asset = kAssets[id % 2];
        const Market from = id % 2 == 0 ? Market::BinanceSpot : Market::Okx;
        const Market to = id % 2 == 0 ? Market::BinanceUsdm : Market::BybitSpot;
        m.totals[{from, asset}] -= Amount::units(fee);
        if (state != messages::TransferState::Arrived) return;
        m.totals[{from, asset}] -= Amount::units(sum);
        m.totals[{to, asset}] += Amount::units(sum);
    }
    void act(const Model&, Sut& sut) const override {
        for (int i = 0; i < 2; ++i) sut.service->on(step(sut.world));
    }
    void show(std::ostream& os) const override {
        os << "transfer " << id << " " << to_string(state) << " " << sum << " fee " << fee;
    }
};

struct Report final : Step {
    std::size_t listing = *rc::gen::inRange<std::size_t>(0, kListings.size());
    int off = *rc::gen::inRange(-2, 3);
    int times = *rc::gen::inRange(1, 5);
    void act(const Model&, Sut& sut) const override {
        const Market wallet = kListings[listing].market;
        const AssetId asset = sut.world.asset("BTC");
        const Amount total = sut.service->ledger().holdings(wallet, asset) + Amount::units(off);
        for (int i = 0; i < times; ++i)
            sut.service->on(messages::BalanceReport{wallet, asset, total, at(7)});
    }
    void show(std::ostream& os) const override { os << "report off by " << off << " x" << times; }
};

struct Refine final : Step {
    std::size_t listing = *rc::gen::inRange<std::size_t>(0, kListings.size());
    int price = *rc::gen::inRange(0, 2);
    int quantity = *rc::gen::inRange(0, 2);
    void checkPreconditions(const Model& m) const override {
        RC_PRE(price_decimals(m, kListings[listing]) + quantity_decimals(m, kListings[listing]) <
               15);
    }
    void apply(Model& m) const override {
        const auto key = scale_key(kListings[listing]);
        m.price_digits[key] += price;
        m.quantity_digits[key] += quantity;
        for (Sent& sent : m.orders) {
            if (scale_key(kListings[sent.listing]) != key) continue;
            sent.quantity *= pow10(static_cast<std::uint8_t>(quantity));
            for (Fact& fact : sent.facts) {
                fact.price *= pow10(static_cast<std::uint8_t>(price));
                fact.quantity *= pow10(static_cast<std::uint8_t>(quantity));
                fact.cumulative *= pow10(static_cast<std::uint8_t>(quantity));
            }
        }
    }
    void act(const Model& m, Sut& sut) const override {
        const Listing& l = kListings[listing];
        const auto change = sut.world.universe.refine(
            sut.world.*l.id, static_cast<std::uint8_t>(price_decimals(m, l) + price),
            static_cast<std::uint8_t>(quantity_decimals(m, l) + quantity));
        RC_ASSERT(change.has_value());
        if (!*change) return;
        for (const InstrumentId id : sut.world.universe.symbol((*change)->symbol).instruments) {
            sut.world.books.at(id).rescale(pow10((*change)->price_digits),
                                           pow10((*change)->quantity_digits));
        }
        sut.service->on_rescale(**change);
    }
    void show(std::ostream& os) const override {
        os << "refine " << listing << " by " << price << ", " << quantity;
    }
};

struct MoveMarket final : Step {
    int price = *rc::gen::inRange(1, 900'000);
    std::size_t listing = *rc::gen::inRange<std::size_t>(0, kListings.size());
    void act(const Model&, Sut& sut) const override {
        const InstrumentId id = sut.world.*kListings[listing].id;
        const std::string mid =
            Price::from_raw(price).text(sut.world.universe.symbol_of(id).price_scale);
        sut.world.quote(id, mid, mid);
    }
    void show(std::ostream& os) const override { os << "market " << listing << " to " << price; }
};

struct Crash final : Step {
    void act(const Model&, Sut& sut) const override {
        auto fresh = std::make_unique<Service>(restored(*sut.service, sut.world));
        RC_ASSERT(state_hash(*fresh) == state_hash(*sut.service));
        sut.service = std::move(fresh);
    }
    void show(std::ostream& os) const override { os << "crash and restore"; }
};

TEST(PortfolioProperties, InvariantsHoldAfterEveryStepOfAnyLife) {
    EXPECT_TRUE(rc::check([] {
        Sut sut;
        rc::state::check(
            Model{}, sut,
            rc::state::gen::execOneOfWithArgs<Deposit, Place, Place, Deliver, Deliver, Deliver,
                                              Deliver, Finish, Settle, Cash, Move, Report, Refine,
                                              MoveMarket, Crash>());
    }));
}

// Metamorphic: two ways of telling the same story end alike.

struct Story {
    std::vector<messages::OrderRequest> orders;
    std::vector<messages::OrderEvent> fills;
};

Story random_story(const World& world, runtime::Random& random,
                   std::span<const InstrumentId> instruments, std::uint64_t first_plan) {
    Story story;
    for (std::uint64_t plan = first_plan; plan < first_plan + 5; ++plan) {
        const InstrumentId id = instruments[random.below(instruments.size())];
        const Side side = random.chance(0.5) ? Side::Buy : Side::Sell;
        auto order = world.order(order_id(plan), id, side, "60000", "1");
        story.orders.push_back(order);
        std::int64_t left = order.quantity.raw();
        for (std::uint64_t trade = 1; left > 0 && trade < 6; ++trade) {
            auto fill = world.fill(order.id, id, side, trade, "60000", "1", "", "0.000001",
                                   random.chance(0.5) ? "USDT" : "BNB");
            fill.quantity = Quantity::from_raw(random.between(1, left));
            fill.price = Price::from_raw(random.between(300'000, 700'000));
            left -= fill.quantity.raw();
            fill.cumulative = order.quantity - Quantity::from_raw(left);
            story.fills.push_back(fill);
        }
    }
    return story;
}

void fund(Service& service, const World& world) {
    for (const MarketInfo& market : kMarkets) {
        if (market.wallet != market.market) continue;
        for (const std::string_view asset : kAssets)
            service.on(world.flow(market.market, asset, "100000000"));
    }
}

std::vector<Amount> balances(const Service& service) {
    std::vector<Amount> all;
    for (const Holding& holding : service.holdings()) {
        for (const Amount part : {holding.available, holding.reserved, holding.margin})
            all.push_back(part);
    }
    for (const PositionReport& position : service.positions()) {
        for (const Amount part : {position.net, position.basis, position.realised})
            all.push_back(part);
    }
    return all;
}

TEST(PortfolioProperties, ReplayingTwiceIsReplayingOnce) {
    EXPECT_TRUE(rc::check([](std::uint64_t seed) {
        World world;
        runtime::Random random{seed};
        const std::array instruments{world.binance_btc, world.okx_btc, world.perp};
        const Story story = random_story(world, random, instruments, 1);
        Service once{world.universe, world.books, world.fees, Config{}},
            twice{world.universe, world.books, world.fees, Config{}};
        for (Service* service : {&once, &twice}) {
            fund(*service, world);
            for (const auto& order : story.orders) send(*service, world, order);
            for (const auto& fill : story.fills) service->on(fill);
        }
        for (const auto& order : story.orders) twice.on(order);
        for (const auto& fill : story.fills) twice.on(fill);
        RC_ASSERT(twice.counters().duplicates == story.fills.size());
        once.clear_outputs();
        twice.clear_outputs();
        RC_ASSERT(state_hash(once.ledger()) == state_hash(twice.ledger()));
        RC_ASSERT(state_hash(once.orders()) == state_hash(twice.orders()));
    }));
}

TEST(PortfolioProperties, IndependentVenuesCommute) {
    EXPECT_TRUE(rc::check([](std::uint64_t seed) {
        World world;
        runtime::Random random{seed};
        const std::vector here{world.binance_btc, world.binance_eth}, there{world.okx_btc};
        const Story a = random_story(world, random, here, 1),
                    b = random_story(world, random, there, 100);
        Service first{world.universe, world.books, world.fees, Config{}},
            mixed{world.universe, world.books, world.fees, Config{}};
        fund(first, world);
        fund(mixed, world);
        for (Service* service : {&first, &mixed}) {
            for (const Story* story : {&a, &b}) {
                for (const auto& order : story->orders) send(*service, world, order);
            }
        }
        for (const auto& fill : a.fills) first.on(fill);
        for (const auto& fill : b.fills) first.on(fill);
        for (std::size_t i = 0, j = 0; i < a.fills.size() || j < b.fills.size();) {
            const bool left = j == b.fills.size() || (i < a.fills.size() && random.chance(0.5));
            mixed.on(left ? a.fills[i++] : b.fills[j++]);
        }
        RC_ASSERT(balances(first) == balances(mixed));
    }));
}

TEST(PortfolioProperties, ASplitFillIsTheWholeFill) {
    EXPECT_TRUE(rc::check([](std::uint64_t seed, bool perpetual, bool buys) {
        World world;
        runtime::Random random{seed};
        const InstrumentId id = perpetual ? world.perp : world.binance_btc;
        const Side side = buys ? Side::Buy : Side::Sell;
        const std::int64_t quantity = random.between(2, 1'000) * 1'000;
        const std::int64_t cut = random.between(1, quantity - 1);
        auto order = world.order(order_id(1), id, side, "60000", "1");
        order.quantity = Quantity::from_raw(quantity);
        auto whole = world.fill(order.id, id, side, 1, "60000", "1", "");
        whole.price = Price::from_raw(random.between(1, 1'000'000));
        whole.quantity = whole.cumulative = order.quantity;
        whole.fee = Amount::from_raw(quantity * 12'345);
        auto head = whole, tail = whole;
        head.quantity = head.cumulative = Quantity::from_raw(cut);
        head.fee = Amount::from_raw(cut * 12'345);
        tail.trade_id = 2;
        tail.quantity = Quantity::from_raw(quantity - cut);
        tail.fee = whole.fee - head.fee;
        Config config;
        config.derivative_leverage = 1;  // so that margin needs no rounding
        Service one{world.universe, world.books, world.fees, config},
            two{world.universe, world.books, world.fees, config};
        for (Service* service : {&one, &two}) {
            fund(*service, world);
            send(*service, world, order, 1);
        }
        one.on(whole);
        two.on(head);
        two.on(tail);
        RC_ASSERT(balances(one) == balances(two));
        RC_ASSERT(one.conservation().size() == two.conservation().size());
    }));
}

/// Dust of exotic scales never favours us and never unbalances the ledger.
TEST(PortfolioProperties, RoundingGoesAgainstUsAndLosesNothing) {
    EXPECT_TRUE(rc::check([](std::uint64_t seed) {
        World world;
        runtime::Random random{seed};
        const InstrumentId id =
            world.list(Market::BinanceSpot, InstrumentKind::Spot, "TINYUSDT", "TINY", "USDT",
                       "0.0000000000001", "0.00000001");  // 13 + 8 decimals
        Service service{world.universe, world.books, world.fees, Config{}};
        service.on(world.flow(Market::BinanceSpot, "TINY", "1000"));
        service.on(world.flow(Market::BinanceSpot, "USDT", "1000"));
        for (std::uint64_t plan = 1; plan < 20; ++plan) {
            const Side side = random.chance(0.5) ? Side::Buy : Side::Sell;
            auto order = world.order(order_id(plan), id, side, "1", "1");
            auto fill = world.fill(order.id, id, side, plan, "1", "1");
            fill.price = Price::from_raw(random.between(1, 20'000'000'000'000));
            fill.quantity = fill.cumulative = order.quantity =
                Quantity::from_raw(random.between(1, 100'000'000));
            send(service, world, order);
            const Amount before = service.ledger().total(world.asset("USDT"), Bucket::Conversion);
            service.on(fill);
            const Amount paid =
                service.ledger().total(world.asset("USDT"), Bucket::Conversion) - before;
            const __int128 exact =
                static_cast<__int128>(fill.price.raw()) * fill.quantity.raw();  // 1e-21
            const __int128 dust = paid.raw() * 1'000 - (side == Side::Buy ? exact : -exact);
            RC_ASSERT(dust >= 0);
            RC_ASSERT(dust < 1'000);
            const auto failure = service.verify();
            if (failure) RC_FAIL(*failure);
        }
    }));
}

}  // namespace
}  // namespace parallax::portfolio
