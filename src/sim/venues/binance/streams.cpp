#include "sim/venues/binance/front.hpp"
#include "sim/venues/binance/messages.hpp"
#include "sim/venues/binance/numbers.hpp"
#include "sim/venues/binance/tickers.hpp"

namespace parallax::sim_binance {
namespace {

std::string stream_name(const Listing& l, const char* what) {
    std::string out = l.definition.venue_symbol;
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out + "@" + what;
}

Product traded_on(const Listing& l) { return spot(l) ? Product::Spot : Product::Futures; }

/// `d`: a ticker as REST has it.
Json ticker_event(const char* kind, const Json& d, UnixNanos now, bool mini) {
    Json out{{"e", kind}, {"E", now.millis()}, {"s", d["symbol"]}};
    if (!mini) {
        out["p"] = d["priceChange"];
        out["P"] = d["priceChangePercent"];
        out["w"] = d["weightedAvgPrice"];
        if (d.contains("prevClosePrice")) out["x"] = d["prevClosePrice"];
    }
    out["c"] = d["lastPrice"];
    if (!mini) {
        out["Q"] = d["lastQty"];
        if (d.contains("bidPrice")) {
            out["b"] = d["bidPrice"];
            out["B"] = d["bidQty"];
            out["a"] = d["askPrice"];
            out["A"] = d["askQty"];
        }
    }
    out["o"] = d["openPrice"];
    out["h"] = d["highPrice"];
    out["l"] = d["lowPrice"];
    out["v"] = d["volume"];
    out["q"] = d["quoteVolume"];
    if (mini) return out;
    out["O"] = d["openTime"];
    out["C"] = d["closeTime"];
    out["F"] = d["firstId"];
    out["L"] = d["lastId"];
    out["n"] = d["count"];
    return out;
}

/// A window's has no price before it and no best prices.
Json window_event(const Json& d, Nanos length, UnixNanos now) {
    const std::int64_t hours = length.count() / Nanos::seconds(3'600).count();
    const char* const kind = hours == 1 ? "1hTicker" : hours == 4 ? "4hTicker" : "1dTicker";
    Json out = ticker_event(kind, d, now, false);
    for (const char* const name : {"x", "Q", "b", "B", "a", "A"}) out.erase(name);
    return out;
}

Json mark_event(const SimVenue& venue, ListingId id, UnixNanos now) {
    const Listing& l = venue.listing(id);
    const sim_engine::Desk& desk = venue.desk(id);
    const auto wide = [&](Price p) {
        return sim_front::fixed_text(p.raw(), l.price_scale.decimals, 8);
    };
    return {{"e", "markPriceUpdate"},          {"E", now.millis()},
            {"s", l.definition.venue_symbol},  {"p", wide(desk.mark)},
            {"i", wide(desk.index)},           {"P", wide(desk.index)},
            {"r", text(desk.funding_rate())},  {"ap", wide(desk.mark)},
            {"T", desk.next_funding.millis()}, {"st", 1}};
}

Json best_event(const Listing& l, std::uint64_t update, const Level& bid, const Level& ask,
                UnixNanos time) {
    Json out = Json::object();
    if (!spot(l)) out["e"] = "bookTicker";
    out["u"] = update;
    if (!spot(l)) out["E"] = out["T"] = time.millis();
    out["s"] = l.definition.venue_symbol;
    if (!spot(l)) out["ps"] = l.definition.venue_symbol;
    out["b"] = text(l, bid.price);
    out["B"] = text(l, bid.quantity);
    out["a"] = text(l, ask.price);
    out["A"] = text(l, ask.quantity);
    if (!spot(l)) out["st"] = 1;
    return out;
}

Json kline_event(const Listing& l, const Candle& c, Nanos length, const std::string& interval,
                 UnixNanos now) {
    return {{"e", "kline"},
            {"E", now.millis()},
            {"s", l.definition.venue_symbol},
            {"k",
             {{"t", c.begin.millis()},
              {"T", (c.begin + length).millis() - 1},
              {"s", l.definition.venue_symbol},
              {"i", interval},
              {"f", c.first},
              {"L", c.last},
              {"o", text(l, c.open)},
              {"c", text(l, c.close)},
              {"h", text(l, c.high)},
              {"l", text(l, c.low)},
              {"v", text(c.base)},
              {"n", c.trades},
              {"x", now >= c.begin + length},
              {"q", text(c.quote)},
              {"V", text(c.taker_base)},
              {"Q", text(c.taker_quote)},
              {"B", "0"}}}};
}

/// Of a pair's contract instead of a symbol.
Json continuous_event(Json event) {
    event["e"] = "continuous_kline";
    event["ps"] = event["s"];
    event["ct"] = "PERPETUAL";
    event.erase("s");
    event["k"].erase("s");
    return event;
}

}  // namespace

void BinanceFront::tell(Product product, const std::string& name, const Json& message) {
    const auto found = followed_.find({product, name});
    if (found == followed_.end()) return;
    const std::string raw = text_of(message);
    const std::string wrapped = R"({"stream":)" + text_of(Json(name)) + R"(,"data":)" + raw + "}";
    for (const std::uint64_t id : found->second.sessions) {
        Session* const s = sessions_.find(ports::SessionId{id});
        if (s != nullptr) sessions_.send(*s, s->state.combined ? wrapped : raw);
    }
}

void BinanceFront::tell_trade(const sim_engine::TradePrint& p, UnixNanos time) {
    const Listing& l = venue_.listing(p.listing);
    const std::string name = stream_name(l, "trade");
    const Product product = spot(l) ? Product::Spot : Product::Futures;
    if (!followed_.contains({product, name})) return;
    Json message{{"e", "trade"},
                 {"E", time.millis()},
                 {"s", l.definition.venue_symbol},
                 {"t", p.trade.raw()},
                 {"p", text(l, p.price)},
                 {"q", text(l, p.quantity)},
                 {"T", time.millis()},
                 {"m", p.aggressor == Side::Sell}};
    if (spot(l)) {
        message["M"] = true;
    } else {
        message["X"] = "MARKET";
    }
    tell(product, name, message);
}

/// The first of each second for a listing, as it ended.
void BinanceFront::tell_forced(const Order& order, UnixNanos time) {
    const Listing& l = venue_.listing(order.listing);
    UnixNanos& next = forced_after_[order.listing];
    if (time < next) return;
    next = time + Nanos::seconds(1);
    const Json event = force_order(l, order, time);
    tell(Product::Futures, stream_name(l, "forceOrder"), event);
    tell(Product::Futures, "!forceOrder@arr", event);
}

void BinanceFront::tell_aggregates(UnixNanos now) {
    for (auto& [key, followed] : followed_) {
        if (followed.stream.kind != Stream::Kind::Aggregate) continue;
        const ListingId id = followed.stream.listing;
        const Listing& l = venue_.listing(id);
        const auto& tape = api_.tape(id).aggregates();
        std::size_t first = tape.size();
        while (first > 0 && tape[first - 1].id > followed.told) --first;
        for (; first < tape.size(); ++first) {
            const AggregateTrade& t = tape[first];
            followed.told = t.id;
            Json out{{"e", "aggTrade"},
                     {"E", now.millis()},
                     {"s", l.definition.venue_symbol},
                     {"a", t.id},
                     {"p", text(l, t.price)},
                     {"q", text(l, t.quantity)},
                     {"f", t.first},
                     {"l", t.last},
                     {"T", t.time.millis()},
                     {"m", t.aggressor == Side::Sell}};
            if (spot(l)) {
                out["M"] = true;
            } else {
                out["nq"] = text(l, t.quantity);
                out["st"] = 1;
            }
            tell(key.first, key.second, out);
        }
    }
}

void BinanceFront::tell_best(const sim_engine::BestChange& c, UnixNanos time) {
    const Listing& l = venue_.listing(c.listing);
    const std::string name = stream_name(l, "bookTicker");
    if (!followed_.contains({traded_on(l), name})) return;
    tell(traded_on(l), name, best_event(l, c.update, c.bid, c.ask, time));
}

void BinanceFront::tell_delta(ListingId listing, Nanos every, const sim_engine::BookDelta& delta,
                              UnixNanos now) {
    const Listing& l = venue_.listing(listing);
    Json out{{"e", "depthUpdate"}, {"E", now.millis()}};
    if (!spot(l)) out["T"] = now.millis();
    out["s"] = l.definition.venue_symbol;
    // Spot's numbers leave no hole: what changed and came back counts, too.
    out["U"] = delta.first;
    out["u"] = delta.last;
    if (!spot(l)) out["pu"] = delta.previous;
    out["b"] = levels_json(l, delta.bids);
    out["a"] = levels_json(l, delta.asks);
    if (!spot(l)) {
        out["ps"] = l.definition.venue_symbol;
        out["st"] = 1;
    }
    for (const auto& [key, followed] : followed_) {
        const Stream& s = followed.stream;
        if (s.kind == Stream::Kind::Diff && s.listing == listing && s.every == every)
            tell(key.first, key.second, out);
    }
}

Json BinanceFront::timed_message(const Stream& stream, UnixNanos now) const {
    using Kind = Stream::Kind;
    switch (stream.kind) {
        case Kind::Mark:
            return mark_event(venue_, stream.listing, now);
        case Kind::Day:
        case Kind::MiniDay: {
            const bool mini = stream.kind == Kind::MiniDay;
            return ticker_event(
                mini ? "24hrMiniTicker" : "24hrTicker",
                ticker_json(venue_, stream.listing, api_.tape(stream.listing), now, false), now,
                mini);
        }
        case Kind::Window:
            return window_event(ticker_json(venue_, stream.listing, api_.tape(stream.listing), now,
                                            false, stream.length),
                                stream.length, now);
        case Kind::Best: {
            const sim_engine::Book& book = venue_.book(stream.listing);
            return best_event(venue_.listing(stream.listing), book.update(), book.top(Side::Buy),
                              book.top(Side::Sell), now);
        }
        case Kind::Average: {
            const Listing& l = venue_.listing(stream.listing);
            const Candle five = api_.tape(stream.listing).sum(Nanos::seconds(300), now);
            return {{"e", "avgPrice"},
                    {"E", now.millis()},
                    {"s", l.definition.venue_symbol},
                    {"i", "5m"},
                    {"w", average(five.quote, five.base, 8)},
                    {"T", now.millis()}};
        }
        case Kind::Kline:
        case Kind::ContinuousKline: {
            const auto last = api_.tape(stream.listing).candles(stream.length, 1, now);
            if (last.empty()) return nullptr;
            Json event = kline_event(venue_.listing(stream.listing), last[0], stream.length,
                                     stream.interval, now);
            return stream.kind == Kind::Kline ? event : continuous_event(std::move(event));
        }
        case Kind::Partial: {
            const Listing& l = venue_.listing(stream.listing);
            const auto bids = venue_.levels(stream.listing, Side::Buy, stream.levels);
            const auto asks = venue_.levels(stream.listing, Side::Sell, stream.levels);
            const std::uint64_t update = venue_.book(stream.listing).update();
            if (spot(l))
                return {{"lastUpdateId", update},
                        {"bids", levels_json(l, bids)},
                        {"asks", levels_json(l, asks)}};
            return {{"e", "depthUpdate"},
                    {"E", now.millis()},
                    {"T", now.millis()},
                    {"s", l.definition.venue_symbol},
                    {"U", update},
                    {"u", update},
                    {"pu", update},
                    {"b", levels_json(l, bids)},
                    {"a", levels_json(l, asks)},
                    {"ps", l.definition.venue_symbol},
                    {"st", 1}};
        }
        default:
            return nullptr;
    }
}

void BinanceFront::tell_timed(UnixNanos now) {
    for (auto& [key, followed] : followed_) {
        Stream& stream = followed.stream;
        if (stream.every == Nanos{} || now < followed.due) continue;
        followed.due = sim_front::DepthScheduler::end_of(stream.every, now);
        if (stream.kind == Stream::Kind::Partial &&
            std::exchange(followed.told, venue_.book(stream.listing).update()) ==
                venue_.book(stream.listing).update())
            continue;
        if (stream.all) {
            tell_all(key.first, key.second, stream, now);
        } else if (const Json message = timed_message(stream, now); !message.is_null()) {
            tell(key.first, key.second, message);
        }
    }
}

/// Of all that trades: an array; best prices come one by one.
void BinanceFront::tell_all(Product product, const std::string& name, Stream stream,
                            UnixNanos now) {
    Json rows = Json::array();
    for (std::size_t i = 0; i < venue_.listings(); ++i) {
        stream.listing = ListingId{static_cast<ListingId::rep>(i)};
        if (venue_.listing(stream.listing).definition.market != market_of(product)) continue;
        rows.push_back(timed_message(stream, now));
        if (stream.kind == Stream::Kind::Best) tell(product, name, rows.back());
    }
    if (stream.kind != Stream::Kind::Best) tell(product, name, rows);
}

}  // namespace parallax::sim_binance
