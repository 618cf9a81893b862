#pragma once

#include <algorithm>

#include "core/time.hpp"

namespace parallax::sim_server {

/// Simulated time: follows the wall at a speed, or stands until it is moved. Never falls; a jump
/// backwards makes it stand until the wall has caught up.
class WorldClock {
public:
    WorldClock(UnixNanos start, double speed, MonoNanos wall) noexcept
        : now_{start}, base_{start}, wall_{wall}, speed_{speed} {}

    /// Time now. `wall` never falls.
    UnixNanos read(MonoNanos wall) noexcept {
        if (speed_ > 0) {
            const auto since = static_cast<double>((wall - wall_).count());
            now_ = std::max(now_, base_ + Nanos{static_cast<std::int64_t>(since * speed_)});
        }
        return now_;
    }
    [[nodiscard]] UnixNanos now() const noexcept { return now_; }
    /// How long on the wall until `time`; needs a speed.
    [[nodiscard]] Nanos until(UnixNanos time, MonoNanos wall) const noexcept {
        const double ahead = static_cast<double>((time - base_).count()) / speed_;
        return Nanos{static_cast<std::int64_t>(ahead)} - (wall - wall_);
    }
    /// Ahead or behind of what it would have been.
    void jump(Nanos by) noexcept {
        base_ = base_ + by;
        if (speed_ <= 0) now_ = std::max(now_, base_);
    }
    void set_speed(double speed, MonoNanos wall) noexcept {
        (void)read(wall);
        base_ = now_;
        wall_ = wall;
        speed_ = speed;
    }
    [[nodiscard]] double speed() const noexcept { return speed_; }

private:
    UnixNanos now_, base_;  ///< base_: simulated time at wall_
    MonoNanos wall_;
    double speed_;
};

}  // namespace parallax::sim_server
