// Orders that change while they wait.
#include <algorithm>

#include "sim/engine/venue.hpp"

namespace parallax::sim_engine {

Outcome<OrderId> SimVenue::amend(const AmendOrder& request, UnixNanos now) {
    begin(now);
    Reject why{};
    const Slot slot = find_open(request.account, request.order, why);
    if (why != Reject::None) return tl::unexpected{why};
    const Order& order = orders_[slot];
    const MarketPolicy& policy = desks_[order.listing.index()].listing.policy;
    const Price price = request.price.value_or(order.price);
    const Quantity quantity = request.quantity.value_or(order.quantity);
    why = amend_fits(order, price, quantity);
    if (why != Reject::None) return tl::unexpected{why};
    const AccountId account = order.account;
    const ListingId listing_id = order.listing;

    if (quantity <= order.filled + order.prevented) {
        if (policy.amend_below_filled == AmendBelowFilled::Fills) {
            shrink(slot, order.filled + order.prevented);
        } else {
            take_off(slot, CloseReason::AmendBelowFilled);
        }
    } else if (price == order.price && quantity < order.quantity &&
               policy.amend != AmendRule::AlwaysToTheBack) {
        ++orders_[slot].amends;
        shrink(slot, quantity);
    } else {
        why = requeue(slot, price, quantity);
    }
    if (accounts_[account.index()].open_reduce_only[listing_id.index()] > 0)
        trim_reduce_only(account, listing_id);
    end();
    if (why != Reject::None) return tl::unexpected{why};
    return request.order;
}

/// Keeps its place with a smaller total; with nothing left it is filled.
void SimVenue::shrink(Slot slot, Quantity quantity) {
    Order& order = orders_[slot];
    Desk& desk = desks_[order.listing.index()];
    const Side side = order.side;
    const Price price = order.price;
    const Quantity before = desk.book.find(side, price)->quantity;
    const Quantity by = order.quantity - quantity;
    const bool done = by == order.remaining();
    if (done) {
        desk.book.remove(side, price, slot, by);
    } else {
        desk.book.reduce(side, price, by);
    }
    if (desk.listing.perpetual) open_interest(order, desk.listing, Quantity{} - by);
    order.quantity = quantity;
    order.updated = now_;
    if (desk.listing.perpetual) {
        update_margin(order.account, desk);
    } else {
        settle_hold(order, desk.listing, Amount{});
    }
    if (done) order.status = OrderStatus::Filled;
    notify(order.account, OrderUpdate{OrderChange::Amended, Reject::None, order, {}});
    if (done) close(slot, OrderStatus::Filled, CloseReason::None);
    level_changed(desk, side, price, before);
}

/// Leaves its place and comes back as a new arrival at the new price, which may trade at once.
Reject SimVenue::requeue(Slot slot, Price price, Quantity quantity) {
    Order& order = orders_[slot];
    Desk& desk = desks_[order.listing.index()];
    const Listing& listing = desk.listing;
    const Wallet wallet = listing.policy.wallet;
    const Side side = order.side;
    Order next = order;
    next.price = price;
    next.quantity = quantity;
    if (misfit(next, desk) != Reject::None) {  // post-only, into the other side
        if (!listing.policy.amend_would_take_cancels) return Reject::AmendWouldTake;
        take_off(slot, CloseReason::AmendWouldTake);
        return Reject::None;
    }
    if (listing.perpetual) {
        const Position& p = position(order.account, order.listing);
        open_interest(order, listing, Quantity{} - order.remaining());
        open_interest(next, listing, next.remaining());
        update_margin(order.account, desk);
        const bool opens = next.remaining() > p.reducible(side) && !order.reduce_only;
        if (opens && available(order.account, wallet, listing.quote).is_negative()) {
            open_interest(next, listing, Quantity{} - next.remaining());
            open_interest(order, listing, order.remaining());
            update_margin(order.account, desk);
            return Reject::InsufficientMargin;
        }
    } else {
        const AssetId asset_id = pays_with(order, listing);
        const Amount more = hold_for(next, listing) - order.held;
        if (more > Amount{} && more > available(order.account, wallet, asset_id))
            return Reject::InsufficientBalance;
        ledger_.hold(order.account, wallet, asset_id, more);
        next.held = order.held + more;
        touch_balance(order.account, wallet, asset_id, BalanceReason::Order);
    }
    const Price old_price = order.price;
    const Quantity before = desk.book.find(side, old_price)->quantity;
    desk.book.remove(side, old_price, slot, order.remaining());
    level_changed(desk, side, old_price, before);
    ++next.amends;
    next.updated = now_;
    order = next;
    notify(order.account, OrderUpdate{OrderChange::Amended, Reject::None, order, {}});
    execute(slot);
    return Reject::None;
}

/// Reduce-only orders never promise more than the position, oldest first: what is too much is cut,
/// what is left without a position is cancelled.
void SimVenue::trim_reduce_only(AccountId account_id, ListingId listing_id) {
    const Account& account = accounts_[account_id.index()];
    if (account.open_reduce_only[listing_id.index()] == 0) return;
    const std::vector<OrderId> open = account.open[listing_id.index()];
    std::array<Quantity, 2> left{position(account_id, listing_id).reducible(Side::Buy),
                                 position(account_id, listing_id).reducible(Side::Sell)};
    for (const OrderId id : open) {
        const Slot slot = orders_.find(id);
        const Order& order = orders_[slot];
        if (!order.reduce_only) continue;
        Quantity& room = left[static_cast<std::size_t>(order.side)];
        if (room.is_zero()) {
            take_off(slot, CloseReason::ReduceOnly);
        } else if (order.remaining() > room) {
            shrink(slot, order.quantity - (order.remaining() - room));
            room = Quantity{};
        } else {
            room -= order.remaining();
        }
    }
}

}  // namespace parallax::sim_engine
