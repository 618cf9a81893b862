#include "core/settings.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace parallax {
namespace {

template <class T>
std::optional<T> parsed(std::string_view name, std::string_view text) {
    T value{};
    return parse_setting(name, text, value) ? std::optional{value} : std::nullopt;
}

TEST(Settings, ReadTheUnitTheirNameEndsIn) {
    EXPECT_EQ(parsed<Nanos>("age_max_ms", "150"), Nanos::millis(150));
    EXPECT_EQ(parsed<Nanos>("delay_us", "20"), Nanos::micros(20));
    EXPECT_EQ(parsed<Nanos>("cooldown_s", "2"), Nanos::seconds(2));
    EXPECT_EQ(parsed<Nanos>("budget_ns", "500"), Nanos{500});
    EXPECT_EQ(parsed<Nanos>("interval", "500"), std::nullopt) << "no unit in the name";
    EXPECT_EQ(parsed<Rate>("min_edge_bp", "1.5"), Rate::from_raw(150'000));
    EXPECT_EQ(parsed<Rate>("min_edge_bp", "0.00001"), Rate::from_raw(1));
    EXPECT_EQ(parsed<Amount>("max_order", "2500.25"), Amount::parse("2500.25").value());
    EXPECT_EQ(parsed<bool>("enabled", "true"), true);
    EXPECT_EQ(parsed<bool>("enabled", "false"), false);
    EXPECT_EQ(parsed<std::int64_t>("legs", "-3"), -3);
    EXPECT_EQ(parsed<double>("decay", "0.97"), 0.97);
}

TEST(Settings, RefuseOtherForms) {
    for (const std::string_view text :
         {"", " 1", "1 ", "1x", "one", "1e999999", "99999999999999999999"}) {
        EXPECT_EQ(parsed<std::int64_t>("n", text), std::nullopt) << text;
        EXPECT_EQ(parsed<Nanos>("n_ms", text), std::nullopt) << text;
    }
    for (const std::string_view text : {"", "yes", "1", "TRUE"})
        EXPECT_EQ(parsed<bool>("b", text), std::nullopt);
    for (const std::string_view text : {"", "nan", "inf", "-inf", "1.5.2", "x"}) {
        EXPECT_EQ(parsed<double>("d", text), std::nullopt) << text;
    }
    for (const std::string_view text : {"", "1e3", "0.000001"})
        EXPECT_EQ(parsed<Rate>("r_bp", text), std::nullopt);
    EXPECT_EQ(parsed<Amount>("a", "0.0000000000000000001"), std::nullopt);
    EXPECT_EQ(parsed<Nanos>("n_s", "9223372037"), std::nullopt) << "beyond int64 nanoseconds";
}

TEST(Settings, ARefusedTextLeavesTheValueAlone) {
    Rate rate = Rate::basis_points(7);
    EXPECT_FALSE(parse_setting("r_bp", "x", rate));
    EXPECT_EQ(rate, Rate::basis_points(7));
    Nanos span = Nanos::seconds(1);
    EXPECT_FALSE(parse_setting("n_ms", "x", span));
    EXPECT_EQ(span, Nanos::seconds(1));
    std::int64_t number = 5;
    EXPECT_FALSE(parse_setting("n", "12x", number));
    EXPECT_EQ(number, 5);
    double ratio = 0.5;
    EXPECT_FALSE(parse_setting("d", "0.7x", ratio));
    EXPECT_EQ(ratio, 0.5);
}

TEST(Settings, FormattedTextReadsBack) {
    EXPECT_TRUE(rc::check(
        "round trip", [](std::int64_t raw, std::int32_t milliseconds, double number, bool flag) {
            RC_PRE(raw != std::numeric_limits<std::int64_t>::min());
            RC_ASSERT(parsed<std::int64_t>("n", format_setting("n", raw)) == raw);
            RC_ASSERT(parsed<Rate>("r_bp", format_setting("r_bp", Rate::from_raw(raw))) ==
                      Rate::from_raw(raw));
            RC_ASSERT(parsed<Amount>("a", format_setting("a", Amount::from_raw(raw))) ==
                      Amount::from_raw(raw));
            RC_ASSERT(parsed<double>("d", format_setting("d", number)) == number);
            RC_ASSERT(parsed<bool>("b", format_setting("b", flag)) == flag);
            const Nanos span = Nanos::millis(milliseconds);
            for (const std::string_view name : {"x_ms", "x_us", "x_ns"}) {
                RC_ASSERT(parsed<Nanos>(name, format_setting(name, span)) == span);
            }
        }));
}

}  // namespace
}  // namespace parallax
