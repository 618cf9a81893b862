#include "sim/venues/okx/order_messages.hpp"

#include "sim/venues/okx/errors.hpp"

namespace parallax::sim_okx {

using sim_engine::Execution;
using sim_engine::Listing;
using sim_engine::Order;
using sim_engine::OrderStatus;
using sim_engine::OrderType;
using sim_engine::SimVenue;

std::string millis(UnixNanos time) { return time.known() ? std::to_string(time.millis()) : ""; }

std::string id_text(sim_engine::OrderId id) { return std::to_string(id.raw()); }

std::string_view inst_type(const Listing& listing) noexcept {
    return listing.perpetual ? "SWAP" : "SPOT";
}

std::string_view state_of(OrderStatus status) noexcept {
    switch (status) {
        case OrderStatus::New:
            return "live";
        case OrderStatus::PartiallyFilled:
            return "partially_filled";
        case OrderStatus::Filled:
            return "filled";
        case OrderStatus::Cancelled:
        case OrderStatus::Expired:
            break;
    }
    return "canceled";
}

std::string average(Amount sum, Quantity quantity, const Listing& listing) {
    if (quantity.is_zero()) return "";
    const __int128 scale = pow10(listing.quantity_scale.decimals);
    __int128 raw = multiply_divide(sum.raw(), scale, quantity.raw(), Rounding::HalfEven);
    raw = divide(raw, kPow10[6], Rounding::HalfEven);
    return format_decimal(raw, 12);
}

Json order_json(const SimVenue& venue, const Order& order, const OrderNote& note, OrderForm form) {
    const Listing& listing = venue.listing(order.listing);
    const bool push = form == OrderForm::Push;
    const bool market = order.type == OrderType::Market;
    const std::string fee_ccy = note.fee_asset.valid() ? venue.asset_name(note.fee_asset)
                                : listing.perpetual || order.side == Side::Sell
                                    ? listing.definition.quote
                                    : listing.definition.base;
    const std::string rebate_ccy = listing.perpetual ? listing.definition.quote : fee_ccy;
    const bool closed = order.reason != sim_engine::CloseReason::None;
    Json row;
    row["accFillSz"] = listing.text(order.filled);
    row["algoClOrdId"] = "";
    row["algoId"] = "";
    if (push) {
        row["amendResult"] = note.amended_by_user ? "0" : "";
        row["amendSource"] = note.amended_by_user ? "1" : "";
    }
    row["attachAlgoClOrdId"] = "";
    row["attachAlgoOrds"] = Json::array();
    const std::string paid = average(order.filled_quote, order.filled, listing);
    row["avgPx"] = push && paid.empty() ? "0" : paid;
    row["cTime"] = millis(order.created);
    row["cancelSource"] = closed ? std::string{cancel_source(order.reason)} : "";
    row["cancelSourceReason"] = "";
    row["category"] = order.liquidation ? "partial_liquidation" : "normal";
    row["ccy"] = "";
    row["clOrdId"] = std::string{order.client_id.text()};
    if (push) row["code"] = "0";
    if (push) row["execType"] = "";
    row["fee"] = note.fee.text();
    row["feeCcy"] = fee_ccy;
    const bool filled = !order.filled.is_zero() && note.filled_at.known();
    if (push) {
        row["fillFee"] = "0";
        row["fillFeeCcy"] = "";
        row["fillNotionalUsd"] = "";
        row["fillPnl"] = "0";
    }
    row["fillPx"] = !push && filled ? listing.text(note.last.price) : "";
    row["fillSz"] = !push && filled ? listing.text(note.last.quantity) : push ? "0" : "";
    row["fillTime"] = !push && filled ? millis(note.filled_at) : "";
    row["instId"] = listing.definition.venue_symbol;
    row["instType"] = inst_type(listing);
    row["isTpLimit"] = "false";
    if (push) row["lastPx"] = listing.text(venue.desk(order.listing).last_price);
    row["lever"] = listing.perpetual
                       ? std::to_string(venue.position(order.account, order.listing).leverage())
                       : "";
    row["linkedAlgoOrd"] = Json{{"algoId", ""}};
    if (push) {
        row["msg"] = "";
        const Price at = market ? venue.desk(order.listing).last_price : order.price;
        row["notionalUsd"] = at > Price{} ? listing.notional(at, order.quantity).text() : "";
    }
    row["ordId"] = id_text(order.id);
    row["ordType"] = note.kind;
    row["pnl"] = note.pnl.text();
    row["posSide"] = listing.perpetual ? "net" : "";
    row["px"] = market ? "" : listing.text(order.price);
    row["pxType"] = "";
    row["pxUsd"] = "";
    row["pxVol"] = "";
    row["quickMgnType"] = "";
    row["rebate"] = note.rebate.text();
    row["rebateCcy"] = rebate_ccy;
    row["reduceOnly"] = order.reduce_only ? "true" : "false";
    if (push) row["reqId"] = note.request;
    row["side"] = to_string(order.side);
    row["slOrdPx"] = "";
    row["slTriggerPx"] = "";
    row["slTriggerPxType"] = "";
    row["source"] = "";
    row["state"] = state_of(order.status);
    row["stpId"] = "";
    row["stpMode"] = note.stp_mode;
    row["sz"] = order.in_quote() ? order.quote_quantity.text() : listing.text(order.quantity);
    row["tag"] = note.tag;
    row["tdMode"] = note.trade_mode;
    row["tgtCcy"] = note.unit;
    row["tpOrdPx"] = "";
    row["tpTriggerPx"] = "";
    row["tpTriggerPxType"] = "";
    row["tradeId"] = !push && filled ? std::to_string(note.last.trade.raw()) : "";
    row["tradeQuoteCcy"] = listing.perpetual ? "" : listing.definition.quote;
    row["uTime"] = millis(order.updated);
    return row;
}

void add_fill(Json& row, const SimVenue& venue, const Order& order, const Execution& fill,
              UnixNanos time) {
    const Listing& listing = venue.listing(order.listing);
    row["execType"] = fill.maker ? "M" : "T";
    row["fillFee"] = (-fill.fee).text();
    row["fillFeeCcy"] = fill.fee_asset.valid() ? venue.asset_name(fill.fee_asset) : "";
    row["fillNotionalUsd"] = fill.quote.text();
    row["fillPnl"] = fill.realised.text();
    row["fillPx"] = listing.text(fill.price);
    row["fillSz"] = listing.text(fill.quantity);
    row["fillTime"] = millis(time);
    row["tradeId"] = std::to_string(fill.trade.raw());
}

Json fill_json(const SimVenue& venue, const sim_engine::Fill& fill, const OrderNote& note) {
    const Listing& listing = venue.listing(fill.listing);
    const Execution& e = fill.execution;
    // The rate charged, on what the fee was taken from.
    const bool on_base = e.fee_asset == listing.base && !listing.perpetual;
    const Amount basis = on_base ? listing.amount(e.quantity) : e.quote;
    const Rate rate = basis.is_zero() ? Rate{} : ratio(-e.fee, basis, Rounding::HalfEven);
    Json row;
    row["side"] = to_string(fill.side);
    row["fillSz"] = listing.text(e.quantity);
    row["fillPx"] = listing.text(e.price);
    row["fillPxVol"] = "";
    row["fillFwdPx"] = "";
    row["fillIdxPx"] = "";
    row["fillMarkPx"] = "";
    row["fillMarkVol"] = "";
    row["fillPxUsd"] = "";
    row["fee"] = (-e.fee).text();
    row["fillPnl"] = e.realised.text();
    row["ordId"] = id_text(fill.order);
    row["feeRate"] = format_decimal(rate.raw(), 9);
    row["instType"] = inst_type(listing);
    row["instId"] = listing.definition.venue_symbol;
    row["clOrdId"] = std::string{fill.client_id.text()};
    row["posSide"] = "net";
    row["billId"] = std::to_string(fill.number);
    row["subType"] = fill.side == Side::Buy ? "1" : "2";
    row["tag"] = note.tag;
    row["fillTime"] = millis(fill.time);
    row["execType"] = e.maker ? "M" : "T";
    row["tradeId"] = std::to_string(e.trade.raw());
    row["feeCcy"] = e.fee_asset.valid() ? venue.asset_name(e.fee_asset) : "";
    row["ts"] = millis(fill.time);
    row["tradeQuoteCcy"] = listing.perpetual ? "" : listing.definition.quote;
    return row;
}

}  // namespace parallax::sim_okx
