#include "world_transport.hpp"

#include <algorithm>

namespace parallax::simulation {
namespace {

constexpr Nanos kBeat = Nanos::millis(5);      // how finely the market moves
constexpr Nanos kInstant = Nanos::micros(20);  // a turn of the client's loop takes time, too

}  // namespace

std::span<const ports::NetEvent> WorldTransport::poll(Nanos wait) {
    const UnixNanos end = network_.now() + std::max(wait, kInstant);
    for (;;) {
        const auto events = inner().poll(Nanos{});
        if (!events.empty()) return events;
        if (network_.now() >= end) break;
        step(end);
    }
    if (wait <= Nanos{}) ++idle_polls_;
    return {};
}

/// To the next thing that happens anywhere.
void WorldTransport::step(UnixNanos until) {
    network_.advance(std::max(network_.now(), std::min({until, network_.next_due(), next_beat_})));
    const UnixNanos now = network_.now();
    if (now >= next_beat_) {
        world_->move(now + ahead_);
        next_beat_ = now + kBeat;
    }
    world_->serve(now + ahead_);
}

}  // namespace parallax::simulation
