#include "adapters/venues/bybit/rest.hpp"

#include "adapters/venues/bybit/errors.hpp"
#include "adapters/venues/common/json.hpp"
#include "core/assert.hpp"

namespace parallax::bybit {

using venue_common::Object;
using venue_common::RestCall;
using venue_common::RestReading;

struct Rest::Json {
    simdjson::dom::parser parser;
};

Rest::Rest(std::string host, const Signer* signer)
    : host_{std::move(host)}, signer_{signer}, json_{std::make_unique<Json>()} {}
Rest::~Rest() = default;

const venue_common::RateTable& Rest::rates() const noexcept { return bybit::rates(); }

void Rest::write(const RestCall& call, UnixNanos time, ports::HttpRequest& out) const {
    out.method = call.method;
    out.url = host_ + call.path;
    if (!call.query.empty()) out.url += "?" + call.query;
    out.body = call.body;
    out.headers.clear();
    if (!call.body.empty()) out.headers.push_back({"Content-Type", "application/json"});
    if (!call.is_signed) return;
    PLX_ASSERT(signer_ != nullptr);
    RestSignature signature;
    signer_->sign_rest(time, call.body.empty() ? call.query : call.body, signature);
    out.headers.push_back({"X-BAPI-API-KEY", signer_->api_key()});
    out.headers.push_back({"X-BAPI-TIMESTAMP", std::move(signature.timestamp)});
    out.headers.push_back({"X-BAPI-RECV-WINDOW", signer_->receive_window()});
    out.headers.push_back({"X-BAPI-SIGN", std::move(signature.signature)});
}

RestReading Rest::read(const ports::NetEvent& answer) {
    Object root;
    RestReading out;
    if (json_->parser.parse(answer.bytes.data(), answer.bytes.size()).get(root) ==
        simdjson::SUCCESS) {
        if (const auto code = venue_common::integer_field(root, "retCode");
            code && *code >= -99'999 && *code <= 9'999'999)
            out.code = static_cast<std::int32_t>(*code);
    }
    const bool refused = answer.code >= 400;
    // An answer of 200 that is no answer says nothing about what was done.
    out.verdict = out.code || refused ? judge(answer.code, out.code) : venue_common::kUndocumented;
    if (refused && out.verdict.reaction == venue_common::Reaction::None)
        out.verdict = judge(answer.code, std::nullopt);
    return out;
}

void Rest::feed_back(venue_common::RateLimiter& limiter, const venue_common::RateRequest& request,
                     const venue_common::RateTicket& ticket, const ports::NetEvent& answer,
                     std::optional<std::int32_t> code, Nanos venue_ahead) {
    on_answer(limiter, request, ticket, answer, code, venue_ahead);
}

RestCall Rest::time_call() const {
    RestCall call;
    call.rate.call = kPublic;
    call.path = "/v5/market/time";
    return call;
}

std::optional<UnixNanos> Rest::read_time(std::string_view body) {
    Object root;
    if (json_->parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS)
        return std::nullopt;
    const auto result = venue_common::object_field(root, "result");
    const auto nanos = result ? venue_common::integer_field(*result, "timeNano") : std::nullopt;
    if (!nanos || *nanos <= 0) return std::nullopt;
    return UnixNanos::from_nanos(*nanos);
}

}  // namespace parallax::bybit
