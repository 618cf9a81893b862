#include "adapters/recording/recording_writer.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "adapters/recording/recording_format.hpp"
#include "core/checksum.hpp"

namespace parallax::recording {
namespace {

std::string system_text(int error) { return std::generic_category().message(error); }

void append_bytes(std::vector<char>& out, const void* data, std::size_t size) {
    const auto* from = static_cast<const char*>(data);
    out.insert(out.end(), from, from + size);
}

}  // namespace

Result<std::unique_ptr<RecordingWriter>> RecordingWriter::create(const std::filesystem::path& path,
                                                                 RecordingOptions options) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0) {
        const Errc code = errno == EEXIST ? Errc::Rejected : Errc::Unavailable;
        return fail(code, path.string() + ": " + system_text(errno));
    }
    std::unique_ptr<RecordingWriter> writer{
        new RecordingWriter{path.string(), fd, std::move(options)}};
    if (const auto written = writer->write_header(); !written)
        return tl::unexpected{written.error()};
    return writer;
}

RecordingWriter::RecordingWriter(std::string name, int fd, RecordingOptions options)
    : name_{std::move(name)}, fd_{fd}, options_{std::move(options)}, context_{ZSTD_createCCtx()} {
    ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, options_.compression_level);
    options_.block_bytes = std::min<std::size_t>(options_.block_bytes, kLargestBlock / 4);
    raw_.reserve(options_.block_bytes + 64 * 1024);
}

RecordingWriter::~RecordingWriter() {
    if (fd_ >= 0 && failure_.empty()) static_cast<void>(close());
    if (fd_ >= 0) ::close(fd_);
    ZSTD_freeCCtx(context_);
}

Result<void> RecordingWriter::write_header() {
    std::vector<char> header;
    append_bytes(header, kFileMagic, sizeof kFileMagic);
    append_bytes(header, &kFileVersion, sizeof kFileVersion);
    const auto length = static_cast<std::uint32_t>(options_.created_by.size());
    append_bytes(header, &length, sizeof length);
    append_bytes(header, options_.created_by.data(), length);
    const std::uint32_t crc = crc32c(std::as_bytes(std::span{header}));
    append_bytes(header, &crc, sizeof crc);
    return write(header);
}

Result<void> RecordingWriter::refuse(std::string why) {
    if (failure_.empty()) failure_ = name_ + ": " + why;
    return fail(Errc::Unavailable, failure_);
}

Result<void> RecordingWriter::write(std::span<const char> bytes) {
    for (std::span<const char> rest = bytes; !rest.empty();) {
        const ssize_t done = ::write(fd_, rest.data(), rest.size());
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) {
            const int error = errno;
            // Takes back what of the block is there: the file ends in a whole one.
            const bool cut = ::ftruncate(fd_, static_cast<off_t>(stored_bytes_)) == 0;
            return refuse(system_text(error) +
                          (cut ? "" : " (and the unfinished block could not be taken back)"));
        }
        rest = rest.subspan(static_cast<std::size_t>(done));
    }
    stored_bytes_ += bytes.size();
    return {};
}

void RecordingWriter::put_varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) raw_.push_back(static_cast<char>((value & 0x7F) | 0x80));
    raw_.push_back(static_cast<char>(value));
}

void RecordingWriter::put_text(std::string_view text) {
    put_varint(text.size());
    append_bytes(raw_, text.data(), text.size());
}

Result<void> RecordingWriter::append(const ports::Frame& frame) {
    if (!failure_.empty()) return fail(Errc::Unavailable, failure_);
    if (fd_ < 0) return fail(Errc::Rejected, name_ + ": the recording is closed");
    if (frame.bytes.size() > kLargestBlock / 4 || frame.url.size() > kLargestBlock / 4) {
        return fail(Errc::Rejected, name_ + ": a frame larger than 64 MiB");
    }
    if (frames_ == 0) first_ = last_ = frame.received;
    const auto delta = static_cast<std::uint64_t>(frame.received.nanos()) -
                       static_cast<std::uint64_t>(last_.nanos());
    put_varint((delta << 1) ^ (0 - (delta >> 63)));
    raw_.push_back(static_cast<char>(frame.market));
    put_varint(frame.connection);
    const bool texts = !frame.url.empty() || !frame.symbol.empty();
    raw_.push_back(
        static_cast<char>(static_cast<std::uint8_t>(frame.kind) | (texts ? kHasTexts : 0)));
    if (texts) {
        put_text(frame.url);
        put_text(frame.symbol);
    }
    put_text(frame.bytes);
    last_ = frame.received;
    ++frames_;
    const bool old = last_ >= first_ && static_cast<std::uint64_t>(last_.nanos()) -
                                                static_cast<std::uint64_t>(first_.nanos()) >=
                                            static_cast<std::uint64_t>(options_.block_time.count());
    if (raw_.size() >= options_.block_bytes || old) return flush();
    return {};
}

Result<void> RecordingWriter::flush() {
    if (!failure_.empty()) return fail(Errc::Unavailable, failure_);
    if (frames_ == 0) return {};
    BlockHeader header;
    stored_.resize(sizeof header + ZSTD_compressBound(raw_.size()));
    const std::size_t size =
        ZSTD_compress2(context_, stored_.data() + sizeof header, stored_.size() - sizeof header,
                       raw_.data(), raw_.size());
    if (ZSTD_isError(size) != 0) return refuse(ZSTD_getErrorName(size));
    const std::span content = std::span{stored_}.subspan(sizeof header, size);
    header.raw_size = static_cast<std::uint32_t>(raw_.size());
    header.stored_size = static_cast<std::uint32_t>(size);
    header.frames = frames_;
    header.first_received = first_.nanos();
    header.index = index_;
    header.content_crc = crc32c(std::as_bytes(content));
    header.header_crc = crc32c(std::as_bytes(std::span{&header, 1}).first(kHeaderCrcAt));
    std::memcpy(stored_.data(), &header, sizeof header);
    if (const auto written = write(std::span{stored_}.first(sizeof header + size)); !written)
        return written;
    raw_bytes_ += raw_.size();
    ++index_;
    frames_ = 0;
    raw_.clear();
    return {};
}

Result<void> RecordingWriter::close() {
    if (fd_ < 0) return {};
    auto result = flush();
    if (result && ::fsync(fd_) != 0) result = refuse(system_text(errno));
    if (::close(fd_) != 0 && result) result = refuse(system_text(errno));
    fd_ = -1;
    return result;
}

}  // namespace parallax::recording
