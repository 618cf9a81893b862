#pragma once

#include "sim/venues/okx/order_entry.hpp"

namespace parallax::sim_okx {

/// A place request on its way into the engine's terms.
struct OrderEntry::Reading {
    const sim_engine::Listing* listing = nullptr;
    sim_engine::NewOrder order;
    OrderNote note;
};

}  // namespace parallax::sim_okx
