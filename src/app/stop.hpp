#pragma once

namespace parallax::app {

/// From now on SIGINT and SIGTERM ask the run to stop, instead of ending the process.
void stop_on_signals();
/// From any thread: the run ends soon.
void request_stop() noexcept;
[[nodiscard]] bool stop_requested() noexcept;

}  // namespace parallax::app
