#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/buffer.hpp"
#include "net/deflate.hpp"
#include "net/message_arena.hpp"
#include "net/websocket_frame.hpp"

namespace parallax::net {

enum class WebSocketRole : std::uint8_t { Client, Server };

/// One side of a WebSocket (RFC 6455) with permessage-deflate (RFC 7692), without a socket: frames
/// in, messages out, and the other way round.
class WebSocketCodec {
public:
    /// `max_message`: bytes of a message after inflating; 1 at least.
    WebSocketCodec(WebSocketRole role, std::size_t max_message);
    void enable_deflate(const DeflateParameters& parameters);

    struct Item {
        Opcode opcode{};         ///< Text, Binary, Close, Ping or Pong
        std::uint16_t code = 0;  ///< of Close
        std::string_view bytes;  ///< payload, or the reason of Close
    };
    enum class Status : std::uint8_t { Partial, Item, Failed };
    /// Takes the next item off `in`. A frame that is a whole message is a view into `in`, unmasked
    /// in place; others lie in the codec. Both hold until `in` moves its bytes or recycle().
    /// Failed: close with failure_code(); nothing can follow.
    [[nodiscard]] Status next(Buffer& in, Item& item);
    /// The items' views have expired.
    void recycle() noexcept { arena_.recycle(); }
    [[nodiscard]] std::uint16_t failure_code() const noexcept { return failure_code_; }
    [[nodiscard]] std::string_view failure() const noexcept { return failure_; }

    /// A whole frame to be sent, valid until the next call. Data may be compressed.
    [[nodiscard]] std::string_view encode(Opcode opcode, std::string_view payload);
    /// Code 0 or 1005: a close frame without a code. The reason is cut to 123 bytes.
    [[nodiscard]] std::string_view encode_close(std::uint16_t code, std::string_view reason);

private:
    Status fail(std::uint16_t code, std::string_view why) noexcept;
    Status check(const FrameHeader& header) noexcept;
    Status take_control(const FrameHeader& header, std::string_view payload, Item& item);
    Status take_data(const FrameHeader& header, std::string_view payload, Item& item);
    Status finish(std::string_view message, Item& item) noexcept;
    std::uint32_t next_mask();

    WebSocketRole role_;
    std::size_t max_message_;
    std::unique_ptr<Inflater> inflater_;
    std::unique_ptr<Deflater> deflater_;
    MessageArena arena_;
    Opcode message_opcode_ = Opcode::Continuation;  ///< of the message being put together
    bool message_compressed_ = false;
    std::uint16_t failure_code_ = 0;
    std::string_view failure_;
    std::string frame_;
    std::string compressed_;
    std::array<std::uint32_t, 64> masks_{};
    std::size_t masks_left_ = 0;
};

}  // namespace parallax::net
