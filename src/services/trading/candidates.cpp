// Where a rest could go, and what it would be worth there.
#include "core/dollars.hpp"
#include "services/trading/service.hpp"

namespace parallax::trading {

bool Service::in_plan(const Plan& plan, InstrumentId id) const noexcept {
    for (std::size_t i = 0; i < plan.entry_legs; ++i) {
        if (plan.legs[i].instrument == id) return true;
    }
    return false;
}

Rate Service::penalty(const Plan& plan, const Instrument& listing) const noexcept {
    return in_plan(plan, listing.id) || is_spot(listing.kind) ? Rate{} : config_.proxy_cost;
}

/// The asset a pair's rest is paid in and its costs are compared in: the value asset if the plan
/// trades against it, else the quote asset of its first leg.
AssetId Service::home_of(const Plan& plan) const noexcept {
    for (std::size_t i = 0; i < plan.entry_legs; ++i) {
        const AssetId quote = universe_.instrument(plan.legs[i].instrument).quote;
        if (quote == plan.value_asset) return quote;
    }
    return universe_.instrument(plan.legs[0].instrument).quote;
}

/// Units of `to` that giving an amount of `from` brings, or getting it takes, per unit: from books
/// that can be traded, at that size, fee and haircut included (methods 1.6). 0 = no such book, or
/// not deep enough.
Amount Service::conversion(AssetId from, AssetId to, bool give, Amount amount) const noexcept {
    if (from == to) return Amount::units(1);
    if (amount <= Amount{}) return {};
    std::array<Candidate, kMaxCandidates> markets;
    std::size_t count = 0;
    const auto add = [&](AssetId base, AssetId quote) {
        for (const InstrumentId id : listings(base)) {
            const Instrument& listing = universe_.instrument(id);
            if (count == markets.size() || !is_spot(listing.kind) || listing.quote != quote ||
                listing.status != InstrumentStatus::Trading)
                continue;
            markets[count++] = {id, config_.conversion_haircut, amount};
        }
    };
    add(from, to);
    add(to, from);
    const Route way = route(universe_, books_, fees_, {markets.data(), count}, from, give, amount);
    // Lots leave a little behind; a tenth is no longer a little.
    if (way.placed.is_zero() || apply(Rate::basis_points(9'000), amount, Rounding::Up) > way.placed)
        return {};
    return Amount::from_raw(multiply_divide(way.counter.raw(), kPow10[18], way.placed.raw(),
                                            give ? Rounding::Down : Rounding::Up));
}

/// The same for what a hedge at a listing would be paid in; 0 = unknown.
Amount Service::conversion_for(const Plan& plan, const Rest& rest,
                               const Instrument& listing) const noexcept {
    if (rest.in_wallet) return Amount::units(1);
    const AssetId home = home_of(plan);
    if (listing.quote == home) return Amount::units(1);
    const bool give = rest.amount > Amount{};
    const Price top = books_[listing.id].best(give ? Side::Buy : Side::Sell).price;
    const Amount paid =
        times(rest.amount.magnitude(), unit_price(universe_, listing.id, rest.asset, top));
    return conversion(listing.quote, home, give, paid);
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
    const Amount rate = conversion_for(plan, rest, listing);
    if (rate.is_zero() && !in_plan(plan, listing.id)) return false;
    out[count++] = {listing.id, penalty(plan, listing), affordable(listing, rest), revert, rate};
    return true;
}

/// Pairs: the plan's legs, and every listing of the base asset against the plan's own quote or one
/// that can be converted into it, perpetuals as proxies, dated futures only if they are legs.
/// Rings: the same wallet, straight into the value asset if it can be, else along the ring's own
/// markets.
std::size_t Service::candidates(const Plan& plan, const Rest& rest,
                                std::span<Candidate> out) const noexcept {
    std::size_t count = 0;
    const std::span<const InstrumentId> known = listings(rest.asset);
    if (!rest.in_wallet) {
        for (std::size_t i = 0; i < plan.entry_legs; ++i) {
            const Instrument& leg = universe_.instrument(plan.legs[i].instrument);
            if (leg.base == rest.asset) add_candidate(plan, rest, leg, out, count);
        }
        for (const InstrumentId id : known) {
            const Instrument& listing = universe_.instrument(id);
            const bool kind = is_spot(listing.kind) || is_perpetual(listing.kind);
            if (kind) add_candidate(plan, rest, listing, out, count);
        }
        imply_conversions(out.first(count), rest.asset, rest.amount > Amount{});
        return count;
    }
    const auto here = [&](const Instrument& listing) {
        return is_spot(listing.kind) && wallet_of(listing.market) == rest.wallet;
    };
    for (const InstrumentId id : known) {
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

/// A leg of the plan must be undone even where its quote asset has no book (the dollar of inverse
/// contracts): its rate is then what it takes for both to price the coin alike, haircut included.
void Service::imply_conversions(std::span<Candidate> candidates, AssetId asset,
                                bool give) const noexcept {
    const Amount known = reference(candidates, asset);
    for (Candidate& candidate : candidates) {
        if (!candidate.conversion.is_zero()) continue;
        Candidate alone = candidate;
        alone.conversion = Amount::units(1);
        const Amount own = reference({&alone, 1}, asset);
        if (known.is_zero() || own.is_zero()) {  // nothing to compare it with
            candidate.conversion = Amount::units(1);
            continue;
        }
        const Amount implied = Amount::from_raw(multiply_divide(
            known.raw(), kPow10[18], own.raw(), give ? Rounding::Down : Rounding::Up));
        const Amount haircut = apply(config_.conversion_haircut, implied, Rounding::Up);
        candidate.conversion = give ? implied - haircut : implied + haircut;
    }
}

/// Middle of the first two-sided book as units of the asset costs are compared in per unit of
/// `asset`, books that need no conversion first; 0 = none.
Amount Service::reference(std::span<const Candidate> candidates, AssetId asset) const noexcept {
    for (const bool converted : {false, true}) {
        for (const Candidate& candidate : candidates) {
            if ((candidate.conversion != Amount::units(1)) != converted) continue;
            const book::FeedBook& book = books_[candidate.instrument];
            const Level bid = book.best_bid();
            const Level ask = book.best_ask();
            if (bid.quantity.is_zero() || ask.quantity.is_zero() || candidate.conversion.is_zero())
                continue;
            const Price middle = Price::from_raw((bid.price.raw() + ask.price.raw()) / 2);
            return times(unit_price(universe_, candidate.instrument, asset, middle),
                         candidate.conversion);
        }
    }
    return {};
}

/// Whether costs are counted in a dollar asset: only then can a rest be compared with the keep
/// band, which is a limit.
bool Service::in_dollars(const Plan& plan, const Rest& rest,
                         const Candidate& first) const noexcept {
    const Instrument& listing = universe_.instrument(first.instrument);
    const AssetId other = listing.base == rest.asset ? listing.quote : listing.base;
    return is_dollar(universe_.asset_name(rest.in_wallet ? other : home_of(plan)));
}

}  // namespace parallax::trading
