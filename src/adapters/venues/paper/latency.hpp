#pragma once

#include "adapters/venues/paper/config.hpp"
#include "core/time.hpp"
#include "runtime/random.hpp"

namespace parallax::paper {

/// Shifted exponential through a median and a 99th percentile: a floor set by distance, and a tail
/// set by load.
class LatencyModel {
public:
    LatencyModel() = default;
    /// A 99th percentile below the median counts as equal to it.
    explicit LatencyModel(Latency latency) noexcept;
    /// Never negative.
    [[nodiscard]] Nanos draw(runtime::Random& random) const noexcept;

private:
    double floor_ns_ = 0;
    double mean_tail_ns_ = 0;
};

/// Natural logarithm of x > 0 to about 1e-12, by + - * / alone: the same bits on every machine,
/// unlike libm's.
[[nodiscard]] double portable_log(double x) noexcept;

}  // namespace parallax::paper
