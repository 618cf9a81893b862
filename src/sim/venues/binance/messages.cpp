#include "sim/venues/binance/messages.hpp"

#include "sim/venues/binance/numbers.hpp"

namespace parallax::sim_binance {

using sim_engine::CloseReason;
using sim_engine::OrderStatus;
using sim_engine::OrderType;
using sim_engine::SelfTrade;
using sim_engine::TimeInForce;

const char* status_text(const Order& order) noexcept {
    switch (order.status) {
        case OrderStatus::New:
            return "NEW";
        case OrderStatus::PartiallyFilled:
            return "PARTIALLY_FILLED";
        case OrderStatus::Filled:
            return "FILLED";
        case OrderStatus::Cancelled:
        case OrderStatus::Expired:
            break;
    }
    switch (order.reason) {
        case CloseReason::SelfTrade:
            return "EXPIRED_IN_MATCH";
        case CloseReason::ReduceOnly:
        case CloseReason::Liquidation:
        case CloseReason::Delisted:
            return "EXPIRED";
        default:
            return order.status == OrderStatus::Expired ? "EXPIRED" : "CANCELED";
    }
}

const char* side_text(Side side) noexcept { return side == Side::Buy ? "BUY" : "SELL"; }

const char* type_text(const Order& order, Product product) noexcept {
    if (order.type == OrderType::Market) return "MARKET";
    return order.post_only && product == Product::Spot ? "LIMIT_MAKER" : "LIMIT";
}

const char* force_text(const Order& order, Product product) noexcept {
    if (order.type == OrderType::Market) return "GTC";
    if (order.post_only && product == Product::Futures) return "GTX";
    return order.time_in_force == TimeInForce::ImmediateOrCancel ? "IOC"
           : order.time_in_force == TimeInForce::FillOrKill      ? "FOK"
                                                                 : "GTC";
}

const char* self_trade_text(SelfTrade mode) noexcept {
    constexpr const char* kNames[] = {"NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH",
                                      "DECREMENT"};
    return kNames[static_cast<std::size_t>(mode)];
}

const char* expiry_text(const Order& order) noexcept {
    if (order.status != OrderStatus::Expired) return "NONE";
    switch (order.reason) {
        case CloseReason::ImmediateOrCancel:
            return "UNFILLED_IOC_QUANTITY_EXPIRED";
        case CloseReason::FillOrKill:
            return "UNFILLED_FOK_ORDER_EXPIRED";
        case CloseReason::NoLiquidity:
        case CloseReason::TooManyMatches:
            return "INSUFFICIENT_LIQUIDITY";
        case CloseReason::PriceProtection:
            return "EXECUTION_RULE_PRICE_RANGE_EXCEEDED";
        default:
            return "NONE";
    }
}

Json levels_json(const sim_engine::Listing& listing, const std::vector<Level>& levels) {
    Json out = Json::array();
    for (const Level& level : levels)
        out.push_back(Json::array({text(listing, level.price), text(listing, level.quantity)}));
    return out;
}

Json kline_row(const sim_engine::Listing& l, const Candle& c, Nanos length) {
    return Json::array({c.begin.millis(), text(l, c.open), text(l, c.high), text(l, c.low),
                        text(l, c.close), text(c.base), (c.begin + length).millis() - 1,
                        text(c.quote), c.trades, text(c.taker_base), text(c.taker_quote), "0"});
}

}  // namespace parallax::sim_binance
