#pragma once

#include <optional>

#include "adapters/venues/binance/scan.hpp"
#include "adapters/venues/common/json.hpp"

namespace parallax::binance {

/// Everything that need not be fast: any JSON shape, the rare messages, what the venue answers to
/// our requests.
class Cold {
public:
    explicit Cold(const venue_common::SymbolCache& symbols) : symbols_{&symbols} {}

    [[nodiscard]] HotResult<void> read(std::string_view frame, std::string_view default_symbol,
                                       Sink& sink);

private:
    struct Message {  ///< a payload and what is known about it from outside
        venue_common::Object data;
        std::string_view stream;  ///< empty on raw streams
        std::string_view default_symbol;
    };

    HotResult<void> payload(const Message& message, Sink& sink);
    HotResult<void> event(std::string_view kind, const Message& message, Sink& sink);
    HotResult<void> reply(venue_common::Object data, Sink& sink);
    HotResult<void> rewritten(Form form, Sink& sink);
    HotResult<void> depth(const Message& message, Sink& sink);
    HotResult<void> snapshot(const Message& message, Sink& sink);
    HotResult<void> book_ticker(venue_common::Object data, Sink& sink);
    HotResult<void> trade(venue_common::Object data, Form form, Sink& sink);
    HotResult<void> kline(venue_common::Object data, Sink& sink);
    HotResult<void> ticker(venue_common::Object data, Sink& sink);
    HotResult<void> mark_price(venue_common::Object data, Sink& sink);

    const venue_common::SymbolCache* symbols_;
    simdjson::dom::parser json_;
    venue_common::Rewriter form_;
    std::string note_;
    messages::Kline kline_;
};

}  // namespace parallax::binance
