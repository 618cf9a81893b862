#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

#include "journal/reader.hpp"
#include "journal/snapshot.hpp"
#include "journal/writer.hpp"

namespace parallax::journal {
namespace {

namespace fs = std::filesystem;

/// A fresh directory, gone afterwards.
class Directory {
public:
    Directory() {
        std::string name = (fs::temp_directory_path() / "plx_journal_XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~Directory() { fs::remove_all(path_); }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

/// The payload of a record follows from its sequence: what is read can be judged alone.
std::vector<std::byte> payload_of(std::uint64_t sequence) {
    std::vector<std::byte> payload(static_cast<std::size_t>(sequence * 37 % 253));
    for (std::size_t i = 0; i < payload.size(); ++i)
        payload[i] = static_cast<std::byte>(sequence * 31 + i * 7);
    return payload;
}
std::uint16_t type_of(std::uint64_t sequence) {
    return static_cast<std::uint16_t>(1 + sequence % 7);
}

WriterOptions small_segments(std::uint64_t bytes = 16 * 1024) {
    WriterOptions options;
    options.segment_bytes = bytes;
    options.sync_interval = Nanos::millis(1);
    return options;
}
/// Never asks the disk by itself: what is written looks like before a crash.
WriterOptions lazy(std::uint64_t bytes = 64 * 1024) {
    WriterOptions options = small_segments(bytes);
    options.sync_interval = Nanos::seconds(10'000);
    options.sync_bytes = 1ULL << 60;
    return options;
}

void append_up_to(Writer& writer, std::uint64_t last) {
    while (writer.last_sequence() < last) {
        const std::uint64_t sequence = writer.last_sequence() + 1;
        const auto appended = writer.append(type_of(sequence), payload_of(sequence));
        ASSERT_TRUE(appended);
        ASSERT_EQ(*appended, sequence);
    }
}

struct Walk {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::optional<Error> error;
    std::optional<TornTail> torn;
};
/// Reads everything; each record must be what its sequence says.
Walk walk(const fs::path& directory, std::uint64_t from = 1) {
    Walk result;
    auto reader = Reader::open(directory, from);
    if (!reader) {
        result.error = reader.error();
        return result;
    }
    for (Record record;;) {
        const auto more = reader->next(record);
        if (!more) {
            result.error = more.error();
            return result;
        }
        if (!*more) break;
        EXPECT_EQ(record.type, type_of(record.sequence));
        const auto expected = payload_of(record.sequence);
        EXPECT_TRUE(std::equal(record.payload.begin(), record.payload.end(), expected.begin(),
                               expected.end()));
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(record.payload.data()) % 8, 0u);
        if (result.first == 0) result.first = record.sequence;
        EXPECT_TRUE(result.last == 0 || record.sequence == result.last + 1);
        result.last = record.sequence;
    }
    result.torn = reader->torn_tail();
    return result;
}

std::string slurp(const fs::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}
void spill(const fs::path& path, const std::string& bytes) {
    std::ofstream out{path, std::ios::binary | std::ios::trunc};
    out << bytes;
}
/// Copies what a dead process would leave: the files as they are, without the writer's tidy end.
void copy_as_crashed(const fs::path& from, const fs::path& to) {
    fs::create_directories(to);
    for (const auto& entry : fs::directory_iterator{from})
        fs::copy(entry.path(), to / entry.path().filename());
}

TEST(Journal, GivesBackWhatWasAppendedOverManySegments) {
    const Directory directory;
    {
        auto writer = Writer::open(directory.path(), small_segments());
        ASSERT_TRUE(writer) << writer.error().detail;
        append_up_to(**writer, 3000);
        ASSERT_TRUE((*writer)->close());
    }
    EXPECT_GT(list_segments(directory.path())->size(), 20u);
    const Walk read = walk(directory.path());
    EXPECT_EQ(read.first, 1u);
    EXPECT_EQ(read.last, 3000u);
    EXPECT_FALSE(read.error);
    EXPECT_FALSE(read.torn);
}

TEST(Journal, ReservedRoomBecomesARecordAtCommitOnly) {
    const Directory directory;
    auto writer = Writer::open(directory.path(), small_segments());
    const auto forgotten = (*writer)->reserve(9, 100);
    std::memset(forgotten->data(), 0xAA, 100);
    EXPECT_EQ(walk(directory.path()).last, 0u);
    const auto payload = payload_of(1);
    const auto room = (*writer)->reserve(type_of(1), payload.size());
    ASSERT_EQ(room->size(), payload.size());
    std::copy(payload.begin(), payload.end(), room->begin());
    EXPECT_EQ((*writer)->commit(), 1u);
    EXPECT_EQ(walk(directory.path()).last, 1u);
}

TEST(Journal, GoesOnWithTheSequenceAndMarksTheRun) {
    const Directory directory;
    for (std::uint64_t run = 1; run <= 5; ++run) {
        WriterOptions options = small_segments();
        options.run_id = run;
        auto writer = Writer::open(directory.path(), options);
        ASSERT_TRUE(writer) << writer.error().detail;
        EXPECT_EQ((*writer)->last_sequence(), (run - 1) * 100);
        append_up_to(**writer, run * 100);
    }
    EXPECT_EQ(walk(directory.path()).last, 500u);
    auto reader = Reader::open(directory.path(), 250);
    Record record;
    ASSERT_TRUE(*reader->next(record));
    EXPECT_EQ(record.sequence, 250u);
    EXPECT_EQ(record.run_id, 3u);
}

TEST(Journal, AnEmptyRunLeavesNoGapAndNoLitter) {
    const Directory directory;
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(Writer::open(directory.path(), small_segments()));
    {
        auto writer = Writer::open(directory.path(), small_segments());
        append_up_to(**writer, 10);
    }
    EXPECT_EQ(list_segments(directory.path())->size(), 1u);
    EXPECT_FALSE(fs::exists(directory.path() / "next.tmp"));
    EXPECT_EQ(walk(directory.path()).last, 10u);
}

TEST(Journal, StartsAtAnyRecord) {
    const Directory directory;
    {
        auto writer = Writer::open(directory.path(), small_segments());
        append_up_to(**writer, 1000);
    }
    for (const std::uint64_t from : {1ULL, 2ULL, 500ULL, 999ULL, 1000ULL})
        EXPECT_EQ(walk(directory.path(), from).first, from);
    EXPECT_EQ(walk(directory.path(), 1001).first, 0u);
    ASSERT_TRUE(
        fs::remove(list_segments(directory.path())->front().path));  // old segments may be removed
    EXPECT_GT(walk(directory.path()).first, 1u);
    EXPECT_EQ(walk(directory.path()).last, 1000u);
}

TEST(Journal, SyncMakesDurable) {
    const Directory directory;
    auto writer = Writer::open(directory.path(), lazy());
    append_up_to(**writer, 50);
    EXPECT_EQ((*writer)->durable(), 0u);
    ASSERT_TRUE((*writer)->sync());
    EXPECT_EQ((*writer)->durable(), 50u);
}

TEST(Journal, BecomesDurableByItself) {
    const Directory directory;
    auto writer = Writer::open(directory.path(), small_segments());
    append_up_to(**writer, 400);  // several segments
    for (int i = 0; i < 2000 && (*writer)->durable() < 400; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    EXPECT_EQ((*writer)->durable(), 400u);
}

TEST(Journal, TwoWritersAreRefused) {
    const Directory directory;
    auto first = Writer::open(directory.path(), small_segments());
    ASSERT_TRUE(first);
    const auto second = Writer::open(directory.path(), small_segments());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::Rejected);
    append_up_to(**first, 10);
    ASSERT_TRUE((*first)->close());
    EXPECT_TRUE(Writer::open(directory.path(), small_segments()));
    EXPECT_EQ(walk(directory.path()).last, 10u);
}

TEST(Journal, RefusesARecordLargerThanASegmentAndGoesOn) {
    const Directory directory;
    auto writer = Writer::open(directory.path(), small_segments(4096));
    EXPECT_EQ((*writer)->reserve(1, 5000).error(), Errc::Rejected);
    const std::size_t largest = 4096 - sizeof(SegmentHeader) - sizeof(RecordHeader);
    EXPECT_EQ((*writer)->reserve(1, largest + 1).error(), Errc::Rejected);
    EXPECT_TRUE((*writer)->reserve(1, largest));
    append_up_to(**writer, 5);
    EXPECT_EQ(walk(directory.path()).last, 5u);
}

// ---- Damage

TEST(Torn, AtEveryByteOfTheLastRecordsIsCutOffAndAppendingGoesOn) {
    const Directory live;
    const Directory tmp;
    constexpr std::uint64_t kRecords = 12;
    std::vector<std::uint64_t> ends{sizeof(SegmentHeader)};  // ends[n]: bytes that n records take
    for (std::uint64_t i = 1; i <= kRecords; ++i)
        ends.push_back(ends.back() + record_bytes(payload_of(i).size()));
    auto writer = Writer::open(live.path(), lazy());
    append_up_to(**writer, kRecords);
    const std::string whole = slurp(segment_path(live.path(), 1)).substr(0, ends.back());
    for (std::size_t cut = ends[9]; cut < whole.size(); ++cut) {
        const fs::path directory = tmp.path() / std::to_string(cut);
        fs::create_directories(directory);
        const fs::path file = segment_path(directory, 1);
        spill(file, whole.substr(0, cut));
        // The last bytes of a record are padding: without them it is whole all the same.
        std::uint64_t expected = 0;
        while (ends[expected] + sizeof(RecordHeader) + payload_of(expected + 1).size() <= cut)
            ++expected;
        const Walk read = walk(directory);
        ASSERT_EQ(read.last, expected) << cut;
        ASSERT_FALSE(read.error) << read.error->detail;
        if (read.torn) {
            EXPECT_EQ(read.torn->offset, ends[expected]);
            EXPECT_EQ(read.torn->file, file);
        } else {
            EXPECT_LE(cut, ends[expected]);
        }
        {
            auto again = Writer::open(directory, small_segments());
            ASSERT_TRUE(again) << again.error().detail;
            EXPECT_EQ((*again)->last_sequence(), expected);
            append_up_to(**again, expected + 3);
        }
        const Walk after = walk(directory);
        EXPECT_EQ(after.last, expected + 3);
        EXPECT_FALSE(after.torn);
        EXPECT_FALSE(after.error);
    }
}

TEST(Torn, HalfWrittenRecordsBeforeZerosAreCutOff) {
    const Directory live;
    const Directory tmp;
    auto writer = Writer::open(live.path(), lazy());
    append_up_to(**writer, 10);
    std::string file = slurp(segment_path(live.path(), 1));  // zeros up to its full size
    std::uint64_t last = sizeof(SegmentHeader);
    for (std::uint64_t i = 1; i < 10; ++i) last += record_bytes(payload_of(i).size());
    const std::uint64_t end = last + sizeof(RecordHeader) + payload_of(10).size();
    for (std::uint64_t keep = last; keep < end; ++keep) {
        std::string cut = file;
        std::fill(cut.begin() + static_cast<std::ptrdiff_t>(keep),
                  cut.begin() + static_cast<std::ptrdiff_t>(end), '\0');
        if (cut == file) continue;
        const fs::path directory = tmp.path() / std::to_string(keep);
        fs::create_directories(directory);
        spill(segment_path(directory, 1), cut);
        const Walk read = walk(directory);
        EXPECT_EQ(read.last, 9u);
        EXPECT_FALSE(read.error);
        EXPECT_EQ(read.torn.has_value(), keep > last) << keep;
        auto again = Writer::open(directory, small_segments());
        ASSERT_TRUE(again) << again.error().detail;
        EXPECT_EQ((*again)->last_sequence(), 9u);
    }
}

TEST(Torn, SegmentsBehindATearThatHoldNothingDurableAreRemoved) {
    const Directory live;
    const Directory crashed;
    {
        auto writer = Writer::open(live.path(), small_segments());
        append_up_to(**writer, 1000);
    }
    copy_as_crashed(live.path(), crashed.path());
    const auto segments = *list_segments(crashed.path());
    ASSERT_GT(segments.size(), 4u);
    for (std::size_t i = segments.size() - 3; i < segments.size();
         ++i) {  // as if the disk had not been asked
        std::string bytes = slurp(segments[i].path);
        std::memset(bytes.data() + offsetof(SegmentHeader, durable_bytes), 0, 8);
        if (i == segments.size() - 3) bytes[500] ^= 0x55;
        spill(segments[i].path, bytes);
    }
    const Walk read = walk(crashed.path());
    ASSERT_TRUE(read.torn);
    EXPECT_EQ(read.torn->later.size(), 2u);
    auto again = Writer::open(crashed.path(), small_segments());
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ((*again)->last_sequence(), read.last);
    EXPECT_TRUE((*again)->recovered());
    append_up_to(**again, read.last + 100);
    EXPECT_EQ(walk(crashed.path()).last, read.last + 100);
}

TEST(Damage, AFlippedBitIsFoundWhereverItIs) {
    const Directory live;
    {
        auto writer = Writer::open(live.path(), small_segments(4096));
        append_up_to(**writer, 60);
    }
    const auto segments = *list_segments(live.path());
    ASSERT_GE(segments.size(), 3u);
    for (std::size_t which = 0; which < segments.size(); ++which) {
        const bool last_segment = which + 1 == segments.size();
        const std::string good = slurp(segments[which].path);
        std::uint64_t at = sizeof(SegmentHeader);
        for (std::uint64_t sequence = segments[which].number; at < good.size(); ++sequence) {
            const std::size_t used = sizeof(RecordHeader) + payload_of(sequence).size();
            if (at + used > good.size() || good.substr(at, 4) == std::string(4, '\0')) break;
            const std::uint64_t next = at + record_bytes(payload_of(sequence).size());
            const bool last_record = last_segment && next >= good.size();
            for (std::size_t bit = 0; bit < used * 8; bit += 11) {
                std::string bad = good;
                bad[at + bit / 8] = static_cast<char>(bad[at + bit / 8] ^ (1 << bit % 8));
                spill(segments[which].path, bad);
                const Walk read = walk(live.path());
                ASSERT_EQ(read.last, sequence - 1);
                if (last_record) {  // cannot be told from a tear, but that the disk had it
                    ASSERT_TRUE(read.torn && read.torn->lost_durable);
                } else {
                    ASSERT_TRUE(read.error) << which << " " << bit;
                    ASSERT_EQ(read.error->code, Errc::Malformed);
                    ASSERT_NE(read.error->detail.find(segments[which].path.filename().string()),
                              std::string::npos);
                    ASSERT_NE(read.error->detail.find("byte " + std::to_string(at)),
                              std::string::npos);
                }
            }
            at = next;
        }
        spill(segments[which].path, good);
    }
    EXPECT_EQ(walk(live.path()).last, 60u);
}

TEST(Damage, AWriterDoesNotAppendToADamagedJournal) {
    const Directory directory;
    {
        auto writer = Writer::open(directory.path(), small_segments(64 * 1024));
        append_up_to(**writer, 100);
    }
    std::string bytes = slurp(segment_path(directory.path(), 1));
    bytes[200] ^= 1;
    spill(segment_path(directory.path(), 1), bytes);
    const auto writer = Writer::open(directory.path(), small_segments());
    ASSERT_FALSE(writer);
    EXPECT_EQ(writer.error().code, Errc::Malformed);
    EXPECT_EQ(slurp(segment_path(directory.path(), 1)), bytes);
}

TEST(Damage, AMissingSegmentIsFound) {
    const Directory directory;
    {
        auto writer = Writer::open(directory.path(), small_segments());
        append_up_to(**writer, 1000);
    }
    const auto segments = *list_segments(directory.path());
    fs::remove(segments[2].path);
    const Walk read = walk(directory.path());
    EXPECT_EQ(read.last, segments[2].number - 1);
    ASSERT_TRUE(read.error);
    EXPECT_EQ(read.error->code, Errc::Malformed);
}

TEST(Damage, AHeaderThatIsNoneIsDamageUnlessTheSegmentIsEmpty) {
    const Directory directory;
    {
        auto writer = Writer::open(directory.path(), small_segments());
        append_up_to(**writer, 100);
    }
    const fs::path last = list_segments(directory.path())->back().path;
    const std::uint64_t before = list_segments(directory.path())->back().number - 1;
    const std::string good = slurp(last);
    std::string bad = good;
    bad[3] ^= 4;
    spill(last, bad);
    EXPECT_TRUE(walk(directory.path()).error);
    spill(last,
          std::string(good.size(), '\0'));  // the machine stopped between naming and filling it
    const Walk read = walk(directory.path());
    EXPECT_FALSE(read.error);
    EXPECT_EQ(read.last, before);
    auto writer = Writer::open(directory.path(), small_segments());
    ASSERT_TRUE(writer) << writer.error().detail;
    EXPECT_EQ((*writer)->last_sequence(), before);
}

/// It was taken for damage: the reader only saw a header it could not use.
TEST(Format, OfAnotherVersionIsRefusedByReaderAndWriterAndLeftAlone) {
    const Directory directory;
    {
        auto writer = Writer::open(directory.path(), small_segments());
        append_up_to(**writer, 10);
    }
    const fs::path first = list_segments(directory.path())->front().path;
    std::string bytes = slurp(first);
    SegmentHeader header;
    std::memcpy(&header, bytes.data(), sizeof header);
    header.version = kVersion - 1;
    header.crc = header_crc(header);
    std::memcpy(bytes.data(), &header, sizeof header);
    spill(first, bytes);
    const Walk read = walk(directory.path());
    ASSERT_TRUE(read.error);
    EXPECT_EQ(read.error->code, Errc::Rejected);
    EXPECT_NE(read.error->detail.find("a journal of format 1; this program reads and writes "
                                      "format 2"),
              std::string::npos)
        << read.error->detail;
    EXPECT_FALSE(Writer::open(directory.path(), small_segments()));
    EXPECT_EQ(slurp(first), bytes);
}

// ---- Full disks

TEST(DiskFull, RefusesFromThereOnAndKeepsWhatIsWritten) {
    const Directory directory;
    int allowed = 3;
    WriterOptions options = small_segments();
    options.allocate = [&](int fd, std::uint64_t bytes) {
        return allowed-- > 0 ? ::posix_fallocate(fd, 0, static_cast<off_t>(bytes)) : ENOSPC;
    };
    auto writer = Writer::open(directory.path(), options);
    ASSERT_TRUE(writer);
    std::uint64_t last = 0;
    for (;;) {
        const auto appended = (*writer)->append(type_of(last + 1), payload_of(last + 1));
        if (!appended) {
            EXPECT_EQ(appended.error(), Errc::Unavailable);
            break;
        }
        last = *appended;
    }
    EXPECT_GT(last, 200u);
    EXPECT_EQ((*writer)->append(1, {}).error(), Errc::Unavailable);
    EXPECT_NE((*writer)->status().error().detail.find("No space left"), std::string::npos);
    EXPECT_TRUE((*writer)->sync());
    EXPECT_EQ((*writer)->durable(), last);
    EXPECT_TRUE((*writer)->close());
    EXPECT_EQ(walk(directory.path()).last, last);
    auto again = Writer::open(directory.path(), small_segments());
    append_up_to(**again, last + 100);
    EXPECT_EQ(walk(directory.path()).last, last + 100);
}

TEST(DiskFull, AtTheStartIsAnErrorOfOpen) {
    const Directory directory;
    WriterOptions options = small_segments();
    options.allocate = [](int, std::uint64_t) { return ENOSPC; };
    const auto writer = Writer::open(directory.path(), options);
    ASSERT_FALSE(writer);
    EXPECT_EQ(writer.error().code, Errc::Unavailable);
    EXPECT_FALSE(fs::exists(directory.path() / "next.tmp"));
}

TEST(DiskFull, AFileSizeLimitOfTheSystemIsHandledAlike) {
    const Directory directory;
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{8192, 8192};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        const auto writer = Writer::open(directory.path(), small_segments());
        ::_exit(!writer && writer.error().code == Errc::Unavailable ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// ---- Death

TEST(Killed, LosesNothingThatWasCommitted) {
    const Directory directory;
    void* shared = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(shared, MAP_FAILED);
    auto& committed = *new (shared) std::atomic<std::uint64_t>{0};
    std::uint64_t random = 88172645463325252ULL;
    for (int round = 0; round < 40; ++round) {
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            auto writer = Writer::open(directory.path(),
                                       small_segments(round % 2 == 0 ? 32 * 1024 : 1024 * 1024));
            if (!writer) ::_exit(3);
            for (;;) {
                const std::uint64_t next = (*writer)->last_sequence() + 1;
                const auto appended = (*writer)->append(type_of(next), payload_of(next));
                if (!appended) ::_exit(4);
                committed.store(*appended, std::memory_order_release);
                if (next % 64 == 0) std::this_thread::yield();
            }
        }
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        const std::uint64_t before = committed.load();
        for (int i = 0; round % 4 != 0 && i < 2000 && committed.load() == before;
             ++i) {  // the others die anywhere
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
        std::this_thread::sleep_for(std::chrono::microseconds{200 + random % 12'000});
        ASSERT_EQ(::kill(child, SIGKILL), 0);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself: " << WEXITSTATUS(status);
        const std::uint64_t promised = committed.load(std::memory_order_acquire);
        auto reader = Reader::open(directory.path(), promised > 500 ? promised - 500 : 1);
        ASSERT_TRUE(reader);
        std::uint64_t last = 0;
        for (Record record;;) {
            const auto more = reader->next(record);
            ASSERT_TRUE(more) << more.error().detail;
            if (!*more) break;
            last = record.sequence;
        }
        ASSERT_GE(last, promised);
        ASSERT_LE(last, promised + 1);
    }
    const Walk read = walk(directory.path());
    EXPECT_FALSE(read.error);
    EXPECT_GE(read.last, committed.load());
    EXPECT_GE(read.last, 30u);  // a record at least of each run that was let begin
    ::munmap(shared, 4096);
}

// ---- Reading while writing

TEST(Follow, AReaderSeesEveryRecordWhileTheyAreWritten) {
    const Directory directory;
    constexpr std::uint64_t kLast = 20'000;
    auto writer = Writer::open(directory.path(), small_segments(64 * 1024));
    ASSERT_TRUE(writer);
    std::thread appending{[&] { append_up_to(**writer, kLast); }};
    auto reader = Reader::open(directory.path());
    ASSERT_TRUE(reader);
    std::uint64_t last = 0;
    std::optional<Error> error;
    while (last < kLast && !error) {
        Record record;
        const auto more = reader->next(record);
        if (!more) {
            error = more.error();
        } else if (*more) {
            EXPECT_EQ(record.sequence, last + 1);
            EXPECT_EQ(record.payload.size(), payload_of(record.sequence).size());
            last = record.sequence;
        }
    }
    appending.join();
    EXPECT_FALSE(error) << error->detail;
    EXPECT_EQ(last, kLast);
}

// ---- Snapshots

std::vector<std::byte> state_of(std::uint64_t sequence) {
    return std::vector<std::byte>(1000, static_cast<std::byte>(sequence));
}

TEST(Snapshots, TheNewestGoodOneIsFound) {
    const Directory directory;
    std::vector<std::string> notes;
    EXPECT_FALSE(*latest_snapshot(directory.path(), notes));
    for (const std::uint64_t sequence : {10ULL, 200ULL, 3000ULL}) {
        ASSERT_TRUE(write_snapshot(directory.path(), sequence, state_of(sequence)));
    }
    auto snapshot = *latest_snapshot(directory.path(), notes);
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(snapshot->sequence, 3000u);
    EXPECT_EQ(snapshot->state, state_of(3000));
    EXPECT_TRUE(notes.empty());
    EXPECT_FALSE(fs::exists(directory.path() / "snapshot.tmp"));
}

TEST(Snapshots, DamagedOnesArePassedOverWithANote) {
    const Directory directory;
    ASSERT_TRUE(write_snapshot(directory.path(), 1, state_of(1)));
    ASSERT_TRUE(write_snapshot(directory.path(), 2, state_of(2)));
    const std::string good = slurp(snapshot_path(directory.path(), 2));
    for (std::size_t at = 0; at < good.size(); at += 7) {
        for (const bool cut : {true, false}) {
            std::string bad = cut ? good.substr(0, at) : good;
            if (!cut) bad[at] ^= 16;
            spill(snapshot_path(directory.path(), 2), bad);
            std::vector<std::string> notes;
            const auto snapshot = *latest_snapshot(directory.path(), notes);
            ASSERT_TRUE(snapshot);
            EXPECT_EQ(snapshot->sequence, 1u) << at << cut;
            EXPECT_EQ(notes.size(), 1u);
        }
    }
}

TEST(Snapshots, OldOnesAreRemoved) {
    const Directory directory;
    for (std::uint64_t i = 1; i <= 5; ++i)
        ASSERT_TRUE(write_snapshot(directory.path(), i, state_of(i)));
    ASSERT_TRUE(remove_old_snapshots(directory.path(), 2));
    const auto left = *list_snapshots(directory.path());
    ASSERT_EQ(left.size(), 2u);
    EXPECT_EQ(left[0].number, 4u);
}

TEST(Snapshots, SequencesGoOnBehindThemWhenTheJournalIsGone) {
    const Directory directory;
    ASSERT_TRUE(write_snapshot(directory.path(), 77, state_of(1)));
    auto writer = Writer::open(directory.path(), small_segments());
    EXPECT_EQ((*writer)->last_sequence(), 77u);
}

}  // namespace
}  // namespace parallax::journal
