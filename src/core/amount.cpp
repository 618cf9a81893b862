#include "core/amount.hpp"

#include <limits>

namespace parallax {
namespace {

using Wide = unsigned __int128;
constexpr __int128 kMax = static_cast<__int128>(~static_cast<Wide>(0) >> 1);

constexpr Wide magnitude(__int128 value) noexcept {
    return value < 0 ? static_cast<Wide>(0) - static_cast<Wide>(value) : static_cast<Wide>(value);
}

/// Rounds quotient (of magnitudes) by what is left over, then puts the sign back.
inline __int128 finish(Wide quotient, Wide remainder, Wide divisor, bool negative,
                       Rounding rounding) noexcept {
    bool away = false;
    if (remainder != 0) {
        away = negative == (rounding == Rounding::Down);
        if (rounding == Rounding::HalfEven) [[unlikely]] {
            const Wide rest = divisor - remainder;
            away = remainder > rest || (remainder == rest && (quotient & 1) != 0);
        }
    }
    if (quotient > static_cast<Wide>(kMax) - 1) return negative ? -kMax : kMax;
    const auto value = static_cast<__int128>(quotient + (away ? 1 : 0));
    return negative ? -value : value;
}

struct Product {
    Wide high;
    Wide low;
};

inline Product multiply(Wide a, Wide b) noexcept {
    constexpr Wide kLow = ~static_cast<std::uint64_t>(0);
    if ((b >> 64) == 0) {  // a rate, mostly
        const Wide p0 = (a & kLow) * b, p1 = (a >> 64) * b + (p0 >> 64);
        return {p1 >> 64, (p0 & kLow) | (p1 << 64)};
    }
    const Wide a0 = a & kLow, a1 = a >> 64, b0 = b & kLow, b1 = b >> 64;
    const Wide p00 = a0 * b0, p01 = a0 * b1, p10 = a1 * b0, p11 = a1 * b1;
    const Wide middle = (p00 >> 64) + (p01 & kLow) + (p10 & kLow);
    return {p11 + (p01 >> 64) + (p10 >> 64) + (middle >> 64), (p00 & kLow) | (middle << 64)};
}

struct Quotient {
    Wide quotient;
    Wide remainder;
};

struct Digit {
    std::uint64_t quotient;
    std::uint64_t remainder;
};

/// (high : low) / divisor for high < divisor. The compiler knows no 128 by 64 bit division of its
/// own; the library's asks about cases that are settled here.
inline Digit divide_digit(std::uint64_t high, std::uint64_t low, std::uint64_t divisor) noexcept {
#if defined(__x86_64__)
    Digit out;
    __asm__("divq %[d]"
            : "=a"(out.quotient), "=d"(out.remainder)
            : [d] "r"(divisor), "a"(low), "d"(high)
            : "cc");
    return out;
#else
    const Wide dividend = (static_cast<Wide>(high) << 64) | low;
    return {static_cast<std::uint64_t>(dividend / divisor),
            static_cast<std::uint64_t>(dividend % divisor)};
#endif
}

/// 256 by 128 bits, for high < divisor: Knuth's algorithm D (TAOCP 4.3.1) with two 64-bit digits.
Quotient divide_wide(Product product, Wide divisor) noexcept {
    const auto top = static_cast<std::uint64_t>(divisor >> 64);
    if (top == 0) {
        const auto d = static_cast<std::uint64_t>(divisor);
        const Digit first = divide_digit(static_cast<std::uint64_t>(product.high),
                                         static_cast<std::uint64_t>(product.low >> 64), d);
        const Digit second =
            divide_digit(first.remainder, static_cast<std::uint64_t>(product.low), d);
        return {(static_cast<Wide>(first.quotient) << 64) | second.quotient, second.remainder};
    }
    const int shift = __builtin_clzll(top);
    const Wide scaled = divisor << shift;
    const Wide high =
        shift == 0 ? product.high : (product.high << shift) | (product.low >> (128 - shift));
    const Wide low = product.low << shift;
    const auto d1 = static_cast<std::uint64_t>(scaled >> 64);
    const auto d0 = static_cast<std::uint64_t>(scaled);
    // One digit: (rest : next) / scaled, rest < scaled. The guess is at most 2 too high.
    const auto digit = [&](Wide& rest, std::uint64_t next) noexcept {
        const auto rest1 = static_cast<std::uint64_t>(rest >> 64);
        const auto rest0 = static_cast<std::uint64_t>(rest);
        std::uint64_t guess = ~std::uint64_t{0};
        Wide left = 0;
        if (rest1 < d1) {
            const Digit divided = divide_digit(rest1, rest0, d1);
            guess = divided.quotient;
            left = divided.remainder;
        } else {  // the two first digits are equal: no guess of one digit is too high
            left = static_cast<Wide>(rest0) + d1;
        }
        while ((left >> 64) == 0 && static_cast<Wide>(guess) * d0 > ((left << 64) | next)) {
            --guess;
            left += d1;
        }
        rest = ((rest << 64) | next) - static_cast<Wide>(guess) * d0 -
               ((static_cast<Wide>(guess) * d1) << 64);
        return guess;
    };
    Wide rest = high;
    const Wide first = digit(rest, static_cast<std::uint64_t>(low >> 64));
    const Wide second = digit(rest, static_cast<std::uint64_t>(low));
    return {(first << 64) | second, rest >> shift};
}

/// 128 by 128 bits.
inline Quotient divide_narrow(Wide dividend, Wide divisor) noexcept {
    const auto high = static_cast<std::uint64_t>(dividend >> 64);
    if ((divisor >> 64) == 0) {
        const auto d = static_cast<std::uint64_t>(divisor);
        const std::uint64_t first = high < d ? 0 : high / d;
        const Digit second =
            divide_digit(high - first * d, static_cast<std::uint64_t>(dividend), d);
        return {(static_cast<Wide>(first) << 64) | second.quotient, second.remainder};
    }
    if (dividend < divisor) return {0, dividend};
    // One digit: the dividend shifted like the divisor, its overflow first.
    const int shift = __builtin_clzll(static_cast<std::uint64_t>(divisor >> 64));
    const Wide scaled = divisor << shift;
    const auto d1 = static_cast<std::uint64_t>(scaled >> 64);
    const std::uint64_t over = shift == 0 ? 0 : high >> (64 - shift);
    const auto next = static_cast<std::uint64_t>((dividend << shift) >> 64);
    std::uint64_t guess = divide_digit(over, next, d1).quotient;
    // At most 2 too high; guess * divisor may need more than 128 bits only when it is.
    for (;;) {
        Wide product = 0;
        if (!__builtin_mul_overflow(divisor, static_cast<Wide>(guess), &product) &&
            product <= dividend)
            return {guess, dividend - product};
        --guess;
    }
}

}  // namespace

__int128 divide(__int128 dividend, __int128 divisor, Rounding rounding) noexcept {
    PLX_ASSERT(divisor > 0);
    const Wide top = magnitude(dividend);
    const auto bottom = static_cast<Wide>(divisor);
    const Quotient out = divide_narrow(top, bottom);
    return finish(out.quotient, out.remainder, bottom, dividend < 0, rounding);
}

__int128 multiply_divide(__int128 a, __int128 b, __int128 divisor, Rounding rounding) noexcept {
    PLX_ASSERT(divisor > 0);
    const bool negative = (a < 0) != (b < 0);
    const auto bottom = static_cast<Wide>(divisor);
    const Product product = multiply(magnitude(a), magnitude(b));
    if (product.high == 0) {
        const Quotient narrow = divide_narrow(product.low, bottom);
        return finish(narrow.quotient, narrow.remainder, bottom, negative, rounding);
    }
    if (product.high >= bottom)
        return negative ? -kMax : kMax;  // the quotient needs more than 128 bits
    const Quotient wide = divide_wide(product, bottom);
    return finish(wide.quotient, wide.remainder, bottom, negative, rounding);
}

Amount apply(Rate rate, Amount amount, Rounding rounding) noexcept {
    return Amount::from_raw(multiply_divide(amount.raw(), rate.raw(), Rate::kOne, rounding));
}

Rate ratio(Amount part, Amount whole, Rounding rounding) noexcept {
    const __int128 value = multiply_divide(part.raw(), Rate::kOne, whole.raw(), rounding);
    constexpr __int128 kLimit = std::numeric_limits<std::int64_t>::max();
    return Rate::from_raw(static_cast<std::int64_t>(value > kLimit    ? kLimit
                                                    : value < -kLimit ? -kLimit
                                                                      : value));
}

Amount notional(Price price, Scale price_scale, Quantity quantity, Scale quantity_scale,
                Rounding rounding) noexcept {
    const __int128 product = static_cast<__int128>(price.raw()) * quantity.raw();
    const int decimals = price_scale.decimals + quantity_scale.decimals;
    if (decimals <= Amount::kDecimals) {
        const __int128 factor = kPow10[static_cast<std::size_t>(Amount::kDecimals - decimals)];
        __int128 value = 0;
        if (__builtin_mul_overflow(product, factor, &value)) {
            return product < 0 ? -Amount::max() : Amount::max();
        }
        return Amount::from_raw(value);
    }
    return Amount::from_raw(
        divide(product, kPow10[static_cast<std::size_t>(decimals - Amount::kDecimals)], rounding));
}

Amount cut(Amount amount, std::uint8_t decimals) noexcept {
    if (decimals == 0 || decimals >= Amount::kDecimals) return amount;
    const __int128 unit = kPow10[static_cast<std::size_t>(Amount::kDecimals - decimals)];
    return Amount::from_raw(amount.raw() - amount.raw() % unit);
}

Amount to_amount(Quantity quantity, Scale scale) noexcept {
    return Amount::from_raw(static_cast<__int128>(quantity.raw()) *
                            kPow10[static_cast<std::size_t>(Amount::kDecimals - scale.decimals)]);
}

Quantity to_quantity(Amount amount, Scale scale, Rounding rounding) noexcept {
    const __int128 value =
        divide(amount.raw(), kPow10[static_cast<std::size_t>(Amount::kDecimals - scale.decimals)],
               rounding);
    constexpr __int128 kLimit = std::numeric_limits<std::int64_t>::max();
    return Quantity::from_raw(static_cast<std::int64_t>(value > kLimit    ? kLimit
                                                        : value < -kLimit ? -kLimit
                                                                          : value));
}

Amount divide_by_price(Amount quote, Price price, Scale price_scale, Rounding rounding) noexcept {
    return Amount::from_raw(
        multiply_divide(quote.raw(), pow10(price_scale.decimals), price.raw(), rounding));
}

}  // namespace parallax
