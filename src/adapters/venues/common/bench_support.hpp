#pragma once

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>
#include <vector>

#include "adapters/venues/common/test_support.hpp"

/// Only for benchmarks: frames as they come from a socket, and the lower bound of reading a number.
namespace parallax::venue_common {

/// Lines of a recording; none when it is not there.
inline std::vector<std::string> bench_lines(const std::string& file) {
    const std::filesystem::path path = std::filesystem::path{PLX_SHARED_DATA} / file;
    return path.extension() == ".gz" ? read_gzip_lines(path) : read_frames(path);
}

/// Frames one after the other in one buffer, with the room behind each that simdjson wants.
class Frames {
public:
    explicit Frames(const std::vector<std::string>& frames) {
        for (const std::string& frame : frames) {
            offsets_.push_back({buffer_.size(), frame.size()});
            buffer_ += frame;
            buffer_.append(64, ' ');
        }
    }
    [[nodiscard]] std::size_t size() const noexcept { return offsets_.size(); }
    [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept {
        return {buffer_.data() + offsets_[i].first, offsets_[i].second};
    }

private:
    std::string buffer_;
    std::vector<std::pair<std::size_t, std::size_t>> offsets_;
};

/// One frame an iteration; `read` returns how many levels it found.
template <class Read>
void run_frames(benchmark::State& state, const Frames& frames, Read read) {
    std::size_t i = 0;
    std::size_t bytes = 0;
    std::size_t levels = 0;
    for (auto _ : state) {
        const std::string_view frame = frames[i];
        i = i + 1 == frames.size() ? 0 : i + 1;
        levels += read(frame);
        bytes += frame.size();
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
    if (levels > 0) {
        state.counters["per_level"] = benchmark::Counter(
            static_cast<double>(levels), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    }
}

/// A reference that went astray must not count.
inline void expect(benchmark::State& state, bool holds) {
    if (!holds) [[unlikely]]
        state.SkipWithError("the reference lost its place");
}

/// Digits up to the next byte that is neither digit nor point, without the point; moves `p` there.
inline std::int64_t digits(const char*& p) noexcept {
    std::int64_t value = 0;
    for (;; ++p) {
        const auto digit = static_cast<unsigned>(*p - '0');
        if (digit <= 9) {
            value = value * 10 + static_cast<std::int64_t>(digit);
        } else if (*p != '.') {
            return value;
        }
    }
}

}  // namespace parallax::venue_common
