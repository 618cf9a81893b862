// The trading account: balances, positions, settings, fees.
#include <algorithm>
#include <sstream>

#include "sim/venues/okx/account_messages.hpp"
#include "sim/venues/okx/order_messages.hpp"
#include "sim/venues/okx/rest.hpp"

namespace parallax::sim_okx {

using sim_engine::Listing;
using sim_engine::ListingId;
using sim_engine::Wallet;

namespace {

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream in{text};
    for (std::string part; std::getline(in, part, ',');) out.push_back(part);
    return out;
}

std::string list(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : ",") + word;
    return out;
}

std::vector<std::string> permissions_of(const sim_front::ApiKey& key) {
    using sim_front::Permission;
    std::vector<std::string> out;
    if (key.may(Permission::Read)) out.emplace_back("read_only");
    if (key.may(Permission::Trade)) out.emplace_back("trade");
    if (key.may(Permission::Withdraw)) out.emplace_back("withdraw");
    return out;
}

std::string uid(sim_engine::AccountId account) {
    return std::to_string(614'488'474'000'000ULL + account.raw());
}

}  // namespace

Answer Rest::balance(const Call& call) {
    std::vector<AssetId> assets;
    for (const std::string& name : split(call.text("ccy"))) {
        const auto asset = core_.venue.find_asset(name);
        if (!asset) return bad(kParameter, "ccy");
        assets.push_back(*asset);
    }
    return good(Json::array({account_json(core_.venue, call.account, assets, call.now)}));
}

Answer Rest::positions(const Call& call) {
    const std::string type = call.text("instType");
    const std::vector<std::string> names = split(call.text("instId"));
    Json rows = Json::array();
    for (const ListingId id : positions_of(core_.venue, call.account)) {
        if (!type.empty() && type != "SWAP") continue;
        const std::string& name = core_.venue.listing(id).definition.venue_symbol;
        if (!names.empty() && std::find(names.begin(), names.end(), name) == names.end()) continue;
        rows.push_back(position_json(core_.venue, call.account, id,
                                     core_.notes.position(call.account, id), call.now));
    }
    return good(std::move(rows));
}

Answer Rest::config(const Call& call) {
    Json row;
    row["acctLv"] = "2";
    row["acctStpMode"] = "cancel_maker";
    row["autoLoan"] = false;
    row["ctIsoMode"] = "automatic";
    row["enableSpotBorrow"] = false;
    row["feeType"] = "0";
    row["greeksType"] = "PA";
    row["ip"] = list(call.key->addresses);
    row["kycLv"] = "2";
    row["label"] = core_.venue.account(call.account).settings.name;
    row["level"] = "Lv1";
    row["levelTmp"] = "";
    row["liquidationGear"] = "-1";
    row["mainUid"] = uid(call.account);
    row["mgnIsoMode"] = "automatic";
    row["opAuth"] = "0";
    row["perm"] = list(permissions_of(*call.key));
    row["posMode"] =
        core_.venue.account(call.account).settings.hedge_mode ? "long_short_mode" : "net_mode";
    row["roleType"] = "0";
    row["spotBorrowAutoRepay"] = false;
    row["spotOffsetType"] = "";
    row["spotRoleType"] = "0";
    row["spotTraderInsts"] = Json::array();
    row["traderInsts"] = Json::array();
    row["type"] = "0";
    row["uid"] = uid(call.account);
    return good(Json::array({row}));
}

Answer Rest::trade_fee(const Call& call) {
    const std::string type = call.text("instType");
    if (type.empty()) return bad(kParameterEmpty, "instType");
    const bool swap = type == "SWAP";
    if (!swap && type != "SPOT") return bad(kParameter, "instType");
    const FeeRates& rates =
        core_.venue.account(call.account)
            .settings.fees.rates(Market::Okx,
                                 swap ? InstrumentKind::LinearPerpetual : InstrumentKind::Spot);
    const std::string maker = format_decimal((-rates.maker).raw(), 9);
    const std::string taker = format_decimal((-rates.taker).raw(), 9);
    Json group;
    group["elpMaker"] = maker;
    group["groupId"] = swap ? "4" : "1";
    group["maker"] = maker;
    group["rpiMaker"] = maker;
    group["taker"] = taker;
    Json row;
    row["category"] = "1";
    row["delivery"] = "";
    row["exercise"] = "";
    row["feeGroup"] = Json::array({group});
    row["fiat"] = Json::array();
    row["instType"] = type;
    row["level"] = "Lv1";
    row["maker"] = swap ? "" : maker;
    row["makerU"] = swap ? maker : "";
    row["makerUSDC"] = maker;
    row["ruleType"] = "normal";
    row["taker"] = swap ? "" : taker;
    row["takerU"] = swap ? taker : "";
    row["takerUSDC"] = taker;
    row["ts"] = millis(call.now);
    return good(Json::array({row}));
}

