#include "book/feed_book.hpp"

#include <algorithm>

namespace parallax::book {
namespace {

constexpr std::size_t kMaxWaiting = 20'000;  ///< deltas kept for a snapshot: over half an hour at 100 ms
constexpr std::size_t kMaxRecent = 8'192;    ///< quotes kept for their depth update

}  // namespace

BookState FeedBook::state() const noexcept {
    if (sync_ != BookState::Live) return sync_;
    if (crossed_) return BookState::Crossed;
    return stale_ ? BookState::Stale : BookState::Live;
}

std::size_t FeedBook::memory_bytes() const noexcept {
    return sizeof *this + depth_.memory_bytes() + waiting_.capacity() * sizeof(Waiting) +
           waiting_levels_.capacity() * sizeof(Level) + recent_.capacity() * sizeof(Recent);
}

FeedBook::Step FeedBook::judge(const DepthInput& update) const noexcept {
    switch (policy_) {
        case GapPolicy::FirstIsNext:
            if (update.last_id <= last_id_) return Step::Ignore;
            return update.first_id <= last_id_ + 1 ? Step::Apply : Step::Gap;
        case GapPolicy::PreviousId: {
            const auto last = static_cast<std::int64_t>(last_id_);
            if (fresh_) {
                if (update.last_id < last_id_) return Step::Ignore;
                // Everything since pu is in the message, so pu <= L joins; the documented U <= L <= u is a part of it.
                return update.previous_id <= last ? Step::Apply : Step::Gap;
            }
            if (update.last_id <= last_id_) return Step::Ignore;
            return update.previous_id == last ? Step::Apply : Step::Gap;
        }
        case GapPolicy::PreviousSequence:
            // Recordings older than the sequence numbers have neither: only the checksum guards them.
            if (update.last_id == 0 && update.previous_id < 0) return Step::Apply;
            return update.previous_id == static_cast<std::int64_t>(last_id_) ? Step::Apply : Step::Gap;
        case GapPolicy::NextId:
            if (update.last_id <= last_id_) return Step::Ignore;
            return update.last_id == last_id_ + 1 ? Step::Apply : Step::Gap;
        case GapPolicy::SnapshotOnly: return Step::Apply;
    }
    return Step::Gap;
}

Applied FeedBook::on_depth(const DepthInput& update) {
    const Level old_bid = best_bid();
    const Level old_ask = best_ask();
    touch(update.received, update.venue_time);
    if (update.snapshot || policy_ == GapPolicy::SnapshotOnly) {
        return finish(old_bid, old_ask, load_snapshot(update));
    }
    if (sync_ != BookState::Live) {
        const bool first = sync_ == BookState::Empty;
        if (first) sync_ = BookState::Syncing;
        wait(update);
        return {.needs_snapshot = first};
    }
    switch (judge(update)) {
        case Step::Ignore: ++counters_.depth_dropped; return {};
        case Step::Gap:
            ++counters_.gaps;
            sync_ = BookState::Gap;
            wait(update);
            return {.gap = true, .needs_snapshot = true};
        case Step::Apply: break;
    }
    commit(update);
    return finish(old_bid, old_ask, {.depth_changed = true});
}

Applied FeedBook::load_snapshot(const DepthInput& snapshot) {
    depth_.assign(snapshot.bids, snapshot.asks);
    last_id_ = snapshot.last_id;
    sync_ = BookState::Live;
    fresh_ = true;
    compare_recent();
    Applied result{.depth_changed = true};
    std::size_t offset = 0;
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
        const Waiting& w = waiting_[i];
        const std::span<const Level> levels{waiting_levels_.data() + offset, w.bids + w.asks};
        offset += levels.size();
        const DepthInput update{false,        w.first_id, w.last_id, w.previous_id, UnixNanos::from_nanos(w.received),
                                UnixNanos::from_nanos(w.venue_time), levels.first(w.bids), levels.subspan(w.bids)};
        const Step step = judge(update);
        if (step == Step::Apply) {
            commit(update);
        } else if (step == Step::Ignore) {
            ++counters_.depth_dropped;
        } else {
            // The snapshot is older than what we hold: keep the rest and ask again.
            sync_ = BookState::Syncing;
            waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(i));
            waiting_levels_.erase(waiting_levels_.begin(),
                                  waiting_levels_.begin() + static_cast<std::ptrdiff_t>(offset - levels.size()));
            result.needs_snapshot = true;
            return result;
        }
    }
    drop_waiting();
    return result;
}

