#pragma once

#include "adapters/venues/common/json.hpp"
#include "adapters/venues/okx/scan.hpp"

namespace parallax::okx {

/// Everything that need not be fast: any JSON shape, the rare channels, what the venue answers to
/// our requests.
class Cold {
public:
    explicit Cold(const venue_common::SymbolCache& symbols) : symbols_{&symbols} {}

    [[nodiscard]] HotResult<void> read(std::string_view frame, Sink& sink);
    /// A REST order book of the symbol.
    [[nodiscard]] HotResult<void> snapshot(std::string_view body, std::string_view symbol,
                                           Sink& sink);

private:
    struct Message {
        venue_common::Object frame;
        std::string_view channel;
        std::string_view symbol;
        venue_common::Array rows;
    };

    HotResult<void> event(std::string_view kind, venue_common::Object frame, Sink& sink);
    HotResult<void> push(const Message& message, Sink& sink);
    HotResult<void> book(const Message& message, Sink& sink);
    HotResult<void> trades(const Message& message, Sink& sink);
    HotResult<void> rewritten(Sink& sink);
    HotResult<void> ticker(const Message& message, venue_common::Object row, Sink& sink);
    HotResult<void> mark_price(const Message& message, venue_common::Object row, Sink& sink);
    HotResult<void> funding_rate(const Message& message, venue_common::Object row, Sink& sink);
    HotResult<void> candles(const Message& message, Sink& sink);
    void begin_frame(const Message& message);
    void put_row(venue_common::Object row);

    const venue_common::SymbolCache* symbols_;
    simdjson::dom::parser json_;
    venue_common::Rewriter form_;
    std::string note_;
    std::vector<messages::Kline> klines_;
};

}  // namespace parallax::okx
