// What to do when the legs are unequal, or a ring of conversions stopped on the way: the cheapest
// of hedging over all venues (which includes reverting), waiting with a limit order on the missing
// leg, and keeping it. At the end of the plan's time one last hedge, with all the room there is; a
// rest that outlives it is reported, never silently kept.
#include "services/trading/service.hpp"

#include <algorithm>

namespace parallax::trading {

using messages::Reason;
using messages::ReasonCode;

// ---- how much is left

/// Base bought against base sold over all legs, as the plan's own proportion of the two (which may
/// hold the fee in coins). Zero when every leg filled to the same share.
Service::Rest Service::pair_rest(const Plan& plan) const noexcept {
    Amount planned_bought, planned_sold, bought, sold;
    for (std::size_t i = 0; i < plan.leg_count; ++i) {
        const bool buy = plan.legs[i].side == Side::Buy;
        (buy ? bought : sold) += plan.filled_base[i];
        if (i < plan.entry_legs) (buy ? planned_bought : planned_sold) += plan.planned_base[i];
    }
    Rest rest{universe_.instrument(plan.legs[0].instrument).base, {}, {}, false};
    if (planned_bought.is_zero() || planned_sold.is_zero()) {
        rest.amount = bought - sold;
        return rest;
    }
    const auto matched = [](Amount filled, Amount of, Amount other) {
        return Amount::from_raw(
            multiply_divide(filled.raw(), other.raw(), of.raw(), Rounding::HalfEven));
    };
    const Amount should_sell = matched(bought, planned_bought, planned_sold);
    rest.amount = should_sell >= sold ? should_sell - sold
                                      : bought - matched(sold, planned_sold, planned_bought);
    return rest;
}

/// Fills `out`; returns how many assets are out of balance.
std::size_t Service::rests(const Plan& plan, std::span<Rest> out) const noexcept {
    if (!plan.cycle()) {
        out[0] = pair_rest(plan);
        return out[0].amount.is_zero() ? 0 : 1;
    }
    std::size_t count = 0;
    for (std::size_t i = 0; i < plan.flow_count && count < out.size(); ++i) {
        const Flow& flow = plan.flows[i];
        if (flow.asset == plan.value_asset || flow.net.is_zero()) continue;
        out[count++] = {flow.asset, flow.net, flow.wallet, true};
    }
    return count;
}

// ---- the choice

void Service::decided(const Plan& plan, const Rest& rest, ResidualChoice choice, Amount hedge,
                      Amount chase, Amount keep, Reason reason) {
    decisions_.push_back(
        {plan.id, now_, choice, rest.asset, rest.amount, hedge, chase, keep, reason});
}

Service::Mended Service::mend(Plan& plan) {
    std::array<Rest, kMaxFlows> left;
    const std::size_t count = rests(plan, left);
    if (count == 0) return Mended::Nothing;
    const bool late = plan.give_up_at.known() && now_ >= plan.give_up_at;
    if (plan.retry_at > now_ && !late) return Mended::Waiting;
    // The last round always has room: no round before it may use its orders.
    const bool used_up =
        plan.hedges >= config_.max_hedges || plan.order_count + 2 * Route::kMaxParts > kMaxOrders;
    const bool over = plan.last_try;
    plan.last_try = plan.last_try || late || used_up;
    plan.kept = false;
    Mended result = Mended::Nothing;
    // What orders wait for or bring back may be needed for the repair; open entries keep their
    // holds.
    if (!plan.any_live()) release(plan);
    for (std::size_t i = 0; i < count; ++i) {
        result = std::max(result, mend(plan, left[i], over));
    }
    return result;
}

/// The end of all attempts: risk hears of it, and the plan stays to be seen.
Service::Mended Service::strand(Plan& plan, const Rest& rest, Reason reason) {
    plan.stranded = true;
    plan.reason = reason;
    if (plan.reason.none()) plan.reason = {ReasonCode::InsufficientDepth, 0, 0};
    constexpr Amount kNone = Amount::max();
    decided(plan, rest, ResidualChoice::GiveUp, kNone, kNone, kNone, plan.reason);
    return Mended::Nothing;
}

/// `over`: the last hedge is through; what it left may still be dust or small enough to keep.
Service::Mended Service::mend(Plan& plan, const Rest& rest, bool over) {
    constexpr Amount kNone = Amount::max();
    if (!over && plan.order_count + Route::kMaxParts > kMaxOrders)
        return strand(plan, rest, {ReasonCode::RateBudget, 0, kMaxOrders});
    const bool give = rest.amount > Amount{};
    const Amount size = rest.amount.magnitude();
    std::array<Candidate, kMaxCandidates> places;
    const std::size_t count = candidates(plan, rest, places);
    const std::span<const Candidate> where{places.data(), count};
    if (count == 0) {
        const Reason reason{ReasonCode::BookStale, 0, 0};
        return plan.last_try ? strand(plan, rest, reason) : retry(plan, reason);
    }
    const Amount middle = reference(where, rest.asset);
    const Amount value = times(size, middle);

    const Route best = route(universe_, books_, fees_, where, rest.asset, give, size);
    if (best.count == 0) return cannot_place(plan, rest, where);
    const Amount fair = times(best.placed, middle);
    const Amount hedge_cost = give ? fair - best.counter : best.counter - fair;
    // Without a middle nothing can be compared: then only hedging makes sure.
    const bool keepable =
        !middle.is_zero() && in_dollars(plan, rest, where[0]) && value <= config_.keep_band;
    const Amount keep = keepable ? apply(config_.keep_cost, value, Rounding::Up) : kNone;
    const Amount wait =
        middle.is_zero() ? kNone : chase_cost(plan, rest, where, hedge_cost, middle);
    if (keepable && (over || (keep <= hedge_cost && keep <= wait))) {
        plan.kept = true;
        decided(plan, rest, ResidualChoice::Keep, hedge_cost, wait, keep, {});
        return Mended::Nothing;
    }
    if (over) return strand(plan, rest, plan.reason);
    if (wait < hedge_cost && !plan.last_try) {
        const Mended chased = chase(plan, rest);
        decided(plan, rest, ResidualChoice::Chase, hedge_cost, wait, keep, plan.reason);
        return chased;
    }
    const Mended hedged = hedge(plan, best, where);
    if (hedged != Mended::Sent && plan.last_try) return strand(plan, rest, plan.reason);
    decided(plan, rest, ResidualChoice::Hedge, hedge_cost, wait, keep, plan.reason);
    return hedged;
}

/// Too small for every venue whatever the balance: dust. Otherwise money is missing: try later.
Service::Mended Service::cannot_place(Plan& plan, const Rest& rest,
                                      std::span<const Candidate> where) {
    const Amount size = rest.amount.magnitude();
    bool big_enough = false;
    Amount most;
    for (const Candidate& candidate : where) {
        const Instrument& listing = universe_.instrument(candidate.instrument);
        const Side side = side_for(listing, rest.asset, rest.amount > Amount{});
        const Price top = books_[listing.id].best(opposite(side)).price;
        Quantity whole = quantity_of(universe_, listing.id, rest.asset, size, top);
        if (!listing.max_quantity.is_zero())
            whole = std::min(whole, floor_to(listing.max_quantity, listing.lot));
        // An empty side says nothing about the size.
        big_enough = big_enough || top.raw() == 0 || sendable(universe_, listing.id, top, whole);
        most = std::max(most, candidate.cap);
    }
    if (big_enough) {
        constexpr __int128 kNano = kPow10[9];
        const Reason reason{ReasonCode::InsufficientBalance,
                            static_cast<std::int64_t>(most.raw() / kNano),
                            static_cast<std::int64_t>(size.raw() / kNano)};
        return plan.last_try ? strand(plan, rest, reason) : retry(plan, reason);
    }
    const Instrument& listing = universe_.instrument(where[0].instrument);
    const Quantity rounded =
        to_quantity(size, universe_.symbol(listing.symbol).quantity_scale, Rounding::Down);
    decided(plan, rest, ResidualChoice::Dust, Amount::max(), Amount::max(), Amount{},
            {ReasonCode::LotRounding, rounded.raw(), listing.lot.raw()});
    return Mended::Nothing;
}

/// Nothing could be sent: look again soon.
Service::Mended Service::retry(Plan& plan, Reason reason) noexcept {
    plan.reason = reason;
    plan.retry_at = now_ + config_.retry_interval;
    return Mended::Waiting;
}

}  // namespace parallax::trading
