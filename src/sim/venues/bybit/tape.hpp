#pragma once

#include <deque>
#include <string_view>
#include <vector>

#include "sim/engine/venue.hpp"
#include "sim/venues/common/price_minutes.hpp"

namespace parallax::sim_bybit {

struct Candle {
    std::int64_t start = 0;  ///< ms
    Price open, high, low, close;
    Quantity volume;
    Amount turnover;
    void take(Price price, Quantity quantity, Amount worth) noexcept;
};

/// What the venue remembers of one listing's past: trades, minutes, marks, funding, open interest,
/// and the moment of the book's last change. Bounded: 1,000 trades, two days of minutes, 200
/// fundings, a week of open interest.
class Tape {
public:
    struct Trade {
        sim_engine::TradePrint print;
        UnixNanos time;
        std::uint64_t seq = 0;
        std::string_view tick;  ///< PlusTick, ZeroPlusTick, MinusTick, ZeroMinusTick
    };
    struct Funding {
        Rate rate;
        UnixNanos time;
    };
    /// Of clients: how many are long, how many are short.
    struct Holders {
        std::uint32_t longs = 0, shorts = 0;
    };
    /// Open contracts and who holds them, at the first mark of each five minutes.
    struct Interest {
        std::int64_t start = 0;  ///< of the five minutes, ms
        Quantity quantity;
        Holders holders;
    };
    struct Day {  ///< of the last 24 hours
        Price first, high, low;
        Quantity volume;
        Amount turnover;
        Price hour_ago;
    };

    const Trade& trade(const sim_engine::Listing& listing, const sim_engine::TradePrint& print,
                       UnixNanos time, std::uint64_t seq);
    void changed(UnixNanos time, std::uint64_t seq) noexcept {
        changed_ = time;
        seq_ = seq;
    }
    /// The mark has moved; a funding has passed when its next time has.
    void marked(const sim_engine::Desk& desk, const sim_engine::MarkChange& mark, UnixNanos time);
    /// Whether these five minutes have no sample yet.
    [[nodiscard]] bool wants_interest(UnixNanos time) const noexcept;
    void interest(Quantity quantity, Holders holders, UnixNanos time);
    /// Minutes that passed without a trade are flat ones.
    void advance(UnixNanos now);

    [[nodiscard]] const std::deque<Trade>& trades() const noexcept { return trades_; }
    [[nodiscard]] const std::deque<Funding>& fundings() const noexcept { return fundings_; }
    [[nodiscard]] const sim_front::PriceMinutes& marks() const noexcept { return marks_; }
    [[nodiscard]] const sim_front::PriceMinutes& indices() const noexcept { return indices_; }
    [[nodiscard]] const sim_front::PriceMinutes& premiums() const noexcept { return premiums_; }
    /// The first sample of each interval of `length` ms that begins in [from, to] ms, under the
    /// interval's begin; newest first.
    [[nodiscard]] std::vector<Interest> interests(std::int64_t length, std::int64_t from,
                                                  std::int64_t to) const;
    [[nodiscard]] UnixNanos book_time() const noexcept { return changed_; }
    [[nodiscard]] std::uint64_t seq() const noexcept { return seq_; }
    [[nodiscard]] Day day(UnixNanos now) const;
    /// Candles of an interval ("1" ... "720", "D", "W", "M") that begin in [from, to] ms, oldest
    /// first, the last `most` of them.
    [[nodiscard]] std::vector<Candle> candles(std::string_view interval, std::int64_t from,
                                              std::int64_t to, std::size_t most) const;

private:
    static constexpr std::size_t kMinutes = 2 * 1'440 + 1;
    std::deque<Trade> trades_;
    std::deque<Candle> minutes_;
    std::deque<Funding> fundings_;
    sim_front::PriceMinutes marks_, indices_, premiums_;
    std::deque<Interest> interests_;
    UnixNanos changed_;
    UnixNanos next_funding_;
    std::uint64_t seq_ = 0;
};

/// Begin of the interval that holds a moment, and of the next one; ms.
struct Interval {
    std::int64_t start = 0, end = 0;
};
/// Empty: the venue has no such interval.
[[nodiscard]] std::optional<Interval> interval_of(std::string_view name, std::int64_t ms) noexcept;

}  // namespace parallax::sim_bybit
