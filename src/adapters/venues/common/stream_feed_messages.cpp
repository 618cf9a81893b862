// Messages of the sockets and what becomes of the connections.
#include <algorithm>

#include "adapters/venues/common/stream_feed.hpp"

namespace parallax::venue_common {

using ports::ConnectionId;
using ports::FeedNoticeKind;
using ports::FrameKind;
using ports::NetEvent;
using ports::NetEventKind;

namespace {

constexpr std::size_t kToldTrades = 256;  ///< a topic; one connection runs less than that ahead

}  // namespace

bool StreamFeed::on(const NetEvent& event) {
    clear();
    if (event.kind == NetEventKind::Response || event.kind == NetEventKind::Failed) {
        for (RestClient* const client : clients_) {
            if (!client->on(event)) continue;
            watch_instruments(event.received);
            take_snapshots(event.received);
            return true;
        }
        return false;
    }
    for (const auto& shard : shards_) {
        if (!shard->link->on(event)) continue;
        if (event.kind == NetEventKind::Message && shard->link->has(event.connection))
            message(*shard, event);
        facts(*shard, event.received);
        return true;
    }
    return false;
}

std::uint32_t StreamFeed::number_of(const Shard& shard, ConnectionId connection) noexcept {
    for (const auto& [id, number] : shard.numbers) {
        if (id == connection) return number;
    }
    return 0;
}

void StreamFeed::push(const Shard& shard, const NetEvent& event, FrameKind kind,
                      std::string_view url) {
    ports::Frame& frame = frames_.emplace_back();
    frame.received = event.received;
    frame.bytes = event.bytes;
    frame.url = url;
    frame.connection = number_of(shard, event.connection);
    frame.kind = kind;
    frame.market = door(shard).market;
}

void StreamFeed::message(Shard& shard, const NetEvent& event) {
    FeedReading reading = dialect_->read(event.bytes);
    Link& link = *shard.link;
    if (!reading.topic.empty()) reading.key = key_of(shard, event.connection, reading.topic);
    switch (reading.kind) {
        case FeedReading::Kind::Data:
            return data(shard, event);
        case FeedReading::Kind::Begins:
            if (link.answer(event.connection, reading.key, event.received))
                answered(shard, reading.key, event.received);
            return data(shard, event);
        case FeedReading::Kind::Answer:
            if (link.answer(event.connection, reading.key, event.received) &&
                !link.waits_for(event.connection, reading.key))
                answered(shard, reading.key, event.received);
            break;
        case FeedReading::Kind::Refusal:
            if (link.refuse(event.connection, reading.key, reading.code, reading.text,
                            event.received))
                break;
            // One that has no answer was taken for granted.
            for (const auto& topic : shard.topics) {
                if (topic->topic.name == reading.topic && topic->subscribed)
                    refuse(*topic, reading.code, reading.text, event.received);
            }
            break;
        case FeedReading::Kind::Leaving:
            link.leaving(event.connection, event.received);
            break;
        case FeedReading::Kind::Other:
            break;
    }
    push(shard, event, FrameKind::WebSocket, {});
}

/// Of the request for this topic that waits for its answer; 0: none does.
std::uint64_t StreamFeed::key_of(const Shard& shard, ConnectionId connection,
                                 std::string_view topic) {
    for (const auto& [key, chunk] : shard.chunks) {
        const auto same = [&](const auto& one) { return one->topic.name == topic; };
        if (chunk.connection == connection && std::ranges::any_of(chunk.topics, same)) return key;
    }
    return 0;
}

void StreamFeed::data(Shard& shard, const NetEvent& event) {
    shard.last_data = event.received;
    const bool two = shard.link->next().valid() || shard.link->old().valid();
    if (two && !admit(shard, event)) return;
    push(shard, event, FrameKind::WebSocket, {});
    if (shard.awaiting > 0) note_first(shard, event.bytes, event.received);
}

/// Two connections bring the same: which one's message counts.
bool StreamFeed::admit(Shard& shard, const NetEvent& event) {
    if (dialect_->snapshots_by_rest(door(shard).market) && dialect_->first_update(event.bytes))
        return true;
    const std::string_view topic = dialect_->topic_of(event.bytes);
    if (topic.empty()) return true;
    const bool newer = event.connection == shard.link->next() ||
                       (shard.link->old().valid() && event.connection == shard.link->current());
    if (const std::string_view trade = dialect_->trade_of(event.bytes); !trade.empty()) {
        std::deque<std::string>& told = shard.told_trades[std::string{topic}];
        if (std::ranges::find(told, trade) != told.end()) return false;
        if (told.size() == kToldTrades) told.pop_front();
        told.emplace_back(trade);
        return true;
    }
    if (!newer) return !shard.taken_over.contains(topic);
    if (!shard.taken_over.contains(topic)) shard.taken_over.emplace(topic);
    return true;
}

// ---- connections

void StreamFeed::facts(Shard& shard, UnixNanos now) {
    while (const auto fact = shard.link->next_fact()) {
        switch (fact->kind) {
            case LinkFactKind::Opened:
                opened(shard, *fact);
                break;
            case LinkFactKind::Live:
            case LinkFactKind::Replaced:
                break;
            case LinkFactKind::Sent:
                answered(shard, fact->key, fact->at);
                break;
            case LinkFactKind::Refused:
            case LinkFactKind::Unanswered:
                refused(shard, *fact);
                break;
            case LinkFactKind::Ended:
                ended(shard, *fact);
                break;
        }
    }
    // Up: everything is answered, what had to be asked again included, and something was granted.
    if (shard.up || !shard.link->live() || !shard.chunks.empty()) return;
    if (std::ranges::none_of(shard.topics, [](const auto& topic) { return topic->subscribed; }))
        return;
    shard.up = true;
    shard.last_data = now;
    update_status(door(shard).market, now);
}

void StreamFeed::opened(Shard& shard, const LinkFact& fact) {
    shard.numbers.emplace_back(fact.connection, next_number_++);
    NetEvent event;
    event.connection = fact.connection;
    event.received = fact.at;
    push(shard, event, FrameKind::Connected, door(shard).target.url);
    Topics all;
    for (const auto& topic : shard.topics) {
        if (!topic->refused) all.push_back(topic);
    }
    std::vector<Ask> asks = asks_for(shard, fact.connection, all);
    Ask sign_in;
    sign_in.key = shard.link->new_key();
    sign_in.sign_in = true;
    const UnixNanos venue_time = market(door(shard).market).rest->venue_time(fact.at);
    if (auto text = dialect_->sign_in(door(shard), sign_in.key, venue_time)) {
        sign_in.text = std::move(*text);
        asks.push_back(std::move(sign_in));
    }
    shard.link->set_up(fact.connection, std::move(asks), fact.at);
}

void StreamFeed::answered(Shard& shard, std::uint64_t key, UnixNanos now) {
    const auto found = shard.chunks.find(key);
    if (found == shard.chunks.end()) return;
    const Topics topics = std::move(found->second.topics);
    shard.chunks.erase(found);
    for (const auto& topic : topics) {
        if (topic->gone) continue;
        Book* const book = book_of(*topic);
        const bool fresh = !std::exchange(topic->subscribed, true);
        if (book == nullptr) continue;
        if (book->step == Step::Asked && book->key == key) {
            finish_book(*book, now);
        } else if (fresh) {
            begin_book(*book, now);
        }
    }
}

/// A request for several topics does not say which of them was meant: they are asked for one by
/// one. Nor does no answer say anything: once more, and then the connection is not worth its name.
void StreamFeed::refused(Shard& shard, const LinkFact& fact) {
    const auto found = shard.chunks.find(fact.key);
    if (found == shard.chunks.end()) return;
    Chunk chunk = std::move(found->second);
    shard.chunks.erase(found);
    std::erase_if(chunk.topics, [](const auto& topic) { return topic->gone; });
    if (chunk.topics.empty()) return;
    if (fact.kind == LinkFactKind::Unanswered && chunk.again)
        return shard.link->drop(fact.at, "no answer to a subscription");
    if (fact.kind == LinkFactKind::Unanswered || chunk.topics.size() > 1) {
        const bool single = fact.kind == LinkFactKind::Refused || chunk.topics.size() == 1;
        for (Ask& ask : asks_for(shard, chunk.connection, chunk.topics, single)) {
            shard.chunks[ask.key].again = true;
            shard.link->ask(chunk.connection, std::move(ask), fact.at);
        }
        return;
    }
    refuse(*chunk.topics[0], fact.code, fact.text, fact.at);
}

void StreamFeed::refuse(Topic& topic, std::int32_t code, std::string_view text, UnixNanos now) {
    topic.refused = true;
    topic.subscribed = false;
    topic.retry_at = now + settings_.retry_refused;
    notice(FeedNoticeKind::Refused, topic.symbol,
           topic.topic.name + ": " + std::to_string(code) + " " + std::string{text}, now);
    Book* const book = book_of(topic);
    if (book == nullptr) return;
    stop_book(*book);
    notice(FeedNoticeKind::BookLost, topic.symbol, "refused", now);
}

void StreamFeed::ended(Shard& shard, const LinkFact& fact) {
    std::erase_if(shard.numbers, [&](const auto& one) { return one.first == fact.connection; });
    std::erase_if(shard.chunks,
                  [&](const auto& one) { return one.second.connection == fact.connection; });
    if (!shard.link->next().valid() && !shard.link->old().valid()) {
        shard.taken_over.clear();
        shard.told_trades.clear();
    }
    // Perhaps it was our time that the venue did not take.
    if (fact.reason == LinkReason::NotSignedIn) market(door(shard).market).rest->resync_clock();
    if (fact.reason != LinkReason::Planned) {
        ++shard.drops;
        shard.last_reason = std::string{to_string(fact.reason)};
        if (fact.code != 0) shard.last_reason += " " + std::to_string(fact.code);
        if (!fact.text.empty()) shard.last_reason += ": " + fact.text;
    }
    if (!fact.lost) return;
    shard.up = false;
    for (const auto& topic : shard.topics) {
        topic->asked = false;
        const bool told = std::exchange(topic->subscribed, false);
        Book* const book = book_of(*topic);
        if (book == nullptr) continue;
        stop_book(*book);
        if (told) notice(FeedNoticeKind::BookLost, topic->symbol, shard.last_reason, fact.at);
    }
    // One that was to take over has subscribed to some of it beside this one: all begins anew.
    if (shard.link->current().valid()) shard.link->drop(fact.at, "the other one was cut");
    update_status(door(shard).market, fact.at);
}

}  // namespace parallax::venue_common
