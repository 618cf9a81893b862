#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// "okx: unreconciled, -0.5 USDT, 2025-11-23 00:00:31 UTC"
[[nodiscard]] std::string text_of(const portfolio::AlarmRaised& raised, const Universe& universe);

/// What a realised profit is made of, named; with the residual they are its sum.
[[nodiscard]] std::array<std::pair<std::string_view, Amount>, 9> parts_of(
    const messages::Attribution& total);

}  // namespace parallax::app
