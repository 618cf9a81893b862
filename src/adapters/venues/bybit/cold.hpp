#pragma once

#include "adapters/venues/bybit/parse_v2.hpp"
#include "adapters/venues/bybit/scan.hpp"
#include "adapters/venues/common/json.hpp"

namespace parallax::bybit {

/// Everything that need not be fast: any JSON shape, the rare topics, what the venue answers to our
/// requests.
class Cold {
public:
    explicit Cold(const venue_common::SymbolCache& symbols) : symbols_{&symbols} {}

    [[nodiscard]] HotResult<void> read(std::string_view frame, Sink& sink);
    /// A REST order book of the symbol.
    [[nodiscard]] HotResult<void> snapshot(std::string_view body, std::string_view symbol,
                                           Sink& sink);

private:
    /// What a ticker said last, as text: deltas leave out what did not change, and scales may grow
    /// in between.
    struct TickerMemory {
        std::string last, high, low, open, volume, mark, index, funding_rate, next_funding,
            funding_hours;
    };

    HotResult<void> reply(venue_common::Object frame, Sink& sink);
    HotResult<void> topic(std::string_view topic, venue_common::Object frame, Sink& sink);
    HotResult<void> book(std::string_view topic, venue_common::Object frame, Sink& sink);
    void put_book(venue_common::Object data);
    HotResult<void> trades(std::string_view topic, venue_common::Object frame, Sink& sink);
    HotResult<void> rewritten(Sink& sink);
    HotResult<void> ticker(venue_common::Object frame, Sink& sink);
    HotResult<void> klines(std::string_view topic, venue_common::Object frame, Sink& sink);
    TickerMemory& remember(const venue_common::SymbolCache::Entry* entry, venue_common::Object data,
                           bool whole);

    const venue_common::SymbolCache* symbols_;
    simdjson::dom::parser json_;
    venue_common::Rewriter form_;
    std::string note_;
    std::vector<TickerMemory> tickers_;  ///< by instrument id
    TickerMemory unknown_ticker_;
    std::vector<messages::Kline> klines_;
    LegacyNumbering legacy_;
};

}  // namespace parallax::bybit
