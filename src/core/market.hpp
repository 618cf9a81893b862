#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace parallax {

/// A company that runs matching engines. ("Exchange" is RabbitMQ's word.)
enum class Venue : std::uint8_t { Binance, Okx, Bybit };
inline constexpr std::size_t kVenueCount = 3;

/// One market of a venue: a matching engine family with its own symbols, feed and message formats.
/// OKX keeps all kinds of instruments in one.
enum class Market : std::uint8_t {
    BinanceSpot,
    BinanceUsdm,
    BinanceCoinm,
    Okx,
    BybitSpot,
    BybitLinear,
    BybitInverse,
};
inline constexpr std::size_t kMarketCount = 7;

struct MarketInfo {
    Market market;
    Venue venue;
    std::string_view name;  ///< as on the command line and in messages: "binance.spot"
    Market
        wallet;  ///< the market whose name the wallet carries: OKX and Bybit trade from one account
};

inline constexpr std::array<MarketInfo, kMarketCount> kMarkets{{
    {Market::BinanceSpot, Venue::Binance, "binance.spot", Market::BinanceSpot},
    {Market::BinanceUsdm, Venue::Binance, "binance.usdm", Market::BinanceUsdm},
    {Market::BinanceCoinm, Venue::Binance, "binance.coinm", Market::BinanceCoinm},
    {Market::Okx, Venue::Okx, "okx", Market::Okx},
    {Market::BybitSpot, Venue::Bybit, "bybit.spot", Market::BybitSpot},
    {Market::BybitLinear, Venue::Bybit, "bybit.linear", Market::BybitSpot},
    {Market::BybitInverse, Venue::Bybit, "bybit.inverse", Market::BybitSpot},
}};

[[nodiscard]] constexpr const MarketInfo& info(Market market) noexcept {
    return kMarkets[static_cast<std::size_t>(market)];
}
[[nodiscard]] constexpr std::string_view to_string(Market market) noexcept {
    return info(market).name;
}
[[nodiscard]] constexpr Venue venue_of(Market market) noexcept { return info(market).venue; }
/// The wallet that holds the balances a market trades from.
[[nodiscard]] constexpr Market wallet_of(Market market) noexcept { return info(market).wallet; }
[[nodiscard]] constexpr std::string_view to_string(Venue venue) noexcept {
    constexpr std::array<std::string_view, kVenueCount> kNames{"binance", "okx", "bybit"};
    return kNames[static_cast<std::size_t>(venue)];
}
[[nodiscard]] constexpr std::optional<Market> parse_market(std::string_view name) noexcept {
    for (const MarketInfo& entry : kMarkets) {
        if (entry.name == name) return entry.market;
    }
    return std::nullopt;
}

}  // namespace parallax
