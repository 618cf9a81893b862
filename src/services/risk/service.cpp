// The gate's life: limits and listings, approvals and their taking back.
#include "services/risk/service.hpp"

#include <algorithm>

#include "core/archive.hpp"

namespace parallax::risk {

using messages::LimitsOutcome;
using messages::Purpose;
using messages::RiskCheck;
using messages::ScopeKind;
using messages::TradingState;

Service::Service(const Universe& universe, const book::BookSet& books,
                 const ports::Reservations& reservations, const FeeSchedule& fees,
                 const Config& config)
    : universe_{universe},
      books_{books},
      reservations_{reservations},
      fees_{fees},
      config_{config},
      opportunities_(kRememberedOpportunities, ~std::uint64_t{0}),
      plans_(kRememberedPlans) {
    changes_.reserve(256);
    limit_changes_.reserve(16);
    recompile();
}

void Service::recompile() {
    limits_.compile_all(universe_, fees_, config_);
    exposures_.grow(limits_);
    states_.grow(universe_.symbols().size(), universe_.asset_count());
    for (const Instrument& listing : universe_.instruments())
        pegs_.on_listed(universe_, listing.id);
    for (std::size_t i = 0; i < kMarketCount; ++i) {
        rates_[i].orders.set(config_.orders_per_second, config_.burst_seconds,
                             config_.hedge_reserve);
        rates_[i].messages.set(config_.messages_per_second, config_.burst_seconds,
                               config_.hedge_reserve);
    }
}

void Service::on_listed(InstrumentId id) {
    limits_.compile(universe_, id, fees_, config_);
    exposures_.grow(limits_);
    states_.grow(universe_.symbols().size(), universe_.asset_count());
    pegs_.on_listed(universe_, id);
}

void Service::on_rescale(const Rescale& change) {
    const std::int64_t prices = pow10(change.price_digits);
    const std::int64_t quantities = pow10(change.quantity_digits);
    for (const InstrumentId id : universe_.symbol(change.symbol).instruments) {
        if (!limits_.knows(id)) continue;
        limits_.compile(universe_, id, fees_, config_);
        InstrumentExposure& here = exposures_.at(id);
        here.position = Quantity::from_raw(here.position.raw() * quantities);
        here.mark = Price::from_raw(here.mark.raw() * prices);
    }
    markouts_.rescale(universe_, change.symbol, prices);
    orders_.for_each([&](OrderRecord& record) {
        if (universe_.instrument(record.instrument).symbol != change.symbol) return;
        record.price = Price::from_raw(record.price.raw() * prices);
        record.quantity = Quantity::from_raw(record.quantity.raw() * quantities);
        record.fills.rescale(quantities);
    });
}

// ---- limits

void Service::on(const messages::ChangeLimits& command) {
    if (command.person.empty()) return answer(command, LimitsOutcome::Malformed, command.settings);
    if (command.proposal != 0) return approve(command);
    const LimitChange change = compare_limits(config_, command.settings);
    if (!change.valid) return answer(command, LimitsOutcome::Malformed, command.settings);
    if (!change.tighter.empty()) {  // holding more back needs nobody's consent
        apply_limits(change.tightened);
        answer(command, LimitsOutcome::Applied, change.tighter);
    }
    if (change.looser.empty()) return;
    proposal_ = {++proposals_, version_, command.person, change.looser};
    answer(command, LimitsOutcome::Proposed, change.looser);
}

void Service::approve(const messages::ChangeLimits& command) {
    if (proposal_.number == 0 || proposal_.number != command.proposal)
        return answer(command, LimitsOutcome::NoProposal, {});
    if (proposal_.version != version_) return answer(command, LimitsOutcome::Stale, {});
    if (proposal_.person == command.person)
        return answer(command, LimitsOutcome::SamePerson, proposal_.settings);
    apply_limits(with_limits(config_, proposal_.settings));
    answer(command, LimitsOutcome::Applied, proposal_.settings);
    proposal_ = {};
}

void Service::answer(const messages::ChangeLimits& command, LimitsOutcome outcome,
                     const std::string& settings) {
    messages::LimitsChanged& change = limit_changes_.emplace_back();
    change.outcome = outcome;
    change.version = version_;
    change.settings = settings;
    change.time = command.time;
    if (command.proposal == 0) {
        change.proposer = command.person;
        if (outcome == LimitsOutcome::Proposed) change.proposal = proposal_.number;
        return;
    }
    change.proposal = command.proposal;
    change.approver = command.person;
    if (proposal_.number == command.proposal) change.proposer = proposal_.person;
}

void Service::apply_limits(const Config& config) {
    config_ = config;
    ++version_;
    recompile();
}

// ---- the gate

[[gnu::flatten]] messages::Verdict Service::check(const ports::Intent& intent) noexcept {
    PLX_ASSERT(intent.orders.size() <= totals_.needs.size());
    ++counters_.checked;
    verdict_ = {};
    totals_.need_count = 0;
    totals_.value = Amount{};
    totals_.youngest = Nanos{INT64_MAX};
    totals_.oldest = Nanos{0};
    bool entries = false;
    for (std::size_t i = 0; i < intent.orders.size(); ++i) {
        const messages::OrderRequest& order = intent.orders[i];
        if (order.action != messages::OrderAction::Place) {
            if (limits_.knows(order.instrument))
                rates_of(order.instrument).messages.take(intent.now);
            continue;
        }
        if (!pass_order(intent, i)) {
            verdict_.order = static_cast<std::uint8_t>(i);
            roll_back(intent, i);
            return verdict_;
        }
        entries = entries || order.purpose == Purpose::Entry;
    }
    ++counters_.approved;
    if (entries) remember(intent);
    return verdict_;
}

void Service::remember(const ports::Intent& intent) noexcept {
    ++executions_[static_cast<std::size_t>(intent.strategy)];
    if (intent.opportunity.valid()) {
        opportunities_[intent.opportunity.raw() % kRememberedOpportunities] =
            intent.opportunity.raw();
    }
    if (executions_[static_cast<std::size_t>(intent.strategy)] == config_.max_executions) {
        set_state({ScopeKind::Strategy, static_cast<std::uint32_t>(intent.strategy)},
                  Cause::Repeats, TradingState::Reducing, intent.now,
                  {messages::ReasonCode::RiskLimit, static_cast<std::int64_t>(RiskCheck::Rate),
                   static_cast<std::int64_t>(RateCode::RepeatedExecutions)});
    }
}

void Service::roll_back(const ports::Intent& intent, std::size_t orders) noexcept {
    const auto passed = intent.orders.first(orders);
    for (const messages::OrderRequest& order : passed) {
        if (!limits_.knows(order.instrument)) continue;
        MarketRates& rates = rates_of(order.instrument);
        rates.messages.give_back();
        if (order.action == messages::OrderAction::Place) rates.orders.give_back();
    }
    retract(passed);
}

void Service::retract(std::span<const messages::OrderRequest> orders) noexcept {
    for (const messages::OrderRequest& order : orders) {
        if (order.action != messages::OrderAction::Place) continue;
        OrderRecord* record = orders_.find(order.id);
        if (record == nullptr || !record->open) continue;
        answered(*record);
        exposures_.close(*record, limits_.rules(record->instrument));
        orders_.erase(*record);
    }
}

// Here and not in the header: every file that uses the service would generate it all again.
template <class Archive>
void Service::describe(Archive& a) {
    a(config_, version_, proposal_, proposals_, limits_, states_, orders_, exposures_, ladder_,
      opportunities_, executions_, plans_, plan_next_, venues_, fill_ratios_, markouts_, rates_,
      feed_down_, unknown_, last_slow_, counters_);
    if constexpr (Archive::kReading) recompile();
}
template void Service::describe(StateHasher&);
template void Service::describe(StateWriter&);
template void Service::describe(StateReader&);

}  // namespace parallax::risk
