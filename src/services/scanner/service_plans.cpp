#include <algorithm>

#include "services/scanner/service.hpp"

namespace parallax::scanner {

using messages::PlanOutcome;
using messages::PlanState;

Lane& Service::lane(std::uint32_t number) noexcept {
    const std::uint32_t index = number & (kCycleLane - 1);
    if (number >= kPairLane) return pairs_[index].lane;
    return number >= kCycleLane ? cycle_lanes_[index] : groups_[index].lane;
}

void Service::on(const messages::PlanUpdate& update) {
    const auto it = std::find_if(signals_.begin(), signals_.end(), [&](const Signal& signal) {
        return signal.id == update.opportunity;
    });
    if (it == signals_.end()) return;
    Lane& route = lane(it->lane);
    const bool ended = update.state == PlanState::Settled || update.state == PlanState::Refused;
    route.plan_open = !ended;
    if (!ended) return;
    route.busy_until = update.time;
    if (update.outcome != PlanOutcome::Completed)
        route.cooldown_until = update.time + config_.cooldown;
    learn(*it, update);
    remember_footprint(*it, update);
    book_position(*it, update);
    signals_.erase(it);
}

/// Fill ratio of every attempt that was sent; unwind cost of one that ended lopsided: how much
/// worse than planned the legs came out, as a fraction of their value.
void Service::learn(const Signal& signal, const messages::PlanUpdate& update) {
    ++epoch_;
    if (update.state == PlanState::Refused || update.outcome == PlanOutcome::Refused) return;
    const bool hit = update.outcome == PlanOutcome::Completed;
    estimates_.fill(signal.kind, signal.buy, signal.sell).record(hit, config_.fill_forgetting);
    if (update.outcome != PlanOutcome::Legged) return;
    double worse = 0.0;
    for (std::size_t i = 0; i < update.leg_count && i < messages::kMaxLegs; ++i) {
        const messages::PlanLeg& leg = update.legs[i];
        if (leg.filled.is_zero() || leg.planned.is_zero() || leg.planned_value <= Amount{})
            continue;
        const double planned =
            leg.planned_value.approximate() / static_cast<double>(leg.planned.raw());
        const double paid = leg.filled_value.approximate() / static_cast<double>(leg.filled.raw());
        worse += (leg.side == Side::Buy ? paid - planned : planned - paid) / planned;
    }
    estimates_.unwind(signal.kind, signal.buy, signal.sell).record(std::max(worse, 0.0));
}

/// What the legs took from their books.
void Service::remember_footprint(const Signal& signal, const messages::PlanUpdate& update) {
    for (std::size_t i = 0; i < update.leg_count && i < messages::kMaxLegs; ++i) {
        const messages::PlanLeg& leg = update.legs[i];
        if (leg.filled.is_zero() || leg.instrument.index() >= tracks_.size()) continue;
        Track& track = tracks_[leg.instrument.index()];
        if (!track.listed || leg.planned_worst.raw() <= 0) continue;
        const Amount base =
            universe_.base_value(leg.instrument, leg.planned_worst, leg.filled, Rounding::Down);
        Footprint& taken =
            observed_[leg.instrument.index()].taken[static_cast<std::size_t>(leg.side)];
        taken.add(update.time, base.approximate(), leg.side, signal.best[i], leg.planned_worst);
        track.recovers = true;
        ++epoch_;
    }
}

/// What a basis plan filled on both legs opens a position, or closes (part of) one. What only one
/// leg filled is the residual policy's.
void Service::book_position(const Signal& signal, const messages::PlanUpdate& update) {
    const bool filled = update.outcome == PlanOutcome::Completed ||
                        update.outcome == PlanOutcome::Legged;  // others went back or never were
    if (signal.lane < kPairLane || !filled) return;
    BasisPair& pair = pairs_[signal.lane - kPairLane];
    Quantity cash, future;
    double share = 1.0;
    for (std::size_t i = 0; i < update.leg_count && i < messages::kMaxLegs; ++i) {
        const messages::PlanLeg& leg = update.legs[i];
        if (leg.planned.is_zero()) return;
        share = std::min(
            share, static_cast<double>(leg.filled.raw()) / static_cast<double>(leg.planned.raw()));
    }
    for (std::size_t i = 0; i < update.leg_count && i < messages::kMaxLegs; ++i) {
        const messages::PlanLeg& leg = update.legs[i];
        const Quantity both = share >= 1.0
                                  ? leg.planned
                                  : floor_to(Quantity::from_raw(static_cast<std::int64_t>(
                                                 share * static_cast<double>(leg.planned.raw()))),
                                             universe_.instrument(leg.instrument).lot);
        if (leg.instrument == pair.cash) cash = both;
        if (leg.instrument == pair.future) future = both;
    }
    Holding& held = pair.holding;
    if (!signal.exit) {
        if (cash.is_zero() || future.is_zero()) return;
        held = {cash, future, signal.sell_future, update.time};
        return;
    }
    held.cash = held.cash - std::min(cash, held.cash);
    held.future = held.future - std::min(future, held.future);
    if (!held.any()) held = {};
}

}  // namespace parallax::scanner
