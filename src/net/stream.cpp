#include "net/stream.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace parallax::net {
namespace {

constexpr int kUserTimeoutMs = 20'000;     // sent, but never acknowledged
constexpr int kKeepAliveIdleS = 10;        // idle so long: probe,
constexpr int kKeepAliveEveryS = 3;        // so often,
constexpr int kKeepAliveProbes = 3;        // so many times
constexpr std::size_t kPass = 256 * 1024;  // read at most so much before others get their turn

void set(int fd, int level, int name, int value) noexcept {
    // Best effort: an option that is missing makes a socket slower, not wrong.
    (void)::setsockopt(fd, level, name, &value, sizeof value);
}

void set_options(int fd, const LoopOptions& options) noexcept {
    set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMs);
    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, kKeepAliveIdleS);
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepAliveEveryS);
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, kKeepAliveProbes);
    if (options.busy_poll_us > 0) set(fd, SOL_SOCKET, SO_BUSY_POLL, options.busy_poll_us);
}

std::string error_text(const char* what, int error) {
    return std::string{what} + ": " + std::strerror(error);
}

}  // namespace

Result<std::unique_ptr<Stream>> Stream::connect(Loop& loop, Loop::Handler& owner,
                                                const Address& address, TlsPtr tls) {
    const int fd =
        ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return fail(Errc::Unavailable, error_text("socket", errno));
    std::unique_ptr<Stream> made{new Stream{loop, owner, fd, std::move(tls), State::Connecting}};
    if (!loop.watch(fd, owner)) return fail(Errc::Unavailable, error_text("epoll", errno));
    if (::connect(fd, address.get(), address.length) != 0 && errno != EINPROGRESS) {
        return fail(Errc::Unavailable, error_text("connect", errno));
    }
    return made;
}

Result<std::unique_ptr<Stream>> Stream::adopt(Loop& loop, Loop::Handler& owner, int fd,
                                              TlsPtr tls) {
    const State state = tls != nullptr ? State::Handshaking : State::Open;
    std::unique_ptr<Stream> made{new Stream{loop, owner, fd, std::move(tls), state}};
    made->writable_ = true;
    if (!loop.watch(fd, owner)) return fail(Errc::Unavailable, error_text("epoll", errno));
    return made;
}

Stream::Stream(Loop& loop, Loop::Handler& owner, int fd, TlsPtr tls, State state)
    : loop_{loop}, owner_{owner}, fd_{fd}, state_{state} {
    if (tls != nullptr) tls_ = std::make_unique<TlsSession>(std::move(tls));
    set_options(fd, loop.options());
}

Stream::~Stream() { cut(); }

void Stream::cut() noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
    state_ = State::Closed;
    stuck_since_ = {};
}

void Stream::close_with(std::string failure) {
    if (failure_.empty()) failure_ = std::move(failure);
    cut();
    owner_.call_again();
}

void Stream::pause(bool paused) {
    if (paused_ && !paused) owner_.call_again();
    paused_ = paused;
}

bool Stream::quiet() const noexcept {
    char byte = 0;
    return state_ == State::Open && ::recv(fd_, &byte, 1, MSG_PEEK) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
}

void Stream::advance(std::uint32_t events) {
    if (state_ == State::Closed) return;
    if ((events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0) hung_up_ = true;
    if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0) readable_ = true;
    if ((events & EPOLLOUT) != 0) writable_ = true;
    if (state_ == State::Connecting) {
        if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) == 0) return;
        int error = 0;
        socklen_t size = sizeof error;
        (void)::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0) {
            return close_with(error_text("connect", error));
        }
        state_ = State::Open;
        if (tls_ != nullptr) start_tls();
    }
    // Dead both ways while nobody reads: the owner must not wait for it.
    if (paused_ && (events & (EPOLLERR | EPOLLHUP)) != 0) return close_with("the peer hung up");
    // What the peer said last, such as why it hangs up, may lie in the socket of a failed write.
    if ((readable_ && !paused_) || write_error_ != 0) {
        if (read()) owner_.call_again();
    }
    if (write_error_ != 0) return close_with(error_text("write", write_error_));
    flush();
}

void Stream::start_tls() {
    state_ = State::Handshaking;
    if (!tls_->start(out_)) close_with(tls_->failure());
}

bool Stream::read() {
    in_.recycle();
    const std::span<char> scratch = loop_.scratch();
    for (std::size_t total = 0; total < kPass && state_ != State::Closed;) {
        const ssize_t count = ::recv(fd_, scratch.data(), scratch.size(), 0);
        if (count < 0) {
            readable_ = false;
            if (errno == EINTR) continue;
            if (errno != EAGAIN && errno != EWOULDBLOCK) close_with(error_text("read", errno));
            return false;
        }
        if (count == 0) {
            readable_ = false;
            ended_ = true;
            if (state_ == State::Handshaking) close_with("cut during the TLS handshake");
            if (state_ == State::Finishing && shut_) cut();
            return false;
        }
        const auto size = static_cast<std::size_t>(count);
        if (!take({scratch.data(), size})) return false;
        total += size;
        // A short read emptied the socket, and an end that came later is told by a later event.
        if (size < scratch.size() && !hung_up_) {
            readable_ = false;
            return false;
        }
    }
    return state_ != State::Closed;
}

bool Stream::take(std::string_view bytes) {
    if (state_ == State::Finishing) return true;
    if (tls_ == nullptr) {
        in_.append(bytes);
        return true;
    }
    if (!tls_->receive(bytes, in_, out_)) {
        writable_ = true;
        flush();  // the alert, if it can leave at once
        close_with(tls_->failure());
        return false;
    }
    if (state_ == State::Handshaking && tls_->established()) state_ = State::Open;
    if (tls_->peer_closed()) ended_ = true;
    return true;
}

void Stream::write(std::string_view bytes) {
    PLX_ASSERT(state_ == State::Open);
    if (tls_ == nullptr) {
        out_.append(bytes);
    } else if (!tls_->send(bytes, out_)) {
        close_with(tls_->failure());
    }
}

void Stream::flush() {
    while (writable_ && !out_.empty() && state_ != State::Closed) {
        const ssize_t count = ::send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
        if (count >= 0) {
            out_.consume(static_cast<std::size_t>(count));
            taken_ += static_cast<std::uint64_t>(count);
            stuck_since_ = {};
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            writable_ = false;
        } else if (errno != EINTR) {
            write_error_ = errno;
            writable_ = false;
            owner_.call_again();
        }
    }
    out_.recycle();
    if (!out_.empty() && !stuck_since_.known()) stuck_since_ = loop_.now();
    if (state_ == State::Finishing) shut_when_sent();
}

void Stream::finish() {
    if (state_ != State::Open) return cut();
    if (tls_ != nullptr) tls_->close(out_);
    state_ = State::Finishing;
    flush();
}

void Stream::shut_when_sent() noexcept {
    if (!out_.empty() || shut_) return;
    shut_ = true;
    (void)::shutdown(fd_, SHUT_WR);
    if (ended_) cut();
}

}  // namespace parallax::net
