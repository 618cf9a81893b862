#include "services/portfolio/wide.hpp"

#include <array>

namespace parallax::portfolio {

Wide Wide::product(Amount a, Amount b) noexcept {
    const auto x = static_cast<Half>(a.magnitude().raw()),
               y = static_cast<Half>(b.magnitude().raw());
    constexpr Half kLow = ~std::uint64_t{0};
    const Half x0 = x & kLow, x1 = x >> 64, y0 = y & kLow, y1 = y >> 64;
    const Half p00 = x0 * y0, p01 = x0 * y1, p10 = x1 * y0, p11 = x1 * y1;
    const Half middle = (p00 >> 64) + (p01 & kLow) + (p10 & kLow);
    const Wide magnitude{static_cast<__int128>(p11 + (p01 >> 64) + (p10 >> 64) + (middle >> 64)),
                         (p00 & kLow) | (middle << 64)};
    return a.is_negative() == b.is_negative() ? magnitude : -magnitude;
}

Amount Wide::rounded(Rounding rounding) const noexcept {
    constexpr auto kStep = static_cast<Half>(kPow10[Amount::kDecimals]);
    const Wide size = is_negative() ? -*this : *this;
    const auto high = static_cast<Half>(size.high_);
    const std::array<std::uint64_t, 4> limbs{
        static_cast<std::uint64_t>(high >> 64), static_cast<std::uint64_t>(high),
        static_cast<std::uint64_t>(size.low_ >> 64), static_cast<std::uint64_t>(size.low_)};
    std::array<std::uint64_t, 4> quotient{};
    Half rest = 0;
    for (std::size_t i = 0; i < limbs.size(); ++i) {
        const Half part = (rest << 64) | limbs[i];
        quotient[i] = static_cast<std::uint64_t>(part / kStep);
        rest = part % kStep;
    }
    if (quotient[0] != 0 || quotient[1] != 0 || quotient[2] >> 62 != 0) {
        return is_negative() ? -Amount::max() : Amount::max();
    }
    const auto whole = static_cast<__int128>((static_cast<Half>(quotient[2]) << 64) | quotient[3]);
    const bool odd = (quotient[3] & 1) != 0;
    const bool away = rest != 0 && (rounding == Rounding::Up ? !is_negative()
                                    : rounding == Rounding::Down
                                        ? is_negative()
                                        : rest * 2 > kStep || (rest * 2 == kStep && odd));
    const __int128 raw = whole + (away ? 1 : 0);
    return Amount::from_raw(is_negative() ? -raw : raw);
}

}  // namespace parallax::portfolio
