// The eleven pre-trade checks. Each is a predicate over one order; see gate.hpp for what value and
// limit mean.
#include "orders/worst_case.hpp"
#include "services/risk/service.hpp"

namespace parallax::risk {
namespace {

using messages::Purpose;
using messages::RiskCheck;
using messages::Scope;
using messages::ScopeKind;
using messages::TradingState;

std::int64_t micro(Amount amount) noexcept {
    constexpr __int128 kStep = kPow10[12];
    constexpr __int128 kMost = INT64_MAX;
    return static_cast<std::int64_t>(std::clamp(amount.raw() / kStep, -kMost, kMost));
}

/// Whether a limit price is within the collar: a buy not above, a sell not below. `twice` is twice
/// the reference.
bool within(Side side, Price price, std::int64_t twice, Rate collar) noexcept {
    const __int128 asked = static_cast<__int128>(price.raw()) * (2 * Rate::kOne);
    return side == Side::Buy ? asked <= static_cast<__int128>(twice) * (Rate::kOne + collar.raw())
                             : asked >= static_cast<__int128>(twice) * (Rate::kOne - collar.raw());
}

/// The predicates in order, unrolled at compile time; stops at the first that refuses.
template <auto... kChecks>
struct CheckList {
    template <class Gate, class Query>
    static bool pass(Gate& gate, const Query& q) {
        return ((gate.*kChecks)(q) && ...);
    }
};

struct Mid {
    Level bid, ask;
    explicit Mid(const book::FeedBook& book) noexcept
        : bid{book.best_bid()}, ask{book.best_ask()} {}
    [[nodiscard]] bool known() const noexcept {
        return !bid.quantity.is_zero() && !ask.quantity.is_zero();
    }
    [[nodiscard]] std::int64_t twice() const noexcept { return bid.price.raw() + ask.price.raw(); }
};

}  // namespace

template <class Code>
[[gnu::cold, gnu::noinline]] bool Service::refuse(RiskCheck check, Code code, std::int64_t value,
                                                  std::int64_t limit) noexcept {
    verdict_.check = check;
    verdict_.detail = static_cast<std::uint8_t>(code);
    verdict_.value = value;
    verdict_.limit = limit;
    return false;
}

// ---- the list

/// Flattened: one body keeps what the checks share in registers, and has one prologue.
[[gnu::flatten]] bool Service::pass_order(const ports::Intent& intent, std::size_t index) noexcept {
    using Table =
        CheckList<&Service::state_permits, &Service::instrument_permits, &Service::size_is_sane,
                  &Service::price_is_near, &Service::money_is_there, &Service::exposure_fits,
                  &Service::is_new, &Service::rate_allows, &Service::market_data_is_good,
                  &Service::is_worth_it, &Service::reduces_as_promised>;
    const messages::OrderRequest& order = intent.orders[index];
    if (!limits_.knows(order.instrument)) {
        return refuse(RiskCheck::Instrument, InstrumentCode::Unknown, order.instrument.raw(),
                      static_cast<std::int64_t>(limits_.size()));
    }
    Query q{intent,
            order,
            limits_.rules(order.instrument),
            exposures_.at(order.instrument),
            books_.contains(order.instrument) ? &books_[order.instrument] : nullptr,
            order.purpose == Purpose::Entry,
            index,
            {},
            {},
            {}};
    value_order(q);
    if (!Table::pass(*this, q)) return false;
    count(q);
    return true;
}

/// From here the order counts at full size.
void Service::count(const Query& q) noexcept {
    OrderRecord& record = orders_.insert(q.order.id);
    record.instrument = q.order.instrument;
    record.side = q.order.side;
    record.purpose = q.order.purpose;
    record.price = q.order.price;
    record.quantity = q.order.quantity;
    record.in_flight = {q.base, is_spot(q.rules.kind) ? q.quote : Amount{}, q.value};
    exposures_.open(record, q.rules);
    MarketRates& rates = rates_[static_cast<std::size_t>(q.rules.market)];
    rates.orders.take(q.intent.now);
    rates.messages.take(q.intent.now);
}

void Service::value_order(Query& q) noexcept {
    if (q.order.price.raw() <= 0 || q.order.quantity.raw() <= 0)
        return;  // checks 2 and 4 refuse it
    // The universe's own formula, compiled: these two are most of the gate's arithmetic.
    __int128 quote = 0;
    const __int128 product = static_cast<__int128>(q.order.price.raw()) * q.order.quantity.raw();
    if (q.rules.quote_factor != 0 &&
        !__builtin_mul_overflow(product, q.rules.quote_factor, &quote)) {
        q.quote = Amount::from_raw(quote);
        q.base =
            Amount::from_raw(static_cast<__int128>(q.order.quantity.raw()) * q.rules.base_factor);
    } else {
        q.quote = universe_.quote_value(q.order.instrument, q.order.price, q.order.quantity,
                                        Rounding::Up);
        q.base =
            universe_.base_value(q.order.instrument, q.order.price, q.order.quantity, Rounding::Up);
    }
    if (limits_.asset(q.rules.base).unit_value.is_zero()) price_base(q.order.instrument);
    q.valued = !limits_.asset(q.rules.quote).unit_value.is_zero() &&
               !limits_.asset(q.rules.base).unit_value.is_zero();
    if (q.valued) q.value = q.rules.quote_at_par ? q.quote : limits_.value(q.rules.quote, q.quote);
}

// ---- 1

bool Service::state_permits(const Query& q) {
    if (!states_.restricted()) return true;
    return scope_permits(q, {ScopeKind::Global, 0}, StateCode::Global) &&
           scope_permits(q, {ScopeKind::Strategy, static_cast<std::uint32_t>(q.intent.strategy)},
                         StateCode::Strategy) &&
           scope_permits(q, {ScopeKind::Venue, static_cast<std::uint32_t>(q.rules.venue)},
                         StateCode::Venue) &&
           scope_permits(q, {ScopeKind::Symbol, q.rules.symbol.raw()}, StateCode::Symbol) &&
           scope_permits(q, {ScopeKind::Quote, q.rules.quote.raw()}, StateCode::Quote);
}

/// No other dollar asset takes part in the intent.
bool Service::one_dollar(const Query& q) const noexcept {
    for (const messages::OrderRequest& other : q.intent.orders) {
        if (!limits_.knows(other.instrument)) return false;
        const Rules& rules = limits_.rules(other.instrument);
        if (rules.quote_at_par && rules.quote != q.rules.quote) return false;
    }
    return true;
}

bool Service::scope_permits(const Query& q, Scope scope, StateCode code) {
    const TradingState state = states_.of(scope);
    const bool allowed =
        state == TradingState::Active || (state == TradingState::Halted && !q.entry) ||
        (state == TradingState::Reducing &&
         (!q.entry || reduces_exposure(q) || (code == StateCode::Quote && one_dollar(q))));
    return allowed || refuse(RiskCheck::State, code, static_cast<std::int64_t>(state), scope.id);
}

/// Brings the base asset's net delta nearer to zero even if all other open orders of this side
/// fill.
bool Service::reduces_exposure(const Query& q) const noexcept {
    const AssetExposure& asset = exposures_.asset(q.rules.base);
    return (q.order.side == Side::Buy ? asset.longest : asset.shortest) + q.base <= Amount{};
}

// ---- 2

bool Service::instrument_permits(const Query& q) {
    const Rules& r = q.rules;
    const std::int64_t price = q.order.price.raw();
    const std::int64_t quantity = q.order.quantity.raw();
    const auto no = [this](InstrumentCode code, std::int64_t value, std::int64_t limit) {
        return refuse(RiskCheck::Instrument, code, value, limit);
    };
    if (r.status != InstrumentStatus::Trading) {
        return no(InstrumentCode::NotTrading, static_cast<std::int64_t>(r.status), 0);
    }
    if (q.intent.now.nanos() >= r.expiry)
        return no(InstrumentCode::Expired, q.intent.now.nanos(), r.expiry);
    if (price > 0 && !r.tick.divides(price)) return no(InstrumentCode::Tick, price, r.tick.raw());
    if (quantity < r.min_quantity)
        return no(InstrumentCode::QuantityTooSmall, quantity, r.min_quantity);
    if (!r.lot.divides(quantity)) return no(InstrumentCode::Lot, quantity, r.lot.raw());
    if (quantity > r.max_quantity)
        return no(InstrumentCode::QuantityTooLarge, quantity, r.max_quantity);
    if (price <= 0) return true;  // check 4 says it better
    if (q.quote < r.min_notional)
        return no(InstrumentCode::NotionalTooSmall, micro(q.quote), micro(r.min_notional));
    if (q.quote > r.max_notional)
        return no(InstrumentCode::NotionalTooLarge, micro(q.quote), micro(r.max_notional));
    if (price < r.min_price) return no(InstrumentCode::PriceRange, price, r.min_price);
    if (price > r.max_price) return no(InstrumentCode::PriceRange, price, r.max_price);
    return price_band_permits(q);
}

bool Service::price_band_permits(const Query& q) {
    const Rate band = q.order.side == Side::Buy ? q.rules.band_up : q.rules.band_down;
    if (band.raw() == 0) return true;
    std::int64_t twice = 2 * q.here.mark.raw();
    if (twice == 0 && q.book != nullptr) twice = Mid{*q.book}.twice();
    if (twice == 0 || within(q.order.side, q.order.price, twice, band)) return true;
    const std::int64_t sign = q.order.side == Side::Buy ? 1 : -1;
    const __int128 bound =
        static_cast<__int128>(twice) * (Rate::kOne + sign * band.raw()) / (2 * Rate::kOne);
    return refuse(RiskCheck::Instrument, InstrumentCode::PriceBand, q.order.price.raw(),
                  static_cast<std::int64_t>(bound));
}

// ---- 3

bool Service::size_is_sane(const Query& q) {
    const auto no = [this](OrderSizeCode code, Amount value, Amount limit) {
        return refuse(RiskCheck::OrderSize, code, micro(value), micro(limit));
    };
    if (q.order.price.raw() <= 0) return true;  // check 4 refuses it
    // Sums of such numbers could leave the range of Amount, so this holds for hedges too.
    if (q.quote > kAbsurd || q.base > kAbsurd)
        return no(OrderSizeCode::OrderValue, q.quote, config_.max_order_value);
    if (!q.entry) return true;
    const AssetLimits& base = limits_.asset(q.rules.base);
    if (!q.valued) {
        const bool quote = limits_.asset(q.rules.quote).unit_value.is_zero();
        return refuse(RiskCheck::OrderSize, OrderSizeCode::Unvalued,
                      (quote ? q.rules.quote : q.rules.base).raw(), 0);
    }
    if (q.value > config_.max_order_value)
        return no(OrderSizeCode::OrderValue, q.value, config_.max_order_value);
    if (q.base > base.volume) return no(OrderSizeCode::OrderVolume, q.base, base.volume);
    totals_.value += q.value;
    if (totals_.value > config_.max_plan_value) {
        return no(OrderSizeCode::PlanValue, totals_.value, config_.max_plan_value);
    }
    return true;
}

// ---- 4

bool Service::price_is_near(const Query& q) {
    const Price price = q.order.price;
    const auto no = [this, price](PriceCollarCode code, std::int64_t limit) {
        return refuse(RiskCheck::PriceCollar, code, price.raw(), limit);
    };
    if (price.raw() <= 0) return no(PriceCollarCode::NoProtection, 0);
    if (q.book == nullptr) return no(PriceCollarCode::NoReference, 0);
    const Mid own{*q.book};
    if (!own.known()) {
        return refuse(RiskCheck::PriceCollar, PriceCollarCode::NoReference, own.bid.price.raw(),
                      own.ask.price.raw());
    }
    if (!within(q.order.side, price, own.twice(),
                q.entry ? config_.collar_own : config_.collar_hedge)) {
        return no(PriceCollarCode::OwnMid, own.twice() / 2);
    }
    const Price mark = q.here.mark;
    if (mark.raw() > 0 && !within(q.order.side, price, 2 * mark.raw(),
                                  q.entry ? config_.collar_mark : config_.collar_hedge)) {
        return no(PriceCollarCode::Mark, mark.raw());
    }
    return supported_elsewhere(q, q.entry ? config_.collar_venues : config_.collar_hedge);
}

/// One other venue that finds the price plausible is enough; a symbol listed once has nobody to
/// ask.
bool Service::supported_elsewhere(const Query& q, Rate collar) {
    std::int64_t last = 0;
    for (const InstrumentId other : universe_.symbol(q.rules.symbol).instruments) {
        if (other == q.order.instrument || !books_.contains(other)) continue;
        const book::FeedBook& book = books_[other];
        if (!book.tradable()) continue;
        const Mid mid{book};
        if (!mid.known()) continue;
        if (within(q.order.side, q.order.price, mid.twice(), collar)) return true;
        last = mid.twice() / 2;
    }
    return last == 0 ||
           refuse(RiskCheck::PriceCollar, PriceCollarCode::OtherVenues, q.order.price.raw(), last);
}

// ---- 5

bool Service::money_is_there(const Query& q) {
    if (!is_spot(q.rules.kind) && !q.order.reduce_only) {
        const auto no = [this](BalanceCode code, std::int64_t value, std::int64_t limit) {
            return refuse(RiskCheck::Balance, code, value, limit);
        };
        if (!q.rules.leverage_allowed) {
            return no(BalanceCode::Leverage, config_.leverage,
                      universe_.instrument(q.order.instrument).max_leverage);
        }
        if (!q.rules.far_from_liquidation) {
            return no(BalanceCode::LiquidationDistance, q.rules.liquidation_distance.raw(),
                      config_.min_liquidation_distance.raw());
        }
    }
    const orders::Need need =
        orders::worst_case(q.rules.terms, q.order.side, q.base, q.quote, q.order.reduce_only);
    Amount wanted = need.amount;
    for (std::size_t i = 0; i < totals_.need_count; ++i) {
        const Totals::Need& other = totals_.needs[i];
        if (other.wallet == need.wallet && other.asset == need.asset) wanted += other.amount;
    }
    const Amount available = reservations_.available(need.wallet, need.asset);
    if (wanted > available) {
        const auto code = is_spot(q.rules.kind) ? BalanceCode::Available : BalanceCode::Margin;
        return refuse(RiskCheck::Balance, code, micro(available), micro(wanted));
    }
    totals_.needs[totals_.need_count++] = {need.wallet, need.asset, need.amount};
    return true;
}

// ---- 6

bool Service::exposure_fits(const Query& q) {
    if (!q.entry || unwinds(q)) return true;
    const auto no = [this](ExposureCode code, Amount value, Amount limit) {
        return refuse(RiskCheck::Exposure, code, micro(value), micro(limit));
    };
    const bool buy = q.order.side == Side::Buy;
    const bool grows = buy ? q.here.position.raw() >= 0 : q.here.position.raw() <= 0;
    const Amount position = (grows ? q.here.gross : Amount{}) + q.here.open + q.value;
    if (position > config_.max_position)
        return no(ExposureCode::Position, position, config_.max_position);
    if (!delta_fits(q.rules.base, buy, q.base)) return false;
    if (is_spot(q.rules.kind) && !delta_fits(q.rules.quote, !buy, q.quote)) return false;
    const Amount gross = exposures_.venue(q.rules.venue).gross + q.value;
    if (gross > config_.max_venue_gross)
        return no(ExposureCode::VenueGross, gross, config_.max_venue_gross);
    const Amount total = exposures_.total() + q.value;
    if (total > config_.max_total_gross)
        return no(ExposureCode::TotalGross, total, config_.max_total_gross);
    return true;
}

/// Takes back part of the listing's own position, and no other order may do so too. That the
/// asset's net delta shrinks is not enough: inventory would let gross exposure grow without limit.
bool Service::unwinds(const Query& q) const noexcept {
    const bool buy = q.order.side == Side::Buy;
    const std::int64_t there = buy ? -q.here.position.raw() : q.here.position.raw();
    const std::uint32_t alike = buy ? q.here.open_buys : q.here.open_orders - q.here.open_buys;
    return alike == 0 && q.order.quantity.raw() <= there;
}

/// Net delta with every open order of the same direction filled and none of the other.
bool Service::delta_fits(AssetId id, bool in, Amount amount) {
    const AssetExposure& asset = exposures_.asset(id);
    const AssetLimits& limits = limits_.asset(id);
    const Amount worst = (in ? asset.longest : asset.shortest) + amount;
    if (worst <= limits.delta) return true;
    return refuse(RiskCheck::Exposure,
                  limits.at_par ? ExposureCode::QuoteGroup : ExposureCode::AssetDelta, micro(worst),
                  micro(limits.delta));
}

// ---- 7

bool Service::is_new(const Query& q) {
    const auto no = [this](DuplicateCode code, std::int64_t value, std::int64_t limit) {
        return refuse(RiskCheck::Duplicate, code, value, limit);
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

bool Service::crosses_own_order(const Query& q) {
    const bool buy = q.order.side == Side::Buy;
    const std::uint32_t opposite = buy ? q.here.open_orders - q.here.open_buys : q.here.open_buys;
    if (opposite == 0) return false;
    bool crosses = false;
    orders_.for_each_open([&](const OrderRecord& other) {
        if (other.instrument != q.order.instrument || other.side == q.order.side) return;
        if (buy ? other.price > q.order.price : other.price < q.order.price) return;
        crosses = true;
        refuse(RiskCheck::Duplicate, DuplicateCode::SelfTrade, other.price.raw(),
               q.order.price.raw());
    });
    return crosses;
}

// ---- 8

/// Earlier orders of the intent have taken their tokens already; roll_back() returns them.
bool Service::rate_allows(const Query& q) {
    const MarketRates& rates = rates_[static_cast<std::size_t>(q.rules.market)];
    const UnixNanos now = q.intent.now;
    if (!rates.orders.allows(!q.entry, now))
        return refuse(RiskCheck::Rate, RateCode::Orders, rates.orders.left(now), 1);
    if (!rates.messages.allows(!q.entry, now))
        return refuse(RiskCheck::Rate, RateCode::Messages, rates.messages.left(now), 1);
    const std::int64_t executions = executions_[static_cast<std::size_t>(q.intent.strategy)];
    if (!q.entry || executions < config_.max_executions) return true;
    return refuse(RiskCheck::Rate, RateCode::RepeatedExecutions, executions,
                  config_.max_executions);
}

// ---- 9

bool Service::market_data_is_good(const Query& q) {
    const auto no = [this](MarketDataCode code, std::int64_t value, std::int64_t limit) {
        return refuse(RiskCheck::MarketData, code, value, limit);
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

bool Service::is_worth_it(const Query& q) {
    if (!q.entry || q.index != 0) return true;
    const auto no = [this](ProfitCode code, Rate value, Rate limit) {
        return refuse(RiskCheck::Profit, code, value.raw(), limit.raw());
    };
    const Rate expected = q.intent.expected_rate;
    if (expected <= q.intent.threshold)
        return no(ProfitCode::BelowThreshold, expected, q.intent.threshold);
    if (expected > config_.max_expected_rate)
        return no(ProfitCode::TooGoodToBeTrue, expected, config_.max_expected_rate);
    return true;
}

// ---- 11

bool Service::reduces_as_promised(const Query& q) {
    const auto no = [this](ReduceOnlyCode code, std::int64_t value, std::int64_t limit) {
        return refuse(RiskCheck::ReduceOnly, code, value, limit);
    };
    if (q.order.reduce_only) {
        const std::int64_t position = q.here.position.raw();
        const std::int64_t quantity = q.order.quantity.raw();
        const std::int64_t there = q.order.side == Side::Sell ? position : -position;
        if (there <= 0) return no(ReduceOnlyCode::Grows, quantity, position);
        if (quantity > there) return no(ReduceOnlyCode::TooLarge, quantity, position);
    }
    if (q.entry) return true;
    if (!q.valued) return no(ReduceOnlyCode::Unvalued, q.rules.quote.raw(), 0);
    if (q.value > config_.max_hedge_value) {
        return no(ReduceOnlyCode::HedgeValue, micro(q.value), micro(config_.max_hedge_value));
    }
    const Amount open = exposures_.hedges_open() + q.value;
    return open <= config_.max_hedge_open ||
           no(ReduceOnlyCode::HedgeOpen, micro(open), micro(config_.max_hedge_open));
}

}  // namespace parallax::risk
