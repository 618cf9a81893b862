#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "net/certificate.hpp"
#include "net/socket_server.hpp"
#include "sim/server/settings.hpp"
#include "sim/server/world_clock.hpp"

namespace parallax::sim_server {

/// A simulated Binance, OKX and Bybit on loopback: a SimWorld over TLS with a certificate authority
/// of its own, its time the wall's. Of one thread, the one that polls. For a thread of its own see
/// BackgroundServer.
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
    [[nodiscard]] Result<void> fault(const sim_world::FaultCommand& command) {
        return world_->fault(command);
    }
    /// What goes wrong from now on, by time and by dice; the dice follow the seed.
    void play(std::vector<sim_world::ScheduledFault> script) { world_->play(std::move(script)); }
    /// Nothing goes wrong any more.
    void calm() { world_->calm(); }
    /// Messages, requests and connections that were struck so far.
    [[nodiscard]] std::uint64_t accidents() const noexcept { return world_->accidents(); }

    [[nodiscard]] UnixNanos now() const noexcept { return clock_.now(); }
    [[nodiscard]] std::uint16_t port(Door door) const noexcept {
        return doors_[static_cast<std::size_t>(door)].port;
    }
    /// Of Binance's FIX: order entry, drop copy, market data.
    [[nodiscard]] std::uint16_t fix_port(std::size_t which) const noexcept {
        return fix_doors_[which].port;
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
    [[nodiscard]] const std::vector<sim_world::AccountSettings>& accounts() const noexcept {
        return world_->accounts();
    }

    /// What the venue knows, for those who check clients against the truth.
    [[nodiscard]] sim_engine::SimVenue& venue(Venue venue) noexcept { return world_->venue(venue); }
    [[nodiscard]] sim_engine::AccountId account(Venue venue, std::size_t index) const noexcept {
        return world_->account(venue, index);
    }
    [[nodiscard]] sim_world::SimWorld& world() noexcept { return *world_; }
    [[nodiscard]] std::size_t connections() const noexcept { return sockets_->connections(); }

private:
    struct DoorState {
        ports::ListenerId listener;
        std::uint16_t port = 0;
    };
    SimServer(const ServerSettings& settings, std::unique_ptr<net::SocketServer> sockets);
    [[nodiscard]] Result<void> listen();
    [[nodiscard]] Result<void> make_world();
    void serve(Nanos wait);
    [[nodiscard]] Result<void> renew_certificates();
    [[nodiscard]] net::Certificate issue() const;
    // control.cpp
    void control(const ports::ServerEvent& event);
    [[nodiscard]] ports::HttpReply control_answer(const ports::ServerEvent& event);

    ServerSettings settings_;
    net::CertificateAuthority authority_{"Parallax simulated venues"};
    std::unique_ptr<net::SocketServer> sockets_;
    WorldClock clock_;
    std::array<DoorState, kDoorCount> doors_{};
    std::array<DoorState, 3> fix_doors_{};
    std::unique_ptr<sim_world::SimWorld> world_;
    DoorState control_;
    std::string control_token_;
};

}  // namespace parallax::sim_server
