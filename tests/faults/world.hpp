#pragma once

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "ports/passing_transport.hpp"
#include "sim/network/network.hpp"
#include "sim/world/world.hpp"
#include "simulation/world_transport.hpp"

/// The contract suites once more, each under each fault: in memory and in simulated time, so that
/// hundreds of runs take seconds, the same ones each time.
namespace parallax::fault_testing {

/// Something that goes wrong while a contract must hold.
struct FaultCase {
    const char* name;
    /// A script as docs/simulator.md has it, times from when it begins. Of each line: VENUE is the
    /// venue, DOOR its address, SYMBOL an instrument; "network ..." as in tests/simulation.
    const char* script;
    /// What it strikes: a case without anything to strike proves nothing, and is left out.
    enum Strikes : std::uint8_t { kAnything, kMessages, kRequests, kBinanceSocket, kFix } strikes;
    /// Where it must be counted.
    [[nodiscard]] bool sets_clock() const {
        return std::string_view{script}.find(" clock ") != std::string_view::npos;
    }
    enum Shows : std::uint8_t { kNowhere, kEnded, kNonsense, kLost, kRefused } shows = kNowhere;
};
/// Of prices, dice and orders: the same in every build, another one by hand with FAULT_SEED=n.
[[nodiscard]] std::uint64_t fault_seed();
[[nodiscard]] const std::vector<FaultCase>& order_faults();
[[nodiscard]] const std::vector<FaultCase>& feed_faults();
void PrintTo(const FaultCase& one, std::ostream* out);

/// What a client hands to its transport goes through here, to be looked at.
class Tap final : public ports::PassingTransport {
public:
    using PassingTransport::PassingTransport;
    /// Every message and request that may place an order, with its address.
    std::vector<std::string> placements;

    HotResult<void> send(ports::ConnectionId connection, std::string_view text) override;
    Result<ports::RequestId> request(const ports::HttpRequest& request) override;
};

/// The simulated venues on a network in memory, and what goes wrong there.
class World {
public:
    static constexpr UnixNanos kStart = UnixNanos::from_millis(1'767'226'200'000);
    /// Ports of Binance's FIX: order entry, drop copy, market data.
    static constexpr std::array<const char*, 3> kFixPlaces{
        "orders.fix.sim:9000", "copies.fix.sim:9000", "market.fix.sim:9000"};

    World(sim_world::AccountSettings account, std::vector<sim_prices::Coin> coins,
          std::uint64_t seed);

    /// Begins the script of a case now, for this door.
    void begin(const FaultCase& fault, sim_world::Door door, const std::string& symbol);
    /// What is due of it.
    void strike();
    [[nodiscard]] bool struck_all() const noexcept { return next_ == script_.size(); }
    /// Nothing goes wrong any more.
    void calm() { world_->calm(); }

    [[nodiscard]] sim_world::SimWorld& sim() noexcept { return *world_; }
    [[nodiscard]] UnixNanos now() const noexcept { return network_.now(); }
    [[nodiscard]] std::uint64_t accidents() const noexcept { return world_->accidents(); }

private:
    struct Line {
        UnixNanos at;
        std::string text;
    };
    sim_network::Network network_;
    simulation::WorldTransport transport_;
    std::unique_ptr<sim_world::SimWorld> world_;
    std::vector<Line> script_;
    std::size_t next_ = 0;

public:
    Tap tap{transport_};
};

}  // namespace parallax::fault_testing
