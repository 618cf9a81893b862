#include "adapters/venues/binance/order_reasons.hpp"

#include <algorithm>

#include "adapters/venues/common/order_reasons.hpp"

namespace parallax::binance {

using messages::Reason;
using messages::ReasonCode;
using messages::RiskCheck;

namespace {

Market market_of(Product product) noexcept {
    return product == Product::Spot ? Market::BinanceSpot : Market::BinanceUsdm;
}

Reason limit(RiskCheck check, std::int32_t code) noexcept {
    return {ReasonCode::RiskLimit, static_cast<std::int64_t>(check), code};
}

bool one_of(std::string_view text, std::initializer_list<std::string_view> list) noexcept {
    return std::ranges::find(list, text) != list.end();
}

/// None: the message says nothing that is known here.
Reason by_message(std::int32_t code, std::string_view message) noexcept {
    const auto says = [message](std::string_view words) {
        return message.find(words) != std::string_view::npos;
    };
    if (says("insufficient balance")) return {ReasonCode::InsufficientBalance, 0, 0};
    if (says("immediately match")) return {ReasonCode::LostRace, 0, 0};
    if (says("NOTIONAL")) return {ReasonCode::BelowMinNotional, 0, 0};
    if (says("LOT_SIZE")) return {ReasonCode::LotRounding, 0, 0};
    if (says("PERCENT_PRICE")) return limit(RiskCheck::PriceCollar, code);
    return {};
}

}  // namespace

Reason refusal(Product product, std::int32_t code, std::string_view message,
               venue_common::Reaction reaction) noexcept {
    switch (code) {
        case -1013:
        case -2010:
            if (const Reason reason = by_message(code, message); !reason.none()) return reason;
            break;
        case -2018:
        case -2019:
            return {ReasonCode::InsufficientBalance, 0, 0};
        case -4164:
            return {ReasonCode::BelowMinNotional, 0, 0};
        case -4003:
        case -4004:
        case -4005:
        case -4023:
            return {ReasonCode::LotRounding, 0, 0};
        case -4002:
        case -4013:
        case -4016:
        case -4024:
        case -4131:
            return limit(RiskCheck::PriceCollar, code);
        case -2022:
        case -4118:
            // On spot -2022 is a cancel-replace that failed, which is not used.
            return limit(RiskCheck::ReduceOnly, code);
        case -5021:
        case -5022:
            return {ReasonCode::LostRace, 0, 0};
        default:
            break;
    }
    return venue_common::reason_for(reaction, code, market_of(product));
}

Reason end_reason(Product product, std::string_view status, std::string_view time_in_force,
                  std::string_view expiry) noexcept {
    if (status == "FILLED" || status == "CANCELED") return {};
    if (status == "EXPIRED_IN_MATCH") return {ReasonCode::Duplicate, 0, 0};
    if (product == Product::Usdm) {
        if (one_of(expiry, {"1", "3"})) return {ReasonCode::Duplicate, 0, 0};
        if (expiry == "4") return limit(RiskCheck::ReduceOnly, 0);
        if (expiry == "5") return {ReasonCode::InsufficientBalance, 0, 0};
    }
    const bool raced =
        one_of(time_in_force, {"IOC", "FOK", "GTX"}) ||
        one_of(expiry, {"INSUFFICIENT_LIQUIDITY", "EXECUTION_RULE_PRICE_RANGE_EXCEEDED"});
    if (raced) return {ReasonCode::LostRace, 0, 0};
    return {ReasonCode::VenueDown, static_cast<std::int64_t>(market_of(product)), 0};
}

}  // namespace parallax::binance
