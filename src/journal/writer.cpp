#include "journal/writer.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "core/assert.hpp"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace parallax::journal {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kPage = 4096;
constexpr auto kPoll = std::chrono::milliseconds{1};
constexpr int kRetryPolls = 100;  ///< between attempts to prepare a segment on a full disk

int allocate_blocks(int fd, std::uint64_t bytes) {
    return ::posix_fallocate(fd, 0, static_cast<off_t>(bytes));
}

/// Zeros through the page cache. A first write to a page that was only allocated costs the writer
/// 17 us in the file system; to one that is cached and mapped, 20 ns (ext4, measured). Page by
/// page: the kernel caches a larger write as one unit and would write-protect the whole unit, with
/// pages the writer has yet to reach, at every group commit.
int write_zeros(int fd, std::uint64_t bytes) {
    const std::vector<std::byte> zeros(kPage);
    for (std::uint64_t at = 0; at < bytes;) {
        const std::uint64_t size = std::min<std::uint64_t>(zeros.size(), bytes - at);
        const ssize_t done = ::pwrite(fd, zeros.data(), size, static_cast<off_t>(at));
        if (done < 0 && errno != EINTR) return errno;
        if (done > 0) at += static_cast<std::uint64_t>(done);
    }
    return ::fsync(fd) == 0 ? 0 : errno;
}

}  // namespace

/// A mapped file. Lives as long as anybody may write to or sync it.
struct Writer::Segment {
    fs::path path;
    File file;
    std::byte* base = nullptr;
    std::uint64_t bytes = 0;
    // Used by the background thread alone, from the moment it is current.
    std::uint64_t synced = 0;
    bool named = false;  ///< the directory on disk has its name
    // Set when retired:
    std::uint64_t used = 0;
    std::uint64_t last_sequence = 0;

    Segment() = default;
    Segment(const Segment&) = delete;
    Segment& operator=(const Segment&) = delete;
    ~Segment() {
        if (base != nullptr) ::munmap(base, bytes);
    }
};

Writer::Writer(fs::path directory, WriterOptions options)
    : directory_{std::move(directory)},
      options_{std::move(options)},
      segment_bytes_{std::max((options_.segment_bytes + kPage - 1) & ~(kPage - 1), kPage)} {
    if (!options_.allocate) options_.allocate = allocate_blocks;
}

Result<std::unique_ptr<Writer>> Writer::open(const fs::path& directory, WriterOptions options) {
    std::error_code error;
    fs::create_directories(directory, error);
    if (error) return fail(Errc::Unavailable, directory.string() + ": " + error.message());
    std::unique_ptr<Writer> writer{new Writer{directory, std::move(options)}};
    const fs::path lock = directory / "lock";
    writer->lock_ = File{::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)};
    if (!writer->lock_.open()) return system_error(lock, "open", errno);
    if (::flock(writer->lock_.fd(), LOCK_EX | LOCK_NB) != 0) {
        return fail(Errc::Rejected, directory.string() + ": another writer has this journal");
    }
    if (const auto recovered = writer->recover(); !recovered)
        return tl::unexpected{recovered.error()};
    if (const auto begun = writer->begin(); !begun) return tl::unexpected{begun.error()};
    return writer;
}

/// Finds the end of what is there and cuts off a torn rest.
Result<void> Writer::recover() {
    ::unlink((directory_ / "next.tmp").c_str());
    const auto segments = list_segments(directory_);
    if (!segments) return tl::unexpected{segments.error()};
    if (segments->empty()) {
        const auto snapshots = list_snapshots(directory_);
        if (snapshots && !snapshots->empty()) next_sequence_ = snapshots->back().number + 1;
        return {};
    }
    // Segments become durable in order: only behind the last that is partly so can there be a tear.
    std::uint64_t from = segments->front().number;
    for (const NumberedFile& segment : *segments) {
        SegmentHeader header;
        const File file{::open(segment.path.c_str(), O_RDONLY | O_CLOEXEC)};
        if (!file.open()) return system_error(segment.path, "open", errno);
        if (::pread(file.fd(), &header, sizeof header, 0) == sizeof header &&
            header.magic == kSegmentMagic && header.durable_bytes > 0) {
            from = segment.number;
        }
    }
    auto reader = Reader::open(directory_, from);
    if (!reader) return tl::unexpected{reader.error()};
    Record record;
    for (;;) {
        const auto more = reader->next(record);
        if (!more) return tl::unexpected{more.error()};
        if (!*more) break;
    }
    next_sequence_ = std::max(reader->next_sequence(), from);
    recovered_ = reader->torn_tail();
    std::vector<fs::path> useless;
    if (recovered_) {
        useless = recovered_->later;
        std::reverse(useless.begin(), useless.end());  // so that a crash meanwhile leaves no gap
        if (recovered_->offset > 0) {
            const File file{::open(recovered_->file.c_str(), O_RDWR | O_CLOEXEC)};
            if (!file.open()) return system_error(recovered_->file, "open", errno);
            if (::ftruncate(file.fd(), static_cast<off_t>(recovered_->offset)) != 0 ||
                ::fsync(file.fd()) != 0) {
                return system_error(recovered_->file, "cut", errno);
            }
        } else {
            useless.push_back(recovered_->file);
        }
    }
    useless.push_back(
        segment_path(directory_, next_sequence_));  // without records: its name is needed again
    for (const fs::path& path : useless) {
        if (::unlink(path.c_str()) != 0 && errno != ENOENT)
            return system_error(path, "remove", errno);
    }
    return sync_directory(directory_);
}

