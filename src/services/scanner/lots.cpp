#include "services/scanner/lots.hpp"

#include <algorithm>

#include "services/scanner/net_ladder.hpp"

namespace parallax::scanner {
namespace {

using messages::ReasonCode;

/// What the leg moves, in the group's scale: base that comes in or goes out.
std::int64_t moved(const LotLeg& leg) noexcept {
    const std::int64_t own = leg.side == Side::Buy ? received(leg.order, leg.base_fee) : leg.order;
    return own * leg.factor;
}

std::int64_t total(std::span<const LotLeg> legs, Side side) noexcept {
    std::int64_t sum = 0;
    for (const LotLeg& leg : legs) sum += leg.side == side ? moved(leg) : 0;
    return sum;
}

/// Rounds down; drops what is too small. Returns why it dropped, or none.
ReasonCode round_down(std::span<LotLeg> legs) noexcept {
    ReasonCode reason = ReasonCode::None;
    for (LotLeg& leg : legs) {
        if (leg.order == 0) continue;
        leg.order -= leg.order % leg.lot;
        if (leg.order != 0 && leg.order >= leg.minimum) continue;
        reason = leg.order == 0 ? ReasonCode::LotRounding : ReasonCode::BelowMinNotional;
        leg.order = 0;
    }
    return reason;
}

/// The leg of a side whose last unit is worst; null when the side is empty.
LotLeg* worst_of(std::span<LotLeg> legs, Side side, const LotLeg* better_than) noexcept {
    LotLeg* worst = nullptr;
    const auto key = [side](const LotLeg& leg) {
        return side == Side::Buy ? leg.worst : -leg.worst;
    };
    for (LotLeg& leg : legs) {
        if (leg.side != side || leg.order == 0) continue;
        if (better_than != nullptr && (&leg == better_than || key(leg) >= key(*better_than)))
            continue;
        if (worst == nullptr || key(leg) > key(*worst)) worst = &leg;
    }
    return worst;
}

/// Takes whole lots from the side, worst leg first. True when anything was taken.
bool trim(std::span<LotLeg> legs, Side side, std::int64_t excess) noexcept {
    bool trimmed = false;
    for (LotLeg* leg = worst_of(legs, side, nullptr); leg != nullptr && excess > 0;
         leg = worst_of(legs, side, leg)) {
        const std::int64_t lots = std::min(excess / leg->factor, leg->order) / leg->lot;
        if (lots == 0) continue;
        const std::int64_t before = moved(*leg);
        leg->order -= lots * leg->lot;
        excess -= before - moved(*leg);
        trimmed = true;
    }
    return trimmed;
}

}  // namespace

std::int64_t least_order(const Instrument& instrument, const Symbol& symbol, Price price) noexcept {
    std::int64_t least = std::max(instrument.lot.raw(), instrument.min_quantity.raw());
    if (instrument.min_notional > Amount{} && price.raw() > 0) {
        const Amount base =
            divide_by_price(instrument.min_notional, price, symbol.price_scale, Rounding::Up);
        least = std::max(least, to_quantity(base, symbol.quantity_scale, Rounding::Up).raw());
    }
    const std::int64_t lot = instrument.lot.raw();
    return (std::min(least, kMostQuantity) + lot - 1) / lot * lot;
}

ReasonCode fit_lots(std::span<LotLeg> legs) noexcept {
    ReasonCode dropped = ReasonCode::None;
    // Each round drops a leg or trims one; a trim below the minimum is dropped in the next.
    for (std::size_t round = 0; round < 4 * legs.size() + 4; ++round) {
        const ReasonCode reason = round_down(legs);
        if (reason != ReasonCode::None) dropped = reason;
        const std::int64_t bought = total(legs, Side::Buy);
        const std::int64_t sold = total(legs, Side::Sell);
        if (bought == 0 || sold == 0) {
            return dropped == ReasonCode::None ? ReasonCode::InsufficientDepth : dropped;
        }
        const Side longer = bought > sold ? Side::Buy : Side::Sell;
        const std::int64_t excess = longer == Side::Buy ? bought - sold : sold - bought;
        if (!trim(legs, longer, excess)) return ReasonCode::None;
    }
    return ReasonCode::None;
}

}  // namespace parallax::scanner
