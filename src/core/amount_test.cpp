#include "core/amount.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <limits>

// The fixed-point arithmetic against integers of any size.
namespace parallax {
namespace {

using Big = boost::multiprecision::cpp_int;
using Wide = unsigned __int128;

constexpr __int128 kMax = static_cast<__int128>(~static_cast<Wide>(0) >> 1);
constexpr std::int64_t kMax64 = std::numeric_limits<std::int64_t>::max();
constexpr std::array kRoundings{Rounding::Down, Rounding::Up, Rounding::HalfEven};

Big big(__int128 value) {
    const bool negative = value < 0;
    const Wide size =
        negative ? static_cast<Wide>(0) - static_cast<Wide>(value) : static_cast<Wide>(value);
    Big out = static_cast<std::uint64_t>(size >> 64);
    out = (out << 64) | Big{static_cast<std::uint64_t>(size)};
    return negative ? Big{-out} : out;
}

Big power_of_ten(int exponent) {
    return boost::multiprecision::pow(Big{10}, static_cast<unsigned>(exponent));
}

Big rounded(const Big& top, const Big& bottom, Rounding rounding) {
    Big quotient = top / bottom;  // towards zero
    Big rest = top - quotient * bottom;
    if (rest < 0) {  // now towards minus infinity, rest in [0, bottom)
        quotient -= 1;
        rest += bottom;
    }
    const bool odd = (quotient % 2) != 0;
    switch (rounding) {
        case Rounding::Down:
            return quotient;
        case Rounding::Up:
            return rest == 0 ? quotient : Big{quotient + 1};
        case Rounding::HalfEven:
            return rest * 2 > bottom || (rest * 2 == bottom && odd) ? Big{quotient + 1} : quotient;
    }
    return quotient;
}

Big clamped(const Big& value, __int128 limit) {
    if (value > big(limit)) return big(limit);
    return value < -big(limit) ? Big{-big(limit)} : value;
}

/// Numbers of every length: a uniform one of 128 bits is nearly always huge.
rc::Gen<__int128> any_wide() {
    return rc::gen::map(
        rc::gen::tuple(rc::gen::arbitrary<std::uint64_t>(), rc::gen::arbitrary<std::uint64_t>(),
                       rc::gen::inRange(0, 128), rc::gen::arbitrary<bool>()),
        [](const auto& parts) {
            const auto& [high, low, shift, negative] = parts;
            const Wide word = ((static_cast<Wide>(high) << 64) | low) >> 1 >> shift;
            const auto value = static_cast<__int128>(word);
            return negative ? -value : value;
        });
}
rc::Gen<__int128> any_divisor() {
    return rc::gen::map(any_wide(), [](__int128 v) {
        return v == 0 ? static_cast<__int128>(1) : v < 0 ? -v : v;
    });
}
/// Raw prices and quantities up to the last bit, short ones as likely as long ones.
std::int64_t any_raw() { return *rc::gen::arbitrary<std::int64_t>() >> *rc::gen::inRange(0, 63); }
Scale any_scale() { return Scale{*rc::gen::inRange<std::uint8_t>(0, 19)}; }

TEST(Divide, RoundsAsNamedOnBothSidesOfZero) {
    struct Row {
        int top, bottom, down, up, half_even;
    };
    for (const Row& r :
         {Row{7, 2, 3, 4, 4}, Row{5, 2, 2, 3, 2}, Row{-5, 2, -3, -2, -2}, Row{-7, 2, -4, -3, -4},
          Row{1, 3, 0, 1, 0}, Row{-1, 3, -1, 0, 0}, Row{2, 3, 0, 1, 1}, Row{6, 3, 2, 2, 2},
          Row{-6, 3, -2, -2, -2}, Row{0, 9, 0, 0, 0}}) {
        EXPECT_TRUE(divide(r.top, r.bottom, Rounding::Down) == r.down) << r.top << '/' << r.bottom;
        EXPECT_TRUE(divide(r.top, r.bottom, Rounding::Up) == r.up) << r.top << '/' << r.bottom;
        EXPECT_TRUE(divide(r.top, r.bottom, Rounding::HalfEven) == r.half_even)
            << r.top << '/' << r.bottom;
    }
}

TEST(Divide, EqualsTheBigNumber) {
    EXPECT_TRUE(rc::check("divide", [] {
        const __int128 top = *any_wide();
        const __int128 bottom = *any_divisor();
        for (const Rounding rounding : kRoundings) {
            RC_ASSERT(big(divide(top, bottom, rounding)) ==
                      rounded(big(top), big(bottom), rounding));
        }
    }));
}

TEST(Divide, ByZeroOrLessStopsTheProcess) {
    EXPECT_DEATH((void)divide(1, 0, Rounding::Down), "divisor > 0");
    EXPECT_DEATH((void)multiply_divide(1, 1, -1, Rounding::Down), "divisor > 0");
}

TEST(MultiplyDivide, EqualsTheBigNumberAndSaturates) {
    EXPECT_TRUE(rc::check("multiply_divide", [] {
        const __int128 a = *any_wide();
        const __int128 b = *any_wide();
        const __int128 bottom = *any_divisor();
        for (const Rounding rounding : kRoundings) {
            RC_ASSERT(big(multiply_divide(a, b, bottom, rounding)) ==
                      clamped(rounded(big(a) * big(b), big(bottom), rounding), kMax));
        }
    }));
}

TEST(MultiplyDivide, HoldsAtTheEnds) {
    for (const Rounding rounding : kRoundings) {
        EXPECT_TRUE(multiply_divide(kMax, kMax, kMax, rounding) == kMax);
        EXPECT_TRUE(multiply_divide(kMax, -kMax, kMax, rounding) == -kMax);
        EXPECT_TRUE(multiply_divide(kMax, 2, 1, rounding) == kMax);
        EXPECT_TRUE(multiply_divide(kMax, kMax, 1, rounding) == kMax);
        EXPECT_TRUE(multiply_divide(-kMax, kMax, 1, rounding) == -kMax);
        EXPECT_TRUE(multiply_divide(kMax - 1, kMax, kMax, rounding) == kMax - 1);
    }
}

TEST(Notional, EqualsTheBigNumberAtEveryScale) {
    EXPECT_TRUE(rc::check("notional", [] {
        const Scale price_scale = any_scale();
        const Scale quantity_scale = any_scale();
        const std::int64_t price = any_raw();
        const std::int64_t quantity = any_raw();
        const int decimals = price_scale.decimals + quantity_scale.decimals;
        for (const Rounding rounding : kRoundings) {
            const Big exact =
                rounded(Big{price} * quantity * power_of_ten(18), power_of_ten(decimals), rounding);
            const Amount ours = notional(Price::from_raw(price), price_scale,
                                         Quantity::from_raw(quantity), quantity_scale, rounding);
            RC_ASSERT(big(ours.raw()) == clamped(exact, kMax));
        }
    }));
}

TEST(Notional, IsExactForCheapTokens) {  // PEPE: 1e-10 a piece, 1e13 pieces
    const auto price = Price::parse("0.0000000001", Scale{10});
    const auto quantity = Quantity::parse("10000000000000", Scale{0});
    ASSERT_TRUE(price && quantity);
    EXPECT_EQ(notional(*price, Scale{10}, *quantity, Scale{0}, Rounding::Down),
              Amount::units(1'000));
}

TEST(Notional, SaturatesInsteadOfWrapping) {
    const auto most = Price::from_raw(kMax64);
    EXPECT_EQ(notional(most, Scale{0}, Quantity::from_raw(kMax64), Scale{0}, Rounding::Down),
              Amount::max());
    EXPECT_EQ(notional(most, Scale{0}, Quantity::from_raw(-kMax64), Scale{0}, Rounding::Up),
              -Amount::max());
}

TEST(Apply, EqualsTheBigNumber) {
    EXPECT_TRUE(rc::check("apply", [] {
        const __int128 amount = *any_wide();
        const std::int64_t rate = any_raw();
        for (const Rounding rounding : kRoundings) {
            RC_ASSERT(big(apply(Rate::from_raw(rate), Amount::from_raw(amount), rounding).raw()) ==
                      clamped(rounded(big(amount) * rate, Big{Rate::kOne}, rounding), kMax));
        }
    }));
}

TEST(Apply, RoundsAFeeAgainstUsAndARebateToo) {
    const Amount step = Amount::from_raw(1);
    EXPECT_EQ(apply(Rate::basis_points(10), step, Rounding::Up), step);
    EXPECT_EQ(apply(Rate::basis_points(-1), step, Rounding::Up), Amount{});
}

TEST(Ratio, EqualsTheBigNumberAndSaturatesAtInt64) {
    EXPECT_TRUE(rc::check("ratio", [] {
        const __int128 part = *any_wide();
        const __int128 whole = *any_divisor();
        for (const Rounding rounding : kRoundings) {
            RC_ASSERT(Big{ratio(Amount::from_raw(part), Amount::from_raw(whole), rounding).raw()} ==
                      clamped(rounded(big(part) * Rate::kOne, big(whole), rounding), kMax64));
        }
    }));
}

TEST(DivideByPrice, EqualsTheBigNumber) {
    EXPECT_TRUE(rc::check("divide_by_price", [] {
        const __int128 quote = *any_wide();
        const Scale scale = any_scale();
        const std::int64_t price = (any_raw() & kMax64) | 1;
        for (const Rounding rounding : kRoundings) {
            const Amount ours =
                divide_by_price(Amount::from_raw(quote), Price::from_raw(price), scale, rounding);
            RC_ASSERT(big(ours.raw()) == clamped(rounded(big(quote) * power_of_ten(scale.decimals),
                                                         Big{price}, rounding),
                                                 kMax));
        }
    }));
}

TEST(ToQuantity, UndoesToAmountAndRoundsTheRest) {
    EXPECT_TRUE(rc::check("to_quantity", [] {
        const Scale scale = any_scale();
        const Quantity quantity = Quantity::from_raw(any_raw());
        const __int128 amount = *any_wide();
        const Big step = power_of_ten(18 - scale.decimals);
        for (const Rounding rounding : kRoundings) {
            RC_PRE(quantity.raw() != std::numeric_limits<std::int64_t>::min());
            RC_ASSERT(to_quantity(to_amount(quantity, scale), scale, rounding) == quantity);
            RC_ASSERT(Big{to_quantity(Amount::from_raw(amount), scale, rounding).raw()} ==
                      clamped(rounded(big(amount), step, rounding), kMax64));
        }
    }));
}

TEST(Cut, DropsTheDigitsBeyondAndNothingElse) {
    EXPECT_TRUE(rc::check("cut", [] {
        const __int128 amount = *any_wide();
        const auto decimals = static_cast<std::uint8_t>(*rc::gen::inRange(0, 20));
        const Big unit = decimals == 0 || decimals > 18 ? Big{1} : power_of_ten(18 - decimals);
        RC_ASSERT(big(cut(Amount::from_raw(amount), decimals).raw()) == big(amount) / unit * unit);
    }));
    EXPECT_EQ(cut(*Amount::parse("0.000384129"), 8), *Amount::parse("0.00038412"));
    EXPECT_EQ(cut(*Amount::parse("-0.000384129"), 8), *Amount::parse("-0.00038412"));
}

TEST(Amount, AddsAndSubtractsExactly) {
    EXPECT_EQ(Amount::units(2) + Amount::units(-5), Amount::units(-3));
    EXPECT_EQ((Amount::units(2) - Amount::units(5)).magnitude(), Amount::units(3));
    EXPECT_EQ(-Amount::units(2), Amount::units(-2));
    Amount sum = Amount::units(1);
    sum += Amount::from_raw(1);
    sum -= Amount::units(1);
    EXPECT_EQ(sum.text(), "0.000000000000000001");
}

TEST(Amount, BeyondItsRangeStopsTheProcess) {
    const Amount lowest = -Amount::max() - Amount::from_raw(1);
    EXPECT_DEATH((void)(Amount::max() + Amount::from_raw(1)), "assertion failed");
    EXPECT_DEATH((void)(lowest - Amount::from_raw(1)), "assertion failed");
    EXPECT_DEATH((void)-lowest, "assertion failed");
    EXPECT_DEATH((void)lowest.magnitude(), "assertion failed");
}

TEST(Amount, TextReadsBack) {
    EXPECT_TRUE(rc::check("parse(text) == amount", [] {
        const Amount amount = Amount::from_raw(*any_wide());
        RC_ASSERT(Amount::parse(amount.text()) == amount);
    }));
    EXPECT_EQ(Amount::parse("0.0000000000000000001"), fail(Errc::Unrepresentable));
    EXPECT_EQ(Amount::parse("1e3"), fail(Errc::Malformed));
}

TEST(Rate, OneBasisPointIsATenThousandth) {
    EXPECT_EQ(Rate::basis_points(10'000).raw(), Rate::kOne);
    EXPECT_EQ(Rate::parse("0.00055"), Rate::from_raw(550'000));
    EXPECT_DOUBLE_EQ(Rate::from_raw(550'000).as_basis_points(), 5.5);
}

TEST(FloorTo, IsTheMultipleAtOrBelow) {
    EXPECT_EQ(floor_to(Quantity::from_raw(17), Quantity::from_raw(5)), Quantity::from_raw(15));
    EXPECT_EQ(floor_to(Quantity::from_raw(15), Quantity::from_raw(5)), Quantity::from_raw(15));
    EXPECT_EQ(floor_to(Quantity::from_raw(4), Quantity::from_raw(5)), Quantity{});
}

TEST(Price, KeepsTheVenuesText) {
    const auto price = Price::parse("63012.50", Scale{2});
    ASSERT_TRUE(price);
    EXPECT_EQ(price->text(Scale{2}), "63012.5");
    EXPECT_EQ(Price::parse("63012.505", Scale{2}), fail(Errc::Unrepresentable));
    EXPECT_EQ(opposite(Side::Buy), Side::Sell);
    EXPECT_EQ(to_string(Side::Sell), "sell");
}

}  // namespace
}  // namespace parallax
