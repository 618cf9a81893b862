// The wallet's side of Binance (sapi) as far as clients need it to come up and to move money
// between spot and USD-M, and what stands in for products that are not simulated.
#include "sim/venues/binance/api.hpp"
#include "sim/venues/binance/numbers.hpp"

namespace parallax::sim_binance {
namespace {

using sim_engine::Wallet;

/// One network an asset, named like it: a choice of the simulation.
Json network(const std::string& coin) {
    return {{"network", coin},
            {"coin", coin},
            {"name", coin},
            {"isDefault", true},
            {"depositEnable", false},
            {"withdrawEnable", false},
            {"busy", false},
            {"minConfirm", 1},
            {"unLockConfirm", 1},
            {"sameAddress", false},
            {"estimatedArrivalTime", 1},
            {"withdrawFee", "0.00100000"},
            {"withdrawMin", "0.00200000"},
            {"withdrawMax", "1000000.00000000"},
            {"withdrawIntegerMultiple", "0.00000001"},
            {"depositDust", "0.00000001"},
            {"depositDesc", "simulated: nothing comes in from outside"},
            {"withdrawDesc", "simulated: nothing goes out"},
            {"addressRegex", "^sim-.*$"},
            {"memoRegex", ""},
            {"specialTips", ""}};
}

}  // namespace

Reply Api::system_status(Call&) { return Json{{"status", 0}, {"msg", "normal"}}; }

Reply Api::empty_list(Call&) { return Json::array(); }

/// COIN-M is not simulated: a venue without instruments.
Reply Api::no_symbols(Call& call) {
    return Json{{"timezone", "UTC"},
                {"serverTime", call.now.millis()},
                {"rateLimits", Json::array()},
                {"exchangeFilters", Json::array()},
                {"symbols", Json::array()}};
}

Reply Api::coins(Call& call) {
    Json out = Json::array();
    for (std::size_t i = 0; i < venue_.assets(); ++i) {
        const AssetId asset{static_cast<AssetId::rep>(i)};
        const std::string& name = venue_.asset_name(asset);
        const auto& balance = venue_.balance(call.account(), Wallet::Trading, asset);
        out.push_back({{"coin", name},
                       {"name", name},
                       {"depositAllEnable", false},
                       {"withdrawAllEnable", false},
                       {"trading", true},
                       {"isLegalMoney", false},
                       {"free", text(balance.free())},
                       {"locked", text(balance.held)},
                       {"freeze", "0.00000000"},
                       {"withdrawing", "0.00000000"},
                       {"ipoing", "0.00000000"},
                       {"ipoable", "0.00000000"},
                       {"storage", "0.00000000"},
                       {"networkList", Json::array({network(name)})}});
    }
    return out;
}

Reply Api::user_assets(Call& call) {
    Arguments in{call};
    const std::string_view wanted = in.may("asset");
    if (in.fault()) return in.failure();
    Json out = Json::array();
    for (std::size_t i = 0; i < venue_.assets(); ++i) {
        const AssetId asset{static_cast<AssetId::rep>(i)};
        const auto& balance = venue_.balance(call.account(), Wallet::Trading, asset);
        if (wanted.empty() ? balance.total.is_zero() : wanted != venue_.asset_name(asset)) continue;
        out.push_back({{"asset", venue_.asset_name(asset)},
                       {"free", text(balance.free())},
                       {"locked", text(balance.held)},
                       {"freeze", "0"},
                       {"withdrawing", "0"},
                       {"ipoable", "0"},
                       {"btcValuation", "0"}});
    }
    return out;
}

Reply Api::trade_fees(Call& call) {
    const auto ids = listings_of(call);
    if (!ids) return tl::unexpected{ids.error()};
    const FeeRates& fees = venue_.account(call.account())
                               .settings.fees.rates(Market::BinanceSpot, InstrumentKind::Spot);
    Json out = Json::array();
    for (const ListingId id : *ids)
        out.push_back({{"symbol", venue_.listing(id).definition.venue_symbol},
                       {"makerCommission", text(fees.maker)},
                       {"takerCommission", text(fees.taker)}});
    return out;
}

Reply Api::key_restrictions(Call& call) {
    using sim_front::Permission;
    return Json{{"ipRestrict", !call.key->addresses.empty()},
                {"createTime", 1'767'225'600'000},
                {"enableReading", call.key->may(Permission::Read)},
                {"enableSpotAndMarginTrading", call.key->may(Permission::Trade)},
                {"enableFutures", call.key->may(Permission::Trade)},
                {"enableWithdrawals", call.key->may(Permission::Withdraw)},
                {"enableInternalTransfer", call.key->may(Permission::Transfer)},
                {"permitsUniversalTransfer", call.key->may(Permission::Transfer)},
                {"enableMargin", false},
                {"enableVanillaOptions", false},
                {"enablePortfolioMarginTrading", false}};
}

/// Between spot, USD-M and funding: MAIN_UMFUTURE and the like.
Reply Api::universal_transfer(Call& call) {
    Arguments in{call};
    const std::string_view type = in.must("type");
    const std::string_view name = in.must("asset");
    const auto amount = Amount::parse(in.must("amount"));
    if (in.fault()) return in.failure();
    if (!call.key->may(sim_front::Permission::Transfer))
        return refuse(-2015, "Invalid API-key, IP, or permissions for action.", 401);
    const auto wallet = [](std::string_view text) -> std::optional<Wallet> {
        if (text == "MAIN") return Wallet::Trading;
        if (text == "UMFUTURE") return Wallet::Derivatives;
        if (text == "FUNDING") return Wallet::Funding;
        return std::nullopt;
    };
    const std::size_t middle = type.find('_');
    const auto from = wallet(type.substr(0, middle));
    const auto to =
        middle == std::string_view::npos ? std::nullopt : wallet(type.substr(middle + 1));
    const auto asset = venue_.find_asset(name);
    if (!from || !to)
        return refuse(-1102,
                      "Mandatory parameter 'type' was not sent, was empty/null, or malformed.");
    if (!asset || !amount || !(*amount > Amount{}))
        return refuse(-1102,
                      "Mandatory parameter 'amount' was not sent, was empty/null, or malformed.");
    const auto done = venue_.transfer(call.account(), *from, *to, *asset, *amount, call.now);
    if (!done) return refuse(-5013, "Asset transfer failed: insufficient balance");
    return Json{{"tranId", done->raw()}};
}

/// What was paid last is all that the venue remembers.
Reply Api::funding_history(Call& call) {
    const auto ids = listings_of(call);
    if (!ids) return tl::unexpected{ids.error()};
    Json out = Json::array();
    for (const ListingId id : *ids) {
        const sim_engine::Desk& desk = venue_.desk(id);
        const Nanos interval = desk.listing.definition.funding_interval;
        if (!desk.next_funding.known()) continue;
        const std::int64_t interval_ms = interval.as_millis();
        out.push_back({{"symbol", desk.listing.definition.venue_symbol},
                       {"fundingTime", desk.next_funding.millis() - interval_ms},
                       {"fundingRate", text(desk.last_funding_rate)},
                       {"markPrice", text(desk.listing, desk.mark)}});
    }
    return out;
}

}  // namespace parallax::sim_binance
