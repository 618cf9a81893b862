#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "book/order_book.hpp"
#include "core/price.hpp"
#include "core/time.hpp"

namespace parallax::book {

/// How a venue lets us see that no update is missing (exchange protocol sheets, "continuity rule").
enum class GapPolicy : std::uint8_t {
    FirstIsNext,       ///< Binance spot: U <= last u + 1; older ones are ignored; snapshot by REST
    PreviousId,        ///< Binance futures: pu == last u; first after the snapshot has pu <= L <= u
    PreviousSequence,  ///< OKX: prevSeqId == last seqId; empty with equal ids = heartbeat; seqId <
                       ///< prevSeqId = reset
    NextId,  ///< Bybit: u == last u + 1; u == 1 is a restart, and whole whatever its type says
    SnapshotOnly,  ///< every message is whole
};

enum class BookState : std::uint8_t {
    Empty,    ///< nothing seen
    Syncing,  ///< deltas wait for their snapshot
    Live,     ///< complete and contiguous: the only state that may be traded on
    Gap,      ///< an update is missing: waits for a new snapshot, keeps what comes meanwhile
    Stale,    ///< contiguous, but silent for too long
    Crossed,  ///< best bid >= best ask: the venue is in trouble or we are
};
[[nodiscard]] constexpr std::string_view to_string(BookState state) noexcept {
    constexpr std::string_view kNames[] = {"empty", "syncing", "live", "gap", "stale", "crossed"};
    return kNames[static_cast<std::size_t>(state)];
}

/// A depth message as the book needs it; see messages::DepthUpdate for the ids.
struct DepthInput {
    bool snapshot = false;
    std::uint64_t first_id = 0;
    std::uint64_t last_id = 0;
    std::int64_t previous_id = -1;
    UnixNanos received;
    UnixNanos venue_time;
    std::span<const Level> bids;
    std::span<const Level> asks;
};

/// Best bid and ask as the venue sends them.
struct QuoteInput {
    std::uint64_t update_id =
        0;  ///< 0 = the venue numbers its quotes not or otherwise: no fusing, no comparing
    UnixNanos received;
    UnixNanos venue_time;
    Level bid;
    Level ask;
};

/// What a message did to the book.
struct Applied {
    bool top_changed = false;     ///< the fused best bid or ask is another
    bool depth_changed = false;   ///< any level may have changed
    bool gap = false;             ///< this message showed that something is missing
    bool needs_snapshot = false;  ///< REST snapshot (Binance) or resubscription (OKX, Bybit) wanted
};

struct BookCounters {
    std::uint64_t depth_applied = 0;
    std::uint64_t depth_dropped = 0;  ///< older than the snapshot, or seen already
    std::uint64_t gaps = 0;
    std::uint64_t quotes_compared = 0;  ///< rebuilt book against the venue's quote with the same id
    std::uint64_t quotes_equal = 0;
    std::uint64_t crossed = 0;  ///< times the book became crossed
    template <class Archive>
    void describe(Archive& a) {
        a(depth_applied, depth_dropped, gaps, quotes_compared, quotes_equal, crossed);
    }
};

/// The order book of one feed: OrderBook plus sequence rules, buffering before the snapshot, and
/// the venue's own best bid/ask laid over the depth while it is newer. Single-threaded. Applying to
/// a live book allocates only when the book grows.
class FeedBook {
public:
    explicit FeedBook(GapPolicy policy) noexcept : policy_{policy} {}

    Applied on_depth(const DepthInput& update);
    Applied on_quote(const QuoteInput& quote);
    /// Marks the book stale when nothing came since `oldest`; true when the state changed.
    bool expire(UnixNanos oldest) noexcept;
    /// A checksum showed that the book is wrong: counts as a gap.
    void invalidate() noexcept;
    /// The feed is gone: levels are dropped, the next snapshot starts over.
    void reset() noexcept;
    /// Multiplies every number held. Where one does not fit, the book is reset and waits for a new
    /// snapshot: false.
    bool rescale(std::int64_t price_factor, std::int64_t quantity_factor) noexcept;

    [[nodiscard]] BookState state() const noexcept;
    [[nodiscard]] bool tradable() const noexcept {
        return sync_ == BookState::Live && !stale_ && !crossed_;
    }

    /// Fused best level of a side (quantity 0 when there is none): the venue's quote while it is
    /// newer than the depth.
    [[nodiscard]] Level best_bid() const noexcept {
        return quote_is_newer() ? quote_.bid : depth_.best_bid();
    }
    [[nodiscard]] Level best_ask() const noexcept {
        return quote_is_newer() ? quote_.ask : depth_.best_ask();
    }
    [[nodiscard]] Level best(Side side) const noexcept {
        return side == Side::Buy ? best_bid() : best_ask();
    }

