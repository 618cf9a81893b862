#include "adapters/venues/bybit/sign.hpp"

#include "adapters/venues/common/encoding.hpp"
#include "core/assert.hpp"

namespace parallax::bybit {

using venue_common::KeyKind;
using venue_common::Signature;

namespace {

constexpr std::string_view kRealtime = "GET/realtime";

std::string millis_text(UnixNanos time) {
    std::string text;
    venue_common::append_number(text, time.millis());
    return text;
}

}  // namespace

Signer::Signer(venue_common::Credentials credentials, std::int64_t receive_window_ms)
    : credentials_{std::move(credentials)}, receive_window_{std::to_string(receive_window_ms)} {
    PLX_ASSERT(credentials_.key.kind() != KeyKind::Ed25519 && receive_window_ms > 0);
}

void Signer::append_text(const Signature& signature, std::string& out) const {
    if (credentials_.key.kind() == KeyKind::HmacSha256) {
        venue_common::append_hex(out, signature.bytes());
    } else {
        venue_common::append_base64(out, signature.bytes());
    }
}

void Signer::sign_rest(UnixNanos time, std::string_view content, RestSignature& out) const {
    out.timestamp.clear();
    venue_common::append_number(out.timestamp, time.millis());
    Signature signature;
    credentials_.key.sign({out.timestamp, credentials_.api_key, receive_window_, content},
                          signature);
    out.signature.clear();
    append_text(signature, out.signature);
}

std::string Signer::websocket_auth(std::string_view request_id, UnixNanos expires) const {
    const std::string time = millis_text(expires);
    Signature signature;
    credentials_.key.sign({kRealtime, time}, signature);
    std::string text = R"({"req_id":")" + std::string{request_id};
    text += R"(","op":"auth","args":[")" + credentials_.api_key + "\"," + time + ",\"";
    append_text(signature, text);
    text += "\"]}";
    return text;
}

Result<std::string> Signer::fix_logon(UnixNanos expires) const {
    if (credentials_.key.kind() != KeyKind::Rsa) {
        return fail(Errc::Rejected, "a FIX logon needs an RSA key, this one is " +
                                        std::string{to_string(credentials_.key.kind())});
    }
    Signature signature;
    credentials_.key.sign({kRealtime, millis_text(expires)}, signature);
    std::string text;
    append_text(signature, text);
    return text;
}

}  // namespace parallax::bybit
