#pragma once

#include <cstdint>
#include <string>

#include "core/time.hpp"

/// What a journal says about itself: how its run began, and check sums of the state on the way.
namespace parallax::messages {

/// First record of every run: what is needed to replay it.
struct RunManifest {
    std::uint64_t run_id = 0;  ///< as in the headers of the journal's segments
    UnixNanos started;
    std::uint64_t seed = 0;
    std::string version;        ///< of the program
    std::string mode;           ///< subcommand: "replay", "paper", ...
    std::string inputs;         ///< one source a line
    std::string configuration;  ///< every setting, `name = value` a line
    template <class Archive>
    void describe(Archive& a) {
        a(run_id, started, seed, version, mode, inputs, configuration);
    }
};

/// Hash of the whole state after so many inputs (see core/archive.hpp).
struct StateHash {
    std::uint64_t inputs = 0;
    std::uint64_t hash = 0;
    UnixNanos time;
    template <class Archive>
    void describe(Archive& a) {
        a(inputs, hash, time);
    }
};

}  // namespace parallax::messages
