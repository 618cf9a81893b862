// The WebSocket API: requests as JSON, sessions that log on, user data (sheet: 1.8, 2.3, 3.4).
#include <algorithm>

#include "sim/venues/binance/front.hpp"

namespace parallax::sim_binance {
namespace {

/// All parameters but the signature, by name, as name=value joined with &.
std::string signed_text(const sim_front::Parameters& params) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto& entry : params.entries()) {
        if (entry.name != "signature") all.emplace_back(entry.name, entry.value);
    }
    std::sort(all.begin(), all.end());
    std::string out;
    for (const auto& [name, value] : all) {
        if (!out.empty()) out += '&';
        out.append(name).append("=").append(value);
    }
    return out;
}

}  // namespace

Reply BinanceFront::subscribe_user(Session& session, const std::string& key) {
    State& state = session.state;
    const AccountId account = keys_.find(key)->account;
    for (const auto& [number, other] : state.subscriptions) {
        const sim_front::ApiKey* const known = keys_.find(other);
        if (known != nullptr && known->account == account)
            return refuse(-2035, "User Data Stream is already subscribed.");
    }
    if (state.next_subscription > 65'535)
        return refuse(-2042, "The maximum number of subscription ids was used.");
    const int number = state.next_subscription++;
    state.subscriptions[number] = key;
    return Json{{"subscriptionId", number}};
}

Reply BinanceFront::session_method(Session& session, const std::string& method, Call& call) {
    State& state = session.state;
    const auto status = [&] {
        Json out{{"apiKey", nullptr},
                 {"authorizedSince", nullptr},
                 {"connectedSince", session.opened.millis()},
                 {"returnRateLimits", state.return_limits},
                 {"serverTime", now_.millis()},
                 {"userDataStream", !state.subscriptions.empty()}};
        if (!state.logon.empty()) {
            out["apiKey"] = state.logon;
            out["authorizedSince"] = state.logon_time.millis();
        }
        return out;
    };
    if (method == "session.status") return status();
    if (method == "session.logout") {
        state.logon.clear();
        return status();
    }
    if (method == "session.subscriptions") {
        Json out = Json::array();
        for (const auto& [number, key] : state.subscriptions)
            out.push_back({{"subscriptionId", number}});
        return out;
    }
    if (method == "userDataStream.unsubscribe") {
        Arguments in{call};
        const auto number = in.number("subscriptionId");
        if (in.fault()) return in.failure();
        if (state.subscriptions.empty() ||
            (number && !state.subscriptions.contains(
                           static_cast<int>(std::min<std::int64_t>(*number, 1 << 20)))))
            return refuse(-2036, "User Data Stream subscription not active.");
        if (number) {
            state.subscriptions.erase(static_cast<int>(*number));
        } else {
            state.subscriptions.clear();
        }
        return Json::object();
    }
    if (method == "userDataStream.subscribe") {
        if (state.logon.empty() || keys_.find(state.logon) == nullptr)
            return refuse(-2015, "Invalid API-key, IP, or permissions for action.", 401);
        return subscribe_user(session, state.logon);
    }
    // session.logon and userDataStream.subscribe.signature carry a signature of their own.
    const auto key = check_key(call.params.text("apiKey"), call, Security::Read);
    if (!key) return tl::unexpected{key.error()};
    Arguments in{call};
    const std::string_view signature = in.must("signature");
    if (in.fault()) return in.failure();
    if (auto fault = check_time(call)) return tl::unexpected{*fault};
    if (method == "session.logon" && (*key)->kind != sim_front::KeyKind::Ed25519)
        return refuse(-4056, "Only Ed25519 keys are supported for this operation.");
    if (!(*key)->signed_by(signed_text(call.params), signature, sim_front::ApiKey::Encoding::Hex))
        return refuse(-1022, "Signature for this request is not valid.");
    if (method != "session.logon") return subscribe_user(session, (*key)->id);
    state.logon = (*key)->id;
    state.logon_time = now_;
    return status();
}

Reply BinanceFront::socket_answer(Session& session, const std::string& method, Call& call) {
    Limits& limits = api_.limits(call.product);
    constexpr std::string_view kSession[] = {"session.logon",
                                             "session.status",
                                             "session.logout",
                                             "session.subscriptions",
                                             "userDataStream.subscribe",
                                             "userDataStream.subscribe.signature",
                                             "userDataStream.unsubscribe"};
    const bool of_session =
        std::find(std::begin(kSession), std::end(kSession), method) != std::end(kSession) &&
        (call.product == Product::Spot || method.starts_with("session."));
    if (of_session) {
        if (auto fault = limits.charge(call.peer, 2, now_)) return tl::unexpected{*fault};
        return session_method(session, method, call);
    }
    const Operation* found = nullptr;
    for (const Operation& operation : operations()) {
        if (operation.product == call.product && method == operation.socket) found = &operation;
    }
    const std::uint32_t weight = found == nullptr ? 1 : api_.weight(*found, call);
    if (auto fault = limits.charge(call.peer, weight, now_)) return tl::unexpected{*fault};
    if (found == nullptr || method.empty())
        return refuse(-1020, "This operation is not supported.");

    const bool by_logon = !session.state.logon.empty() && !call.params.has("apiKey") &&
                          (found->security == Security::Read || found->security == Security::Trade);
    Reply reply = refuse(0, "");
    if (by_logon) {
        const auto key = check_key(session.state.logon, call, found->security);
        const auto late = check_time(call);
        const auto unknown = check_parameters(*found, call);
        if (!key) return tl::unexpected{key.error()};
        if (late) return tl::unexpected{*late};
        if (unknown) return tl::unexpected{*unknown};
        call.key = *key;
        reply = api_.run(*found, call);
    } else {
        reply = answer(*found, call, signed_text(call.params), call.params.text("apiKey"));
    }
    if (found->free_when_good && reply) limits.give_back(call.peer, weight, now_);
    return reply;
}

void BinanceFront::socket_request(Session& session, std::string_view text, UnixNanos now) {
    const Product product = session.state.product;
    Call call{product, now, session.peer, {}, nullptr};
    const sim_front::ReadJson read = sim_front::read_json(text);
    Json out{{"id", nullptr}};
    const auto send_fault = [&](const Fault& fault) {
        out["status"] = fault.status;
        out["error"] = fault_json(fault);
        sessions_.send(session, text_of(out));
    };
    if (!read.good || !read.value.is_object())
        return send_fault({-1135, "Invalid JSON Request", 400, {}});
    const Json& r = read.value;
    if (r.contains("id")) {
        const Json& id = r["id"];
        const bool good = id.is_number_integer() || id.is_null() ||
                          (id.is_string() && id.get<std::string>().size() <= 36);
        if (!good)
            return send_fault({-1100,
                               "Illegal characters found in parameter 'id'; legal range is "
                               "'^[a-zA-Z0-9-_]{1,36}$'.",
                               400,
                               {}});
        out["id"] = id;
    }
    if (!r.contains("method") || !r["method"].is_string())
        return send_fault({-1102,
                           "Mandatory parameter 'method' was not sent, was empty/null, or "
                           "malformed.",
                           400,
                           {}});
    if (r.contains("params") && !r["params"].is_object() && !r["params"].is_null())
        return send_fault({-1130, "Data sent for parameter 'params' is not valid.", 400, {}});
    if (r.contains("params") && r["params"].is_object()) {
        for (const auto& [name, value] : r["params"].items()) {
            if (!value.is_null())
                call.params.add(name,
                                value.is_string() ? value.get<std::string>() : text_of(value));
        }
    }
    const bool limits_told =
        session.state.return_limits && call.params.text("returnRateLimits") != "false";
    const Reply reply = socket_answer(session, r["method"].get<std::string>(), call);
    if (reply) {
        out["status"] = 200;
        out["result"] = *reply;
    } else {
        Fault fault = reply.error();
        if (fault.status == 429 || fault.status == 418)
            fault.data = {{"serverTime", now.millis()},
                          {"retryAfter", api_.limits(product).retry_at(call.peer, now).millis()}};
        out["status"] = fault.status;
        out["error"] = fault_json(fault);
    }
    if (limits_told) out["rateLimits"] = api_.limits(product).rate_limits(&call, true, true);
    sessions_.send(session, text_of(out));
}

}  // namespace parallax::sim_binance
