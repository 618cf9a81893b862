#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "book/book_set.hpp"
#include "core/fees.hpp"
#include "core/instrument.hpp"
#include "messages/market.hpp"
#include "messages/scanner.hpp"
#include "messages/trade.hpp"
#include "ports/pre_trade_gate.hpp"
#include "ports/reservations.hpp"
#include "services/trading/config.hpp"
#include "services/trading/plan.hpp"
#include "services/trading/plan_index.hpp"
#include "services/trading/routing.hpp"

namespace parallax::trading {

/// What was done about a rest, and what the alternatives would have cost (value asset, positive =
/// cost).
enum class ResidualChoice : std::uint8_t { Hedge, Chase, Keep, Dust, GiveUp };
struct ResidualDecision {
    PlanId plan;
    UnixNanos time;
    ResidualChoice choice{};
    AssetId asset;
    Amount rest;  ///< of the asset; positive = too much of it
    Amount hedge_cost;
    Amount chase_cost;  ///< Amount::max() where it was no choice
    Amount keep_cost;   ///< likewise
    messages::Reason reason;
};

struct Counters {
    std::uint64_t opportunities = 0;
    std::uint64_t started = 0;
    std::uint64_t refused = 0;
    std::uint64_t settled = 0;
    std::uint64_t late_fills = 0;
    std::uint64_t orphan_fills =
        0;  ///< of plans forgotten; portfolio and risk book them, nobody hedges them
    std::uint64_t malformed = 0;
    std::uint64_t residuals = 0;   ///< plans that ended with a rest nothing could be done about
    std::uint64_t unanswered = 0;  ///< orders asked about max_queries times in vain
    template <class Archive>
    void describe(Archive& a) {
        a(opportunities, started, refused, settled, late_fills, orphan_fills, malformed, residuals,
          unanswered);
    }
};

/// Turns signalled opportunities into orders and sees them through: every plan ends flat, or with a
/// rest that is recorded. Single-threaded; from an opportunity to its requests nothing is
/// allocated. The update Reserved stands in plan_updates() before the plan's first request stands
/// in requests(): the caller journals updates first, then hands requests to the gateway.
class Service {
public:
    Service(const Universe& universe, const book::BookSet& books, const FeeSchedule& fees,
            ports::PreTradeGate& gate, ports::Reservations& reservations, const Config& config);

    /// The signals of one tick: where they overlap the best is taken, the others are duplicates.
    void on(std::span<const messages::Opportunity> tick);
    void on(const messages::Opportunity& opportunity);
    void on(const messages::OrderEvent& event);
    void on(const messages::ClockTick& tick);
    void on_listed(InstrumentId id);
    void on_rescale(const Rescale& change);
    /// The process was dead until now. Open plans get their time anew; each order without an end is
    /// cancelled or asked about, never sent again; what was not sent is mended, not sent. Plan ids
    /// leave a gap: a machine's death may have cut off the journal's last plans.
    void resume(UnixNanos now);

    /// When on(ClockTick) has something to do next; unknown when no plan waits for time.
    [[nodiscard]] UnixNanos next_deadline() const noexcept;

    [[nodiscard]] std::span<const messages::OrderRequest> requests() const noexcept {
        return requests_;
    }
    [[nodiscard]] std::span<const messages::PlanUpdate> plan_updates() const noexcept {
        return updates_;
    }
    [[nodiscard]] std::span<const ResidualDecision> residual_decisions() const noexcept {
        return decisions_;
    }
    void clear_outputs() noexcept {
        requests_.clear();
        updates_.clear();
        decisions_.clear();
        if (!index_.next_known()) make_ready();
    }

    [[nodiscard]] std::size_t open_plans() const noexcept { return open_; }
    /// Where a rest of this asset can be hedged, besides the legs of its plan.
    [[nodiscard]] std::span<const InstrumentId> listings(AssetId base) const noexcept {
        if (base.index() >= by_base_.size()) return {};
        return by_base_[base.index()];
    }
    [[nodiscard]] const Plan* plan(PlanId id) const noexcept {
        return const_cast<Service*>(this)->find(id);
    }
    [[nodiscard]] std::span<const Plan> plans() const noexcept { return plans_; }
    [[nodiscard]] const Counters& counters() const noexcept { return counters_; }

    template <class Archive>
    void describe(Archive& a);  // for the archives of core/archive.hpp

private:
    /// A rest of one asset: positive = too much. Without a wallet it may be mended anywhere.
    struct Rest {
        AssetId asset;
        Amount amount;
        Market wallet{};
        bool in_wallet = false;
    };

    [[nodiscard]] std::size_t place_of(const Plan& plan) const noexcept {
        return static_cast<std::size_t>(&plan - plans_.data());
    }
    void mirror(const Plan& plan) noexcept { index_.mirror(place_of(plan), plan); }
    [[nodiscard]] Plan* find(PlanId id) noexcept;
    void make_ready() noexcept;

