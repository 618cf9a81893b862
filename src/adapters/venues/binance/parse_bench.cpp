// Bytes to event on recorded frames, against two references in the same run: simdjson on-demand
// reading the same fields, and a scanner that knows every position and checks nothing (the lower
// bound). And bytes to book, against simdjson on-demand and std::map.
#include "adapters/venues/binance/instruments.hpp"
#include "adapters/venues/binance/parse.hpp"
#include "adapters/venues/common/bench_support.hpp"

namespace parallax::binance {
namespace {

namespace vc = venue_common;
using Content = ports::MarketFrame;
using simdjson::ondemand::document;
using simdjson::ondemand::object;

constexpr std::uint8_t kPriceDecimals = 2;
constexpr std::uint8_t kQuantityDecimals = 3;

// Used when the recordings are not there.
constexpr std::string_view kQuote =
    R"({"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":5123107839020,"s":"BTCUSDT","b":"61800.20","B":"2.507","a":"61800.30","A":"2.510","T":1723161256313,"E":1723161256313}})";
constexpr std::string_view kTrade =
    R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"T":1723161256322,"s":"BTCUSDT","t":5266583935,"p":"61800.30","q":"0.006","X":"MARKET","m":false}})";
constexpr std::string_view kDepth =
    R"({"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723161256299,"T":1723161256298,"s":"BTCUSDT","U":5123107832006,"u":5123107837557,"pu":5123107831937,"b":[["58710.20","0.014"],["61496.50","0.010"],["61510.90","0.000"],["61641.50","1.211"],["61652.80","0.195"]],"a":[["61800.30","2.510"],["61801.00","0.002"],["61804.40","0.000"]]}})";

constexpr std::string_view kSnapshot =
    R"({"lastUpdateId":5123107831937,"E":1723161256298,"T":1723161256297,"bids":[["61800.20","2.909"]],"asks":[["61800.30","2.510"]]})";

