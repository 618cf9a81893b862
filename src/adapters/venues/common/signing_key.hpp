#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "adapters/venues/common/hmac_sha256.hpp"
#include "core/result.hpp"
#include "ports/secret.hpp"

struct evp_pkey_st;

namespace parallax::venue_common {

enum class KeyKind : std::uint8_t { HmacSha256, Ed25519, Rsa };
[[nodiscard]] std::string_view to_string(KeyKind kind) noexcept;

/// Bytes of a signature: 32 (HMAC), 64 (Ed25519), up to 512 (RSA 4096).
class Signature {
public:
    static constexpr std::size_t kMost = 512;
    [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept { return {data_, size_}; }

private:
    friend class SigningKey;
    std::uint8_t data_[kMost];  // not zeroed: only the first `size_` are ever read
    std::size_t size_ = 0;
};

/// A private key of any kind the venues take. HMAC and Ed25519 (RFC 8032) live in locked memory and
/// sign without allocating; RSA (PKCS#1 v1.5 with SHA-256) lives in OpenSSL's secure heap.
class SigningKey {
public:
    /// What a user stored: a PEM private key (PKCS#8, not encrypted: Ed25519 or RSA of 2048 to 4096
    /// bits), or else the text of an HMAC secret. Errors: Rejected, saying what is wrong.
    [[nodiscard]] static Result<SigningKey> read(const ports::Secret& stored);
    [[nodiscard]] static SigningKey hmac(const ports::Secret& secret);

    [[nodiscard]] KeyKind kind() const noexcept;
    /// For messages that all begin alike; nothing for other keys than HMAC.
    [[nodiscard]] std::optional<HmacSha256> hmac_after(std::string_view prefix) const;
    /// Of the parts, one after the other. Ed25519 and RSA need the whole message in one piece: give
    /// them one part where speed counts.
    void sign(std::initializer_list<std::string_view> parts, Signature& to) const;
    [[nodiscard]] Signature sign(std::string_view message) const;
    /// DER of the public key for Ed25519 and RSA: what the venue was given; empty for HMAC.
    [[nodiscard]] std::vector<std::uint8_t> public_key() const;

private:
    struct Ed25519 {
        ports::Secret seed_and_public;  ///< 64 bytes, as libsodium wants them
    };
    struct Free {
        void operator()(evp_pkey_st* key) const noexcept;
    };
    using Rsa = std::unique_ptr<evp_pkey_st, Free>;
    using Key = std::variant<HmacSha256, Ed25519, Rsa>;
    explicit SigningKey(Key key) : key_{std::move(key)} {}
    static Result<SigningKey> read_pem(std::string_view pem);

    Key key_;
};

/// For servers and tests. `public_key` is DER (SubjectPublicKeyInfo) or PEM.
[[nodiscard]] bool verifies(std::string_view public_key, std::string_view message,
                            std::span<const std::uint8_t> signature);

}  // namespace parallax::venue_common
