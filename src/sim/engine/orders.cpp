// The life of an order from the door to its end.
#include <algorithm>

#include "sim/engine/preview.hpp"
#include "sim/engine/venue.hpp"

namespace parallax::sim_engine {

Outcome<OrderId> SimVenue::place(const NewOrder& request, UnixNanos now) {
    begin(now);
    if (!known(request.account) || request.account == kHouse)
        return tl::unexpected{Reject::UnknownAccount};
    if (!known(request.listing)) return tl::unexpected{Reject::UnknownListing};
    Desk& desk = desks_[request.listing.index()];
    Order order = prepare(request, desk);
    Reject why = admit(request, desk, accounts_[request.account.index()]);
    if (why != Reject::None || refuses(order, why)) return refuse(order, why);
    // A reduce-only order is cut to what the position leaves it.
    if (order.reduce_only)
        order.quantity =
            std::min(order.quantity, position(order.account, order.listing).reducible(order.side));
    const Reject unfit = misfit(order, desk);
    const Unfit then = unfit == Reject::PostOnlyWouldTake ? desk.listing.policy.post_only
                                                          : desk.listing.policy.fill_or_kill;
    if (unfit != Reject::None && then == Unfit::Rejected) return refuse(order, unfit);
    why = reserve(order, desk);
    if (why != Reject::None) return refuse(order, why);

    order.id = OrderId{next_order_++};
    const Slot slot = orders_.add(order);
    Account& account = accounts_[order.account.index()];
    account.open[order.listing.index()].push_back(order.id);
    ++account.open_total;
    if (order.reduce_only) ++account.open_reduce_only[order.listing.index()];
    if (!order.client_id.empty()) account.by_client_id[order.client_id] = order.id;
    notify(order.account, OrderUpdate{OrderChange::Accepted, Reject::None, order, {}});
    if (unfit != Reject::None) {
        close(slot, OrderStatus::Expired,
              unfit == Reject::PostOnlyWouldTake ? CloseReason::PostOnly : CloseReason::FillOrKill);
    } else {
        execute(slot);
    }
    if (account.open_reduce_only[order.listing.index()] > 0)
        trim_reduce_only(order.account, order.listing);
    end();
    return order.id;
}

Order SimVenue::prepare(const NewOrder& r, const Desk& desk) {
    const Listing& listing = desk.listing;
    Order order;
    order.account = r.account;
    order.listing = r.listing;
    order.client_id = r.client_id;
    order.side = r.side;
    order.type = r.type;
    order.time_in_force = r.time_in_force;
    order.post_only = r.post_only;
    order.reduce_only = r.reduce_only;
    order.self_trade = r.self_trade.value_or(listing.policy.self_trade);
    order.price = r.price;
    order.quantity = r.quantity;
    order.quote_quantity = r.quote_quantity;
    order.created = order.updated = now_;
    if (r.type != OrderType::Market) return order;
    if (r.time_in_force == TimeInForce::GoodTillCancel)
        order.time_in_force = TimeInForce::ImmediateOrCancel;
    // A market order is a limit order at the edge of what the venue protects it from.
    const Level best = desk.book.top(opposite(r.side));
    const Price from =
        r.protection || !(desk.reference() > Price{}) ? best.price : desk.reference();
    const Rate width = std::clamp(r.protection.value_or(listing.policy.market_protection), Rate{},
                                  listing.policy.market_protection);
    order.price = listing.moved(from, r.side == Side::Buy ? width : -width);
    return order;
}

/// Why an order that passed all filters still cannot do what it says.
Reject SimVenue::misfit(const Order& order, const Desk& desk) const {
    const Level best = desk.book.top(opposite(order.side));
    const bool crosses =
        !best.quantity.is_zero() &&
        (order.side == Side::Buy ? best.price <= order.price : best.price >= order.price);
    if (order.post_only && crosses) return Reject::PostOnlyWouldTake;
    if (order.time_in_force != TimeInForce::FillOrKill) return Reject::None;
    return preview(order, desk).complete ? Reject::None : Reject::FillOrKillUnfilled;
}

/// Sets aside what the order may cost.
Reject SimVenue::reserve(Order& order, const Desk& desk) {
    const Listing& listing = desk.listing;
    const Wallet wallet = listing.policy.wallet;
    if (listing.perpetual) {
        if (order.reduce_only) return Reject::None;
        open_interest(order, listing, order.quantity);
        update_margin(order.account, desk);
        if (!available(order.account, wallet, listing.quote).is_negative()) return Reject::None;
        // An order that does not add to what is at risk is welcome even when margin is short.
        if (order.quantity <= position(order.account, order.listing).reducible(order.side))
            return Reject::None;
        open_interest(order, listing, Quantity{} - order.quantity);
        update_margin(order.account, desk);
        return Reject::InsufficientMargin;
    }
    const AssetId asset_id = pays_with(order, listing);
    const Amount hold = hold_for(order, listing);
    if (hold > available(order.account, wallet, asset_id)) return Reject::InsufficientBalance;
    order.held = hold;
    ledger_.hold(order.account, wallet, asset_id, hold);
    touch_balance(order.account, wallet, asset_id, BalanceReason::Order);
    return Reject::None;
}

Outcome<OrderId> SimVenue::refuse(const Order& order, Reject reason) {
    notify(order.account, OrderUpdate{OrderChange::Rejected, reason, order, {}});
    end();
    return tl::unexpected{reason};
}

/// Trades what can be traded now; the rest waits or ends.
void SimVenue::execute(Slot slot) {
    const CloseReason stop = match(slot);
    const Order& order = orders_[slot];
    if (order.status == OrderStatus::Filled) {
        close(slot, OrderStatus::Filled, CloseReason::None);
    } else if (stop != CloseReason::None) {
        close(slot, OrderStatus::Expired, stop);
    } else if (order.in_quote()) {  // what is left of the sum does not buy another lot
        close(slot, order.filled.is_zero() ? OrderStatus::Expired : OrderStatus::Filled,
              order.filled.is_zero() ? CloseReason::NoLiquidity : CloseReason::None);
    } else {
        rest(slot);
    }
}

void SimVenue::rest(Slot slot) {
    const Order& order = orders_[slot];
    Desk& desk = desks_[order.listing.index()];
    const Queue* const queue = desk.book.find(order.side, order.price);
    const Quantity before = queue == nullptr ? Quantity{} : queue->quantity;
    desk.book.add(order.side, order.price, slot, order.remaining());
    level_changed(desk, order.side, order.price, before);
}

/// Ends an order that is not in the book: gives back what it held and tells its owner.
void SimVenue::close(Slot slot, OrderStatus status, CloseReason reason) {
    Order& order = orders_[slot];
    const Desk& desk = desks_[order.listing.index()];
    const Listing& listing = desk.listing;
    order.status = status;
    order.reason = reason;
    order.updated = now_;
    if (listing.perpetual) {
        open_interest(order, listing, Quantity{} - order.remaining());
        update_margin(order.account, desk);
    } else if (!order.held.is_zero()) {
        const AssetId asset_id = pays_with(order, listing);
        ledger_.hold(order.account, listing.policy.wallet, asset_id, -order.held);
        order.held = Amount{};
        touch_balance(order.account, listing.policy.wallet, asset_id, BalanceReason::Order);
    }
    if (status != OrderStatus::Filled || reason != CloseReason::None)
        notify(order.account, OrderUpdate{OrderChange::Closed, Reject::None, order, {}});
    forget(order);
}

/// Takes an order off the lists of open ones; the oldest closed ones are not remembered.
void SimVenue::forget(Order& order) {
    Account& account = accounts_[order.account.index()];
    std::vector<OrderId>& open = account.open[order.listing.index()];
    open.erase(std::find(open.rbegin(), open.rend(), order.id).base() - 1);
    --account.open_total;
    if (order.reduce_only) --account.open_reduce_only[order.listing.index()];
    account.closed.push_back(order.id);
    const std::size_t most = account.settings.watched ? settings_.history : 0;
    while (account.closed.size() > most) {
        const Order& oldest = orders_[orders_.find(account.closed.front())];
        const auto found = account.by_client_id.find(oldest.client_id);
        if (found != account.by_client_id.end() && found->second == oldest.id)
            account.by_client_id.erase(found);
        orders_.erase(oldest.id);
        account.closed.pop_front();
    }
}

/// Ends an order that waits in the book.
void SimVenue::take_off(Slot slot, CloseReason reason) {
    const Order& order = orders_[slot];
    Desk& desk = desks_[order.listing.index()];
    const Side side = order.side;
    const Price price = order.price;
    const Quantity before = desk.book.find(side, price)->quantity;
    desk.book.remove(side, price, slot, order.remaining());
    close(slot, OrderStatus::Cancelled, reason);
    level_changed(desk, side, price, before);
}

Slot SimVenue::find_open(AccountId account, OrderId id, Reject& why) const noexcept {
    const Slot slot = orders_.find(id);
    why = slot == kNoSlot || orders_[slot].account != account ? Reject::UnknownOrder
          : !is_open(orders_[slot].status)                    ? Reject::OrderClosed
                                                              : Reject::None;
    return slot;
}

Outcome<OrderId> SimVenue::cancel(AccountId account, OrderId id, UnixNanos now,
                                  CloseReason reason) {
    begin(now);
    Reject why{};
    const Slot slot = find_open(account, id, why);
    if (why != Reject::None) return tl::unexpected{why};
    fill_first(slot, reason);
    if (!is_open(orders_[slot].status)) return tl::unexpected{Reject::OrderClosed};
    take_off(slot, reason);
    end();
    return id;
}

std::size_t SimVenue::cancel_all(AccountId account, ListingId listing_id, UnixNanos now,
                                 CloseReason reason) {
    begin(now);
    if (!known(account)) return 0;
    std::size_t count = 0;
    for (std::size_t i = 0; i < desks_.size(); ++i) {
        if (listing_id.valid() && listing_id.index() != i) continue;
        const std::vector<OrderId> open = accounts_[account.index()].open[i];
        for (const OrderId id : open) take_off(orders_.find(id), reason);
        count += open.size();
    }
    end();
    return count;
}

SimVenue::Replaced SimVenue::cancel_replace(AccountId account, OrderId order, const NewOrder& next,
                                            bool go_on, UnixNanos now) {
    Replaced out{cancel(account, order, now, CloseReason::Replaced), tl::unexpected{Reject::None}};
    if (out.cancelled || go_on) out.placed = place(next, now);
    return out;
}

}  // namespace parallax::sim_engine
