#pragma once

#include "core/time.hpp"
#include "ports/server_transport.hpp"

namespace parallax::sim_front {

/// A simulated venue's protocols. One thread; time comes in and never falls. Whoever runs it calls,
/// in a loop: the market up to now, advance(now), and on() for each event of the transport.
class Front {
public:
    virtual ~Front() = default;
    virtual void on(const ports::ServerEvent& event) = 0;
    /// Tells what happened in the venue, sends what is due, ends who stayed away too long.
    virtual void advance(UnixNanos now) = 0;
    /// When advance() has something to do even if nothing happens in the venue.
    [[nodiscard]] virtual UnixNanos next_due() const noexcept = 0;
};

/// Later than everything.
inline constexpr UnixNanos kNever = UnixNanos::from_nanos(0x7fff'ffff'ffff'ffff);

}  // namespace parallax::sim_front
