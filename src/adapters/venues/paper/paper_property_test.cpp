#include <rapidcheck.h>
#include <map>
#include <set>

#include "adapters/venues/paper/test_support.hpp"
#include "core/archive.hpp"

namespace parallax::paper {
namespace {

using namespace testing;
using K = OrderEventKind;

Config faulty_config() {
    Config config = quiet_config();
    config.latency[0].order = {Nanos::millis(3), Nanos::millis(15)};
    config.latency[0].response = {Nanos::millis(3), Nanos::millis(15)};
    config.competitor_probability = 0.2;
    config.reject_probability = 0.05;
    config.timeout_accepted_probability = 0.1;
    config.timeout_lost_probability = 0.1;
    config.late_fill_probability = 0.1;
    config.duplicate_probability = 0.1;
    config.reorder_probability = 0.1;
    return config;
}

/// A second, independent set of books: what somebody knows who has only the events.
class Shadow {
public:
    explicit Shadow(const World& world) : world_{world} {}
    void deposit(Market wallet, AssetId asset, Amount amount) { total(wallet, asset) += amount; }
    Amount& total(Market wallet, AssetId asset) { return totals_[{wallet, asset}]; }

    void on(const OrderEvent& event) {
        if (event.kind != K::Filled || !seen_.insert(event.trade_id).second) return;
        fills_[event.trade_id] = event;
    }
    /// Trades count in the order of their ids, whatever the order of arrival.
    void settle() {
        for (const auto& [id, event] : fills_) book(event);
        fills_.clear();
    }

private:
    void book(const OrderEvent& e) {
        const Instrument& i = world_.universe.instrument(e.instrument);
        const bool buy = e.side == Side::Buy;
        if (i.kind == InstrumentKind::Spot) {
            const Amount base =
                to_amount(e.quantity, world_.universe.symbol_of(i.id).quantity_scale);
            const Amount quote = world_.universe.quote_value(i.id, e.price, e.quantity,
                                                             buy ? Rounding::Up : Rounding::Down);
            total(i.market, i.base) += buy ? base : -base;
            total(i.market, i.quote) += buy ? -quote : quote;
        } else {
            position(i, e);
        }
        total(i.market, e.fee_asset) -= e.fee;
    }
    /// Average cost in signed gains, another way to the same numbers as the venue's costs.
    void position(const Instrument& i, const OrderEvent& e) {
        auto& [open, basis] = positions_[i.id];
        const bool inverse = is_inverse(i.kind);
        const auto value = [&](std::int64_t quantity, Rounding rounding) {
            const Quantity q = Quantity::from_raw(quantity);
            return inverse ? world_.universe.base_value(i.id, e.price, q, rounding)
                           : world_.universe.quote_value(i.id, e.price, q, rounding);
        };
        // Gain: what the fill adds to profit when all is closed one day. Down is against us.
        const bool buy = e.side == Side::Buy;
        const auto gain = [&](std::int64_t quantity) {
            return buy != inverse ? -value(quantity, Rounding::Up)
                                  : value(quantity, Rounding::Down);
        };
        const std::int64_t size = open > 0 ? open : -open;
        const std::int64_t closed = (open > 0) != buy ? std::min(e.quantity.raw(), size) : 0;
        basis += gain(e.quantity.raw());
        open += buy ? e.quantity.raw() : -e.quantity.raw();
        if (closed == 0) return;
        const Amount before = basis - gain(e.quantity.raw());
        const Amount share =
            Amount::from_raw(multiply_divide(before.raw(), closed, size, Rounding::Down));
        total(i.market, i.settle) += share + gain(closed);
        basis -= share + gain(closed);
    }

    const World& world_;
    std::map<std::pair<Market, AssetId>, Amount> totals_;
    std::map<InstrumentId, std::pair<std::int64_t, Amount>> positions_;
    std::set<std::uint64_t> seen_;
    std::map<std::uint64_t, OrderEvent> fills_;
};

/// Replays a random list of actions and keeps what happened.
class Session {
public:
    Session(const std::vector<std::uint32_t>& actions, std::uint64_t seed, bool restarts = false)
        : world{faulty_config(), seed}, shadow{world} {
        deposit(World::kSpotMarket, world.usdt, "500");
        deposit(World::kSpotMarket, world.btc, "5");
        deposit(World::kUsdm, world.usdt, "200");
        deposit(World::kCoinm, world.btc, "2");
        for (const std::uint32_t action : actions) {
            act(action);
            check_conservation();
            if (restarts) restart();
        }
        finish();
    }

