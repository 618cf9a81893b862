#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/venues/common/credentials.hpp"
#include "core/time.hpp"

namespace parallax::binance {

/// Every string Binance wants signed, spot and USD-M alike (spot docs of 2026-07-21: rest-api.md,
/// web-socket-api.md, fix-api.md; USD-M General Info). One thread.
class Signer {
public:
    explicit Signer(venue_common::Credentials credentials);

    [[nodiscard]] const std::string& api_key() const noexcept { return credentials_.api_key; }
    [[nodiscard]] venue_common::KeyKind kind() const noexcept { return credentials_.key.kind(); }

    /// REST. `parameters` is the query or the body as it goes over the wire, percent-encoded, with
    /// its timestamp; "&signature=..." is added, last as the venue wants it. HMAC: hex; other keys:
    /// base64, percent-encoded.
    void sign_rest(std::string& parameters);
    /// REST with both: the signature covers `query` and then `body`, and ends up in `body`.
    void sign_rest(std::string_view query, std::string& body);
    /// WebSocket API: `payload` is all parameters but the signature, apiKey included, sorted by
    /// name, raw: "apiKey=...&timestamp=...". The signature (hex, or base64 as it is) is appended
    /// to `out`.
    void sign_websocket(std::string_view payload, std::string& out);

    /// The whole session.logon request. Errors: Rejected (needs an Ed25519 key).
    [[nodiscard]] Result<std::string> session_logon(std::string_view request_id, UnixNanos time);
    /// RawData(96) of a FIX Logon: base64 of the signature over MsgType, SenderCompID,
    /// TargetCompID, MsgSeqNum and SendingTime. Errors: Rejected (needs an Ed25519 key).
    [[nodiscard]] Result<std::string> fix_logon(std::string_view sender, std::string_view target,
                                                std::string_view sequence,
                                                std::string_view sending_time);

private:
    void append_text(std::string& out);

    venue_common::Credentials credentials_;
    std::string api_key_parameter_;                          ///< "apiKey=..."
    std::optional<venue_common::HmacSha256> after_api_key_;  ///< that hashed already
    venue_common::Signature signature_;
    std::string scratch_;
};

}  // namespace parallax::binance
