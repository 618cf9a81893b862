#pragma once

#include "sim/venues/binance/call.hpp"
#include "sim/venues/binance/tape.hpp"

namespace parallax::sim_binance {

/// The 24 hours before now as REST names them; `mini`: without changes and best prices.
[[nodiscard]] Json ticker_day_json(const SimVenue& venue, ListingId id, const Tape& tape,
                                   UnixNanos now, bool mini);

}  // namespace parallax::sim_binance
