// What to do when the legs are unequal, or a ring of conversions stopped on the way: the cheapest
// of hedging over all venues (which includes reverting), waiting with a limit order on the missing
// leg, and keeping it.
#include "orders/par.hpp"
#include "orders/worst_case.hpp"
#include "services/trading/service.hpp"

#include <algorithm>

namespace parallax::trading {

using messages::PlanState;
using messages::Purpose;
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

// ---- where it could go

bool Service::in_plan(const Plan& plan, InstrumentId id) const noexcept {
    for (std::size_t i = 0; i < plan.entry_legs; ++i) {
        if (plan.legs[i].instrument == id) return true;
    }
    return false;
}

Rate Service::penalty(const Plan& plan, const Instrument& listing) const noexcept {
    if (in_plan(plan, listing.id)) return Rate{};
    Rate cost;
    if (listing.quote != universe_.instrument(plan.legs[0].instrument).quote)
        cost = cost + config_.conversion_cost;
    if (!is_spot(listing.kind)) cost = cost + config_.proxy_cost;
    return cost;
}

/// Most of the rest's asset that the balances behind a listing can give or pay for, with room for
/// the limit's slack.
Amount Service::affordable(const Instrument& listing, const Rest& rest) const noexcept {
    const bool give = rest.amount > Amount{};
    const Side side = side_for(listing, rest.asset, give);
    const Market wallet = wallet_of(listing.market);
    const Level top = books_[listing.id].best(opposite(side));
    if (top.quantity.is_zero()) return {};
    const Rate room = Rate::from_raw(Rate::kOne) + config_.hedge_slack_cap +
                      std::max(fees_.rates(listing.market, listing.kind).taker, Rate{});
    const auto roomy = [room](Amount amount) {
        return Amount::from_raw(
            multiply_divide(amount.raw(), Rate::kOne, room.raw(), Rounding::Down));
    };
    const Amount price = unit_price(universe_, listing.id, rest.asset, top.price);
    if (price <= Amount{}) return {};
    const auto in_asset = [price](Amount counter) {
        return Amount::from_raw(
            multiply_divide(counter.raw(), kPow10[18], price.raw(), Rounding::Down));
    };
    if (!is_spot(listing.kind)) {
        const Amount margin = roomy(reservations_.available(wallet, listing.settle));
        const Amount levered =
            Amount::from_raw(multiply_divide(margin.raw(), config_.leverage, 1, Rounding::Down));
        return is_inverse(listing.kind) ? levered : in_asset(levered);
    }
    if (give) return reservations_.available(wallet, rest.asset);
    const AssetId pays = side == Side::Buy ? listing.quote : listing.base;
    return in_asset(roomy(reservations_.available(wallet, pays)));
}

bool Service::add_candidate(const Plan& plan, const Rest& rest, const Instrument& listing,
                            std::span<Candidate> out, std::size_t& count) const noexcept {
    if (count == out.size() || listing.status != InstrumentStatus::Trading) return false;
    if (!books_.contains(listing.id) || !books_[listing.id].tradable()) return false;
    for (std::size_t i = 0; i < count; ++i) {
        if (out[i].instrument == listing.id) return false;
    }
    const Side side = side_for(listing, rest.asset, rest.amount > Amount{});
    if (plan.repair_leg(listing.id, side) < 0) return false;
    bool revert = false;
    for (std::size_t i = 0; i < plan.entry_legs; ++i) {
        revert = revert || (plan.legs[i].instrument == listing.id && plan.legs[i].side != side &&
                            !plan.legs[i].filled.is_zero());
    }
    out[count++] = {listing.id, penalty(plan, listing), affordable(listing, rest), revert};
    return true;
}

/// Pairs: every listing of the base asset against a dollar (or the plan's own quote), perpetuals as
/// proxies, dated futures only if they are legs. Rings: the same wallet, straight into the value
/// asset if it can be, else along the ring's own markets.
std::size_t Service::candidates(const Plan& plan, const Rest& rest,
                                std::span<Candidate> out) const noexcept {
    std::size_t count = 0;
    const std::span<const InstrumentId> listings =
        rest.asset.index() < by_base_.size()
            ? std::span<const InstrumentId>{by_base_[rest.asset.index()]}
            : std::span<const InstrumentId>{};
    if (!rest.in_wallet) {
        const AssetId own_quote = universe_.instrument(plan.legs[0].instrument).quote;
        for (std::size_t i = 0; i < plan.entry_legs; ++i) {
            const Instrument& leg = universe_.instrument(plan.legs[i].instrument);
            if (leg.base == rest.asset) add_candidate(plan, rest, leg, out, count);
        }
        for (const InstrumentId id : listings) {
            const Instrument& listing = universe_.instrument(id);
            const bool convertible = listing.quote == own_quote ||
                                     (orders::is_at_par(universe_.asset_name(listing.quote)) &&
                                      orders::is_at_par(universe_.asset_name(own_quote)));
            const bool kind = is_spot(listing.kind) || is_perpetual(listing.kind);
            if (convertible && kind) add_candidate(plan, rest, listing, out, count);
        }
        return count;
    }
    const auto here = [&](const Instrument& listing) {
        return is_spot(listing.kind) && wallet_of(listing.market) == rest.wallet;
    };
    for (const InstrumentId id : listings) {
        const Instrument& listing = universe_.instrument(id);
        if (here(listing) && listing.quote == plan.value_asset)
            add_candidate(plan, rest, listing, out, count);
    }
    for (int direct = 1; direct >= 0 && count == 0; --direct) {
        for (std::size_t i = 0; i < plan.entry_legs; ++i) {
            const Instrument& leg = universe_.instrument(plan.legs[i].instrument);
            const bool has = leg.base == rest.asset || leg.quote == rest.asset;
            const bool ends = leg.base == plan.value_asset || leg.quote == plan.value_asset;
            if (here(leg) && has && (ends || direct == 0))
                add_candidate(plan, rest, leg, out, count);
        }
    }
    return count;
}

/// Middle of the first two-sided book as units of the other asset per unit of `asset`; 0 = none.
Amount Service::reference(std::span<const Candidate> candidates, AssetId asset) const noexcept {
    for (const Candidate& candidate : candidates) {
        const book::FeedBook& book = books_[candidate.instrument];
        const Level bid = book.best_bid();
        const Level ask = book.best_ask();
        if (bid.quantity.is_zero() || ask.quantity.is_zero()) continue;
        const Price middle = Price::from_raw((bid.price.raw() + ask.price.raw()) / 2);
        return unit_price(universe_, candidate.instrument, asset, middle);
    }
    return {};
}

/// Whether what a listing trades `asset` against counts as a dollar.
bool Service::at_par(InstrumentId id, AssetId asset) const noexcept {
    const Instrument& listing = universe_.instrument(id);
    return orders::is_at_par(
        universe_.asset_name(listing.base == asset ? listing.quote : listing.base));
}

// ---- the choice

namespace {
Amount times(Amount amount, Amount unit_price) noexcept {
    return Amount::from_raw(
        multiply_divide(amount.raw(), unit_price.raw(), kPow10[18], Rounding::HalfEven));
}
}  // namespace

void Service::decided(const Plan& plan, const Rest& rest, ResidualChoice choice, Amount hedge,
                      Amount chase, Amount keep, Reason reason) {
    decisions_.push_back(
        {plan.id, now_, choice, rest.asset, rest.amount, hedge, chase, keep, reason});
}

Service::Mended Service::mend(Plan& plan) {
    std::array<Rest, kMaxFlows> left;
    const std::size_t count = rests(plan, left);
    if (count == 0) return Mended::Nothing;
    if (plan.retry_at > now_) return Mended::Waiting;
    plan.kept = false;
    Mended result = Mended::Nothing;
    // What orders wait for or bring back may be needed for the repair; open entries keep their
    // holds.
    if (!plan.any_live()) release(plan);
    for (std::size_t i = 0; i < count; ++i) {
        const Mended one = mend(plan, left[i]);
        result = std::max(result, one);
    }
    return result;
}

Service::Mended Service::mend(Plan& plan, const Rest& rest) {
    constexpr Amount kNone = Amount::max();
    const bool exhausted =
        plan.hedges >= config_.max_hedges || plan.order_count + Route::kMaxParts > kMaxOrders;
    if (exhausted || (plan.give_up_at.known() && now_ >= plan.give_up_at)) {
        plan.abandoned = true;
        if (plan.reason.none())
            plan.reason = {ReasonCode::Expired, (now_ - plan.give_up_at).count(), 0};
        decided(plan, rest, ResidualChoice::GiveUp, kNone, kNone, kNone, plan.reason);
        return Mended::Nothing;
    }
    const bool give = rest.amount > Amount{};
    const Amount size = rest.amount.magnitude();
    std::array<Candidate, kMaxCandidates> places;
    const std::size_t count = candidates(plan, rest, places);
    const std::span<const Candidate> where{places.data(), count};
    if (count == 0) return retry(plan, {ReasonCode::BookStale, 0, 0});
    const Amount middle = reference(where, rest.asset);
    const Amount value = times(size, middle);

    const Route best = route(universe_, books_, fees_, where, rest.asset, give, size);
    if (best.count == 0) return cannot_place(plan, rest, where);
    const Amount fair = times(best.placed, middle);
    const Amount hedge_cost = give ? fair - best.counter : best.counter - fair;
    // Without a middle nothing can be compared: then only hedging makes sure.
    const bool keepable =
        !middle.is_zero() && at_par(where[0].instrument, rest.asset) && value <= config_.keep_band;
    const Amount keep = keepable ? apply(config_.keep_cost, value, Rounding::Up) : kNone;
    const Amount wait = middle.is_zero() ? kNone : chase_cost(plan, rest, hedge_cost, middle);
    if (keepable && keep <= hedge_cost && keep <= wait) {
        plan.kept = true;
        decided(plan, rest, ResidualChoice::Keep, hedge_cost, wait, keep, {});
        return Mended::Nothing;
    }
    if (wait < hedge_cost) {
        const Mended chased = chase(plan, rest);
        decided(plan, rest, ResidualChoice::Chase, hedge_cost, wait, keep, plan.reason);
        return chased;
    }
    const Mended hedged = hedge(plan, best, where);
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
        return retry(
            plan, {ReasonCode::InsufficientBalance, static_cast<std::int64_t>(most.raw() / kNano),
                   static_cast<std::int64_t>(size.raw() / kNano)});
    }
    const Instrument& listing = universe_.instrument(where[0].instrument);
    const Quantity rounded =
        to_quantity(size, universe_.symbol(listing.symbol).quantity_scale, Rounding::Down);
    decided(plan, rest, ResidualChoice::Dust, Amount::max(), Amount::max(), Amount{},
            {ReasonCode::LotRounding, rounded.raw(), listing.lot.raw()});
    return Mended::Nothing;
}

