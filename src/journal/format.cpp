#include "journal/format.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "core/checksum.hpp"

namespace parallax::journal {
namespace {

namespace fs = std::filesystem;

std::string numbered(const char* prefix, std::uint64_t number, const char* suffix) {
    char digits[17] = "0000000000000000";
    char text[16];
    const auto end = std::to_chars(text, text + sizeof text, number, 16).ptr;
    std::copy(text, end, digits + 16 - (end - text));
    return std::string{prefix} + digits + suffix;
}

Result<std::vector<NumberedFile>> list(const fs::path& directory, std::string_view prefix,
                                       std::string_view suffix) {
    std::vector<NumberedFile> files;
    std::error_code error;
    for (fs::directory_iterator it{directory, error}; !error && it != fs::directory_iterator{};
         it.increment(error)) {
        const std::string name = it->path().filename().string();
        if (name.size() != prefix.size() + 16 + suffix.size() || !name.starts_with(prefix) ||
            !name.ends_with(suffix)) {
            continue;
        }
        NumberedFile file{0, it->path()};
        const char* digits = name.data() + prefix.size();
        if (std::from_chars(digits, digits + 16, file.number, 16).ptr == digits + 16)
            files.push_back(std::move(file));
    }
    if (error) return fail(Errc::Unavailable, directory.string() + ": " + error.message());
    std::sort(files.begin(), files.end(),
              [](const auto& a, const auto& b) { return a.number < b.number; });
    return files;
}

template <class Header>
std::uint32_t crc_before(const Header& header) noexcept {
    return crc32c(std::as_bytes(std::span{&header, 1}).first(offsetof(Header, crc)));
}

}  // namespace

std::uint32_t record_crc(RecordHeader header, std::span<const std::byte> payload) noexcept {
    header.crc = 0;
    return crc32c(payload, crc32c(std::as_bytes(std::span{&header, 1})));
}
std::uint32_t header_crc(const SegmentHeader& header) noexcept { return crc_before(header); }
std::uint32_t header_crc(const SnapshotHeader& header) noexcept { return crc_before(header); }

fs::path segment_path(const fs::path& directory, std::uint64_t first) {
    return directory / numbered("journal-", first, ".plxj");
}
fs::path snapshot_path(const fs::path& directory, std::uint64_t sequence) {
    return directory / numbered("snapshot-", sequence, ".plxs");
}
Result<std::vector<NumberedFile>> list_segments(const fs::path& directory) {
    return list(directory, "journal-", ".plxj");
}
Result<std::vector<NumberedFile>> list_snapshots(const fs::path& directory) {
    return list(directory, "snapshot-", ".plxs");
}

void File::reset() noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

tl::unexpected<Error> system_error(const fs::path& path, const char* what, int error) {
    return fail(Errc::Unavailable,
                path.string() + ": " + what + ": " + std::generic_category().message(error));
}

Result<void> sync_directory(const fs::path& directory) {
    const File file{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!file.open()) return system_error(directory, "open", errno);
    if (::fsync(file.fd()) != 0) return system_error(directory, "fsync", errno);
    return {};
}

}  // namespace parallax::journal
