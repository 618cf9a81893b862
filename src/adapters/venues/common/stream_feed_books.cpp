// How books get their snapshots.
#include <algorithm>

#include "adapters/venues/common/stream_feed.hpp"

namespace parallax::venue_common {
namespace {

constexpr Nanos kDeadline = Nanos::seconds(60);  ///< of a snapshot, the limiter's wait included

}  // namespace

StreamFeed::Book* StreamFeed::book_of(const Topic& topic) noexcept {
    if (topic.topic.content != ports::kFeedDepth) return nullptr;
    const auto found = symbols_.find(topic.symbol);
    return found == symbols_.end() ? nullptr : found->second.book.get();
}

void StreamFeed::set_due(Book& book, Step step, UnixNanos due) {
    if (book.step == Step::AwaitFirst) --book.shard->awaiting;
    if (step == Step::AwaitFirst) ++book.shard->awaiting;
    book.step = step;
    book.due = due;
    if (step == Step::AwaitFirst || step == Step::Due) books_due_ = std::min(books_due_, due);
}

/// Its stream flows: the snapshot is asked for when the first update has come, so that none is
/// missing between the two. A quiet book changes nothing meanwhile and does not wait long.
void StreamFeed::begin_book(Book& book, UnixNanos now) {
    if (!dialect_->snapshots_by_rest(book.topic->symbol.first)) return finish_book(book, now);
    book.first_id = 0;
    set_due(book, Step::AwaitFirst, now + settings_.first_update);
}

void StreamFeed::stop_book(Book& book) {
    if (book.token != 0) market(book.topic->symbol.first).rest->drop(book.token);
    book.token = 0;
    book.key = 0;
    set_due(book, Step::Idle, {});
}

void StreamFeed::note_first(Shard& shard, std::string_view bytes, UnixNanos now) {
    const auto update = dialect_->first_update(bytes);
    if (!update) return;
    const auto found = symbols_.find(Key{door(shard).market, std::string{update->symbol}});
    if (found == symbols_.end() || !found->second.book) return;
    Book& book = *found->second.book;
    if (book.step != Step::AwaitFirst) return;
    book.first_id = update->first_id;
    set_due(book, Step::Due, allowed(book, now));
}

void StreamFeed::finish_book(Book& book, UnixNanos now) {
    book.done = now;
    book.token = 0;
    book.key = 0;
    set_due(book, Step::Idle, {});
}

/// A book that keeps asking is answered ever more rarely.
UnixNanos StreamFeed::allowed(Book& book, UnixNanos now) const {
    if (!book.done.known()) return now;
    if (now - book.done > settings_.longest_resync * 2) book.tries = 0;
    if (book.tries == 0) return now;
    const Nanos wait = settings_.first_resync * (std::int64_t{1} << std::min(book.tries - 1, 16U));
    return std::max(now, book.done + std::min(wait, settings_.longest_resync));
}

void StreamFeed::resync(Market m, std::string_view symbol, UnixNanos now) {
    const auto found = symbols_.find(Key{m, std::string{symbol}});
    if (found == symbols_.end() || !found->second.book) return;
    Book& book = *found->second.book;
    // Without a subscription it will begin anew anyway.
    if (book.step != Step::Idle || !book.topic->subscribed) return;
    ++book.resyncs;
    const UnixNanos due = allowed(book, now);
    ++book.tries;
    book.first_id = 0;
    if (dialect_->snapshots_by_rest(m)) {
        set_due(book, Step::AwaitFirst, std::max(due, now + settings_.first_update));
    } else {
        set_due(book, Step::Due, due);
    }
}

void StreamFeed::advance_books(UnixNanos now) {
    books_due_ = RestClient::kNever;
    for (auto& [key, symbol] : symbols_) {
        if (!symbol.book) continue;
        Book& book = *symbol.book;
        if (book.step != Step::AwaitFirst && book.step != Step::Due) continue;
        if (now < book.due) {
            books_due_ = std::min(books_due_, book.due);
        } else if (dialect_->snapshots_by_rest(key.first)) {
            ask_snapshot(key, book, now);
        } else {
            resubscribe(book, now);
        }
    }
}

void StreamFeed::ask_snapshot(const Key& key, Book& book, UnixNanos now) {
    MarketState& state = market(key.first);
    RestCall call = dialect_->snapshot_call(key.first, key.second);
    call.deadline = now + kDeadline;
    // A feed that keeps losing its books must not keep anybody from asking what orders have become.
    if (book.done.known()) call.rate.urgency = Urgency::Background;
    const auto token = state.rest->submit(state.user, std::move(call), now);
    if (!token) return set_due(book, Step::Due, now + settings_.first_resync);
    ++book.snapshots;
    book.token = *token;
    set_due(book, Step::Asked, {});
}

void StreamFeed::resubscribe(Book& book, UnixNanos now) {
    Link& link = *book.shard->link;
    if (!link.live()) return set_due(book, Step::Due, now + settings_.first_resync);
    const FeedTopic* const topic = &book.topic->topic;
    set_due(book, Step::Asked, {});
    for (const ports::ConnectionId on : {link.next(), link.current()}) {
        if (!link.has(on)) continue;
        Ask off;
        off.key = link.new_key();
        off.text = dialect_->request(false, {&topic, 1}, off.key);
        off.answers = dialect_->answers(false, {&topic, 1});
        link.ask(on, std::move(off), now);
        for (Ask& ask : asks_for(*book.shard, on, {book.topic}, true)) {
            book.key = ask.key;  // the last one: of current()
            link.ask(on, std::move(ask), now);
        }
    }
}

void StreamFeed::take_snapshots(UnixNanos now) {
    for (MarketState& state : markets_) {
        if (state.rest == nullptr) continue;
        while (auto answer = state.rest->take(state.user)) {
            for (auto& [key, symbol] : symbols_) {
                if (!symbol.book || symbol.book->token != answer->token ||
                    market(key.first).rest != state.rest)
                    continue;
                snapshot(key, *symbol.book, std::move(*answer), now);
                break;
            }
        }
    }
}

void StreamFeed::snapshot(const Key& key, Book& book, RestAnswer&& answer, UnixNanos now) {
    book.token = 0;
    const auto later = [&] {
        ++book.tries;
        const Nanos wait =
            settings_.first_resync * (std::int64_t{1} << std::min(book.tries - 1, 16U));
        set_due(book, Step::Due, now + std::min(wait, settings_.longest_resync));
    };
    if (!answer.good()) {
        notice(ports::FeedNoticeKind::Refused, key,
               "snapshot: " + std::to_string(answer.status) + " " +
                   std::string{answer.verdict.meaning},
               now);
        return later();
    }
    const auto reaches = dialect_->reaches(key.first, answer.body, book.first_id);
    if (!reaches || !*reaches) return later();  // no snapshot, or older than the first update
    bodies_.emplace_back(key.second, std::move(answer.body));
    ports::Frame& frame = frames_.emplace_back();
    frame.received = answer.received;
    frame.bytes = bodies_.back().second;
    frame.symbol = bodies_.back().first;
    frame.url = "depth";
    frame.connection = number_of(*book.shard, book.shard->link->current());
    frame.kind = ports::FrameKind::RestBody;
    frame.market = key.first;
    finish_book(book, now);
}

}  // namespace parallax::venue_common
