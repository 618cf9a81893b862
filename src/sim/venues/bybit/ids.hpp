#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/engine/types.hpp"

namespace parallax::sim_bybit {

/// Bybit writes the ids of linear orders and trades as UUIDs and those of spot as long numbers.
/// Both are reversible here, so that no table of ids is needed.
[[nodiscard]] std::string uuid_of(std::uint64_t number);
/// None: not one of ours.
[[nodiscard]] std::optional<std::uint64_t> number_of_uuid(std::string_view text) noexcept;

[[nodiscard]] std::string order_text(sim_engine::OrderId id, bool spot);
[[nodiscard]] std::optional<sim_engine::OrderId> parse_order_id(std::string_view text) noexcept;
/// The uid of an account.
[[nodiscard]] constexpr std::int64_t member_id(sim_engine::AccountId account) noexcept {
    return 100'000 + std::int64_t{account.raw()};
}
/// The same on the public tape and in both owners' fills.
[[nodiscard]] std::string trade_text(sim_engine::ListingId listing, sim_engine::TradeId trade,
                                     bool spot);

}  // namespace parallax::sim_bybit
