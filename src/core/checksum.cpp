#include "core/checksum.hpp"

#include <array>
#include <cstring>
#if defined(__SSE4_2__) && defined(__PCLMUL__)
#include <nmmintrin.h>
#include <wmmintrin.h>
#define PLX_CRC_INSTRUCTION 1
#endif

namespace parallax {
namespace {

constexpr std::uint32_t kCastagnoliPolynomial = 0x82F63B78U;

constexpr std::array<std::uint32_t, 256> make_table(std::uint32_t polynomial) {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit)
            value = (value >> 1) ^ ((value & 1) != 0 ? polynomial : 0);
        table[i] = value;
    }
    return table;
}

constexpr auto kIeee = make_table(0xEDB88320U);
#ifdef PLX_CRC_INSTRUCTION

/// x^n modulo the polynomial, bit-reflected.
constexpr std::uint32_t power_of_x(std::size_t n) {
    std::uint32_t value = 0x8000'0000U;
    for (; n > 0; --n) value = (value >> 1) ^ ((value & 1) != 0 ? kCastagnoliPolynomial : 0);
    return value;
}

/// The sum as it stands after `kBytes` more zero bytes. The carry-less product of two reflected
/// 32-bit polynomials comes out one bit low and the crc instruction multiplies by x^32: hence 33.
template <std::size_t kBytes>
std::uint32_t skip(std::uint64_t sum) noexcept {
    constexpr std::uint32_t kFactor = power_of_x(8 * kBytes - 33);
    const __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<long long>(sum)),
                                                 _mm_cvtsi32_si128(static_cast<int>(kFactor)), 0);
    return static_cast<std::uint32_t>(
        _mm_crc32_u64(0, static_cast<std::uint64_t>(_mm_cvtsi128_si64(product))));
}

std::uint64_t word_at(const std::byte* at) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    return word;
}

/// Three lanes side by side: the instruction takes three cycles, but one can begin in each.
template <std::size_t kLane>
std::uint64_t add_lanes(std::uint64_t sum, const std::byte*& at, const std::byte* end) noexcept {
    for (; static_cast<std::size_t>(end - at) >= 3 * kLane; at += 3 * kLane) {
        std::uint64_t middle = 0, last = 0;
        for (std::size_t i = 0; i < kLane; i += 8) {
            sum = _mm_crc32_u64(sum, word_at(at + i));
            middle = _mm_crc32_u64(middle, word_at(at + kLane + i));
            last = _mm_crc32_u64(last, word_at(at + 2 * kLane + i));
        }
        sum = skip<2 * kLane>(sum) ^ skip<kLane>(middle) ^ last;
    }
    return sum;
}

#else
constexpr auto kCastagnoli = make_table(kCastagnoliPolynomial);
#endif

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> data, std::uint32_t seed) noexcept {
#ifdef PLX_CRC_INSTRUCTION
    const std::byte* at = data.data();
    const std::byte* const end = at + data.size();
    std::uint64_t sum = ~seed;
    sum = add_lanes<512>(sum, at, end);
    sum = add_lanes<64>(sum, at, end);
    for (; end - at >= 8; at += 8) sum = _mm_crc32_u64(sum, word_at(at));
    auto sum32 = static_cast<std::uint32_t>(sum);
    for (; at != end; ++at) sum32 = _mm_crc32_u8(sum32, static_cast<std::uint8_t>(*at));
    return ~sum32;
#else
    std::uint32_t sum = ~seed;
    for (const std::byte byte : data) {
        sum = (sum >> 8) ^ kCastagnoli[(sum ^ static_cast<std::uint8_t>(byte)) & 0xFF];
    }
    return ~sum;
#endif
}

std::uint32_t crc32_ieee(std::span<const char> text) noexcept {
    std::uint32_t sum = ~0U;
    for (const char c : text) sum = (sum >> 8) ^ kIeee[(sum ^ static_cast<std::uint8_t>(c)) & 0xFF];
    return ~sum;
}

}  // namespace parallax
