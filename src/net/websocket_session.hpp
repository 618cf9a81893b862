#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"
#include "net/loop.hpp"
#include "net/stream.hpp"
#include "net/websocket_codec.hpp"

namespace parallax::net {

/// The life of a WebSocket on a stream, of either side: messages, pings answered, the close
/// handshake, and a peer that does not read. Raw, it is the life of a stream of bytes.
class WebSocketSession {
public:
    class Owner {
    public:
        /// Text, Binary, Ping (answered already) or Pong. Views hold until the next on_stream().
        virtual void on_item(const WebSocketCodec::Item& item) = 0;
        /// Once, the last call but on_gone(). `reason` holds as long as the session.
        virtual void on_closed(std::uint16_t code, std::string_view reason) = 0;
        /// The line is down, too.
        virtual void on_gone() = 0;
        /// Have on_deadline() called; unset: not.
        virtual void set_session_deadline(MonoNanos at) = 0;

    protected:
        ~Owner() = default;
    };

    struct Limits {
        std::size_t max_message;  ///< bytes
        std::size_t send_buffer;  ///< bytes that may wait to be sent
        Nanos stuck_timeout;      ///< how long the peer may read nothing of them
        bool raw = false;         ///< no frames: bytes as they come, a goodbye is the line's end
    };
    WebSocketSession(Owner& owner, Loop& loop, WebSocketRole role, const Limits& limits);
    /// The opening handshake is done; `stream` outlives the session.
    void open(Stream& stream, const std::optional<DeflateParameters>& deflate);
    /// Bytes or space came, or the stream ended. Needs: opened.
    void on_stream();
    void on_deadline();

    /// Queues; flush() sends. Errors: BackPressured, Unavailable.
    [[nodiscard]] HotResult<void> send(Opcode opcode, std::string_view payload);
    void flush();
    /// A close frame; the end follows with the peer's answer, or without one 2 s later.
    void close(std::uint16_t code);
    /// It is over: tells on_closed(). `linger`: say goodbye on the line and wait for the peer's.
    void end(std::uint16_t code, std::string reason, bool linger);
    [[nodiscard]] bool is_open() const noexcept { return state_ == State::Open; }

private:
    enum class State : std::uint8_t {
        Opening,
        Open,
        Closing,    ///< our close frame is out
        Finishing,  ///< on_closed() is told, the line still lives
        Gone,
    };
    void read_bytes();
    void read_frames();
    void take(const WebSocketCodec::Item& item);
    void put(std::string_view frame);
    void leave();
    void watch_sending();

    Owner& owner_;
    Loop& loop_;
    Limits limits_;
    WebSocketCodec codec_;
    Stream* stream_ = nullptr;
    State state_ = State::Opening;
    std::string reason_;
};

}  // namespace parallax::net
