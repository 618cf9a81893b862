#include "adapters/venues/paper/latency.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace parallax::paper {
namespace {

constexpr double kLn2 = 0.69314718055994530942;
constexpr double kLn100 = 4.60517018598809136804;

}  // namespace

double portable_log(double x) noexcept {
    // x = m * 2^e with m in [1, 2), then moved to [0.75, 1.5) so that the series below converges
    // fast.
    const auto bits = std::bit_cast<std::uint64_t>(x);
    auto exponent = static_cast<double>(static_cast<int>((bits >> 52) & 0x7FF) - 1023);
    double m = std::bit_cast<double>((bits & 0xFFFFFFFFFFFFFULL) | 0x3FF0000000000000ULL);
    if (m >= 1.5) {
        m *= 0.5;
        exponent += 1.0;
    }
    const double s = (m - 1.0) / (m + 1.0);  // ln m = 2 (s + s^3/3 + s^5/5 + ...), |s| <= 0.2
    const double square = s * s;
    double sum = 0.0;
    for (int k = 17; k >= 1; k -= 2) sum = sum * square + 1.0 / static_cast<double>(k);
    return 2.0 * s * sum + exponent * kLn2;
}

LatencyModel::LatencyModel(Latency latency) noexcept {
    const auto median = static_cast<double>(latency.median.count());
    const auto p99 = static_cast<double>(std::max(latency.median, latency.p99).count());
    mean_tail_ns_ = (p99 - median) / (kLn100 - kLn2);
    floor_ns_ = median - kLn2 * mean_tail_ns_;
}

Nanos LatencyModel::draw(runtime::Random& random) const noexcept {
    const double tail = -portable_log(1.0 - random.uniform());
    return Nanos{static_cast<std::int64_t>(std::max(0.0, floor_ns_ + mean_tail_ns_ * tail))};
}

}  // namespace parallax::paper
