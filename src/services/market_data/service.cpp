#include "services/market_data/service.hpp"

#include "services/market_data/book_checksum.hpp"

namespace parallax::market_data {

book::GapPolicy gap_policy(Market market) noexcept {
    switch (market) {
        case Market::BinanceSpot:
            return book::GapPolicy::FirstIsNext;
        case Market::BinanceUsdm:
        case Market::BinanceCoinm:
            return book::GapPolicy::PreviousId;
        case Market::Okx:
            return book::GapPolicy::PreviousSequence;
        case Market::BybitSpot:
        case Market::BybitLinear:
        case Market::BybitInverse:
            return book::GapPolicy::NextId;
    }
    return book::GapPolicy::SnapshotOnly;
}

void Service::add_book(InstrumentId id) {
    books_.add(gap_policy(universe_.instrument(id).market));
    checksums_.emplace_back();
    went_stale_.reserve(books_.size());
}

void Service::restore_books() {
    books_.clear();
    checksums_.clear();
    for (const Instrument& listing : universe_.instruments()) add_book(listing.id);
}

Result<Universe::Listed> Service::on(const messages::InstrumentListed& listed) {
    auto result = universe_.list(listed.definition);
    if (!result) return result;
    if (result->id.index() == books_.size()) add_book(result->id);
    if (result->rescaled) apply_rescale(*result->rescaled);
    return result;
}

Result<std::optional<Rescale>> Service::on(const messages::InstrumentRefined& refined) {
    auto change =
        universe_.refine(refined.instrument, refined.price_decimals, refined.quantity_decimals);
    if (change && *change) apply_rescale(**change);
    return change;
}

void Service::apply_rescale(const Rescale& change) noexcept {
    for (const InstrumentId id : universe_.symbol(change.symbol).instruments) {
        if (books_.contains(id))
            books_.at(id).rescale(pow10(change.price_digits), pow10(change.quantity_digits));
    }
}

book::Applied Service::on(const messages::DepthUpdate& update) {
    book::FeedBook& book = books_.at(update.instrument);
    book::Applied applied =
        book.on_depth({update.kind == messages::DepthKind::Snapshot, update.first_id,
                       update.last_id, update.previous_id, update.stamp.received,
                       update.stamp.venue_time, update.bids, update.asks});
    if (update.has_checksum && applied.depth_changed) {
        ChecksumCount& count = checksums_[update.instrument.index()];
        ++count.compared;
        if (book_checksum(book.depth(), universe_.instrument(update.instrument).wire) ==
            update.checksum) {
            ++count.equal;
        } else {
            book.invalidate();
            applied.gap = true;
            applied.needs_snapshot = true;
        }
    }
    return applied;
}

book::Applied Service::on(const messages::BestQuote& quote) {
    return books_.at(quote.instrument)
        .on_quote(
            {quote.update_id, quote.stamp.received, quote.stamp.venue_time, quote.bid, quote.ask});
}

void Service::on(const messages::BookLost& lost) { books_.at(lost.instrument).reset(); }

void Service::on(const messages::FeedStatus& status) {
    feed_up_[static_cast<std::size_t>(status.market)] = status.up;
    if (status.up) return;
    for (const Instrument& listing : universe_.instruments()) {
        if (listing.market == status.market) books_.at(listing.id).reset();
    }
}

void Service::on(const messages::ClockTick& tick) {
    went_stale_.clear();
    const UnixNanos oldest = tick.now - config_.stale_after;
    for (std::size_t i = 0; i < books_.size(); ++i) {
        const InstrumentId id{static_cast<std::uint32_t>(i)};
        if (books_.at(id).expire(oldest)) went_stale_.push_back(id);
    }
}

}  // namespace parallax::market_data
