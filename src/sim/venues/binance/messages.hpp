#pragma once

#include "sim/engine/venue.hpp"
#include "sim/venues/binance/call.hpp"
#include "sim/venues/binance/tape.hpp"

namespace parallax::sim_binance {

// Orders, fills and events in Binance's words. Pure.

[[nodiscard]] const char* status_text(const Order& order) noexcept;
[[nodiscard]] const char* side_text(Side side) noexcept;
[[nodiscard]] const char* type_text(const Order& order, Product product) noexcept;
[[nodiscard]] const char* force_text(const Order& order, Product product) noexcept;
[[nodiscard]] const char* self_trade_text(sim_engine::SelfTrade mode) noexcept;
/// NONE when the order did not expire.
[[nodiscard]] const char* expiry_text(const Order& order) noexcept;

// --- Spot ---
/// GET order, openOrders, allOrders.
[[nodiscard]] Json spot_order(const SimVenue& venue, const Order& order);
/// Answer to a new order; `fills` belong to FULL.
enum class Detail : std::uint8_t { Ack, Result, Full };
[[nodiscard]] Json spot_placed(const SimVenue& venue, const Order& order, UnixNanos now,
                               Detail detail,
                               const std::vector<const sim_engine::Execution*>& fills);
[[nodiscard]] Json spot_cancelled(const SimVenue& venue, const Order& order, UnixNanos now,
                                  const std::string& cancel_id);
[[nodiscard]] Json spot_fill(const SimVenue& venue, const sim_engine::Fill& fill);
[[nodiscard]] Json execution_report(const SimVenue& venue, const sim_engine::OrderUpdate& update,
                                    std::uint64_t number, UnixNanos time,
                                    const std::string& cancel_id);

// --- Futures ---
[[nodiscard]] Json futures_order(const SimVenue& venue, const Order& order, bool queried);
[[nodiscard]] Json futures_fill(const SimVenue& venue, const sim_engine::Fill& fill);
/// Of the forceOrder streams: a liquidation as it ended.
[[nodiscard]] Json force_order(const sim_engine::Listing& listing, const Order& order,
                               UnixNanos time);
[[nodiscard]] Json order_trade_update(const SimVenue& venue, const sim_engine::OrderUpdate& update,
                                      UnixNanos time);
[[nodiscard]] Json trade_lite(const SimVenue& venue, const sim_engine::OrderUpdate& update,
                              UnixNanos time);

// --- Market ---
[[nodiscard]] Json levels_json(const sim_engine::Listing& listing,
                               const std::vector<Level>& levels);
[[nodiscard]] Json kline_row(const sim_engine::Listing& listing, const Candle& candle,
                             Nanos length);

}  // namespace parallax::sim_binance
