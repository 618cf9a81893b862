// What is sent: operations, sign-in, questions. order_reader.cpp has what comes back.
#include "adapters/venues/okx/order_gateway.hpp"

#include "adapters/venues/common/encoding.hpp"
#include "adapters/venues/common/order_numbers.hpp"
#include "adapters/venues/okx/limits.hpp"
#include "adapters/venues/okx/order_reader.hpp"

namespace parallax::okx {

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

constexpr std::string_view type_of(TimeInForce time_in_force) noexcept {
    switch (time_in_force) {
        case TimeInForce::Ioc:
            return "ioc";
        case TimeInForce::Fok:
            return "fok";
        case TimeInForce::Gtc:
            return "limit";
        case TimeInForce::PostOnly:
            return "post_only";
    }
    return "ioc";
}

struct Operation {
    std::string_view socket, socket_batch, rest, rest_batch;
};
constexpr Operation kOperations[] = {
    {"order", "batch-orders", "/api/v5/trade/order", "/api/v5/trade/batch-orders"},
    {"cancel-order", "batch-cancel-orders", "/api/v5/trade/cancel-order",
     "/api/v5/trade/cancel-batch-orders"},
    {"amend-order", "batch-amend-orders", "/api/v5/trade/amend-order",
     "/api/v5/trade/amend-batch-orders"},
};
const Operation& operation_of(OrderVerb verb) noexcept {
    return kOperations[static_cast<std::size_t>(verb)];
}

bool is_spot_of(const Instrument& instrument) noexcept { return is_spot(instrument.kind); }

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
    const bool spot = is_spot_of(instrument);
    const bool batch = items > 1;
    RateRequest out;
    out.items = static_cast<std::uint32_t>(items);
    out.instrument = instrument.id.raw();
    switch (verb) {
        case OrderVerb::Place:
            out.call = batch ? (spot ? kBatchPlaceSpot : kBatchPlaceSwap)
                             : (spot ? kPlaceSpot : kPlaceSwap);
            break;
        case OrderVerb::Cancel:
            out.call = batch ? kBatchCancel : kCancel;
            break;
        case OrderVerb::Amend:
            out.call = batch ? (spot ? kBatchAmendSpot : kBatchAmendSwap)
                             : (spot ? kAmendSpot : kAmendSwap);
            break;
    }
    return out;
}

// ---- operations

bool Orders::write_item(OrderVerb verb, const OrderItem& item, bool socket,
                        std::string& out) const {
    const Instrument& instrument = *item.instrument;
    const WireFormat& wire = instrument.wire;
    if (socket) {
        out += R"({"instIdCode":)";
        append_number(out, instrument.venue_code);
    } else {
        out += R"({"instId":")";
        out += instrument.venue_symbol;
        out += '"';
    }
    if (verb != OrderVerb::Place && !item.venue_id.empty()) {
        out += R"(,"ordId":")";
        out += item.venue_id;
    } else {
        out += R"(,"clOrdId":")";
        out += venue_common::view(ids_.write(item.id));
    }
    out += '"';
    if (verb == OrderVerb::Cancel) {
        out += '}';
        return true;
    }
    const bool place = verb == OrderVerb::Place;
    if (place) {
        const bool spot = is_spot_of(instrument);
        out += spot && !settings_.spot_cross ? R"(,"tdMode":"cash","side":")"
                                             : R"(,"tdMode":"cross","side":")";
        out += to_string(item.side);
        out += R"(","ordType":")";
        out += type_of(item.time_in_force);
        out += '"';
        if (item.reduce_only && !spot) out += R"(,"reduceOnly":true)";
        if (!settings_.order_tag.empty()) {
            out += R"(,"tag":")";
            out += settings_.order_tag;
            out += '"';
        }
    }
    if (place || item.price.raw() != 0) {
        out += place ? R"(,"px":")" : R"(,"newPx":")";
        venue_common::append_price(out, wire, item.price);
        out += '"';
    }
    if (place || !item.quantity.is_zero()) {
        out += place ? R"(,"sz":")" : R"(,"newSz":")";
        if (!venue_common::append_quantity(out, wire, item.quantity)) return false;
        out += '"';
    }
    out += '}';
    return true;
}

bool Orders::write_items(const OrderOperation& operation, bool socket, std::string& out) const {
    bool first = true;
    for (const OrderItem& item : operation.items) {
        if (!std::exchange(first, false)) out += ',';
        if (!write_item(operation.verb, item, socket, out)) return false;
    }
    return true;
}

