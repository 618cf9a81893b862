#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/time.hpp"

namespace parallax::venue_common {

/// How far a venue's clock is ahead of ours, from requests for its time (Cristian's algorithm).
/// Between sending and receiving the venue read its clock once, so
///   server - received  <=  offset  <=  server + resolution - sent
/// whatever the two ways took. The middle is the estimate, half the width its bound; the sample
/// with the smallest round trip of the window wins, its bound growing with age as clocks drift.
/// Time comes in as an argument. One thread.
class ClockOffset {
public:
    struct Estimate {
        Nanos offset;  ///< venue minus ours
        Nanos bound;   ///< the true offset is within offset +- bound
    };
    static constexpr Nanos kWindow = Nanos::seconds(600);
    static constexpr std::int64_t kDriftPpm = 100;  ///< two clocks, each 50 ppm off at worst

    /// `resolution`: of the times the venue tells; 1 ms for all sheets.
    explicit ClockOffset(Nanos resolution = Nanos::millis(1)) noexcept : resolution_{resolution} {}

    /// A request for the time that was answered. False: not used, because our clock stepped back
    /// meanwhile. A sample that contradicts the estimate means a clock was set: all older samples
    /// are forgotten.
    bool on_sample(UnixNanos sent, UnixNanos server, UnixNanos received) noexcept;
    /// Nothing before the first sample, or when all are older than the window.
    [[nodiscard]] std::optional<Estimate> estimate(UnixNanos now) const noexcept;
    /// Our time as the venue's clock shows it; our time unchanged while nothing is known.
    [[nodiscard]] UnixNanos venue_time(UnixNanos now) const noexcept;
    /// After an error that only a wrong clock explains: the next sample starts anew.
    void forget() noexcept { count_ = 0; }

    template <class Archive>
    void describe(Archive& a) {
        a(samples_, next_, count_);
    }

private:
    struct Sample {
        std::int64_t low = 0;  ///< ns; the offset is not below
        std::int64_t high = 0;
        UnixNanos taken;
        template <class Archive>
        void describe(Archive& a) {
            a(low, high, taken);
        }
    };
    static constexpr std::size_t kKept = 32;
    static Estimate aged(const Sample& sample, UnixNanos now) noexcept;

    Nanos resolution_;
    std::array<Sample, kKept> samples_{};
    std::uint64_t next_ = 0;
    std::uint64_t count_ = 0;
};

}  // namespace parallax::venue_common
