#include "adapters/venues/binance/sign.hpp"

#include "adapters/venues/common/encoding.hpp"
#include "core/assert.hpp"

namespace parallax::binance {

using venue_common::KeyKind;

namespace {

constexpr char kSoh = '\x01';

tl::unexpected<Error> needs_ed25519(std::string_view what, KeyKind kind) {
    return fail(Errc::Rejected, std::string{what} + " needs an Ed25519 key, this one is " +
                                    std::string{to_string(kind)});
}

}  // namespace

Signer::Signer(venue_common::Credentials credentials) : credentials_{std::move(credentials)} {
    api_key_parameter_ = "apiKey=" + credentials_.api_key;
    after_api_key_ = credentials_.key.hmac_after(api_key_parameter_);
    scratch_.reserve(1024);
}

void Signer::append_text(std::string& out) {
    if (kind() == KeyKind::HmacSha256) {
        venue_common::append_hex(out, signature_.bytes());
    } else {
        venue_common::append_base64(out, signature_.bytes());
    }
}

void Signer::sign_rest(std::string& parameters) { sign_rest({}, parameters); }

void Signer::sign_rest(std::string_view query, std::string& body) {
    if (query.empty()) {
        credentials_.key.sign({body}, signature_);
    } else {
        credentials_.key.sign({query, body}, signature_);
    }
    scratch_.clear();
    append_text(scratch_);
    body += body.empty() ? "signature=" : "&signature=";
    venue_common::append_percent_encoded(body, scratch_);
}

void Signer::sign_websocket(std::string_view payload, std::string& out) {
    if (after_api_key_ && payload.starts_with(api_key_parameter_)) {
        payload.remove_prefix(api_key_parameter_.size());
        return venue_common::append_hex(out, after_api_key_->sign(payload));
    }
    credentials_.key.sign({payload}, signature_);
    append_text(out);
}

Result<std::string> Signer::session_logon(std::string_view request_id, UnixNanos time) {
    if (kind() != KeyKind::Ed25519) return needs_ed25519("session.logon", kind());
    std::string timestamp;
    venue_common::append_number(timestamp, time.millis());
    std::string text = R"({"id":")";
    text += request_id;
    text += R"(","method":"session.logon","params":{"apiKey":")" + credentials_.api_key;
    text += R"(","signature":")";
    sign_websocket(api_key_parameter_ + "&timestamp=" + timestamp, text);
    text += R"(","timestamp":)" + timestamp + "}}";
    return text;
}

Result<std::string> Signer::fix_logon(std::string_view sender, std::string_view target,
                                      std::string_view sequence, std::string_view sending_time) {
    if (kind() != KeyKind::Ed25519) return needs_ed25519("a FIX logon", kind());
    std::string payload = "A";
    for (const std::string_view field : {sender, target, sequence, sending_time}) {
        payload += kSoh;
        payload += field;
    }
    credentials_.key.sign({payload}, signature_);
    std::string text;
    append_text(text);
    return text;
}

}  // namespace parallax::binance
