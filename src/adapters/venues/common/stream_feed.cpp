// What is subscribed and on which connections; time. Messages, facts of links and books are in the
// two files beside.
#include "adapters/venues/common/stream_feed.hpp"

#include <algorithm>

#include "core/assert.hpp"

namespace parallax::venue_common {

using ports::FeedNoticeKind;

StreamFeed::StreamFeed(ports::Transport& transport, std::unique_ptr<FeedDialect> dialect,
                       const std::vector<Rest>& rest, FeedSettings settings)
    : transport_{transport}, dialect_{std::move(dialect)}, settings_{settings} {
    for (const Rest& one : rest) {
        PLX_ASSERT(one.client != nullptr);
        MarketState& state = market(one.market);
        state.rest = one.client;
        state.user = one.client->add_user();
        if (std::ranges::find(clients_, one.client) == clients_.end())
            clients_.push_back(one.client);
    }
    for (const FeedDoor& door : dialect_->doors()) PLX_ASSERT(market(door.market).rest != nullptr);
}

StreamFeed::~StreamFeed() = default;

void StreamFeed::clear() {
    frames_.clear();
    statuses_.clear();
    notices_.clear();
    bodies_.clear();
}

void StreamFeed::notice(FeedNoticeKind kind, const Key& symbol, std::string text, UnixNanos now) {
    notices_.push_back({kind, symbol.first, now, symbol.second, std::move(text)});
}

// ---- subscriptions

Result<void> StreamFeed::subscribe(const ports::FeedSubscription& wanted) {
    if (market(wanted.market).rest == nullptr)
        return fail(Errc::Rejected,
                    "no feed of " + std::string{to_string(wanted.market)} + " here");
    const Key key{wanted.market, wanted.symbol};
    const auto known = symbols_.find(key);
    const std::uint8_t has = known == symbols_.end() ? std::uint8_t{0} : known->second.contents;
    const auto more = static_cast<std::uint8_t>(wanted.contents & ~has);
    if (more == 0) return {};
    std::vector<FeedTopic> topics;
    dialect_->topics(wanted.market, wanted.symbol, more, topics);
    if (topics.empty() && has == 0)
        return fail(Errc::Rejected, std::string{to_string(wanted.market)} +
                                        " has none of that for " + wanted.symbol);
    Symbol& symbol = symbols_[key];
    symbol.contents |= more;
    for (const FeedTopic& topic : topics) add_topic(key, symbol, topic);
    MarketState& state = market(wanted.market);
    if (state.watch == nullptr)
        state.watch = std::make_unique<InstrumentWatch>(wanted.market, *state.rest, *dialect_,
                                                        settings_.refresh);
    new_topics_ = true;
    return {};
}

void StreamFeed::add_topic(const Key& key, Symbol& symbol, const FeedTopic& topic) {
    const auto same = [&](const auto& other) { return other->topic.name == topic.name; };
    if (std::ranges::any_of(symbol.topics, same)) return;  // brings two contents (Bybit's tickers)
    auto made = std::make_shared<Topic>();
    made->topic = topic;
    made->symbol = key;
    Shard& shard = place(topic);
    shard.topics.push_back(made);
    shard.bytes += topic.name.size();
    symbol.topics.push_back(made);
    if (topic.content != ports::kFeedDepth) return;
    ++shard.books;
    symbol.book = std::make_unique<Book>();
    symbol.book->topic = made;
    symbol.book->shard = &shard;
}

StreamFeed::Shard& StreamFeed::place(const FeedTopic& topic) {
    const FeedDoor& at = dialect_->doors()[topic.door];
    for (const auto& shard : shards_) {
        const bool room = topic.content != ports::kFeedDepth || shard->books < at.most_books;
        if (shard->door == topic.door && room && shard->topics.size() < at.most_topics &&
            shard->bytes + topic.name.size() <= at.most_bytes)
            return *shard;
    }
    const auto or_else = [](Nanos own, Nanos usual) { return own > Nanos{} ? own : usual; };
    LinkOptions options;
    options.name = at.name;
    options.target = at.target;
    options.heartbeat = at.heartbeat;
    options.heartbeat.every = or_else(settings_.heartbeat, at.heartbeat.every);
    options.silence = or_else(settings_.silence, at.silence);
    options.replace_after = or_else(settings_.replace_after, at.replace_after);
    options.overlap = settings_.overlap;
    options.first_wait = settings_.first_wait;
    options.longest_wait = settings_.longest_wait;
    options.connect_call = at.connect_call;
    options.message_call = at.message_call;
    options.seed = settings_.seed + shards_.size() * 2;
    auto made = std::make_unique<Shard>();
    made->door = topic.door;
    made->link = std::make_unique<Link>(transport_, market(at.market).rest->limiter(), options);
    return *shards_.emplace_back(std::move(made));
}

void StreamFeed::unsubscribe(Market m, std::string_view name) {
    const auto found = symbols_.find(Key{m, std::string{name}});
    if (found == symbols_.end()) return;
    if (found->second.book) stop_book(*found->second.book);
    for (const auto& topic : found->second.topics) {
        topic->gone = true;
        for (const auto& shard : shards_) {
            if (std::erase(shard->topics, topic) == 0) continue;
            if (topic->topic.content == ports::kFeedDepth) --shard->books;
            shard->bytes -= topic->topic.name.size();
            const FeedTopic* const one = &topic->topic;
            for (const ports::ConnectionId on : {shard->link->current(), shard->link->next()}) {
                if (!topic->asked || !shard->link->has(on)) continue;
                Ask ask;
                ask.key = shard->link->new_key();
                ask.text = dialect_->request(false, {&one, 1}, ask.key);
                ask.answers = dialect_->answers(false, {&one, 1});
                shard->link->ask(on, std::move(ask), transport_.now());
            }
        }
    }
    symbols_.erase(found);
}

/// Requests for these topics, each within the venue's size.
std::vector<Ask> StreamFeed::asks_for(Shard& shard, ports::ConnectionId connection,
                                      const Topics& topics, bool single) {
    const FeedDoor& at = door(shard);
    std::vector<Ask> asks;
    std::vector<const FeedTopic*> texts;
    Chunk chunk{connection, {}, single};
    std::size_t bytes = 0;
    const auto close = [&] {
        if (texts.empty()) return;
        Ask& ask = asks.emplace_back();
        ask.key = shard.link->new_key();
        ask.text = dialect_->request(true, texts, ask.key);
        ask.answers = dialect_->answers(true, texts);
        shard.chunks.emplace(ask.key, chunk);
        chunk.topics.clear();
        texts.clear();
        bytes = 0;
    };
    for (const auto& topic : topics) {
        const std::size_t size = topic->topic.name.size() + 3;
        const bool full =
            texts.size() >= at.topics_per_request || bytes + size > at.bytes_per_request;
        if (single || full) close();
        topic->asked = true;
        chunk.topics.push_back(topic);
        texts.push_back(&topic->topic);
        bytes += size;
    }
    close();
    return asks;
}

/// Topics that came while the connection was up, and refused ones whose time has come.
void StreamFeed::ask_new(Shard& shard, UnixNanos now) {
    if (!shard.link->live()) return;
    Topics fresh;
    Topics again;
    for (const auto& topic : shard.topics) {
        if (topic->refused && now >= topic->retry_at) {
            topic->refused = false;
            again.push_back(topic);
        } else if (!topic->asked && !topic->refused) {
            fresh.push_back(topic);
        }
    }
    if (fresh.empty() && again.empty()) return;
    for (const ports::ConnectionId on : {shard.link->current(), shard.link->next()}) {
        if (!shard.link->has(on)) continue;
        for (Ask& ask : asks_for(shard, on, fresh)) shard.link->ask(on, std::move(ask), now);
        for (Ask& ask : asks_for(shard, on, again, true)) shard.link->ask(on, std::move(ask), now);
    }
}

// ---- time

void StreamFeed::start(UnixNanos now) {
    running_ = true;
    for (const auto& shard : shards_) {
        if (market(door(*shard).market).known) shard->link->start(now);
    }
}

void StreamFeed::stop(UnixNanos now) {
    clear();
    running_ = false;
    for (const auto& shard : shards_) {
        shard->link->stop(now);
        facts(*shard, now);
    }
}

void StreamFeed::replace_all(UnixNanos now) {
    for (const auto& shard : shards_) shard->link->replace(now);
}

void StreamFeed::reload_instruments(Market m, UnixNanos now) {
    if (InstrumentWatch* const watch = market(m).watch.get()) watch->hurry(now);
}

void StreamFeed::watch_instruments(UnixNanos now) {
    for (MarketState& state : markets_) {
        if (state.watch == nullptr) continue;
        state.watch->advance(now);
        const Market m = kMarkets[static_cast<std::size_t>(&state - markets_.data())].market;
        for (const std::string& body : state.watch->news()) {
            ports::Frame& frame = frames_.emplace_back();
            frame.received = now;
            frame.bytes = body;
            frame.url = state.watch->path();
            frame.kind = ports::FrameKind::RestBody;
            frame.market = m;
        }
        for (const ports::FeedNotice& change : state.watch->changes()) notices_.push_back(change);
        if (state.known || state.watch->news().empty()) continue;
        state.known = true;
        new_topics_ = true;
    }
}

void StreamFeed::advance(UnixNanos now) {
    clear();
    if (!running_) return;
    for (RestClient* const client : clients_) client->advance(now);
    watch_instruments(now);
    take_snapshots(now);
    if (std::exchange(new_topics_, false)) {
        for (const auto& shard : shards_) {
            if (market(door(*shard).market).known) shard->link->start(now);
        }
    }
    for (const auto& shard : shards_) {
        const bool mute =
            shard->up && !shard->topics.empty() && now - shard->last_data >= settings_.data_silence;
        if (mute) shard->link->drop(now, "no data");
        shard->link->advance(now);
        facts(*shard, now);
        ask_new(*shard, now);
    }
    if (now >= books_due_) advance_books(now);
}

UnixNanos StreamFeed::next_due() const noexcept {
    if (!running_) return RestClient::kNever;
    if (new_topics_) return UnixNanos{};
    UnixNanos due = books_due_;
    for (const RestClient* const client : clients_) due = std::min(due, client->next_due());
    for (const MarketState& state : markets_) {
        if (state.watch != nullptr) due = std::min(due, state.watch->next_due());
    }
    for (const auto& shard : shards_) {
        due = std::min(due, shard->link->next_due());
        if (shard->up) due = std::min(due, shard->last_data + settings_.data_silence);
        if (!shard->link->live()) continue;
        for (const auto& topic : shard->topics) {
            if (topic->refused) due = std::min(due, topic->retry_at);
        }
    }
    return due;
}

// ---- for people

void StreamFeed::update_status(Market m, UnixNanos now) {
    bool any = false;    // of its connections
    bool books = false;  // of those that carry books
    bool depth = false;
    for (const auto& shard : shards_) {
        if (door(*shard).market != m) continue;
        any = any || shard->up;
        depth = depth || shard->books > 0;
        books = books || (shard->books > 0 && shard->up);
    }
    const bool up = depth ? books : any;
    if (std::exchange(market(m).up, up) == up) return;
    statuses_.push_back({m, now, up});
}

std::optional<bool> StreamFeed::lists(Market m, const std::string& symbol) const {
    const MarketState& state = markets_[static_cast<std::size_t>(m)];
    if (state.watch == nullptr || !state.known) return std::nullopt;
    return state.watch->listings().contains(symbol);
}

std::vector<ports::FeedConnection> StreamFeed::connections() const {
    std::vector<ports::FeedConnection> all;
    for (const auto& shard : shards_) {
        ports::FeedConnection& one = all.emplace_back();
        const LinkCounters& counters = shard->link->counters();
        one.market = door(*shard).market;
        one.name = door(*shard).name;
        one.state = to_string(shard->link->state());
        one.connection = number_of(*shard, shard->link->current());
        one.topics = shard->topics.size();
        one.last_heard = shard->link->last_heard();
        one.messages = counters.messages;
        one.attempts = counters.attempts;
        one.drops = shard->drops;
        one.replaced = counters.replaced;
        one.last_reason = shard->last_reason;
    }
    return all;
}

ports::FeedBookHealth StreamFeed::book(Market m, std::string_view symbol) const {
    const auto found = symbols_.find(Key{m, std::string{symbol}});
    if (found == symbols_.end() || !found->second.book) return {};
    const Book& book = *found->second.book;
    return {book.topic->subscribed, book.topic->refused, book.snapshots, book.resyncs};
}

}  // namespace parallax::venue_common
