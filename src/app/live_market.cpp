#include "app/live_market.hpp"

namespace parallax::app {

void LiveMarket::advance(UnixNanos now) {
    now_ = now;
    feeds_.advance(now);
}

bool LiveMarket::on(const ports::NetEvent& event) {
    now_ = event.received;
    return feeds_.on(event);
}

void LiveMarket::on_frame(const ports::Frame& frame) {
    if (recorder_ != nullptr) recorder_->take(frame);
    session_.on_frame(frame);
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
