#pragma once

#include <cstdint>
#include <string>

#include "app/session.hpp"

namespace parallax::app {

struct ScreenFacts {
    std::uint64_t seed = 0;
    double speed = 1;
    Nanos elapsed;  ///< market time
    std::size_t width = 100;
};

/// One frame of the terminal summary: venues, books, the latest opportunities with their reasons,
/// plans, profit.
[[nodiscard]] std::string live_screen(const Session& session, const ScreenFacts& facts);

}  // namespace parallax::app
