#include "adapters/venues/bybit/cold.hpp"

#include "adapters/venues/common/settle.hpp"

namespace parallax::bybit {

using ports::MarketFrame;
using venue_common::Element;
using venue_common::FieldReader;
using venue_common::Object;
using venue_common::scalar_field;
using venue_common::text_field;
using Need = venue_common::Rewriter::Need;

namespace {

/// "1" to "720" are minutes.
Nanos interval_of(std::string_view text) noexcept {
    if (text == "D") return Nanos::seconds(86'400);
    if (text == "W") return Nanos::seconds(604'800);
    if (text == "M") return Nanos::seconds(2'592'000);
    const auto minutes =
        text.size() <= 4 ? parse_decimal(text, 0) : HotResult<std::int64_t>{fail(Errc::Malformed)};
    return minutes && *minutes > 0 ? Nanos::seconds(*minutes * 60) : Nanos{};
}

bool all_digits(std::string_view text) noexcept {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

HotResult<void> Cold::read(std::string_view frame, Sink& sink) {
    Object root;
    if (json_.parse(frame.data(), frame.size()).get(root) != simdjson::SUCCESS)
        return fail(Errc::Malformed);
    const std::string_view name = text_field(root, "topic");
    return name.empty() ? reply(root, sink) : topic(name, root, sink);
}

/// Acknowledgements and pongs; the trade socket says retCode where the public one says success.
HotResult<void> Cold::reply(Object frame, Sink& sink) {
    const auto success = venue_common::boolean_field(frame, "success");
    const auto code = venue_common::integer_field(frame, "retCode");
    if (!success && !code && text_field(frame, "op").empty()) return {};
    const bool refused = !success.value_or(true) || code.value_or(0) != 0;
    const std::string_view message = text_field(frame, "ret_msg");
    note_.assign(message.empty() ? text_field(frame, "retMsg") : message);
    sink.out.note = note_;
    sink.out.contents = refused ? MarketFrame::kError : MarketFrame::kControl;
    return {};
}

HotResult<void> Cold::topic(std::string_view name, Object frame, Sink& sink) {
    if (name.starts_with("orderbook.")) return book(name, frame, sink);
    if (name.starts_with("publicTrade.")) return trades(name, frame, sink);
    if (name.starts_with("tickers.")) return ticker(frame, sink);
    if (name.starts_with("kline.")) return klines(name, frame, sink);
    if (!is_v2_topic(name)) return {};
    const std::string_view symbol = rewrite_v2(name, frame, legacy_, form_);
    const auto result = rewritten(sink);
    if (result && sink.out.has(MarketFrame::kDepth)) legacy_.advance(symbol);
    return result;
}

HotResult<void> Cold::rewritten(Sink& sink) {
    if (!form_.ok()) return fail(Errc::Malformed);
    const auto scan = [&](venue_common::Cursor& at, auto& numbers) {
        return scan_frame(at, numbers, sink);
    };
    return venue_common::settle_rewritten(form_.text(), *symbols_, scan, note_, sink.out);
}

void Cold::put_book(Object data) {
    form_.quoted(",\"data\":{\"s\":", data, "s");
    form_.levels(",\"b\":", data, "b");
    form_.levels(",\"a\":", data, "a");
    form_.integer(",\"u\":", data, "u");
    form_.literal("}");
}

HotResult<void> Cold::snapshot(std::string_view body, std::string_view symbol, Sink& sink) {
    Object root;
    if (json_.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS)
        return fail(Errc::Malformed);
    const auto code = venue_common::integer_field(root, "retCode");
    if (code && *code != 0) return fail(Errc::Rejected);
    const auto book = venue_common::object_field(root, "result");
    if (!code || !book || text_field(*book, "s") != symbol) return fail(Errc::Malformed);
    form_.clear();
    form_.quoted_text("{\"topic\":", "orderbook.1000." + std::string(symbol));
    form_.literal(",\"type\":\"snapshot\"");
    form_.integer(",\"ts\":", *book, "ts");
    put_book(*book);
    form_.integer(",\"cts\":", *book, "cts", Need::Optional);
    form_.literal("}");
    return rewritten(sink);
}

/// Only books of a numbered depth are followed: rpi and full are other things.
HotResult<void> Cold::book(std::string_view name, Object frame, Sink& sink) {
    const std::string_view rest = name.substr(name.find('.') + 1);
    if (!all_digits(rest.substr(0, rest.find('.')))) return {};
    const auto data = venue_common::object_field(frame, "data");
    if (!data) return fail(Errc::Malformed);
    form_.clear();
    form_.quoted_text("{\"topic\":", name);
    form_.quoted(",\"type\":", frame, "type");
    form_.integer(",\"ts\":", frame, "ts");
    put_book(*data);
    form_.integer(",\"cts\":", frame, "cts", Need::Optional);
    form_.literal("}");
    return rewritten(sink);
}

HotResult<void> Cold::trades(std::string_view name, Object frame, Sink& sink) {
    const auto rows = venue_common::array_field(frame, "data");
    if (!rows) return fail(Errc::Malformed);
    form_.clear();
    form_.quoted_text("{\"topic\":", name);
    form_.quoted(",\"type\":", frame, "type");
    form_.integer(",\"ts\":", frame, "ts");
    form_.literal(",\"data\":[");
    std::string_view separator = "{";
    for (const Element element : *rows) {
        Object row;
        if (element.get(row) != simdjson::SUCCESS) return fail(Errc::Malformed);
        form_.literal(separator);
        form_.integer("\"T\":", row, "T");
        form_.quoted(",\"s\":", row, "s");
        form_.quoted(",\"S\":", row, "S");
        form_.quoted(",\"v\":", row, "v");
        form_.quoted(",\"p\":", row, "p");
        form_.quoted(",\"i\":", row, "i");
        form_.literal("}");
        separator = ",{";
    }
    form_.literal("]}");
    return rewritten(sink);
}

Cold::TickerMemory& Cold::remember(const venue_common::SymbolCache::Entry* entry, Object data,
                                   bool whole) {
    if (entry != nullptr && tickers_.size() <= entry->id.index())
        tickers_.resize(entry->id.index() + 1);
    TickerMemory& memory = entry == nullptr ? unknown_ticker_ : tickers_[entry->id.index()];
    if (whole || entry == nullptr) memory = {};
    const auto update = [&](std::string& text, std::string_view key) {
        if (const auto element = venue_common::field(data, key))
            text = venue_common::scalar_text(*element);
    };
    update(memory.last, "lastPrice");
    update(memory.high, "highPrice24h");
    update(memory.low, "lowPrice24h");
    update(memory.open, "prevPrice24h");
    update(memory.volume, "volume24h");
    update(memory.mark, "markPrice");
    update(memory.index, "indexPrice");
    update(memory.funding_rate, "fundingRate");
    update(memory.next_funding, "nextFundingTime");
    update(memory.funding_hours, "fundingIntervalHour");
    return memory;
}

HotResult<void> Cold::ticker(Object frame, Sink& sink) {
    const auto data = venue_common::object_field(frame, "data");
    if (!data) return fail(Errc::Malformed);
    const std::string_view symbol = text_field(*data, "symbol");
    if (symbol.empty()) return fail(Errc::Malformed);
    const auto* const entry = symbols_->find(symbol);
    FieldReader fields{entry == nullptr ? nullptr : &entry->wire};
    const TickerMemory& now = remember(entry, *data, text_field(frame, "type") != "delta");
    const InstrumentId id = entry == nullptr ? InstrumentId{} : entry->id;
    messages::Stamp stamp{.received = sink.received, .venue_time = {}, .sent = {}};
    stamp.sent = fields.time(venue_common::integer_field(frame, "ts"));
    sink.out.ticker = {.instrument = id,
                       .stamp = stamp,
                       .last = fields.price(now.last),
                       .high = fields.price(now.high),
                       .low = fields.price(now.low),
                       .open = fields.price(now.open),
                       .volume = fields.volume(now.volume)};
    const auto next = parse_decimal(now.next_funding, 0);
    const auto hours = parse_decimal(now.funding_hours, 0);
    sink.out.mark = {.instrument = id,
                     .stamp = stamp,
                     .mark = fields.rounded_price(now.mark),
                     .index = fields.rounded_price(now.index),
                     .funding_rate = fields.rate(now.funding_rate),
                     .has_funding = false,
                     .next_funding = fields.time(next ? std::optional{*next} : std::nullopt),
                     .funding_interval = Nanos::seconds(
                         3'600 * (hours && *hours > 0 && *hours <= 168 ? *hours : 0))};
    sink.out.mark.has_funding = !now.funding_rate.empty() && sink.out.mark.next_funding.known();
    const int contents =
        (now.last.empty() ? 0 : MarketFrame::kTicker) | (now.mark.empty() ? 0 : MarketFrame::kMark);
    return settle_fields(fields, symbol, entry, static_cast<std::uint16_t>(contents), note_,
                         sink.out);
}

/// "kline.5.BTCUSDT".
HotResult<void> Cold::klines(std::string_view name, Object frame, Sink& sink) {
    const std::string_view symbol = name.substr(name.rfind('.') + 1);
    const auto rows = venue_common::array_field(frame, "data");
    if (!rows || symbol.empty()) return fail(Errc::Malformed);
    const auto* const entry = symbols_->find(symbol);
    FieldReader fields{entry == nullptr ? nullptr : &entry->wire};
    klines_.clear();
    for (const Element element : *rows) {
        Object row;
        if (element.get(row) != simdjson::SUCCESS) return fail(Errc::Malformed);
        messages::Kline candle;
        if (entry != nullptr) candle.instrument = entry->id;
        candle.stamp.received = sink.received;
        candle.stamp.sent = fields.time(venue_common::integer_field(frame, "ts"));
        candle.open_time = fields.time(venue_common::integer_field(row, "start"));
        candle.interval = interval_of(text_field(row, "interval"));
        candle.open = fields.price(scalar_field(row, "open"));
        candle.high = fields.price(scalar_field(row, "high"));
        candle.low = fields.price(scalar_field(row, "low"));
        candle.close = fields.price(scalar_field(row, "close"));
        candle.volume = fields.volume(scalar_field(row, "volume"));
        const auto closed = venue_common::boolean_field(row, "confirm");
        candle.closed = closed.value_or(false);
        if (!closed || !candle.open_time.known() || candle.interval == Nanos{})
            return fail(Errc::Malformed);
        klines_.push_back(candle);
    }
    sink.out.klines = klines_;
    return settle_fields(fields, symbol, entry, MarketFrame::kKlines, note_, sink.out);
}

}  // namespace parallax::bybit
