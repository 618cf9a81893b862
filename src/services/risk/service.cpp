#include "services/risk/service.hpp"

#include <algorithm>

namespace parallax::risk {
namespace {

using messages::OrderEventKind;
using messages::Purpose;
using messages::Reason;
using messages::ReasonCode;
using messages::RiskCheck;
using messages::Scope;
using messages::ScopeKind;
using messages::TradingState;

constexpr std::size_t kRememberedPlans = 128;
constexpr Scope kGlobal{};

Scope venue_scope(Venue venue) noexcept {
    return {ScopeKind::Venue, static_cast<std::uint32_t>(venue)};
}

template <class Code>
Reason because(RiskCheck check, Code code) noexcept {
    return {ReasonCode::RiskLimit, static_cast<std::int64_t>(check),
            static_cast<std::int64_t>(code)};
}

/// Place in Service::recover_ of a scope that can recover by itself.
std::size_t recover_index(Scope scope) noexcept {
    switch (scope.kind) {
        case ScopeKind::Strategy:
            return 1 + scope.id;
        case ScopeKind::Venue:
            return 1 + kStrategies + scope.id;
        default:
            return 0;
    }
}

template <std::size_t... kIndex>
auto per_venue(std::index_sequence<kIndex...>) {
    using Sum = RollingSum<std::int64_t, 60>;
    return std::array<Sum, kVenueCount>{((void)kIndex, Sum{Nanos::seconds(1)})...};
}

}  // namespace

Service::Service(const Universe& universe, const book::BookSet& books,
                 const ports::Reservations& reservations, const FeeSchedule& fees,
                 const Config& config)
    : universe_{universe},
      books_{books},
      reservations_{reservations},
      fees_{fees},
      config_{config},
      opportunities_(kRememberedOpportunities, ~std::uint64_t{0}),
      plans_(kRememberedPlans),
      venue_orders_{per_venue(std::make_index_sequence<kVenueCount>{})},
      venue_rejects_{per_venue(std::make_index_sequence<kVenueCount>{})} {
    changes_.reserve(256);
    limit_changes_.reserve(16);
    recompile();
}

void Service::recompile() {
    limits_.compile_all(universe_, fees_, config_);
    exposures_.grow(limits_);
    states_.grow(universe_.symbols().size());
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
    states_.grow(universe_.symbols().size());
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
    orders_.for_each([&](OrderRecord& record) {
        if (universe_.instrument(record.instrument).symbol != change.symbol) return;
        record.price = Price::from_raw(record.price.raw() * prices);
        record.quantity = Quantity::from_raw(record.quantity.raw() * quantities);
        record.fills.rescale(quantities);
    });
}

void Service::set_limits(const Config& config, UnixNanos now) {
    config_ = config;
    ++version_;
    recompile();
    limit_changes_.push_back({version_, now});
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
                  because(RiskCheck::Rate, RateCode::RepeatedExecutions));
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

// ---- what venues say

void Service::on(const messages::OrderEvent& event) {
    if (!limits_.knows(event.instrument)) {
        ++counters_.malformed;
        return;
    }
    OrderRecord* record = orders_.find(event.id);
    if (event.kind == OrderEventKind::Filled) {
        if (record != nullptr && record->instrument != event.instrument) {
            ++counters_.malformed;
            return;
        }
        fill(event, record);
        return;
    }
    if (record == nullptr || !record->open) return;
    if (event.kind == OrderEventKind::Unknown) {
        if (!record->unknown_since.known()) ++unknown_;
        if (!record->unknown_since.known()) record->unknown_since = event.received;
        return;
    }
    answered(*record);
    if (event.kind == OrderEventKind::Accepted) return;
    const Venue venue = limits_.rules(record->instrument).venue;
    venue_orders_[static_cast<std::size_t>(venue)].add(event.received, 1);
    const bool rejected = event.kind == OrderEventKind::Rejected;
    if (rejected) venue_rejects_[static_cast<std::size_t>(venue)].add(event.received, 1);
    end(*record);
    if (rejected) judge_rejects(venue, event.received);
}

void Service::answered(OrderRecord& record) noexcept {
    if (!record.unknown_since.known()) return;
    record.unknown_since = UnixNanos{};
    --unknown_;
}

void Service::end(OrderRecord& record) noexcept {
    exposures_.close(record, limits_.rules(record.instrument));
    record.in_flight = InFlight{};
    orders_.close(record);
}

void Service::fill(const messages::OrderEvent& event, OrderRecord* record) {
    const Quantity most = std::max(event.quantity, event.cumulative);
    if (event.price.raw() <= 0 || event.quantity.raw() < 0 || event.fee.magnitude() > kAbsurd ||
        universe_.quote_value(event.instrument, event.price, most, Rounding::Up) > kAbsurd ||
        universe_.base_value(event.instrument, event.price, most, Rounding::Up) > kAbsurd) {
        ++counters_.malformed;
        return;
    }
    const Quantity fresh =
        record != nullptr ? record->fills.accept(event.trade_id, event.quantity, event.cumulative)
                          : event.quantity;
    if (fresh.is_zero()) {
        ++counters_.duplicates;
        return;
    }
    const Side side = record != nullptr ? record->side : event.side;
    const Amount quote =
        universe_.quote_value(event.instrument, event.price, fresh, Rounding::HalfEven);
    const Amount base =
        universe_.base_value(event.instrument, event.price, fresh, Rounding::HalfEven);
    if (record == nullptr) ++counters_.strange_fills;
    const Rules& rules = limits_.rules(event.instrument);
    exposures_.fill(event.instrument, rules, side, fresh, base,
                    is_spot(rules.kind) ? quote : Amount{});
    if (event.fee_asset.valid() && event.fee_asset.index() < limits_.asset_count()) {
        exposures_.move(event.fee_asset, -event.fee);
    }
    revalue(event.instrument, event.price);
    if (record == nullptr) return;
    if (!record->open) {
        ++counters_.late_fills;
        return;
    }
    if (record->remaining().is_zero()) {  // full: the venue's Done, if it comes, is old news
        answered(*record);
        venue_orders_[static_cast<std::size_t>(rules.venue)].add(event.received, 1);
        end(*record);
        return;
    }
    const InFlight left = in_flight(*record);
    exposures_.shift(*record, rules, record->in_flight, left);
    record->in_flight = left;
}

InFlight Service::in_flight(const OrderRecord& record) const noexcept {
    const Quantity left = record.remaining();
    if (left.is_zero()) return {};
    const Rules& rules = limits_.rules(record.instrument);
    const Amount quote = universe_.quote_value(record.instrument, record.price, left, Rounding::Up);
    const Amount base = universe_.base_value(record.instrument, record.price, left, Rounding::Up);
    return {base, is_spot(rules.kind) ? quote : Amount{}, value_of(rules.quote, quote)};
}

Amount Service::value_of(AssetId asset, Amount amount) const noexcept {
    return limits_.value(asset, amount);
}

// ---- market data

/// Values the position of a listing at a price.
void Service::revalue(InstrumentId id, Price price) noexcept {
    const std::int64_t position = exposures_.at(id).position.raw();
    const Quantity size = Quantity::from_raw(position < 0 ? -position : position);
    const Amount quote = universe_.quote_value(id, price, size, Rounding::Up);
    exposures_.value(id, limits_.rules(id),
                     value_of(limits_.rules(id).quote, std::min(quote, kAbsurd)));
}

/// Mid of the own book, else the mark; 0 = none.
Price Service::reference(InstrumentId id) const noexcept {
    if (books_.contains(id) && books_[id].tradable()) {
        const Level bid = books_[id].best_bid();
        const Level ask = books_[id].best_ask();
        if (!bid.quantity.is_zero() && !ask.quantity.is_zero()) {
            return Price::from_raw((bid.price.raw() + ask.price.raw()) / 2);
        }
    }
    return exposures_.at(id).mark;
}

/// Values the base asset of a listing whose quote asset has a value.
bool Service::price_base(InstrumentId id) noexcept {
    const Rules& rules = limits_.rules(id);
    const Amount quote_value = limits_.asset(rules.quote).unit_value;
    const Price price = reference(id);
    if (quote_value.is_zero() || price.raw() <= 0 || limits_.asset(rules.base).at_par) return false;
    const Amount one = Amount::units(1);
    const Amount in_quote = Amount::from_raw(
        multiply_divide(one.raw(), price.raw(),
                        pow10(universe_.symbol(rules.symbol).price_scale.decimals), Rounding::Up));
    const Amount value = limits_.value(rules.quote, in_quote);
    if (value.is_zero() || value > kAbsurd) return false;
    limits_.price(rules.base, value, config_);
    return true;
}

void Service::on(const messages::MarkPrice& mark) {
    if (!limits_.knows(mark.instrument) || mark.mark.raw() <= 0) return;
    exposures_.at(mark.instrument).mark = mark.mark;
}

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

/// Once a second: values of assets and positions. Only the first listing of an asset against a par
/// quote counts, so that the result does not depend on who moved last.
void Service::slow_loop(UnixNanos now) {
    last_slow_ = now;
    for (int pass = 0; pass < 2;
         ++pass) {  // first against dollars, then crosses whose quote has a value by now
        std::uint64_t done = 0;
        AssetId last;
        for (std::size_t i = 0; i < limits_.size(); ++i) {
            const InstrumentId id{static_cast<std::uint32_t>(i)};
            const Rules& rules = limits_.rules(id);
            if ((pass == 0) != rules.quote_at_par || rules.base == last) continue;
            if (pass == 1 && !limits_.asset(rules.base).unit_value.is_zero()) continue;
            if (price_base(id)) {
                last = rules.base;
                ++done;
            }
        }
        if (done == 0 && pass == 0) break;
    }
    for (std::size_t i = 0; i < limits_.size(); ++i) {
        const InstrumentId id{static_cast<std::uint32_t>(i)};
        if (exposures_.at(id).position.is_zero()) continue;
        const Price price = reference(id);
        if (price.raw() > 0) revalue(id, price);
    }
}

// ---- states

void Service::report(Scope scope, States::Change change, UnixNanos now, Reason reason) {
    if (change.happened) changes_.push_back({scope, change.from, change.to, now, reason});
}

void Service::set_state(Scope scope, Cause cause, TradingState state, UnixNanos now,
                        Reason reason) {
    if (states_.by(scope, cause) == state) return;
    report(scope, states_.set(scope, cause, state), now, reason);
}

void Service::on(const messages::SetTradingState& command) {
    if (!states_.known(command.scope)) return;
    report(command.scope, states_.command(command.scope, command.state), command.time, {});
    if (command.state == TradingState::Active) rearm(command.scope);
}

/// What only a person may forgive starts from nothing again.
void Service::rearm(Scope scope) {
    if (scope.kind == ScopeKind::Symbol) return;
    recover_[recover_index(scope)] = UnixNanos{};
    if (scope.kind == ScopeKind::Global) ladder_.rearm();
    if (scope.kind == ScopeKind::Strategy) executions_[scope.id] = 0;
    if (scope.kind == ScopeKind::Venue) {
        venue_orders_[scope.id].clear();
        venue_rejects_[scope.id].clear();
    }
}

void Service::on(const messages::PlanUpdate& update) {
    if (update.state != messages::PlanState::Settled) return;
    plans_[plan_next_++ % kRememberedPlans] = {update.plan, update.kind};
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
        if (state == TradingState::Reducing)
            recover_[recover_index(scope)] = now + config_.cooldown;
        set_state(scope, cause, std::max(state, states_.by(scope, cause)), now,
                  because(RiskCheck::Profit, code));
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

void Service::judge_rejects(Venue venue, UnixNanos now) {
    const auto i = static_cast<std::size_t>(venue);
    const std::int64_t orders = venue_orders_[i].sum(now);
    const std::int64_t rejects = venue_rejects_[i].sum(now);
    if (orders < config_.min_reject_sample ||
        rejects * Rate::kOne < orders * config_.max_reject_rate.raw())
        return;
    recover_[recover_index(venue_scope(venue))] = now + config_.cooldown;
    set_state(venue_scope(venue), Cause::Rejects, TradingState::Reducing, now,
              because(RiskCheck::Profit, ProfitCode::RejectRate));
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
                  because(RiskCheck::Profit, ProfitCode::UnknownOrders));
    }
}

/// Ends reducing states whose time is over; halts and kills wait for a person.
void Service::recover(UnixNanos now) {
    const auto end = [&](Scope scope, Cause cause, ProfitCode code) {
        if (now < recover_[recover_index(scope)] ||
            states_.by(scope, cause) != TradingState::Reducing)
            return;
        set_state(scope, cause, TradingState::Active, now, because(RiskCheck::Profit, code));
    };
    if (!states_.restricted()) return;
    if (!LossLadder::broken(ladder_.minute(now, config_)))
        end(kGlobal, Cause::Loss, ProfitCode::LossMinute);
    for (std::uint32_t i = 0; i < kStrategies; ++i) {
        end({ScopeKind::Strategy, i}, Cause::Loss, ProfitCode::LossTrade);
    }
    for (std::size_t i = 0; i < kVenueCount; ++i) {
        end(venue_scope(static_cast<Venue>(i)), Cause::Rejects, ProfitCode::RejectRate);
    }
}

void Service::on(const messages::ClockTick& tick) {
    judge_unknowns(tick.now);
    recover(tick.now);
    if (tick.now - last_slow_ >= Nanos::seconds(1)) slow_loop(tick.now);
}

}  // namespace parallax::risk
