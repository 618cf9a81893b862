#include "sim/venues/bybit/public_streams.hpp"

#include <algorithm>

#include "sim/venues/bybit/text.hpp"
#include "sim/venues/common/depth_scheduler.hpp"
#include "sim/venues/common/parameters.hpp"

namespace parallax::sim_bybit {
namespace {

using sim_engine::ListingId;

constexpr std::uint64_t kFirstUpdate = 100'000;

Nanos book_interval(std::int64_t depth) noexcept {
    switch (depth) {
        case 1:
            return Nanos::millis(10);
        case 50:
            return Nanos::millis(20);
        case 200:
            return Nanos::millis(100);
        case 1'000:
            return Nanos::millis(200);
        default:
            return {};
    }
}

UnixNanos after(Nanos interval, UnixNanos now) noexcept {
    return sim_front::DepthScheduler::end_of(interval, now);
}

Tape::Holders holders(const sim_engine::SimVenue& venue, ListingId id) {
    Tape::Holders out;
    for (std::size_t i = 1; i < venue.accounts(); ++i) {  // 0 is the venue's own
        const sim_engine::AccountId account{static_cast<sim_engine::AccountId::rep>(i)};
        const Quantity quantity = venue.position(account, id).quantity();
        if (quantity > Quantity{}) ++out.longs;
        if (quantity < Quantity{}) ++out.shorts;
    }
    return out;
}

}  // namespace

std::optional<PublicStreams::Name> PublicStreams::parse(Market market,
                                                        std::string_view topic) const {
    const std::size_t first = topic.find('.'), last = topic.rfind('.');
    if (first == std::string_view::npos) return std::nullopt;
    const auto listing = venue_.find_listing(market, topic.substr(last + 1));
    if (!listing) return std::nullopt;
    const std::string_view kind = topic.substr(0, first);
    const std::string_view middle =
        first == last ? std::string_view{} : topic.substr(first + 1, last - first - 1);
    if (middle.starts_with('0')) return std::nullopt;  // one text for each topic
    Name name{{}, *listing, 0, std::string{middle}, {}};
    if (kind == "orderbook") {
        const auto depth = sim_front::integer(middle);
        name.kind = Kind::Book;
        name.every = book_interval(depth.value_or(0));
        name.depth = static_cast<std::size_t>(depth.value_or(0));
        if (name.every == Nanos{}) return std::nullopt;
    } else if (kind == "kline") {
        name.kind = Kind::Candle;
        name.every = Nanos::seconds(1);
        if (!interval_of(middle, 0)) return std::nullopt;
    } else {
        if (first != last) return std::nullopt;
        if (kind == "publicTrade") {
            name.kind = Kind::Trade;
        } else if (kind == "tickers") {
            name.kind = Kind::Ticker;
            name.every = Nanos::millis(market == Market::BybitSpot ? 50 : 100);
        } else if (kind == "priceLimit") {
            name.kind = Kind::Limit;
            name.every = Nanos::millis(300);
        } else {
            return std::nullopt;
        }
    }
    return name;
}

bool PublicStreams::known(Market market, std::string_view topic) const {
    return parse(market, topic).has_value();
}

PublicStreams::Topic& PublicStreams::topic(Market market, const std::string& text) {
    const auto [at, fresh] = topics_.try_emplace(Key{market, text});
    Topic& t = at->second;
    if (fresh) {
        t.name = *parse(market, text);
        t.text = text;
        t.book = sim_engine::TopConflator{t.name.depth};
        t.update = kFirstUpdate;
        t.due = sim_front::kNever;
    }
    return t;
}

void PublicStreams::follow(Market market, const std::string& text, Sockets::Session& session,
                           UnixNanos now) {
    Topic& t = topic(market, text);
    const bool first = t.followers.empty();
    t.followers.insert(session.id);
    if (first && t.name.every > Nanos{}) t.due = after(t.name.every, now);
    switch (t.name.kind) {
        case Kind::Book:
            if (first && t.book.told_update() != venue_.book(t.name.listing).update()) {
                (void)t.book.snapshot(venue_.book(t.name.listing));
                ++t.update;
                t.told_at = now;
            }
            return sockets_.send(session, whole_book(t, now));
        case Kind::Ticker:
            if (first)
                t.fields = ticker_fields(venue_, t.name.listing, tape(t.name.listing), now, false);
            return sockets_.send(session, ticker_message(t, t.fields, true, now));
        case Kind::Candle: {
            const auto candles = tape(t.name.listing).candles(t.name.interval, 0, now.millis(), 1);
            if (candles.empty()) return;
            if (first) t.candle = candles[0].start;
            return sockets_.send(session, candle_message(t, candles[0], false, now));
        }
        case Kind::Limit:
            t.last = limit_data(t);
            return sockets_.send(session, R"({"topic":")" + t.text + R"(","data":)" + t.last +
                                              R"(,"ts":)" + std::to_string(now.millis()) + '}');
        case Kind::Trade:
            return;
    }
}

void PublicStreams::leave(Market market, const std::string& text, ports::SessionId session) {
    const auto found = topics_.find(Key{market, text});
    if (found == topics_.end()) return;
    found->second.followers.erase(session);
    if (found->second.followers.empty()) found->second.due = sim_front::kNever;
}

void PublicStreams::happened(std::span<const sim_engine::PublicEvent> events, UnixNanos now) {
    constexpr std::size_t kMostTrades = 1'024;  // a message
    std::map<ListingId, Json> trades;
    const auto tell_trades = [&](ListingId id, Json& data) {
        const sim_engine::Listing& l = venue_.listing(id);
        const auto found =
            topics_.find(Key{l.definition.market, "publicTrade." + l.definition.venue_symbol});
        if (found != topics_.end() && !found->second.followers.empty()) {
            const Json message = {{"topic", found->first.second},
                                  {"type", "snapshot"},
                                  {"ts", now.millis()},
                                  {"data", std::move(data)}};
            send(found->second, message.dump());
        }
        data = Json::array();
    };
    for (const sim_engine::PublicEvent& event : events) {
        if (const auto* const change = std::get_if<sim_engine::LevelChange>(&event.body)) {
            tapes_[change->listing.index()].changed(event.time, event.number);
        } else if (const auto* const print = std::get_if<sim_engine::TradePrint>(&event.body)) {
            const sim_engine::Listing& l = venue_.listing(print->listing);
            const Tape::Trade& trade =
                tapes_[print->listing.index()].trade(l, *print, event.time, event.number);
            const auto found =
                topics_.find(Key{l.definition.market, "publicTrade." + l.definition.venue_symbol});
            if (found == topics_.end() || found->second.followers.empty()) continue;
            Json& data = trades[print->listing];
            data.push_back(trade_json(l, trade));
            if (data.size() == kMostTrades) tell_trades(print->listing, data);
        } else if (const auto* const mark = std::get_if<sim_engine::MarkChange>(&event.body)) {
            Tape& tape = tapes_[mark->listing.index()];
            tape.marked(venue_.desk(mark->listing), *mark, event.time);
            if (tape.wants_interest(event.time)) {
                tape.interest(sim_front::open_interest(venue_, mark->listing),
                              holders(venue_, mark->listing), event.time);
            }
        }
    }
    for (auto& [id, data] : trades) {
        if (!data.empty()) tell_trades(id, data);
    }
}

void PublicStreams::advance(UnixNanos now) {
    for (auto& [key, t] : topics_) {
        if (now < t.due) continue;
        t.due = after(t.name.every, now);
        tell(t, now);
    }
}

UnixNanos PublicStreams::next_due() const noexcept {
    UnixNanos due = sim_front::kNever;
    for (const auto& [key, t] : topics_) due = std::min(due, t.due);
    return due;
}

void PublicStreams::tell(Topic& t, UnixNanos now) {
    switch (t.name.kind) {
        case Kind::Book:
            return tell_book(t, now);
        case Kind::Ticker:
            return tell_ticker(t, now);
        case Kind::Candle:
            tapes_[t.name.listing.index()].advance(now);
            return tell_candle(t, now);
        case Kind::Limit:
            return tell_limit(t, now);
        case Kind::Trade:
            return;
    }
}

PublicStreams::Snapshot PublicStreams::book(ListingId id, std::size_t most, UnixNanos now) {
    const sim_engine::Listing& l = venue_.listing(id);
    // Those who follow the stream learn first what the snapshot says: their next delta follows it.
    Topic& t = topic(l.definition.market, "orderbook.1000." + l.definition.venue_symbol);
    if (!t.followers.empty()) {
        tell_book(t, now);
    } else if (t.book.told_update() != venue_.book(id).update()) {
        (void)t.book.snapshot(venue_.book(id));
        ++t.update;
    }
    Snapshot out{t.book.told(Side::Buy), t.book.told(Side::Sell), t.update};
    if (out.bids.size() > most) out.bids.resize(most);
    if (out.asks.size() > most) out.asks.resize(most);
    return out;
}

void PublicStreams::send(const Topic& t, std::string_view text) {
    for (const ports::SessionId id : t.followers) {
        if (Sockets::Session* const s = sockets_.find(id)) sockets_.send(*s, text);
    }
}

}  // namespace parallax::sim_bybit
