#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/assert.hpp"
#include "core/decimal.hpp"
#include "core/price.hpp"
#include "core/result.hpp"

namespace parallax {

/// Which way a division that does not come out even goes. Every division of money names one.
enum class Rounding : std::uint8_t {
    Down,      ///< towards minus infinity: what we receive
    Up,        ///< towards plus infinity: what we pay
    HalfEven,  ///< for display and averages only
};

/// Division with a named rounding; divisor > 0.
[[nodiscard]] __int128 divide(__int128 dividend, __int128 divisor, Rounding rounding) noexcept;
/// a * b / divisor with a 256-bit product in between; divisor > 0. Saturates at the ends of
/// Amount's range.
[[nodiscard]] __int128 multiply_divide(__int128 a, __int128 b, __int128 divisor,
                                       Rounding rounding) noexcept;

/// An exact amount of one asset in steps of 1e-18, up to about 1.7e20 units. Which asset is known
/// by the holder. Arithmetic beyond the range is an assertion, not a wrap.
class Amount {
public:
    static constexpr std::uint8_t kDecimals = 18;

    constexpr Amount() = default;
    static constexpr Amount from_raw(__int128 raw) noexcept { return Amount{raw}; }
    /// Whole units, e.g. units(5) is 5 USDT.
    static constexpr Amount units(std::int64_t whole) noexcept {
        return Amount{static_cast<__int128>(whole) * kPow10[kDecimals]};
    }
    static constexpr Amount max() noexcept {
        return Amount{static_cast<__int128>(~static_cast<unsigned __int128>(0) >> 1)};
    }
    /// Errors as parse_decimal.
    [[nodiscard]] static HotResult<Amount> parse(std::string_view text) noexcept {
        return parse_decimal_wide(text, kDecimals).map(from_raw);
    }
    [[nodiscard]] constexpr __int128 raw() const noexcept { return raw_; }
    [[nodiscard]] std::string text() const { return format_decimal(raw_, kDecimals); }
    /// For charts, statistics and logs only: nothing exact may be claimed of the result.
    [[nodiscard]] double approximate() const noexcept { return static_cast<double>(raw_) / 1e18; }
    [[nodiscard]] constexpr bool is_zero() const noexcept { return raw_ == 0; }
    [[nodiscard]] constexpr bool is_negative() const noexcept { return raw_ < 0; }
    [[nodiscard]] constexpr Amount magnitude() const noexcept {
        return raw_ < 0 ? Amount{} - *this : *this;
    }

    friend constexpr auto operator<=>(Amount, Amount) = default;
    friend constexpr Amount operator-(Amount a) noexcept { return Amount{} - a; }
    friend constexpr Amount operator+(Amount a, Amount b) noexcept {
        __int128 sum = 0;
        PLX_ASSERT(!__builtin_add_overflow(a.raw_, b.raw_, &sum));
        return Amount{sum};
    }
    friend constexpr Amount operator-(Amount a, Amount b) noexcept {
        __int128 difference = 0;
        PLX_ASSERT(!__builtin_sub_overflow(a.raw_, b.raw_, &difference));
        return Amount{difference};
    }
    constexpr Amount& operator+=(Amount b) noexcept { return *this = *this + b; }
    constexpr Amount& operator-=(Amount b) noexcept { return *this = *this - b; }

private:
    explicit constexpr Amount(__int128 raw) noexcept : raw_{raw} {}
    __int128 raw_ = 0;
};

/// A fraction in steps of 1e-9 (so 1 basis point is 100,000): fee rates, edges, haircuts. Negative
/// = rebate.
class Rate {
public:
    static constexpr std::int64_t kOne = 1'000'000'000;
    constexpr Rate() = default;
    static constexpr Rate from_raw(std::int64_t raw) noexcept { return Rate{raw}; }
    static constexpr Rate basis_points(std::int64_t bp) noexcept {
        return Rate{bp * (kOne / 10'000)};
    }
    /// Reads a fraction such as "0.00055". Errors as parse_decimal.
    [[nodiscard]] static HotResult<Rate> parse(std::string_view text) noexcept {
        return parse_decimal(text, 9).map(from_raw);
    }
    [[nodiscard]] constexpr std::int64_t raw() const noexcept { return raw_; }
    [[nodiscard]] double as_basis_points() const noexcept {
        return static_cast<double>(raw_) / 1e5;
    }
    friend constexpr auto operator<=>(Rate, Rate) = default;
    friend constexpr Rate operator-(Rate a) noexcept { return Rate{-a.raw_}; }
    friend constexpr Rate operator+(Rate a, Rate b) noexcept { return Rate{a.raw_ + b.raw_}; }
    friend constexpr Rate operator-(Rate a, Rate b) noexcept { return Rate{a.raw_ - b.raw_}; }

private:
    explicit constexpr Rate(std::int64_t raw) noexcept : raw_{raw} {}
    std::int64_t raw_ = 0;
};

/// amount x rate, rounded as said. Saturates beyond Amount's range.
[[nodiscard]] Amount apply(Rate rate, Amount amount, Rounding rounding) noexcept;
/// part / whole as a Rate, rounded as said, saturating at int64; whole > 0.
[[nodiscard]] Rate ratio(Amount part, Amount whole, Rounding rounding) noexcept;

/// price x quantity of one symbol in quote currency. Exact when the scales add up to 18 or less,
/// else rounded as said. Saturates at Amount::max() (1.7e20 units), which every limit refuses.
[[nodiscard]] Amount notional(Price price, Scale price_scale, Quantity quantity,
                              Scale quantity_scale, Rounding rounding) noexcept;
/// The amount without what is finer than so many decimals (towards zero); 0 = nothing is cut.
[[nodiscard]] Amount cut(Amount amount, std::uint8_t decimals) noexcept;
/// quantity as an amount of its own unit: always exact.
[[nodiscard]] Amount to_amount(Quantity quantity, Scale scale) noexcept;
/// An amount in steps of the scale, rounded as said; saturates at int64.
[[nodiscard]] Quantity to_quantity(Amount amount, Scale scale, Rounding rounding) noexcept;
/// amount of quote / price = base units, e.g. the coins behind a sum of inverse contracts; price >
/// 0.
[[nodiscard]] Amount divide_by_price(Amount quote, Price price, Scale price_scale,
                                     Rounding rounding) noexcept;

/// The multiple of step at or below quantity (towards zero); step > 0, quantity >= 0.
[[nodiscard]] constexpr Quantity floor_to(Quantity quantity, Quantity step) noexcept {
    return Quantity::from_raw(quantity.raw() - quantity.raw() % step.raw());
}

}  // namespace parallax
