#include "journal/reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace parallax::journal {
namespace {

constexpr std::size_t kWindow = 1024 * 1024;

Result<std::size_t> read_at(const File& file, const std::filesystem::path& path,
                            std::uint64_t offset, std::span<std::byte> out) {
    std::size_t done = 0;
    while (done < out.size()) {
        const ssize_t got = ::pread(file.fd(), out.data() + done, out.size() - done,
                                    static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error(path, "read", errno);
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

Result<std::uint64_t> size_of(const File& file, const std::filesystem::path& path) {
    struct stat status{};
    if (::fstat(file.fd(), &status) != 0) return system_error(path, "stat", errno);
    return static_cast<std::uint64_t>(status.st_size);
}

/// A header that is none has magic 0.
Result<SegmentHeader> read_header(const File& file, const std::filesystem::path& path) {
    SegmentHeader header;
    const auto got = read_at(file, path, 0, std::as_writable_bytes(std::span{&header, 1}));
    if (!got) return tl::unexpected{got.error()};
    const bool good = *got == sizeof header && header.magic == kSegmentMagic &&
                      header.header_bytes == sizeof header && header.crc == header_crc(header);
    if (good && header.version != kVersion)
        return fail(Errc::Rejected,
                    path.string() + ": a journal of format " + std::to_string(header.version) +
                        "; this program reads and writes format " + std::to_string(kVersion));
    if (!good) header.magic = 0;
    return header;
}

Result<File> open_file(const std::filesystem::path& path) {
    File file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file.open()) return system_error(path, "open", errno);
    return file;
}

}  // namespace

std::string TornTail::text() const {
    std::string text = file.string() + ": byte " + std::to_string(offset) + ": the end is torn, " +
                       std::to_string(bytes) + " bytes behind it are cut off";
    if (!later.empty()) text += " with " + std::to_string(later.size()) + " later segments";
    if (lost_durable) text += "; the disk had more of it: the file was cut or damaged from outside";
    return text;
}

Result<Reader> Reader::open(const std::filesystem::path& directory, std::uint64_t from) {
    const auto segments = list_segments(directory);
    if (!segments) return tl::unexpected{segments.error()};
    return Reader{directory, std::max<std::uint64_t>(from, 1)};
}

tl::unexpected<Error> Reader::damaged(const std::string& what) const {
    return fail(Errc::Malformed,
                path_.string() + ": byte " + std::to_string(offset_) + ": " + what);
}

Result<bool> Reader::next(Record& record) {
    torn_.reset();
    for (;;) {
        auto more = step(record);
        if (!more || !*more) return more;
        if (record.sequence >= from_) return more;
    }
}

/// A writer may be at work, and what the judgement sees may be younger than the look it judges. So
/// a fault counts only when a look after its evidence finds it again.
Result<bool> Reader::step(Record& record) {
    for (bool again = false;;) {
        if (file_.open()) {
            const auto seen = look(record);
            if (!seen) return tl::unexpected{seen.error()};
            if (*seen == Look::Whole) return true;
            bool moved = false;
            const auto entered = *seen == Look::Nothing ? next_segment(moved) : Result<bool>{false};
            if (!entered) return entered;
            if (!moved) {
                auto judged = judge_end(*seen);
                if (again || (judged && !torn_)) return judged;
                torn_.reset();
            }
            again = !moved;
            continue;
        }
        bool moved = false;
        const auto entered = next_segment(moved);
        if (!entered || !moved) return entered;
    }
}

/// Goes to the segment that begins with the expected record, if there is one already.
Result<bool> Reader::next_segment(bool& moved) {
    const auto segments = list_segments(directory_);
    if (!segments) return tl::unexpected{segments.error()};
    if (expected_ == 0) {  // the last one that begins at or before the record wanted
        const NumberedFile* chosen = nullptr;
        for (const NumberedFile& segment : *segments) {
            if (chosen == nullptr || segment.number <= from_) chosen = &segment;
        }
        if (chosen == nullptr) return false;
        auto entered = enter(*chosen);
        moved = entered && *entered;
        return entered;
    }
    const auto same = std::find_if(segments->begin(), segments->end(), [&](const NumberedFile& s) {
        return s.number == expected_ && s.path != path_;
    });
    if (same == segments->end()) return false;
    // Something may have been appended here before that segment was begun.
    Record record;
    const auto again = look_once(record);
    if (!again) return tl::unexpected{again.error()};
    if (*again != Look::Nothing) return false;
    auto entered = enter(*same);
    moved = entered && *entered;
    return entered;
}

/// False: the segment is only being made (or was when the machine stopped).
Result<bool> Reader::enter(const NumberedFile& segment) {
    auto file = open_file(segment.path);
    if (!file) return tl::unexpected{file.error()};
    auto header = read_header(*file, segment.path);
    if (!header) return tl::unexpected{header.error()};
    const auto good = [&] {
        return header->magic != 0 && header->first_sequence == segment.number;
    };
    if (!good()) {
        const auto segments = list_segments(directory_);
        const bool last =
            segments && !segments->empty() && segments->back().number == segment.number;
        Reader inside{directory_, from_};
        inside.path_ = segment.path;
        inside.file_ = std::move(*file);
        inside.expected_ = segment.number;
        const auto records = inside.valid_record_follows();
        if (!records) return records;
        if (last && !*records) {
            torn_ = TornTail{segment.path, 0, 0, false, {}};
            return false;
        }
        // A writer makes the header before anything that follows it: by now it must be there.
        *file = std::move(inside.file_);
        header = read_header(*file, segment.path);
        if (!header) return tl::unexpected{header.error()};
        if (!good()) return inside.damaged("the segment's header is damaged");
    }
    file_ = std::move(*file);
    path_ = segment.path;
    first_ = segment.number;
    run_id_ = header->run_id;
    offset_ = sizeof(SegmentHeader);
    expected_ = segment.number;
    buffered_ = 0;
    return true;
}

Result<std::span<const std::byte>> Reader::window(std::uint64_t offset, std::size_t size) {
    if (offset < buffer_at_ || offset + size > buffer_at_ + buffered_) {
        buffer_.resize(std::max(kWindow, size));
        const auto got = read_at(file_, path_, offset, buffer_);
        if (!got) return tl::unexpected{got.error()};
        buffer_at_ = offset;
        buffered_ = *got;
    }
    const std::span<const std::byte> held{buffer_.data(), buffered_};
    const auto at = static_cast<std::size_t>(offset - buffer_at_);
    return held.subspan(at, std::min(size, buffered_ - at));
}

/// What lies at offset_; what was read earlier may be older than the file.
Result<Reader::Look> Reader::look(Record& record) {
    auto seen = look_once(record);
    if (!seen || *seen == Look::Whole) return seen;
    buffered_ = 0;
    return look_once(record);
}

Result<Reader::Look> Reader::look_once(Record& record) {
    const auto head = window(offset_, sizeof(RecordHeader));
    if (!head) return tl::unexpected{head.error()};
    if (head->empty()) return Look::Nothing;
    if (head->size() < sizeof(RecordHeader)) {
        const bool zeros =
            std::all_of(head->begin(), head->end(), [](std::byte b) { return b == std::byte{0}; });
        return zeros ? Look::Nothing : Look::Bad;
    }
    RecordHeader header;
    std::memcpy(&header, head->data(), sizeof header);
    if (header.length == 0) {
        return header.crc == 0 && header.sequence == 0 && header.type == 0 && header.flags == 0
                   ? Look::Nothing
                   : Look::Bad;
    }
    if (header.sequence != expected_) return Look::Bad;
    const std::uint64_t payload = header.length - 1;
    const std::uint64_t end = offset_ + sizeof header + payload;
    if (end > buffer_at_ + buffered_) {  // a length that is damage must not become a buffer's size
        const auto size = size_of(file_, path_);
        if (!size) return tl::unexpected{size.error()};
        if (end > *size) return Look::Bad;
    }
    const auto whole = window(offset_, sizeof header + static_cast<std::size_t>(payload));
    if (!whole) return tl::unexpected{whole.error()};
    if (whole->size() < sizeof header + payload) return Look::Bad;
    record.payload = whole->subspan(sizeof header);
    if (record_crc(header, record.payload) != header.crc) return Look::Bad;
    record.sequence = header.sequence;
    record.run_id = run_id_;
    record.type = header.type;
    record.flags = header.flags;
    offset_ += record_bytes(payload);
    ++expected_;
    return Look::Whole;
}

Result<std::uint64_t> Reader::durable_bytes(const std::filesystem::path& path) const {
    const auto file = open_file(path);
    if (!file) return tl::unexpected{file.error()};
    const auto header = read_header(*file, path);
    if (!header) return tl::unexpected{header.error()};
    return header->magic == 0 ? 0 : header->durable_bytes;
}

/// No whole record at offset_ and no segment that goes on: the end, a torn one, or damage.
Result<bool> Reader::judge_end(Look look) {
    if (torn_) return false;  // the next segment is only being made
    const auto segments = list_segments(directory_);
    if (!segments) return tl::unexpected{segments.error()};
    const bool last = segments->empty() || segments->back().number == first_;
    const auto durable = durable_bytes(path_);
    if (!durable) return tl::unexpected{durable.error()};
    if (look == Look::Nothing && last && offset_ >= *durable) return false;
    if (look == Look::Nothing && !last && offset_ >= *durable) {
        // A segment that goes on may have appeared since; else the one that should is missing.
        const bool appeared = std::any_of(segments->begin(), segments->end(),
                                          [&](const auto& s) { return s.number == expected_; });
        if (appeared && first_ != expected_) return false;
    }
    return torn_or_damaged(look == Look::Nothing ? "records are missing" : "a damaged record");
}

/// What was promised to be durable and is followed by good records cannot be the end of a crash.
Result<bool> Reader::torn_or_damaged(const char* what) {
    const auto segments = list_segments(directory_);
    if (!segments) return tl::unexpected{segments.error()};
    TornTail torn{path_, offset_, 0, false, {}};
    for (const NumberedFile& segment : *segments) {
        if (segment.number <= first_) continue;
        const auto durable = durable_bytes(segment.path);
        if (!durable) return tl::unexpected{durable.error()};
        if (*durable > 0)
            return damaged(std::string{what} + " before segment " +
                           segment.path.filename().string());
        torn.later.push_back(segment.path);
    }
    const auto durable = durable_bytes(path_);
    if (!durable) return tl::unexpected{durable.error()};
    if (offset_ < *durable) {
        const auto follows = valid_record_follows();
        if (!follows) return follows;
        if (*follows) return damaged(std::string{what} + ", and good records follow");
        torn.lost_durable = true;
    }
    const auto size = size_of(file_, path_);
    if (!size) return tl::unexpected{size.error()};
    torn.bytes = *size > offset_ ? *size - offset_ : 0;
    torn_ = std::move(torn);
    return false;
}

/// Whether anywhere behind offset_ there is a record of a later sequence.
Result<bool> Reader::valid_record_follows() {
    const auto size = size_of(file_, path_);
    if (!size) return tl::unexpected{size.error()};
    for (std::uint64_t at = (offset_ + 8) & ~std::uint64_t{7}; at + sizeof(RecordHeader) <= *size;
         at += 8) {
        const auto head = window(at, sizeof(RecordHeader));
        if (!head) return tl::unexpected{head.error()};
        if (head->size() < sizeof(RecordHeader)) return false;
        RecordHeader header;
        std::memcpy(&header, head->data(), sizeof header);
        if (header.length == 0 || header.sequence < expected_ || header.reserved != 0) continue;
        if (header.sequence - expected_ > *size || at + sizeof header + header.length - 1 > *size)
            continue;
        const auto whole = window(at, sizeof header + header.length - 1);
        if (!whole) return tl::unexpected{whole.error()};
        if (record_crc(header, whole->subspan(sizeof header)) == header.crc) return true;
    }
    return false;
}

}  // namespace parallax::journal
