#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "adapters/venues/common/symbol_cache.hpp"
#include "core/instrument.hpp"
#include "core/market.hpp"
#include "core/result.hpp"
#include "ports/market_frame.hpp"

namespace parallax::okx {

class Cold;

/// Reads OKX's v5 public and business channels of every instrument type. Books, best quotes and
/// trades in the documented field order are scanned in place; anything else goes through a full
/// JSON reader with the same outcome. Single-threaded; allocates only when a message is larger than
/// all before. Source: OKX v5 documentation, order book trading and public data, 2026-07-28.
class Parser {
public:
    /// The universe must outlive the parser. `market` is Market::Okx.
    Parser(Market market, const Universe& universe);
    ~Parser();
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;

    /// venue_time is the row's ts; there is no other time. books: prevSeqId and seqId, -1 and 0
    /// where the frame has none (before 2023); a checksum of 0 counts as none (always so since June
    /// 2026). Errors: Malformed; Unrepresentable (a number too large for its scale). On error `out`
    /// has no contents.
    [[nodiscard]] HotResult<void> parse(std::string_view frame, UnixNanos received,
                                        ports::MarketFrame& out) noexcept;
    /// The body of a /api/v5/market/books answer for the instrument: a whole book, numbered like
    /// the books channel where it says seqId. Errors: as parse; Malformed when it is something
    /// else, Rejected when the venue refused.
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
    std::unique_ptr<Cold> cold_;
};

}  // namespace parallax::okx