/// Recorded USD-M frames of one kind, without their receive times.
std::vector<std::string> recorded(std::string_view kind, std::string_view substitute) {
    std::vector<std::string> frames;
    for (const std::string& line : vc::bench_lines("binance_2024-08-08/usdm/btcusdt_20240808.gz")) {
        const std::string_view frame = std::string_view{line}.substr(line.find(' ') + 1);
        if (frame.find(kind) != std::string_view::npos && frames.size() < 5'000)
            frames.emplace_back(frame);
    }
    if (frames.empty()) frames.assign(1'000, std::string(substitute));
    return frames;
}

vc::Ours<Parser> ours() {
    return vc::Ours<Parser>{
        infer_definition(Market::BinanceUsdm, "BTCUSDT", kPriceDecimals, kQuantityDecimals)};
}
const vc::Subject& quotes() {
    static const vc::Subject subject{recorded("\"e\":\"bookTicker\"", kQuote), ours()};
    return subject;
}
const vc::Subject& trades() {
    static const vc::Subject subject{recorded("\"e\":\"trade\"", kTrade), ours()};
    return subject;
}

/// The REST answer, and the updates from the one that joins it on.
const vc::BookStream& books() {
    static const vc::BookStream stream = [] {
        auto reader = ours();
        std::vector<std::string> frames = recorded("\"e\":\"depthUpdate\"", kDepth);
        const std::string snapshot = recorded("\"lastUpdateId\"", kSnapshot).front();
        const auto read_snapshot = [&](std::string_view body, ports::MarketFrame& out) {
            if (!reader.parser().parse_snapshot(body, "BTCUSDT", vc::kBenchReceived, out))
                out.contents = 0;
        };
        ports::MarketFrame out;
        read_snapshot(snapshot, out);
        const std::uint64_t last = out.depth.last_id;
        std::erase_if(frames, [&](const std::string& frame) {
            reader(frame, out);
            return out.depth.last_id < last;
        });
        return vc::book_stream(vc::Subject{frames, reader}, snapshot, read_snapshot);
    }();
    return stream;
}

// --- knows every position, checks nothing -----------------------------------------------------

void no_check_quote(std::string_view frame, ports::MarketFrame& out) {
    messages::BestQuote& quote = out.quote;
    const char* p = frame.data() + 11;  // {"stream":"
    p = vc::behind(p, '"') + 30;        // ,"data":{"e":"bookTicker","u":
    quote.instrument = vc::kBenchInstrument;
    quote.stamp.received = vc::kBenchReceived;
    quote.update_id = static_cast<std::uint64_t>(vc::digits(p));
    p = vc::behind(p + 6, '"') + 6;  // ,"s":"BTCUSDT","b":"
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
    out.contents = Content::kQuote;
}

class TradeNoCheck {
public:
    void operator()(std::string_view frame, ports::MarketFrame& out) {
        const char* p = vc::behind(frame.data() + 11, '"') + 25;  // ,"data":{"e":"trade","E":
        print_.instrument = vc::kBenchInstrument;
        print_.stamp.received = vc::kBenchReceived;
        print_.stamp.sent = UnixNanos::from_millis(vc::digits(p));
        p += 5;
        print_.stamp.venue_time = UnixNanos::from_millis(vc::digits(p));
        p = vc::behind(p + 6, '"') + 5;
        print_.trade_id = static_cast<std::uint64_t>(vc::digits(p));
        p += 6;
        print_.price = Price::from_raw(vc::digits(p));
        p += 7;
        print_.quantity = Quantity::from_raw(vc::scaled(p, kQuantityDecimals));
        p = vc::behind(p + 7, '"') + 5;
        print_.aggressor = *p == 't' ? Side::Sell : Side::Buy;
        out.trades = {&print_, 1};
        out.contents = Content::kTrades;
    }

private:
    messages::TradePrint print_;
};

class DepthNoCheck {
public:
    void operator()(std::string_view frame, ports::MarketFrame& out) {
        messages::DepthUpdate& depth = out.depth;
        const char* p = vc::behind(frame.data() + 11, '"') + 31;  // ,"data":{"e":"depthUpdate","E":
        depth.instrument = vc::kBenchInstrument;
        depth.stamp.received = vc::kBenchReceived;
        depth.stamp.sent = UnixNanos::from_millis(vc::digits(p));
        p += 5;
        depth.stamp.venue_time = UnixNanos::from_millis(vc::digits(p));
        p = vc::behind(p + 6, '"') + 5;
        depth.first_id = static_cast<std::uint64_t>(vc::digits(p));
        p += 5;
        depth.last_id = static_cast<std::uint64_t>(vc::digits(p));
        p += 6;
        depth.previous_id = vc::digits(p);
        p += 6;
        Level* end = levels_.data();
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
            if (side == 0) depth.bids = {levels_.data(), end};
        }
        depth.asks = {levels_.data() + depth.bids.size(), end};
        out.contents = Content::kDepth;
    }

private:
    std::vector<Level> levels_ = std::vector<Level>(10'000);
};

// --- simdjson on-demand -----------------------------------------------------------------------

void stamp_of(object& data, messages::Stamp& stamp) {
    stamp.received = vc::kBenchReceived;
    stamp.sent = UnixNanos::from_millis(data.find_field("E").get_int64().value());
    stamp.venue_time = UnixNanos::from_millis(data.find_field("T").get_int64().value());
}

auto quote_on_demand() {
    return vc::OnDemand{[](document& frame, ports::MarketFrame& out) {
        object data = frame.find_field("data").get_object().value();
        messages::BestQuote& quote = out.quote;
        quote.instrument = vc::kBenchInstrument;
        quote.update_id = data.find_field("u").get_uint64().value();
        benchmark::DoNotOptimize(data.find_field("s").get_string().value());
        quote.bid.price =
            Price::from_raw(vc::decimal(data.find_field("b").value(), kPriceDecimals));
        quote.bid.quantity =
            Quantity::from_raw(vc::decimal(data.find_field("B").value(), kQuantityDecimals));
        quote.ask.price =
            Price::from_raw(vc::decimal(data.find_field("a").value(), kPriceDecimals));
        quote.ask.quantity =
            Quantity::from_raw(vc::decimal(data.find_field("A").value(), kQuantityDecimals));
        quote.stamp.received = vc::kBenchReceived;
        quote.stamp.venue_time = UnixNanos::from_millis(data.find_field("T").get_int64().value());
        quote.stamp.sent = UnixNanos::from_millis(data.find_field("E").get_int64().value());
        out.contents = Content::kQuote;
    }};
}

auto trade_on_demand() {
    return vc::OnDemand{[print = messages::TradePrint{}](document& frame,
                                                         ports::MarketFrame& out) mutable {
        object data = frame.find_field("data").get_object().value();
        print.instrument = vc::kBenchInstrument;
        stamp_of(data, print.stamp);
        benchmark::DoNotOptimize(data.find_field("s").get_string().value());
        print.trade_id = data.find_field("t").get_uint64().value();
        print.price = Price::from_raw(vc::decimal(data.find_field("p").value(), kPriceDecimals));
        print.quantity =
            Quantity::from_raw(vc::decimal(data.find_field("q").value(), kQuantityDecimals));
        print.aggressor = data.find_field("m").get_bool().value() ? Side::Sell : Side::Buy;
        out.trades = {&print, 1};
        out.contents = Content::kTrades;
    }};
}

auto depth_on_demand() {
    return vc::OnDemand{[levels = std::vector<Level>(10'000)](document& frame,
                                                              ports::MarketFrame& out) mutable {
        object data = frame.find_field("data").get_object().value();
        messages::DepthUpdate& depth = out.depth;
        depth.instrument = vc::kBenchInstrument;
        stamp_of(data, depth.stamp);
        depth.first_id = data.find_field("U").get_uint64().value();
        depth.last_id = data.find_field("u").get_uint64().value();
        depth.previous_id = data.find_field("pu").get_int64().value();
        Level* end = levels.data();
        vc::read_levels(data.find_field("b").get_array(), kPriceDecimals, kQuantityDecimals, end);
        Level* const middle = end;
        vc::read_levels(data.find_field("a").get_array(), kPriceDecimals, kQuantityDecimals, end);
        depth.bids = {levels.data(), middle};
        depth.asks = {middle, end};
        out.contents = Content::kDepth;
    }};
}

void BM_Quote(benchmark::State& state) { vc::run_reader(state, quotes(), ours()); }
void BM_QuoteNoCheck(benchmark::State& state) { vc::run_reader(state, quotes(), no_check_quote); }
void BM_QuoteOnDemand(benchmark::State& state) {
    vc::run_reader(state, quotes(), quote_on_demand());
}
void BM_Trade(benchmark::State& state) { vc::run_reader(state, trades(), ours()); }
void BM_TradeNoCheck(benchmark::State& state) { vc::run_reader(state, trades(), TradeNoCheck{}); }
void BM_TradeOnDemand(benchmark::State& state) {
    vc::run_reader(state, trades(), trade_on_demand());
}
void BM_Depth(benchmark::State& state) { vc::run_reader(state, books().subject, ours()); }
void BM_DepthNoCheck(benchmark::State& state) {
    vc::run_reader(state, books().subject, DepthNoCheck{});
}
void BM_DepthOnDemand(benchmark::State& state) {
    vc::run_reader(state, books().subject, depth_on_demand());
}
void BM_BytesToBook(benchmark::State& state) {
    vc::run_feed_book(state, books(), book::GapPolicy::PreviousId, ours());
}
void BM_BytesToMap(benchmark::State& state) { vc::run_map_book(state, books(), depth_on_demand()); }
BENCHMARK(BM_Quote);
BENCHMARK(BM_QuoteNoCheck);
BENCHMARK(BM_QuoteOnDemand);
BENCHMARK(BM_Trade);
BENCHMARK(BM_TradeNoCheck);
BENCHMARK(BM_TradeOnDemand);
BENCHMARK(BM_Depth);
BENCHMARK(BM_DepthNoCheck);
BENCHMARK(BM_DepthOnDemand);
BENCHMARK(BM_BytesToBook);
BENCHMARK(BM_BytesToMap);

}  // namespace
}  // namespace parallax::binance
