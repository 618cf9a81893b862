#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "sim/network/network.hpp"
#include "sim/world/world.hpp"

namespace parallax::simulation {

/// Where a door is on the simulated network: "okx.sim:443".
[[nodiscard]] std::string endpoint(sim_world::Door door);

/// What goes wrong in a run, by time: faults of the world as docs/simulator.md has them, and those
/// of the network between, "9.1s network stall door=okx for=2s" (cut, stall, refuse,
/// lose_answers).
struct NetworkFault {
    std::string name;
    sim_world::Door door{};
    Nanos lasting{};
};
struct PlannedFault {
    Nanos at{};
    std::string line;                            ///< as written, without its time
    std::vector<sim_world::FaultCommand> world;  ///< one, or none
    std::vector<NetworkFault> network;           ///< one, or none
    /// "restart for=2s": the process dies, and comes back so much later.
    std::optional<Nanos> restart;
};

/// An instrument that may change its tick or end.
struct Subject {
    Venue venue{};
    std::string symbol;  ///< as the venue writes it
    std::string tick;
};

/// A script of `seed`: some faults of all kinds between `from` and `until`, over by then; those of
/// an instrument stay. In one of four the process dies once or twice, in one of ten an instrument
/// ends.
[[nodiscard]] std::string draw_faults(std::uint64_t seed, Nanos from, Nanos until,
                                      const std::vector<Subject>& subjects);
/// In order of time. Errors: Malformed.
[[nodiscard]] Result<std::vector<PlannedFault>> read_faults(const std::string& script);
void strike(sim_network::Network& network, const NetworkFault& fault);

}  // namespace parallax::simulation
