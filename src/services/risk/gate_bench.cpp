// Budget: a whole approved two-order intent p50 <= 100 ns, p99 <= 500 ns.
#include <benchmark/benchmark.h>

#include <array>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/latency.hpp"
#include "services/risk/fixture.hpp"

namespace parallax::risk {
namespace {

struct Load : fixture::World {
    Load() {
        config.orders_per_second = config.messages_per_second = 10'000;
        config.max_executions = 1'000'000'000;
        start();
        next_plan = 1'000;
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            pairs[i] = {order(binance, Side::Buy), order(okx, Side::Sell)};
        }
    }
    ports::Intent next() {
        ++step;
        now = now + Nanos::micros(400);  // within the rate
        if (step % 1'000 == 0) {         // fresh books
            quote(binance, 4'999'900, 5'000'100);
            quote(okx, 4'999'900, 5'000'100);
        }
        ports::Intent out = intent(pairs[step % pairs.size()]);
        out.opportunity = OpportunityId{step};
        return out;
    }
    std::array<std::array<messages::OrderRequest, 2>, 64> pairs;
    std::uint64_t step = 0;
};

/// check + retract, so that the books stay level.
void BM_ApproveTwoOrdersAndRetract(benchmark::State& state) {
    Load load;
    for (auto _ : state) {
        const ports::Intent intent = load.next();
        const messages::Verdict verdict = load.gate->check(intent);
        if (!verdict.approved()) state.SkipWithError("refused");
        load.gate->retract(intent.orders);
    }
}
BENCHMARK(BM_ApproveTwoOrdersAndRetract);

/// Only check(), timed one by one; the cost of reading the clock is measured and taken off.
void BM_ApproveTwoOrdersQuantiles(benchmark::State& state) {
    Load load;
    runtime::LatencyHistogram bare, gate;
    for (auto _ : state) {
        const ports::Intent intent = load.next();
        const MonoNanos before = runtime::mono_now();
        const MonoNanos start = runtime::mono_now();
        const messages::Verdict verdict = load.gate->check(intent);
        const MonoNanos end = runtime::mono_now();
        if (!verdict.approved()) state.SkipWithError("refused");
        bare.record((start - before).count());
        gate.record((end - start).count());
        load.gate->retract(intent.orders);
    }
    const auto clock = static_cast<double>(bare.quantile(0.5));
    state.counters["p50_ns"] = static_cast<double>(gate.quantile(0.5)) - clock;
    state.counters["p99_ns"] = static_cast<double>(gate.quantile(0.99)) - clock;
    state.counters["clock_ns"] = clock;
}
BENCHMARK(BM_ApproveTwoOrdersQuantiles);

void BM_RefuseByState(benchmark::State& state) {
    Load load;
    load.gate->on(messages::SetTradingState{{}, messages::TradingState::Halted, load.now});
    for (auto _ : state) benchmark::DoNotOptimize(load.gate->check(load.next()));
}
BENCHMARK(BM_RefuseByState);

void BM_FillAndDone(benchmark::State& state) {
    Load load;
    for (auto _ : state) {
        state.PauseTiming();
        messages::OrderRequest order =
            load.order(load.binance, load.step % 2 == 0 ? Side::Buy : Side::Sell);
        ports::Intent intent = load.next();
        intent.orders = {&order, 1};
        if (!load.gate->check(intent).approved()) state.SkipWithError("refused");
        state.ResumeTiming();
        load.gate->on(load.fill(order, 10'000, 10'000, load.step));
        load.gate->on(load.event(order, messages::OrderEventKind::Done));
    }
}
BENCHMARK(BM_FillAndDone)->Iterations(20'000);

}  // namespace
}  // namespace parallax::risk
