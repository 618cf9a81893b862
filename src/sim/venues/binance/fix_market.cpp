// Market data: instruments, best prices and trades as they happen, books every 100 ms (sheet: 6.6).
#include <algorithm>

#include "sim/venues/binance/fix.hpp"
#include "sim/venues/binance/numbers.hpp"

namespace parallax::sim_binance {
namespace {

using sim_fix::Message;

constexpr Nanos kDepthEvery = Nanos::millis(100);
constexpr std::size_t kMostStreams = 1'000;
constexpr std::size_t kMostLevels = 5'000;

/// The values of a group of single fields that begins behind `count`; empty: it says another
/// number.
std::vector<std::string_view> group(const Message& m, int count, int member) {
    std::vector<std::string_view> out;
    const sim_fix::Field* const head = m.find(count);
    if (head == nullptr) return out;
    const sim_fix::Field* const end = m.fields.data() + m.fields.size();
    for (const sim_fix::Field* f = head + 1; f != end && f->tag == member; ++f)
        out.push_back(f->value);
    if (m.number(count) != static_cast<std::int64_t>(out.size())) out.clear();
    return out;
}

const char* entry_of(Side side) { return side == Side::Buy ? "0" : "1"; }

}  // namespace

void Fix::market_message(Session& s, const Message& m) {
    if (m.type == "x") return instruments(s, m);
    if (m.type == "V") return subscribe(s, m);
    reject(s, m, {99, -1020, 0, "This operation is not supported."});
}

void Fix::instruments(Session& s, const Message& m) {
    for (const int tag : {320, 559}) {
        if (!m.has(tag)) return reject(s, m, {1, -1102, tag, "Required tag missing."});
    }
    const bool one = m.text(559) == "0";
    if (!one && m.text(559) != "4") return reject(s, m, incorrect(559));
    if (one && !m.has(55)) return reject(s, m, {1, -1102, 55, "Required tag missing."});
    std::vector<ListingId> all;
    for (std::size_t i = 0; i < venue_.listings(); ++i) {
        const ListingId id{static_cast<ListingId::rep>(i)};
        const Listing& l = venue_.listing(id);
        if (spot(l) && (!one || l.definition.venue_symbol == m.text(55))) all.push_back(id);
    }
    if (one && all.empty()) return reject(s, m, {5, -1121, 55, "Invalid symbol."});
    Writer w{"y"};
    w.add(320, m.text(320)).add(146, static_cast<std::int64_t>(all.size()));
    for (const ListingId id : all) {
        const Listing& l = venue_.listing(id);
        w.add(55, l.definition.venue_symbol).add(15, l.definition.quote);
        w.add(562, text(l, l.min_quantity)).add(1140, text(l, l.max_quantity));
        w.add(25039, text(l, l.lot)).add(25040, text(l, l.min_quantity));
        w.add(25041, text(l, l.max_market_quantity)).add(25042, text(l, l.lot));
        w.add(969, text(l, l.tick)).add(2551, text(l, l.min_price)).add(2552, text(l, l.max_price));
    }
    send(s, w);
}

void Fix::subscribe(Session& s, const Message& m) {
    for (const int tag : {262, 263}) {
        if (!m.has(tag)) return reject(s, m, {1, -1102, tag, "Required tag missing."});
    }
    const std::string id{m.text(262)};
    if (m.text(263) == "2") return unfollow(s, id);
    if (m.text(263) != "1") return reject(s, m, incorrect(263));
    const auto symbols = group(m, 146, 55);
    auto entries = group(m, 267, 269);
    if (symbols.empty() || entries.empty()) {
        const int tag = symbols.empty() ? 146 : 267;
        return reject(s, m,
                      m.has(tag) ? Refusal{16, -1183, tag, "Incorrect NumInGroup count."}
                                 : Refusal{1, -1102, tag, "Required tag missing."});
    }
    const auto refuse = [&](int reason, int code, std::string_view why) {
        Writer w{"Y"};
        w.add(262, id).add(58, why);
        if (reason != 0) w.add(281, reason);
        send(s, w.add(25016, code));
    };
    if (s.state.subscriptions.contains(id)) return refuse(1, -1185, "MDReqID<262> is in use.");
    std::ranges::sort(entries);
    const bool trades = entries.size() == 1 && entries[0] == "2";
    const bool book = entries.size() == 2 && entries[0] == "0" && entries[1] == "1";
    const auto depth = m.number(264);
    if (!trades && !book)
        return refuse(0, -1130, "BID and OFFER are asked for together, TRADE alone.");
    if (book && (!depth || *depth < 1 || *depth > static_cast<std::int64_t>(kMostLevels)))
        return reject(s, m, incorrect(264));
    std::vector<Stream> streams;
    for (const std::string_view symbol : symbols) {
        const auto listing = venue_.find_listing(Market::BinanceSpot, symbol);
        if (!listing) return refuse(0, -1121, "Invalid symbol.");
        streams.push_back({trades        ? Stream::Kind::Trades
                           : *depth == 1 ? Stream::Kind::Best
                                         : Stream::Kind::Depth,
                           *listing});
    }
    if (s.state.streams + streams.size() > kMostStreams)
        return refuse(2, -1186, "Too many streams in this session.");
    s.state.streams += streams.size();
    s.state.subscriptions[id] = streams;
    for (const Stream& stream : streams)
        follow(s, id, stream, static_cast<std::size_t>(depth.value_or(0)));
}

void Fix::follow(Session& s, const std::string& id, const Stream& stream, std::size_t levels) {
    followers_[stream].insert({s.id.raw(), id});
    if (stream.kind == Stream::Kind::Trades) return;
    if (stream.kind == Stream::Kind::Depth) {
        auto& known = known_levels_[stream.listing];
        if (followers_[stream].size() == 1) {
            known = {};
            for (const Side side : {Side::Buy, Side::Sell}) {
                for (const Level& level : venue_.levels(stream.listing, side, kMostLevels))
                    known[static_cast<std::size_t>(side)].insert(level.price);
            }
        }
        depth_.follow(stream.listing, kDepthEvery, venue_.book(stream.listing).update(), now_);
    } else {
        for (const Side side : {Side::Buy, Side::Sell})
            known_best_[stream.listing][static_cast<std::size_t>(side)] =
                !venue_.levels(stream.listing, side, 1).empty();
    }
    snapshot(s, id, stream.listing, levels);
}

void Fix::snapshot(Session& s, const std::string& id, ListingId listing, std::size_t levels) {
    const Listing& l = venue_.listing(listing);
    const auto bids = venue_.levels(listing, Side::Buy, levels);
    const auto asks = venue_.levels(listing, Side::Sell, levels);
    Writer w{"W"};
    w.add(55, l.definition.venue_symbol).add(262, id);
    w.add(25044, static_cast<std::int64_t>(venue_.book(listing).update()));
    w.add(268, static_cast<std::int64_t>(bids.size() + asks.size()));
    for (const auto* side : {&bids, &asks}) {
        for (const Level& level : *side)
            w.add(269, side == &bids ? "0" : "1")
                .add(270, text(l, level.price))
                .add(271, text(l, level.quantity));
    }
    send(s, w);
}

void Fix::unfollow(Session& s, const std::string& id) {
    const auto found = s.state.subscriptions.find(id);
    if (found == s.state.subscriptions.end()) return;
    for (const Stream& stream : found->second) {
        const auto followers = followers_.find(stream);
        if (stream.kind == Stream::Kind::Depth) depth_.leave(stream.listing, kDepthEvery);
        followers->second.erase({s.id.raw(), id});
        if (followers->second.empty()) followers_.erase(followers);
    }
    s.state.streams -= found->second.size();
    s.state.subscriptions.erase(found);
}

void Fix::leave(Session& s) {
    while (!s.state.subscriptions.empty()) {
        const std::string id = s.state.subscriptions.begin()->first;
        unfollow(s, id);
    }
}

void Fix::tell_stream(const Stream& stream, const Writer& entries) {
    const auto found = followers_.find(stream);
    if (found == followers_.end()) return;
    for (const auto& [session, id] : found->second) {
        Session* const s = sessions_.find(ports::SessionId{session});
        if (s == nullptr || s->state.stage != State::Stage::Live) continue;
        Writer w{"X"};
        w.add(262, id).append(entries);
        send(*s, w);
    }
}

void Fix::tell(const sim_engine::TradePrint& p, UnixNanos time) {
    const Stream stream{Stream::Kind::Trades, p.listing};
    if (!followers_.contains(stream)) return;
    const Listing& l = venue_.listing(p.listing);
    Writer w{"X"};
    w.add(268, 1).add(279, "0").add(269, "2").add(270, text(l, p.price));
    w.add(271, text(l, p.quantity)).add(55, l.definition.venue_symbol);
    w.add(60, sim_fix::time_text(time)).add(1003, static_cast<std::int64_t>(p.trade.raw()));
    w.add(2446, p.aggressor == Side::Buy ? "1" : "2");
    tell_stream(stream, w);
}

void Fix::tell(const sim_engine::BestChange& c) {
    const Stream stream{Stream::Kind::Best, c.listing};
    if (!followers_.contains(stream)) return;
    const Listing& l = venue_.listing(c.listing);
    Writer rows{"X"};
    int count = 0;
    for (const Side side : {Side::Buy, Side::Sell}) {
        const Level& level = side == Side::Buy ? c.bid : c.ask;
        bool& known = known_best_[c.listing][static_cast<std::size_t>(side)];
        const bool there = !level.quantity.is_zero();
        if (!there && !known) continue;
        rows.add(279, !there ? "2" : known ? "1" : "0").add(269, entry_of(side));
        if (there) rows.add(270, text(l, level.price)).add(271, text(l, level.quantity));
        if (count++ == 0)
            rows.add(55, l.definition.venue_symbol).add(25044, static_cast<std::int64_t>(c.update));
        known = there;
    }
    if (count > 0) tell_stream(stream, Writer{"X"}.add(268, count).append(rows));
}

void Fix::tell_delta(ListingId listing, const sim_engine::BookDelta& delta) {
    const Listing& l = venue_.listing(listing);
    auto& known = known_levels_[listing];
    Writer rows{"X"};
    std::size_t count = 0;
    for (const Side side : {Side::Buy, Side::Sell}) {
        auto& prices = known[static_cast<std::size_t>(side)];
        for (const Level& level : side == Side::Buy ? delta.bids : delta.asks) {
            const bool there = !level.quantity.is_zero();
            const bool was = prices.contains(level.price);
            rows.add(279, !there ? "2" : was ? "1" : "0").add(269, entry_of(side));
            rows.add(270, text(l, level.price));
            if (there) rows.add(271, text(l, level.quantity));
            if (count++ == 0)
                rows.add(55, l.definition.venue_symbol)
                    .add(25043, static_cast<std::int64_t>(delta.first))
                    .add(25044, static_cast<std::int64_t>(delta.last));
            if (there) {
                prices.insert(level.price);
            } else {
                prices.erase(level.price);
            }
        }
    }
    const Stream stream{Stream::Kind::Depth, listing};
    tell_stream(stream, Writer{"X"}.add(268, static_cast<std::int64_t>(count)).append(rows));
}

}  // namespace parallax::sim_binance
