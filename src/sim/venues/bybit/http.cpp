// HTTP: addresses' limits, signatures, accounts' limits, the way to what answers.
#include <array>

#include "sim/venues/bybit/front.hpp"
#include "sim/venues/bybit/ids.hpp"
#include "sim/venues/bybit/text.hpp"

namespace parallax::sim_bybit {

using sim_front::Permission;

struct BybitFront::Route {
    enum class To : std::uint8_t {
        Create,
        Amend,
        Cancel,
        CreateBatch,
        AmendBatch,
        CancelBatch,
        CancelAll,
        Realtime,
        History,
        Executions,
        Positions,
        Leverage,
        Mode,
        Wallet,
        Info,
        Fees,
        Key,
        Transfer,
        Transfers,
        TransferCoins,
        Coins,
        Coin,
        CoinInfo,
        DepositAddress,
        Deposits,
        Withdrawable,
        Withdrawals,
        Withdraw,
        CancelWithdrawal,
        Transactions,
        ClosedPnl,
        Collateral,
        Borrowings,
        SpotQuota,
        Deliveries,
        MarginMode,
        SwitchIsolated,
        IsolatedMargin,
        TradingStop,
    };

    std::string_view path;
    bool post = false;
    To to{};
    Permission permission{};
    std::uint32_t linear = 50, spot = 50;  ///< calls of an account in `per`
    Nanos per = Nanos::seconds(1);
};

namespace {
constexpr Permission kRead = Permission::Read, kTrade = Permission::Trade;
}

Answer BybitFront::authenticate(const ports::ServerEvent& event, bool post, UnixNanos now,
                                const sim_front::ApiKey*& key) const {
    const std::string_view id = event.header("X-BAPI-API-KEY");
    const std::string_view stamp = event.header("X-BAPI-TIMESTAMP");
    const std::string_view sign = event.header("X-BAPI-SIGN");
    std::string_view window = event.header("X-BAPI-RECV-WINDOW");
    if (id.empty() || stamp.empty() || sign.empty())
        return {kParameter, "empty value: apiTimestamp[] apiKey[] apiSignature[]"};
    key = keyring_.find(id);
    if (key == nullptr) return {kKey, "API key is invalid."};
    if (!key->from(event.peer))
        return {kUnmatchedIp, "Unmatched IP, please check your API key's bound IP addresses."};
    const auto ms = sim_front::integer(stamp);
    const auto span = sim_front::integer(window.empty() ? "5000" : window);
    if (!ms || !span || *ms < 0 || *ms > 9'000'000'000'000 || *span <= 0 || *span > 60'000)
        return parameter_error("timestamp or recv_window invalid");
    const sim_front::TimeWindow good{Nanos::millis(*span), Nanos::seconds(1)};
    if (!good.admits(UnixNanos::from_millis(*ms), UnixNanos::from_millis(now.millis()))) {
        return {kClock,
                "invalid request, please check your server timestamp or recv_window param. "
                "req_timestamp[" +
                    std::to_string(*ms) + "],server_timestamp[" + std::to_string(now.millis()) +
                    "],recv_window[" + std::to_string(*span) + "]"};
    }
    std::string text;
    text.append(stamp).append(id).append(window).append(post ? event.bytes : event.query);
    if (!key->signed_by(text, sign, sim_front::ApiKey::Encoding::Hex))
        return {kSignature, "error sign! origin_string[" + text + "]"};
    return {};
}

bool BybitFront::banned(std::string_view peer, UnixNanos now) {
    const auto found = bans_.find(peer);
    return found != bans_.end() && now < found->second;
}

void BybitFront::respond(const ports::ServerEvent& event, const Reply& reply,
                         const Budget* budget) {
    const std::string now = std::to_string(event.received.millis());
    const Json body = {{"retCode", reply.answer.code},
                       {"retMsg", reply.answer.text},
                       {"result", reply.result.is_null() ? Json::object() : reply.result},
                       {"retExtInfo", reply.extra.is_null() ? Json::object() : reply.extra},
                       {"time", event.received.millis()}};
    ports::HttpReply out;
    out.headers = {{"Content-Type", "application/json; charset=utf-8"},
                   {"Timenow", now},
                   {"Traceid", uuid_of(++traces_)}};
    if (budget != nullptr) {
        out.headers.push_back({"X-Bapi-Limit", std::to_string(budget->most)});
        out.headers.push_back({"X-Bapi-Limit-Status", std::to_string(budget->left)});
        out.headers.push_back(
            {"X-Bapi-Limit-Reset-Timestamp", std::to_string(budget->reset.millis())});
    }
    out.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    transport_.respond(event.exchange, std::move(out));
}

void BybitFront::request(const ports::ServerEvent& event) {
    using To = Route::To;
    static constexpr std::array kRoutes = std::to_array<Route>({
        {"/v5/order/create", true, To::Create, kTrade, 10, 20},
        {"/v5/order/amend", true, To::Amend, kTrade, 10, 10},
        {"/v5/order/cancel", true, To::Cancel, kTrade, 10, 20},
        {"/v5/order/create-batch", true, To::CreateBatch, kTrade, 10, 20},
        {"/v5/order/amend-batch", true, To::AmendBatch, kTrade, 10, 20},
        {"/v5/order/cancel-batch", true, To::CancelBatch, kTrade, 10, 20},
        {"/v5/order/cancel-all", true, To::CancelAll, kTrade, 10, 20},
        {"/v5/order/realtime", false, To::Realtime, kRead},
        {"/v5/order/history", false, To::History, kRead},
        {"/v5/execution/list", false, To::Executions, kRead},
        {"/v5/position/list", false, To::Positions, kRead},
        {"/v5/position/set-leverage", true, To::Leverage, kTrade, 10, 10},
        {"/v5/position/switch-mode", true, To::Mode, kTrade, 10, 10},
        {"/v5/account/wallet-balance", false, To::Wallet, kRead},
        {"/v5/account/info", false, To::Info, kRead},
        {"/v5/account/fee-rate", false, To::Fees, kRead, 5, 5},
        {"/v5/user/query-api", false, To::Key, kRead, 10, 10},
        {"/v5/asset/transfer/inter-transfer", true, To::Transfer, Permission::Transfer, 60, 60,
         Nanos::seconds(60)},
        {"/v5/asset/transfer/query-inter-transfer-list", false, To::Transfers, kRead, 60, 60,
         Nanos::seconds(60)},
        {"/v5/asset/transfer/query-account-coins-balance", false, To::Coins, kRead, 5, 5},
        {"/v5/asset/transfer/query-account-coin-balance", false, To::Coin, kRead, 5, 5},
        {"/v5/asset/transfer/query-transfer-coin-list", false, To::TransferCoins, kRead, 60, 60,
         Nanos::seconds(60)},
        {"/v5/asset/coin/query-info", false, To::CoinInfo, kRead, 5, 5},
        {"/v5/asset/deposit/query-record", false, To::Deposits, kRead, 300, 300,
         Nanos::seconds(60)},
        {"/v5/asset/deposit/query-address", false, To::DepositAddress, kRead, 300, 300,
         Nanos::seconds(60)},
        {"/v5/asset/withdraw/withdrawable-amount", false, To::Withdrawable, kRead, 300, 300,
         Nanos::seconds(60)},
        {"/v5/asset/withdraw/query-record", false, To::Withdrawals, kRead, 300, 300,
         Nanos::seconds(60)},
        {"/v5/asset/withdraw/create", true, To::Withdraw, Permission::Withdraw, 5, 5},
        {"/v5/asset/withdraw/cancel", true, To::CancelWithdrawal, Permission::Withdraw, 60, 60,
         Nanos::seconds(60)},
        {"/v5/account/transaction-log", false, To::Transactions, kRead},
        {"/v5/position/closed-pnl", false, To::ClosedPnl, kRead},
        {"/v5/account/collateral-info", false, To::Collateral, kRead},
        {"/v5/account/borrow-history", false, To::Borrowings, kRead},
        {"/v5/account/set-margin-mode", true, To::MarginMode, kTrade, 5, 5},
        {"/v5/asset/delivery-record", false, To::Deliveries, kRead},
        {"/v5/order/spot-borrow-check", false, To::SpotQuota, kRead},
        {"/v5/position/switch-isolated", true, To::SwitchIsolated, kTrade, 10, 10},
        {"/v5/position/set-auto-add-margin", true, To::IsolatedMargin, kTrade, 10, 10},
        {"/v5/position/add-margin", true, To::IsolatedMargin, kTrade, 10, 10},
        {"/v5/position/trading-stop", true, To::TradingStop, kTrade, 10, 10},
    });
    const UnixNanos now = event.received;
    if (!banned(event.peer, now) && !requests_.add(event.peer, now))
        bans_[std::string{event.peer}] = now + settings_.ban;
    const bool post = event.method == "POST";
    // A GET with a body is answered like too many.
    if (banned(event.peer, now) || (!post && !event.bytes.empty())) {
        return transport_.respond(
            event.exchange, {403, {{"Content-Type", "text/plain"}}, "access too frequent", false});
    }
    const auto not_there = [&] {
        transport_.respond(event.exchange, {404, {}, "404 page not found", false});
    };
    sim_front::Parameters query;
    const bool read = query.add_encoded(event.query);
    const Json nothing = Json::object();
    if (RestMarket::serves(event.path)) {
        if (event.method != "GET") return not_there();
        if (!read) return respond(event, {parameter_error("query invalid"), {}, {}}, nullptr);
        return respond(event, market_.answer({event.path, query, nothing, nullptr, now}), nullptr);
    }
    const auto* const found = std::find_if(kRoutes.begin(), kRoutes.end(),
                                           [&](const Route& r) { return r.path == event.path; });
    if (found == kRoutes.end() || (event.method != (found->post ? "POST" : "GET")))
        return not_there();
    const sim_front::ApiKey* key = nullptr;
    Reply refused;
    refused.answer = authenticate(event, post, now, key);
    if (refused.answer.ok() && !key->may(found->permission)) {
        refused.answer = {kPermission, "Permission denied, please check your API key permissions."};
    }
    sim_front::ReadJson body;
    if (refused.answer.ok() && post) {
        body = sim_front::read_json(event.bytes);
        if (!body.good || !body.value.is_object())
            refused.answer = parameter_error("request body is no JSON object");
    }
    if (refused.answer.ok() && !read) refused.answer = parameter_error("query invalid");
    if (!refused.answer.ok()) return respond(event, refused, nullptr);

    const Json& content = post ? body.value : nothing;
    const std::string category =
        post ? field(content, "category").value_or("") : std::string{query.text("category")};
    const bool spot = category == "spot";
    const bool batch =
        found->to == To::CreateBatch || found->to == To::AmendBatch || found->to == To::CancelBatch;
    const std::size_t count = batch ? OrderDesk::batch_size(content) : 1;
    const Budget budget =
        spend(key->account, std::string{event.path} + (spot ? "|spot" : "|linear"),
              spot ? found->spot : found->linear, count, now, found->per);
    if (budget.allowed == 0) {
        refused.answer = {kTooMany, "Too many visits. Exceeded the API Rate Limit."};
        return respond(event, refused, &budget);
    }
    respond(event, route(*found, {event.path, query, content, key, now}, budget.allowed), &budget);
}

Reply BybitFront::route(const Route& r, const Call& call, std::size_t allowed) {
    const sim_engine::AccountId account = call.key->account;
    using To = Route::To;
    switch (r.to) {
        case To::Create:
            return desk_.one(Operation::Create, account, call.body, call.now);
        case To::Amend:
            return desk_.one(Operation::Amend, account, call.body, call.now);
        case To::Cancel:
            return desk_.one(Operation::Cancel, account, call.body, call.now);
        case To::CreateBatch:
            return desk_.batch(Operation::Create, account, call.body, allowed, call.now);
        case To::AmendBatch:
            return desk_.batch(Operation::Amend, account, call.body, allowed, call.now);
        case To::CancelBatch:
            return desk_.batch(Operation::Cancel, account, call.body, allowed, call.now);
        case To::CancelAll:
            return desk_.cancel_all(account, call.body, call.now);
        case To::Realtime:
            return queries_.realtime(call);
        case To::History:
            return queries_.history(call);
        case To::Executions:
            return queries_.executions(call);
        case To::Positions:
            return queries_.positions(call);
        case To::Leverage:
            return account_.set_leverage(call);
        case To::Mode:
            return account_.switch_mode(call);
        case To::Wallet:
            return account_.wallet(call);
        case To::Info:
            return account_.info(call);
        case To::Fees:
            return account_.fee_rate(call);
        case To::Key:
            return account_.key(call);
        case To::Transfer:
            return account_.transfer(call);
        case To::Transfers:
            return account_.transfers(call);
        case To::TransferCoins:
            return account_.transfer_coins(call);
        case To::Coins:
            return account_.coins(call);
        case To::Coin:
            return account_.coin(call);
        case To::DepositAddress:
            return wallet_.deposit_address(call);
        case To::Deposits:
            return wallet_.deposits(call);
        case To::Withdrawable:
            return wallet_.withdrawable(call);
        case To::Withdrawals:
            return wallet_.withdrawals(call);
        case To::Withdraw:
            return wallet_.withdraw(call);
        case To::CancelWithdrawal:
            return wallet_.cancel(call);
        case To::Transactions:
            return history_.transactions(call);
        case To::ClosedPnl:
            return history_.closed_pnl(call);
        case To::Collateral:
            return history_.collateral(call);
        case To::Borrowings:
            return history_.borrowings(call);
        case To::SpotQuota:
            return account_.spot_quota(call);
        case To::Deliveries:
            return deliveries(venue_, call);
        case To::MarginMode:
            return RestAccount::margin_mode(call);
        case To::SwitchIsolated:
            return RestAccount::switch_isolated();
        case To::IsolatedMargin:
            return account_.isolated_margin(call);
        case To::TradingStop:
            return account_.trading_stop(call);
        case To::CoinInfo:
            break;
    }
    return account_.coin_info(call);
}

}  // namespace parallax::sim_bybit
