#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sim/engine/venue.hpp"
#include "sim/venues/okx/json.hpp"
#include "sim/venues/okx/tape.hpp"

namespace parallax::sim_okx {

// What the public endpoints and channels say, as rows of `data` (okx.md 2).

[[nodiscard]] Json instrument_json(const sim_engine::Listing& listing);
[[nodiscard]] Json ticker_json(const sim_engine::SimVenue& venue, sim_engine::ListingId id,
                               const Tape& tape, UnixNanos now);
[[nodiscard]] Json candle_json(const sim_engine::Listing& listing, const Candle& candle,
                               bool closed);
[[nodiscard]] Json trade_json(const sim_engine::Listing& listing, const Trade& trade);
[[nodiscard]] Json funding_json(const sim_engine::Desk& desk, UnixNanos now);
[[nodiscard]] Json mark_json(const sim_engine::Desk& desk, UnixNanos now);
[[nodiscard]] Json price_limit_json(const sim_engine::Desk& desk, UnixNanos now);
[[nodiscard]] Json index_json(const sim_engine::Desk& desk, UnixNanos now);

/// Appends [["8476.98","415","0","13"],...]; `orders` is looked up in the book. `fields` 4, or 3
/// for books-full, which has no "0".
void append_levels(std::string& out, const sim_engine::SimVenue& venue, sim_engine::ListingId id,
                   Side side, std::span<const Level> levels, int fields = 4);

}  // namespace parallax::sim_okx
