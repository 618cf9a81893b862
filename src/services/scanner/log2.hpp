#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace parallax::scanner {

/// Base-2 logarithms in steps of 2^-40 for the cycle prefilter: a product of rates becomes a sum of
/// integers. From a table of 1,024 intervals with linear interpolation, so at most 1.8e-7 too low
/// (0.0012 bp) and never too high by more than the table's rounding. Only what the filter lets
/// through is computed exactly.
class Log2 {
public:
    static constexpr int kFraction = 40;
    static constexpr std::int64_t kOne = std::int64_t{1} << kFraction;
    /// Error bound of a sum over four legs, in steps.
    static constexpr std::int64_t kSlack = 4 * (kOne / 5'000'000);

    /// value > 0.
    [[nodiscard]] static std::int64_t of(std::int64_t value) noexcept {
        const auto bits = static_cast<std::uint64_t>(value);
        const int exponent = static_cast<int>(std::bit_width(bits)) - 1;
        const std::uint64_t mantissa = bits << (63 - exponent) << 1;  // the leading one shifted out
        const auto cell = static_cast<std::size_t>(mantissa >> 54);
        const auto within =
            static_cast<std::int64_t>((mantissa >> 22) & 0xFFFFFFFFu);  // 32 bits into the cell
        const std::int64_t low = kTable[cell];
        const std::int64_t step = kTable[cell + 1] - low;
        return (static_cast<std::int64_t>(exponent) << kFraction) + low + ((step * within) >> 32);
    }
    /// Of 10^decimals.
    [[nodiscard]] static std::int64_t of_scale(unsigned decimals) noexcept {
        return std::llround(static_cast<double>(decimals) * 3.321928094887362348 *
                            static_cast<double>(kOne));
    }
    /// Of a fraction near 1, from a double.
    [[nodiscard]] static std::int64_t of_ratio(double value) noexcept {
        return std::llround(std::log2(value) * static_cast<double>(kOne));
    }

private:
    static const std::array<std::int64_t, 1025> kTable;
};

}  // namespace parallax::scanner
