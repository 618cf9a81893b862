// What became of orders: asked over REST where nobody told.
#include <algorithm>

#include "adapters/venues/common/live_gateway.hpp"

namespace parallax::venue_common {

namespace {

constexpr Nanos kFirstPause = Nanos::millis(250);
constexpr Nanos kLongestPause = Nanos::seconds(5);
constexpr Nanos kUnlistedPause = Nanos::seconds(2);  ///< for the list to say so too
constexpr unsigned kMostTries = 8;                   ///< for fills that an ended order lacks
/// Fills are read again from so long before the last one: lists are not always in order.
constexpr Nanos kOverlap = Nanos::seconds(10);

}  // namespace

void LiveGateway::look_up(ClientOrderId id, bool asked, UnixNanos at, UnixNanos now) {
    const auto known = std::ranges::find(lookups_, id, &Lookup::id);
    if (known != lookups_.end()) {
        known->asked = known->asked || asked;
        known->not_before = std::min(known->not_before, at);
        return;
    }
    ++counters_.lookups;
    Lookup lookup;
    lookup.id = id;
    lookup.asked = asked;
    lookup.not_before = at;
    lookup.first = now;
    lookups_.push_back(std::move(lookup));
}

void LiveGateway::send_lookups(UnixNanos now) {
    std::erase_if(lookups_, [this](const Lookup& lookup) {
        const LiveOrder* const order = desk_.find(lookup.id);
        return lookup.token == 0 &&
               (order == nullptr || listed(order->instrument) == nullptr ||
                (order->over() && !lookup.asked && !order->lacks_fills() && !lookup.fills));
    });
    for (Lookup& lookup : lookups_) {
        if (lookup.token != 0 || now < lookup.not_before) continue;
        const LiveOrder& order = *desk_.find(lookup.id);
        Question question;
        question.what = lookup.fills ? Question::What::OrderFills : Question::What::Order;
        question.step = lookup.step;
        question.order = &order;
        question.instrument = listed(order.instrument);
        question.product = protocol_->product_of(*question.instrument);
        question.cursor = lookup.cursor;
        RestCall call = protocol_->ask(question);
        call.is_signed = true;
        call.rate.urgency = Urgency::Urgent;
        call.deadline = now + config_.ask_timeout;
        call.timeout = config_.ask_timeout;
        const auto token = rest_.submit(user_, std::move(call), now);
        if (token) {
            lookup.token = *token;
        } else {
            again(lookup, now);
        }
    }
}

void LiveGateway::again(Lookup& lookup, UnixNanos now) {
    lookup.token = 0;
    lookup.cursor.clear();
    lookup.not_before =
        now +
        std::min(kFirstPause * (std::int64_t{1} << std::min(lookup.tries++, 8U)), kLongestPause);
}

void LiveGateway::on_lookup(Lookup& lookup, const RestAnswer& answer, UnixNanos now) {
    lookup.token = 0;
    const LiveOrder* const order = desk_.find(lookup.id);
    if (order == nullptr || listed(order->instrument) == nullptr) return;
    const bool missing =
        answer.outcome == RestOutcome::Answered && answer.verdict.reaction == Reaction::NotFound;
    const bool delisted = listed(order->instrument)->status == InstrumentStatus::Delisted;
    const bool no_such =
        says_unlisted(answer) || (delisted && answer.outcome == RestOutcome::Answered &&
                                  (answer.verdict.reaction == Reaction::Reject ||
                                   answer.verdict.reaction == Reaction::StopInstrument));
    if (no_such) return instrument_gone(lookup, answer, now);
    if (!answer.good() && !missing) return again(lookup, now);
    Question question;
    question.what = lookup.fills ? Question::What::OrderFills : Question::What::Order;
    question.step = lookup.step;
    question.order = order;
    question.instrument = listed(order->instrument);
    question.product = protocol_->product_of(*question.instrument);
    in_.clear();
    std::string cursor;
    if (!missing) {
        auto next = protocol_->read(question, answer.body, in_);
        if (!next) {
            ++counters_.nonsense;
            return again(lookup, now);
        }
        cursor = std::move(*next);
    }
    if (lookup.fills) {
        for (const FillReport& fill : in_.fills) (void)desk_.on(fill, now, lookup.asked);
        lookup.cursor = std::move(cursor);
        if (!lookup.cursor.empty()) return;  // the next page, at once
        if (lookup.gone) return found_nowhere(lookup, answer, now);
        return finish(lookup, now);
    }
    const auto mine = std::ranges::find_if(in_.orders, [&](const OrderReport& report) {
        return desk_.ids().read(report.client_id) == lookup.id;
    });
    if (mine == in_.orders.end()) {
        if (++lookup.step < protocol_->order_steps()) return;
        lookup.step = 0;
        return found_nowhere(lookup, answer, now);
    }
    lookup.found = *mine;
    // Open first, so that fills come before the end.
    OrderReport open = *mine;
    if (open.state == OrderReport::State::Ended) open.state = OrderReport::State::Open;
    LiveOrder* const there =
        order->over() ? desk_.find(lookup.id) : desk_.on(open, now, lookup.asked);
    lookup.found.client_id = lookup.found.venue_id = {};
    if (there == nullptr) return again(lookup, now);
    there->counted = std::max(there->counted, mine->cumulative);
    const bool read_fills = there->lacks_fills() || (lookup.asked && !mine->cumulative.is_zero());
    if (!read_fills) return finish(lookup, now);
    lookup.fills = true;
    lookup.cursor.clear();
}

void LiveGateway::outdated(Market market) {
    if (std::ranges::find(outdated_, market) == outdated_.end()) outdated_.push_back(market);
}

/// The venue does not know the order's instrument. Once its list says so too there is no order
/// either, and the executions that can be read are all there are; where they cannot, those told.
void LiveGateway::instrument_gone(Lookup& lookup, const RestAnswer& answer, UnixNanos now) {
    const Instrument& listing = *listed(desk_.find(lookup.id)->instrument);
    outdated(listing.market);
    if (listing.status != InstrumentStatus::Delisted) {
        again(lookup, now);
        lookup.not_before = std::max(lookup.not_before, now + kUnlistedPause);
        return;
    }
    LiveOrder& order = *desk_.find(lookup.id);
    if (!order.over() && order.reason.none())
        order.reason = {messages::ReasonCode::VenueDown, static_cast<std::int64_t>(listing.market),
                        0};
    if (lookup.gone) return found_nowhere(lookup, answer, now);
    lookup.gone = lookup.fills = true;
    lookup.cursor.clear();
}

/// Not in any list. That settles it once a late request cannot be executed any more.
void LiveGateway::found_nowhere(Lookup& lookup, const RestAnswer& answer, UnixNanos now) {
    LiveOrder& order = *desk_.find(lookup.id);
    const UnixNanos sure = (order.sent.known() ? order.sent : lookup.first) + config_.settle;
    if (answer.sent >= sure) {
        if (order.over()) {
            if (lookup.asked) desk_.tell_end_again(order, now);
        } else {
            desk_.not_found(order, now);
        }
        lookup.asked = lookup.fills = lookup.gone = false;  // erased with the next advance
        order.counted = std::min(order.counted, order.filled);
        return;
    }
    again(lookup, now);
    lookup.not_before = std::max(lookup.not_before, std::min(sure, now + kLongestPause));
}

void LiveGateway::finish(Lookup& lookup, UnixNanos now) {
    LiveOrder& order = *desk_.find(lookup.id);
    const auto text = desk_.ids().write(lookup.id);
    OrderReport report = lookup.found;
    report.client_id = view(text);
    const bool open = report.state == OrderReport::State::Open;
    const bool was_over = order.over();
    if (!open || was_over) (void)desk_.on(report, now, lookup.asked);
    lookup.asked = false;
    if (order.lacks_fills() && lookup.tries < kMostTries) {
        lookup.fills = true;
        return again(lookup, now);
    }
    lookup.fills = false;
    // What is still open is done with; without a stream it is asked about again.
    const ClientOrderId id = lookup.id;
    std::erase_if(lookups_, [id](const Lookup& l) { return l.id == id; });
}

/// Without a stream nobody tells: open orders are asked about.
void LiveGateway::poll_open(UnixNanos now) {
    if (stream_live() || now < next_poll_) return;
    next_poll_ = now + config_.poll_interval;
    const std::vector<ClientOrderId> open{desk_.open().begin(), desk_.open().end()};
    for (const ClientOrderId id : open) {
        const LiveOrder& order = *desk_.find(id);
        if (order.phase == LiveOrder::Phase::Open) look_up(id, false, now, now);
    }
}

// ---- after each connection

void LiveGateway::resync() {
    if (sync_.wanted) return;
    sync_ = {};
    sync_.wanted = true;
}

void LiveGateway::send_sync(UnixNanos now) {
    if (!sync_.wanted || sync_.token != 0 || now < sync_.not_before) return;
    if (config_.sockets && !stream_live()) return;
    if (!sync_.started.known()) {
        ++counters_.syncs;
        sync_.started = now;
        // A fill that was asked about may be told before the first list is read: it must not
        // shorten that.
        const bool begun = synced_ || !config_.recover_since.known();
        sync_.since = begun && desk_.last_fill().known() ? desk_.last_fill() - kOverlap
                      : config_.recover_since.known()    ? config_.recover_since
                                                         : rest_.venue_time(started_) - kOverlap;
        desk_.reads_from(sync_.since);
    }
    Question question;
    question.what = sync_.fills ? Question::What::RecentFills : Question::What::OpenOrders;
    question.product = sync_.product;
    question.since = sync_.since;
    question.cursor = sync_.cursor;
    RestCall call = protocol_->ask(question);
    call.is_signed = true;
    call.deadline = now + config_.ask_timeout;
    call.timeout = config_.ask_timeout;
    const auto token = rest_.submit(user_, std::move(call), now);
    if (token) {
        sync_.token = *token;
    } else {
        sync_.not_before = now + kFirstPause;
    }
}

void LiveGateway::on_sync(const RestAnswer& answer, UnixNanos now) {
    sync_.token = 0;
    Question question;
    question.what = sync_.fills ? Question::What::RecentFills : Question::What::OpenOrders;
    question.product = sync_.product;
    question.since = sync_.since;
    question.cursor = sync_.cursor;
    in_.clear();
    auto next = answer.good()           ? protocol_->read(question, answer.body, in_)
                : says_unlisted(answer) ? protocol_->pass_over(question)
                                        : Result<std::string>{fail(Errc::Unavailable, "no list")};
    if (!next) {
        if (answer.verdict.reaction == Reaction::Halt) halted_ = answer.verdict;
        sync_.not_before = now + Nanos::seconds(1);
        trouble_ = answer.good() ? next.error().detail : explain(answer);
        return;
    }
    cash_.insert(cash_.end(), in_.cash.begin(), in_.cash.end());
    for (const FillReport& fill : in_.fills) (void)desk_.on(fill, now);
    for (const OrderReport& report : in_.orders) {
        const LiveOrder* const order = desk_.on(report, now);
        if (order == nullptr) continue;
        sync_.open.push_back(order->id);
        if (order->lacks_fills()) look_up(order->id, false, now, now);
    }
    sync_.cursor = std::move(*next);
    if (!sync_.cursor.empty()) return;
    if (++sync_.product < protocol_->products()) return;
    sync_.product = 0;
    if (!sync_.fills) {
        sync_.fills = true;
        return;
    }
    finish_sync(now);
}

void LiveGateway::finish_sync(UnixNanos now) {
    synced_ = true;
    trouble_.clear();
    sync_.wanted = false;
    desk_.reads_from({});
    const std::vector<ClientOrderId> open{desk_.open().begin(), desk_.open().end()};
    for (const ClientOrderId id : open) {
        const LiveOrder& order = *desk_.find(id);
        const bool since = order.sent.known() && order.sent >= sync_.started;
        const bool seen = std::ranges::find(sync_.open, id) != sync_.open.end();
        if (!since && !seen) look_up(id, false, now, now);
    }
    sync_.open.clear();
}

}  // namespace parallax::venue_common
