#pragma once

#include <array>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/random.hpp"
#include "sim/engine/crowd.hpp"
#include "sim/faults/faulty_server_transport.hpp"
#include "sim/venues/common/front.hpp"
#include "sim/world/accounts.hpp"
#include "sim/world/doors.hpp"
#include "sim/world/fault_command.hpp"

namespace parallax::sim_world {

struct WorldSettings {
    std::uint64_t seed = 1;                 ///< of prices, of the crowd, of ids, of dice
    UnixNanos start{};                      ///< when the doors open
    Nanos warm_up = Nanos::seconds(60);     ///< the market's life before that
    double activity = 1;                    ///< how often books change
    double intensity = 1;                   ///< how often venues fall out of line
    double volatility = 1;                  ///< of all prices
    std::vector<sim_prices::Coin> coins;    ///< listed against each other and USDT; none: all
    std::vector<AccountSettings> accounts;  ///< none: standard_accounts(seed)
    /// Where OKX and Bybit let withdrawals go: the accounts' address books.
    std::set<std::string> withdrawal_addresses;
};

/// What a fault does that is not the world's: clocks and certificates belong to whoever runs it.
/// A fault without its function is refused.
struct Surroundings {
    std::function<void(Nanos)> jump_clock;
    std::function<Result<void>()> renew_certificates;
};

/// A simulated Binance, OKX and Bybit: one world of prices and one crowd behind three protocol
/// fronts, with accounts, keys and faults, on any server transport. It owns no socket and reads no
/// clock: the same settings, the same requests at the same times give the same answers. One thread.
class SimWorld {
public:
    using Listeners = std::array<ports::ListenerId, kDoorCount>;
    /// Of Binance's FIX: order entry, drop copy, market data. They take streams of bytes; not
    /// valid: there is none.
    using FixListeners = std::array<ports::ListenerId, 3>;

    /// Lets the market live for the warm-up. `transport` listens already and outlives the world.
    /// Needs: a known start. Errors: Rejected (settings that cannot be; the detail says which).
    [[nodiscard]] static Result<std::unique_ptr<SimWorld>> make(const WorldSettings& settings,
                                                                ports::ServerTransport& transport,
                                                                const Listeners& listeners,
                                                                Surroundings surroundings = {},
                                                                const FixListeners& fix = {});
    SimWorld(const SimWorld&) = delete;
    SimWorld& operator=(const SimWorld&) = delete;

    /// Lets time pass, in steps of at most 10 ms: market, script, fronts. The past is ignored.
    void move(UnixNanos now);
    /// What peers sent, as far as faults let it through. For whoever has listeners of its own on
    /// the transport; others call serve().
    [[nodiscard]] std::span<const ports::ServerEvent> poll(Nanos wait) {
        return transport_.poll(wait);
    }
    /// An event of poll() on one of the doors.
    void on(const ports::ServerEvent& event);
    /// Answers what has come, as of `now`; without it time does not pass.
    void serve(UnixNanos now);

    /// Makes something go wrong, now. Errors: Rejected (nothing it could strike).
    [[nodiscard]] Result<void> fault(const FaultCommand& command);
    /// What goes wrong from now on, by time and by dice; the dice follow the seed.
    void play(std::vector<ScheduledFault> script);
    /// Nothing goes wrong any more: no script, no fault, no maintenance; what was held back leaves.
    void calm();
    /// The crowd goes home for good: books change by clients' orders only.
    void fall_quiet() noexcept { quiet_ = true; }
    /// Messages, requests and connections that were struck so far.
    [[nodiscard]] std::uint64_t accidents() const noexcept { return transport_.accidents(); }
    [[nodiscard]] std::size_t active_faults() const noexcept { return transport_.active(); }
    [[nodiscard]] std::uint64_t faults() const noexcept { return faults_done_; }
    /// Cuts every connection.
    void disconnect_all() { transport_.disconnect({}, {}, 0); }

    /// Up to where it has lived.
    [[nodiscard]] UnixNanos now() const noexcept { return now_; }
    /// With their keys.
    [[nodiscard]] const std::vector<AccountSettings>& accounts() const noexcept {
        return accounts_;
    }
    /// What the venue knows, for those who check clients against the truth. Its events are the
    /// front's.
    [[nodiscard]] sim_engine::SimVenue& venue(Venue venue) noexcept {
        return *venues_[static_cast<std::size_t>(venue)];
    }
    [[nodiscard]] sim_engine::AccountId account(Venue venue, std::size_t index) const noexcept {
        return account_ids_[static_cast<std::size_t>(venue)][index];
    }

private:
    struct Planned {
        ScheduledFault fault;
        UnixNanos due;
    };
    SimWorld(const WorldSettings& settings, ports::ServerTransport& transport,
             const Listeners& listeners, Surroundings surroundings);
    [[nodiscard]] Result<void> open_accounts();
    [[nodiscard]] Result<void> open_positions();
    void make_fronts(const WorldSettings& settings);
    [[nodiscard]] Door door_of(ports::ListenerId listener) const noexcept;
    // fault_desk.cpp
    Result<void> fault_at(Venue at, const FaultCommand& command, bool& done);
    Result<void> fault_of_listing(Venue at, const FaultCommand& command, bool& done);
    void fill_open_orders(Venue at, double part);
    void announce_maintenance(Venue at, Nanos notice, Nanos lasting);
    void begin_maintenance(Venue at, Nanos lasting);
    void set_halted(Venue at, bool halted);
    void stall_user_streams(Venue at, Nanos lasting);
    [[nodiscard]] std::vector<ports::ListenerId> listeners_of(Venue venue) const;
    void run_script();
    [[nodiscard]] UnixNanos draw(const Planned& planned, UnixNanos from);

    sim_faults::FaultyServerTransport transport_;
    Listeners listeners_;
    FixListeners fix_listeners_{};
    Surroundings surroundings_;
    std::vector<AccountSettings> accounts_;
    std::array<std::unique_ptr<sim_engine::SimVenue>, kVenueCount> venues_;
    std::array<sim_front::Keyring, kVenueCount> keyrings_;
    std::array<std::vector<sim_engine::AccountId>, kVenueCount> account_ids_;
    std::unique_ptr<sim_engine::Crowd> crowd_;
    std::array<std::unique_ptr<sim_front::Front>, kVenueCount> fronts_;
    UnixNanos now_;
    runtime::Random random_;  ///< of the script
    std::vector<Planned> script_;
    struct Maintenance {
        UnixNanos from;  ///< unknown: none is announced
        Nanos lasting{};
        UnixNanos until;  ///< of the one that is on
    };
    std::array<Maintenance, kVenueCount> maintenance_{};
    std::uint64_t faults_done_ = 0;
    bool quiet_ = false;
};

}  // namespace parallax::sim_world
