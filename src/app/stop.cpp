#include "app/stop.hpp"

#include <atomic>
#include <csignal>

namespace parallax::app {
namespace {

std::atomic<bool> g_stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set from a signal handler");
void on_signal(int) { g_stop = true; }

}  // namespace

void stop_on_signals() {
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
}

void request_stop() noexcept { g_stop = true; }

bool stop_requested() noexcept { return g_stop; }

}  // namespace parallax::app
