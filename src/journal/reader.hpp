#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "journal/format.hpp"

namespace parallax::journal {

struct Record {
    std::uint64_t sequence = 0;  ///< counts from 1 over all segments, without gaps
    std::uint64_t run_id = 0;    ///< of the run that wrote it
    std::uint16_t type = 0;
    std::uint16_t flags = 0;
    std::span<const std::byte>
        payload;  ///< valid until the reader's next call; begins at a multiple of 8
};

/// An end that was being written when the process or the machine stopped. Nothing behind `offset`
/// was ever promised to be durable, except when `lost_durable`.
struct TornTail {
    std::filesystem::path file;
    std::uint64_t offset = 0;   ///< where the last whole record ends
    std::uint64_t bytes = 0;    ///< written behind it, as far as known
    bool lost_durable = false;  ///< the file was cut after the disk had it: not by a crash of ours
    std::vector<std::filesystem::path> later;  ///< segments behind, which hold nothing durable
    [[nodiscard]] std::string text() const;
};

/// Walks the records of a journal. Checks every sum and that no sequence is missing. Reads with
/// system calls, not by mapping, so that a file cut meanwhile is an answer and not a signal. May
/// follow a journal being written.
class Reader {
public:
    /// Starts at the record `from` (or the oldest there is, if that is later).
    /// Errors: Unavailable (cannot be read; no such directory).
    [[nodiscard]] static Result<Reader> open(const std::filesystem::path& directory,
                                             std::uint64_t from = 1);

    /// True: `record` is the next one. False: the end so far; a later call finds what was written
    /// since. Errors: Malformed (damage before the end; `detail` names file and offset),
    /// Unavailable.
    [[nodiscard]] Result<bool> next(Record& record);

    /// Why next() said false, when that is not because the last record is whole and nothing
    /// follows.
    [[nodiscard]] const std::optional<TornTail>& torn_tail() const noexcept { return torn_; }
    /// The sequence next() will deliver.
    [[nodiscard]] std::uint64_t next_sequence() const noexcept { return expected_; }
    /// Where it stands: for messages.
    [[nodiscard]] const std::filesystem::path& file() const noexcept { return path_; }
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }

private:
    enum class Look : std::uint8_t { Whole, Nothing, Bad };
    Reader(std::filesystem::path directory, std::uint64_t from)
        : directory_{std::move(directory)}, from_{from} {}

    Result<bool> enter(const NumberedFile& segment);
    Result<bool> step(Record& record);
    Result<bool> next_segment(bool& moved);
    Result<Look> look(Record& record);
    Result<Look> look_once(Record& record);
    Result<bool> judge_end(Look look);
    Result<bool> torn_or_damaged(const char* what);
    Result<bool> valid_record_follows();
    Result<std::uint64_t> durable_bytes(const std::filesystem::path& path) const;
    Result<std::span<const std::byte>> window(std::uint64_t offset, std::size_t size);
    [[nodiscard]] tl::unexpected<Error> damaged(const std::string& what) const;

    std::filesystem::path directory_;
    std::uint64_t from_;
    std::uint64_t expected_ = 0;  ///< 0: no segment entered yet
    std::filesystem::path path_;
    File file_;
    std::uint64_t first_ = 0;  ///< of the segment
    std::uint64_t run_id_ = 0;
    std::uint64_t offset_ = 0;
    std::vector<std::byte> buffer_;  ///< bytes of the file from buffer_at_
    std::size_t buffered_ = 0;
    std::uint64_t buffer_at_ = 0;
    std::optional<TornTail> torn_;
};

}  // namespace parallax::journal
