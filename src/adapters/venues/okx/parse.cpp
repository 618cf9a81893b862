#include "adapters/venues/okx/parse.hpp"

#include "adapters/venues/okx/cold.hpp"

namespace parallax::okx {

Parser::Parser(Market market, const Universe& universe)
    : symbols_{market, universe}, cold_{std::make_unique<Cold>(symbols_)} {}
Parser::~Parser() = default;

HotResult<void> Parser::parse(std::string_view frame, UnixNanos received,
                              ports::MarketFrame& out) noexcept {
    symbols_.refresh();
    Sink sink{received, levels_, trades_, out};
    venue_common::Exact exact{symbols_};
    venue_common::Cursor at{frame};
    if (scan_frame(at, exact, sink) && at.at_end()) [[likely]]
        return {};
    out.contents = ports::MarketFrame::kNone;
    return cold_->read(frame, sink);
}

HotResult<void> Parser::parse_full(std::string_view frame, UnixNanos received,
                                   ports::MarketFrame& out) noexcept {
    symbols_.refresh();
    Sink sink{received, levels_, trades_, out};
    out.contents = ports::MarketFrame::kNone;
    return cold_->read(frame, sink);
}

HotResult<void> Parser::parse_snapshot(std::string_view body, std::string_view venue_symbol,
                                       UnixNanos received, ports::MarketFrame& out) noexcept {
    symbols_.refresh();
    Sink sink{received, levels_, trades_, out};
    out.contents = ports::MarketFrame::kNone;
    return cold_->snapshot(body, venue_symbol, sink);
}

}  // namespace parallax::okx
