#include "core/settings.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace parallax {
namespace {

/// Nanoseconds in the unit a name ends in; 0 when it ends in none.
std::int64_t unit_of(std::string_view name) noexcept {
    if (name.ends_with("_ms")) return 1'000'000;
    if (name.ends_with("_us")) return 1'000;
    if (name.ends_with("_ns")) return 1;
    if (name.ends_with("_s")) return 1'000'000'000;
    return 0;
}

/// All of the text or nothing: `value` changes only on success.
template <class T>
bool parse_whole(std::string_view text, T& value) {
    T number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return false;
    value = number;
    return true;
}

}  // namespace

bool parse_setting(std::string_view, std::string_view text, bool& value) {
    if (text != "true" && text != "false") return false;
    value = text == "true";
    return true;
}

bool parse_setting(std::string_view, std::string_view text, std::int64_t& value) {
    return parse_whole(text, value);
}

bool parse_setting(std::string_view, std::string_view text, double& value) {
    double number = 0;
    if (!parse_whole(text, number) || !std::isfinite(number)) return false;
    value = number;
    return true;
}

bool parse_setting(std::string_view, std::string_view text, Rate& value) {
    const auto steps = parse_decimal(text, 5);  // 1 bp = 1e-4 = 100,000 raw
    if (steps) value = Rate::from_raw(*steps);
    return steps.has_value();
}

bool parse_setting(std::string_view, std::string_view text, Amount& value) {
    const auto amount = Amount::parse(text);
    if (amount) value = *amount;
    return amount.has_value();
}

bool parse_setting(std::string_view name, std::string_view text, Nanos& value) {
    std::int64_t count = 0;
    const std::int64_t unit = unit_of(name);
    if (unit == 0 || !parse_setting(name, text, count)) return false;
    std::int64_t ns = 0;
    if (__builtin_mul_overflow(count, unit, &ns)) return false;
    value = Nanos{ns};
    return true;
}

std::string format_setting(std::string_view, bool value) { return value ? "true" : "false"; }
std::string format_setting(std::string_view, std::int64_t value) { return std::to_string(value); }
std::string format_setting(std::string_view, double value) {
    std::array<char, 32> buffer{};
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return error == std::errc{} ? std::string(buffer.data(), end) : std::string{};
}
std::string format_setting(std::string_view, Rate value) { return format_decimal(value.raw(), 5); }
std::string format_setting(std::string_view, Amount value) { return value.text(); }
std::string format_setting(std::string_view name, Nanos value) {
    const std::int64_t unit = unit_of(name);
    return std::to_string(unit == 0 ? value.count() : value.count() / unit);
}

}  // namespace parallax
