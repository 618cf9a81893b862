#include "adapters/venues/bybit/parse.hpp"

#include "adapters/venues/bybit/cold.hpp"

namespace parallax::bybit {
namespace {

void lay_over(Level& top, std::span<const Level> levels) noexcept {
    for (const Level& level : levels) {
        if (!level.quantity.is_zero()) {
            top = level;
        } else if (level.price == top.price) {
            top = {};
        }
    }
}

void rescale(Level& level, std::int64_t price_factor, std::int64_t quantity_factor) noexcept {
    level = {Price::from_raw(level.price.raw() * price_factor),
             Quantity::from_raw(level.quantity.raw() * quantity_factor)};
}

}  // namespace

void update_top(TopOfBook& top, const WireFormat& wire, bool whole, std::span<const Level> bids,
                std::span<const Level> asks) noexcept {
    if (whole || wire.quantity_multiplier != top.wire.quantity_multiplier) {
        top = {};
    } else if (!(wire == top.wire)) {
        // Scales only grow, and whoever let them grow has made sure that numbers of this symbol
        // still fit.
        const auto price_digits =
            static_cast<std::uint8_t>(wire.price_decimals - top.wire.price_decimals);
        const auto quantity_digits =
            static_cast<std::uint8_t>(wire.quantity_decimals - top.wire.quantity_decimals);
        rescale(top.bid, pow10(price_digits), pow10(quantity_digits));
        rescale(top.ask, pow10(price_digits), pow10(quantity_digits));
    }
    top.wire = wire;
    lay_over(top.bid, bids);
    lay_over(top.ask, asks);
}

Parser::Parser(Market market, const Universe& universe)
    : symbols_{market, universe}, cold_{std::make_unique<Cold>(symbols_)} {}
Parser::~Parser() = default;

HotResult<void> Parser::parse(std::string_view frame, UnixNanos received,
                              ports::MarketFrame& out) noexcept {
    symbols_.refresh();
    Sink sink{received, levels_, trades_, tops_, out};
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
    Sink sink{received, levels_, trades_, tops_, out};
    out.contents = ports::MarketFrame::kNone;
    return cold_->read(frame, sink);
}

HotResult<void> Parser::parse_snapshot(std::string_view body, std::string_view venue_symbol,
                                       UnixNanos received, ports::MarketFrame& out) noexcept {
    symbols_.refresh();
    Sink sink{received, levels_, trades_, tops_, out};
    out.contents = ports::MarketFrame::kNone;
    return cold_->snapshot(body, venue_symbol, sink);
}

}  // namespace parallax::bybit
