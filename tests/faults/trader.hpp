#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gateway_world.hpp"
#include "runtime/random.hpp"
#include "world.hpp"

namespace parallax::fault_testing {

/// How a gateway sends.
struct GatewayCase {
    const char* name;
    gateway_testing::VenueParts (*parts)();
    bool sockets;
};

/// A live gateway on the world, and somebody who trades through it as the core does: places orders
/// of all kinds, cancels what rests, asks about what has no answer, and sends nothing twice.
class Trader {
public:
    Trader(const GatewayCase& how, std::uint64_t seed);

    /// Trades for so long, or only minds the orders there are.
    void run(Nanos time, bool place = true);
    bool until(const std::function<bool()>& done, Nanos limit);
    [[nodiscard]] bool all_over() const;
    [[nodiscard]] bool ready() const;
    /// One immediate order at the venue's best price, followed to its end.
    const messages::OrderEvent& one_more(bool perpetual);
    /// What the account adapter says of a balance.
    void expect_account_tells_balances();
    /// Everything the port promises, against what the venue knows.
    void expect_contract();
    /// Counted somewhere: how often it happened.
    [[nodiscard]] std::uint64_t shown(FaultCase::Shows what) const;

    gateway_testing::VenueParts parts;
    World world;
    Universe universe;
    std::unique_ptr<venue_common::RestDialect> dialect;
    std::unique_ptr<venue_common::RestClient> rest;
    std::unique_ptr<venue_common::LiveGateway> gateway;
    std::unique_ptr<venue_common::LiveAccount> account;

    struct Placed {
        messages::OrderRequest request;
        std::vector<messages::OrderEvent> events;
        UnixNanos cancelled, asked;
        bool sent = false;
        bool over = false;
        unsigned questions = 0;
    };
    std::map<std::uint64_t, Placed> orders;  ///< by id
    std::uint64_t strangers = 0;             ///< events of orders that are not ours
    std::string why_unsent;                  ///< the last order that was not

    [[nodiscard]] sim_world::Door door() const noexcept;
    [[nodiscard]] sim_engine::SimVenue& venue() noexcept { return world.sim().venue(parts.venue); }
    [[nodiscard]] gateway_testing::Owner owner();

private:
    void turn(UnixNanos until);
    void take_events();
    void place(UnixNanos now);
    void mind(UnixNanos now);
    Placed& send(Side side, Price price, std::int64_t thousandths, messages::TimeInForce force,
                 bool perpetual);
    void ask(Placed& order, messages::OrderAction action);
    [[nodiscard]] Price best(Side side, bool perpetual);
    void expect_end(const Placed& order);
    void expect_sent_once();

    bool sockets_;
    fix::Transport wire_{world.tap};
    gateway_testing::FixPlaces places_;
    runtime::Random random_;
    std::array<std::optional<sim_engine::ListingId>, 2> listings_;  ///< spot, perpetual
    std::array<InstrumentId, 2> ids_;
    std::map<std::string, Amount> start_;
    UnixNanos next_order_;
    std::uint64_t next_plan_ = 1;
};

}  // namespace parallax::fault_testing
