// Trading and risk together against a venue that answers late, twice, out of order, in part, or
// only when asked, and against crashes: every plan must end, flat or with dust, with nothing in
// flight and nothing reserved.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "core/archive.hpp"
#include "runtime/random.hpp"
#include "services/risk/service.hpp"
#include "services/trading/service.hpp"

namespace parallax {
namespace {

using messages::OrderAction;
using messages::OrderEvent;
using messages::OrderEventKind;
using messages::OrderRequest;

/// Balances with reservations; stops the test when anything goes below zero.
class Money final : public ports::Reservations {
public:
    using Key = std::pair<Market, std::uint16_t>;
    HotResult<void> reserve(PlanId plan, std::span<const ports::Hold> holds, UnixNanos) override {
        std::map<Key, Amount> sums;
        for (const ports::Hold& hold : holds) sums[{hold.wallet, hold.asset.raw()}] += hold.amount;
        for (const auto& [key, amount] : sums) {
            if (amount > free[key]) return fail(Errc::Rejected);
        }
        for (const auto& [key, amount] : sums) {
            free[key] -= amount;
            held[plan.raw()][key] += amount;
        }
        return {};
    }
    void release(PlanId plan, UnixNanos) override {
        for (const auto& [key, amount] : held[plan.raw()]) {
            PLX_ASSERT(!amount.is_negative());
            free[key] += amount;
        }
        held.erase(plan.raw());
    }
    Amount available(Market wallet, AssetId asset) const noexcept override {
        const auto found = free.find({wallet, asset.raw()});
        return found == free.end() ? Amount{} : found->second;
    }
    /// A fill is paid from what the plan holds, else from what is free.
    void pay(PlanId plan, Market wallet, AssetId asset, Amount amount) {
        const Key key{wallet, asset.raw()};
        Amount from_hold;
        if (const auto found = held.find(plan.raw());
            found != held.end() && found->second.contains(key)) {
            from_hold = std::min(amount, found->second[key]);
            found->second[key] -= from_hold;
        }
        free[key] -= amount - from_hold;
        PLX_ASSERT(!free[key].is_negative());
    }
    void receive(Market wallet, AssetId asset, Amount amount) {
        free[{wallet, asset.raw()}] += amount;
    }

