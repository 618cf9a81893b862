#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"

namespace parallax::net {

struct LoopOptions {
    /// poll() never sleeps but asks the kernel again and again until its wait is over.
    bool spin = false;
    /// SO_BUSY_POLL of every socket, microseconds: the kernel polls the network card. 0: off.
    int busy_poll_us = 0;
    /// The core that the polling thread is pinned to at its first poll(). -1: not pinned.
    int core = -1;
};

/// One epoll set with deadlines. Everything registered is called from within poll(), on the thread
/// that polls, and at most once a poll for being ready. Descriptors are watched edge-triggered: who
/// is told reads until nothing is left, or asks to be called again.
class Loop {
public:
    /// What the loop calls. May be destroyed at any time, its own calls included (as their last
    /// act).
    class Handler {
    public:
        Handler(const Handler&) = delete;
        Handler& operator=(const Handler&) = delete;
        virtual ~Handler();
        /// `events` as of epoll; 0 after call_again().
        virtual void on_ready(std::uint32_t events) = 0;
        /// The deadline is over; it is unset before the call.
        virtual void on_deadline() = 0;

        /// on_ready(0) in the next poll(), which does not wait; together with what epoll says then.
        void call_again();

    protected:
        explicit Handler(Loop& loop);
        [[nodiscard]] Loop& loop() const noexcept { return loop_; }
        /// A default-constructed time unsets it.
        void set_deadline(MonoNanos at) noexcept;
        [[nodiscard]] MonoNanos deadline() const noexcept { return deadline_; }

    private:
        friend class Loop;
        static constexpr std::uint32_t kNowhere = 0xFFFF'FFFF;
        Loop& loop_;
        std::size_t index_;
        MonoNanos deadline_;
        bool again_ = false;
        std::uint32_t ready_at_ = kNowhere;  ///< its place among those to be called
    };

    /// Errors: Unavailable (the kernel refuses an epoll set, or there is no such core).
    [[nodiscard]] static Result<std::unique_ptr<Loop>> make(const LoopOptions& options);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// Reading, writing and hang-ups of `fd`, edge-triggered; closing it ends that. False when the
    /// kernel refuses.
    [[nodiscard]] bool watch(int fd, Handler& handler) noexcept;
    /// Calls what is ready or due; waits at most `wait` when nothing is.
    void poll(Nanos wait);
    [[nodiscard]] const LoopOptions& options() const noexcept { return options_; }
    /// Monotonic time, as read at the last wake-up.
    [[nodiscard]] MonoNanos now() const noexcept { return now_; }
    /// For what one call reads and passes on at once.
    [[nodiscard]] std::span<char> scratch() noexcept { return scratch_; }

private:
    struct Ready {
        Handler* handler;
        std::uint32_t events;
    };
    Loop(const LoopOptions& options, int epoll) noexcept;
    void wait_ready(Nanos wait);
    void add_ready(Handler& handler, std::uint32_t events);
    void call_due();
    void forget(Handler& handler) noexcept;

    LoopOptions options_;
    int epoll_;
    bool pinned_ = false;
    MonoNanos now_;
    MonoNanos next_due_;  ///< no deadline is earlier; unset: there is none
    std::vector<Handler*> handlers_;
    std::vector<Ready> ready_;
    std::vector<Handler*> due_;
    std::vector<Handler*> again_;
    std::vector<char> scratch_;
};

}  // namespace parallax::net
