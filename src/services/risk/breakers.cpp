// What closes the gate: commands, the loss ladder and the breakers, and how each opens it again.
#include "services/risk/service.hpp"

#include <algorithm>

namespace parallax::risk {

using messages::Reason;
using messages::ReasonCode;
using messages::RiskCheck;
using messages::Scope;
using messages::ScopeKind;
using messages::TradingState;

namespace {

constexpr Scope kGlobal{};

Scope venue_scope(Venue venue) noexcept {
    return {ScopeKind::Venue, static_cast<std::uint32_t>(venue)};
}

Reason because(ProfitCode code) noexcept {
    return {ReasonCode::RiskLimit, static_cast<std::int64_t>(RiskCheck::Profit),
            static_cast<std::int64_t>(code)};
}

/// The breaker behind a cause that ends by itself.
ProfitCode code_of(Cause cause, Scope scope) noexcept {
    switch (cause) {
        case Cause::Rejects:
            return ProfitCode::RejectRate;
        case Cause::FillRatio:
            return ProfitCode::FillRatio;
        case Cause::Markout:
            return ProfitCode::Markout;
        case Cause::Stablecoin:
            return ProfitCode::Stablecoin;
        default:
            return scope == kGlobal ? ProfitCode::LossMinute : ProfitCode::LossTrade;
    }
}

}  // namespace

void Service::on(const messages::FeedStatus& status) {
    feed_down_[static_cast<std::size_t>(status.market)] = !status.up;
    const Venue venue = venue_of(status.market);
    bool down = false;
    for (const MarketInfo& market : kMarkets) {
        down =
            down || (market.venue == venue && feed_down_[static_cast<std::size_t>(market.market)]);
    }
    set_state(venue_scope(venue), Cause::Feed, down ? TradingState::Reducing : TradingState::Active,
              status.time, {ReasonCode::VenueDown, static_cast<std::int64_t>(status.market), 0});
}

void Service::on(const messages::AccountStatus& status) {
    set_state(venue_scope(venue_of(status.market)), Cause::Account,
              status.good ? TradingState::Active : TradingState::Halted, status.time,
              {ReasonCode::VenueDown, static_cast<std::int64_t>(status.market), 0});
}

// ---- states

void Service::report(Scope scope, States::Change change, UnixNanos now, Reason reason) {
    if (change.happened) changes_.push_back({scope, change.from, change.to, now, reason});
}

void Service::set_state(Scope scope, Cause cause, TradingState state, UnixNanos now, Reason reason,
                        UnixNanos until) {
    report(scope, states_.set(scope, cause, state, until), now, reason);
}

/// A breaker tripped: reducing for the cooldown, which starts anew with every repetition.
void Service::reduce(Scope scope, Cause cause, UnixNanos now, ProfitCode code) {
    set_state(scope, cause, TradingState::Reducing, now, because(code), now + config_.cooldown);
}

void Service::on(const messages::SetTradingState& command) {
    if (!states_.known(command.scope)) return;
    report(command.scope, states_.command(command.scope, command.state), command.time, {});
    if (command.state == TradingState::Active) rearm(command.scope);
}

/// What only a person may forgive starts from nothing again.
void Service::rearm(Scope scope) {
    switch (scope.kind) {
        case ScopeKind::Global:
            return ladder_.rearm();
        case ScopeKind::Strategy:
            executions_[scope.id] = 0;
            return fill_ratios_[scope.id].clear();
        case ScopeKind::Venue:
            venues_[scope.id] = VenueRecord{};
            return;
        case ScopeKind::Symbol:
            return markouts_.forget(SymbolId{scope.id});
        case ScopeKind::Quote:
            return;
    }
}

/// Ends reducing states whose time is over; halts, kills and what has no time wait for a person.
void Service::recover(UnixNanos now) {
    states_.for_each_expired(now, [&](Scope scope, Cause cause) {
        if (cause == Cause::Loss && scope == kGlobal &&
            LossLadder::broken(ladder_.minute(now, config_)))
            return;
        set_state(scope, cause, TradingState::Active, now, because(code_of(cause, scope)));
    });
}

void Service::on(const messages::ClockTick& tick) {
    judge_unknowns(tick.now);
    judge_pegs(tick.now);
    judge_markouts(tick.now);
    recover(tick.now);
    if (tick.now - last_slow_ >= Nanos::seconds(1)) slow_loop(tick.now);
}

// ---- profit

void Service::on(const messages::PlanUpdate& update) {
    if (update.state == messages::PlanState::Unknown) judge_unanswered(update);
    if (update.state != messages::PlanState::Settled) return;
    if (update.outcome == messages::PlanOutcome::Residual) judge_residual(update);
    for (const auto& [id, kind] : plans_) {
        if (id == update.plan) return;  // settled again after a late fill: counted already
    }
    plans_[plan_next_++ % kRememberedPlans] = {update.plan, update.kind};
    judge_fill_ratio(update);
}

Scope Service::strategy_of(PlanId plan) const noexcept {
    for (const auto& [id, kind] : plans_) {
        if (id == plan) return {ScopeKind::Strategy, static_cast<std::uint32_t>(kind)};
    }
    return kGlobal;
}

void Service::on(const messages::Attribution& attribution) {
    const AssetId asset = attribution.value_asset;
    const bool valued = asset.valid() && asset.index() < limits_.asset_count() &&
                        !limits_.asset(asset).unit_value.is_zero();
    if (!valued || attribution.realised.magnitude() > kAbsurd ||
        attribution.legging.magnitude() > kAbsurd) {
        ++counters_.malformed;
        return;
    }
    const Amount realised = value_of(asset, attribution.realised);
    ladder_.add(attribution.time, realised, value_of(asset, attribution.legging));
    judge_losses(attribution.time, realised, attribution.plan);
}

void Service::judge_losses(UnixNanos now, Amount realised, PlanId plan) {
    const auto act = [&](LossLadder::Loss loss, Scope scope, Cause cause, TradingState state,
                         ProfitCode code) {
        if (!LossLadder::broken(loss)) return;
        set_state(scope, cause, std::max(state, states_.by(scope, cause)), now, because(code),
                  now + config_.cooldown);
    };
    act({-realised, config_.max_loss_trade}, strategy_of(plan), Cause::Loss, TradingState::Reducing,
        ProfitCode::LossTrade);
    act(ladder_.minute(now, config_), kGlobal, Cause::Loss, TradingState::Reducing,
        ProfitCode::LossMinute);
    act(ladder_.hour(now, config_), kGlobal, Cause::Loss, TradingState::Halted,
        ProfitCode::LossHour);
    act(ladder_.day(now, config_), kGlobal, Cause::Loss, TradingState::Halted, ProfitCode::LossDay);
    act(ladder_.drawdown(config_), kGlobal, Cause::Loss, TradingState::Killed,
        ProfitCode::Drawdown);
    act(ladder_.legging(now, config_), kGlobal, Cause::Legging, TradingState::Halted,
        ProfitCode::LeggingLoss);
}

// ---- breakers

void Service::judge_rejects(Venue venue, UnixNanos now) {
    VenueRecord& record = venues_[static_cast<std::size_t>(venue)];
    const std::int64_t orders = record.orders.sum(now);
    const std::int64_t rejects = record.rejects.sum(now);
    if (orders < config_.min_reject_sample ||
        rejects * Rate::kOne < orders * config_.max_reject_rate.raw())
        return;
    reduce(venue_scope(venue), Cause::Rejects, now, ProfitCode::RejectRate);
}

void Service::judge_unknowns(UnixNanos now) {
    std::array<bool, kVenueCount> overdue{};
    if (unknown_ > 0) {
        orders_.for_each_open([&](const OrderRecord& record) {
            if (!record.unknown_since.known() || now - record.unknown_since <= config_.unknown_max)
                return;
            overdue[static_cast<std::size_t>(limits_.rules(record.instrument).venue)] = true;
        });
    }
    for (std::size_t i = 0; i < kVenueCount; ++i) {
        set_state(venue_scope(static_cast<Venue>(i)), Cause::Unknowns,
                  overdue[i] ? TradingState::Reducing : TradingState::Active, now,
                  because(ProfitCode::UnknownOrders));
    }
}

/// Trading has asked about an order again and again: the venue keeps what we own from us. The
/// order itself is still resolved when an answer comes.
void Service::judge_unanswered(const messages::PlanUpdate& update) {
    if (update.reason.code != ReasonCode::VenueDown || update.reason.value < 0 ||
        update.reason.value >= static_cast<std::int64_t>(kMarketCount))
        return;
    set_state(venue_scope(venue_of(static_cast<Market>(update.reason.value))), Cause::Unanswered,
              TradingState::Halted, update.time, because(ProfitCode::UnansweredOrder));
}

/// A plan ended with a rest it could not mend: no more of its symbols before a person has looked.
void Service::judge_residual(const messages::PlanUpdate& update) {
    for (std::size_t i = 0; i < update.leg_count; ++i) {
        const InstrumentId id = update.legs[i].instrument;
        if (!limits_.knows(id)) continue;
        set_state({ScopeKind::Symbol, limits_.rules(id).symbol.raw()}, Cause::Residual,
                  TradingState::Reducing, update.time, because(ProfitCode::Residual));
    }
}

/// Filled against ordered, each leg of a plan weighing the same whatever its size.
void Service::judge_fill_ratio(const messages::PlanUpdate& update) {
    const auto strategy = static_cast<std::size_t>(update.kind);
    RecentMean& ratio = fill_ratios_[strategy];
    std::int64_t sum = 0, legs = 0;
    for (std::size_t i = 0; i < update.leg_count; ++i) {
        const messages::PlanLeg& leg = update.legs[i];
        if (leg.planned.raw() <= 0) continue;  // a repair
        const std::int64_t filled =
            std::clamp<std::int64_t>(leg.filled.raw(), 0, leg.planned.raw());
        sum += static_cast<std::int64_t>(static_cast<__int128>(filled) * Rate::kOne /
                                         leg.planned.raw());
        ++legs;
    }
    if (legs == 0) return;
    ratio.add(Rate::from_raw(sum / legs));
    if (!ratio.full() || ratio.mean() >= config_.min_fill_ratio) return;
    ratio.clear();  // a new judgement needs new plans
    reduce({ScopeKind::Strategy, static_cast<std::uint32_t>(strategy)}, Cause::FillRatio,
           update.time, ProfitCode::FillRatio);
}

void Service::judge_markouts(UnixNanos now) {
    std::vector<SymbolId> bad;
    markouts_.measure(universe_, books_, now, [&](SymbolId symbol, Rate mean) {
        if (mean < -config_.max_markout_loss) bad.push_back(symbol);
    });
    for (const SymbolId symbol : bad) {
        markouts_.forget(symbol);  // a new judgement needs new fills
        reduce({ScopeKind::Symbol, symbol.raw()}, Cause::Markout, now, ProfitCode::Markout);
    }
}

void Service::judge_pegs(UnixNanos now) {
    const auto judge = [&](AssetId asset, bool lost) {
        if (lost)
            reduce({ScopeKind::Quote, asset.raw()}, Cause::Stablecoin, now, ProfitCode::Stablecoin);
    };
    pegs_.judge(universe_, books_, now, config_.peg_age_max, config_.max_peg_deviation, judge);
}

/// The ledger booked a difference nobody can explain.
void Service::judge_difference(const messages::LedgerEntry& entry) {
    const Market wallet =
        entry.debit == messages::Bucket::Suspense ? entry.credit_wallet : entry.debit_wallet;
    const Venue venue = venue_of(wallet);
    Amount& sum = venues_[static_cast<std::size_t>(venue)].unreconciled;
    const bool valued = !limits_.asset(entry.asset).unit_value.is_zero();
    if (valued) sum += std::min(value_of(entry.asset, entry.amount.magnitude()), kAbsurd);
    if (valued && sum <= config_.max_unreconciled) return;
    set_state(venue_scope(venue), Cause::Reconciliation, TradingState::Halted, entry.time,
              because(ProfitCode::Reconciliation));
}

}  // namespace parallax::risk
