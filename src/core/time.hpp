#pragma once

#include <compare>
#include <cstdint>

namespace parallax {

/// A span of time in nanoseconds; may be negative.
class Nanos {
public:
    constexpr Nanos() = default;
    explicit constexpr Nanos(std::int64_t count) noexcept : count_{count} {}
    static constexpr Nanos millis(std::int64_t ms) noexcept { return Nanos{ms * 1'000'000}; }
    static constexpr Nanos micros(std::int64_t us) noexcept { return Nanos{us * 1'000}; }
    static constexpr Nanos seconds(std::int64_t s) noexcept { return Nanos{s * 1'000'000'000}; }
    [[nodiscard]] constexpr std::int64_t count() const noexcept { return count_; }
    [[nodiscard]] constexpr std::int64_t as_millis() const noexcept { return count_ / 1'000'000; }
    friend constexpr auto operator<=>(Nanos, Nanos) = default;
    friend constexpr Nanos operator+(Nanos a, Nanos b) noexcept {
        return Nanos{a.count_ + b.count_};
    }
    friend constexpr Nanos operator-(Nanos a, Nanos b) noexcept {
        return Nanos{a.count_ - b.count_};
    }
    friend constexpr Nanos operator*(Nanos a, std::int64_t k) noexcept {
        return Nanos{a.count_ * k};
    }
    friend constexpr Nanos operator/(Nanos a, std::int64_t k) noexcept {
        return Nanos{a.count_ / k};
    }

private:
    std::int64_t count_ = 0;
};

/// A point of one clock. Points of two clocks never meet: a wall time minus a monotonic time does
/// not compile.
template <class Clock>
class TimePoint {
public:
    constexpr TimePoint() = default;
    static constexpr TimePoint from_nanos(std::int64_t ns) noexcept { return TimePoint{ns}; }
    static constexpr TimePoint from_millis(std::int64_t ms) noexcept {
        return TimePoint{ms * 1'000'000};
    }
    [[nodiscard]] constexpr std::int64_t nanos() const noexcept { return ns_; }
    [[nodiscard]] constexpr std::int64_t millis() const noexcept { return ns_ / 1'000'000; }
    /// False for the default value, which stands for "not given".
    [[nodiscard]] constexpr bool known() const noexcept { return ns_ != 0; }
    friend constexpr auto operator<=>(TimePoint, TimePoint) = default;
    friend constexpr Nanos operator-(TimePoint a, TimePoint b) noexcept {
        return Nanos{a.ns_ - b.ns_};
    }
    friend constexpr TimePoint operator+(TimePoint a, Nanos d) noexcept {
        return TimePoint{a.ns_ + d.count()};
    }
    friend constexpr TimePoint operator-(TimePoint a, Nanos d) noexcept {
        return TimePoint{a.ns_ - d.count()};
    }

private:
    explicit constexpr TimePoint(std::int64_t ns) noexcept : ns_{ns} {}
    std::int64_t ns_ = 0;
};

/// Wall time: nanoseconds since 1970-01-01 UTC.
using UnixNanos = TimePoint<struct UnixClock>;
/// Monotonic time of this host: only differences mean something.
using MonoNanos = TimePoint<struct MonoClock>;

}  // namespace parallax
