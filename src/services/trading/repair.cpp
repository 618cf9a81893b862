// The orders that mend a rest: hedges and reverts across the spread, chases behind it.
#include "services/trading/service.hpp"

#include <algorithm>

namespace parallax::trading {

using messages::Purpose;
using messages::Reason;
using messages::ReasonCode;

// ---- hedge

/// The limit of a repair: behind the last level it needs by a slack that doubles with each round,
/// and all the room there is in the last one; on tick.
Price Service::with_slack(const Plan& plan, InstrumentId id, Side side,
                          Price worst) const noexcept {
    const Instrument& listing = universe_.instrument(id);
    const std::int64_t wide = config_.hedge_slack.raw() << std::min<std::size_t>(plan.hedges, 16);
    const std::int64_t cap = config_.hedge_slack_cap.raw();
    const std::int64_t slack =
        plan.last_try ? std::max(cap, config_.last_slack.raw()) : std::min(wide, cap);
    const __int128 room = static_cast<__int128>(worst.raw()) * slack / Rate::kOne;
    const std::int64_t tick = listing.tick.raw();
    std::int64_t price = worst.raw();
    if (side == Side::Buy) {
        price += static_cast<std::int64_t>(room);
        price -= price % tick;
        if (listing.max_price.raw() > 0) price = std::min(price, listing.max_price.raw());
        return Price::from_raw(std::max(price, worst.raw()));
    }
    price -= static_cast<std::int64_t>(room);
    price += (tick - price % tick) % tick;
    return Price::from_raw(
        std::max(std::min(price, worst.raw()), std::max(listing.min_price.raw(), tick)));
}

Service::Mended Service::hedge(Plan& plan, const Route& best, std::span<const Candidate> where) {
    const std::size_t first = plan.order_count;
    const std::uint8_t legs = plan.leg_count;
    for (std::size_t i = 0; i < best.count; ++i) {
        const RoutePart& part = best.parts[i];
        const int leg = plan.repair_leg(part.instrument, part.side);
        if (leg < 0) continue;  // another part took the last leg
        const auto at = static_cast<std::size_t>(leg);
        if (at == plan.leg_count) {
            plan.legs[at] = {};
            plan.legs[at].instrument = part.instrument;
            plan.legs[at].side = part.side;
            plan.planned_base[at] = plan.filled_base[at] = Amount{};
            ++plan.leg_count;
        }
        const Price limit = with_slack(plan, part.instrument, part.side, part.worst);
        plan.legs[at].protection = limit;
        const Purpose purpose = where[part.candidate].revert ? Purpose::Revert : Purpose::Hedge;
        add_order(plan, at, purpose, part.quantity, limit);
    }
    if (plan.order_count == first) return retry(plan, {ReasonCode::InsufficientDepth, 0, 0});
    if (const Reason reason = approve(plan, first); !reason.none()) {
        plan.order_count = static_cast<std::uint8_t>(first);
        plan.leg_count = legs;
        return retry(plan, reason);
    }
    plan.reason = Reason{};
    ++plan.hedges;
    for (std::size_t i = first; i < plan.order_count; ++i)
        send(plan.orders[i], config_.order_timeout);
    return Mended::Sent;
}

// ---- chase

/// The entry leg that fell short, if it can be waited for; -1 = none.
int Service::chase_leg(const Plan& plan, const Rest& rest) const noexcept {
    const bool late = !plan.deadline.known() || now_ + config_.chase_time >= plan.deadline;
    if (!config_.chase || plan.chased || rest.in_wallet || late) return -1;
    for (std::size_t i = 0; i < plan.entry_legs; ++i) {
        const messages::PlanLeg& leg = plan.legs[i];
        const bool mends = leg.side == (rest.amount > Amount{} ? Side::Sell : Side::Buy);
        if (!mends || leg.filled >= leg.planned || !books_.contains(leg.instrument)) continue;
        const book::FeedBook& book = books_[leg.instrument];
        const Level own_side = book.best(leg.side);
        if (!book.tradable() || own_side.quantity.is_zero()) continue;
        const Quantity quantity = quantity_of(universe_, leg.instrument, rest.asset,
                                              rest.amount.magnitude(), own_side.price);
        if (!sendable(universe_, leg.instrument, own_side.price, quantity)) continue;
        if (affordable(universe_.instrument(leg.instrument), rest) < rest.amount.magnitude())
            continue;
        if (plan.repair_leg(leg.instrument, leg.side) >= 0) return static_cast<int>(i);
    }
    return -1;
}

/// Filled at our own side of the book with the chance p; else hedged at today's cost after the
/// wait, which itself costs carrying risk.
Amount Service::chase_cost(const Plan& plan, const Rest& rest, std::span<const Candidate> where,
                           Amount hedge_cost, Amount middle) const noexcept {
    const int leg = chase_leg(plan, rest);
    if (leg < 0) return Amount::max();
    const InstrumentId id = plan.legs[static_cast<std::size_t>(leg)].instrument;
    const Instrument& listing = universe_.instrument(id);
    const Side side = plan.legs[static_cast<std::size_t>(leg)].side;
    const Amount size = rest.amount.magnitude();
    const Amount value = times(size, middle);
    const auto* there = std::find_if(where.data(), where.data() + where.size(),
                                     [id](const Candidate& c) { return c.instrument == id; });
    if (there == where.data() + where.size()) return Amount::max();
    const Amount at_limit =
        times(times(size, unit_price(universe_, id, rest.asset, books_[id].best(side).price)),
              there->conversion);
    const Amount fee =
        apply(fees_.rates(listing.market, listing.kind).maker, at_limit, Rounding::Up);
    const Amount filled = (side == Side::Buy ? at_limit - value : value - at_limit) + fee;
    const Rate miss = Rate::from_raw(Rate::kOne) - config_.chase_fill_probability;
    const Amount risk =
        Amount::from_raw(multiply_divide(apply(config_.risk_per_second, value, Rounding::Up).raw(),
                                         config_.chase_time.count(), 1'000'000'000, Rounding::Up));
    return apply(config_.chase_fill_probability, filled, Rounding::Up) +
           apply(miss, hedge_cost, Rounding::Up) + risk;
}

Service::Mended Service::chase(Plan& plan, const Rest& rest) {
    const auto from = static_cast<std::size_t>(chase_leg(plan, rest));
    const InstrumentId id = plan.legs[from].instrument;
    const Side side = plan.legs[from].side;
    const Price limit = books_[id].best(side).price;
    const Quantity quantity =
        quantity_of(universe_, id, rest.asset, rest.amount.magnitude(), limit);
    const auto at = static_cast<std::size_t>(plan.repair_leg(id, side));
    const std::uint8_t legs = plan.leg_count;
    if (at == plan.leg_count) {
        plan.legs[at] = {};
        plan.legs[at].instrument = id;
        plan.legs[at].side = side;
        plan.planned_base[at] = plan.filled_base[at] = Amount{};
        ++plan.leg_count;
    }
    plan.legs[at].protection = limit;
    plan.chased = true;
    const std::size_t first = plan.order_count;
    add_order(plan, at, Purpose::Chase, quantity, limit).time_in_force = messages::TimeInForce::Gtc;
    if (const Reason reason = approve(plan, first); !reason.none()) {
        --plan.order_count;
        plan.leg_count = legs;
        return retry(plan, reason);
    }
    send(plan.orders[first], config_.chase_time);
    return Mended::Sent;
}

}  // namespace parallax::trading
