#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "ports/frame_source.hpp"

struct ZSTD_CCtx_s;

namespace parallax::recording {

struct RecordingOptions {
    std::size_t block_bytes = 1024 * 1024;  ///< raw bytes at which a block is written
    Nanos block_time = Nanos::seconds(5);   ///< span of receive times at which it is, too
    int compression_level = 3;              ///< of zstd
    std::string created_by = "parallax";
};

/// Writes a .plxr file (see recording_format.hpp). A whole block goes out in one write, so that a
/// crash loses at most the block being filled and a full disk leaves a file that ends in a whole
/// block. Used from one thread.
class RecordingWriter {
public:
    /// Errors: Rejected (the file is there already), Unavailable (cannot be written).
    [[nodiscard]] static Result<std::unique_ptr<RecordingWriter>> create(
        const std::filesystem::path& path, RecordingOptions options = {});
    ~RecordingWriter();
    RecordingWriter(const RecordingWriter&) = delete;
    RecordingWriter& operator=(const RecordingWriter&) = delete;

    /// Errors: Unavailable (disk full or broken; this and every later frame is refused), Rejected
    /// (after close).
    [[nodiscard]] Result<void> append(const ports::Frame& frame);
    /// Writes what is waiting as a block. Errors as append.
    [[nodiscard]] Result<void> flush();
    /// Flushes and waits until the disk has everything.
    [[nodiscard]] Result<void> close();

    [[nodiscard]] std::uint64_t raw_bytes() const noexcept {
        return raw_bytes_;
    }  ///< before compression
    [[nodiscard]] std::uint64_t stored_bytes() const noexcept {
        return stored_bytes_;
    }  ///< size of the file

private:
    RecordingWriter(std::string name, int fd, RecordingOptions options);
    Result<void> write_header();
    Result<void> write(std::span<const char> bytes);
    Result<void> refuse(std::string why);
    void put_varint(std::uint64_t value);
    void put_text(std::string_view text);

    std::string name_;
    int fd_;
    RecordingOptions options_;
    ZSTD_CCtx_s* context_;
    std::vector<char> raw_;  ///< frames of the block being filled
    std::vector<char> stored_;
    UnixNanos first_;  ///< of that block
    UnixNanos last_;
    std::uint32_t frames_ = 0;
    std::uint64_t index_ = 0;
    std::uint64_t raw_bytes_ = 0;
    std::uint64_t stored_bytes_ = 0;
    std::string failure_;  ///< once not empty, nothing is accepted any more
};

}  // namespace parallax::recording
