#include "adapters/secrets/file_secrets.hpp"

#include <algorithm>
#include <cstring>
#include <map>

#include "adapters/secrets/file_io.hpp"

namespace parallax::secrets {
namespace {

using ports::Secret;
using Values = std::map<std::string, Secret, std::less<>>;

constexpr std::size_t kMostName = 64;
constexpr std::size_t kMostValue = 64 * 1024;

// The content: for each secret the length of its name, the name, the length of its value, the
// value; lengths as u32.

Secret pack(const Values& values) {
    std::size_t size = 0;
    for (const auto& [name, value] : values) size += 8 + name.size() + value.size();
    Secret content(size);
    char* to = content.fill().data();
    const auto put = [&](std::string_view text) {
        const auto length = static_cast<std::uint32_t>(text.size());
        std::memcpy(to, &length, sizeof length);
        to += sizeof length;
        to += text.copy(to, text.size());
    };
    for (const auto& [name, value] : values) {
        put(name);
        put(value.reveal());
    }
    return content;
}

Result<Values> unpack(const Secret& content) {
    Values values;
    std::string_view left = content.reveal();
    bool good = true;
    const auto take = [&]() -> std::string_view {
        std::uint32_t length = 0;
        if (left.size() >= sizeof length) {
            std::memcpy(&length, left.data(), sizeof length);
            left.remove_prefix(sizeof length);
        } else {
            good = false;
        }
        if (length > left.size()) {
            good = false;
            length = 0;
        }
        const std::string_view text = left.substr(0, length);
        left.remove_prefix(length);
        return text;
    };
    while (good && !left.empty()) {
        std::string name{take()};
        values.insert_or_assign(std::move(name), Secret::copy_of(take()));
    }
    if (!good) return fail(Errc::Malformed, "the secrets file's content is not what it should be");
    return values;
}

class FileSecrets final : public ports::Secrets {
public:
    FileSecrets(std::string path, SealKey key) : path_{std::move(path)}, key_{std::move(key)} {}

    Result<std::vector<std::string>> list() override {
        auto values = read();
        if (!values) return tl::unexpected{values.error()};
        std::vector<std::string> names;
        for (const auto& entry : *values) names.push_back(entry.first);
        return names;
    }
    Result<Secret> get(std::string_view name) override {
        auto values = read();
        if (!values) return tl::unexpected{values.error()};
        const auto found = values->find(name);
        if (found == values->end()) return missing(name);
        return std::move(found->second);
    }
    Result<void> set(std::string_view name, const Secret& value) override {
        if (!valid_name(name)) {
            return fail(Errc::Rejected,
                        "a name has 1 to 64 of a-z 0-9 . _ -, not '" + std::string{name} + "'");
        }
        if (value.empty()) return fail(Errc::Rejected, "the value is empty");
        if (value.size() > kMostValue) return fail(Errc::Rejected, "the value is above 64 KiB");
        return change([&](Values& values) -> Result<void> {
            values.insert_or_assign(std::string{name}, Secret::copy_of(value.reveal()));
            return {};
        });
    }
    Result<void> remove(std::string_view name) override {
        return change([&](Values& values) -> Result<void> {
            const auto found = values.find(name);
            if (found == values.end()) return missing(name);
            values.erase(found);
            return {};
        });
    }

private:
    static tl::unexpected<Error> missing(std::string_view name) {
        return fail(Errc::Rejected, "no secret named " + std::string{name});
    }
    Result<Values> read() const {
        auto file = read_private(path_);
        if (!file) return tl::unexpected{file.error()};
        if (file->empty()) return Values{};
        auto content = open(*file, key_);
        if (!content) return tl::unexpected{content.error()};
        return unpack(*content);
    }
    template <class Change>
    Result<void> change(Change&& apply) {
        auto lock = FileLock::take(path_);
        if (!lock) return tl::unexpected{lock.error()};
        auto values = read();
        if (!values) return tl::unexpected{values.error()};
        if (auto done = apply(*values); !done) return done;
        return write_private(path_, seal(pack(*values), key_));
    }

    std::string path_;
    SealKey key_;
};

}  // namespace

bool valid_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= kMostName && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    });
}

Result<std::unique_ptr<ports::Secrets>> open_file(const std::string& path, const Secret& passphrase,
                                                  const Hardness& hardness) {
    if (passphrase.empty()) return fail(Errc::Rejected, "the passphrase is empty");
    auto file = read_private(path);
    if (!file) return tl::unexpected{file.error()};
    auto key = file->empty() ? new_key(passphrase, hardness) : key_of(*file, passphrase);
    if (!key) return tl::unexpected{key.error()};
    auto secrets = std::make_unique<FileSecrets>(path, std::move(*key));
    if (auto names = secrets->list(); !names) return tl::unexpected{names.error()};
    return secrets;
}

}  // namespace parallax::secrets
