#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <span>

#include "book/feed_book.hpp"
#include "core/amount.hpp"
#include "core/fees.hpp"
#include "core/price.hpp"

// Net ladders (methods 1.1): each level's price after fee, quote conversion and inventory shadow
// price, as an integer in one scale for all listings of a group. They choose; money is computed
// afterwards from the levels themselves.

namespace parallax::scanner {

/// 1 in steps of 1e-18: the unit of factors that are products of two rates.
inline constexpr __int128 kUnity = static_cast<__int128>(Rate::kOne) * Rate::kOne;

/// How raw prices of a listing become net prices: price x mantissa / 2^shift.
class Multiplier {
public:
    static constexpr unsigned kBits = 46;  ///< of the mantissa, give or take one

    Multiplier() = default;
    /// factor (1e-18) x 10^digits x 2^fraction, rounded as said. Needs fraction + log2(10^digits)
    /// <= kBits.
    Multiplier(__int128 factor, unsigned digits, unsigned fraction, Rounding rounding) noexcept {
        const auto scale = static_cast<std::uint64_t>(pow10(static_cast<std::uint8_t>(digits)));
        const unsigned used = fraction + static_cast<unsigned>(std::bit_width(scale)) - 1;
        PLX_ASSERT(used <= kBits);
        shift_ = kBits - used;
        round_ = (std::uint64_t{1} << shift_) - 1;
        const __int128 wide = static_cast<__int128>(scale) << (kBits - used + fraction);
        mantissa_ = static_cast<std::uint64_t>(multiply_divide(factor, wide, kUnity, rounding));
    }
    [[nodiscard]] std::int64_t floor(Price price) const noexcept {
        return static_cast<std::int64_t>(product(price) >> (shift_ & 63));
    }
    [[nodiscard]] std::int64_t ceil(Price price) const noexcept {
        return static_cast<std::int64_t>((product(price) + round_) >> (shift_ & 63));
    }

private:
    [[nodiscard]] unsigned __int128 product(Price price) const noexcept {
        return static_cast<unsigned __int128>(static_cast<std::uint64_t>(price.raw())) * mantissa_;
    }
    std::uint64_t mantissa_ = 0;
    std::uint64_t round_ = 0;  ///< a result's last step less one
    unsigned shift_ = 0;       ///< below 64, which spares the compiler the other case
};

/// The four factors of a listing, at 1e-18. `conversion` turns its quote into the group's; `shadow`
/// is what a unit of quote is worth beyond its face minus the same of base, both as fractions of
/// value (methods 4.3).
struct NetTerms {
    Rate taker;
    FeeAsset fee_asset = FeeAsset::Received;
    Rate pay;      ///< conversion of quote we spend
    Rate receive;  ///< conversion of quote we get
    Rate shadow;

    /// Per base unit *received* when buying.
    [[nodiscard]] __int128 ask() const noexcept {
        // a fee from the received base leaves 1 - f: the unit costs 1 / (1 - f)
        const __int128 fee =
            fee_from_base()
                ? multiply_divide(Rate::kOne, Rate::kOne, Rate::kOne - taker.raw(), Rounding::Up)
                : Rate::kOne + taker.raw();
        return pay.raw() * (fee + shadow.raw());
    }
    [[nodiscard]] __int128 bid() const noexcept {
        return static_cast<__int128>(receive.raw()) * (Rate::kOne - taker.raw() + shadow.raw());
    }
    [[nodiscard]] __int128 gross_ask() const noexcept {
        return static_cast<__int128>(pay.raw()) * (Rate::kOne + shadow.raw());
    }
    [[nodiscard]] __int128 gross_bid() const noexcept {
        return static_cast<__int128>(receive.raw()) * (Rate::kOne + shadow.raw());
    }
    /// Does a buy bring in less base than it orders?
    [[nodiscard]] bool fee_from_base() const noexcept {
        return fee_asset == FeeAsset::Received && taker.raw() > 0;
    }
};

/// One level after all costs, with everything before it: what is at or better than it is known
/// without a walk.
struct NetLevel {
    __int128 worth = 0;      ///< sum of price x quantity up to this level
    std::int64_t price = 0;  ///< net units
    std::int64_t total = 0;  ///< quantity up to this level, in the group's scale, of base received
                             ///< or sold
};

/// The level that follows `before` (a default one at the start of a ladder).
[[nodiscard]] inline NetLevel next_level(const NetLevel& before, std::int64_t price,
                                         std::int64_t quantity) noexcept {
    return {before.worth + static_cast<__int128>(price) * quantity, price, before.total + quantity};
}

/// One venue's side in the joint optimum. Levels run from the best outwards; quantities are
/// multiples of nothing in particular. A balance has already cut the ladder short, which is exact:
/// cheaper levels come first anyway. Totals of all ladders of a side together stay below 2^62.
struct NetLadder {
    std::span<const NetLevel> levels;
    std::int64_t minimum = 0;  ///< smallest quantity the venue takes; 0 is always allowed
    [[nodiscard]] std::int64_t total(std::size_t count) const noexcept {
        return count == 0 ? 0 : levels[count - 1].total;
    }
    [[nodiscard]] __int128 worth(std::size_t count) const noexcept {
        return count == 0 ? 0 : levels[count - 1].worth;
    }
};

/// Of a level or an order: sums of many stay in range.
inline constexpr std::int64_t kMostQuantity = std::int64_t{1} << 56;

/// quantity x factor, saturating far above any real size.
[[nodiscard]] inline std::int64_t scaled(std::int64_t quantity, std::int64_t factor) noexcept {
    std::int64_t out = 0;
    return __builtin_mul_overflow(quantity, factor, &out) ? kMostQuantity
                                                          : std::min(out, kMostQuantity);
}

/// base x (1 - f), rounded down: what a buy brings in when its fee is taken from it.
[[nodiscard]] inline std::int64_t received(std::int64_t quantity, Rate fee) noexcept {
    std::int64_t product = 0;  // mostly it fits: then the division is a multiplication
    if (!__builtin_mul_overflow(quantity, Rate::kOne - fee.raw(), &product))
        return product / Rate::kOne;
    return static_cast<std::int64_t>(static_cast<__int128>(quantity) * (Rate::kOne - fee.raw()) /
                                     Rate::kOne);
}
/// The same rounded up.
[[nodiscard]] inline std::int64_t received_at_most(std::int64_t quantity, Rate fee) noexcept {
    const std::int64_t whole = received(quantity, fee);
    const __int128 exact = static_cast<__int128>(quantity) * (Rate::kOne - fee.raw());
    return whole + (static_cast<__int128>(whole) * Rate::kOne < exact ? 1 : 0);
}
/// What to order so that at least `wanted` comes in.
[[nodiscard]] inline std::int64_t to_order(std::int64_t wanted, Rate fee) noexcept {
    if (fee.raw() == 0) return wanted;
    std::int64_t scaled = 0;
    if (!__builtin_mul_overflow(wanted, Rate::kOne, &scaled) && scaled > 0) {
        const std::int64_t kept = Rate::kOne - fee.raw();
        return scaled / kept + (scaled % kept != 0 ? 1 : 0);
    }
    return static_cast<std::int64_t>(
        divide(static_cast<__int128>(wanted) * Rate::kOne, Rate::kOne - fee.raw(), Rounding::Up));
}

}  // namespace parallax::scanner
