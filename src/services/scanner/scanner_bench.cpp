#include <benchmark/benchmark.h>

#include "runtime/clock.hpp"
#include "runtime/latency.hpp"
#include "runtime/random.hpp"
#include "services/scanner/testing.hpp"

namespace parallax::scanner {
namespace {

/// Two compares over 8 venues after an update; the second number is how many symbols take turns.
void BM_TwoLegScan(benchmark::State& state) {  // budget 10 ns, flat in the number of symbols
    const auto symbols = static_cast<std::size_t>(state.range(0));
    std::vector<CrossTable> tables(symbols);
    std::vector<Multiplier> factors(8, Multiplier{kUnity, 0, 8, Rounding::Up});
    runtime::Random random{1};
    for (CrossTable& table : tables) {
        for (std::size_t v = 0; v < 8; ++v) table.set(v, 1'000'000 * 256, 1'000'010 * 256);
    }
    struct Update {
        std::uint32_t symbol;
        std::uint32_t venue;
        std::int64_t bid;
    };
    std::vector<Update> updates(16'384);
    for (Update& u : updates) {
        u = {static_cast<std::uint32_t>(random.below(symbols)),
             static_cast<std::uint32_t>(random.below(8)), random.between(999'995, 1'000'002)};
    }
    std::size_t i = 0;
    std::uint64_t crossed = 0;
    for (auto _ : state) {
        const Update& u = updates[i++ & 16'383];
        const Multiplier& factor = factors[u.venue];
        crossed += tables[u.symbol].set(u.venue, factor.floor(Price::from_raw(u.bid)),
                                        factor.ceil(Price::from_raw(u.bid + 10)));
    }
    benchmark::DoNotOptimize(crossed);
}
BENCHMARK(BM_TwoLegScan)->Arg(1)->Arg(1'000);

/// The whole handler for an update that crosses nothing: book read, guards, ring, table.
void BM_OnBookNothingCrosses(benchmark::State& state) {
    Desk desk{"base"};
    const auto symbols = static_cast<std::size_t>(state.range(0));
    constexpr Market kSpots[] = {Market::BinanceSpot, Market::Okx, Market::BybitSpot};
    for (std::size_t s = 0; s < symbols; ++s) {
        for (const Market market : kSpots) desk.spot(market, "A" + std::to_string(s), "USDT");
    }
    desk.config.triangles = false;
    desk.start();
    for (const InstrumentId id : desk.ids)
        desk.raw_quote(id, 1'000'000, 100'000, 1'000'100, 100'000);
    runtime::Random random{2};
    std::vector<InstrumentId> order(16'384);
    for (InstrumentId& id : order) id = desk.ids[random.below(desk.ids.size())];
    std::size_t i = 0;
    for (auto _ : state) desk.service->on_book(order[i++ & 16'383], desk.now);
}
BENCHMARK(BM_OnBookNothingCrosses)->Arg(1)->Arg(1'000);

/// 3 venues of 50 levels a side; the argument is how many levels a venue cross. 64 markets take
/// turns, so that no branch learns one by heart.
struct Ladders {
    std::vector<std::vector<NetLevel>> sides;
    std::array<NetLadder, 3> asks, bids;

    Ladders(runtime::Random& random, std::int64_t crossing) {
        for (std::size_t v = 0; v < 6; ++v) {
            std::vector<NetLevel> levels;
            const std::int64_t sign = v < 3 ? 1 : -1;
            std::int64_t price = 1'000'000 - sign * (crossing * 5 + random.between(-5, 5));
            for (int l = 0; l < 50; ++l) {
                levels.push_back(next_level(levels.empty() ? NetLevel{} : levels.back(), price,
                                            random.between(1, 1'000)));
                price += sign * random.between(1, 19);
            }
            sides.push_back(levels);
            (v < 3 ? asks : bids)[v % 3] = {sides.back(), 1};
        }
    }
};

void BM_JointOptimum3x50(benchmark::State& state) {  // budget 300 ns
    runtime::Random random{3};
    std::vector<Ladders> markets;
    for (int i = 0; i < 64; ++i) markets.emplace_back(random, state.range(0));
    std::size_t i = 0;
    __int128 edge = 0;
    for (auto _ : state) {
        const Ladders& market = markets[i++ & 63];
        edge += joint_optimum(market.asks, market.bids, 0).edge;
    }
    benchmark::DoNotOptimize(edge);
}
BENCHMARK(BM_JointOptimum3x50)->Arg(0)->Arg(5)->Arg(20)->Arg(50);

/// Two venues 1 bp across each other: the slow end of the handler.
struct CrossedPair {
    Desk desk;
    InstrumentId a, b;
    explicit CrossedPair(std::string_view fees) : desk{fees} {
        a = desk.spot(Market::BinanceSpot, "BTC", "USDT");
        b = desk.spot(Market::Okx, "BTC", "USDT");
        desk.start();
        desk.raw_quote(a, 1'000'000, 100'000, 1'000'100, 100'000);
    }
    /// The plan of the last signal has completed: the next look may signal again.
    void finish() {
        for (const messages::Opportunity& signal : desk.service->opportunities()) {
            messages::PlanUpdate update;
            update.opportunity = signal.id;
            update.state = messages::PlanState::Settled;
            update.outcome = messages::PlanOutcome::Completed;
            update.time = desk.now;
            desk.service->on(update);
        }
        desk.service->clear_outputs();
    }
};

/// Looks at a gap over and over: argument 0: the book changes behind the gap only; 1: the size of
/// the gap changes at each tick, so that it is sized, priced exactly and judged anew; 2: each look
/// is a signal. Book updates are measured too, and alone by argument 3.
void BM_OnBookCrossed(benchmark::State& state) {
    CrossedPair pair{"vip9"};
    Desk& desk = pair.desk;
    std::int64_t i = 0;
    const std::int64_t what = state.range(0);
    const Level asks[] = {{Price::from_raw(1'003'000), Quantity::from_raw(100'000)}};
    desk.service->on_book(pair.a, desk.now);
    for (auto _ : state) {
        ++i;
        const std::int64_t size = what == 1 || what == 2 ? 100'000 + (i & 1'023) * 10 : 100'000;
        const Level bids[] = {{Price::from_raw(1'002'110), Quantity::from_raw(size)},
                              {Price::from_raw(999'000), Quantity::from_raw(50'000 + (i & 7))}};
        if (what == 2) pair.finish();
        desk.set_book(pair.b, bids, asks);
        if (what == 3) continue;
        desk.service->on_book(pair.b, desk.now);
    }
    state.counters["signalled"] = static_cast<double>(desk.service->counts().signalled) /
                                  static_cast<double>(state.iterations());
}
BENCHMARK(BM_OnBookCrossed)->DenseRange(0, 3);

/// The look alone at a gap whose size has changed, timed one by one; the cost of reading the clock
/// is measured and taken off.
void BM_ChangedGapQuantiles(benchmark::State& state) {  // budget 150 ns
    CrossedPair pair{"vip9"};
    Desk& desk = pair.desk;
    runtime::LatencyHistogram bare, look;
    runtime::Random random{4};
    const Level asks[] = {{Price::from_raw(1'003'000), Quantity::from_raw(100'000)}};
    for (auto _ : state) {
        const Level bids[] = {
            {Price::from_raw(1'002'110), Quantity::from_raw(random.between(50'000, 150'000))},
            {Price::from_raw(999'000), Quantity::from_raw(50'000)}};
        desk.set_book(pair.b, bids, asks);
        const MonoNanos before = runtime::mono_now();
        const MonoNanos start = runtime::mono_now();
        desk.service->on_book(pair.b, desk.now);
        const MonoNanos end = runtime::mono_now();
        bare.record((start - before).count());
        look.record((end - start).count());
    }
    const auto clock = static_cast<double>(bare.quantile(0.5));
    state.counters["p50_ns"] = static_cast<double>(look.quantile(0.5)) - clock;
    state.counters["p99_ns"] = static_cast<double>(look.quantile(0.99)) - clock;
    state.counters["clock_ns"] = clock;
}
BENCHMARK(BM_ChangedGapQuantiles);

/// Cycles through one market of a graph of 40 assets on two quotes; per cycle touched.
void BM_TouchedCycles(benchmark::State& state) {  // budget 2.5 ns a cycle
    Desk desk{"base"};
    const auto bu = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    for (std::int64_t i = 0; i < state.range(0); ++i) {
        desk.spot(Market::BinanceSpot, "A" + std::to_string(i), "BTC");
        desk.spot(Market::BinanceSpot, "A" + std::to_string(i), "USDT");
    }
    CycleIndex index{desk.universe, desk.fees, desk.config};
    for (const InstrumentId id : desk.ids) index.list(id);
    index.index();
    for (const InstrumentId id : desk.ids) {
        const bool btc = desk.universe.asset_name(desk.universe.instrument(id).quote) == "BTC";
        index.set(id, Price::from_raw(btc ? 100'000 : 100'000), Price::from_raw(100'010));
    }
    std::uint64_t hits = 0;
    for (auto _ : state) {
        index.set(bu, Price::from_raw(100'000), Price::from_raw(100'010));
        index.touched(bu, [&](std::uint32_t) { ++hits; });
        benchmark::ClobberMemory();
    }
    benchmark::DoNotOptimize(hits);
    state.counters["cycles"] = static_cast<double>(index.touched_count(bu));
    state.counters["per_cycle"] = benchmark::Counter(
        static_cast<double>(index.touched_count(bu)),
        benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
    state.counters["hits"] = static_cast<double>(hits) / static_cast<double>(state.iterations());
}
BENCHMARK(BM_TouchedCycles)->Arg(40)->Arg(400);

}  // namespace
}  // namespace parallax::scanner
