#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "book/book_set.hpp"
#include "core/archive.hpp"
#include "core/fees.hpp"
#include "core/instrument.hpp"
#include "messages/market.hpp"
#include "messages/scanner.hpp"
#include "messages/trade.hpp"
#include "services/scanner/alignment.hpp"
#include "services/scanner/basis.hpp"
#include "services/scanner/config.hpp"
#include "services/scanner/conversion.hpp"
#include "services/scanner/cross_table.hpp"
#include "services/scanner/cycles.hpp"
#include "services/scanner/episodes.hpp"
#include "services/scanner/estimators.hpp"
#include "services/scanner/guards.hpp"
#include "services/scanner/joint_optimum.hpp"
#include "services/scanner/net_ladder.hpp"
#include "services/scanner/waterfall.hpp"

namespace parallax::scanner {

/// Every candidate is counted once each time it is looked at; only what changed is also emitted.
struct Counts {
    std::uint64_t seen = 0;       ///< looks that found a positive raw edge
    std::uint64_t signalled = 0;
    std::array<std::uint64_t, messages::kReasonCount> refused{};  ///< by ReasonCode
    template <class Archive>
    void describe(Archive& a) { a(seen, signalled, refused); }
};

/// Finds, sizes and prices opportunities. A state machine: reads books that market_data keeps, takes time from
/// events, and leaves opportunities and episodes in its outputs until clear_outputs(). One thread.
///
/// Life: on_listed() for each instrument once the universe and the book set have it (again when its rules change);
/// then events in order; close_all() at the end of data.
class Service {
public:
    /// All four must outlive the service.
    Service(const Universe& universe, const book::BookSet& books, const FeeSchedule& fees, const Config& config);

    void on_listed(InstrumentId id);
    /// After universe and books have been rescaled.
    void on_rescale(const Rescale& change);
    /// The fused top, the depth or the tradability of a book changed. Hot.
    void on_book(InstrumentId id, UnixNanos now);
    void on(const messages::MarkPrice& mark);
    void on(const messages::TradePrint& trade);
    void on(const messages::FeedStatus& status);
    void on(const messages::ClockTick& tick);
    void on(const messages::PlanUpdate& update);
    /// What may be spent of an asset in a wallet. An amount never set is 0, or unlimited with unlimited_balances.
    void set_balance(Market wallet, AssetId asset, Amount available);
    /// End of data: open episodes are closed as censored.
    void close_all(UnixNanos now);

    [[nodiscard]] std::span<const messages::Opportunity> opportunities() const noexcept { return opportunities_; }
    [[nodiscard]] std::span<const messages::Episode> episodes() const noexcept { return episodes_.closed(); }
    void clear_outputs() noexcept;

    [[nodiscard]] const Counts& counts() const noexcept { return counts_; }
    [[nodiscard]] std::array<SurvivalRow, EpisodeBook::kKinds> survival() const noexcept { return episodes_.report(); }
    [[nodiscard]] std::size_t cycle_count() const noexcept { return cycles_.size(); }
    [[nodiscard]] std::size_t basis_pair_count() const noexcept { return pairs_.size(); }

    template <class Archive>
    void describe(Archive& a);

private:
    static constexpr std::uint32_t kNone = ~0u;
    static constexpr std::uint32_t kCycleLane = 1u << 30;  ///< lane number = this + cycle
    static constexpr std::uint32_t kPairLane = 2u << 30;   ///< lane number = this + basis pair
    static constexpr std::size_t kMostSignals = 4'096;

