#include "sim/venues/bybit/account_text.hpp"

#include <algorithm>

#include "sim/venues/bybit/errors.hpp"
#include "sim/venues/bybit/ids.hpp"
#include "sim/venues/bybit/text.hpp"

namespace parallax::sim_bybit {
namespace {

using sim_engine::AccountId;
using sim_engine::Execution;
using sim_engine::Listing;
using sim_engine::ListingId;
using sim_engine::Order;
using sim_engine::Position;
using sim_engine::SimVenue;
using sim_engine::Wallet;

std::string ms_text(UnixNanos time) { return std::to_string(time.millis()); }

bool dollar(std::string_view name) { return name == "USDT" || name == "USDC"; }

/// amount x price, cut; the whole part and the rest apart, so that nothing overflows.
Amount worth(Amount amount, Price price, Scale scale) {
    const std::int64_t one = pow10(scale.decimals);
    const __int128 whole = amount.raw() / one, rest = amount.raw() % one;
    return Amount::from_raw(whole * price.raw() + rest * price.raw() / one);
}

std::string ratio_text(Amount part, Amount of) {
    if (!(of > Amount{})) return "0";
    // Four digits; dividing first keeps the product small.
    const __int128 steps = part.raw() / std::max<__int128>(1, of.raw() / 10'000);
    return format_decimal(steps, 4);
}

std::string order_quantity(const Order& o, const Listing& l) {
    return o.in_quote() ? o.quote_quantity.text() : l.text(o.quantity);
}

}  // namespace

Amount usd_value(const SimVenue& venue, AssetId asset, Amount amount) {
    const std::string& name = venue.asset_name(asset);
    if (dollar(name)) return amount;
    const auto listing = venue.find_listing(Market::BybitSpot, name + "USDT");
    if (!listing) return {};
    return worth(amount, venue.desk(*listing).reference(), venue.listing(*listing).price_scale);
}

Json order_json(const SimVenue& venue, const Order& o, const OrderMemory::Costs& costs, bool stream,
                sim_engine::Reject refused) {
    const Listing& l = venue.listing(o.listing);
    const bool spot = is_spot(l), open = sim_engine::is_open(o.status);
    StatusText status = status_of(o, spot);
    if (refused != sim_engine::Reject::None)
        status = {"Rejected", "UNKNOWN", reject_reason(refused)};
    const Quantity leaves = open ? o.remaining() : Quantity{};
    Amount fees;
    Json detail = Json::object();
    for (const auto& [asset, fee] : costs.fees) {
        fees += fee;
        detail[venue.asset_name(asset)] = fee.text();
    }
    Json out = {{"symbol", l.definition.venue_symbol},
                {"orderId", order_text(o.id, spot)},
                {"orderLinkId", o.client_id.text()},
                {"blockTradeId", ""},
                {"side", side_text(o.side)},
                {"positionIdx", 0},
                {"orderStatus", status.status},
                {"cancelType", status.cancel_type},
                {"rejectReason", status.reject_reason},
                {"timeInForce", time_in_force_text(o)},
                {"isLeverage", spot ? "0" : ""},
                {"price", l.text(o.price)},
                {"qty", order_quantity(o, l)},
                {"avgPrice", average_text(l, o.filled_quote, o.filled)},
                {"leavesQty", l.text(leaves)},
                {"leavesValue", open ? l.notional(o.price, leaves).text() : "0"},
                {"cumExecQty", l.text(o.filled)},
                {"cumExecValue", o.filled_quote.text()},
                {"cumExecFee", costs.fees.size() <= 1 ? fees.text() : ""},
                {"orderType", o.type == sim_engine::OrderType::Market ? "Market" : "Limit"},
                {"stopOrderType", ""},
                {"orderIv", ""},
                {"marketUnit", o.in_quote() ? "quoteCoin"
                               : spot       ? "baseCoin"
                                            : ""},
                {"triggerPrice", ""},
                {"takeProfit", ""},
                {"stopLoss", ""},
                {"tpLimitPrice", ""},
                {"slLimitPrice", ""},
                {"tpTriggerBy", ""},
                {"slTriggerBy", ""},
                {"triggerDirection", 0},
                {"triggerBy", ""},
                {"lastPriceOnCreated", ""},
                {"reduceOnly", o.reduce_only},
                {"closeOnTrigger", false},
                {"placeType", ""},
                {"smpType", self_trade_text(o.self_trade)},
                {"smpGroup", 0},
                {"smpOrderId", ""},
                {"createType", o.liquidation ? "CreateByLiq" : "CreateByUser"},
                {"cumFeeDetail", std::move(detail)},
                {"createdTime", ms_text(o.created)},
                {"updatedTime", ms_text(o.updated)}};
    // Clients tell a spot order from a contract's by its absence.
    if (!spot) out["tpslMode"] = "";
    if (stream) {
        out["category"] = category_of(l);
        out["closedPnl"] = costs.realised.text();
        out["feeCurrency"] =
            spot && !costs.fees.empty() ? venue.asset_name(costs.fees.back().first) : "";
    }
    return out;
}

Json execution_json(const SimVenue& venue, const Order& o, const Execution& e, UnixNanos time,
                    std::uint64_t seq) {
    const Listing& l = venue.listing(o.listing);
    const bool spot = is_spot(l);
    const FeeRates& rates =
        venue.account(o.account).settings.fees.rates(l.definition.market, l.definition.kind);
    const bool reduces = !e.realised.is_zero();
    return {{"category", category_of(l)},
            {"symbol", l.definition.venue_symbol},
            {"execFee", e.fee.text()},
            {"execId", trade_text(l.id, e.trade, spot)},
            {"execPrice", l.text(e.price)},
            {"execQty", l.text(e.quantity)},
            {"execType", o.liquidation ? "BustTrade" : "Trade"},
            {"execValue", e.quote.text()},
            {"feeRate", rate_text(e.maker ? rates.maker : rates.taker)},
            {"feeCurrency", venue.asset_name(e.fee_asset)},
            {"tradeIv", ""},
            {"markIv", ""},
            {"blockTradeId", ""},
            {"markPrice", spot ? "" : l.text(venue.desk(o.listing).mark)},
            {"indexPrice", ""},
            {"underlyingPrice", ""},
            {"leavesQty", l.text(o.remaining())},
            {"orderId", order_text(o.id, spot)},
            {"orderLinkId", o.client_id.text()},
            {"orderPrice", l.text(o.price)},
            {"orderQty", order_quantity(o, l)},
            {"orderType", o.type == sim_engine::OrderType::Market ? "Market" : "Limit"},
            {"stopOrderType", ""},
            {"side", side_text(o.side)},
            {"execTime", ms_text(time)},
            {"isLeverage", "0"},
            {"isMaker", e.maker},
            {"seq", seq},
            {"execPnl", e.realised.text()},
            {"closedSize", reduces ? l.text(e.quantity) : "0"},
            {"createType", o.liquidation ? "CreateByLiq" : "CreateByUser"},
            {"marketUnit", o.in_quote() ? "quoteCoin" : ""}};
}

Json fast_execution_json(const SimVenue& venue, const Order& o, const Execution& e, UnixNanos time,
                         std::uint64_t seq) {
    const Listing& l = venue.listing(o.listing);
    const bool spot = is_spot(l);
    return {{"category", category_of(l)},
            {"symbol", l.definition.venue_symbol},
            {"execId", trade_text(l.id, e.trade, spot)},
            {"execPrice", l.text(e.price)},
            {"execQty", l.text(e.quantity)},
            {"orderId", order_text(o.id, spot)},
            {"isMaker", e.maker},
            {"orderLinkId", e.maker ? std::string_view{} : o.client_id.text()},
            {"side", side_text(o.side)},
            {"execTime", ms_text(time)},
            {"seq", seq}};
}

Json funding_json(const SimVenue& venue, const sim_engine::FundingPayment& f, UnixNanos time,
                  std::uint64_t seq) {
    const Listing& l = venue.listing(f.listing);
    const bool is_long = f.position > Quantity{};
    const Quantity size = is_long ? f.position : Quantity{} - f.position;
    return {{"category", "linear"},
            {"symbol", l.definition.venue_symbol},
            {"execFee", f.amount.text()},
            {"execId", uuid_of(seq | std::uint64_t{1} << 62)},
            {"execPrice", l.text(f.mark)},
            {"execQty", l.text(size)},
            {"execType", "Funding"},
            {"execValue", l.notional(f.mark, size).text()},
            {"feeRate", rate_text(f.rate)},
            {"feeCurrency", l.definition.settle},
            {"leavesQty", "0"},
            {"orderId", uuid_of(seq | std::uint64_t{3} << 61)},
            {"orderLinkId", ""},
            {"orderPrice", "0"},
            {"orderQty", "0"},
            {"orderType", "UNKNOWN"},
            {"side", side_text(is_long ? Side::Sell : Side::Buy)},
            {"execTime", ms_text(time)},
            {"isMaker", false},
            {"seq", seq},
            {"execPnl", (-f.amount).text()},
            {"closedSize", "0"},
            {"createType", ""}};
}

Json position_json(const SimVenue& venue, AccountId account, ListingId id, std::uint64_t seq,
                   bool stream) {
    const sim_engine::Desk& desk = venue.desk(id);
    const Listing& l = desk.listing;
    const Position& p = venue.position(account, id);
    const Quantity size = p.magnitude();
    const bool flat = size.is_zero();
    const Amount value = p.entry_value().is_negative() ? -p.entry_value() : p.entry_value();
    const std::string entry = flat ? "0" : average_text(l, value, size);
    Json out = {{"positionIdx", 0},
                {"tradeMode", 0},
                {"riskId", 1},
                {"riskLimitValue", ""},
                {"symbol", l.definition.venue_symbol},
                {"side", flat ? "" : side_text(p.quantity() > Quantity{} ? Side::Buy : Side::Sell)},
                {"size", l.text(size)}};
    out[stream ? "entryPrice" : "avgPrice"] = entry;
    out.update({{"positionValue", flat ? "" : value.text()},
                {"leverage", std::to_string(p.leverage())},
                {"autoAddMargin", 0},
                {"positionStatus", "Normal"},
                {"markPrice", l.text(desk.mark)},
                {"liqPrice", ""},
                {"bustPrice", ""},
                {"positionIM", p.margin(l, desk.mark).text()},
                {"positionMM", p.maintenance(l, desk.mark).text()},
                {"positionBalance", "0"},
                {"takeProfit", ""},
                {"stopLoss", ""},
                {"trailingStop", "0"},
                {"sessionAvgPrice", ""},
                {"unrealisedPnl", flat ? "" : p.unrealised(l, desk.mark).text()},
                {"curRealisedPnl", flat ? "0" : p.realised().text()},
                {"cumRealisedPnl", p.realised().text()},
                {"adlRankIndicator", 0},
                {"createdTime", "0"},
                {"updatedTime", ms_text(venue.now())},
                {"seq", seq},
                {"isReduceOnly", false},
                {"mmrSysUpdatedTime", ""},
                {"leverageSysUpdatedTime", ""},
                {"tpslMode", "Full"}});
    if (stream) out["category"] = "linear";
    return out;
}

Json wallet_json(const SimVenue& venue, AccountId account, const std::vector<std::string>& coins) {
    Json list = Json::array();
    Amount equity_usd, wallet_usd, available_usd, initial_usd, maintenance_usd, profit_usd;
    for (std::size_t i = 0; i < venue.ledger().assets(); ++i) {
        const AssetId asset{static_cast<AssetId::rep>(i)};
        const std::string& name = venue.asset_name(asset);
        const sim_engine::Balance& balance = venue.balance(account, Wallet::Trading, asset);
        const SimVenue::Margin margin = venue.margin(account, asset);
        const Amount profit = margin.equity - balance.total;
        Amount realised;
        for (std::size_t k = 0; k < venue.listings(); ++k) {
            const ListingId id{static_cast<ListingId::rep>(k)};
            if (venue.listing(id).perpetual && venue.listing(id).quote == asset)
                realised += venue.position(account, id).realised();
        }
        equity_usd += usd_value(venue, asset, margin.equity);
        wallet_usd += usd_value(venue, asset, balance.total);
        available_usd += usd_value(venue, asset, venue.available(account, Wallet::Trading, asset));
        initial_usd += usd_value(venue, asset, margin.initial);
        maintenance_usd += usd_value(venue, asset, margin.maintenance);
        profit_usd += usd_value(venue, asset, profit);
        const bool wanted = coins.empty()
                                ? !balance.total.is_zero() || !margin.initial.is_zero()
                                : std::find(coins.begin(), coins.end(), name) != coins.end();
        if (!wanted) continue;
        list.push_back({{"coin", name},
                        {"equity", margin.equity.text()},
                        {"usdValue", usd_value(venue, asset, margin.equity).text()},
                        {"walletBalance", balance.total.text()},
                        {"availableToWithdraw", ""},
                        {"availableToBorrow", ""},
                        {"free", ""},
                        {"locked", balance.held.text()},
                        {"borrowAmount", "0"},
                        {"spotBorrow", "0"},
                        {"accruedInterest", "0"},
                        {"totalOrderIM", "0"},
                        {"totalPositionIM", margin.initial.text()},
                        {"totalPositionMM", margin.maintenance.text()},
                        {"unrealisedPnl", profit.text()},
                        {"cumRealisedPnl", realised.text()},
                        {"bonus", "0"},
                        {"marginCollateral", true},
                        {"collateralSwitch", true},
                        {"spotHedgingQty", "0"}});
    }
    return {{"accountType", "UNIFIED"},
            {"accountIMRate", ratio_text(initial_usd, equity_usd)},
            {"accountMMRate", ratio_text(maintenance_usd, equity_usd)},
            {"accountLTV", "0"},
            {"totalEquity", equity_usd.text()},
            {"totalWalletBalance", wallet_usd.text()},
            {"totalMarginBalance", equity_usd.text()},
            {"totalAvailableBalance", available_usd.text()},
            {"totalPerpUPL", profit_usd.text()},
            {"totalInitialMargin", initial_usd.text()},
            {"totalMaintenanceMargin", maintenance_usd.text()},
            {"coin", std::move(list)}};
}

}  // namespace parallax::sim_bybit