/// Nothing could be sent: look again soon, and give up at the end of the plan's time.
Service::Mended Service::retry(Plan& plan, Reason reason) noexcept {
    plan.reason = reason;
    plan.retry_at = now_ + config_.retry_interval;
    return Mended::Waiting;
}

// ---- hedge

/// The limit of a repair: behind the last level it needs by a slack that doubles with each round,
/// on tick.
Price Service::with_slack(InstrumentId id, Side side, Price worst,
                          std::size_t round) const noexcept {
    const Instrument& listing = universe_.instrument(id);
    const std::int64_t wide = config_.hedge_slack.raw() << std::min<std::size_t>(round, 16);
    const std::int64_t slack = std::min(wide, config_.hedge_slack_cap.raw());
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
        const Price limit = with_slack(part.instrument, part.side, part.worst, plan.hedges);
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
Amount Service::chase_cost(const Plan& plan, const Rest& rest, Amount hedge_cost,
                           Amount middle) const noexcept {
    const int leg = chase_leg(plan, rest);
    if (leg < 0) return Amount::max();
    const InstrumentId id = plan.legs[static_cast<std::size_t>(leg)].instrument;
    const Instrument& listing = universe_.instrument(id);
    const Side side = plan.legs[static_cast<std::size_t>(leg)].side;
    const Amount size = rest.amount.magnitude();
    const Amount value = times(size, middle);
    const Amount at_limit =
        times(size, unit_price(universe_, id, rest.asset, books_[id].best(side).price));
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
