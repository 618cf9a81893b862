#include "sim/venues/binance/tape.hpp"

#include <algorithm>

namespace parallax::sim_binance {
namespace {

UnixNanos floor_of(UnixNanos time, Nanos length) noexcept {
    return UnixNanos::from_nanos(time.nanos() - time.nanos() % length.count());
}

}  // namespace

void Candle::add(const Candle& later) {
    if (later.trades == 0) return;
    if (trades == 0) {
        const UnixNanos mine = begin;
        *this = later;
        if (mine.known()) begin = mine;
        return;
    }
    high = std::max(high, later.high);
    low = std::min(low, later.low);
    close = later.close;
    base += later.base;
    quote += later.quote;
    taker_base += later.taker_base;
    taker_quote += later.taker_quote;
    last = later.last;
    trades += later.trades;
}

void Tape::add(const sim_engine::Listing& listing, const Trade& trade) {
    const sim_engine::TradePrint& p = trade.print;
    trades_.push_back(trade);
    if (trades_.size() > kTrades) trades_.pop_front();
    if (!aggregates_.empty() && aggregates_.back().taker == p.taker &&
        aggregates_.back().price == p.price) {
        aggregates_.back().quantity += p.quantity;
        aggregates_.back().last = p.trade.raw();
    } else {
        aggregates_.push_back({next_aggregate_++, trade.time, p.price, p.quantity, p.trade.raw(),
                               p.trade.raw(), p.aggressor, p.taker});
        if (aggregates_.size() > kTrades) aggregates_.pop_front();
    }
    Candle c;
    c.begin = floor_of(trade.time, Nanos::seconds(60));
    c.open = c.high = c.low = c.close = p.price;
    c.base = listing.amount(p.quantity);
    c.quote = listing.paid(p.price, p.quantity);
    if (p.aggressor == Side::Buy) {
        c.taker_base = c.base;
        c.taker_quote = c.quote;
    }
    c.first = c.last = p.trade.raw();
    c.trades = 1;
    if (minutes_.empty() || minutes_.back().begin != c.begin) {
        minutes_.push_back(c);
        if (minutes_.size() > kMinutes) minutes_.pop_front();
    } else {
        minutes_.back().add(c);
    }
}

std::vector<Candle> Tape::candles(Nanos length, std::size_t most, UnixNanos now) const {
    std::vector<Candle> out;
    if (minutes_.empty()) return out;
    const UnixNanos last = floor_of(now, length);
    UnixNanos begin = floor_of(minutes_.front().begin, length);
    auto minute = minutes_.begin();
    Price close = minutes_.front().open;
    // Skips whole intervals that are not asked for.
    const std::int64_t count = (last - begin).count() / length.count() + 1;
    const std::int64_t skip = std::max<std::int64_t>(0, count - static_cast<std::int64_t>(most));
    begin = begin + length * skip;
    for (; minute != minutes_.end() && minute->begin < begin; ++minute) close = minute->close;
    for (; begin <= last; begin = begin + length) {
        Candle c;
        c.begin = begin;
        c.open = c.high = c.low = c.close = close;
        for (; minute != minutes_.end() && minute->begin < begin + length; ++minute) c.add(*minute);
        close = c.close;
        out.push_back(c);
    }
    return out;
}

Candle Tape::sum(Nanos span, UnixNanos now) const {
    Candle out;
    for (const Candle& minute : minutes_) {
        if (now - minute.begin <= span) out.add(minute);
    }
    return out;
}

Nanos kline_length(std::string_view interval) noexcept {
    constexpr std::pair<std::string_view, std::int64_t> kMinutesOf[] = {
        {"1m", 1},    {"3m", 3},    {"5m", 5},    {"15m", 15},   {"30m", 30},
        {"1h", 60},   {"2h", 120},  {"4h", 240},  {"6h", 360},   {"8h", 480},
        {"12h", 720}, {"1d", 1440}, {"3d", 4320}, {"1w", 10'080}};
    for (const auto& [name, minutes] : kMinutesOf) {
        if (name == interval) return Nanos::seconds(60 * minutes);
    }
    return {};
}

}  // namespace parallax::sim_binance
