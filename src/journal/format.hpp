#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"

/// Files of a journal. Little-endian.
///   journal-<first sequence, 16 hex digits>.plxj   segment: SegmentHeader, then records without
///   gaps, then zeros snapshot-<sequence, 16 hex digits>.plxs        SnapshotHeader, then the
///   state's bytes lock                                           held by the writer next.tmp,
///   snapshot.tmp                         unfinished; of no meaning to a reader
namespace parallax::journal {

inline constexpr std::uint64_t kSegmentMagic = 0x314A584C4C524150ULL;   // "PARLLXJ1"
inline constexpr std::uint64_t kSnapshotMagic = 0x3153584C4C524150ULL;  // "PARLLXS1"
/// Of the files' layout and of the messages in them: raised when an older journal cannot be read.
inline constexpr std::uint32_t kVersion = 2;

struct SegmentHeader {
    std::uint64_t magic = kSegmentMagic;
    std::uint32_t version = kVersion;
    std::uint32_t header_bytes = 64;
    std::uint64_t first_sequence = 0;
    std::uint64_t run_id = 0;
    std::uint32_t reserved = 0;
    std::uint32_t crc = 0;  ///< crc32c of all before
    std::uint64_t durable_bytes =
        0;  ///< the disk is known to have so much of the file; grows, not in the crc
    std::uint64_t unused[2] = {};
};
static_assert(sizeof(SegmentHeader) == 64);

/// A record begins at a multiple of 8. Length is written last, so that a record either is there or
/// is not.
struct RecordHeader {
    std::uint32_t length = 0;  ///< of the payload, + 1: 0 is "no record yet"
    std::uint32_t crc = 0;     ///< crc32c of the length, the rest of the header and the payload
    std::uint64_t sequence = 0;
    std::uint16_t type = 0;
    std::uint16_t flags = 0;
    std::uint32_t reserved = 0;  ///< 0; the payload begins at a multiple of 8
};
static_assert(sizeof(RecordHeader) == 24);

struct SnapshotHeader {
    std::uint64_t magic = kSnapshotMagic;
    std::uint32_t version = kVersion;
    std::uint32_t content_crc = 0;
    std::uint64_t sequence = 0;
    std::uint64_t size = 0;
    std::uint32_t reserved = 0;
    std::uint32_t crc = 0;  ///< crc32c of all before
};
static_assert(sizeof(SnapshotHeader) == 40);

/// Bytes a record takes in its segment.
[[nodiscard]] constexpr std::uint64_t record_bytes(std::uint64_t payload) noexcept {
    return (sizeof(RecordHeader) + payload + 7) & ~std::uint64_t{7};
}
/// Sum over header (its crc taken as 0) and payload.
[[nodiscard]] std::uint32_t record_crc(RecordHeader header,
                                       std::span<const std::byte> payload) noexcept;
[[nodiscard]] std::uint32_t header_crc(const SegmentHeader& header) noexcept;
[[nodiscard]] std::uint32_t header_crc(const SnapshotHeader& header) noexcept;

[[nodiscard]] std::filesystem::path segment_path(const std::filesystem::path& directory,
                                                 std::uint64_t first);
[[nodiscard]] std::filesystem::path snapshot_path(const std::filesystem::path& directory,
                                                  std::uint64_t sequence);

struct NumberedFile {
    std::uint64_t number = 0;
    std::filesystem::path path;
};
/// The segments (or snapshots) of a directory by rising number. Errors: Unavailable.
[[nodiscard]] Result<std::vector<NumberedFile>> list_segments(
    const std::filesystem::path& directory);
[[nodiscard]] Result<std::vector<NumberedFile>> list_snapshots(
    const std::filesystem::path& directory);

/// A file descriptor that closes itself.
class File {
public:
    File() = default;
    explicit File(int fd) noexcept : fd_{fd} {}
    File(File&& other) noexcept : fd_{other.release()} {}
    File& operator=(File&& other) noexcept {
        if (this != &other) {
            reset();
            fd_ = other.release();
        }
        return *this;
    }
    ~File() { reset(); }
    [[nodiscard]] int fd() const noexcept { return fd_; }
    [[nodiscard]] bool open() const noexcept { return fd_ >= 0; }
    void reset() noexcept;

private:
    int release() noexcept {
        const int fd = fd_;
        fd_ = -1;
        return fd;
    }
    int fd_ = -1;
};

/// Error of a system call: Unavailable, "path: what: reason".
[[nodiscard]] tl::unexpected<Error> system_error(const std::filesystem::path& path,
                                                 const char* what, int error);
/// Makes the names in a directory durable.
[[nodiscard]] Result<void> sync_directory(const std::filesystem::path& directory);

}  // namespace parallax::journal
