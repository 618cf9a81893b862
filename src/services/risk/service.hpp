#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "book/book_set.hpp"
#include "core/fees.hpp"
#include "core/instrument.hpp"
#include "messages/market.hpp"
#include "messages/portfolio.hpp"
#include "messages/risk.hpp"
#include "messages/trade.hpp"
#include "ports/pre_trade_gate.hpp"
#include "ports/reservations.hpp"
#include "services/risk/config.hpp"
#include "services/risk/exposures.hpp"
#include "services/risk/gate.hpp"
#include "services/risk/limit_changes.hpp"
#include "services/risk/limits.hpp"
#include "services/risk/loss_ladder.hpp"
#include "services/risk/markouts.hpp"
#include "services/risk/order_table.hpp"
#include "services/risk/pegs.hpp"
#include "services/risk/rate_bucket.hpp"
#include "services/risk/recent_mean.hpp"
#include "services/risk/rolling_sum.hpp"
#include "services/risk/states.hpp"

namespace parallax::risk {

struct Counters {
    std::uint64_t checked = 0;  ///< intents asked about
    std::uint64_t approved = 0;
    std::uint64_t duplicates = 0;     ///< executions that were no news
    std::uint64_t late_fills = 0;     ///< executions after an order had ended
    std::uint64_t strange_fills = 0;  ///< executions of orders the gate does not know; booked
    std::uint64_t malformed = 0;      ///< events with impossible numbers; ignored
    template <class Archive>
    void describe(Archive& a) {
        a(checked, approved, duplicates, late_fills, strange_fills, malformed);
    }
};

/// What breakers know of a venue since it was last re-armed.
struct VenueRecord {
    RollingSum<std::int64_t, 60> orders{Nanos::seconds(1)};  ///< ended in the last minute
    RollingSum<std::int64_t, 60> rejects{Nanos::seconds(1)};
    Amount unreconciled;  ///< differences booked to suspense, value units
    template <class Archive>
    void describe(Archive& a) {
        a(orders, rejects, unreconciled);
    }
};

/// Sums beyond this many units are errors and could leave the range of Amount.
inline constexpr Amount kAbsurd = Amount::units(1'000'000'000'000'000);

/// The pre-trade gate and everything that can close it. Single-threaded. The universe must hold an
/// instrument before on_listed() tells of it; books may lag behind (their instruments are refused).
///
/// Balances are checked against Reservations::available before trading reserves: trading calls
/// check(), then reserve(), and retract() if that fails.
class Service final : public ports::PreTradeGate {
public:
    Service(const Universe& universe, const book::BookSet& books,
            const ports::Reservations& reservations, const FeeSchedule& fees, const Config& config);

    [[nodiscard]] messages::Verdict check(const ports::Intent& intent) noexcept override;
    void retract(std::span<const messages::OrderRequest> orders) noexcept override;

    void on(const messages::OrderEvent& event);
    void on(const messages::PlanUpdate& update);
    void on(const messages::Attribution& attribution);
    void on(const messages::MarkPrice& mark);
    /// Opening balances and every other move of money that is no fill; what goes to suspense halts
    /// its venue.
    void on(const messages::LedgerEntry& entry);
    /// A position that was there before us counts like one that was filled. Only what the ledger
    /// took.
    void on(const messages::PositionAdopted& adopted);
    void on(const messages::SetTradingState& command);
    /// Tighter limits apply at once, looser ones when a second person approves them.
    void on(const messages::ChangeLimits& command);
    void on(const messages::FeedStatus& status);
    void on(const messages::AccountStatus& status);
    /// The limits of a changed configuration, as its author wants them; a proposal is void.
    void set_limits(const Config& config) { apply_limits(config); }
    void on(const messages::ClockTick& tick);
    /// A new listing, or new rules of an old one.
    void on_listed(InstrumentId id);
    /// The scale of a symbol grew; the universe has the new one already.
    void on_rescale(const Rescale& change);

    [[nodiscard]] std::span<const messages::TradingStateChanged> state_changes() const noexcept {
        return changes_;
    }
    [[nodiscard]] std::span<const messages::LimitsChanged> limit_changes() const noexcept {
        return limit_changes_;
    }
    void clear_outputs() noexcept {
        changes_.clear();
        limit_changes_.clear();
        orders_.make_room();
    }

    [[nodiscard]] const Config& config() const noexcept { return config_; }
    [[nodiscard]] messages::TradingState state(messages::Scope scope) const noexcept {
        return states_.of(scope);
    }
    [[nodiscard]] const Exposures& exposures() const noexcept { return exposures_; }
    [[nodiscard]] std::size_t open_orders() const noexcept { return orders_.open_count(); }
    [[nodiscard]] const Config& limits() const noexcept { return config_; }
    [[nodiscard]] std::uint64_t limits_version() const noexcept { return version_; }
    [[nodiscard]] const Counters& counters() const noexcept { return counters_; }

    template <class Archive>
    void describe(Archive& a);  // for the archives of core/archive.hpp

private:
    static constexpr std::size_t kRememberedOpportunities = 4096;
    static constexpr std::size_t kRememberedPlans = 128;
    /// One order under examination, with what several checks need of it.
    struct Query {
        const ports::Intent& intent;
        const messages::OrderRequest& order;
        const Rules& rules;
        const InstrumentExposure& here;
        const book::FeedBook* book;  ///< null when there is none yet
        bool entry;
        std::size_t index;
        Amount base;
        Amount quote;
        Amount value;
        bool valued = false;
    };
    /// What the orders of one intent have in common.
    struct Totals {
        struct Need {
            Market wallet{};
            AssetId asset;
            Amount amount;
        };
        std::array<Need, messages::kMaxLegs * 2> needs;
        std::size_t need_count = 0;
        Amount value;
        Nanos youngest{INT64_MAX};
        Nanos oldest{0};
    };
    // The eleven predicates (checks.cpp), in the table's order: true = passed, else verdict_ says
    // why not.
    bool state_permits(const Query& q);
    bool instrument_permits(const Query& q);
    bool size_is_sane(const Query& q);
    bool price_is_near(const Query& q);
    bool money_is_there(const Query& q);
    bool exposure_fits(const Query& q);
    bool is_new(const Query& q);
    bool rate_allows(const Query& q);
    bool market_data_is_good(const Query& q);
    bool is_worth_it(const Query& q);
    bool reduces_as_promised(const Query& q);

    template <class Code>
    bool refuse(messages::RiskCheck check, Code code, std::int64_t value,
                std::int64_t limit) noexcept;
    bool pass_order(const ports::Intent& intent, std::size_t index) noexcept;
    bool scope_permits(const Query& q, messages::Scope scope, StateCode code);
    bool price_band_permits(const Query& q);
    bool reduces_exposure(const Query& q) const noexcept;
    bool one_dollar(const Query& q) const noexcept;
    bool unwinds(const Query& q) const noexcept;
    bool delta_fits(AssetId asset, bool in, Amount amount);
    bool supported_elsewhere(const Query& q, Rate collar);
    bool crosses_own_order(const Query& q);
    void value_order(Query& q) noexcept;
    void count(const Query& q) noexcept;
    void remember(const ports::Intent& intent) noexcept;
    [[nodiscard]] MarketRates& rates_of(InstrumentId id) noexcept {
        return rates_[static_cast<std::size_t>(limits_.rules(id).market)];
    }
    void roll_back(const ports::Intent& intent, std::size_t orders) noexcept;

    void recompile();
    void approve(const messages::ChangeLimits& command);
    void answer(const messages::ChangeLimits& command, messages::LimitsOutcome outcome,
                const std::string& settings);
    void apply_limits(const Config& config);
    void set_state(messages::Scope scope, Cause cause, messages::TradingState state, UnixNanos now,
                   messages::Reason reason, UnixNanos until = {});
    void reduce(messages::Scope scope, Cause cause, UnixNanos now, ProfitCode code);
    void report(messages::Scope scope, States::Change change, UnixNanos now,
                messages::Reason reason);
    [[nodiscard]] InFlight in_flight(const OrderRecord& record) const noexcept;
    [[nodiscard]] Amount value_of(AssetId asset, Amount amount) const noexcept;
    void fill(const messages::OrderEvent& event, OrderRecord* record);
    void end(OrderRecord& record) noexcept;
    void answered(OrderRecord& record) noexcept;
    void revalue(InstrumentId id, Price price) noexcept;
    bool price_base(InstrumentId id) noexcept;
    [[nodiscard]] Price reference(InstrumentId id) const noexcept;
    void slow_loop(UnixNanos now);
    void judge_losses(UnixNanos now, Amount realised, PlanId plan);
    [[nodiscard]] messages::Scope strategy_of(PlanId plan) const noexcept;
    void judge_rejects(Venue venue, UnixNanos now);
    void judge_unknowns(UnixNanos now);
    void judge_unanswered(const messages::PlanUpdate& update);
    void judge_residual(const messages::PlanUpdate& update);
    void judge_fill_ratio(const messages::PlanUpdate& update);
    void judge_markouts(UnixNanos now);
    void judge_pegs(UnixNanos now);
    void judge_difference(const messages::LedgerEntry& entry);
    void recover(UnixNanos now);
    void rearm(messages::Scope scope);

    const Universe& universe_;
    const book::BookSet& books_;
    const ports::Reservations& reservations_;
    const FeeSchedule& fees_;
    Config config_;
    std::uint64_t version_ = 1;
    LimitsProposal proposal_;
    std::uint64_t proposals_ = 0;

    Limits limits_;
    States states_;
    OrderTable orders_;
    Exposures exposures_;
    LossLadder ladder_;
    std::vector<std::uint64_t> opportunities_;  ///< direct-mapped memory of approved opportunities
    std::array<std::int64_t, kStrategies> executions_{};
    std::vector<std::pair<PlanId, messages::OpportunityKind>> plans_;  ///< ring: whose loss is it
    std::uint64_t plan_next_ = 0;
    std::array<VenueRecord, kVenueCount> venues_{};
    std::array<RecentMean, kStrategies> fill_ratios_{};
    Markouts markouts_;
    Pegs pegs_;  ///< follows from the listings
    std::array<MarketRates, kMarketCount> rates_{};
    std::array<bool, kMarketCount> feed_down_{};
    std::uint64_t unknown_ = 0;  ///< open orders without an answer
    UnixNanos last_slow_;
    Counters counters_;

    messages::Verdict verdict_;  ///< of the check that runs
    Totals totals_;
    std::vector<messages::TradingStateChanged> changes_;
    std::vector<messages::LimitsChanged> limit_changes_;
};

}  // namespace parallax::risk
