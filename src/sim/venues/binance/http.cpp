#include "sim/venues/binance/front.hpp"

namespace parallax::sim_binance {

Product BinanceFront::product_of(const ports::ServerEvent& event) const {
    for (const char* path :
         {"/fapi/", "/dapi/", "/futures/", "/ws-fapi/", "/public/", "/market/", "/private/"}) {
        if (event.path.starts_with(path)) return Product::Futures;
    }
    for (const char* path : {"/api/", "/sapi/", "/ws-api/"}) {
        if (event.path.starts_with(path)) return Product::Spot;
    }
    for (const ports::ListenerId id : settings_.futures) {
        if (id == event.listener) return Product::Futures;
    }
    return event.header("Host").starts_with("fstream") ? Product::Futures : Product::Spot;
}

Reply BinanceFront::answer(const Operation& operation, Call& call, std::string_view signed_text,
                           std::string_view header_key) {
    if (operation.security == Security::None) {
        if (auto fault = check_parameters(operation, call)) return tl::unexpected{*fault};
        return api_.run(operation, call);
    }
    const auto key = check_key(header_key, call, operation.security);
    if (!key) return tl::unexpected{key.error()};
    call.key = *key;
    if (operation.security == Security::Key) return api_.run(operation, call);
    Arguments in{call};
    const std::string_view signature = in.must("signature");
    if (in.fault()) return in.failure();
    if (auto fault = check_time(call)) return tl::unexpected{*fault};
    if (!(*key)->signed_by(signed_text, signature, sim_front::ApiKey::Encoding::Hex))
        return refuse(-1022, "Signature for this request is not valid.");
    if (auto fault = check_parameters(operation, call)) return tl::unexpected{*fault};
    return api_.run(operation, call);
}

void BinanceFront::request(const ports::ServerEvent& event) {
    const Product product = product_of(event);
    Call call{product, now_, std::string{event.peer}, {}, nullptr};
    const Operation* found = nullptr;
    bool known_path = false;
    for (const Operation& operation : operations()) {
        if (event.path != operation.path) continue;
        known_path = true;
        if (event.method == operation.method) found = &operation;
    }
    Limits& limits = api_.limits(product);
    if (found == nullptr) {
        if (auto fault = limits.charge(event.peer, 1, now_))
            return respond(event.exchange, product, call, tl::unexpected{*fault});
        // The gateway's own answers, not the API's.
        return transport_.respond(
            event.exchange,
            {static_cast<std::uint16_t>(known_path ? 405 : 404),
             {{"Content-Type", "application/json;charset=UTF-8"}},
             known_path ? R"({"code":-1000,"msg":"Request method is not supported."})"
                        : R"({"code":-5000,"msg":"Path )" +
                              text_of(Json(event.path))
                                  .substr(1, std::min<std::size_t>(event.path.size(), 200)) +
                              R"(, Method )" + std::string{event.method} + R"( is invalid"})",
             false});
    }
    // The signature comes last and is not in the text it signs; query and body join without &.
    std::string signed_text;
    bool readable = true;
    for (const std::string_view part : {event.query, event.bytes}) {
        readable = readable && call.params.add_encoded(part);
        std::size_t at = part.find("signature=");
        while (at != std::string_view::npos && at != 0 && part[at - 1] != '&')
            at = part.find("signature=", at + 1);
        if (at == std::string_view::npos) {
            signed_text += part;
            continue;
        }
        const std::size_t end = part.find('&', at);
        signed_text += part.substr(0, at == 0 ? 0 : at - 1);
        if (end != std::string_view::npos) signed_text += part.substr(at == 0 ? end + 1 : end);
    }
    const std::uint32_t weight = api_.weight(*found, call);
    if (auto fault = limits.charge(event.peer, weight, now_))
        return respond(event.exchange, product, call, tl::unexpected{*fault});
    const Reply reply = readable ? answer(*found, call, signed_text, event.header("X-MBX-APIKEY"))
                                 : refuse(-1100, "Illegal characters found in a parameter.");
    if (found->free_when_good && reply) limits.give_back(event.peer, weight, now_);
    respond(event.exchange, product, call, reply);
}

void BinanceFront::respond(ports::ExchangeId exchange, Product product, const Call& call,
                           const Reply& reply) {
    Limits& limits = api_.limits(product);
    const std::string used = std::to_string(limits.weight_used(call.peer, now_));
    ports::HttpReply out;
    out.status = reply ? std::uint16_t{200} : reply.error().status;
    out.headers = {{"Content-Type", "application/json;charset=UTF-8"},
                   {"X-MBX-USED-WEIGHT", used},
                   {"X-MBX-USED-WEIGHT-1M", used}};
    if (call.key != nullptr) {
        for (Limits::OrderLimit& limit : limits.orders())
            out.headers.push_back(
                {std::string{"X-MBX-ORDER-COUNT-"} + limit.header,
                 std::to_string(limit.table.used(Limits::key(call.account()), now_))});
    }
    if (out.status == 429 || out.status == 418) {
        const Nanos wait = limits.retry_at(call.peer, now_) - now_;
        out.headers.push_back({"Retry-After", std::to_string(wait.as_millis() / 1'000 + 1)});
    }
    out.body = text_of(reply ? *reply : fault_json(reply.error()));
    transport_.respond(exchange, std::move(out));
}

}  // namespace parallax::sim_binance
