#pragma once

#include <algorithm>
#include <cstdint>

#include "core/time.hpp"
#include "sim/engine/book.hpp"
#include "sim/engine/listing.hpp"

namespace parallax::sim_engine {

/// A listing at work.
struct Desk {
    Listing listing;
    Book book;
    TradeId last_trade;
    Price last_price;
    Level told_bid, told_ask;  ///< by the last BestChange

    // Prices that are not made by trading here; 0 = not known yet.
    Price index;
    Price mark;
    std::int64_t basis = 0;  ///< smoothed middle - index, in steps / 256
    Rate premium_sum;        ///< of the samples since the last funding
    std::int64_t premium_samples = 0;
    Rate last_funding_rate;
    UnixNanos next_funding;

    /// What bands and protections are measured from: mark, else last, else index.
    [[nodiscard]] Price reference() const noexcept {
        return mark > Price{} ? mark : last_price > Price{} ? last_price : index;
    }
    /// Index moves; the mark follows it with the smoothed basis of the book's middle, which is
    /// looked at within 0.5 % of the index only, so that nobody can drag it away.
    void move_index(Price price) noexcept;
    /// Predicted funding of the running interval: F = P + clamp(I - P, -5 bp, 5 bp) with P the mean
    /// premium and I = 1 bp per eight hours, within the cap (Binance "Introduction to funding
    /// rates"; OKX and Bybit use the same form).
    [[nodiscard]] Rate funding_rate() const noexcept;

    template <class Archive>
    void describe(Archive& a) {
        a(listing, book, last_trade, last_price, told_bid, told_ask, index, mark, basis,
          premium_sum, premium_samples, last_funding_rate, next_funding);
    }
};

}  // namespace parallax::sim_engine
