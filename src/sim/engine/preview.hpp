#pragma once

#include "sim/engine/venue.hpp"

namespace parallax::sim_engine {

/// What an order would meet in the book as it is.
struct SimVenue::Preview {
    Quantity quantity;
    Amount quote;
    bool complete = false;  ///< all of it
};

}  // namespace parallax::sim_engine
