#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/market.hpp"

namespace parallax::bench {

struct Line {
    std::int64_t received_ns = 0;
    Market market{};
    std::uint8_t source = 0;
    std::string_view json;  ///< followed by at least 64 readable bytes
};

/// Lines of several recordings, decompressed and merged by receive time, all in memory.
struct RecordedLines {
    std::vector<std::string> buffers;
    std::vector<Line> lines;
    bool synthetic = false;
    [[nodiscard]] std::size_t bytes() const {
        std::size_t total = 0;
        for (const Line& line : lines) total += line.json.size();
        return total;
    }
};

/// The Binance recordings of 2024-08-08 below `folder`, at most `limit` lines (0 = all); frames of
/// the synthetic market's kind made here when the folder is missing.
[[nodiscard]] RecordedLines load_lines(const std::string& folder, std::size_t limit);

}  // namespace parallax::bench
