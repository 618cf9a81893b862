#include "core/decimal.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <limits>

namespace parallax {
namespace {

constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
constexpr auto kMin = std::numeric_limits<std::int64_t>::min();

Errc error_of(std::string_view text, std::uint8_t decimals) {
    const auto value = parse_decimal(text, decimals);
    EXPECT_FALSE(value) << text;
    return value ? Errc::Unknown : value.error();
}

TEST(ParseDecimal, ReadsPlainNumbersInStepsOfTheScale) {
    EXPECT_EQ(parse_decimal("63012.50", 2), 6'301'250);
    EXPECT_EQ(parse_decimal("63012.5", 4), 630'125'000);
    EXPECT_EQ(parse_decimal("-0.004", 3), -4);
    EXPECT_EQ(parse_decimal("0", 18), 0);
    EXPECT_EQ(parse_decimal("-0", 0), 0);
    EXPECT_EQ(parse_decimal("0007", 0), 7);
}

TEST(ParseDecimal, ReadsCheapTokensAndHugeQuantities) {
    EXPECT_EQ(parse_decimal("0.0000000001", 10), 1);
    EXPECT_EQ(parse_decimal("10000000000000", 5), 1'000'000'000'000'000'000);
    EXPECT_EQ(error_of("10000000000000", 6), Errc::Unrepresentable);
}

TEST(ParseDecimal, TakesTrailingZerosBeyondTheScale) {
    EXPECT_EQ(parse_decimal("1.50000000", 1), 15);
    EXPECT_EQ(parse_decimal("1.00000000000000000000000000", 0), 1);
    EXPECT_EQ(error_of("1.05", 1), Errc::Unrepresentable);
    EXPECT_EQ(error_of("1.0000000000000000000000001", 18), Errc::Unrepresentable);
}

TEST(ParseDecimal, EndsAtTheEndsOfInt64) {
    EXPECT_EQ(parse_decimal("9223372036854775807", 0), kMax);
    EXPECT_EQ(parse_decimal("-9223372036854775807", 0), -kMax);
    EXPECT_EQ(parse_decimal("9.223372036854775807", 18), kMax);
    EXPECT_EQ(error_of("9223372036854775808", 0), Errc::Unrepresentable);
    EXPECT_EQ(error_of("9.223372036854775808", 18), Errc::Unrepresentable);
    EXPECT_EQ(error_of("10", 18), Errc::Unrepresentable);
    EXPECT_EQ(error_of("99999999999999999999999999999999999999999999", 0), Errc::Unrepresentable);
}

TEST(ParseDecimal, RefusesWhatIsNoPlainNumber) {
    for (const std::string_view text : {"",    "-",   ".",     "-.",   ".5",
                                        "-.5", "5.",  "1.2.3", "+1",   "1e5",
                                        "1,5", " 1",  "1 ",    "0x10", "nan",
                                        "inf", "--1", "1-",    "12a",  "99999999999999999999x"}) {
        EXPECT_EQ(error_of(text, 8), Errc::Malformed) << '"' << text << '"';
    }
    EXPECT_EQ(error_of("1", 19), Errc::Malformed);
}

TEST(ParseDecimal, WideReadsAmountsUpTo128Bits) {
    EXPECT_EQ(parse_decimal_wide("170141183460469231731.687303715884105727", 18),
              static_cast<__int128>(~static_cast<unsigned __int128>(0) >> 1));
    EXPECT_EQ(parse_decimal_wide("170141183460469231731.687303715884105728", 18),
              fail(Errc::Unrepresentable));
    EXPECT_EQ(parse_decimal_wide("x", 18), fail(Errc::Malformed));
}

TEST(FormatDecimal, IsTheShortestExactText) {
    EXPECT_EQ(format_decimal(std::int64_t{6'180'020}, 2), "61800.2");
    EXPECT_EQ(format_decimal(std::int64_t{5}, 3), "0.005");
    EXPECT_EQ(format_decimal(std::int64_t{-5}, 3), "-0.005");
    EXPECT_EQ(format_decimal(std::int64_t{0}, 18), "0");
    EXPECT_EQ(format_decimal(std::int64_t{100}, 2), "1");
    EXPECT_EQ(format_decimal(std::int64_t{100}, 0), "100");
    EXPECT_EQ(format_decimal(kMin, 0), "-9223372036854775808");
    EXPECT_EQ(format_decimal(kMax, 18), "9.223372036854775807");
}

TEST(FormatDecimal, FitsItsBufferAtTheExtremes) {
    char buffer[48];
    const auto lowest = static_cast<__int128>(static_cast<unsigned __int128>(1) << 127);
    EXPECT_EQ(std::string_view(buffer, format_decimal_to(buffer, lowest, 18)),
              "-170141183460469231731.687303715884105728");
    EXPECT_EQ(std::string_view(buffer, format_decimal_to(buffer, lowest, 0)),
              "-170141183460469231731687303715884105728");
}

TEST(FormatDecimal, IsReadBackToTheSameNumber) {
    EXPECT_TRUE(rc::check("parse(format(raw)) == raw", [](std::int64_t raw) {
        const auto decimals = *rc::gen::inRange<std::uint8_t>(0, 19);
        RC_PRE(raw != kMin);
        RC_ASSERT(parse_decimal(format_decimal(raw, decimals), decimals) == raw);
        RC_ASSERT(parse_decimal_wide(format_decimal(raw, decimals), decimals) ==
                  static_cast<__int128>(raw));
    }));
}

TEST(SignificantDecimals, CountsDigitsThatMatter) {
    EXPECT_EQ(significant_decimals("61800.20"), 1);
    EXPECT_EQ(significant_decimals("5"), 0);
    EXPECT_EQ(significant_decimals("100"), 0);
    EXPECT_EQ(significant_decimals("5.000"), 0);
    EXPECT_EQ(significant_decimals("0.0000000001"), 10);
    EXPECT_EQ(significant_decimals("0.00000000000000000000001"), 23);
}

TEST(SignificantDecimals, AreNoneInMalformedText) {
    for (const std::string_view text : {"", ".", "1.5e-7", "a.b", "1.x", "1.2.3", ".05"}) {
        EXPECT_EQ(significant_decimals(text), 0) << text;
    }
}

TEST(SignificantDecimals, AreTheLeastScaleThatReadsTheText) {
    EXPECT_TRUE(rc::check("parse at n works, at n-1 does not", [](std::int64_t raw) {
        RC_PRE(raw != kMin);
        const std::string text = format_decimal(raw, *rc::gen::inRange<std::uint8_t>(0, 19));
        const std::uint8_t decimals = significant_decimals(text);
        RC_ASSERT(parse_decimal(text, decimals).has_value());
        if (decimals > 0) {
            RC_ASSERT(parse_decimal(text, static_cast<std::uint8_t>(decimals - 1)) ==
                      fail(Errc::Unrepresentable));
        }
    }));
}

}  // namespace
}  // namespace parallax
