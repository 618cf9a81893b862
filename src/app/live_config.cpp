#include "app/live_config.hpp"

namespace parallax::app {
namespace {

struct Preset {
    Venue venue;
    std::string_view environment;
    VenueConfig addresses;
};

/// Exchange sheets of 2026-11: Binance general and USD-M tables, OKX and Bybit connection tables.
std::array<Preset, 7> presets() {
    const auto addresses = [](std::string rest, std::string streams, std::string orders) {
        VenueConfig made;
        made.rest = std::move(rest);
        made.streams = std::move(streams);
        made.orders = std::move(orders);
        return made;
    };
    const auto with_futures = [](VenueConfig made, std::string rest, std::string streams,
                                 std::string orders, std::string coinm_rest,
                                 std::string coinm_streams) {
        made.usdm_rest = std::move(rest);
        made.usdm_streams = std::move(streams);
        made.usdm_orders = std::move(orders);
        made.coinm_rest = std::move(coinm_rest);
        made.coinm_streams = std::move(coinm_streams);
        return made;
    };
    const auto with_fix = [](VenueConfig made, std::string orders, std::string streams) {
        made.fix_orders = std::move(orders);
        made.fix_streams = std::move(streams);
        return made;
    };
    return {{
        {Venue::Binance, "production",
         with_fix(with_futures(addresses("https://api.binance.com", "wss://stream.binance.com:9443",
                                         "wss://ws-api.binance.com"),
                               "https://fapi.binance.com", "wss://fstream.binance.com",
                               "wss://ws-fapi.binance.com", "https://dapi.binance.com",
                               "wss://dstream.binance.com"),
                  "tls://fix-oe.binance.com:9000", "tls://fix-md.binance.com:9000")},
        {Venue::Binance, "testnet",
         with_fix(with_futures(addresses("https://testnet.binance.vision",
                                         "wss://stream.testnet.binance.vision",
                                         "wss://ws-api.testnet.binance.vision"),
                               "https://demo-fapi.binance.com", "wss://fstream.binancefuture.com",
                               "wss://testnet.binancefuture.com", "", ""),
                  "tls://fix-oe.testnet.binance.vision:9000",
                  "tls://fix-md.testnet.binance.vision:9000")},
        {Venue::Binance, "demo",
         with_fix(
             with_futures(addresses("https://demo-api.binance.com", "wss://demo-stream.binance.com",
                                    "wss://demo-ws-api.binance.com"),
                          "https://demo-fapi.binance.com", "wss://demo-fstream.binance.com",
                          "wss://testnet.binancefuture.com", "", ""),
             "tls://demo-fix-oe.binance.com:9000", "tls://demo-fix-md.binance.com:9000")},
        {Venue::Okx, "production",
         addresses("https://openapi.okx.com", "wss://ws.okx.com:8443", "wss://ws.okx.com:8443")},
        {Venue::Okx, "demo",
         addresses("https://openapi.okx.com", "wss://wspap.okx.com:8443",
                   "wss://wspap.okx.com:8443")},
        {Venue::Bybit, "production",
         addresses("https://api.bybit.com", "wss://stream.bybit.com", "wss://stream.bybit.com")},
        {Venue::Bybit, "testnet",
         addresses("https://api-testnet.bybit.com", "wss://stream-testnet.bybit.com",
                   "wss://stream-testnet.bybit.com")},
    }};
}

void fill(std::string& address, const std::string& preset) {
    if (address.empty()) address = preset;
}

}  // namespace

Result<VenueConfig> with_addresses(Venue venue, const VenueConfig& config) {
    if (!config.on() || config.environment == "custom") return config;
    std::string known;
    for (const Preset& preset : presets()) {
        if (preset.venue != venue) continue;
        known += (known.empty() ? "" : ", ") + std::string{preset.environment};
        if (preset.environment != config.environment) continue;
        VenueConfig filled = config;
        const VenueConfig& from = preset.addresses;
        fill(filled.rest, from.rest);
        fill(filled.streams, from.streams);
        fill(filled.orders, from.orders);
        fill(filled.usdm_rest, from.usdm_rest);
        fill(filled.usdm_streams, from.usdm_streams);
        fill(filled.usdm_orders, from.usdm_orders);
        fill(filled.coinm_rest, from.coinm_rest);
        fill(filled.coinm_streams, from.coinm_streams);
        fill(filled.fix_orders, from.fix_orders);
        fill(filled.fix_streams, from.fix_streams);
        return filled;
    }
    return fail(Errc::Rejected, std::string{to_string(venue)} + " has no " + config.environment +
                                    "; it has " + known + ", and custom");
}

std::vector<VenueSymbol> venue_symbols(std::string_view canonical) {
    const std::size_t slash = canonical.find('/');
    if (slash == std::string_view::npos || slash == 0) return {};
    const std::size_t colon = canonical.find(':', slash);
    const std::string base{canonical.substr(0, slash)};
    const std::string quote{canonical.substr(
        slash + 1, colon == std::string_view::npos ? std::string_view::npos : colon - slash - 1)};
    if (quote.empty()) return {};
    if (colon == std::string_view::npos) {
        return {{Market::BinanceSpot, base + quote},
                {Market::Okx, base + "-" + quote},
                {Market::BybitSpot, base + quote}};
    }
    const std::string_view settle = canonical.substr(colon + 1);
    if (settle == quote && quote == "USDT") {
        return {{Market::BinanceUsdm, base + quote},
                {Market::Okx, base + "-" + quote + "-SWAP"},
                {Market::BybitLinear, base + quote}};
    }
    if (settle == quote && quote == "USDC") {
        return {{Market::BinanceUsdm, base + quote},
                {Market::Okx, base + "-" + quote + "-SWAP"},
                {Market::BybitLinear, base + "PERP"}};
    }
    if (settle == base && quote == "USD") {
        return {{Market::BinanceCoinm, base + quote + "_PERP"},
                {Market::Okx, base + "-" + quote + "-SWAP"},
                {Market::BybitInverse, base + quote}};
    }
    return {};
}

}  // namespace parallax::app
