#pragma once

#include <memory>
#include <string>

#include "adapters/secrets/sealed_file.hpp"
#include "ports/secrets.hpp"

namespace parallax::secrets {

/// Secrets in one encrypted file (sealed_file.hpp) that only its owner may read (0600). Every call
/// reads the file anew, so nothing stays decrypted in memory between calls; a change is written
/// beside it, synced and renamed over it, under a lock, so that neither a crash nor a second
/// program loses anything. A missing file has no secrets and appears with the first set().
///
/// Errors: Rejected (wrong passphrase, or others may read the file), Malformed, Unavailable.
[[nodiscard]] Result<std::unique_ptr<ports::Secrets>> open_file(const std::string& path,
                                                                const ports::Secret& passphrase,
                                                                const Hardness& hardness = {});

/// 1 to 64 of a-z 0-9 . _ -
[[nodiscard]] bool valid_name(std::string_view name) noexcept;

}  // namespace parallax::secrets