    /// What the hot path needs of an instrument.
    struct Track {
        const book::FeedBook* book = nullptr;
        std::uint32_t group = kNone;
        std::uint8_t row = 0;
        bool listed = false;
        bool cycles = false;
        bool source = false;
        bool live = false;  ///< its prices stand in the tables
        bool trading = false;
        Market market{};
        Price bid, ask;
        QueueDelay queue;
        template <class Archive>
        void describe(Archive& a) { a(live, bid, ask, queue); }
    };
    /// What is known of an instrument beside its book.
    struct Observed {
        QuoteRing ring;
        Volatility volatility;
        FundingForecast funding;
        template <class Archive>
        void describe(Archive& a) { a(ring, volatility, funding); }
    };
    /// What is remembered of one place to find opportunities, so that it neither signals twice nor reports each tick.
    struct Lane {
        OpportunityId holder;          ///< signalled last
        UnixNanos busy_until;          ///< its time to live
        UnixNanos cooldown_until;
        UnixNanos reported_at;
        std::int64_t reported_rate = 0;
        messages::ReasonCode reported{};
        bool plan_open = false;
        bool crossed = false;          ///< raw edge positive at the last look
        bool fresh = true;             ///< not reported since it crossed
        std::uint32_t open = 0;        ///< episodes
        [[nodiscard]] bool untouched() const noexcept { return fresh && !crossed && !holder.valid() && !reported_at.known(); }
        template <class Archive>
        void describe(Archive& a) {
            a(holder, busy_until, cooldown_until, reported_at, reported_rate, reported, plan_open, crossed, fresh, open);
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
    /// Spot listings of one base asset whose quotes are one asset or convertible into one.
    struct Group {
        AssetId base;
        AssetId quote;   ///< what it is counted in
        bool dollars = false;
        std::uint8_t price_decimals = 0;
        std::uint8_t quantity_decimals = 0;
        std::uint8_t fraction = 0;  ///< binary digits of net prices behind the scale's unit
        CrossTable table;           ///< prices before fees
        std::vector<Row> rows;
        Lane lane;
    };
    struct BasisPair {
        InstrumentId cash;    ///< spot, or the first derivative
        InstrumentId future;
        messages::OpportunityKind kind{};
        OuFit fit;
        UnixNanos looked;
        Lane lane;
        template <class Archive>
        void describe(Archive& a) { a(fit, looked, lane); }
    };
    struct Balance {
        Amount available;
        Rate shadow;
        bool known = false;
        template <class Archive>
        void describe(Archive& a) { a(available, shadow, known); }
    };
    /// A signal whose plan has not ended.
    struct Signal {
        OpportunityId id;
        std::uint32_t lane = 0;
        messages::OpportunityKind kind{};
        Market buy{}, sell{};
        UnixNanos forget;
        template <class Archive>
        void describe(Archive& a) { a(id, lane, kind, buy, sell, forget); }
    };
    /// An opportunity being built.
    struct Draft {
        messages::Opportunity out;
        std::array<PricedLeg, messages::kMaxLegs> legs;
        std::array<Amount, messages::kMaxLegs> values;  ///< in the value asset
        std::size_t count = 0;
        std::uint32_t lane = 0;
        [[nodiscard]] std::span<PricedLeg> all() noexcept { return {legs.data(), count}; }
        [[nodiscard]] std::span<const PricedLeg> all() const noexcept { return {legs.data(), count}; }
        void refuse(messages::ReasonCode code, std::int64_t value, std::int64_t limit, std::size_t leg = 0) noexcept {
            if (!out.reason.none()) return;
            out.reason = {code, value, limit};
            out.reason_leg = static_cast<std::uint8_t>(leg);
        }
    };
    struct NetBest {
        std::int64_t bid = CrossTable::kNoBid, ask = CrossTable::kNoAsk;
        std::size_t bid_row = 0, ask_row = 0;
        [[nodiscard]] bool crossed() const noexcept { return bid > ask; }
    };

    // service.cpp: wiring, balances, time, plans
    void apply_listing(InstrumentId id);
    void join_group(InstrumentId id);
    void pair_up(InstrumentId id);
    void place(Group& group, const Track& track);
    void withdraw(InstrumentId id, Track& track, UnixNanos now);
    void refresh(Group& group, bool refit = true);
    void refresh_row(Group& group, Row& row);
    void fit_fraction(Group& group) noexcept;
    void refresh_all(bool refit = true);
    void prepare_cycles();
    void reprice_asset(AssetId asset);
    void refresh_quotes();
    [[nodiscard]] Balance& balance(Market wallet, AssetId asset);
    [[nodiscard]] Amount available(Market market, AssetId asset) const noexcept;
    [[nodiscard]] Rate shadow(Market market, AssetId quote, AssetId base) const noexcept;
    [[nodiscard]] bool tradable(const Track& track) const noexcept;
    [[nodiscard]] Lane& lane(std::uint32_t number) noexcept;
    void learn(const Signal& signal, const messages::PlanUpdate& update);
    void second_passed(UnixNanos now);

    // service_cross.cpp: one base asset over venues
    void scan_group(std::uint32_t number, UnixNanos now);
    [[nodiscard]] NetBest net_best(const Group& group, std::uint32_t rows) const noexcept;
    [[nodiscard]] std::uint32_t fresh_rows(const Group& group, UnixNanos now) const noexcept;
    void size_group(std::uint32_t number, UnixNanos now, const NetBest& best, std::uint32_t rows, bool stale);
    void look_at_top(std::uint32_t number, UnixNanos now, const NetBest& best);
    [[nodiscard]] bool draft_top(const Group& group, const NetBest& best, Draft& draft) const noexcept;
    std::size_t build_ladder(const Group& group, std::size_t row, Side side, std::int64_t stop,
                             std::span<NetLevel> out, NetLadder& ladder, bool& starved) const noexcept;
    bool draft_orders(const Group& group, const Optimum& optimum, Draft& draft) const noexcept;
    void touch_episode(std::uint32_t number, UnixNanos now, const NetBest& best, const Draft& draft);
    void close_group_episodes(std::uint32_t number, UnixNanos now);

    // service_cycles.cpp
    void scan_cycles(InstrumentId id, UnixNanos now);
    void look_at_cycle(std::uint32_t number, UnixNanos now);
    void settle_cycles(UnixNanos now);
    [[nodiscard]] std::size_t cycle_markets(const Cycle& cycle, std::span<CycleMarket> out) const noexcept;
    void refuse_cycle(Draft& draft, std::span<const CycleMarket> markets, messages::ReasonCode obstacle,
                      std::uint8_t leg, UnixNanos now);
    void draft_cycle(std::uint32_t number, std::span<const CycleMarket> markets, const CycleRun& run, Draft& draft) const;

    // service_basis.cpp
    void look_at_pair(std::uint32_t number, UnixNanos now);
    void look_at_direction(std::uint32_t number, UnixNanos now, bool sell_future);
    [[nodiscard]] BasisOutlook outlook(const BasisPair& pair, UnixNanos now, bool sell_future) const noexcept;
    [[nodiscard]] bool draft_pair(const BasisPair& pair, bool sell_future, Draft& draft) const noexcept;

    // service_report.cpp: probabilities, guards, the reason, the output
    [[nodiscard]] PricedLeg priced(InstrumentId id, Side side, Quantity quantity, AssetId value_asset) const noexcept;
    [[nodiscard]] Nanos age_of(InstrumentId id, UnixNanos now) const noexcept;
    [[nodiscard]] Nanos allowed_age(InstrumentId id) const noexcept;
    void check_ages(Draft& draft, UnixNanos now, Nanos allowed_skew, Nanos allowed_override);
    void price_risk(Draft& draft);
    void set_aligned(Draft& draft) const noexcept;
    [[nodiscard]] LegOdds odds_for(messages::OpportunityKind kind, InstrumentId buy, InstrumentId sell,
                                   std::size_t legs) noexcept;
    void decide(Draft& draft, UnixNanos now);
    void settle_reason(Draft& draft, const Lane& lane, UnixNanos now) const noexcept;
    [[nodiscard]] bool due(const Lane& lane, messages::ReasonCode code, std::int64_t rate, UnixNanos now) const noexcept;
    void emit(Draft& draft, Lane& lane, UnixNanos now);
    void count(messages::ReasonCode code) noexcept;

    template <class Archive>
    void describe_cycle_lanes(Archive& a);

    const Universe& universe_;
    const book::BookSet& books_;
    const FeeSchedule& fees_;
    const Config& config_;

    // Made from the listings; the order of arrival decides.
    std::vector<InstrumentId> listed_;
    std::vector<Track> tracks_;        ///< by instrument
    std::vector<Group> groups_;
    CycleIndex cycles_;
    bool cycles_stale_ = false;        ///< the index must be built before its next use
    std::vector<BasisPair> pairs_;

    // State.
    std::vector<Observed> observed_;   ///< by instrument
    Conversions conversions_;
    std::vector<Lane> cycle_lanes_;    ///< by cycle
    std::vector<std::uint32_t> crossed_cycles_;
    std::array<bool, kMarketCount> down_{};
    std::vector<Balance> balances_;    ///< by asset x market
    std::vector<Signal> signals_;
    RouteEstimates estimates_;
    EpisodeBook episodes_;
    Counts counts_;
    std::uint64_t next_id_ = 1;
    UnixNanos last_second_;

    // Outputs and scratch: not state.
    std::vector<messages::Opportunity> opportunities_;
    std::vector<NetLevel> levels_;
};

template <class Archive>
void Service::describe(Archive& a) {
    std::vector<InstrumentId> listed = listed_;
    a(listed);
    if constexpr (Archive::kReading) {
        for (const InstrumentId id : listed) {
            if (id.valid() && id.index() < universe_.instruments().size() && books_.contains(id)) on_listed(id);
        }
        prepare_cycles();
    }
    for (Track& track : tracks_) a(track);
    for (Observed& observed : observed_) a(observed);
    for (Group& group : groups_) a(group.fraction, group.lane);
    for (BasisPair& pair : pairs_) a(pair);
    a(conversions_, down_, balances_, signals_, estimates_, episodes_, counts_, next_id_, last_second_,
      crossed_cycles_);
    describe_cycle_lanes(a);
    if constexpr (Archive::kReading) refresh_all(false);
}

/// Of many cycles few were ever of interest: only those are written.
template <class Archive>
void Service::describe_cycle_lanes(Archive& a) {
    std::vector<std::uint32_t> used;
    for (std::uint32_t i = 0; i < cycle_lanes_.size(); ++i) {
        if (!cycle_lanes_[i].untouched()) used.push_back(i);
    }
    a(used);
    for (const std::uint32_t i : used) {
        Lane unknown;
        a(i < cycle_lanes_.size() ? cycle_lanes_[i] : unknown);
    }
}

}  // namespace parallax::scanner
