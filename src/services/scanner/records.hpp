#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "book/feed_book.hpp"
#include "core/instrument.hpp"
#include "messages/scanner.hpp"
#include "services/scanner/alignment.hpp"
#include "services/scanner/basis.hpp"
#include "services/scanner/cross_table.hpp"
#include "services/scanner/episodes.hpp"
#include "services/scanner/estimate.hpp"
#include "services/scanner/estimators.hpp"
#include "services/scanner/footprint.hpp"
#include "services/scanner/guards.hpp"
#include "services/scanner/joint_optimum.hpp"
#include "services/scanner/lots.hpp"
#include "services/scanner/net_ladder.hpp"
#include "services/scanner/waterfall.hpp"

// What the scanner keeps of instruments, groups, pairs and signals. Plain records: service.hpp says
// who writes them.

namespace parallax::scanner {

inline constexpr std::uint32_t kNone = ~0u;
inline constexpr std::uint32_t kCycleLane = 1u << 30;  ///< lane number = this + cycle
inline constexpr std::uint32_t kPairLane = 2u << 30;   ///< lane number = this + basis pair

/// What the hot path needs of an instrument.
struct Track {
    const book::FeedBook* book = nullptr;
    std::uint32_t group = kNone;
    std::uint8_t row = 0;
    bool listed = false;
    bool cycles = false;
    bool source = false;
    bool live = false;      ///< its prices stand in the tables
    bool recovers = false;  ///< how it comes back from our orders is being measured
    bool trading = false;
    bool spot = false;
    Market market{};
    Nanos conflation;  ///< half of it is added to ages
    Nanos allowed_age;
    Price bid, ask;
    QueueDelay queue;
    template <class Archive>
    void describe(Archive& a) {
        a(live, recovers, bid, ask, queue);
    }
};
/// What is known of an instrument beside its book.
struct Observed {
    QuoteRing ring;
    Volatility volatility;
    FundingForecast funding;
    DailyVolume volume;
    std::array<Footprint, 2> taken;  ///< by the side of our orders
    template <class Archive>
    void describe(Archive& a) {
        a(ring, volatility, funding, volume, taken[0], taken[1]);
    }
};
/// What is remembered of one place to find opportunities, so that it neither signals twice nor
/// reports each tick.
struct Lane {
    OpportunityId holder;  ///< signalled last
    UnixNanos busy_until;  ///< its time to live
    UnixNanos cooldown_until;
    UnixNanos reported_at;
    std::int64_t reported_rate = 0;
    messages::ReasonCode reported{};
    bool plan_open = false;
    bool crossed = false;    ///< raw edge positive at the last look
    bool fresh = true;       ///< not reported since it crossed
    std::uint32_t open = 0;  ///< episodes
    [[nodiscard]] bool untouched() const noexcept {
        return fresh && !crossed && !holder.valid() && !reported_at.known();
    }
    template <class Archive>
    void describe(Archive& a) {
        a(holder, busy_until, cooldown_until, reported_at, reported_rate, reported, plan_open,
          crossed, fresh, open);
    }
};
/// One listing of a group: how its prices become net.
struct Row {
    InstrumentId id;
    NetTerms terms;
    Multiplier gross_bid, gross_ask, net_bid, net_ask;
    std::int64_t factor = 1;       ///< quantities: own scale to the group's
    std::int64_t price_limit = 0;  ///< a higher raw price needs another fraction
    unsigned digits = 0;           ///< prices: own scale to the group's
    bool usable = false;           ///< convertible into the group's quote
};
struct Assessment;

/// Spot listings of one base asset whose quotes are one asset or convertible into one.
struct Group {
    AssetId base;
    AssetId quote;  ///< what it is counted in
    bool dollars = false;
    std::uint8_t price_decimals = 0;
    std::uint8_t quantity_decimals = 0;
    std::uint8_t fraction = 0;  ///< binary digits of net prices behind the scale's unit
    CrossTable table;           ///< prices before fees
    std::vector<Row> rows;
    Lane lane;
    std::int64_t most_at = 0;  ///< net ask that max_value was divided by last, and what it buys
    std::int64_t most = 0;
    std::unique_ptr<Assessment> assessed;  ///< a memo, not state
    void forget() noexcept;                ///< what was assessed holds no more
};
/// A basis position as its plans filled it.
struct Holding {
    Quantity cash, future;     ///< of each leg; both 0 = none
    bool sell_future = false;  ///< short the future
    UnixNanos opened;
    [[nodiscard]] bool any() const noexcept { return !cash.is_zero() && !future.is_zero(); }
    template <class Archive>
    void describe(Archive& a) {
        a(cash, future, sell_future, opened);
    }
};
struct BasisPair {
    InstrumentId cash;  ///< spot, or the first derivative
    InstrumentId future;
    messages::OpportunityKind kind{};
    OuFit fit;
    UnixNanos looked;
    Lane lane;
    Holding holding;
    template <class Archive>
    void describe(Archive& a) {
        a(fit, looked, lane, holding);
    }
};
struct Balance {
    Amount available;
    Rate shadow;
    bool known = false;
    template <class Archive>
    void describe(Archive& a) {
        a(available, shadow, known);
    }
};
/// A signal whose plan has not ended.
struct Signal {
    OpportunityId id;
    std::uint32_t lane = 0;
    messages::OpportunityKind kind{};
    Market buy{}, sell{};
    UnixNanos forget;
    bool exit = false;                             ///< closes a basis position
    bool sell_future = false;                      ///< of a basis position
    std::array<Price, messages::kMaxLegs> best{};  ///< of each leg at detection
    std::array<SymbolId, messages::kMaxLegs> symbols{};
    template <class Archive>
    void describe(Archive& a) {
        a(id, lane, kind, buy, sell, forget, exit, sell_future);
        for (std::size_t i = 0; i < best.size(); ++i) a(best[i], symbols[i]);
    }
};
/// An opportunity being built.
struct Draft {
    messages::Opportunity out;
    std::array<PricedLeg, messages::kMaxLegs> legs;
    std::array<Amount, messages::kMaxLegs> values;  ///< in the value asset
    std::size_t count = 0;
    std::uint32_t lane = 0;
    bool exit = false;         ///< closes a basis position
    bool forced = false;       ///< and at any price
    bool sell_future = false;  ///< of a basis pair: which way the position stands
    /// Empty again, for a lane: what is only added to is cleared, all else is written before it is
    /// read.
    void restart(std::uint32_t number) noexcept {
        out.capital = {};
        out.reason = {};
        out.reason_leg = 0;
        std::fill_n(values.begin(), count, Amount{});
        count = 0;
        lane = number;
        exit = forced = sell_future = false;
    }
    [[nodiscard]] std::span<PricedLeg> all() noexcept { return {legs.data(), count}; }
    [[nodiscard]] std::span<const PricedLeg> all() const noexcept { return {legs.data(), count}; }
    /// Every leg found something in its book.
    [[nodiscard]] bool complete() const noexcept {
        for (const PricedLeg& leg : all()) {
            if (leg.walk.base <= Amount{}) return false;
        }
        return true;
    }
    void refuse(messages::ReasonCode code, std::int64_t value, std::int64_t limit,
                std::size_t leg = 0) noexcept {
        if (!out.reason.none()) return;
        out.reason = {code, value, limit};
        out.reason_leg = static_cast<std::uint8_t>(leg);
    }
};

/// Best net prices of a group and whose they are.
struct NetBest {
    std::int64_t bid = CrossTable::kNoBid, ask = CrossTable::kNoAsk;
    std::size_t bid_row = 0, ask_row = 0;
    [[nodiscard]] bool crossed() const noexcept { return bid > ask; }
};

/// The levels of one row a ladder was made of, and what ended it: while these stand, so does the
/// ladder.
struct SeenLevels {
    static constexpr std::size_t kMost = 6;
    std::array<Level, kMost> levels{};
    std::uint8_t count = 0;
    bool open_ended = true;  ///< no limit or balance ended it: the next level must still not beat
                             ///< the stop
    bool known = true;       ///< false: more levels than can be kept
    void clear() noexcept {  // the levels themselves may stay
        count = 0;
        open_ended = known = true;
    }
};

/// How a crossed group was sized, priced and judged last, and what that was made from. A function
/// of books, prices and estimates: holding it spares the work, changes no result and needs no
/// saving.
///
/// While it is not `exact` its draft has orders, walks and rates, but no money yet: most looks need
/// no more.
struct Assessment {
    bool valid = false;
    std::uint64_t epoch = 0;  ///< of balances, estimates and volatilities
    std::uint32_t fresh = 0;  ///< rows whose books were young enough
    bool stale = false;       ///< with the fresh rows alone nothing crossed
    NetBest best;
    std::array<SeenLevels, CrossTable::kCapacity> asks{}, bids{};
    EpisodeBook::Open episode;
    std::uint32_t episode_at = 0;  ///< where it was found last
    Draft draft;
    bool exact = false;
    bool lasting = false;  ///< nothing in it decays with time
    RiskView risk;
    messages::Reason sizing;  ///< what stood in the way before ages and thresholds
    std::uint8_t sizing_leg = 0;
};

/// Room for sizing one group: nothing of it outlives a look.
struct Sizing {
    std::array<NetLadder, kMaxVenues> asks, bids;
    Optimum optimum;
    std::array<LotLeg, 2 * kMaxVenues> lots;
    std::array<std::size_t, 2 * kMaxVenues> rows;  ///< of the lots
    std::array<Walk, 2 * kMaxVenues> walks;        ///< of the lots, before they were rounded
};

inline void Group::forget() noexcept {
    if (assessed) assessed->valid = false;
}

}  // namespace parallax::scanner
