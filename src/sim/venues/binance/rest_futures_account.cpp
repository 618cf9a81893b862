#include <set>

#include "sim/venues/binance/api.hpp"
#include "sim/venues/binance/numbers.hpp"

namespace parallax::sim_binance {
namespace {

using sim_engine::Position;
using sim_engine::Wallet;

/// Assets that perpetuals settle in, and whatever else the account keeps in this wallet.
std::set<AssetId> wallet_assets(const SimVenue& venue, sim_engine::AccountId account) {
    std::set<AssetId> out;
    for (std::size_t i = 0; i < venue.listings(); ++i) {
        const Listing& l = venue.listing(ListingId{static_cast<ListingId::rep>(i)});
        if (l.perpetual) out.insert(l.quote);
    }
    for (std::size_t i = 0; i < venue.assets(); ++i) {
        const AssetId asset{static_cast<AssetId::rep>(i)};
        if (!venue.balance(account, Wallet::Derivatives, asset).total.is_zero()) out.insert(asset);
    }
    return out;
}

std::string wide(const Listing& l, Price price) {
    return sim_front::fixed_text(price.raw(), l.price_scale.decimals, 8);
}

}  // namespace

Json Api::asset_row(const Call& call, AssetId asset) const {
    const auto& balance = venue_.balance(call.account(), Wallet::Derivatives, asset);
    const auto margin = venue_.margin(call.account(), asset);
    const Amount available =
        std::max(Amount{}, venue_.available(call.account(), Wallet::Derivatives, asset));
    return {{"asset", venue_.asset_name(asset)},
            {"walletBalance", text(balance.total)},
            {"unrealizedProfit", text(margin.equity - balance.total)},
            {"marginBalance", text(margin.equity)},
            {"maintMargin", text(margin.maintenance)},
            {"initialMargin", text(margin.initial)},
            {"positionInitialMargin", text(margin.initial)},
            {"openOrderInitialMargin", text(Amount{})},
            {"crossWalletBalance", text(balance.total)},
            {"crossUnPnl", text(margin.equity - balance.total)},
            {"availableBalance", text(available)},
            {"maxWithdrawAmount", text(available)},
            {"marginAvailable", true},
            {"updateTime", venue_.now().millis()}};
}

Json Api::position_row(const Call& call, ListingId id) const {
    const Listing& l = venue_.listing(id);
    const Position& p = venue_.position(call.account(), id);
    const Price mark = venue_.desk(id).reference();
    const Amount worth = p.mark_value(l, mark);
    const Amount notional = p.quantity() < Quantity{} ? -worth : worth;
    return {{"symbol", l.definition.venue_symbol},
            {"positionSide", "BOTH"},
            {"positionAmt", text(l, p.quantity())},
            {"entryPrice", wide(l, p.entry_price(l))},
            {"breakEvenPrice", wide(l, p.entry_price(l))},
            {"markPrice", wide(l, mark)},
            {"unRealizedProfit", text(p.unrealised(l, mark))},
            {"unrealizedProfit", text(p.unrealised(l, mark))},
            {"liquidationPrice", "0"},
            {"leverage", std::to_string(p.leverage())},
            {"marginType", "cross"},
            {"isolatedMargin", text(Amount{})},
            {"isolatedWallet", "0"},
            {"notional", text(notional)},
            {"marginAsset", l.definition.quote},
            {"initialMargin", text(p.margin(l, mark))},
            {"maintMargin", text(p.maintenance(l, mark))},
            {"adl", 0},
            {"updateTime", venue_.now().millis()}};
}

Reply Api::futures_account(Call& call) {
    Json assets = Json::array();
    Amount equity, wallet, initial, maintenance, available;
    for (const AssetId asset : wallet_assets(venue_, call.account())) {
        const auto margin = venue_.margin(call.account(), asset);
        equity += margin.equity;
        wallet += venue_.balance(call.account(), Wallet::Derivatives, asset).total;
        initial += margin.initial;
        maintenance += margin.maintenance;
        available +=
            std::max(Amount{}, venue_.available(call.account(), Wallet::Derivatives, asset));
        assets.push_back(asset_row(call, asset));
    }
    Json positions = Json::array();
    for (std::size_t i = 0; i < venue_.listings(); ++i) {
        const ListingId id{static_cast<ListingId::rep>(i)};
        if (!venue_.position(call.account(), id).quantity().is_zero())
            positions.push_back(position_row(call, id));
    }
    return Json{{"feeTier", 0},
                {"canTrade", call.key->may(sim_front::Permission::Trade)},
                {"canDeposit", true},
                {"canWithdraw", true},
                {"multiAssetsMargin", false},
                {"updateTime", 0},
                {"totalInitialMargin", text(initial)},
                {"totalMaintMargin", text(maintenance)},
                {"totalWalletBalance", text(wallet)},
                {"totalUnrealizedProfit", text(equity - wallet)},
                {"totalMarginBalance", text(equity)},
                {"totalPositionInitialMargin", text(initial)},
                {"totalOpenOrderInitialMargin", text(Amount{})},
                {"totalCrossWalletBalance", text(wallet)},
                {"totalCrossUnPnl", text(equity - wallet)},
                {"availableBalance", text(available)},
                {"maxWithdrawAmount", text(available)},
                {"assets", std::move(assets)},
                {"positions", std::move(positions)}};
}

Reply Api::futures_balance(Call& call) {
    Json out = Json::array();
    for (const AssetId asset : wallet_assets(venue_, call.account())) {
        const Json row = asset_row(call, asset);
        out.push_back({{"accountAlias", "sim"},
                       {"asset", row["asset"]},
                       {"balance", row["walletBalance"]},
                       {"crossWalletBalance", row["crossWalletBalance"]},
                       {"crossUnPnl", row["crossUnPnl"]},
                       {"availableBalance", row["availableBalance"]},
                       {"maxWithdrawAmount", row["maxWithdrawAmount"]},
                       {"marginAvailable", true},
                       {"updateTime", row["updateTime"]}});
    }
    return out;
}

Reply Api::positions(Call& call) {
    const auto ids = listings_of(call);
    if (!ids) return tl::unexpected{ids.error()};
    Json out = Json::array();
    for (const ListingId id : *ids) {
        const Position& p = venue_.position(call.account(), id);
        const bool open_orders = !venue_.account(call.account()).open[id.index()].empty();
        if (call.params.has("symbol") || !p.quantity().is_zero() || open_orders)
            out.push_back(position_row(call, id));
    }
    return out;
}

Reply Api::leverage(Call& call) {
    const auto id = listing_of(call);
    if (!id) return tl::unexpected{id.error()};
    Arguments in{call};
    (void)in.must("leverage");
    const auto wanted = in.number("leverage");
    if (in.fault()) return in.failure();
    const auto set = venue_.set_leverage(
        call.account(), *id, static_cast<std::uint16_t>(std::min<std::int64_t>(*wanted, 60'000)),
        call.now);
    if (!set) return tl::unexpected{fault_of(set.error(), Product::Futures)};
    return Json{{"leverage", *set},
                {"maxNotionalValue", "1000000000"},
                {"symbol", call.params.text("symbol")}};
}

Reply Api::margin_type(Call& call) {
    const auto id = listing_of(call);
    if (!id) return tl::unexpected{id.error()};
    const std::string_view type = call.params.text("marginType");
    if (type == "CROSSED") return refuse(-4046, "No need to change margin type.");
    if (type == "ISOLATED") return refuse(-4168, "Unable to adjust to isolated-margin mode.");
    return refuse(-4048, "Invalid margin type.");
}

Reply Api::position_mode(Call& call) {
    return Json{{"dualSidePosition", venue_.account(call.account()).settings.hedge_mode}};
}

Reply Api::set_position_mode(Call& call) {
    Arguments in{call};
    (void)in.must("dualSidePosition");
    const bool dual = in.flag("dualSidePosition");
    if (in.fault()) return in.failure();
    if (dual == venue_.account(call.account()).settings.hedge_mode)
        return refuse(-4059, "No need to change position side.");
    if (!venue_.set_hedge_mode(call.account(), dual))
        return refuse(-4068, "Position side cannot be changed if there exists position.");
    return Json{{"code", 200}, {"msg", "success"}};
}

Reply Api::multi_assets(Call&) { return Json{{"multiAssetsMargin", false}}; }
Reply Api::fee_burn(Call&) { return Json{{"feeBurn", false}}; }

/// Nobody is kept from trading for how they trade.
Reply Api::trading_status(Call& call) {
    return Json{{"indicators", Json::object()}, {"updateTime", call.now.millis()}};
}

Reply Api::account_config(Call& call) {
    return Json{{"feeTier", 0},
                {"canTrade", call.key->may(sim_front::Permission::Trade)},
                {"canDeposit", true},
                {"canWithdraw", true},
                {"dualSidePosition", venue_.account(call.account()).settings.hedge_mode},
                {"updateTime", 0},
                {"multiAssetsMargin", false},
                {"tradeGroupId", -1}};
}

Reply Api::symbol_config(Call& call) {
    const auto ids = listings_of(call);
    if (!ids) return tl::unexpected{ids.error()};
    Json out = Json::array();
    for (const ListingId id : *ids) {
        out.push_back({{"symbol", venue_.listing(id).definition.venue_symbol},
                       {"marginType", "CROSSED"},
                       {"isAutoAddMargin", false},
                       {"leverage", venue_.position(call.account(), id).leverage()},
                       {"maxNotionalValue", "1000000000"}});
    }
    return out;
}

Reply Api::leverage_brackets(Call& call) {
    const auto ids = listings_of(call);
    if (!ids) return tl::unexpected{ids.error()};
    Json out = Json::array();
    for (const ListingId id : *ids) {
        const Listing& l = venue_.listing(id);
        out.push_back(
            {{"symbol", l.definition.venue_symbol},
             {"brackets", Json::array({{{"bracket", 1},
                                        {"initialLeverage", l.definition.max_leverage},
                                        {"notionalCap", 1'000'000'000},
                                        {"notionalFloor", 0},
                                        {"maintMarginRatio",
                                         static_cast<double>(l.maintenance_margin.raw()) / 1e9},
                                        {"cum", 0.0}}})}});
    }
    return out;
}

Reply Api::commission_rate(Call& call) {
    const auto id = listing_of(call);
    if (!id) return tl::unexpected{id.error()};
    const FeeRates& fees =
        venue_.account(call.account())
            .settings.fees.rates(Market::BinanceUsdm, InstrumentKind::LinearPerpetual);
    return Json{{"symbol", call.params.text("symbol")},
                {"makerCommissionRate", sim_front::fixed_text(fees.maker.raw(), 9, 6)},
                {"takerCommissionRate", sim_front::fixed_text(fees.taker.raw(), 9, 6)},
                {"rpiCommissionRate", "0.000000"}};
}

Reply Api::income(Call& call) {
    Arguments in{call};
    const auto limit = static_cast<std::size_t>(in.number_or("limit", 100, 1'000));
    const auto start = in.number("startTime");
    const auto end = in.number("endTime");
    const std::string_view type = in.may("incomeType");
    if (in.fault()) return in.failure();
    Json out = Json::array();
    for (const Income& row : income_) {
        if (row.payment.account != call.account() || out.size() == limit ||
            (!type.empty() && type != "FUNDING_FEE") || (start && row.time.millis() < *start) ||
            (end && row.time.millis() > *end))
            continue;
        const Listing& l = venue_.listing(row.payment.listing);
        out.push_back({{"symbol", l.definition.venue_symbol},
                       {"incomeType", "FUNDING_FEE"},
                       {"income", text(-row.payment.amount)},
                       {"asset", l.definition.quote},
                       {"time", row.time.millis()},
                       {"info", "FUNDING_FEE"},
                       {"tranId", row.id},
                       {"tradeId", ""}});
    }
    return out;
}

}  // namespace parallax::sim_binance
