#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/world/world.hpp"

namespace parallax::simulation {

struct Options {
    std::uint64_t seed = 1;
    Nanos lasting = Nanos::seconds(30);   ///< of trading, wind-down not counted
    Nanos early{};                        ///< it begins so long before midnight: funding time
    std::optional<std::string> faults{};  ///< a script; not given: the seed's own
    std::string journal{};                ///< a folder; empty: none
    std::optional<bool> positions{};      ///< it begins with open positions; not given: the seed's
    bool trace = false;                   ///< tells on standard error what happens
    /// Just before the venues are asked for the truth: to try whether a difference is found.
    std::function<void(sim_world::SimWorld&)> tamper{};
};

/// What became of a run.
struct Outcome {
    std::string script;               ///< the faults it had
    std::vector<std::string> broken;  ///< what does not hold; empty: all is well
    std::uint64_t digest = 0;         ///< of all outputs and of the state at the end
    std::uint64_t messages = 0, plans = 0, fills = 0, accidents = 0, idle_polls = 0;
    std::uint64_t restarts = 0;   ///< of the process, from its journal
    std::uint64_t residuals = 0;  ///< plans that ended with a rest nobody could mend
    std::uint64_t positions = 0;  ///< that were open before the session began
    std::uint64_t funded = 0;     ///< balances that funding changed
    std::uint64_t adopted = 0;    ///< of these, what it took over
    std::uint64_t ended = 0;      ///< instruments it knows not to trade any more
    double simulated = 0;         ///< seconds
};

/// The whole system in one thread: world, venues and network as the seed has them, and a session
/// with the real adapters that trades on them while things go wrong; then nothing does any more, it
/// winds down and is checked against what the venues know. The same options: the same bytes. Stops
/// the process when an assertion breaks.
[[nodiscard]] Outcome run(const Options& options);

}  // namespace parallax::simulation
