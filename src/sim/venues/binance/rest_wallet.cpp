// The wallet's side of Binance (sapi) as far as clients need it to come up and to move money
// between spot and USD-M, and what stands in for products that are not simulated. UID
// weights are not counted.
#include "sim/venues/binance/api.hpp"
#include "sim/venues/binance/numbers.hpp"

namespace parallax::sim_binance {
namespace {

using sim_engine::Wallet;
using sim_front::Permission;

/// One network an asset, named like it: a choice of the simulation.
Json network(const std::string& coin) {
    return {{"network", coin},
            {"coin", coin},
            {"name", coin},
            {"isDefault", true},
            {"depositEnable", false},
            {"withdrawEnable", true},
            {"busy", false},
            {"minConfirm", 1},
            {"unLockConfirm", 1},
            {"sameAddress", false},
            {"estimatedArrivalTime", 1},
            {"withdrawFee", Api::kWithdrawalFee},
            {"withdrawMin", "0.00200000"},
            {"withdrawMax", "1000000.00000000"},
            {"withdrawIntegerMultiple", "0.00000001"},
            {"depositDust", "0.00000001"},
            {"depositDesc", "simulated: nothing comes in from outside"},
            {"withdrawDesc", ""},
            {"addressRegex", "^sim-.*$"},
            {"memoRegex", ""},
            {"specialTips", ""}};
}

std::optional<std::pair<Wallet, Wallet>> wallets_of(std::string_view type) {
    constexpr std::pair<std::string_view, Wallet> kNames[] = {
        {"MAIN", Wallet::Trading}, {"FUNDING", Wallet::Funding}, {"UMFUTURE", Wallet::Derivatives}};
    const std::size_t line = type.find('_');
    if (line == std::string_view::npos) return std::nullopt;
    std::optional<Wallet> from;
    std::optional<Wallet> to;
    for (const auto& [name, wallet] : kNames) {
        if (type.substr(0, line) == name) from = wallet;
        if (type.substr(line + 1) == name) to = wallet;
    }
    if (!from || !to || *from == *to) return std::nullopt;
    return std::pair{*from, *to};
}

}  // namespace

Reply Api::system_status(Call&) { return Json{{"status", 0}, {"msg", "normal"}}; }
Reply Api::account_status(Call&) { return Json{{"data", "Normal"}}; }

Reply Api::empty_list(Call&) { return Json::array(); }
Reply Api::empty_page(Call&) { return Json{{"rows", Json::array()}, {"total", 0}}; }

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
                       {"withdrawAllEnable", true},
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

Reply Api::user_assets(Call& call) { return assets_in(call, Wallet::Trading); }
Reply Api::funding_assets(Call& call) { return assets_in(call, Wallet::Funding); }

Reply Api::assets_in(const Call& call, Wallet wallet) const {
    Arguments in{call};
    const std::string_view wanted = in.may("asset");
    if (in.fault()) return in.failure();
    Json out = Json::array();
    for (std::size_t i = 0; i < venue_.assets(); ++i) {
        const AssetId asset{static_cast<AssetId::rep>(i)};
        const auto& balance = venue_.balance(call.account(), wallet, asset);
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

Reply Api::key_permissions(Call& call) {
    const auto may = [&](Permission permission) { return call.key->may(permission); };
    return Json{{"ipRestrict", !call.key->addresses.empty()},
                {"createTime", 1'698'645'219'000},
                {"enableReading", may(Permission::Read)},
                {"enableWithdrawals", may(Permission::Withdraw)},
                {"enableInternalTransfer", false},
                {"enableMargin", false},
                {"enableFutures", may(Permission::Trade)},
                {"permitsUniversalTransfer", may(Permission::Transfer)},
                {"enableVanillaOptions", false},
                {"enableFixApiTrade", false},
                {"enableFixReadOnly", false},
                {"enableSpotAndMarginTrading", may(Permission::Trade)},
                {"enablePortfolioMarginTrading", false}};
}

Reply Api::transfer(Call& call) {
    Arguments in{call};
    const std::string type{in.must("type")};
    const std::string asset_name{in.must("asset")};
    const auto amount = Amount::parse(in.must("amount"));
    if (in.fault()) return in.failure();
    if (!call.key->may(Permission::Transfer))
        return refuse(-1002, "You are not authorized to execute this request.", 401);
    const auto wallets = wallets_of(type);
    const auto asset = venue_.find_asset(asset_name);
    const auto malformed = [](const char* name) {
        return refuse(-1102, std::string{"Mandatory parameter '"} + name +
                                 "' was not sent, was empty/null, or malformed.");
    };
    if (!wallets) return malformed("type");
    if (!asset) return malformed("asset");
    if (!amount || !(*amount > Amount{})) return malformed("amount");
    const auto moved =
        venue_.transfer(call.account(), wallets->first, wallets->second, *asset, *amount, call.now);
    if (!moved) return refuse(-5013, "Asset transfer failed: insufficient balance");
    transfers_.push_back({call.account(), type, asset_name, amount->text(), *moved, call.now});
    if (transfers_.size() > kMostKept) transfers_.pop_front();
    return Json{{"tranId", moved->raw()}};
}

/// Newest first.
Reply Api::transfers(Call& call) {
    Arguments in{call};
    const std::string_view type = in.must("type");
    const auto size = static_cast<std::size_t>(in.number_or("size", 10, 100));
    const auto page = static_cast<std::size_t>(in.number_or("current", 1, 1'000));
    const auto start = in.number("startTime");
    const auto end = in.number("endTime");
    if (in.fault()) return in.failure();
    Json rows = Json::array();
    std::size_t total = 0;
    for (auto at = transfers_.rbegin(); at != transfers_.rend(); ++at) {
        if (at->account != call.account() || at->type != type ||
            (start && at->time.millis() < *start) || (end && at->time.millis() > *end))
            continue;
        if (total++ / std::max<std::size_t>(size, 1) + 1 != page) continue;
        const sim_engine::Movement* const movement = venue_.movement(at->movement);
        const bool pending =
            movement != nullptr && movement->status == sim_engine::MovementStatus::Pending;
        rows.push_back({{"asset", at->asset},
                        {"amount", at->amount},
                        {"type", at->type},
                        {"status", pending ? "PENDING" : "CONFIRMED"},
                        {"tranId", at->movement.raw()},
                        {"timestamp", at->time.millis()}});
    }
    if (total == 0) return Json{{"total", 0}};
    return Json{{"total", total}, {"rows", std::move(rows)}};
}

}  // namespace parallax::sim_binance
