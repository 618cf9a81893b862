#include "sim/venues/common/keyring.hpp"

#include <algorithm>

#include "sim/venues/common/crypto.hpp"

namespace parallax::sim_front {

bool ApiKey::may(Permission permission) const noexcept {
    return std::find(permissions.begin(), permissions.end(), permission) != permissions.end();
}

bool ApiKey::from(std::string_view address) const noexcept {
    return addresses.empty() ||
           std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

bool ApiKey::signed_by(std::string_view text, std::string_view signature, Encoding encoding) const {
    const auto bytes = kind == KeyKind::Hmac && encoding == Encoding::Hex ? from_hex(signature)
                                                                          : from_base64(signature);
    if (!bytes) return false;
    switch (kind) {
        case KeyKind::Hmac:
            return same_secret(*bytes, hmac_sha256(secret, text));
        case KeyKind::Ed25519:
            return verify_ed25519(secret, text, *bytes);
        case KeyKind::Rsa:
            return verify_rsa_sha256(secret, text, *bytes);
    }
    return false;
}

void Keyring::revoke(std::string_view id) {
    if (const auto found = keys_.find(id); found != keys_.end()) keys_.erase(found);
}

const ApiKey* Keyring::find(std::string_view id) const noexcept {
    const auto found = keys_.find(id);
    return found == keys_.end() ? nullptr : &found->second;
}

}  // namespace parallax::sim_front
