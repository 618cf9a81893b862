#pragma once

// Checks 2 to 4: the order by itself, against its venue's rules, our sizes and the world's prices.
// Definitions of Service's predicates, inlined into the gate by checks.cpp alone.
#include "services/risk/check_tools.hpp"

namespace parallax::risk {

// ---- 2

inline bool Service::instrument_permits(const Query& q) {
    const Rules& r = q.rules;
    const std::int64_t price = q.order.price.raw();
    const std::int64_t quantity = q.order.quantity.raw();
    const auto no = [this](InstrumentCode code, std::int64_t value, std::int64_t limit) {
        return refuse(messages::RiskCheck::Instrument, code, value, limit);
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

inline bool Service::price_band_permits(const Query& q) {
    const Rate band = q.order.side == Side::Buy ? q.rules.band_up : q.rules.band_down;
    if (band.raw() == 0) return true;
    std::int64_t twice = 2 * q.here.mark.raw();
    if (twice == 0 && q.book != nullptr) twice = Mid{*q.book}.twice();
    if (twice == 0 || within(q.order.side, q.order.price, twice, band)) return true;
    const std::int64_t sign = q.order.side == Side::Buy ? 1 : -1;
    const __int128 bound =
        static_cast<__int128>(twice) * (Rate::kOne + sign * band.raw()) / (2 * Rate::kOne);
    return refuse(messages::RiskCheck::Instrument, InstrumentCode::PriceBand, q.order.price.raw(),
                  static_cast<std::int64_t>(bound));
}

// ---- 3

inline bool Service::size_is_sane(const Query& q) {
    const auto no = [this](OrderSizeCode code, Amount value, Amount limit) {
        return refuse(messages::RiskCheck::OrderSize, code, micro(value), micro(limit));
    };
    if (q.order.price.raw() <= 0) return true;  // check 4 refuses it
    // Sums of such numbers could leave the range of Amount, so this holds for hedges too.
    if (q.quote > kAbsurd || q.base > kAbsurd)
        return no(OrderSizeCode::OrderValue, q.quote, config_.max_order_value);
    if (!q.entry) return true;
    const AssetLimits& base = limits_.asset(q.rules.base);
    if (!q.valued) {
        const bool quote = limits_.asset(q.rules.quote).unit_value.is_zero();
        return refuse(messages::RiskCheck::OrderSize, OrderSizeCode::Unvalued,
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

inline bool Service::price_is_near(const Query& q) {
    const Price price = q.order.price;
    const auto no = [this, price](PriceCollarCode code, std::int64_t limit) {
        return refuse(messages::RiskCheck::PriceCollar, code, price.raw(), limit);
    };
    if (price.raw() <= 0) return no(PriceCollarCode::NoProtection, 0);
    if (q.book == nullptr) return no(PriceCollarCode::NoReference, 0);
    const Mid own{*q.book};
    if (!own.known()) {
        return refuse(messages::RiskCheck::PriceCollar, PriceCollarCode::NoReference,
                      own.bid.price.raw(), own.ask.price.raw());
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
inline bool Service::supported_elsewhere(const Query& q, Rate collar) {
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
    return last == 0 || refuse(messages::RiskCheck::PriceCollar, PriceCollarCode::OtherVenues,
                               q.order.price.raw(), last);
}

}  // namespace parallax::risk
