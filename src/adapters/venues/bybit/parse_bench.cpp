// Bytes to event on v5 frames, against simdjson on-demand and a scanner that checks nothing, in the
// same run; and bytes to book, against simdjson on-demand and std::map.
#include "adapters/venues/bybit/instruments.hpp"
#include "adapters/venues/bybit/parse.hpp"
#include "adapters/venues/bybit/scan.hpp"
#include "adapters/venues/common/bench_support.hpp"
#include "adapters/venues/common/json_variant.hpp"

namespace parallax::bybit {
namespace {

namespace vc = venue_common;
using Content = ports::MarketFrame;
using simdjson::ondemand::document;
using simdjson::ondemand::object;

constexpr std::uint8_t kPriceDecimals = 4;
constexpr std::uint8_t kQuantityDecimals = 2;

vc::Ours<Parser> ours() {
    return vc::Ours<Parser>{
        infer_definition(Market::BybitLinear, "XRPUSDT", kPriceDecimals, kQuantityDecimals)};
}

/// Used when the recording is not there.
std::vector<std::string> substitute() {
    std::vector<std::string> frames;
    for (int i = 0; i < 50; ++i) {
        frames.push_back(fmt::format(
            R"({{"topic":"orderbook.500.XRPUSDT","type":"{}","ts":1733011200691,"data":{{"s":"XRPUSDT","b":[["1.95{:02}","{}"]],"a":[["1.96{:02}","{}"]],"u":{},"seq":130020197711}},"cts":1733011200689}})",
            i == 0 ? "snapshot" : "delta", i, i % 7, 99 - i, i % 5, 1'000 + i));
    }
    return frames;
}

const vc::BookStream& books() {
    static const vc::BookStream stream = [] {
        auto frames = vc::bench_lines("bybit_v5_ob500_2024-12-01/xrpusdt-ob500.data.zip");
        if (frames.empty()) frames = substitute();
        const std::string snapshot = frames.front();
        frames.erase(frames.begin());
        return vc::book_stream(vc::Subject{frames, ours()}, snapshot, ours());
    }();
    return stream;
}

/// There is no recording of v5 trades: the documented form with numbers of all lengths.
const vc::Subject& trades() {
    static const vc::Subject subject = [] {
        constexpr std::string_view kTicks[] = {"PlusTick", "ZeroPlusTick", "MinusTick",
                                               "ZeroMinusTick"};
        vc::TestRandom random{1};
        std::vector<std::string> frames;
        for (int i = 0; i < 4'000; ++i) {
            const std::uint64_t a = random.next();
            const std::uint64_t b = random.next();
            const std::uint64_t time = random.millis();
            frames.push_back(fmt::format(
                R"({{"topic":"publicTrade.XRPUSDT","type":"snapshot","ts":{},"data":[{{"T":{},"s":"XRPUSDT","S":"{}","v":"{}","p":"{}.{:04}","L":"{}","i":"{:08x}-{:04x}-{:04x}-{:04x}-{:012x}","BT":false,"seq":{}}}]}})",
                time + 3, time, random.one_in(2) ? "Buy" : "Sell",
                1 + random.below(1ULL << (1 + random.below(16))), 1 + random.below(3),
                random.below(10'000), kTicks[random.below(4)], a >> 32, a >> 16 & 0xffff,
                a & 0xffff, b >> 48, b & 0xffff'ffff'ffff, 1'783'284'617 + i));
        }
        return vc::Subject{frames, ours()};
    }();
    return subject;
}

// --- knows every position, checks nothing -----------------------------------------------------

class BookNoCheck {
public:
    void operator()(std::string_view frame, ports::MarketFrame& out) {
        messages::DepthUpdate& depth = out.depth;
        Level* end = levels_.data();
        const char* p = frame.data() + 53;  // {"topic":"orderbook.500.XRPUSDT","type":"delta","ts":
        depth.instrument = vc::kBenchInstrument;
        depth.stamp.received = vc::kBenchReceived;
        depth.stamp.sent = UnixNanos::from_millis(vc::digits(p));
        p += 28;  // ,"data":{"s":"XRPUSDT","b":[
        for (int side = 0; side < 2; ++side) {
            while (*p == '[') {
                p += 2;
                end->price = Price::from_raw(vc::scaled(p, kPriceDecimals));
                p += 3;
                end->quantity = Quantity::from_raw(vc::scaled(p, kQuantityDecimals));
                p += 3;
                ++end;
            }
            if (side == 0) depth.bids = {levels_.data(), end};
            p += (*p == ']' ? 1 : 0) + (side == 0 ? 6 : 5);  // `],"a":[` of an empty side
        }
        depth.asks = {levels_.data() + depth.bids.size(), end};
        depth.last_id = depth.first_id = static_cast<std::uint64_t>(vc::digits(p));
        p = vc::behind(p, '}') + 7;
        depth.stamp.venue_time = UnixNanos::from_millis(vc::digits(p));
        depth.previous_id = -1;
        out.contents = Content::kDepth;
    }

private:
    std::vector<Level> levels_ = std::vector<Level>(10'000);
};

class TradeNoCheck {
public:
    void operator()(std::string_view frame, ports::MarketFrame& out) {
        const char* p =
            frame.data() + 54;  // {"topic":"publicTrade.XRPUSDT","type":"snapshot","ts":
        print_.instrument = vc::kBenchInstrument;
        print_.stamp.received = vc::kBenchReceived;
        print_.stamp.sent = UnixNanos::from_millis(vc::digits(p));
        p += 14;  // ,"data":[{"T":
        print_.stamp.venue_time = UnixNanos::from_millis(vc::digits(p));
        p += 20;  // ,"s":"XRPUSDT","S":"
        print_.aggressor = *p == 'B' ? Side::Buy : Side::Sell;
        p += *p == 'B' ? 10 : 11;
        print_.quantity = Quantity::from_raw(vc::scaled(p, kQuantityDecimals));
        p += 7;
        print_.price = Price::from_raw(vc::scaled(p, kPriceDecimals));
        p = vc::behind(p + 7, '"') + 6;  // ","L":"PlusTick","i":"
        print_.trade_id = trade_id({p, 36});
        out.trades = {&print_, 1};
        out.contents = Content::kTrades;
    }

private:
    messages::TradePrint print_;
};

// --- simdjson on-demand -----------------------------------------------------------------------

auto book_on_demand() {
    return vc::OnDemand{[levels = std::vector<Level>(10'000)](document& frame,
                                                              ports::MarketFrame& out) mutable {
        messages::DepthUpdate& depth = out.depth;
        benchmark::DoNotOptimize(frame.find_field("topic").get_string().value());
        const bool snapshot = frame.find_field("type").get_string().value() == "snapshot";
        depth.instrument = vc::kBenchInstrument;
        depth.kind = snapshot ? messages::DepthKind::Snapshot : messages::DepthKind::Delta;
        depth.stamp.received = vc::kBenchReceived;
        depth.stamp.sent = UnixNanos::from_millis(frame.find_field("ts").get_int64().value());
        object data = frame.find_field("data").get_object().value();
        Level* end = levels.data();
        vc::read_levels(data.find_field("b").get_array(), kPriceDecimals, kQuantityDecimals, end);
        Level* const middle = end;
        vc::read_levels(data.find_field("a").get_array(), kPriceDecimals, kQuantityDecimals, end);
        depth.bids = {levels.data(), middle};
        depth.asks = {middle, end};
        depth.last_id = depth.first_id = data.find_field("u").get_uint64().value();
        depth.stamp.venue_time =
            UnixNanos::from_millis(frame.find_field("cts").get_int64().value());
        out.contents = Content::kDepth;
    }};
}

auto trade_on_demand() {
    return vc::OnDemand{[print = messages::TradePrint{}](document& frame,
                                                         ports::MarketFrame& out) mutable {
        benchmark::DoNotOptimize(frame.find_field("topic").get_string().value());
        print.instrument = vc::kBenchInstrument;
        print.stamp.received = vc::kBenchReceived;
        print.stamp.sent = UnixNanos::from_millis(frame.find_field("ts").get_int64().value());
        for (object row : frame.find_field("data").get_array()) {
            print.stamp.venue_time =
                UnixNanos::from_millis(row.find_field("T").get_int64().value());
            benchmark::DoNotOptimize(row.find_field("s").get_string().value());
            print.aggressor =
                row.find_field("S").get_string().value() == "Buy" ? Side::Buy : Side::Sell;
            print.quantity =
                Quantity::from_raw(vc::decimal(row.find_field("v").value(), kQuantityDecimals));
            print.price = Price::from_raw(vc::decimal(row.find_field("p").value(), kPriceDecimals));
            print.trade_id = trade_id(row.find_field("i").get_string().value());
        }
        out.trades = {&print, 1};
        out.contents = Content::kTrades;
    }};
}

void BM_Book(benchmark::State& state) { vc::run_reader(state, books().subject, ours()); }
void BM_BookNoCheck(benchmark::State& state) {
    vc::run_reader(state, books().subject, BookNoCheck{});
}
void BM_BookOnDemand(benchmark::State& state) {
    vc::run_reader(state, books().subject, book_on_demand());
}
void BM_Trade(benchmark::State& state) { vc::run_reader(state, trades(), ours()); }
void BM_TradeNoCheck(benchmark::State& state) { vc::run_reader(state, trades(), TradeNoCheck{}); }
void BM_TradeOnDemand(benchmark::State& state) {
    vc::run_reader(state, trades(), trade_on_demand());
}
void BM_BytesToBook(benchmark::State& state) {
    vc::run_feed_book(state, books(), book::GapPolicy::NextId, ours());
}
void BM_BytesToMap(benchmark::State& state) { vc::run_map_book(state, books(), book_on_demand()); }
BENCHMARK(BM_Book);
BENCHMARK(BM_BookNoCheck);
BENCHMARK(BM_BookOnDemand);
BENCHMARK(BM_Trade);
BENCHMARK(BM_TradeNoCheck);
BENCHMARK(BM_TradeOnDemand);
BENCHMARK(BM_BytesToBook);
BENCHMARK(BM_BytesToMap);

}  // namespace
}  // namespace parallax::bybit
