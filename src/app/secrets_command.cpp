#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "adapters/secrets/file_secrets.hpp"
#include "adapters/secrets/terminal.hpp"
#include "app/commands.hpp"
#include "app/secrets_store.hpp"

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
    const auto found = secrets_path(options.place);
    if (!found) return report(found.error());
    const std::string& path = *found;
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
    const auto passphrase = secrets_passphrase(options.place, new_file);
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
