#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "core/amount.hpp"

namespace parallax {
namespace {

using Wide = unsigned __int128;

/// a x b / divisor bit by bit; quotient below 2^128.
struct Exact {
    Wide quotient = 0;
    Wide remainder = 0;
    bool fits = true;
};
Exact long_division(Wide a, Wide b, Wide divisor) {
    std::uint64_t product[4] = {};
    for (int i = 0; i < 2; ++i) {
        Wide carry = 0;
        for (int j = 0; j < 2; ++j) {
            const Wide part = static_cast<Wide>(static_cast<std::uint64_t>(a >> (64 * i))) *
                                  static_cast<std::uint64_t>(b >> (64 * j)) +
                              product[i + j] + carry;
            product[i + j] = static_cast<std::uint64_t>(part);
            carry = part >> 64;
        }
        product[i + 2] += static_cast<std::uint64_t>(carry);
    }
    Exact out;
    for (int bit = 255; bit >= 0; --bit) {
        const bool over = (out.remainder >> 127) != 0;
        out.remainder = (out.remainder << 1) | (product[bit / 64] >> (bit % 64) & 1);
        const bool one = over || out.remainder >= divisor;
        if (one) out.remainder -= divisor;
        if (bit >= 127 && one) out.fits = false;  // beyond Amount's range
        if (bit < 128) out.quotient = (out.quotient << 1) | (one ? 1 : 0);
    }
    return out;
}

/// Any number of up to 127 bits, short ones and ones near powers of two as likely as long ones.
__int128 any_wide() {
    const auto bits = *rc::gen::inRange(1, 128);
    const auto high = *rc::gen::arbitrary<std::uint64_t>();
    const auto low = *rc::gen::arbitrary<std::uint64_t>();
    const auto shape = *rc::gen::inRange(0, 4);
    Wide value = (static_cast<Wide>(high) << 64) | low;
    if (shape == 0) value = ~static_cast<Wide>(0);
    if (shape == 1) value = static_cast<Wide>(1) << 127;
    value >>= 128 - bits;
    if (shape == 2 && value > 0) value = (static_cast<Wide>(1) << (bits - 1)) + (low & 3);
    return static_cast<__int128>(value & (~static_cast<Wide>(0) >> 1));
}

TEST(MultiplyDivide, IsTheLongDivision) {
    EXPECT_TRUE(rc::check([] {
        for (int round = 0; round < 200; ++round) {
            const __int128 a = any_wide(), b = any_wide();
            const __int128 divisor = std::max<__int128>(any_wide(), 1);
            const Exact exact = long_division(static_cast<Wide>(a), static_cast<Wide>(b),
                                              static_cast<Wide>(divisor));
            if (!exact.fits || exact.quotient >= static_cast<Wide>(Amount::max().raw()) - 1) {
                RC_ASSERT(multiply_divide(a, b, divisor, Rounding::Down) >=
                          Amount::max().raw() - 1);
                continue;
            }
            const auto down = static_cast<__int128>(exact.quotient);
            const __int128 up = down + (exact.remainder != 0 ? 1 : 0);
            RC_ASSERT(multiply_divide(a, b, divisor, Rounding::Down) == down);
            RC_ASSERT(multiply_divide(a, b, divisor, Rounding::Up) == up);
            RC_ASSERT(multiply_divide(-a, b, divisor, Rounding::Down) == -up);
            RC_ASSERT(multiply_divide(a, -b, divisor, Rounding::Up) == -down);
        }
    }));
}

}  // namespace
}  // namespace parallax
