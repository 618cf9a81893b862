#include "adapters/venues/binance/cold.hpp"

#include "adapters/venues/common/settle.hpp"

namespace parallax::binance {

using ports::MarketFrame;
using venue_common::Element;
using venue_common::FieldReader;
using venue_common::Object;
using venue_common::Rewriter;
using venue_common::ShortText;
using Need = venue_common::Rewriter::Need;

namespace {

/// "btcusdt@depth5@100ms" is BTCUSDT's.
std::string stream_symbol(std::string_view stream) {
    std::string symbol(stream.substr(0, stream.find('@')));
    for (char& c : symbol) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return symbol;
}

std::string_view after_at(std::string_view stream) noexcept {
    const std::size_t at = stream.find('@');
    return at == std::string_view::npos ? std::string_view{} : stream.substr(at);
}

}  // namespace

HotResult<void> Cold::read(std::string_view frame, std::string_view default_symbol, Sink& sink) {
    Element root;
    if (json_.parse(frame.data(), frame.size()).get(root) != simdjson::SUCCESS)
        return fail(Errc::Malformed);
    if (root.is_array()) return {};  // all-market arrays: we follow symbols one by one
    Object object;
    if (root.get(object) != simdjson::SUCCESS) return fail(Errc::Malformed);
    const std::string_view stream = venue_common::text_field(object, "stream");
    const auto data = venue_common::field(object, "data");
    if (stream.empty() || !data) return payload({object, {}, default_symbol}, sink);
    if (data->is_array()) return {};
    Object inner;
    if (data->get(inner) != simdjson::SUCCESS) return fail(Errc::Malformed);
    return payload({inner, stream, default_symbol}, sink);
}

HotResult<void> Cold::payload(const Message& message, Sink& sink) {
    const Object data = message.data;
    if (const std::string_view kind = venue_common::text_field(data, "e"); !kind.empty()) {
        return event(kind, message, sink);
    }
    if (venue_common::field(data, "lastUpdateId")) return snapshot(message, sink);
    if (venue_common::field(data, "u") && venue_common::field(data, "B"))
        return book_ticker(data, sink);
    return reply(data, sink);
}

HotResult<void> Cold::event(std::string_view kind, const Message& message, Sink& sink) {
    const Object data = message.data;
    if (kind == "depthUpdate") return depth(message, sink);
    if (kind == "bookTicker") return book_ticker(data, sink);
    if (kind == "trade") return trade(data, Form::Trade, sink);
    if (kind == "aggTrade") return trade(data, Form::AggTrade, sink);
    if (kind == "kline") return kline(data, sink);
    if (kind == "24hrTicker" || kind == "24hrMiniTicker") return ticker(data, sink);
    if (kind == "markPriceUpdate") return mark_price(data, sink);
    if (kind == "serverShutdown") {
        note_.assign(kind);
        sink.out.note = note_;
        sink.out.contents = MarketFrame::kControl;
    }
    return {};
}

/// Answers to SUBSCRIBE and the like: {"result":null,"id":1}, {"code":2,"msg":"...","id":1},
/// {"error":{...},"id":1}.
HotResult<void> Cold::reply(Object data, Sink& sink) {
    const auto error = venue_common::object_field(data, "error");
    const Object refusal = error.value_or(data);
    if (error || venue_common::field(data, "code")) {
        note_.assign(venue_common::text_field(refusal, "msg"));
        sink.out.note = note_;
        sink.out.contents = MarketFrame::kError;
        return {};
    }
    Element ignored;
    if (data.at_key("id").get(ignored) == simdjson::SUCCESS)
        sink.out.contents = MarketFrame::kControl;
    return {};
}

HotResult<void> Cold::rewritten(Form form, Sink& sink) {
    if (!form_.ok()) return fail(Errc::Malformed);
    const auto scan = [&](venue_common::Cursor& at, auto& numbers) {
        return scan_form(at, numbers, form, sink);
    };
    return venue_common::settle_rewritten(form_.text(), *symbols_, scan, note_, sink.out);
}

HotResult<void> Cold::depth(const Message& message, Sink& sink) {
    const std::string_view suffix = after_at(message.stream);
    if (!message.stream.empty() && !suffix.starts_with("@depth"))
        return {};  // rpiDepth: another book
    const bool partial = suffix.size() > 6 && suffix[6] >= '0' && suffix[6] <= '9';
    const Object data = message.data;
    form_.clear();
    form_.integer(",\"E\":", data, "E");
    form_.integer(",\"T\":", data, "T", Need::Optional);
    form_.quoted(",\"s\":", data, "s");
    form_.integer(",\"U\":", data, "U");
    form_.integer(",\"u\":", data, "u");
    form_.integer(",\"pu\":", data, "pu", Need::Optional);
    form_.levels(",\"b\":", data, "b");
    form_.levels(",\"a\":", data, "a");
    return rewritten(partial ? Form::DepthSnapshot : Form::Depth, sink);
}

/// REST depth and partial depth of spot: a whole book as of lastUpdateId.
HotResult<void> Cold::snapshot(const Message& message, Sink& sink) {
    const Object data = message.data;
    const bool timed = venue_common::field(data, "E").has_value();
    const std::string_view named = venue_common::text_field(data, "symbol");
    const std::string symbol = !named.empty()            ? std::string(named)
                               : !message.stream.empty() ? stream_symbol(message.stream)
                                                         : std::string(message.default_symbol);
    if (symbol.empty()) return fail(Errc::Malformed);  // nobody's book
    form_.clear();
    if (timed) form_.integer(",\"E\":", data, "E");
    if (!timed) form_.literal(",\"E\":0");
    form_.integer(",\"T\":", data, "T", Need::Optional);
    form_.quoted_text(",\"s\":", symbol);
    form_.integer(",\"U\":", data, "lastUpdateId");
    form_.integer(",\"u\":", data, "lastUpdateId");
    form_.levels(",\"b\":", data, "bids");
    form_.levels(",\"a\":", data, "asks");
    return rewritten(Form::DepthSnapshot, sink);
}

HotResult<void> Cold::book_ticker(Object data, Sink& sink) {
    form_.clear();
    form_.integer("\"u\":", data, "u");
    form_.integer(",\"E\":", data, "E", Need::Optional);
    form_.integer(",\"T\":", data, "T", Need::Optional);
    form_.quoted(",\"s\":", data, "s");
    form_.quoted(",\"b\":", data, "b");
    form_.quoted(",\"B\":", data, "B");
    form_.quoted(",\"a\":", data, "a");
    form_.quoted(",\"A\":", data, "A");
    return rewritten(Form::BookTicker, sink);
}

HotResult<void> Cold::trade(Object data, Form form, Sink& sink) {
    const bool aggregated = form == Form::AggTrade;
    form_.clear();
    form_.integer(",\"E\":", data, "E");
    form_.quoted(",\"s\":", data, "s");
    form_.integer(aggregated ? ",\"a\":" : ",\"t\":", data, aggregated ? "a" : "t");
    form_.quoted(",\"p\":", data, "p");
    form_.quoted(",\"q\":", data, "q");
    form_.integer(",\"T\":", data, "T", aggregated ? Need::Required : Need::Optional);
    form_.boolean(",\"m\":", data, "m");
    return rewritten(form, sink);
}

HotResult<void> Cold::kline(Object data, Sink& sink) {
    const auto candle = venue_common::object_field(data, "k");
    if (!candle) return fail(Errc::Malformed);
    const std::string_view symbol = venue_common::text_field(data, "s");
    const auto* const entry = symbols_->find(symbol);
    FieldReader fields{entry == nullptr ? nullptr : &entry->wire};
    const auto text = [&](std::string_view key) {
        return venue_common::scalar_field(*candle, key);
    };
    const auto closed = venue_common::boolean_field(*candle, "x");
    kline_ = {};
    kline_.stamp.received = sink.received;
    kline_.stamp.sent = fields.time(venue_common::integer_field(data, "E"));
    kline_.open_time = fields.time(venue_common::integer_field(*candle, "t"));
    kline_.interval = venue_common::candle_interval(venue_common::text_field(*candle, "i"));
    kline_.open = fields.price(text("o"));
    kline_.high = fields.price(text("h"));
    kline_.low = fields.price(text("l"));
    kline_.close = fields.price(text("c"));
    kline_.volume = fields.volume(text("v"));
    kline_.closed = closed.value_or(false);
    if (symbol.empty() || !closed || !kline_.open_time.known() || kline_.interval == Nanos{}) {
        return fail(Errc::Malformed);
    }
    if (entry != nullptr) kline_.instrument = entry->id;
    sink.out.klines = {&kline_, 1};
    return settle_fields(fields, symbol, entry, MarketFrame::kKlines, note_, sink.out);
}

HotResult<void> Cold::ticker(Object data, Sink& sink) {
    const std::string_view symbol = venue_common::text_field(data, "s");
    const std::string last = venue_common::scalar_field(data, "c");
    if (symbol.empty() || last.empty()) return fail(Errc::Malformed);
    const auto* const entry = symbols_->find(symbol);
    FieldReader fields{entry == nullptr ? nullptr : &entry->wire};
    messages::Ticker& out = sink.out.ticker;
    out = {};
    out.stamp.received = sink.received;
    out.stamp.sent = fields.time(venue_common::integer_field(data, "E"));
    out.last = fields.price(last);
    out.high = fields.price(venue_common::scalar_field(data, "h"));
    out.low = fields.price(venue_common::scalar_field(data, "l"));
    out.open = fields.price(venue_common::scalar_field(data, "o"));
    out.volume = fields.volume(venue_common::scalar_field(data, "v"));
    if (entry != nullptr) out.instrument = entry->id;
    return settle_fields(fields, symbol, entry, MarketFrame::kTicker, note_, sink.out);
}

/// r and T are empty or 0 on dated futures, which have no funding.
HotResult<void> Cold::mark_price(Object data, Sink& sink) {
    const std::string_view symbol = venue_common::text_field(data, "s");
    const std::string mark = venue_common::scalar_field(data, "p");
    if (symbol.empty() || mark.empty()) return fail(Errc::Malformed);
    const auto* const entry = symbols_->find(symbol);
    FieldReader fields{entry == nullptr ? nullptr : &entry->wire};
    messages::MarkPrice& out = sink.out.mark;
    out = {};
    out.stamp.received = sink.received;
    out.stamp.sent = fields.time(venue_common::integer_field(data, "E"));
    out.mark = fields.rounded_price(mark);
    out.index = fields.rounded_price(venue_common::scalar_field(data, "i"));
    const std::string funding = venue_common::scalar_field(data, "r");
    out.next_funding = fields.time(venue_common::integer_field(data, "T"));
    out.funding_rate = fields.rate(funding);
    out.has_funding = !funding.empty() && out.next_funding.known();
    if (entry != nullptr) out.instrument = entry->id;
    return settle_fields(fields, symbol, entry, MarketFrame::kMark, note_, sink.out);
}

}  // namespace parallax::binance
