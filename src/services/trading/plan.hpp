#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/amount.hpp"
#include "core/ids.hpp"
#include "core/instrument.hpp"
#include "messages/scanner.hpp"
#include "messages/trade.hpp"
#include "services/trading/order_state.hpp"

namespace parallax::trading {

inline constexpr std::size_t kMaxOrders = 32;  ///< entries, hedges, chases of one plan
inline constexpr std::size_t kMaxFlows = messages::kMaxLegs + 2;

/// What a plan has of an asset in a wallet more than before it began; fees taken off.
struct Flow {
    Market wallet{};
    AssetId asset;
    Amount net;
    template <class Archive>
    void describe(Archive& a) {
        a(wallet, asset, net);
    }
};

/// One arbitrage from reservation to settlement. Plain state: the service moves it. Entry legs come
/// first; orders that repair it (hedge, chase, revert) get legs of their own behind them, planned =
/// 0, one per instrument and side.
struct Plan {
    PlanId id;
    OpportunityId opportunity;
    messages::OpportunityKind kind{};
    messages::PlanState state{};
    messages::PlanOutcome outcome{};
    messages::Execution execution{};
    AssetId value_asset;
    messages::EdgeWaterfall planned;
    messages::Reason reason;  ///< why the rest is as it is
    Rate expected_rate, threshold;
    UnixNanos expires;
    std::uint8_t leg_count = 0;
    std::uint8_t entry_legs = 0;
    std::uint8_t first_leg = 0;
    std::uint8_t steps_done = 0;  ///< legs of a sequential plan that had their turn
    std::uint8_t order_count = 0;
    std::uint8_t flow_count = 0;
    std::uint8_t hedges = 0;  ///< rounds of hedging
    bool chased = false;
    bool holds = false;     ///< something may be reserved
    bool last_try = false;  ///< the last hedge of the rest has had its turn
    bool stranded = false;  ///< nothing more can be done about a rest: it is reported as residual
    bool plain = false;     ///< a venue refused to only reduce: repairs say so no more
    bool kept = false;      ///< a rest was cheaper to keep than to mend
    UnixNanos deadline;     ///< of the residual; known from the first fill
    UnixNanos give_up_at;
    UnixNanos retry_at;
    UnixNanos wake;  ///< next time to look at the plan without an event
    UnixNanos settled;
    std::array<messages::PlanLeg, messages::kMaxLegs> legs;
    std::array<Amount, messages::kMaxLegs> planned_base;
    std::array<Amount, messages::kMaxLegs> filled_base;
    std::array<bool, messages::kMaxLegs> reduce_only{};  ///< exits, as the opportunity says
    std::array<Flow, kMaxFlows> flows;
    std::array<Order, kMaxOrders> orders;

    [[nodiscard]] bool open() const noexcept {
        return id.valid() && state != messages::PlanState::Settled &&
               state != messages::PlanState::Refused;
    }
    /// Conversions in a ring: what is left over is an asset, not a difference of two legs.
    [[nodiscard]] bool cycle() const noexcept {
        return kind == messages::OpportunityKind::Triangle ||
               kind == messages::OpportunityKind::Cycle;
    }
    [[nodiscard]] std::span<Order> all_orders() noexcept { return {orders.data(), order_count}; }
    [[nodiscard]] std::span<const Order> all_orders() const noexcept {
        return {orders.data(), order_count};
    }
    [[nodiscard]] bool any_live() const noexcept {
        for (const Order& order : all_orders()) {
            if (order.live()) return true;
        }
        return false;
    }
    [[nodiscard]] bool any_fill() const noexcept {
        for (std::size_t i = 0; i < leg_count; ++i) {
            if (!legs[i].filled.is_zero()) return true;
        }
        return false;
    }
    [[nodiscard]] Order* find(ClientOrderId wanted) noexcept {
        for (Order& order : all_orders()) {
            if (order.id == wanted) return &order;
        }
        return nullptr;
    }
    /// The repairing leg of an instrument and side, new if there is room; -1 if there is not. When
    /// all are taken, an entry leg of the same instrument and side serves.
    [[nodiscard]] int repair_leg(InstrumentId instrument, Side side) const noexcept {
        int entry = -1;
        for (std::size_t i = 0; i < leg_count; ++i) {
            if (legs[i].instrument != instrument || legs[i].side != side) continue;
            if (i >= entry_legs) return static_cast<int>(i);
            entry = static_cast<int>(i);
        }
        return leg_count < messages::kMaxLegs ? leg_count : entry;
    }
    Flow* flow(Market wallet, AssetId asset) noexcept {
        for (std::size_t i = 0; i < flow_count; ++i) {
            if (flows[i].wallet == wallet && flows[i].asset == asset) return &flows[i];
        }
        if (flow_count == kMaxFlows) return nullptr;
        flows[flow_count] = {wallet, asset, Amount{}};
        return &flows[flow_count++];
    }

    template <class Archive>
    void describe(Archive& a) {
        a(id);
        if (!id.valid()) return;
        a(opportunity, kind, state, outcome, execution, value_asset, planned, reason, expected_rate,
          threshold, expires, leg_count, entry_legs, first_leg, steps_done, order_count, flow_count,
          hedges, chased, holds, last_try, stranded, plain, kept, deadline, give_up_at, retry_at,
          wake, settled);
        leg_count = std::min<std::uint8_t>(leg_count, messages::kMaxLegs);
        entry_legs = std::min(entry_legs, leg_count);
        order_count = std::min<std::uint8_t>(order_count, kMaxOrders);
        flow_count = std::min<std::uint8_t>(flow_count, kMaxFlows);
        for (std::size_t i = 0; i < leg_count; ++i)
            a(legs[i], planned_base[i], filled_base[i], reduce_only[i]);
        for (std::size_t i = 0; i < flow_count; ++i) a(flows[i]);
        for (std::size_t i = 0; i < order_count; ++i) a(orders[i]);
    }
};

}  // namespace parallax::trading
