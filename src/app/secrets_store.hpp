#pragma once

#include <memory>
#include <string>

#include "ports/secrets.hpp"

namespace parallax::app {

/// Where the encrypted file is, and what opens it.
struct SecretsPlace {
    std::string file;             ///< empty: the default place
    std::string passphrase_file;  ///< empty: environment or terminal
};

/// Errors: Rejected (no home directory and no file given).
[[nodiscard]] Result<std::string> secrets_path(const SecretsPlace& place);
/// From the file given, the environment, or the terminal, in this order; a new file's is asked for
/// twice. Errors: Rejected, Unavailable (nobody to ask).
[[nodiscard]] Result<ports::Secret> secrets_passphrase(const SecretsPlace& place, bool new_file);
/// Of a file that exists. Errors: of the two above; Rejected (no such file), and those of
/// secrets::open_file.
[[nodiscard]] Result<std::unique_ptr<ports::Secrets>> open_secrets(const SecretsPlace& place);

}  // namespace parallax::app
