#pragma once

#include <vector>

#include "book/feed_book.hpp"

/// Only for tests.
namespace parallax::book {

inline Level level(std::int64_t price, std::int64_t quantity) {
    return {Price::from_raw(price), Quantity::from_raw(quantity)};
}
inline UnixNanos at(std::int64_t ms) { return UnixNanos::from_millis(ms); }

/// A book and the words to tell it a story with.
struct Feed {
    explicit Feed(GapPolicy policy) : book{policy} {}
    Applied snapshot(std::uint64_t id, std::vector<Level> bids = {level(100, 1)},
                     std::vector<Level> asks = {level(110, 1)}) {
        return book.on_depth({true, id, id, -1, at(++now), at(now), bids, asks});
    }
    /// Bid 100 gets the quantity: an update one can recognise.
    Applied delta(std::uint64_t first, std::uint64_t last, std::int64_t previous,
                  std::int64_t quantity) {
        const std::vector<Level> bids{level(100, quantity)};
        return book.on_depth({false, first, last, previous, at(++now), at(now), bids, {}});
    }
    Applied next(std::uint64_t id, std::int64_t quantity) {
        return delta(id, id, -1, quantity);
    }  // Bybit
    Applied chained(std::int64_t previous, std::uint64_t id, std::int64_t quantity) {  // OKX
        return delta(id, id, previous, quantity);
    }
    Applied heartbeat(std::uint64_t id) {
        return book.on_depth(
            {false, id, id, static_cast<std::int64_t>(id), at(++now), at(now), {}, {}});
    }
    Applied quote(std::uint64_t id, Level bid, Level ask, std::int64_t venue_ms = 0) {
        return book.on_quote({id, at(++now), venue_ms == 0 ? at(now) : at(venue_ms), bid, ask});
    }
    [[nodiscard]] std::int64_t bid_quantity() const {
        return book.depth().best_bid().quantity.raw();
    }
    FeedBook book;
    std::int64_t now = 1'000'000;
};

/// The fused levels of a side, best first.
inline std::vector<Level> walk(const FeedBook& book, Side side) {
    std::vector<Level> out;
    for (auto it = book.cursor(side); !it.done(); ++it) out.push_back(*it);
    return out;
}

}  // namespace parallax::book
