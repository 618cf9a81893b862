#include "sim/venues/okx/streams.hpp"

#include <algorithm>

#include "sim/venues/common/front.hpp"
#include "sim/venues/okx/market_messages.hpp"
#include "sim/venues/okx/order_messages.hpp"

namespace parallax::sim_okx {

using sim_engine::BestChange;
using sim_engine::LevelChange;
using sim_engine::ListingChange;
using sim_engine::ListingId;
using sim_engine::MarkChange;
using sim_engine::TradePrint;

namespace {

constexpr std::array<ChannelInfo, kChannelCount> kChannels{{
    {"bbo-tbt", Url::Public, 10, 1},
    {"books-l2-tbt", Url::Public, 10, 400},
    {"books50-l2-tbt", Url::Public, 10, 50},
    {"books", Url::Public, 100, 400},
    {"books5", Url::Public, 100, 5},
    {"trades", Url::Public, 0, 0},
    {"trades-all", Url::Business, 0, 0},
    {"tickers", Url::Public, 100, 0},
    {"candle", Url::Business, 1'000, 0},
    {"funding-rate", Url::Public, 60'000, 0},
    {"mark-price", Url::Public, 200, 0},
    {"price-limit", Url::Public, 200, 0},
    {"index-tickers", Url::Public, 100, 0},
    {"instruments", Url::Public, 0, 0},
    {"status", Url::Public, 0, 0},
}};

constexpr Nanos kBookHeartbeat = Nanos::seconds(60);

/// How often a value that stands still is repeated.
constexpr Nanos repeat_after(Channel channel) noexcept {
    switch (channel) {
        case Channel::MarkPrice:
            return Nanos::seconds(10);
        case Channel::IndexTickers:
        case Channel::FundingRate:
            return Nanos::seconds(60);
        default:
            return Nanos{};
    }
}

}  // namespace

const ChannelInfo& info(Channel channel) noexcept {
    return kChannels[static_cast<std::size_t>(channel)];
}

std::optional<Topic> find_channel(std::string_view name) noexcept {
    Topic topic;
    for (std::size_t i = 0; i < kChannelCount; ++i) {
        topic.channel = static_cast<Channel>(i);
        if (topic.channel == Channel::Candle) {
            const std::string_view start = kChannels[i].name;
            if (name.substr(0, start.size()) != start) continue;
            const auto bar = find_bar(name.substr(start.size()));
            if (!bar) return std::nullopt;
            topic.bar = *bar;
            return topic;
        }
        if (kChannels[i].name == name) return topic;
    }
    return std::nullopt;
}

bool Streams::subscribe(ports::SessionId session, const Topic& topic, const std::string& arg,
                        UnixNanos now) {
    const auto [at, fresh] = topics_.try_emplace(topic);
    Followed& f = at->second;
    if (std::find(f.sessions.begin(), f.sessions.end(), session) != f.sessions.end()) return false;
    if (fresh) {
        f.arg = arg;
        f.sent = now;
    }
    f.sessions.push_back(session);
    switch (topic.channel) {
        case Channel::Books:
        case Channel::BooksL2Tbt:
        case Channel::Books50L2Tbt:
            if (!f.book) {
                f.book.emplace(info(topic.channel).depth);
                (void)f.book->snapshot(venue_.book(topic.listing));
            }
            wire_.send(session,
                       book_text(*at, true, f.book->told(Side::Buy), f.book->told(Side::Sell), -1,
                                 f.book->told_update(), now));
            break;
        case Channel::BboTbt:
        case Channel::Books5:
            if (fresh) {
                for (const Side side : {Side::Buy, Side::Sell})
                    f.told[static_cast<std::size_t>(side)] =
                        venue_.levels(topic.listing, side, info(topic.channel).depth);
            }
            wire_.send(session, top_text(*at, now));
            break;
        case Channel::Candle: {
            Tape& tape = tapes_[topic.listing.index()];
            tape.roll(now);
            const auto& candles = tape.candles(topic.bar);
            if (candles.empty()) break;
            if (fresh) f.candle = candles.back().begin;
            wire_.send(session,
                       data(f, candle_json(venue_.listing(topic.listing), candles.back(), false)));
            break;
        }
        default:
            if (const auto first = row(topic, now)) wire_.send(session, data(f, *first));
            break;
    }
    return true;
}

bool Streams::unsubscribe(ports::SessionId session, const Topic& topic) {
    const auto at = topics_.find(topic);
    if (at == topics_.end() || std::erase(at->second.sessions, session) == 0) return false;
    if (at->second.sessions.empty()) topics_.erase(at);
    return true;
}

bool Streams::follows(ports::SessionId session, const Topic& topic) const noexcept {
    const auto at = topics_.find(topic);
    if (at == topics_.end()) return false;
    const auto& sessions = at->second.sessions;
    return std::find(sessions.begin(), sessions.end(), session) != sessions.end();
}

void Streams::drop(ports::SessionId session) {
    for (auto at = topics_.begin(); at != topics_.end();) {
        std::erase(at->second.sessions, session);
        at = at->second.sessions.empty() ? topics_.erase(at) : std::next(at);
    }
}

void Streams::tell(Followed& f, std::string_view text) {
    const std::vector<ports::SessionId> all = f.sessions;
    for (const ports::SessionId session : all) wire_.send(session, text);
}

std::string Streams::data(const Followed& f, const Json& row) const {
    return "{\"arg\":" + f.arg + ",\"data\":[" + row.dump() + "]}";
}

void Streams::mark_changed(Channel channel, ListingId listing) {
    for (auto at = topics_.lower_bound({channel, listing, 0});
         at != topics_.end() && at->first.channel == channel && at->first.listing == listing; ++at)
        at->second.changed = true;
}

void Streams::on(const sim_engine::PublicEvent& event) {
    if (const auto* print = std::get_if<TradePrint>(&event.body)) {
        trades_.push_back({print->listing,
                           {print->trade.raw(), 1, print->price, print->quantity, print->aggressor,
                            event.time, print->taker, 0}});
        mark_changed(Channel::Tickers, print->listing);
        mark_changed(Channel::Candle, print->listing);
    } else if (const auto* level = std::get_if<LevelChange>(&event.body)) {
        for (const Channel channel : {Channel::BboTbt, Channel::BooksL2Tbt, Channel::Books50L2Tbt,
                                      Channel::Books, Channel::Books5})
            mark_changed(channel, level->listing);
    } else if (const auto* best = std::get_if<BestChange>(&event.body)) {
        mark_changed(Channel::Tickers, best->listing);
    } else if (const auto* mark = std::get_if<MarkChange>(&event.body)) {
        mark_changed(Channel::MarkPrice, mark->listing);
    } else if (const auto* change = std::get_if<ListingChange>(&event.body)) {
        const sim_engine::Listing& listing = venue_.listing(change->listing);
        const Topic topic{Channel::Instruments, ListingId{}, listing.perpetual ? 1U : 0U};
        const auto at = topics_.find(topic);
        if (at != topics_.end()) tell(at->second, data(at->second, instrument_json(listing)));
    }
}

void Streams::flush_trades() {
    const auto tell_one = [this](Channel channel, ListingId id, const Trade& trade) {
        const auto at = topics_.find({channel, id, 0});
        if (at == topics_.end()) return;
        Json out = trade_json(venue_.listing(id), trade);
        if (channel == Channel::Trades) out["count"] = std::to_string(trade.count);
        out["source"] = "0";
        if (channel == Channel::Trades) out["seqId"] = venue_.book(id).update();
        tell(at->second, data(at->second, out));
    };
    for (std::size_t i = 0; i < trades_.size();) {
        auto [id, sum] = trades_[i];
        tell_one(Channel::TradesAll, id, sum);
        for (++i; i < trades_.size(); ++i) {
            const auto& [next_id, next] = trades_[i];
            if (next_id != id || next.taker != sum.taker || next.price != sum.price) break;
            tell_one(Channel::TradesAll, id, next);
            sum.last = next.last;
            ++sum.count;
            sum.quantity += next.quantity;
        }
        tell_one(Channel::Trades, id, sum);
    }
    trades_.clear();
}

void Streams::advance(UnixNanos now) {
    const std::int64_t ms = now.millis();
    for (auto at = topics_.begin(); at != topics_.end();) {
        const Channel channel = at->first.channel;
        const std::int64_t period = info(channel).period_ms;
        std::int64_t& tick = ticks_[static_cast<std::size_t>(channel)];
        const auto next = topics_.lower_bound(
            {static_cast<Channel>(static_cast<int>(channel) + 1), ListingId{0}, 0});
        if (period != 0 && ms / period != tick) {
            tick = ms / period;
            for (; at != next; ++at) push(*at, now);
        }
        at = next;
    }
}

UnixNanos Streams::next_due(UnixNanos now) const noexcept {
    UnixNanos due = sim_front::kNever;
    for (const auto& [topic, followed] : topics_) {
        const std::int64_t period = info(topic.channel).period_ms;
        if (period == 0) continue;
        due = std::min(due, UnixNanos::from_millis((now.millis() / period + 1) * period));
    }
    return due;
}

void Streams::push(Entry& entry, UnixNanos now) {
    switch (entry.first.channel) {
        case Channel::Books:
        case Channel::BooksL2Tbt:
        case Channel::Books50L2Tbt:
            return push_book(entry, now);
        case Channel::BboTbt:
        case Channel::Books5:
            return push_top(entry, now);
        case Channel::Candle:
            return push_candle(entry, now);
        default:
            return push_row(entry, now);
    }
}

std::string Streams::book_text(const Entry& entry, bool snapshot, std::span<const Level> bids,
                               std::span<const Level> asks, std::int64_t previous,
                               std::uint64_t seq, UnixNanos now) const {
    const ListingId id = entry.first.listing;
    std::string out = "{\"arg\":" + entry.second.arg;
    out += snapshot ? ",\"action\":\"snapshot\",\"data\":[{\"asks\":"
                    : ",\"action\":\"update\",\"data\":[{\"asks\":";
    append_levels(out, venue_, id, Side::Sell, asks);
    out += ",\"bids\":";
    append_levels(out, venue_, id, Side::Buy, bids);
    out += ",\"ts\":\"" + millis(now) + "\",\"checksum\":0,\"prevSeqId\":";
    out += std::to_string(previous) + ",\"seqId\":" + std::to_string(seq) + "}]}";
    return out;
}

void Streams::push_book(Entry& entry, UnixNanos now) {
    Followed& f = entry.second;
    const sim_engine::BookDelta* const delta =
        std::exchange(f.changed, false) ? f.book->flush(venue_.book(entry.first.listing)) : nullptr;
    if (delta != nullptr) {
        f.sent = now;
        return tell(f, book_text(entry, false, delta->bids, delta->asks,
                                 static_cast<std::int64_t>(delta->previous), delta->last, now));
    }
    if (now - f.sent < kBookHeartbeat) return;
    f.sent = now;
    tell(f, book_text(entry, false, {}, {}, static_cast<std::int64_t>(f.book->told_update()),
                      f.book->told_update(), now));
}

std::string Streams::top_text(const Entry& entry, UnixNanos now) const {
    const ListingId id = entry.first.listing;
    std::string out = "{\"arg\":" + entry.second.arg + ",\"data\":[{\"asks\":";
    append_levels(out, venue_, id, Side::Sell, entry.second.told[1]);
    out += ",\"bids\":";
    append_levels(out, venue_, id, Side::Buy, entry.second.told[0]);
    if (entry.first.channel == Channel::Books5)
        out += ",\"instId\":\"" + venue_.listing(id).definition.venue_symbol + "\"";
    out += ",\"ts\":\"" + millis(now) + "\",\"seqId\":";
    out += std::to_string(venue_.book(id).update()) + "}]}";
    return out;
}

void Streams::push_top(Entry& entry, UnixNanos now) {
    Followed& f = entry.second;
    if (!std::exchange(f.changed, false)) return;
    bool different = false;
    for (const Side side : {Side::Buy, Side::Sell}) {
        std::vector<Level> levels =
            venue_.levels(entry.first.listing, side, info(entry.first.channel).depth);
        std::vector<Level>& told = f.told[static_cast<std::size_t>(side)];
        different = different || levels != told;
        told = std::move(levels);
    }
    if (different) tell(f, top_text(entry, now));
}

void Streams::push_candle(Entry& entry, UnixNanos now) {
    Followed& f = entry.second;
    Tape& tape = tapes_[entry.first.listing.index()];
    tape.roll(now);
    const auto& candles = tape.candles(entry.first.bar);
    if (candles.empty()) return;
    const sim_engine::Listing& listing = venue_.listing(entry.first.listing);
    const bool rolled = candles.back().begin != f.candle;
    if (rolled && f.candle != 0) {
        for (const Candle& c : candles) {  // every one that ended since
            if (c.begin >= f.candle && c.begin != candles.back().begin)
                tell(f, data(f, candle_json(listing, c, true)));
        }
    }
    f.candle = candles.back().begin;
    if (std::exchange(f.changed, false) || rolled)
        tell(f, data(f, candle_json(listing, candles.back(), false)));
}

std::optional<Json> Streams::row(const Topic& topic, UnixNanos now) const {
    const ListingId id = topic.listing;
    switch (topic.channel) {
        case Channel::Tickers: {
            Tape& tape = tapes_[id.index()];
            tape.roll(now);
            return ticker_json(venue_, id, tape, now);
        }
        case Channel::FundingRate:
            return funding_json(venue_.desk(id), now);
        case Channel::MarkPrice:
            return mark_json(venue_.desk(id), now);
        case Channel::PriceLimit:
            return price_limit_json(venue_.desk(id), now);
        case Channel::IndexTickers:
            return index_json(venue_.desk(id), now);
        default:
            return std::nullopt;
    }
}

void Streams::push_row(Entry& entry, UnixNanos now) {
    Followed& f = entry.second;
    const Channel channel = entry.first.channel;
    const bool ticker = channel == Channel::Tickers;
    if (ticker && !std::exchange(f.changed, false)) return;
    std::optional<Json> next = row(entry.first, now);
    if (!next) return;
    Json bare = *next;
    bare.erase("ts");
    std::string said = bare.dump();
    const Nanos repeat = repeat_after(channel);
    const bool again = repeat > Nanos{} && now - f.sent >= repeat;
    if (said == f.said && !again) return;
    f.said = std::move(said);
    f.sent = now;
    tell(f, data(f, *next));
}

}  // namespace parallax::sim_okx
