#include "adapters/secrets/file_io.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace parallax::secrets {
namespace {

constexpr std::size_t kMostBytes = 16 << 20;

tl::unexpected<Error> failed(const std::string& what) {
    return fail(Errc::Unavailable, what + ": " + std::strerror(errno));
}

struct Descriptor {
    explicit Descriptor(int number) : file{number} {}
    ~Descriptor() {
        if (file >= 0) ::close(file);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int file;
};

bool write_all(int file, const std::string& content) {
    for (std::size_t done = 0; done < content.size();) {
        const ssize_t wrote = ::write(file, content.data() + done, content.size() - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return false;
        done += static_cast<std::size_t>(wrote);
    }
    return ::fsync(file) == 0;
}

}  // namespace

Result<FileLock> FileLock::take(const std::string& path) {
    std::string name = path;
    name += ".lock";
    const int file = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return failed("cannot open " + name);
    FileLock lock{file};
    while (::flock(file, LOCK_EX) != 0) {
        if (errno != EINTR) return failed("cannot lock " + name);
    }
    return lock;
}

FileLock::~FileLock() {
    if (file_ >= 0) ::close(file_);
}

FileLock::FileLock(FileLock&& other) noexcept : file_{std::exchange(other.file_, -1)} {}

Result<std::string> read_private(const std::string& path) {
    const Descriptor in{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    if (in.file < 0 && errno == ENOENT) return std::string{};
    if (in.file < 0) return failed("cannot read " + path);
    struct stat about{};
    if (::fstat(in.file, &about) != 0) return failed("cannot read " + path);
    if (!S_ISREG(about.st_mode)) return fail(Errc::Rejected, path + " is not a file");
    if (about.st_uid != ::geteuid()) return fail(Errc::Rejected, path + " belongs to another user");
    if ((about.st_mode & 077) != 0) {
        return fail(Errc::Rejected, path + " may be read by others: chmod 600 " + path);
    }
    std::string content;
    while (true) {
        const std::size_t size = content.size();
        content.resize(size + 4096);
        const ssize_t got = ::read(in.file, content.data() + size, 4096);
        content.resize(size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("cannot read " + path);
        if (got == 0) break;
        if (content.size() > kMostBytes) return fail(Errc::Rejected, path + " is too large");
    }
    // A file that exists is never taken for one that does not.
    if (content.empty()) return fail(Errc::Malformed, path + " is empty");
    return content;
}

Result<void> write_private(const std::string& path, const std::string& content) {
    std::string beside = path;
    beside += ".new";
    (void)::unlink(beside.c_str());  // left by a crash; the lock says nobody is writing it
    {
        const Descriptor out{
            ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
        if (out.file < 0) return failed("cannot write " + beside);
        if (!write_all(out.file, content)) {
            auto error = failed("cannot write " + beside);
            (void)::unlink(beside.c_str());
            return error;
        }
    }
    if (::rename(beside.c_str(), path.c_str()) != 0) return failed("cannot replace " + path);
    std::string folder = std::filesystem::path{path}.parent_path().string();
    if (folder.empty()) folder.push_back('.');
    const Descriptor directory{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (directory.file < 0 || ::fsync(directory.file) != 0) return failed("cannot sync " + folder);
    return {};
}

}  // namespace parallax::secrets
