#pragma once

#include <zlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/instrument.hpp"
#include "ports/market_frame.hpp"

/// Only for tests and benchmarks: recorded lines, and a universe that grows as frames ask for it.
namespace parallax::venue_common {

inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

inline std::vector<std::string> split_lines(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

inline std::vector<std::string> read_gzip_lines(const std::filesystem::path& path) {
    std::string text;
    const std::unique_ptr<gzFile_s, int (*)(gzFile)> file{gzopen(path.c_str(), "rb"), gzclose};
    std::vector<char> buffer(1 << 16);
    for (int got = 1; file && got > 0;) {
        got = gzread(file.get(), buffer.data(), static_cast<unsigned>(buffer.size()));
        if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return split_lines(text);
}

/// Lines of an archive of one file, whose lines end in CR LF; none when it is not there.
inline std::vector<std::string> read_zip_lines(const std::filesystem::path& path) {
    std::string text;
    const std::string command = "gzip -dc < '" + path.string() + "' 2>/dev/null";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe{popen(command.c_str(), "r"), pclose};
    for (char buffer[1 << 14];
         const std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe.get());)
        text.append(buffer, got);
    std::erase(text, '\r');
    return split_lines(text);
}

/// Frames of a "TIME: JSON" recording; what was sent and connection lines are left out.
inline std::vector<std::string> read_frames(const std::filesystem::path& path) {
    std::vector<std::string> frames;
    for (const std::string& line : split_lines(read_file(path))) {
        const std::size_t colon = line.find(": ");
        const bool received = !line.empty() && line.front() >= '0' && line.front() <= '9' &&
                              colon != std::string::npos;
        if (received) frames.push_back(line.substr(colon + 2));
    }
    return frames;
}

/// "URL -> TIME: BODY" lines.
struct RestAnswer {
    std::string url;
    std::string body;
};
inline std::vector<RestAnswer> read_answers(const std::filesystem::path& path) {
    std::vector<RestAnswer> answers;
    for (const std::string& line : split_lines(read_file(path))) {
        const std::size_t arrow = line.find(" -> ");
        const std::size_t colon = arrow == std::string::npos ? arrow : line.find(": ", arrow);
        if (colon != std::string::npos)
            answers.push_back({line.substr(0, arrow), line.substr(colon + 2)});
    }
    return answers;
}

/// Runs `parse` until the frame asks for nothing more of the universe.
template <class Parse, class Infer>
HotResult<void> parse_growing(Universe& universe, Market market, Parse parse, Infer infer,
                              ports::MarketFrame& out) {
    using Content = ports::MarketFrame;
    for (int round = 0; round < 4; ++round) {
        const auto result = parse();
        if (!result) return result;
        if (out.has(Content::kUnknownInstrument)) {
            if (!universe.list(infer(market, out.note, out.price_decimals, out.quantity_decimals)))
                break;
        } else if (out.has(Content::kFinerScale)) {
            if (!universe.refine(out.instrument, out.price_decimals, out.quantity_decimals)) break;
        } else {
            return result;
        }
    }
    return fail(Errc::Unknown);
}

}  // namespace parallax::venue_common
