#include <fcntl.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "adapters/recording/combined.hpp"
#include "adapters/recording/recording_format.hpp"
#include "adapters/recording/recording_reader.hpp"
#include "adapters/recording/recording_writer.hpp"
#include "adapters/recording/source.hpp"
#include "adapters/recording/test_support.hpp"
#include "runtime/random.hpp"
#include "testing/folders/folders.hpp"

namespace parallax::recording {
namespace {

namespace fs = std::filesystem;
using ports::FrameKind;

class Directory {
public:
    Directory() {
        std::string name = (fs::temp_directory_path() / "plx_recording_XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~Directory() { fs::remove_all(path_); }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    [[nodiscard]] fs::path file(const std::string& name) const { return path_ / name; }

private:
    fs::path path_;
};

std::string slurp(const fs::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

Read read_recording(std::string bytes, bool prefetch = false) {
    const auto source = open_recording(memory_storage("r.plxr", std::move(bytes)), prefetch);
    if (!source) return {{}, {source.error().detail}, {}};
    return read_all(**source);
}

std::string record(const std::vector<OwnedFrame>& frames, const fs::path& path,
                   const RecordingOptions& options) {
    fs::remove(path);
    auto writer = RecordingWriter::create(path, options);
    EXPECT_TRUE(writer) << writer.error().detail;
    for (const OwnedFrame& frame : frames) EXPECT_TRUE((*writer)->append(frame.view()));
    EXPECT_TRUE((*writer)->close());
    const std::string bytes = slurp(path);
    EXPECT_EQ(bytes.size(), (*writer)->stored_bytes());
    return bytes;
}

std::vector<OwnedFrame> random_frames(runtime::Random& random, std::size_t count) {
    constexpr std::int64_t kTimes[] = {0, -1, 1, INT64_MAX, INT64_MIN, 1'700'000'000'000'000'000};
    std::vector<OwnedFrame> frames(count);
    const auto text = [&](std::uint64_t longest) {
        std::string out(random.below(longest + 1), '\0');
        for (char& c : out)
            c = static_cast<char>(random.below(4) == 0 ? random.next() : 'a' + random.below(3));
        return out;
    };
    for (OwnedFrame& frame : frames) {
        frame.received = UnixNanos::from_nanos(
            random.chance(0.3) ? kTimes[random.below(6)]
                               : 1'700'000'000'000'000'000 + random.between(-500, 9'000));
        frame.bytes = text(random.chance(0.05) ? 5000 : 60);
        if (random.chance(0.2)) frame.url = text(30);
        if (random.chance(0.2)) frame.symbol = text(10);
        frame.connection =
            random.chance(0.1) ? UINT32_MAX : static_cast<std::uint32_t>(random.below(300));
        frame.kind = static_cast<FrameKind>(random.below(ports::kFrameKindCount));
        frame.market = static_cast<Market>(random.below(kMarketCount));
    }
    return frames;
}

/// Offsets at which the blocks of a recording begin, and its end.
std::vector<std::size_t> block_offsets(const std::string& bytes) {
    std::uint32_t created_by = 0;
    std::memcpy(&created_by, bytes.data() + 12, 4);
    std::vector<std::size_t> offsets{16 + created_by + 4};
    while (offsets.back() < bytes.size()) {
        BlockHeader header;
        std::memcpy(&header, bytes.data() + offsets.back(), sizeof header);
        offsets.push_back(offsets.back() + sizeof header + header.stored_size);
    }
    return offsets;
}
std::size_t frames_in(const std::string& bytes, std::size_t offset) {
    BlockHeader header;
    std::memcpy(&header, bytes.data() + offset, sizeof header);
    return header.frames;
}

TEST(Recording, EveryFrameComesBackAsItWas) {
    const Directory directory;
    EXPECT_TRUE(rc::check("frames survive", [&](std::uint64_t seed) {
        runtime::Random random{seed};
        const auto frames = random_frames(random, random.below(200));
        RecordingOptions options;
        options.block_bytes = 1 + random.below(3000);
        options.block_time = Nanos{static_cast<std::int64_t>(1 + random.below(5000))};
        const std::string bytes = record(frames, directory.file("r.plxr"), options);
        const Read read = read_recording(bytes, random.chance(0.5));
        RC_ASSERT(read.errors.empty());
        RC_ASSERT(read.notes.empty());
        RC_ASSERT(read.frames == frames);
    }));
}

std::vector<OwnedFrame> plain_frames(std::size_t count) {
    std::vector<OwnedFrame> frames(count);
    for (std::size_t i = 0; i < count; ++i) {
        frames[i].received =
            UnixNanos::from_nanos(1'700'000'000'000'000'000 + static_cast<std::int64_t>(i) * 1000);
        frames[i].bytes =
            "{\"stream\":\"btcusdt@trade\",\"data\":{\"t\":" + std::to_string(i * 7919) + "}}";
        frames[i].market = Market::BinanceSpot;
    }
    return frames;
}

TEST(Recording, ACutFileGivesEveryWholeBlockAndSaysWhatIsLost) {
    const Directory directory;
    const auto frames = plain_frames(500);
    RecordingOptions options;
    options.block_bytes = 2000;
    const std::string bytes = record(frames, directory.file("r.plxr"), options);
    const auto offsets = block_offsets(bytes);
    ASSERT_GT(offsets.size(), 8u);
    for (std::size_t block = 0; block < offsets.size(); ++block) {
        for (const int around : {-1, 0, 1, 39, 40, 41}) {
            const std::size_t cut = offsets[block] + static_cast<std::size_t>(around);
            if (cut >= bytes.size() || cut < offsets[0]) continue;
            std::size_t whole = 0;
            for (std::size_t i = 0; i + 1 < offsets.size() && offsets[i + 1] <= cut; ++i) {
                whole += frames_in(bytes, offsets[i]);
            }
            const Read read = read_recording(bytes.substr(0, cut));
            EXPECT_EQ(read.frames.size(), whole) << cut;
            EXPECT_TRUE(std::equal(read.frames.begin(), read.frames.end(), frames.begin()));
            const bool between = std::find(offsets.begin(), offsets.end(), cut) != offsets.end();
            EXPECT_EQ(read.notes.size(), between ? 0u : 1u) << cut;
            EXPECT_TRUE(read.errors.empty());
        }
    }
    for (std::size_t cut = 0; cut < offsets[0]; ++cut) {  // no header, no recording
        EXPECT_EQ(read_recording(bytes.substr(0, cut)).errors.size(), 1u);
    }
}

TEST(Recording, ADamagedBlockIsSkippedWithANote) {
    const Directory directory;
    const auto frames = plain_frames(500);
    RecordingOptions options;
    options.block_bytes = 2000;
    const std::string bytes = record(frames, directory.file("r.plxr"), options);
    const auto offsets = block_offsets(bytes);
    for (std::size_t block = 0; block + 1 < offsets.size(); ++block) {
        for (std::size_t at = offsets[block]; at < offsets[block + 1]; at += 11) {
            std::string bad = bytes;
            bad[at] ^= 0x10;
            const Read read = read_recording(bad);
            EXPECT_EQ(read.frames.size(), 500 - frames_in(bytes, offsets[block])) << at;
            EXPECT_GE(read.notes.size(), 1u);
            EXPECT_TRUE(read.errors.empty());
        }
    }
    std::string gone = bytes;
    gone.erase(offsets[2], offsets[4] - offsets[2]);
    const Read read = read_recording(gone);
    ASSERT_EQ(read.notes.size(), 1u);
    EXPECT_NE(read.notes[0].find("2 blocks are missing"), std::string::npos);
}

TEST(Recording, BlocksAreWrittenAfterTheirTime) {
    const Directory directory;
    RecordingOptions options;
    options.block_time = Nanos::micros(100);
    const std::string bytes = record(plain_frames(500), directory.file("r.plxr"), options);
    EXPECT_EQ(block_offsets(bytes).size() - 1, 5u);  // a frame every microsecond
    auto writer = RecordingWriter::create(directory.file("open.plxr"));
    ASSERT_TRUE((*writer)->append(plain_frames(1)[0].view()));
    ASSERT_TRUE((*writer)->flush());
    EXPECT_EQ(read_recording(slurp(directory.file("open.plxr"))).frames.size(),
              1u);  // without close()
}

TEST(Recording, DoesNotOverwriteAndRefusesAfterClose) {
    const Directory directory;
    auto writer = RecordingWriter::create(directory.file("r.plxr"));
    EXPECT_EQ(RecordingWriter::create(directory.file("r.plxr")).error().code, Errc::Rejected);
    EXPECT_EQ(RecordingWriter::create(directory.file("no/such/folder")).error().code,
              Errc::Unavailable);
    ASSERT_TRUE((*writer)->close());
    EXPECT_EQ((*writer)->append({}).error().code, Errc::Rejected);
}

TEST(Recording, AFullDiskLeavesWholeBlocksAndRefusesTheRest) {
    const Directory directory;
    const fs::path path = directory.file("r.plxr");
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{20'000, 20'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        RecordingOptions options;
        options.block_bytes = 2000;
        auto writer = RecordingWriter::create(path, options);
        if (!writer) ::_exit(2);
        runtime::Random random{1};
        for (int i = 0; i < 100'000; ++i) {
            const std::string noise(50, static_cast<char>(random.next()));
            std::string bytes = noise;
            for (char& c : bytes) c = static_cast<char>(random.next());
            ports::Frame frame;
            frame.bytes = bytes;
            if ((*writer)->append(frame)) continue;
            const auto again = (*writer)->append(frame);
            ::_exit(!again && again.error().code == Errc::Unavailable && !(*writer)->close() ? 0
                                                                                             : 3);
        }
        ::_exit(4);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
    const Read read = read_recording(slurp(path));
    EXPECT_GT(read.frames.size(), 200u);
    EXPECT_TRUE(read.errors.empty());
    EXPECT_TRUE(read.notes.empty());
}

TEST(Recording, OpensByMarket) {
    const Directory directory;
    auto frames = plain_frames(10);
    for (std::size_t i = 0; i < 4; ++i) frames[i].market = Market::Okx;
    record(frames, directory.file("anything"), {});
    EXPECT_EQ(read_all(**open_source(Market::Okx, directory.file("anything"))).frames.size(), 4u);
    EXPECT_EQ(
        read_all(**open_source(Market::BinanceSpot, directory.file("anything"))).frames.size(), 6u);
    const auto none = open_source(Market::BybitSpot, directory.file("anything"));
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().detail.find("binance.spot"), std::string::npos);
}

TEST(Recording, KeepsRecordedFilesExactly) {
    const fs::path& data = recordings();
    if (!fs::exists(data))
        GTEST_SKIP() << "NO RECORDED DATA at " << data << ": nothing was proved here";
    const Directory directory;
    const std::pair<const char*, Market> kCases[] = {
        {"binance_2024-08-08/spot/btcusdt_20240808.gz", Market::BinanceSpot},
        {"binance_2024-08-08/usdm/btcusdt_20240808.gz", Market::BinanceUsdm},
        {"binance_coinm_2021-07-22", Market::BinanceCoinm},
        {"okx_2022-05-13", Market::Okx},
        {"bybit_v5_ob500_2024-12-01/xrpusdt-ob500.data.zip", Market::BybitLinear},
        {"cross_binance_bybit_minute_2022-12-13", Market::BybitLinear},
    };
    for (const auto& [path, market] : kCases) {
        const auto original = open_source(market, data / path);
        ASSERT_TRUE(original) << original.error().detail;
        const fs::path copy = directory.file("copy.plxr");
        fs::remove(copy);
        auto writer = RecordingWriter::create(copy);
        std::size_t text = 0;
        for (ports::Frame frame;;) {
            const auto more = (*original)->next(frame);
            ASSERT_TRUE(more) << more.error().detail;
            if (!*more) break;
            ASSERT_TRUE((*writer)->append(frame));
            text += frame.bytes.size();
        }
        ASSERT_TRUE((*writer)->close());
        const Read expected = read_all(**open_source(market, data / path));
        const Read read = read_all(**open_source(market, copy, {.prefetch = true}));
        EXPECT_TRUE(read.frames == expected.frames) << path;
        EXPECT_TRUE(read.notes.empty());
        std::printf("%s: %zu frames, %.1f MB -> %.2f MB, ratio %.1f\n", path, read.frames.size(),
                    static_cast<double>(text) / 1e6,
                    static_cast<double>((*writer)->stored_bytes()) / 1e6,
                    static_cast<double>(text) / static_cast<double>((*writer)->stored_bytes()));
    }
}

// ---- Merging and chaining

std::unique_ptr<ports::FrameSource> timed_source(const std::vector<std::int64_t>& times,
                                                 const std::string& mark) {
    std::string text;
    for (const std::int64_t time : times) {
        text += std::to_string(1'700'000'000'000'000'000 + time) + " {\"" + mark +
                "\":" + std::to_string(time) + "}\n";
    }
    return std::move(*open_storage_source(Market::Okx, memory_storage(mark, text)));
}
std::vector<std::unique_ptr<ports::FrameSource>> three_sources() {
    std::vector<std::unique_ptr<ports::FrameSource>> sources;
    sources.push_back(timed_source({1, 5, 5, 9}, "a"));
    sources.push_back(timed_source({0, 5, 8}, "b"));
    sources.push_back(timed_source({5, 6, 2, 10}, "c"));
    return sources;
}
std::string order(const Read& read) {
    std::string out;
    for (const OwnedFrame& frame : read.frames)
        out += frame.bytes.substr(2, 1) + frame.bytes.substr(5, frame.bytes.size() - 6);
    return out;
}

TEST(Merged, IsInOrderOfTimeAndTiesInTheOrderGiven) {
    MergedSource merged{three_sources()};
    const Read read = read_all(merged);
    EXPECT_EQ(order(read), "b0a1a5a5b5c5c6c2b8a9c10");
    EXPECT_EQ(merged.out_of_order(), 1u);
    EXPECT_EQ(merged.progress().done, merged.progress().total);
    std::map<char, std::set<std::uint32_t>> connections;
    for (const OwnedFrame& frame : read.frames)
        connections[frame.bytes[2]].insert(frame.connection);
    EXPECT_EQ(connections.size(), 3u);
    EXPECT_NE(*connections['a'].begin(), *connections['b'].begin());
    EXPECT_NE(*connections['b'].begin(), *connections['c'].begin());
}

TEST(Merged, AnErrorOfOneSourceDoesNotStopTheOthers) {
    std::vector<std::unique_ptr<ports::FrameSource>> sources;
    sources.push_back(std::move(*open_storage_source(
        Market::Okx,
        memory_storage(
            "bad", "1700000000000000001 {\"x\":1}\nrubbish\n1700000000000000004 {\"x\":4}\n"))));
    sources.push_back(timed_source({2, 3, 7}, "b"));
    MergedSource merged{std::move(sources)};
    const Read read = read_all(merged);
    EXPECT_EQ(order(read), "x1b2b3x4b7");
    EXPECT_EQ(read.errors.size(), 1u);
}

TEST(Merged, AgreesWithAStableSort) {
    EXPECT_TRUE(rc::check("merge", [](std::uint64_t seed) {
        runtime::Random random{seed};
        std::vector<std::unique_ptr<ports::FrameSource>> sources;
        std::vector<std::pair<std::int64_t, std::string>> expected;
        const std::size_t count = random.below(6);
        for (std::size_t s = 0; s < count; ++s) {
            std::vector<std::int64_t> times(1 + random.below(40));
            for (auto& time : times) time = random.between(0, 30);
            std::sort(times.begin(), times.end());
            const std::string mark(1, static_cast<char>('a' + s));
            for (const auto time : times) expected.emplace_back(time, mark + std::to_string(time));
            sources.push_back(timed_source(times, mark));
        }
        std::stable_sort(expected.begin(), expected.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
        std::string text;
        for (const auto& entry : expected) text += entry.second;
        MergedSource merged{std::move(sources)};
        RC_ASSERT(order(read_all(merged)) == text);
    }));
}

TEST(Chained, GivesOneAfterTheOther) {
    ChainedSource chained{three_sources()};
    EXPECT_EQ(order(read_all(chained)), "a1a5a5a9b0b5b8c5c6c2c10");
    EXPECT_EQ(chained.out_of_order(), 6u);
}

}  // namespace
}  // namespace parallax::recording
