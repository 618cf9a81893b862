#include "sim/venues/okx/account_messages.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "sim/venues/okx/order_messages.hpp"

namespace parallax::sim_okx {

using sim_engine::AccountId;
using sim_engine::Balance;
using sim_engine::Listing;
using sim_engine::ListingId;
using sim_engine::Position;
using sim_engine::SimVenue;
using sim_engine::Wallet;

namespace {

std::string usd_text(double value) { return fmt::format("{:.8f}", value); }

std::string position_id(AccountId account, ListingId listing) {
    return std::to_string(1'000'000'000ULL + account.raw() * 10'000ULL + listing.raw());
}

Amount positive(Amount amount) { return std::max(amount, Amount{}); }

}  // namespace

double usd_value(const SimVenue& venue, AssetId asset) {
    const std::string& name = venue.asset_name(asset);
    if (name == "USDT" || name == "USD") return 1.0;
    const auto pair = venue.find_listing(Market::Okx, name + "-USDT");
    if (!pair) return 0.0;
    const Listing& listing = venue.listing(*pair);
    return static_cast<double>(venue.desk(*pair).reference().raw()) /
           static_cast<double>(pow10(listing.price_scale.decimals));
}

Json balance_json(const SimVenue& venue, AccountId account, AssetId asset, UnixNanos now) {
    const Balance& balance = venue.balance(account, Wallet::Trading, asset);
    const SimVenue::Margin margin = venue.margin(account, asset);
    const Amount available = positive(venue.available(account, Wallet::Trading, asset));
    const Amount frozen = positive(balance.total - available);
    Json row;
    row["accAvgPx"] = "";
    row["availBal"] = available.text();
    row["availEq"] = available.text();
    row["borrowFroz"] = "";
    row["cashBal"] = balance.total.text();
    row["ccy"] = venue.asset_name(asset);
    row["crossLiab"] = "";
    row["disEq"] = usd_text(margin.equity.approximate() * usd_value(venue, asset));
    row["eq"] = margin.equity.text();
    row["eqUsd"] = usd_text(margin.equity.approximate() * usd_value(venue, asset));
    row["fixedBal"] = "0";
    row["frozenBal"] = frozen.text();
    row["imr"] = margin.initial.text();
    row["interest"] = "";
    row["isoEq"] = "0";
    row["isoLiab"] = "";
    row["isoUpl"] = "0";
    row["liab"] = "";
    row["maxLoan"] = "";
    row["mgnRatio"] =
        margin.maintenance.is_zero()
            ? ""
            : usd_text(margin.equity.approximate() / margin.maintenance.approximate());
    row["mmr"] = margin.maintenance.text();
    row["notionalLever"] = "0";
    row["ordFrozen"] = balance.held.text();
    row["rewardBal"] = "0";
    row["spotBal"] = balance.total.text();
    row["spotInUseAmt"] = "";
    row["spotIsoBal"] = "0";
    row["stgyEq"] = "0";
    row["twap"] = "0";
    row["uTime"] = millis(now);
    row["upl"] = (margin.equity - balance.total).text();
    row["uplLiab"] = "";
    return row;
}

Json account_json(const SimVenue& venue, AccountId account, const std::vector<AssetId>& assets,
                  UnixNanos now) {
    double total = 0;
    for (const AssetId asset : assets_of(venue, account, Wallet::Trading))
        total += venue.margin(account, asset).equity.approximate() * usd_value(venue, asset);
    Json details = Json::array();
    for (const AssetId asset : assets.empty() ? assets_of(venue, account, Wallet::Trading) : assets)
        details.push_back(balance_json(venue, account, asset, now));
    Json row;
    row["adjEq"] = "";
    row["availEq"] = "";
    row["borrowFroz"] = "";
    row["details"] = std::move(details);
    row["imr"] = "";
    row["isoEq"] = "0";
    row["mgnRatio"] = "";
    row["mmr"] = "";
    row["notionalUsd"] = "";
    row["notionalUsdForBorrow"] = "";
    row["notionalUsdForFutures"] = "";
    row["notionalUsdForOption"] = "";
    row["notionalUsdForSwap"] = "";
    row["ordFroz"] = "";
    row["totalEq"] = usd_text(total);
    row["uTime"] = millis(now);
    row["upl"] = "";
    return row;
}

Json position_json(const SimVenue& venue, AccountId account, ListingId id, const PositionNote& note,
                   UnixNanos now) {
    const Position& p = venue.position(account, id);
    const sim_engine::Desk& desk = venue.desk(id);
    const Listing& l = desk.listing;
    const Price mark = desk.reference();
    const Amount upl = p.unrealised(l, mark);
    const Amount value = p.mark_value(l, mark);
    const bool flat = p.quantity().is_zero();
    const SimVenue::Margin margin = venue.margin(account, l.quote);
    // Price at which equity meets maintenance, everything else unchanged.
    double liquidation = 0;
    if (!flat) {
        const double size = l.amount(p.quantity()).approximate();
        const double at =
            static_cast<double>(mark.raw()) / static_cast<double>(pow10(l.price_scale.decimals));
        liquidation = at - (margin.equity - margin.maintenance).approximate() / size;
    }
    Json row;
    row["adl"] = flat ? "" : "1";
    row["availPos"] = "";
    row["avgPx"] = flat ? "" : average(p.entry_value().magnitude(), p.magnitude(), l);
    row["bePx"] = "";
    row["cTime"] = millis(note.created);
    row["ccy"] = l.definition.settle;
    row["closeOrderAlgo"] = Json::array();
    row["fee"] = note.fee.text();
    row["fundingFee"] = note.funding.text();
    row["idxPx"] = desk.index > Price{} ? l.text(desk.index) : "";
    row["imr"] = p.margin(l, mark).text();
    row["instId"] = l.definition.venue_symbol;
    row["instType"] = "SWAP";
    row["interest"] = "";
    row["last"] = desk.last_price > Price{} ? l.text(desk.last_price) : "";
    row["lever"] = std::to_string(p.leverage());
    row["liab"] = "";
    row["liabCcy"] = "";
    row["liqPenalty"] = "0";
    row["liqPx"] = liquidation > 0 ? usd_text(liquidation) : "";
    row["margin"] = "";
    row["markPx"] = mark > Price{} ? l.text(mark) : "";
    row["maxSpotInUseAmt"] = "";
    row["mgnMode"] = "cross";
    row["mgnRatio"] =
        margin.maintenance.is_zero()
            ? ""
            : usd_text(margin.equity.approximate() / margin.maintenance.approximate());
    row["mmr"] = p.maintenance(l, mark).text();
    row["nonSettleAvgPx"] = "";
    row["notionalUsd"] = value.text();
    row["pendingCloseOrdLiabVal"] = "";
    row["pnl"] = p.realised().text();
    row["pos"] = l.text(p.quantity());
    row["posCcy"] = "";
    row["posId"] = position_id(account, id);
    row["posSide"] = "net";
    row["realizedPnl"] = (p.realised() + note.fee + note.funding).text();
    row["settledPnl"] = "";
    row["spotInUseAmt"] = "";
    row["spotInUseCcy"] = "";
    row["tradeId"] = note.last_trade == 0 ? "" : std::to_string(note.last_trade);
    row["uTime"] = millis(note.updated);
    row["upl"] = upl.text();
    row["uplLastPx"] = desk.last_price > Price{} ? p.unrealised(l, desk.last_price).text() : "";
    const Amount own = p.margin(l, mark);
    row["uplRatio"] = own.is_zero() ? "" : usd_text(upl.approximate() / own.approximate());
    row["pTime"] = millis(now);
    return row;
}

Json lean_balance_json(const SimVenue& venue, AccountId account, AssetId asset, UnixNanos now) {
    Json row;
    row["ccy"] = venue.asset_name(asset);
    row["cashBal"] = venue.balance(account, Wallet::Trading, asset).total.text();
    row["uTime"] = millis(now);
    return row;
}

Json lean_position_json(const SimVenue& venue, AccountId account, ListingId id,
                        const PositionNote& note, UnixNanos now) {
    const Json whole = position_json(venue, account, id, note, now);
    Json row;
    for (const char* const name :
         {"posId", "tradeId", "instId", "instType", "mgnMode", "posSide", "pos", "ccy", "posCcy",
          "avgPx", "nonSettleAvgPx", "settledPnl", "uTime"})
        row[name] = whole.at(name);
    return row;
}

std::vector<AssetId> assets_of(const SimVenue& venue, AccountId account, Wallet wallet) {
    std::vector<AssetId> out;
    for (std::size_t i = 0; i < venue.ledger().assets(); ++i) {
        const AssetId asset{static_cast<AssetId::rep>(i)};
        if (!venue.balance(account, wallet, asset).total.is_zero()) out.push_back(asset);
    }
    return out;
}

std::vector<ListingId> positions_of(const SimVenue& venue, AccountId account) {
    std::vector<ListingId> out;
    for (std::size_t i = 0; i < venue.listings(); ++i) {
        const ListingId id{static_cast<ListingId::rep>(i)};
        if (venue.listing(id).perpetual && !venue.position(account, id).quantity().is_zero())
            out.push_back(id);
    }
    return out;
}

}  // namespace parallax::sim_okx
