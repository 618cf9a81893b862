#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "journal/writer.hpp"

namespace {

using namespace parallax;
using namespace parallax::journal;

class Scratch {
public:
    Scratch() {
        std::string name = (std::filesystem::temp_directory_path() / "plx_bench_XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~Scratch() { std::filesystem::remove_all(path_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

// Reference: the same bytes and sum into a ring of memory, without a file.
void BM_SumAndCopyOnly(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    std::vector<std::byte> ring(1 << 20);
    const std::vector<std::byte> payload(size);
    std::size_t at = 0;
    for (auto _ : state) {
        if (at + size + 24 > ring.size()) at = 0;
        std::memcpy(ring.data() + at + 24, payload.data(), size);
        benchmark::DoNotOptimize(crc32c(std::span{ring}.subspan(at, size + 24)));
        at += record_bytes(size);
    }
}
BENCHMARK(BM_SumAndCopyOnly)->Arg(68)->Arg(392);

// Budget: 60 ns a record on the hot thread. Bursts of 100 records with pauses, about 100,000
// records a second; the median burst is the cost of the code, the high percentile what the file
// system and the machine's other work add. Ten times as many cost twice as much each: every page
// the disk takes is write-protected meanwhile, which interrupts the appending thread.
void BM_Append(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const Scratch scratch;
    auto writer = Writer::open(scratch.path());
    if (!writer) return state.SkipWithError(writer.error().detail.c_str());
    const std::vector<std::byte> payload(size);
    constexpr int kBurst = 100;
    std::vector<double> taken;
    for (auto _ : state) {
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < kBurst; ++i) {
            const auto room = (*writer)->reserve(4, size);
            if (!room) return state.SkipWithError("the journal refused");
            std::memcpy(room->data(), payload.data(), size);
            (*writer)->commit();
        }
        const auto end = std::chrono::steady_clock::now();
        taken.push_back(std::chrono::duration<double, std::nano>(end - start).count() / kBurst);
        while (std::chrono::steady_clock::now() < end + std::chrono::milliseconds{1}) {
        }
    }
    std::sort(taken.begin(), taken.end());
    state.counters["p50_ns"] = taken[taken.size() / 2];
    state.counters["p90_ns"] = taken[taken.size() * 9 / 10];
    state.counters["p99_ns"] = taken[taken.size() * 99 / 100];
}
BENCHMARK(BM_Append)->Arg(68)->Arg(392)->Iterations(3'000);

// As fast as it goes: how much a second the journal carries through the page cache.
void BM_AppendWithoutPause(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const Scratch scratch;
    auto writer = Writer::open(scratch.path());
    if (!writer) return state.SkipWithError(writer.error().detail.c_str());
    const std::vector<std::byte> payload(size);
    for (auto _ : state) {
        if (!(*writer)->append(4, payload)) return state.SkipWithError("the journal refused");
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * record_bytes(size)));
}
BENCHMARK(BM_AppendWithoutPause)->Arg(68)->Arg(392)->Iterations(3'000'000);

}  // namespace
