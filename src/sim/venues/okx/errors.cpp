#include "sim/venues/okx/errors.hpp"

namespace parallax::sim_okx {

using sim_engine::CloseReason;
using sim_engine::Reject;

std::string text_of(const Code& code, std::string_view what) {
    std::string text{code.text};
    const std::size_t at = text.find("{}");
    if (at != std::string::npos) text.replace(at, 2, what);
    return text;
}

Refusal refusal(const Code& code, std::string_view what) {
    return {std::string{code.code}, text_of(code, what), ""};
}

Refusal refusal(Reject reason, Action action, const sim_engine::Listing& listing,
                std::string_view currency) {
    const bool swap = listing.perpetual;
    const std::string ccy{currency};
    switch (reason) {
        case Reject::None:
            return {};
        case Reject::UnknownListing:
        case Reject::Delisted:  // a delisted instrument vanishes
            return refusal(kUnknownInstrument);
        case Reject::Halted:
        case Reject::CancelOnly:
            return {"51022", "Instrument suspended.", ""};
        case Reject::PostOnlyPhase:  // a choice: no source gives the code of this state
            return {"51124", "You can only place limit orders during call auction.", ""};
        case Reject::InvalidCombination:
            return refusal(kParameter, "ordType");
        case Reject::InvalidQuantity:
            return refusal(kParameter, "sz");
        case Reject::InvalidPrice:
            return refusal(kParameter, "px");
        case Reject::LotSize:
            return {"51121", "Order quantity must be a multiple of the lot size.", ""};
        case Reject::TickSize:
            return {"51150", "The precision of the number of trades or price exceeds the limit.",
                    ""};
        case Reject::BelowMinQuantity:
            return {"51020", "Your order should meet or exceed the minimum order amount.", ""};
        case Reject::BelowMinNotional:
            return {"51120", "Order quantity is less than the minimum, please try again.", ""};
        case Reject::AboveMaxQuantity:
            if (!swap) return {"51005", "Your order amount exceeds the max order amount.", ""};
            return {"51101",
                    "Entered amount exceeds the max pending order amount (Cont) per transaction.",
                    ""};
        case Reject::AboveMaxMarketQuantity:
            return {"51202", "Market order amount exceeds the max amount.", ""};
        case Reject::AboveMaxNotional:
            return {"51185", "The maximum value allowed per order is exceeded.", ""};
        case Reject::BelowMinPrice:
        case Reject::AboveMaxPrice:
            return {"51006", "Order price is not within the price limit.", ""};
        case Reject::PriceTooHigh:
            if (swap) return {"51006", "Order price is not within the price limit.", ""};
            return {"51137", "The highest price limit for buy orders is exceeded.", ""};
        case Reject::PriceTooLow:
            if (swap) return {"51006", "Order price is not within the price limit.", ""};
            return {"51138", "The lowest price limit for sell orders is exceeded.", ""};
        case Reject::TooManyOpenOrders:
            return {"51174", "The number of pending orders of this instrument reached its limit.",
                    ""};
        case Reject::TooManyOpenOrdersInTotal:
            return {"51025", "Order count exceeds the limit.", ""};
        case Reject::DuplicateClientId:
            return {"51016", "Client order ID already exists.", ""};
        case Reject::InsufficientBalance:
            return {"51008", "Order failed. Insufficient " + ccy + " balance in account", "1000"};
        case Reject::InsufficientMargin:
            return {"51008", "Order failed. Insufficient " + ccy + " margin in account", "1000"};
        case Reject::NothingToReduce:
            return {"51169",
                    "Order failed because you don't have any positions in this direction for this "
                    "contract to reduce or close.",
                    ""};
        case Reject::ReduceOnlyTooLarge:
            return {"51148", "ReduceOnly cannot increase the position quantity.", ""};
        case Reject::UnknownOrder:
        case Reject::OrderClosed:
            if (action == Action::Amend)
                return {"51503",
                        "Order modification failed as the order has been filled, canceled or does "
                        "not exist.",
                        ""};
            return {"51400",
                    "Order cancellation failed as the order has been filled, canceled or does not "
                    "exist.",
                    ""};
        case Reject::NothingToAmend:
            return refusal(kNothingToAmend);
        case Reject::AmendNotAllowed:
        case Reject::AmendBelowFilled:
            return {"51506", "Order modification unavailable for the order type.", ""};
        case Reject::PostOnlyWouldTake:
        case Reject::AmendWouldTake:
            return {"51511",
                    "Order modification failed as the order price doesn't meet the requirement for "
                    "Post only.",
                    ""};
        case Reject::TooManyAmends:
            return {"51513",
                    "Maximum of 3 order modifications in progress. Please try again later.", ""};
        case Reject::FillOrKillUnfilled:
        case Reject::UnknownAccount:
        case Reject::UnknownAsset:
        case Reject::InvalidAmount:
        case Reject::InvalidLeverage:
        case Reject::WalletNotOffered:
        case Reject::UnknownMovement:
        case Reject::MovementFinal:
            break;  // never the answer to an order operation here
    }
    return {"50026", "System error. Try again later.", ""};
}

std::string_view cancel_source(CloseReason reason) noexcept {
    switch (reason) {
        case CloseReason::None:
        case CloseReason::Delisted:
            return "0";
        case CloseReason::User:
        case CloseReason::CancelAll:
        case CloseReason::Replaced:
        case CloseReason::AmendBelowFilled:
            return "1";
        case CloseReason::Liquidation:
            return "3";
        case CloseReason::FillOrKill:
            return "13";
        case CloseReason::ImmediateOrCancel:
        case CloseReason::NoLiquidity:
            return "14";
        case CloseReason::PriceProtection:
            return "15";
        case CloseReason::DeadManSwitch:
            return "20";
        case CloseReason::ReduceOnly:
            return "23";
        case CloseReason::PostOnly:
        case CloseReason::AmendWouldTake:
            return "31";
        case CloseReason::SelfTrade:
            return "32";
        case CloseReason::TooManyMatches:
            return "33";
    }
    return "0";
}

}  // namespace parallax::sim_okx
