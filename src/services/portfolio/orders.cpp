#include "services/portfolio/orders.hpp"

#include <algorithm>

namespace parallax::portfolio {
namespace {

std::int64_t scaled(std::int64_t raw, std::int64_t factor) noexcept {
    std::int64_t out = 0;
    PLX_ASSERT(!__builtin_mul_overflow(raw, factor, &out));
    return out;
}

}  // namespace

void Order::clear() noexcept {
    fills.reset();
    ordered = Quantity{};
    closing = 0;
    ended = reduce_only = false;
    closed_at = UnixNanos{};
}

bool OrderRegistry::place(const messages::OrderRequest& request, SymbolId symbol) {
    if (orders_.find(request.id.raw()) != nullptr) return false;
    Order& order = orders_.add(request.id.raw());
    order.instrument = request.instrument;
    order.symbol = symbol;
    order.side = request.side;
    order.purpose = request.purpose;
    order.reduce_only = request.reduce_only;
    order.price = request.price;
    order.ordered = request.quantity;
    order.placing = ++placed_;
    open_.insert(std::upper_bound(open_.begin(), open_.end(), request.id.raw()), request.id.raw());
    return true;
}

FillDecision OrderRegistry::accept(const messages::OrderEvent& fill, SymbolId symbol,
                                   UnixNanos now) {
    if (fill.price.raw() <= 0 ||
        !orders::FillFilter{}.sound(fill.trade_id, fill.quantity, fill.cumulative)) {
        return {.verdict = FillVerdict::Malformed};
    }
    Order* order = orders_.find(fill.id.raw());
    if (order == nullptr) {
        if (fill.id.raw() <= forgotten_) return {.verdict = FillVerdict::Expired};
        messages::OrderRequest unasked;
        unasked.id = fill.id;
        unasked.instrument = fill.instrument;
        unasked.side = fill.side;
        place(unasked, symbol);
        close(fill.id, now);
        order = orders_.find(fill.id.raw());
    }
    if (order->instrument != fill.instrument || order->side != fill.side)
        return {.verdict = FillVerdict::Malformed};

    if (!order->fills.sound(fill.trade_id, fill.quantity, fill.cumulative))
        return {.verdict = FillVerdict::Malformed};

    if (order->closed()) closed_digest_ -= state_hash(*order, fill.id.raw());
    const Quantity fresh = order->fills.accept(fill.trade_id, fill.quantity, fill.cumulative);
    if (order->closed()) closed_digest_ += state_hash(*order, fill.id.raw());
    if (fresh.is_zero()) return {.verdict = FillVerdict::Duplicate};
    return {FillVerdict::Book, order, fresh, order->closed(),
            order->fills.filled() > order->ordered};
}

bool OrderRegistry::end(ClientOrderId id, Quantity cumulative) noexcept {
    Order* order = orders_.find(id.raw());
    if (order == nullptr || order->closed()) return false;
    order->ended = true;
    order->fills.expect(cumulative);
    return !order->fills.missing();
}

bool OrderRegistry::close(ClientOrderId id, UnixNanos now) {
    Order* order = orders_.find(id.raw());
    if (order == nullptr || order->closed()) return false;
    order->closing = ++closed_count_;
    order->closed_at = now;
    closed_digest_ += state_hash(*order, id.raw());
    open_.erase(std::lower_bound(open_.begin(), open_.end(), id.raw()));
    closed_.push_back(id.raw());
    return true;
}

void OrderRegistry::forget_old(UnixNanos now) {
    while (!closed_.empty()) {
        const std::uint64_t id = closed_.front();
        const Order& order = *orders_.find(id);
        if (closed_.size() <= closed_kept_ && now - order.closed_at <= retention_) return;
        closed_digest_ -= state_hash(order, id);
        forgotten_ = std::max(forgotten_, id);
        orders_.erase(id);
        closed_.pop_front();
    }
}

void OrderRegistry::slept(Nanos asleep) {
    for (const std::uint64_t id : closed_) {
        Order& order = *orders_.find(id);
        order.closed_at = order.closed_at + asleep;
    }
    rebuild();
}

/// What follows from the orders.
void OrderRegistry::rebuild() {
    open_.clear();
    closed_digest_ = 0;
    for (const std::uint64_t id : orders_.keys()) {
        const Order& order = *orders_.find(id);
        if (order.closed()) {
            closed_digest_ += state_hash(order, id);
        } else {
            open_.push_back(id);
        }
    }
}

void OrderRegistry::rescale(const Rescale& change) {
    const std::int64_t prices = pow10(change.price_digits);
    const std::int64_t quantities = pow10(change.quantity_digits);
    for (const std::uint64_t key : orders_.keys()) {
        Order& order = *orders_.find(key);
        if (order.symbol != change.symbol) continue;
        order.ordered = Quantity::from_raw(scaled(order.ordered.raw(), quantities));
        order.price = Price::from_raw(scaled(order.price.raw(), prices));
        order.fills.rescale(quantities);
    }
    rebuild();
}

}  // namespace parallax::portfolio
