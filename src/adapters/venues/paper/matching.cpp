#include <algorithm>

#include "adapters/venues/paper/paper_venue.hpp"
#include "messages/risk.hpp"

// Orders against the book: what they take when they arrive, and what comes to them at rest.

namespace parallax::paper {

using messages::OrderEvent;
using messages::OrderEventKind;
using messages::OrderRequest;
using messages::Reason;
using messages::ReasonCode;
using messages::TimeInForce;

PaperVenue::SelfTrade PaperVenue::self_trade_of(std::string_view name) noexcept {
    if (name == "cancel_newest") return SelfTrade::CancelNewest;
    if (name == "cancel_oldest") return SelfTrade::CancelOldest;
    if (name == "cancel_both") return SelfTrade::CancelBoth;
    return SelfTrade::None;
}

/// An accepted order meets the book, up to where it would meet an order of our own: there one of
/// the two ends, or both.
void PaperVenue::take(Order& order, const Moment& moment) {
    const OrderRequest request = order.request;
    const bool buys = request.side == Side::Buy;
    const bool fok = request.time_in_force == TimeInForce::Fok;
    const auto own = own_ahead(request);
    const Reason self{ReasonCode::RiskLimit,
                      static_cast<std::int64_t>(messages::RiskCheck::Duplicate), 0};
    const bool newest_ends = own && self_trade_ != SelfTrade::CancelOldest;
    if (request.time_in_force == TimeInForce::PostOnly) {
        if (own && self_trade_ != SelfTrade::CancelNewest) cancel_own(request, moment);
        if (!newest_ends) return rest(order);
        ++counters_.self_trades_prevented;
        return finish(order, OrderEventKind::Done, self, moment);
    }

    compete(request, moment);
    const Price before_own = own ? Price::from_raw(own->raw() + (buys ? -1 : 1)) : request.price;
    const Price limit = newest_ends ? before_own : request.price;
    const Quantity wanted = fillable(order);
    Quantity there = wanted;
    if (fok)
        there = liquidity_.available(request.instrument, request.side, limit, wanted, moment.at);
    if (there == wanted) {
        trade(order, before_own, wanted, moment, false);
        const bool meets = own && !fillable(order).is_zero();
        if (meets && self_trade_ != SelfTrade::CancelNewest) cancel_own(request, moment);
        if (meets && !newest_ends) trade(order, limit, fillable(order), moment, false);
    }
    if (order.open().is_zero()) return finish(order, OrderEventKind::Done, {}, moment);
    if (newest_ends) {
        ++counters_.self_trades_prevented;
        return finish(order, OrderEventKind::Done, self, moment);
    }
    if (request.time_in_force == TimeInForce::Gtc) return rest(order);
    finish(order, OrderEventKind::Done,
           {ReasonCode::LostRace, fok ? there.raw() : order.filled.raw(), request.quantity.raw()},
           moment);
}

/// The best price at which an order of ours rests that the new one reaches; none when it reaches
/// none, or nothing prevents that.
std::optional<Price> PaperVenue::own_ahead(const OrderRequest& request) const {
    std::optional<Price> best;
    if (self_trade_ == SelfTrade::None || request.instrument.index() >= resting_.size())
        return best;
    const bool buys = request.side == Side::Buy;
    for (const ClientOrderId id : resting_[request.instrument.index()]) {
        const OrderRequest& other = orders_.at(id).request;
        const bool reached = buys ? other.price <= request.price : other.price >= request.price;
        if (other.side == request.side || !reached) continue;
        if (!best || (buys ? other.price < *best : other.price > *best)) best = other.price;
    }
    return best;
}

/// Ends the resting orders that the new one reaches.
void PaperVenue::cancel_own(const OrderRequest& request, const Moment& moment) {
    auto& resting = resting_[request.instrument.index()];
    for (const ClientOrderId id : resting) {
        Order& other = orders_.at(id);
        const bool reached = request.side == Side::Buy ? other.request.price <= request.price
                                                       : other.request.price >= request.price;
        if (other.request.side == request.side || !reached) continue;
        ++counters_.self_trades_prevented;
        finish(
            other, OrderEventKind::Done,
            {ReasonCode::RiskLimit, static_cast<std::int64_t>(messages::RiskCheck::Duplicate), 0},
            moment);
    }
    std::erase_if(resting, [&](ClientOrderId id) { return orders_.at(id).ended; });
}

void PaperVenue::compete(const OrderRequest& request, const Moment& moment) {
    if (!competitor_random_.chance(config_.competitor_probability)) return;
    const double share = config_.competitor_size * competitor_random_.uniform();
    Quantity left = Quantity::from_raw(static_cast<std::int64_t>(
        std::min(share * static_cast<double>(request.quantity.raw()), 9e18)));
    if (left.is_zero()) return;
    ++counters_.competed;
    liquidity_.each_free(request.instrument, request.side, request.price, moment.at,
                         [&](Level level, Quantity free) {
                             const Quantity taken = std::min(free, left);
                             liquidity_.take(request.instrument, request.side, level, taken,
                                             moment.at);
                             left -= taken;
                             return !left.is_zero();
                         });
}

/// What may still fill: a reduce-only order not beyond the position.
Quantity PaperVenue::fillable(const Order& order) const noexcept {
    const OrderRequest& r = order.request;
    if (!r.reduce_only || is_spot(universe_.instrument(r.instrument).kind)) return order.open();
    return accounts_.reducible(r.instrument, r.side, order.open());
}

/// Takes up to `wanted` from the book within the limit, one fill a level. A resting order that is
/// traded through gets its own price, not the level's.
void PaperVenue::trade(Order& order, Price limit, Quantity wanted, const Moment& moment,
                       bool maker) {
    const OrderRequest request = order.request;
    liquidity_.each_free(
        request.instrument, request.side, limit, moment.at, [&](Level level, Quantity free) {
            const Quantity quantity = std::min(free, wanted);
            if (quantity.is_zero()) return false;
            liquidity_.take(request.instrument, request.side, level, quantity, moment.at);
            fill(order, maker ? request.price : level.price, quantity, moment, maker);
            wanted -= quantity;
            return !wanted.is_zero();
        });
}

void PaperVenue::fill(Order& order, Price price, Quantity quantity, const Moment& moment,
                      bool maker) {
    const Instrument& listing = universe_.instrument(order.request.instrument);
    const Accounts::Fee fee = accounts_.fill(listing, order.request.side, price, quantity, maker);
    order.filled += quantity;
    PLX_ASSERT(order.filled <= order.request.quantity);
    set_hold(order, order.open());
    ++counters_.fills;
    OrderEvent event;
    event.trade_id = next_trade_id_++;
    event.price = price;
    event.quantity = quantity;
    event.fee = fee.amount;
    event.fee_asset = fee.asset;
    event.maker = maker;
    event.account_update = accounts_.updates(wallet_of(listing.market));
    tell(order, OrderEventKind::Filled, moment, event);
}

void PaperVenue::rest(Order& order) {
    const InstrumentId instrument = order.request.instrument;
    if (instrument.index() >= resting_.size()) resting_.resize(instrument.index() + 1);
    order.ahead = liquidity_.shown(instrument, order.request.side, order.request.price);
    resting_[instrument.index()].push_back(order.request.id);
}

void PaperVenue::fill_resting(Order& order, Quantity quantity) {
    const Market market = universe_.instrument(order.request.instrument).market;
    const Moment moment = passive_moment(market);
    fill(order, order.request.price, quantity, moment, true);
    if (order.open().is_zero()) finish(order, OrderEventKind::Done, {}, moment);
}

void PaperVenue::on_book(InstrumentId instrument) {
    settle_funding(books_[instrument].received());
    now_ = std::max(now_, books_[instrument].received());
    liquidity_.on_book(instrument);
    if (instrument.index() >= resting_.size() || resting_[instrument.index()].empty()) return;
    if (!books_[instrument].tradable()) return;
    auto& resting = resting_[instrument.index()];
    for (const ClientOrderId id : resting) {
        Order& order = orders_.at(id);
        const OrderRequest& r = order.request;
        const Quantity wanted = fillable(order);
        if (liquidity_.available(instrument, r.side, r.price, wanted, now_).is_zero()) continue;
        const Moment moment = passive_moment(universe_.instrument(instrument).market);
        trade(order, r.price, wanted, moment, true);
        if (order.open().is_zero()) finish(order, OrderEventKind::Done, {}, moment);
    }
    std::erase_if(resting, [&](ClientOrderId id) { return orders_.at(id).ended; });
}

void PaperVenue::on(const messages::TradePrint& trade) {
    settle_funding(trade.stamp.received);
    now_ = std::max(now_, trade.stamp.received);
    if (trade.instrument.index() >= resting_.size()) return;
    auto& resting = resting_[trade.instrument.index()];
    if (resting.empty()) return;
    Quantity left =
        trade.quantity;  // of the printed trade, what our own earlier orders have not had
    for (const ClientOrderId id : resting) {
        Order& order = orders_.at(id);
        const OrderRequest& r = order.request;
        const bool buy = r.side == Side::Buy;
        if (r.side == trade.aggressor || (buy ? trade.price > r.price : trade.price < r.price))
            continue;
        // A print beyond our price emptied the queue before us; one at our price moves it on.
        const Quantity ahead = trade.price == r.price ? order.ahead : Quantity{};
        order.ahead = ahead - std::min(ahead, trade.quantity);
        const Quantity passed = std::min(trade.quantity - std::min(ahead, trade.quantity), left);
        const Quantity quantity = std::min(passed, fillable(order));
        if (quantity.is_zero()) continue;
        left -= quantity;
        fill_resting(order, quantity);
    }
    std::erase_if(resting, [&](ClientOrderId id) { return orders_.at(id).ended; });
}

}  // namespace parallax::paper
