#include <benchmark/benchmark.h>

#include <array>

#include "messages/codec.hpp"

namespace {

using namespace parallax;
using namespace parallax::messages;

void BM_EncodeBestQuote(benchmark::State& state) {
    BestQuote quote;
    std::array<std::byte, 128> out{};
    for (auto _ : state) {
        benchmark::DoNotOptimize(quote);
        encode_to(out.data(), quote);
        benchmark::DoNotOptimize(out);
    }
}
BENCHMARK(BM_EncodeBestQuote);

void BM_DecodeBestQuote(benchmark::State& state) {
    std::vector<std::byte> bytes;
    encode(BestQuote{}, bytes);
    for (auto _ : state) benchmark::DoNotOptimize(decode<BestQuote>(bytes));
}
BENCHMARK(BM_DecodeBestQuote);

void BM_EncodeDepth(benchmark::State& state) {  // levels in all
    const std::vector<Level> levels(static_cast<std::size_t>(state.range(0)) / 2);
    DepthUpdate update;
    update.bids = levels;
    update.asks = levels;
    std::vector<std::byte> out(encoded_size(update));
    for (auto _ : state) {
        encode_to(out.data(), update);
        benchmark::ClobberMemory();
    }
}
BENCHMARK(BM_EncodeDepth)->Arg(20)->Arg(200);

void BM_DecodeDepth(benchmark::State& state) {
    const std::vector<Level> levels(static_cast<std::size_t>(state.range(0)) / 2);
    DepthUpdate update;
    update.bids = levels;
    update.asks = levels;
    std::vector<std::byte> bytes;
    encode(update, bytes);
    OwnedDepth depth;
    for (auto _ : state) benchmark::DoNotOptimize(decode(bytes, depth));
}
BENCHMARK(BM_DecodeDepth)->Arg(20)->Arg(200);

}  // namespace
