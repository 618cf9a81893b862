// Every line of the recordings through the parser: nothing malformed, and as many of each kind as
// their README says.
#include "adapters/venues/bybit/instruments.hpp"
#include "adapters/venues/bybit/parse.hpp"
#include "adapters/venues/common/frame_text.hpp"
#include "adapters/venues/common/test_support.hpp"
#include "book/feed_book.hpp"
#include "testing/folders/folders.hpp"

#include <gtest/gtest.h>

namespace parallax::bybit {
namespace {

using Content = ports::MarketFrame;
namespace vc = venue_common;
const std::filesystem::path kData = recordings();
const UnixNanos kNow = UnixNanos::from_millis(1'700'000'000'000);

struct Counts {
    std::size_t snapshot = 0, delta = 0, trade_frames = 0, control = 0, gaps = 0;
    friend bool operator==(const Counts&, const Counts&) = default;
};
std::ostream& operator<<(std::ostream& os, const Counts& c) {
    return os << "snapshot " << c.snapshot << " delta " << c.delta << " trades " << c.trade_frames
              << " control " << c.control << " gaps " << c.gaps;
}

/// Feeds books as well, so that update ids are proved by the gap policy they are for.
Counts run(Market market, const std::vector<std::string>& frames) {
    Universe universe;
    Parser parser{market, universe};
    Parser full{market, universe};
    std::vector<book::FeedBook> books;
    Counts counts;
    for (const std::string& frame : frames) {
        ports::MarketFrame out;
        ports::MarketFrame again;
        const auto once = [&] { return parser.parse(frame, kNow, out); };
        EXPECT_TRUE(vc::parse_growing(universe, market, once, infer_definition, out)) << frame;
        EXPECT_TRUE(full.parse_full(frame, kNow, again)) << frame;
        EXPECT_EQ(vc::frame_text(out), vc::frame_text(again)) << frame;
        counts.trade_frames += out.has(Content::kTrades) ? 1 : 0;
        counts.control += out.has(Content::kControl) ? 1 : 0;
        if (!out.has(Content::kDepth)) continue;
        const messages::DepthUpdate& d = out.depth;
        const bool snapshot = d.kind == messages::DepthKind::Snapshot;
        ++(snapshot ? counts.snapshot : counts.delta);
        while (books.size() <= d.instrument.index()) books.emplace_back(book::GapPolicy::NextId);
        counts.gaps +=
            books[d.instrument.index()]
                    .on_depth(
                        {snapshot, d.first_id, d.last_id, d.previous_id, kNow, {}, d.bids, d.asks})
                    .gap
                ? 1
                : 0;
    }
    return counts;
}

TEST(RecordedV5, EveryLineIsRead) {
    const auto zip = kData / "bybit_v5_ob500_2024-12-01" / "xrpusdt-ob500.data.zip";
    if (!std::filesystem::exists(zip)) GTEST_SKIP() << "no recording at " << zip;
    EXPECT_EQ(run(Market::BybitLinear, vc::read_zip_lines(zip)),
              (Counts{.snapshot = 1, .delta = 49}));
}

TEST(RecordedV2, EveryLineIsRead) {
    const auto folder = kData / "bybit_v2_2021-04-17";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no recording at " << folder;
    EXPECT_EQ(run(Market::BybitLinear, vc::read_frames(folder / "BYBIT.ws.25.0")),
              (Counts{.snapshot = 8, .delta = 3252, .trade_frames = 66, .control = 16}));
    EXPECT_EQ(run(Market::BybitInverse, vc::read_frames(folder / "BYBIT.ws.26.0")),
              (Counts{.snapshot = 2, .delta = 1016, .trade_frames = 76, .control = 4}));
}

TEST(RecordedV2, InstrumentsCanBeListed) {
    const auto folder = kData / "bybit_v2_2021-04-17";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no recording at " << folder;
    Universe universe;
    std::size_t listed = 0;
    const auto answers = vc::read_answers(folder / "BYBIT.0");
    ASSERT_FALSE(answers.empty());
    for (const Market market : {Market::BybitLinear, Market::BybitInverse}) {
        const auto definitions = parse_instruments(market, answers.front().body);
        ASSERT_TRUE(definitions);
        for (const InstrumentDefinition& d : *definitions) {
            EXPECT_TRUE(universe.list(d)) << d.venue_symbol;
            ++listed;
        }
    }
    EXPECT_EQ(listed, 15U);
    const auto future = universe.find(Market::BybitInverse, "BTCUSDM21");
    ASSERT_TRUE(future);
    EXPECT_EQ(universe.symbol_of(*future).name, "BTC/USD:BTC-210625");
}

}  // namespace
}  // namespace parallax::bybit
