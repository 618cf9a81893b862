#include "app/reach.hpp"

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

Result<Accesses> reach_venues(ports::Transport& transport, const Settings& settings,
                              ports::Secrets* secrets) {
    Accesses all;
    for (std::size_t i = 0; i < kVenueCount; ++i) {
        const auto venue = static_cast<Venue>(i);
        const VenueConfig& config = config_of(settings, venue);
        if (!config.on()) continue;
        const auto addresses = with_addresses(venue, config);
        if (!addresses) return tl::unexpected<Error>{addresses.error()};
        std::optional<venue_common::Credentials> credentials;
        if (secrets != nullptr) {
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
