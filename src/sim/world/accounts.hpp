#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/fees.hpp"
#include "core/market.hpp"
#include "sim/engine/types.hpp"
#include "sim/venues/common/keyring.hpp"

namespace parallax::sim_world {

/// What an account starts with.
struct Holding {
    std::string asset;
    Amount amount;
    std::optional<Venue> venue{};  ///< all of them when not given
    /// Trading when not given; of USDT and USDC at Binance the same again in Derivatives.
    std::optional<sim_engine::Wallet> wallet{};
};

/// A perpetual it holds when the doors open, bought or sold in the book as it is then.
struct OpenPosition {
    Venue venue{};
    std::string symbol;  ///< as the venue writes it
    Amount quantity;     ///< of the base asset; negative: short
};

struct VenueKey {
    Venue venue{};
    sim_front::ApiKey key{};  ///< its `account` is filled in by the world
    bool generated = true;    ///< made for the simulation: its secret may be written down
};

/// Somebody with an account at each venue.
struct AccountSettings {
    std::string name;
    FeeSchedule fees = *FeeSchedule::named("base");
    std::vector<Holding> holdings;
    std::vector<OpenPosition> positions;
    std::vector<VenueKey> keys;
    bool okx_vip4 = false;  ///< the 10 ms book channels and fills of OKX
};

/// "alice" and "bob" with 100,000 USDT, 2 BTC and some of everything else at each venue, and an
/// HMAC key each. The same seed gives the same keys, so that a bot's configuration stays good.
[[nodiscard]] std::vector<AccountSettings> standard_accounts(std::uint64_t seed);

/// A fresh HMAC key as the venue makes them: length and letters of id, secret and passphrase.
/// Permissions: everything but withdrawing.
[[nodiscard]] sim_front::ApiKey make_key(Venue venue, std::uint64_t seed);

}  // namespace parallax::sim_world
