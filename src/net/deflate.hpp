#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/message_arena.hpp"

struct z_stream_s;

namespace parallax::net {

/// What both sides agreed on (RFC 7692, 7.1): of each direction, whether its window survives a
/// message, and the window's size as a power of two.
struct DeflateParameters {
    bool server_takeover = true;
    bool client_takeover = true;
    int server_window_bits = 15;
    int client_window_bits = 15;
};

/// The value of Sec-WebSocket-Extensions with which a client offers permessage-deflate.
[[nodiscard]] std::string_view deflate_offer() noexcept;
/// A client's reading of the answer to its offer. Nothing: the answer is not to the offer.
[[nodiscard]] std::optional<DeflateParameters> read_deflate_answer(std::string_view answer);
/// A server's choice among a client's offers; nothing when none is for permessage-deflate or all
/// ask for what we do not do. `answer` is what to send.
[[nodiscard]] std::optional<DeflateParameters> choose_deflate(std::string_view offers,
                                                              std::string& answer);

class Inflater {
public:
    Inflater(int window_bits, bool takeover);
    ~Inflater();
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    enum class Status : std::uint8_t { Good, Corrupt, TooBig };
    /// Appends what a fragment says to the message being built, which may grow to `limit` bytes.
    [[nodiscard]] Status append(std::string_view fragment, bool last, MessageArena& to,
                                std::size_t limit);

private:
    Status run(std::string_view bytes, MessageArena& to, std::size_t limit);
    std::unique_ptr<z_stream_s> stream_;
    bool takeover_;
    bool ended_ = false;  ///< the peer closed its deflate stream inside this message
};

class Deflater {
public:
    Deflater(int window_bits, bool takeover);
    ~Deflater();
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;
    /// Replaces `out` with the payload of a compressed message.
    void compress(std::string_view message, std::string& out);

private:
    std::unique_ptr<z_stream_s> stream_;
    bool takeover_;
};

}  // namespace parallax::net