    std::map<Key, Amount> free;
    std::map<std::uint64_t, std::map<Key, Amount>> held;
};

struct World {
    explicit World(std::uint64_t seed) : random{seed} {
        for (const InstrumentId id : {spot[0], spot[1], spot[2], perp}) requote(id, 5'000'000);
        requote(eth_btc, 5'000);
        requote(eth_usdt, 250'000);
        for (std::size_t market = 0; market < kMarketCount; ++market) {
            for (std::size_t asset = 0; asset < universe.asset_count(); ++asset) {
                money.free[{static_cast<Market>(market), static_cast<std::uint16_t>(asset)}] =
                    Amount::units(1'000'000);
            }
        }
        limits.orders_per_second = limits.messages_per_second = 10'000;
        limits.burst_seconds = 60;
        limits.max_reject_rate = Rate::basis_points(10'000);
        limits.min_reject_sample = 100'000;
        limits.unknown_max = Nanos::seconds(600);
        limits.book_age_max = limits.hedge_book_age_max = Nanos::seconds(600);
        limits.max_asset_delta = Amount::units(100'000'000);
        settings.exclusive = false;
        make();
        risk->on(messages::ClockTick{now});
    }
    void make() {
        risk = std::make_unique<risk::Service>(universe, books, money, fees, limits);
        trading = std::make_unique<trading::Service>(universe, books, fees, *risk, money, settings);
    }

    // ---- market

    InstrumentId list(Market market, InstrumentKind kind, const char* name, const char* base,
                      const char* quote) {
        InstrumentDefinition d;
        d.market = market;
        d.kind = kind;
        d.venue_symbol = name;
        d.base = base;
        d.quote = quote;
        d.tick = d.quote == "BTC" ? "0.00001" : "0.01";
        d.lot = market == Market::Okx ? "0.0001" : "0.00001";
        d.min_notional = d.quote == "BTC" ? "0.0001" : "5";
        d.max_leverage = 20;
        books.add(book::GapPolicy::SnapshotOnly);
        return universe.list(d)->id;
    }
    void requote(InstrumentId id, std::int64_t middle) {
        std::vector<Level> bids, asks;
        for (std::int64_t i = 1; i <= 20; ++i) {
            bids.push_back(
                {Price::from_raw(middle - i), Quantity::from_raw(random.between(1, 40) * 10'000)});
            asks.push_back(
                {Price::from_raw(middle + i), Quantity::from_raw(random.between(1, 40) * 10'000)});
        }
        book::DepthInput in;
        in.snapshot = true;
        in.last_id = ++sequence;
        in.received = now;
        in.bids = bids;
        in.asks = asks;
        books.at(id).on_depth(in);
    }

    // ---- opportunities

    messages::OpportunityLeg leg(InstrumentId id, Side side, Quantity quantity) const {
        const Level top = books[id].best(opposite(side));
        const std::int64_t room = top.price.raw() / 2'000 + 1;
        messages::OpportunityLeg out;
        out.instrument = id;
        out.side = side;
        out.quantity = floor_to(quantity, universe.instrument(id).lot);
        out.best = out.worst = top.price;
        out.protection = Price::from_raw(top.price.raw() + (side == Side::Buy ? room : -room));
        out.value = universe.quote_value(id, top.price, out.quantity, Rounding::Up);
        return out;
    }
    messages::Opportunity opportunity() {
        messages::Opportunity o;
        o.id = OpportunityId{next_opportunity++};
        o.value_asset = *universe.find_asset("USDT");
        o.expected_rate = Rate::basis_points(5);
        o.threshold = Rate::basis_points(1);
        o.detected = now;
        o.expires = now + Nanos::millis(500);
        o.execution = random.chance(0.5) ? messages::Execution::Simultaneous
                                         : messages::Execution::Sequential;
        const Quantity size = Quantity::from_raw(random.between(1, 50) * 1'000);
        const auto first = random.below(3);
        switch (random.below(3)) {
            case 0:
                o.kind = messages::OpportunityKind::CrossVenue;
                o.leg_count = 2;
                o.legs[0] = leg(spot[first], Side::Buy, size);
                o.legs[1] = leg(spot[(first + 1 + random.below(2)) % 3], Side::Sell, size);
                o.first_leg = static_cast<std::uint8_t>(random.below(2));
                break;
            case 1:
                o.kind = messages::OpportunityKind::SpotPerp;
                o.leg_count = 2;
                o.legs[0] = leg(spot[first], Side::Buy, size);
                o.legs[1] = leg(perp, Side::Sell, size);
                break;
            default:
                triangle(o, size);
        }
        return o;
    }
    void triangle(messages::Opportunity& o, Quantity size) const {
        o.kind = messages::OpportunityKind::Triangle;
        o.leg_count = 3;
        o.legs[0] = leg(spot[0], Side::Buy, size);
        const auto kept = [](Quantity q) { return Quantity::from_raw(q.raw() * 999 / 1'000); };
        const Price cross = books[eth_btc].best_ask().price;
        const Quantity eth =
            trading::quantity_of(universe, eth_btc, *universe.find_asset("BTC"),
                                 to_amount(kept(o.legs[0].quantity), Scale{5}), cross);
        o.legs[1] = leg(eth_btc, Side::Buy, eth);
        o.legs[2] = leg(eth_usdt, Side::Sell, kept(o.legs[1].quantity));
    }

    // ---- venue

    struct Truth {
        OrderRequest request;
        std::vector<OrderEvent> fills;
        bool arrived = true;
        bool ended = false;
        bool resting = false;
    };
    struct Queued {
        UnixNanos at;
        std::uint64_t number;
        OrderEvent event;
        friend bool operator<(const Queued& a, const Queued& b) {
            return std::pair{a.at, a.number} > std::pair{b.at, b.number};
        }
    };
    void post(OrderEvent event, Nanos delay) {
        queue.push_back({now + delay, ++queued, event});
        std::push_heap(queue.begin(), queue.end());
    }
    Nanos soon() { return Nanos::micros(random.between(100, 30'000)); }

    OrderEvent event(const OrderRequest& request, OrderEventKind kind) const {
        OrderEvent e;
        e.kind = kind;
        e.id = request.id;
        e.instrument = request.instrument;
        e.side = request.side;
        return e;
    }
    void add_fill(Truth& truth, Quantity quantity) {
        OrderEvent e = event(truth.request, OrderEventKind::Filled);
        const Instrument& listing = universe.instrument(truth.request.instrument);
        const bool buy = truth.request.side == Side::Buy;
        e.trade_id =
            truth.request.id.raw() % 7 == 3 ? 0 : ++trade_id;  // some orders' fills have no ids
        e.price = truth.request.price;
        if (chaos == 0.0) e.price = books[listing.id].best(opposite(e.side)).price;
        if (chaos > 0.0 && random.chance(0.5))
            e.price = Price::from_raw(e.price.raw() + (buy ? -1 : 1));
        e.quantity = quantity;
        e.cumulative =
            quantity + (truth.fills.empty() ? Quantity{} : truth.fills.back().cumulative);
        const bool base_fee = is_spot(listing.kind) && buy;
        const Amount paid = base_fee
                                ? universe.base_value(listing.id, e.price, quantity, Rounding::Up)
                                : universe.quote_value(listing.id, e.price, quantity, Rounding::Up);
        e.fee = apply(fees.rates(listing.market, listing.kind).taker, paid, Rounding::Up);
        e.fee_asset = base_fee ? listing.base : listing.quote;
        truth.fills.push_back(e);
    }
    /// How much of the rest fills, in whole lots, in a few parts.
    void trade(Truth& truth, double ambition) {
        const Quantity lot = universe.instrument(truth.request.instrument).lot;
        Quantity done = truth.fills.empty() ? Quantity{} : truth.fills.back().cumulative;
        while (done < truth.request.quantity && random.chance(ambition)) {
            const std::int64_t lots = (truth.request.quantity - done).raw() / lot.raw();
            const std::int64_t part = random.chance(0.5) ? lots : random.between(1, lots);
            add_fill(truth, Quantity::from_raw(part * lot.raw()));
            done = truth.fills.back().cumulative;
        }
    }
    void place(const OrderRequest& request) {
        PLX_ASSERT(!orders.contains(request.id.raw()));  // never sent again
        Truth& truth = orders[request.id.raw()];
        truth.request = request;
        truth.resting = request.time_in_force == messages::TimeInForce::Gtc;
        const bool silent = random.chance(chaos * 0.3);
        if (random.chance(chaos * 0.2)) {  // never reached the book
            truth.ended = true;
            truth.arrived = !silent;
            if (!silent) post(event(request, OrderEventKind::Rejected), soon());
            return;
        }
        trade(truth, calm() ? 1.0 : 0.75);
        truth.ended = !truth.resting;
        if (silent) return;
        if (random.chance(0.5)) post(event(request, OrderEventKind::Accepted), soon());
        report(truth, calm() ? 0.0 : 0.1);
    }
    bool calm() { return random.chance(1.0 - chaos); }
    /// Sends the truth: fills in any order, some twice, some long after the end.
    void report(const Truth& truth, double late) {
        for (const OrderEvent& fill : truth.fills) {
            post(fill, random.chance(late) ? Nanos::millis(random.between(100, 8'000)) : soon());
            if (!calm() && random.chance(0.3)) post(fill, soon());
        }
        if (!truth.ended) return;
        OrderEvent done = event(truth.request, OrderEventKind::Done);
        if (!truth.fills.empty() && (calm() || random.chance(0.5)))
            done.cumulative = truth.fills.back().cumulative;
        post(done, soon());
    }
    void handle(const OrderRequest& request) {
        ++requests;
        if (request.action == OrderAction::Place) return place(request);
        const auto found = orders.find(request.id.raw());
        PLX_ASSERT(found != orders.end());
        Truth& truth = found->second;
        if (random.chance(chaos * 0.3)) return;  // lost
        if (request.action == OrderAction::Cancel) {
            if (random.chance(0.3)) trade(truth, 0.7);
            truth.ended = true;
            truth.resting = false;
            return report(truth, 0.0);
        }
        if (!truth.arrived) return post(event(request, OrderEventKind::NotFound), soon());
        if (truth.ended && truth.fills.empty())
            return post(event(request, OrderEventKind::Done), soon());
        report(truth, 0.0);
        if (!truth.ended) post(event(request, OrderEventKind::Accepted), soon());
    }

    // ---- the run

    void deliver(OrderEvent e) {
        e.received = now;
        const bool fresh = e.kind == OrderEventKind::Filled &&
                           booked.insert({{e.id.raw(), e.cumulative.raw()}, 1}).second;
        if (fresh) book(e);
        risk->on(e);
        trading->on(e);
        flush();
    }
    void book(const OrderEvent& e) {
        const Instrument& listing = universe.instrument(e.instrument);
        const Market wallet = wallet_of(listing.market);
        if (!is_spot(listing.kind)) return money.pay(e.id.plan(), wallet, listing.settle, e.fee);
        const bool buy = e.side == Side::Buy;
        const Amount base = universe.base_value(e.instrument, e.price, e.quantity, Rounding::Up);
        const Amount quote = universe.quote_value(e.instrument, e.price, e.quantity, Rounding::Up);
        money.pay(e.id.plan(), wallet, buy ? listing.quote : listing.base, buy ? quote : base);
        money.receive(wallet, buy ? listing.base : listing.quote, (buy ? base : quote) - e.fee);
    }
    void flush() {
        std::vector<PlanId> reserved;
        for (const messages::PlanUpdate& update : trading->plan_updates()) {
            states[update.plan.raw()].push_back(update.state);
            last[update.plan.raw()] = update;
            risk->on(update);
        }
        const std::vector<OrderRequest> out{trading->requests().begin(), trading->requests().end()};
        for (const trading::ResidualDecision& d : trading->residual_decisions()) {
            if (d.choice == trading::ResidualChoice::GiveUp) given_up.insert(d.plan.raw());
        }
        trading->clear_outputs();
        risk->clear_outputs();
        for (const OrderRequest& request : out) {
            PLX_ASSERT(!states[request.id.plan().raw()].empty());  // journalled before it is sent
            handle(request);
        }
    }
    /// The process dies and comes back from its snapshot.
    void crash() {
        std::vector<std::byte> bytes;
        StateWriter writer{bytes};
        writer(*risk, *trading);
        const std::uint64_t before = state_hash(*risk) ^ state_hash(*trading);
        make();
        StateReader reader{bytes};
        reader(*risk, *trading);
        PLX_ASSERT(reader.finished());
        PLX_ASSERT((state_hash(*risk) ^ state_hash(*trading)) == before);
    }
    bool step() {
        const UnixNanos deadline = trading->next_deadline();
        const UnixNanos next = queue.empty() ? UnixNanos{} : queue.front().at;
        if (!deadline.known() && !next.known()) return false;
        if (!next.known() || (deadline.known() && deadline <= next)) {
            now = std::max(now, deadline);
            risk->on(messages::ClockTick{now});
            trading->on(messages::ClockTick{now});
            flush();
            return true;
        }
        const OrderEvent e = queue.front().event;
        std::pop_heap(queue.begin(), queue.end());
        queue.pop_back();
        now = std::max(now, next);
        deliver(e);
        return true;
    }
    void run(int opportunities) {
        for (int i = 0; i < opportunities; ++i) {
            trading->on(opportunity());
            flush();
            for (std::uint64_t steps = random.below(30); steps > 0 && step(); --steps) {
                if (random.chance(chaos * 0.05)) crash();
            }
            if (random.chance(0.2))
                requote(spot[random.below(3)], 5'000'000 + random.between(-300, 300));
        }
        for (int steps = 0; steps < 200'000 && step(); ++steps) {
            if (random.chance(chaos * 0.02)) crash();
        }
    }

    runtime::Random random;
    double chaos = 0.5;
    UnixNanos now = UnixNanos::from_millis(1'700'000'000'000);
    Universe universe;
    book::BookSet books;
    FeeSchedule fees = *FeeSchedule::named("base");
    Money money;
    risk::Config limits;
    trading::Config settings;
    InstrumentId spot[3] = {
        list(Market::BinanceSpot, InstrumentKind::Spot, "BTCUSDT", "BTC", "USDT"),
        list(Market::Okx, InstrumentKind::Spot, "BTC-USDT", "BTC", "USDT"),
        list(Market::BybitSpot, InstrumentKind::Spot, "BTCUSDT", "BTC", "USDT")};
    InstrumentId perp =
        list(Market::BybitLinear, InstrumentKind::LinearPerpetual, "BTCUSDT", "BTC", "USDT");
    InstrumentId eth_btc = list(Market::BinanceSpot, InstrumentKind::Spot, "ETHBTC", "ETH", "BTC");
    InstrumentId eth_usdt =
        list(Market::BinanceSpot, InstrumentKind::Spot, "ETHUSDT", "ETH", "USDT");
    std::unique_ptr<risk::Service> risk;
    std::unique_ptr<trading::Service> trading;
    std::map<std::uint64_t, Truth> orders;
    std::vector<Queued> queue;
    std::map<std::pair<std::uint64_t, std::int64_t>, int> booked;
    std::map<std::uint64_t, std::vector<messages::PlanState>> states;
    std::map<std::uint64_t, messages::PlanUpdate> last;
    std::uint64_t sequence = 0, queued = 0, trade_id = 0, next_opportunity = 1, requests = 0;
    std::set<std::uint64_t> given_up;
};

/// What the venue really did for a plan, in base units of BTC; bought minus sold.
Amount real_rest(const World& world, std::uint64_t plan) {
    Amount rest;
    for (const auto& [id, truth] : world.orders) {
        if (ClientOrderId::from_raw(id).plan().raw() != plan) continue;
        for (const OrderEvent& fill : truth.fills) {
            const Amount base = world.universe.base_value(fill.instrument, fill.price,
                                                          fill.quantity, Rounding::HalfEven);
            rest += fill.side == Side::Buy ? base : -base;
        }
    }
    return rest;
}

void check_end(const World& world) {
    RC_ASSERT(world.trading->open_plans() == 0u);
    RC_ASSERT(world.risk->open_orders() == 0u);
    RC_ASSERT(world.risk->exposures().hedges_open().is_zero());
    for (const risk::AssetExposure& asset : world.risk->exposures().assets()) {
        RC_ASSERT(asset.open_long().is_zero());
        RC_ASSERT(asset.open_short().is_zero());
    }
    for (const risk::VenueExposure& venue : world.risk->exposures().venues())
        RC_ASSERT(venue.open.is_zero());
    for (const auto& [plan, holds] : world.money.held) {
        for (const auto& [key, amount] : holds) RC_ASSERT(amount.is_zero());
    }
    for (const auto& [plan, update] : world.last) {
        const bool over = update.state == messages::PlanState::Settled ||
                          update.state == messages::PlanState::Refused;
        RC_ASSERT(over);
        RC_ASSERT(update.outcome != messages::PlanOutcome::Open);
        // Every fill the venue made stands in the final update.
        std::map<std::pair<std::uint32_t, int>, std::int64_t> filled;
        for (std::size_t i = 0; i < update.leg_count; ++i) {
            const messages::PlanLeg& leg = update.legs[i];
            filled[{leg.instrument.raw(), static_cast<int>(leg.side)}] += leg.filled.raw();
        }
        for (const auto& [id, truth] : world.orders) {
            if (ClientOrderId::from_raw(id).plan().raw() != plan || truth.fills.empty()) continue;
            filled[{truth.request.instrument.raw(), static_cast<int>(truth.request.side)}] -=
                truth.fills.back().cumulative.raw();
        }
        for (const auto& [key, difference] : filled) RC_ASSERT(difference == 0);
        if (update.kind == messages::OpportunityKind::Triangle || world.given_up.contains(plan))
            continue;
        // Flat but for what no venue takes (5 dollars, a coarse lot) or was cheaper to keep (10
        // dollars).
        RC_ASSERT(real_rest(world, plan).magnitude() <= Amount::from_raw(kPow10[18] / 4'900));
    }
}

TEST(Plans, EveryPlanEndsFlatWhateverVenuesAndCrashesDo) {
    const bool held = rc::check("plans", [](std::uint64_t seed) {
        World world{seed};
        world.run(12);
        check_end(world);
    });
    EXPECT_TRUE(held);
}
TEST(Plans, ACalmVenueCompletesThem) {
    const bool held = rc::check("calm", [](std::uint64_t seed) {
        World world{seed};
        world.chaos = 0.0;
        world.run(20);
        check_end(world);
        int started = 0;
        for (const auto& [plan, update] : world.last) {
            if (update.state == messages::PlanState::Refused) continue;
            ++started;
            // A ring's prices may move between its steps and leave more than dust.
            const bool ring = update.kind == messages::OpportunityKind::Triangle;
            RC_ASSERT(to_string(update.outcome) == "completed" ||
                      (ring && to_string(update.outcome) == "legged"));
        }
        RC_ASSERT(started > 8);
    });
    EXPECT_TRUE(held);
}
TEST(Plans, SameSeedSameEnd) {
    const auto run = [](std::uint64_t seed) {
        World world{seed};
        world.run(10);
        return state_hash(*world.trading) ^ state_hash(*world.risk);
    };
    EXPECT_EQ(run(3), run(3));
    EXPECT_NE(run(3), run(4));
}

}  // namespace
}  // namespace parallax
