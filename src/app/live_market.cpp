#include "app/live_market.hpp"

#include <algorithm>

namespace parallax::app {
namespace {

/// A book without its snapshot for so long asks again: the one it waits for is lost.
constexpr Nanos kStuck = Nanos::seconds(5);
constexpr Nanos kBetweenLooks = Nanos::seconds(1);

}  // namespace

void LiveMarket::advance(UnixNanos now) {
    now_ = now;
    feeds_.advance(now);
    if (now < next_look_) return;
    look_for_delisted();
    look_for_stuck_books(now);
}

/// What vanished while it runs is told at once. What did while nobody was there shows here: the
/// first list lacks it.
void LiveMarket::look_for_delisted() {
    std::vector<std::pair<Market, std::string>> gone;
    for (const Instrument& listing : session_.pipeline().universe().instruments()) {
        // What no list ever had is not missed in it.
        if (listing.status == InstrumentStatus::Delisted || listing.inferred) continue;
        if (!feeds_.lists(listing.market, listing.venue_symbol).value_or(true))
            gone.emplace_back(listing.market, listing.venue_symbol);
    }
    for (const auto& [market, symbol] : gone) {
        notices_.add(std::string{to_string(market)} + " " + symbol + ": is no longer listed");
        session_.on_delisted(market, symbol);
    }
}

/// A book says once that it needs a snapshot. What was asked for then may be lost on its way.
void LiveMarket::look_for_stuck_books(UnixNanos now) {
    next_look_ = now + kBetweenLooks;
    const Pipeline& pipeline = session_.pipeline();
    waiting_since_.resize(pipeline.universe().instruments().size());
    for (const Instrument& listing : pipeline.universe().instruments()) {
        UnixNanos& since = waiting_since_[listing.id.index()];
        const book::BookState state = pipeline.market().books()[listing.id].state();
        if (listing.status == InstrumentStatus::Delisted) {
            since = {};
        } else if (state != book::BookState::Gap && state != book::BookState::Syncing) {
            since = {};
        } else if (!since.known()) {
            since = now;
        } else if (now - since >= kStuck) {
            since = now;
            feeds_.resync(listing.market, listing.venue_symbol, now);
        }
    }
}

UnixNanos LiveMarket::next_due() const noexcept {
    const UnixNanos feeds = feeds_.next_due();
    return next_look_.known() ? std::min(feeds, next_look_) : feeds;
}

bool LiveMarket::on(const ports::NetEvent& event) {
    now_ = event.received;
    return feeds_.on(event);
}

void LiveMarket::on_frame(const ports::Frame& frame) {
    if (recorder_ != nullptr) recorder_->take(frame);
    session_.on_frame(frame);
    if (frame.kind == ports::FrameKind::RestBody && frame.symbol.empty()) {  // a list of them
        for (const VenueSymbol& wanted : feeds_.wanted()) {
            if (wanted.market == frame.market) session_.list_defined(wanted.market, wanted.symbol);
        }
    }
    if (const InstrumentId wanted = session_.take_wanted_snapshot(); wanted.valid()) {
        const Instrument& listing = session_.pipeline().universe().instrument(wanted);
        feeds_.resync(listing.market, listing.venue_symbol, now_);
    }
}

void LiveMarket::on_status(const messages::FeedStatus& status) { session_.on(status); }

void LiveMarket::on_notice(const ports::FeedNotice& notice) {
    using Kind = ports::FeedNoticeKind;
    if (notice.kind == Kind::BookLost) {
        session_.on_book_lost(notice.market, notice.symbol);
        return;
    }
    if (notice.kind == Kind::Delisted) {
        if (!session_.pipeline().universe().find(notice.market, notice.symbol)) return;
        session_.on_delisted(notice.market, notice.symbol);
    }
    if (notice.kind != Kind::Listed)  // thousands, and none of them ours
        notices_.add(text_of(notice));
}

LiveMarket::Readiness LiveMarket::readiness() const {
    Readiness ready;
    const Pipeline& pipeline = session_.pipeline();
    for (const Instrument& listing : pipeline.universe().instruments()) {
        if (!feeds_.subscribed(listing.market, listing.venue_symbol)) continue;
        ++ready.listed;
        ready.tradable += pipeline.market().books()[listing.id].tradable() ? 1 : 0;
    }
    return ready;
}

}  // namespace parallax::app
