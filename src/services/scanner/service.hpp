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
#include "services/scanner/config.hpp"
#include "services/scanner/conversion.hpp"
#include "services/scanner/cycles.hpp"
#include "services/scanner/episodes.hpp"
#include "services/scanner/joint_optimum.hpp"
#include "services/scanner/records.hpp"

namespace parallax::scanner {

/// Every candidate is counted once each time it is looked at; only what changed is also emitted.
struct Counts {
    std::uint64_t seen = 0;  ///< looks that found a positive raw edge
    std::uint64_t signalled = 0;
    std::array<std::uint64_t, messages::kReasonCount> refused{};  ///< by ReasonCode
    template <class Archive>
    void describe(Archive& a) {
        a(seen, signalled, refused);
    }
};

/// Finds, sizes and prices opportunities. A state machine: reads books that market_data keeps,
/// takes time from events, and leaves opportunities and episodes in its outputs until
/// clear_outputs(). One thread.
///
/// Life: on_listed() for each instrument once the universe and the book set have it (again when its
/// rules change); then events in order; close_all() at the end of data.
class Service {
public:
    /// All four must outlive the service.
    Service(const Universe& universe, const book::BookSet& books, const FeeSchedule& fees,
            const Config& config);

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
    /// What may be spent of an asset in a wallet. An amount never set is 0, or unlimited with
    /// unlimited_balances.
    void set_balance(Market wallet, AssetId asset, Amount available);
    /// End of data: open episodes are closed as censored.
    void close_all(UnixNanos now);

    [[nodiscard]] std::span<const messages::Opportunity> opportunities() const noexcept {
        return opportunities_;
    }
    [[nodiscard]] std::span<const messages::Episode> episodes() const noexcept {
        return episodes_.closed();
    }
    void clear_outputs() noexcept;

    [[nodiscard]] const Counts& counts() const noexcept { return counts_; }
    [[nodiscard]] std::array<SurvivalRow, EpisodeBook::kKinds> survival(
        Horizon horizon = Horizon::Ever) const noexcept {
        return episodes_.report(horizon);
    }
    [[nodiscard]] std::size_t cycle_count() const noexcept { return cycles_.size(); }
    [[nodiscard]] std::size_t basis_pair_count() const noexcept { return pairs_.size(); }

    template <class Archive>
    void describe(Archive& a);

private:
    static constexpr std::size_t kNobody = ~std::size_t{0};  ///< no row was touched
    static constexpr auto kEach = [](const EpisodeBook::Open&) { return true; };
    static constexpr std::size_t kMostSignals = 4'096;

    // service_listings.cpp
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
    [[nodiscard]] messages::Reason why_untradable(const Track& track) const noexcept;
    [[nodiscard]] Lane& lane(std::uint32_t number) noexcept;
    void learn(const Signal& signal, const messages::PlanUpdate& update);
    void remember_footprint(const Signal& signal, const messages::PlanUpdate& update);
    void book_position(const Signal& signal, const messages::PlanUpdate& update);
    void second_passed(UnixNanos now);

    // service_cross.cpp: one base asset over venues
    void scan_group(std::uint32_t number, UnixNanos now, std::size_t touched);
    [[nodiscard]] NetBest net_best(const Group& group, std::uint32_t rows) const noexcept;
    [[nodiscard]] std::uint32_t fresh_rows(const Group& group, UnixNanos now) const noexcept;
    [[nodiscard]] bool still_holds(const Group& group, std::uint32_t fresh,
                                   std::size_t touched) const noexcept;
    [[nodiscard]] bool unchanged(const Row& row, Side side, const SeenLevels& seen,
                                 std::int64_t stop) const noexcept;
    void look_again(Group& group, UnixNanos now);
    void find_reason(Group& group, UnixNanos now);
    void size_group(std::uint32_t number, UnixNanos now, Assessment& memo, std::uint32_t rows);
    void refuse_unsized(Group& group, const Assessment& memo, bool starved,
                        std::span<const NetLadder> asks, Draft& draft) const noexcept;
    void look_at_top(std::uint32_t number, UnixNanos now);
    [[nodiscard]] bool draft_top(Group& group, const NetBest& best, Draft& draft) const noexcept;
    [[nodiscard]] std::int64_t most_quantity(Group& group, std::int64_t ask) const noexcept;
    std::size_t build_ladder(const Group& group, std::size_t row, Side side, std::int64_t stop,
                             std::int64_t limit, std::span<NetLevel> out, NetLadder& ladder,
                             SeenLevels& seen, bool& starved) const noexcept;
    bool draft_orders(const Group& group, Sizing& sizing, Draft& draft) const noexcept;
    void name_episode(std::uint32_t number, const NetBest& best,
                      EpisodeBook::Open& open) const noexcept;
    void touch_episode(Group& group, UnixNanos now);
    void close_group_episodes(std::uint32_t number, UnixNanos now);

