#pragma once

// Checks 1 and 7 to 10: whether now, whether again, how fast, on what data, for how much.
// Definitions of Service's predicates, inlined into the gate by checks.cpp alone.
#include "services/risk/check_tools.hpp"

namespace parallax::risk {

// ---- 1

inline bool Service::state_permits(const Query& q) {
    if (!states_.restricted()) return true;
    return scope_permits(q, {messages::ScopeKind::Global, 0}, StateCode::Global) &&
           scope_permits(
               q, {messages::ScopeKind::Strategy, static_cast<std::uint32_t>(q.intent.strategy)},
               StateCode::Strategy) &&
           scope_permits(q, {messages::ScopeKind::Venue, static_cast<std::uint32_t>(q.rules.venue)},
                         StateCode::Venue) &&
           scope_permits(q, {messages::ScopeKind::Symbol, q.rules.symbol.raw()},
                         StateCode::Symbol) &&
           scope_permits(q, {messages::ScopeKind::Quote, q.rules.quote.raw()}, StateCode::Quote);
}

/// No other dollar asset takes part in the intent.
inline bool Service::one_dollar(const Query& q) const noexcept {
    for (const messages::OrderRequest& other : q.intent.orders) {
        if (!limits_.knows(other.instrument)) return false;
        const Rules& rules = limits_.rules(other.instrument);
        if (rules.quote_at_par && rules.quote != q.rules.quote) return false;
    }
    return true;
}

inline bool Service::scope_permits(const Query& q, messages::Scope scope, StateCode code) {
    const messages::TradingState state = states_.of(scope);
    const bool allowed =
        state == messages::TradingState::Active ||
        (state == messages::TradingState::Halted && !q.entry) ||
        (state == messages::TradingState::Reducing &&
         (!q.entry || reduces_exposure(q) || (code == StateCode::Quote && one_dollar(q))));
    return allowed ||
           refuse(messages::RiskCheck::State, code, static_cast<std::int64_t>(state), scope.id);
}

/// Brings the base asset's net delta nearer to zero even if all other open orders of this side
/// fill.
inline bool Service::reduces_exposure(const Query& q) const noexcept {
    const AssetExposure& asset = exposures_.asset(q.rules.base);
    return (q.order.side == Side::Buy ? asset.longest : asset.shortest) + q.base <= Amount{};
}

// ---- 7

inline bool Service::is_new(const Query& q) {
    const auto no = [this](DuplicateCode code, std::int64_t value, std::int64_t limit) {
        return refuse(messages::RiskCheck::Duplicate, code, value, limit);
    };
    const OpportunityId opportunity = q.intent.opportunity;
    if (q.entry && q.index == 0 && opportunity.valid() &&
        opportunities_[opportunity.raw() % kRememberedOpportunities] == opportunity.raw()) {
        return no(DuplicateCode::Opportunity, static_cast<std::int64_t>(opportunity.raw()), 0);
    }
    if (orders_.find(q.order.id) != nullptr) {
        return no(DuplicateCode::ClientOrderId, static_cast<std::int64_t>(q.order.id.raw()), 0);
    }
    const auto open = static_cast<std::int64_t>(orders_.open_count());
    // Hedges may use what is left of the table, so that entries cannot lock them out.
    const std::int64_t most =
        q.entry ? config_.max_open_orders : static_cast<std::int64_t>(OrderTable::kCapacity);
    if (open >= most) return no(DuplicateCode::OpenOrders, open, most);
    if (q.entry && q.here.open_orders >= config_.max_open_orders_instrument) {
        return no(DuplicateCode::OpenOrdersInstrument, q.here.open_orders,
                  config_.max_open_orders_instrument);
    }
    return !crosses_own_order(q);
}

inline bool Service::crosses_own_order(const Query& q) {
    const bool buy = q.order.side == Side::Buy;
    const std::uint32_t opposite = buy ? q.here.open_orders - q.here.open_buys : q.here.open_buys;
    if (opposite == 0) return false;
    bool crosses = false;
    orders_.for_each_open([&](const OrderRecord& other) {
        if (other.instrument != q.order.instrument || other.side == q.order.side) return;
        if (buy ? other.price > q.order.price : other.price < q.order.price) return;
        crosses = true;
        refuse(messages::RiskCheck::Duplicate, DuplicateCode::SelfTrade, other.price.raw(),
               q.order.price.raw());
    });
    return crosses;
}

// ---- 8

/// Earlier orders of the intent have taken their tokens already; roll_back() returns them.
inline bool Service::rate_allows(const Query& q) {
    const MarketRates& rates = rates_[static_cast<std::size_t>(q.rules.market)];
    const UnixNanos now = q.intent.now;
    if (!rates.orders.allows(!q.entry, now))
        return refuse(messages::RiskCheck::Rate, RateCode::Orders, rates.orders.left(now), 1);
    if (!rates.messages.allows(!q.entry, now))
        return refuse(messages::RiskCheck::Rate, RateCode::Messages, rates.messages.left(now), 1);
    const std::int64_t executions = executions_[static_cast<std::size_t>(q.intent.strategy)];
    if (!q.entry || executions < config_.max_executions) return true;
    return refuse(messages::RiskCheck::Rate, RateCode::RepeatedExecutions, executions,
                  config_.max_executions);
}

// ---- 9

inline bool Service::market_data_is_good(const Query& q) {
    const auto no = [this](MarketDataCode code, std::int64_t value, std::int64_t limit) {
        return refuse(messages::RiskCheck::MarketData, code, value, limit);
    };
    if (q.book == nullptr) {
        return no(MarketDataCode::NoBook, q.order.instrument.raw(),
                  static_cast<std::int64_t>(books_.size()));
    }
    if (!q.book->tradable()) {
        return no(MarketDataCode::NotTradable, static_cast<std::int64_t>(q.book->state()), 0);
    }
    if (feed_down_[static_cast<std::size_t>(q.rules.market)]) {
        return no(MarketDataCode::FeedDown, static_cast<std::int64_t>(q.rules.market), 0);
    }
    const Nanos age = q.intent.now - q.book->received();
    const Nanos most = q.entry ? config_.book_age_max : config_.hedge_book_age_max;
    if (age > most) return no(MarketDataCode::TooOld, age.count(), most.count());
    if (!q.entry) return true;
    totals_.youngest = std::min(totals_.youngest, age);
    totals_.oldest = std::max(totals_.oldest, age);
    const Nanos skew = totals_.oldest - totals_.youngest;
    if (skew > config_.book_skew_max)
        return no(MarketDataCode::Skew, skew.count(), config_.book_skew_max.count());
    if (q.book->venue_time().known()) {
        const Nanos ahead = q.book->venue_time() - q.book->received();
        if (ahead > config_.clock_bound || ahead < Nanos{} - config_.clock_bound) {
            return no(MarketDataCode::ClockBound, ahead.count(), config_.clock_bound.count());
        }
    }
    if (q.intent.expires.known() && q.intent.now > q.intent.expires) {
        return no(MarketDataCode::Expired, (q.intent.now - q.intent.expires).count(), 0);
    }
    return true;
}

// ---- 10

inline bool Service::is_worth_it(const Query& q) {
    if (!q.entry || q.index != 0) return true;
    const auto no = [this](ProfitCode code, Rate value, Rate limit) {
        return refuse(messages::RiskCheck::Profit, code, value.raw(), limit.raw());
    };
    const Rate expected = q.intent.expected_rate;
    if (expected <= q.intent.threshold)
        return no(ProfitCode::BelowThreshold, expected, q.intent.threshold);
    if (expected > config_.max_expected_rate)
        return no(ProfitCode::TooGoodToBeTrue, expected, config_.max_expected_rate);
    return true;
}

}  // namespace parallax::risk
