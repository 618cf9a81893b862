#include "app/sim_access.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "core/assert.hpp"

namespace parallax::app {
namespace {

using sim_world::Door;

VenueConfig at(const std::string& host) {
    VenueConfig config;
    config.environment = "custom";
    config.rest = "https://" + host;
    config.streams = config.orders = "wss://" + host;
    return config;
}

}  // namespace

std::array<VenueConfig, kVenueCount> simulated_addresses(
    const std::array<std::string, sim_world::kDoorCount>& hosts) {
    const auto host = [&](Door door) { return hosts[static_cast<std::size_t>(door)]; };
    VenueConfig binance = at(host(Door::BinanceSpot));
    binance.usdm_rest = "https://" + host(Door::BinanceUsdm);
    binance.usdm_streams = binance.usdm_orders = "wss://" + host(Door::BinanceUsdm);
    return {binance, at(host(Door::Okx)), at(host(Door::Bybit))};
}

venue_common::Credentials simulated_credentials(const sim_world::AccountSettings& account,
                                                Venue venue) {
    const auto found = std::ranges::find(account.keys, venue, &sim_world::VenueKey::venue);
    PLX_ASSERT(found != account.keys.end());
    const sim_front::ApiKey& key = found->key;
    return {key.id, venue_common::SigningKey::hmac(ports::Secret::copy_of(key.secret)),
            ports::Secret::copy_of(key.passphrase)};
}

Result<std::vector<sim_world::ScheduledFault>> read_fault_script(const std::string& path) {
    std::ifstream stream{path};
    std::stringstream text;
    text << stream.rdbuf();
    if (!stream) return fail(Errc::Unavailable, path + ": cannot be read");
    return sim_world::parse_fault_script(text.str(), path);
}

}  // namespace parallax::app
