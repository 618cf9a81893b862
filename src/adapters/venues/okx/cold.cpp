#include "adapters/venues/okx/cold.hpp"

#include "adapters/venues/common/settle.hpp"

namespace parallax::okx {

using ports::MarketFrame;
using venue_common::Array;
using venue_common::Element;
using venue_common::FieldReader;
using venue_common::Object;
using venue_common::scalar_field;
using venue_common::text_field;
using Need = venue_common::Rewriter::Need;

namespace {

bool is_delta_book(std::string_view channel) noexcept {
    return channel == "books" || channel == "books-l2-tbt" || channel == "books50-l2-tbt";
}

}  // namespace

HotResult<void> Cold::read(std::string_view frame, Sink& sink) {
    if (frame == "pong") {
        sink.out.contents = MarketFrame::kControl;
        return {};
    }
    Object root;
    if (json_.parse(frame.data(), frame.size()).get(root) != simdjson::SUCCESS)
        return fail(Errc::Malformed);
    if (const std::string_view kind = text_field(root, "event"); !kind.empty())
        return event(kind, root, sink);
    const auto arg = venue_common::object_field(root, "arg");
    const auto rows = venue_common::array_field(root, "data");
    if (!arg || !rows) return {};
    return push({root, text_field(*arg, "channel"), text_field(*arg, "instId"), *rows}, sink);
}

/// subscribe, unsubscribe, login, notice, channel-conn-count: control; error and
/// channel-conn-count-error: refused.
HotResult<void> Cold::event(std::string_view kind, Object frame, Sink& sink) {
    const bool refused = kind.find("error") != std::string_view::npos;
    note_.assign(text_field(frame, "msg"));
    sink.out.note = note_;
    sink.out.contents = refused ? MarketFrame::kError : MarketFrame::kControl;
    return {};
}

HotResult<void> Cold::push(const Message& message, Sink& sink) {
    const std::string_view channel = message.channel;
    if (is_delta_book(channel) || channel == "books5" || channel == "bbo-tbt")
        return book(message, sink);
    if (channel == "trades" || channel == "trades-all") return trades(message, sink);
    if (channel.starts_with("candle")) return candles(message, sink);
    const bool followed =
        channel == "tickers" || channel == "mark-price" || channel == "funding-rate";
    if (!followed) return {};
    Object row;
    if (message.rows.size() != 1 || message.rows.at(0).get(row) != simdjson::SUCCESS ||
        message.symbol.empty()) {
        return fail(Errc::Malformed);
    }
    if (channel == "tickers") return ticker(message, row, sink);
    return channel == "mark-price" ? mark_price(message, row, sink)
                                   : funding_rate(message, row, sink);
}

HotResult<void> Cold::rewritten(Sink& sink) {
    if (!form_.ok()) return fail(Errc::Malformed);
    const auto scan = [&](venue_common::Cursor& at, auto& numbers) {
        return scan_frame(at, numbers, sink);
    };
    return venue_common::settle_rewritten(form_.text(), *symbols_, scan, note_, sink.out);
}

void Cold::begin_frame(const Message& message) {
    form_.clear();
    form_.quoted_text("{\"arg\":{\"channel\":", message.channel);
    form_.quoted_text(",\"instId\":", message.symbol);
    form_.literal("}");
}

void Cold::put_row(Object row) {
    form_.levels(",\"data\":[{\"asks\":", row, "asks", ",\"0\",\"0\"");
    form_.levels(",\"bids\":", row, "bids", ",\"0\",\"0\"");
    form_.quoted_integer(",\"ts\":", row, "ts");
    form_.integer(",\"checksum\":", row, "checksum", Need::Optional);
    form_.integer(",\"prevSeqId\":", row, "prevSeqId", Need::Optional);
    form_.integer(",\"seqId\":", row, "seqId", Need::Optional);
    form_.literal("}]}");
}

HotResult<void> Cold::snapshot(std::string_view body, std::string_view symbol, Sink& sink) {
    Object root;
    if (json_.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS)
        return fail(Errc::Malformed);
    const std::string_view code = text_field(root, "code");
    const auto rows = venue_common::array_field(root, "data");
    if (!code.empty() && code != "0") return fail(Errc::Rejected);
    Object row;
    if (code.empty() || !rows || rows->size() != 1 || rows->at(0).get(row) != simdjson::SUCCESS ||
        symbol.empty()) {
        return fail(Errc::Malformed);
    }
    begin_frame({root, "books", symbol, *rows});
    form_.literal(",\"action\":\"snapshot\"");
    put_row(row);
    return rewritten(sink);
}

HotResult<void> Cold::book(const Message& message, Sink& sink) {
    Object row;
    if (message.rows.size() != 1 || message.rows.at(0).get(row) != simdjson::SUCCESS)
        return fail(Errc::Malformed);
    begin_frame(message);
    if (is_delta_book(message.channel)) form_.quoted(",\"action\":", message.frame, "action");
    put_row(row);
    return rewritten(sink);
}

HotResult<void> Cold::trades(const Message& message, Sink& sink) {
    begin_frame(message);
    form_.literal(",\"data\":[");
    std::string_view separator = "{";
    for (const Element element : message.rows) {
        Object row;
        if (element.get(row) != simdjson::SUCCESS) return fail(Errc::Malformed);
        form_.literal(separator);
        form_.quoted("\"instId\":", row, "instId");
        form_.quoted_integer(",\"tradeId\":", row, "tradeId");
        form_.quoted(",\"px\":", row, "px");
        form_.quoted(",\"sz\":", row, "sz");
        form_.quoted(",\"side\":", row, "side");
        form_.quoted_integer(",\"ts\":", row, "ts");
        form_.literal("}");
        separator = ",{";
    }
    form_.literal("]}");
    return rewritten(sink);
}

HotResult<void> Cold::ticker(const Message& message, Object row, Sink& sink) {
    const auto* const entry = symbols_->find(message.symbol);
    FieldReader fields{entry == nullptr ? nullptr : &entry->wire};
    messages::Ticker& out = sink.out.ticker;
    out = {};
    out.stamp.received = sink.received;
    out.stamp.venue_time = fields.time(venue_common::integer_field(row, "ts"));
    out.last = fields.price(scalar_field(row, "last"));
    out.high = fields.price(scalar_field(row, "high24h"));
    out.low = fields.price(scalar_field(row, "low24h"));
    out.open = fields.price(scalar_field(row, "open24h"));
    out.volume = fields.volume(scalar_field(row, "vol24h"));
    if (entry != nullptr) out.instrument = entry->id;
    return settle_fields(fields, message.symbol, entry, MarketFrame::kTicker, note_, sink.out);
}

HotResult<void> Cold::mark_price(const Message& message, Object row, Sink& sink) {
    const auto* const entry = symbols_->find(message.symbol);
    FieldReader fields{entry == nullptr ? nullptr : &entry->wire};
    const std::string mark = scalar_field(row, "markPx");
    if (mark.empty()) return fail(Errc::Malformed);
    messages::MarkPrice& out = sink.out.mark;
    out = {};
    out.stamp.received = sink.received;
    out.stamp.venue_time = fields.time(venue_common::integer_field(row, "ts"));
    out.mark = fields.rounded_price(mark);
    if (entry != nullptr) out.instrument = entry->id;
    return settle_fields(fields, message.symbol, entry, MarketFrame::kMark, note_, sink.out);
}

/// fundingRate belongs to the period that ends at fundingTime; the next period's length is the
/// interval.
HotResult<void> Cold::funding_rate(const Message& message, Object row, Sink& sink) {
    const auto* const entry = symbols_->find(message.symbol);
    FieldReader fields{entry == nullptr ? nullptr : &entry->wire};
    const std::string rate = scalar_field(row, "fundingRate");
    messages::MarkPrice& out = sink.out.mark;
    out = {};
    out.stamp.received = sink.received;
    out.stamp.venue_time = fields.time(venue_common::integer_field(row, "ts"));
    out.funding_rate = fields.rate(rate);
    out.next_funding = fields.time(venue_common::integer_field(row, "fundingTime"));
    const UnixNanos following = fields.time(venue_common::integer_field(row, "nextFundingTime"));
    if (rate.empty() || !out.next_funding.known()) return fail(Errc::Malformed);
    out.has_funding = true;
    if (following > out.next_funding) out.funding_interval = following - out.next_funding;
    if (entry != nullptr) out.instrument = entry->id;
    return settle_fields(fields, message.symbol, entry, MarketFrame::kMark, note_, sink.out);
}

/// Rows of [ts, open, high, low, close, volume, ..., confirm]; older ones end before `confirm`.
HotResult<void> Cold::candles(const Message& message, Sink& sink) {
    const auto* const entry = symbols_->find(message.symbol);
    FieldReader fields{entry == nullptr ? nullptr : &entry->wire};
    const Nanos interval = venue_common::candle_interval(message.channel.substr(6));
    if (interval == Nanos{} || message.symbol.empty()) return fail(Errc::Malformed);
    klines_.clear();
    for (const Element element : message.rows) {
        Array row;
        if (element.get(row) != simdjson::SUCCESS || row.size() < 6) return fail(Errc::Malformed);
        const auto text = [&](std::size_t i) {
            return venue_common::scalar_text(row.at(i).value_unsafe());
        };
        messages::Kline candle;
        if (entry != nullptr) candle.instrument = entry->id;
        candle.stamp.received = sink.received;
        candle.open_time = fields.time(venue_common::integer(row.at(0).value_unsafe()));
        candle.interval = interval;
        candle.open = fields.price(text(1));
        candle.high = fields.price(text(2));
        candle.low = fields.price(text(3));
        candle.close = fields.price(text(4));
        candle.volume = fields.volume(text(5));
        candle.closed = row.size() > 8 && text(8) == "1";
        if (!candle.open_time.known()) return fail(Errc::Malformed);
        klines_.push_back(candle);
    }
    sink.out.klines = klines_;
    return settle_fields(fields, message.symbol, entry, MarketFrame::kKlines, note_, sink.out);
}

}  // namespace parallax::okx
