#include "adapters/venues/common/scan.hpp"

namespace parallax::venue_common {

ReadDecimal read_long_decimal(const char* p, const char* end, std::uint8_t decimals) noexcept {
    const auto left = static_cast<std::size_t>(end - p);
    const void* const quote = left == 0 ? nullptr : std::memchr(p, '"', left);
    if (quote == nullptr) return {};
    const std::string_view text{p, static_cast<std::size_t>(static_cast<const char*>(quote) - p)};
    if (text.empty() || text.front() == '-') return {};
    const auto value = parse_decimal(text, decimals);
    if (value) return {*value, p + text.size() + 1, Number::Ok};
    if (value.error() == Errc::Malformed) return {};
    return {0, nullptr, significant_decimals(text) > decimals ? Number::Finer : Number::TooLarge};
}

bool Cursor::long_integer(std::uint64_t& out) noexcept {
    constexpr std::size_t kMaxDigits = 19;  // 10^19 - 1 fits
    std::uint64_t value = 0;
    std::size_t count = 0;
    for (; p_ != end_ && *p_ >= '0' && *p_ <= '9'; ++p_, ++count) {
        if (count == kMaxDigits || (count == 1 && value == 0)) return false;
        value = value * 10 + static_cast<std::uint64_t>(*p_ - '0');
    }
    out = value;
    return count > 0;
}

}  // namespace parallax::venue_common
