#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "book/level_store.hpp"
#include "core/price.hpp"

namespace parallax::book {

/// A level-2 order book of one instrument: bids and asks, nothing else. Knows no sequence numbers;
/// see FeedBook.
class OrderBook {
public:
    void set(Side side, Level level) {
        (side == Side::Buy ? bids_ : asks_).set(level.price, level.quantity);
    }
    /// Applies absolute quantities; 0 removes.
    void apply(std::span<const Level> bids, std::span<const Level> asks) {
        bids_.apply(bids);
        asks_.apply(asks);
    }
    /// Replaces everything.
    void assign(std::span<const Level> bids, std::span<const Level> asks) {
        clear();
        apply(bids, asks);
    }
    void clear() noexcept {
        bids_.clear();
        asks_.clear();
    }
    [[nodiscard]] const LevelStore& side(Side side) const noexcept {
        return side == Side::Buy ? bids_ : asks_;
    }
    [[nodiscard]] Level best_bid() const noexcept { return bids_.best(); }
    [[nodiscard]] Level best_ask() const noexcept { return asks_.best(); }
    /// As LevelStore::rescale, on both sides.
    bool rescale(std::int64_t price_factor, std::int64_t quantity_factor) noexcept {
        const bool bids = bids_.rescale(price_factor, quantity_factor);
        return asks_.rescale(price_factor, quantity_factor) && bids;
    }
    [[nodiscard]] std::size_t memory_bytes() const noexcept {
        return bids_.memory_bytes() + asks_.memory_bytes();
    }
    template <class Archive>
    void describe(Archive& a) {
        a(bids_, asks_);
    }

private:
    LevelStore bids_{Side::Buy};
    LevelStore asks_{Side::Sell};
};

}  // namespace parallax::book
