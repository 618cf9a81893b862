#include "adapters/venues/common/rate_limiter.hpp"

#include <algorithm>

#include "core/assert.hpp"

namespace parallax::venue_common {
namespace {

/// With so many counts of instruments and connections, those at rest are taken out.
constexpr std::size_t kManyCounts = 256;

}  // namespace

RateLimiter::RateLimiter(const RateTable& table, Nanos lateness)
    : table_{table}, lateness_{lateness}, many_{kManyCounts} {
    for (std::size_t i = 0; i < table.limits.size(); ++i) {
        PLX_ASSERT(table.limits[i].window >= Nanos::millis(100));
        sizes_.push_back(table.limits[i].limit);
        counts_.emplace_back().limit = static_cast<std::uint8_t>(i);
    }
}

UnixNanos RateLimiter::step(UnixNanos now) {
    last_ = std::max(last_, now);
    while (!lost_.empty() && lost_.front().until <= last_) {
        close(lost_.front().ticket, lost_.front().until);
        lost_.pop_front();
    }
    return last_;
}

std::uint32_t RateLimiter::add(const Key& key) {
    auto place = static_cast<std::uint32_t>(counts_.size());
    if (free_.empty()) {
        counts_.emplace_back();
    } else {
        place = free_.back();
        free_.pop_back();
        counts_[place] = Count{};
    }
    counts_[place].limit = key.first;
    counts_[place].key = key.second;
    return place;
}

RateLimiter::Count& RateLimiter::at(std::uint8_t limit, std::uint64_t key) {
    if (table_.limits[limit].per == Per::Account) return counts_[limit];
    const Key name{limit, key};
    const auto found = keyed_.find(name);
    if (found != keyed_.end()) return counts_[found->second];
    const std::uint32_t place = add(name);
    keyed_.emplace(name, place);
    return counts_[place];
}

bool RateLimiter::idle(Count& count) { return used(count) == 0 && count.blocked <= last_; }

void RateLimiter::give_idle_back() {
    for (auto entry = keyed_.begin(); entry != keyed_.end();) {
        if (idle(counts_[entry->second])) {
            free_.push_back(entry->second);
            entry = keyed_.erase(entry);
        } else {
            ++entry;
        }
    }
    many_ = std::max(kManyCounts, 2 * keyed_.size());
}

std::uint32_t RateLimiter::used(Count& count) {
    count.window.advance(last_, table_.limits[count.limit].window);
    const std::uint32_t ours = count.window.used();
    return count.seen_until > last_ ? std::max(ours, count.seen) : ours;
}

std::uint32_t RateLimiter::share(std::uint8_t limit, Urgency urgency) const {
    const std::uint32_t size = sizes_[limit];
    if (urgency == Urgency::Urgent) return size;
    // A reserve in proportion when the venue gives another size than the table.
    const LimitSpec& spec = table_.limits[limit];
    const auto kept = static_cast<std::uint32_t>(static_cast<std::uint64_t>(spec.reserve) * size /
                                                 std::max(spec.limit, 1U));
    const std::uint32_t normal = size - std::min(kept, size);
    return urgency == Urgency::Normal ? normal : normal - normal / 4;
}

UnixNanos RateLimiter::when(Count& count, std::uint32_t amount, Urgency urgency) {
    const std::uint32_t most = share(count.limit, urgency);
    if (amount > most) return kNever;
    const Nanos window = table_.limits[count.limit].window;
    const bool full = used(count) + amount > most;
    UnixNanos at = std::max(last_, count.blocked);
    if (!full) return at;
    at = std::max(at, count.window.when_at_most(most - amount, last_, window));
    if (count.seen_until > last_ && count.seen + amount > most) {
        at = std::max(at, count.seen_until);
    }
    return at;
}

tl::expected<RateTicket, RateRefusal> RateLimiter::acquire(const RateRequest& request,
                                                           UnixNanos now) {
    PLX_ASSERT(request.call < table_.calls.size());
    step(now);
    if (keyed_.size() >= many_) give_idle_back();  // before this request's counts are looked up
    RateTicket ticket;
    RateRefusal refusal{std::max(last_, blocked_), 0};
    std::size_t count_of_parts = 0;
    for (const Cost& cost : table_.calls[request.call].costs) {
        if (cost.amount == 0 || (cost.on != Wire::Any && cost.on != request.wire)) continue;
        const LimitSpec& spec = table_.limits[cost.limit];
        Count& count =
            at(cost.limit, spec.per == Per::Instrument ? request.instrument : request.connection);
        const std::uint32_t amount = cost.each ? cost.amount * request.items : cost.amount;
        const UnixNanos free = when(count, amount, request.urgency);
        if (free > refusal.at) refusal = {free, cost.limit};
        ticket.parts[count_of_parts++] = {static_cast<std::uint32_t>(&count - counts_.data()),
                                          amount};
    }
    if (refusal.at > last_) return tl::unexpected{refusal};
    for (const RateTicket::Part& part : ticket.parts) {
        if (part.amount == 0) continue;
        Count& count = counts_[part.window];
        count.window.send(part.amount);
        if (count.seen_until > last_) count.seen += part.amount;
    }
    return ticket;
}

void RateLimiter::close(const RateTicket& ticket, UnixNanos arrived) {
    for (const RateTicket::Part& part : ticket.parts) {
        if (part.amount == 0) continue;
        Count& count = counts_[part.window];
        const Nanos window = table_.limits[count.limit].window;
        count.window.advance(last_, window);
        count.window.answer(part.amount, arrived, window);
    }
}

void RateLimiter::answered(const RateTicket& ticket, UnixNanos now) { close(ticket, step(now)); }

void RateLimiter::lost(const RateTicket& ticket, UnixNanos now) {
    lost_.push_back({ticket, step(now) + lateness_});
}

void RateLimiter::unsent(const RateTicket& ticket) {
    for (const RateTicket::Part& part : ticket.parts) {
        if (part.amount == 0) continue;
        Count& count = counts_[part.window];
        count.window.unsend(part.amount);
        count.seen -= std::min(count.seen, part.amount);
    }
}

void RateLimiter::observe(std::uint8_t limit, std::uint32_t used_there, UnixNanos now,
                          std::uint64_t key) {
    step(now);
    Count& count = at(limit, key);
    const Nanos window = table_.limits[limit].window;
    // Requests on their way may or may not be in the venue's count.
    count.seen = used_there + count.window.open();
    count.seen_until = last_ + window + RateWindow::guard(window);
}

void RateLimiter::set_limit(std::uint8_t limit, std::uint32_t size) { sizes_[limit] = size; }

void RateLimiter::block(std::uint8_t limit, UnixNanos until, UnixNanos now, std::uint64_t key) {
    step(now);
    Count& count = at(limit, key);
    count.blocked = std::max(count.blocked, until);
}

void RateLimiter::block_all(UnixNanos until) { blocked_ = std::max(blocked_, until); }

RateBudget RateLimiter::budget(std::uint8_t limit, UnixNanos now, std::uint64_t key) {
    step(now);
    Count& count = at(limit, key);
    const std::uint32_t taken = used(count);
    const auto left = [&](Urgency urgency) {
        const std::uint32_t most = share(limit, urgency);
        return most - std::min(most, taken);
    };
    return {sizes_[limit], taken, left(Urgency::Urgent), left(Urgency::Normal),
            std::max(count.blocked, blocked_)};
}

}  // namespace parallax::venue_common