Answer Rest::bills(const Call& call) {
    const std::string ccy = call.text("ccy");
    const std::string type = call.text("type");
    std::vector<Bill> bills;
    for (const Bill& bill : core_.notes.bills(call.account)) {
        if (!ccy.empty() && ccy != core_.venue.asset_name(bill.asset)) continue;
        if (type.empty() || type == bill.type) bills.push_back(bill);
    }
    Json rows = Json::array();
    for (const Bill& bill : page(bills, call, 100, [](const Bill& b) { return b.id; })) {
        const bool listed = bill.listing.valid();
        Json row;
        row["bal"] = bill.balance.text();
        row["balChg"] = bill.change.text();
        row["billId"] = std::to_string(bill.id);
        row["ccy"] = core_.venue.asset_name(bill.asset);
        row["fee"] = bill.fee.text();
        row["instId"] = listed ? core_.venue.listing(bill.listing).definition.venue_symbol : "";
        row["instType"] = listed ? inst_type(core_.venue.listing(bill.listing)) : "";
        row["ordId"] = bill.order.valid() ? id_text(bill.order) : "";
        row["subType"] = bill.sub_type;
        row["sz"] = bill.change.magnitude().text();
        row["ts"] = millis(bill.time);
        row["type"] = bill.type;
        rows.push_back(std::move(row));
    }
    return good(std::move(rows));
}

/// In long/short mode there are no orders on perpetuals here.
Answer Rest::set_position_mode(const Call& call) {
    const std::string mode = call.body.is_object() ? parameter(call.body, "posMode") : "";
    if (mode.empty()) return bad(kParameterEmpty, "posMode");
    if (mode != "net_mode" && mode != "long_short_mode") return bad(kParameter, "posMode");
    if (!core_.venue.set_hedge_mode(call.account, mode == "long_short_mode"))
        return bad(kSettingFailed);
    return good(Json::array({{{"posMode", mode}}}));
}

Answer Rest::set_leverage(const Call& call) {
    if (!call.body.is_object()) return bad(kBadJson);
    const std::string name = parameter(call.body, "instId");
    if (name.empty()) return bad(kParameterEmpty, "instId");
    const auto id = core_.entry.by_name(name);
    if (!id) return bad(kUnknownInstrument);
    if (parameter(call.body, "mgnMode") != "cross" || !core_.venue.listing(*id).perpetual)
        return bad(kAccountMode);
    const std::string text = parameter(call.body, "lever");
    const auto lever = sim_front::integer(text);
    if (!lever || *lever < 1) return bad(kParameter, "lever");
    if (*lever > core_.venue.listing(*id).definition.max_leverage) return bad(kLeverage);
    const auto set =
        core_.venue.set_leverage(call.account, *id, static_cast<std::uint16_t>(*lever), call.now);
    if (!set) return bad(Code{"51008", 200, "Order failed. Insufficient USDT margin in account"});
    Json row;
    row["lever"] = std::to_string(*lever);
    row["mgnMode"] = "cross";
    row["instId"] = name;
    row["posSide"] = "";
    return good(Json::array({row}));
}

Answer Rest::leverage_info(const Call& call) {
    Json rows = Json::array();
    for (const std::string& name : split(call.text("instId"))) {
        const auto id = core_.entry.by_name(name);
        if (!id) return bad(kUnknownInstrument);
        Json row;
        row["ccy"] = "";
        row["instId"] = name;
        row["mgnMode"] = "cross";
        row["posSide"] = "net";
        row["lever"] = std::to_string(core_.venue.position(call.account, *id).leverage());
        rows.push_back(std::move(row));
    }
    return good(std::move(rows));
}