    // Opportunity -> requests (entry.cpp)
    [[nodiscard]] messages::Reason objection(
        const messages::Opportunity& opportunity) const noexcept;
    void fill_in(Plan& plan, const messages::Opportunity& opportunity) noexcept;
    [[nodiscard]] messages::Reason approve(Plan& plan, std::size_t first_order);
    void refuse(const messages::Opportunity& opportunity, messages::Reason reason);
    Order& add_order(Plan& plan, std::size_t leg, messages::Purpose purpose, Quantity quantity,
                     Price price) noexcept;
    [[nodiscard]] bool reduces(InstrumentId id, Side side, Quantity quantity) const noexcept;
    void send(Order& order, Nanos patience);
    void request(const Order& order, messages::OrderAction action);
    [[nodiscard]] messages::OrderRequest to_request(const Order& order,
                                                    messages::OrderAction action) const noexcept;
    void emit(Plan& plan, messages::PlanState state);

    // What happens to orders (service.cpp)
    [[nodiscard]] bool plausible(const messages::OrderEvent& event,
                                 const Order& order) const noexcept;
    void book_fill(Plan& plan, Order& order, const messages::OrderEvent& event, Quantity fresh);
    void pause_repairs(Plan& plan) noexcept;
    void advance(Plan& plan);
    void watch_orders(Plan& plan);
    void ask(Plan& plan, Order& order);
    bool next_step(Plan& plan);
    bool step_pair(Plan& plan);
    bool step_cycle(Plan& plan);
    [[nodiscard]] Price affordable_limit(const messages::PlanLeg& leg, Quantity quantity,
                                         Amount budget) const noexcept;
    void drop_held(Plan& plan);
    void settle(Plan& plan);
    void reopen(Plan& plan);
    void set_wake(Plan& plan) noexcept;
    [[nodiscard]] messages::PlanOutcome outcome_of(const Plan& plan) const noexcept;
    [[nodiscard]] messages::Reason closing_reason(const Plan& plan) const noexcept;
    void release(Plan& plan);
    void reindex() noexcept {
        for (const Plan& plan : plans_) mirror(plan);
    }

    // The rest (residual.cpp)
    enum class Mended : std::uint8_t { Nothing, Waiting, Sent };
    [[nodiscard]] std::size_t rests(const Plan& plan, std::span<Rest> out) const noexcept;
    [[nodiscard]] Rest pair_rest(const Plan& plan) const noexcept;
    Mended mend(Plan& plan);
    Mended mend(Plan& plan, const Rest& rest, bool over);
    std::size_t candidates(const Plan& plan, const Rest& rest,
                           std::span<Candidate> out) const noexcept;
    bool add_candidate(const Plan& plan, const Rest& rest, const Instrument& listing,
                       std::span<Candidate> out, std::size_t& count) const noexcept;
    [[nodiscard]] Rate penalty(const Plan& plan, const Instrument& listing) const noexcept;
    [[nodiscard]] AssetId home_of(const Plan& plan) const noexcept;
    [[nodiscard]] Amount conversion(AssetId from, AssetId to, bool give,
                                    Amount amount) const noexcept;
    [[nodiscard]] Amount conversion_for(const Plan& plan, const Rest& rest,
                                        const Instrument& listing) const noexcept;
    void imply_conversions(std::span<Candidate> candidates, AssetId asset,
                           bool give) const noexcept;
    [[nodiscard]] Amount affordable(const Instrument& listing, const Rest& rest) const noexcept;
    [[nodiscard]] bool in_plan(const Plan& plan, InstrumentId id) const noexcept;
    [[nodiscard]] Amount reference(std::span<const Candidate> candidates,
                                   AssetId asset) const noexcept;
    [[nodiscard]] bool in_dollars(const Plan& plan, const Rest& rest,
                                  const Candidate& first) const noexcept;
    Mended strand(Plan& plan, const Rest& rest, messages::Reason reason);
    Mended cannot_place(Plan& plan, const Rest& rest, std::span<const Candidate> where);
    [[nodiscard]] int chase_leg(const Plan& plan, const Rest& rest) const noexcept;
    [[nodiscard]] Amount chase_cost(const Plan& plan, const Rest& rest,
                                    std::span<const Candidate> where, Amount hedge_cost,
                                    Amount reference) const noexcept;
    Mended chase(Plan& plan, const Rest& rest);
    Mended hedge(Plan& plan, const Route& route, std::span<const Candidate> candidates);
    Mended retry(Plan& plan, messages::Reason reason) noexcept;
    [[nodiscard]] Price with_slack(const Plan& plan, InstrumentId id, Side side,
                                   Price worst) const noexcept;
    void decided(const Plan& plan, const Rest& rest, ResidualChoice choice, Amount hedge,
                 Amount chase, Amount keep, messages::Reason reason);

    const Universe& universe_;
    const book::BookSet& books_;
    const FeeSchedule& fees_;
    ports::PreTradeGate& gate_;
    ports::Reservations& reservations_;
    const Config config_;

    std::vector<Plan> plans_;  ///< open ones, and settled ones until their place is needed
    PlanIndex index_;          ///< mirrors plans_
    std::vector<std::vector<InstrumentId>> by_base_;  ///< listings by base asset
    std::vector<Quantity> positions_;  ///< in derivatives, by instrument; negative = sold
    std::uint64_t next_plan_ = 1;
    UnixNanos now_;
    std::uint64_t open_ = 0;
    Counters counters_;

    std::vector<const messages::Opportunity*> ranked_;  ///< of the tick at hand
    std::vector<messages::OrderRequest> requests_;
    std::vector<messages::PlanUpdate> updates_;
    std::vector<ResidualDecision> decisions_;
};

}  // namespace parallax::trading
