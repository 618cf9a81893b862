// The bytes are the files of a journal: a u16 length and a segment's bytes (its header's sums are
// made good so that records are reached), up to three segments.
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>

#include "journal/reader.hpp"
#include "journal/writer.hpp"

namespace {

namespace fs = std::filesystem;
using namespace parallax::journal;

const fs::path& directory() {
    static const fs::path path = [] {
        // In memory where there is such a place: a disk would be most of every run.
        const fs::path root = fs::exists("/dev/shm") ? "/dev/shm" : fs::temp_directory_path();
        std::string name = root / "plx_reader_fuzz_XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        return fs::path{name};
    }();
    static const struct Remover {
        ~Remover() { fs::remove_all(path); }
    } remover;
    return path;
}

void put_segment(std::uint64_t first, const std::uint8_t* data, std::size_t size) {
    SegmentHeader header;
    header.first_sequence = first;
    if (size > 0) header.durable_bytes = data[0] * 8U;
    header.crc = header_crc(header);
    std::FILE* file = std::fopen(segment_path(directory(), first).c_str(), "wb");
    if (file == nullptr) std::abort();
    if (std::fwrite(&header, 1, sizeof header, file) != sizeof header) std::abort();
    if (size > 0 && std::fwrite(data, 1, size, file) != size) std::abort();
    std::fclose(file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (const auto& entry : fs::directory_iterator{directory()}) fs::remove(entry.path());
    std::uint64_t first = 1;
    for (int segment = 0; segment < 3 && size >= 2; ++segment) {
        std::uint16_t length = 0;
        std::memcpy(&length, data, 2);
        data += 2;
        size -= 2;
        const std::size_t taken = std::min<std::size_t>(length, size);
        put_segment(first, data, taken);
        first += 1 + (taken > 0 ? data[taken - 1] % 3U : 0U);
        data += taken;
        size -= taken;
    }
    auto reader = Reader::open(directory());
    if (!reader) std::abort();
    std::uint64_t last = 0;
    for (Record record;;) {
        const auto more = reader->next(record);
        if (!more || !*more) break;
        if (last != 0 && record.sequence != last + 1) std::abort();
        last = record.sequence;
    }
    return 0;
}
