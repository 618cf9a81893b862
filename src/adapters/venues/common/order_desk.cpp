#include "adapters/venues/common/order_desk.hpp"

#include <algorithm>

#include "adapters/venues/common/order_numbers.hpp"
#include "adapters/venues/common/rate_limiter.hpp"

namespace parallax::venue_common {

using messages::OrderEvent;
using messages::OrderEventKind;
using messages::Reason;
using End = LiveOrder::End;
using Phase = LiveOrder::Phase;

namespace {

/// Numbers are a peer's: what does not fit is cut, and must not stop anything.
Quantity sum(Quantity a, Quantity b) noexcept {
    std::int64_t raw = 0;
    if (__builtin_add_overflow(a.raw(), b.raw(), &raw)) return a;
    return Quantity::from_raw(raw);
}
std::int64_t product(std::int64_t a, std::int64_t b) noexcept {
    std::int64_t raw = 0;
    return __builtin_mul_overflow(a, b, &raw) ? a : raw;
}

}  // namespace

OrderDesk::OrderDesk(const Universe& universe, DeskConfig config)
    : universe_{universe}, config_{std::move(config)}, ids_{config_.tag} {
    by_id_.reserve(4'096);
    by_venue_.reserve(4'096);
    open_.reserve(256);
    events_.reserve(1'024);
}

// ---- orders

LiveOrder* OrderDesk::find(ClientOrderId id) noexcept {
    const auto it = by_id_.find(id.raw());
    return it == by_id_.end() ? nullptr : &slots_[it->second];
}

LiveOrder* OrderDesk::find_by_venue_id(std::string_view venue_id) noexcept {
    if (venue_id.empty()) return nullptr;
    const auto it = by_venue_.find(number_of(venue_id));
    if (it == by_venue_.end() || slots_[it->second].venue_id() != venue_id) return nullptr;
    return &slots_[it->second];
}

LiveOrder& OrderDesk::add(ClientOrderId id) {
    Slot slot = static_cast<Slot>(slots_.size());
    if (free_.empty()) {
        slots_.emplace_back();
    } else {
        slot = free_.back();
        free_.pop_back();
        slots_[slot] = LiveOrder{};
    }
    by_id_[id.raw()] = slot;
    slots_[slot].id = id;
    open_.push_back(id);
    return slots_[slot];
}

LiveOrder* OrderDesk::placed(const messages::OrderRequest& request, UnixNanos now) {
    if (find(request.id) != nullptr) return nullptr;
    LiveOrder& order = wanted(request);
    order.adopted = false;
    order.sent = now;
    ++counters_.placed;
    return &order;
}

LiveOrder& OrderDesk::wanted(const messages::OrderRequest& request) {
    if (LiveOrder* const known = find(request.id)) return *known;
    LiveOrder& order = add(request.id);
    order.adopted = true;
    order.instrument = request.instrument;
    order.side = request.side;
    order.price = request.price;
    order.quantity = request.quantity;
    order.time_in_force = request.time_in_force;
    return order;
}

void OrderDesk::refuse_unsent(const messages::OrderRequest& request, Reason why, UnixNanos now) {
    LiveOrder& order = wanted(request);
    refused(order, why, now, now);
}

void OrderDesk::name(LiveOrder& order, std::string_view venue_id) {
    if (venue_id.empty() || order.venue_size != 0 || venue_id.size() > order.venue_text.size())
        return;
    order.venue_size = static_cast<std::uint8_t>(venue_id.copy(order.venue_text.data(), 40));
    order.venue_number = number_of(venue_id);
    by_venue_[order.venue_number] = by_id_.find(order.id.raw())->second;
}

/// Whose report it is; orders of ours that this run does not know are taken in.
LiveOrder* OrderDesk::match(std::string_view client_id, std::string_view venue_id,
                            InstrumentId instrument, Side side, UnixNanos now) {
    LiveOrder* order = nullptr;
    if (const auto id = ids_.read(client_id)) {
        order = find(*id);
        if (order == nullptr) {
            ++counters_.adopted;
            order = &add(*id);
            order->adopted = true;
            order->instrument = instrument;
            order->side = side;
        }
    } else if (client_id.empty()) {
        order = find_by_venue_id(venue_id);
    }
    if (order == nullptr) {
        shown(client_id, venue_id, instrument, now);
        return nullptr;
    }
    if (order->instrument != instrument || order->side != side) {
        ++counters_.contradictions;
        return nullptr;
    }
    name(*order, venue_id);
    return order;
}

/// The core was told of its end by the process before this one.
void OrderDesk::close_quietly(LiveOrder& order, UnixNanos now) {
    order.phase = Phase::Ended;
    order.end = End::Done;
    order.accepted_told = true;
    order.ended = now;
    std::erase(open_, order.id);
    ended_.emplace_back(now, order.id);
}

void OrderDesk::shown(std::string_view client_id, std::string_view venue_id,
                      InstrumentId instrument, UnixNanos now) {
    ++counters_.foreign;
    const auto known = std::ranges::find(foreign_, venue_id, &ForeignOrder::venue_id);
    if (known != foreign_.end()) {
        known->last_seen = now;
        return;
    }
    if (foreign_.size() >= config_.most_foreign) foreign_.pop_front();
    foreign_.push_back({std::string{client_id}, std::string{venue_id}, instrument,
                        ids_.of_another(client_id), now});
}

// ---- events

OrderEvent& OrderDesk::tell(OrderEventKind kind, const LiveOrder& order, UnixNanos venue_time,
                            UnixNanos now) {
    OrderEvent& event = events_.emplace_back();
    event.kind = kind;
    event.id = order.id;
    event.instrument = order.instrument;
    event.side = order.side;
    event.received = now;
    event.venue_time = venue_time.known() ? venue_time : now;
    event.venue_order_id = order.venue_number;
    return event;
}

void OrderDesk::tell_accepted(LiveOrder& order, UnixNanos venue_time, UnixNanos now, bool again) {
    if (order.phase == Phase::Sent) order.phase = Phase::Open;
    if (order.accepted_told && !again) return;
    if (!order.accepted_told) ++counters_.accepted;
    order.accepted_told = true;
    tell(OrderEventKind::Accepted, order, venue_time, now);
}

void OrderDesk::end(LiveOrder& order, End how, Reason why, UnixNanos venue_time, UnixNanos now) {
    if (order.over()) return;
    order.phase = Phase::Ended;
    order.end = how;
    order.reason = why;
    order.ended = now;
    std::erase(open_, order.id);
    ended_.emplace_back(now, order.id);
    counters_.rejected += how == End::Rejected ? 1 : 0;
    counters_.done += how == End::Done ? 1 : 0;
    counters_.not_found += how == End::NotFound ? 1 : 0;
    tell_end_again(order, venue_time.known() ? venue_time : now);
    events_.back().received = now;
}

void OrderDesk::tell_end_again(const LiveOrder& order, UnixNanos now) {
    if (order.end == End::None) return;
    const OrderEventKind kind = order.end == End::Done       ? OrderEventKind::Done
                                : order.end == End::Rejected ? OrderEventKind::Rejected
                                                             : OrderEventKind::NotFound;
    OrderEvent& event = tell(kind, order, now, now);
    event.reason = order.reason;
    if (order.end == End::Done) event.cumulative = std::max(order.counted, order.filled);
}

void OrderDesk::accepted(LiveOrder& order, std::string_view venue_id, UnixNanos venue_time,
                         UnixNanos now) {
    name(order, venue_id);
    if (order.over()) return;
    // After an Unknown the core wants to hear it even if a fill said so before.
    tell_accepted(order, venue_time, now, false);
}

void OrderDesk::refused(LiveOrder& order, Reason why, UnixNanos venue_time, UnixNanos now) {
    // What has filled was not refused: its own end will come.
    if (!order.filled.is_zero()) {
        ++counters_.contradictions;
        return;
    }
    end(order, End::Rejected, why, venue_time, now);
}

void OrderDesk::unknown(LiveOrder& order, UnixNanos now) {
    if (order.phase != Phase::Sent || order.unknown_told) return;
    order.unknown_told = true;
    ++counters_.unknown;
    tell(OrderEventKind::Unknown, order, now, now);
}

void OrderDesk::not_found(LiveOrder& order, UnixNanos now) {
    if (order.accepted_told || !order.filled.is_zero()) {
        return end(order, End::Done, order.reason, now, now);
    }
    end(order, End::NotFound, order.reason, now, now);
}

LiveOrder* OrderDesk::on(const OrderReport& report, UnixNanos now, bool again) {
    LiveOrder* const order =
        match(report.client_id, report.venue_id, report.instrument, report.side, now);
    if (order == nullptr) return nullptr;
    order->counted = std::max(order->counted, report.cumulative);
    if (report.quantity.raw() > 0) order->quantity = report.quantity;
    if (order->over()) {
        if (order->end != End::Done) ++counters_.contradictions;
        if (again) tell_end_again(*order, now);
        return order;
    }
    switch (report.state) {
        case OrderReport::State::Open:
            tell_accepted(*order, report.venue_time, now, again);
            break;
        case OrderReport::State::Ended:
            tell_accepted(*order, report.venue_time, now, again);
            end(*order, End::Done, report.reason, report.venue_time, now);
            break;
        case OrderReport::State::Refused:
            refused(*order, report.reason, report.venue_time, now);
            break;
    }
    return order;
}

LiveOrder* OrderDesk::on(const FillReport& report, UnixNanos now, bool again) {
    const std::uint64_t adopted = counters_.adopted;
    LiveOrder* const order =
        match(report.client_id, report.venue_id, report.instrument, report.side, now);
    if (order == nullptr) return nullptr;
    if (counters_.adopted != adopted && config_.over && config_.over(order->id))
        close_quietly(*order, now);
    const bool known = std::ranges::find(order->trades, report.trade_id) != order->trades.end();
    if (known && !again) {
        ++counters_.repeated_fills;
        return order;
    }
    const auto held = std::ranges::find_if(incomplete_, [&](const Incomplete& i) {
        return i.order == order->id && i.fill.trade_id == report.trade_id;
    });
    if (!report.fee_known) {
        if (known || held != incomplete_.end()) return order;
        order->counted =
            std::max({order->counted, report.cumulative, sum(order->filled, report.quantity)});
        incomplete_.push_back({order->id, report, now + config_.fee_wait});
        incomplete_.back().fill.client_id = incomplete_.back().fill.venue_id = {};
        return order;
    }
    if (held != incomplete_.end()) incomplete_.erase(held);
    tell_fill(*order, report, now, again && known);
    return order;
}

void OrderDesk::tell_fill(LiveOrder& order, const FillReport& fill, UnixNanos now, bool again) {
    if (order.phase == Phase::Sent) tell_accepted(order, fill.venue_time, now, false);
    if (order.over() && order.end != End::Done) ++counters_.contradictions;
    OrderEvent& event = tell(OrderEventKind::Filled, order, fill.venue_time, now);
    event.trade_id = fill.trade_id;
    event.price = fill.price;
    event.quantity = fill.quantity;
    // Lists tell no counts. A count beside fills without one would seem to cover them, so the trade
    // id alone tells fills apart wherever there is one.
    event.cumulative = fill.trade_id == 0 ? fill.cumulative : Quantity{};
    event.fee = fill.fee;
    event.fee_asset = fill.fee_asset;
    event.maker = fill.maker;
    event.realised = fill.realised.value_or(Amount{});
    event.realised_told = fill.realised.has_value();
    if (again) return;
    order.trades.push_back(fill.trade_id);
    order.filled = sum(order.filled, fill.quantity);
    order.counted = std::max(order.counted, fill.cumulative);
    order.last_fill = std::max(order.last_fill, fill.venue_time);
    last_fill_ = std::max(last_fill_, fill.venue_time);
    ++counters_.fills;
    if (order.over()) ++counters_.late_fills;
}

std::size_t OrderDesk::poll(std::span<OrderEvent> out) {
    const std::size_t count = std::min(out.size(), events_.size() - taken_);
    std::copy_n(events_.begin() + static_cast<std::ptrdiff_t>(taken_), count, out.begin());
    taken_ += count;
    if (taken_ == events_.size()) {
        events_.clear();
        taken_ = 0;
    }
    return count;
}

// ---- time

void OrderDesk::advance(UnixNanos now) {
    for (const ClientOrderId id : open_) {
        LiveOrder& order = *find(id);
        if (order.phase == Phase::Sent && !order.adopted &&
            now >= order.sent + config_.answer_timeout)
            unknown(order, now);
    }
    forget(now);
}

UnixNanos OrderDesk::next_due() const noexcept {
    UnixNanos due = taken_ < events_.size() ? UnixNanos{} : RateLimiter::kNever;
    for (const ClientOrderId id : open_) {
        const LiveOrder& order = slots_[by_id_.find(id.raw())->second];
        if (order.phase == Phase::Sent && !order.adopted && !order.unknown_told)
            due = std::min(due, order.sent + config_.answer_timeout);
    }
    for (const Incomplete& fill : incomplete_) {
        if (!fill.asked) due = std::min(due, fill.due);
    }
    return due;
}

std::vector<ClientOrderId> OrderDesk::take_fees_wanted(UnixNanos now) {
    std::vector<ClientOrderId> out;
    for (Incomplete& fill : incomplete_) {
        if (fill.asked || now < fill.due) continue;
        fill.asked = true;
        if (std::ranges::find(out, fill.order) == out.end()) out.push_back(fill.order);
    }
    return out;
}

void OrderDesk::forget(UnixNanos now) {
    UnixNanos told_from = last_fill_ - config_.retold;
    if (reads_from_.known()) told_from = std::min(told_from, reads_from_);
    while (!ended_.empty() &&
           (ended_.front().first + config_.memory <= now || ended_.size() > config_.most_closed)) {
        const ClientOrderId id = ended_.front().second;
        const auto it = by_id_.find(id.raw());
        const bool listed = it != by_id_.end() && slots_[it->second].last_fill.known() &&
                            slots_[it->second].last_fill >= told_from;
        if (listed && ended_.size() <= config_.most_closed) return;
        ended_.pop_front();
        if (it == by_id_.end()) continue;
        const Slot slot = it->second;
        std::erase_if(incomplete_, [id](const Incomplete& i) { return i.order == id; });
        if (slots_[slot].venue_size != 0) by_venue_.erase(slots_[slot].venue_number);
        by_id_.erase(it);
        free_.push_back(slot);
    }
}

void OrderDesk::rescale(const Rescale& change) {
    const std::int64_t prices = pow10(change.price_digits);
    const std::int64_t quantities = pow10(change.quantity_digits);
    const auto scaled = [](Quantity q, std::int64_t by) {
        return Quantity::from_raw(product(q.raw(), by));
    };
    const auto concerned = [&](InstrumentId id) {
        return id.valid() && universe_.instrument(id).symbol == change.symbol;
    };
    for (LiveOrder& order : slots_) {
        if (!concerned(order.instrument)) continue;
        order.price = Price::from_raw(product(order.price.raw(), prices));
        order.quantity = scaled(order.quantity, quantities);
        order.filled = scaled(order.filled, quantities);
        order.counted = scaled(order.counted, quantities);
    }
    for (Incomplete& waiting : incomplete_) {
        if (!concerned(waiting.fill.instrument)) continue;
        waiting.fill.price = Price::from_raw(product(waiting.fill.price.raw(), prices));
        waiting.fill.quantity = scaled(waiting.fill.quantity, quantities);
        waiting.fill.cumulative = scaled(waiting.fill.cumulative, quantities);
    }
    for (std::size_t i = taken_; i < events_.size(); ++i) {
        OrderEvent& event = events_[i];
        if (!concerned(event.instrument)) continue;
        event.price = Price::from_raw(product(event.price.raw(), prices));
        event.quantity = scaled(event.quantity, quantities);
        event.cumulative = scaled(event.cumulative, quantities);
    }
}

}  // namespace parallax::venue_common
