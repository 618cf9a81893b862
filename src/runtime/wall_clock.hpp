#pragma once

#include "runtime/clock.hpp"

namespace parallax::runtime {

/// Wall time that never steps: the host's wall clock is read once, its monotonic clock ever after,
/// so that nobody who sets the host's clock makes a process forget its rate limits. With a speed,
/// the time of a simulation that runs beside. Copies show the same time.
class WallClock {
public:
    WallClock() noexcept : WallClock{wall_now(), mono_now()} {}
    /// Shows `start` at `origin`, and runs `speed` seconds a second. Needs: speed > 0.
    WallClock(UnixNanos start, MonoNanos origin, double speed = 1) noexcept
        : start_{start}, origin_{origin}, speed_{speed} {}

    [[nodiscard]] UnixNanos now() const noexcept { return at(mono_now()); }
    [[nodiscard]] UnixNanos at(MonoNanos moment) const noexcept {
        const Nanos since = moment - origin_;
        if (speed_ == 1) return start_ + since;
        const double scaled = static_cast<double>(since.count()) * speed_;
        return start_ + Nanos{static_cast<std::int64_t>(scaled)};
    }
    /// How long it really takes until the clock has gone on by `length`.
    [[nodiscard]] Nanos real(Nanos length) const noexcept {
        if (speed_ == 1) return length;
        return Nanos{static_cast<std::int64_t>(static_cast<double>(length.count()) / speed_)};
    }

private:
    UnixNanos start_;
    MonoNanos origin_;
    double speed_;
};

}  // namespace parallax::runtime
