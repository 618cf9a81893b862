// The funding account: balances, transfers, deposits, withdrawals.
#include <fmt/format.h>
#include <algorithm>
#include <deque>
#include <map>

#include "sim/venues/okx/account_messages.hpp"
#include "sim/venues/okx/order_messages.hpp"
#include "sim/venues/okx/rest.hpp"

namespace parallax::sim_okx {

using sim_engine::Movement;
using sim_engine::MovementId;
using sim_engine::MovementKind;
using sim_engine::MovementStatus;
using sim_engine::Reject;
using sim_engine::Wallet;

namespace {

std::optional<Wallet> wallet_of(std::string_view number) noexcept {
    if (number == "6") return Wallet::Funding;
    if (number == "18") return Wallet::Trading;
    return std::nullopt;
}

std::string wallet_number(Wallet wallet) { return wallet == Wallet::Trading ? "18" : "6"; }

/// One chain an asset, and a fee that is the same for all: choices of the simulation.
std::string chain_of(const std::string& ccy) { return ccy + "-Simulated"; }
constexpr std::string_view kFee = "0.0005";

std::string address_of(sim_engine::AccountId account, const std::string& ccy) {
    return "sim-" + ccy + "-" + std::to_string(account.raw());
}

std::optional<MovementId> movement_id(std::string_view text) {
    const auto number = sim_front::integer(text);
    if (!number || *number < 0) return std::nullopt;
    return MovementId{static_cast<std::uint64_t>(*number)};
}

}  // namespace

Answer Rest::asset_balances(const Call& call) {
    const std::string wanted = call.text("ccy");
    Json rows = Json::array();
    for (const AssetId asset : assets_of(core_.venue, call.account, Wallet::Funding)) {
        const std::string& ccy = core_.venue.asset_name(asset);
        if (!wanted.empty() && ("," + wanted + ",").find("," + ccy + ",") == std::string::npos)
            continue;
        const auto& balance = core_.venue.balance(call.account, Wallet::Funding, asset);
        Json row;
        row["availBal"] = balance.free().text();
        row["bal"] = balance.total.text();
        row["ccy"] = ccy;
        row["frozenBal"] = balance.held.text();
        rows.push_back(std::move(row));
    }
    return good(std::move(rows));
}

Answer Rest::currencies(const Call& call) {
    const std::string wanted = call.text("ccy");
    Json rows = Json::array();
    for (std::size_t i = 0; i < core_.venue.ledger().assets(); ++i) {
        const std::string& ccy = core_.venue.asset_name(AssetId{static_cast<AssetId::rep>(i)});
        if (!wanted.empty() && ("," + wanted + ",").find("," + ccy + ",") == std::string::npos)
            continue;
        Json row;
        row["burningFeeRate"] = "0";
        row["canDep"] = true;
        row["canInternal"] = true;
        row["canWd"] = true;
        row["ccy"] = ccy;
        row["chain"] = chain_of(ccy);
        row["depEstOpenTime"] = "";
        row["depQuotaFixed"] = "";
        row["depQuoteDailyLayer2"] = "";
        row["fee"] = kFee;
        row["logoLink"] = "";
        row["mainNet"] = true;
        row["maxFee"] = kFee;
        row["maxFeeForCtAddr"] = "";
        row["maxWd"] = "1000000";
        row["minDep"] = "0.00000001";
        row["minDepArrivalConfirm"] = "1";
        row["minFee"] = kFee;
        row["minFeeForCtAddr"] = "";
        row["minInternal"] = "0.00000001";
        row["minWd"] = "0.001";
        row["minWdUnlockConfirm"] = "2";
        row["name"] = ccy;
        row["needTag"] = false;
        row["usedDepQuotaFixed"] = "";
        row["usedWdQuota"] = "0";
        row["wdEstOpenTime"] = "";
        row["wdQuota"] = "10000000";
        row["wdTickSz"] = "8";
        rows.push_back(std::move(row));
    }
    return good(std::move(rows));
}

Answer Rest::deposit_address(const Call& call) {
    const std::string ccy = call.text("ccy");
    if (ccy.empty()) return bad(kParameterEmpty, "ccy");
    if (!core_.venue.find_asset(ccy)) return bad(kParameter, "ccy");
    Json row;
    row["addr"] = address_of(call.account, ccy);
    row["ccy"] = ccy;
    row["chain"] = chain_of(ccy);
    row["ctAddr"] = "";
    row["selected"] = true;
    row["to"] = "6";
    row["verifiedName"] = "";
    return good(Json::array({row}));
}

/// Inside one account (type 0): the simulation has no sub-accounts.
Answer Rest::transfer(const Call& call) {
    if (!call.body.is_object()) return bad(kBadJson);
    for (const char* const name : {"ccy", "amt", "from", "to"}) {
        if (parameter(call.body, name).empty()) return bad(kParameterEmpty, name);
    }
    const std::string type = parameter(call.body, "type");
    if (!type.empty() && type != "0") return bad(kParameter, "type");
    const std::string ccy = parameter(call.body, "ccy");
    const std::string client = parameter(call.body, "clientId");
    if (!client.empty() && !is_word(client, 32)) return bad(kParameter, "clientId");
    const auto asset = core_.venue.find_asset(ccy);
    if (!asset) return bad(kParameter, "ccy");
    const auto amount = Amount::parse(parameter(call.body, "amt"));
    const auto from = wallet_of(parameter(call.body, "from"));
    const auto to = wallet_of(parameter(call.body, "to"));
    if (!from) return bad(kParameter, "from");
    if (!to || to == from) return bad(kParameter, "to");
    if (!amount) return bad(kParameter, "amt");
    const auto done = core_.venue.transfer(call.account, *from, *to, *asset, *amount, call.now);
    if (!done)
        return done.error() == Reject::InsufficientBalance ? bad(kTransferTooLarge)
                                                           : bad(kParameter, "amt");
    core_.movements[done->raw()] = {client, "", ""};
    Json row;
    row["transId"] = std::to_string(done->raw());
    row["ccy"] = ccy;
    row["clientId"] = client;
    row["from"] = wallet_number(*from);
    row["amt"] = amount->text();
    row["to"] = wallet_number(*to);
    return good(Json::array({row}));
}

Answer Rest::transfer_state(const Call& call) {
    const std::string number = call.text("transId");
    const std::string client = call.text("clientId");
    if (number.empty() && client.empty()) return bad(kEither, "transId or clientId");
    const auto wanted = movement_id(number);
    const Movement* found = nullptr;
    for (const Movement& m : core_.venue.movements()) {
        if (m.account != call.account || m.kind != MovementKind::Transfer) continue;
        const bool same = wanted
                              ? m.id == *wanted
                              : number.empty() && core_.movements[m.id.raw()].client_id == client;
        if (same) found = &m;
    }
    if (found == nullptr) return bad(kUnknownTransfer);
    Json row;
    row["amt"] = found->amount.text();
    row["ccy"] = core_.venue.asset_name(found->asset);
    row["clientId"] = core_.movements[found->id.raw()].client_id;
    row["from"] = wallet_number(found->from);
    row["instId"] = "";
    row["state"] = found->status == MovementStatus::Done ? "success" : "pending";
    row["subAcct"] = "";
    row["to"] = wallet_number(found->to);
    row["toInstId"] = "";
    row["transId"] = std::to_string(found->id.raw());
    row["type"] = "0";
    return good(Json::array({row}));
}

Answer Rest::withdraw(const Call& call) {
    if (!call.body.is_object()) return bad(kBadJson);
    for (const char* const name : {"ccy", "amt", "dest", "toAddr"}) {
        if (parameter(call.body, name).empty()) return bad(kParameterEmpty, name);
    }
    const std::string ccy = parameter(call.body, "ccy");
    const std::string client = parameter(call.body, "clientId");
    const std::string address = parameter(call.body, "toAddr");
    const auto asset = core_.venue.find_asset(ccy);
    if (!asset) return bad(kParameter, "ccy");
    if (parameter(call.body, "dest") != "4") return bad(kParameter, "dest");
    if (!client.empty() && !is_word(client, 32)) return bad(kParameter, "clientId");
    const auto amount = Amount::parse(parameter(call.body, "amt"));
    if (!amount || *amount <= Amount{}) return bad(kParameter, "amt");
    if (!core_.settings.withdrawal_addresses.contains(address)) return bad(kAddressNotVerified);
    const auto done = core_.venue.withdraw(call.account, Wallet::Funding, *asset, *amount,
                                           *Amount::parse(kFee), call.now);
    if (!done)
        return done.error() == Reject::InsufficientBalance ? bad(kNotEnoughForFee)
                                                           : bad(kParameter, "amt");
    core_.movements[done->raw()] = {client, address, chain_of(ccy)};
    Json row;
    row["amt"] = amount->text();
    row["wdId"] = std::to_string(done->raw());
    row["ccy"] = ccy;
    row["clientId"] = client;
    row["chain"] = chain_of(ccy);
    return good(Json::array({row}));
}

Answer Rest::cancel_withdrawal(const Call& call) {
    const auto id = movement_id(call.body.is_object() ? parameter(call.body, "wdId") : "");
    if (!id) return bad(kParameter, "wdId");
    const auto done = core_.venue.cancel_withdrawal(call.account, *id, call.now);
    if (!done)
        return bad(done.error() == Reject::MovementFinal ? kWithdrawalFinal : kUnknownWithdrawal);
    return good(Json::array({{{"wdId", std::to_string(id->raw())}}}));
}

Answer Rest::withdrawals(const Call& call) {
    const std::string ccy = call.text("ccy");
    const std::string wanted = call.text("wdId");
    Json rows = Json::array();
    for (auto at = core_.venue.movements().rbegin(); at != core_.venue.movements().rend(); ++at) {
        const Movement& m = *at;
        if (m.account != call.account || m.kind != MovementKind::Withdrawal) continue;
        const std::string number = std::to_string(m.id.raw());
        const std::string& name = core_.venue.asset_name(m.asset);
        if ((!ccy.empty() && ccy != name) || (!wanted.empty() && wanted != number)) continue;
        const Core::Sent& sent = core_.movements[m.id.raw()];
        Json row;
        row["amt"] = m.amount.text();
        row["ccy"] = name;
        row["chain"] = sent.chain;
        row["clientId"] = sent.client_id;
        row["fee"] = m.fee.text();
        row["feeCcy"] = name;
        row["from"] = "";
        row["state"] = m.status == MovementStatus::Done        ? "2"
                       : m.status == MovementStatus::Cancelled ? "-2"
                                                               : "0";
        row["to"] = sent.address;
        row["ts"] = millis(m.created);
        row["txId"] = m.status == MovementStatus::Done ? "sim" + number : "";
        row["wdId"] = number;
        rows.push_back(std::move(row));
    }
    return good(std::move(rows));
}

Answer Rest::deposits(const Call& call) {
    const std::string ccy = call.text("ccy");
    Json rows = Json::array();
    for (auto at = core_.venue.movements().rbegin(); at != core_.venue.movements().rend(); ++at) {
        const Movement& m = *at;
        if (m.account != call.account || m.kind != MovementKind::Deposit) continue;
        const std::string number = std::to_string(m.id.raw());
        const std::string& name = core_.venue.asset_name(m.asset);
        if (!ccy.empty() && ccy != name) continue;
        const bool done = m.status == MovementStatus::Done;
        Json row;
        row["actualDepBlkConfirm"] = done ? "2" : "0";
        row["amt"] = m.amount.text();
        row["ccy"] = name;
        row["chain"] = chain_of(name);
        row["depId"] = number;
        row["from"] = "";
        row["fromWdId"] = "";
        row["state"] = done ? "2" : "0";
        row["to"] = address_of(m.account, name);
        row["ts"] = millis(m.created);
        row["txId"] = "sim" + number;
        rows.push_back(std::move(row));
    }
    return good(std::move(rows));
}

/// Newest first; pages go by time. The balance after each line is counted back from today's.
Answer Rest::asset_bills(const Call& call) {
    const std::string ccy = call.text("ccy");
    if (!ccy.empty() && !core_.venue.find_asset(ccy)) return bad(kParameter, "ccy");
    const std::string type = call.text("type");
    const std::string client = call.text("clientId");
    struct Line {
        AssetBill bill;
        Amount balance;
        std::string client;
    };
    std::map<AssetId, Amount> balances;
    std::deque<Line> lines;
    const auto& bills = core_.notes.asset_bills(call.account);
    for (auto bill = bills.rbegin(); bill != bills.rend(); ++bill) {
        Amount& after =
            balances
                .try_emplace(bill->asset,
                             core_.venue.balance(call.account, Wallet::Funding, bill->asset).total)
                .first->second;
        const Amount balance = after;
        after -= bill->change;
        const auto sent = core_.movements.find(bill->movement.raw());
        const std::string named =
            sent == core_.movements.end() ? std::string{} : sent->second.client_id;
        if ((!ccy.empty() && ccy != core_.venue.asset_name(bill->asset)) ||
            (!type.empty() && type != bill->type) || (!client.empty() && client != named))
            continue;
        lines.push_front({*bill, balance, named});
    }
    Json rows = Json::array();
    for (const Line& line :
         page(lines, call, 100, [](const Line& l) { return l.bill.time.millis(); })) {
        Json row;
        row["bal"] = line.balance.text();
        row["balChg"] = line.bill.change.text();
        row["billId"] = std::to_string(line.bill.id);
        row["ccy"] = core_.venue.asset_name(line.bill.asset);
        row["clientId"] = line.client;
        row["notes"] = "";
        row["ts"] = millis(line.bill.time);
        row["type"] = line.bill.type;
        rows.push_back(std::move(row));
    }
    return good(std::move(rows));
}

/// In BTC unless asked otherwise; only units with a price here. No earn and no classic account.
Answer Rest::asset_valuation(const Call& call) {
    const std::string ccy = call.query.has("ccy") ? call.text("ccy") : "BTC";
    const auto unit = core_.venue.find_asset(ccy);
    const double worth = ccy == "USD" ? 1.0 : unit ? usd_value(core_.venue, *unit) : 0.0;
    if (!(worth > 0)) return bad(kParameter, "ccy");
    double trading = 0, funding = 0;
    for (std::size_t i = 0; i < core_.venue.ledger().assets(); ++i) {
        const AssetId asset{static_cast<AssetId::rep>(i)};
        const double value = usd_value(core_.venue, asset) / worth;
        trading += core_.venue.margin(call.account, asset).equity.approximate() * value;
        funding +=
            core_.venue.balance(call.account, Wallet::Funding, asset).total.approximate() * value;
    }
    Json details;
    details["classic"] = "0";
    details["earn"] = "0";
    details["funding"] = fmt::format("{:.8f}", funding);
    details["trading"] = fmt::format("{:.8f}", trading);
    Json row;
    row["details"] = std::move(details);
    row["totalBal"] = fmt::format("{:.8f}", funding + trading);
    row["ts"] = millis(call.now);
    return good(Json::array({row}));
}

}  // namespace parallax::sim_okx
