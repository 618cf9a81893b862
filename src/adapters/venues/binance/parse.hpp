#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "adapters/venues/common/symbol_cache.hpp"
#include "core/instrument.hpp"
#include "core/market.hpp"
#include "core/result.hpp"
#include "ports/market_frame.hpp"

namespace parallax::binance {

class Cold;
class FixMarket;

/// Reads the public streams of one Binance market (spot, USD-M or COIN-M), raw or combined, and
/// REST depth answers. Depth, best quotes and trades in the documented field order are scanned in
/// place; anything else goes through a full JSON reader with the same outcome. Messages over FIX
/// are told by their first bytes and read by FixMarket. Single-threaded; allocates only when a
/// message is larger than all before. Sources: binance-spot-api-docs web-socket-streams.md,
/// 2026-07-21; USD-M market streams, 2026-08-21.
class Parser {
public:
    /// The universe must outlive the parser. `market` is one of the three of Binance.
    Parser(Market market, const Universe& universe);
    ~Parser();
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;

    /// `default_symbol`: whose frame it is when it does not say (REST depth of spot and USD-M, raw
    /// partial depth). venue_time is T, sent is E; what the stream lacks stays unknown. Errors:
    /// Malformed; Unrepresentable (a number too large for its scale). On error `out` has no
    /// contents.
    [[nodiscard]] HotResult<void> parse(std::string_view frame, UnixNanos received,
                                        ports::MarketFrame& out,
                                        std::string_view default_symbol = {}) noexcept;
    /// The body of a REST depth answer for the symbol. Errors: as parse; Malformed when it is
    /// something else.
    [[nodiscard]] HotResult<void> parse_snapshot(std::string_view body,
                                                 std::string_view venue_symbol, UnixNanos received,
                                                 ports::MarketFrame& out) noexcept;
    /// parse() through the full JSON reader, whatever the frame's shape: for proving that both
    /// agree.
    [[nodiscard]] HotResult<void> parse_full(std::string_view frame, UnixNanos received,
                                             ports::MarketFrame& out,
                                             std::string_view default_symbol = {}) noexcept;

private:
    venue_common::SymbolCache symbols_;
    std::vector<Level> levels_;
    messages::TradePrint trade_;
    std::unique_ptr<Cold> cold_;
    std::unique_ptr<FixMarket> fix_;
};

}  // namespace parallax::binance
