#include "core/checksum.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace parallax {
namespace {

std::uint32_t crc32c_of(std::string_view text, std::uint32_t seed = 0) {
    return crc32c(std::as_bytes(std::span{text.data(), text.size()}), seed);
}
std::uint32_t ieee_of(std::string_view text) { return crc32_ieee({text.data(), text.size()}); }

TEST(Crc32c, HasTheCheckValueOfTheStandard) {
    EXPECT_EQ(crc32c_of("123456789"), 0xE3069283U);
    EXPECT_EQ(crc32c_of(""), 0U);
    EXPECT_EQ(crc32c_of(std::string(32, '\0')), 0x8A9136AAU);  // RFC 3720 B.4
    EXPECT_EQ(crc32c_of(std::string(32, '\xff')), 0x62A8AB43U);
}

TEST(Crc32c, ContinuesFromASeed) {
    const std::string_view text = "the record behind the header of the record before";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        EXPECT_EQ(crc32c_of(text.substr(cut), crc32c_of(text.substr(0, cut))), crc32c_of(text))
            << cut;
    }
}

/// Bit by bit, as the standard defines it.
std::uint32_t plain_crc32c(std::string_view text) {
    std::uint32_t sum = ~0U;
    for (const char c : text) {
        sum ^= static_cast<std::uint8_t>(c);
        for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1) != 0 ? 0x82F63B78U : 0);
    }
    return ~sum;
}

TEST(Crc32c, IsTheDefinitionAtEveryLength) {
    std::string text;
    std::uint64_t state = 1;
    for (std::size_t size = 0; size < 4'000; ++size) {
        // Around every border of lanes, and now and then between.
        if (size % 64 < 10 || size % 7 == 0) {
            ASSERT_EQ(crc32c_of(text), plain_crc32c(text)) << size;
        }
        state = state * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
        text += static_cast<char>(state >> 56);
    }
}

TEST(Crc32c, SeesEveryFlippedBit) {
    std::string text = "parallax journal";
    const std::uint32_t whole = crc32c_of(text);
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
        text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_NE(crc32c_of(text), whole) << bit;
        text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << (bit % 8)));
    }
}

TEST(Crc32Ieee, HasTheCheckValueOfTheStandard) {
    EXPECT_EQ(ieee_of("123456789"), 0xCBF43926U);
    EXPECT_EQ(ieee_of(""), 0U);
}

TEST(Crc32Ieee, GivesTheSignedChecksumOfOkxBooks) {
    EXPECT_EQ(static_cast<std::int32_t>(ieee_of("3366.1:7:3366.8:9:3366:6:3368:8")),
              -1'881'014'294);
    EXPECT_EQ(static_cast<std::int32_t>(ieee_of("3366.1:7:3366.8:9:3368:8:3372:8")), 831'078'360);
}

}  // namespace
}  // namespace parallax
