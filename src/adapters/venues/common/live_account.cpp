#include "adapters/venues/common/live_account.hpp"

#include <algorithm>

#include "adapters/venues/common/take.hpp"

namespace parallax::venue_common {

using ports::AccountAnswer;
using ports::AccountRequest;
using ports::AccountTopic;

namespace {

/// Funding is read again from so long before the last payment: lists are not always in order.
constexpr Nanos kOverlap = Nanos::seconds(60);
/// A venue's list of payments may be so long behind its balances.
constexpr Nanos kListLag = Nanos::seconds(5);
/// Payments that somebody waits for are asked for so often.
constexpr Nanos kHurry = Nanos::seconds(5);
constexpr Nanos kKeyPause = Nanos::seconds(5);

Error error_of(const RestAnswer& answer) {
    const std::string detail = explain(answer);
    if (answer.outcome == RestOutcome::Lost) return {Errc::Unknown, detail};
    if (answer.outcome == RestOutcome::NotSent) return {Errc::Unavailable, detail};
    switch (answer.verdict.reaction) {
        case Reaction::Unknown:
            return {Errc::Unknown, detail};
        case Reaction::Retry:
        case Reaction::BackOff:
        case Reaction::ResyncClock:
        case Reaction::Relogin:
            return {Errc::Unavailable, detail};
        default:
            return {Errc::Rejected, detail};
    }
}

}  // namespace

LiveAccount::LiveAccount(RestClient& rest, std::unique_ptr<AccountProtocol> protocol,
                         AccountConfig config, UnixNanos now)
    : rest_{rest},
      protocol_{std::move(protocol)},
      config_{config},
      user_{rest.add_user()},
      funding_since_{(config.funding_since.known() ? config.funding_since : now) - kOverlap},
      now_{now} {
    const auto there = [this](AccountTopic topic) {
        AccountRequest request;
        request.topic = topic;
        return protocol_->check(request).has_value();
    };
    if (!there(AccountTopic::Balances)) config_.balance_interval = {};
    if (!there(AccountTopic::Funding)) config_.funding_interval = {};
    if (config_.funding_interval > Nanos{}) cash_told_ = funding_since_;
}

std::uint64_t LiveAccount::add(const AccountRequest& request, bool own) {
    Asked asked;
    asked.token = ++last_token_;
    asked.own = own;
    asked.request = request;
    asked.begun = now_;
    asked_.push_back(std::move(asked));
    const std::uint64_t token = last_token_;
    if (over(asked_.back())) {
        finish(asked_.back(), std::nullopt);
    } else {
        send(asked_.back(), now_);
    }
    return token;
}

/// Goes to the next step that is worth asking; true: there is none.
bool LiveAccount::over(Asked& asked) const {
    const unsigned steps = protocol_->steps(asked.request);
    while (asked.step < steps && protocol_->skip(asked.request, asked.step, false, asked.facts))
        ++asked.step;
    return asked.step >= steps;
}

Result<std::uint64_t> LiveAccount::ask(const AccountRequest& request) {
    if (refused_) return fail(Errc::Rejected, refused_->detail);
    if (asked_.size() >= config_.most_asked) return fail(Errc::BackPressured, "too many questions");
    if (const auto good = protocol_->check(request); !good) return tl::unexpected{good.error()};
    return add(request, false);
}

std::optional<AccountAnswer> LiveAccount::next() {
    if (answers_.empty()) return std::nullopt;
    AccountAnswer first = std::move(answers_.front());
    answers_.pop_front();
    return first;
}

void LiveAccount::send(Asked& asked, UnixNanos now) {
    RestCall call = protocol_->write(asked.request, asked.step, asked.cursor, now);
    call.is_signed = true;
    call.deadline = now + config_.patience;
    const bool guards = asked.request.topic == AccountTopic::DeadMan;
    call.rate.urgency = guards      ? Urgency::Urgent
                        : asked.own ? Urgency::Background
                                    : Urgency::Normal;
    const auto token = rest_.submit(user_, std::move(call), now);
    asked.call = token ? *token : 0;  // 0: again with the next advance
}

void LiveAccount::advance(UnixNanos now) {
    now_ = now;
    while (const auto answer = rest_.take(user_)) {
        const auto it = std::ranges::find(asked_, answer->token, &Asked::call);
        if (it != asked_.end()) on_answer(*it, *answer);
    }
    for (Asked& asked : asked_) {
        if (asked.call == 0) send(asked, now);
    }
    poll(now);
}

void LiveAccount::on_answer(Asked& asked, const RestAnswer& answer) {
    if (!answer.good() && !protocol_->done_already(asked.request, answer)) {
        const bool unlisted = says_unlisted(answer);
        if (!unlisted || !protocol_->skip(asked.request, asked.step, true, asked.facts))
            return finish(asked, error_of(answer), unlisted && asked.request.instrument.valid());
        asked.cursor.clear();
    } else {
        auto next = protocol_->read(asked.request, asked.step, answer, asked.facts);
        if (!next) return finish(asked, next.error());
        asked.cursor = std::move(*next);
    }
    if (asked.cursor.empty()) {
        ++asked.step;
        if (over(asked)) return finish(asked, std::nullopt);
    }
    asked.call = 0;
}

void LiveAccount::finish(Asked& asked, std::optional<Error> error, bool unlisted) {
    AccountAnswer answer{asked.token, asked.request.topic, std::move(error), std::move(asked.facts),
                         unlisted};
    const bool own = asked.own;
    const UnixNanos begun = asked.begun;
    asked_.erase(asked_.begin() + (&asked - asked_.data()));
    if (own) {
        own_answer(answer, begun);
    } else {
        answers_.push_back(std::move(answer));
    }
}

// ---- what it does by itself

void LiveAccount::hurry_cash() noexcept {
    const UnixNanos asked = funding_due_ - config_.funding_interval;
    if (funding_due_.known()) funding_due_ = std::min(funding_due_, asked + kHurry);
}

bool LiveAccount::asked_already(AccountTopic topic) const noexcept {
    return std::ranges::any_of(
        asked_, [topic](const Asked& a) { return a.own && a.request.topic == topic; });
}

void LiveAccount::poll(UnixNanos now) {
    const auto due = [&](UnixNanos& at, Nanos interval, AccountTopic topic) {
        if (interval == Nanos{} || now < at || asked_already(topic)) return false;
        at = now + interval;
        return true;
    };
    AccountRequest request;
    if (!key_) {
        request.topic = AccountTopic::Key;
        if (due(key_due_, kKeyPause, request.topic)) (void)add(request, true);
        return;
    }
    if (refused_) return;
    request.topic = AccountTopic::Balances;
    if (due(balances_due_, config_.balance_interval, request.topic)) (void)add(request, true);
    request.topic = AccountTopic::Funding;
    request.since = funding_since_;
    if (due(funding_due_, config_.funding_interval, request.topic)) (void)add(request, true);
    request.topic = AccountTopic::DeadMan;
    request.after = config_.dead_man;
    if (protocol_->check(request) && due(dead_man_due_, config_.dead_man / 3, request.topic)) {
        arming_ = now;
        (void)add(request, true);
    }
}

void LiveAccount::own_answer(const AccountAnswer& answer, UnixNanos begun) {
    if (answer.topic == AccountTopic::Key) return check_key(answer);
    if (answer.error) return;  // it is asked again soon
    if (answer.topic == AccountTopic::DeadMan) armed_ = arming_;
    if (const auto* const reports =
            std::get_if<std::vector<messages::BalanceReport>>(&answer.facts))
        balances_.insert(balances_.end(), reports->begin(), reports->end());
    if (const auto* const events = std::get_if<std::vector<messages::CashEvent>>(&answer.facts)) {
        cash_.insert(cash_.end(), events->begin(), events->end());
        cash_told_ = rest_.venue_time(begun) - kListLag;
        for (const messages::CashEvent& event : *events)
            funding_since_ = std::max(funding_since_, event.time - kOverlap);
    }
}

void LiveAccount::check_key(const AccountAnswer& answer) {
    if (answer.error) {
        key_trouble_ = answer.error->detail;
        if (answer.error->code == Errc::Rejected) refused_ = answer.error;
        if (refused_) key_.emplace();
        return;
    }
    const auto* const key = std::get_if<ports::KeyReport>(&answer.facts);
    if (key == nullptr) return;
    key_ = *key;
    if (!key->trade) refused_ = Error{Errc::Rejected, "the API key may not trade"};
    if (key->withdraw && !config_.may_withdraw)
        refused_ = Error{Errc::Rejected, "the API key may withdraw, and nobody here needs that"};
}

UnixNanos LiveAccount::next_due() const noexcept {
    if (refused_) return kNever;
    UnixNanos due = kNever;
    const auto soonest = [&](UnixNanos at, Nanos interval, AccountTopic topic) {
        if (interval > Nanos{} && !asked_already(topic)) due = std::min(due, at);
    };
    if (!key_) {
        soonest(key_due_, kKeyPause, AccountTopic::Key);
    } else {
        soonest(balances_due_, config_.balance_interval, AccountTopic::Balances);
        soonest(funding_due_, config_.funding_interval, AccountTopic::Funding);
        soonest(dead_man_due_, config_.dead_man, AccountTopic::DeadMan);
    }
    for (const Asked& asked : asked_) {
        if (asked.call == 0) due = UnixNanos{};
    }
    return due;
}

std::size_t LiveAccount::poll_balances(std::span<messages::BalanceReport> out) {
    return take(balances_, out);
}
std::size_t LiveAccount::poll_cash(std::span<messages::CashEvent> out) { return take(cash_, out); }

}  // namespace parallax::venue_common
