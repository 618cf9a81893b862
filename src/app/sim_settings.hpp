#pragma once

#include <string>

#include "core/result.hpp"
#include "sim/server/settings.hpp"

namespace parallax::app {

/// Reads a TOML file for `parallax sim` over `settings`: the section [sim], and any number of
/// [[account]]; see docs/simulator.md. Accounts of a file replace those there are. All mistakes are
/// reported at once, one a line, with their places. Errors: Unavailable (no such file), Malformed.
[[nodiscard]] Result<void> read_sim_settings(const std::string& path,
                                             sim_server::ServerSettings& settings);
[[nodiscard]] Result<void> parse_sim_settings(std::string_view text, const std::string& name,
                                              sim_server::ServerSettings& settings);

}  // namespace parallax::app
