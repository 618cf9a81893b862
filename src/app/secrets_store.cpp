#include "app/secrets_store.hpp"

#include <cstdlib>
#include <filesystem>

#include "adapters/secrets/file_secrets.hpp"
#include "adapters/secrets/terminal.hpp"

namespace parallax::app {

using ports::Secret;

namespace {

std::string default_file() {
    if (const char* folder = std::getenv("XDG_CONFIG_HOME"); folder != nullptr && *folder == '/') {
        return std::string{folder} + "/parallax/secrets";
    }
    const char* home = std::getenv("HOME");
    return home == nullptr ? std::string{} : std::string{home} + "/.config/parallax/secrets";
}

}  // namespace

Result<std::string> secrets_path(const SecretsPlace& place) {
    std::string path = place.file.empty() ? default_file() : place.file;
    if (path.empty()) return fail(Errc::Rejected, "there is no home directory: give --file");
    return path;
}

Result<Secret> secrets_passphrase(const SecretsPlace& place, bool new_file) {
    if (!place.passphrase_file.empty()) return secrets::read_file(place.passphrase_file);
    if (Secret given = secrets::take_environment("PARALLAX_PASSPHRASE"); !given.empty()) {
        return given;
    }
    if (const char* path = std::getenv("PARALLAX_PASSPHRASE_FILE"); path != nullptr) {
        return secrets::read_file(path);
    }
    auto first = secrets::ask(new_file ? "New passphrase for the secrets file: "
                                       : "Passphrase of the secrets file: ");
    if (!first && first.error().code == Errc::Unavailable) {
        return fail(Errc::Unavailable,
                    first.error().detail +
                        ": give --passphrase-file, or set PARALLAX_PASSPHRASE or "
                        "PARALLAX_PASSPHRASE_FILE");
    }
    if (!first || !new_file) return first;
    // Nobody could open the file again after a slip of the finger.
    const auto second = secrets::ask("The same again: ");
    if (!second) return fail(second.error().code, second.error().detail);
    if (first->reveal() != second->reveal()) {
        return fail(Errc::Rejected, "the two passphrases differ; nothing was written");
    }
    return first;
}

Result<std::unique_ptr<ports::Secrets>> open_secrets(const SecretsPlace& place) {
    const auto path = secrets_path(place);
    if (!path) return tl::unexpected<Error>{path.error()};
    std::error_code ignored;
    if (!std::filesystem::exists(*path, ignored))
        return fail(Errc::Rejected, *path + ": no such file; parallax secrets set makes it");
    const auto passphrase = secrets_passphrase(place, false);
    if (!passphrase) return tl::unexpected<Error>{passphrase.error()};
    return secrets::open_file(*path, *passphrase);
}

}  // namespace parallax::app
