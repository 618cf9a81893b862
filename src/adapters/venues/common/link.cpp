#include "adapters/venues/common/link.hpp"

#include <algorithm>

#include "core/assert.hpp"

namespace parallax::venue_common {
namespace {

constexpr Nanos kFullBufferPause = Nanos::millis(50);
constexpr std::size_t kReasonText = 120;

}  // namespace

std::string_view to_string(LinkState state) noexcept {
    constexpr std::string_view kNames[] = {"down",        "connecting", "signing in",
                                           "subscribing", "live",       "replacing"};
    return kNames[static_cast<std::size_t>(state)];
}

std::string_view to_string(LinkReason reason) noexcept {
    constexpr std::string_view kNames[] = {"none",          "failed",    "closed",  "silent",
                                           "not signed in", "not ready", "planned", "owner"};
    static_assert(std::size(kNames) == kLinkReasonCount);
    return kNames[static_cast<std::size_t>(reason)];
}

Link::Link(ports::Transport& transport, RateLimiter& limiter, LinkOptions options)
    : transport_{transport},
      limiter_{limiter},
      options_{std::move(options)},
      backoff_{options_.first_wait, options_.longest_wait, options_.seed},
      random_{options_.seed + 1} {
    PLX_ASSERT(options_.replace_after == Nanos{} || options_.replace_after > options_.overlap);
}

LinkFact& Link::tell(LinkFactKind kind, ports::ConnectionId connection, UnixNanos at) {
    LinkFact& fact = facts_.emplace_back();
    fact.kind = kind;
    fact.connection = connection;
    fact.at = at;
    return fact;
}

std::optional<LinkFact> Link::next_fact() {
    if (facts_.empty()) return std::nullopt;
    std::optional<LinkFact> fact{std::move(facts_.front())};
    facts_.pop_front();
    return fact;
}

// ---- who is who

Link::Slot* Link::find(ports::ConnectionId id) noexcept {
    for (Slot* slot : {&current_, &next_, &old_}) {
        if (*slot && (*slot)->id == id) return slot;
    }
    return nullptr;
}

const Link::Line* Link::line(ports::ConnectionId id) const noexcept {
    for (const Slot* slot : {&current_, &next_, &old_}) {
        if (*slot && (*slot)->id == id) return &**slot;
    }
    return nullptr;
}

bool Link::has(ports::ConnectionId connection) const noexcept {
    return line(connection) != nullptr;
}

ports::ConnectionId Link::current() const noexcept {
    return current_ ? current_->id : ports::ConnectionId::none();
}

ports::ConnectionId Link::next() const noexcept {
    return next_ ? next_->id : ports::ConnectionId::none();
}

ports::ConnectionId Link::old() const noexcept {
    return old_ ? old_->id : ports::ConnectionId::none();
}

UnixNanos Link::last_heard() const noexcept { return current_ ? current_->heard : UnixNanos{}; }

bool Link::live() const noexcept { return current_ && current_->phase == Phase::Live; }

LinkState Link::state() const noexcept {
    if (!current_) return LinkState::Down;
    switch (current_->phase) {
        case Phase::Connecting:
            return LinkState::Connecting;
        case Phase::Open:
            return LinkState::SigningIn;
        case Phase::Asking:
            return !current_->pending.empty() && current_->pending.front().ask.sign_in
                       ? LinkState::SigningIn
                       : LinkState::Subscribing;
        case Phase::Live:
            break;
    }
    return next_ ? LinkState::Replacing : LinkState::Live;
}

// ---- connecting

void Link::start(UnixNanos now) {
    wanted_ = true;
    retry_at_ = std::max(retry_at_, now);
}

void Link::stop(UnixNanos now) {
    wanted_ = false;
    for (Slot* slot : {&next_, &old_, &current_}) {
        if (*slot) end(*slot, now, LinkReason::Owner, 0, "stopped", false);
    }
}

void Link::connect(Slot& slot, UnixNanos now) {
    UnixNanos& retry = &slot == &current_ ? retry_at_ : replace_retry_;
    RateRequest request;
    request.call = options_.connect_call;
    request.urgency = options_.urgency;
    request.wire = Wire::WebSocket;
    const auto ticket = limiter_.acquire(request, now);
    if (!ticket) {
        retry = ticket.error().at;
        return;
    }
    ++counters_.attempts;
    const auto id = transport_.connect(options_.target);
    if (!id) {
        limiter_.unsent(*ticket);
        ++counters_.ended[static_cast<std::size_t>(LinkReason::Failed)];
        LinkFact& fact = tell(LinkFactKind::Ended, ports::ConnectionId::none(), now);
        fact.reason = LinkReason::Failed;
        fact.text = id.error().detail;
        fact.lost = &slot == &current_;
        retry = now + backoff_.next();
        return;
    }
    slot = Line{};
    slot->id = *id;
    slot->connect_ticket = *ticket;
    slot->heard = now;
}

void Link::replace(UnixNanos now) {
    if (live() && !next_) current_->replace_at = now;
}

void Link::leaving(ports::ConnectionId connection, UnixNanos now) {
    if (Slot* const slot = find(connection)) (*slot)->leaving = true;
    if (current_ && current_->id == connection) replace(now);
}

void Link::drop(UnixNanos now, std::string_view why) {
    for (Slot* slot : {&next_, &old_, &current_}) {
        if (*slot) end(*slot, now, LinkReason::Owner, 0, why, false);
    }
}

bool Link::on(const ports::NetEvent& event) {
    using ports::NetEventKind;
    if (event.kind == NetEventKind::Response || event.kind == NetEventKind::Failed) return false;
    Slot* slot = find(event.connection);
    if (slot == nullptr) {
        const auto gone = std::ranges::find(closing_, event.connection);
        if (gone == closing_.end()) return false;
        if (event.kind == NetEventKind::Closed) closing_.erase(gone);
        return true;
    }
    Line& line = **slot;
    line.heard = std::max(line.heard, event.received);
    switch (event.kind) {
        case NetEventKind::Opened:
            opened(line, event);
            break;
        case NetEventKind::Message:
            ++counters_.messages;
            // Whatever comes shows that the heartbeat arrived: its answer is one of many texts.
            if (options_.heartbeat.kind == Heartbeat::Kind::Text)
                give_back(line.beat_ticket, event.received);
            break;
        case NetEventKind::Pong:
            give_back(line.beat_ticket, event.received);
            break;
        case NetEventKind::Closed:
            closed(*slot, event);
            break;
        case NetEventKind::Response:
        case NetEventKind::Failed:
            break;
    }
    return true;
}

void Link::opened(Line& line, const ports::NetEvent& event) {
    ++counters_.opened;
    give_back(line.connect_ticket, event.received);
    line.phase = Phase::Open;
    line.opened = event.received;
    line.beat = event.received;
    tell(LinkFactKind::Opened, line.id, event.received);
}

void Link::closed(Slot& slot, const ports::NetEvent& event) {
    const bool never = slot->phase == Phase::Connecting;
    end(slot, event.received, never ? LinkReason::Failed : LinkReason::Closed, event.code,
        event.bytes, true);
}

/// Takes a connection off. `peer_knows`: it has ended; otherwise we say goodbye.
void Link::end(Slot& slot, UnixNanos now, LinkReason reason, std::int32_t code,
               std::string_view text, bool peer_knows) {
    Line gone = std::move(*slot);
    slot.reset();
    if (gone.connect_ticket) limiter_.lost(*gone.connect_ticket, now);
    if (gone.beat_ticket) limiter_.lost(*gone.beat_ticket, now);
    for (Pending& pending : gone.pending) {
        if (pending.ticket) limiter_.lost(*pending.ticket, now);
    }
    if (!peer_knows) {
        closing_.push_back(gone.id);
        transport_.close(gone.id, reason == LinkReason::Silent ? 1001 : 1000);
    }
    ++counters_.ended[static_cast<std::size_t>(reason)];
    LinkFact& fact = tell(LinkFactKind::Ended, gone.id, now);
    fact.reason = reason;
    fact.code = code;
    fact.text = text.substr(0, kReasonText);
    if (&slot == &old_) return;
    if (&slot == &next_) {
        replace_retry_ = now + backoff_.next();
        return;
    }
    fact.lost = true;  // also with another being set up: it is not Live yet
    if (gone.live_since.known() && now - gone.live_since >= options_.steady) backoff_.reset();
    if (next_) {  // the one that was to take over does so now
        current_ = std::move(next_);
        next_.reset();
        return;
    }
    retry_at_ = now + backoff_.next();
}

// ---- asking

void Link::set_up(ports::ConnectionId connection, std::vector<Ask> asks, UnixNanos now) {
    Slot* slot = find(connection);
    if (slot == nullptr || (*slot)->phase != Phase::Open) return;
    Line& line = **slot;
    line.phase = Phase::Asking;
    std::ranges::stable_partition(asks, [](const Ask& ask) { return ask.sign_in; });
    for (Ask& ask : asks) line.pending.push_back({std::move(ask), false, {}, {}});
    send_asks(line, now);
    settle(line, now);
}

void Link::ask(ports::ConnectionId connection, Ask ask, UnixNanos now) {
    Slot* slot = find(connection);
    if (slot == nullptr || (*slot)->phase < Phase::Asking) return;
    (*slot)->pending.push_back({std::move(ask), false, {}, {}});
    send_asks(**slot, now);
}

std::optional<RateTicket> Link::message_ticket(Line& line, UnixNanos now) {
    RateRequest request;
    request.call = *options_.message_call;
    request.urgency = options_.urgency;
    request.wire = Wire::WebSocket;
    request.connection = line.id.raw();
    const auto ticket = limiter_.acquire(request, now);
    if (ticket) return *ticket;
    line.held_until = ticket.error().at;
    return std::nullopt;
}

void Link::send_asks(Line& line, UnixNanos now) {
    if (now < line.held_until) return;
    bool signing_in = false;
    for (std::size_t i = 0; i < line.pending.size(); ++i) {
        Pending& pending = line.pending[i];
        if (signing_in && !pending.ask.sign_in) return;
        signing_in = signing_in || pending.ask.sign_in;
        if (pending.sent) continue;
        if (options_.message_call) {
            pending.ticket = message_ticket(line, now);
            if (!pending.ticket) return;
        }
        if (!transport_.send(line.id, pending.ask.text)) {
            // A full buffer empties; a connection that is gone will say so.
            if (pending.ticket) limiter_.unsent(*pending.ticket);
            pending.ticket.reset();
            line.held_until = now + kFullBufferPause;
            return;
        }
        pending.sent = true;
        pending.deadline = now + pending.ask.timeout;
        if (pending.ask.answers > 0) continue;
        if (pending.ticket) limiter_.lost(*pending.ticket, now);
        tell(LinkFactKind::Sent, line.id, now).key = pending.ask.key;
        line.pending.erase(line.pending.begin() + static_cast<std::ptrdiff_t>(i--));
    }
}

bool Link::waits_for(ports::ConnectionId connection, std::uint64_t key) const noexcept {
    const Line* of = line(connection);
    return of != nullptr && std::ranges::any_of(of->pending, [&](const Pending& pending) {
               return pending.ask.key == key && pending.sent;
           });
}

bool Link::answer(ports::ConnectionId connection, std::uint64_t key, UnixNanos now) {
    if (!waits_for(connection, key)) return false;
    Line& line = **find(connection);
    const auto it =
        std::ranges::find(line.pending, key, [](const Pending& p) { return p.ask.key; });
    if (it->ask.answers > 1) {
        --it->ask.answers;
        return true;
    }
    finished(line, key, now);
    return true;
}

bool Link::refuse(ports::ConnectionId connection, std::uint64_t key, std::int32_t code,
                  std::string_view text, UnixNanos now) {
    if (!waits_for(connection, key)) return false;
    ++counters_.refused;
    LinkFact& fact = tell(LinkFactKind::Refused, connection, now);
    fact.key = key;
    fact.code = code;
    fact.text = text.substr(0, kReasonText);
    Slot& slot = *find(connection);
    const auto it =
        std::ranges::find(slot->pending, key, [](const Pending& p) { return p.ask.key; });
    if (it->ask.sign_in) {
        end(slot, now, LinkReason::NotSignedIn, code, text, false);
    } else {
        finished(*slot, key, now);
    }
    return true;
}

void Link::finished(Line& line, std::uint64_t key, UnixNanos now) {
    const auto it =
        std::ranges::find(line.pending, key, [](const Pending& p) { return p.ask.key; });
    give_back(it->ticket, now);
    line.pending.erase(it);
    send_asks(line, now);
    settle(line, now);
}

/// Everything asked is over: the connection is live, and takes over if it was set up for that.
void Link::settle(Line& line, UnixNanos now) {
    if (line.phase != Phase::Asking || !line.pending.empty()) return;
    line.phase = Phase::Live;
    line.live_since = now;
    if (options_.replace_after > Nanos{}) {
        const std::int64_t tenth = options_.replace_after.count() / 10;
        line.replace_at = line.opened + options_.replace_after - Nanos{random_.between(0, tenth)};
    }
    if (line.leaving) line.replace_at = now;
    if (next_ && &line == &*next_) {
        if (old_) end(old_, now, LinkReason::Planned, 0, "", false);
        old_ = std::move(current_);
        current_ = std::move(next_);
        next_.reset();
        old_until_ = now + options_.overlap;
        ++counters_.replaced;
        tell(LinkFactKind::Replaced, current_->id, now).other = old_->id;
    }
    tell(LinkFactKind::Live, current_->id, now);
}

HotResult<void> Link::send(std::string_view text) {
    if (!live()) return fail(Errc::Unavailable);
    return transport_.send(current_->id, text);
}

// ---- time

void Link::give_back(std::optional<RateTicket>& ticket, UnixNanos now) {
    if (!ticket) return;
    limiter_.answered(*ticket, now);
    ticket.reset();
}

UnixNanos Link::beat_due(const Line& line) const noexcept {
    if (options_.heartbeat.kind == Heartbeat::Kind::None || line.phase < Phase::Open)
        return RateLimiter::kNever;
    const UnixNanos since =
        options_.heartbeat.when_idle ? std::max(line.beat, line.heard) : line.beat;
    return since + options_.heartbeat.every;
}

void Link::beat(Line& line, UnixNanos now) {
    if (now < beat_due(line) || now < line.held_until) return;
    if (options_.heartbeat.counted && options_.message_call) {
        // One that was never answered is over: another takes its place.
        if (line.beat_ticket) limiter_.lost(*line.beat_ticket, now);
        line.beat_ticket = message_ticket(line, now);
        if (!line.beat_ticket) return;
    }
    const auto sent = options_.heartbeat.kind == Heartbeat::Kind::Frame
                          ? transport_.ping(line.id)
                          : transport_.send(line.id, options_.heartbeat.text);
    if (!sent) {
        if (line.beat_ticket) limiter_.unsent(*line.beat_ticket);
        line.beat_ticket.reset();
        line.held_until = now + kFullBufferPause;
        return;
    }
    line.beat = now;
}

/// Asks without an answer: facts; but without a sign-in the connection is useless.
void Link::give_up_asks(Slot& slot, UnixNanos now) {
    for (std::size_t i = 0; i < slot->pending.size();) {
        const Pending& pending = slot->pending[i];
        if (!pending.sent || now < pending.deadline) {
            ++i;
            continue;
        }
        ++counters_.unanswered;
        tell(LinkFactKind::Unanswered, slot->id, now).key = pending.ask.key;
        if (pending.ask.sign_in) {
            end(slot, now, LinkReason::NotSignedIn, 0, "no answer to the sign-in", false);
            return;
        }
        if (pending.ticket) limiter_.lost(*pending.ticket, now);
        slot->pending.erase(slot->pending.begin() + static_cast<std::ptrdiff_t>(i));
    }
    settle(*slot, now);
}

void Link::advance_line(Slot& slot, UnixNanos now) {
    if (!slot || slot->phase == Phase::Connecting) return;  // the transport has a time-out
    if (now - slot->heard >= options_.silence) {
        end(slot, now, LinkReason::Silent, 0, "nothing heard", false);
        return;
    }
    if (slot->phase < Phase::Live && now - slot->opened >= options_.setup) {
        end(slot, now, LinkReason::NotReady, 0, "not set up in time", false);
        return;
    }
    send_asks(*slot, now);
    beat(*slot, now);
    give_up_asks(slot, now);  // last: taking over moves the line to another slot
}

void Link::advance(UnixNanos now) {
    advance_line(old_, now);
    advance_line(current_, now);
    advance_line(next_, now);
    if (old_ && now >= old_until_) end(old_, now, LinkReason::Planned, 0, "", false);
    if (!wanted_) return;
    if (!current_) {
        if (now >= retry_at_) connect(current_, now);
        return;
    }
    const bool due = live() && current_->replace_at.known() && now >= current_->replace_at;
    if (due && !next_ && now >= replace_retry_) connect(next_, now);
}

UnixNanos Link::line_due(const Line& line) const noexcept {
    if (line.phase == Phase::Connecting) return RateLimiter::kNever;
    UnixNanos due = line.heard + options_.silence;
    if (line.phase < Phase::Live) due = std::min(due, line.opened + options_.setup);
    due = std::min(due, std::max(beat_due(line), line.held_until));
    bool signing_in = false;
    for (const Pending& pending : line.pending) {
        if (pending.sent) {
            due = std::min(due, pending.deadline);
        } else if (!signing_in || pending.ask.sign_in) {
            due = std::min(due, line.held_until);
        }
        signing_in = signing_in || pending.ask.sign_in;
    }
    return due;
}

UnixNanos Link::next_due() const noexcept {
    UnixNanos due = RateLimiter::kNever;
    for (const Slot* slot : {&current_, &next_, &old_}) {
        if (*slot) due = std::min(due, line_due(**slot));
    }
    if (old_) due = std::min(due, old_until_);
    if (!wanted_) return due;
    if (!current_) return std::min(due, retry_at_);
    if (live() && !next_ && current_->replace_at.known())
        due = std::min(due, std::max(current_->replace_at, replace_retry_));
    return due;
}

}  // namespace parallax::venue_common
