#pragma once

#include "sim/engine/venue.hpp"
#include "sim/venues/bybit/order_memory.hpp"
#include "sim/venues/common/json.hpp"

namespace parallax::sim_bybit {

using sim_front::Json;

// What an account sees: the same objects on the private streams and in REST lists, which differ in
// a few fields only.

[[nodiscard]] Json order_json(const sim_engine::SimVenue& venue, const sim_engine::Order& order,
                              const OrderMemory::Costs& costs, bool stream,
                              sim_engine::Reject refused = sim_engine::Reject::None);
[[nodiscard]] Json execution_json(const sim_engine::SimVenue& venue, const sim_engine::Order& order,
                                  const sim_engine::Execution& execution, UnixNanos time,
                                  std::uint64_t seq);
/// The fields of execution.fast.
[[nodiscard]] Json fast_execution_json(const sim_engine::SimVenue& venue,
                                       const sim_engine::Order& order,
                                       const sim_engine::Execution& execution, UnixNanos time,
                                       std::uint64_t seq);
/// Funding is an execution too, without an order.
[[nodiscard]] Json funding_json(const sim_engine::SimVenue& venue,
                                const sim_engine::FundingPayment& payment, UnixNanos time,
                                std::uint64_t seq);
[[nodiscard]] Json position_json(const sim_engine::SimVenue& venue, sim_engine::AccountId account,
                                 sim_engine::ListingId listing, std::uint64_t seq, bool stream);
/// One entry of wallet-balance and of the wallet topic. `coins`: names wanted; empty = all that
/// the account has.
[[nodiscard]] Json wallet_json(const sim_engine::SimVenue& venue, sim_engine::AccountId account,
                               const std::vector<std::string>& coins = {});
/// Worth of an amount in USD at the venue's own spot prices, 0 when it has none.
[[nodiscard]] Amount usd_value(const sim_engine::SimVenue& venue, AssetId asset, Amount amount);

}  // namespace parallax::sim_bybit
