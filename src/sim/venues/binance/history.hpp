#pragma once

#include <deque>

#include "sim/venues/binance/call.hpp"
#include "sim/venues/common/price_minutes.hpp"

namespace parallax::sim_binance {

/// What is told of a perpetual besides its trades: mark, index and premium by the minute, and who
/// holds how much at the end of every five minutes.
struct PerpetualHistory {
    static constexpr std::int64_t kSample = 300'000;  ///< ms
    static constexpr std::size_t kSamples = 8'640;    ///< a month
    struct Sample {
        std::int64_t start = 0;  ///< ms
        Quantity open;           ///< contracts that are open: all longs
        Price mark;
        std::uint32_t longs = 0, shorts = 0;  ///< accounts
    };
    void marked(const SimVenue& venue, const sim_engine::MarkChange& change, UnixNanos now);

    sim_front::PriceMinutes mark, index;
    sim_front::PriceMinutes premium;  ///< (mark - index) / index, 1e-8
    std::deque<Sample> samples;

private:
    /// Once a second: the last one of five minutes stays.
    void sample(const SimVenue& venue, const sim_engine::MarkChange& change, UnixNanos now);
    UnixNanos next_sample_;
};

/// An order's price or quantity was changed; it kept its id.
struct Amendment {
    std::uint64_t id = 0;
    AccountId account;
    OrderId order;
    UnixNanos time;
    Price price_before, price_after;
    Quantity quantity_before, quantity_after;
    std::uint32_t count = 0;  ///< the order's how manieth
};

}  // namespace parallax::sim_binance
