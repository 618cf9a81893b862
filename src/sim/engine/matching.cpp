// An order meets the other side of the book: price first, then time.
#include <algorithm>

#include "sim/engine/preview.hpp"
#include "sim/engine/venue.hpp"

namespace parallax::sim_engine {
namespace {

bool reaches(const Order& order, Price price) noexcept {
    return order.side == Side::Buy ? price <= order.price : price >= order.price;
}

/// Why what is left of an order ends when there is nothing more to meet; None: it may wait.
CloseReason remainder(const Order& order, bool empty) noexcept {
    if (order.liquidation) return CloseReason::Liquidation;
    if (order.type == OrderType::Market)
        return empty ? CloseReason::NoLiquidity : CloseReason::PriceProtection;
    switch (order.time_in_force) {
        case TimeInForce::GoodTillCancel:
            return CloseReason::None;
        case TimeInForce::ImmediateOrCancel:
            return CloseReason::ImmediateOrCancel;
        case TimeInForce::FillOrKill:
            return CloseReason::FillOrKill;
    }
    return CloseReason::None;
}

}  // namespace

bool SimVenue::same_owner(const Order& a, const Order& b) const noexcept {
    if (a.account == b.account) return true;
    const std::uint32_t group = accounts_[a.account.index()].settings.self_trade_group;
    return group != 0 && group == accounts_[b.account.index()].settings.self_trade_group;
}

/// Matches until the order is filled (its status says so) or cannot go on. Each level it touches is
/// told once, when the order has left it. Returns why the remainder ends, None when it may wait.
CloseReason SimVenue::match(Slot slot) {
    Desk& desk = desks_[orders_[slot].listing.index()];
    const Side other = opposite(orders_[slot].side);
    const std::uint32_t most = desk.listing.policy.max_matches;
    std::uint32_t matches = 0;
    CloseReason stop = CloseReason::None;
    Level touched;  // quantity before we came; 0 = none touched
    const auto leave_level = [&] {
        if (!touched.quantity.is_zero())
            level_changed(desk, other, touched.price, touched.quantity);
        touched = {};
    };
    while (stop == CloseReason::None) {
        const Order& order = orders_[slot];
        if (order.status == OrderStatus::Filled) break;
        if (desk.book.empty(other) || !reaches(order, desk.book.best(other).price)) {
            stop = remainder(order, desk.book.empty(other));
            break;
        }
        const Queue& queue = desk.book.best(other);
        Quantity quantity =
            order.in_quote()
                ? desk.listing.affordable(order.quote_quantity - order.filled_quote, queue.price)
                : order.remaining();
        if (quantity.is_zero()) break;
        if (most != 0 && matches == most) {
            stop = CloseReason::TooManyMatches;
            break;
        }
        if (touched.price != queue.price || touched.quantity.is_zero()) {
            leave_level();
            touched = {queue.price, queue.quantity};
        }
        const Slot first = queue.first;
        const Order& maker = orders_[first];
        if (order.self_trade != SelfTrade::Allow && same_owner(order, maker)) {
            if (avoid_self_trade(slot, first, stop)) continue;
            break;
        }
        quantity = std::min(quantity, maker.remaining());
        if (order.reduce_only)
            quantity =
                std::min(quantity, position(order.account, order.listing).reducible(order.side));
        if (quantity.is_zero()) {
            stop = CloseReason::ReduceOnly;
            break;
        }
        if (maker.reduce_only) {
            const Quantity left = position(maker.account, maker.listing).reducible(other);
            if (left.is_zero()) {  // the position went in this very sweep
                desk.book.remove(other, maker.price, first, maker.remaining());
                close(first, OrderStatus::Cancelled, CloseReason::ReduceOnly);
                continue;
            }
            quantity = std::min(quantity, left);
        }
        trade(slot, first, quantity);
        ++matches;
    }
    leave_level();
    return stop;
}

/// False: the taker ends here, or is done.
bool SimVenue::avoid_self_trade(Slot taker, Slot first, CloseReason& stop) {
    Order& order = orders_[taker];
    Order& maker = orders_[first];
    Desk& desk = desks_[maker.listing.index()];
    const SelfTrade mode = order.self_trade;
    if (mode == SelfTrade::CancelTaker || mode == SelfTrade::CancelBoth)
        stop = CloseReason::SelfTrade;
    if (mode == SelfTrade::CancelMaker || mode == SelfTrade::CancelBoth) {
        desk.book.remove(maker.side, maker.price, first, maker.remaining());
        close(first, OrderStatus::Expired, CloseReason::SelfTrade);
    }
    if (mode != SelfTrade::Decrement) return stop == CloseReason::None;

    // An order in quote has no quantity to shrink: it ends, the maker stays.
    if (order.in_quote()) {
        stop = CloseReason::SelfTrade;
        return false;
    }
    const Quantity both = std::min(order.remaining(), maker.remaining());
    for (const Slot each : {taker, first}) {
        Order& o = orders_[each];
        if (desk.listing.perpetual) {
            open_interest(o, desk.listing, Quantity{} - both);
            update_margin(o.account, desk);
        }
    }
    if (maker.remaining() == both) {
        desk.book.remove(maker.side, maker.price, first, both);
        maker.prevented += both;
        close(first, OrderStatus::Expired, CloseReason::SelfTrade);
    } else {
        desk.book.reduce(maker.side, maker.price, both);
        maker.prevented += both;
        if (!desk.listing.perpetual) settle_hold(maker, desk.listing, Amount{});
        notify(maker.account, OrderUpdate{OrderChange::Amended, Reject::None, maker, {}});
    }
    orders_[taker].prevented += both;
    if (orders_[taker].remaining().is_zero()) stop = CloseReason::SelfTrade;
    return stop == CloseReason::None;
}

/// One trade at the maker's price: book, money, then everybody is told.
void SimVenue::trade(Slot taker_slot, Slot maker_slot, Quantity quantity) {
    Order& taker = orders_[taker_slot];
    Order& maker = orders_[maker_slot];
    Desk& desk = desks_[taker.listing.index()];
    const Listing& listing = desk.listing;
    const bool gone = quantity == maker.remaining();
    if (gone) {
        desk.book.remove(maker.side, maker.price, maker_slot, quantity);
    } else {
        desk.book.reduce(maker.side, maker.price, quantity);
    }
    Execution execution;
    execution.trade = desk.last_trade = TradeId{desk.last_trade.raw() + 1};
    execution.price = desk.last_price = maker.price;
    execution.quantity = quantity;
    execution.quote = listing.paid(maker.price, quantity);

    const bool was_in_quote = taker.in_quote();
    if (was_in_quote) taker.quantity += quantity;
    for (Order* const order : {&taker, &maker}) {
        if (listing.perpetual) open_interest(*order, listing, Quantity{} - quantity);
        order->filled += quantity;
        order->filled_quote += execution.quote;
        order->updated = now_;
        const bool done = order->remaining().is_zero() && !order->in_quote();
        order->status = done ? OrderStatus::Filled : OrderStatus::PartiallyFilled;
    }
    publish(TradePrint{listing.id, execution.trade, execution.price, quantity, taker.side,
                       taker.liquidation, maker.id, taker.id});
    if (!listing.perpetual) settle_spot(listing, taker, maker, execution);
    for (Order* const order : {&maker, &taker}) {
        Execution own = execution;
        own.maker = order == &maker;
        if (listing.perpetual) {
            own.realised =
                settle_position(listing, order->account, order->side, own.price, quantity);
        }
        fee(listing, *order, own);
        filled(*order, own, listing);
    }
    if (gone) close(maker_slot, OrderStatus::Filled, CloseReason::None);
}

/// Walks the book as match() would, without changing anything. What it says of the cost is an upper
/// bound: where the order stops at one of its own, it may stop earlier than shown here.
SimVenue::Preview SimVenue::preview(const Order& order, const Desk& desk) const {
    Preview out;
    const Side other = opposite(order.side);
    const std::uint32_t most = desk.listing.policy.max_matches;
    std::vector<std::pair<AccountId, Quantity>> reduced;  // by reduce-only makers, this sweep
    std::uint32_t matches = 0;
    bool met_own = false;
    const auto levels = desk.book.levels(other);
    for (std::size_t i = levels.size(); i-- > 0 && reaches(order, levels[i].price);) {
        for (Slot slot = levels[i].first; slot != kNoSlot; slot = desk.book.after(slot)) {
            const Order& maker = orders_[slot];
            if (order.self_trade != SelfTrade::Allow && same_owner(order, maker)) {
                // Shrinking both lets the order go on for less: enough for a bound, not for a
                // promise to fill.
                met_own |= order.self_trade == SelfTrade::Decrement;
                if (order.self_trade == SelfTrade::CancelMaker || met_own) continue;
                return out;
            }
            const Quantity want =
                order.in_quote()
                    ? desk.listing.affordable(order.quote_quantity - out.quote, levels[i].price)
                    : order.quantity - out.quantity;
            if (want.is_zero()) {
                out.complete = !met_own;
                return out;
            }
            if (most != 0 && matches == most) return out;
            Quantity quantity = std::min(want, maker.remaining());
            if (desk.listing.perpetual) {
                auto seen = std::find_if(reduced.begin(), reduced.end(), [&](const auto& entry) {
                    return entry.first == maker.account;
                });
                if (seen == reduced.end()) {
                    reduced.push_back({maker.account, Quantity{}});
                    seen = reduced.end() - 1;
                }
                if (maker.reduce_only) {
                    const Quantity position_left =
                        position(maker.account, maker.listing).reducible(other);
                    quantity =
                        std::min(quantity, std::max(Quantity{}, position_left - seen->second));
                }
                seen->second += quantity;
            }
            out.quantity += quantity;
            out.quote += desk.listing.paid(levels[i].price, quantity);
            ++matches;
        }
    }
    out.complete = !met_own && !order.in_quote() && out.quantity == order.quantity;
    return out;
}

}  // namespace parallax::sim_engine
