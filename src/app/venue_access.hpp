#pragma once

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "adapters/venues/binance/sign.hpp"
#include "adapters/venues/bybit/sign.hpp"
#include "adapters/venues/common/rest_client.hpp"
#include "adapters/venues/okx/sign.hpp"
#include "app/live_config.hpp"

namespace parallax::app {

/// The way to one venue: its addresses, our keys if any, and a REST client for each host. Market
/// feed, gateway and account of the venue share the clients, and so their rate budgets and clock.
class VenueAccess {
public:
    struct Host {
        std::unique_ptr<venue_common::RestDialect> dialect;
        std::unique_ptr<venue_common::RestClient> client;
        std::vector<Market> markets;
    };

    /// `addresses`: filled in (with_addresses). Without credentials only what is public. The
    /// transport outlives it.
    VenueAccess(ports::Transport& transport, Venue venue, VenueConfig addresses,
                std::optional<venue_common::Credentials> credentials = {});

    [[nodiscard]] Venue venue() const noexcept { return venue_; }
    [[nodiscard]] const VenueConfig& addresses() const noexcept { return addresses_; }
    [[nodiscard]] const std::vector<Host>& hosts() const noexcept { return hosts_; }
    [[nodiscard]] bool serves(Market market) const noexcept;
    /// Needs: serves(market).
    [[nodiscard]] venue_common::RestClient& client(Market market) const;
    /// Null without credentials, or at another venue.
    template <class Signer>
    [[nodiscard]] Signer* signer() const noexcept {
        const auto* const held = std::get_if<std::unique_ptr<Signer>>(&signer_);
        return held == nullptr ? nullptr : held->get();
    }

private:
    void add(ports::Transport& transport, std::unique_ptr<venue_common::RestDialect> dialect,
             std::vector<Market> markets);

    Venue venue_;
    VenueConfig addresses_;
    std::variant<std::monostate, std::unique_ptr<binance::Signer>, std::unique_ptr<okx::Signer>,
                 std::unique_ptr<bybit::Signer>>
        signer_;
    std::vector<Host> hosts_;
};

}  // namespace parallax::app
