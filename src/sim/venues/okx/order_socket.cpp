// Order operations over the private socket (okx.md 4.2).
#include <array>

#include "sim/venues/okx/sockets.hpp"

namespace parallax::sim_okx {
namespace {

struct Operation {
    std::string_view name;
    Action action;
    bool batch;
};
constexpr std::array<Operation, 6> kOperations{{
    {"order", Action::Place, false},
    {"batch-orders", Action::Place, true},
    {"cancel-order", Action::Cancel, false},
    {"batch-cancel-orders", Action::Cancel, true},
    {"amend-order", Action::Amend, false},
    {"batch-amend-orders", Action::Amend, true},
}};

Json reply(const Json& request, const Code& code, std::string_view what, UnixNanos now) {
    Json out;
    out["id"] = parameter(request, "id");
    out["op"] = parameter(request, "op");
    out["data"] = Json::array();
    out["code"] = code.code;
    out["msg"] = text_of(code, what);
    out["inTime"] = micros(now);
    out["outTime"] = micros(now);
    return out;
}

}  // namespace

void Sockets::operation(Socket& s, const Json& request, const std::string& op, UnixNanos now) {
    const Operation* found = nullptr;
    for (const Operation& o : kOperations) {
        if (o.name == op) found = &o;
    }
    const bool mass = op == "mass-cancel";
    if (found == nullptr && !mass) return error(s, request, kWsOp, op);
    if (s.state.url != Url::Private) return error(s, request, kWsChannel, "op:" + op);
    if (!s.state.account.valid()) return error(s, request, kWsNotLoggedIn);
    if (!is_word(parameter(request, "id"), 32)) return error(s, request, kWsParameter, "id");
    const auto answer = [&](const Json& out) {
        send(s.id, out.dump(-1, ' ', false, Json::error_handler_t::replace));
    };
    if (mass) return answer(reply(request, kAccountMode, {}, now));
    const auto args = request.find("args");
    const std::size_t most = found->batch ? kMostInBatch : 1;
    if (args == request.end() || !args->is_array() || args->empty() || args->size() > most)
        return answer(reply(request, kWsArgs, {}, now));
    if (!s.state.may_trade) return answer(reply(request, kNotPermitted, {}, now));
    const std::string expiry = parameter(request, "expTime");
    if (!expiry.empty() && found->action != Action::Cancel) {
        const auto at = parse_decimal(expiry, 0);
        if (!at) return answer(reply(request, kParameter, "expTime", now));
        if (*at < now.millis()) return answer(reply(request, kPastExpiry, {}, now));
    }
    Json data = Json::array();
    std::size_t refused = 0;
    for (const Json& arg : *args) {
        OrderAnswer done;
        done.time = now;
        const Code* const over = core_.over_limit(s.state.account, found->action, args->size() > 1,
                                                  arg, NamedBy::Code, now);
        if (over != nullptr && args->size() == 1)
            return answer(reply(request, over == &kRateLimit ? kWsTooFrequent : *over, {}, now));
        if (over != nullptr) {
            done.refusal = refusal(*over);
            if (arg.is_object()) done.client_id = parameter(arg, "clOrdId");
        } else {
            done = core_.run(s.state.account, found->action, arg, NamedBy::Code, now);
        }
        refused += done.refusal.refused() ? 1 : 0;
        data.push_back(done.json(found->action));
    }
    Json out = reply(request, Code{"0", 0, ""}, {}, now);
    out["code"] = refused == 0 ? "0" : refused == data.size() ? "1" : "2";
    out["data"] = std::move(data);
    answer(out);
}

}  // namespace parallax::sim_okx
