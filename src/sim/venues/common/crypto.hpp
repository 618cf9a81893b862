#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace parallax::sim_front {

// What venues check requests with. Texts of bytes are std::string. Comparisons of secrets take the
// same time wherever they differ.

[[nodiscard]] std::string hmac_sha256(std::string_view secret, std::string_view text);
[[nodiscard]] std::string hex(std::string_view bytes);  ///< lower case
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);
[[nodiscard]] std::string base64(std::string_view bytes);
/// Empty when it is none; padding is required.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);
/// Only the lengths are allowed to leak.
[[nodiscard]] bool same_secret(std::string_view a, std::string_view b) noexcept;

/// `public_key` is PEM. False for every kind of wrong: the key, the signature, its length.
[[nodiscard]] bool verify_ed25519(const std::string& public_key, std::string_view text,
                                  std::string_view signature);
/// PKCS#1 v1.5 with SHA-256.
[[nodiscard]] bool verify_rsa_sha256(const std::string& public_key, std::string_view text,
                                     std::string_view signature);

}  // namespace parallax::sim_front
