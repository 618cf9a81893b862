#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "core/price.hpp"
#include "core/time.hpp"
#include "sim/engine/venue.hpp"

namespace parallax::sim_front {

/// A price that is told and not traded (a mark, an index, a premium), minute by minute. Minutes
/// without news are flat ones. Two days are kept.
class PriceMinutes {
public:
    struct Candle {
        std::int64_t start = 0;  ///< ms
        Price open, high, low, close;
    };
    /// The price is this from now on. Time never falls.
    void told(Price price, UnixNanos now);
    /// Minutes that passed since the last news are flat ones.
    void advance(UnixNanos now);
    [[nodiscard]] const std::deque<Candle>& minutes() const noexcept { return minutes_; }

    /// Begin of the interval that holds a moment, ms; whole minutes.
    using BeginOf = std::function<std::int64_t(std::int64_t)>;
    /// Candles of longer intervals that begin in [from, to] ms, newest first, at most `most`.
    [[nodiscard]] std::vector<Candle> candles(const BeginOf& begin_of, std::int64_t from,
                                              std::int64_t to, std::size_t most) const;

private:
    static constexpr std::size_t kMinutes = 2 * 1'440 + 1;
    std::deque<Candle> minutes_;
};

/// What a premium is kept in, as if it were a price.
inline constexpr std::uint8_t kPremiumDigits = 8;
/// (mark - index) / index, rounded half to even; may be negative, and is 0 without an index.
[[nodiscard]] Price premium(Price mark, Price index) noexcept;

/// Open contracts of a perpetual in base units. Longs and shorts are equally many: the longs.
[[nodiscard]] Quantity open_interest(const sim_engine::SimVenue& venue, sim_engine::ListingId id);

}  // namespace parallax::sim_front
