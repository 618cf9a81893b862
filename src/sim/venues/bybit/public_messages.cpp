// What the topics of PublicStreams say when they are due.
#include "sim/venues/bybit/public_streams.hpp"
#include "sim/venues/bybit/text.hpp"

namespace parallax::sim_bybit {

BookText PublicStreams::head(const Topic& t, bool snapshot, UnixNanos now) const {
    const Tape& tape = tapes_[t.name.listing.index()];
    return {t.text,     snapshot, t.update,
            tape.seq(), now,      tape.book_time().known() ? tape.book_time() : now};
}

std::string PublicStreams::whole_book(const Topic& t, UnixNanos now) const {
    return book_message(venue_.listing(t.name.listing), head(t, true, now), t.book.told(Side::Buy),
                        t.book.told(Side::Sell));
}

void PublicStreams::tell_book(Topic& t, UnixNanos now) {
    const sim_engine::BookDelta* const delta = t.book.flush(venue_.book(t.name.listing));
    if (t.name.depth == 1) {  // never a delta; the same again after three seconds
        if (delta != nullptr) ++t.update;
        if (delta == nullptr && now - t.told_at < Nanos::seconds(3)) return;
        t.told_at = now;
        return send(t, whole_book(t, now));
    }
    if (delta == nullptr) return;
    ++t.update;
    t.told_at = now;
    send(t, book_message(venue_.listing(t.name.listing), head(t, false, now), delta->bids,
                         delta->asks));
}

std::string PublicStreams::ticker_message(const Topic& t, const Fields& fields, bool snapshot,
                                          UnixNanos now) const {
    Json data = Json::object();
    for (const auto& [name, text] : fields) data[std::string{name}] = text;
    const Json message = {{"topic", t.text},
                          {"type", snapshot ? "snapshot" : "delta"},
                          {"data", std::move(data)},
                          {"cs", tapes_[t.name.listing.index()].seq()},
                          {"ts", now.millis()}};
    return message.dump();
}

void PublicStreams::tell_ticker(Topic& t, UnixNanos now) {
    Fields fields = ticker_fields(venue_, t.name.listing, tape(t.name.listing), now, false);
    if (fields == t.fields) return;
    if (is_spot(venue_.listing(t.name.listing))) {  // always whole
        t.fields = std::move(fields);
        return send(t, ticker_message(t, t.fields, true, now));
    }
    Fields changed{fields[0]};  // the symbol is in each
    for (std::size_t i = 1; i < fields.size(); ++i) {
        if (fields[i] != t.fields[i]) changed.push_back(fields[i]);
    }
    t.fields = std::move(fields);
    send(t, ticker_message(t, changed, false, now));
}

std::string PublicStreams::candle_message(const Topic& t, const Candle& c, bool closed,
                                          UnixNanos now) const {
    const sim_engine::Listing& l = venue_.listing(t.name.listing);
    const Json candle = {{"start", c.start},
                         {"end", interval_of(t.name.interval, c.start)->end - 1},
                         {"interval", t.name.interval},
                         {"open", price_text(l, c.open)},
                         {"close", price_text(l, c.close)},
                         {"high", price_text(l, c.high)},
                         {"low", price_text(l, c.low)},
                         {"volume", l.text(c.volume)},
                         {"turnover", c.turnover.text()},
                         {"confirm", closed},
                         {"timestamp", now.millis()}};
    const Json message = {{"topic", t.text},
                          {"data", Json::array({candle})},
                          {"ts", now.millis()},
                          {"type", "snapshot"}};
    return message.dump();
}

void PublicStreams::tell_candle(Topic& t, UnixNanos now) {
    const auto candles = tape(t.name.listing).candles(t.name.interval, t.candle, now.millis(), 64);
    for (std::size_t i = 0; i < candles.size(); ++i) {
        const bool closed = i + 1 < candles.size();
        send(t, candle_message(t, candles[i], closed, now));
        t.candle = candles[i].start;
    }
}

std::string PublicStreams::limit_data(const Topic& t) const {
    const sim_engine::Desk& desk = venue_.desk(t.name.listing);
    const Limits limits = price_limits(desk);
    const Json data = {{"symbol", desk.listing.definition.venue_symbol},
                       {"buyLmt", price_text(desk.listing, limits.highest_bid)},
                       {"sellLmt", price_text(desk.listing, limits.lowest_ask)}};
    return data.dump();
}

void PublicStreams::tell_limit(Topic& t, UnixNanos now) {
    std::string data = limit_data(t);
    if (data == t.last) return;
    t.last = std::move(data);
    send(t, R"({"topic":")" + t.text + R"(","data":)" + t.last + R"(,"ts":)" +
                std::to_string(now.millis()) + '}');
}

}  // namespace parallax::sim_bybit
