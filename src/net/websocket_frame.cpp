#include "net/websocket_frame.hpp"

#include <cstring>

namespace parallax::net {
namespace {

std::uint64_t read_big_endian(const char* from, std::size_t size) noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(from[i]);
    return value;
}

void write_big_endian(std::uint64_t value, char* to, std::size_t size) noexcept {
    for (std::size_t i = size; i-- > 0; value >>= 8) to[i] = static_cast<char>(value & 0xFF);
}

}  // namespace

FrameStatus read_frame_header(std::string_view bytes, FrameHeader& header) noexcept {
    if (bytes.size() < 2) return FrameStatus::Partial;
    const auto first = static_cast<unsigned char>(bytes[0]);
    const auto second = static_cast<unsigned char>(bytes[1]);
    const unsigned opcode = first & 0x0F;
    header.opcode = static_cast<Opcode>(opcode);
    header.final = (first & 0x80) != 0;
    header.compressed = (first & 0x40) != 0;
    header.masked = (second & 0x80) != 0;
    const unsigned length = second & 0x7F;
    const bool control = opcode >= 8;
    if ((first & 0x30) != 0 || (opcode > 2 && !control) || opcode > 10) return FrameStatus::Bad;
    if (control && (!header.final || header.compressed || length > kMaxControlPayload)) {
        return FrameStatus::Bad;
    }
    const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
    const std::size_t size = 2 + extended + (header.masked ? 4 : 0);
    if (bytes.size() < size) return FrameStatus::Partial;
    header.size = static_cast<std::uint8_t>(size);
    header.length = extended == 0 ? length : read_big_endian(bytes.data() + 2, extended);
    if (extended == 2 && header.length < 126) return FrameStatus::Bad;
    if (extended == 8 && (header.length < 65'536 || header.length >> 63 != 0)) {
        return FrameStatus::Bad;
    }
    header.mask = 0;
    if (header.masked) std::memcpy(&header.mask, bytes.data() + 2 + extended, 4);
    return FrameStatus::Whole;
}

std::size_t write_frame_header(const FrameHeader& header,
                               std::span<char, kMaxFrameHeader> to) noexcept {
    to[0] = static_cast<char>((header.final ? 0x80 : 0) | (header.compressed ? 0x40 : 0) |
                              static_cast<unsigned>(header.opcode));
    const std::size_t extended = header.length < 126 ? 0 : header.length < 65'536 ? 2 : 8;
    const std::uint64_t length = extended == 0 ? header.length : extended == 2 ? 126 : 127;
    to[1] = static_cast<char>((header.masked ? 0x80U : 0U) | length);
    write_big_endian(header.length, to.data() + 2, extended);
    if (!header.masked) return 2 + extended;
    std::memcpy(to.data() + 2 + extended, &header.mask, 4);
    return 6 + extended;
}

void apply_mask(const char* from, char* to, std::size_t size, std::uint32_t mask) noexcept {
    // A vector register at a time, whatever its size on this machine.
    using Vector = std::uint32_t __attribute__((vector_size(32)));
    const Vector wide = {mask, mask, mask, mask, mask, mask, mask, mask};
    std::size_t i = 0;
    for (; i + sizeof wide <= size; i += sizeof wide) {
        Vector words;
        std::memcpy(&words, from + i, sizeof words);
        words ^= wide;
        std::memcpy(to + i, &words, sizeof words);
    }
    char bytes[4];
    std::memcpy(bytes, &mask, 4);
    for (; i < size; ++i) to[i] = static_cast<char>(from[i] ^ bytes[i % 4]);
}

}  // namespace parallax::net
