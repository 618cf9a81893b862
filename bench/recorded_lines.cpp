#include "recorded_lines.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>

#include "runtime/random.hpp"

namespace parallax::bench {
namespace {

constexpr std::size_t kPadding = 64;

struct File {
    const char* path;
    Market market;
};
constexpr File kFiles[] = {
    {"spot/btcusdt_20240808.gz", Market::BinanceSpot},
    {"spot/ethusdt_20240808.gz", Market::BinanceSpot},
    {"usdm/btcusdt_20240808.gz", Market::BinanceUsdm},
    {"usdm/ethusdt_20240808.gz", Market::BinanceUsdm},
    {"cm/btcusd_perp_20240808.gz", Market::BinanceCoinm},
    {"cm/ethusd_perp_20240808.gz", Market::BinanceCoinm},
};

bool read_gz(const std::string& path, std::string& out) {
    gzFile file = gzopen(path.c_str(), "rb");
    if (file == nullptr) return false;
    std::vector<char> block(1 << 20);
    for (int n = 0; (n = gzread(file, block.data(), static_cast<unsigned>(block.size()))) > 0;) {
        out.append(block.data(), static_cast<std::size_t>(n));
    }
    gzclose(file);
    out.append(kPadding, ' ');
    return true;
}

void split(RecordedLines& out, std::size_t source, Market market) {
    const std::string& text = out.buffers[source];
    std::string_view rest{text.data(), text.size() - kPadding};
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const std::size_t space = line.find(' ');
        if (space == std::string_view::npos) continue;
        Line entry{0, market, static_cast<std::uint8_t>(source), line.substr(space + 1)};
        std::from_chars(line.data(), line.data() + space, entry.received_ns);
        out.lines.push_back(entry);
    }
}

/// One spot symbol with a drifting price: enough to keep the benchmark alive without recordings.
void make_lines(RecordedLines& out, std::size_t count) {
    runtime::Random random{7};
    std::string& text = out.buffers.emplace_back();
    out.synthetic = true;
    std::string bids, asks;
    for (int i = 0; i < 500; ++i) {
        bids += fmt::format("{}[\"{}.00\",\"{}.5\"]", i == 0 ? "" : ",", 59'999 - i, 1 + i % 7);
        asks += fmt::format("{}[\"{}.00\",\"{}.5\"]", i == 0 ? "" : ",", 60'001 + i, 1 + i % 7);
    }
    text += fmt::format("1000000 {{\"lastUpdateId\":1,\"bids\":[{}],\"asks\":[{}]}}\n", bids, asks);
    for (std::uint64_t id = 2; id < count + 2; ++id) {
        const std::int64_t at = random.between(59'900, 59'999);
        text +=
            id % 4 == 0
                ? fmt::format(
                      "{} "
                      "{{\"stream\":\"btcusdt@depth@100ms\",\"data\":{{\"e\":\"depthUpdate\",\"E\":"
                      "{},\"s\":"
                      "\"BTCUSDT\",\"U\":{},\"u\":{},\"b\":[[\"{}.00\",\"{}.25\"]],\"a\":[]}}}}\n",
                      1'000'000 + id * 1'000, id, id, id, at, id % 9)
                : fmt::format(
                      "{} "
                      "{{\"stream\":\"btcusdt@bookTicker\",\"data\":{{\"u\":{},\"s\":\"BTCUSDT\","
                      "\"b\":\"{}"
                      ".00\",\"B\":\"1.50000000\",\"a\":\"60001.00\",\"A\":\"1.50000000\"}}}}\n",
                      1'000'000 + id * 1'000, id / 4 * 4, at);
    }
    text.append(kPadding, ' ');
    split(out, 0, Market::BinanceSpot);
}

}  // namespace

RecordedLines load_lines(const std::string& folder, std::size_t limit) {
    RecordedLines out;
    out.buffers.reserve(std::size(kFiles));
    for (const File& file : kFiles) {
        std::string text;
        if (!read_gz(folder + "/" + file.path, text)) continue;
        out.buffers.push_back(std::move(text));
        split(out, out.buffers.size() - 1, file.market);
    }
    if (out.lines.empty()) make_lines(out, limit == 0 ? 200'000 : limit);
    std::stable_sort(out.lines.begin(), out.lines.end(),
                     [](const Line& a, const Line& b) { return a.received_ns < b.received_ns; });
    if (limit > 0 && out.lines.size() > limit) out.lines.resize(limit);
    return out;
}

}  // namespace parallax::bench
