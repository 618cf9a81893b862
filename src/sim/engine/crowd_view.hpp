#pragma once

#include "sim/engine/crowd.hpp"

namespace parallax::sim_engine {

struct Crowd::View {
    const Listing& listing;
    UnixNanos now;
    double tick;
    double middle;
    double calm_spread;  ///< half the spread in quiet times
    double half_spread;
    double spacing;  ///< between levels
    double least_lots = 1;
};

}  // namespace parallax::sim_engine
