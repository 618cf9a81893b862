#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "core/assert.hpp"
#include "core/checksum.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "journal/format.hpp"
#include "journal/reader.hpp"

namespace parallax::journal {

struct WriterOptions {
    std::uint64_t segment_bytes =
        64ULL * 1024 * 1024;                 ///< a multiple of 4096; bounds the largest record, too
    Nanos sync_interval = Nanos::millis(5);  ///< the disk is asked at least so often ...
    std::uint64_t sync_bytes = 4ULL * 1024 * 1024;  ///< ... and when so much waits
    std::uint64_t run_id = 0;                       ///< written into the segments of this run
    /// Gives a file its blocks; answers 0 or an errno. Tests put a full disk here.
    std::function<int(int fd, std::uint64_t bytes)> allocate;
};

/// Appends records to a journal. A record is in the page cache when commit() returns, so it
/// survives the death of the process; it survives that of the machine when durable() has reached
/// it. One thread appends; durable(), status() and sync() may be called from any. A thread of the
/// writer's own asks the disk and prepares segments.
///
/// Hot: reserve() and commit() make no system call and take no lock, but at a change of segments,
/// for which the next one lies ready. A full disk or an error of it makes the writer refuse
/// everything further (Unavailable); what is written stays good.
class Writer {
public:
    /// Takes the directory (made if missing) for itself, cuts off a torn tail (see recovered()),
    /// and begins a segment. Errors: Rejected (another writer has it), Malformed (damage before the
    /// end, see Reader), Unavailable.
    [[nodiscard]] static Result<std::unique_ptr<Writer>> open(
        const std::filesystem::path& directory, WriterOptions options = {});
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Room for a record's payload, in the journal itself. Nothing is written until commit();
    /// reserving again forgets the room. Errors: Unavailable (see above), Rejected (larger than a
    /// segment holds).
    [[nodiscard]] HotResult<std::span<std::byte>> reserve(std::uint16_t type, std::size_t size,
                                                          std::uint16_t flags = 0) noexcept {
        if (record_bytes(size) > room_ || failed_.load(std::memory_order_relaxed)) [[unlikely]] {
            if (const auto rolled = roll(size); !rolled) return fail(rolled.error());
        }
        pending_.length = static_cast<std::uint32_t>(size) + 1;
        pending_.type = type;
        pending_.flags = flags;
        return std::span{at_ + sizeof(RecordHeader), size};
    }

    /// Makes the reserved room a record; returns its sequence.
    std::uint64_t commit() noexcept {
        PLX_ASSERT(pending_.length > 0);
        const std::size_t size = pending_.length - 1;
        pending_.sequence = next_sequence_;
        pending_.crc = record_crc_of(size);
        std::memcpy(at_ + sizeof pending_.length,
                    reinterpret_cast<const std::byte*>(&pending_) + sizeof pending_.length,
                    sizeof pending_ - sizeof pending_.length);
        // Last, so that whoever sees the length sees the record.
        std::atomic_ref{*reinterpret_cast<std::uint32_t*>(at_)}.store(pending_.length,
                                                                      std::memory_order_release);
        at_ += record_bytes(size);
        room_ -= record_bytes(size);
        pending_.length = 0;
        written_.store(segment_bytes_ - room_, std::memory_order_relaxed);
        last_sequence_.store(next_sequence_, std::memory_order_release);
        return next_sequence_++;
    }

    /// reserve, copy, commit. Errors as reserve.
    HotResult<std::uint64_t> append(std::uint16_t type, std::span<const std::byte> payload,
                                    std::uint16_t flags = 0) noexcept {
        const auto room = reserve(type, payload.size(), flags);
        if (!room) return fail(room.error());
        if (!payload.empty()) std::memcpy(room->data(), payload.data(), payload.size());
        return commit();
    }

    /// Of the last record committed; 0 before the first of a new journal.
    [[nodiscard]] std::uint64_t last_sequence() const noexcept {
        return last_sequence_.load(std::memory_order_acquire);
    }
    /// The disk has every record up to this one.
    [[nodiscard]] std::uint64_t durable() const noexcept {
        return durable_.load(std::memory_order_acquire);
    }
    /// Waits until durable() reaches what was committed before. Errors: Unavailable.
    [[nodiscard]] Result<void> sync();
    /// Makes everything durable and lets the directory go. Errors: Unavailable. The destructor does
    /// the same.
    [[nodiscard]] Result<void> close();
    /// Why the writer refuses, or is about to at the end of its segment.
    [[nodiscard]] Result<void> status() const;
    /// What open() cut off.
    [[nodiscard]] const std::optional<TornTail>& recovered() const noexcept { return recovered_; }

private:
    struct Segment;
    Writer(std::filesystem::path directory, WriterOptions options);

    // Opening and the appending thread's slow path.
    Result<void> recover();
    Result<void> begin();
    Result<void> install(std::unique_ptr<Segment> segment);
    HotResult<void> roll(std::size_t size) noexcept;
    [[nodiscard]] std::uint32_t record_crc_of(std::size_t size) const noexcept {
        RecordHeader header = pending_;
        header.crc = 0;
        return crc32c({at_ + sizeof header, size}, crc32c(std::as_bytes(std::span{&header, 1})));
    }

    // The background thread.
    void run();
    Result<std::unique_ptr<Segment>> prepare();
    void prepare_next();
    void group_commit();
    Result<void> make_durable(Segment& segment, std::uint64_t bytes);
    Result<void> finish_segment(Segment& segment);
    void give_up(Error error);

    std::filesystem::path directory_;
    WriterOptions options_;
    std::uint64_t segment_bytes_;
    File lock_;
    std::optional<TornTail> recovered_;
    bool closed_ = false;

    // Written by the appending thread alone.
    alignas(64) std::byte* at_ = nullptr;  ///< where the next record goes
    std::uint64_t room_ = 0;               ///< left in the segment
    std::uint64_t next_sequence_ = 1;
    RecordHeader pending_;  ///< length 0: nothing reserved

    // Told by the appending thread to everybody.
    alignas(64) std::atomic<std::uint64_t> written_{
        0};  ///< bytes of the current segment that hold records
    std::atomic<std::uint64_t> last_sequence_{0};
    // Told by the background thread to everybody.
    alignas(64) std::atomic<std::uint64_t> durable_{0};
    std::atomic<bool> failed_{false};

    // Under the mutex: the hand-over of segments, errors and wishes.
    alignas(64) mutable std::mutex mutex_;
    std::condition_variable wake_;     ///< for the background thread
    std::condition_variable changed_;  ///< for those who wait for it
    std::shared_ptr<Segment> current_;
    std::vector<std::shared_ptr<Segment>> retired_;  ///< full, not yet durable; oldest first
    std::unique_ptr<Segment> prepared_;
    std::optional<Error> prepare_error_;  ///< of the last attempt
    std::optional<Error> error_;          ///< nothing is accepted any more
    bool disk_failed_ = false;            ///< and nothing more becomes durable
    bool sync_wanted_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace parallax::journal
