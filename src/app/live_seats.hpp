#pragma once

#include <functional>
#include <string>

#include "adapters/fix/transport.hpp"
#include "app/live_execution.hpp"

namespace parallax::app {

struct SeatOptions {
    std::string tag = "0000";   ///< of this instance: four of a-z 0-9, see ClientIdText
    Nanos dead_man{};           ///< the venue cancels our orders when silent so long; 0: off
    bool may_withdraw = false;  ///< else a key that can is refused
    /// Fills and payments from here on are told at the start; unknown: from now on.
    UnixNanos told_until;
    /// Orders of this instance from before that are over, by the ledger.
    std::function<bool(ClientOrderId)> over;
    /// The transport once more, for orders over FIX; null: there is none of these.
    fix::Transport* fix = nullptr;
};

/// How a market's account is asked; null without credentials, or where no account is (COIN-M). The
/// universe outlives it.
[[nodiscard]] std::unique_ptr<venue_common::AccountProtocol> make_account_protocol(
    const VenueAccess& access, Market market, const Universe& universe, const std::string& tag);

/// Errors: Rejected (orders over FIX without a key for it, or without an address).
[[nodiscard]] Result<void> check_seats(const VenueAccess& access);

/// Gateways and accounts of a venue we have keys for, into the execution. The universe outlives
/// them. Needs: an access with credentials that check_seats() took.
void add_seats(LiveExecution& execution, ports::Transport& transport, const VenueAccess& access,
               const Universe& universe, const SeatOptions& options);

}  // namespace parallax::app
