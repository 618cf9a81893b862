#include "app/live_market.hpp"

#include <algorithm>
#include <sstream>

#include "adapters/venues/binance/market_feed.hpp"
#include "adapters/venues/bybit/market_feed.hpp"
#include "adapters/venues/okx/market_feed.hpp"

namespace parallax::app {
namespace {

using venue_common::StreamFeed;

constexpr std::size_t kMostNotices = 8;
/// Frame::connection counts within a feed; a session counts them over all.
constexpr std::uint32_t kConnectionsPerVenue = 1'000;
/// A book without its snapshot for so long asks again: the one it waits for is lost.
constexpr Nanos kStuck = Nanos::seconds(5);
constexpr Nanos kBetweenLooks = Nanos::seconds(1);

}  // namespace

void LiveMarket::add(const VenueAccess& access, std::uint64_t seed) {
    Place place;
    place.access = &access;
    place.first_connection = static_cast<std::uint32_t>(places_.size()) * kConnectionsPerVenue;
    std::vector<StreamFeed::Rest> rest;
    for (const VenueAccess::Host& host : access.hosts()) {
        for (const Market market : host.markets) rest.push_back({market, host.client.get()});
    }
    venue_common::FeedSettings settings;
    settings.seed = seed;
    const VenueConfig& at = access.addresses();
    switch (access.venue()) {
        case Venue::Binance: {
            const auto streams = [&](Market market, const std::string& address) {
                return access.serves(market) ? address : std::string{};
            };
            const binance::FeedEndpoints endpoints{streams(Market::BinanceSpot, at.streams),
                                                   streams(Market::BinanceUsdm, at.usdm_streams),
                                                   streams(Market::BinanceCoinm, at.coinm_streams)};
            place.feed = binance::make_market_feed(transport_, endpoints, rest, settings);
            break;
        }
        case Venue::Okx:
            place.feed = okx::make_market_feed(transport_, {at.streams}, *rest[0].client, settings);
            break;
        case Venue::Bybit:
            place.feed =
                bybit::make_market_feed(transport_, {at.streams, 50}, *rest[0].client, settings);
            break;
    }
    places_.push_back(std::move(place));
}

Result<void> LiveMarket::subscribe(const std::string& canonical_names) {
    std::istringstream words{canonical_names};
    for (std::string name; words >> name;) {
        const std::vector<VenueSymbol> symbols = venue_symbols(name);
        if (symbols.empty())
            return fail(Errc::Rejected, "live.symbols: '" + name +
                                            "' is not a name; allowed: BTC/USDT, BTC/USDT:USDT, "
                                            "BTC/USD:BTC and the like");
        for (const VenueSymbol& symbol : symbols) {
            for (Place& place : places_) {
                if (!place.access->serves(symbol.market)) continue;
                const auto done = place.feed->subscribe({symbol.market, symbol.symbol});
                if (!done) return done;
            }
        }
    }
    return {};
}

void LiveMarket::start(UnixNanos now) {
    for (Place& place : places_) {
        place.feed->start(now);
        take(place, now);
    }
}

void LiveMarket::stop(UnixNanos now) {
    for (Place& place : places_) place.feed->stop(now);
}

bool LiveMarket::on(const ports::NetEvent& event) {
    for (Place& place : places_) {
        if (!place.feed->on(event)) continue;
        take(place, event.received);
        return true;
    }
    return false;
}

void LiveMarket::advance(UnixNanos now) {
    for (Place& place : places_) {
        place.feed->advance(now);
        take(place, now);
    }
    look_for_stuck_books(now);
}

/// A book says once that it needs a snapshot. What was asked for then may be lost on its way.
void LiveMarket::look_for_stuck_books(UnixNanos now) {
    if (now < next_look_) return;
    next_look_ = now + kBetweenLooks;
    const Pipeline& pipeline = session_.pipeline();
    waiting_since_.resize(pipeline.universe().instruments().size());
    for (const Instrument& listing : pipeline.universe().instruments()) {
        UnixNanos& since = waiting_since_[listing.id.index()];
        const book::BookState state = pipeline.market().books()[listing.id].state();
        if (state != book::BookState::Gap && state != book::BookState::Syncing) {
            since = {};
        } else if (!since.known()) {
            since = now;
        } else if (now - since >= kStuck) {
            since = now;
            for (Place& place : places_) {
                if (place.access->serves(listing.market))
                    place.feed->resync(listing.market, listing.venue_symbol, now);
            }
        }
    }
}

UnixNanos LiveMarket::next_due() const noexcept {
    UnixNanos next = next_look_.known() ? next_look_ : venue_common::RestClient::kNever;
    for (const Place& place : places_) next = std::min(next, place.feed->next_due());
    return next;
}

/// Frames first: what a status tells of came after them.
void LiveMarket::take(Place& place, UnixNanos now) {
    for (ports::Frame frame : place.feed->frames()) {
        if (tap_) tap_(frame);
        frame.connection += place.first_connection;
        session_.on_frame(frame);
        if (const InstrumentId wanted = session_.take_wanted_snapshot(); wanted.valid()) {
            const Instrument& listing = session_.pipeline().universe().instrument(wanted);
            place.feed->resync(listing.market, listing.venue_symbol, now);
        }
    }
    for (const messages::FeedStatus& status : place.feed->statuses()) session_.on(status);
    for (const ports::FeedNotice& notice : place.feed->notices()) {
        using Kind = ports::FeedNoticeKind;
        if (notice.kind == Kind::BookLost) {
            session_.on_book_lost(notice.market, notice.symbol);
            continue;
        }
        if (notice.kind == Kind::Listed) continue;  // thousands, and none of them ours
        note(std::string{to_string(notice.market)} + " " + notice.symbol + ": " + notice.text);
    }
}

void LiveMarket::note(std::string text) {
    if (notices_.size() == kMostNotices) notices_.erase(notices_.begin());
    notices_.push_back(std::move(text));
}

std::vector<ports::FeedConnection> LiveMarket::connections() const {
    std::vector<ports::FeedConnection> all;
    for (const Place& place : places_) {
        for (ports::FeedConnection& one : place.feed->connections()) all.push_back(std::move(one));
    }
    return all;
}

LiveMarket::Readiness LiveMarket::readiness() const {
    Readiness ready;
    const Pipeline& pipeline = session_.pipeline();
    for (const Instrument& listing : pipeline.universe().instruments()) {
        for (const Place& place : places_) {
            if (place.access->venue() != venue_of(listing.market)) continue;
            if (!place.feed->book(listing.market, listing.venue_symbol).subscribed) continue;
            ++ready.listed;
            ready.tradable += pipeline.market().books()[listing.id].tradable() ? 1 : 0;
        }
    }
    return ready;
}

}  // namespace parallax::app