namespace {

/// How much the account can buy and sell at a price, as `buy` and `sell`.
struct Room {
    Quantity buy, sell;
    Amount quote;
};

Room room(const sim_engine::SimVenue& venue, sim_engine::AccountId account, ListingId id,
          Price price) {
    const Listing& l = venue.listing(id);
    const auto free = [&](AssetId asset) {
        return std::max(venue.available(account, Wallet::Trading, asset), Amount{});
    };
    Room out;
    out.quote = free(l.quote);
    if (!(price > Price{})) return out;
    if (!l.perpetual) {
        out.buy = l.affordable(out.quote, price);
        const Quantity held = to_quantity(free(l.base), l.quantity_scale, Rounding::Down);
        out.sell = floor_to(held, l.lot);
        return out;
    }
    const std::int64_t lever = venue.position(account, id).leverage();
    out.buy = l.affordable(Amount::from_raw(out.quote.raw() * lever), price);
    out.sell = out.buy;
    return out;
}

}  // namespace

Answer Rest::max_size(const Call& call) {
    const auto id = core_.entry.by_name(call.query.text("instId"));
    if (!id) return bad(kUnknownInstrument);
    const Listing& l = core_.venue.listing(*id);
    Price price = core_.venue.desk(*id).reference();
    if (call.query.has("px")) {
        const auto read = l.parse_price(call.query.text("px"));
        if (!read) return bad(kParameter, "px");
        price = *read;
    }
    const Room r = room(core_.venue, call.account, *id, price);
    Json row;
    row["ccy"] = "";
    row["instId"] = l.definition.venue_symbol;
    row["maxBuy"] = l.text(r.buy);
    row["maxSell"] = l.text(r.sell);
    return good(Json::array({row}));
}

/// SPOT: quote to buy with and base to sell; SWAP: contracts.
Answer Rest::max_avail_size(const Call& call) {
    const auto id = core_.entry.by_name(call.query.text("instId"));
    if (!id) return bad(kUnknownInstrument);
    const Listing& l = core_.venue.listing(*id);
    const Room r = room(core_.venue, call.account, *id, core_.venue.desk(*id).reference());
    Json row;
    row["availBuy"] = l.perpetual ? l.text(r.buy) : r.quote.text();
    row["availSell"] = l.text(r.sell);
    row["instId"] = l.definition.venue_symbol;
    return good(Json::array({row}));
}

/// Everything of one moment. In futures mode there is no equity of the whole account.
Answer Rest::position_risk(const Call& call) {
    const std::string type = call.text("instType");
    if (!type.empty() && type != "SWAP" && type != "MARGIN" && type != "FUTURES" &&
        type != "OPTION")
        return bad(kParameter, "instType");
    Json balances = Json::array();
    for (const AssetId asset : assets_of(core_.venue, call.account, Wallet::Trading)) {
        const Json whole = balance_json(core_.venue, call.account, asset, call.now);
        Json row;
        for (const char* const name : {"ccy", "disEq", "eq"}) row[name] = whole.at(name);
        balances.push_back(std::move(row));
    }
    Json positions = Json::array();
    for (const ListingId id : positions_of(core_.venue, call.account)) {
        if (!type.empty() && type != "SWAP") continue;
        const Json whole = position_json(core_.venue, call.account, id,
                                         core_.notes.position(call.account, id), call.now);
        const Listing& l = core_.venue.listing(id);
        Json row;
        row["baseBal"] = "";
        for (const char* const name : {"ccy", "instId", "instType", "mgnMode", "notionalUsd", "pos",
                                       "posCcy", "posId", "posSide"})
            row[name] = whole.at(name);
        row["notionalCcy"] = l.amount(core_.venue.position(call.account, id).magnitude()).text();
        row["quoteBal"] = "";
        positions.push_back(std::move(row));
    }
    Json row;
    row["adjEq"] = "";
    row["balData"] = std::move(balances);
    row["posData"] = std::move(positions);
    row["ts"] = millis(call.now);
    return good(Json::array({row}));
}

/// Nobody lends here, so no currency has a rate.
Answer Rest::interest_rate(const Call& call) {
    const std::string ccy = call.text("ccy");
    if (!ccy.empty() && !core_.venue.find_asset(ccy)) return bad(kParameter, "ccy");
    return good(Json::array());
}

}  // namespace parallax::sim_okx