void FeedBook::wait(const DepthInput& update) {
    if (waiting_.size() == kMaxWaiting) {  // no snapshot for ages: only the newest can still be of use
        counters_.depth_dropped += waiting_.size();
        drop_waiting();
    }
    waiting_.push_back({update.first_id, update.last_id, update.previous_id, update.received.nanos(),
                        update.venue_time.nanos(), static_cast<std::uint32_t>(update.bids.size()),
                        static_cast<std::uint32_t>(update.asks.size())});
    waiting_levels_.insert(waiting_levels_.end(), update.bids.begin(), update.bids.end());
    waiting_levels_.insert(waiting_levels_.end(), update.asks.begin(), update.asks.end());
}

void FeedBook::drop_waiting() noexcept {
    waiting_ = {};
    waiting_levels_ = {};
}

void FeedBook::commit(const DepthInput& update) {
    depth_.apply(update.bids, update.asks);
    last_id_ = update.last_id;
    fresh_ = false;
    ++counters_.depth_applied;
    compare_recent();
}

void FeedBook::compare(std::uint64_t id, Level bid, Level ask) noexcept {
    if (id != last_id_) return;
    ++counters_.quotes_compared;
    if (bid == depth_.best_bid() && ask == depth_.best_ask()) ++counters_.quotes_equal;
}

/// Quotes run ahead of the depth stream, so they wait here until the update with their id is applied.
void FeedBook::compare_recent() noexcept {
    std::size_t used = 0;
    for (; used < recent_.size() && recent_[used].update_id <= last_id_; ++used) {
        const Recent& r = recent_[used];
        compare(r.update_id, {Price::from_raw(r.bid), Quantity::from_raw(r.bid_quantity)},
                {Price::from_raw(r.ask), Quantity::from_raw(r.ask_quantity)});
    }
    if (used > 0) recent_.erase(recent_.begin(), recent_.begin() + static_cast<std::ptrdiff_t>(used));
}

Applied FeedBook::on_quote(const QuoteInput& quote) {
    const Level old_bid = best_bid();
    const Level old_ask = best_ask();
    if (quote.update_id == 0) {  // nothing to order it by: it proves life, no more
        touch(quote.received, quote.venue_time);
        return {};
    }
    if (quote.update_id < quote_.update_id) return {};  // overtaken by a newer one
    touch(quote.received, quote.venue_time);
    quote_ = quote;
    if (sync_ == BookState::Live && quote.update_id <= last_id_) {
        compare(quote.update_id, quote.bid, quote.ask);
    } else {
        if (recent_.size() == kMaxRecent) recent_.erase(recent_.begin(), recent_.begin() + kMaxRecent / 2);
        recent_.push_back({quote.update_id, quote.bid.price.raw(), quote.bid.quantity.raw(), quote.ask.price.raw(),
                           quote.ask.quantity.raw()});
    }
    return finish(old_bid, old_ask, {});
}

bool FeedBook::expire(UnixNanos oldest) noexcept {
    if (stale_ || sync_ != BookState::Live || received_ >= oldest) return false;
    stale_ = true;
    return true;
}

void FeedBook::invalidate() noexcept {
    if (sync_ == BookState::Live) ++counters_.gaps;
    sync_ = BookState::Gap;
}

void FeedBook::reset() noexcept {
    depth_.clear();
    drop_waiting();
    recent_.clear();
    quote_ = {};
    last_id_ = 0;
    sync_ = BookState::Empty;
    stale_ = false;
    crossed_ = false;
    fresh_ = false;
}

void FeedBook::rescale(std::int64_t price_factor, std::int64_t quantity_factor) noexcept {
    depth_.rescale(price_factor, quantity_factor);
    const auto scale = [&](Level& level) {
        level = {Price::from_raw(level.price.raw() * price_factor),
                 Quantity::from_raw(level.quantity.raw() * quantity_factor)};
    };
    scale(quote_.bid);
    scale(quote_.ask);
    for (Level& level : waiting_levels_) scale(level);
    for (Recent& r : recent_) {
        r.bid *= price_factor;
        r.ask *= price_factor;
        r.bid_quantity *= quantity_factor;
        r.ask_quantity *= quantity_factor;
    }
}

void FeedBook::touch(UnixNanos received, UnixNanos venue_time) noexcept {
    received_ = std::max(received_, received);
    if (venue_time.known()) venue_time_ = std::max(venue_time_, venue_time);
    stale_ = false;
}

Applied FeedBook::finish(Level old_bid, Level old_ask, Applied result) noexcept {
    const Level bid = best_bid();
    const Level ask = best_ask();
    const bool crossed = !bid.quantity.is_zero() && !ask.quantity.is_zero() && bid.price >= ask.price;
    if (crossed && !crossed_) ++counters_.crossed;
    crossed_ = crossed;
    result.top_changed = bid != old_bid || ask != old_ask;
    return result;
}

}  // namespace parallax::book