    // service_cycles.cpp
    void scan_cycles(InstrumentId id, UnixNanos now);
    void look_at_cycle(std::uint32_t number, UnixNanos now);
    void settle_cycles(UnixNanos now);
    [[nodiscard]] std::size_t cycle_markets(const Cycle& cycle,
                                            std::span<CycleMarket> out) const noexcept;
    void refuse_cycle(Draft& draft, std::span<const CycleMarket> markets,
                      messages::ReasonCode obstacle, std::uint8_t leg, UnixNanos now);
    void draft_cycle(std::uint32_t number, std::span<const CycleMarket> markets,
                     const CycleRun& run, Draft& draft) const;

    // service_basis.cpp
    void look_at_pair(std::uint32_t number, UnixNanos now);
    void look_at_direction(std::uint32_t number, UnixNanos now, bool sell_future);
    [[nodiscard]] BasisOutlook outlook(const BasisPair& pair, UnixNanos now, bool sell_future,
                                       Nanos hold) const noexcept;
    // service_basis_exit.cpp
    void look_at_exit(std::uint32_t number, UnixNanos now);
    [[nodiscard]] bool draft_exit(const BasisPair& pair, Draft& draft) const noexcept;
    [[nodiscard]] bool draft_pair(const BasisPair& pair, bool sell_future,
                                  Draft& draft) const noexcept;

    // service_report.cpp: probabilities, guards, the reason, the output
    [[nodiscard]] PricedLeg priced(InstrumentId id, Side side, Quantity quantity,
                                   AssetId value_asset) const noexcept;
    void fill_leg(PricedLeg& leg, InstrumentId id, Side side, const Walk& walk,
                  AssetId value_asset) const noexcept;
    // service_estimate.cpp: money only where it can matter
    [[nodiscard]] bool estimate(Draft& draft, const RiskView& risk) const noexcept;
    void price_exactly(Assessment& memo) const noexcept;
    void price_pair(Draft& draft) const noexcept;
    [[nodiscard]] bool needs_money(const Assessment& memo, const Lane& lane,
                                   UnixNanos now) const noexcept;
    [[nodiscard]] Nanos age_of(InstrumentId id, UnixNanos now) const noexcept;
    void check_ages(Draft& draft, UnixNanos now, Nanos allowed_skew, Nanos allowed_override);
    [[nodiscard]] RiskView risk_of(const Draft& draft) noexcept;
    void price_risk(Draft& draft, const RiskView& risk, Amount impact) const noexcept;
    [[nodiscard]] Amount impact_of(const Draft& draft, UnixNanos now) const noexcept;
    // service_aligned.cpp
    void set_aligned(Draft& draft) const noexcept;
    void align_pair(Draft& draft) const noexcept;
    void align_cycle(Draft& draft) const noexcept;
    [[nodiscard]] UnixNanos common_time(const Draft& draft) const noexcept;
    [[nodiscard]] LegOdds odds_for(messages::OpportunityKind kind, InstrumentId buy,
                                   InstrumentId sell, std::size_t legs) noexcept;
    void assess(Draft& draft, const RiskView& risk, Amount impact) const noexcept;
    void conclude(Draft& draft, UnixNanos now);
    void publish(Draft& draft, Lane& lane, UnixNanos now);
    void decide(Draft& draft, UnixNanos now);
    void settle_reason(Draft& draft, const Lane& lane, UnixNanos now) const noexcept;
    [[nodiscard]] bool due(const Lane& lane, messages::ReasonCode code, std::int64_t rate,
                           UnixNanos now) const noexcept;
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
    std::vector<Track> tracks_;  ///< by instrument
    std::vector<Group> groups_;
    CycleIndex cycles_;
    bool cycles_stale_ = false;  ///< the index must be built before its next use
    std::vector<BasisPair> pairs_;

    // State.
    std::vector<Observed> observed_;  ///< by instrument
    Conversions conversions_;
    std::vector<Lane> cycle_lanes_;  ///< by cycle
    std::vector<std::uint32_t> crossed_cycles_;
    std::array<bool, kMarketCount> down_{};
    std::vector<Balance> balances_;  ///< by asset x market
    std::vector<Signal> signals_;
    RouteEstimates estimates_;
    EpisodeBook episodes_;
    Counts counts_;
    std::uint64_t next_id_ = 1;
    UnixNanos last_second_;

    std::array<double, kVenueCount> latency_roots_{};  ///< square roots of seconds

    // Outputs, scratch and what memos go by: not state.
    std::uint64_t epoch_ = 1;  ///< grows with every change of balances, estimates, volatilities
    std::vector<messages::Opportunity> opportunities_;
    std::vector<NetLevel> levels_;
    Sizing sizing_;
};

template <class Archive>
void Service::describe(Archive& a) {
    std::vector<InstrumentId> listed = listed_;
    a(listed);
    if constexpr (Archive::kReading) {
        for (const InstrumentId id : listed) {
            if (id.valid() && id.index() < universe_.instruments().size() && books_.contains(id))
                on_listed(id);
        }
        prepare_cycles();
    }
    for (Track& track : tracks_) a(track);
    for (Observed& observed : observed_) a(observed);
    for (Group& group : groups_) a(group.fraction, group.lane);
    for (BasisPair& pair : pairs_) a(pair);
    a(conversions_, down_, balances_, signals_, estimates_, episodes_, counts_, next_id_,
      last_second_, crossed_cycles_);
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
