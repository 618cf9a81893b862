#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/world/world.hpp"

namespace parallax::sim_server {

using sim_world::Door;
using sim_world::kDoorCount;

struct ServerSettings : sim_world::WorldSettings {  ///< start unknown: the wall clock's time
    /// Simulated seconds a second. 0: time stands still but for advance().
    double speed = 1;
    std::string address = "127.0.0.1";  ///< to listen at
    std::vector<std::string> names;     ///< of hosts, in certificates, besides localhost
    std::array<std::uint16_t, kDoorCount> ports{};  ///< 0: the kernel chooses
    std::array<std::uint16_t, 3> fix_ports{};  ///< Binance: order entry, drop copy, market data
    std::uint16_t control_port = 0;            ///< of the control interface, on 127.0.0.1 only
    bool tls = true;
};

}  // namespace parallax::sim_server
