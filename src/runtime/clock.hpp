#pragma once

#include <chrono>

#include "core/time.hpp"

namespace parallax::runtime {

/// The only places where Parallax reads a clock. Services never do: time reaches them as events.
[[nodiscard]] inline UnixNanos wall_now() noexcept {
    using namespace std::chrono;
    return UnixNanos::from_nanos(
        duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count());
}
[[nodiscard]] inline MonoNanos mono_now() noexcept {
    using namespace std::chrono;
    return MonoNanos::from_nanos(
        duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count());
}

}  // namespace parallax::runtime
