// What is sent: operations, sign-in, questions. order_reader.cpp has what comes back.
#include "adapters/venues/binance/order_gateway.hpp"

#include "adapters/venues/binance/order_reader.hpp"
#include "adapters/venues/binance/order_recovery.hpp"
#include "adapters/venues/common/encoding.hpp"

namespace parallax::binance {

using venue_common::append_parameter;
using venue_common::Ask;
using venue_common::Link;
using venue_common::LinkOptions;
using venue_common::OrderOperation;
using venue_common::OrderVerb;
using venue_common::Question;
using venue_common::RateRequest;
using venue_common::RestCall;

namespace {

void begin(std::string& out, std::string_view method) {
    out += R"(,"method":")";
    out += method;
    out += R"(","params":)";
}

std::string key_id(std::uint64_t key) { return "k" + std::to_string(key); }

}  // namespace

Orders::Orders(const Universe& universe, Signer& signer, std::string_view tag,
               OrderSettings settings)
    : signer_{signer},
      settings_{std::move(settings)},
      market_{spot() ? Market::BinanceSpot : Market::BinanceUsdm},
      ids_{tag},
      reader_{std::make_unique<Reader>(universe, settings_.product)},
      recovery_{std::make_unique<Recovery>(universe, settings_.product)} {}
Orders::~Orders() = default;

// ---- operations

RateRequest Orders::rate(OrderVerb verb, const Instrument&, std::size_t items) const noexcept {
    const bool batch = items > 1;
    RateRequest out;  // a batch costs the same however many it holds
    switch (verb) {
        case OrderVerb::Place:
            out.call = spot()  ? std::uint8_t{spot::kPlace}
                       : batch ? std::uint8_t{usdm::kBatchPlace}
                               : std::uint8_t{usdm::kPlace};
            break;
        case OrderVerb::Cancel:
            out.call = spot()  ? std::uint8_t{spot::kCancel}
                       : batch ? std::uint8_t{usdm::kBatchCancel}
                               : std::uint8_t{usdm::kCancel};
            break;
        case OrderVerb::Amend:
            out.call = spot() ? std::uint8_t{spot::kAmend} : std::uint8_t{usdm::kModify};
            break;
    }
    return out;
}

bool Orders::write_socket(const OrderOperation& operation, std::string& out) {
    request_.clear();
    const auto& item = operation.items.front();
    if (operation.items.size() != 1 ||
        !add_order(request_, settings_.product, operation.verb, item, ids_))
        return false;
    if (operation.verb == OrderVerb::Place) recovery_->traded(*item.instrument);
    request_.add("recvWindow", settings_.order_life.as_millis());
    request_.add("timestamp", operation.venue_time.millis());
    out += R"({"id":)";
    venue_common::append_number(out, static_cast<std::int64_t>(operation.number));
    switch (operation.verb) {
        case OrderVerb::Place:
            begin(out, "order.place");
            break;
        case OrderVerb::Cancel:
            begin(out, "order.cancel");
            break;
        case OrderVerb::Amend:
            begin(out, spot() ? "order.amend.keepPriority" : "order.modify");
            break;
    }
    request_.append_json(out, logs_on() ? nullptr : &signer_);
    out += '}';
    return true;
}

bool Orders::write_rest(const OrderOperation& operation, RestCall& out) {
    const bool batch = operation.items.size() > 1;
    request_.clear();
    if (batch ? spot() || !add_batch(request_, operation.verb, operation.items, ids_)
              : !add_order(request_, settings_.product, operation.verb, operation.items.front(),
                           ids_))
        return false;
    if (operation.verb == OrderVerb::Place) recovery_->traded(*operation.items.front().instrument);
    request_.add("recvWindow", settings_.order_life.as_millis());
    request_.append_query(out.query);
    out.path = spot() ? "/api/v3/order" : batch ? "/fapi/v1/batchOrders" : "/fapi/v1/order";
    if (operation.verb == OrderVerb::Cancel) out.method = "DELETE";
    if (operation.verb != OrderVerb::Amend) return true;
    out.method = "PUT";
    if (spot()) out.path += "/amend/keepPriority";
    return true;
}

void Orders::read_acks(const venue_common::RestAnswer& answer, std::size_t items,
                       std::vector<venue_common::OrderAck>& out) {
    reader_->read_acks(answer, items, out);
}

void Orders::feed_back(venue_common::RateLimiter& limiter, const RateRequest&,
                       const venue_common::OrderAck& ack, Nanos venue_ahead, UnixNanos now) {
    for (const Reader::Usage& usage : reader_->usage())
        limiter.observe(usage.limit, usage.count, now);
    if (!ack.code) return;
    std::optional<UnixNanos> retry;
    if (reader_->retry_after().known()) retry = reader_->retry_after() - venue_ahead;
    on_error(limiter, settings_.product, *ack.code, retry, now);
}

void Orders::traded(const Instrument& instrument) { recovery_->traded(instrument); }

// ---- sockets

