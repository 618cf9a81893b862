#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/ids.hpp"
#include "messages/market.hpp"

namespace parallax::ports {

/// What a venue's parser found in one frame. Spans point into the parser's own buffers: valid until
/// its next call. One frame may carry several contents (Bybit tickers: ticker and mark price).
struct MarketFrame {
    enum Content : std::uint16_t {
        kNone = 0,          ///< valid, but of no use to us (an event kind we do not follow)
        kControl = 1 << 0,  ///< acknowledgement, pong, notice
        kDepth = 1 << 1,
        kQuote = 1 << 2,
        kTrades = 1 << 3,
        kMark = 1 << 4,
        kTicker = 1 << 5,
        kKlines = 1 << 6,
        kError = 1 << 7,  ///< the venue refused something we sent; text in `note`
        /// The symbol is not in the universe: `note` is the venue symbol, the decimals are the
        /// finest in the frame.
        kUnknownInstrument = 1 << 8,
        /// A number is finer than the symbol's scale: refine(instrument, decimals), then parse the
        /// frame again.
        kFinerScale = 1 << 9,
    };
    std::uint16_t contents = kNone;
    messages::DepthUpdate depth;
    messages::BestQuote quote;
    std::span<const messages::TradePrint> trades;
    messages::MarkPrice mark;
    messages::Ticker ticker;
    std::span<const messages::Kline> klines;
    std::string_view note;
    InstrumentId instrument;             ///< of kFinerScale
    std::uint8_t price_decimals = 0;     ///< with kUnknownInstrument and kFinerScale
    std::uint8_t quantity_decimals = 0;  ///< in the venue's own unit (contracts)

    [[nodiscard]] bool has(Content content) const noexcept { return (contents & content) != 0; }
};

}  // namespace parallax::ports
