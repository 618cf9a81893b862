#pragma once

#include <memory>
#include <vector>

#include "app/settings.hpp"
#include "app/venue_access.hpp"
#include "ports/secrets.hpp"

namespace parallax::app {

/// What the configuration says of a venue.
[[nodiscard]] const VenueConfig& config_of(const Settings& settings, Venue venue) noexcept;

/// Those of the limits that real orders need which the file does not set. Of a file that was read.
[[nodiscard]] std::vector<std::string> limits_not_set(const std::string& path);

using Accesses = std::vector<std::unique_ptr<VenueAccess>>;

/// The ways to all venues that are on. `secrets`: null when nothing is to be signed. Errors:
/// Rejected (no venue is on, no such environment, a key that is none), Unavailable (a secret is
/// missing).
[[nodiscard]] Result<Accesses> reach_venues(ports::Transport& transport, const Settings& settings,
                                            ports::Secrets* secrets);

}  // namespace parallax::app
