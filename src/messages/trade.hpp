#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/amount.hpp"
#include "core/ids.hpp"
#include "core/price.hpp"
#include "core/time.hpp"
#include "messages/reason.hpp"
#include "messages/scanner.hpp"

/// Topic `trade`: execution plans, orders and what venues say about them. Keyed by plan.
namespace parallax::messages {

enum class TimeInForce : std::uint8_t { Ioc, Fok, Gtc, PostOnly };

/// What an order is for. Everything but Entry reduces risk and has limits and rate tokens of its
/// own.
enum class Purpose : std::uint8_t { Entry, Hedge, Chase, Revert };
[[nodiscard]] constexpr std::string_view to_string(Purpose purpose) noexcept {
    constexpr std::string_view kNames[] = {"entry", "hedge", "chase", "revert"};
    return kNames[static_cast<std::size_t>(purpose)];
}

enum class OrderAction : std::uint8_t { Place, Cancel, Query };

/// Command from trading to an order gateway. There is no market order: every order carries a
/// protection price.
struct OrderRequest {
    OrderAction action = OrderAction::Place;
    ClientOrderId id;
    InstrumentId instrument;
    Side side = Side::Buy;
    Price price;  ///< limit
    Quantity quantity;
    TimeInForce time_in_force = TimeInForce::Ioc;
    Purpose purpose = Purpose::Entry;
    bool reduce_only = false;
    UnixNanos decided;  ///< time of the event that caused it
    template <class Archive>
    void describe(Archive& a) {
        a(action, id, instrument, side, price, quantity, time_in_force, purpose, reduce_only,
          decided);
    }
};

enum class OrderEventKind : std::uint8_t {
    Accepted,  ///< the venue has it; says nothing about fills
    Rejected,  ///< the venue refused it: it never was in the book
    Filled,    ///< one execution, with price, quantity and fee
    Done,      ///< nothing further will fill: complete, or the rest cancelled or expired
    Unknown,   ///< no answer in time: it may exist or not. Resolved by Query only
    NotFound,  ///< answer to a Query: the venue never had it
};
[[nodiscard]] constexpr std::string_view to_string(OrderEventKind kind) noexcept {
    constexpr std::string_view kNames[] = {"accepted", "rejected", "filled",
                                           "done",     "unknown",  "not_found"};
    return kNames[static_cast<std::size_t>(kind)];
}

/// Event from an order gateway. Acknowledgement, fill and fee are three facts: duplicates, other
/// orders of arrival and fills after Done (late fills) are legal and must be handled.
struct OrderEvent {
    OrderEventKind kind{};
    ClientOrderId id;
    InstrumentId instrument;
    Side side = Side::Buy;
    UnixNanos received;
    UnixNanos venue_time;
    std::uint64_t venue_order_id = 0;
    // Filled:
    std::uint64_t trade_id =
        0;  ///< unique per instrument; 0 = the venue gave none: use `cumulative`
    Price price;
    Quantity quantity;
    Quantity cumulative;  ///< filled so far by the venue's count; monotone
    Amount fee;           ///< positive = paid
    AssetId fee_asset;
    bool maker = false;
    // Rejected, Done:
    Reason reason;
    // Filled:
    std::uint64_t account_update = 0;  ///< the wallet's change it made, as in BalanceReport
    Amount realised;  ///< of a derivative: profit the venue booked with it, in its settle asset
    bool realised_told = false;  ///< it said so; if not, average cost is reckoned here
    template <class Archive>
    void describe(Archive& a) {
        a(kind, id, instrument, side, received, venue_time, venue_order_id, trade_id, price,
          quantity, cumulative, fee, fee_asset, maker, reason, account_update, realised,
          realised_told);
    }
};

/// A plan's way through life. Reserved -> Sent -> (Partial | Filled | Unknown | Residual)* ->
/// Settled; or Refused.
enum class PlanState : std::uint8_t {
    Refused,   ///< by risk or for lack of balance, before anything was sent
    Reserved,  ///< balances held, journalled, nothing sent
    Sent,      ///< entry orders are out
    Partial,   ///< some fills, orders still open
    Filled,    ///< all legs full
    Unknown,   ///< an order without an answer; reason venue_down: asked for long, in vain
    Residual,  ///< legs unequal, the rest is being hedged, chased or reverted
    Settled,   ///< nothing open, reservations released, profit booked
};
[[nodiscard]] constexpr std::string_view to_string(PlanState state) noexcept {
    constexpr std::string_view kNames[] = {"refused", "reserved", "sent",     "partial",
                                           "filled",  "unknown",  "residual", "settled"};
    return kNames[static_cast<std::size_t>(state)];
}

/// How a plan ended. Residual: legs unequal and nothing could be done about it; `reason` says what
/// stood in the way, and risk reduces its symbols until a person has looked.
enum class PlanOutcome : std::uint8_t {
    Open,
    Completed,
    Legged,
    Unwound,
    Missed,
    Refused,
    Residual
};
[[nodiscard]] constexpr std::string_view to_string(PlanOutcome outcome) noexcept {
    constexpr std::string_view kNames[] = {"open",   "completed", "legged",  "unwound",
                                           "missed", "refused",   "residual"};
    return kNames[static_cast<std::size_t>(outcome)];
}

/// What a plan's leg planned and did.
struct PlanLeg {
    InstrumentId instrument;
    Side side = Side::Buy;
    Quantity planned;
    Quantity filled;  ///< by entry and later orders of the leg, on its own instrument and side
    Price planned_worst;
    Price protection;
    Amount planned_value;  ///< quote
    Amount filled_value;   ///< quote, exact sum of price x quantity
    Amount planned_fee;    ///< quote
    template <class Archive>
    void describe(Archive& a) {
        a(instrument, side, planned, filled, planned_worst, protection, planned_value, filled_value,
          planned_fee);
    }
};

/// Emitted at each change of a plan's state; the last one (Settled or Refused) carries the outcome.
struct PlanUpdate {
    PlanId plan;
    OpportunityId opportunity;
    OpportunityKind kind{};
    PlanState state{};
    PlanOutcome outcome = PlanOutcome::Open;
    UnixNanos time;
    std::uint8_t leg_count = 0;
    std::array<PlanLeg, kMaxLegs> legs{};
    AssetId value_asset;
    EdgeWaterfall planned;
    Reason reason;
    template <class Archive>
    void describe(Archive& a) {
        a(plan, opportunity, kind, state, outcome, time, leg_count);
        for (std::size_t i = 0; i < leg_count && i < kMaxLegs; ++i) a(legs[i]);
        a(value_asset, planned, reason);
    }
};

}  // namespace parallax::messages
