#pragma once

#include <cstddef>
#include <cstdint>

/// The .plxr file: a header, then blocks that can be read without each other. Little-endian.
///   file    = magic "PLXREC\r\n" | version u32 | length u32 | created-by text | crc32c u32 of all
///   before block   = BlockHeader | zstd frame frame   = zigzag varint of received ns minus the one
///   before (first: minus first_received)
///           | market u8 | varint connection | kind u8 (+ 0x80: address and symbol follow)
///           | [varint length, address, varint length, symbol] | varint length | bytes
/// A market's number is its place in core/market.hpp, a kind's its place in ports::FrameKind: never
/// renumbered.
namespace parallax::recording {

inline constexpr char kFileMagic[8] = {'P', 'L', 'X', 'R', 'E', 'C', '\r', '\n'};
inline constexpr std::uint32_t kFileVersion = 1;
inline constexpr std::uint32_t kBlockMagic = 0xB10C5AFEU;
inline constexpr std::uint32_t kLargestBlock =
    256U * 1024 * 1024;  ///< raw bytes; a longer one is damage
inline constexpr std::uint8_t kHasTexts = 0x80;

struct BlockHeader {
    std::uint32_t magic = kBlockMagic;
    std::uint32_t raw_size = 0;
    std::uint32_t stored_size = 0;
    std::uint32_t frames = 0;
    std::int64_t first_received = 0;
    std::uint64_t index = 0;        ///< counts blocks from 0: a missing one shows
    std::uint32_t content_crc = 0;  ///< crc32c of the zstd frame
    std::uint32_t header_crc = 0;   ///< crc32c of all before
};
static_assert(sizeof(BlockHeader) == 40);
inline constexpr std::size_t kHeaderCrcAt = offsetof(BlockHeader, header_crc);

}  // namespace parallax::recording
