#include "adapters/venues/paper/paper_venue.hpp"

#include <algorithm>

#include "adapters/venues/paper/filters.hpp"
#include "messages/risk.hpp"

namespace parallax::paper {
namespace {

using messages::OrderAction;
using messages::OrderEvent;
using messages::OrderEventKind;
using messages::OrderRequest;
using messages::Reason;
using messages::ReasonCode;
using messages::TimeInForce;

/// Orders a heap so that the earliest, then the first submitted, is at its front.
constexpr auto kLater = [](const auto& a, const auto& b) {
    return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
};

template <class T>
void push(std::vector<T>& heap, T value) {
    heap.push_back(std::move(value));
    std::push_heap(heap.begin(), heap.end(), kLater);
}

template <class T>
T pop(std::vector<T>& heap) {
    std::pop_heap(heap.begin(), heap.end(), kLater);
    T value = std::move(heap.back());
    heap.pop_back();
    return value;
}

OrderEvent because(const Reason& reason) {
    OrderEvent event;
    event.reason = reason;
    return event;
}

std::size_t venue_index(Market market) noexcept {
    return static_cast<std::size_t>(venue_of(market));
}

}  // namespace

PaperVenue::PaperVenue(const Universe& universe, const book::BookSet& books,
                       const FeeSchedule& fees, const Config& config, std::uint64_t seed)
    : universe_{universe},
      books_{books},
      config_{config},
      self_trade_{self_trade_of(config.self_trade)},
      fees_{fees},
      liquidity_{books, config.refill_half_life},
      accounts_{universe, books, fees_, config_},
      latency_random_{seed},
      fault_random_{seed ^ 0xFA017},
      competitor_random_{seed ^ 0xC0339} {
    PLX_ASSERT(config.refill_half_life > Nanos{});
    for (std::size_t venue = 0; venue < kVenueCount; ++venue) {
        const VenueLatency& latency = config_.latency[venue];
        ways_[venue] = {LatencyModel{latency.feed}, LatencyModel{latency.order},
                        LatencyModel{latency.response}};
    }
}

Result<void> PaperVenue::submit(std::span<const OrderRequest> requests) {
    if (arrivals_.size() + requests.size() > static_cast<std::size_t>(config_.max_in_flight)) {
        return fail(Errc::BackPressured, "paper venue: too many requests in flight");
    }
    for (const OrderRequest& request : requests) {
        PLX_ASSERT(request.instrument.index() < universe_.instruments().size());
        const std::size_t venue = venue_index(universe_.instrument(request.instrument).market);
        const Ways& ways = ways_[venue];
        const Fate fate = draw_fate(request);
        const UnixNanos decided = std::max(request.decided, now_);
        const Nanos feed = ways.feed.draw(latency_random_);
        const UnixNanos at = decided + ways.order.draw(latency_random_) + feed;
        const Nanos response = ways.response.draw(latency_random_);
        last_arrival_[venue] = std::max(last_arrival_[venue], at);
        if (fate == Fate::TimeoutAccepted || fate == Fate::TimeoutLost) {
            ++counters_.timeouts;
            OrderEvent event;
            event.kind = OrderEventKind::Unknown;
            event.id = request.id;
            event.instrument = request.instrument;
            event.side = request.side;
            deliver(event, decided + config_.answer_timeout);
        }
        if (fate == Fate::TimeoutLost) continue;
        push(arrivals_, Arrival{last_arrival_[venue], sequence_++, feed, response, fate, request});
    }
    return {};
}

PaperVenue::Fate PaperVenue::draw_fate(const OrderRequest& request) noexcept {
    if (request.action != OrderAction::Place) return Fate::Normal;
    double roll = fault_random_.uniform();
    if ((roll -= config_.reject_probability) < 0) return Fate::Reject;
    if ((roll -= config_.timeout_accepted_probability) < 0) return Fate::TimeoutAccepted;
    if ((roll -= config_.timeout_lost_probability) < 0) return Fate::TimeoutLost;
    return Fate::Normal;
}

std::size_t PaperVenue::poll(std::span<OrderEvent> out) {
    std::size_t count = 0;
    while (count < out.size() && !deliveries_.empty() && deliveries_.front().at <= now_) {
        out[count++] = pop(deliveries_).event;
    }
    return count;
}

std::size_t PaperVenue::poll_cash(std::span<messages::CashEvent> out) {
    std::size_t count = 0;
    for (; count < out.size() && !cash_.empty(); cash_.pop_front()) out[count++] = cash_.front();
    return count;
}

void PaperVenue::advance(UnixNanos now) {
    while (!arrivals_.empty() && arrivals_.front().at <= now) {
        const Arrival arrival = pop(arrivals_);
        settle_funding(arrival.at);
        now_ = std::max(now_, arrival.at);
        execute(arrival);
    }
    settle_funding(now);
    now_ = std::max(now_, now);
    forget_old();
}

UnixNanos PaperVenue::next_due() const noexcept {
    UnixNanos due = kNever;
    if (!arrivals_.empty()) due = std::min(due, arrivals_.front().at);
    if (!deliveries_.empty()) due = std::min(due, deliveries_.front().at);
    if (!cash_.empty()) due = std::min(due, cash_.front().time);
    if (next_stamp_ >= due) return due;
    for (std::size_t i = 0; i < funding_.size(); ++i) {
        const UnixNanos stamp = funding_[i].stamp;
        if (!stamp.known() || stamp >= due) continue;
        const InstrumentId id{static_cast<InstrumentId::rep>(i)};
        if (!accounts_.position(id).quantity.is_zero()) due = stamp;
    }
    return due;
}

bool PaperVenue::quiet() const noexcept {
    return arrivals_.empty() && deliveries_.empty() && cash_.empty() && hidden_ == 0;
}

void PaperVenue::forget_old() {
    while (!ended_.empty() && ended_.front().first + config_.order_memory < now_) {
        const auto it = orders_.find(ended_.front().second);
        if (it->second.hidden) --hidden_;
        orders_.erase(it);
        ended_.pop_front();
    }
}

PaperVenue::Moment PaperVenue::passive_moment(Market market) {
    const Ways& ways = ways_[venue_index(market)];
    const Nanos feed = ways.feed.draw(latency_random_);
    return {now_, feed, ways.response.draw(latency_random_)};
}

void PaperVenue::execute(const Arrival& arrival) {
    const Moment moment{arrival.at, arrival.feed, arrival.response};
    switch (arrival.request.action) {
        case OrderAction::Place:
            return place(arrival);
        case OrderAction::Cancel:
            return cancel(arrival.request, moment);
        case OrderAction::Query:
            return query(arrival.request, moment);
    }
}

void PaperVenue::place(const Arrival& arrival) {
    const OrderRequest& request = arrival.request;
    const Moment moment{arrival.at, arrival.feed, arrival.response};
    ++counters_.placed;
    const auto [it, fresh] = orders_.try_emplace(request.id);
    if (!fresh) {
        ++counters_.rejected;
        Order twin;  // refused without a trace: the order that has the id already stays as it is
        twin.request = request;
        return tell(twin, OrderEventKind::Rejected, moment,
                    because({ReasonCode::Duplicate,
                             static_cast<std::int64_t>(request.id.plan().raw()), 0}));
    }
    Order& order = it->second;
    order.request = request;
    order.venue_order_id = next_order_id_++;
    order.hidden = arrival.fate == Fate::TimeoutAccepted;
    if (order.hidden) ++hidden_;
    if (const Reason reason = refuse(request, arrival.fate); !reason.none()) {
        return finish(order, OrderEventKind::Rejected, reason, moment);
    }
    ++counters_.accepted;
    set_hold(order, request.quantity);
    tell(order, OrderEventKind::Accepted, moment);
    take(order, moment);
}

Reason PaperVenue::refuse(const OrderRequest& request, Fate fate) const {
    const Instrument& listing = universe_.instrument(request.instrument);
    const auto market = static_cast<std::int64_t>(listing.market);
    if (fate == Fate::Reject || !books_.contains(request.instrument))
        return {ReasonCode::VenueDown, market, 0};
    const std::size_t open = request.instrument.index() < resting_.size()
                                 ? resting_[request.instrument.index()].size()
                                 : 0;
    const Reason reason = check_filters(universe_, books_[request.instrument], request, open);
    if (!reason.none()) return reason;
    if (request.reduce_only && !is_spot(listing.kind) &&
        accounts_.reducible(request.instrument, request.side, request.quantity).is_zero()) {
        return {ReasonCode::RiskLimit, static_cast<std::int64_t>(messages::RiskCheck::Instrument),
                static_cast<std::int64_t>(Filter::ReduceOnly)};
    }
    const Accounts::Need need = accounts_.need(request, request.quantity);
    const Amount free = accounts_.balance(wallet_of(listing.market), need.asset).available();
    if (!need.amount.is_zero() && free < need.amount) {
        return {ReasonCode::InsufficientBalance, nine_decimals(free), nine_decimals(need.amount)};
    }
    if (request.time_in_force == TimeInForce::PostOnly &&
        !liquidity_
             .available(request.instrument, request.side, request.price, request.quantity, now_)
             .is_zero()) {
        return {ReasonCode::LostRace, 0, request.quantity.raw()};
    }
    return {};
}

void PaperVenue::cancel(const OrderRequest& request, const Moment& moment) {
    const auto it = orders_.find(request.id);
    if (it == orders_.end()) return query(request, moment);
    Order& order = it->second;
    if (order.ended) return;  // its Done is told already or hidden: too late is no news
    std::erase(resting_[order.request.instrument.index()], order.request.id);
    finish(order, OrderEventKind::Done, {}, moment);
}

void PaperVenue::query(const OrderRequest& request, const Moment& moment) {
    const auto it = orders_.find(request.id);
    if (it == orders_.end()) {
        Order stranger;
        stranger.request = request;
        return tell(stranger, OrderEventKind::NotFound, moment);
    }
    Order& order = it->second;
    if (order.hidden) --hidden_;
    order.hidden = false;
    for (const OrderEvent& event : order.history) send(event, moment);
}

void PaperVenue::finish(Order& order, OrderEventKind kind, const Reason& reason,
                        const Moment& moment) {
    if (kind == OrderEventKind::Rejected) ++counters_.rejected;
    set_hold(order, Quantity{});
    order.ended = true;
    ended_.emplace_back(now_, order.request.id);
    tell(order, kind, moment, because(reason));
}

/// Holds what the open part needs, never more than before: a position that turned must not make a
/// fill unaffordable.
void PaperVenue::set_hold(Order& order, Quantity open) {
    const Market market = universe_.instrument(order.request.instrument).market;
    const bool first = !order.held_asset.valid();
    const Accounts::Need need = accounts_.need(order.request, open);
    const Amount amount = open.is_zero() ? Amount{}
                          : first        ? need.amount
                                         : std::min(order.held, need.amount);
    accounts_.hold(market, need.asset, amount - order.held);
    order.held_asset = need.asset;
    order.held = amount;
}

void PaperVenue::tell(Order& order, OrderEventKind kind, const Moment& moment, OrderEvent event) {
    event.kind = kind;
    event.id = order.request.id;
    event.instrument = order.request.instrument;
    event.side = order.request.side;
    event.venue_time = moment.venue_time();
    event.venue_order_id = order.venue_order_id;
    event.cumulative = order.filled;
    order.history.push_back(event);
    if (!order.hidden) send(event, moment);
}

/// On its way to us; the faults of disorder act here.
void PaperVenue::send(OrderEvent event, const Moment& moment) {
    const std::size_t venue = venue_index(universe_.instrument(event.instrument).market);
    UnixNanos& last = last_delivery_[venue];
    last = std::max({last, moment.at, moment.venue_time() + moment.response});
    const bool late =
        event.kind == OrderEventKind::Filled && fault_random_.chance(config_.late_fill_probability);
    const bool overtaken = fault_random_.chance(config_.reorder_probability);
    deliver(event, late || overtaken ? last + disorder() : last);
    if (fault_random_.chance(config_.duplicate_probability)) deliver(event, last + disorder());
}

Nanos PaperVenue::disorder() noexcept {
    return Nanos{
        fault_random_.between(1, std::max<std::int64_t>(1, config_.disorder_delay.count()))};
}

void PaperVenue::deliver(OrderEvent event, UnixNanos at) {
    event.received = at;
    push(deliveries_, Delivery{at, sequence_++, event});
}

std::span<const messages::BalanceReport> PaperVenue::balance_reports() {
    reports_.clear();
    accounts_.report(now_, reports_);
    return reports_;
}

void PaperVenue::rescale(const Rescale& change) {
    const std::int64_t price_factor = pow10(change.price_digits);
    const std::int64_t quantity_factor = pow10(change.quantity_digits);
    const auto affected = [&](InstrumentId id) {
        return universe_.instrument(id).symbol == change.symbol;
    };
    const auto price = [&](Price& p) { p = Price::from_raw(p.raw() * price_factor); };
    const auto quantity = [&](Quantity& q) { q = Quantity::from_raw(q.raw() * quantity_factor); };
    const auto request = [&](OrderRequest& r) {
        price(r.price);
        quantity(r.quantity);
    };
    const auto event = [&](OrderEvent& e) {
        price(e.price);
        quantity(e.quantity);
        quantity(e.cumulative);
    };
    for (Arrival& arrival : arrivals_) {
        if (affected(arrival.request.instrument)) request(arrival.request);
    }
    for (Delivery& delivery : deliveries_) {
        if (affected(delivery.event.instrument)) event(delivery.event);
    }
    for (auto& [id, order] : orders_) {
        if (!affected(order.request.instrument)) continue;
        request(order.request);
        quantity(order.filled);
        quantity(order.ahead);
        for (OrderEvent& e : order.history) event(e);
    }
    for (const InstrumentId id : universe_.symbol(change.symbol).instruments) {
        liquidity_.rescale(id, price_factor, quantity_factor);
        accounts_.rescale(id, quantity_factor);
        if (id.index() < funding_.size()) price(funding_[id.index()].mark);
    }
}

}  // namespace parallax::paper
