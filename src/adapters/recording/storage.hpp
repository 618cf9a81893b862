#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "core/result.hpp"

namespace parallax::recording {

/// Bytes that can be read at any offset. Safe to read from several threads.
class Storage {
public:
    explicit Storage(std::string name) : name_{std::move(name)} {}
    virtual ~Storage() = default;
    Storage(const Storage&) = delete;
    Storage& operator=(const Storage&) = delete;
    /// Fills as much of `out` as there is behind offset; returns how much. Errors: Unavailable.
    [[nodiscard]] virtual Result<std::size_t> read_at(std::uint64_t offset,
                                                      std::span<char> out) const = 0;
    [[nodiscard]] virtual std::uint64_t size() const noexcept = 0;
    /// For messages: the path.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
    std::string name_;
};

/// Errors: Unavailable (missing, no permission, a folder).
[[nodiscard]] Result<std::shared_ptr<const Storage>> open_storage(
    const std::filesystem::path& path);
[[nodiscard]] std::shared_ptr<const Storage> memory_storage(std::string name, std::string bytes);

}  // namespace parallax::recording
