#include "services/portfolio/orders.hpp"

#include <algorithm>

namespace parallax::portfolio {
namespace {

bool consistent(const messages::OrderEvent& fill) noexcept {
    const std::int64_t quantity = fill.quantity.raw(), cumulative = fill.cumulative.raw();
    if (quantity <= 0 || fill.price.raw() <= 0 || cumulative < 0) return false;
    return cumulative == 0 ? fill.trade_id != 0 : cumulative >= quantity;
}

std::int64_t scaled(std::int64_t raw, std::int64_t factor) noexcept {
    std::int64_t out = 0;
    PLX_ASSERT(!__builtin_mul_overflow(raw, factor, &out));
    return out;
}

}  // namespace

void Order::clear() noexcept {
    booked.clear();
    trades.clear();
    ordered = filled = Quantity{};
    closing = 0;
    closed_at = UnixNanos{};
}

std::int64_t Order::book(Run run) {
    const auto first = std::partition_point(booked.begin(), booked.end(),
                                            [&](const Run& r) { return r.end < run.begin; });
    auto last = first;
    std::int64_t known = 0;
    Run merged = run;
    for (; last != booked.end() && last->begin <= run.end; ++last) {
        known += std::max<std::int64_t>(
            0, std::min(last->end, run.end) - std::max(last->begin, run.begin));
        merged = {std::min(merged.begin, last->begin), std::max(merged.end, last->end)};
    }
    if (first == last) {
        booked.insert(first, merged);
    } else {
        *first = merged;
        booked.erase(first + 1, last);
    }
    return run.end - run.begin - known;
}

bool OrderRegistry::place(const messages::OrderRequest& request, SymbolId symbol) {
    if (orders_.find(request.id.raw()) != nullptr) return false;
    Order& order = orders_.add(request.id.raw());
    order.instrument = request.instrument;
    order.symbol = symbol;
    order.side = request.side;
    order.purpose = request.purpose;
    order.ordered = request.quantity;
    open_.insert(std::upper_bound(open_.begin(), open_.end(), request.id.raw()), request.id.raw());
    return true;
}

FillDecision OrderRegistry::accept(const messages::OrderEvent& fill, SymbolId symbol,
                                   UnixNanos now) {
    if (!consistent(fill)) return {.verdict = FillVerdict::Malformed};
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

    const auto trade = std::lower_bound(order->trades.begin(), order->trades.end(), fill.trade_id);
    const bool traded =
        fill.trade_id != 0 && trade != order->trades.end() && *trade == fill.trade_id;
    if (traded) return {.verdict = FillVerdict::Duplicate};

    const std::int64_t highest = order->booked.empty() ? 0 : order->booked.back().end;
    std::int64_t end = fill.cumulative.raw();
    if (end == 0 && __builtin_add_overflow(highest, fill.quantity.raw(), &end)) {
        return {.verdict = FillVerdict::Malformed};
    }
    if (order->closed()) closed_digest_ -= state_hash(*order, fill.id.raw());
    if (fill.trade_id != 0) order->trades.insert(trade, fill.trade_id);
    const Quantity fresh = Quantity::from_raw(order->book({end - fill.quantity.raw(), end}));
    order->filled += fresh;
    if (order->closed()) closed_digest_ += state_hash(*order, fill.id.raw());
    if (fresh.is_zero()) return {.verdict = FillVerdict::Duplicate};
    return {FillVerdict::Book, order, fresh, order->closed(), order->filled > order->ordered};
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
    const std::int64_t factor = pow10(change.quantity_digits);
    if (factor == 1) return;
    for (const std::uint64_t key : orders_.keys()) {
        Order& order = *orders_.find(key);
        if (order.symbol != change.symbol) continue;
        order.ordered = Quantity::from_raw(scaled(order.ordered.raw(), factor));
        order.filled = Quantity::from_raw(scaled(order.filled.raw(), factor));
        for (Order::Run& run : order.booked)
            run = {scaled(run.begin, factor), scaled(run.end, factor)};
    }
    rebuild();
}

}  // namespace parallax::portfolio
