// Bytes to event on recorded frames, against simdjson on-demand and a scanner that checks nothing,
// in the same run; and bytes to book, against simdjson on-demand and std::map.
#include "adapters/venues/common/bench_support.hpp"
#include "adapters/venues/common/json_variant.hpp"
#include "adapters/venues/okx/instruments.hpp"
#include "adapters/venues/okx/parse.hpp"

namespace parallax::okx {
namespace {

namespace vc = venue_common;
using Content = ports::MarketFrame;
using simdjson::ondemand::document;
using simdjson::ondemand::object;

constexpr std::uint8_t kPriceDecimals = 1;
constexpr std::uint8_t kQuantityDecimals = 8;

// Used when the recording is not there.
constexpr std::string_view kSnapshot =
    R"({"arg":{"channel":"books","instId":"BTC-USDT"},"action":"snapshot","data":[{"asks":[["30246.5","0.00087743","0","1"]],"bids":[["30230.2","0.4112","0","1"]],"ts":"1652459236019","checksum":664471392}]})";
constexpr std::string_view kBook =
    R"({"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"asks":[["30246.5","0.00087743","0","1"],["30246.8","0","0","0"],["30258","0.61","0","2"]],"bids":[["30230.2","0.4112","0","1"]],"ts":"1652459236119","checksum":664471393}]})";
constexpr std::string_view kTrade =
    R"({"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"338476374","px":"30227.6","sz":"1.03999912","side":"buy","ts":"1652459235575"}]})";

std::vector<std::string> recorded(std::string_view kind, std::string_view substitute) {
    std::vector<std::string> frames;
    for (const std::string& frame : vc::bench_lines("okx_2022-05-13/OKX.ws.1.0")) {
        const bool wanted = frame.starts_with("{\"arg\"") &&
                            frame.find("\"instId\":\"BTC-USDT\"") != std::string::npos;
        if (wanted && frame.find(kind) != std::string::npos) frames.push_back(frame);
    }
    if (frames.empty()) frames.assign(100, std::string(substitute));
    return frames;
}

vc::Ours<Parser> ours() {
    return vc::Ours<Parser>{
        infer_definition(Market::Okx, "BTC-USDT", kPriceDecimals, kQuantityDecimals)};
}

/// 69 recorded trades would be learnt by heart by every branch predictor: their texts are drawn
/// anew.
std::vector<std::string> shuffled_trades() {
    const std::vector<std::string> seen = recorded("\"channel\":\"trades\"", kTrade);
    const auto text = [](const std::string& frame, const std::string& key) {
        const std::size_t at = frame.find("\"" + key + "\":\"") + key.size() + 4;
        return frame.substr(at, frame.find('"', at) - at);
    };
    vc::TestRandom random{1};
    const auto any = [&](const std::string& key) {
        return text(seen[random.below(seen.size())], key);
    };
    std::vector<std::string> frames;
    for (int i = 0; i < 4'000; ++i) {
        frames.push_back(fmt::format(
            R"({{"arg":{{"channel":"trades","instId":"BTC-USDT"}},"data":[{{"instId":"BTC-USDT","tradeId":"{}","px":"{}","sz":"{}","side":"{}","ts":"{}"}}]}})",
            any("tradeId"), any("px"), any("sz"), any("side"), any("ts")));
    }
    return frames;
}

const vc::Subject& trades() {
    static const vc::Subject subject{shuffled_trades(), ours()};
    return subject;
}
const vc::BookStream& books() {
    static const vc::BookStream stream =
        vc::book_stream(vc::Subject{recorded("\"action\":\"update\"", kBook), ours()},
                        recorded("\"action\":\"snapshot\"", kSnapshot).front(), ours());
    return stream;
}

// --- knows every position, checks nothing -----------------------------------------------------

