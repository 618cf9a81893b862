#include <algorithm>

#include "services/portfolio/service.hpp"

// Orders and fills: from the order that leaves to the postings of its executions.

namespace parallax::portfolio {

void Service::on(const messages::OrderRequest& request) {
    if (request.action != messages::OrderAction::Place) return;
    orders_.forget_old(request.decided);
    const Instrument& listing = universe_.instrument(request.instrument);
    if (!orders_.place(request, listing.symbol)) return;
    PlanAccount& account = open_plan(request.id.plan());
    account.orders.push_back(request.id);
    send(account, request.id, request.decided);
}

void Service::on(const messages::OrderEvent& event) {
    switch (event.kind) {
        case messages::OrderEventKind::Filled:
            return fill(event);
        case messages::OrderEventKind::Done:
            if (!orders_.end(event.id, event.cumulative)) return;  // its fills are still on the way
            return close_order(event.id, event.received);
        case messages::OrderEventKind::Rejected:
        case messages::OrderEventKind::NotFound:
            return close_order(event.id, event.received);
        case messages::OrderEventKind::Accepted:
        case messages::OrderEventKind::Unknown:
            return;
    }
}

/// The order is over: its reservation ends with it.
void Service::close_order(ClientOrderId id, UnixNanos now) {
    if (!orders_.close(id, now)) return;
    PlanAccount* account = plans_.find(id.plan().raw());
    PLX_ASSERT(account != nullptr);
    Reservation* held = account->reservation(id);
    PLX_ASSERT(held != nullptr && held->sent);  // I5: released once
    begin(account->plan, now);
    empty(*held);
    account->reservations.erase(account->reservations.begin() +
                                (held - account->reservations.data()));
}

/// Whether the amounts of a fill are such as this ledger can hold.
bool Service::bookable(const messages::OrderEvent& event) {
    if (event.price.raw() <= 0 || event.quantity.raw() <= 0) return false;
    if (!event.fee.is_zero() && !known(event.fee_asset)) return false;
    return sensible(universe_.quote_value(event.instrument, event.price, event.quantity,
                                          Rounding::Up)) &&
           sensible(
               universe_.base_value(event.instrument, event.price, event.quantity, Rounding::Up)) &&
           sensible(event.fee) && sensible(event.realised);
}

void Service::fill(const messages::OrderEvent& event) {
    if (event.instrument.index() >= universe_.instruments().size())
        return;  // decoders know no other
    const Instrument& listing = universe_.instrument(event.instrument);
    const Market wallet = wallet_of(listing.market);
    counters_.fill_checks += 2;
    if (!bookable(event)) return halt(wallet, Alarm::BadFill, event.received);
    const Symbol& symbol = universe_.symbol_of(listing.id);
    const Amount filled = to_amount(event.quantity, symbol.quantity_scale);
    const FillDecision decision = orders_.accept(event, listing.symbol, event.received);
    switch (decision.verdict) {
        case FillVerdict::Duplicate:
            ++counters_.duplicates;
            return;
        case FillVerdict::Malformed:
            return halt(wallet, Alarm::BadFill, event.received);
        case FillVerdict::Expired:
            return halt(wallet, Alarm::ForgottenOrder, event.received, symbol.base, filled);
        case FillVerdict::Book:
            break;
    }
    ++counters_.fills;
    if (decision.late) ++counters_.late_fills;
    if (decision.oversize) {
        const bool asked = !decision.order->ordered.is_zero();
        halt(wallet, asked ? Alarm::OversizeFill : Alarm::UnknownOrder, event.received, symbol.base,
             filled);
    }
    PlanAccount* account = plans_.find(event.id.plan().raw());
    const bool ended = account == nullptr;
    if (ended) account = &open_plan(event.id.plan());
    value_in(*account, AssetId::none());
    book_fill(event, decision.quantity, *account);
    if (decision.order->ended && !decision.order->fills.missing())
        close_order(event.id, event.received);
    if (ended) finish(*account, {}, event.received);
}

void Service::book_fill(const messages::OrderEvent& event, Quantity quantity,
                        PlanAccount& account) {
    const Instrument& listing = universe_.instrument(event.instrument);
    const TradedItems items = traded_items(listing);
    touch(account, items.thing, marks_, universe_, &listing, event.price).bought_or_sold = true;
    touch(account, items.money, marks_, universe_, &listing, event.price).paid_in = true;

    const Order* order = orders_.find(event.id);
    const bool entry = order->purpose == messages::Purpose::Entry && !order->ordered.is_zero();
    const Amount size = to_amount(quantity, universe_.symbol_of(listing.id).quantity_scale);

    Reservation* held = account.reservation(event.id);
    const Reservation before = held == nullptr ? Reservation{} : *held;
    current_ = &account;
    begin(account.plan, event.received, {event.account_update, event.venue_time});
    Amount cash;
    if (is_spot(listing.kind)) {
        cash = book_spot(event, listing, quantity, held);
        book_fee(event, listing, quantity, account, held);
    } else {
        const PositionChange change = book_position(event, listing, quantity, account, held);
        cash = change.gain;
        book_fee(event, listing, quantity, account, held);
        lock_margin(listing, change.margin_needed, held);
    }
    current_ = nullptr;
    if (held != nullptr) {
        fit(*held, worst_case(*order).amount);
        count_reserved(before, *held);
    }

    TradeSum& trade = account.trade(event.id.leg(), entry, listing.id, event.side);
    trade.quantity += size;
    trade.cash += cash;
    account.find(items.thing)->traded += event.side == Side::Buy ? size : -size;
    account.find(items.money)->traded += cash;
}

/// Exchanges base and quote; returns what came in (positive) or went out in quote.
Amount Service::book_spot(const messages::OrderEvent& event, const Instrument& listing,
                          Quantity quantity, Reservation* held) {
    const Market wallet = wallet_of(listing.market);
    const Place far{wallet, Bucket::Conversion}, free{wallet, Bucket::Available};
    const bool buys = event.side == Side::Buy;
    const Amount base = universe_.base_value(listing.id, event.price, quantity, Rounding::Down);
    // Finer than 1e-18 only for exotic scales; then the dust is against us.
    const Amount quote = universe_.paid_value(listing.id, event.price, quantity,
                                              buys ? Rounding::Up : Rounding::Down);
    pay(EntryKind::Fill, buys ? listing.quote : listing.base, far, buys ? quote : base, held,
        event.received);
    const Amount received = buys ? base : quote;
    if (!received.is_zero())
        move(EntryKind::Fill, buys ? listing.base : listing.quote, far, free, received);
    return buys ? -quote : quote;
}

/// Changes the position, gives back margin of what it closed and books the profit of it.
PositionChange Service::book_position(const messages::OrderEvent& event, const Instrument& listing,
                                      Quantity quantity, PlanAccount& account, Reservation* held) {
    const Market wallet = wallet_of(listing.market);
    const std::int64_t leverage =
        orders::terms_of(listing, fees_, config_.derivative_leverage).lever;
    // What is told is of the whole fill.
    const bool told = event.realised_told && quantity == event.quantity;
    const PositionChange change =
        apply_fill(positions_[listing.id], universe_, listing.id, event.side, event.price, quantity,
                   leverage, told ? std::optional{event.realised} : std::nullopt);
    if (!change.margin_released.is_zero()) {
        move(EntryKind::Margin, listing.settle, {wallet, Bucket::Margin},
             {wallet, Bucket::Available}, change.margin_released);
    }
    settle_cash(EntryKind::RealisedPnl, wallet, listing.settle, Bucket::Pnl, change.realised, held,
                event.received);
    account.find(ItemKey::of(listing.id))->booked += change.net;
    account.find(ItemKey::of(listing.settle))->booked += change.basis;
    return change;
}

/// Fees are paid in their own asset at the moment of the fill, never netted into the price (I9).
void Service::book_fee(const messages::OrderEvent& event, const Instrument& listing,
                       Quantity quantity, PlanAccount& account, Reservation* held) {
    const Amount fee = quantity == event.quantity
                           ? event.fee
                           : Amount::from_raw(multiply_divide(event.fee.raw(), quantity.raw(),
                                                              event.quantity.raw(), Rounding::Up));
    if (fee.is_zero()) return;
    Item& item = touch(account, ItemKey::of(event.fee_asset), marks_, universe_, nullptr, {});
    item.fees += fee;
    item.fees_value += Wide::product(fee, value_of(event.fee_asset, account, item));
    settle_cash(fee.is_negative() ? EntryKind::Rebate : EntryKind::Fee, wallet_of(listing.market),
                event.fee_asset, Bucket::Fee, -fee, held, event.received);
}

/// Margin is our reckoning, not the venue's: it locks what there is, and counts when that is too
/// little.
void Service::lock_margin(const Instrument& listing, Amount needed, Reservation* held) {
    const Market wallet = wallet_of(listing.market);
    const Place margin{wallet, Bucket::Margin};
    Position& position = positions_[listing.id];
    if (held != nullptr) {
        const Amount part = std::min(needed, held->amount);
        if (!part.is_zero())
            move(EntryKind::Margin, listing.settle, {wallet, Bucket::Reserved}, margin, part);
        held->amount -= part;
        position.margin += part;
        needed -= part;
    }
    const Amount free =
        std::min(needed, ledger_.balance(wallet, listing.settle, Bucket::Available));
    if (!free.is_zero())
        move(EntryKind::Margin, listing.settle, {wallet, Bucket::Available}, margin, free);
    position.margin += free;
    if (free < needed) ++counters_.margin_short;
}

}  // namespace parallax::portfolio
