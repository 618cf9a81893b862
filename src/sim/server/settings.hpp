#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/fees.hpp"
#include "core/market.hpp"
#include "core/time.hpp"
#include "sim/engine/types.hpp"
#include "sim/venues/common/keyring.hpp"

namespace parallax::sim_server {

/// What an account starts with.
struct Holding {
    std::string asset;
    Amount amount;
    std::optional<Venue> venue{};  ///< all of them when not given
    /// Trading when not given; of USDT and USDC at Binance the same again in Derivatives.
    std::optional<sim_engine::Wallet> wallet{};
};

struct VenueKey {
    Venue venue{};
    sim_front::ApiKey key{};  ///< its `account` is filled in by the server
    bool generated = true;    ///< made for the simulation: its secret may be written down
};

/// Somebody with an account at each venue.
struct AccountSettings {
    std::string name;
    FeeSchedule fees = *FeeSchedule::named("base");
    std::vector<Holding> holdings;
    std::vector<VenueKey> keys;
    bool okx_vip4 = false;  ///< the 10 ms book channels and fills of OKX
};

/// The doors of the simulated venues. Binance's USD-M has hosts of its own (fapi, fstream).
enum class Door : std::uint8_t { BinanceSpot, BinanceUsdm, Okx, Bybit };
inline constexpr std::size_t kDoorCount = 4;
[[nodiscard]] constexpr Venue venue_of(Door door) noexcept {
    return door == Door::Okx ? Venue::Okx : door == Door::Bybit ? Venue::Bybit : Venue::Binance;
}
[[nodiscard]] constexpr std::string_view to_string(Door door) noexcept {
    constexpr std::array<std::string_view, kDoorCount> kNames{"binance.spot", "binance.usdm", "okx",
                                                              "bybit"};
    return kNames[static_cast<std::size_t>(door)];
}

struct ServerSettings {
    std::uint64_t seed = 1;  ///< of prices, of the crowd, of ids
    /// Simulated seconds a second. 0: time stands still but for advance().
    double speed = 1;
    UnixNanos start{};                   ///< the world's clock; unknown = the wall clock's
    Nanos warm_up = Nanos::seconds(60);  ///< the market's life before the doors open
    double activity = 1;                 ///< how often books change
    double intensity = 1;                ///< how often venues fall out of line
    double volatility = 1;               ///< of all prices
    std::string address = "127.0.0.1";   ///< to listen at
    std::vector<std::string> names;      ///< of hosts, in certificates, besides localhost
    std::array<std::uint16_t, kDoorCount> ports{};  ///< 0: the kernel chooses
    std::uint16_t control_port = 0;                 ///< of the control interface, on 127.0.0.1 only
    bool tls = true;
    std::vector<AccountSettings> accounts;  ///< none: standard_accounts(seed)
};

/// "alice" and "bob" with 100,000 USDT, 2 BTC and some of everything else at each venue, and an
/// HMAC key each. The same seed gives the same keys, so that a bot's configuration stays good.
[[nodiscard]] std::vector<AccountSettings> standard_accounts(std::uint64_t seed);

/// A fresh HMAC key as the venue makes them: length and letters of id, secret and passphrase.
/// Permissions: everything but withdrawing.
[[nodiscard]] sim_front::ApiKey make_key(Venue venue, std::uint64_t seed);

}  // namespace parallax::sim_server
