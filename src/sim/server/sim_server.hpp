#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "net/certificate.hpp"
#include "net/socket_server.hpp"
#include "runtime/random.hpp"
#include "sim/engine/crowd.hpp"
#include "sim/faults/faulty_server_transport.hpp"
#include "sim/server/fault_command.hpp"
#include "sim/server/settings.hpp"
#include "sim/server/world_clock.hpp"
#include "sim/venues/common/front.hpp"

namespace parallax::sim_server {

/// A simulated Binance, OKX and Bybit on loopback: one world of prices and one crowd behind three
/// protocol fronts, over TLS with a certificate authority of its own. Of one thread, the one that
/// polls. For a thread of its own see BackgroundServer.
///
///   auto server = SimServer::start(settings);
///   while (...) (*server)->poll(Nanos::millis(5));
///
/// With speed 0 nothing moves but by advance(): the same requests between the same steps give the
/// same answers.
class SimServer {
public:
    /// Listens, and lets the market live for the warm-up. Errors: Unavailable (a port is taken),
    /// Rejected (settings that cannot be; the detail says which).
    [[nodiscard]] static Result<std::unique_ptr<SimServer>> start(const ServerSettings& settings);
    ~SimServer();
    SimServer(const SimServer&) = delete;
    SimServer& operator=(const SimServer&) = delete;

    /// Moves the world to where its clock is, serves what clients sent, waits at most `wait` when
    /// there is nothing to do.
    void poll(Nanos wait);
    /// Moves simulated time by `by`, in steps of at most 10 ms, and serves without waiting. The way
    /// of time at speed 0, and as fast as it is called.
    void advance(Nanos by);

    /// Makes something go wrong, now. Errors: Rejected (nothing it could strike).
    [[nodiscard]] Result<void> fault(const FaultCommand& command);
    /// What goes wrong from now on, by time and by dice; the dice follow the seed.
    void play(std::vector<ScheduledFault> script);
    /// Messages, requests and connections that were struck so far.
    [[nodiscard]] std::uint64_t accidents() const noexcept { return transport_.accidents(); }

    [[nodiscard]] UnixNanos now() const noexcept { return clock_.now(); }
    [[nodiscard]] std::uint16_t port(Door door) const noexcept {
        return doors_[static_cast<std::size_t>(door)].port;
    }
    /// Of the control interface (control.cpp): HTTP with JSON and a token, for scripts and
    /// `parallax sim fault`.
    [[nodiscard]] std::string control_url() const;
    [[nodiscard]] const std::string& control_token() const noexcept { return control_token_; }
    /// "localhost:PORT".
    [[nodiscard]] std::string host(Door door) const;
    /// One place clients connect to, such as {BinanceSpot, "REST", "https://localhost:1234"}.
    struct Address {
        Door door{};
        std::string what, url;
    };
    [[nodiscard]] std::vector<Address> addresses() const;
    /// What clients have to trust: PEM.
    [[nodiscard]] const std::string& authority_pem() const noexcept { return authority_.pem(); }
    [[nodiscard]] Result<void> write_authority(const std::string& path) const {
        return authority_.write(path);
    }
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
    [[nodiscard]] std::size_t connections() const noexcept { return sockets_->connections(); }

private:
    struct DoorState {
        ports::ListenerId listener;
        std::uint16_t port = 0;
    };
    SimServer(const ServerSettings& settings, std::unique_ptr<net::SocketServer> sockets);
    [[nodiscard]] Result<void> listen();
    [[nodiscard]] Result<void> open_accounts();
    void make_fronts();
    void warm_up();
    void move_world(UnixNanos now);
    void serve(Nanos wait);
    struct Planned {
        ScheduledFault fault;
        UnixNanos due;
    };
    // control.cpp
    void control(const ports::ServerEvent& event);
    [[nodiscard]] ports::HttpReply control_answer(const ports::ServerEvent& event);
    // fault_desk.cpp
    Result<void> fault_at(Venue at, const FaultCommand& command, bool& done);
    Result<void> fault_of_listing(Venue at, const FaultCommand& command, bool& done);
    void fill_open_orders(Venue at, double part);
    void begin_maintenance(Venue at, Nanos lasting);
    void set_halted(Venue at, bool halted);
    void stall_user_streams(Venue at, Nanos lasting);
    [[nodiscard]] Result<void> renew_certificates();
    [[nodiscard]] std::vector<ports::ListenerId> listeners_of(Venue venue) const;
    void run_script();
    [[nodiscard]] UnixNanos draw(const Planned& planned, UnixNanos from);
    [[nodiscard]] net::Certificate issue() const;
    [[nodiscard]] Door door_of(ports::ListenerId listener) const noexcept;

    ServerSettings settings_;
    net::CertificateAuthority authority_{"Parallax simulated venues"};
    std::unique_ptr<net::SocketServer> sockets_;
    sim_faults::FaultyServerTransport transport_;
    WorldClock clock_;
    std::vector<AccountSettings> accounts_;
    std::array<DoorState, kDoorCount> doors_{};
    std::array<std::unique_ptr<sim_engine::SimVenue>, kVenueCount> venues_;
    std::array<sim_front::Keyring, kVenueCount> keyrings_;
    std::array<std::vector<sim_engine::AccountId>, kVenueCount> account_ids_;
    std::unique_ptr<sim_engine::Crowd> crowd_;
    std::array<std::unique_ptr<sim_front::Front>, kVenueCount> fronts_;
    UnixNanos world_;  ///< up to where the crowd has played
    DoorState control_;
    std::string control_token_;
    runtime::Random random_;  ///< of the script
    std::vector<Planned> script_;
    std::array<UnixNanos, kVenueCount> maintenance_until_{};
    std::uint64_t faults_done_ = 0;
};

}  // namespace parallax::sim_server
