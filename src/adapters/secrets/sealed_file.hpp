#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "ports/secret.hpp"

namespace parallax::secrets {

/// How hard a guess at the passphrase is made (Argon2id). The defaults are libsodium's "moderate":
/// 256 MiB and 3 passes, most of a second on a server.
struct Hardness {
    std::uint64_t passes = 3;
    std::uint64_t memory_bytes = 256ULL << 20;
};

inline constexpr std::size_t kSaltSize = 16;
using Salt = std::array<std::uint8_t, kSaltSize>;

/// A key derived from a passphrase, with what it takes to derive it again.
struct SealKey {
    ports::Secret key;
    Salt salt{};
    Hardness hardness;
};

// The file, little-endian:
//   "PLXSEC1\n"  passes u64  memory u64  salt 16  nonce 24  ciphertext  CRC-32C u32 of all before
// The ciphertext is XChaCha20-Poly1305 with everything before it as additional data. The checksum
// tells damage from a wrong passphrase, which look the same to the cipher.

/// A new key with a random salt. Errors: Unavailable (not enough memory).
[[nodiscard]] Result<SealKey> new_key(const ports::Secret& passphrase, const Hardness& hardness);
/// The key of an existing file's bytes. Errors: Malformed (damaged), Unavailable (memory).
[[nodiscard]] Result<SealKey> key_of(std::string_view file, const ports::Secret& passphrase);

/// With a fresh nonce each time.
[[nodiscard]] std::string seal(const ports::Secret& content, const SealKey& key);
/// Errors: Malformed (damaged), Rejected (another key: wrong passphrase, or forged).
[[nodiscard]] Result<ports::Secret> open(std::string_view file, const SealKey& key);

}  // namespace parallax::secrets
