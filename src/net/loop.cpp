#include "net/loop.hpp"

#include <sched.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/assert.hpp"
#include "runtime/clock.hpp"

namespace parallax::net {
namespace {

constexpr std::size_t kBatch = 256;
constexpr std::size_t kScratch = 64 * 1024;

void replace(std::vector<Loop::Handler*>& handlers, const Loop::Handler* gone) noexcept {
    std::ranges::replace(handlers, const_cast<Loop::Handler*>(gone), nullptr);
}

}  // namespace

Loop::Handler::Handler(Loop& loop) : loop_{loop}, index_{loop.handlers_.size()} {
    loop.handlers_.push_back(this);
}

Loop::Handler::~Handler() { loop_.forget(*this); }

void Loop::Handler::set_deadline(MonoNanos at) noexcept {
    deadline_ = at;
    if (at.known() && (!loop_.next_due_.known() || at < loop_.next_due_)) loop_.next_due_ = at;
}

void Loop::Handler::call_again() {
    if (again_) return;
    again_ = true;
    loop_.again_.push_back(this);
}

Result<std::unique_ptr<Loop>> Loop::make(const LoopOptions& options) {
    if (options.core >= CPU_SETSIZE || options.core >= ::sysconf(_SC_NPROCESSORS_CONF)) {
        return fail(Errc::Unavailable, "no core " + std::to_string(options.core) + " to pin to");
    }
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) return fail(Errc::Unavailable, std::string{"epoll: "} + std::strerror(errno));
    return std::unique_ptr<Loop>{new Loop{options, epoll}};
}

Loop::Loop(const LoopOptions& options, int epoll) noexcept
    : options_{options}, epoll_{epoll}, now_{runtime::mono_now()}, scratch_(kScratch) {}

Loop::~Loop() {
    PLX_ASSERT(handlers_.empty());
    ::close(epoll_);
}

bool Loop::watch(int fd, Handler& handler) noexcept {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = &handler;
    return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0;
}

void Loop::forget(Handler& handler) noexcept {
    handlers_[handler.index_] = handlers_.back();
    handlers_[handler.index_]->index_ = handler.index_;
    handlers_.pop_back();
    if (handler.ready_at_ != Handler::kNowhere) ready_[handler.ready_at_].handler = nullptr;
    replace(due_, &handler);
    if (handler.again_) replace(again_, &handler);
}

void Loop::poll(Nanos wait) {
    if (options_.core >= 0 && !pinned_) {
        cpu_set_t cores;
        CPU_ZERO(&cores);
        CPU_SET(static_cast<std::size_t>(options_.core), &cores);
        // Refused in a container that may not use this core: then slower, but no less right.
        (void)::sched_setaffinity(0, sizeof cores, &cores);
        pinned_ = true;
    }
    ready_.clear();
    for (Handler* handler : again_) {
        if (handler == nullptr) continue;
        handler->again_ = false;
        add_ready(*handler, 0);
    }
    again_.clear();
    wait_ready(ready_.empty() ? wait : Nanos{});
    for (std::size_t i = 0; i < ready_.size(); ++i) {  // a call may empty entries behind it
        if (ready_[i].handler == nullptr) continue;
        ready_[i].handler->ready_at_ = Handler::kNowhere;
        ready_[i].handler->on_ready(ready_[i].events);
    }
    ready_.clear();
    if (next_due_.known() && next_due_ <= now_) call_due();
}

void Loop::wait_ready(Nanos wait) {
    epoll_event events[kBatch];
    now_ = runtime::mono_now();
    const MonoNanos until = now_ + wait;
    int count = 0;
    for (;;) {
        const MonoNanos end = next_due_.known() ? std::min(until, next_due_) : until;
        const Nanos left = end - now_;
        int timeout_ms = 0;
        // Rounded up: a deadline reached too early would only be waited for again.
        if (!options_.spin && left > Nanos{}) {
            timeout_ms = static_cast<int>(
                std::min<std::int64_t>((left.count() + 999'999) / 1'000'000, 60'000));
        }
        count = ::epoll_wait(epoll_, events, kBatch, timeout_ms);
        if (count > 0 || end <= now_) break;
        now_ = runtime::mono_now();
    }
    if (count <= 0) return;
    now_ = runtime::mono_now();
    for (int i = 0; i < count; ++i) {
        add_ready(*static_cast<Handler*>(events[i].data.ptr), events[i].events);
    }
}

void Loop::add_ready(Handler& handler, std::uint32_t events) {
    if (handler.ready_at_ != Handler::kNowhere) {
        ready_[handler.ready_at_].events |= events;
        return;
    }
    handler.ready_at_ = static_cast<std::uint32_t>(ready_.size());
    ready_.push_back({&handler, events});
}

void Loop::call_due() {
    due_.clear();
    next_due_ = {};
    for (Handler* handler : handlers_) {
        if (!handler->deadline_.known()) continue;
        if (handler->deadline_ <= now_) {
            handler->deadline_ = {};
            due_.push_back(handler);
        } else if (!next_due_.known() || handler->deadline_ < next_due_) {
            next_due_ = handler->deadline_;
        }
    }
    for (std::size_t i = 0; i < due_.size(); ++i) {
        if (due_[i] != nullptr) due_[i]->on_deadline();
    }
    due_.clear();
}

}  // namespace parallax::net
