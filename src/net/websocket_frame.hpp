#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace parallax::net {

/// RFC 6455, 5.2.
enum class Opcode : std::uint8_t {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
};

/// RFC 6455, 7.4.1: codes this module says itself or reports.
namespace close_code {
inline constexpr std::uint16_t kNormal = 1000;
inline constexpr std::uint16_t kProtocolError = 1002;
inline constexpr std::uint16_t kNone = 1005;      ///< never sent: a close frame without a code
inline constexpr std::uint16_t kAbnormal = 1006;  ///< never sent: no close frame
inline constexpr std::uint16_t kNotUtf8 = 1007;
inline constexpr std::uint16_t kTooBig = 1009;
/// Whether a peer may send it.
[[nodiscard]] constexpr bool sendable(std::uint16_t code) noexcept {
    return (code >= 1000 && code <= 1014 && code != 1004 && code != kNone && code != kAbnormal) ||
           (code >= 3000 && code <= 4999);
}
}  // namespace close_code

struct FrameHeader {
    Opcode opcode{};
    bool final = true;
    bool compressed = false;  ///< RSV1, see RFC 7692
    bool masked = false;
    std::uint32_t mask = 0;  ///< in the order of its bytes in memory
    std::uint64_t length = 0;
    std::uint8_t size = 0;  ///< of the header itself: 2 .. 14 bytes
};

inline constexpr std::size_t kMaxFrameHeader = 14;
inline constexpr std::size_t kMaxControlPayload = 125;

enum class FrameStatus : std::uint8_t { Partial, Whole, Bad };
/// Reads the header at the front of `bytes`. Bad: RSV2 or RSV3, an unknown opcode, a control frame
/// that is fragmented, compressed or too long, a length not in its shortest form.
[[nodiscard]] FrameStatus read_frame_header(std::string_view bytes, FrameHeader& header) noexcept;
/// Writes to `to`; returns how many bytes.
[[nodiscard]] std::size_t write_frame_header(const FrameHeader& header,
                                             std::span<char, kMaxFrameHeader> to) noexcept;
/// to[i] = from[i] xor mask byte i mod 4; `to` may be `from`.
void apply_mask(const char* from, char* to, std::size_t size, std::uint32_t mask) noexcept;

}  // namespace parallax::net
