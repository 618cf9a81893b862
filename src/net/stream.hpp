#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "net/address.hpp"
#include "net/buffer.hpp"
#include "net/loop.hpp"
#include "net/tls_session.hpp"

namespace parallax::net {

/// One TCP connection, with or without TLS, and its two buffers. TCP_NODELAY, keep-alive probes and
/// TCP_USER_TIMEOUT are on: a peer that vanished is noticed within 20 s.
class Stream {
public:
    enum class State : std::uint8_t {
        Connecting,
        Handshaking,
        Open,
        Finishing,  ///< we have said goodbye: what still comes is thrown away
        Closed,
    };

    /// Begins to connect; `owner` gets the events and passes them to advance(). Errors:
    /// Unavailable.
    [[nodiscard]] static Result<std::unique_ptr<Stream>> connect(Loop& loop, Loop::Handler& owner,
                                                                 const Address& address,
                                                                 TlsPtr tls);
    /// Takes an accepted descriptor. Errors: Unavailable.
    [[nodiscard]] static Result<std::unique_ptr<Stream>> adopt(Loop& loop, Loop::Handler& owner,
                                                               int fd, TlsPtr tls);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    /// Reads and writes what can be; has the owner called again when more is left, and after a
    /// failure outside of this call.
    void advance(std::uint32_t events);
    /// Stops reading until resumed, so that the peer has to wait.
    void pause(bool paused);

    [[nodiscard]] State state() const noexcept { return state_; }
    [[nodiscard]] bool open() const noexcept { return state_ == State::Open; }
    /// What came and is not consumed. Views into it hold until the next advance().
    [[nodiscard]] Buffer& in() noexcept { return in_; }
    /// Nothing more will come.
    [[nodiscard]] bool ended() const noexcept { return ended_ || state_ == State::Closed; }
    /// It ended as the peer meant it to, not by somebody cutting the line.
    [[nodiscard]] bool ended_cleanly() const noexcept {
        return ended_ && (tls_ == nullptr || tls_->peer_closed());
    }
    /// Why the stream closed by itself; empty when it did not.
    [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

    /// True when the peer has sent nothing that is not read yet, its end included.
    [[nodiscard]] bool quiet() const noexcept;

    /// Queues; flush() sends. Needs: open(). Neither reads, so views into in() stay good.
    void write(std::string_view bytes);
    void flush();
    /// Bytes that the kernel has not taken yet, and those that it has.
    [[nodiscard]] std::size_t queued() const noexcept { return out_.size(); }
    [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }
    /// Since when the kernel has taken none of what is queued; unset while nothing waits.
    [[nodiscard]] MonoNanos stuck_since() const noexcept { return stuck_since_; }

    /// Sends what is queued, says goodbye and waits for the peer's, throwing away what comes: a
    /// reset would destroy what the peer has not read. The owner limits how long.
    void finish();
    /// Closes at once.
    void cut() noexcept;
    [[nodiscard]] const TlsSession* tls() const noexcept { return tls_.get(); }

private:
    Stream(Loop& loop, Loop::Handler& owner, int fd, TlsPtr tls, State state);
    void start_tls();
    bool read();
    bool take(std::string_view bytes);
    void close_with(std::string failure);
    void shut_when_sent() noexcept;

    Loop& loop_;
    Loop::Handler& owner_;
    int fd_;
    State state_;
    bool readable_ = false;
    bool writable_ = false;
    bool hung_up_ = false;
    bool ended_ = false;
    bool paused_ = false;
    bool shut_ = false;
    int write_error_ = 0;  ///< of errno
    std::unique_ptr<TlsSession> tls_;
    Buffer in_;
    Buffer out_;
    std::uint64_t taken_ = 0;
    MonoNanos stuck_since_;
    std::string failure_;
};

}  // namespace parallax::net
