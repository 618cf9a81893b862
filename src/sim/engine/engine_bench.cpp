#include <benchmark/benchmark.h>

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

/// A limit order near the best of a book of 1,000 levels a side, and its cancel: two requests.
void place_and_cancel(benchmark::State& state) {
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
BENCHMARK(place_and_cancel)
    ->ArgNames({"watched", "perpetual"})
    ->Args({0, 0})
    ->Args({1, 0})
    ->Args({1, 1});

/// A maker's order and the taker who fills it: two requests, one trade.
void trade_one(benchmark::State& state) {
    Setup s{true, state.range(0) != 0};
    s.fill_book();
    for (auto _ : state) {
        s.limit(s.maker, Side::Sell, 10'000, 10);
        s.limit(s.taker, Side::Buy, 10'000, 10, TimeInForce::ImmediateOrCancel);
        s.venue.clear_events();
    }
    state.SetItemsProcessed(2 * state.iterations());
}
BENCHMARK(trade_one)->ArgName("perpetual")->Arg(0)->Arg(1);

/// One IOC that takes all of 1,000 levels. An item is a level.
void sweep_thousand_levels(benchmark::State& state) {
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
BENCHMARK(sweep_thousand_levels)->ArgName("watched")->Arg(0)->Arg(1);

/// A second of all three venues' markets; items are book changes by the crowd.
void crowd_second(benchmark::State& state) {
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
BENCHMARK(crowd_second);

/// A message of the best 50 levels after one change.
void conflate_top(benchmark::State& state) {
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
BENCHMARK(conflate_top);

}  // namespace
}  // namespace parallax::sim_engine
