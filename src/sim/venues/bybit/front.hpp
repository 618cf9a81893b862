#pragma once

#include <map>
#include <set>
#include <string>

#include "sim/venues/bybit/rest.hpp"
#include "sim/venues/bybit/rest_history.hpp"
#include "sim/venues/bybit/user_stream.hpp"
#include "sim/venues/common/rate_window.hpp"

namespace parallax::sim_bybit {

struct FrontSettings {
    /// Refusals only the matching engine can know come after a successful answer.
    bool reject_late = false;
    Nanos ban = Nanos::seconds(600);  ///< of an address that asks too often
    sim_front::RateLimit requests{Nanos::seconds(5), 600, sim_front::WindowKind::Sliding};
    sim_front::RateLimit connections{Nanos::seconds(300), 500, sim_front::WindowKind::Sliding};
    sim_front::RateLimit socket_requests{Nanos::seconds(1), 3'000,
                                         sim_front::WindowKind::Sliding};  ///< an address
    Nanos silence = Nanos::seconds(600);           ///< a socket that says nothing so long is cut
    std::set<std::string> withdrawal_addresses{};  ///< in the address book; others answer 131093
};

/// Bybit's V5 protocols over a simulated venue: REST, the public sockets of spot and linear, the
/// private and the order socket. One thread. The front takes the venue's events and clears them:
/// nobody else may. The keyring, the venue and the transport outlive it.
class BybitFront final : public sim_front::Front {
public:
    BybitFront(sim_engine::SimVenue& venue, ports::ServerTransport& transport,
               const sim_front::Keyring& keyring, const FrontSettings& settings = {});

    void on(const ports::ServerEvent& event) override;
    void advance(UnixNanos now) override;
    [[nodiscard]] UnixNanos next_due() const noexcept override;
    void reject_late(bool late) noexcept { desk_.reject_late(late); }

private:
    /// What an account has left at an endpoint, for the answer's headers.
    struct Budget {
        std::uint32_t most = 0, left = 0;
        UnixNanos reset;
        std::size_t allowed = 0;  ///< of what was asked
    };
    struct Route;

    // front.cpp
    void pump(UnixNanos now);
    void opened(const ports::ServerEvent& event);
    void upgrade(const ports::ServerEvent& event);
    void closed(ports::SessionId id);
    [[nodiscard]] Budget spend(sim_engine::AccountId account, std::string_view bucket,
                               std::uint32_t most, std::size_t count, UnixNanos now,
                               Nanos interval = Nanos::seconds(1));

    // http.cpp
    void request(const ports::ServerEvent& event);
    [[nodiscard]] Answer authenticate(const ports::ServerEvent& event, bool post, UnixNanos now,
                                      const sim_front::ApiKey*& key) const;
    [[nodiscard]] Reply route(const Route& route, const Call& call, std::size_t allowed);
    [[nodiscard]] bool banned(std::string_view peer, UnixNanos now);
    void respond(const ports::ServerEvent& event, const Reply& reply, const Budget* budget);

    // sockets.cpp
    void message(Sockets::Session& session, std::string_view text, UnixNanos now);
    void subscription(Sockets::Session& session, const Json& request, bool add, UnixNanos now);
    void ping(Sockets::Session& session, const Json& request, UnixNanos now);
    void login(Sockets::Session& session, const Json& request, UnixNanos now);
    void trade(Sockets::Session& session, const Json& request, UnixNanos now);
    void acknowledge(Sockets::Session& session, const Json& request, bool good,
                     std::string_view text);

    sim_engine::SimVenue& venue_;
    ports::ServerTransport& transport_;
    const sim_front::Keyring& keyring_;
    FrontSettings settings_;
    Sockets sockets_;
    OrderMemory memory_;
    OrderDesk desk_;
    PublicStreams streams_;
    UserStream user_;
    RestMarket market_;
    RestQueries queries_;
    RestAccount account_;
    TransactionLog log_;
    RestWallet wallet_;
    RestHistory history_;

    sim_front::RateTable requests_, connections_, socket_requests_;
    /// By requests an interval.
    std::map<std::pair<std::uint32_t, Nanos>, sim_front::RateTable> account_limits_;
    std::map<std::string, UnixNanos, std::less<>> bans_;
    std::map<std::uint64_t, Socket> accepted_;  ///< not opened yet
    std::map<std::uint64_t, Nanos> accepted_silence_;
    std::uint64_t traces_ = 0;
    std::uint64_t sockets_made_ = 0;
};

}  // namespace parallax::sim_bybit
