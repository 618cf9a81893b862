#include "book/feed_book.hpp"

#include <algorithm>

namespace parallax::book {
namespace {

constexpr std::size_t kMaxWaiting =
    20'000;  ///< deltas kept for a snapshot: over half an hour at 100 ms
constexpr std::size_t kMaxRecent = 8'192;  ///< quotes kept for their depth update

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
                // Everything since pu is in the message, so pu <= L joins; the documented U <= L <=
                // u is a part of it.
                return update.previous_id <= last ? Step::Apply : Step::Gap;
            }
            if (update.last_id <= last_id_) return Step::Ignore;
            return update.previous_id == last ? Step::Apply : Step::Gap;
        }
        case GapPolicy::PreviousSequence:
            // Recordings older than the sequence numbers have neither: only the checksum guards
            // them.
            if (update.last_id == 0 && update.previous_id < 0) return Step::Apply;
            return update.previous_id == static_cast<std::int64_t>(last_id_) ? Step::Apply
                                                                             : Step::Gap;
        case GapPolicy::NextId:
            if (update.last_id <= last_id_) return Step::Ignore;
            return update.last_id == last_id_ + 1 ? Step::Apply : Step::Gap;
        case GapPolicy::SnapshotOnly:
            return Step::Apply;
    }
    return Step::Gap;
}

Applied FeedBook::on_depth(const DepthInput& update) {
    const Level old_bid = best_bid();
    const Level old_ask = best_ask();
    touch(update.received, update.venue_time);
    if (whole(update)) {
        const bool late_answer =
            sync_ == BookState::Live && !snapshot_in_stream() && update.last_id < last_id_;
        if (late_answer) {
            ++counters_.depth_dropped;
            return {};
        }
        return finish(old_bid, old_ask, load_snapshot(update));
    }
    if (sync_ != BookState::Live) {
        const bool first = sync_ == BookState::Empty;
        if (first) sync_ = BookState::Syncing;
        wait(update);
        return {.needs_snapshot = first};
    }
    switch (judge(update)) {
        case Step::Ignore:
            ++counters_.depth_dropped;
            return {};
        case Step::Gap:
            ++counters_.gaps;
            sync_ = BookState::Gap;
            wait(update);
            return {.gap = true, .needs_snapshot = true};
        case Step::Apply:
            break;
    }
    commit(update);
    return finish(old_bid, old_ask, {.depth_changed = true});
}

Applied FeedBook::load_snapshot(const DepthInput& snapshot) {
    depth_.assign(snapshot.bids, snapshot.asks);
    move_to(snapshot);
    sync_ = BookState::Live;
    fresh_ = true;
    compare_recent();
    Applied result{.depth_changed = true};
    const std::size_t joining = first_joining();
    std::size_t offset = 0;
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
        const Waiting& w = waiting_[i];
        const std::span<const Level> levels{waiting_levels_.data() + offset, w.bids + w.asks};
        offset += levels.size();
        const DepthInput update{false,
                                w.first_id,
                                w.last_id,
                                w.previous_id,
                                UnixNanos::from_nanos(w.received),
                                UnixNanos::from_nanos(w.venue_time),
                                levels.first(w.bids),
                                levels.subspan(w.bids)};
        const Step step = i < joining ? Step::Ignore : judge(update);
        if (step == Step::Apply) {
            commit(update);
        } else if (step == Step::Ignore) {
            ++counters_.depth_dropped;
        } else {
            // The snapshot is older than what we hold, or something is missing in between: keep the
            // rest, ask again.
            sync_ = BookState::Syncing;
            waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(i));
            waiting_levels_.erase(
                waiting_levels_.begin(),
                waiting_levels_.begin() + static_cast<std::ptrdiff_t>(offset - levels.size()));
            result.needs_snapshot = true;
            return result;
        }
    }
    drop_waiting();
    return result;
}

void FeedBook::wait(const DepthInput& update) {
    if (waiting_.size() ==
        kMaxWaiting) {  // no snapshot for ages: only the newest can still be of use
        counters_.depth_dropped += waiting_.size();
        drop_waiting();
    }
    waiting_.push_back({update.first_id, update.last_id, update.previous_id,
                        update.received.nanos(), update.venue_time.nanos(),
                        static_cast<std::uint32_t>(update.bids.size()),
                        static_cast<std::uint32_t>(update.asks.size())});
    waiting_levels_.insert(waiting_levels_.end(), update.bids.begin(), update.bids.end());
    waiting_levels_.insert(waiting_levels_.end(), update.asks.begin(), update.asks.end());
}

/// Where the waiting deltas take over from the snapshot. Ids that may start over say nothing about
/// age, so where the snapshot came in the stream only an exact join counts; the next update shows a
/// gap if that was wrong.
std::size_t FeedBook::first_joining() const noexcept {
    if (!snapshot_in_stream()) return 0;
    for (std::size_t i = waiting_.size(); i > 0; --i) {
        const Waiting& w = waiting_[i - 1];
        if (w.last_id == last_id_ && w.last_id != 0) return i;
        const bool follows =
            policy_ == GapPolicy::NextId
                ? w.last_id == last_id_ + 1
                : w.previous_id >= 0 && w.previous_id == static_cast<std::int64_t>(last_id_);
        if (follows) return i - 1;
    }
    return waiting_.size();
}

