#include "adapters/venues/binance/account.hpp"
#include "adapters/venues/binance/fix_orders.hpp"
#include "adapters/venues/binance/order_gateway.hpp"
#include "adapters/venues/binance/rest.hpp"
#include "adapters/venues/common/key_testing.hpp"
#include "gateway_world.hpp"
#include "sim/venues/binance/front.hpp"

namespace parallax::gateway_testing {

namespace {

VenueParts binance_parts(binance::Product product, binance::Signer& signer) {
    VenueParts parts;
    parts.venue = Venue::Binance;
    parts.spot = parts.perpetual = "BTCUSDT";
    parts.spot_market = Market::BinanceSpot;
    parts.perpetual_market = Market::BinanceUsdm;
    const bool spot = product == binance::Product::Spot;
    parts.has_spot = spot;
    parts.has_perpetual = !spot;
    parts.wallet = spot ? sim_engine::Wallet::Trading : sim_engine::Wallet::Derivatives;
    parts.most_in_batch = spot ? 1 : 5;
    parts.amends_price = !spot;
    if (!spot) parts.min_notional = "100";  // more than the smallest lot is worth
    parts.front = [](auto& venue, auto& transport, const auto& keys, const FixPlaces& fix) {
        sim_binance::FrontSettings settings;
        settings.fix = fix.doors;
        return std::make_unique<sim_binance::BinanceFront>(venue, keys, transport, settings);
    };
    parts.dialect = [product, &signer](const std::string& http) {
        return std::make_unique<binance::Rest>(product, http, &signer);
    };
    parts.gateway = [product, &signer](auto& transport, auto& rest, const auto& universe,
                                       const std::string& ws, const FixPlaces&,
                                       venue_common::GatewayConfig config) {
        binance::OrderSettings settings;
        settings.product = product;
        settings.socket_host = settings.stream_host = ws;
        settings.order_life = Nanos::seconds(1);
        return binance::make_order_gateway(transport, rest, universe, signer, settings,
                                           std::move(config));
    };
    parts.account = [product](const auto& universe) {
        binance::AccountSettings settings;
        settings.product = product;
        return std::make_unique<binance::Accounts>(universe, settings);
    };
    parts.fills_name_client_ids = false;
    if (!spot) parts.deposits_wallet = sim_engine::Wallet::Trading;
    return parts;
}

binance::Signer& shared_signer() {
    static binance::Signer one{venue_common::testing::credentials(kApiKey, kSecret)};
    return one;
}

binance::Signer& logon_signer() {
    static binance::Signer one{
        venue_common::testing::credentials(kApiKey, venue_common::testing::kEd25519Pem)};
    return one;
}

VenueParts binance_logon_parts(binance::Product product) {
    VenueParts parts = binance_parts(product, logon_signer());
    parts.public_key = venue_common::testing::kEd25519PublicPem;
    return parts;
}

}  // namespace

VenueParts binance_spot_parts() { return binance_parts(binance::Product::Spot, shared_signer()); }
VenueParts binance_usdm_parts() { return binance_parts(binance::Product::Usdm, shared_signer()); }

VenueParts binance_spot_logon_parts() { return binance_logon_parts(binance::Product::Spot); }
VenueParts binance_fix_parts() {
    VenueParts parts = binance_logon_parts(binance::Product::Spot);
    parts.fix = true;
    parts.gateway = [](fix::Transport& transport, auto& rest, const auto& universe,
                       const std::string& ws, const FixPlaces& places,
                       venue_common::GatewayConfig config) {
        binance::OrderSettings settings;
        settings.socket_host = ws;
        settings.order_life = Nanos::seconds(1);
        const binance::FixSettings fix{places.urls[0], places.urls[1]};
        auto made = binance::make_fix_order_gateway(transport, rest, universe, logon_signer(),
                                                    settings, fix, std::move(config));
        EXPECT_TRUE(made) << made.error().detail;
        return std::move(*made);
    };
    return parts;
}

VenueParts binance_usdm_logon_parts() { return binance_logon_parts(binance::Product::Usdm); }

}  // namespace parallax::gateway_testing
