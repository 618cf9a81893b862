#pragma once

#include "sim/venues/common/json.hpp"

namespace parallax::sim_okx {

using Json = sim_front::Json;

}  // namespace parallax::sim_okx
