#pragma once

#include <cstdint>

#include "sim/world/world.hpp"

namespace parallax::simulation {

/// Somebody has traded on the first account before anybody connects: perpetuals, long here and
/// short there, at uneven averages, some 500 to 6,000 USDT each.
void take_positions(sim_world::SimWorld& world, std::uint64_t seed);
/// How many it holds, over all venues.
[[nodiscard]] std::uint64_t open_positions(sim_world::SimWorld& world);

}  // namespace parallax::simulation
