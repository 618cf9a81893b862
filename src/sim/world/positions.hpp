#pragma once

#include "sim/engine/venue.hpp"
#include "sim/world/accounts.hpp"

namespace parallax::sim_world {

/// Buys or sells what the book has, best first, as one order. Returns what filled; less than asked
/// for when the book is thin, nothing when the venue refuses.
Quantity take(sim_engine::SimVenue& venue, sim_engine::AccountId account,
              sim_engine::ListingId listing, Side side, Quantity quantity, UnixNanos now);

/// Errors: Rejected (no such perpetual, less than a lot, too much for the book or the account).
[[nodiscard]] Result<void> open_position(sim_engine::SimVenue& venue, sim_engine::AccountId account,
                                         const OpenPosition& wanted, UnixNanos now);

}  // namespace parallax::sim_world
