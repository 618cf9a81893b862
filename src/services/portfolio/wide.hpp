#pragma once

#include <compare>

#include "core/amount.hpp"

namespace parallax::portfolio {

/// Signed 256-bit number in steps of 1e-36: what the product of two Amounts needs to be exact. Sums
/// of products are compared and subtracted here without any rounding; only what leaves is rounded.
class Wide {
public:
    constexpr Wide() = default;
    /// a x b, exact.
    [[nodiscard]] static Wide product(Amount a, Amount b) noexcept;
    /// In steps of 1e-18; saturates at Amount's range.
    [[nodiscard]] Amount rounded(Rounding rounding) const noexcept;
    [[nodiscard]] constexpr bool is_zero() const noexcept { return high_ == 0 && low_ == 0; }
    [[nodiscard]] constexpr bool is_negative() const noexcept { return high_ < 0; }

    friend constexpr Wide operator-(Wide a) noexcept {
        return {static_cast<__int128>(~static_cast<Half>(a.high_) + (a.low_ == 0 ? 1 : 0)),
                Half{0} - a.low_};
    }
    /// Beyond 5e76 units squared is an assertion; every booked amount stays below 1e16 units.
    friend constexpr Wide operator+(Wide a, Wide b) noexcept {
        const Half low = a.low_ + b.low_;
        __int128 high = 0;
        bool overflow = __builtin_add_overflow(a.high_, b.high_, &high);
        overflow |=
            __builtin_add_overflow(high, static_cast<__int128>(low < a.low_ ? 1 : 0), &high);
        PLX_ASSERT(!overflow);
        return {high, low};
    }
    friend constexpr Wide operator-(Wide a, Wide b) noexcept { return a + -b; }
    constexpr Wide& operator+=(Wide b) noexcept { return *this = *this + b; }
    constexpr Wide& operator-=(Wide b) noexcept { return *this = *this - b; }
    friend constexpr bool operator==(Wide, Wide) = default;

    template <class Archive>
    void describe(Archive& a) {
        a(high_, low_);
    }

private:
    using Half = unsigned __int128;
    constexpr Wide(__int128 high, Half low) noexcept : high_{high}, low_{low} {}
    __int128 high_ = 0;
    Half low_ = 0;
};

}  // namespace parallax::portfolio
