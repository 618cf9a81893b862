#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/market.hpp"

namespace parallax::sim_world {

/// The doors of the simulated venues. Binance's USD-M has hosts of its own (fapi, fstream).
enum class Door : std::uint8_t { BinanceSpot, BinanceUsdm, Okx, Bybit };
inline constexpr std::size_t kDoorCount = 4;
[[nodiscard]] constexpr std::size_t index_of(Venue venue) noexcept {
    return static_cast<std::size_t>(venue);
}
[[nodiscard]] constexpr Venue venue_of(Door door) noexcept {
    return door == Door::Okx ? Venue::Okx : door == Door::Bybit ? Venue::Bybit : Venue::Binance;
}
[[nodiscard]] constexpr std::string_view to_string(Door door) noexcept {
    constexpr std::array<std::string_view, kDoorCount> kDoors{"binance.spot", "binance.usdm", "okx",
                                                              "bybit"};
    return kDoors[static_cast<std::size_t>(door)];
}

}  // namespace parallax::sim_world
