#pragma once

#include <array>
#include <string>
#include <vector>

#include "adapters/venues/common/credentials.hpp"
#include "app/live_config.hpp"
#include "sim/world/accounts.hpp"
#include "sim/world/doors.hpp"
#include "sim/world/fault_command.hpp"

namespace parallax::app {

/// The simulated venues behind these hosts ("host:port", by Door).
[[nodiscard]] std::array<VenueConfig, kVenueCount> simulated_addresses(
    const std::array<std::string, sim_world::kDoorCount>& hosts);

/// The account's key at this venue. Needs: it has one, and it is an HMAC key.
[[nodiscard]] venue_common::Credentials simulated_credentials(
    const sim_world::AccountSettings& account, Venue venue);

/// A script of faults. Errors: Unavailable (no such file), Malformed (all mistakes, one a line).
[[nodiscard]] Result<std::vector<sim_world::ScheduledFault>> read_fault_script(
    const std::string& path);

}  // namespace parallax::app
