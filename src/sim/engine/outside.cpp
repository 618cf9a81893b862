// What experiments do to a venue from outside: refusals and fills out of nowhere.
#include <algorithm>

#include "sim/engine/venue.hpp"

namespace parallax::sim_engine {

/// The house takes it. What it pays with on spot is made for the purpose, as with grant().
Outcome<Quantity> SimVenue::fill(OrderId id, Quantity quantity, UnixNanos now) {
    begin(now);
    const Slot maker_slot = orders_.find(id);
    if (maker_slot == kNoSlot) return tl::unexpected{Reject::UnknownOrder};
    const Order maker = orders_[maker_slot];
    if (!is_open(maker.status)) return tl::unexpected{Reject::OrderClosed};
    Desk& desk = desks_[maker.listing.index()];
    const Listing& listing = desk.listing;
    quantity = floor_to(std::min(quantity, maker.remaining()), listing.lot);
    if (maker.reduce_only)
        quantity = std::min(quantity, position(maker.account, maker.listing).reducible(maker.side));
    if (!(quantity > Quantity{})) return tl::unexpected{Reject::InvalidQuantity};

    Order taker;
    taker.id = OrderId{next_order_++};
    taker.account = kHouse;
    taker.listing = maker.listing;
    taker.side = opposite(maker.side);
    taker.time_in_force = TimeInForce::ImmediateOrCancel;
    taker.price = maker.price;
    taker.quantity = quantity;
    taker.created = taker.updated = now_;
    const Slot taker_slot = orders_.add(taker);
    Account& house = accounts_[kHouse.index()];
    house.open[listing.id.index()].push_back(taker.id);
    ++house.open_total;
    if (listing.perpetual) {
        open_interest(orders_[taker_slot], listing, quantity);
    } else {
        const bool buys = taker.side == Side::Buy;
        ledger_.deposit(kHouse, listing.policy.wallet, buys ? listing.quote : listing.base,
                        buys ? listing.notional(maker.price, quantity) : listing.amount(quantity));
    }
    const Quantity before = desk.book.find(maker.side, maker.price)->quantity;
    trade(taker_slot, maker_slot, quantity);
    close(taker_slot, OrderStatus::Filled, CloseReason::None);
    level_changed(desk, maker.side, maker.price, before);
    end();
    return quantity;
}

bool SimVenue::refuses(const Order& order, Reject& why) noexcept {
    if (mischief_.rejects == 0 || !accounts_[order.account.index()].settings.watched) return false;
    --mischief_.rejects;
    why = mischief_.reject;
    return true;
}

/// A cancel that meets a fill on its way.
void SimVenue::fill_first(Slot slot, CloseReason reason) {
    const Order& order = orders_[slot];
    if (mischief_.late_fills == 0 || reason != CloseReason::User ||
        !accounts_[order.account.index()].settings.watched)
        return;
    --mischief_.late_fills;
    const __int128 part = static_cast<__int128>(order.remaining().raw()) * mischief_.part.raw();
    (void)fill(order.id, Quantity::from_raw(static_cast<std::int64_t>(part / Rate::kOne)), now_);
}

}  // namespace parallax::sim_engine
