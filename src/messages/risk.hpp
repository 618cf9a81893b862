#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/ids.hpp"
#include "core/market.hpp"
#include "core/time.hpp"
#include "messages/reason.hpp"
#include "messages/scanner.hpp"

/// Topic `risk`: verdicts, states and alerts. Keyed by scope.
namespace parallax::messages {

/// The eleven pre-trade checks, in the order they run.
enum class RiskCheck : std::uint8_t {
    None = 0,
    State = 1,       ///< global, venue, strategy or symbol state
    Instrument = 2,  ///< known, tradable, tick, lot, size and notional filters, price band
    OrderSize = 3,   ///< largest order value and volume
    PriceCollar =
        4,        ///< against own mid, mark or index, and other venues; protection price present
    Balance = 5,  ///< free balance or margin after reservations, fee included; leverage
    Exposure =
        6,  ///< position, net delta, gross venue, asset, quote group, open orders at worst case
    Duplicate = 7,    ///< same intent again, open-order count, self-trade
    Rate = 8,         ///< message and order buckets with the hedge reserve; repeated executions
    MarketData = 9,   ///< age, sequence, clock bound, book sanity, opportunity's time to live
    Profit = 10,      ///< expected net above threshold; loss ladder; breakers
    ReduceOnly = 11,  ///< a reducing order truly reduces; hedges have limits of their own
};
[[nodiscard]] constexpr std::string_view to_string(RiskCheck check) noexcept {
    constexpr std::string_view kNames[] = {
        "none",     "state",     "instrument", "order_size",  "price_collar", "balance",
        "exposure", "duplicate", "rate",       "market_data", "profit",       "reduce_only"};
    return kNames[static_cast<std::size_t>(check)];
}

/// ACTIVE trades; REDUCING only shrinks exposure; HALTED sends hedges and cancels only; KILLED
/// sends cancels only and needs a person to come back.
enum class TradingState : std::uint8_t { Active, Reducing, Halted, Killed };
[[nodiscard]] constexpr std::string_view to_string(TradingState state) noexcept {
    constexpr std::string_view kNames[] = {"active", "reducing", "halted", "killed"};
    return kNames[static_cast<std::size_t>(state)];
}

enum class ScopeKind : std::uint8_t { Global, Strategy, Venue, Symbol, Quote };

/// What a state or limit applies to. `id` is an OpportunityKind, a Venue, a SymbolId or the AssetId
/// of a quote asset; 0 for Global.
struct Scope {
    ScopeKind kind = ScopeKind::Global;
    std::uint32_t id = 0;
    friend constexpr bool operator==(const Scope&, const Scope&) = default;
    template <class Archive>
    void describe(Archive& a) {
        a(kind, id);
    }
};

/// Command from an operator or the supervisor.
struct SetTradingState {
    Scope scope;
    TradingState state{};
    UnixNanos time;
    template <class Archive>
    void describe(Archive& a) {
        a(scope, state, time);
    }
};

/// Whether our accounts at a venue are such that it may be traded: keys good, private streams up,
/// wallets and positions as the ledger says. While not, the venue is HALTED. A condition, not a
/// command: it lifts nothing that a person or a breaker set.
struct AccountStatus {
    Market market{};  ///< one of the venue's
    bool good = false;
    UnixNanos time;
    std::string why;  ///< it is not good; for people
    template <class Archive>
    void describe(Archive& a) {
        a(market, good, time, why);
    }
};

/// A scope's state changed, by command, loss ladder or breaker.
struct TradingStateChanged {
    Scope scope;
    TradingState from{};
    TradingState to{};
    UnixNanos time;
    Reason reason;
    template <class Archive>
    void describe(Archive& a) {
        a(scope, from, to, time, reason);
    }
};

/// Command from a person: proposes other limits, or approves what somebody else proposed.
struct ChangeLimits {
    std::uint64_t proposal = 0;  ///< 0: this proposes; else the number of the proposal approved
    std::string person;          ///< who says so, as authenticated at the edge
    std::string settings;        ///< of a proposal: `name = value` a line, names of section `risk`
    UnixNanos time;
    template <class Archive>
    void describe(Archive& a) {
        a(proposal, person, settings, time);
    }
};

/// What became of a ChangeLimits.
enum class LimitsOutcome : std::uint8_t {
    Applied,     ///< in force from now on, under a new version
    Proposed,    ///< looser than before: waits for a second person
    Malformed,   ///< no person, no such setting, out of its range, or nothing to change
    NoProposal,  ///< no proposal of that number waits
    Stale,       ///< the limits have changed since it was proposed: propose again
    SamePerson,  ///< nobody approves what they proposed
};
[[nodiscard]] constexpr std::string_view to_string(LimitsOutcome outcome) noexcept {
    constexpr std::string_view kNames[] = {"applied",     "proposed", "malformed",
                                           "no_proposal", "stale",    "same_person"};
    return kNames[static_cast<std::size_t>(outcome)];
}

/// Limits changed, or a change of them was proposed or refused.
struct LimitsChanged {
    LimitsOutcome outcome{};
    std::uint64_t version = 0;   ///< of the limits in force now
    std::uint64_t proposal = 0;  ///< 0 where there is none
    std::string proposer;
    std::string approver;  ///< empty where nobody else had to agree
    std::string settings;  ///< what was applied, proposed or refused
    UnixNanos time;
    template <class Archive>
    void describe(Archive& a) {
        a(outcome, version, proposal, proposer, approver, settings, time);
    }
};

/// The gate's answer to one plan or order.
struct Verdict {
    RiskCheck check = RiskCheck::None;  ///< None = approved; else the check that refused
    std::uint8_t detail = 0;            ///< sub-code within the check, see risk/gate.hpp
    std::uint8_t order = 0;             ///< which of the orders asked about
    std::int64_t value = 0;
    std::int64_t limit = 0;
    [[nodiscard]] bool approved() const noexcept { return check == RiskCheck::None; }
    template <class Archive>
    void describe(Archive& a) {
        a(check, detail, order, value, limit);
    }
};

}  // namespace parallax::messages
