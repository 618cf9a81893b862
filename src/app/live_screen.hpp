#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/session.hpp"
#include "ports/market_feed.hpp"

namespace parallax::app {

struct ScreenFacts {
    std::string title;  ///< what is traded against, and how
    Nanos elapsed;      ///< market time
    std::vector<ports::FeedConnection> connections;
};

/// One frame of the terminal summary: venues, books, the latest opportunities with their reasons,
/// plans, profit.
[[nodiscard]] std::string live_screen(const Session& session, const ScreenFacts& facts);

}  // namespace parallax::app
