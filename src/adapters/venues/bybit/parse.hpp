#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "adapters/venues/common/symbol_cache.hpp"
#include "core/instrument.hpp"
#include "core/market.hpp"
#include "core/result.hpp"
#include "ports/market_frame.hpp"

namespace parallax::bybit {

class Cold;

/// Best bid and ask of one instrument as orderbook.1 leaves them: a delta may carry one side only.
struct TopOfBook {
    WireFormat wire;
    Level bid;
    Level ask;
};

/// Reads the v5 public topics of one Bybit market (spot, linear or inverse), and the order books
/// and trades of the retired v2 API in recordings. Order books and trades in the documented form
/// are scanned in place; anything else goes through a full JSON reader with the same outcome.
/// Single-threaded; allocates only when a message is larger than all before or its instrument is
/// new. Source: bybit-exchange/docs, docs/v5/websocket/public, 2026-07-24.
class Parser {
public:
    /// The universe must outlive the parser. `market` is one of the three of Bybit.
    Parser(Market market, const Universe& universe);
    ~Parser();
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;

    /// Books: venue_time is cts, sent is ts; trades: T and ts. orderbook.1 becomes a quote without
    /// update id, as its numbering is its own. Tickers are deltas: what a frame leaves out comes
    /// from the frames before. Errors: Malformed; Unrepresentable (a number too large for its
    /// scale). On error `out` has no contents.
    [[nodiscard]] HotResult<void> parse(std::string_view frame, UnixNanos received,
                                        ports::MarketFrame& out) noexcept;
    /// The body of a /v5/market/orderbook answer for the symbol: a whole book whose id is that of
    /// the 1000-level stream, of no other. Errors: as parse; Malformed when it is something else or
    /// another symbol's, Rejected when the venue refused.
    [[nodiscard]] HotResult<void> parse_snapshot(std::string_view body,
                                                 std::string_view venue_symbol, UnixNanos received,
                                                 ports::MarketFrame& out) noexcept;
    /// parse() through the full JSON reader, whatever the frame's shape: for proving that both
    /// agree.
    [[nodiscard]] HotResult<void> parse_full(std::string_view frame, UnixNanos received,
                                             ports::MarketFrame& out) noexcept;

private:
    venue_common::SymbolCache symbols_;
    std::vector<Level> levels_;
    std::vector<messages::TradePrint> trades_;
    std::vector<TopOfBook> tops_;  ///< by instrument id
    std::unique_ptr<Cold> cold_;
};

}  // namespace parallax::bybit