class BookNoCheck {
public:
    void operator()(std::string_view frame, ports::MarketFrame& out) {
        Level* end = levels_.data();
        const char* p =
            frame.data() +
            82;  // {"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"asks":[
        for (int side = 0; side < 2; ++side) {
            while (*p == '[') {
                p += 2;
                end->price = Price::from_raw(vc::scaled(p, kPriceDecimals));
                p += 3;
                end->quantity = Quantity::from_raw(vc::scaled(p, kQuantityDecimals));
                p = vc::behind(p, ']') + 1;
                ++end;
            }
            if (side == 0) {
                out.depth.asks = {levels_.data(), end};
                p += *p == ']' ? 10 : 9;  // `],"bids":[` of an empty side
            }
        }
        out.depth.bids = {out.depth.asks.data() + out.depth.asks.size(), end};
        p = vc::behind(p, ':') + 1;
        out.depth.stamp.venue_time = UnixNanos::from_millis(vc::digits(p));
        p = vc::behind(p, ':');
        const bool negative = *p == '-';
        p += negative ? 1 : 0;
        const std::int64_t checksum = vc::digits(p);
        out.depth.checksum = negative ? -checksum : checksum;
        out.depth.has_checksum = true;
        out.depth.previous_id = -1;
        out.depth.instrument = vc::kBenchInstrument;
        out.depth.stamp.received = vc::kBenchReceived;
        out.contents = Content::kDepth;
    }

private:
    std::vector<Level> levels_ = std::vector<Level>(10'000);
};

class TradeNoCheck {
public:
    void operator()(std::string_view frame, ports::MarketFrame& out) {
        const char* p =
            frame.data() +
            88;  // {"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"
        print_.instrument = vc::kBenchInstrument;
        print_.stamp = {.received = vc::kBenchReceived, .venue_time = {}, .sent = {}};
        print_.trade_id = static_cast<std::uint64_t>(vc::digits(p));
        p += 8;
        print_.price = Price::from_raw(vc::scaled(p, kPriceDecimals));
        p += 8;
        print_.quantity = Quantity::from_raw(vc::scaled(p, kQuantityDecimals));
        p += 10;
        print_.aggressor = *p == 'b' ? Side::Buy : Side::Sell;
        p += (*p == 'b' ? 3 : 4) + 8;
        print_.stamp.venue_time = UnixNanos::from_millis(vc::digits(p));
        out.trades = {&print_, 1};
        out.contents = Content::kTrades;
    }

private:
    messages::TradePrint print_;
};

// --- simdjson on-demand -----------------------------------------------------------------------

void read_arg(document& frame) {
    object arg = frame.find_field("arg").get_object().value();
    benchmark::DoNotOptimize(arg.find_field("channel").get_string().value());
    benchmark::DoNotOptimize(arg.find_field("instId").get_string().value());
}

auto book_on_demand() {
    return vc::OnDemand{[levels = std::vector<Level>(10'000)](document& frame,
                                                              ports::MarketFrame& out) mutable {
        read_arg(frame);
        const bool snapshot = frame.find_field("action").get_string().value() == "snapshot";
        for (object row : frame.find_field("data").get_array()) {
            Level* end = levels.data();
            vc::read_levels(row.find_field("asks").get_array(), kPriceDecimals, kQuantityDecimals,
                            end);
            Level* const middle = end;
            vc::read_levels(row.find_field("bids").get_array(), kPriceDecimals, kQuantityDecimals,
                            end);
            out.depth.instrument = vc::kBenchInstrument;
            out.depth.kind = snapshot ? messages::DepthKind::Snapshot : messages::DepthKind::Delta;
            out.depth.stamp.received = vc::kBenchReceived;
            out.depth.stamp.venue_time =
                UnixNanos::from_millis(vc::decimal(row.find_field("ts").value(), 0));
            out.depth.checksum = row.find_field("checksum").get_int64().value();
            out.depth.has_checksum = out.depth.checksum != 0;
            out.depth.asks = {levels.data(), middle};
            out.depth.bids = {middle, end};
        }
        out.contents = Content::kDepth;
    }};
}

auto trade_on_demand() {
    return vc::OnDemand{[print = messages::TradePrint{}](document& frame,
                                                         ports::MarketFrame& out) mutable {
        read_arg(frame);
        for (object row : frame.find_field("data").get_array()) {
            print.instrument = vc::kBenchInstrument;
            print.stamp.received = vc::kBenchReceived;
            print.trade_id =
                static_cast<std::uint64_t>(vc::decimal(row.find_field("tradeId").value(), 0));
            print.price =
                Price::from_raw(vc::decimal(row.find_field("px").value(), kPriceDecimals));
            print.quantity =
                Quantity::from_raw(vc::decimal(row.find_field("sz").value(), kQuantityDecimals));
            print.aggressor =
                row.find_field("side").get_string().value() == "buy" ? Side::Buy : Side::Sell;
            print.stamp.venue_time =
                UnixNanos::from_millis(vc::decimal(row.find_field("ts").value(), 0));
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
    vc::run_feed_book(state, books(), book::GapPolicy::PreviousSequence, ours());
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
}  // namespace parallax::okx
