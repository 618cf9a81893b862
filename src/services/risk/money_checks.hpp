#pragma once

// Checks 5, 6 and 11: balances, exposures, and what hedges may do to them.
// Definitions of Service's predicates, inlined into the gate by checks.cpp alone.
#include "orders/worst_case.hpp"
#include "services/risk/check_tools.hpp"

namespace parallax::risk {

// ---- 5

inline bool Service::money_is_there(const Query& q) {
    if (!is_spot(q.rules.kind) && !q.order.reduce_only) {
        const auto no = [this](BalanceCode code, std::int64_t value, std::int64_t limit) {
            return refuse(messages::RiskCheck::Balance, code, value, limit);
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
        return refuse(messages::RiskCheck::Balance, code, micro(available), micro(wanted));
    }
    totals_.needs[totals_.need_count++] = {need.wallet, need.asset, need.amount};
    return true;
}

// ---- 6

inline bool Service::exposure_fits(const Query& q) {
    if (!q.entry || unwinds(q)) return true;
    const auto no = [this](ExposureCode code, Amount value, Amount limit) {
        return refuse(messages::RiskCheck::Exposure, code, micro(value), micro(limit));
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
inline bool Service::unwinds(const Query& q) const noexcept {
    const bool buy = q.order.side == Side::Buy;
    const std::int64_t there = buy ? -q.here.position.raw() : q.here.position.raw();
    const std::uint32_t alike = buy ? q.here.open_buys : q.here.open_orders - q.here.open_buys;
    return alike == 0 && q.order.quantity.raw() <= there;
}

/// Net delta with every open order of the same direction filled and none of the other.
inline bool Service::delta_fits(AssetId id, bool in, Amount amount) {
    const AssetExposure& asset = exposures_.asset(id);
    const AssetLimits& limits = limits_.asset(id);
    const Amount worst = (in ? asset.longest : asset.shortest) + amount;
    if (worst <= limits.delta) return true;
    return refuse(messages::RiskCheck::Exposure,
                  limits.at_par ? ExposureCode::QuoteGroup : ExposureCode::AssetDelta, micro(worst),
                  micro(limits.delta));
}

// ---- 11

inline bool Service::reduces_as_promised(const Query& q) {
    const auto no = [this](ReduceOnlyCode code, std::int64_t value, std::int64_t limit) {
        return refuse(messages::RiskCheck::ReduceOnly, code, value, limit);
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
