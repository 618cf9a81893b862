#include "app/live_seats.hpp"

#include "adapters/venues/binance/account.hpp"
#include "adapters/venues/binance/fix_orders.hpp"
#include "adapters/venues/binance/order_gateway.hpp"
#include "adapters/venues/bybit/account.hpp"
#include "adapters/venues/bybit/order_gateway.hpp"
#include "adapters/venues/okx/account.hpp"
#include "adapters/venues/okx/order_gateway.hpp"
#include "core/assert.hpp"

namespace parallax::app {
namespace {

using venue_common::AccountProtocol;
using venue_common::LiveAccount;

std::unique_ptr<LiveAccount> account(venue_common::RestClient& rest,
                                     std::unique_ptr<AccountProtocol> protocol,
                                     const SeatOptions& options, UnixNanos now) {
    venue_common::AccountConfig config;
    config.may_withdraw = options.may_withdraw;
    config.dead_man = options.dead_man;
    config.funding_since = options.told_until;
    return std::make_unique<LiveAccount>(rest, std::move(protocol), config, now);
}

}  // namespace

std::unique_ptr<AccountProtocol> make_account_protocol(const VenueAccess& access, Market market,
                                                       const Universe& universe,
                                                       const std::string& tag) {
    switch (access.venue()) {
        case Venue::Binance: {
            if (access.signer<binance::Signer>() == nullptr || market == Market::BinanceCoinm)
                return nullptr;
            const std::string& environment = access.addresses().environment;
            binance::AccountSettings settings;
            if (market == Market::BinanceUsdm) settings.product = binance::Product::Usdm;
            settings.wallet_api = environment == "production" || environment == "custom";
            return std::make_unique<binance::Accounts>(universe, settings);
        }
        case Venue::Okx:
            if (access.signer<okx::Signer>() == nullptr) return nullptr;
            return std::make_unique<okx::Accounts>(universe, tag, okx::OrderSettings{}.order_tag);
        case Venue::Bybit:
            if (access.signer<bybit::Signer>() == nullptr) return nullptr;
            return std::make_unique<bybit::Accounts>(universe, tag);
    }
    return nullptr;
}

Result<void> check_seats(const VenueAccess& access) {
    if (access.venue() != Venue::Binance || access.addresses().orders_over != "fix") return {};
    const auto* const signer = access.signer<binance::Signer>();
    if (signer == nullptr || signer->kind() != venue_common::KeyKind::Ed25519)
        return fail(Errc::Rejected,
                    "live_binance.orders_over: orders over FIX need an Ed25519 key at Binance");
    if (access.addresses().fix_orders.empty())
        return fail(Errc::Rejected, "live_binance.fix_orders: no address");
    return {};
}

void add_seats(LiveExecution& execution, ports::Transport& transport, const VenueAccess& access,
               const Universe& universe, const SeatOptions& options) {
    venue_common::GatewayConfig config;
    config.desk.tag = options.tag;
    config.desk.over = options.over;
    config.watchdog = options.dead_man;
    config.recover_since = options.told_until;
    const UnixNanos now = transport.now();
    const VenueConfig& at = access.addresses();
    switch (access.venue()) {
        case Venue::Binance: {
            auto* const signer = access.signer<binance::Signer>();
            PLX_ASSERT(signer != nullptr);
            // Spot has no dead man's switch; the gateway's own watchdog has to do.
            SeatOptions without_switch = options;
            without_switch.dead_man = Nanos{};
            const auto gateway = [&](Market market, venue_common::RestClient& rest,
                                     const binance::OrderSettings& order) {
                if (market != Market::BinanceSpot || at.orders_over != "fix")
                    return binance::make_order_gateway(transport, rest, universe, *signer, order,
                                                       config);
                PLX_ASSERT(options.fix != nullptr);
                auto made = binance::make_fix_order_gateway(
                    *options.fix, rest, universe, *signer, order,
                    {.orders_url = at.fix_orders, .copies_url = at.fix_copies}, config);
                PLX_ASSERT(made.has_value());
                return std::move(*made);
            };
            const auto seat = [&](Market market, const binance::OrderSettings& order) {
                if (!access.serves(market)) return;
                venue_common::RestClient& rest = access.client(market);
                execution.add(
                    access, {market}, gateway(market, rest, order),
                    account(rest, make_account_protocol(access, market, universe, options.tag),
                            market == Market::BinanceSpot ? without_switch : options, now));
            };
            binance::OrderSettings spot;
            spot.socket_host = at.orders;
            seat(Market::BinanceSpot, spot);
            binance::OrderSettings usdm;
            usdm.product = binance::Product::Usdm;
            usdm.socket_host = at.usdm_orders;
            usdm.stream_host = at.usdm_streams;
            seat(Market::BinanceUsdm, usdm);
            break;
        }
        case Venue::Okx: {
            const auto* const signer = access.signer<okx::Signer>();
            PLX_ASSERT(signer != nullptr);
            okx::OrderSettings settings;
            settings.socket_host = at.orders;
            settings.demo = at.environment == "demo";
            venue_common::RestClient& rest = access.client(Market::Okx);
            execution.add(
                access, {Market::Okx},
                okx::make_order_gateway(transport, rest, universe, *signer, settings, config),
                account(rest, make_account_protocol(access, Market::Okx, universe, options.tag),
                        options, now));
            break;
        }
        case Venue::Bybit: {
            const auto* const signer = access.signer<bybit::Signer>();
            PLX_ASSERT(signer != nullptr);
            bybit::OrderSettings settings;
            settings.socket_host = at.orders;
            settings.trade_socket = at.environment != "demo";
            venue_common::RestClient& rest = access.client(Market::BybitSpot);
            execution.add(
                access, {Market::BybitSpot, Market::BybitLinear, Market::BybitInverse},
                bybit::make_order_gateway(transport, rest, universe, *signer, settings, config),
                account(rest,
                        make_account_protocol(access, Market::BybitSpot, universe, options.tag),
                        options, now));
            break;
        }
    }
}

}  // namespace parallax::app