Result<void> Writer::begin() {
    auto segment = prepare();
    if (!segment) return tl::unexpected{segment.error()};
    if (const auto installed = install(std::move(*segment)); !installed) return installed;
    last_sequence_.store(next_sequence_ - 1);
    durable_.store(next_sequence_ - 1);
    thread_ = std::thread{[this] { run(); }};
    return {};
}

/// A file with its blocks, mapped, under a name that no reader looks at.
Result<std::unique_ptr<Writer::Segment>> Writer::prepare() {
    auto segment = std::make_unique<Segment>();
    segment->path = directory_ / "next.tmp";
    segment->bytes = segment_bytes_;
    segment->file =
        File{::open(segment->path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    if (!segment->file.open()) return system_error(segment->path, "open", errno);
    int error = options_.allocate(segment->file.fd(), segment_bytes_);
    if (error == 0) error = write_zeros(segment->file.fd(), segment_bytes_);
    if (error != 0) {
        ::unlink(segment->path.c_str());
        return system_error(directory_, "no room for the next segment", error);
    }
    void* base =
        ::mmap(nullptr, segment_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, segment->file.fd(), 0);
    if (base == MAP_FAILED) return system_error(segment->path, "map", errno);
    segment->base = static_cast<std::byte*>(base);
    // Where the kernel does not know this (before 5.14) the writer takes the faults.
    static_cast<void>(::madvise(base, segment_bytes_, MADV_POPULATE_WRITE));
    return segment;
}

/// Makes a prepared segment the current one. Named first, so that no finished header stands under
/// an unread name.
Result<void> Writer::install(std::unique_ptr<Segment> segment) {
    const fs::path path = segment_path(directory_, next_sequence_);
    if (::rename(segment->path.c_str(), path.c_str()) != 0)
        return system_error(path, "rename", errno);
    segment->path = path;
    SegmentHeader header;
    header.first_sequence = next_sequence_;
    header.run_id = options_.run_id;
    header.crc = header_crc(header);
    std::memcpy(segment->base, &header, sizeof header);
    at_ = segment->base + sizeof header;
    room_ = segment_bytes_ - sizeof header;
    written_.store(sizeof header, std::memory_order_relaxed);
    current_ = std::move(segment);
    return {};
}

HotResult<void> Writer::roll(std::size_t size) noexcept {
    if (failed_.load(std::memory_order_acquire)) return fail(Errc::Unavailable);
    if (record_bytes(size) > segment_bytes_ - sizeof(SegmentHeader)) return fail(Errc::Rejected);
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return prepared_ || prepare_error_ || error_; });
    if (!prepared_ || error_) {
        if (!error_) error_ = prepare_error_;
        failed_.store(true, std::memory_order_release);
        return fail(Errc::Unavailable);
    }
    current_->used = segment_bytes_ - room_;
    current_->last_sequence = next_sequence_ - 1;
    retired_.push_back(current_);
    if (const auto installed = install(std::move(prepared_)); !installed) {
        error_ = installed.error();
        failed_.store(true, std::memory_order_release);
        return fail(Errc::Unavailable);
    }
    wake_.notify_one();
    return {};
}

void Writer::run() {
    const auto polls_per_sync = std::max<std::int64_t>(1, options_.sync_interval.as_millis());
    std::int64_t polls = 0;
    int retry = 0;
    for (bool stop = false; !stop;) {
        bool due = false;
        bool unprepared = false;
        {
            std::unique_lock lock{mutex_};
            wake_.wait_for(lock, kPoll, [&] {
                return stopping_ || sync_wanted_ || (!prepared_ && !prepare_error_);
            });
            stop = stopping_;
            const std::uint64_t waiting =
                written_.load(std::memory_order_relaxed) -
                std::min(current_->synced, written_.load(std::memory_order_relaxed));
            due = stop || sync_wanted_ || ++polls >= polls_per_sync ||
                  waiting >= options_.sync_bytes || !retired_.empty();
            sync_wanted_ = false;
            unprepared = !prepared_ && !stop && (!prepare_error_ || ++retry >= kRetryPolls);
        }
        if (unprepared) {
            retry = 0;
            prepare_next();
        }
        if (due) {
            polls = 0;
            group_commit();
        }
    }
}

