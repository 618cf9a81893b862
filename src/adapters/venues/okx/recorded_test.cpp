// Every line of the recording through the parser: nothing malformed, as many of each kind as its
// README says, and the books rebuilt from it have the checksums that the venue sent.
#include "adapters/venues/common/frame_text.hpp"
#include "adapters/venues/common/test_support.hpp"
#include "adapters/venues/okx/instruments.hpp"
#include "adapters/venues/okx/parse.hpp"
#include "testing/folders/folders.hpp"

#include <gtest/gtest.h>

namespace parallax::okx {
namespace {

using Content = ports::MarketFrame;
namespace vc = venue_common;
const std::filesystem::path kData = recordings();
const UnixNanos kNow = UnixNanos::from_millis(1'700'000'000'000);

TEST(Recorded2022, EveryLineIsRead) {
    const auto folder = kData / "okx_2022-05-13";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no recording at " << folder;
    Universe universe;
    Parser parser{Market::Okx, universe};
    Parser full{Market::Okx, universe};
    std::size_t snapshots = 0, deltas = 0, trade_frames = 0, tickers = 0, acks = 0, checksums = 0;
    for (const std::string& frame : vc::read_frames(folder / "OKX.ws.1.0")) {
        ports::MarketFrame out;
        ports::MarketFrame again;
        const auto once = [&] { return parser.parse(frame, kNow, out); };
        ASSERT_TRUE(vc::parse_growing(universe, Market::Okx, once, infer_definition, out)) << frame;
        ASSERT_TRUE(full.parse_full(frame, kNow, again)) << frame;
        ASSERT_EQ(vc::frame_text(out), vc::frame_text(again)) << frame;
        const bool snapshot =
            out.has(Content::kDepth) && out.depth.kind == messages::DepthKind::Snapshot;
        snapshots += snapshot ? 1 : 0;
        deltas += out.has(Content::kDepth) && !snapshot ? 1 : 0;
        checksums += out.has(Content::kDepth) && out.depth.has_checksum ? 1 : 0;
        trade_frames += out.has(Content::kTrades) ? 1 : 0;
        tickers += out.has(Content::kTicker) ? 1 : 0;
        acks += out.has(Content::kControl) ? 1 : 0;
    }
    EXPECT_EQ(snapshots, 3U);
    EXPECT_EQ(deltas, 287U);
    EXPECT_EQ(checksums, 290U);
    EXPECT_EQ(trade_frames, 74U);
    EXPECT_EQ(tickers, 28U);
    EXPECT_EQ(acks, 18U);
}

TEST(Recorded2022, InstrumentsOfEveryTypeCanBeListed) {
    const auto folder = kData / "okx_2022-05-13";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no recording at " << folder;
    Universe universe;
    std::size_t listed = 0;
    const auto answers = vc::read_answers(folder / "OKX.0");
    for (std::size_t i = 0; i < 4; ++i) {
        const auto definitions = parse_instruments(answers[i].body);
        ASSERT_TRUE(definitions) << answers[i].url;
        for (const InstrumentDefinition& d : *definitions) {
            EXPECT_TRUE(universe.list(d)) << d.venue_symbol;
            ++listed;
        }
    }
    EXPECT_EQ(listed, 513U + 166U + 104U);  // the fourth answer holds options only
    const Instrument& swap = universe.instrument(*universe.find(Market::Okx, "BTC-USDT-SWAP"));
    EXPECT_EQ(swap.kind, InstrumentKind::LinearPerpetual);
    EXPECT_EQ(universe.definition(swap.id).contract_size, "0.01");
    const Instrument& future = universe.instrument(*universe.find(Market::Okx, "BTC-USD-220527"));
    EXPECT_EQ(future.kind, InstrumentKind::InverseFuture);
    EXPECT_EQ(future.wire.quantity_multiplier, 100);
    EXPECT_EQ(universe.symbol_of(future.id).name, "BTC/USD:BTC-220527");
}

}  // namespace
}  // namespace parallax::okx
