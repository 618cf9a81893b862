#include "adapters/venues/common/rest_client.hpp"

#include <algorithm>

namespace parallax::venue_common {

using ports::NetEvent;
using ports::NetEventKind;

std::string explain(const RestAnswer& answer) {
    if (answer.outcome == RestOutcome::Lost) return "no answer";
    if (answer.outcome == RestOutcome::NotSent) return answer.body;
    return std::string{answer.verdict.meaning} +
           (answer.code ? ", code " + std::to_string(*answer.code) : "");
}

RestClient::RestClient(ports::Transport& transport, RestDialect& dialect, RestConfig config)
    : transport_{transport},
      dialect_{dialect},
      config_{config},
      limiter_{dialect.rates()},
      breakers_{dialect.rates().calls.size(), config.breaker},
      statistics_(dialect.rates().calls.size()),
      done_(1) {
    PLX_ASSERT(config.most_attempts > 0 && config.first_wait > Nanos{});
}

RestUser RestClient::add_user() {
    PLX_ASSERT(done_.size() < 255);
    done_.emplace_back();
    return static_cast<RestUser>(done_.size() - 1);
}

Result<RestToken> RestClient::submit(RestUser user, RestCall call, UnixNanos now) {
    PLX_ASSERT(user < done_.size() && call.rate.call < statistics_.size());
    Pending pending;
    pending.token = ++last_token_;
    pending.user = user;
    pending.call = std::move(call);
    const bool may_wait = pending.call.deadline.known();
    if (may_wait && waiting_.size() >= config_.most_waiting)
        return fail(Errc::BackPressured, "too many requests wait for the venue's limits");
    Error why;
    switch (try_send(pending, now, why)) {
        case Try::Sent:
            break;
        case Try::Failed:
            return tl::unexpected{why};
        case Try::Later:
            if (!may_wait) {
                ++statistics_[pending.call.rate.call].discarded;
                return tl::unexpected{why};
            }
            enqueue(std::move(pending));
            break;
    }
    return last_token_;
}

RestClient::Try RestClient::try_send(Pending& pending, UnixNanos now, Error& why) {
    const std::uint8_t call = pending.call.rate.call;
    CallStatistics& statistics = statistics_[call];
    if (!breakers_.allow(call, now)) {
        ++statistics.refused;
        pending.not_before = std::max(breakers_.at(call).opens_at(), now + config_.first_wait);
        why = {Errc::Unavailable, "the endpoint failed too often"};
        pending.held_by = "an endpoint that failed too often";
        return Try::Later;
    }
    const auto ticket = limiter_.acquire(pending.call.rate, now);
    if (!ticket) {
        breakers_.abandoned(call);
        ++statistics.refused;
        why = {Errc::BackPressured,
               "the limit of " + std::string{limiter_.table().limits[ticket.error().limit].name}};
        pending.not_before = ticket.error().at;
        pending.held_by = why.detail;
        return Try::Later;
    }
    dialect_.write(pending.call, clock_.venue_time(now), request_);
    request_.timeout = pending.call.timeout;
    const auto sent = transport_.request(request_);
    if (!sent) {
        limiter_.unsent(*ticket);
        breakers_.abandoned(call);
        why = sent.error();
        pending.not_before = now + config_.first_wait;
        return why.code == Errc::BackPressured ? Try::Later : Try::Failed;
    }
    if (pending.attempts++ > 0) ++statistics.repeated;
    pending.ticket = *ticket;
    pending.request = *sent;
    pending.sent = now;
    sent_.push_back(std::move(pending));
    return Try::Sent;
}

void RestClient::enqueue(Pending&& pending) {
    const auto behind = [&](const Pending& other) {
        return other.call.rate.urgency < pending.call.rate.urgency;
    };
    waiting_.insert(std::find_if(waiting_.begin(), waiting_.end(), behind), std::move(pending));
}

void RestClient::drop(RestToken token) {
    std::erase_if(waiting_, [token](const Pending& p) { return p.token == token; });
    for (Pending& pending : sent_) pending.dropped = pending.dropped || pending.token == token;
    for (auto& answers : done_)
        std::erase_if(answers, [token](const RestAnswer& a) { return a.token == token; });
}

bool RestClient::on(const NetEvent& event) {
    if (event.kind != NetEventKind::Response && event.kind != NetEventKind::Failed) return false;
    const auto it = std::find_if(sent_.begin(), sent_.end(), [&](const Pending& pending) {
        return pending.request == event.request;
    });
    if (it == sent_.end()) return false;
    Pending pending = std::move(*it);
    sent_.erase(it);
    finished(pending, event);
    return true;
}

void RestClient::finished(Pending& pending, const NetEvent& event) {
    const std::uint8_t call = pending.call.rate.call;
    const UnixNanos now = event.received;
    CallStatistics& statistics = statistics_[call];
    RestAnswer answer;
    answer.sent = pending.sent;
    answer.received = now;
    RestReading reading;
    if (event.kind == NetEventKind::Response) {
        reading = dialect_.read(event);
        answer.outcome = RestOutcome::Answered;
        answer.status = event.code;
        ++statistics.statuses[event.code / 100 < 6 ? event.code / 100 : 5];
        if (!statistics.latency) statistics.latency = std::make_unique<runtime::LatencyHistogram>();
        statistics.latency->record((now - pending.sent).count());
    } else {
        answer.outcome = event.unsent ? RestOutcome::NotSent : RestOutcome::Lost;
        reading.verdict = event.unsent ? Verdict{Reaction::BackOff, "it never left this host"}
                                       : Verdict{Reaction::Unknown, "no answer"};
        ++statistics.statuses[0];
    }
    const Reaction reaction = reading.verdict.reaction;
    ++statistics.reactions[static_cast<std::size_t>(reaction)];
    dialect_.feed_back(limiter_, pending.call.rate, pending.ticket, event, reading.code,
                       venue_ahead(now));
    if (is_failure(reaction)) {
        breakers_.failed(call, now);
    } else {
        breakers_.succeeded(call);
    }
    if (pending.user == kOwn)
        return on_clock(pending, event,
                        reaction == Reaction::None && answer.outcome == RestOutcome::Answered);
    if (reaction == Reaction::ResyncClock) resync_clock();
    if (pending.dropped || repeat(pending, answer.outcome, reaction, now)) return;
    answer.code = reading.code;
    answer.verdict = reading.verdict;
    answer.body.assign(event.bytes);
    tell(pending, std::move(answer));
}

bool RestClient::repeat(Pending& pending, RestOutcome outcome, Reaction reaction, UnixNanos now) {
    const RestCall& call = pending.call;
    const bool not_executed = outcome == RestOutcome::NotSent || reaction == Reaction::Retry ||
                              reaction == Reaction::BackOff || reaction == Reaction::ResyncClock;
    const bool safe =
        call.repeat == Repeat::Always || (call.repeat == Repeat::IfUnsent && not_executed);
    const bool worth_it = not_executed || reaction == Reaction::Unknown;
    if (!safe || !worth_it || pending.attempts >= config_.most_attempts) return false;
    const Nanos wait =
        config_.first_wait * (std::int64_t{1} << std::min(pending.attempts - 1, 16U));
    pending.not_before = reaction == Reaction::Retry ? now : now + wait;
    if (!call.deadline.known() || pending.not_before >= call.deadline) return false;
    pending.clock_wanted = reaction == Reaction::ResyncClock;
    enqueue(std::move(pending));
    return true;
}

void RestClient::tell(const Pending& pending, RestAnswer&& answer) {
    answer.token = pending.token;
    answer.call = pending.call.rate.call;
    done_[pending.user].push_back(std::move(answer));
}

void RestClient::not_sent(const Pending& pending, std::string why, UnixNanos now) {
    if (pending.user == kOwn) return;
    ++statistics_[pending.call.rate.call].discarded;
    RestAnswer answer;
    answer.outcome = RestOutcome::NotSent;
    answer.verdict = {Reaction::BackOff, "not sent before its deadline"};
    answer.body = std::move(why);
    answer.sent = pending.sent;
    answer.received = now;
    tell(pending, std::move(answer));
}

void RestClient::advance(UnixNanos now) {
    if (!clock_asked_ && now >= clock_due_) measure_clock(now);
    for (std::size_t i = 0; i < waiting_.size();) {
        Pending& pending = waiting_[i];
        Error why{Errc::BackPressured, "no budget"};
        Try result = Try::Later;
        if (now >= pending.call.deadline) {
            why.detail = "its deadline passed while it waited";
            if (!pending.held_by.empty()) why.detail += " for " + pending.held_by;
            result = Try::Failed;
        } else if (now >= pending.not_before && !(pending.clock_wanted && clock_asked_)) {
            pending.clock_wanted = false;
            result = try_send(pending, now, why);
        }
        if (result == Try::Later) {
            ++i;
            continue;
        }
        if (result == Try::Failed) not_sent(pending, std::move(why.detail), now);
        waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

UnixNanos RestClient::next_due() const noexcept {
    UnixNanos due = clock_asked_ ? kNever : clock_due_;
    for (const Pending& pending : waiting_) {
        if (!(pending.clock_wanted && clock_asked_))
            due = std::min(due, std::max(pending.not_before, UnixNanos{}));
        due = std::min(due, pending.call.deadline);
    }
    return due;
}

std::optional<RestAnswer> RestClient::take(RestUser user) {
    auto& answers = done_[user];
    if (answers.empty()) return std::nullopt;
    RestAnswer first = std::move(answers.front());
    answers.pop_front();
    return first;
}

// ---- the venue's clock

void RestClient::resync_clock() {
    clock_.forget();
    clock_due_ = UnixNanos{};
}

void RestClient::measure_clock(UnixNanos now) {
    Pending pending;
    pending.user = kOwn;
    pending.call = dialect_.time_call();
    Error why;
    clock_asked_ = try_send(pending, now, why) == Try::Sent;
    if (!clock_asked_)
        clock_due_ =
            std::clamp(pending.not_before, now + config_.first_wait, now + config_.clock_interval);
}

void RestClient::on_clock(const Pending& pending, const NetEvent& event, bool good) {
    clock_asked_ = false;
    const auto server = good ? dialect_.read_time(event.bytes) : std::nullopt;
    if (server && clock_.on_sample(pending.sent, *server, event.received)) {
        clock_failures_ = 0;
        clock_due_ = event.received + config_.clock_interval;
        return;
    }
    clock_failure_ = event.kind == ports::NetEventKind::Failed
                         ? std::string{event.bytes}
                         : "HTTP status " + std::to_string(event.code);
    const Nanos wait = config_.first_wait * (std::int64_t{1} << std::min(clock_failures_++, 16U));
    clock_due_ = event.received + std::min(wait, config_.clock_interval);
}

}  // namespace parallax::venue_common
