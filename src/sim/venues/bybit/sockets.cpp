// The WebSockets: subscriptions, heartbeats, login, orders.
#include <algorithm>
#include <array>

#include "sim/venues/bybit/front.hpp"
#include "sim/venues/bybit/ids.hpp"

namespace parallax::sim_bybit {
namespace {

constexpr std::size_t kMostTopicBytes = 21'000, kMostSpotTopics = 10;

std::string text_of(const Json& request, std::string_view name) {
    return field(request, name).value_or("");
}
bool is_public(const Socket& s) noexcept {
    return s.kind == SocketKind::Spot || s.kind == SocketKind::Linear;
}
std::string dump(const Json& message) {
    return message.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void BybitFront::message(Sockets::Session& s, std::string_view text, UnixNanos now) {
    const sim_front::ReadJson read = sim_front::read_json(text);
    const bool trading = s.state.kind == SocketKind::Trade;
    const Json request = read.good && read.value.is_object() ? read.value : Json::object();
    const std::string op = text_of(request, "op");
    if (op == "ping") return ping(s, request, now);
    if (op == "auth" && !is_public(s.state)) return login(s, request, now);
    if (trading) return trade(s, request, now);
    if (op == "subscribe") return subscription(s, request, true, now);
    if (op == "unsubscribe") return subscription(s, request, false, now);
    acknowledge(s, request, false, op.empty() ? "error:request is no valid JSON" : "Invalid op");
}

void BybitFront::acknowledge(Sockets::Session& s, const Json& request, bool good,
                             std::string_view text) {
    Json out = {{"success", good}, {"ret_msg", text}, {"conn_id", s.state.connection}};
    const std::string id = text_of(request, "req_id");
    if (!id.empty() || is_public(s.state)) out["req_id"] = id;
    out["op"] = text_of(request, "op");
    sockets_.send(s, dump(out));
}

void BybitFront::ping(Sockets::Session& s, const Json& request, UnixNanos now) {
    const std::string id = text_of(request, "req_id");
    const std::string time = std::to_string(now.millis());
    switch (s.state.kind) {
        case SocketKind::Spot:
        case SocketKind::Linear:
            return acknowledge(s, request, true, "pong");
        case SocketKind::Private: {
            Json out = Json::object();
            if (!id.empty()) out["req_id"] = id;
            out["op"] = "pong";
            out["args"] = Json::array({time});
            out["conn_id"] = s.state.connection;
            return sockets_.send(s, dump(out));
        }
        case SocketKind::Trade:
            break;
    }
    Json out = Json::object();
    if (const std::string own = text_of(request, "reqId"); !own.empty()) out["reqId"] = own;
    out.update({{"retCode", 0},
                {"retMsg", "OK"},
                {"op", "pong"},
                {"data", Json::array({time})},
                {"connId", s.state.connection}});
    sockets_.send(s, dump(out));
}

void BybitFront::subscription(Sockets::Session& s, const Json& request, bool add, UnixNanos now) {
    Socket& socket = s.state;
    const auto args = request.find("args");
    if (args == request.end() || !args->is_array() || args->empty())
        return acknowledge(s, request, false, "error:args invalid");
    if (socket.kind == SocketKind::Private && !socket.key)
        return acknowledge(s, request, false, "Request not authorized");
    if (socket.kind == SocketKind::Spot && args->size() > kMostSpotTopics)
        return acknowledge(s, request, false, "args size >10");
    const Market market =
        socket.kind == SocketKind::Linear ? Market::BybitLinear : Market::BybitSpot;
    std::vector<std::string> topics;
    std::size_t bytes = socket.topic_bytes, categorised = 0;
    for (const Json& arg : *args) {
        const std::string topic = arg.is_string() ? arg.get<std::string>() : arg.dump();
        const bool known =
            is_public(socket) ? streams_.known(market, topic) : UserStream::known(topic);
        if (!arg.is_string() || !known)
            return acknowledge(s, request, false, "Invalid topic: [" + topic + "]");
        if (UserStream::categorised(topic)) ++categorised;
        if (!socket.topics.contains(topic)) bytes += topic.size();
        if (std::find(topics.begin(), topics.end(), topic) == topics.end()) topics.push_back(topic);
    }
    if (!is_public(socket) && categorised != 0) {
        const bool whole = std::any_of(topics.begin(), topics.end(), [](const std::string& t) {
            return !UserStream::categorised(t) && t != "wallet";
        });
        if (whole)
            return acknowledge(s, request, false, "all-in-one and categorised topics are mixed");
    }
    if (add && is_public(socket) && bytes > kMostTopicBytes)
        return acknowledge(s, request, false, "args of this connection exceed 21000 characters");
    acknowledge(s, request, true, socket.kind == SocketKind::Spot ? text_of(request, "op") : "");
    for (const std::string& topic : topics) {
        if (add && socket.topics.insert(topic).second) {
            socket.topic_bytes += topic.size();
            if (is_public(socket)) streams_.follow(market, topic, s, now);
        } else if (!add && socket.topics.erase(topic) > 0) {
            socket.topic_bytes -= topic.size();
            if (is_public(socket)) streams_.leave(market, topic, s.id);
        }
    }
}

void BybitFront::login(Sockets::Session& s, const Json& request, UnixNanos now) {
    const bool trading = s.state.kind == SocketKind::Trade;
    Answer answer;
    const auto args = request.find("args");
    const bool shaped = args != request.end() && args->is_array() && args->size() == 3 &&
                        (*args)[0].is_string() && (*args)[2].is_string() &&
                        ((*args)[1].is_number_integer() || (*args)[1].is_string());
    if (trading && s.state.key) {
        answer = {kRepeatedAuth, "Repeat auth"};
    } else if (!shaped) {
        answer = {kParameter, "Params Error"};
    } else {
        const std::string expires =
            (*args)[1].is_string() ? (*args)[1].get<std::string>() : (*args)[1].dump();
        const auto ms = sim_front::integer(expires);
        const sim_front::ApiKey* const key = keyring_.find((*args)[0].get<std::string>());
        if (key == nullptr) {
            answer = {kKey, "Invalid apikey"};
        } else if (!key->from(s.peer)) {
            answer = {kUnmatchedIp, "Unmatched IP"};
        } else if (!ms || *ms <= now.millis()) {
            answer = {kSignature, "Request expired"};
        } else if (!key->signed_by("GET/realtime" + expires, (*args)[2].get<std::string>(),
                                   sim_front::ApiKey::Encoding::Hex)) {
            answer = {kSignature, "Error sign"};
        } else {
            s.state.key = *key;
        }
    }
    if (!trading) return acknowledge(s, request, answer.ok(), answer.ok() ? "" : answer.text);
    Json out = Json::object();
    const std::string id = text_of(request, "req_id"), own = text_of(request, "reqId");
    if (!id.empty()) out["req_id"] = id;
    if (!own.empty()) out["reqId"] = own;
    out["op"] = "auth";
    if (!answer.ok()) out["success"] = false;
    out["retCode"] = answer.code;
    out["retMsg"] = answer.text;
    out["connId"] = s.state.connection;
    sockets_.send(s, dump(out));
}

void BybitFront::trade(Sockets::Session& s, const Json& request, UnixNanos now) {
    struct Row {
        std::string_view op;
        Operation operation;
        bool batch;
        std::uint32_t linear, spot;
    };
    static constexpr std::array kRows = std::to_array<Row>({
        {"order.create", Operation::Create, false, 10, 20},
        {"order.amend", Operation::Amend, false, 10, 10},
        {"order.cancel", Operation::Cancel, false, 10, 20},
        {"order.create-batch", Operation::Create, true, 10, 20},
        {"order.amend-batch", Operation::Amend, true, 10, 20},
        {"order.cancel-batch", Operation::Cancel, true, 10, 20},
    });
    const std::string op = text_of(request, "op"), id = text_of(request, "reqId");
    Reply reply;
    Budget budget;
    const auto answer = [&] {
        Json header = {{"X-Bapi-Limit", std::to_string(budget.most)},
                       {"X-Bapi-Limit-Status", std::to_string(budget.left)},
                       {"X-Bapi-Limit-Reset-Timestamp", std::to_string(budget.reset.millis())}};
        if (budget.most == 0) header = Json::object();
        header["Traceid"] = uuid_of(++traces_);
        header["Timenow"] = std::to_string(now.millis());
        Json out = Json::object();
        if (!id.empty()) out["reqId"] = id;
        out.update({{"retCode", reply.answer.code},
                    {"retMsg", reply.answer.text},
                    {"op", op},
                    {"data", reply.result.is_null() ? Json::object() : reply.result},
                    {"retExtInfo", reply.extra.is_null() ? Json::object() : reply.extra},
                    {"header", std::move(header)},
                    {"connId", s.state.connection}});
        sockets_.send(s, dump(out));
    };
    const auto fail = [&](int code, std::string_view text) {
        reply.answer = {code, std::string{text}};
        answer();
    };
    if (!socket_requests_.add(s.peer, now)) return fail(kIpLimit, "IP rate limit");
    const auto* const row =
        std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return r.op == op; });
    if (op.empty()) return fail(kParameter, "Params Error");
    if (row == kRows.end()) return fail(kUnknownOperation, "op type is not found");
    if (!s.state.key) return fail(kNotLoggedIn, "User authentication failed.");
    if (!s.state.key->may(sim_front::Permission::Trade))
        return fail(kPermission, "Permission denied");
    if (id.size() > 36) return fail(kParameter, "reqId is longer than 36 characters");
    if (!id.empty() && !s.state.use_request(id)) return fail(kRepeatedRequest, "Duplicate reqId");
    const auto header = request.find("header");
    const bool has_header = header != request.end() && header->is_object();
    const auto stamp = sim_front::integer(has_header ? text_of(*header, "X-BAPI-TIMESTAMP") : "");
    std::string window = has_header ? text_of(*header, "X-BAPI-RECV-WINDOW") : "";
    const auto span = sim_front::integer(window.empty() ? "5000" : window);
    if (!stamp || !span || *stamp < 0 || *stamp > 9'000'000'000'000 || *span <= 0 ||
        *span > 60'000) {
        return fail(kParameter, "X-BAPI-TIMESTAMP or X-BAPI-RECV-WINDOW invalid");
    }
    const sim_front::TimeWindow good{Nanos::millis(*span), Nanos::seconds(1)};
    if (!good.admits(UnixNanos::from_millis(*stamp), UnixNanos::from_millis(now.millis())))
        return fail(kClock, "The request time exceeds the time window range.");
    const auto args = request.find("args");
    if (args == request.end() || !args->is_array() || args->size() != 1 || !(*args)[0].is_object())
        return fail(kParameter, "args must hold one request");
    const Json& order = (*args)[0];
    const std::string category = text_of(order, "category");
    if (category != "spot" && category != "linear")
        return fail(kUnknownOperation, "category is not correct or not supported");
    const bool spot = category == "spot";
    // The REST path of the same operation: both ways in use one budget.
    const std::string path = "/v5/order/" + op.substr(6) + (spot ? "|spot" : "|linear");
    const std::size_t count = row->batch ? OrderDesk::batch_size(order) : 1;
    budget = spend(s.state.key->account, path, spot ? row->spot : row->linear, count, now);
    if (budget.allowed == 0) return fail(kTooMany, "Too many visits!");
    const sim_engine::AccountId account = s.state.key->account;
    reply = row->batch ? desk_.batch(row->operation, account, order, budget.allowed, now)
                       : desk_.one(row->operation, account, order, now);
    answer();
}

}  // namespace parallax::sim_bybit
