#include "adapters/venues/common/credentials.hpp"

namespace parallax::venue_common {
namespace {

Result<ports::Secret> part(ports::Secrets& secrets, const std::string& name) {
    auto secret = secrets.get(name);
    if (!secret && secret.error().code == Errc::Rejected) {
        return fail(Errc::Rejected,
                    secret.error().detail + "; store it with: parallax secrets set " + name);
    }
    if (secret && secret->empty()) return fail(Errc::Rejected, name + " is empty");
    return secret;
}

}  // namespace

bool takes(Venue venue, KeyKind kind) noexcept {
    switch (venue) {
        case Venue::Binance:
            return true;
        case Venue::Okx:
            return kind == KeyKind::HmacSha256;
        case Venue::Bybit:
            return kind != KeyKind::Ed25519;
    }
    return false;
}

Result<Credentials> read_credentials(ports::Secrets& secrets, Venue venue,
                                     std::string_view account) {
    const std::string prefix = std::string{to_string(venue)} + "." + std::string{account} + ".";
    auto api_key = part(secrets, prefix + "api_key");
    if (!api_key) return tl::unexpected{api_key.error()};
    for (const char c : api_key->reveal()) {
        // It travels in a header and in JSON: what would need escaping is no key.
        if (c <= ' ' || c > '~' || c == '"' || c == '\\') {
            return fail(Errc::Rejected, prefix + "api_key has characters no key has");
        }
    }
    auto stored = part(secrets, prefix + "secret");
    if (!stored) return tl::unexpected{stored.error()};
    auto key = SigningKey::read(*stored);
    if (!key) return fail(Errc::Rejected, prefix + "secret: " + key.error().detail);
    if (!takes(venue, key->kind())) {
        return fail(Errc::Rejected, prefix + "secret: " + std::string{to_string(venue)} +
                                        " takes no keys of kind " +
                                        std::string{to_string(key->kind())});
    }
    Credentials credentials{std::string{api_key->reveal()}, std::move(*key), {}};
    if (venue == Venue::Okx) {
        auto passphrase = part(secrets, prefix + "passphrase");
        if (!passphrase) return tl::unexpected{passphrase.error()};
        credentials.passphrase = std::move(*passphrase);
    }
    return credentials;
}

}  // namespace parallax::venue_common
