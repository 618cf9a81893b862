#include "sim/venues/binance/api.hpp"
#include "sim/venues/binance/messages.hpp"
#include "sim/venues/binance/numbers.hpp"

namespace parallax::sim_binance {
namespace {

using sim_engine::OrderStatus;
using sim_engine::Reject;

bool only(const Order& order, std::string_view restriction) {
    if (restriction == "ONLY_NEW") return order.status == OrderStatus::New;
    if (restriction == "ONLY_PARTIALLY_FILLED") return order.status == OrderStatus::PartiallyFilled;
    return true;
}

}  // namespace

tl::expected<const Order*, Fault> Api::order_of(const Call& call, ListingId listing,
                                                const Fault& missing) const {
    Arguments in{call};
    const auto number = in.number("orderId");
    const std::string_view client = in.may("origClientOrderId");
    if (in.fault()) return in.failure();
    if (!number && client.empty())
        return refuse(-1102,
                      "Param 'origClientOrderId' or 'orderId' must be sent, but both were "
                      "empty/null!");
    const Order* const order = number ? venue_.order(OrderId{static_cast<std::uint64_t>(*number)})
                                      : venue_.order(call.account(), sim_engine::ClientId{client});
    if (order == nullptr || order->account != call.account() || order->listing != listing)
        return tl::unexpected{missing};
    if (number && !client.empty() && order->client_id.text() != client)
        return call.product == Product::Spot
                   ? refuse(-2039, "Client order ID is not correct for this order ID.")
                   : tl::unexpected{missing};
    return order;
}

Reply Api::answer_placed(const Call& call, OrderId id, std::size_t events_before) {
    const Order& order = *venue_.order(id);
    if (call.product == Product::Futures) {
        const bool final_state = call.params.text("newOrderRespType") == "RESULT";
        Order shown = order;
        // ACK tells the order as it was accepted.
        if (!final_state) {
            shown.status = OrderStatus::New;
            shown.filled = Quantity{};
            shown.filled_quote = Amount{};
        }
        return futures_order(venue_, shown, false);
    }
    std::vector<const sim_engine::Execution*> fills;
    const auto events = venue_.private_events();
    for (std::size_t i = events_before; i < events.size(); ++i) {
        const auto* const update = std::get_if<sim_engine::OrderUpdate>(&events[i].body);
        if (update != nullptr && update->order.id == id &&
            update->change == sim_engine::OrderChange::Filled)
            fills.push_back(&update->execution);
    }
    const std::string_view kind = call.params.text("newOrderRespType");
    const bool full_by_default = !order.post_only;
    const Detail detail = kind == "ACK"      ? Detail::Ack
                          : kind == "RESULT" ? Detail::Result
                          : kind == "FULL"   ? Detail::Full
                          : full_by_default  ? Detail::Full
                                             : Detail::Ack;
    return spot_placed(venue_, order, call.now, detail, fills);
}

Reply Api::place_one(Call& call) {
    const auto listing = listing_of(call);
    if (!listing) return tl::unexpected{listing.error()};
    const auto request = read_order(call, *listing);
    if (!request) return tl::unexpected{request.error()};
    const std::string_view kind = call.params.text("newOrderRespType");
    if (!kind.empty() && kind != "ACK" && kind != "RESULT" && kind != "FULL")
        return refuse(-1117, "Invalid newOrderRespType.");
    const std::size_t before = venue_.private_events().size();
    const auto placed = venue_.place(*request, call.now);
    if (!placed) return tl::unexpected{fault_of(placed.error(), call.product)};
    return answer_placed(call, *placed, before);
}

Reply Api::place(Call& call) {
    if (auto fault = limits(call.product).charge_orders(call.account(), 1, 1, call.now))
        return tl::unexpected{*fault};
    Reply placed = place_one(call);
    // Spot counts accepted orders only.
    if (!placed && call.product == Product::Spot) {
        for (Limits::OrderLimit& limit : spot_limits_.orders())
            limit.table.take_back(Limits::key(call.account()), call.now, 1);
    }
    return placed;
}

Reply Api::test_order(Call& call) {
    const auto listing = listing_of(call);
    if (!listing) return tl::unexpected{listing.error()};
    const auto request = read_order(call, *listing);
    if (!request) return tl::unexpected{request.error()};
    return Json::object();
}

Json Api::cancel_one(const Call& call, const Order& order, std::string cancel_id) {
    if (cancel_id.empty()) cancel_id = fresh_id(22);
    const OrderId id = order.id;
    if (call.product == Product::Spot) cancel_ids_[id] = cancel_id;
    (void)venue_.cancel(call.account(), id, call.now);
    const Order& ended = *venue_.order(id);
    return call.product == Product::Spot ? spot_cancelled(venue_, ended, call.now, cancel_id)
                                         : futures_order(venue_, ended, false);
}

Reply Api::cancel(Call& call) {
    const auto listing = listing_of(call);
    if (!listing) return tl::unexpected{listing.error()};
    const auto order = order_of(call, *listing, cancel_fault());
    if (!order) return tl::unexpected{order.error()};
    const std::string_view restriction = call.params.text("cancelRestrictions");
    if (!restriction.empty() && restriction != "ONLY_NEW" && restriction != "ONLY_PARTIALLY_FILLED")
        return refuse(-1145, "Invalid cancelRestrictions");
    if (!is_open((*order)->status)) return tl::unexpected{cancel_fault()};
    if (!only(**order, restriction))
        return refuse(-2011, "Order was not canceled due to cancel restrictions.");
    return cancel_one(call, **order, std::string{call.params.text("newClientOrderId")});
}

Reply Api::cancel_all(Call& call) {
    const auto listing = listing_of(call);
    if (!listing) return tl::unexpected{listing.error()};
    std::vector<OrderId> ids;
    for (const Order* order : venue_.open_orders(call.account(), *listing))
        ids.push_back(order->id);
    if (call.product == Product::Futures) {
        venue_.cancel_all(call.account(), *listing, call.now);
        return Json{{"code", 200}, {"msg", "The operation of cancel all open order is done."}};
    }
    if (ids.empty()) return tl::unexpected{cancel_fault()};
    Json out = Json::array();
    for (const OrderId id : ids) out.push_back(cancel_one(call, *venue_.order(id), {}));
    return out;
}

Reply Api::cancel_replace(Call& call) {
    const std::string_view mode = call.params.text("cancelReplaceMode");
    if (mode != "STOP_ON_FAILURE" && mode != "ALLOW_FAILURE")
        return refuse(-1102,
                      "Mandatory parameter 'cancelReplaceMode' was not sent, was empty/null, "
                      "or malformed.");
    const auto listing = listing_of(call);
    if (!listing) return tl::unexpected{listing.error()};
    if (const auto request = read_order(call, *listing); !request)
        return tl::unexpected{request.error()};
    Call cancelling = call;
    for (const char* name : {"orderId", "origClientOrderId", "newClientOrderId"})
        cancelling.params.remove(name);
    const auto take = [&](const char* from, const char* to) {
        if (const std::string* const value = call.params.find(from))
            cancelling.params.add(to, *value);
    };
    take("cancelOrderId", "orderId");
    take("cancelOrigClientOrderId", "origClientOrderId");
    take("cancelNewClientOrderId", "newClientOrderId");
    const Reply cancelled = cancel(cancelling);
    Reply placed = refuse(0, "");
    const bool tried = cancelled || mode == "ALLOW_FAILURE";
    if (tried) placed = place(call);
    Json data{{"cancelResult", cancelled ? "SUCCESS" : "FAILURE"},
              {"newOrderResult", placed  ? "SUCCESS"
                                 : tried ? "FAILURE"
                                         : "NOT_ATTEMPTED"},
              {"cancelResponse", cancelled ? *cancelled : fault_json(cancelled.error())},
              {"newOrderResponse", nullptr}};
    if (tried) data["newOrderResponse"] = placed ? *placed : fault_json(placed.error());
    if (cancelled && placed) return data;
    if (!cancelled && !placed) {
        const bool limited = tried && placed.error().status == 429;
        return tl::unexpected{Fault{-2022, "Order cancel-replace failed.",
                                    static_cast<std::uint16_t>(limited ? 429 : 400), data}};
    }
    return tl::unexpected{Fault{-2021, "Order cancel-replace partially failed.", 409, data}};
}

Reply Api::amend(Call& call) {
    const auto listing = listing_of(call);
    if (!listing) return tl::unexpected{listing.error()};
    const auto order = order_of(call, *listing, Fault{-2038, "Order does not exist.", 400, {}});
    if (!order) return tl::unexpected{order.error()};
    Arguments in{call};
    const auto quantity = venue_.listing(*listing).parse_quantity(in.must("newQty"));
    if (in.fault()) return in.failure();
    if (!quantity) return refuse(-1111, "Parameter 'newQty' has too much precision.");
    const Order before = **order;
    const OrderId id = before.id;
    const auto done = venue_.amend({call.account(), id, std::nullopt, *quantity}, call.now);
    if (!done) {
        const bool closed =
            done.error() == Reject::OrderClosed || done.error() == Reject::UnknownOrder;
        return closed ? refuse(-2038, "Unknown order sent.")
                      : tl::unexpected{fault_of(done.error(), Product::Spot)};
    }
    amended(before, call.now);
    const Order& now = *venue_.order(id);
    const sim_engine::Listing& l = venue_.listing(*listing);
    return Json{{"transactTime", call.now.millis()},
                {"executionId", now.updated.nanos() / 1'000},
                {"amendedOrder",
                 {{"symbol", l.definition.venue_symbol},
                  {"orderId", id.raw()},
                  {"orderListId", -1},
                  {"origClientOrderId", now.client_id.text()},
                  {"clientOrderId", now.client_id.text()},
                  {"price", text(l, now.price)},
                  {"qty", text(l, now.quantity)},
                  {"executedQty", text(l, now.filled)},
                  {"preventedQty", text(l, now.prevented)},
                  {"quoteOrderQty", text(now.quote_quantity)},
                  {"cumulativeQuoteQty", text(now.filled_quote)},
                  {"status", status_text(now)},
                  {"timeInForce", force_text(now, Product::Spot)},
                  {"type", type_text(now, Product::Spot)},
                  {"side", side_text(now.side)},
                  {"workingTime", now.created.millis()},
                  {"selfTradePreventionMode", self_trade_text(now.self_trade)}}}};
}

}  // namespace parallax::sim_binance
