#include "app/venue_access.hpp"

#include <algorithm>

#include "adapters/venues/binance/rest.hpp"
#include "adapters/venues/bybit/rest.hpp"
#include "adapters/venues/okx/rest.hpp"
#include "core/assert.hpp"

namespace parallax::app {
namespace {

constexpr std::int64_t kReceiveWindow = 5'000;  ///< ms, Bybit's own default

}  // namespace

VenueAccess::VenueAccess(ports::Transport& transport, Venue venue, VenueConfig addresses,
                         std::optional<venue_common::Credentials> credentials)
    : venue_{venue}, addresses_{std::move(addresses)} {
    switch (venue) {
        case Venue::Binance: {
            if (credentials) signer_ = std::make_unique<binance::Signer>(std::move(*credentials));
            using binance::Product;
            const auto host = [&](Product product, const std::string& address, Market market) {
                if (address.empty()) return;
                add(transport,
                    std::make_unique<binance::Rest>(product, address, signer<binance::Signer>(),
                                                    market == Market::BinanceCoinm),
                    {market});
            };
            host(Product::Spot, addresses_.rest, Market::BinanceSpot);
            host(Product::Usdm, addresses_.usdm_rest, Market::BinanceUsdm);
            host(Product::Usdm, addresses_.coinm_rest, Market::BinanceCoinm);
            break;
        }
        case Venue::Okx:
            if (credentials) signer_ = std::make_unique<okx::Signer>(std::move(*credentials));
            add(transport,
                std::make_unique<okx::Rest>(addresses_.rest, signer<okx::Signer>(),
                                            addresses_.environment == "demo"),
                {Market::Okx});
            break;
        case Venue::Bybit:
            if (credentials)
                signer_ = std::make_unique<bybit::Signer>(std::move(*credentials), kReceiveWindow);
            add(transport, std::make_unique<bybit::Rest>(addresses_.rest, signer<bybit::Signer>()),
                {Market::BybitSpot, Market::BybitLinear, Market::BybitInverse});
            break;
    }
}

void VenueAccess::add(ports::Transport& transport,
                      std::unique_ptr<venue_common::RestDialect> dialect,
                      std::vector<Market> markets) {
    auto client = std::make_unique<venue_common::RestClient>(transport, *dialect);
    hosts_.push_back({std::move(dialect), std::move(client), std::move(markets)});
}

bool VenueAccess::serves(Market market) const noexcept {
    return std::ranges::any_of(hosts_, [&](const Host& host) {
        return std::ranges::find(host.markets, market) != host.markets.end();
    });
}

venue_common::RestClient& VenueAccess::client(Market market) const {
    const auto found = std::ranges::find_if(hosts_, [&](const Host& host) {
        return std::ranges::find(host.markets, market) != host.markets.end();
    });
    PLX_ASSERT(found != hosts_.end());
    return *found->client;
}

}  // namespace parallax::app
