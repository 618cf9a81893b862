#pragma once

#include "sim/venues/binance/call.hpp"
#include "sim/venues/binance/tape.hpp"

namespace parallax::sim_binance {

constexpr Nanos kDay = Nanos::seconds(86'400);

/// The time before now as REST names it; `mini`: without changes and best prices.
[[nodiscard]] Json ticker_json(const SimVenue& venue, ListingId id, const Tape& tape, UnixNanos now,
                               bool mini, Nanos span = kDay);

}  // namespace parallax::sim_binance
