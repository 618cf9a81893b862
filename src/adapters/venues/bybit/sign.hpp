#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/venues/common/credentials.hpp"
#include "core/time.hpp"

namespace parallax::bybit {

/// X-BAPI-TIMESTAMP and X-BAPI-SIGN.
struct RestSignature {
    std::string timestamp;
    std::string signature;
};

/// Every string Bybit wants signed (v5 guide; copy of 2026-07-24). HMAC keys: lowercase hex; RSA
/// keys: base64.
class Signer {
public:
    /// `receive_window_ms`: X-BAPI-RECV-WINDOW, how old a request may be when it arrives.
    Signer(venue_common::Credentials credentials, std::int64_t receive_window_ms);

    [[nodiscard]] const std::string& api_key() const noexcept { return credentials_.api_key; }
    [[nodiscard]] const std::string& receive_window() const noexcept { return receive_window_; }

    /// `content`: the query of a GET without "?", the exact body of a POST. The strings of `out`
    /// are overwritten.
    void sign_rest(UnixNanos time, std::string_view content, RestSignature& out) const;
    /// The whole auth request of the private and the trade socket; `expires` is in the future.
    [[nodiscard]] std::string websocket_auth(std::string_view request_id, UnixNanos expires) const;
    /// RawData(96) of a FIX Logon for `expires` (tag 30023). Errors: Rejected (needs an RSA key).
    [[nodiscard]] Result<std::string> fix_logon(UnixNanos expires) const;

private:
    void append_text(const venue_common::Signature& signature, std::string& out) const;

    venue_common::Credentials credentials_;
    std::string receive_window_;
};

}  // namespace parallax::bybit
