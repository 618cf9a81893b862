// Bytes to event on v5 frames, against simdjson on-demand and a scanner that checks nothing, in the
// same run.
#include <benchmark/benchmark.h>
#include <simdjson.h>

#include "adapters/venues/bybit/instruments.hpp"
#include "adapters/venues/bybit/parse.hpp"
#include "adapters/venues/bybit/scan.hpp"
#include "adapters/venues/common/bench_support.hpp"

namespace parallax::bybit {
namespace {

namespace vc = venue_common;
using Content = ports::MarketFrame;

constexpr std::string_view kTrade =
    R"({"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false,"seq":1783284617}]})";

/// Deltas as the venue writes them, of 2 to 40 levels.
const vc::Frames& books() {
    static const vc::Frames frames = [] {
        std::vector<std::string> out;
        for (int i = 0; i < 1'000; ++i) {
            std::string levels;
            for (int k = 0; k <= i % 20; ++k) {
                levels += (k == 0 ? "" : ",") + std::string("[\"") +
                          std::to_string(30'000 + i * 37 % 991) + "." +
                          std::to_string(10 + (i * 7 + k * 13) % 90) + "\",\"" +
                          std::to_string((i * k) % 57) + ".0" + std::to_string(10 + k) + "\"]";
            }
            out.push_back(
                R"({"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1687940967466,"data":{"s":"BTCUSDT","b":[)" +
                levels + "],\"a\":[" + levels + "],\"u\":" + std::to_string(177'400'507 + i) +
                ",\"seq\":66544703342},\"cts\":1687940967464}");
        }
        return vc::Frames{out};
    }();
    return frames;
}
const vc::Frames& trades() {
    static const vc::Frames frames{std::vector<std::string>(1'000, std::string(kTrade))};
    return frames;
}

void parse(benchmark::State& state, const vc::Frames& frames) {
    Universe universe;
    if (!universe.list(infer_definition(Market::BybitLinear, "BTCUSDT", 2, 3)))
        state.SkipWithError("cannot list");
    Parser parser{Market::BybitLinear, universe};
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

void BM_BookNoCheck(benchmark::State& state) {
    std::vector<Level> levels(10'000);
    vc::run_frames(state, books(), [&](std::string_view frame) {
        messages::DepthUpdate depth;
        Level* end = levels.data();
        const char* p = frame.data() + 52;  // {"topic":"orderbook.50.BTCUSDT","type":"delta","ts":
        depth.stamp.sent = UnixNanos::from_millis(vc::digits(p));
        p += 28;  // ,"data":{"s":"BTCUSDT","b":[
        for (int side = 0; side < 2; ++side) {
            while (*p == '[') {
                p += 2;
                end->price = Price::from_raw(vc::digits(p));
                p += 3;
                end->quantity = Quantity::from_raw(vc::digits(p));
                p += 3;
                ++end;
            }
            p += side == 0 ? 6 : 5;
        }
        depth.last_id = static_cast<std::uint64_t>(vc::digits(p));
        benchmark::DoNotOptimize(depth);
        vc::expect(state, depth.last_id >= 177'400'507 && depth.last_id < 177'402'000);
        return static_cast<std::size_t>(end - levels.data());
    });
}

void BM_TradeNoCheck(benchmark::State& state) {
    vc::run_frames(state, trades(), [&](std::string_view frame) {
        messages::TradePrint print;
        const char* p =
            frame.data() + 54;  // {"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":
        print.stamp.sent = UnixNanos::from_millis(vc::digits(p));
        p += 14;  // ,"data":[{"T":
        print.stamp.venue_time = UnixNanos::from_millis(vc::digits(p));
        p += 20;  // ,"s":"BTCUSDT","S":"
        print.aggressor = *p == 'B' ? Side::Buy : Side::Sell;
        p += *p == 'B' ? 10 : 11;
        print.quantity = Quantity::from_raw(vc::digits(p));
        p += 7;
        print.price = Price::from_raw(vc::digits(p));
        p += 22;  // ","L":"PlusTick","i":"
        print.trade_id = trade_id({p, 36});
        benchmark::DoNotOptimize(print);
        vc::expect(state, print.price.raw() == 1'657'850);
        return std::size_t{0};
    });
}

void BM_BookOnDemand(benchmark::State& state) {
    std::vector<Level> levels(10'000);
    simdjson::ondemand::parser parser;
    vc::run_frames(state, books(), [&](std::string_view frame) {
        auto document = parser.iterate(
            simdjson::padded_string_view(frame.data(), frame.size(), frame.size() + 64));
        benchmark::DoNotOptimize(document.find_field("topic").get_string().value());
        benchmark::DoNotOptimize(document.find_field("type").get_string().value());
        benchmark::DoNotOptimize(document.find_field("ts").get_int64().value());
        simdjson::ondemand::object data = document.find_field("data").get_object().value();
        std::size_t count = 0;
        for (const char* side : {"b", "a"}) {
            for (auto level : data.find_field(side).get_array()) {
                std::int64_t cells[2] = {};
                std::size_t i = 0;
                for (auto cell : level.get_array()) {
                    cells[i] = parse_decimal(cell.get_string().value(), i == 0 ? 2 : 3).value();
                    ++i;
                }
                levels[count++] = {Price::from_raw(cells[0]), Quantity::from_raw(cells[1])};
            }
        }
        benchmark::DoNotOptimize(data.find_field("u").get_uint64().value());
        return count;
    });
}

void BM_TradeOnDemand(benchmark::State& state) {
    simdjson::ondemand::parser parser;
    vc::run_frames(state, trades(), [&](std::string_view frame) {
        auto document = parser.iterate(
            simdjson::padded_string_view(frame.data(), frame.size(), frame.size() + 64));
        benchmark::DoNotOptimize(document.find_field("topic").get_string().value());
        benchmark::DoNotOptimize(document.find_field("ts").get_int64().value());
        for (auto row : document.find_field("data").get_array()) {
            messages::TradePrint print;
            print.stamp.venue_time =
                UnixNanos::from_millis(row.find_field("T").get_int64().value());
            benchmark::DoNotOptimize(row.find_field("s").get_string().value());
            print.aggressor =
                row.find_field("S").get_string().value() == "Buy" ? Side::Buy : Side::Sell;
            print.quantity = Quantity::from_raw(
                parse_decimal(row.find_field("v").get_string().value(), 3).value());
            print.price =
                Price::from_raw(parse_decimal(row.find_field("p").get_string().value(), 2).value());
            print.trade_id = trade_id(row.find_field("i").get_string().value());
            benchmark::DoNotOptimize(print);
        }
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
}  // namespace parallax::bybit
