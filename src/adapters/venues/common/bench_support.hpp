#pragma once

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/venues/common/frame_text.hpp"
#include "adapters/venues/common/test_support.hpp"
#include "book/feed_book.hpp"
#include "core/decimal.hpp"
#include "testing/folders/folders.hpp"

/// Only for benchmarks. A reader is callable with (frame, MarketFrame&). All readers of the same
/// frames must make the same event of each, field by field: that is checked before the clock runs,
/// so that a reference can neither lose its place nor do less.
namespace parallax::venue_common {

inline const UnixNanos kBenchReceived = UnixNanos::from_millis(1'700'000'000'000);
inline constexpr InstrumentId kBenchInstrument{0};  ///< the only one listed

/// Lines of a recording; none when it is not there.
inline std::vector<std::string> bench_lines(const std::string& file) {
    const std::filesystem::path path = recordings() / file;
    if (path.extension() == ".gz") return read_gzip_lines(path);
    return path.extension() == ".zip" ? read_zip_lines(path) : read_frames(path);
}

/// Frames one after the other in one buffer, with the room behind each that simdjson wants.
class Frames {
public:
    explicit Frames(const std::vector<std::string>& frames) {
        for (const std::string& frame : frames) {
            offsets_.push_back({buffer_.size(), frame.size()});
            buffer_ += frame;
            buffer_.append(64, ' ');
        }
    }
    [[nodiscard]] std::size_t size() const noexcept { return offsets_.size(); }
    [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept {
        return {buffer_.data() + offsets_[i].first, offsets_[i].second};
    }

private:
    std::string buffer_;
    std::vector<std::pair<std::size_t, std::size_t>> offsets_;
};

/// Our parser as a reader, with one listing.
template <class Parser>
class Ours {
public:
    explicit Ours(const InstrumentDefinition& listing) : parser_{listing.market, universe_} {
        listed_ = universe_.list(listing).has_value();
    }
    void operator()(std::string_view frame, ports::MarketFrame& out) {
        if (!listed_ || !parser_.parse(frame, kBenchReceived, out)) out.contents = 0;
    }
    [[nodiscard]] Parser& parser() noexcept { return parser_; }

private:
    Universe universe_;
    Parser parser_;
    bool listed_ = false;
};

/// Frames and what everybody must read in them.
struct Subject {
    template <class Reader>
    Subject(const std::vector<std::string>& texts, Reader&& reader) : frames{texts} {
        for (std::size_t i = 0; i < frames.size(); ++i) {
            ports::MarketFrame out;
            reader(frames[i], out);
            expected.push_back(out.contents == 0 ? "not read" : frame_text(out));
        }
    }
    Frames frames;
    std::vector<std::string> expected;
};

template <class Reader>
bool agrees(benchmark::State& state, const Subject& subject, Reader& reader) {
    for (std::size_t i = 0; i < subject.frames.size(); ++i) {
        ports::MarketFrame out;
        reader(subject.frames[i], out);
        if (out.contents != 0 && frame_text(out) == subject.expected[i]) continue;
        state.SkipWithError(
            ("expected " + subject.expected[i] + "\nread " + frame_text(out)).c_str());
        return false;
    }
    return true;
}

inline void count_levels(benchmark::State& state, std::size_t levels) {
    state.counters["per_level"] = benchmark::Counter(
        static_cast<double>(levels), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// One frame an iteration.
template <class Reader>
void run_reader(benchmark::State& state, const Subject& subject, Reader&& reader) {
    if (!agrees(state, subject, reader)) return;
    std::size_t i = 0;
    std::size_t bytes = 0;
    std::size_t levels = 0;
    ports::MarketFrame out;
    for (auto _ : state) {
        const std::string_view frame = subject.frames[i];
        i = i + 1 == subject.frames.size() ? 0 : i + 1;
        reader(frame, out);
        benchmark::DoNotOptimize(out);
        benchmark::ClobberMemory();
        levels += out.depth.bids.size() + out.depth.asks.size();
        bytes += frame.size();
    }
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
    if (levels > 0) count_levels(state, levels);
}

/// Bytes of a book stream to the book: frames to be applied to the book of `start`, in order.
struct BookStream {
    Subject subject;
    book::DepthInput start;
    std::vector<Level> start_bids;
    std::vector<Level> start_asks;
};

inline book::DepthInput depth_input(const messages::DepthUpdate& d) noexcept {
    return {d.kind == messages::DepthKind::Snapshot,
            d.first_id,
            d.last_id,
            d.previous_id,
            d.stamp.received,
            d.stamp.venue_time,
            d.bids,
            d.asks};
}

/// What our book takes the place of: std::map, and one look at the ids.
class MapBook {
public:
    /// False when an update is missing, as far as one comparison can tell.
    bool on_depth(const book::DepthInput& update) {
        const bool follows = update.last_id >= last_id_;
        for (const Level& level : update.bids) set(bids_, level);
        for (const Level& level : update.asks) set(asks_, level);
        last_id_ = update.last_id;
        return follows;
    }

private:
    template <class Side>
    static void set(Side& side, const Level& level) {
        if (level.quantity.is_zero()) {
            side.erase(level.price);
        } else {
            side[level.price] = level.quantity;
        }
    }
    std::uint64_t last_id_ = 0;
    std::map<Price, Quantity, std::greater<>> bids_;
    std::map<Price, Quantity, std::less<>> asks_;
};

/// The whole stream an iteration; `apply` is callable with (book, input), false for a gap.
template <class Book, class Reader, class Apply>
void run_book(benchmark::State& state, const BookStream& stream, Book start, Reader& reader,
              Apply apply) {
    if (!agrees(state, stream.subject, reader)) return;
    book::DepthInput first = stream.start;
    first.bids = stream.start_bids;
    first.asks = stream.start_asks;
    apply(start, first);
    std::size_t levels = 0;
    std::size_t gaps = 0;
    ports::MarketFrame out;
    for (auto _ : state) {
        state.PauseTiming();
        Book book = start;
        state.ResumeTiming();
        for (std::size_t i = 0; i < stream.subject.frames.size(); ++i) {
            reader(stream.subject.frames[i], out);
            gaps += apply(book, depth_input(out.depth)) ? 0 : 1;
            levels += out.depth.bids.size() + out.depth.asks.size();
        }
        benchmark::DoNotOptimize(book);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(levels));
    count_levels(state, levels);
    if (gaps != 0) state.SkipWithError("an update is missing");
}
template <class Reader>
void run_feed_book(benchmark::State& state, const BookStream& stream, book::GapPolicy policy,
                   Reader&& reader) {
    run_book(state, stream, book::FeedBook{policy}, reader,
             [](book::FeedBook& book, const book::DepthInput& update) {
                 const book::Applied applied = book.on_depth(update);
                 return applied.depth_changed && !applied.gap;
             });
}
template <class Reader>
void run_map_book(benchmark::State& state, const BookStream& stream, Reader&& reader) {
    run_book(state, stream, MapBook{}, reader,
             [](MapBook& book, const book::DepthInput& update) { return book.on_depth(update); });
}

/// `read_snapshot` is a reader of the snapshot's text.
template <class Reader>
BookStream book_stream(Subject updates, std::string_view snapshot, Reader&& read_snapshot) {
    BookStream stream{std::move(updates), {}, {}, {}};
    ports::MarketFrame out;
    read_snapshot(snapshot, out);
    stream.start = depth_input(out.depth);
    stream.start_bids.assign(out.depth.bids.begin(), out.depth.bids.end());
    stream.start_asks.assign(out.depth.asks.begin(), out.depth.asks.end());
    return stream;
}

// --- lower bound: knows every position, checks nothing ----------------------------------------

/// The digits next, over a point; moves `p` behind them. For numbers of a fixed number of decimals.
inline std::int64_t digits(const char*& p) noexcept {
    std::int64_t value = 0;
    for (;; ++p) {
        const auto digit = static_cast<unsigned>(*p - '0');
        if (digit <= 9) {
            value = value * 10 + static_cast<std::int64_t>(digit);
        } else if (*p != '.') {
            return value;
        }
    }
}

/// The same in steps of 10^-decimals, where the venue leaves zeros away.
inline std::int64_t scaled(const char*& p, std::uint8_t decimals) noexcept {
    std::int64_t value = 0;
    const char* point = nullptr;
    for (;; ++p) {
        const auto digit = static_cast<unsigned>(*p - '0');
        if (digit <= 9) {
            value = value * 10 + static_cast<std::int64_t>(digit);
        } else if (*p == '.') {
            point = p;
        } else {
            break;
        }
    }
    const std::ptrdiff_t fraction = point == nullptr ? 0 : p - point - 1;
    return value * kPow10[static_cast<std::size_t>(decimals - fraction)];
}

/// Behind the next `count` of `c`.
inline const char* behind(const char* p, char c, int count = 1) noexcept {
    for (; count > 0; ++p) count -= *p == c ? 1 : 0;
    return p;
}

// --- simdjson on-demand -----------------------------------------------------------------------

/// Base of on-demand readers: `Read` fills a frame from the document.
template <class Read>
class OnDemand {
public:
    explicit OnDemand(Read read) : read_{std::move(read)} {}
    [[gnu::flatten]] void operator()(std::string_view frame, ports::MarketFrame& out) {
        simdjson::ondemand::document document =
            parser_
                .iterate(
                    simdjson::padded_string_view(frame.data(), frame.size(), frame.size() + 64))
                .value();
        read_(document, out);
    }

private:
    simdjson::ondemand::parser parser_;
    Read read_;
};

inline std::int64_t decimal(simdjson::ondemand::value value, std::uint8_t decimals) {
    return parse_decimal(value.get_string().value(), decimals).value();
}

/// Appends the [price, quantity, ...] rows of an array.
inline void read_levels(simdjson::ondemand::array rows, std::uint8_t price_decimals,
                        std::uint8_t quantity_decimals, Level*& end) {
    for (auto row : rows) {
        std::int64_t cells[2] = {};
        std::size_t i = 0;
        for (auto cell : row.get_array()) {
            if (i < 2)
                cells[i] = decimal(cell.value(), i == 0 ? price_decimals : quantity_decimals);
            ++i;
        }
        *end++ = {Price::from_raw(cells[0]), Quantity::from_raw(cells[1])};
    }
}

}  // namespace parallax::venue_common
