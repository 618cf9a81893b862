#pragma once

#include <deque>
#include <vector>

#include "sim/engine/events.hpp"
#include "sim/venues/binance/call.hpp"

namespace parallax::sim_binance {

struct Trade {
    UnixNanos time;
    sim_engine::TradePrint print;
};
/// Trades of one taker at one price.
struct AggregateTrade {
    std::uint64_t id = 0;
    UnixNanos time;
    Price price;
    Quantity quantity;
    std::uint64_t first = 0, last = 0;
    Side aggressor{};
    sim_engine::OrderId taker;
};
/// What happened from `begin` on for some time.
struct Candle {
    UnixNanos begin;
    Price open, high, low, close;
    Amount base, quote, taker_base, taker_quote;
    std::uint64_t first = 0, last = 0, trades = 0;
    void add(const Candle& later);
};

/// What was traded in one listing: the last 1,000 trades and aggregates, the minutes of a day.
class Tape {
public:
    static constexpr std::size_t kTrades = 1'000;
    static constexpr std::size_t kMinutes = 1'500;
    void add(const sim_engine::Listing& listing, const Trade& trade);
    [[nodiscard]] const std::deque<Trade>& trades() const noexcept { return trades_; }
    [[nodiscard]] const std::deque<AggregateTrade>& aggregates() const noexcept {
        return aggregates_;
    }
    /// The last `most` candles of the length, oldest first; what lies before the minutes that are
    /// remembered is not there. Candles without a trade repeat the close before.
    [[nodiscard]] std::vector<Candle> candles(Nanos length, std::size_t most, UnixNanos now) const;
    /// Over the minutes within `span` before now; trades 0 when there was nothing.
    [[nodiscard]] Candle sum(Nanos span, UnixNanos now) const;

private:
    std::deque<Trade> trades_;
    std::deque<AggregateTrade> aggregates_;
    std::deque<Candle> minutes_;  ///< only those with trades
    std::uint64_t next_aggregate_ = 1;
};

/// Of "1m", "4h", "1d", ...; zero when it is none. Months are not offered.
[[nodiscard]] Nanos kline_length(std::string_view interval) noexcept;

}  // namespace parallax::sim_binance
