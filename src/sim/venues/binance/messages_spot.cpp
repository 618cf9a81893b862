#include "sim/venues/binance/messages.hpp"
#include "sim/venues/binance/numbers.hpp"

namespace parallax::sim_binance {
namespace {

using sim_engine::CloseReason;
using sim_engine::Execution;
using sim_engine::Listing;
using sim_engine::OrderChange;
using sim_engine::OrderStatus;
using sim_engine::OrderType;

constexpr const char* kZero = "0.00000000";

std::string limit_text(const Listing& listing, const Order& order) {
    return order.type == OrderType::Market ? kZero : text(listing, order.price);
}

/// What every answer about an order says behind its ids and times.
void add_state(Json& out, const Listing& listing, const Order& order) {
    out["price"] = limit_text(listing, order);
    out["origQty"] = text(listing, order.quantity);
    out["executedQty"] = text(listing, order.filled);
    out["origQuoteOrderQty"] = text(order.quote_quantity);
    out["cummulativeQuoteQty"] = text(order.filled_quote);
    out["status"] = status_text(order);
    out["timeInForce"] = force_text(order, Product::Spot);
    out["type"] = type_text(order, Product::Spot);
    out["side"] = side_text(order.side);
}

}  // namespace

Json spot_order(const SimVenue& venue, const Order& order) {
    const Listing& listing = venue.listing(order.listing);
    Json out{{"symbol", listing.definition.venue_symbol},
             {"orderId", order.id.raw()},
             {"orderListId", -1},
             {"clientOrderId", order.client_id.text()}};
    add_state(out, listing, order);
    out["stopPrice"] = kZero;
    out["icebergQty"] = kZero;
    out["time"] = order.created.millis();
    out["updateTime"] = order.updated.millis();
    out["isWorking"] = true;
    out["workingTime"] = order.created.millis();
    out["selfTradePreventionMode"] = self_trade_text(order.self_trade);
    return out;
}

Json spot_placed(const SimVenue& venue, const Order& order, UnixNanos now, Detail detail,
                 const std::vector<const Execution*>& fills) {
    const Listing& listing = venue.listing(order.listing);
    Json out{{"symbol", listing.definition.venue_symbol},
             {"orderId", order.id.raw()},
             {"orderListId", -1},
             {"clientOrderId", order.client_id.text()},
             {"transactTime", now.millis()}};
    if (detail == Detail::Ack) return out;
    add_state(out, listing, order);
    out["workingTime"] = order.created.millis();
    if (detail == Detail::Full) {
        out["fills"] = Json::array();
        for (const Execution* fill : fills) {
            out["fills"].push_back({{"price", text(listing, fill->price)},
                                    {"qty", text(listing, fill->quantity)},
                                    {"commission", text(fill->fee)},
                                    {"commissionAsset", venue.asset_name(fill->fee_asset)},
                                    {"tradeId", fill->trade.raw()}});
        }
    }
    out["selfTradePreventionMode"] = self_trade_text(order.self_trade);
    if (order.status == OrderStatus::Expired) out["expiryReason"] = expiry_text(order);
    return out;
}

Json spot_cancelled(const SimVenue& venue, const Order& order, UnixNanos now,
                    const std::string& cancel_id) {
    const Listing& listing = venue.listing(order.listing);
    Json out{{"symbol", listing.definition.venue_symbol},
             {"origClientOrderId", order.client_id.text()},
             {"orderId", order.id.raw()},
             {"orderListId", -1},
             {"clientOrderId", cancel_id},
             {"transactTime", now.millis()}};
    add_state(out, listing, order);
    out["selfTradePreventionMode"] = self_trade_text(order.self_trade);
    return out;
}

Json spot_fill(const SimVenue& venue, const sim_engine::Fill& fill) {
    const Listing& listing = venue.listing(fill.listing);
    const Execution& e = fill.execution;
    return {{"symbol", listing.definition.venue_symbol},
            {"id", e.trade.raw()},
            {"orderId", fill.order.raw()},
            {"orderListId", -1},
            {"price", text(listing, e.price)},
            {"qty", text(listing, e.quantity)},
            {"quoteQty", text(e.quote)},
            {"commission", text(e.fee)},
            {"commissionAsset", venue.asset_name(e.fee_asset)},
            {"time", fill.time.millis()},
            {"isBuyer", fill.side == Side::Buy},
            {"isMaker", e.maker},
            {"isBestMatch", true}};
}

Json execution_report(const SimVenue& venue, const sim_engine::OrderUpdate& update,
                      std::uint64_t number, UnixNanos time, const std::string& cancel_id) {
    const Order& order = update.order;
    const Listing& listing = venue.listing(order.listing);
    const Execution& e = update.execution;
    const bool fill = update.change == OrderChange::Filled;
    const std::string status = status_text(order);
    const char* kind = update.change == OrderChange::Accepted  ? "NEW"
                       : fill                                  ? "TRADE"
                       : update.change == OrderChange::Amended ? "REPLACED"
                       : status == "EXPIRED_IN_MATCH"          ? "TRADE_PREVENTION"
                       : status == "EXPIRED"                   ? "EXPIRED"
                                                               : "CANCELED";
    const bool cancelled = !cancel_id.empty();
    Json out{{"e", "executionReport"},
             {"E", time.millis()},
             {"s", listing.definition.venue_symbol},
             {"c", cancelled ? cancel_id : std::string{order.client_id.text()}},
             {"S", side_text(order.side)},
             {"o", type_text(order, Product::Spot)},
             {"f", force_text(order, Product::Spot)},
             {"q", text(listing, order.quantity)},
             {"p", limit_text(listing, order)},
             {"P", kZero},
             {"F", kZero},
             {"g", -1},
             {"C", cancelled ? std::string{order.client_id.text()} : std::string{}},
             {"x", kind},
             {"X", status},
             {"r", "NONE"},
             {"i", order.id.raw()},
             {"l", fill ? text(listing, e.quantity) : kZero},
             {"z", text(listing, order.filled)},
             {"L", fill ? text(listing, e.price) : kZero},
             {"n", fill ? text(e.fee) : "0"},
             {"N", nullptr},
             {"T", time.millis()},
             {"t", -1},
             {"I", number},
             {"w", is_open(order.status) && order.type == OrderType::Limit},
             {"m", fill && e.maker},
             {"M", fill},
             {"O", order.created.millis()},
             {"Z", text(order.filled_quote)},
             {"Y", fill ? text(e.quote) : kZero},
             {"Q", text(order.quote_quantity)},
             {"W", order.created.millis()},
             {"V", self_trade_text(order.self_trade)}};
    if (fill) {
        out["N"] = venue.asset_name(e.fee_asset);
        out["t"] = e.trade.raw();
    }
    if (order.status == OrderStatus::Expired) out["eR"] = expiry_text(order);
    return out;
}

}  // namespace parallax::sim_binance
