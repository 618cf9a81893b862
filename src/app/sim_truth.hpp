#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/live_execution.hpp"
#include "app/session.hpp"
#include "sim/world/world.hpp"

namespace parallax::app {

/// What the session believes, compared with what the simulated venues know of its account (the
/// first): wallets and positions to the last unit, fills, open orders, plans, books. Each
/// difference is a sentence; none: it knows the truth. Needs: nothing on its way, a quiet world.
/// `fills_before`: what the account had filled when the session began.
[[nodiscard]] std::vector<std::string> differences(const Session& session,
                                                   const LiveExecution& execution,
                                                   sim_world::SimWorld& world,
                                                   std::uint64_t fills_before = 0);
/// All of that account, at all venues.
[[nodiscard]] std::uint64_t fills_at_venues(sim_world::SimWorld& world);

}  // namespace parallax::app
