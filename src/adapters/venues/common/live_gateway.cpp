// Requests: from the core to the venue.
#include "adapters/venues/common/live_gateway.hpp"

#include <algorithm>

#include "adapters/venues/common/take.hpp"
#include "messages/risk.hpp"

namespace parallax::venue_common {

using messages::OrderAction;
using messages::OrderRequest;
using messages::Purpose;
using messages::Reason;
using messages::ReasonCode;

namespace {

constexpr Nanos kFullPause = Nanos::millis(50);

Reason unfit() {
    return {ReasonCode::RiskLimit, static_cast<std::int64_t>(messages::RiskCheck::Instrument), 0};
}

}  // namespace

LiveGateway::LiveGateway(ports::Transport& transport, RestClient& rest, const Universe& universe,
                         std::unique_ptr<OrderProtocol> protocol, GatewayConfig config)
    : transport_{transport},
      rest_{rest},
      universe_{universe},
      protocol_{std::move(protocol)},
      config_{std::move(config)},
      desk_{universe, config_.desk},
      user_{rest.add_user()} {
    started_ = alive_ = transport_.now();
    // Numbers rise over restarts: some venues want none twice.
    last_number_ = static_cast<std::uint64_t>(started_.millis()) * 1'000;
    operations_.reserve(256);
    text_.reserve(4'096);
    sync_.wanted = true;
    if (!config_.sockets) return;
    stream_key_.needed = protocol_->ask_stream_key().has_value();
    for (LinkOptions& options : protocol_->links()) {
        links_.push_back(std::make_unique<Link>(transport_, rest_.limiter(), std::move(options)));
        const bool waits = stream_key_.needed && links_.size() - 1 == protocol_->stream_link();
        if (!waits) links_.back()->start(started_);
    }
}

LiveGateway::~LiveGateway() = default;

const Instrument* LiveGateway::listed(InstrumentId id) const noexcept {
    if (!id.valid() || id.index() >= universe_.instruments().size()) return nullptr;
    const Instrument& instrument = universe_.instrument(id);
    return protocol_->trades(instrument.market) ? &instrument : nullptr;
}

bool LiveGateway::socket_for(const Instrument& instrument) const noexcept {
    return config_.sockets && links_[protocol_->order_link()]->live() &&
           protocol_->by_socket(instrument);
}

Urgency LiveGateway::urgency_of(OrderVerb verb, Purpose purpose) noexcept {
    return verb == OrderVerb::Cancel || purpose != Purpose::Entry ? Urgency::Urgent
                                                                  : Urgency::Normal;
}

OrderItem LiveGateway::item_of(const OrderRequest& request) const noexcept {
    OrderItem item;
    item.instrument = listed(request.instrument);
    item.id = request.id;
    item.side = request.side;
    item.time_in_force = request.time_in_force;
    item.reduce_only = request.reduce_only;
    item.price = request.price;
    item.quantity = request.quantity;
    return item;
}

// ---- sending

Result<void> LiveGateway::send(OrderVerb verb, std::span<const OrderItem> items, Urgency urgency,
                               UnixNanos now) {
    OrderOperation operation{verb, ++last_number_, items, rest_.venue_time(now)};
    Operation sent;
    sent.number = operation.number;
    sent.verb = verb;
    sent.sent = now;
    sent.rate = protocol_->rate(verb, *items.front().instrument, items.size());
    sent.rate.urgency = urgency;
    for (const OrderItem& item : items) sent.ids.push_back(item.id);
    const bool socket = (items.size() == 1 || protocol_->batches_by_socket()) &&
                        std::ranges::all_of(items, [this](const OrderItem& item) {
                            return socket_for(*item.instrument);
                        });
    const auto done =
        socket ? send_by_socket(operation, sent, now) : send_by_rest(operation, sent, now);
    if (done) operations_.push_back(std::move(sent));
    return done;
}

Result<void> LiveGateway::send_by_socket(OrderOperation& operation, Operation& sent,
                                         UnixNanos now) {
    Link& link = *links_[protocol_->order_link()];
    text_.clear();
    if (!protocol_->write_socket(operation, text_))
        return fail(Errc::Rejected, "it cannot be written in the venue's units");
    sent.rate.wire = Wire::WebSocket;
    sent.rate.connection = link.current().raw();
    const auto ticket = rest_.limiter().acquire(sent.rate, now);
    if (!ticket) {
        return fail(Errc::BackPressured,
                    "the limit of " +
                        std::string{rest_.limiter().table().limits[ticket.error().limit].name});
    }
    if (const auto went = link.send(text_); !went) {
        rest_.limiter().unsent(*ticket);
        return fail(went.error(), "the order socket takes nothing");
    }
    sent.ticket = *ticket;
    sent.connection = link.current();
    ++counters_.by_socket;
    return {};
}

Result<void> LiveGateway::send_by_rest(OrderOperation& operation, Operation& sent, UnixNanos now) {
    RestCall call;
    call.rate = sent.rate;
    call.rate.wire = Wire::Http;
    call.method = "POST";
    call.is_signed = true;
    call.repeat = Repeat::Never;
    call.timeout = config_.ask_timeout;
    if (!protocol_->write_rest(operation, call))
        return fail(Errc::Rejected, "it cannot be written in the venue's units");
    const auto token = rest_.submit(user_, std::move(call), now);
    if (!token) return tl::unexpected{token.error()};
    sent.token = *token;
    ++counters_.by_rest;
    return {};
}

// ---- what the core wants

Result<void> LiveGateway::submit(std::span<const OrderRequest> requests) {
    const UnixNanos now = transport_.now();
    for (const OrderRequest& request : requests) {
        if (request.action == OrderAction::Place && desk_.find(request.id) != nullptr)
            return fail(Errc::Rejected, "a client id that was used before");
    }
    bool any = false;
    for (const OrderRequest& request : requests) {
        switch (request.action) {
            case OrderAction::Cancel:
                desk_.wanted(request);
                cancel(request.id, now);
                break;
            case OrderAction::Query:
                query(request, now);
                break;
            case OrderAction::Place:
                // Once something left, what does not is told as refused: nobody is to repeat all.
                if (const auto sent = place({&request, 1}, now); !sent) {
                    if (!any) return sent;
                    desk_.refuse_unsent(request, {ReasonCode::RateBudget, 0, 0}, now);
                }
                break;
        }
        any = true;
    }
    return {};
}

Result<void> LiveGateway::place(std::span<const OrderRequest> requests, UnixNanos now) {
    items_.clear();
    for (const OrderRequest& request : requests) {
        const OrderItem item = item_of(request);
        if (item.instrument == nullptr) {
            desk_.refuse_unsent(request, unfit(), now);
            continue;
        }
        items_.push_back(item);
    }
    if (items_.empty()) return {};
    const Urgency urgency = urgency_of(OrderVerb::Place, requests.front().purpose);
    const auto sent = send(OrderVerb::Place, items_, urgency, now);
    if (!sent && sent.error().code != Errc::Rejected) return sent;
    for (const OrderRequest& request : requests) {
        if (listed(request.instrument) == nullptr) continue;
        if (sent) {
            (void)desk_.placed(request, now);
        } else {
            desk_.refuse_unsent(request, unfit(), now);
        }
    }
    return {};
}

Result<void> LiveGateway::place_batch(std::span<const OrderRequest> requests) {
    const UnixNanos now = transport_.now();
    for (const OrderRequest& request : requests) {
        if (request.action != OrderAction::Place || desk_.find(request.id) != nullptr)
            return fail(Errc::Rejected, "no new order, or a client id that was used before");
    }
    bool any = false;
    while (!requests.empty()) {
        const Instrument* const first = listed(requests.front().instrument);
        std::size_t count = 1;
        if (first != nullptr) {
            const unsigned product = protocol_->product_of(*first);
            const std::size_t most = protocol_->most_in_batch(product);
            while (count < requests.size() && count < most) {
                const Instrument* const next = listed(requests[count].instrument);
                // Limits are by instrument: a batch is of one.
                if (next != first) break;
                ++count;
            }
        }
        if (const auto sent = place(requests.first(count), now); !sent) {
            if (!any) return sent;
            for (const OrderRequest& request : requests)
                desk_.refuse_unsent(request, {ReasonCode::RateBudget, 0, 0}, now);
            return {};
        }
        any = true;
        requests = requests.subspan(count);
    }
    return {};
}

Result<void> LiveGateway::amend(ClientOrderId id, std::optional<Price> price,
                                std::optional<Quantity> quantity) {
    const LiveOrder* const order = desk_.find(id);
    const Instrument* const instrument = order == nullptr ? nullptr : listed(order->instrument);
    if (instrument == nullptr || order->over())
        return fail(Errc::Rejected, "no open order of this id");
    OrderItem item;
    item.instrument = instrument;
    item.id = id;
    item.venue_id = order->venue_id();
    item.side = order->side;
    item.price = price.value_or(Price{});
    item.quantity = quantity.value_or(Quantity{});
    return send(OrderVerb::Amend, {&item, 1}, Urgency::Normal, transport_.now());
}

// ---- cancels: safe to repeat, so they wait for whatever stands in the way

void LiveGateway::cancel(ClientOrderId id, UnixNanos now) {
    const LiveOrder* const order = desk_.find(id);
    if (order == nullptr || order->over()) return;
    const Instrument* const instrument = listed(order->instrument);
    if (instrument == nullptr) return look_up(id, true, now, now);
    const bool on_its_way = std::ranges::any_of(operations_, [id](const Operation& operation) {
        return operation.verb == OrderVerb::Cancel &&
               std::ranges::find(operation.ids, id) != operation.ids.end();
    });
    if (on_its_way) return;
    OrderItem item;
    item.instrument = instrument;
    item.id = id;
    item.venue_id = order->venue_id();
    item.side = order->side;
    if (!send(OrderVerb::Cancel, {&item, 1}, Urgency::Urgent, now))
        hold_cancel(id, now + kFullPause);
}

void LiveGateway::hold_cancel(ClientOrderId id, UnixNanos at) {
    const auto known = std::ranges::find(held_, id, &Timed::id);
    if (known == held_.end()) held_.push_back({id, at});
}

void LiveGateway::send_held(UnixNanos now) {
    for (std::size_t i = 0; i < held_.size();) {
        if (held_[i].at > now) {
            ++i;
            continue;
        }
        const ClientOrderId id = held_[i].id;
        held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(i));
        cancel(id, now);  // may hold it again, behind
    }
}

std::size_t LiveGateway::cancel_all() {
    const UnixNanos now = transport_.now();
    const std::vector<ClientOrderId> open{desk_.open().begin(), desk_.open().end()};
    std::vector<std::vector<OrderItem>> groups(universe_.instruments().size());
    for (const ClientOrderId id : open) {
        const LiveOrder& order = *desk_.find(id);
        const Instrument* const instrument = listed(order.instrument);
        if (instrument == nullptr) continue;
        OrderItem item;
        item.instrument = instrument;
        item.id = id;
        item.venue_id = order.venue_id();
        item.side = order.side;
        groups[order.instrument.index()].push_back(item);
    }
    std::size_t count = 0;
    for (const std::vector<OrderItem>& group : groups) {
        std::span<const OrderItem> rest{group};
        count += rest.size();
        while (!rest.empty()) {
            const std::size_t most =
                protocol_->most_in_batch(protocol_->product_of(*rest.front().instrument));
            const auto batch = rest.first(std::min(rest.size(), most));
            if (!send(OrderVerb::Cancel, batch, Urgency::Urgent, now)) {
                for (const OrderItem& item : batch) hold_cancel(item.id, now + kFullPause);
            }
            rest = rest.subspan(batch.size());
        }
    }
    return count;
}

void LiveGateway::query(const OrderRequest& request, UnixNanos now) {
    LiveOrder& order = desk_.wanted(request);
    // These ends are ours: the venue knows nothing of them.
    if (order.end == LiveOrder::End::Rejected || order.end == LiveOrder::End::NotFound)
        return desk_.tell_end_again(order, now);
    if (listed(order.instrument) == nullptr) return desk_.not_found(order, now);
    look_up(request.id, true, now, now);
}

// ---- the loop

void LiveGateway::stop(UnixNanos now) {
    for (auto& link : links_) link->stop(now);
}

bool LiveGateway::ready() const noexcept { return synced_ && (!config_.sockets || stream_live()); }

std::string LiveGateway::waits_for() const {
    if (ready()) return {};
    std::string what = "what happened while nobody listened is not told yet";
    if (config_.sockets && stream_key_.needed && !stream_key_.started) {
        what = "its private stream has no key yet";
    } else if (config_.sockets && !stream_live()) {
        what = "its private stream is ";
        what += to_string(links_[protocol_->stream_link()]->state());
    }
    return trouble_.empty() ? what : what + " (" + trouble_ + ")";
}

std::size_t LiveGateway::poll_balances(std::span<messages::BalanceReport> out) {
    return take(balances_, out);
}
std::size_t LiveGateway::poll_cash(std::span<messages::CashEvent> out) { return take(cash_, out); }

void LiveGateway::advance(UnixNanos now) {
    for (std::size_t i = 0; i < links_.size(); ++i) {
        links_[i]->advance(now);
        take_facts(i, now);
    }
    while (const auto answer = rest_.take(user_)) on_answer(*answer, now);
    keep_stream_key(now);
    for (std::size_t i = 0; i < operations_.size();) {
        const Operation& operation = operations_[i];
        if (operation.token != 0 || now < operation.sent + config_.desk.answer_timeout) {
            ++i;
            continue;
        }
        const Operation gone = operation;
        operations_.erase(operations_.begin() + static_cast<std::ptrdiff_t>(i));
        lost(gone, now);
    }
    desk_.advance(now);
    if (config_.watchdog > Nanos{} && !abandoned_ && now >= alive_ + config_.watchdog) {
        abandoned_ = true;
        ++counters_.abandoned;
        (void)cancel_all();
    }
    send_held(now);
    std::erase_if(checks_, [&](const Timed& check) {
        if (check.at > now) return false;
        const LiveOrder* const order = desk_.find(check.id);
        if (order != nullptr && !order->over()) look_up(check.id, false, now, now);
        return true;
    });
    for (const ClientOrderId id : desk_.take_fees_wanted(now)) look_up(id, false, now, now);
    poll_open(now);
    send_sync(now);
    send_lookups(now);
}

UnixNanos LiveGateway::next_due() const noexcept {
    UnixNanos due = desk_.next_due();
    for (const auto& link : links_) due = std::min(due, link->next_due());
    for (const Operation& operation : operations_) {
        if (operation.token == 0) due = std::min(due, operation.sent + config_.desk.answer_timeout);
    }
    for (const auto* list : {&held_, &checks_}) {
        for (const Timed& timed : *list) due = std::min(due, timed.at);
    }
    for (const Lookup& lookup : lookups_) {
        if (lookup.token == 0) due = std::min(due, lookup.not_before);
    }
    if (stream_key_.needed && stream_key_.token == 0) due = std::min(due, stream_key_.due);
    if (sync_.wanted && sync_.token == 0 && (!config_.sockets || stream_live()))
        due = std::min(due, sync_.not_before);
    if (!stream_live() && !desk_.open().empty()) due = std::min(due, next_poll_);
    if (config_.watchdog > Nanos{} && !abandoned_) due = std::min(due, alive_ + config_.watchdog);
    return due;
}

}  // namespace parallax::venue_common
