// What is checked before an order exists: the filters of the venues.
#include "sim/engine/venue.hpp"

namespace parallax::sim_engine {
namespace {

Reject state_refuses(ListingState state, bool post_only) noexcept {
    switch (state) {
        case ListingState::Trading:
            return Reject::None;
        case ListingState::PostOnly:
            return post_only ? Reject::None : Reject::PostOnlyPhase;
        case ListingState::Halted:
            return Reject::Halted;
        case ListingState::CancelOnly:
            return Reject::CancelOnly;
        case ListingState::Delisted:
            return Reject::Delisted;
    }
    return Reject::Halted;
}

/// Beyond these, sums of many orders could leave their types: refused whatever a listing allows.
constexpr Quantity kMostQuantity = Quantity::from_raw(1'000'000'000'000'000);
constexpr Amount kMostWorth = Amount::units(1'000'000'000'000'000);

Reject check_quantity(const Listing& listing, Quantity quantity, bool market) noexcept {
    if (!(quantity > Quantity{})) return Reject::InvalidQuantity;
    if (quantity.raw() % listing.lot.raw() != 0) return Reject::LotSize;
    if (quantity < listing.min_quantity) return Reject::BelowMinQuantity;
    const Quantity most = market ? listing.max_market_quantity : listing.max_quantity;
    if (quantity > kMostQuantity || (!most.is_zero() && quantity > most))
        return market ? Reject::AboveMaxMarketQuantity : Reject::AboveMaxQuantity;
    return Reject::None;
}

Reject check_price(const Desk& desk, Side side, Price price) noexcept {
    const Listing& listing = desk.listing;
    if (!(price > Price{})) return Reject::InvalidPrice;
    if (price.raw() % listing.tick.raw() != 0) return Reject::TickSize;
    if (price < listing.min_price) return Reject::BelowMinPrice;
    if (listing.max_price > Price{} && price > listing.max_price) return Reject::AboveMaxPrice;
    const Price reference = desk.reference();
    if (!(reference > Price{})) return Reject::None;
    const bool by_side = listing.policy.band_by_side;
    if (listing.band_up > Rate{} && (!by_side || side == Side::Buy) &&
        price > listing.moved(reference, listing.band_up)) {
        return Reject::PriceTooHigh;
    }
    if (listing.band_down > Rate{} && (!by_side || side == Side::Sell) &&
        price < listing.moved(reference, -listing.band_down)) {
        return Reject::PriceTooLow;
    }
    return Reject::None;
}

Reject check_worth(const Listing& listing, Amount worth, bool reduce_only) noexcept {
    if (worth < listing.min_notional && !reduce_only) return Reject::BelowMinNotional;
    if (worth > kMostWorth || (!listing.max_notional.is_zero() && worth > listing.max_notional))
        return Reject::AboveMaxNotional;
    return Reject::None;
}

}  // namespace

Reject SimVenue::admit(const NewOrder& r, const Desk& desk, const Account& account) const {
    const Listing& listing = desk.listing;
    const MarketPolicy& policy = listing.policy;
    const bool market = r.type == OrderType::Market;
    const bool in_quote = !r.quote_quantity.is_zero();
    if (const Reject why = state_refuses(listing.state, r.post_only); why != Reject::None)
        return why;
    if (r.post_only && (market || r.time_in_force != TimeInForce::GoodTillCancel))
        return Reject::InvalidCombination;
    if (r.reduce_only && !listing.perpetual) return Reject::InvalidCombination;
    if (in_quote && (!market || listing.perpetual || !r.quantity.is_zero() ||
                     r.time_in_force == TimeInForce::FillOrKill)) {
        return Reject::InvalidCombination;
    }
    if (in_quote) {
        if (r.quote_quantity.is_negative()) return Reject::InvalidQuantity;
        if (const Reject why = check_worth(listing, r.quote_quantity, false); why != Reject::None)
            return why;
    } else {
        if (const Reject why = check_quantity(listing, r.quantity, market); why != Reject::None)
            return why;
        if (!market) {
            if (const Reject why = check_price(desk, r.side, r.price); why != Reject::None)
                return why;
        }
        const Price at = market ? desk.reference() : r.price;
        if (at > Price{}) {
            const Amount worth = listing.notional(at, r.quantity);
            if (const Reject why = check_worth(listing, worth, r.reduce_only); why != Reject::None)
                return why;
        }
    }
    const std::uint32_t most = listing.definition.max_open_orders;
    const bool counted = account.settings.watched;
    if (counted && most != 0 && account.open[listing.id.index()].size() >= most)
        return Reject::TooManyOpenOrders;
    if (counted && policy.max_open_total != 0 && account.open_total >= policy.max_open_total)
        return Reject::TooManyOpenOrdersInTotal;
    if (!r.client_id.empty()) {
        const auto found = account.by_client_id.find(r.client_id);
        if (found != account.by_client_id.end()) {
            const Slot slot = orders_.find(found->second);
            if (policy.client_id_once || (slot != kNoSlot && is_open(orders_[slot].status)))
                return Reject::DuplicateClientId;
        }
    }
    if (!r.reduce_only) return Reject::None;
    const Position& position = account.positions[listing.id.index()];
    if (position.reducible(r.side).is_zero()) return Reject::NothingToReduce;
    if (!policy.reduce_only_trims && r.quantity > position.reducible(r.side))
        return Reject::ReduceOnlyTooLarge;
    return Reject::None;
}

Reject SimVenue::amend_fits(const Order& order, Price price, Quantity quantity) const {
    const Desk& desk = desks_[order.listing.index()];
    const Listing& listing = desk.listing;
    const MarketPolicy& policy = listing.policy;
    if (const Reject why = state_refuses(listing.state, order.post_only); why != Reject::None)
        return why;
    if (price == order.price && quantity == order.quantity) return Reject::NothingToAmend;
    if (policy.amend == AmendRule::QuantityDownOnly &&
        (price != order.price || quantity > order.quantity)) {
        return Reject::AmendNotAllowed;
    }
    if (policy.max_amends != 0 && order.amends >= policy.max_amends) return Reject::TooManyAmends;
    if (const Reject why = check_quantity(listing, quantity, false); why != Reject::None)
        return why;
    if (price != order.price) {
        if (const Reject why = check_price(desk, order.side, price); why != Reject::None)
            return why;
    }
    const Amount worth = listing.notional(price, quantity);
    if (const Reject why = check_worth(listing, worth, order.reduce_only); why != Reject::None)
        return why;
    if (quantity <= order.filled + order.prevented &&
        policy.amend_below_filled == AmendBelowFilled::Rejected) {
        return Reject::AmendBelowFilled;
    }
    return Reject::None;
}

}  // namespace parallax::sim_engine
