#pragma once

#include "sim/venues/common/front.hpp"
#include "sim/venues/okx/core.hpp"
#include "sim/venues/okx/rest.hpp"
#include "sim/venues/okx/sockets.hpp"

namespace parallax::sim_okx {

/// The simulated venue as OKX v5 speaks: REST below /api/v5 and WebSockets below /ws/v5, on any
/// listener of the transport. Takes and clears the venue's events: one front a venue. One thread.
/// Venue, transport and keyring must outlive it.
class OkxFront final : public sim_front::Front {
public:
    OkxFront(sim_engine::SimVenue& venue, ports::ServerTransport& transport,
             const sim_front::Keyring& keyring, FrontSettings settings = {});
    OkxFront(const OkxFront&) = delete;
    OkxFront& operator=(const OkxFront&) = delete;

    void on(const ports::ServerEvent& event) override;
    void advance(UnixNanos now) override;
    [[nodiscard]] UnixNanos next_due() const noexcept override;
    /// Tells every WebSocket that it will be closed (64008).
    void announce_upgrade() { sockets_.announce_upgrade(); }

private:
    void tell(UnixNanos now);

    ports::ServerTransport& transport_;
    Core core_;
    Rest rest_;
    Sockets sockets_;
    UnixNanos now_;
};

}  // namespace parallax::sim_okx
