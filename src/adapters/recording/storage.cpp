#include "adapters/recording/storage.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace parallax::recording {
namespace {

std::string system_text(int error) { return std::generic_category().message(error); }

class FileStorage final : public Storage {
public:
    FileStorage(std::string name, int fd, std::uint64_t size)
        : Storage{std::move(name)}, fd_{fd}, size_{size} {}
    ~FileStorage() override { ::close(fd_); }
    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out) const override {
        std::size_t done = 0;
        while (done < out.size()) {
            const ssize_t got = ::pread(fd_, out.data() + done, out.size() - done,
                                        static_cast<off_t>(offset + done));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return fail(Errc::Unavailable, name() + ": " + system_text(errno));
            if (got == 0) break;
            done += static_cast<std::size_t>(got);
        }
        return done;
    }
    std::uint64_t size() const noexcept override { return size_; }

private:
    int fd_;
    std::uint64_t size_;
};

class MemoryStorage final : public Storage {
public:
    MemoryStorage(std::string name, std::string bytes)
        : Storage{std::move(name)}, bytes_{std::move(bytes)} {}
    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out) const override {
        if (offset >= bytes_.size()) return 0;
        return bytes_.copy(out.data(), out.size(), static_cast<std::size_t>(offset));
    }
    std::uint64_t size() const noexcept override { return bytes_.size(); }

private:
    std::string bytes_;
};

}  // namespace

Result<std::shared_ptr<const Storage>> open_storage(const std::filesystem::path& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fail(Errc::Unavailable, path.string() + ": " + system_text(errno));
    struct stat status{};
    if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        ::close(fd);
        return fail(Errc::Unavailable, path.string() + ": not a regular file");
    }
    ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return std::make_shared<FileStorage>(path.string(), fd,
                                         static_cast<std::uint64_t>(status.st_size));
}

std::shared_ptr<const Storage> memory_storage(std::string name, std::string bytes) {
    return std::make_shared<MemoryStorage>(std::move(name), std::move(bytes));
}

}  // namespace parallax::recording
