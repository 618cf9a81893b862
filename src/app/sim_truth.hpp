#pragma once

#include <string>
#include <vector>

#include "app/live_execution.hpp"
#include "app/session.hpp"
#include "sim/world/world.hpp"

namespace parallax::app {

/// What the session believes, compared with what the simulated venues know of its account (the
/// first): wallets and positions to the last unit, fills, open orders, plans, books. Each
/// difference is a sentence; none: it knows the truth. Needs: nothing on its way, a quiet world.
[[nodiscard]] std::vector<std::string> differences(const Session& session,
                                                   const LiveExecution& execution,
                                                   sim_world::SimWorld& world);

}  // namespace parallax::app
