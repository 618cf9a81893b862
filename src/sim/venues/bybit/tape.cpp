#include "sim/venues/bybit/tape.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "sim/venues/common/parameters.hpp"

namespace parallax::sim_bybit {
namespace {

constexpr std::int64_t kMinute = 60'000, kDay = 86'400'000, kSample = 5 * kMinute;
constexpr std::size_t kSamples = 7 * kDay / kSample;

}  // namespace

void Candle::take(Price price, Quantity quantity, Amount worth) noexcept {
    high = std::max(high, price);
    low = std::min(low, price);
    close = price;
    volume += quantity;
    turnover += worth;
}

std::optional<Interval> interval_of(std::string_view name, std::int64_t ms) noexcept {
    if (name == "D") return Interval{ms - ms % kDay, ms - ms % kDay + kDay};
    if (name == "W") {  // 1970-01-01 was a Thursday, weeks begin on Monday
        const std::int64_t start = ms - (ms + 3 * kDay) % (7 * kDay);
        return Interval{start, start + 7 * kDay};
    }
    if (name == "M") {
        using namespace std::chrono;
        const year_month_day date{sys_days{days{ms / kDay}}};
        const sys_days first{date.year() / date.month() / 1};
        const sys_days next{(date.year() / date.month() + months{1}) / 1};
        return Interval{first.time_since_epoch().count() * kDay,
                        next.time_since_epoch().count() * kDay};
    }
    constexpr std::array<std::int64_t, 10> kIntervals{1, 3, 5, 15, 30, 60, 120, 240, 360, 720};
    const auto minutes = sim_front::integer(name);
    if (!minutes || std::find(kIntervals.begin(), kIntervals.end(), *minutes) == kIntervals.end())
        return std::nullopt;
    const std::int64_t length = *minutes * kMinute;
    return Interval{ms - ms % length, ms - ms % length + length};
}

const Tape::Trade& Tape::trade(const sim_engine::Listing& listing,
                               const sim_engine::TradePrint& print, UnixNanos time,
                               std::uint64_t seq) {
    std::string_view tick = "PlusTick";
    if (!trades_.empty()) {
        const Trade& last = trades_.back();
        const bool was_up = last.tick == "PlusTick" || last.tick == "ZeroPlusTick";
        tick = print.price > last.print.price   ? "PlusTick"
               : print.price < last.print.price ? "MinusTick"
               : was_up                         ? "ZeroPlusTick"
                                                : "ZeroMinusTick";
    }
    advance(time);
    const std::int64_t start = time.millis() - time.millis() % kMinute;
    if (minutes_.empty() || minutes_.back().start != start) {
        minutes_.push_back({start, print.price, print.price, print.price, print.price, {}, {}});
    } else if (minutes_.back().volume.is_zero()) {
        Candle& c = minutes_.back();  // flat so far: it begins with this trade
        c.open = c.high = c.low = print.price;
    }
    minutes_.back().take(print.price, print.quantity,
                         listing.notional(print.price, print.quantity));
    while (minutes_.size() > kMinutes) minutes_.pop_front();
    trades_.push_back({print, time, seq, tick});
    if (trades_.size() > 1'000) trades_.pop_front();
    return trades_.back();
}

void Tape::marked(const sim_engine::Desk& desk, const sim_engine::MarkChange& mark,
                  UnixNanos time) {
    marks_.told(mark.mark, time);
    indices_.told(mark.index, time);
    premiums_.told(sim_front::premium(mark.mark, mark.index), time);
    if (next_funding_.known() && mark.next_funding > next_funding_) {
        fundings_.push_back({desk.last_funding_rate, next_funding_});
        if (fundings_.size() > 200) fundings_.pop_front();
    }
    next_funding_ = mark.next_funding;
}

bool Tape::wants_interest(UnixNanos time) const noexcept {
    return interests_.empty() || time.millis() >= interests_.back().start + kSample;
}

void Tape::interest(Quantity quantity, Holders holders, UnixNanos time) {
    interests_.push_back({time.millis() - time.millis() % kSample, quantity, holders});
    if (interests_.size() > kSamples) interests_.pop_front();
}

std::vector<Tape::Interest> Tape::interests(std::int64_t length, std::int64_t from,
                                            std::int64_t to) const {
    std::vector<Interest> out;
    for (auto at = interests_.rbegin(); at != interests_.rend(); ++at) {
        const std::int64_t start = at->start - at->start % length;
        if (start < from) break;
        if (start > to) continue;
        if (out.empty() || out.back().start != start) out.emplace_back();
        out.back() = {start, at->quantity, at->holders};
    }
    return out;
}

void Tape::advance(UnixNanos now) {
    marks_.advance(now);
    indices_.advance(now);
    premiums_.advance(now);
    if (minutes_.empty()) return;
    const std::int64_t start = now.millis() - now.millis() % kMinute;
    const auto most = static_cast<std::int64_t>(kMinutes) * kMinute;
    std::int64_t next = std::max(minutes_.back().start + kMinute, start - most);
    for (; next <= start; next += kMinute) {
        const Price p = minutes_.back().close;
        minutes_.push_back({next, p, p, p, p, {}, {}});
        if (minutes_.size() > kMinutes) minutes_.pop_front();
    }
}

Tape::Day Tape::day(UnixNanos now) const {
    Day out;
    const std::int64_t from = now.millis() - kDay;
    auto at = std::lower_bound(minutes_.begin(), minutes_.end(), from,
                               [](const Candle& c, std::int64_t ms) { return c.start < ms; });
    if (at == minutes_.end()) return out;
    out.first = at->open;
    out.hour_ago = out.first;
    out.high = at->high;
    out.low = at->low;
    for (; at != minutes_.end(); ++at) {
        out.high = std::max(out.high, at->high);
        out.low = std::min(out.low, at->low);
        out.volume += at->volume;
        out.turnover += at->turnover;
        if (at->start <= now.millis() - 60 * kMinute) out.hour_ago = at->open;
    }
    return out;
}

std::vector<Candle> Tape::candles(std::string_view interval, std::int64_t from, std::int64_t to,
                                  std::size_t most) const {
    std::vector<Candle> out;  // newest first until the end
    for (auto at = minutes_.rbegin(); at != minutes_.rend(); ++at) {
        const auto span = interval_of(interval, at->start);
        if (!span || span->start < from) break;
        if (span->start > to) continue;
        if (out.empty() || out.back().start != span->start) {
            if (out.size() == most) break;
            out.push_back(*at);
            out.back().start = span->start;
        } else {
            Candle& c = out.back();
            c.open = at->open;
            c.high = std::max(c.high, at->high);
            c.low = std::min(c.low, at->low);
            c.volume += at->volume;
            c.turnover += at->turnover;
        }
    }
    std::reverse(out.begin(), out.end());
    return out;
}

}  // namespace parallax::sim_bybit
