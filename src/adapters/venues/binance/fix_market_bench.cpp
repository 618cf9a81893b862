// Bytes to event over FIX, against the same content as the WebSocket brings it, in the same run.
#include "adapters/venues/binance/fix_market_testing.hpp"
#include "adapters/venues/binance/instruments.hpp"
#include "adapters/venues/binance/parse.hpp"
#include "adapters/venues/common/bench_support.hpp"

namespace parallax::binance {
namespace {

namespace vc = venue_common;

constexpr std::string_view kSpotDepth =
    R"({"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161256299,"s":"BTCUSDT","U":50123,"u":50140,"b":[["58710.20000000","0.01400000"],["61496.50000000","0.01000000"],["61510.90000000","0.00000000"],["61641.50000000","1.21100000"]],"a":[["61800.30000000","2.51000000"],["61804.40000000","0.00000000"]]}})";
constexpr std::string_view kSpotQuote =
    R"({"stream":"btcusdt@bookTicker","data":{"u":50123,"s":"BTCUSDT","b":"61800.20000000","B":"2.50700000","a":"61800.30000000","A":"2.51000000"}})";

vc::Ours<Parser> spot() {
    return vc::Ours<Parser>{infer_definition(Market::BinanceSpot, "BTCUSDT", 2, 5)};
}

std::string number(std::int64_t raw, std::uint8_t decimals) {  // as the venue writes: 8 digits
    std::string text = format_decimal(raw, decimals);
    if (text.find('.') == std::string::npos) text += '.';
    const std::size_t behind = text.size() - text.find('.') - 1;
    return text.append(behind < 8 ? 8 - behind : 0, '0');
}

std::string of_depth(const messages::DepthUpdate& d) {
    std::string rows;
    std::size_t count = 0;
    for (const auto* side : {&d.bids, &d.asks}) {
        for (const Level& level : *side) {
            rows += level.quantity.is_zero() ? "279=2|" : "279=1|";
            rows += side == &d.bids ? "269=0|" : "269=1|";
            rows += "270=" + number(level.price.raw(), 2) + "|";
            if (!level.quantity.is_zero()) rows += "271=" + number(level.quantity.raw(), 5) + "|";
            if (count++ == 0)
                rows += "55=BTCUSDT|25043=" + std::to_string(d.first_id) +
                        "|25044=" + std::to_string(d.last_id) + "|";
        }
    }
    return "262=book-BTCUSDT|268=" + std::to_string(count) + "|" + rows;
}

std::string of_quote(const messages::BestQuote& q) {
    const auto row = [](const char* side, const Level& level) {
        return std::string{"279=1|269="} + side + "|270=" + number(level.price.raw(), 2) +
               "|271=" + number(level.quantity.raw(), 5) + "|";
    };
    return "262=best-BTCUSDT|268=2|" + row("0", q.bid) +
           "55=BTCUSDT|25044=" + std::to_string(q.update_id) + "|" + row("1", q.ask);
}

/// The same frames twice: as recorded and as they would be over FIX, sent at the same time.
struct Pair {
    std::vector<std::string> json, fix;
};
Pair both(std::string_view kind, std::string_view substitute) {
    Pair pair;
    auto reader = spot();
    ports::MarketFrame out;
    const auto take = [&](std::string_view frame) {
        reader(frame, out);
        const bool depth = out.has(ports::MarketFrame::kDepth) &&
                           out.depth.bids.size() + out.depth.asks.size() > 0;
        if (!depth && !out.has(ports::MarketFrame::kQuote)) return;
        pair.json.emplace_back(frame);
        std::string text = fix_text("X", depth ? of_depth(out.depth) : of_quote(out.quote));
        if (depth) {  // with the time of this one
            const std::size_t at = text.find("52=") + 3;
            text.replace(at, 24, fix::time_text(out.depth.stamp.sent));
        }
        pair.fix.push_back(std::move(text));
    };
    for (const std::string& line : vc::bench_lines("binance_2024-08-08/spot/btcusdt_20240808.gz")) {
        const std::string_view frame = std::string_view{line}.substr(line.find(' ') + 1);
        if (frame.find(kind) != std::string_view::npos && pair.fix.size() < 5'000) take(frame);
    }
    if (pair.fix.empty()) take(substitute);
    return pair;
}

const Pair& depths() {
    static const Pair pair = both("@depth", kSpotDepth);
    return pair;
}
const Pair& quotes_of_spot() {
    static const Pair pair = both("@bookTicker", kSpotQuote);
    return pair;
}

void run(benchmark::State& state, const std::vector<std::string>& frames) {
    vc::run_reader(state, vc::Subject{frames, spot()}, spot());
}
void BM_FixDepth(benchmark::State& state) {
    const vc::Subject over_fix{depths().fix, spot()};
    const vc::Subject over_websocket{depths().json, spot()};
    if (over_fix.expected != over_websocket.expected)
        return state.SkipWithError("the two ways do not say the same");
    run(state, depths().fix);
}
void BM_FixDepthOverWebSocket(benchmark::State& state) { run(state, depths().json); }
void BM_FixQuote(benchmark::State& state) { run(state, quotes_of_spot().fix); }
void BM_FixQuoteOverWebSocket(benchmark::State& state) { run(state, quotes_of_spot().json); }
BENCHMARK(BM_FixDepth);
BENCHMARK(BM_FixDepthOverWebSocket);
BENCHMARK(BM_FixQuote);
BENCHMARK(BM_FixQuoteOverWebSocket);

}  // namespace
}  // namespace parallax::binance
