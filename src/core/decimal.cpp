#include "core/decimal.hpp"

#include <algorithm>
#include <limits>

namespace parallax {
namespace {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

template <class Int>
HotResult<Int> parse_into(std::string_view text, std::uint8_t decimals, Int max) noexcept {
    const bool negative = !text.empty() && text.front() == '-';
    std::size_t i = negative ? 1 : 0;
    if (i == text.size() || decimals > kMaxDecimals) return fail(Errc::Malformed);
    Int value = 0;
    std::uint8_t fraction = 0;
    bool point = false;
    bool digits = false;
    bool too_large = false;
    bool too_fine = false;
    for (; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '.' && !point && digits) {
            point = true;
            continue;
        }
        if (!is_digit(c)) return fail(Errc::Malformed);
        digits = true;
        const int digit = c - '0';
        if (point && fraction == decimals) {
            too_fine |= digit != 0;
            continue;
        }
        too_large |= value > (max - digit) / 10;
        if (!too_large) value = value * 10 + digit;
        if (point) ++fraction;
    }
    if (!digits || text.back() == '.') return fail(Errc::Malformed);
    if (too_fine || too_large) return fail(Errc::Unrepresentable);
    for (; fraction < decimals; ++fraction) {
        if (value > max / 10) return fail(Errc::Unrepresentable);
        value *= 10;
    }
    return negative ? -value : value;
}

}  // namespace

HotResult<std::int64_t> parse_decimal(std::string_view text, std::uint8_t decimals) noexcept {
    return parse_into<std::int64_t>(text, decimals, std::numeric_limits<std::int64_t>::max());
}

HotResult<__int128> parse_decimal_wide(std::string_view text, std::uint8_t decimals) noexcept {
    constexpr auto kMost = static_cast<__int128>(~static_cast<unsigned __int128>(0) >> 1);
    return parse_into<__int128>(text, decimals, kMost);
}

std::uint8_t significant_decimals(std::string_view text) noexcept {
    const auto number = parse_decimal_wide(text, kMaxDecimals);
    if (!number && number.error() == Errc::Malformed) return 0;
    const std::size_t point = text.find('.');
    if (point == std::string_view::npos) return 0;
    return static_cast<std::uint8_t>(
        std::min<std::size_t>(text.find_last_not_of('0') - point, 255));
}

std::size_t format_decimal_to(char* out, __int128 raw, std::uint8_t decimals) noexcept {
    const bool negative = raw < 0;
    auto magnitude = negative
                         ? static_cast<unsigned __int128>(0) - static_cast<unsigned __int128>(raw)
                         : static_cast<unsigned __int128>(raw);
    std::uint8_t fraction = decimals;
    while (fraction > 0 && magnitude % 10 == 0) {
        magnitude /= 10;
        --fraction;
    }
    char reversed[48];
    std::size_t length = 0;
    std::uint8_t written = 0;
    do {
        reversed[length++] = static_cast<char>('0' + static_cast<int>(magnitude % 10));
        magnitude /= 10;
        ++written;
        if (written == fraction && fraction > 0) {
            reversed[length++] = '.';
            if (magnitude == 0) reversed[length++] = '0';
        }
    } while (magnitude != 0 || written < fraction);
    std::size_t size = 0;
    if (negative) out[size++] = '-';
    while (length > 0) out[size++] = reversed[--length];
    return size;
}

std::string format_decimal(__int128 raw, std::uint8_t decimals) {
    char buffer[48];
    return std::string(buffer, format_decimal_to(buffer, raw, decimals));
}

std::string format_decimal(std::int64_t raw, std::uint8_t decimals) {
    return format_decimal(static_cast<__int128>(raw), decimals);
}

}  // namespace parallax
