#pragma once

#include <string>
#include <vector>

#include "sim/engine/venue.hpp"
#include "sim/venues/okx/json.hpp"
#include "sim/venues/okx/notes.hpp"

namespace parallax::sim_okx {

// What an account owns, as REST and the private channels say it (okx.md 4.5).

/// Worth of one unit in USD, by the asset's own USDT pair; 0 when it has none.
[[nodiscard]] double usd_value(const sim_engine::SimVenue& venue, AssetId asset);
[[nodiscard]] Json balance_json(const sim_engine::SimVenue& venue, sim_engine::AccountId account,
                                AssetId asset, UnixNanos now);
/// A whole `data` element of GET /account/balance and the `account` channel; `assets` empty = all
/// that are not zero.
[[nodiscard]] Json account_json(const sim_engine::SimVenue& venue, sim_engine::AccountId account,
                                const std::vector<AssetId>& assets, UnixNanos now);
[[nodiscard]] Json position_json(const sim_engine::SimVenue& venue, sim_engine::AccountId account,
                                 sim_engine::ListingId listing, const PositionNote& note,
                                 UnixNanos now);
/// Elements of balData and posData of balance_and_position.
[[nodiscard]] Json lean_balance_json(const sim_engine::SimVenue& venue,
                                     sim_engine::AccountId account, AssetId asset, UnixNanos now);
[[nodiscard]] Json lean_position_json(const sim_engine::SimVenue& venue,
                                      sim_engine::AccountId account, sim_engine::ListingId listing,
                                      const PositionNote& note, UnixNanos now);
[[nodiscard]] std::vector<AssetId> assets_of(const sim_engine::SimVenue& venue,
                                             sim_engine::AccountId account,
                                             sim_engine::Wallet wallet);
/// Perpetuals in which the account has a position.
[[nodiscard]] std::vector<sim_engine::ListingId> positions_of(const sim_engine::SimVenue& venue,
                                                              sim_engine::AccountId account);

}  // namespace parallax::sim_okx
