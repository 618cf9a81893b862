#include "adapters/venues/binance/rest.hpp"

#include "adapters/venues/binance/errors.hpp"
#include "adapters/venues/common/json.hpp"
#include "core/assert.hpp"

namespace parallax::binance {

using venue_common::Object;
using venue_common::RestCall;
using venue_common::RestReading;

struct Rest::Json {
    simdjson::dom::parser parser;
};

Rest::Rest(Product product, std::string host, Signer* signer, bool coin_margined,
           std::string wallet_host)
    : product_{product},
      host_{std::move(host)},
      wallet_host_{wallet_host.empty() ? host_ : std::move(wallet_host)},
      signer_{signer},
      coin_margined_{coin_margined},
      json_{std::make_unique<Json>()} {}
Rest::~Rest() = default;

const venue_common::RateTable& Rest::rates() const noexcept {
    return product_ == Product::Spot ? spot::rates() : usdm::rates();
}

/// A signed call has its parameters in the query, as the venue takes them for every method.
void Rest::write(const RestCall& call, UnixNanos time, ports::HttpRequest& out) const {
    std::string query = call.query;
    out.method = call.method;
    out.body = call.body;
    out.headers.clear();
    if (call.is_signed) {
        PLX_ASSERT(signer_ != nullptr && call.body.empty());
        query += (query.empty() ? "timestamp=" : "&timestamp=") + std::to_string(time.millis());
        signer_->sign_rest(query);
    }
    if (signer_ != nullptr && (call.is_signed || call.path.ends_with("/listenKey")))
        out.headers.push_back({"X-MBX-APIKEY", signer_->api_key()});
    out.url = (call.path.starts_with("/sapi/") ? wallet_host_ : host_) + call.path;
    if (!query.empty()) out.url += "?" + query;
}

RestReading Rest::read(const ports::NetEvent& answer) {
    RestReading out;
    std::string_view message;
    Object root;
    const bool refused = answer.code >= 400;
    // A good answer is the result itself: only a small one may be an error in disguise.
    if ((refused || answer.bytes.size() < 512) &&
        json_->parser.parse(answer.bytes.data(), answer.bytes.size()).get(root) ==
            simdjson::SUCCESS) {
        const auto code = venue_common::integer_field(root, "code");
        if (code && *code >= -99'999 && *code <= 9'999) {
            out.code = static_cast<std::int32_t>(*code);
            message = venue_common::text_field(root, "msg");
        }
    }
    if (!refused && out.code.value_or(0) >= 0) return out;
    const auto judge = product_ == Product::Spot ? judge_spot : judge_usdm;
    out.verdict = judge(answer.code, out.code.value_or(0), message);
    return out;
}

void Rest::feed_back(venue_common::RateLimiter& limiter, const venue_common::RateRequest&,
                     const venue_common::RateTicket& ticket, const ports::NetEvent& answer,
                     std::optional<std::int32_t> code, Nanos) {
    on_answer(limiter, product_, ticket, answer);
    if (code && answer.code != 429 && answer.code != 418)
        on_error(limiter, product_, *code, std::nullopt, answer.received);
}

RestCall Rest::time_call() const {
    RestCall call;
    call.rate.call =
        product_ == Product::Spot ? std::uint8_t{spot::kTime} : std::uint8_t{usdm::kTime};
    call.path = product_ == Product::Spot ? "/api/v3/time"
                : coin_margined_          ? "/dapi/v1/time"
                                          : "/fapi/v1/time";
    return call;
}

std::optional<UnixNanos> Rest::read_time(std::string_view body) {
    Object root;
    if (json_->parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS)
        return std::nullopt;
    const auto ms = venue_common::integer_field(root, "serverTime");
    if (!ms || *ms <= 0 || *ms > 9'000'000'000'000) return std::nullopt;
    return UnixNanos::from_millis(*ms);
}

}  // namespace parallax::binance
