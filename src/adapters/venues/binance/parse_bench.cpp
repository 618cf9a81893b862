// Bytes to event on recorded frames, against two references in the same run: simdjson on-demand
// reading the same fields, and a scanner that knows every position and checks nothing (the lower
// bound).
#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>

#include "adapters/venues/binance/instruments.hpp"
#include "adapters/venues/binance/parse.hpp"
#include "adapters/venues/common/bench_support.hpp"

namespace parallax::binance {
namespace {

namespace vc = venue_common;
using Content = ports::MarketFrame;

// Used when the recordings are not there.
constexpr std::string_view kQuote =
    R"({"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":5123107839020,"s":"BTCUSDT","b":"61800.20","B":"2.507","a":"61800.30","A":"2.510","T":1723161256313,"E":1723161256313}})";
constexpr std::string_view kTrade =
    R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"T":1723161256322,"s":"BTCUSDT","t":5266583935,"p":"61800.30","q":"0.006","X":"MARKET","m":false}})";
constexpr std::string_view kDepth =
    R"({"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723161256299,"T":1723161256298,"s":"BTCUSDT","U":5123107832006,"u":5123107837557,"pu":5123107831937,"b":[["58710.20","0.014"],["61496.50","0.010"],["61510.90","0.000"],["61641.50","1.211"],["61652.80","0.195"]],"a":[["61800.30","2.510"],["61801.00","0.002"],["61804.40","0.000"]]}})";

