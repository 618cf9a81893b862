#include "adapters/venues/binance/parse.hpp"

#include "adapters/venues/binance/cold.hpp"
#include "adapters/venues/binance/fix_market.hpp"

namespace parallax::binance {
namespace {

using venue_common::Cursor;
using venue_common::Exact;

/// What a combined stream's name says about a depthUpdate. Nothing: the stream is another kind of
/// book (rpiDepth).
std::optional<messages::DepthKind> depth_kind(std::string_view stream) noexcept {
    if (stream.empty()) return messages::DepthKind::Delta;
    const std::size_t at = stream.find('@');
    constexpr std::string_view kDepth = "@depth";
    if (at == std::string_view::npos || !stream.substr(at).starts_with(kDepth)) return std::nullopt;
    const std::string_view rest = stream.substr(at + kDepth.size());
    const bool partial =
        !rest.empty() && rest.front() >= '0' && rest.front() <= '9';  // @depth20: whole each time
    return partial ? messages::DepthKind::Snapshot : messages::DepthKind::Delta;
}

[[gnu::always_inline]] inline bool scan_payload(Cursor& at, Exact& exact, std::string_view stream,
                                                Sink& sink) {
    if (!at.take("{")) return false;
    if (!at.take("\"e\":\"") || at.take("bookTicker\","))
        return detail::book_ticker(at, exact, sink);
    if (at.take("trade\"")) return detail::trade(at, exact, sink);
    if (at.take("aggTrade\"")) return detail::agg_trade(at, exact, sink);
    if (!at.take("depthUpdate\"")) return false;
    const auto kind = depth_kind(stream);
    return kind && detail::depth(at, exact, *kind, sink);
}

[[gnu::always_inline]] inline bool scan_frame(Cursor& at, Exact& exact, Sink& sink) {
    std::string_view stream;
    const bool combined = at.take("{\"stream\":\"");
    if (combined && !(at.text(stream) && at.take(",\"data\":"))) return false;
    return scan_payload(at, exact, stream, sink) && at.take("}") && (!combined || at.take("}")) &&
           at.at_end();
}

}  // namespace

Parser::Parser(Market market, const Universe& universe)
    : symbols_{market, universe},
      cold_{std::make_unique<Cold>(symbols_)},
      fix_{std::make_unique<FixMarket>(symbols_)} {}
Parser::~Parser() = default;

HotResult<void> Parser::parse(std::string_view frame, UnixNanos received, ports::MarketFrame& out,
                              std::string_view default_symbol) noexcept {
    symbols_.refresh();
    Sink sink{received, levels_, trade_, out};
    Exact exact{symbols_};
    Cursor at{frame};
    if (scan_frame(at, exact, sink)) [[likely]]
        return {};
    out.contents = ports::MarketFrame::kNone;
    if (is_fix(frame)) return fix_->read(frame, received, out);
    return cold_->read(frame, default_symbol, sink);
}

HotResult<void> Parser::parse_full(std::string_view frame, UnixNanos received,
                                   ports::MarketFrame& out,
                                   std::string_view default_symbol) noexcept {
    symbols_.refresh();
    Sink sink{received, levels_, trade_, out};
    out.contents = ports::MarketFrame::kNone;
    return cold_->read(frame, default_symbol, sink);
}

HotResult<void> Parser::parse_snapshot(std::string_view body, std::string_view venue_symbol,
                                       UnixNanos received, ports::MarketFrame& out) noexcept {
    using Content = ports::MarketFrame;
    const auto result = parse_full(body, received, out, venue_symbol);
    if (!result) return result;
    const bool snapshot =
        out.has(Content::kDepth) && out.depth.kind == messages::DepthKind::Snapshot;
    if (snapshot || out.has(Content::kUnknownInstrument) || out.has(Content::kFinerScale))
        return {};
    out.contents = Content::kNone;
    return fail(Errc::Malformed);
}

}  // namespace parallax::binance
