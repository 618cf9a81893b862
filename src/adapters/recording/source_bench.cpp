#include <benchmark/benchmark.h>
#include <zlib.h>

#include <cstring>
#include <filesystem>

#include "adapters/recording/recording_reader.hpp"
#include "adapters/recording/recording_writer.hpp"
#include "adapters/recording/source.hpp"
#include "adapters/recording/test_support.hpp"

namespace {

using namespace parallax;
using namespace parallax::recording;

std::string make_text(std::size_t lines) {
    std::string text;
    for (std::size_t i = 0; i < lines; ++i) {
        text += std::to_string(1'723'161'254'000'000'000 + i * 7'919'000) +
                " {\"stream\":\"btcusdt@bookTicker\",\"data\":{\"u\":" +
                std::to_string(50'093'239'212 + i * 13) +
                ",\"s\":\"BTCUSDT\",\"b\":\"61837.63000000\",\"B\":\"" +
                std::to_string(i * 37 % 97) +
                ".78826000\",\"a\":\"61837.64000000\",\"A\":\"1.54698000\"}}\n";
    }
    return text;
}

void drain(benchmark::State& state, const std::shared_ptr<const Storage>& storage, std::size_t raw,
           bool prefetch) {
    std::size_t frames = 0;
    for (auto _ : state) {
        auto source = open_storage_source(Market::BinanceSpot, storage, {.prefetch = prefetch});
        if (!source) return state.SkipWithError(source.error().detail.c_str());
        for (ports::Frame frame; *(*source)->next(frame); ++frames) benchmark::DoNotOptimize(frame);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * raw));
    state.SetItemsProcessed(static_cast<std::int64_t>(frames));
}

// Reference: nothing but looking for line feeds in the same bytes.
void BM_LineFeedsOnly(benchmark::State& state) {
    const std::string text = make_text(100'000);
    for (auto _ : state) {
        const char* at = text.data();
        const char* end = at + text.size();
        while (at < end)
            at = static_cast<const char*>(
                     std::memchr(at, '\n', static_cast<std::size_t>(end - at))) +
                 1;
        benchmark::DoNotOptimize(at);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(BM_LineFeedsOnly)->Unit(benchmark::kMillisecond);

void BM_PlainLines(benchmark::State& state) {  // budget 1 GB/s
    const std::string text = make_text(100'000);
    drain(state, memory_storage("f", text), text.size(), false);
}
BENCHMARK(BM_PlainLines)->Unit(benchmark::kMillisecond)->UseRealTime();

// Reference: zlib alone on the same bytes.
void BM_InflateOnly(benchmark::State& state) {
    const std::string text = make_text(100'000);
    const std::string packed = gzip(text);
    std::string out(text.size() + 1, '\0');
    for (auto _ : state) {
        z_stream zlib{};
        inflateInit2(&zlib, MAX_WBITS + 16);
        zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
        zlib.avail_in = static_cast<uInt>(packed.size());
        zlib.next_out = reinterpret_cast<Bytef*>(out.data());
        zlib.avail_out = static_cast<uInt>(out.size());
        benchmark::DoNotOptimize(inflate(&zlib, Z_FINISH));
        inflateEnd(&zlib);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(BM_InflateOnly)->Unit(benchmark::kMillisecond);

void BM_GzipLines(benchmark::State& state) {  // 0 in one thread, 1 prefetched
    const std::string text = make_text(100'000);
    drain(state, memory_storage("f", gzip(text)), text.size(), state.range(0) == 1);
}
BENCHMARK(BM_GzipLines)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_OwnFormat(benchmark::State& state) {
    const std::string text = make_text(100'000);
    const auto path = std::filesystem::temp_directory_path() / "plx_source_bench.plxr";
    std::filesystem::remove(path);
    {
        auto writer = RecordingWriter::create(path);
        auto source = open_storage_source(Market::BinanceSpot, memory_storage("f", text));
        for (ports::Frame frame; *(*source)->next(frame);) {
            if (!(*writer)->append(frame)) return state.SkipWithError("cannot write");
        }
    }
    drain(state, *open_storage(path), text.size(), state.range(0) == 1);
    std::filesystem::remove(path);
}
BENCHMARK(BM_OwnFormat)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_RecordFrames(benchmark::State& state) {
    const std::string text = make_text(20'000);
    const auto path = std::filesystem::temp_directory_path() / "plx_record_bench.plxr";
    std::uint64_t stored = 0;
    for (auto _ : state) {
        std::filesystem::remove(path);
        auto writer = RecordingWriter::create(path);
        auto source = open_storage_source(Market::BinanceSpot, memory_storage("f", text));
        for (ports::Frame frame; *(*source)->next(frame);) {
            if (!(*writer)->append(frame)) return state.SkipWithError("cannot write");
        }
        if (!(*writer)->flush()) return state.SkipWithError("cannot write");
        stored = (*writer)->stored_bytes();
    }
    std::filesystem::remove(path);
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
    state.counters["ratio"] = static_cast<double>(text.size()) / static_cast<double>(stored);
}
BENCHMARK(BM_RecordFrames)->Unit(benchmark::kMillisecond);

}  // namespace
