#include "adapters/venues/common/instrument_watch.hpp"

#include <algorithm>

namespace parallax::venue_common {
namespace {

constexpr Nanos kFirstRetry = Nanos::seconds(2);
constexpr Nanos kLongestRetry = Nanos::seconds(30);
constexpr Nanos kDeadline = Nanos::seconds(60);
constexpr Nanos kHurryPause = Nanos::seconds(10);

/// What a person wants to know first.
std::string difference(const InstrumentDefinition& old, const InstrumentDefinition& now) {
    std::string out;
    const auto add = [&](const char* name, const std::string& a, const std::string& b) {
        if (a == b) return;
        out += (out.empty() ? "" : ", ") + std::string{name} + " " + a + " -> " + b;
    };
    add("tick", old.tick, now.tick);
    add("lot", old.lot, now.lot);
    add("min_quantity", old.min_quantity, now.min_quantity);
    add("min_notional", old.min_notional, now.min_notional);
    add("contract_size", old.contract_size, now.contract_size);
    add("max_quantity", old.max_quantity, now.max_quantity);
    return out.empty() ? "other rules" : out;
}

}  // namespace

InstrumentWatch::InstrumentWatch(Market market, RestClient& rest, FeedDialect& dialect,
                                 Nanos interval)
    : market_{market},
      rest_{rest},
      dialect_{dialect},
      interval_{interval},
      user_{rest.add_user()} {}

UnixNanos InstrumentWatch::next_due() const noexcept {
    return token_ != 0 ? RestClient::kNever : due_;
}

void InstrumentWatch::ask(UnixNanos now) {
    asked_ = std::move(calls_.front());
    calls_.pop_front();
    RestCall call = asked_;
    call.rate.urgency = Urgency::Background;
    call.deadline = now + kDeadline;
    path_ = call.path;
    const auto token = rest_.submit(user_, std::move(call), now);
    if (!token) return give_up(now);
    token_ = *token;
}

void InstrumentWatch::give_up(UnixNanos now) {
    due_ =
        now + std::min(kFirstRetry * (std::int64_t{1} << std::min(failures_, 8U)), kLongestRetry);
    ++failures_;
    calls_.clear();
}

void InstrumentWatch::hurry(UnixNanos now) noexcept {
    if (listed_.known()) due_ = std::min(due_, std::max(now, listed_ + kHurryPause));
}

void InstrumentWatch::advance(UnixNanos now) {
    news_.clear();
    changes_.clear();
    while (auto answer = rest_.take(user_)) {
        if (answer->token != token_) continue;
        token_ = 0;
        const auto read =
            answer->good()
                ? dialect_.read_instruments(market_, answer->body)
                : Result<std::vector<InstrumentDefinition>>{fail(Errc::Unavailable, "no answer")};
        if (!read) {
            give_up(now);
            continue;
        }
        for (const InstrumentDefinition& definition : *read)
            coming_.insert_or_assign(definition.venue_symbol, definition);
        if (auto more = dialect_.next_page(asked_, answer->body))
            calls_.push_front(std::move(*more));
        bodies_.push_back(std::move(answer->body));
        if (calls_.empty()) {
            compare(now);
        } else {
            ask(now);
        }
    }
    if (token_ != 0 || now < due_) return;
    const auto calls = dialect_.instrument_calls(market_);
    calls_.assign(calls.begin(), calls.end());
    coming_.clear();
    bodies_.clear();
    if (!calls_.empty()) ask(now);
}

void InstrumentWatch::change(ports::FeedNoticeKind kind, const std::string& symbol,
                             std::string text, UnixNanos now) {
    changes_.push_back({kind, market_, now, symbol, std::move(text)});
}

void InstrumentWatch::compare(UnixNanos now) {
    // A venue that lists nothing at all has not delisted everything: it is not itself.
    if (coming_.empty() && !known_.empty()) return give_up(now);
    due_ = now + interval_;
    listed_ = now;
    failures_ = 0;
    if (coming_ == known_) return;
    using Kind = ports::FeedNoticeKind;
    const bool first = known_.empty();
    for (const auto& [symbol, definition] : coming_) {
        if (first) break;
        const auto old = known_.find(symbol);
        if (old == known_.end()) {
            change(Kind::Listed, symbol, "", now);
            continue;
        }
        InstrumentDefinition before = old->second;
        if (before.status != definition.status) {
            const bool trades = definition.status == InstrumentStatus::Trading;
            change(Kind::StatusChanged, symbol, trades ? "trades" : "does not trade", now);
            before.status = definition.status;
        }
        if (before != definition)
            change(Kind::RulesChanged, symbol, difference(before, definition), now);
    }
    for (const auto& [symbol, definition] : known_) {
        if (!coming_.contains(symbol)) change(Kind::Delisted, symbol, "is no longer listed", now);
    }
    known_ = std::move(coming_);
    news_ = std::move(bodies_);
    coming_.clear();
    bodies_.clear();
}

}  // namespace parallax::venue_common
