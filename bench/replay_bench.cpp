// Replay throughput: raw recorded JSON in memory, one thread. Ours is the full pipeline (parse,
// book, scan, trade on paper, ledger); the reference is the loop most systems have: simdjson
// on-demand into std::map books, nothing else.
#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>

#include "app/session.hpp"
#include "recorded_lines.hpp"
#include "testing/folders/folders.hpp"

namespace {

using namespace parallax;
using bench::Line;
using bench::RecordedLines;

constexpr std::size_t kMaxSources = 16;

struct MapBook {
    std::map<double, double, std::greater<>> bids;
    std::map<double, double> asks;
    template <class Map>
    static void set(Map& side, double price, double quantity) {
        if (quantity == 0)
            side.erase(price);
        else
            side[price] = quantity;
    }
};

class Reference {
public:
    void on_line(const Line& line) {
        simdjson::ondemand::document document = parser_.iterate(
            line.json.data(), line.json.size(), line.json.size() + simdjson::SIMDJSON_PADDING);
        MapBook& book = books_[line.source];
        simdjson::ondemand::object object = document.get_object();
        for (auto field : object) {
            const std::string_view key = field.unescaped_key();
            if (key == "data") {
                on_data(field.value().get_object(), book);
            } else if (key == "bids" || key == "asks") {
                levels(field.value().get_array(), key == "bids", book);
            }
        }
    }
    [[nodiscard]] double sum() const { return sum_; }

private:
    void on_data(simdjson::ondemand::object data, MapBook& book) {
        for (auto field : data) {
            const std::string_view key = field.unescaped_key();
            auto value = field.value().value();
            if ((key == "b" || key == "a") &&
                value.type() == simdjson::ondemand::json_type::array) {
                levels(value.get_array(), key == "b", book);
            } else if (key == "b" || key == "B" || key == "a" || key == "A" || key == "p" ||
                       key == "q") {
                sum_ += double(value.get_double_in_string());
            }
        }
    }
    void levels(simdjson::ondemand::array array, bool bids, MapBook& book) {
        for (auto level : array) {
            auto it = level.get_array().begin();
            const double price = (*it).get_double_in_string();
            ++it;
            const double quantity = (*it).get_double_in_string();
            if (bids)
                MapBook::set(book.bids, price, quantity);
            else
                MapBook::set(book.asks, price, quantity);
        }
    }
    simdjson::ondemand::parser parser_;
    std::array<MapBook, kMaxSources> books_;
    double sum_ = 0;
};

/// Lines of the recordings, loaded once; `limit` of a benchmark counts from the front, 0 = all.
std::span<const Line> lines(benchmark::State& state) {
    static const RecordedLines recorded =
        bench::load_lines((recordings() / "binance_2024-08-08").string(), 0);
    if (recorded.synthetic) state.SetLabel("made up: the recordings are not there");
    const auto limit = static_cast<std::size_t>(state.range(0));
    const std::span<const Line> all{recorded.lines};
    return limit == 0 ? all : all.first(std::min(limit, all.size()));
}

void BM_ReplayMap(benchmark::State& state) {
    const std::span<const Line> recorded = lines(state);
    for (auto _ : state) {
        Reference reference;
        for (const Line& line : recorded) reference.on_line(line);
        double sum = reference.sum();
        benchmark::DoNotOptimize(sum);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * recorded.size()));
}
BENCHMARK(BM_ReplayMap)->Arg(0)->Arg(20'000)->Unit(benchmark::kMillisecond);

void BM_Replay(benchmark::State& state) {
    const std::span<const Line> recorded = lines(state);
    std::optional<std::uint64_t> digest;
    for (auto _ : state) {
        app::Session session{app::Settings{}, app::SessionOptions{}};
        if (const auto opened = session.open(); !opened) {
            state.SkipWithError(opened.error().detail.c_str());
            return;
        }
        for (const Line& line : recorded) {
            ports::Frame frame;
            frame.received = UnixNanos::from_nanos(line.received_ns);
            frame.bytes = line.json;
            frame.market = line.market;
            frame.connection = line.source;
            session.on_frame(frame);
        }
        state.PauseTiming();
        const std::uint64_t now = session.pipeline().digest();
        if (session.counts().malformed != 0 || digest.value_or(now) != now) {
            state.SkipWithError("malformed frames, or another digest than before");
            break;
        }
        digest = now;
        state.ResumeTiming();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * recorded.size()));
}
BENCHMARK(BM_Replay)->Arg(0)->Arg(20'000)->Unit(benchmark::kMillisecond);

}  // namespace
