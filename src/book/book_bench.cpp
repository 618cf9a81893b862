// Cost of a level update, of the best level and of walking the book, beside std::map in the same
// run. The mix is a recorded day's (shared data, when present) or a synthetic one: most updates lie
// near the best, many remove a level.
#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "book/feed_book.hpp"
#include "book/order_book.hpp"
#include "testing/folders/folders.hpp"

namespace parallax::book {
namespace {

struct Message {
    std::vector<Level> bids;
    std::vector<Level> asks;
};
struct Update {
    std::span<const Level> bids;
    std::span<const Level> asks;
};
struct Tape {
    Message snapshot;
    std::vector<Message> messages;
    /// The messages' levels one behind the other, so that the book is measured and not the tape's
    /// cache misses: in the real pipeline the parser has just written them.
    std::vector<Level> levels;
    std::vector<Update> updates;
    [[nodiscard]] std::int64_t items() const { return static_cast<std::int64_t>(levels.size()); }
    void lay_out() {
        for (const Message& m : messages) {
            levels.insert(levels.end(), m.bids.begin(), m.bids.end());
            levels.insert(levels.end(), m.asks.begin(), m.asks.end());
        }
        const Level* at = levels.data();
        for (const Message& m : messages) {
            updates.push_back({{at, m.bids.size()}, {at + m.bids.size(), m.asks.size()}});
            at += m.bids.size() + m.asks.size();
        }
    }
};

std::uint64_t next_random(std::uint64_t& state) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return state >> 33;
}

/// 1,000 levels a side; the distance of an update from the best is mostly small, one in three
/// removes.
Tape synthetic_tape() {
    Tape tape;
    std::uint64_t state = 42;
    for (std::int64_t i = 1; i <= 1'000; ++i) {
        tape.snapshot.bids.push_back(
            {Price::from_raw(1'000'000 - 3 * i), Quantity::from_raw(1'000 + i)});
        tape.snapshot.asks.push_back(
            {Price::from_raw(1'000'000 + 3 * i), Quantity::from_raw(1'000 + i)});
    }
    for (int i = 0; i < 3'000; ++i) {
        Message message;
        for (auto* side : {&message.bids, &message.asks}) {
            const std::int64_t sign = side == &message.bids ? -1 : 1;
            for (int k = 0; k < 15; ++k) {
                const auto reach = static_cast<std::int64_t>(next_random(state) % 12);
                const auto distance =
                    1 + static_cast<std::int64_t>(next_random(state) % (1ULL << reach));
                const auto quantity =
                    static_cast<std::int64_t>(next_random(state) % 3 == 0 ? 0 : next_random(state));
                side->push_back(
                    {Price::from_raw(1'000'000 + sign * distance), Quantity::from_raw(quantity)});
            }
            std::sort(side->begin(), side->end(), [&](const Level& a, const Level& b) {
                return sign < 0 ? a.price > b.price
                                : a.price < b.price;  // as venues send them: best first
            });
            const auto twice = [](const Level& a, const Level& b) { return a.price == b.price; };
            side->erase(std::unique(side->begin(), side->end(), twice), side->end());
        }
        tape.messages.push_back(std::move(message));
    }
    return tape;
}

void read_levels(simdjson::ondemand::array rows, std::vector<Level>& out, Scale price,
                 Scale quantity) {
    for (simdjson::ondemand::array row : rows) {
        std::array<std::string_view, 2> text;
        std::size_t i = 0;
        for (auto field : row) {
            if (i < 2) text[i++] = field.get_string();
        }
        const auto p = Price::parse(text[0], price);
        const auto q = Quantity::parse(text[1], quantity);
        if (p && q) out.push_back({*p, *q});
    }
}

/// Empty when the recording is not there.
Tape recorded_tape(const std::string& path, Scale price, Scale quantity) {
    Tape tape;
    const std::string command = "gzip -dc '" + path + "' 2>/dev/null";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe{popen(command.c_str(), "r"), pclose};
    if (!pipe) return tape;
    simdjson::ondemand::parser parser;
    char* line = nullptr;
    std::size_t capacity = 0;
    for (ssize_t size = 0; (size = getline(&line, &capacity, pipe.get())) > 0;) {
        const std::string_view text{line, static_cast<std::size_t>(size)};
        const std::size_t at = text.find('{');
        const bool snapshot = text.find("\"lastUpdateId\"") != std::string_view::npos;
        if (at == std::string_view::npos ||
            (!snapshot && text.find("depthUpdate") == std::string_view::npos))
            continue;
        const simdjson::padded_string json{text.substr(at)};
        auto document = parser.iterate(json);
        Message message;
        if (snapshot) {
            read_levels(document["bids"].get_array(), tape.snapshot.bids, price, quantity);
            read_levels(document["asks"].get_array(), tape.snapshot.asks, price, quantity);
            continue;
        }
        auto data = document["data"];
        read_levels(data["b"].get_array(), message.bids, price, quantity);
        read_levels(data["a"].get_array(), message.asks, price, quantity);
        tape.messages.push_back(std::move(message));
    }
    std::free(line);
    return tape;
}

const Tape& tape(std::int64_t which) {
    static const std::array<Tape, 4> kTapes = [] {
        const std::string folder = (recordings() / "binance_2024-08-08/").string();
        std::array<Tape, 4> tapes{synthetic_tape(),
                                  recorded_tape(folder + "spot/btcusdt_20240808.gz", {2}, {5}),
                                  recorded_tape(folder + "usdm/btcusdt_20240808.gz", {2}, {3}),
                                  recorded_tape(folder + "cm/btcusd_perp_20240808.gz", {1}, {0})};
        for (Tape& t : tapes) {
            if (t.messages.empty()) t = tapes[0];
            t.lay_out();
        }
        return tapes;
    }();
    return kTapes[static_cast<std::size_t>(which)];
}
constexpr const char* kTapeNames[] = {"synthetic", "spot", "usdm", "coinm"};

struct MapBook {
    std::map<Price, Quantity, std::greater<>> bids;
    std::map<Price, Quantity, std::less<>> asks;
    template <class Side>
    static void set(Side& side, const Level& level) {
        if (level.quantity.is_zero()) {
            side.erase(level.price);
        } else {
            side[level.price] = level.quantity;
        }
    }
    void apply(std::span<const Level> bid_levels, std::span<const Level> ask_levels) {
        for (const Level& level : bid_levels) set(bids, level);
        for (const Level& level : ask_levels) set(asks, level);
    }
};

/// The whole tape a benchmark iteration, from the same snapshot; items are levels.
template <class Book>
void replay(benchmark::State& state) {
    const Tape& t = tape(state.range(0));
    Book start;
    start.apply(t.snapshot.bids, t.snapshot.asks);
    for (auto _ : state) {
        Book book = start;
        for (const Update& message : t.updates) book.apply(message.bids, message.asks);
        benchmark::DoNotOptimize(book);
    }
    state.SetItemsProcessed(state.iterations() * t.items());
    state.SetLabel(kTapeNames[state.range(0)]);
}
void BM_OrderBookReplay(benchmark::State& state) {
    replay<OrderBook>(state);
}  // budget 10 ns a level
void BM_StdMapReplay(benchmark::State& state) { replay<MapBook>(state); }
BENCHMARK(BM_OrderBookReplay)->DenseRange(0, 3);
BENCHMARK(BM_StdMapReplay)->DenseRange(0, 3);

OrderBook book_of(const Tape& t) {
    OrderBook book;
    book.assign(t.snapshot.bids, t.snapshot.asks);
    for (const Update& message : t.updates) book.apply(message.bids, message.asks);
    return book;
}

void BM_BestLevels(benchmark::State& state) {  // of 64 books in turn, as a scanner asks
    const std::vector<OrderBook> books(64, book_of(tape(0)));
    std::size_t i = 0;
    for (auto _ : state) {
        const OrderBook& book = books[i++ % books.size()];
        benchmark::DoNotOptimize(book.best_bid());
        benchmark::DoNotOptimize(book.best_ask());
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_BestLevels);

void BM_WalkLevels(benchmark::State& state) {  // items are levels walked
    const OrderBook book = book_of(tape(0));
    for (auto _ : state) {
        std::int64_t sum = 0;
        std::int64_t left = state.range(0);
        for (auto it = book.side(Side::Sell).cursor(); !it.done() && left > 0; ++it, --left) {
            sum += (*it).price.raw() * (*it).quantity.raw();
        }
        benchmark::DoNotOptimize(sum);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_WalkLevels)->Arg(10)->Arg(50)->Arg(500);

/// As a scanner meets a book: its best level has changed since the last walk. Items are walks.
void BM_UpdateAndWalk(benchmark::State& state) {
    OrderBook book = book_of(tape(0));
    Level best = book.best_ask();
    for (auto _ : state) {
        best.quantity = Quantity::from_raw(best.quantity.raw() + 1);
        book.set(Side::Sell, best);
        std::int64_t sum = 0;
        std::int64_t left = state.range(0);
        for (auto it = book.side(Side::Sell).cursor(); !it.done() && left > 0; ++it, --left) {
            sum += (*it).price.raw() * (*it).quantity.raw();
        }
        benchmark::DoNotOptimize(sum);
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_UpdateAndWalk)->Arg(0)->Arg(1)->Arg(10)->Arg(50);

void BM_FeedBookDepth(
    benchmark::State& state) {  // with sequence rule and fused best; items are levels
    const Tape& t = tape(state.range(0));
    FeedBook book{GapPolicy::FirstIsNext};
    std::uint64_t id = 1;
    const auto input = [&](std::span<const Level> bids, std::span<const Level> asks,
                           bool snapshot) {
        const auto received = UnixNanos::from_nanos(static_cast<std::int64_t>(id));
        return DepthInput{snapshot, id, id, -1, received, {}, bids, asks};
    };
    book.on_depth(input(t.snapshot.bids, t.snapshot.asks, true));
    for (auto _ : state) {
        for (const Update& message : t.updates) {
            ++id;
            benchmark::DoNotOptimize(book.on_depth(input(message.bids, message.asks, false)));
        }
    }
    state.SetItemsProcessed(state.iterations() * t.items());
    state.SetLabel(kTapeNames[state.range(0)]);
}
BENCHMARK(BM_FeedBookDepth)->DenseRange(0, 3);

void BM_QuoteFusing(benchmark::State& state) {
    FeedBook book{GapPolicy::FirstIsNext};
    const Tape& t = tape(0);
    book.on_depth({true,
                   1,
                   1'000'000'000,
                   -1,
                   UnixNanos::from_nanos(1),
                   {},
                   t.snapshot.bids,
                   t.snapshot.asks});
    std::uint64_t id = 0;
    for (auto _ : state) {
        ++id;
        const auto step = static_cast<std::int64_t>(id % 7);
        benchmark::DoNotOptimize(
            book.on_quote({id,
                           UnixNanos::from_nanos(static_cast<std::int64_t>(id)),
                           {},
                           {Price::from_raw(999'990 + step), Quantity::from_raw(5)},
                           {Price::from_raw(1'000'010), Quantity::from_raw(5)}}));
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_QuoteFusing);

void BM_MemoryPerLevel(benchmark::State& state) {
    const OrderBook book = book_of(tape(state.range(0)));
    const std::size_t levels = book.side(Side::Buy).size() + book.side(Side::Sell).size();
    for (auto _ : state) benchmark::DoNotOptimize(book.memory_bytes());
    state.counters["levels"] = static_cast<double>(levels);
    state.counters["bytes"] = static_cast<double>(book.memory_bytes());
    state.counters["bytes_per_level"] =
        static_cast<double>(book.memory_bytes()) / static_cast<double>(levels);
    state.SetLabel(kTapeNames[state.range(0)]);
}
BENCHMARK(BM_MemoryPerLevel)->DenseRange(0, 3);

}  // namespace
}  // namespace parallax::book
