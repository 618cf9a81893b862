#pragma once

#include "adapters/venues/bybit/parse.hpp"
#include "adapters/venues/common/numbers.hpp"

/// The documented compact forms of the messages that must be fast. Written once for the venue's
/// bytes and for the text that cold.cpp and parse_v2.cpp make of every other shape.
namespace parallax::bybit {

/// Where a scan puts what it finds.
struct Sink {
    UnixNanos received;
    std::vector<Level>& levels;
    std::vector<messages::TradePrint>& trades;
    std::vector<TopOfBook>& tops;
    ports::MarketFrame& out;
};

/// A trade id as 64 bits: numbers of up to 19 digits keep their value, UUIDs are hashed eight bytes
/// at a time.
[[nodiscard]] inline std::uint64_t trade_id(std::string_view text) noexcept {
    if (text.size() < 20) {
        std::uint64_t number = 0;
        bool digits = true;
        for (const char c : text) {
            digits = digits && c >= '0' && c <= '9';
            number = number * 10 + static_cast<std::uint64_t>(c - '0');
        }
        if (digits) return number;
    }
    std::uint64_t hash = text.size();
    const auto mix = [&hash](const char* from, std::size_t size) {
        std::uint64_t word = 0;
        std::memcpy(&word, from, size);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
        hash ^= hash >> 32;
    };
    const char* p = text.data();
    const char* const end = p + text.size();
    for (; end - p >= 8; p += 8) mix(p, 8);
    if (end - p == 4) {  // a UUID's: a copy of known size is one load
        mix(p, 4);
    } else if (p != end) {
        mix(p, static_cast<std::size_t>(end - p));
    }
    return hash;
}

/// Brings the remembered top to the instrument's present scale, and lays the levels of a frame over
/// it.
void update_top(TopOfBook& top, const WireFormat& wire, bool whole, std::span<const Level> bids,
                std::span<const Level> asks) noexcept;

namespace detail {

using venue_common::Cursor;
using venue_common::ShortText;

struct Header {
    bool snapshot = false;
    UnixNanos sent;
};

[[nodiscard, gnu::always_inline]] inline bool type(Cursor& at, Header& header) noexcept {
    header.snapshot = at.take(",\"type\":\"snapshot\"");
    return header.snapshot || at.take(",\"type\":\"delta\"");
}
/// Behind the topic: type and ts come in either order.
[[nodiscard, gnu::always_inline]] inline bool header(Cursor& at, Header& header) noexcept {
    if (at.take(",\"ts\":")) return at.time(header.sent) && type(at, header);
    return type(at, header) && at.take(",\"ts\":") && at.time(header.sent);
}
inline void quote(const venue_common::Exact& numbers, const messages::DepthUpdate& depth,
                  Sink& sink) {
    const InstrumentId id = numbers.instrument();
    if (sink.tops.size() <= id.index()) [[unlikely]]
        sink.tops.resize(id.index() + 1);
    TopOfBook& top = sink.tops[id.index()];
    update_top(top, numbers.wire(), depth.kind == messages::DepthKind::Snapshot, depth.bids,
               depth.asks);
    sink.out.quote = {
        .instrument = id, .stamp = depth.stamp, .update_id = 0, .bid = top.bid, .ask = top.ask};
    sink.out.contents = ports::MarketFrame::kQuote;
}
inline void quote(const venue_common::Measure&, const messages::DepthUpdate&, Sink&) noexcept {}

/// Behind `"topic":"orderbook.`.
template <class Numbers>
[[nodiscard, gnu::always_inline]] inline bool book(Cursor& at, Numbers& numbers, Sink& sink) {
    std::uint64_t levels = 0;
    std::uint64_t update = 0;
    std::uint64_t sequence = 0;
    ShortText symbol;
    Header head;
    messages::Stamp stamp{.received = sink.received, .venue_time = {}, .sent = {}};
    if (!at.integer(levels) || !at.take(".") || !at.short_text(symbol) || !numbers.symbol(symbol) ||
        !header(at, head) || !at.take(",\"data\":{\"s\":\"") || !at.take_again(symbol)) {
        return false;
    }
    stamp.sent = head.sent;
    Level* const begin = venue_common::level_room(sink.levels, at.left());
    Level* end = begin;
    if (!at.take(",\"b\":[") || !scan_levels(at, numbers, end)) return false;
    Level* const middle = end;
    if (!at.take(",\"a\":[") || !scan_levels(at, numbers, end)) return false;
    if (!at.take(",\"u\":") || !at.integer(update)) return false;
    if (at.take(",\"seq\":") && !at.integer(sequence)) return false;
    if (!at.take("}")) return false;
    if (at.take(",\"cts\":") && !at.time(stamp.venue_time)) return false;
    if (!at.take("}") || !at.at_end())
        return false;  // a quote below changes what is remembered: only now
    const bool whole = head.snapshot || update == 1;  // 1: the service restarted
    const messages::DepthUpdate depth{
        .instrument = numbers.instrument(),
        .kind = whole ? messages::DepthKind::Snapshot : messages::DepthKind::Delta,
        .stamp = stamp,
        .first_id = update,
        .last_id = update,
        .previous_id = -1,
        .checksum = 0,
        .has_checksum = false,
        .bids = {begin, middle},
        .asks = {middle, end}};
    if (levels == 1) {
        quote(numbers, depth, sink);
        return true;
    }
    sink.out.depth = depth;
    sink.out.contents = ports::MarketFrame::kDepth;
    return true;
}

/// One field of a trade; fields come in any order. Returns its bit, 0 if it is not as documented.
template <class Numbers>
[[nodiscard, gnu::always_inline]] inline std::uint32_t trade_field(Cursor& at, Numbers& numbers,
                                                                   const ShortText& symbol,
                                                                   messages::TradePrint& out) {
    std::string_view text;
    std::uint64_t number = 0;
    bool flag = false;
    switch (at.peek(1)) {
        case 'T':
            return at.take("\"T\":") && at.time(out.stamp.venue_time) ? 1U << 0 : 0;
        case 's':
            if (at.take("\"s\":\"")) return at.take_again(symbol) ? 1U << 1 : 0;
            return at.take("\"seq\":") && at.integer(number) ? 1U << 6 : 0;
        case 'S':
            out.aggressor = Side::Buy;
            if (at.take("\"S\":\"Buy\"")) return 1U << 2;
            out.aggressor = Side::Sell;
            return at.take("\"S\":\"Sell\"") ? 1U << 2 : 0;
        case 'v':
            return at.take("\"v\":\"") && numbers.quantity(at, out.quantity) ? 1U << 3 : 0;
        case 'p':
            return at.take("\"p\":\"") && numbers.price(at, out.price) ? 1U << 4 : 0;
        case 'i':
            if (!at.take("\"i\":\"") || !at.text(text)) return 0;
            out.trade_id = trade_id(text);
            return 1U << 5;
        case 'L':
            return at.take("\"L\":\"") && at.text(text) ? 1U << 7 : 0;
        case 'B':
            return at.take("\"BT\":") && at.boolean(flag) ? 1U << 8 : 0;
        case 'R':
            return at.take("\"RPI\":") && at.boolean(flag) ? 1U << 9 : 0;
        default:
            return 0;
    }
}

/// Fields in any order.
template <class Numbers>
[[nodiscard, gnu::noinline]] bool any_trade(Cursor& at, Numbers& numbers, const ShortText& symbol,
                                            messages::TradePrint& out) {
    constexpr std::uint32_t kNeeded = 0x3f;  // T s S v p i
    std::uint32_t seen = 0;
    if (!at.take("{")) return false;
    do {
        const std::uint32_t field = trade_field(at, numbers, symbol, out);
        if (field == 0 || (seen & field) != 0) return false;
        seen |= field;
    } while (at.take(","));
    return (seen & kNeeded) == kNeeded && at.take("}");
}

/// The documented order, with the fields that some categories lack.
template <class Numbers>
[[nodiscard, gnu::always_inline]] inline bool trade(Cursor& at, Numbers& numbers,
                                                    const ShortText& symbol,
                                                    messages::TradePrint& out) {
    std::string_view text;
    std::uint64_t sequence = 0;
    bool flag = false;
    if (!at.take("{\"T\":") || !at.time(out.stamp.venue_time) || !at.take(",\"s\":\"") ||
        !at.take_again(symbol)) {
        return false;
    }
    const bool buy = at.take(",\"S\":\"Buy\",\"v\":\"");
    if (!buy && !at.take(",\"S\":\"Sell\",\"v\":\"")) return false;
    out.aggressor = buy ? Side::Buy : Side::Sell;
    if (!numbers.quantity(at, out.quantity) || !at.take(",\"p\":\"") ||
        !numbers.price(at, out.price)) {
        return false;
    }
    if (at.take(",\"L\":\"") && !at.text(text)) return false;
    if (!at.take(",\"i\":\"")) return false;
    if (at.uuid(text)) [[likely]] {
        out.trade_id = trade_id({text.data(), 36});  // of known length: no loop, no count
    } else {
        if (!at.text(text)) return false;
        out.trade_id = trade_id(text);
    }
    if (!at.take(",\"BT\":false") && at.take(",\"BT\":") && !at.boolean(flag)) return false;
    if (at.take(",\"RPI\":") && !at.boolean(flag)) return false;
    if (at.take(",\"seq\":") && !at.integer(sequence)) return false;
    return at.take("}");
}

/// Behind `"topic":"publicTrade.`.
template <class Numbers>
[[nodiscard, gnu::always_inline]] inline bool trades(Cursor& at, Numbers& numbers, Sink& sink) {
    constexpr std::size_t kLeast = 48;  // bytes of a trade and the comma behind it
    ShortText symbol;
    Header head;
    if (!at.short_text(symbol) || !numbers.symbol(symbol) || !header(at, head) ||
        !at.take(",\"data\":["))
        return false;
    messages::TradePrint* const begin = venue_common::room(sink.trades, at.left(), kLeast);
    messages::TradePrint* end = begin;
    do {
        end->instrument = numbers.instrument();
        end->stamp = {.received = sink.received, .venue_time = {}, .sent = head.sent};
        Cursor start = at;
        if (!trade(at, numbers, symbol, *end)) [[unlikely]] {
            if (!any_trade(start, numbers, symbol, *end)) return false;
            at = start;
        }
        ++end;
    } while (at.take(","));
    sink.out.trades = {begin, end};
    sink.out.contents = ports::MarketFrame::kTrades;
    return at.take("]}");
}

}  // namespace detail

/// Scans one frame to its end. Inlined, so that the cursor lives in registers.
template <class Numbers>
[[nodiscard, gnu::always_inline]] inline bool scan_frame(venue_common::Cursor& at, Numbers& numbers,
                                                         Sink& sink) {
    if (!at.take("{\"topic\":\"")) return false;
    if (at.take("orderbook.")) return detail::book(at, numbers, sink);
    return at.take("publicTrade.") && detail::trades(at, numbers, sink);
}

}  // namespace parallax::bybit
