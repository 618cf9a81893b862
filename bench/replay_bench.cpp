// Replay throughput: raw recorded JSON in memory, one thread. Ours is the full pipeline (parse,
// book, scan, trade on paper, ledger); the reference is the loop most systems have: simdjson
// on-demand into std::map books, nothing else.
#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>

#include "app/session.hpp"
#include "recorded_lines.hpp"
#include "runtime/clock.hpp"

namespace {

using namespace parallax;
using bench::Line;
using bench::RecordedLines;

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
    explicit Reference(std::size_t sources) : books_(sources) {}

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
    std::vector<MapBook> books_;
    double sum_ = 0;
};

double seconds_since(MonoNanos start) {
    return static_cast<double>((runtime::mono_now() - start).count()) / 1e9;
}

double run_reference(const RecordedLines& recorded) {
    Reference reference{recorded.buffers.size()};
    const MonoNanos start = runtime::mono_now();
    for (const Line& line : recorded.lines) reference.on_line(line);
    const double seconds = seconds_since(start);
    if (reference.sum() < 0) std::puts("impossible");
    return seconds;
}

struct Ours {
    double seconds = 0;
    std::uint64_t digest = 0;
    std::uint64_t malformed = 0;
};

Ours run_ours(const RecordedLines& recorded) {
    app::Session session{app::Settings{}, app::SessionOptions{}};
    if (const auto opened = session.open(); !opened) return {};
    const MonoNanos start = runtime::mono_now();
    for (const Line& line : recorded.lines) {
        ports::Frame frame;
        frame.received = UnixNanos::from_nanos(line.received_ns);
        frame.bytes = line.json;
        frame.market = line.market;
        frame.connection = line.source;
        session.on_frame(frame);
    }
    const double seconds = seconds_since(start);
    return {seconds, session.pipeline().digest(), session.counts().malformed};
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t limit = 0;
    int rounds = 5;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view value{argv[i + 1]};
        if (std::strcmp(argv[i], "--lines") == 0)
            std::from_chars(value.data(), value.data() + value.size(), limit);
        if (std::strcmp(argv[i], "--rounds") == 0)
            std::from_chars(value.data(), value.data() + value.size(), rounds);
    }
    const RecordedLines recorded = bench::load_lines(PLX_SHARED_DATA "/binance_2024-08-08", limit);
    const auto count = static_cast<double>(recorded.lines.size());
    fmt::print("{} lines, {:.1f} MB{}\n", recorded.lines.size(),
               static_cast<double>(recorded.bytes()) / 1e6,
               recorded.synthetic ? " (made up: the recordings are not there)" : "");
    double best_ours = 1e9, best_reference = 1e9;
    std::uint64_t digest = 0;
    for (int round = 0; round < rounds; ++round) {
        best_reference = std::min(best_reference, run_reference(recorded));
        const Ours ours = run_ours(recorded);
        if (ours.seconds <= 0 || ours.malformed != 0 || (round > 0 && ours.digest != digest)) {
            fmt::print("wrong: {} malformed, digest {:016x} then {:016x}\n", ours.malformed, digest,
                       ours.digest);
            return 1;
        }
        digest = ours.digest;
        best_ours = std::min(best_ours, ours.seconds);
    }
    fmt::print("{:<44}{:>14}{:>12}\n", "best of rounds", "messages/s", "ns/message");
    fmt::print("{:<44}{:>14.0f}{:>12.1f}\n", "reference: simdjson on-demand + std::map",
               count / best_reference, best_reference / count * 1e9);
    fmt::print("{:<44}{:>14.0f}{:>12.1f}\n", "parallax: full pipeline", count / best_ours,
               best_ours / count * 1e9);
    fmt::print("ratio {:.2f} (goal 2)\n", best_reference / best_ours);
    return 0;
}
