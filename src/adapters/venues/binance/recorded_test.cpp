// Every line of the recordings through the parser: nothing malformed, and as many of each kind as
// their README says.
#include "adapters/venues/binance/instruments.hpp"
#include "adapters/venues/binance/parse.hpp"
#include "adapters/venues/common/frame_text.hpp"
#include "adapters/venues/common/test_support.hpp"
#include "testing/folders/folders.hpp"

#include <gtest/gtest.h>

namespace parallax::binance {
namespace {

using Content = ports::MarketFrame;
namespace vc = venue_common;
const std::filesystem::path kData = recordings();
const UnixNanos kNow = UnixNanos::from_millis(1'700'000'000'000);

struct Counts {
    std::size_t delta = 0, snapshot = 0, quote = 0, trade = 0, kline = 0, other = 0, malformed = 0,
                unequal = 0;
    friend bool operator==(const Counts&, const Counts&) = default;
};
std::ostream& operator<<(std::ostream& os, const Counts& c) {
    return os << "delta " << c.delta << " snapshot " << c.snapshot << " quote " << c.quote
              << " trade " << c.trade << " kline " << c.kline << " other " << c.other
              << " malformed " << c.malformed << " unequal " << c.unequal;
}

/// Counts what parse() finds; every 16th frame also goes through the full reader and must come out
/// the same.
class Recording {
public:
    explicit Recording(Market market)
        : market_{market}, fast_{market, universe_}, full_{market, universe_} {}

    void frame(std::string_view frame, std::string_view symbol = {}) {
        ports::MarketFrame out;
        const auto once = [&] { return fast_.parse(frame, kNow, out, symbol); };
        if (!vc::parse_growing(universe_, market_, once, infer_definition, out)) {
            ++counts_.malformed;
            return;
        }
        count(out);
        if (++frames_ % 16 != 0) return;
        ports::MarketFrame again;
        const bool same = full_.parse_full(frame, kNow, again, symbol) &&
                          vc::frame_text(out) == vc::frame_text(again);
        counts_.unequal += same ? 0 : 1;
    }
    [[nodiscard]] const Counts& counts() const noexcept { return counts_; }
    [[nodiscard]] const Universe& universe() const noexcept { return universe_; }

private:
    void count(const ports::MarketFrame& out) {
        if (out.has(Content::kDepth)) {
            ++(out.depth.kind == messages::DepthKind::Snapshot ? counts_.snapshot : counts_.delta);
        } else if (out.has(Content::kQuote)) {
            ++counts_.quote;
        } else if (out.has(Content::kTrades)) {
            counts_.trade += out.trades.size();
        } else if (out.has(Content::kKlines)) {
            ++counts_.kline;
        } else {
            ++counts_.other;
        }
    }
    Market market_;
    Universe universe_;
    Parser fast_;
    Parser full_;
    Counts counts_;
    std::size_t frames_ = 0;
};

Counts count_gzip(Market market, const char* file, const char* symbol) {
    Recording recording{market};
    for (const std::string& line : vc::read_gzip_lines(kData / "binance_2024-08-08" / file)) {
        recording.frame(std::string_view{line}.substr(line.find(' ') + 1), symbol);
    }
    return recording.counts();
}

#define PLX_NEEDS(folder)                           \
    if (!std::filesystem::exists(kData / (folder))) \
    GTEST_SKIP() << "no recording at " << (kData / (folder))

TEST(Recorded2024, EveryLineIsRead) {
    PLX_NEEDS("binance_2024-08-08");
    const auto counts = [](std::size_t depth, std::size_t quote, std::size_t trade) {
        return Counts{.delta = depth, .snapshot = 1, .quote = quote, .trade = trade};
    };
    EXPECT_EQ(count_gzip(Market::BinanceSpot, "spot/btcusdt_20240808.gz", "BTCUSDT"),
              counts(3451, 28040, 9757));
    EXPECT_EQ(count_gzip(Market::BinanceSpot, "spot/ethusdt_20240808.gz", "ETHUSDT"),
              counts(3434, 24077, 6106));
    EXPECT_EQ(count_gzip(Market::BinanceUsdm, "usdm/btcusdt_20240808.gz", "BTCUSDT"),
              counts(6551, 66089, 21313));
    EXPECT_EQ(count_gzip(Market::BinanceUsdm, "usdm/ethusdt_20240808.gz", "ETHUSDT"),
              counts(6586, 53992, 14076));
    EXPECT_EQ(count_gzip(Market::BinanceCoinm, "cm/btcusd_perp_20240808.gz", ""),
              counts(26847, 19136, 2286));
    EXPECT_EQ(count_gzip(Market::BinanceCoinm, "cm/ethusd_perp_20240808.gz", ""),
              counts(22909, 15812, 1732));
}

Counts count_folder(Market market, const char* folder, const char* stem, std::size_t& snapshots) {
    Recording recording{market};
    for (const std::string& frame :
         vc::read_frames(kData / folder / (std::string(stem) + ".ws.1.0")))
        recording.frame(frame);
    for (const vc::RestAnswer& answer :
         vc::read_answers(kData / folder / (std::string(stem) + ".http.0.0"))) {
        const std::size_t from = answer.url.find("symbol=") + 7;
        recording.frame(answer.body, answer.url.substr(from, answer.url.find('&') - from));
        ++snapshots;
    }
    return recording.counts();
}

TEST(Recorded2021, EveryLineIsRead) {
    PLX_NEEDS("binance_spot_2021-10-12");
    std::size_t snapshots = 0;
    EXPECT_EQ(count_folder(Market::BinanceSpot, "binance_spot_2021-10-12", "BINANCE", snapshots),
              (Counts{.delta = 177, .snapshot = 4, .quote = 84, .trade = 2, .kline = 2}));
    EXPECT_EQ(
        count_folder(Market::BinanceUsdm, "binance_usdm_2021-07-22", "BINANCE_FUTURES", snapshots),
        (Counts{.delta = 764, .snapshot = 4, .quote = 613, .trade = 91, .kline = 67}));
    EXPECT_EQ(count_folder(Market::BinanceCoinm, "binance_coinm_2021-07-22", "BINANCE_DELIVERY",
                           snapshots),
              (Counts{.delta = 2047, .snapshot = 10, .quote = 2240, .trade = 51, .kline = 33}));
    EXPECT_EQ(snapshots, 18U);
}

}  // namespace
}  // namespace parallax::binance
