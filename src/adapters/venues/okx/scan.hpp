#pragma once

#include "adapters/venues/common/numbers.hpp"
#include "ports/market_frame.hpp"

/// The documented compact forms of the messages that must be fast. Written once for the venue's
/// bytes and for the text that cold.cpp makes of every other shape.
namespace parallax::okx {

/// Where a scan puts what it finds.
struct Sink {
    UnixNanos received;
    std::vector<Level>& levels;
    std::vector<messages::TradePrint>& trades;
    ports::MarketFrame& out;
};

namespace detail {

using venue_common::Cursor;
using venue_common::ShortText;

[[nodiscard, gnu::always_inline]] inline bool quoted_time(Cursor& at, UnixNanos& out) noexcept {
    return at.time(out) && at.take("\"");
}
[[nodiscard, gnu::always_inline]] inline bool skip_text(Cursor& at) noexcept {
    std::string_view ignored;
    return at.text(ignored);
}
/// Behind a quantity: a deprecated "0" and the count of orders.
[[nodiscard, gnu::always_inline]] inline bool level_tail(Cursor& at) noexcept {
    std::uint64_t orders = 0;
    if (!at.take(",\"0\",\"")) return false;
    if (at.skip_digit_and('"')) [[likely]]
        return true;  // seldom ten orders or more at one price
    return at.integer(orders) && at.take("\"");
}

/// asks, bids, ts and the numbering of one book row; `end` of the asks and of the bids.
struct Row {
    Level* begin = nullptr;
    Level* middle = nullptr;
    Level* end = nullptr;
    UnixNanos time;
    std::int64_t checksum = 0;
    std::int64_t previous = -1;
    std::int64_t sequence = 0;
};

/// `"seqId"` and `"prevSeqId"` come in either order, or not at all.
[[nodiscard, gnu::always_inline]] inline bool numbering(Cursor& at, Row& row) noexcept {
    if (at.take(",\"checksum\":") && !at.signed_integer(row.checksum)) return false;
    if (at.take(",\"prevSeqId\":") && !at.signed_integer(row.previous)) return false;
    if (at.take(",\"seqId\":") && !at.signed_integer(row.sequence)) return false;
    return !at.take(",\"prevSeqId\":") || at.signed_integer(row.previous);
}

/// Behind the symbol and action, to the end of the frame.
template <class Numbers>
[[nodiscard, gnu::always_inline]] inline bool book_row(Cursor& at, Numbers& numbers, Sink& sink,
                                                       Row& row) {
    row.begin = row.end = venue_common::level_room(sink.levels, at.left());
    if (!at.take(",\"data\":[{\"asks\":[") || !scan_levels(at, numbers, row.end, level_tail))
        return false;
    row.middle = row.end;
    if (!at.take(",\"bids\":[") || !scan_levels(at, numbers, row.end, level_tail)) return false;
    if (at.take(",\"instId\":\"") && !skip_text(at)) return false;
    return at.take(",\"ts\":\"") && quoted_time(at, row.time) && numbering(at, row) &&
           at.take("}]}");
}

template <class Numbers>
[[nodiscard, gnu::always_inline]] inline bool book(Cursor& at, Numbers& numbers,
                                                   messages::DepthKind kind, Sink& sink) {
    Row row;
    if (!book_row(at, numbers, sink, row)) return false;
    const auto last = static_cast<std::uint64_t>(row.sequence < 0 ? 0 : row.sequence);
    sink.out.depth = {.instrument = numbers.instrument(),
                      .kind = kind,
                      .stamp = {.received = sink.received, .venue_time = row.time, .sent = {}},
                      .first_id = last,
                      .last_id = last,
                      .previous_id = row.previous,
                      .checksum = row.checksum,
                      .has_checksum = row.checksum != 0,
                      .bids = {row.middle, row.end},
                      .asks = {row.begin, row.middle}};
    sink.out.contents = ports::MarketFrame::kDepth;
    return true;
}

/// bbo-tbt: a row with at most one level a side.
template <class Numbers>
[[nodiscard, gnu::always_inline]] inline bool best_quote(Cursor& at, Numbers& numbers, Sink& sink) {
    Row row;
    if (!book_row(at, numbers, sink, row)) return false;
    sink.out.quote = {.instrument = numbers.instrument(),
                      .stamp = {.received = sink.received, .venue_time = row.time, .sent = {}},
                      .update_id = static_cast<std::uint64_t>(row.sequence < 0 ? 0 : row.sequence),
                      .bid = row.middle == row.end ? Level{} : *row.middle,
                      .ask = row.begin == row.middle ? Level{} : *row.begin};
    sink.out.contents = ports::MarketFrame::kQuote;
    return true;
}

[[nodiscard, gnu::always_inline]] inline bool side(Cursor& at, Side& out) noexcept {
    out = Side::Buy;
    if (at.take(",\"side\":\"buy\"")) return true;
    out = Side::Sell;
    return at.take(",\"side\":\"sell\"");
}

/// Behind the time's digits: fields newer than the channel, in the orders of both channels.
[[nodiscard, gnu::always_inline]] inline bool trade_tail(Cursor& at) noexcept {
    std::int64_t sequence = 0;
    if (!at.take("\"")) return false;
    if (at.take("}")) return true;
    if (at.take(",\"count\":\"") && !skip_text(at)) return false;
    if (at.take(",\"source\":\"") && !skip_text(at)) return false;
    if (at.take(",\"seqId\":") && !at.signed_integer(sequence)) return false;
    return at.take("}");
}

/// Up to the time's digits.
template <class Numbers>
[[nodiscard, gnu::always_inline]] inline bool trade(Cursor& at, Numbers& numbers,
                                                    const ShortText& symbol,
                                                    messages::TradePrint& out) {
    if (!at.take("{\"instId\":\"") || !at.take_again(symbol) || !at.take(",\"tradeId\":\"") ||
        !at.integer(out.trade_id) || !at.take("\",\"px\":\"") || !numbers.price(at, out.price) ||
        !at.take(",\"sz\":\"") || !numbers.quantity(at, out.quantity) || !side(at, out.aggressor)) {
        return false;
    }
    if (!at.take(",\"ts\":\"")) {  // trades-all has the source here
        if (!at.take(",\"source\":\"") || !skip_text(at) || !at.take(",\"ts\":\"")) return false;
    }
    return at.time(out.stamp.venue_time);
}

template <class Numbers>
[[nodiscard, gnu::always_inline]] inline bool trades(Cursor& at, Numbers& numbers,
                                                     const ShortText& symbol, Sink& sink) {
    constexpr std::size_t kLeast = 64;  // bytes of a trade and the comma behind it
    if (!at.take(",\"data\":[")) return false;
    messages::TradePrint* const begin = venue_common::room(sink.trades, at.left(), kLeast);
    messages::TradePrint* end = begin;
    bool last = false;
    do {
        end->instrument = numbers.instrument();
        end->stamp = {.received = sink.received, .venue_time = {}, .sent = {}};
        if (!trade(at, numbers, symbol, *end)) return false;
        ++end;
        last = at.take("\"}]}");  // one trade a frame is the usual
        if (!last && !trade_tail(at)) return false;
    } while (!last && at.take(","));
    sink.out.trades = {begin, end};
    sink.out.contents = ports::MarketFrame::kTrades;
    return last || at.take("]}");
}

enum class Channel : std::uint8_t { None, Books, Books5, BestQuote, Trades };

/// Behind `"channel":"`, over the name and the key that follows.
[[nodiscard, gnu::always_inline]] inline Channel channel(Cursor& at) noexcept {
    if (at.peek(0) == 't') {
        if (at.take("trades\",\"instId\":\"")) return Channel::Trades;
        return at.take("trades-all\",\"instId\":\"") ? Channel::Trades : Channel::None;
    }
    if (at.take("books\",\"instId\":\"")) return Channel::Books;
    if (at.take("bbo-tbt\",\"instId\":\"")) return Channel::BestQuote;
    if (at.take("books5\",\"instId\":\"")) return Channel::Books5;
    const bool depth =
        at.take("books-l2-tbt\",\"instId\":\"") || at.take("books50-l2-tbt\",\"instId\":\"");
    return depth ? Channel::Books : Channel::None;
}

}  // namespace detail

/// Scans one frame to its end. Inlined, so that the cursor lives in registers.
template <class Numbers>
[[nodiscard, gnu::always_inline]] inline bool scan_frame(venue_common::Cursor& at, Numbers& numbers,
                                                         Sink& sink) {
    using detail::Channel;
    if (!at.take("{\"arg\":{\"channel\":\"")) return false;
    const Channel channel = detail::channel(at);
    detail::ShortText symbol;
    if (channel == Channel::None || !at.short_text(symbol) || !at.take("}") ||
        !numbers.symbol(symbol))
        return false;
    switch (channel) {
        case Channel::Books:
            if (at.take(",\"action\":\"update\""))
                return detail::book(at, numbers, messages::DepthKind::Delta, sink);
            if (!at.take(",\"action\":\"snapshot\"")) return false;
            return detail::book(at, numbers, messages::DepthKind::Snapshot, sink);
        case Channel::Books5:
            return detail::book(at, numbers, messages::DepthKind::Snapshot, sink);
        case Channel::BestQuote:
            return detail::best_quote(at, numbers, sink);
        case Channel::Trades:
            return detail::trades(at, numbers, symbol, sink);
        case Channel::None:
            break;
    }
    return false;
}

}  // namespace parallax::okx
