#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/instrument.hpp"
#include "core/market.hpp"
#include "core/price.hpp"
#include "core/time.hpp"
#include "runtime/random.hpp"
#include "sim/market/config.hpp"
#include "sim/market/frames.hpp"
#include "sim/market/synthetic_book.hpp"
#include "sim/prices/deviation.hpp"
#include "sim/prices/fair_price.hpp"
#include "sim/prices/listings.hpp"

namespace parallax::sim_market {

using sim_prices::FairPrice;

/// One raw message as it reaches this host. Bytes are valid until the next call of next().
struct Frame {
    UnixNanos received;
    Market market{};
    std::string_view bytes;
    /// The venue symbol when `bytes` is a REST depth body (Binance), which does not say so itself;
    /// else empty.
    std::string_view snapshot_of;
};

struct MarketCounters {
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;
    std::uint64_t beats = 0;   ///< changes of books
    std::uint64_t shocks = 0;  ///< times a listing fell out of line
    std::uint64_t gaps = 0;    ///< faults
    std::uint64_t duplicates = 0;
    std::uint64_t crossed = 0;
    std::uint64_t stalls = 0;
};

/// Endless public market data of Binance, OKX and Bybit from a seed: the raw frames that their
/// sockets would bring, in order of receipt. First a snapshot of each book, then contiguous updates
/// at each venue's cadence (Binance depth 100 ms and every bookTicker; OKX books 100 ms and bbo-tbt
/// at most every 10 ms; Bybit orderbook.50 every 20 ms), trades as they happen, mark prices each
/// second.
///
/// Behind it: fair prices (FairPrice); each listing's own slowly wandering basis, its lag behind
/// the leading venue and sudden shocks that die out in about a second; a book kept around the
/// result. Same config and seed, same bytes.
class SyntheticMarket {
public:
    SyntheticMarket(const Config& config, std::uint64_t seed);
    SyntheticMarket(const SyntheticMarket&) = delete;
    SyntheticMarket& operator=(const SyntheticMarket&) = delete;

    /// Definitions to list before the first frame, in a fixed order.
    [[nodiscard]] std::vector<InstrumentDefinition> instruments() const;
    /// The next frame by time. Allocates nothing once the largest messages have been seen.
    void next(Frame& out);
    /// A new snapshot of a book comes soon, as after a REST request or a resubscription. False: no
    /// such listing.
    bool resync(Market market, std::string_view venue_symbol);

    /// One side of a listing's true book now, best first: prices and quantities in steps of the
    /// definition's tick and lot decimals, quantities in the venue's unit. For tests and screens.
    [[nodiscard]] std::vector<Level> levels(Market market, std::string_view venue_symbol,
                                            Side side) const;
    [[nodiscard]] const MarketCounters& counters() const noexcept { return counters_; }

private:
    struct Source {  ///< one listing at work
        Listing listing;
        FrameNames names;
        SyntheticBook book;
        runtime::Random random;
        sim_prices::Deviation deviation;
        std::int64_t venue_ns = 0;  ///< last matching time, never falls
        std::int64_t next_beat = 0;
        std::int64_t next_depth = 0;  ///< earliest time of the next depth message
        std::int64_t next_quote = 0;
        std::int64_t next_mark = 0;
        std::int64_t next_funding = 0;
        std::int64_t last_id = 0;  ///< of the last depth message
        std::uint64_t packet = 1;  ///< Bybit u
        std::uint64_t trade_id = 0;
        Ladder::Rung quoted_bid;
        Ladder::Rung quoted_ask;
        bool first_mark = true;
        bool snapshot_wanted = true;

        Source(Listing l, std::uint64_t seed, std::int64_t start_ns);
        [[nodiscard]] Market market() const noexcept { return listing.definition.market; }
        [[nodiscard]] Venue venue() const noexcept { return venue_of(market()); }
    };
    struct Turn {  ///< of the schedule: when a source acts next
        std::int64_t at;
        std::uint32_t source;
    };
    struct Pending {
        std::int64_t received;
        std::uint32_t source;
        std::size_t begin;
        std::size_t size;
        bool snapshot;
    };

    void act();
    void act(Source& source, std::int64_t now);
    void shake(std::int64_t now);
    [[nodiscard]] double middle_ticks(Source& source, std::int64_t now);
    void move_time(Source& source, std::int64_t now);
    void beat(Source& source, std::int64_t now);
    void send_trades(Source& source, std::int64_t now);
    void send_snapshot(Source& source, std::int64_t now);
    void send_quote(Source& source, std::int64_t now);
    void send_depth(Source& source, std::int64_t now);
    void send_marks(Source& source, std::int64_t now);
    [[nodiscard]] bool quoted(const Source& source) const noexcept;
    [[nodiscard]] std::int64_t next_turn(const Source& source) const noexcept;
    [[nodiscard]] FrameTimes times(const Source& source) const noexcept;
    [[nodiscard]] Funding funding(const Source& source, std::int64_t now) const noexcept;
    [[nodiscard]] const Source* find(Market market, std::string_view venue_symbol) const noexcept;
    template <class Write>
    void emit(const Source& source, std::int64_t now, Write&& write, bool snapshot = false);

    Config config_;
    FairPrice fair_;
    runtime::Random random_;  ///< of shocks and stalls
    std::vector<Source> sources_;
    std::vector<Turn> schedule_;  ///< heap, earliest first
    std::int64_t shaken_ = 0;     ///< grid index up to which shocks and stalls were drawn
    std::array<std::int64_t, kMarketCount> silent_until_{};
    std::vector<char> text_;  ///< of the frames waiting
    std::size_t used_ = 0;
    std::vector<Pending> pending_;
    std::size_t taken_ = 0;
    MarketCounters counters_;
};

}  // namespace parallax::sim_market
