#include <benchmark/benchmark.h>

#include "sim/market/synthetic_market.hpp"

namespace parallax::sim_market {
namespace {

/// Goal: at least a million frames a second.
void BM_SyntheticMarketFrame(benchmark::State& state) {
    SyntheticMarket market{{}, 1};
    Frame frame;
    std::size_t bytes = 0;
    for (auto _ : state) {
        market.next(frame);
        bytes += frame.bytes.size();
        benchmark::DoNotOptimize(frame);
    }
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(BM_SyntheticMarketFrame);

}  // namespace
}  // namespace parallax::sim_market