    void check_conservation() const {
        for (const AssetId asset : {world.btc, world.usdt, world.bnb}) {
            Amount sum;
            for (const MarketInfo& market : kMarkets) {
                const Balance balance = world.venue->accounts().balance(market.market, asset);
                sum += balance.total;
                RC_ASSERT(!balance.held.is_negative());
                RC_ASSERT(!balance.margin.is_negative());
            }
            const AssetFlow flow = world.venue->accounts().flow(asset);
            RC_ASSERT(flow.deposits == sum + flow.fees + flow.counterparty);
        }
    }

    World world;
    Shadow shadow;
    std::map<std::uint64_t, OrderRequest> orders;
    std::map<std::uint64_t, std::vector<OrderEvent>> told;
    StateHasher events;

private:
    void deposit(Market wallet, AssetId asset, const char* amount) {
        world.venue->deposit(wallet, asset, World::amount(amount));
        shadow.deposit(wallet, asset, World::amount(amount));
    }
    void act(std::uint32_t action) {
        const std::uint32_t what = action % 9;
        const std::uint32_t how = action / 9;
        const InstrumentId ids[] = {world.spot, world.linear, world.inverse};
        const InstrumentId id = ids[how % 3];
        if (what < 4) return place(id, how / 3);
        if (what == 4) return move_book(id, how / 3);
        if (what == 5) return print(id, how / 3);
        if (what == 6) return again(how);
        if (what == 8) return mark(how);
        world.now = world.now + Nanos::millis(how % 300);
        run();
    }
    std::string tens(std::uint32_t n) {
        return std::to_string(95 + n % 10) + "." + std::to_string(n / 10 % 10);
    }
    void place(InstrumentId id, std::uint32_t how) {
        const std::string size = id == world.inverse ? std::to_string(1 + how % 60)
                                                     : "0." + std::to_string(101 + how % 899);
        OrderRequest request =
            world.order(id, how & 1 ? Side::Buy : Side::Sell, tens(how / 2).c_str(), size.c_str(),
                        static_cast<TimeInForce>(how / 8 % 4));
        request.reduce_only = how % 11 == 0;
        orders[request.id.raw()] = request;
        RC_ASSERT(world.venue->submit({&request, 1}).has_value());
    }
    void move_book(InstrumentId id, std::uint32_t how) {
        const std::uint32_t middle = 96 + how % 8;
        const std::string bid = std::to_string(middle) + ".1", ask = std::to_string(middle) + ".4";
        const std::string size = id == world.inverse ? "40" : "0.7";
        world.set_book(id, {{bid.c_str(), size.c_str()}, {"95", size.c_str()}},
                       {{ask.c_str(), size.c_str()}, {"105", size.c_str()}});
        run();
    }
    void print(InstrumentId id, std::uint32_t how) {
        messages::TradePrint trade;
        trade.instrument = id;
        trade.price = world.price(id, tens(how).c_str());
        trade.quantity = world.quantity(id, id == world.inverse ? "30" : "0.9");
        trade.aggressor = how & 1 ? Side::Buy : Side::Sell;
        world.venue->on(trade);
    }
    /// Now and then far away: somebody is liquidated.
    void mark(std::uint32_t how) {
        messages::MarkPrice mark;
        mark.instrument = how % 2 == 0 ? world.linear : world.inverse;
        mark.stamp.received = world.now;
        mark.mark = world.price(mark.instrument, how / 2 % 4 == 0 ? "40" : tens(how / 8).c_str());
        if (how / 2 % 4 == 1) mark.mark = world.price(mark.instrument, "300");
        world.venue->on(mark);
        run();
    }
    /// What a restart leaves: the state written, and read by a fresh venue with another seed.
    void restart() {
        std::vector<std::byte> bytes;
        StateWriter{bytes}(*world.venue);
        world.rebuild(faulty_config(), 12'345);
        StateReader reader{bytes};
        reader(*world.venue);
        RC_ASSERT(reader.finished());
    }
    void again(std::uint32_t how) {
        if (orders.empty()) return;
        auto it = std::next(orders.begin(), static_cast<std::ptrdiff_t>(how % orders.size()));
        const OrderRequest request = World::with_action(
            it->second, how % 2 == 0 ? OrderAction::Cancel : OrderAction::Query, world.now);
        RC_ASSERT(world.venue->submit({&request, 1}).has_value());
    }
    void run() {
        world.venue->advance(world.now);
        take(world.poll());
    }
    void take(const std::vector<OrderEvent>& some) {
        for (const OrderEvent& event : some) {
            RC_ASSERT(event.received <= world.now);
            events(event);
            shadow.on(event);
            told[event.id.raw()].push_back(event);
        }
    }
    /// Everything is cancelled and asked for until nothing is hidden.
    void finish() {
        take(world.drain());
        for (const auto action : {OrderAction::Cancel, OrderAction::Query}) {
            for (const auto& [id, request] : orders) {
                const OrderRequest last = World::with_action(request, action, world.now);
                RC_ASSERT(world.venue->submit({&last, 1}).has_value());
            }
            take(world.drain());
        }
        RC_ASSERT(world.venue->quiet());
        shadow.settle();
        check_conservation();
    }
};

TEST(PaperVenueProperties, BalancesFollowFromTheEventsToTheLastUnit) {
    EXPECT_TRUE(rc::check([](const std::vector<std::uint32_t>& actions, std::uint64_t seed) {
        Session session{actions, seed};
        for (const Market wallet : {World::kSpotMarket, World::kUsdm, World::kCoinm}) {
            for (const AssetId asset : {session.world.btc, session.world.usdt}) {
                RC_ASSERT(session.shadow.total(wallet, asset) ==
                          session.world.venue->balance(wallet, asset));
            }
        }
    }));
}

TEST(PaperVenueProperties, ALongSessionAgreesToo) {
    runtime::Random random{2024};
    std::vector<std::uint32_t> actions(20'000);
    for (std::uint32_t& action : actions) action = static_cast<std::uint32_t>(random.next());
    Session session{actions, 1};
    EXPECT_GT(session.world.venue->counters().fills, 300U);
    EXPECT_GT(session.world.venue->counters().timeouts, 100U);
    EXPECT_GT(session.world.venue->counters().liquidations, 1U);
    EXPECT_GT(session.world.venue->counters().self_trades_prevented, 5U);
    for (const Market wallet : {World::kSpotMarket, World::kUsdm, World::kCoinm}) {
        for (const AssetId asset : {session.world.btc, session.world.usdt}) {
            EXPECT_EQ(session.shadow.total(wallet, asset),
                      session.world.venue->balance(wallet, asset));
        }
    }
}

TEST(PaperVenueProperties, EveryOrderEndsOnceAndNeverOverfills) {
    EXPECT_TRUE(rc::check([](const std::vector<std::uint32_t>& actions, std::uint64_t seed) {
        Session session{actions, seed};
        for (const auto& [id, request] : session.orders) {
            const auto& events = session.told[id];
            std::set<K> ends;
            std::set<std::uint64_t> trades;
            Quantity filled, cumulative;
            for (const OrderEvent& event : events) {
                if (event.kind == K::Rejected || event.kind == K::Done ||
                    event.kind == K::NotFound) {
                    ends.insert(event.kind);
                    cumulative = std::max(cumulative, event.cumulative);
                }
                if (event.kind == K::Filled && trades.insert(event.trade_id).second) {
                    filled += event.quantity;
                    const bool buy = request.side == Side::Buy;
                    RC_ASSERT((buy ? event.price <= request.price : event.price >= request.price));
                }
            }
            RC_ASSERT(ends.size() == 1U);
            RC_ASSERT(filled <= request.quantity);
            RC_ASSERT(filled == cumulative);
            if (ends.contains(K::NotFound) || ends.contains(K::Rejected))
                RC_ASSERT(filled.is_zero());
            if (request.time_in_force == TimeInForce::Fok && !request.reduce_only) {
                RC_ASSERT(filled.is_zero() || filled == request.quantity);
            }
        }
    }));
}

TEST(PaperVenueProperties, ARestartAfterEveryStepChangesNothing) {
    EXPECT_TRUE(rc::check([](const std::vector<std::uint32_t>& actions, std::uint64_t seed) {
        Session a{actions, seed};
        Session b{actions, seed, true};
        RC_ASSERT(a.events.value() == b.events.value());
        RC_ASSERT(state_hash(*a.world.venue) == state_hash(*b.world.venue));
    }));
}

TEST(PaperVenueProperties, SameInputsSameOutputs) {
    EXPECT_TRUE(rc::check([](const std::vector<std::uint32_t>& actions, std::uint64_t seed) {
        Session a{actions, seed};
        Session b{actions, seed};
        RC_ASSERT(a.events.value() == b.events.value());
        RC_ASSERT(state_hash(*a.world.venue) == state_hash(*b.world.venue));
    }));
}

}  // namespace
}  // namespace parallax::paper