bool Orders::write_socket(const OrderOperation& operation, std::string& out) {
    const Operation& names = operation_of(operation.verb);
    out += R"({"id":")";
    append_number(out, static_cast<std::int64_t>(operation.number));
    out += R"(","op":")";
    out += operation.items.size() > 1 ? names.socket_batch : names.socket;
    if (operation.verb != OrderVerb::Cancel) {
        out += R"(","expTime":")";
        append_number(out, (operation.venue_time + settings_.order_life).millis());
    }
    out += R"(","args":[)";
    if (!write_items(operation, true, out)) return false;
    out += "]}";
    return true;
}

bool Orders::write_rest(const OrderOperation& operation, RestCall& out) {
    const Operation& names = operation_of(operation.verb);
    const bool batch = operation.items.size() > 1;
    out.path = batch ? names.rest_batch : names.rest;
    if (operation.verb != OrderVerb::Cancel) {
        out.headers.push_back(
            {"expTime", std::to_string((operation.venue_time + settings_.order_life).millis())});
    }
    if (batch) out.body += '[';
    if (!write_items(operation, false, out.body)) return false;
    if (batch) out.body += ']';
    return true;
}

void Orders::feed_back(venue_common::RateLimiter& limiter, const RateRequest& request,
                       const venue_common::OrderAck& ack, Nanos, UnixNanos now) {
    if (ack.code) on_error(limiter, request, *ack.code, now);
}

// ---- sockets

std::vector<LinkOptions> Orders::links() const {
    LinkOptions options;
    options.name = "okx private";
    options.target.url = settings_.socket_host + "/ws/v5/private";
    options.target.max_message = 1024 * 1024;
    options.heartbeat = {venue_common::Heartbeat::Kind::Text, Nanos::seconds(15), true, false,
                         "ping"};
    options.silence = Nanos::seconds(27);
    options.connect_call = kConnect;
    options.message_call = kControl;
    options.urgency = venue_common::Urgency::Urgent;
    return {options};
}

std::vector<Ask> Orders::set_up(std::size_t, Link& keys, UnixNanos venue_time) {
    std::vector<Ask> asks;
    Ask login;
    login.key = login_key_ = keys.new_key();
    login.text = signer_.websocket_login(venue_time).reveal();
    login.sign_in = true;
    asks.push_back(std::move(login));
    for (const std::string_view channel :
         {R"({"channel":"orders","instType":"ANY"})",
          R"({"channel":"account","extraParams":"{\"updateInterval\":\"0\"}"})"}) {
        Ask ask;
        ask.key = keys.new_key();
        ask.text = R"({"id":")" + std::to_string(ask.key) + R"(","op":"subscribe","args":[)";
        ask.text += channel;
        ask.text += "]}";
        asks.push_back(std::move(ask));
    }
    return asks;
}

void Orders::read(std::size_t, std::string_view message, UnixNanos, venue_common::Incoming& out) {
    reader_->read_message(message, login_key_, out);
}

void Orders::read_acks(const venue_common::RestAnswer& answer, std::size_t items,
                       std::vector<venue_common::OrderAck>& out) {
    reader_->read_acks(answer, items, out);
}

// ---- questions

RestCall Orders::ask(const Question& question) const {
    RestCall call;
    const auto of_order = [&] {
        call.rate.instrument = question.instrument->id.raw();
        append_parameter(call.query, "instId", question.instrument->venue_symbol);
    };
    switch (question.what) {
        case Question::What::Order:
            call.rate.call = kQuery;
            call.path = "/api/v5/trade/order";
            of_order();
            append_parameter(call.query, "clOrdId",
                             venue_common::view(ids_.write(question.order->id)));
            return call;
        case Question::What::OrderFills:
            call.rate.call = kFills;
            call.path = "/api/v5/trade/fills";
            append_parameter(call.query, "instType",
                             is_spot_of(*question.instrument) ? "SPOT" : "SWAP");
            of_order();
            append_parameter(call.query, "ordId", question.order->venue_id());
            break;
        case Question::What::OpenOrders:
            call.rate.call = kOpenOrders;
            call.path = "/api/v5/trade/orders-pending";
            break;
        case Question::What::RecentFills:
            call.rate.call = kFills;
            call.path = "/api/v5/trade/fills";
            append_parameter(call.query, "begin", std::to_string(question.since.millis()));
            break;
    }
    append_parameter(call.query, "limit", "100");
    if (!question.cursor.empty()) append_parameter(call.query, "after", question.cursor);
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

}  // namespace parallax::okx
