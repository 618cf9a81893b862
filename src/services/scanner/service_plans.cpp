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

}  // namespace parallax::scanner
