#include "adapters/venues/okx/rest.hpp"

#include "adapters/venues/common/json.hpp"
#include "adapters/venues/common/rate_feedback.hpp"
#include "adapters/venues/okx/errors.hpp"
#include "core/assert.hpp"

namespace parallax::okx {

using venue_common::Object;
using venue_common::RestCall;
using venue_common::RestReading;

struct Rest::Json {
    simdjson::dom::parser parser;
};

Rest::Rest(std::string host, const Signer* signer, bool demo)
    : host_{std::move(host)}, signer_{signer}, demo_{demo}, json_{std::make_unique<Json>()} {}
Rest::~Rest() = default;

const venue_common::RateTable& Rest::rates() const noexcept { return okx::rates(); }

void Rest::write(const RestCall& call, UnixNanos time, ports::HttpRequest& out) const {
    std::string target = call.path;
    if (!call.query.empty()) target += "?" + call.query;
    out.method = call.method;
    out.url = host_ + target;
    out.body = call.body;
    out.headers.clear();
    if (!call.body.empty()) out.headers.push_back({"Content-Type", "application/json"});
    if (demo_) out.headers.push_back({"x-simulated-trading", "1"});
    if (!call.is_signed) return;
    PLX_ASSERT(signer_ != nullptr);
    RestSignature signature;
    signer_->sign_rest(time, call.method, target, call.body, signature);
    out.headers.push_back({"OK-ACCESS-KEY", signer_->api_key()});
    out.headers.push_back({"OK-ACCESS-SIGN", std::move(signature.signature)});
    out.headers.push_back({"OK-ACCESS-TIMESTAMP", std::move(signature.timestamp)});
    out.headers.push_back({"OK-ACCESS-PASSPHRASE", std::string{signer_->passphrase().reveal()}});
}

/// Some or all items failed: of a single one its sCode says how.
RestReading Rest::read(const ports::NetEvent& answer) {
    Object root;
    RestReading out;
    std::string_view message;
    if (json_->parser.parse(answer.bytes.data(), answer.bytes.size()).get(root) ==
        simdjson::SUCCESS) {
        const auto narrow = [](std::int64_t code) {
            return code >= 0 && code <= 9'999'999 ? static_cast<std::int32_t>(code) : -1;
        };
        message = venue_common::text_field(root, "msg");
        if (const auto code = venue_common::integer_field(root, "code")) out.code = narrow(*code);
        const auto rows = venue_common::array_field(root, "data");
        Object row;
        if (out.code == 1 && rows && rows->size() == 1 &&
            rows->at(0).get(row) == simdjson::SUCCESS) {
            if (const auto code = venue_common::integer_field(row, "sCode"))
                out.code = narrow(*code);
            message = venue_common::text_field(row, "sMsg");
        }
    }
    const bool refused = answer.code >= 400;
    // An answer of 200 that is no answer says nothing about what was done.
    if (!out.code && !refused) {
        out.verdict = venue_common::kUndocumented;
    } else {
        out.verdict = judge(answer.code, out.code.value_or(-1), message);
    }
    if (refused && out.verdict.reaction == venue_common::Reaction::None)
        out.verdict = judge(answer.code, -1, {});
    return out;
}

void Rest::feed_back(venue_common::RateLimiter& limiter, const venue_common::RateRequest& request,
                     const venue_common::RateTicket& ticket, const ports::NetEvent& answer,
                     std::optional<std::int32_t> code, Nanos) {
    if (!venue_common::give_back(limiter, ticket, answer)) return;
    if (answer.code == 429 && !code) code = 50011;
    if (code) on_error(limiter, request, *code, answer.received);
}

RestCall Rest::time_call() const {
    RestCall call;
    call.rate.call = kTime;
    call.path = "/api/v5/public/time";
    return call;
}

std::optional<UnixNanos> Rest::read_time(std::string_view body) {
    Object root;
    if (json_->parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS)
        return std::nullopt;
    const auto rows = venue_common::array_field(root, "data");
    Object row;
    if (!rows || rows->size() != 1 || rows->at(0).get(row) != simdjson::SUCCESS)
        return std::nullopt;
    const auto ms = venue_common::integer_field(row, "ts");
    if (!ms || *ms <= 0 || *ms > 9'000'000'000'000) return std::nullopt;
    return UnixNanos::from_millis(*ms);
}

}  // namespace parallax::okx
