#include "sim/venues/bybit/errors.hpp"

#include <array>
#include <cstddef>

namespace parallax::sim_bybit {
namespace {

using sim_engine::CloseReason;
using sim_engine::OrderStatus;
using sim_engine::Reject;

struct Entry {
    Reject reason;
    int linear, spot;
    std::string_view linear_text, spot_text;
    std::string_view late = {};  // rejectReason; empty: refused at once always
};

constexpr std::array kTable = std::to_array<Entry>({
    {Reject::None, 0, 0, "OK", "OK"},
    {Reject::UnknownAccount, 10003, 10003, "API key is invalid.", "API key is invalid."},
    {Reject::UnknownListing, 10001, 170121, "params error: symbol invalid", "Invalid symbol."},
    {Reject::UnknownAsset, 10001, 10001, "coin invalid", "coin invalid"},
    {Reject::Halted, 110074, 170157, "This contract is not live",
     "The trading pair is not available for api trading", "EC_InvalidSymbolStatus"},
    {Reject::CancelOnly, 110063, 170151, "Settlement in progress! xxx not available for trading.",
     "Trading is not allowed for this symbol", "EC_InvalidSymbolStatus"},
    {Reject::PostOnlyPhase, 110103, 170217, "Only Post-Only orders are available at this stage",
     "Only LIMIT-MAKER order is supported for the current pair.", "EC_InvalidSymbolStatus"},
    {Reject::Delisted, 110074, 170151, "This contract is not live",
     "Trading is not allowed for this symbol", "EC_InvalidSymbolStatus"},
    {Reject::InvalidCombination, 10001, 10001, "params error: order type and options conflict",
     "params error: order type and options conflict"},
    {Reject::InvalidQuantity, 10001, 170130, "Qty invalid",
     "Data sent for parameter 'qty' is not valid."},
    {Reject::InvalidPrice, 10001, 170133, "Price invalid", "Order price lower than the minimum."},
    {Reject::LotSize, 10001, 170137, "Qty invalid", "Order quantity has too many decimals."},
    {Reject::TickSize, 10001, 170134, "Price invalid", "Order price has too many decimals."},
    {Reject::BelowMinQuantity, 10001, 170136,
     "The number of contracts exceeds minimum limit allowed",
     "Order quantity exceeded lower limit."},
    {Reject::AboveMaxQuantity, 10001, 170135,
     "The number of contracts exceeds maximum limit allowed: too large",
     "Order quantity exceeded upper limit."},
    {Reject::AboveMaxMarketQuantity, 10001, 170135,
     "The number of contracts exceeds maximum limit allowed: too large",
     "Order quantity exceeded upper limit."},
    {Reject::BelowMinPrice, 110003, 170133, "Order price exceeds the allowable range.",
     "Order price lower than the minimum."},
    {Reject::AboveMaxPrice, 110003, 170132, "Order price exceeds the allowable range.",
     "Order price exceeded upper limit."},
    {Reject::PriceTooHigh, 110003, 170193, "Order price exceeds the allowable range.",
     "Buy order price cannot be higher than the limit.", "EC_ReachRiskPriceLimit"},
    {Reject::PriceTooLow, 110003, 170194, "Order price exceeds the allowable range.",
     "Sell order price cannot be lower than the limit.", "EC_ReachRiskPriceLimit"},
    {Reject::BelowMinNotional, 110094, 170140, "Order does not meet minimum order value",
     "Order value exceeded lower limit."},
    {Reject::AboveMaxNotional, 10001, 170124, "Order value too large", "Order amount too large."},
    {Reject::TooManyOpenOrders, 110020, 170810, "Not allowed to have more than 500 active orders",
     "Cannot exceed maximum of 500 conditional, TP/SL and active orders."},
    {Reject::TooManyOpenOrdersInTotal, 110009, 170810,
     "The number of active orders is greater than the maximum allowable limit",
     "Cannot exceed maximum of 500 conditional, TP/SL and active orders."},
    {Reject::DuplicateClientId, 110072, 170141, "OrderLinkedID is duplicate",
     "Duplicate clientOrderId", "EC_DuplicatedClOrdID"},
    {Reject::InsufficientBalance, 110007, 170131, "ab not enough for new order",
     "Insufficient balance.", "EC_Others"},
    {Reject::InsufficientMargin, 110007, 170131, "ab not enough for new order",
     "Insufficient balance.", "EC_Others"},
    {Reject::NothingToReduce, 110017, 110017,
     "current position is zero, cannot fix reduce-only order qty",
     "current position is zero, cannot fix reduce-only order qty", "EC_QtyCannotBeZero"},
    {Reject::ReduceOnlyTooLarge, 110017, 110017, "Reduce-only rule not satisfied",
     "Reduce-only rule not satisfied", "EC_Others"},
    {Reject::PostOnlyWouldTake, 110103, 170218, "Post-only order would take liquidity",
     "The LIMIT-MAKER order is rejected due to invalid price.", "EC_PostOnlyWillTakeLiquidity"},
    {Reject::FillOrKillUnfilled, 10001, 10001, "order cannot be filled at once",
     "order cannot be filled at once", "EC_CancelForNoFullFill"},
    {Reject::UnknownOrder, 110001, 170213, "order not exists or too late to replace",
     "Order does not exist."},
    {Reject::OrderClosed, 110001, 170213, "order not exists or too late to replace",
     "Order does not exist."},
    {Reject::NothingToAmend, 34040, 34040, "Not modified", "Not modified"},
    {Reject::AmendNotAllowed, 10001, 10001, "order cannot be amended", "order cannot be amended"},
    {Reject::AmendBelowFilled, 10001, 170136, "qty is not larger than cumExecQty",
     "Order quantity exceeded lower limit."},
    {Reject::AmendWouldTake, 110103, 170218, "Post-only order would take liquidity",
     "The LIMIT-MAKER order is rejected due to invalid price."},
    {Reject::TooManyAmends, 10001, 10001, "order cannot be amended", "order cannot be amended"},
    {Reject::InvalidAmount, 10001, 10001, "amount invalid", "amount invalid"},
    {Reject::InvalidLeverage, 110013, 110013, "cannot set leverage due to risk limit level",
     "cannot set leverage due to risk limit level"},
    {Reject::WalletNotOffered, 10001, 10001, "account type invalid", "account type invalid"},
    {Reject::UnknownMovement, 10001, 10001, "record not found", "record not found"},
    {Reject::MovementFinal, 10001, 10001, "record is final", "record is final"},
});
static_assert(kTable.size() == sim_engine::kRejectCount);

consteval bool in_order() {
    for (std::size_t i = 0; i < kTable.size(); ++i) {
        if (static_cast<std::size_t>(kTable[i].reason) != i) return false;
    }
    return true;
}
static_assert(in_order());

const Entry& entry(Reject reason) noexcept { return kTable[static_cast<std::size_t>(reason)]; }

}  // namespace

Answer parameter_error(std::string_view what) {
    return {kParameter, "params error: " + std::string{what}};
}

Answer refusal(Reject reason, bool spot) {
    const Entry& e = entry(reason);
    return {spot ? e.spot : e.linear, std::string{spot ? e.spot_text : e.linear_text}};
}

std::string_view reject_reason(Reject reason) noexcept {
    const Entry& e = entry(reason);
    return e.late.empty() ? "EC_Others" : e.late;
}

bool found_late(Reject reason) noexcept { return !entry(reason).late.empty(); }

StatusText status_of(const sim_engine::Order& order, bool spot) noexcept {
    switch (order.status) {
        case OrderStatus::New:
            return {"New", "UNKNOWN", "EC_NoError"};
        case OrderStatus::PartiallyFilled:
            return {"PartiallyFilled", "UNKNOWN", "EC_NoError"};
        case OrderStatus::Filled:
            return {"Filled", "UNKNOWN", "EC_NoError"};
        case OrderStatus::Cancelled:
        case OrderStatus::Expired:
            break;
    }
    StatusText out{spot && !order.filled.is_zero() ? "PartiallyFilledCanceled" : "Cancelled",
                   "UNKNOWN", "EC_NoError"};
    switch (order.reason) {
        case CloseReason::None:
            break;
        case CloseReason::User:
        case CloseReason::CancelAll:
        case CloseReason::Replaced:
            out.cancel_type = "CancelByUser";
            out.reject_reason = "EC_PerCancelRequest";
            break;
        case CloseReason::DeadManSwitch:
            out.cancel_type = "CancelByDCP";
            out.reject_reason = "EC_PerCancelRequest";
            break;
        case CloseReason::ImmediateOrCancel:
        case CloseReason::NoLiquidity:
            out.reject_reason = "EC_NoImmediateQtyToFill";
            break;
        case CloseReason::FillOrKill:
            out.reject_reason = "EC_CancelForNoFullFill";
            break;
        case CloseReason::PriceProtection:
            out.reject_reason = "EC_ReachMarketPriceLimit";
            break;
        case CloseReason::TooManyMatches:
            out.reject_reason = "EC_ReachMaxTradeNum";
            break;
        case CloseReason::PostOnly:
        case CloseReason::AmendWouldTake:
            out.reject_reason = "EC_PostOnlyWillTakeLiquidity";
            break;
        case CloseReason::SelfTrade:
            out.cancel_type = "CancelBySmp";
            out.reject_reason = "EC_BySelfMatch";
            break;
        case CloseReason::ReduceOnly:
            out.cancel_type = "CancelByReduceOnly";
            out.reject_reason = "EC_PerCancelRequest";
            break;
        case CloseReason::AmendBelowFilled:
            out.reject_reason = "EC_NoEnoughQtyToFill";
            break;
        case CloseReason::Liquidation:
            out.cancel_type = "CancelAllBeforeLiq";
            out.reject_reason = "EC_PerCancelRequest";
            break;
        case CloseReason::Delisted:
            out.cancel_type = "CancelBySettle";
            out.reject_reason = "EC_InvalidSymbolStatus";
            break;
    }
    return out;
}

}  // namespace parallax::sim_bybit
