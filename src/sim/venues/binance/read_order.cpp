// From parameters to a request the engine understands (sheet: 1.7, 7.5).
#include <algorithm>

#include "sim/venues/binance/api.hpp"
#include "sim/venues/binance/numbers.hpp"

namespace parallax::sim_binance {
namespace {

using sim_engine::NewOrder;
using sim_engine::OrderType;
using sim_engine::SelfTrade;
using sim_engine::TimeInForce;

bool good_client_id(std::string_view id, Product product) {
    const auto good = [product](char c) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_';
        return plain || (product == Product::Futures && (c == '.' || c == ':' || c == '/'));
    };
    return !id.empty() && id.size() <= 36 && std::all_of(id.begin(), id.end(), good);
}

/// A decimal of the listing's scale; more digits than it has are "too much precision".
template <class Value, class Parse>
Value decimal(Arguments& in, std::string_view name, std::string_view text, Product product,
              Parse parse) {
    if (text.empty()) return {};
    const auto value = parse(text);
    if (value && !(*value < Value{})) return *value;
    if (!value && value.error() == Errc::Unrepresentable && product == Product::Futures) {
        in.wrong(-1111, "Precision is over the maximum defined for this asset.");
    } else if (!value && value.error() == Errc::Unrepresentable) {
        in.wrong(-1111, "Parameter '" + std::string{name} + "' has too much precision.");
    } else {
        in.wrong(-1100, "Illegal characters found in parameter '" + std::string{name} +
                            "'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.");
    }
    return {};
}

void read_type(Arguments& in, const Call& call, NewOrder& order) {
    const std::string_view type = in.must("type");
    const bool futures = call.product == Product::Futures;
    if (type == "MARKET") {
        order.type = OrderType::Market;
    } else if (type == "LIMIT_MAKER" && !futures) {
        order.post_only = true;
    } else if (type == "STOP_LOSS" || type == "STOP_LOSS_LIMIT" || type == "TAKE_PROFIT" ||
               type == "TAKE_PROFIT_LIMIT" || type == "STOP" || type == "STOP_MARKET" ||
               type == "TAKE_PROFIT_MARKET" || type == "TRAILING_STOP_MARKET") {
        if (futures)
            in.wrong(-4120,
                     "Order type not supported for this endpoint. Please use the Algo Order "
                     "API endpoints instead.");
        in.wrong(-2010, "This order type is not supported for this symbol.");
    } else if (type != "LIMIT" && !type.empty()) {
        in.wrong(-1116, "Invalid orderType.");
    }
}

void read_force(Arguments& in, const Call& call, NewOrder& order) {
    const bool plain_limit = order.type == OrderType::Limit && !order.post_only;
    const std::string_view force = plain_limit ? in.must("timeInForce") : in.may("timeInForce");
    if (!plain_limit && !force.empty() && call.product == Product::Spot)
        return in.wrong(-1106, "Parameter 'timeInForce' sent when not required.");
    if (force == "IOC") order.time_in_force = TimeInForce::ImmediateOrCancel;
    if (force == "FOK") order.time_in_force = TimeInForce::FillOrKill;
    if (force == "GTX" && call.product == Product::Futures) {
        order.post_only = true;
    } else if (!force.empty() && force != "GTC" && force != "IOC" && force != "FOK") {
        in.wrong(-1115, "Invalid timeInForce.");
    }
}

void read_sizes(Arguments& in, const Call& call, const Listing& l, NewOrder& order) {
    const bool market = order.type == OrderType::Market;
    const bool by_quote = market && call.product == Product::Spot && in.may("quoteOrderQty") != "";
    if (by_quote && call.params.has("quantity"))
        in.wrong(-1106, "Parameter 'quantity' sent when not required.");
    if (by_quote) {
        order.quote_quantity =
            decimal<Amount>(in, "quoteOrderQty", in.must("quoteOrderQty"), call.product,
                            [](std::string_view t) { return Amount::parse(t); });
        if (order.quote_quantity.is_zero()) in.wrong(-1013, "Invalid quantity.");
    } else {
        order.quantity = decimal<Quantity>(in, "quantity", in.must("quantity"), call.product,
                                           [&](std::string_view t) { return l.parse_quantity(t); });
    }
    if (market && call.params.has("price") && call.product == Product::Spot)
        in.wrong(-1106, "Parameter 'price' sent when not required.");
    if (!market)
        order.price = decimal<Price>(in, "price", in.must("price"), call.product,
                                     [&](std::string_view t) { return l.parse_price(t); });
}

void read_self_trade(Arguments& in, NewOrder& order) {
    constexpr std::pair<std::string_view, SelfTrade> kModes[] = {
        {"NONE", SelfTrade::Allow},
        {"EXPIRE_TAKER", SelfTrade::CancelTaker},
        {"EXPIRE_MAKER", SelfTrade::CancelMaker},
        {"EXPIRE_BOTH", SelfTrade::CancelBoth},
        {"DECREMENT", SelfTrade::Decrement}};
    const std::string_view mode = in.may("selfTradePreventionMode");
    if (mode.empty()) return;
    for (const auto& [name, value] : kModes) {
        if (name == mode) order.self_trade = value;
    }
    if (!order.self_trade)
        in.wrong(-1013, "This symbol does not allow the specified self-trade prevention mode.");
}

}  // namespace

tl::expected<NewOrder, Fault> Api::read_order(const Call& call, ListingId listing) {
    Arguments in{call};
    NewOrder order;
    order.account = call.account();
    order.listing = listing;
    const std::string_view side = in.must("side");
    if (!side.empty() && side != "BUY" && side != "SELL") in.wrong(-1117, "Invalid side.");
    order.side = side == "SELL" ? Side::Sell : Side::Buy;
    read_type(in, call, order);
    read_force(in, call, order);
    if (in.fault()) return in.failure();
    read_sizes(in, call, venue_.listing(listing), order);
    read_self_trade(in, order);
    if (call.product == Product::Futures) {
        order.reduce_only = in.flag("reduceOnly");
        const std::string_view position = in.may("positionSide");
        const bool hedge = venue_.account(call.account()).settings.hedge_mode;
        if (hedge || (!position.empty() && position != "BOTH"))
            in.wrong(-4061, "Order's position side does not match user's setting.");
    } else if (call.params.has("icebergQty") || call.params.has("stopPrice") ||
               call.params.has("trailingDelta")) {
        in.wrong(-2010, "Iceberg and stop orders are not supported for this symbol.");
    }
    const std::string_view id = in.may("newClientOrderId");
    if (in.fault()) return in.failure();
    if (!id.empty() && !good_client_id(id, call.product)) {
        if (call.product == Product::Futures) return refuse(-4015, "Client order id is not valid.");
        return refuse(-1100,
                      "Illegal characters found in parameter 'newClientOrderId'; legal range is "
                      "'^[a-zA-Z0-9-_]{1,36}$'.");
    }
    order.client_id = sim_engine::ClientId{id.empty() ? fresh_id(22) : std::string{id}};
    return order;
}

}  // namespace parallax::sim_binance
