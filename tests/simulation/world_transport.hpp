#pragma once

#include "ports/passing_transport.hpp"
#include "sim/network/network.hpp"
#include "sim/world/world.hpp"

namespace parallax::simulation {

/// The network's client end, whose poll() is what makes time pass: while the client waits, packets
/// travel and the world lives. So the loop that drives a session on sockets drives it here, in one
/// thread and without a clock.
class WorldTransport final : public ports::PassingTransport {
public:
    /// The client belongs to the network; all outlive this.
    WorldTransport(sim_network::Network& network, ports::Transport& client) noexcept
        : PassingTransport{client}, network_{network} {}
    void set_world(sim_world::SimWorld& world) noexcept { world_ = &world; }

    /// The world's clock is ahead of the network's by so much more from now on. It never falls: a
    /// step backwards makes the world stand.
    void jump_world(Nanos by) noexcept { ahead_ = ahead_ + by; }
    [[nodiscard]] Nanos ahead() const noexcept { return ahead_; }

    std::span<const ports::NetEvent> poll(Nanos wait) override;

    /// Polls that neither waited nor brought anything: somebody was due and did nothing about it.
    [[nodiscard]] std::uint64_t idle_polls() const noexcept { return idle_polls_; }

private:
    void step(UnixNanos until);

    sim_network::Network& network_;
    sim_world::SimWorld* world_ = nullptr;
    Nanos ahead_{};
    UnixNanos next_beat_{};
    std::uint64_t idle_polls_ = 0;
};

}  // namespace parallax::simulation
