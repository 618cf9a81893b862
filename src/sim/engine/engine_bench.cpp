#include <benchmark/benchmark.h>

#include <list>
#include <map>
#include <unordered_map>

#include "sim/engine/conflator.hpp"
#include "sim/engine/crowd.hpp"
#include "sim/engine/venue.hpp"

namespace parallax::sim_engine {
namespace {

constexpr UnixNanos kNow = UnixNanos::from_millis(1'767'225'600'000);

struct Setup {
    SimVenue venue;
    ListingId listing;
    AccountId maker, taker;

    explicit Setup(bool watched, bool perpetual = false)
        : venue{[] {
              VenueSettings s;
              s.history = 100;
              return s;
          }()} {
        InstrumentDefinition d;
        d.market = perpetual ? Market::BinanceUsdm : Market::BinanceSpot;
        d.kind = perpetual ? InstrumentKind::LinearPerpetual : InstrumentKind::Spot;
        d.venue_symbol = "BTCUSDT";
        d.base = "BTC";
        d.quote = d.settle = "USDT";
        d.tick = "0.1";
        d.lot = "0.001";
        d.funding_interval = Nanos::seconds(8 * 3'600);
        d.maintenance_margin = "0.005";
        d.max_leverage = 50;
        listing = *venue.list(d);
        AccountSettings s;
        s.watched = watched;
        s.fees = *FeeSchedule::named("base");
        maker = venue.open_account(s);
        taker = venue.open_account(s);
        for (const AccountId account : {maker, taker}) {
            for (const char* asset : {"BTC", "USDT"}) {
                for (const Wallet wallet : {Wallet::Trading, Wallet::Derivatives})
                    venue.grant(account, wallet, venue.asset(asset), Amount::units(1'000'000'000));
            }
        }
    }
    OrderId limit(AccountId account, Side side, std::int64_t ticks, std::int64_t lots,
                  TimeInForce tif = TimeInForce::GoodTillCancel) {
        NewOrder o;
        o.account = account;
        o.listing = listing;
        o.side = side;
        o.time_in_force = tif;
        o.price = Price::from_raw(ticks * venue.listing(listing).tick.raw());
        o.quantity = Quantity::from_raw(lots * venue.listing(listing).lot.raw());
        return *venue.place(o, kNow);
    }
    void fill_book() {
        for (int i = 0; i < 1'000; ++i) {
            limit(maker, Side::Buy, 9'990 - i, 10);
            limit(maker, Side::Sell, 10'010 + i, 10);
        }
        venue.clear_events();
    }
};

/// The plainest book there is, for comparison: no accounts, no money, no filters, no events.
struct MapBook {
    struct Resting {
        std::uint64_t id;
        std::int64_t quantity;
    };
    std::map<std::int64_t, std::list<Resting>> asks;
    std::unordered_map<std::uint64_t, std::pair<std::int64_t, std::list<Resting>::iterator>> orders;
    std::uint64_t last = 0;

    std::uint64_t sell(std::int64_t price, std::int64_t quantity) {
        auto& queue = asks[price];
        orders[++last] = {price, queue.insert(queue.end(), {last, quantity})};
        return last;
    }
    void cancel(std::uint64_t id) {
        const auto found = orders.find(id);
        const auto level = asks.find(found->second.first);
        level->second.erase(found->second.second);
        if (level->second.empty()) asks.erase(level);
        orders.erase(found);
    }
    std::int64_t buy(std::int64_t limit, std::int64_t quantity) {
        std::int64_t worth = 0;
        while (quantity > 0 && !asks.empty() && asks.begin()->first <= limit) {
            auto& queue = asks.begin()->second;
            Resting& first = queue.front();
            const std::int64_t traded = std::min(quantity, first.quantity);
            worth += traded * asks.begin()->first;
            quantity -= traded;
            first.quantity -= traded;
            if (first.quantity != 0) continue;
            orders.erase(first.id);
            queue.pop_front();
            if (queue.empty()) asks.erase(asks.begin());
        }
        return worth;
    }
};

void BM_MapPlaceAndCancel(benchmark::State& state) {
    MapBook book;
    for (int i = 0; i < 1'000; ++i) book.sell(10'010 + i, 10);
    std::int64_t i = 0;
    for (auto _ : state) book.cancel(book.sell(10'000 + i++ % 16, 10));
    state.SetItemsProcessed(2 * state.iterations());
}
BENCHMARK(BM_MapPlaceAndCancel);

void BM_MapSweepThousandLevels(benchmark::State& state) {
    MapBook book;
    for (auto _ : state) {
        state.PauseTiming();
        for (int i = 0; i < 1'000; ++i) book.sell(10'010 + i, 10);
        state.ResumeTiming();
        benchmark::DoNotOptimize(book.buy(20'000, 10'000));
    }
    state.SetItemsProcessed(1'000 * state.iterations());
}
BENCHMARK(BM_MapSweepThousandLevels);

/// A limit order near the best of a book of 1,000 levels a side, and its cancel: two requests.
void BM_PlaceAndCancel(benchmark::State& state) {
    Setup s{state.range(0) != 0, state.range(1) != 0};
    s.fill_book();
    std::int64_t i = 0;
    for (auto _ : state) {
        const OrderId id = s.limit(s.maker, Side::Buy, 9'985 + i++ % 16, 10);
        benchmark::DoNotOptimize(s.venue.cancel(s.maker, id, kNow));
        s.venue.clear_events();
    }
    state.SetItemsProcessed(2 * state.iterations());
}
BENCHMARK(BM_PlaceAndCancel)
    ->ArgNames({"watched", "perpetual"})
    ->Args({0, 0})
    ->Args({1, 0})
    ->Args({1, 1});

/// A maker's order and the taker who fills it: two requests, one trade.
void BM_TradeOne(benchmark::State& state) {
    Setup s{true, state.range(0) != 0};
    s.fill_book();
    for (auto _ : state) {
        s.limit(s.maker, Side::Sell, 10'000, 10);
        s.limit(s.taker, Side::Buy, 10'000, 10, TimeInForce::ImmediateOrCancel);
        s.venue.clear_events();
    }
    state.SetItemsProcessed(2 * state.iterations());
}
BENCHMARK(BM_TradeOne)->ArgName("perpetual")->Arg(0)->Arg(1);

/// One IOC that takes all of 1,000 levels. An item is a level.
void BM_SweepThousandLevels(benchmark::State& state) {
    Setup s{state.range(0) != 0};
    for (auto _ : state) {
        state.PauseTiming();
        for (int i = 0; i < 1'000; ++i) s.limit(s.maker, Side::Sell, 10'010 + i, 10);
        s.venue.clear_events();
        state.ResumeTiming();
        s.limit(s.taker, Side::Buy, 20'000, 10'000, TimeInForce::ImmediateOrCancel);
    }
    state.SetItemsProcessed(1'000 * state.iterations());
}
BENCHMARK(BM_SweepThousandLevels)->ArgName("watched")->Arg(0)->Arg(1);

/// A second of all three venues' markets; items are book changes by the crowd.
void BM_CrowdSecond(benchmark::State& state) {
    VenueSettings settings;
    SimVenue binance{settings};
    settings.venue = Venue::Okx;
    SimVenue okx{settings};
    settings.venue = Venue::Bybit;
    SimVenue bybit{settings};
    const CrowdSettings crowd_settings;
    Crowd crowd{crowd_settings, 7};
    for (SimVenue* const venue : {&binance, &okx, &bybit}) crowd.join(*venue);
    UnixNanos now = crowd_settings.prices.start;
    crowd.advance(now);
    const std::uint64_t before = crowd.beats();
    for (auto _ : state) {
        now = now + Nanos::seconds(1);
        crowd.advance(now);
        for (SimVenue* const venue : {&binance, &okx, &bybit}) venue->clear_events();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(crowd.beats() - before));
}
BENCHMARK(BM_CrowdSecond);

/// A message of the best 50 levels after one change.
void BM_ConflateTop(benchmark::State& state) {
    Setup s{false};
    s.fill_book();
    TopConflator top{50};
    (void)top.snapshot(s.venue.book(s.listing));
    std::int64_t i = 0;
    for (auto _ : state) {
        const OrderId id = s.limit(s.maker, Side::Buy, 9'970 + i++ % 16, 10);
        benchmark::DoNotOptimize(top.flush(s.venue.book(s.listing)));
        (void)s.venue.cancel(s.maker, id, kNow);
        s.venue.clear_events();
    }
}
BENCHMARK(BM_ConflateTop);

}  // namespace
}  // namespace parallax::sim_engine
