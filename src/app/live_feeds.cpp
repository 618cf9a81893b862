#include "app/live_feeds.hpp"

#include <algorithm>
#include <sstream>

#include "adapters/venues/binance/market_feed.hpp"
#include "adapters/venues/bybit/market_feed.hpp"
#include "adapters/venues/okx/market_feed.hpp"
#include "core/assert.hpp"

namespace parallax::app {
namespace {

using venue_common::StreamFeed;

/// Frame::connection counts within a feed; a sink counts them over all.
constexpr std::uint32_t kConnectionsPerVenue = 1'000;

}  // namespace

Result<void> LiveFeeds::check(const VenueAccess& access) {
    const VenueConfig& at = access.addresses();
    if (access.venue() != Venue::Binance || !at.streams_need_key()) return {};
    const auto* const signer = access.signer<binance::Signer>();
    if (signer == nullptr || signer->kind() != venue_common::KeyKind::Ed25519)
        return fail(Errc::Rejected,
                    "live_binance.streams_over: market data over FIX needs an Ed25519 key at "
                    "Binance");
    if (at.fix_streams.empty()) return fail(Errc::Rejected, "live_binance.fix_streams: no address");
    return {};
}

void LiveFeeds::add(const VenueAccess& access, std::uint64_t seed) {
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
            if (fix_ == nullptr || !at.streams_need_key() || !check(access)) {
                place.feed = binance::make_market_feed(transport_, endpoints, rest, settings);
                break;
            }
            auto made =
                binance::make_fix_market_feed(*fix_, endpoints, {.url = at.fix_streams},
                                              *access.signer<binance::Signer>(), rest, settings);
            PLX_ASSERT(made.has_value());
            place.feed = std::move(*made);
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

Result<void> LiveFeeds::subscribe(const std::string& canonical_names) {
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
                wanted_.push_back(symbol);
            }
        }
    }
    return {};
}

void LiveFeeds::start(UnixNanos now) {
    for (Place& place : places_) {
        place.feed->start(now);
        take(place);
    }
}

void LiveFeeds::stop(UnixNanos now) {
    for (Place& place : places_) place.feed->stop(now);
}

bool LiveFeeds::on(const ports::NetEvent& event) {
    for (Place& place : places_) {
        if (!place.feed->on(event)) continue;
        take(place);
        return true;
    }
    return false;
}

void LiveFeeds::advance(UnixNanos now) {
    for (Place& place : places_) {
        place.feed->advance(now);
        take(place);
    }
}

UnixNanos LiveFeeds::next_due() const noexcept {
    UnixNanos next = venue_common::RestClient::kNever;
    for (const Place& place : places_) next = std::min(next, place.feed->next_due());
    return next;
}

/// Frames first: what a status tells of came after them.
void LiveFeeds::take(Place& place) {
    for (ports::Frame frame : place.feed->frames()) {
        frame.connection += place.first_connection;
        sink_.on_frame(frame);
    }
    for (const messages::FeedStatus& status : place.feed->statuses()) sink_.on_status(status);
    for (const ports::FeedNotice& notice : place.feed->notices()) sink_.on_notice(notice);
}

void LiveFeeds::resync(Market market, std::string_view symbol, UnixNanos now) {
    for (Place& place : places_) {
        if (place.access->serves(market)) place.feed->resync(market, symbol, now);
    }
}

void LiveFeeds::reload_instruments(Market market, UnixNanos now) {
    for (Place& place : places_) {
        if (place.access->serves(market)) place.feed->reload_instruments(market, now);
    }
}

std::optional<bool> LiveFeeds::lists(Market market, const std::string& symbol) const {
    for (const Place& place : places_) {
        if (place.access->serves(market)) return place.feed->lists(market, symbol);
    }
    return std::nullopt;
}

std::vector<ports::FeedConnection> LiveFeeds::connections() const {
    std::vector<ports::FeedConnection> all;
    for (const Place& place : places_) {
        for (ports::FeedConnection& one : place.feed->connections()) all.push_back(std::move(one));
    }
    return all;
}

bool LiveFeeds::subscribed(Market market, std::string_view symbol) const {
    return std::ranges::any_of(places_, [&](const Place& place) {
        return place.access->serves(market) && place.feed->book(market, symbol).subscribed;
    });
}

}  // namespace parallax::app
