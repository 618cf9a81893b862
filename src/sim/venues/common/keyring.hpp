#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "sim/engine/types.hpp"

namespace parallax::sim_front {

enum class KeyKind : std::uint8_t { Hmac, Ed25519, Rsa };
enum class Permission : std::uint8_t { Read, Trade, Transfer, Withdraw };

struct ApiKey {
    std::string id{};  ///< what the client sends openly
    KeyKind kind{};
    std::string secret{};      ///< HMAC: the secret; else the public key as PEM
    std::string passphrase{};  ///< OKX
    std::vector<Permission> permissions{};
    std::vector<std::string> addresses{};  ///< that may use it; empty = all
    sim_engine::AccountId account{};

    [[nodiscard]] bool may(Permission permission) const noexcept;
    [[nodiscard]] bool from(std::string_view address) const noexcept;
    enum class Encoding : std::uint8_t { Hex, Base64 };
    /// Whether the text was signed with this key. `encoding` is that of HMAC signatures; those with
    /// a public key are base64 everywhere.
    [[nodiscard]] bool signed_by(std::string_view text, std::string_view signature,
                                 Encoding encoding) const;
};

/// Whose keys are good here.
class Keyring {
public:
    /// Replaces the key of this id.
    void add(ApiKey key) { keys_[key.id] = std::move(key); }
    void revoke(std::string_view id);
    [[nodiscard]] const ApiKey* find(std::string_view id) const noexcept;

private:
    std::map<std::string, ApiKey, std::less<>> keys_;
};

/// When a signed request is still good. Within the window the same request counts each time it
/// comes: none of the venues keeps signatures, a repeated order is refused by its client id only.
struct TimeWindow {
    Nanos behind = Nanos::seconds(5);  ///< at most so old
    Nanos ahead = Nanos::seconds(1);   ///< less than this in the future
    [[nodiscard]] constexpr bool admits(UnixNanos stamp, UnixNanos now) const noexcept {
        return stamp < now + ahead && now - stamp <= behind;
    }
};

}  // namespace parallax::sim_front