void Writer::prepare_next() {
    auto segment = prepare();
    {
        const std::scoped_lock lock{mutex_};
        if (segment) {
            prepared_ = std::move(*segment);
            prepare_error_.reset();
        } else {
            prepare_error_ = std::move(segment.error());
        }
    }
    changed_.notify_all();
}

void Writer::group_commit() {
    std::vector<std::shared_ptr<Segment>> retired;
    std::shared_ptr<Segment> current;
    std::uint64_t sequence = 0;
    std::uint64_t bytes = 0;
    {
        // A change of segments needs the mutex: sequence and bytes are of `current`. Sequence
        // first, so that the bytes reach at least as far.
        const std::scoped_lock lock{mutex_};
        if (disk_failed_)
            return;  // after an error fsync forgets what it could not write: asking again proves
                     // nothing
        retired = retired_;
        current = current_;
        sequence = last_sequence_.load(std::memory_order_acquire);
        bytes = written_.load(std::memory_order_acquire);
    }
    for (const auto& segment : retired) {
        if (const auto done = finish_segment(*segment); !done) return give_up(done.error());
        durable_.store(segment->last_sequence, std::memory_order_release);
        const std::scoped_lock lock{mutex_};
        retired_.erase(retired_.begin());
    }
    if (durable_.load(std::memory_order_relaxed) < sequence) {
        if (const auto done = make_durable(*current, bytes); !done) return give_up(done.error());
        durable_.store(sequence, std::memory_order_release);
    }
    changed_.notify_all();
}

/// Everything up to `bytes` to the disk, then the mark that says so (it follows with the next write
/// of its page).
Result<void> Writer::make_durable(Segment& segment, std::uint64_t bytes) {
    if (!segment.named) {  // its blocks and size are durable since prepare()
        if (const auto named = sync_directory(directory_); !named) return named;
        segment.named = true;
    }
    const std::uint64_t from = segment.synced & ~(kPage - 1);
    if (::msync(segment.base + from, bytes - from, MS_SYNC) != 0)
        return system_error(segment.path, "msync", errno);
    segment.synced = bytes;
    auto& mark =
        *reinterpret_cast<std::uint64_t*>(segment.base + offsetof(SegmentHeader, durable_bytes));
    std::atomic_ref{mark}.store(bytes, std::memory_order_relaxed);
    return {};
}

Result<void> Writer::finish_segment(Segment& segment) {
    if (const auto done = make_durable(segment, segment.used); !done) return done;
    if (::msync(segment.base, kPage, MS_SYNC) != 0)
        return system_error(segment.path, "msync", errno);
    return {};
}

void Writer::give_up(Error error) {
    {
        const std::scoped_lock lock{mutex_};
        if (!error_) error_ = std::move(error);
        disk_failed_ = true;
    }
    failed_.store(true, std::memory_order_release);
    changed_.notify_all();
}

Result<void> Writer::sync() {
    const std::uint64_t wanted = last_sequence();
    std::unique_lock lock{mutex_};
    if (closed_) return {};
    sync_wanted_ = true;
    wake_.notify_one();
    changed_.wait(lock, [&] { return durable() >= wanted || disk_failed_; });
    if (durable() >= wanted) return {};
    return tl::unexpected{*error_};
}

Result<void> Writer::status() const {
    const std::scoped_lock lock{mutex_};
    if (error_) return tl::unexpected{*error_};
    if (prepare_error_) return tl::unexpected{*prepare_error_};
    return {};
}

Result<void> Writer::close() {
    {
        const std::scoped_lock lock{mutex_};
        if (closed_) return {};
        closed_ = true;
        stopping_ = true;
    }
    failed_.store(true, std::memory_order_release);
    if (thread_.joinable()) {
        wake_.notify_one();
        thread_.join();
    }
    if (prepared_) ::unlink(prepared_->path.c_str());
    prepared_.reset();
    Result<void> result;
    if (current_) {
        const std::uint64_t used = written_.load();
        if (disk_failed_)
            result = tl::unexpected{*error_};
        else
            result = make_durable(*current_, used);
        if (result && (::ftruncate(current_->file.fd(), static_cast<off_t>(used)) != 0 ||
                       ::fsync(current_->file.fd()) != 0)) {
            result = system_error(current_->path, "close", errno);
        }
        current_.reset();
    }
    lock_.reset();
    return result;
}

Writer::~Writer() { static_cast<void>(close()); }

}  // namespace parallax::journal
