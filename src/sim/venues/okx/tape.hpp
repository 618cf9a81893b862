#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/engine/venue.hpp"
#include "sim/venues/okx/json.hpp"

namespace parallax::sim_okx {

/// Candle lengths by the venue's names. From 6H on they begin by Hong Kong time, the "utc" ones by
/// UTC; months are not offered.
struct Bar {
    std::string_view name;
    std::int64_t millis;
    std::int64_t offset_millis;  ///< begins at multiples of `millis` less this
};
inline constexpr std::int64_t kHourMs = 3'600'000;
inline constexpr std::int64_t kMondayMs = 4 * 24 * kHourMs;  ///< 1970-01-01 was a Thursday
inline constexpr std::array<Bar, 19> kBars{{
    {"1s", 1'000, 0},
    {"1m", 60'000, 0},
    {"3m", 180'000, 0},
    {"5m", 300'000, 0},
    {"15m", 900'000, 0},
    {"30m", 1'800'000, 0},
    {"1H", kHourMs, 0},
    {"2H", 2 * kHourMs, 0},
    {"4H", 4 * kHourMs, 0},
    {"6H", 6 * kHourMs, 8 * kHourMs},
    {"12H", 12 * kHourMs, 8 * kHourMs},
    {"1D", 24 * kHourMs, 8 * kHourMs},
    {"1W", 168 * kHourMs, 8 * kHourMs - kMondayMs},
    {"6Hutc", 6 * kHourMs, 0},
    {"12Hutc", 12 * kHourMs, 0},
    {"1Dutc", 24 * kHourMs, 0},
    {"1Wutc", 168 * kHourMs, -kMondayMs},
    {"3D", 72 * kHourMs, 8 * kHourMs},
    {"3Dutc", 72 * kHourMs, 0},
}};
[[nodiscard]] std::optional<std::size_t> find_bar(std::string_view name) noexcept;
/// Begin of the candle that holds a moment, ms.
[[nodiscard]] std::int64_t begin_of(const Bar& bar, std::int64_t ms) noexcept;

struct Candle {
    std::int64_t begin = 0;  ///< ms since 1970
    Price open, high, low, close;
    Quantity volume;  ///< base units
    Amount worth;     ///< quote
};

/// Trades of one taker order at one price, as the `trades` channel tells them.
struct Trade {
    std::uint64_t last = 0;  ///< tradeId; the others count back from it
    std::uint32_t count = 0;
    Price price;
    Quantity quantity;
    Side side{};
    UnixNanos time;
    sim_engine::OrderId taker;
    std::uint64_t seq = 0;
};

/// What was traded in one listing: the latest trades, candles of every length, the day's range.
class Tape {
public:
    static constexpr std::size_t kMostTrades = 500;
    static constexpr std::size_t kMostCandles = 1'440;  ///< of a length

    /// `worth` is the trade's in quote.
    void add(const sim_engine::TradePrint& print, Amount worth, UnixNanos time);
    /// Closes candles that ended by now; those without trades repeat the close.
    void roll(UnixNanos now);

    /// Single trades, oldest first.
    [[nodiscard]] const std::deque<Trade>& trades() const noexcept { return trades_; }
    /// Oldest first; the last one is running.
    [[nodiscard]] const std::deque<Candle>& candles(std::size_t bar) const noexcept {
        return candles_[bar];
    }
    struct Day {
        Price open, high, low;
        Quantity volume;
        Amount worth;
    };
    /// Of the last 24 hours, to the minute.
    [[nodiscard]] Day day() const noexcept;
    /// Price at the beginning of this UTC (or Hong Kong) day.
    [[nodiscard]] Price day_open(std::string_view bar) const noexcept;

private:
    static void roll(std::deque<Candle>& candles, const Bar& bar, std::int64_t now_ms);
    std::deque<Trade> trades_;
    std::array<std::deque<Candle>, kBars.size()> candles_;
};

}  // namespace parallax::sim_okx
