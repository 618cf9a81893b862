#pragma once

#include <string>

#include "sim/engine/venue.hpp"
#include "sim/venues/okx/json.hpp"
#include "sim/venues/okx/notes.hpp"

namespace parallax::sim_okx {

[[nodiscard]] std::string millis(UnixNanos time);
[[nodiscard]] std::string id_text(sim_engine::OrderId id);
[[nodiscard]] std::string_view inst_type(const sim_engine::Listing& listing) noexcept;
/// `orders` state of the engine's status: live, partially_filled, filled, canceled.
[[nodiscard]] std::string_view state_of(sim_engine::OrderStatus status) noexcept;
/// sum / quantity, to 12 decimals at most; "" when nothing.
[[nodiscard]] std::string average(Amount sum, Quantity quantity,
                                  const sim_engine::Listing& listing);

enum class OrderForm : std::uint8_t { Rest, Push };
/// A row of GET /trade/order and its kin, or of the `orders` channel (okx.md 4.5).
[[nodiscard]] Json order_json(const sim_engine::SimVenue& venue, const sim_engine::Order& order,
                              const OrderNote& note, OrderForm form);
/// The fill* fields of a push that tells a fill.
void add_fill(Json& row, const sim_engine::SimVenue& venue, const sim_engine::Order& order,
              const sim_engine::Execution& fill, UnixNanos time);
/// A row of GET /trade/fills.
[[nodiscard]] Json fill_json(const sim_engine::SimVenue& venue, const sim_engine::Fill& fill,
                             const OrderNote& note);

}  // namespace parallax::sim_okx