    /// Walks the fused levels of a side from the best outwards: the newer quote first, then the
    /// depth levels strictly behind it. Valid until the next change of the book.
    class Cursor {
    public:
        Cursor() = default;
        Cursor(const FeedBook& book, Side side) noexcept : it_{book.depth_.side(side)} {
            if (!book.quote_is_newer()) return;
            top_ = side == Side::Buy ? book.quote_.bid : book.quote_.ask;
            // An empty quoted side has nothing; a quoted level hides everything at or before its
            // price.
            while (!it_.done() && !top_.quantity.is_zero() &&
                   !behind((*it_).price, top_.price, side))
                ++it_;
        }
        [[nodiscard]] bool done() const noexcept { return top_.quantity.is_zero() && it_.done(); }
        [[nodiscard]] Level operator*() const noexcept {
            return top_.quantity.is_zero() ? *it_ : top_;
        }
        Cursor& operator++() noexcept {
            if (!top_.quantity.is_zero()) {
                top_.quantity = Quantity{};
            } else {
                ++it_;
            }
            return *this;
        }

    private:
        static bool behind(Price price, Price top, Side side) noexcept {
            return side == Side::Buy ? price < top : price > top;
        }
        LevelStore::Cursor it_;
        Level top_;
    };
    [[nodiscard]] Cursor cursor(Side side) const noexcept { return Cursor{*this, side}; }

    [[nodiscard]] const OrderBook& depth() const noexcept { return depth_; }
    [[nodiscard]] std::uint64_t last_id() const noexcept { return last_id_; }
    [[nodiscard]] UnixNanos received() const noexcept {
        return received_;
    }  ///< of the newest message
    [[nodiscard]] UnixNanos venue_time() const noexcept {
        return venue_time_;
    }  ///< of the newest message that had one
    [[nodiscard]] const BookCounters& counters() const noexcept { return counters_; }
    [[nodiscard]] GapPolicy policy() const noexcept { return policy_; }
    [[nodiscard]] std::size_t memory_bytes() const noexcept;

    template <class Archive>
    void describe(Archive& a) {
        a(policy_, sync_, stale_, crossed_, fresh_, last_id_, numbered_since_, received_,
          venue_time_, depth_, quote_.update_id, quote_.received, quote_.venue_time,
          quote_.bid.price, quote_.bid.quantity, quote_.ask.price, quote_.ask.quantity, counters_,
          waiting_, waiting_levels_, recent_);
    }

private:
    struct Waiting {  ///< a delta that waits for its snapshot; levels lie in waiting_levels_
        std::uint64_t first_id = 0;
        std::uint64_t last_id = 0;
        std::int64_t previous_id = -1;
        std::int64_t received = 0;
        std::int64_t venue_time = 0;
        std::uint32_t bids = 0;
        std::uint32_t asks = 0;
    };
    struct Recent {  ///< a quote that came before its depth update
        std::uint64_t update_id = 0;
        std::int64_t bid = 0, bid_quantity = 0, ask = 0, ask_quantity = 0;
    };
    enum class Step : std::uint8_t { Apply, Ignore, Gap };

    [[nodiscard]] bool quote_is_newer() const noexcept { return quote_.update_id > last_id_; }
    /// The snapshot comes in the stream itself, so that what follows joins it exactly, and ids may
    /// start over. Otherwise it is the answer to a request, and ids only grow.
    [[nodiscard]] bool snapshot_in_stream() const noexcept {
        return policy_ != GapPolicy::FirstIsNext && policy_ != GapPolicy::PreviousId;
    }
    [[nodiscard]] bool whole(const DepthInput& update) const noexcept {
        return update.snapshot || policy_ == GapPolicy::SnapshotOnly ||
               (policy_ == GapPolicy::NextId && update.last_id == 1);
    }
    [[nodiscard]] Step judge(const DepthInput& update) const noexcept;
    Applied load_snapshot(const DepthInput& snapshot);
    void wait(const DepthInput& update);
    [[nodiscard]] std::size_t first_joining() const noexcept;
    void drop_waiting() noexcept;
    void move_to(const DepthInput& update) noexcept;
    void commit(const DepthInput& update);
    void compare(std::uint64_t id, Level bid, Level ask) noexcept;
    void compare_recent() noexcept;
    void touch(UnixNanos received, UnixNanos venue_time) noexcept;
    Applied finish(Level old_bid, Level old_ask, Applied result) noexcept;

    GapPolicy policy_;
    BookState sync_ = BookState::Empty;  ///< Empty, Syncing, Live or Gap
    bool stale_ = false;
    bool crossed_ = false;
    bool fresh_ = false;  ///< Live, but no delta since the snapshot
    std::uint64_t last_id_ = 0;
    UnixNanos numbered_since_;  ///< venue time at which the ids last started over; older quotes do
                                ///< not compare
    UnixNanos received_;
    UnixNanos venue_time_;
    OrderBook depth_;
    QuoteInput quote_;
    BookCounters counters_;
    std::vector<Waiting> waiting_;
    std::vector<Level> waiting_levels_;
    std::vector<Recent> recent_;  ///< rising ids, waiting for their depth update
};

}  // namespace parallax::book
