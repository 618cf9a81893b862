#include "adapters/recording/evidence.hpp"

namespace parallax::recording {
namespace {

constexpr MarketSet kFutures{Market::BinanceUsdm, Market::BinanceCoinm};
constexpr MarketSet kBybit = MarketSet::of(Venue::Bybit);

std::string_view between(std::string_view text, std::string_view before, char after) noexcept {
    const std::size_t begin = text.find(before);
    if (begin == std::string_view::npos) return {};
    text.remove_prefix(begin + before.size());
    return text.substr(0, text.find(after));
}

/// Dated and perpetual COIN-M symbols are btcusd_perp, btcusd_240927; dated USD-M ones
/// btcusdt_240927.
MarketSet markets_of_binance_symbol(std::string_view symbol) noexcept {
    const std::size_t underscore = symbol.find('_');
    if (underscore == std::string_view::npos) return {Market::BinanceSpot, Market::BinanceUsdm};
    const std::string_view pair = symbol.substr(0, underscore);
    if (pair.ends_with("usd") || pair.ends_with("USD")) return {Market::BinanceCoinm};
    return {Market::BinanceUsdm};
}

MarketSet markets_of_binance(std::string_view json) noexcept {
    const std::string_view stream = between(json, "{\"stream\":\"", '"');
    MarketSet markets = markets_of_binance_symbol(stream.substr(0, stream.find('@')));
    const std::string_view head = json.substr(0, 400);
    if (stream.find("@depth") != std::string_view::npos &&
        head.find("\"depthUpdate\"") != std::string_view::npos) {
        // Futures chain their updates by `pu`, spot has none; it stands before the levels.
        markets = markets &
                  (head.find("\"pu\":") != std::string_view::npos ? kFutures
                                                                  : MarketSet{Market::BinanceSpot});
    } else if (stream.ends_with("@bookTicker")) {
        markets = markets &
                  (head.find("\"e\":") != std::string_view::npos ? kFutures
                                                                 : MarketSet{Market::BinanceSpot});
    } else if (stream.find("@markPrice") != std::string_view::npos) {
        markets = markets & kFutures;
    }
    return markets;
}

MarketSet markets_of_bybit(std::string_view json) noexcept {
    const std::string_view topic = between(json, "\"topic\":\"", '"');
    const std::string_view symbol = topic.substr(topic.rfind('.') + 1);
    if (symbol.ends_with("USD")) return {Market::BybitInverse};
    if (symbol.ends_with("USDT") || symbol.ends_with("USDC"))
        return {Market::BybitSpot, Market::BybitLinear};
    return kBybit;
}

bool contains(std::string_view text, std::string_view part) noexcept {
    return text.find(part) != std::string_view::npos;
}

}  // namespace

std::string MarketSet::text() const {
    std::string out;
    for (const MarketInfo& entry : kMarkets) {
        if (!has(entry.market)) continue;
        if (!out.empty()) out += " or ";
        out += entry.name;
    }
    return out;
}

MarketSet markets_of_message(std::string_view json) noexcept {
    if (json.starts_with("{\"stream\":")) return markets_of_binance(json);
    if (json.starts_with("{\"arg\":{") || json.starts_with("{\"event\":")) return {Market::Okx};
    if (json.starts_with("{\"topic\":")) return markets_of_bybit(json);
    if (json.starts_with("{\"success\":")) return kBybit;
    if (json.starts_with("{\"lastUpdateId\":")) return MarketSet::of(Venue::Binance);
    return MarketSet::all();
}

MarketSet markets_of_url(std::string_view url) noexcept {
    const std::size_t scheme = url.find("://");
    const std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
    const std::string_view host = rest.substr(0, rest.find_first_of("/:?"));
    const std::string_view path = rest.substr(host.size());
    if (contains(host, "binance")) {
        if (contains(host, "dapi") || contains(host, "dstream")) return {Market::BinanceCoinm};
        if (contains(host, "fapi") || contains(host, "fstream")) return {Market::BinanceUsdm};
        return {Market::BinanceSpot};
    }
    if (contains(host, "okx") || contains(host, "okex")) return {Market::Okx};
    if (contains(host, "bybit") || contains(host, "bytick")) {
        if (contains(path, "public/spot") || contains(path, "category=spot"))
            return {Market::BybitSpot};
        if (contains(path, "public/inverse") || contains(path, "category=inverse"))
            return {Market::BybitInverse};
        if (contains(path, "public/linear") || contains(path, "category=linear"))
            return {Market::BybitLinear};
        if (path == "/realtime_public") return {Market::BybitLinear};  // v2
        if (path == "/realtime") return {Market::BybitInverse};        // v2
        return kBybit;
    }
    return MarketSet::all();
}

}  // namespace parallax::recording
