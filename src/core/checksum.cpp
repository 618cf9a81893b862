#include "core/checksum.hpp"

#include <array>
#include <cstring>
#ifdef __SSE4_2__
#include <nmmintrin.h>
#endif

namespace parallax {
namespace {

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
#ifndef __SSE4_2__
constexpr auto kCastagnoli = make_table(0x82F63B78U);
#endif

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> data, std::uint32_t seed) noexcept {
#ifdef __SSE4_2__
    std::uint64_t sum = ~seed;
    std::size_t i = 0;
    for (; i + 8 <= data.size(); i += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, data.data() + i, 8);
        sum = _mm_crc32_u64(sum, word);
    }
    auto sum32 = static_cast<std::uint32_t>(sum);
    for (; i < data.size(); ++i) sum32 = _mm_crc32_u8(sum32, static_cast<std::uint8_t>(data[i]));
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
