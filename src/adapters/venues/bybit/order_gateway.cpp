// What is sent: operations, sign-in, questions. order_reader.cpp has what comes back.
#include "adapters/venues/bybit/order_gateway.hpp"

#include "adapters/venues/bybit/limits.hpp"
#include "adapters/venues/bybit/order_reader.hpp"
#include "adapters/venues/common/encoding.hpp"
#include "adapters/venues/common/order_numbers.hpp"

namespace parallax::bybit {

using messages::TimeInForce;
using venue_common::append_number;
using venue_common::append_parameter;
using venue_common::Ask;
using venue_common::Link;
using venue_common::LinkOptions;
using venue_common::OrderItem;
using venue_common::OrderOperation;
using venue_common::OrderVerb;
using venue_common::Question;
using venue_common::RateRequest;
using venue_common::RestCall;

namespace {

constexpr Nanos kSignedFor = Nanos::seconds(10);

constexpr std::string_view text_of(TimeInForce time_in_force) noexcept {
    switch (time_in_force) {
        case TimeInForce::Ioc:
            return "IOC";
        case TimeInForce::Fok:
            return "FOK";
        case TimeInForce::Gtc:
            return "GTC";
        case TimeInForce::PostOnly:
            return "PostOnly";
    }
    return "IOC";
}

constexpr std::string_view kVerbs[] = {"create", "cancel", "amend"};
std::string_view verb_text(OrderVerb verb) noexcept {
    return kVerbs[static_cast<std::size_t>(verb)];
}

bool spot_of(const Instrument& instrument) noexcept {
    return instrument.market == Market::BybitSpot;
}
std::string_view category_of(bool spot) noexcept { return spot ? "spot" : "linear"; }

}  // namespace

Orders::Orders(const Universe& universe, const Signer& signer, std::string_view tag,
               OrderSettings settings)
    : universe_{universe},
      signer_{signer},
      settings_{std::move(settings)},
      ids_{tag},
      reader_{std::make_unique<Reader>(universe)} {}
Orders::~Orders() = default;

RateRequest Orders::rate(OrderVerb verb, const Instrument& instrument,
                         std::size_t items) const noexcept {
    const bool spot = spot_of(instrument);
    const bool batch = items > 1;
    RateRequest out;
    out.items = static_cast<std::uint32_t>(items);
    switch (verb) {
        case OrderVerb::Place:
            out.call = batch ? (spot ? kBatchPlaceSpot : kBatchPlaceLinear)
                             : (spot ? kPlaceSpot : kPlaceLinear);
            break;
        case OrderVerb::Cancel:
            out.call = batch ? (spot ? kBatchCancelSpot : kBatchCancelLinear)
                             : (spot ? kCancelSpot : kCancelLinear);
            break;
        case OrderVerb::Amend:
            out.call = batch ? (spot ? kBatchAmendSpot : kBatchAmendLinear)
                             : (spot ? kAmendSpot : kAmendLinear);
            break;
    }
    return out;
}

// ---- operations

bool Orders::write_item(OrderVerb verb, const OrderItem& item, bool category,
                        std::string& out) const {
    const Instrument& instrument = *item.instrument;
    const bool spot = spot_of(instrument);
    out += '{';
    if (category) {
        out += R"("category":")";
        out += category_of(spot);
        out += "\",";
    }
    out += R"("symbol":")";
    out += instrument.venue_symbol;
    if (verb != OrderVerb::Place && !item.venue_id.empty()) {
        out += R"(","orderId":")";
        out += item.venue_id;
    } else {
        out += R"(","orderLinkId":")";
        out += venue_common::view(ids_.write(item.id));
    }
    out += '"';
    if (verb == OrderVerb::Cancel) {
        out += '}';
        return true;
    }
    const bool place = verb == OrderVerb::Place;
    if (place) {
        out += item.side == Side::Buy ? R"(,"side":"Buy","orderType":"Limit","timeInForce":")"
                                      : R"(,"side":"Sell","orderType":"Limit","timeInForce":")";
        out += text_of(item.time_in_force);
        out += '"';
        if (!spot)
            out +=
                item.reduce_only ? R"(,"positionIdx":0,"reduceOnly":true)" : R"(,"positionIdx":0)";
    }
    if (place || item.price.raw() != 0) {
        out += R"(,"price":")";
        venue_common::append_price(out, instrument.wire, item.price);
        out += '"';
    }
    if (place || !item.quantity.is_zero()) {
        out += R"(,"qty":")";
        if (!venue_common::append_quantity(out, instrument.wire, item.quantity)) return false;
        out += '"';
    }
    out += '}';
    return true;
}

bool Orders::write_request(const OrderOperation& operation, std::string& out) const {
    if (operation.items.size() == 1)
        return write_item(operation.verb, operation.items.front(), true, out);
    out += R"({"category":")";
    out += category_of(spot_of(*operation.items.front().instrument));
    out += R"(","request":[)";
    bool first = true;
    for (const OrderItem& item : operation.items) {
        if (!std::exchange(first, false)) out += ',';
        if (!write_item(operation.verb, item, false, out)) return false;
    }
    out += "]}";
    return true;
}

