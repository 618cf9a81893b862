#pragma once

#include <string>

#include "app/session.hpp"

namespace parallax::app {

/// What a replay has to say, beyond what the session itself knows.
struct RunFacts {
    double seconds = 0;  ///< wall time of the run
    std::vector<std::string> warnings;
};

/// The replay contract: one JSON object (docs/replay.md describes every field).
[[nodiscard]] std::string json_report(const Session& session, const RunFacts& facts);
/// The same for people.
[[nodiscard]] std::string text_report(const Session& session, const RunFacts& facts);

}  // namespace parallax::app
