#pragma once

#include <string>

#include <fmt/format.h>

#include "ports/market_frame.hpp"

/// A frame as text, so that tests and fuzzers can compare and print what two parsers made of the
/// same bytes.
namespace parallax::venue_common {

inline std::string stamp_text(const messages::Stamp& s) {
    return fmt::format("@{}/{}/{}", s.received.nanos(), s.venue_time.nanos(), s.sent.nanos());
}
inline std::string levels_text(std::span<const Level> levels) {
    std::string out = "[";
    for (const Level& level : levels)
        out += fmt::format("{}x{} ", level.price.raw(), level.quantity.raw());
    return out + "]";
}

inline std::string frame_text(const ports::MarketFrame& f) {
    using Content = ports::MarketFrame;
    std::string out = fmt::format("contents {:x}", f.contents);
    if (f.has(Content::kDepth)) {
        const messages::DepthUpdate& d = f.depth;
        out += fmt::format(" depth {} {} {} U{} u{} pu{} crc{}:{} ", d.instrument.raw(),
                           static_cast<int>(d.kind), stamp_text(d.stamp), d.first_id, d.last_id,
                           d.previous_id, d.has_checksum, d.checksum);
        out += levels_text(d.bids) + levels_text(d.asks);
    }
    if (f.has(Content::kQuote)) {
        out += fmt::format(" quote {} {} u{} ", f.quote.instrument.raw(), stamp_text(f.quote.stamp),
                           f.quote.update_id);
        out += levels_text({&f.quote.bid, 1}) + levels_text({&f.quote.ask, 1});
    }
    if (f.has(Content::kTrades)) {
        for (const messages::TradePrint& t : f.trades) {
            out += fmt::format(" trade {} {} #{} {}x{} {}", t.instrument.raw(), stamp_text(t.stamp),
                               t.trade_id, t.price.raw(), t.quantity.raw(), to_string(t.aggressor));
        }
    }
    if (f.has(Content::kMark)) {
        const messages::MarkPrice& m = f.mark;
        out += fmt::format(" mark {} {} {} {} {}:{} {} {}", m.instrument.raw(), stamp_text(m.stamp),
                           m.mark.raw(), m.index.raw(), m.has_funding, m.funding_rate.raw(),
                           m.next_funding.nanos(), m.funding_interval.count());
    }
    if (f.has(Content::kTicker)) {
        const messages::Ticker& t = f.ticker;
        out += fmt::format(" ticker {} {} {} {} {} {} {}", t.instrument.raw(), stamp_text(t.stamp),
                           t.last.raw(), t.high.raw(), t.low.raw(), t.open.raw(), t.volume.raw());
    }
    if (f.has(Content::kKlines)) {
        for (const messages::Kline& k : f.klines) {
            out += fmt::format(" kline {} {} {} {} {} {} {} {} {} {}", k.instrument.raw(),
                               stamp_text(k.stamp), k.open_time.nanos(), k.interval.count(),
                               k.open.raw(), k.high.raw(), k.low.raw(), k.close.raw(),
                               k.volume.raw(), k.closed);
        }
    }
    if (f.has(Content::kUnknownInstrument) || f.has(Content::kFinerScale)) {
        out += fmt::format(" {} decimals {} {}", f.instrument.raw(), f.price_decimals,
                           f.quantity_decimals);
    }
    if (f.has(Content::kUnknownInstrument) || f.has(Content::kError))
        out += fmt::format(" '{}'", f.note);
    return out;
}

}  // namespace parallax::venue_common
