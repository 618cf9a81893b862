#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/live_loop.hpp"

namespace parallax::app {

struct LiveRunOptions {
    std::string title;         ///< what is traded against, for the screen
    std::int64_t seconds = 0;  ///< of the transport's time; 0 = until stopped
    bool headless = false;
    bool json = false;
    /// Before the wind-down.
    std::function<void()> calm;
    /// After it, on a loop that still runs: what does not hold, a sentence each.
    std::function<std::vector<std::string>(LiveLoop&)> check;
};

/// Drives one session on live venues: polls the transport, feeds market and execution, moves the
/// session's time, draws. Ends after `seconds`, at request_stop(), or when the journal fails: then
/// nothing new is begun, open plans get time to end, what rests is cancelled, the wallets are asked
/// once more, and the report is printed. `execution`: null when the session trades on paper; then
/// there is neither calm nor check.
/// Returns the exit code.
[[nodiscard]] int run_live(ports::Transport& transport, Session& session, LiveMarket& market,
                           LiveExecution* execution, const LiveRunOptions& options);

}  // namespace parallax::app
