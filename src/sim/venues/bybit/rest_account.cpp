#include <algorithm>

#include "sim/venues/bybit/account_text.hpp"
#include "sim/venues/bybit/rest_history.hpp"
#include "sim/venues/bybit/text.hpp"

namespace parallax::sim_bybit {
namespace {

using sim_engine::Wallet;

Reply good(Json result) { return {{}, std::move(result), Json::object()}; }

std::optional<Wallet> wallet_of_type(std::string_view type) noexcept {
    if (type == "UNIFIED") return Wallet::Trading;
    if (type == "FUND") return Wallet::Funding;
    return std::nullopt;
}
std::string_view type_of(Wallet wallet) noexcept {
    return wallet == Wallet::Funding ? "FUND" : "UNIFIED";
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        out.emplace_back(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return out;
}

bool is_uuid(std::string_view text) noexcept {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const char c = text[i];
        const bool digit =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (dash ? c != '-' : !digit) return false;
    }
    return true;
}

std::string_view status_text(sim_engine::MovementStatus status) noexcept {
    switch (status) {
        case sim_engine::MovementStatus::Pending:
            return "PENDING";
        case sim_engine::MovementStatus::Done:
            return "SUCCESS";
        case sim_engine::MovementStatus::Cancelled:
            break;
    }
    return "FAILED";
}

}  // namespace

Reply RestAccount::wallet(const Call& call) const {
    if (call.query.text("accountType") != "UNIFIED")
        return Reply::failed(parameter_error("accountType only support UNIFIED."));
    return good({{"list", Json::array({wallet_json(venue_, call.key->account,
                                                   split(call.query.text("coin")))})}});
}

Reply RestAccount::fee_rate(const Call& call) const {
    const std::string_view category = call.query.text("category");
    const std::string_view symbol = call.query.text("symbol");
    const auto market = market_of(category);
    if (!market) return Reply::failed(parameter_error("category invalid"));
    if (!symbol.empty()) {
        const Where at = where(venue_, category, symbol);
        if (!at.answer.ok()) return Reply::failed(at.answer);
    }
    const FeeSchedule& fees = venue_.account(call.key->account).settings.fees;
    Json list = Json::array();
    for (std::size_t i = 0; i < venue_.listings(); ++i) {
        const InstrumentDefinition& d =
            venue_.listing(sim_engine::ListingId{static_cast<std::uint32_t>(i)}).definition;
        if (d.market != *market || (!symbol.empty() && d.venue_symbol != symbol)) continue;
        const FeeRates& rates = fees.rates(d.market, d.kind);
        list.push_back({{"symbol", d.venue_symbol},
                        {"takerFeeRate", rate_text(rates.taker)},
                        {"makerFeeRate", rate_text(rates.maker)}});
    }
    return good({{"category", category}, {"list", std::move(list)}});
}

Reply RestAccount::info(const Call& call) const {
    return good({{"marginMode", "REGULAR_MARGIN"},
                 {"updatedTime", std::to_string(call.now.millis())},
                 {"unifiedMarginStatus", 6},
                 {"dcpStatus", "OFF"},
                 {"timeWindow", 10},
                 {"smpGroup", 0},
                 {"isMasterTrader", false},
                 {"spotHedgingStatus", "OFF"}});
}

Reply RestAccount::key(const Call& call) const {
    const sim_front::ApiKey& key = *call.key;
    const bool trade = key.may(sim_front::Permission::Trade);
    Json wallet = Json::array(), contract = Json::array(), spot = Json::array();
    if (key.may(sim_front::Permission::Transfer)) wallet.push_back("AccountTransfer");
    if (key.may(sim_front::Permission::Withdraw)) wallet.push_back("Withdraw");
    if (trade) contract = {"Order", "Position"};
    if (trade) spot.push_back("SpotTrade");
    Json ips = Json::array();
    for (const std::string& address : key.addresses) ips.push_back(address);
    if (ips.empty()) ips.push_back("*");
    return good({{"id", std::to_string(key.account.raw())},
                 {"note", venue_.account(key.account).settings.name},
                 {"apiKey", key.id},
                 {"readOnly", trade ? 0 : 1},
                 {"secret", ""},
                 {"permissions",
                  {{"ContractTrade", contract},
                   {"Spot", spot},
                   {"Wallet", wallet},
                   {"Options", Json::array()},
                   {"Derivatives", Json::array()},
                   {"Exchange", Json::array()}}},
                 {"ips", ips},
                 {"type", key.kind == sim_front::KeyKind::Rsa ? 2 : 1},
                 {"unified", 0},
                 {"uta", 1},
                 {"userID", 100'000 + std::int64_t{key.account.raw()}},
                 {"inviterID", 0},
                 {"vipLevel", "No VIP"},
                 {"mktMakerLevel", "0"},
                 {"affiliateID", 0},
                 {"rsaPublicKey", ""},
                 {"isMaster", true},
                 {"parentUid", "0"},
                 {"kycLevel", "LEVEL_DEFAULT"},
                 {"kycRegion", ""}});
}

Reply RestAccount::set_leverage(const Call& call) {
    const auto category = field(call.body, "category"), symbol = field(call.body, "symbol"),
               buy = field(call.body, "buyLeverage"), sell = field(call.body, "sellLeverage");
    if (!category || !symbol || !buy || !sell || *category == "spot")
        return Reply::failed(parameter_error("category invalid"));
    const Where at = where(venue_, *category, *symbol);
    if (!at.answer.ok()) return Reply::failed(at.answer);
    const auto value = parse_decimal(*buy, 0);  // whole numbers: the engine knows no others
    if (!value || parse_decimal(*sell, 0) != value || *value < 1 || *value > 1'000)
        return Reply::failed(parameter_error("leverage invalid"));
    if (venue_.position(call.key->account, at.listing).leverage() == *value)
        return Reply::failed({110043, "leverage not modified"});
    const auto set = venue_.set_leverage(call.key->account, at.listing,
                                         static_cast<std::uint16_t>(*value), call.now);
    return set ? good(Json::object()) : Reply::failed(refusal(set.error(), false));
}

/// Of the whole account, whatever symbol or coin is named.
Reply RestAccount::switch_mode(const Call& call) {
    const auto mode = field(call.body, "mode");
    if (!mode || (*mode != "0" && *mode != "3"))
        return Reply::failed(parameter_error("mode invalid"));
    const bool hedge = *mode == "3";
    if (hedge == venue_.account(call.key->account).settings.hedge_mode)
        return Reply::failed({110025, "Position mode is not modified"});
    if (!venue_.set_hedge_mode(call.key->account, hedge))
        return Reply::failed({110024, "You have existing positions, so you cannot switch mode"});
    return good(Json::object());
}

Reply RestAccount::transfer(const Call& call) {
    const auto id = field(call.body, "transferId"), coin = field(call.body, "coin"),
               amount = field(call.body, "amount"), from = field(call.body, "fromAccountType"),
               to = field(call.body, "toAccountType");
    if (!id || !is_uuid(*id)) return Reply::failed(parameter_error("transferId invalid"));
    const auto asset = coin ? venue_.find_asset(*coin) : std::nullopt;
    if (!asset) return Reply::failed(parameter_error("coin invalid"));
    const bool to_trading = from && to && *from == "FUND" && *to == "UNIFIED";
    const bool to_funding = from && to && *from == "UNIFIED" && *to == "FUND";
    if (!to_trading && !to_funding) return Reply::failed(parameter_error("account type invalid"));
    const Wallet source = to_trading ? Wallet::Funding : Wallet::Trading;
    const Wallet target = to_trading ? Wallet::Trading : Wallet::Funding;
    const auto sum = Amount::parse(amount.value_or(""));
    if (!sum || !(*sum > Amount{})) return Reply::failed(parameter_error("amount invalid"));
    const auto known = transfers_.find({call.key->account, *id});
    sim_engine::MovementId movement;
    if (known != transfers_.end()) {
        movement = known->second;
    } else {
        const auto done =
            venue_.transfer(call.key->account, source, target, *asset, *sum, call.now);
        if (!done) {
            const bool poor = done.error() == sim_engine::Reject::InsufficientBalance;
            return Reply::failed(poor ? Answer{131228, "your balance is not enough"}
                                      : refusal(done.error(), false));
        }
        movement = *done;
        transfers_[{call.key->account, *id}] = movement;
    }
    const sim_engine::Movement* const m = venue_.movement(movement);
    return good({{"transferId", *id},
                 {"status", m == nullptr ? std::string_view{"SUCCESS"} : status_text(m->status)}});
}

Reply RestAccount::transfers(const Call& call) const {
    const auto limit = list_limit(call.query, 20, 50);
    if (!limit) return Reply::failed(parameter_error("limit invalid"));
    const std::string_view wanted = call.query.text("transferId");
    const std::string_view coin = call.query.text("coin");
    std::vector<std::pair<sim_engine::MovementId, Json>> found;
    for (const auto& [key, id] : transfers_) {
        const sim_engine::Movement* const m = venue_.movement(id);
        if (key.first != call.key->account || m == nullptr) continue;
        if (!wanted.empty() && key.second != wanted) continue;
        if (!coin.empty() && venue_.asset_name(m->asset) != coin) continue;
        found.emplace_back(id, Json{{"transferId", key.second},
                                    {"coin", venue_.asset_name(m->asset)},
                                    {"amount", m->amount.text()},
                                    {"fromAccountType", type_of(m->from)},
                                    {"toAccountType", type_of(m->to)},
                                    {"timestamp", std::to_string(m->created.millis())},
                                    {"status", status_text(m->status)}});
    }
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<Json> rows;
    for (auto& [id, row] : found) rows.push_back(std::move(row));
    Json out = page(call.query, std::move(rows), *limit);
    out.erase("category");
    return good(std::move(out));
}

/// One chain a coin, named like it, with the same fee for all: a choice.
Reply RestAccount::coin_info(const Call& call) const {
    const std::string_view wanted = call.query.text("coin");
    Json rows = Json::array();
    for (std::size_t i = 0; i < venue_.assets(); ++i) {
        const std::string& name = venue_.asset_name(AssetId{static_cast<AssetId::rep>(i)});
        if (!wanted.empty() && wanted != name) continue;
        const Json chain{{"chain", name},        {"chainType", name},
                         {"confirmation", "1"},  {"withdrawFee", RestWallet::kFee},
                         {"depositMin", "0"},    {"withdrawMin", RestWallet::kLeast},
                         {"chainDeposit", "1"},  {"chainWithdraw", "1"},
                         {"minAccuracy", "8"},   {"withdrawPercentageFee", "0"},
                         {"contractAddress", ""}};
        rows.push_back({{"name", name},
                        {"coin", name},
                        {"remainAmount", "1000000"},
                        {"chains", Json::array({chain})}});
    }
    return good({{"rows", std::move(rows)}});
}

Reply RestAccount::coins(const Call& call) const {
    const auto wallet = wallet_of_type(call.query.text("accountType"));
    if (!wallet) return Reply::failed(parameter_error("account type invalid"));
    const std::vector<std::string> wanted = split(call.query.text("coin"));
    Json list = Json::array();
    for (std::size_t i = 0; i < venue_.ledger().assets(); ++i) {
        const AssetId asset{static_cast<AssetId::rep>(i)};
        const std::string& name = venue_.asset_name(asset);
        const Amount total = venue_.balance(call.key->account, *wallet, asset).total;
        const bool listed = wanted.empty()
                                ? !total.is_zero()
                                : std::find(wanted.begin(), wanted.end(), name) != wanted.end();
        if (!listed) continue;
        const Amount free = venue_.available(call.key->account, *wallet, asset);
        list.push_back({{"coin", name},
                        {"transferBalance", (free.is_negative() ? Amount{} : free).text()},
                        {"walletBalance", total.text()},
                        {"bonus", ""}});
    }
    return good({{"memberId", std::to_string(100'000 + call.key->account.raw())},
                 {"accountType", type_of(*wallet)},
                 {"balance", std::move(list)}});
}

}  // namespace parallax::sim_bybit