/// Recorded USD-M frames of one kind.
vc::Frames frames_of(std::string_view kind, std::string_view substitute) {
    std::vector<std::string> frames;
    for (const std::string& line : vc::bench_lines("binance_2024-08-08/usdm/btcusdt_20240808.gz")) {
        const std::string_view frame = std::string_view{line}.substr(line.find(' ') + 1);
        if (frame.find(kind) != std::string_view::npos && frames.size() < 5'000)
            frames.emplace_back(frame);
    }
    if (frames.empty()) frames.assign(1'000, std::string(substitute));
    return vc::Frames{frames};
}
const vc::Frames& quotes() {
    static const vc::Frames frames = frames_of("\"e\":\"bookTicker\"", kQuote);
    return frames;
}
const vc::Frames& trades() {
    static const vc::Frames frames = frames_of("\"e\":\"trade\"", kTrade);
    return frames;
}
const vc::Frames& depths() {
    static const vc::Frames frames = frames_of("\"e\":\"depthUpdate\"", kDepth);
    return frames;
}

void parse(benchmark::State& state, const vc::Frames& frames) {
    Universe universe;
    InstrumentDefinition d = infer_definition(Market::BinanceUsdm, "BTCUSDT", 2, 3);
    if (!universe.list(d)) state.SkipWithError("cannot list");
    Parser parser{Market::BinanceUsdm, universe};
    ports::MarketFrame out;
    vc::run_frames(state, frames, [&](std::string_view frame) {
        if (!parser.parse(frame, UnixNanos::from_millis(1), out) || out.contents == 0)
            state.SkipWithError("not read");
        benchmark::DoNotOptimize(out);
        return out.has(Content::kDepth) ? out.depth.bids.size() + out.depth.asks.size() : 0;
    });
}
void BM_Quote(benchmark::State& state) { parse(state, quotes()); }
void BM_Trade(benchmark::State& state) { parse(state, trades()); }
void BM_Depth(benchmark::State& state) { parse(state, depths()); }

// --- lower bound: digits only, positions by counting quotes, nothing checked
// ------------------------------------

const char* skip_quotes(const char* p, int count) {
    for (; count > 0; ++p) count -= *p == '"' ? 1 : 0;
    return p;
}

void BM_QuoteNoCheck(benchmark::State& state) {
    vc::run_frames(state, quotes(), [&](std::string_view frame) {
        messages::BestQuote quote;
        const char* p = frame.data() + 11;  // {"stream":"
        p = skip_quotes(p, 1) + 30;         // ,"data":{"e":"bookTicker","u":
        quote.update_id = static_cast<std::uint64_t>(vc::digits(p));
        p = skip_quotes(p + 6, 1) + 6;  // ,"s":"BTCUSDT","b":"
        quote.bid.price = Price::from_raw(vc::digits(p));
        p += 7;
        quote.bid.quantity = Quantity::from_raw(vc::digits(p));
        p += 7;
        quote.ask.price = Price::from_raw(vc::digits(p));
        p += 7;
        quote.ask.quantity = Quantity::from_raw(vc::digits(p));
        p += 6;
        quote.stamp.venue_time = UnixNanos::from_millis(vc::digits(p));
        p += 5;
        quote.stamp.sent = UnixNanos::from_millis(vc::digits(p));
        benchmark::DoNotOptimize(quote);
        vc::expect(state,
                   quote.stamp.sent.millis() > 1'700'000'000'000 && quote.ask.quantity.raw() > 0);
        return std::size_t{0};
    });
}

void BM_TradeNoCheck(benchmark::State& state) {
    vc::run_frames(state, trades(), [&](std::string_view frame) {
        messages::TradePrint print;
        const char* p = skip_quotes(frame.data() + 11, 1) + 25;  // ,"data":{"e":"trade","E":
        print.stamp.sent = UnixNanos::from_millis(vc::digits(p));
        p += 5;
        print.stamp.venue_time = UnixNanos::from_millis(vc::digits(p));
        p = skip_quotes(p + 6, 1) + 5;
        print.trade_id = static_cast<std::uint64_t>(vc::digits(p));
        p += 6;
        print.price = Price::from_raw(vc::digits(p));
        p += 7;
        print.quantity = Quantity::from_raw(vc::digits(p));
        p = skip_quotes(p + 7, 1) + 5;
        print.aggressor = *p == 't' ? Side::Sell : Side::Buy;
        benchmark::DoNotOptimize(print);
        vc::expect(state, (*p == 't' || *p == 'f') && print.quantity.raw() > 0);
        return std::size_t{0};
    });
}

void BM_DepthNoCheck(benchmark::State& state) {
    std::vector<Level> levels(10'000);
    vc::run_frames(state, depths(), [&](std::string_view frame) {
        messages::DepthUpdate depth;
        const char* p = skip_quotes(frame.data() + 11, 1) + 31;  // ,"data":{"e":"depthUpdate","E":
        depth.stamp.sent = UnixNanos::from_millis(vc::digits(p));
        p += 5;
        depth.stamp.venue_time = UnixNanos::from_millis(vc::digits(p));
        p = skip_quotes(p + 6, 1) + 5;
        depth.first_id = static_cast<std::uint64_t>(vc::digits(p));
        p += 5;
        depth.last_id = static_cast<std::uint64_t>(vc::digits(p));
        p += 6;
        depth.previous_id = vc::digits(p);
        p += 6;
        Level* end = levels.data();
        for (int side = 0; side < 2; ++side) {
            while (*p == '[') {
                p += 2;
                end->price = Price::from_raw(vc::digits(p));
                p += 3;
                end->quantity = Quantity::from_raw(vc::digits(p));
                p += 3;
                ++end;
            }
            p += *p == ']' ? 7 : 6;  // `],"a":[` of an empty side
        }
        p = std::min(p, frame.data() + frame.size());  // `}}` is all that is left
        depth.bids = {levels.data(), end};
        benchmark::DoNotOptimize(depth);
        vc::expect(state, p == frame.data() + frame.size());
        return static_cast<std::size_t>(end - levels.data());
    });
}

// --- simdjson on-demand
// ------------------------------------------------------------------------------------------

std::int64_t decimal(simdjson::ondemand::object& object, std::string_view key,
                     std::uint8_t decimals) {
    return parse_decimal(object.find_field_unordered(key).get_string().value(), decimals).value();
}

template <class Read>
void on_demand(benchmark::State& state, const vc::Frames& frames, Read read) {
    simdjson::ondemand::parser parser;
    vc::run_frames(state, frames, [&](std::string_view frame) {
        auto document = parser.iterate(
            simdjson::padded_string_view(frame.data(), frame.size(), frame.size() + 64));
        simdjson::ondemand::object data = document.find_field("data").get_object().value();
        return read(data);
    });
}

void BM_QuoteOnDemand(benchmark::State& state) {
    on_demand(state, quotes(), [](simdjson::ondemand::object& data) {
        messages::BestQuote quote;
        quote.update_id = data.find_field("u").get_uint64().value();
        benchmark::DoNotOptimize(data.find_field("s").get_string().value());
        quote.bid = {Price::from_raw(decimal(data, "b", 2)),
                     Quantity::from_raw(decimal(data, "B", 3))};
        quote.ask = {Price::from_raw(decimal(data, "a", 2)),
                     Quantity::from_raw(decimal(data, "A", 3))};
        quote.stamp.venue_time = UnixNanos::from_millis(data.find_field("T").get_int64().value());
        quote.stamp.sent = UnixNanos::from_millis(data.find_field("E").get_int64().value());
        benchmark::DoNotOptimize(quote);
        return std::size_t{0};
    });
}

void BM_TradeOnDemand(benchmark::State& state) {
    on_demand(state, trades(), [](simdjson::ondemand::object& data) {
        messages::TradePrint print;
        print.stamp.sent = UnixNanos::from_millis(data.find_field("E").get_int64().value());
        print.stamp.venue_time = UnixNanos::from_millis(data.find_field("T").get_int64().value());
        benchmark::DoNotOptimize(data.find_field("s").get_string().value());
        print.trade_id = data.find_field("t").get_uint64().value();
        print.price = Price::from_raw(decimal(data, "p", 2));
        print.quantity = Quantity::from_raw(decimal(data, "q", 3));
        print.aggressor = data.find_field("m").get_bool().value() ? Side::Sell : Side::Buy;
        benchmark::DoNotOptimize(print);
        return std::size_t{0};
    });
}

void BM_DepthOnDemand(benchmark::State& state) {
    std::vector<Level> levels(10'000);
    on_demand(state, depths(), [&](simdjson::ondemand::object& data) {
        messages::DepthUpdate depth;
        depth.stamp.sent = UnixNanos::from_millis(data.find_field("E").get_int64().value());
        depth.last_id = data.find_field("u").get_uint64().value();
        std::size_t count = 0;
        for (const char* side : {"b", "a"}) {
            for (auto row : data.find_field(side).get_array()) {
                std::int64_t cells[2] = {};
                std::size_t i = 0;
                for (auto cell : row.get_array()) {
                    cells[i] = parse_decimal(cell.get_string().value(), i == 0 ? 2 : 3).value();
                    ++i;
                }
                levels[count++] = {Price::from_raw(cells[0]), Quantity::from_raw(cells[1])};
            }
        }
        depth.bids = {levels.data(), count};
        benchmark::DoNotOptimize(depth);
        return count;
    });
}

BENCHMARK(BM_Quote);
BENCHMARK(BM_QuoteNoCheck);
BENCHMARK(BM_QuoteOnDemand);
BENCHMARK(BM_Trade);
BENCHMARK(BM_TradeNoCheck);
BENCHMARK(BM_TradeOnDemand);
BENCHMARK(BM_Depth);
BENCHMARK(BM_DepthNoCheck);
BENCHMARK(BM_DepthOnDemand);

}  // namespace
}  // namespace parallax::binance
