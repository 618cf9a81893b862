#include "journal/snapshot.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "core/checksum.hpp"
#include "journal/format.hpp"

namespace parallax::journal {
namespace {

namespace fs = std::filesystem;

Result<void> write_all(const File& file, const fs::path& path, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t done = ::write(file.fd(), bytes.data(), bytes.size());
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return system_error(path, "write", errno);
        bytes = bytes.subspan(static_cast<std::size_t>(done));
    }
    return {};
}

bool read_all(const File& file, std::span<std::byte> out) {
    while (!out.empty()) {
        const ssize_t got = ::read(file.fd(), out.data(), out.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        out = out.subspan(static_cast<std::size_t>(got));
    }
    return true;
}

/// None: damaged or unreadable.
std::optional<Snapshot> load(const NumberedFile& entry) {
    const File file{::open(entry.path.c_str(), O_RDONLY | O_CLOEXEC)};
    struct stat status{};
    if (!file.open() || ::fstat(file.fd(), &status) != 0) return std::nullopt;
    SnapshotHeader header;
    if (!read_all(file, std::as_writable_bytes(std::span{&header, 1}))) return std::nullopt;
    if (header.magic != kSnapshotMagic || header.version != kVersion ||
        header.crc != header_crc(header) || header.sequence != entry.number ||
        header.size != static_cast<std::uint64_t>(status.st_size) - sizeof header) {
        return std::nullopt;
    }
    Snapshot snapshot{header.sequence,
                      std::vector<std::byte>(static_cast<std::size_t>(header.size))};
    if (!read_all(file, snapshot.state) || crc32c(snapshot.state) != header.content_crc)
        return std::nullopt;
    return snapshot;
}

}  // namespace

Result<void> write_snapshot(const fs::path& directory, std::uint64_t sequence,
                            std::span<const std::byte> state) {
    SnapshotHeader header;
    header.content_crc = crc32c(state);
    header.sequence = sequence;
    header.size = state.size();
    header.crc = header_crc(header);
    const fs::path unfinished = directory / "snapshot.tmp";
    {
        const File file{::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
        if (!file.open()) return system_error(unfinished, "open", errno);
        auto written = write_all(file, unfinished, std::as_bytes(std::span{&header, 1}));
        if (written) written = write_all(file, unfinished, state);
        if (written && ::fsync(file.fd()) != 0) written = system_error(unfinished, "fsync", errno);
        if (!written) {
            ::unlink(unfinished.c_str());
            return written;
        }
    }
    const fs::path path = snapshot_path(directory, sequence);
    if (::rename(unfinished.c_str(), path.c_str()) != 0) return system_error(path, "rename", errno);
    return sync_directory(directory);
}

Result<std::optional<Snapshot>> latest_snapshot(const fs::path& directory,
                                                std::vector<std::string>& notes) {
    const auto files = list_snapshots(directory);
    if (!files) return tl::unexpected{files.error()};
    for (auto entry = files->rbegin(); entry != files->rend(); ++entry) {
        if (auto snapshot = load(*entry)) return snapshot;
        notes.push_back(entry->path.string() + ": this snapshot is damaged and was passed over");
    }
    return std::optional<Snapshot>{};
}

Result<void> remove_old_snapshots(const fs::path& directory, std::size_t keep) {
    const auto files = list_snapshots(directory);
    if (!files) return tl::unexpected{files.error()};
    for (std::size_t i = 0; i + keep < files->size(); ++i) {
        if (::unlink((*files)[i].path.c_str()) != 0)
            return system_error((*files)[i].path, "remove", errno);
    }
    return {};
}

}  // namespace parallax::journal
