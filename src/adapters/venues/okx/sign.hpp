#pragma once

#include <string>
#include <string_view>

#include "adapters/venues/common/credentials.hpp"
#include "core/time.hpp"

namespace parallax::okx {

/// ISO 8601 in UTC with milliseconds, "2020-12-08T09:08:57.715Z". Years 1970 to 9999.
[[nodiscard]] std::string iso_time(UnixNanos time);

/// OK-ACCESS-TIMESTAMP and OK-ACCESS-SIGN.
struct RestSignature {
    std::string timestamp;
    std::string signature;
};

/// Every string OKX wants signed (v5 docs, overview; copy of 2026-07-28). HMAC-SHA256 keys only.
class Signer {
public:
    explicit Signer(venue_common::Credentials credentials);

    [[nodiscard]] const std::string& api_key() const noexcept { return credentials_.api_key; }
    /// OK-ACCESS-PASSPHRASE.
    [[nodiscard]] const ports::Secret& passphrase() const noexcept {
        return credentials_.passphrase;
    }

    /// `path` with its "?query"; `body` the exact bytes sent, empty for none; `method` in capitals.
    /// The strings of `out` are overwritten.
    void sign_rest(UnixNanos time, std::string_view method, std::string_view path,
                   std::string_view body, RestSignature& out) const;
    /// The whole login request. `time` is valid for 30 s.
    [[nodiscard]] ports::Secret websocket_login(UnixNanos time) const;

private:
    venue_common::Credentials credentials_;
};

}  // namespace parallax::okx
