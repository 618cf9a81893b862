// Tick to verdict: from a book that changed to every gap and cycle through it looked at, sized
// where it needs to be, and judged. Every tick of a market counts, so the median is the usual tick
// and the tail are the gaps that change.
#include <benchmark/benchmark.h>

#include "app/session.hpp"
#include "recorded_lines.hpp"
#include "runtime/clock.hpp"
#include "sim/market/synthetic_market.hpp"
#include "testing/folders/folders.hpp"

namespace {

using namespace parallax;

/// What reading the clock twice takes: it is part of each measurement.
double clock_cost() {
    runtime::LatencyHistogram bare;
    for (int i = 0; i < 20'000; ++i) {
        const MonoNanos before = runtime::mono_now();
        bare.record((runtime::mono_now() - before).count());
    }
    return static_cast<double>(bare.quantile(0.5));
}

app::SessionOptions measured() {
    app::SessionOptions options;
    options.measure = true;
    return options;
}

void report(benchmark::State& state, const app::Session& session) {
    const runtime::LatencyHistogram& scan = session.latency()->scan;
    const double clock = clock_cost();
    state.counters["p50_ns"] = static_cast<double>(scan.quantile(0.5)) - clock;
    state.counters["p90_ns"] = static_cast<double>(scan.quantile(0.9)) - clock;
    state.counters["p99_ns"] = static_cast<double>(scan.quantile(0.99)) - clock;
    state.counters["clock_ns"] = clock;
    state.counters["ticks"] = static_cast<double>(scan.count());
    state.counters["seen"] = static_cast<double>(session.pipeline().scanner().counts().seen);
}

/// Binance spot and futures as recorded: no spot symbol of two venues, so that nothing crosses.
void BM_TickRecorded(benchmark::State& state) {
    const bench::RecordedLines recorded =
        bench::load_lines((recordings() / "binance_2024-08-08").string(), 0);
    if (recorded.synthetic) state.SetLabel("made up: the recordings are not there");
    for (auto _ : state) {
        app::Session session{app::Settings{}, measured()};
        if (!session.open()) return state.SkipWithError("no session");
        for (const bench::Line& line : recorded.lines) {
            ports::Frame frame;
            frame.received = UnixNanos::from_nanos(line.received_ns);
            frame.bytes = line.json;
            frame.market = line.market;
            frame.connection = line.source;
            session.on_frame(frame);
        }
        state.PauseTiming();
        report(state, session);
        state.ResumeTiming();
    }
}
BENCHMARK(BM_TickRecorded)->Iterations(1)->Unit(benchmark::kMillisecond);

/// Three venues that lag each other, from a seed: gaps open, change and close all the time.
void BM_TickSynthetic(benchmark::State& state) {
    constexpr int kFrames = 300'000;
    for (auto _ : state) {
        sim_market::SyntheticMarket market{sim_market::Config{}, 1};
        app::Session session{app::Settings{}, measured()};
        if (!session.open()) return state.SkipWithError("no session");
        for (const InstrumentDefinition& definition : market.instruments())
            session.define(definition);
        sim_market::Frame made;
        for (int i = 0; i < kFrames; ++i) {
            market.next(made);
            ports::Frame frame;
            frame.received = made.received;
            frame.bytes = made.bytes;
            frame.market = made.market;
            frame.symbol = made.snapshot_of;
            session.on_frame(frame);
        }
        state.PauseTiming();
        report(state, session);
        state.ResumeTiming();
    }
}
BENCHMARK(BM_TickSynthetic)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
