#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "adapters/secrets/file_secrets.hpp"
#include "adapters/secrets/terminal.hpp"
#include "app/commands.hpp"

namespace parallax::app {
namespace {

using Action = SecretsOptions::Action;
using ports::Secret;

int report(const Error& error) {
    std::fprintf(stderr, "%s\n", error.detail.c_str());
    switch (error.code) {
        case Errc::Malformed:
            return kBadInput;
        case Errc::Unavailable:
            return kUnavailable;
        default:
            return kUsage;
    }
}

std::string default_file() {
    if (const char* folder = std::getenv("XDG_CONFIG_HOME"); folder != nullptr && *folder == '/') {
        return std::string{folder} + "/parallax/secrets";
    }
    const char* home = std::getenv("HOME");
    return home == nullptr ? std::string{} : std::string{home} + "/.config/parallax/secrets";
}

Result<Secret> passphrase_of(const SecretsOptions& options, bool new_file) {
    if (!options.passphrase_file.empty()) return secrets::read_file(options.passphrase_file);
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

Result<Secret> value_of(const std::string& name) {
    if (::isatty(STDIN_FILENO) == 0) return secrets::read_all(STDIN_FILENO);
    return secrets::ask("Value of " + name + " (not shown): ");
}

int act(const SecretsOptions& options, ports::Secrets& store) {
    const auto names = store.list();
    if (!names) return report(names.error());
    const bool known = std::ranges::find(*names, options.name) != names->end();
    if (options.action == Action::List) {
        for (const std::string& name : *names) std::printf("%s\n", name.c_str());
        return kOk;
    }
    if (options.action == Action::Remove) {
        if (!known) {
            std::fprintf(stderr, "no secret named %s\n", options.name.c_str());
            return kFailed;
        }
        if (const auto done = store.remove(options.name); !done) return report(done.error());
        std::printf("removed %s\n", options.name.c_str());
        return kOk;
    }
    const auto value = value_of(options.name);
    if (!value) return report(value.error());
    if (const auto done = store.set(options.name, *value); !done) return report(done.error());
    std::printf("%s %s\n", known ? "replaced" : "stored", options.name.c_str());
    return kOk;
}

}  // namespace

int run_secrets(const SecretsOptions& options) {
    const std::string path = options.file.empty() ? default_file() : options.file;
    if (path.empty()) {
        return report({Errc::Rejected, "there is no home directory: give --file"});
    }
    if (options.action == Action::Set && !secrets::valid_name(options.name)) {
        return report({Errc::Rejected, "a name has 1 to 64 of a-z 0-9 . _ -"});
    }
    std::error_code error;
    const bool new_file = !std::filesystem::exists(path, error);
    if (new_file && options.action == Action::List) return kOk;
    if (new_file && options.action == Action::Set) {
        const auto folder = std::filesystem::path{path}.parent_path();
        if (!folder.empty() && std::filesystem::create_directories(folder, error)) {
            std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
        }
        if (error) {
            return report(
                {Errc::Unavailable, "cannot make " + folder.string() + ": " + error.message()});
        }
    }
    const auto passphrase = passphrase_of(options, new_file);
    if (!passphrase) return report(passphrase.error());
    auto store = secrets::open_file(path, *passphrase);
    if (!store) {
        const bool others = store.error().detail.find(path) != std::string::npos;
        (void)report(store.error());
        // A file others may read is a fault of the file; a wrong passphrase one of the caller.
        if (store.error().code == Errc::Malformed) return kBadInput;
        if (store.error().code == Errc::Unavailable) return kUnavailable;
        return others ? kBadInput : kUsage;
    }
    return act(options, **store);
}

}  // namespace parallax::app
