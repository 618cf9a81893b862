#include "sim/venues/bybit/account_text.hpp"
#include "sim/venues/bybit/ids.hpp"
#include "sim/venues/bybit/rest_history.hpp"
#include "sim/venues/bybit/text.hpp"

namespace parallax::sim_bybit {
namespace {

Reply good(Json result) { return {{}, std::move(result), Json::object()}; }

/// The perpetual a body names.
Where perpetual(const sim_engine::SimVenue& venue, const Json& body) {
    const auto category = field(body, "category"), symbol = field(body, "symbol");
    Where out = where(venue, category.value_or(""), symbol.value_or(""));
    if (out.spot) out.answer = parameter_error("category invalid");
    return out;
}

/// What an account can spend, with so many digits as `step` leaves.
std::string spendable(const sim_engine::SimVenue& venue, sim_engine::AccountId account,
                      AssetId asset, __int128 step) {
    const Amount free = venue.available(account, sim_engine::Wallet::Trading, asset);
    return free.is_negative() ? "0" : Amount::from_raw(free.raw() - free.raw() % step).text();
}

}  // namespace

Reply RestAccount::wallet(const Call& call) const {
    if (call.query.text("accountType") != "UNIFIED")
        return Reply::failed(parameter_error("accountType only support UNIFIED."));
    return good({{"list", Json::array({wallet_json(venue_, call.key->account,
                                                   split(call.query.text("coin")))})}});
}

/// A request without a category is about derivatives, and an answer about these names none: so the
/// venue's own example, though its table of parameters calls the category required.
Reply RestAccount::fee_rate(const Call& call) const {
    const std::string_view named = call.query.text("category");
    const std::string_view category = named.empty() ? "linear" : named;
    const std::string_view symbol = call.query.text("symbol");
    const auto market = market_of(category);
    if (!market && !none_simulated(category))
        return Reply::failed(parameter_error("category invalid"));
    if (market && !symbol.empty()) {
        const Where at = where(venue_, category, symbol);
        if (!at.answer.ok()) return Reply::failed(at.answer);
    }
    const FeeSchedule& fees = venue_.account(call.key->account).settings.fees;
    Json list = Json::array();
    for (std::size_t i = 0; market && i < venue_.listings(); ++i) {
        const InstrumentDefinition& d =
            venue_.listing(sim_engine::ListingId{static_cast<std::uint32_t>(i)}).definition;
        if (d.market != *market || (!symbol.empty() && d.venue_symbol != symbol)) continue;
        const FeeRates& rates = fees.rates(d.market, d.kind);
        list.push_back({{"symbol", d.venue_symbol},
                        {"takerFeeRate", rate_text(rates.taker)},
                        {"makerFeeRate", rate_text(rates.maker)}});
    }
    Json out{{"list", std::move(list)}};
    if (category == "spot" || category == "option") out["category"] = category;
    return good(std::move(out));
}

/// Nothing is lent: what can be traded is what there is, of the base and of the quote coin.
Reply RestAccount::spot_quota(const Call& call) const {
    const std::string_view symbol = call.query.text("symbol"), side = call.query.text("side");
    if (call.query.text("category") != "spot")
        return Reply::failed(parameter_error("category invalid"));
    const Where at = where(venue_, "spot", symbol);
    if (!at.answer.ok()) return Reply::failed(at.answer);
    if (side != "Buy" && side != "Sell") return Reply::failed(parameter_error("side invalid"));
    constexpr __int128 kFourDigits = 100'000'000'000'000, kEightDigits = 10'000'000'000;
    const sim_engine::Listing& l = venue_.listing(at.listing);
    const sim_engine::AccountId account = call.key->account;
    const std::string quantity = spendable(venue_, account, l.base, kFourDigits);
    const std::string amount = spendable(venue_, account, l.quote, kEightDigits);
    return good({{"symbol", symbol},
                 {"side", side},
                 {"maxTradeQty", quantity},
                 {"maxTradeAmount", amount},
                 {"spotMaxTradeQty", quantity},
                 {"spotMaxTradeAmount", amount},
                 {"borrowCoin", side == "Buy" ? l.definition.quote : l.definition.base}});
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
                 {"userID", member_id(key.account)},
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
    const auto buy = field(call.body, "buyLeverage"), sell = field(call.body, "sellLeverage");
    const Where at = perpetual(venue_, call.body);
    if (!at.answer.ok()) return Reply::failed(at.answer);
    if (!buy || !sell) return Reply::failed(parameter_error("leverage invalid"));
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

Reply RestAccount::margin_mode(const Call& call) {
    const std::string mode = field(call.body, "setMarginMode").value_or("");
    if (mode == "REGULAR_MARGIN") return good({{"reasons", Json::array()}});
    const bool known = mode == "ISOLATED_MARGIN" || mode == "PORTFOLIO_MARGIN";
    return Reply::failed(known ? Answer{3400045, "Set margin mode failed"}
                               : parameter_error("setMarginMode invalid"));
}

/// For accounts of before the unified one.
Reply RestAccount::switch_isolated() {
    return Reply::failed({100028, "unified account is forbidden"});
}

Reply RestAccount::isolated_margin(const Call& call) const {
    const Where at = perpetual(venue_, call.body);
    return Reply::failed(at.answer.ok() ? Answer{110015, "The position is in cross_margin"}
                                        : at.answer);
}

Reply RestAccount::trading_stop(const Call& call) const {
    const Where at = perpetual(venue_, call.body);
    return Reply::failed(at.answer.ok() ? parameter_error("trading stops are not supported here")
                                        : at.answer);
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

}  // namespace parallax::sim_bybit