/// Takes over the id of an update. Ids that go back have started over (OKX maintenance, Bybit
/// restart): a quote numbered before that is neither newer nor older than the depth now, only gone.
void FeedBook::move_to(const DepthInput& update) noexcept {
    if (snapshot_in_stream() && update.last_id < last_id_) {
        quote_ = {};
        recent_.clear();
        numbered_since_ = update.venue_time;
    }
    last_id_ = update.last_id;
}

void FeedBook::drop_waiting() noexcept {
    waiting_ = {};
    waiting_levels_ = {};
}

void FeedBook::commit(const DepthInput& update) {
    depth_.apply(update.bids, update.asks);
    move_to(update);
    fresh_ = false;
    ++counters_.depth_applied;
    compare_recent();
}

void FeedBook::compare(std::uint64_t id, Level bid, Level ask) noexcept {
    if (id != last_id_) return;
    ++counters_.quotes_compared;
    if (bid == depth_.best_bid() && ask == depth_.best_ask()) ++counters_.quotes_equal;
}

/// Quotes run ahead of the depth stream, so they wait here until the update with their id is
/// applied.
void FeedBook::compare_recent() noexcept {
    std::size_t used = 0;
    for (; used < recent_.size() && recent_[used].update_id <= last_id_; ++used) {
        const Recent& r = recent_[used];
        compare(r.update_id, {Price::from_raw(r.bid), Quantity::from_raw(r.bid_quantity)},
                {Price::from_raw(r.ask), Quantity::from_raw(r.ask_quantity)});
    }
    if (used > 0)
        recent_.erase(recent_.begin(), recent_.begin() + static_cast<std::ptrdiff_t>(used));
}

Applied FeedBook::on_quote(const QuoteInput& quote) {
    const Level old_bid = best_bid();
    const Level old_ask = best_ask();
    if (quote.update_id == 0) {  // nothing to order it by: it proves life, no more
        touch(quote.received, quote.venue_time);
        return {};
    }
    const bool overtaken = quote.update_id < quote_.update_id;
    const bool of_old_numbering = quote.venue_time.known() && quote.venue_time < numbered_since_;
    if (overtaken || of_old_numbering) return {};
    touch(quote.received, quote.venue_time);
    quote_ = quote;
    if (sync_ == BookState::Live && quote.update_id <= last_id_) {
        compare(quote.update_id, quote.bid, quote.ask);
    } else if (sync_ != BookState::Empty) {
        if (recent_.size() == kMaxRecent)
            recent_.erase(recent_.begin(), recent_.begin() + kMaxRecent / 2);
        recent_.push_back({quote.update_id, quote.bid.price.raw(), quote.bid.quantity.raw(),
                           quote.ask.price.raw(), quote.ask.quantity.raw()});
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
    numbered_since_ = {};
    sync_ = BookState::Empty;
    stale_ = false;
    crossed_ = false;
    fresh_ = false;
}

bool FeedBook::rescale(std::int64_t price_factor, std::int64_t quantity_factor) noexcept {
    bool fits = depth_.rescale(price_factor, quantity_factor);
    const auto multiply = [&fits](std::int64_t& raw, std::int64_t factor) {
        fits &= !__builtin_mul_overflow(raw, factor, &raw);
    };
    const auto scale = [&](Level& level) {
        std::int64_t price = level.price.raw();
        std::int64_t quantity = level.quantity.raw();
        multiply(price, price_factor);
        multiply(quantity, quantity_factor);
        level = {Price::from_raw(price), Quantity::from_raw(quantity)};
    };
    scale(quote_.bid);
    scale(quote_.ask);
    for (Level& level : waiting_levels_) scale(level);
    for (Recent& r : recent_) {
        multiply(r.bid, price_factor);
        multiply(r.ask, price_factor);
        multiply(r.bid_quantity, quantity_factor);
        multiply(r.ask_quantity, quantity_factor);
    }
    if (!fits) reset();
    return fits;
}

void FeedBook::touch(UnixNanos received, UnixNanos venue_time) noexcept {
    received_ = std::max(received_, received);
    if (venue_time.known()) venue_time_ = std::max(venue_time_, venue_time);
    stale_ = false;
}

Applied FeedBook::finish(Level old_bid, Level old_ask, Applied result) noexcept {
    const Level bid = best_bid();
    const Level ask = best_ask();
    const bool crossed =
        !bid.quantity.is_zero() && !ask.quantity.is_zero() && bid.price >= ask.price;
    if (crossed && !crossed_) ++counters_.crossed;
    crossed_ = crossed;
    result.top_changed = bid != old_bid || ask != old_ask;
    return result;
}

}  // namespace parallax::book
