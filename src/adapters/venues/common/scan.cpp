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

ReadInteger read_long_integer(const char* p, const char* end) noexcept {
    constexpr std::size_t kMaxDigits = 19;  // 10^19 - 1 fits
    ReadInteger read{0, p, false};
    std::size_t count = 0;
    for (; read.next != end && *read.next >= '0' && *read.next <= '9'; ++read.next, ++count) {
        if (count == kMaxDigits || (count == 1 && read.value == 0)) return read;
        read.value = read.value * 10 + static_cast<std::uint64_t>(*read.next - '0');
    }
    read.ok = count > 0;
    return read;
}

#if defined(__SSE4_1__)
__m128i Cursor::load_tail(const char* begin, const char* p, const char* end) noexcept {
    alignas(16) static constexpr std::uint8_t kShift[32] = {
        0,    1,    2,    3,    4,    5,    6,    7,    8,    9,    10,
        11,   12,   13,   14,   15,   0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
        0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80};
    const auto left = static_cast<std::size_t>(end - p);
    if (end - begin < 16) {
        alignas(16) char bytes[16] = {};
        if (left > 0) std::memcpy(bytes, p, left);
        return _mm_load_si128(reinterpret_cast<const __m128i*>(bytes));
    }
    const __m128i last = _mm_loadu_si128(reinterpret_cast<const __m128i*>(end - 16));
    const __m128i control = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kShift + (16 - left)));
    return _mm_shuffle_epi8(last, control);
}
#endif

}  // namespace parallax::venue_common
