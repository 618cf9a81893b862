// Binance's codes and texts for what the engine refuses (sheet: sections 1.6, 5 and 7.7).
#include "sim/venues/binance/call.hpp"

namespace parallax::sim_binance {
namespace {

using sim_engine::Reject;

Fault filter(const char* name, int code = -1013) {
    return {code, std::string{"Filter failure: "} + name, 400, {}};
}

Fault spot(Reject reason) {
    switch (reason) {
        case Reject::UnknownListing:
            return {-1121, "Invalid symbol.", 400, {}};
        case Reject::Halted:
        case Reject::CancelOnly:
        case Reject::PostOnlyPhase:
        case Reject::Delisted:
            return {-2010, "Market is closed.", 400, {}};
        case Reject::InvalidQuantity:
            return {-1013, "Invalid quantity.", 400, {}};
        case Reject::InvalidPrice:
            return {-1013, "Invalid price.", 400, {}};
        case Reject::LotSize:
        case Reject::BelowMinQuantity:
        case Reject::AboveMaxQuantity:
            return filter("LOT_SIZE");
        case Reject::AboveMaxMarketQuantity:
            return filter("MARKET_LOT_SIZE");
        case Reject::TickSize:
        case Reject::BelowMinPrice:
        case Reject::AboveMaxPrice:
            return filter("PRICE_FILTER");
        case Reject::PriceTooHigh:
        case Reject::PriceTooLow:
            return filter("PERCENT_PRICE");
        case Reject::BelowMinNotional:
        case Reject::AboveMaxNotional:
            return filter("NOTIONAL");
        case Reject::TooManyOpenOrders:
            return filter("MAX_NUM_ORDERS", -2010);
        case Reject::TooManyOpenOrdersInTotal:
            return filter("EXCHANGE_MAX_NUM_ORDERS", -2010);
        case Reject::DuplicateClientId:
            return {-2010, "Duplicate order sent.", 400, {}};
        case Reject::InsufficientBalance:
        case Reject::InsufficientMargin:
            return {-2010, "Account has insufficient balance for requested action.", 400, {}};
        case Reject::PostOnlyWouldTake:
            return {-2010, "Order would immediately match and take.", 400, {}};
        case Reject::UnknownOrder:
        case Reject::OrderClosed:
            return cancel_fault();
        case Reject::NothingToAmend:
        case Reject::AmendNotAllowed:
        case Reject::AmendBelowFilled:
        case Reject::AmendWouldTake:
            return {-2038, "Order amend (quantity increase) is not supported.", 400, {}};
        case Reject::TooManyAmends:
            return filter("MAX_NUM_ORDER_AMENDS", -2038);
        default:
            return {-2010, "This action is disabled on this account.", 400, {}};
    }
}

Fault futures(Reject reason) {
    switch (reason) {
        case Reject::UnknownListing:
            return {-1121, "Invalid symbol.", 400, {}};
        case Reject::Halted:
        case Reject::CancelOnly:
        case Reject::PostOnlyPhase:
        case Reject::Delisted:
            return {-4140, "Invalid symbol status for opening position.", 400, {}};
        case Reject::InvalidQuantity:
            return {-4003, "Quantity less than or equal to zero.", 400, {}};
        case Reject::BelowMinQuantity:
            return {-4004, "Quantity less than min quantity.", 400, {}};
        case Reject::AboveMaxQuantity:
        case Reject::AboveMaxMarketQuantity:
            return {-4005, "Quantity greater than max quantity.", 400, {}};
        case Reject::LotSize:
            return {-4023, "Quantity not increased by step size.", 400, {}};
        case Reject::InvalidPrice:
        case Reject::BelowMinPrice:
            return {-4013, "Price less than min price.", 400, {}};
        case Reject::TickSize:
            return {-4014, "Price not increased by tick size.", 400, {}};
        case Reject::AboveMaxPrice:
            return {-4002, "Price greater than max price.", 400, {}};
        case Reject::PriceTooHigh:
            return {-4016, "Price is higher than mark price multiplier cap.", 400, {}};
        case Reject::PriceTooLow:
            return {-4024, "Price is lower than mark price multiplier floor.", 400, {}};
        case Reject::BelowMinNotional:
            return {-4164,
                    "Order's notional must be no smaller than the minimum notional (unless you "
                    "choose reduce only).",
                    400,
                    {}};
        case Reject::AboveMaxNotional:
            return {-2027, "Exceeded the maximum allowable position at current leverage.", 400, {}};
        case Reject::TooManyOpenOrders:
        case Reject::TooManyOpenOrdersInTotal:
            return {-2025, "Reach max open order limit.", 400, {}};
        case Reject::DuplicateClientId:
            return {-4116, "ClientOrderId is duplicated.", 400, {}};
        case Reject::InsufficientBalance:
            return {-2018, "Balance is insufficient.", 400, {}};
        case Reject::InsufficientMargin:
            return {-2019, "Margin is insufficient.", 400, {}};
        case Reject::NothingToReduce:
        case Reject::ReduceOnlyTooLarge:
            return {-2022, "ReduceOnly Order is rejected.", 400, {}};
        case Reject::PostOnlyWouldTake:
        case Reject::AmendWouldTake:
            return {-5022,
                    "Due to the order could not be executed as maker, the Post Only order will be "
                    "rejected.",
                    400,
                    {}};
        case Reject::FillOrKillUnfilled:
            return {-5021,
                    "Due to the order could not be filled immediately, the FOK order has been "
                    "rejected.",
                    400,
                    {}};
        case Reject::UnknownOrder:
        case Reject::OrderClosed:
            return cancel_fault();
        case Reject::NothingToAmend:
            return {-5027, "No need to modify the order.", 400, {}};
        case Reject::TooManyAmends:
            return {-5026, "Exceed maximum modify order limit.", 400, {}};
        case Reject::InvalidLeverage:
            return {-4028, "Leverage is not valid", 400, {}};
        default:
            return {-2010, "Order rejected.", 400, {}};
    }
}

}  // namespace

Fault fault_of(Reject reason, Product product) {
    return product == Product::Spot ? spot(reason) : futures(reason);
}

Fault cancel_fault() { return {-2011, "Unknown order sent.", 400, {}}; }
Fault unknown_order() { return {-2013, "Order does not exist.", 400, {}}; }

}  // namespace parallax::sim_binance
