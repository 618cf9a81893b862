#pragma once

#include <memory>
#include <vector>

#include "app/secrets_store.hpp"
#include "app/settings.hpp"
#include "app/venue_access.hpp"
#include "ports/secrets.hpp"

namespace parallax::app {

/// What the configuration says of a venue.
[[nodiscard]] const VenueConfig& config_of(const Settings& settings, Venue venue) noexcept;

/// Those of the limits that real orders need which the file does not set. Of a file that was read.
[[nodiscard]] std::vector<std::string> limits_not_set(const std::string& path);

using Accesses = std::vector<std::unique_ptr<VenueAccess>>;

/// Whether market data of some venue comes with a logon, so that even who only looks needs a key.
[[nodiscard]] bool streams_need_keys(const Settings& settings) noexcept;

enum class KeysFor : std::uint8_t { Everything, Streams };

/// The ways to all venues that are on. `secrets`: null when nothing is to be signed; `keys`: of
/// every venue, or only where market data comes with a logon. Errors: Rejected (no venue is on, no
/// such environment, a key that is none), Unavailable (a secret is missing).
[[nodiscard]] Result<Accesses> reach_venues(ports::Transport& transport, const Settings& settings,
                                            ports::Secrets* secrets,
                                            KeysFor keys = KeysFor::Everything);

/// Opens the secrets file where streams_need_keys() and makes sure that the keys fit
/// (LiveFeeds::check), for those who only look. Errors: as open_secrets, reach_venues, check.
[[nodiscard]] Result<Accesses> reach_streams(ports::Transport& transport, const Settings& settings,
                                             const SecretsPlace& place);

}  // namespace parallax::app