std::vector<LinkOptions> Orders::links() const {
    LinkOptions api;
    api.name = spot() ? "binance spot orders" : "binance usdm orders";
    api.target.url = settings_.socket_host + (spot() ? "/ws-api/v3" : "/ws-fapi/v1");
    api.target.max_message = 1024 * 1024;
    // The venue pings every 20 s (futures: 3 min), which nobody but the transport sees.
    api.heartbeat = {venue_common::Heartbeat::Kind::Frame, Nanos::seconds(15), true, false, {}};
    api.silence = Nanos::seconds(40);
    api.replace_after = kReplaceAfter;
    api.connect_call = spot() ? std::uint8_t{spot::kConnectApi} : std::uint8_t{usdm::kConnect};
    api.urgency = venue_common::Urgency::Urgent;
    if (spot()) return {api};
    LinkOptions stream = api;
    stream.name = "binance usdm private";
    stream.target.url = settings_.stream_host;  // its path comes with the key
    return {stream, api};
}

std::optional<RestCall> Orders::ask_stream_key() const {
    if (spot()) return std::nullopt;
    RestCall call;  // makes a key, or gives the one there is another hour
    call.rate.call = usdm::kListenKey;
    call.method = "POST";
    call.path = "/fapi/v1/listenKey";
    return call;
}

Result<std::string> Orders::read_stream_key(std::string_view body) {
    auto key = reader_->read_listen_key(body);
    if (!key) return tl::unexpected{key.error()};
    return settings_.stream_host + "/private/ws/" + *key;
}

std::vector<Ask> Orders::set_up(std::size_t link, Link& keys, UnixNanos venue_time) {
    std::vector<Ask> asks;
    if (link != order_link()) return asks;
    if (logs_on()) {
        Ask logon;
        logon.key = keys.new_key();
        logon.sign_in = true;
        logon.text = signer_.session_logon(key_id(logon.key), venue_time).value_or(std::string{});
        asks.push_back(std::move(logon));
    }
    if (!spot()) return asks;
    Ask user;
    user.key = keys.new_key();
    user.sign_in = !logs_on();
    user.text = R"({"id":")" + key_id(user.key) + '"';
    begin(user.text, logs_on() ? "userDataStream.subscribe" : "userDataStream.subscribe.signature");
    RequestText parameters;
    if (!logs_on()) parameters.add("timestamp", venue_time.millis());
    parameters.append_json(user.text, logs_on() ? nullptr : &signer_);
    user.text += '}';
    asks.push_back(std::move(user));
    return asks;
}

void Orders::read(std::size_t, std::string_view message, UnixNanos, venue_common::Incoming& out) {
    reader_->read_message(message, out);
}

// ---- questions

RestCall Orders::ask(const Question& question) const {
    RestCall call;
    const auto get = [&](std::uint8_t on_spot, std::uint8_t on_usdm, std::string_view name) {
        call.rate.call = spot() ? on_spot : on_usdm;
        call.path = spot() ? "/api/v3/" : "/fapi/v1/";
        call.path += name;
    };
    switch (question.what) {
        case Question::What::Order:
            get(spot::kQuery, usdm::kQuery, "order");
            append_parameter(call.query, "symbol", question.instrument->venue_symbol);
            append_parameter(call.query, "origClientOrderId",
                             venue_common::view(ids_.write(question.order->id)));
            break;
        case Question::What::OrderFills:
            get(spot::kMyTrades, usdm::kMyTrades, spot() ? "myTrades" : "userTrades");
            append_parameter(call.query, "symbol", question.instrument->venue_symbol);
            append_parameter(call.query, "orderId", question.order->venue_id());
            append_parameter(call.query, "limit", "1000");
            if (!question.cursor.empty()) append_parameter(call.query, "fromId", question.cursor);
            break;
        case Question::What::OpenOrders:
            get(spot::kAllOpenOrders, usdm::kAllOpenOrders, "openOrders");
            break;
        case Question::What::RecentFills:
            return recovery_->ask(question);
    }
    return call;
}

Result<std::string> Orders::read(const Question& question, std::string_view body,
                                 venue_common::Incoming& out) {
    return question.what == Question::What::RecentFills
               ? recovery_->read(question, body, *reader_, out)
               : reader_->read_list(question, body, out);
}

Result<std::string> Orders::pass_over(const Question& question) {
    return question.what == Question::What::RecentFills ? recovery_->pass_over(question)
                                                        : OrderProtocol::pass_over(question);
}

std::unique_ptr<venue_common::LiveGateway> make_order_gateway(
    ports::Transport& transport, venue_common::RestClient& rest, const Universe& universe,
    Signer& signer, OrderSettings settings, venue_common::GatewayConfig config) {
    auto protocol =
        std::make_unique<Orders>(universe, signer, config.desk.tag, std::move(settings));
    return std::make_unique<venue_common::LiveGateway>(transport, rest, universe,
                                                       std::move(protocol), std::move(config));
}

}  // namespace parallax::binance