bool Orders::write_socket(const OrderOperation& operation, std::string& out) {
    out += R"({"reqId":")";
    append_number(out, static_cast<std::int64_t>(operation.number));
    out += R"(","header":{"X-BAPI-TIMESTAMP":")";
    append_number(out, operation.venue_time.millis());
    out += R"(","X-BAPI-RECV-WINDOW":")";
    out += signer_.receive_window();
    out += R"("},"op":"order.)";
    out += verb_text(operation.verb);
    if (operation.items.size() > 1) out += "-batch";
    out += R"(","args":[)";
    if (!write_request(operation, out)) return false;
    out += "]}";
    return true;
}

bool Orders::write_rest(const OrderOperation& operation, RestCall& out) {
    out.path = "/v5/order/";
    out.path += verb_text(operation.verb);
    if (operation.items.size() > 1) out.path += "-batch";
    return write_request(operation, out.body);
}

void Orders::feed_back(venue_common::RateLimiter& limiter, const RateRequest& request,
                       const venue_common::OrderAck& ack, Nanos venue_ahead, UnixNanos now) {
    on_usage(limiter, request, {ack.limit, ack.left, ack.reset_ms}, ack.code, venue_ahead, now);
}

// ---- sockets

std::vector<LinkOptions> Orders::links() const {
    LinkOptions stream;
    stream.name = "bybit private";
    stream.target.url = settings_.socket_host + "/v5/private";
    stream.target.max_message = 1024 * 1024;
    stream.heartbeat = {venue_common::Heartbeat::Kind::Text, Nanos::seconds(18), false, false,
                        R"({"req_id":"ping","op":"ping"})"};
    stream.silence = Nanos::seconds(45);
    stream.connect_call = kConnect;
    stream.urgency = venue_common::Urgency::Urgent;
    if (!settings_.trade_socket) return {stream};
    LinkOptions trade = stream;
    trade.name = "bybit trade";
    trade.target.url = settings_.socket_host + "/v5/trade";
    trade.heartbeat.text = R"({"reqId":"ping","op":"ping"})";
    return {stream, trade};
}

std::vector<Ask> Orders::set_up(std::size_t link, Link& keys, UnixNanos venue_time) {
    std::vector<Ask> asks;
    Ask login;
    login.key = login_keys_[link] = keys.new_key();
    login.text = signer_.websocket_auth(std::to_string(login.key), venue_time + kSignedFor);
    login.sign_in = true;
    asks.push_back(std::move(login));
    if (link != 0) return asks;
    Ask topics;
    topics.key = keys.new_key();
    topics.text = R"({"req_id":")" + std::to_string(topics.key) +
                  R"(","op":"subscribe","args":["order","execution","wallet"]})";
    asks.push_back(std::move(topics));
    return asks;
}

void Orders::read(std::size_t link, std::string_view message, UnixNanos,
                  venue_common::Incoming& out) {
    reader_->read_message(message, login_keys_[link], out);
}

void Orders::read_acks(const venue_common::RestAnswer& answer, std::size_t items,
                       std::vector<venue_common::OrderAck>& out) {
    reader_->read_acks(answer, items, out);
}

// ---- questions

RestCall Orders::ask(const Question& question) const {
    RestCall call;
    append_parameter(call.query, "category", category_of(question.product == 0));
    const auto of_order = [&](bool by_venue_id) {
        append_parameter(call.query, "symbol", question.instrument->venue_symbol);
        if (by_venue_id && !question.order->venue_id().empty()) {
            append_parameter(call.query, "orderId", question.order->venue_id());
        } else {
            append_parameter(call.query, "orderLinkId",
                             venue_common::view(ids_.write(question.order->id)));
        }
    };
    switch (question.what) {
        case Question::What::Order:
            call.rate.call = question.step == 0 ? kOpenOrders : kOrderHistory;
            call.path = question.step == 0 ? "/v5/order/realtime" : "/v5/order/history";
            of_order(false);
            return call;
        case Question::What::OrderFills:
            call.rate.call = kExecutions;
            call.path = "/v5/execution/list";
            of_order(true);
            append_parameter(call.query, "limit", "100");
            break;
        case Question::What::OpenOrders:
            call.rate.call = kOpenOrders;
            call.path = "/v5/order/realtime";
            if (question.product != 0) append_parameter(call.query, "settleCoin", "USDT");
            append_parameter(call.query, "limit", "50");
            break;
        case Question::What::RecentFills:
            call.rate.call = kExecutions;
            call.path = "/v5/execution/list";
            append_parameter(call.query, "startTime", std::to_string(question.since.millis()));
            append_parameter(call.query, "limit", "100");
            break;
    }
    if (!question.cursor.empty()) append_parameter(call.query, "cursor", question.cursor);
    return call;
}

Result<std::string> Orders::read(const Question& question, std::string_view body,
                                 venue_common::Incoming& out) {
    return reader_->read_list(question, body, out);
}

std::unique_ptr<venue_common::LiveGateway> make_order_gateway(
    ports::Transport& transport, venue_common::RestClient& rest, const Universe& universe,
    const Signer& signer, OrderSettings settings, venue_common::GatewayConfig config) {
    auto protocol =
        std::make_unique<Orders>(universe, signer, config.desk.tag, std::move(settings));
    return std::make_unique<venue_common::LiveGateway>(transport, rest, universe,
                                                       std::move(protocol), std::move(config));
}

}  // namespace parallax::bybit
