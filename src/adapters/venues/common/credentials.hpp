#pragma once

#include <string>
#include <string_view>

#include "adapters/venues/common/signing_key.hpp"
#include "core/market.hpp"
#include "ports/secrets.hpp"

namespace parallax::venue_common {

/// What one account of one venue signs in with.
struct Credentials {
    std::string api_key;  ///< sent in the open (inside TLS) with every request
    SigningKey key;
    ports::Secret passphrase;  ///< OKX only; empty elsewhere
};

/// Reads VENUE.ACCOUNT.api_key, .secret and, for OKX, .passphrase. Errors: Rejected (one is missing
/// or not usable: its name, and the command that stores it; or a kind of key the venue does not
/// take), and those of the store.
[[nodiscard]] Result<Credentials> read_credentials(ports::Secrets& secrets, Venue venue,
                                                   std::string_view account);

/// The kinds of keys a venue takes (sheets: Binance all three, OKX HMAC, Bybit HMAC and RSA).
[[nodiscard]] bool takes(Venue venue, KeyKind kind) noexcept;

}  // namespace parallax::venue_common
