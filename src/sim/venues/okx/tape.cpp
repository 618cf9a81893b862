#include "sim/venues/okx/tape.hpp"

#include <algorithm>

namespace parallax::sim_okx {

std::int64_t begin_of(const Bar& bar, std::int64_t ms) noexcept {
    const std::int64_t shifted = ms + bar.offset_millis;
    return shifted - shifted % bar.millis - bar.offset_millis;
}

std::optional<std::size_t> find_bar(std::string_view name) noexcept {
    for (std::size_t i = 0; i < kBars.size(); ++i) {
        if (kBars[i].name == name) return i;
    }
    return std::nullopt;
}

void Tape::roll(std::deque<Candle>& candles, const Bar& bar, std::int64_t now_ms) {
    if (candles.empty()) return;
    const std::int64_t begin = begin_of(bar, now_ms);
    const auto most = static_cast<std::int64_t>(kMostCandles);
    const Price close = candles.back().close;
    // After a long silence only what would be kept anyhow.
    std::int64_t next =
        std::max(candles.back().begin + bar.millis, begin - (most - 1) * bar.millis);
    for (; next <= begin; next += bar.millis) {
        candles.push_back({next, close, close, close, close, {}, {}});
        if (candles.size() > kMostCandles) candles.pop_front();
    }
}

void Tape::roll(UnixNanos now) {
    for (std::size_t i = 0; i < kBars.size(); ++i) roll(candles_[i], kBars[i], now.millis());
}

void Tape::add(const sim_engine::TradePrint& print, Amount worth, UnixNanos time) {
    trades_.push_back(
        {print.trade.raw(), 1, print.price, print.quantity, print.aggressor, time, print.taker, 0});
    if (trades_.size() > kMostTrades) trades_.pop_front();
    for (std::size_t i = 0; i < kBars.size(); ++i) {
        auto& candles = candles_[i];
        roll(candles, kBars[i], time.millis());
        if (candles.empty()) {
            candles.push_back({begin_of(kBars[i], time.millis()),
                               print.price,
                               print.price,
                               print.price,
                               print.price,
                               {},
                               {}});
        }
        Candle& c = candles.back();
        if (c.volume.is_zero()) c.open = c.high = c.low = print.price;
        c.high = std::max(c.high, print.price);
        c.low = std::min(c.low, print.price);
        c.close = print.price;
        c.volume += print.quantity;
        c.worth += worth;
    }
}

Tape::Day Tape::day() const noexcept {
    const auto& minutes = candles_[*find_bar("1m")];
    Day out;
    if (minutes.empty()) return out;
    out.open = minutes.front().open;
    out.high = minutes.front().high;
    out.low = minutes.front().low;
    for (const Candle& c : minutes) {
        out.high = std::max(out.high, c.high);
        out.low = std::min(out.low, c.low);
        out.volume += c.volume;
        out.worth += c.worth;
    }
    return out;
}

Price Tape::day_open(std::string_view bar) const noexcept {
    const auto& days = candles_[*find_bar(bar)];
    return days.empty() ? Price{} : days.back().open;
}

}  // namespace parallax::sim_okx
