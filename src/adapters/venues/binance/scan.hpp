#pragma once

#include "adapters/venues/common/numbers.hpp"
#include "ports/market_frame.hpp"

/// The documented compact forms of the messages that must be fast. Written once for the venue's
/// bytes and for the text that rewrite.cpp makes of every other shape.
namespace parallax::binance {

enum class Form : std::uint8_t { Depth, DepthSnapshot, BookTicker, Trade, AggTrade };

/// Where a scan puts what it finds.
struct Sink {
    UnixNanos received;
    std::vector<Level>& levels;
    messages::TradePrint& trade;
    ports::MarketFrame& out;
};

namespace detail {

using venue_common::Cursor;
using venue_common::ShortText;

[[nodiscard, gnu::always_inline]] inline bool skip_text(Cursor& at) noexcept {
    std::string_view ignored;
    return at.text(ignored);
}
[[nodiscard, gnu::always_inline]] inline bool skip_integer(Cursor& at) noexcept {
    std::uint64_t ignored = 0;
    return at.integer(ignored);
}
template <std::size_t N>
[[nodiscard, gnu::always_inline]] inline bool optional_text(Cursor& at,
                                                            const char (&key)[N]) noexcept {
    return !at.take(key) || skip_text(at);
}
template <std::size_t N>
[[nodiscard, gnu::always_inline]] inline bool optional_integer(Cursor& at,
                                                               const char (&key)[N]) noexcept {
    return !at.take(key) || skip_integer(at);
}
template <std::size_t N>
[[nodiscard, gnu::always_inline]] inline bool optional_time(Cursor& at, const char (&key)[N],
                                                            UnixNanos& out) noexcept {
    return !at.take(key) || at.time(out);
}
template <class Numbers>
[[nodiscard, gnu::always_inline]] inline bool symbol(Cursor& at, Numbers& numbers) noexcept {
    ShortText text;
    return at.take(",\"s\":\"") && at.short_text(text) && numbers.symbol(text) &&
           optional_text(at, ",\"ps\":\"") && optional_integer(at, ",\"st\":");
}

/// Behind `"e":"depthUpdate"`.
template <class Numbers>
[[nodiscard, gnu::always_inline]] inline bool depth(Cursor& at, Numbers& numbers,
                                                    messages::DepthKind kind, Sink& sink) {
    messages::DepthUpdate& depth = sink.out.depth;
    messages::Stamp stamp{.received = sink.received, .venue_time = {}, .sent = {}};
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::int64_t previous = -1;
    if (!at.take(",\"E\":") || !at.time(stamp.sent) ||
        !optional_time(at, ",\"T\":", stamp.venue_time) || !symbol(at, numbers) ||
        !at.take(",\"U\":") || !at.integer(first) || !at.take(",\"u\":") || !at.integer(last)) {
        return false;
    }
    if (at.take(",\"pu\":") && !at.signed_integer(previous)) return false;
    Level* const begin = venue_common::level_room(sink.levels, at.left());
    Level* end = begin;
    if (!at.take(",\"b\":[") || !scan_levels(at, numbers, end)) return false;
    Level* const middle = end;
    if (!at.take(",\"a\":[") || !scan_levels(at, numbers, end)) return false;
    if (!optional_text(at, ",\"ps\":\"") || !optional_integer(at, ",\"st\":")) return false;
    depth = {.instrument = numbers.instrument(),
             .kind = kind,
             .stamp = stamp,
             .first_id = first,
             .last_id = last,
             .previous_id = previous,
             .checksum = 0,
             .has_checksum = false,
             .bids = {begin, middle},
             .asks = {middle, end}};
    sink.out.contents = ports::MarketFrame::kDepth;
    return true;
}

/// At the first field: spot and COIN-M begin with u, USD-M with e.
template <class Numbers>
[[nodiscard, gnu::always_inline]] inline bool book_ticker(Cursor& at, Numbers& numbers,
                                                          Sink& sink) {
    messages::BestQuote& quote = sink.out.quote;
    messages::Stamp stamp{.received = sink.received, .venue_time = {}, .sent = {}};
    Level bid;
    Level ask;
    std::uint64_t id = 0;
    if (!at.take("\"u\":") || !at.integer(id)) return false;
    (void)at.take(",\"e\":\"bookTicker\"");
    if (!optional_time(at, ",\"E\":", stamp.sent) ||
        !optional_time(at, ",\"T\":", stamp.venue_time) || !symbol(at, numbers) ||
        !at.take(",\"b\":\"") || !numbers.price(at, bid.price) || !at.take(",\"B\":\"") ||
        !numbers.quantity(at, bid.quantity) || !at.take(",\"a\":\"") ||
        !numbers.price(at, ask.price) || !at.take(",\"A\":\"") ||
        !numbers.quantity(at, ask.quantity) || !optional_time(at, ",\"T\":", stamp.venue_time) ||
        !optional_time(at, ",\"E\":", stamp.sent) || !optional_integer(at, ",\"st\":")) {
        return false;
    }
    quote = {.instrument = numbers.instrument(),
             .stamp = stamp,
             .update_id = id,
             .bid = bid,
             .ask = ask};
    sink.out.contents = ports::MarketFrame::kQuote;
    return true;
}

inline void keep_trade(Sink& sink) noexcept {
    sink.out.trades = {&sink.trade, 1};
    sink.out.contents = ports::MarketFrame::kTrades;
}

/// m: the buyer was the maker.
[[nodiscard, gnu::always_inline]] inline bool aggressor(Cursor& at, Side& out) noexcept {
    bool buyer_made = false;
    bool ignored = false;
    if (!at.take(",\"m\":") || !at.boolean(buyer_made)) return false;
    if (at.take(",\"M\":") && !at.boolean(ignored)) return false;
    out = buyer_made ? Side::Sell : Side::Buy;
    return optional_integer(at, ",\"st\":");
}

/// Behind `"e":"trade"`.
template <class Numbers>
[[nodiscard, gnu::always_inline]] inline bool trade(Cursor& at, Numbers& numbers, Sink& sink) {
    messages::TradePrint& print = sink.trade;
    print.stamp = {.received = sink.received, .venue_time = {}, .sent = {}};
    if (!at.take(",\"E\":") || !at.time(print.stamp.sent) ||
        !optional_time(at, ",\"T\":", print.stamp.venue_time) || !symbol(at, numbers) ||
        !at.take(",\"t\":") || !at.integer(print.trade_id) || !at.take(",\"p\":\"") ||
        !numbers.price(at, print.price) || !at.take(",\"q\":\"") ||
        !numbers.quantity(at, print.quantity) || !optional_integer(at, ",\"b\":") ||
        !optional_integer(at, ",\"a\":") || !optional_time(at, ",\"T\":", print.stamp.venue_time)) {
        return false;
    }
    if (!at.take(",\"X\":\"MARKET\"") && !optional_text(at, ",\"X\":\"")) return false;
    if (!aggressor(at, print.aggressor)) return false;
    print.instrument = numbers.instrument();
    keep_trade(sink);
    return true;
}

/// Behind `"e":"aggTrade"`. Older USD-M and COIN-M frames have `a` before `s`.
template <class Numbers>
[[nodiscard, gnu::always_inline]] inline bool agg_trade(Cursor& at, Numbers& numbers, Sink& sink) {
    messages::TradePrint& print = sink.trade;
    print.stamp = {.received = sink.received, .venue_time = {}, .sent = {}};
    if (!at.take(",\"E\":") || !at.time(print.stamp.sent)) return false;
    const bool id_first = at.take(",\"a\":");
    if (id_first && !at.integer(print.trade_id)) return false;
    if (!symbol(at, numbers) ||
        (!id_first && !(at.take(",\"a\":") && at.integer(print.trade_id))) ||
        !at.take(",\"p\":\"") || !numbers.price(at, print.price) || !at.take(",\"q\":\"") ||
        !numbers.quantity(at, print.quantity) || !optional_text(at, ",\"nq\":\"") ||
        !optional_integer(at, ",\"f\":") || !optional_integer(at, ",\"l\":") ||
        !at.take(",\"T\":") || !at.time(print.stamp.venue_time) ||
        !aggressor(at, print.aggressor)) {
        return false;
    }
    print.instrument = numbers.instrument();
    keep_trade(sink);
    return true;
}

}  // namespace detail

/// Scans one payload from its first field to its closing brace (left for the caller). Without a
/// form the payload says itself what it is.
template <class Numbers>
[[nodiscard]] bool scan_form(venue_common::Cursor& at, Numbers& numbers, Form form, Sink& sink) {
    switch (form) {
        case Form::Depth:
            return detail::depth(at, numbers, messages::DepthKind::Delta, sink);
        case Form::DepthSnapshot:
            return detail::depth(at, numbers, messages::DepthKind::Snapshot, sink);
        case Form::BookTicker:
            return detail::book_ticker(at, numbers, sink);
        case Form::Trade:
            return detail::trade(at, numbers, sink);
        case Form::AggTrade:
            return detail::agg_trade(at, numbers, sink);
    }
    return false;
}

}  // namespace parallax::binance
