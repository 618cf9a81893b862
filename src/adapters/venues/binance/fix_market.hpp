#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/fix/fields.hpp"
#include "adapters/venues/common/settle.hpp"
#include "adapters/venues/common/symbol_cache.hpp"

namespace parallax::binance {

/// Whether this is a FIX message; nothing else the venue sends begins like one.
[[nodiscard]] inline bool is_fix(std::string_view message) noexcept {
    return message.starts_with("8=FIX");
}

/// What a market data session may bring of a symbol.
enum class FixStream : std::uint8_t { Book, Best, Trades };

/// MDReqID(262) under which we ask for a stream: "book-BTCUSDT". It says what an answer is, as one
/// level of a book and a best price look alike. Symbols that are not of A-Z and 0-9 are hashed.
[[nodiscard]] std::string fix_request_id(FixStream stream, std::string_view symbol);
/// None: not an id of ours.
[[nodiscard]] std::optional<FixStream> fix_stream(std::string_view request_id) noexcept;

/// Reads market data of Binance spot over FIX.4.4 (sheet: section 6.6) from a message's bytes:
/// snapshots (W) and updates (X) of books, best prices and trades, refusals (Y, 3, j). What the
/// session checked is not checked again (BodyLength, CheckSum). Single-threaded; allocates only
/// when a message is larger than all before.
class FixMarket {
public:
    /// The cache is refreshed by its owner.
    explicit FixMarket(const venue_common::SymbolCache& symbols) noexcept : symbols_{&symbols} {}

    /// As Parser::parse. A book's update may cover several ranges of ids, if none is missing
    /// between them: it is told as one. An update of a best price may name one side only, so the
    /// other one is remembered; before a snapshot that is nothing.
    [[nodiscard]] HotResult<void> read(std::string_view message, UnixNanos received,
                                       ports::MarketFrame& out);

private:
    using Entry = venue_common::SymbolCache::Entry;
    /// What stands before the entries.
    struct Head {
        std::string_view type, id, symbol, text;
        UnixNanos sent;
        std::optional<std::uint64_t> last;   ///< LastBookUpdateID of a snapshot
        std::optional<std::uint64_t> count;  ///< of entries
        bool bad = false;
    };
    struct Row {  ///< an entry's own fields
        char action = 0, kind = 0;
        std::string_view price, quantity, symbol, first, last, time, trade, aggressor;
    };
    struct Best {
        bool known = false;  ///< both sides
        std::uint8_t price_decimals = 0, quantity_decimals = 0;
        Level sides[2];
    };
    enum class Step : std::uint8_t { Good, Odd, Inexpressible };

    [[nodiscard]] static Head read_head(fix::Fields& fields) noexcept;
    template <class Take>
    [[nodiscard]] static Step each_row(fix::Fields& fields, const Head& head, Take take);
    [[nodiscard]] Step level(const Row& row, bool gone, Level& out) const noexcept;
    [[nodiscard]] Step book(fix::Fields fields, const Head& head, ports::MarketFrame& out);
    [[nodiscard]] Step best(fix::Fields fields, const Head& head, ports::MarketFrame& out);
    [[nodiscard]] Step trades(fix::Fields fields, const Head& head, UnixNanos received,
                              ports::MarketFrame& out);
    [[nodiscard]] Best& best_of(const Entry& entry);
    [[nodiscard]] HotResult<void> settle(fix::Fields fields, std::string_view symbol,
                                         ports::MarketFrame& out);

    const venue_common::SymbolCache* symbols_;
    const Entry* entry_ = nullptr;  ///< of the message being read
    std::vector<Level> sides_[2];
    std::vector<messages::TradePrint> trades_;
    std::vector<Best> bests_;  ///< by instrument
    std::string note_;
};

}  // namespace parallax::binance
