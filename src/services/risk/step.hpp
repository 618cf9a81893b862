#pragma once

#include <bit>
#include <cstdint>

#include "core/assert.hpp"

namespace parallax::risk {

/// A tick or a lot: tells its multiples by one multiplication where a 64-bit division takes tens of
/// cycles. With step = odd x 2^k, n >= 0 is a multiple of it exactly when n x odd^-1 mod 2^64,
/// rotated right by k, is at most (2^64 - 1) / step (Granlund and Montgomery 1994, section 9).
class Step {
public:
    Step() = default;
    /// step > 0.
    explicit Step(std::int64_t step) noexcept : step_{step} {
        PLX_ASSERT(step > 0);
        const auto value = static_cast<std::uint64_t>(step);
        shift_ = std::countr_zero(value);
        const std::uint64_t odd = value >> shift_;
        inverse_ = odd;  // right in the lowest 3 bits; each round doubles them (Newton)
        for (int bits = 3; bits < 64; bits *= 2) inverse_ *= 2 - odd * inverse_;
        most_ = ~std::uint64_t{0} / value;
    }
    [[nodiscard]] std::int64_t raw() const noexcept { return step_; }
    /// n >= 0.
    [[nodiscard]] bool divides(std::int64_t n) const noexcept {
        return std::rotr(static_cast<std::uint64_t>(n) * inverse_, shift_) <= most_;
    }

private:
    std::uint64_t inverse_ = 1;
    std::uint64_t most_ = ~std::uint64_t{0};
    std::int64_t step_ = 1;
    int shift_ = 0;
};

}  // namespace parallax::risk
