// The eleven pre-trade checks in the order they run. Each is a predicate over one order; see
// gate.hpp for what value and limit mean.
#include "services/risk/flow_checks.hpp"
#include "services/risk/money_checks.hpp"
#include "services/risk/order_checks.hpp"

namespace parallax::risk {

using messages::Purpose;
using messages::RiskCheck;

namespace {

/// The predicates in order, unrolled at compile time; stops at the first that refuses.
template <auto... kChecks>
struct CheckList {
    template <class Gate, class Query>
    static bool pass(Gate& gate, const Query& q) {
        return ((gate.*kChecks)(q) && ...);
    }
};

}  // namespace

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

}  // namespace parallax::risk
