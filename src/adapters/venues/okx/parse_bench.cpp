// Bytes to event on recorded frames, against simdjson on-demand and a scanner that checks nothing,
// in the same run.
#include <benchmark/benchmark.h>
#include <simdjson.h>

#include "adapters/venues/common/bench_support.hpp"
#include "adapters/venues/okx/instruments.hpp"
#include "adapters/venues/okx/parse.hpp"

namespace parallax::okx {
namespace {

namespace vc = venue_common;
using Content = ports::MarketFrame;

constexpr std::string_view kBook =
    R"({"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"asks":[["30246.5","0.00087743","0","1"],["30246.8","0","0","0"],["30258","0.61","0","2"]],"bids":[["30230.2","0.4112","0","1"]],"ts":"1652459236119","checksum":664471393}]})";
constexpr std::string_view kTrade =
    R"({"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"338476374","px":"30227.6","sz":"1.03999912","side":"buy","ts":"1652459235575"}]})";

vc::Frames frames_of(std::string_view kind, std::string_view substitute) {
    std::vector<std::string> frames;
    for (const std::string& frame : vc::bench_lines("okx_2022-05-13/OKX.ws.1.0")) {
        const bool wanted = frame.starts_with("{\"arg\"") &&
                            frame.find("\"instId\":\"BTC-USDT\"") != std::string::npos;
        if (wanted && frame.find(kind) != std::string::npos) frames.push_back(frame);
    }
    if (frames.empty()) frames.assign(100, std::string(substitute));
    return vc::Frames{frames};
}
const vc::Frames& books() {
    static const vc::Frames frames = frames_of("\"action\":\"update\"", kBook);
    return frames;
}
const vc::Frames& trades() {
    static const vc::Frames frames = frames_of("\"channel\":\"trades\"", kTrade);
    return frames;
}

void parse(benchmark::State& state, const vc::Frames& frames) {
    Universe universe;
    if (!universe.list(infer_definition(Market::Okx, "BTC-USDT", 1, 8)))
        state.SkipWithError("cannot list");
    Parser parser{Market::Okx, universe};
    ports::MarketFrame out;
    vc::run_frames(state, frames, [&](std::string_view frame) {
        if (!parser.parse(frame, UnixNanos::from_millis(1), out) || out.contents == 0)
            state.SkipWithError("not read");
        benchmark::DoNotOptimize(out);
        return out.has(Content::kDepth) ? out.depth.bids.size() + out.depth.asks.size() : 0;
    });
}
void BM_Book(benchmark::State& state) { parse(state, books()); }
void BM_Trade(benchmark::State& state) { parse(state, trades()); }

const char* behind(const char* p, char c, int count) {
    for (; count > 0; ++p) count -= *p == c ? 1 : 0;
    return p;
}

void BM_BookNoCheck(benchmark::State& state) {
    std::vector<Level> levels(10'000);
    vc::run_frames(state, books(), [&](std::string_view frame) {
        Level* end = levels.data();
        const char* p =
            frame.data() +
            82;  // {"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"asks":[
        for (int side = 0; side < 2; ++side) {
            while (*p == '[') {
                p += 2;
                end->price = Price::from_raw(vc::digits(p));
                p += 3;
                end->quantity = Quantity::from_raw(vc::digits(p));
                p = behind(p, ']', 1) + 1;
                ++end;
            }
            p += *p == ']' ? 10 : 9;  // `],"bids":[` of an empty side
        }
        benchmark::DoNotOptimize(levels.data());
        vc::expect(state, end != levels.data());
        return static_cast<std::size_t>(end - levels.data());
    });
}

void BM_TradeNoCheck(benchmark::State& state) {
    vc::run_frames(state, trades(), [&](std::string_view frame) {
        messages::TradePrint print;
        const char* p =
            frame.data() +
            88;  // {"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"
        print.trade_id = static_cast<std::uint64_t>(vc::digits(p));
        p += 8;
        print.price = Price::from_raw(vc::digits(p));
        p += 8;
        print.quantity = Quantity::from_raw(vc::digits(p));
        p += 10;
        print.aggressor = *p == 'b' ? Side::Buy : Side::Sell;
        p += (*p == 'b' ? 3 : 4) + 8;
        print.stamp.venue_time = UnixNanos::from_millis(vc::digits(p));
        benchmark::DoNotOptimize(print);
        vc::expect(state, print.stamp.venue_time.millis() > 1'600'000'000'000);
        return std::size_t{0};
    });
}

template <class Read>
void on_demand(benchmark::State& state, const vc::Frames& frames, Read read) {
    simdjson::ondemand::parser parser;
    vc::run_frames(state, frames, [&](std::string_view frame) {
        auto document = parser.iterate(
            simdjson::padded_string_view(frame.data(), frame.size(), frame.size() + 64));
        simdjson::ondemand::object arg = document.find_field("arg").get_object().value();
        benchmark::DoNotOptimize(arg.find_field("channel").get_string().value());
        benchmark::DoNotOptimize(arg.find_field("instId").get_string().value());
        std::size_t levels = 0;
        for (auto row : document.find_field("data").get_array())
            levels += read(row.get_object().value());
        return levels;
    });
}

void BM_BookOnDemand(benchmark::State& state) {
    std::vector<Level> levels(10'000);
    on_demand(state, books(), [&](simdjson::ondemand::object row) {
        std::size_t count = 0;
        for (const char* side : {"asks", "bids"}) {
            for (auto level : row.find_field(side).get_array()) {
                std::int64_t cells[4] = {};
                std::size_t i = 0;
                for (auto cell : level.get_array()) {
                    const std::string_view text = cell.get_string().value();
                    if (i < 2) cells[i] = parse_decimal(text, i == 0 ? 1 : 8).value();
                    ++i;
                }
                levels[count++] = {Price::from_raw(cells[0]), Quantity::from_raw(cells[1])};
            }
        }
        benchmark::DoNotOptimize(parse_decimal(row.find_field("ts").get_string().value(), 0));
        benchmark::DoNotOptimize(row.find_field("checksum").get_int64().value());
        return count;
    });
}

void BM_TradeOnDemand(benchmark::State& state) {
    on_demand(state, trades(), [&](simdjson::ondemand::object row) {
        messages::TradePrint print;
        print.trade_id = static_cast<std::uint64_t>(
            parse_decimal(row.find_field("tradeId").get_string().value(), 0).value());
        print.price =
            Price::from_raw(parse_decimal(row.find_field("px").get_string().value(), 1).value());
        print.quantity =
            Quantity::from_raw(parse_decimal(row.find_field("sz").get_string().value(), 8).value());
        print.aggressor =
            row.find_field("side").get_string().value() == "buy" ? Side::Buy : Side::Sell;
        print.stamp.venue_time = UnixNanos::from_millis(
            parse_decimal(row.find_field("ts").get_string().value(), 0).value());
        benchmark::DoNotOptimize(print);
        return std::size_t{0};
    });
}

BENCHMARK(BM_Book);
BENCHMARK(BM_BookNoCheck);
BENCHMARK(BM_BookOnDemand);
BENCHMARK(BM_Trade);
BENCHMARK(BM_TradeNoCheck);
BENCHMARK(BM_TradeOnDemand);

}  // namespace
}  // namespace parallax::okx
