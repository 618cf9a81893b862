#include "app/reach.hpp"

#include "app/live_feeds.hpp"

namespace parallax::app {

const VenueConfig& config_of(const Settings& settings, Venue venue) noexcept {
    switch (venue) {
        case Venue::Binance:
            return settings.live_binance;
        case Venue::Okx:
            return settings.live_okx;
        case Venue::Bybit:
            break;
    }
    return settings.live_bybit;
}

std::vector<std::string> limits_not_set(const std::string& path) {
    return keys_not_set(path, {"risk.max_order_value", "risk.max_position", "risk.max_loss_day"});
}

bool streams_need_keys(const Settings& settings) noexcept {
    return settings.live_binance.streams_need_key();
}

Result<Accesses> reach_streams(ports::Transport& transport, const Settings& settings,
                               const SecretsPlace& place) {
    std::unique_ptr<ports::Secrets> secrets;
    if (streams_need_keys(settings)) {
        auto opened = open_secrets(place);
        if (!opened) return tl::unexpected<Error>{opened.error()};
        secrets = std::move(*opened);
    }
    auto venues = reach_venues(transport, settings, secrets.get(), KeysFor::Streams);
    if (!venues) return venues;
    for (const auto& venue : *venues) {
        if (auto fit = LiveFeeds::check(*venue); !fit) return tl::unexpected<Error>{fit.error()};
    }
    return venues;
}

Result<Accesses> reach_venues(ports::Transport& transport, const Settings& settings,
                              ports::Secrets* secrets, KeysFor keys) {
    Accesses all;
    for (std::size_t i = 0; i < kVenueCount; ++i) {
        const auto venue = static_cast<Venue>(i);
        const VenueConfig& config = config_of(settings, venue);
        if (!config.on()) continue;
        const auto addresses = with_addresses(venue, config);
        if (!addresses) return tl::unexpected<Error>{addresses.error()};
        std::optional<venue_common::Credentials> credentials;
        if (secrets != nullptr && (keys == KeysFor::Everything || config.streams_need_key())) {
            auto read = venue_common::read_credentials(*secrets, venue, config.account);
            if (!read) return tl::unexpected<Error>{read.error()};
            credentials = std::move(*read);
        }
        all.push_back(
            std::make_unique<VenueAccess>(transport, venue, *addresses, std::move(credentials)));
    }
    if (all.empty()) return fail(Errc::Rejected, "every venue is off");
    return all;
}

}  // namespace parallax::app
