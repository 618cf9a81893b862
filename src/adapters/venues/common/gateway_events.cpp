// What the venue says: sockets, acknowledgements, streams.
#include <algorithm>

#include "adapters/venues/common/live_gateway.hpp"

namespace parallax::venue_common {

using messages::Reason;
using messages::ReasonCode;
using ports::NetEvent;
using ports::NetEventKind;

bool LiveGateway::stream_live() const noexcept {
    return config_.sockets && links_[protocol_->stream_link()]->live();
}

bool LiveGateway::on(const NetEvent& event) {
    for (std::size_t i = 0; i < links_.size(); ++i) {
        Link& link = *links_[i];
        if (!link.on(event)) continue;
        if (event.kind == NetEventKind::Message && link.has(event.connection)) {
            in_.clear();
            protocol_->read(i, event.bytes, event.received, in_);
            for (const Incoming::Answer& answer : in_.answers) {
                if (answer.good) {
                    (void)link.answer(event.connection, answer.key, event.received);
                } else {
                    (void)link.refuse(event.connection, answer.key, answer.code, answer.text,
                                      event.received);
                }
            }
            if (in_.halt) halted_ = in_.halt;
            if (in_.leaving) link.leaving(event.connection, event.received);
            if (in_.key_gone) want_stream_key(event.received, true);
            apply(in_, event.received);
        }
        take_facts(i, event.received);
        return true;
    }
    return false;
}

void LiveGateway::take_facts(std::size_t index, UnixNanos now) {
    Link& link = *links_[index];
    while (const auto fact = link.next_fact()) {
        switch (fact->kind) {
            case LinkFactKind::Opened:
                link.set_up(fact->connection, protocol_->set_up(index, link, rest_.venue_time(now)),
                            now);
                break;
            case LinkFactKind::Live:
            case LinkFactKind::Replaced:
                if (index != protocol_->stream_link()) break;
                sync_ = {};  // whatever the stream did not tell while it was away
                sync_.wanted = true;
                synced_ = synced_ && fact->kind == LinkFactKind::Replaced;
                break;
            case LinkFactKind::Sent:
                break;
            case LinkFactKind::Refused:
            case LinkFactKind::Unanswered:
                // Half a private stream is none.
                link.drop(now, "a subscription was refused");
                break;
            case LinkFactKind::Ended:
                lose_connection(fact->connection, now);
                if (fact->lost && index == protocol_->stream_link()) {
                    trouble_ = to_string(fact->reason);
                    if (!fact->text.empty()) trouble_ += ": " + fact->text;
                }
                if (fact->lost && index == protocol_->stream_link()) want_stream_key(now, false);
                if (fact->reason == LinkReason::NotSignedIn) rest_.resync_clock();
                break;
        }
    }
}

void LiveGateway::apply(const Incoming& in, UnixNanos now) {
    counters_.nonsense += in.nonsense ? 1 : 0;
    for (const OrderAck& ack : in.acks) {
        const auto it = std::ranges::find(operations_, ack.number, &Operation::number);
        if (it == operations_.end()) continue;
        apply_ack(*it, ack, now);
        if (ack.item >= 0 && ack.item + 1 < static_cast<int>(it->ids.size())) continue;
        const Operation done = *it;  // its last item
        operations_.erase(it);
        rest_.limiter().answered(done.ticket, now);
        protocol_->feed_back(rest_.limiter(), done.rate, ack, rest_.venue_ahead(now), now);
    }
    for (const FillReport& fill : in.fills) (void)desk_.on(fill, now);
    for (const OrderReport& report : in.orders) {
        const LiveOrder* const order = desk_.on(report, now);
        // The stream may have dropped one: fills come before the end, or right behind.
        if (order != nullptr && order->over() && order->lacks_fills())
            look_up(order->id, false, now + Nanos::millis(500), now);
    }
    balances_.insert(balances_.end(), in.balances.begin(), in.balances.end());
    cash_.insert(cash_.end(), in.cash.begin(), in.cash.end());
}

void LiveGateway::apply_ack(const Operation& operation, const OrderAck& ack, UnixNanos now) {
    if (ack.verdict.reaction == Reaction::ResyncClock) rest_.resync_clock();
    if (ack.verdict.reaction == Reaction::Relogin && config_.sockets)
        links_[protocol_->order_link()]->drop(now, ack.verdict.meaning);
    if (ack.verdict.reaction == Reaction::Halt) halted_ = ack.verdict;
    counters_.refused += ack.verdict.reaction == Reaction::None ? 0 : 1;
    for (std::size_t i = 0; i < operation.ids.size(); ++i) {
        if (ack.item < 0 || ack.item == static_cast<int>(i))
            acked(operation, operation.ids[i], ack, now);
    }
}

void LiveGateway::acked(const Operation& operation, ClientOrderId id, const OrderAck& ack,
                        UnixNanos now) {
    LiveOrder* const order = desk_.find(id);
    if (order == nullptr) return;
    const Reaction reaction = ack.verdict.reaction;
    if (reaction == Reaction::ReloadInstruments)
        outdated(universe_.instrument(order->instrument).market);
    switch (operation.verb) {
        case OrderVerb::Place:
            if (reaction == Reaction::None) {
                desk_.accepted(*order, ack.venue_id, ack.venue_time, now);
                if (!stream_live() && !order->over()) look_up(id, false, now, now);
            } else if (reaction == Reaction::Unknown) {
                desk_.unknown(*order, now);
            } else {
                desk_.refused(*order, ack.reason, ack.venue_time, now);
            }
            return;
        case OrderVerb::Cancel:
            if (order->over()) return;
            if (reaction == Reaction::None) {
                if (stream_live()) {
                    checks_.push_back({id, now + config_.cancel_check});
                } else {
                    look_up(id, false, now, now);
                }
            } else if (reaction == Reaction::BackOff || reaction == Reaction::Retry ||
                       reaction == Reaction::ResyncClock || reaction == Reaction::Relogin) {
                hold_cancel(id, now + Nanos::millis(200));
            } else {  // over already, or never there, or nobody knows: the venue says what became
                      // of it
                look_up(id, false, now, now);
            }
            return;
        case OrderVerb::Amend:
            if (reaction != Reaction::None || !stream_live()) look_up(id, false, now, now);
            return;
    }
}

/// No answer will come any more.
void LiveGateway::lost(const Operation& operation, UnixNanos now) {
    ++counters_.lost;
    if (operation.token == 0) rest_.limiter().lost(operation.ticket, now);
    for (const ClientOrderId id : operation.ids) {
        LiveOrder* const order = desk_.find(id);
        if (order == nullptr || order->over()) continue;
        if (operation.verb == OrderVerb::Place) {
            desk_.unknown(*order, now);
        } else {
            look_up(id, false, now, now);
        }
    }
}

void LiveGateway::lose_connection(ports::ConnectionId connection, UnixNanos now) {
    for (std::size_t i = 0; i < operations_.size();) {
        if (operations_[i].token != 0 || operations_[i].connection != connection) {
            ++i;
            continue;
        }
        const Operation gone = operations_[i];
        operations_.erase(operations_.begin() + static_cast<std::ptrdiff_t>(i));
        lost(gone, now);
    }
}

void LiveGateway::on_answer(const RestAnswer& answer, UnixNanos now) {
    if (sync_.token == answer.token && sync_.token != 0) return on_sync(answer, now);
    if (stream_key_.token == answer.token && stream_key_.token != 0)
        return on_stream_key(answer, now);
    const auto lookup = std::ranges::find(lookups_, answer.token, &Lookup::token);
    if (lookup != lookups_.end()) return on_lookup(*lookup, answer, now);
    const auto it = std::ranges::find(operations_, answer.token, &Operation::token);
    if (it == operations_.end()) return;
    const Operation operation = *it;
    operations_.erase(it);
    if (answer.outcome == RestOutcome::Lost) return lost(operation, now);
    if (answer.outcome == RestOutcome::NotSent) {
        OrderAck ack;
        ack.verdict = {Reaction::BackOff, "never sent"};
        ack.reason = {ReasonCode::VenueDown, 0, 0};
        return apply_ack(operation, ack, now);
    }
    acks_.clear();
    protocol_->read_acks(answer, operation.ids.size(), acks_);
    for (const OrderAck& ack : acks_) apply_ack(operation, ack, now);
}

}  // namespace parallax::venue_common
