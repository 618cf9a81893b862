#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/live_execution.hpp"
#include "app/session.hpp"
#include "ports/market_feed.hpp"

namespace parallax::app {

struct ScreenFacts {
    std::string title;  ///< what is traded against, and how
    Nanos elapsed;      ///< market time
    std::vector<ports::FeedConnection> connections;
    std::vector<LiveExecution::SeatState> seats;  ///< of the accounts; none on paper
    UnixNanos now;
    std::size_t rows = 60;  ///< of the terminal
};

/// One frame of the terminal summary: venues, accounts, books, the latest opportunities with their
/// reasons, plans, what is not hedged, profit, latency.
[[nodiscard]] std::string live_screen(const Session& session, const ScreenFacts& facts);

}  // namespace parallax::app
