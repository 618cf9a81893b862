#include "app/live_loop.hpp"

#include <algorithm>

#include "core/assert.hpp"

namespace parallax::app {
namespace {

constexpr Nanos kLongestWait = Nanos::millis(5);
constexpr Nanos kWindDown = Nanos::seconds(30);  // for plans, and again for wallets

}  // namespace

UnixNanos LiveLoop::turn() {
    const UnixNanos before = transport_.now();
    UnixNanos due = market_.next_due();
    if (execution_ != nullptr) due = std::min(due, execution_->due());
    const Nanos wait = due > before ? std::min(due - before, kLongestWait) : Nanos{};
    for (const ports::NetEvent& event : transport_.poll(wait)) {
        if (market_.on(event) || execution_ == nullptr) continue;
        if (execution_->on(event)) session_.exchange();
    }
    const UnixNanos now = transport_.now();
    market_.advance(now);
    if (execution_ != nullptr) {
        execution_->poll(now);
        for (const Market market : execution_->take_outdated())
            market_.reload_instruments(market, now);
    }
    session_.exchange();
    session_.advance(now);
    session_.idle();
    return now;
}

void LiveLoop::wind_down() {
    PLX_ASSERT(execution_ != nullptr);
    UnixNanos now = transport_.now();
    execution_->retire();
    session_.exchange();
    const UnixNanos plans_until = now + kWindDown;
    while (now < plans_until && session_.pipeline().trading().open_plans() > 0) now = turn();
    execution_->cancel_all();
    const UnixNanos wallets_until = now + kWindDown;
    for (bool equal = false; !equal && now < wallets_until;) {
        execution_->ask_balances();
        while (now < wallets_until && !execution_->settled()) now = turn();
        equal = session_.consistent();
        const UnixNanos pause = now + Nanos::seconds(1);
        while (!equal && now < pause) now = turn();
    }
}

}  // namespace parallax::app
