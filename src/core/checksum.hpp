#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace parallax {

/// CRC-32C (Castagnoli, polynomial 0x1EDC6F41 reflected), the checksum of journal and recording
/// records. Uses the CPU's instruction where there is one. Continue a running sum by passing it as
/// `seed`.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> data,
                                   std::uint32_t seed = 0) noexcept;

/// CRC-32 (IEEE 802.3, reflected), the book checksum of OKX before June 2026.
[[nodiscard]] std::uint32_t crc32_ieee(std::span<const char> text) noexcept;

}  // namespace parallax
