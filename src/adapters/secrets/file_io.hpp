#pragma once

#include <string>

#include "core/result.hpp"

namespace parallax::secrets {

/// Waits for and holds an exclusive lock on `path`.lock.
class FileLock {
public:
    [[nodiscard]] static Result<FileLock> take(const std::string& path);
    ~FileLock();
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&&) = delete;

private:
    explicit FileLock(int file) : file_{file} {}
    int file_;
};

/// Empty when there is no such file. Errors: Rejected (others may read it, or it is another user's
/// or no plain file), Unavailable.
[[nodiscard]] Result<std::string> read_private(const std::string& path);
/// All or nothing, 0600, on the disk when it returns. Errors: Unavailable.
[[nodiscard]] Result<void> write_private(const std::string& path, const std::string& content);

}  // namespace parallax::secrets
