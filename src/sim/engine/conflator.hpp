#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/price.hpp"
#include "sim/engine/book.hpp"
#include "sim/engine/events.hpp"

namespace parallax::sim_engine {

/// What one message of a book stream says: absolute quantities, 0 = the level is gone. Bids from
/// the highest, asks from the lowest price.
struct BookDelta {
    std::vector<Level> bids, asks;
    std::uint64_t first = 0;     ///< number of the first change in it (Binance U)
    std::uint64_t last = 0;      ///< of the last (Binance u, OKX seqId)
    std::uint64_t previous = 0;  ///< `last` of the message before (Binance pu, OKX prevSeqId)
};

/// A stream of all levels: collects the changes of an interval and gives each price once, with its
/// quantity at the end. Prices that came back to what they were are told too: who took a snapshot
/// in between has something else. (Binance diff depth.)
class ChangeConflator {
public:
    /// `update` is the book's number when the stream begins.
    explicit ChangeConflator(std::uint64_t update = 0) : previous_{update} {}
    void add(const LevelChange& change);
    /// The running interval has changes: the next message will contain the book's number of now.
    [[nodiscard]] bool pending() const noexcept { return first_ != 0; }
    /// The message of the interval that ends now, null when nothing changed. Valid until the next
    /// call.
    [[nodiscard]] const BookDelta* flush();

    template <class Archive>
    void describe(Archive& a) {
        a(sides_, first_, last_, previous_);
    }

private:
    struct Pending {
        Price price;
        Quantity after;
        template <class Archive>
        void describe(Archive& a) {
            a(price, after);
        }
    };
    std::array<std::vector<Pending>, 2> sides_;  ///< by price, best first
    std::uint64_t first_ = 0;
    std::uint64_t last_ = 0;
    std::uint64_t previous_ = 0;
    BookDelta delta_;
};

/// A stream of the best N levels: the difference between what was told last and what is there now,
/// levels that enter and leave the best N included. (OKX books, Bybit orderbook.50.)
class TopConflator {
public:
    explicit TopConflator(std::size_t depth) : depth_{depth} {}
    /// All of it: what follows is told relative to this. `previous` is 0.
    [[nodiscard]] const BookDelta& snapshot(const Book& book);
    /// What followers have now, best first: the snapshot of one who joins between two messages.
    [[nodiscard]] const std::vector<Level>& told(Side side) const noexcept {
        return told_[static_cast<std::size_t>(side)];
    }
    [[nodiscard]] std::uint64_t told_update() const noexcept { return told_update_; }
    /// Null when the best N are as told. Needs a snapshot before.
    [[nodiscard]] const BookDelta* flush(const Book& book);

    template <class Archive>
    void describe(Archive& a) {
        a(depth_, told_, told_update_);
    }

private:
    std::size_t depth_;
    std::array<std::vector<Level>, 2> told_;  ///< best first
    std::uint64_t told_update_ = 0;
    std::vector<Level> now_;
    BookDelta delta_;
};

/// Quotes of one listing at most every `interval`: the latest, once it is due. (OKX bbo-tbt 10 ms;
/// with interval 0 every change, as Binance bookTicker.)
class QuoteConflator {
public:
    explicit QuoteConflator(Nanos interval) : interval_{interval} {}
    void add(const BestChange& change) noexcept { waiting_ = change; }
    [[nodiscard]] std::optional<BestChange> flush(UnixNanos now) noexcept {
        if (!waiting_ || (sent_.known() && now - sent_ < interval_)) return std::nullopt;
        sent_ = now;
        return std::exchange(waiting_, std::nullopt);
    }

    template <class Archive>
    void describe(Archive& a) {
        a(interval_, sent_, waiting_);
    }

private:
    Nanos interval_;
    UnixNanos sent_;
    std::optional<BestChange> waiting_;
};

}  // namespace parallax::sim_engine
