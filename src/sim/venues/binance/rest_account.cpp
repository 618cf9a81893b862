#include "sim/venues/binance/api.hpp"
#include "sim/venues/binance/numbers.hpp"

namespace parallax::sim_binance {
namespace {

using sim_engine::Wallet;

Json rates(Rate maker, Rate taker) {
    return {{"maker", text(maker)},
            {"taker", text(taker)},
            {"buyer", text(Rate{})},
            {"seller", text(Rate{})}};
}

}  // namespace

Reply Api::account(Call& call) {
    Arguments in{call};
    const bool omit = in.flag("omitZeroBalances");
    if (in.fault()) return in.failure();
    const auto& settings = venue_.account(call.account()).settings;
    const FeeRates& fees = settings.fees.rates(Market::BinanceSpot, InstrumentKind::Spot);
    const auto points = [](Rate rate) { return rate.raw() / 100'000; };
    Json balances = Json::array();
    for (std::size_t i = 0; i < venue_.assets(); ++i) {
        const AssetId asset{static_cast<AssetId::rep>(i)};
        const auto& balance = venue_.balance(call.account(), Wallet::Trading, asset);
        if (!(omit && balance.total.is_zero()))
            balances.push_back({{"asset", venue_.asset_name(asset)},
                                {"free", text(balance.free())},
                                {"locked", text(balance.held)}});
    }
    return Json{{"makerCommission", points(fees.maker)},
                {"takerCommission", points(fees.taker)},
                {"buyerCommission", 0},
                {"sellerCommission", 0},
                {"commissionRates", rates(fees.maker, fees.taker)},
                {"canTrade", call.key->may(sim_front::Permission::Trade)},
                {"canWithdraw", call.key->may(sim_front::Permission::Withdraw)},
                {"canDeposit", true},
                {"brokered", false},
                {"requireSelfTradePrevention", false},
                {"preventSor", false},
                {"updateTime", venue_.now().millis()},
                {"accountType", "SPOT"},
                {"balances", std::move(balances)},
                {"permissions", Json::array({"SPOT"})},
                {"uid", call.account().raw()}};
}

Reply Api::commission(Call& call) {
    const auto id = listing_of(call);
    if (!id) return tl::unexpected{id.error()};
    const auto& settings = venue_.account(call.account()).settings;
    const FeeRates& fees = settings.fees.rates(Market::BinanceSpot, InstrumentKind::Spot);
    return Json{{"symbol", call.params.text("symbol")},
                {"standardCommission", rates(fees.maker, fees.taker)},
                {"specialCommission", rates(Rate{}, Rate{})},
                {"taxCommission", rates(Rate{}, Rate{})},
                {"discount",
                 {{"enabledForAccount", settings.pays_with_discount_asset},
                  {"enabledForSymbol", !venue_.settings().discount_asset.empty()},
                  {"discountAsset", venue_.settings().discount_asset},
                  {"discount", text(Rate::from_raw(Rate::kOne) - venue_.settings().discount)}}}};
}

}  // namespace parallax::sim_binance
