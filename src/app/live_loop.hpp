#pragma once

#include "app/live_execution.hpp"
#include "app/live_market.hpp"

namespace parallax::app {

/// What drives a session on live venues, whoever decides how long: what sockets brought, then what
/// time brought. One thread. Everything named here outlives it.
class LiveLoop {
public:
    /// `execution`: null when the session trades on paper.
    LiveLoop(ports::Transport& transport, Session& session, LiveMarket& market,
             LiveExecution* execution) noexcept
        : transport_{transport}, session_{session}, market_{market}, execution_{execution} {}

    /// Waits at most 5 ms when nothing is due. Returns the time afterwards.
    UnixNanos turn();

    /// Nothing new is begun; open plans get time to end, what rests is cancelled, and the wallets
    /// are asked until they tell of all that has happened. A minute of the transport's time at
    /// most. Needs: an execution.
    void wind_down();

private:
    ports::Transport& transport_;
    Session& session_;
    LiveMarket& market_;
    LiveExecution* execution_;
};

}  // namespace parallax::app
