#include "sim/venues/binance/messages.hpp"
#include "sim/venues/binance/numbers.hpp"

namespace parallax::sim_binance {
namespace {

using sim_engine::CloseReason;
using sim_engine::Execution;
using sim_engine::Listing;
using sim_engine::OrderChange;
using sim_engine::OrderType;

std::string limit_price(const Listing& listing, const Order& order) {
    return order.type == OrderType::Market ? "0" : text(listing, order.price);
}

std::string average_price(const Listing& listing, const Order& order) {
    return average(order.filled_quote, listing.amount(order.filled),
                   static_cast<std::uint8_t>(price_digits(listing) + 2));
}

/// er of ORDER_TRADE_UPDATE.
int expiry_code(const Order& order) noexcept {
    switch (order.reason) {
        case CloseReason::SelfTrade:
            return 1;
        case CloseReason::ImmediateOrCancel:
            return 2;
        case CloseReason::ReduceOnly:
            return 4;
        case CloseReason::Liquidation:
            return 5;
        case CloseReason::Delisted:
            return 7;
        case CloseReason::NoLiquidity:
        case CloseReason::PriceProtection:
            return 9;
        case CloseReason::FillOrKill:
            return 10;
        case CloseReason::PostOnly:
        case CloseReason::AmendWouldTake:
            return 11;
        default:
            return 0;
    }
}

}  // namespace

Json futures_order(const SimVenue& venue, const Order& order, bool queried) {
    const Listing& listing = venue.listing(order.listing);
    Json out{{"orderId", order.id.raw()},
             {"symbol", listing.definition.venue_symbol},
             {"status", status_text(order)},
             {"clientOrderId", order.client_id.text()},
             {"price", limit_price(listing, order)},
             {"origQty", text(listing, order.quantity)},
             {"executedQty", text(listing, order.filled)}};
    // Only a query tells what was paid; answers to requests stopped to in July 2026.
    if (queried) {
        out["avgPrice"] = average_price(listing, order);
        out["cumQuote"] = text(order.filled_quote);
    } else {
        out["cumQty"] = text(listing, order.filled);
    }
    out["timeInForce"] = force_text(order, Product::Futures);
    out["type"] = type_text(order, Product::Futures);
    out["reduceOnly"] = order.reduce_only;
    out["closePosition"] = false;
    out["side"] = side_text(order.side);
    out["positionSide"] = "BOTH";
    out["stopPrice"] = "0";
    out["workingType"] = "CONTRACT_PRICE";
    out["priceProtect"] = false;
    out["origType"] = type_text(order, Product::Futures);
    out["priceMatch"] = "NONE";
    out["selfTradePreventionMode"] = self_trade_text(order.self_trade);
    out["goodTillDate"] = 0;
    if (queried) out["time"] = order.created.millis();
    out["updateTime"] = order.updated.millis();
    return out;
}

Json force_order(const Listing& l, const Order& order, UnixNanos time) {
    const std::string worst = limit_price(l, order);
    const std::string average = average_price(l, order);
    return {{"e", "forceOrder"},
            {"E", time.millis()},
            {"o",
             {{"s", l.definition.venue_symbol},
              {"S", side_text(order.side)},
              {"o", "LIMIT"},
              {"f", "IOC"},
              {"q", text(l, order.quantity)},
              {"p", order.price > Price{} ? worst : average},
              {"ap", average},
              {"X", status_text(order)},
              {"l", text(l, order.filled)},
              {"z", text(l, order.filled)},
              {"T", time.millis()}}}};
}

Json futures_fill(const SimVenue& venue, const sim_engine::Fill& fill) {
    const Listing& listing = venue.listing(fill.listing);
    const Execution& e = fill.execution;
    return {{"symbol", listing.definition.venue_symbol},
            {"id", e.trade.raw()},
            {"orderId", fill.order.raw()},
            {"side", side_text(fill.side)},
            {"price", text(listing, e.price)},
            {"qty", text(listing, e.quantity)},
            {"realizedPnl", text(e.realised)},
            {"quoteQty", text(e.quote)},
            {"commission", text(e.fee)},
            {"commissionAsset", venue.asset_name(e.fee_asset)},
            {"time", fill.time.millis()},
            {"positionSide", "BOTH"},
            {"maker", e.maker},
            {"buyer", fill.side == Side::Buy}};
}

Json order_trade_update(const SimVenue& venue, const sim_engine::OrderUpdate& update,
                        UnixNanos time) {
    const Order& order = update.order;
    const Listing& listing = venue.listing(order.listing);
    const Execution& e = update.execution;
    const bool fill = update.change == OrderChange::Filled;
    const std::string status = status_text(order);
    const char* kind = update.change == OrderChange::Accepted  ? "NEW"
                       : fill && order.liquidation             ? "CALCULATED"
                       : fill                                  ? "TRADE"
                       : update.change == OrderChange::Amended ? "AMENDMENT"
                       : status == "CANCELED"                  ? "CANCELED"
                                                               : "EXPIRED";
    Json o{{"s", listing.definition.venue_symbol},
           {"c", order.client_id.text()},
           {"S", side_text(order.side)},
           {"o", type_text(order, Product::Futures)},
           {"f", force_text(order, Product::Futures)},
           {"q", text(listing, order.quantity)},
           {"p", limit_price(listing, order)},
           {"ap", average_price(listing, order)},
           {"sp", "0"},
           {"x", kind},
           {"X", status},
           {"i", order.id.raw()},
           {"l", fill ? text(listing, e.quantity) : "0"},
           {"z", text(listing, order.filled)},
           {"L", fill ? text(listing, e.price) : "0"}};
    if (fill) {
        o["n"] = text(e.fee);
        o["N"] = venue.asset_name(e.fee_asset);
    }
    o["T"] = time.millis();
    o["t"] = fill ? e.trade.raw() : 0;
    o["b"] = "0";
    o["a"] = "0";
    o["m"] = fill && e.maker;
    o["R"] = order.reduce_only;
    o["wt"] = "CONTRACT_PRICE";
    o["ot"] = type_text(order, Product::Futures);
    o["ps"] = "BOTH";
    o["cp"] = false;
    o["rp"] = fill ? text(e.realised) : "0";
    o["pP"] = false;
    o["si"] = 0;
    o["ss"] = 0;
    o["V"] = self_trade_text(order.self_trade);
    o["pm"] = "NONE";
    o["gtd"] = 0;
    o["er"] = std::to_string(expiry_code(order));
    return {{"e", "ORDER_TRADE_UPDATE"}, {"T", time.millis()}, {"E", time.millis()}, {"o", o}};
}

Json trade_lite(const SimVenue& venue, const sim_engine::OrderUpdate& update, UnixNanos time) {
    const Order& order = update.order;
    const Listing& listing = venue.listing(order.listing);
    const Execution& e = update.execution;
    return {{"e", "TRADE_LITE"},
            {"E", time.millis()},
            {"T", time.millis()},
            {"s", listing.definition.venue_symbol},
            {"q", text(listing, order.quantity)},
            {"p", limit_price(listing, order)},
            {"m", e.maker},
            {"c", order.client_id.text()},
            {"S", side_text(order.side)},
            {"L", text(listing, e.price)},
            {"l", text(listing, e.quantity)},
            {"t", e.trade.raw()},
            {"i", order.id.raw()}};
}

}  // namespace parallax::sim_binance
