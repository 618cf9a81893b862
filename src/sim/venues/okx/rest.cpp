#include "sim/venues/okx/rest.hpp"
#include "sim/venues/common/crypto.hpp"

#include <algorithm>
#include <span>

namespace parallax::sim_okx {

using sim_front::ApiKey;
using sim_front::Permission;

Answer good(Json data) {
    Answer out;
    out.body["code"] = "0";
    out.body["data"] = std::move(data);
    out.body["msg"] = "";
    return out;
}

Answer bad(const Code& code, std::string_view what) {
    Answer out;
    out.status = code.status;
    out.body["msg"] = text_of(code, what);
    out.body["code"] = code.code;
    out.body["data"] = Json::array();
    return out;
}

std::span<const Rest::Route> Rest::routes() noexcept {
    constexpr auto kIp = Per::Address;
    constexpr auto kUser = Per::User;
    constexpr auto kRead = Permission::Read;
    constexpr auto kTrade = Permission::Trade;
    constexpr auto kOut = Permission::Withdraw;
    constexpr Nanos kSecond = Nanos::seconds(1);
    static constexpr Route kRoutes[] = {
        {"GET", "public/time", &Rest::time, kIp, kRead, 10, ""},
        {"GET", "system/status", &Rest::status, kIp, kRead, 1, "", Nanos::seconds(5)},
        {"GET", "public/instruments", &Rest::instruments, kIp, kRead, 20, "instType"},
        {"GET", "public/funding-rate", &Rest::funding_rate, kIp, kRead, 20, "instId"},
        {"GET", "public/funding-rate-history", &Rest::funding_history, kIp, kRead, 10, "instId"},
        {"GET", "public/mark-price", &Rest::mark_price, kIp, kRead, 10, "instId"},
        {"GET", "public/price-limit", &Rest::price_limit, kIp, kRead, 20, ""},
        {"GET", "market/ticker", &Rest::ticker, kIp, kRead, 20, ""},
        {"GET", "market/tickers", &Rest::tickers, kIp, kRead, 20, ""},
        {"GET", "market/index-tickers", &Rest::index_tickers, kIp, kRead, 20, ""},
        {"GET", "market/books", &Rest::books, kIp, kRead, 40, ""},
        {"GET", "market/books-full", &Rest::books_full, kIp, kRead, 10, ""},
        {"GET", "market/trades", &Rest::trades, kIp, kRead, 100, ""},
        {"GET", "market/history-trades", &Rest::trades, kIp, kRead, 20, ""},
        {"GET", "market/candles", &Rest::candles, kIp, kRead, 40, ""},
        {"GET", "market/history-candles", &Rest::candles, kIp, kRead, 20, ""},
        {"GET", "market/index-candles", &Rest::index_candles, kIp, kRead, 20, ""},
        {"GET", "market/history-index-candles", &Rest::index_candles, kIp, kRead, 10, ""},
        {"GET", "market/mark-price-candles", &Rest::mark_candles, kIp, kRead, 20, ""},
        {"GET", "market/history-mark-price-candles", &Rest::mark_candles, kIp, kRead, 10, ""},
        {"GET", "public/open-interest", &Rest::open_interests, kIp, kRead, 20, "instId"},
        {"GET", "rubik/stat/contracts/open-interest-history", &Rest::open_interest_history, kIp,
         kRead, 10, "instId"},
        {"GET", "rubik/stat/contracts/open-interest-volume", &Rest::open_interest_volume, kIp,
         kRead, 5, ""},
        {"GET", "public/position-tiers", &Rest::position_tiers, kIp, kRead, 10, ""},

        {"POST", "trade/order", &Rest::place, kUser, kTrade, 0, ""},
        {"POST", "trade/batch-orders", &Rest::place_batch, kUser, kTrade, 0, ""},
        {"POST", "trade/cancel-order", &Rest::cancel, kUser, kTrade, 0, ""},
        {"POST", "trade/cancel-batch-orders", &Rest::cancel_batch, kUser, kTrade, 0, ""},
        {"POST", "trade/amend-order", &Rest::amend, kUser, kTrade, 0, ""},
        {"POST", "trade/amend-batch-orders", &Rest::amend_batch, kUser, kTrade, 0, ""},
        {"POST", "trade/cancel-all-after", &Rest::cancel_all_after, kUser, kTrade, 0, ""},
        {"POST", "trade/close-position", &Rest::close_position, kUser, kTrade, 20, ""},
        {"POST", "trade/mass-cancel", &Rest::mass_cancel, kUser, kTrade, 5, ""},
        {"GET", "trade/order", &Rest::order, kUser, kRead, 60, "instId"},
        {"GET", "trade/orders-pending", &Rest::open_orders, kUser, kRead, 60, ""},
        {"GET", "trade/orders-history", &Rest::order_history, kUser, kRead, 40, ""},
        {"GET", "trade/orders-history-archive", &Rest::order_history, kUser, kRead, 20, ""},
        {"GET", "trade/fills", &Rest::fills, kUser, kRead, 60, ""},
        {"GET", "trade/fills-history", &Rest::fills, kUser, kRead, 10, ""},
        {"GET", "trade/account-rate-limit", &Rest::rate_limit, kUser, kRead, 1, "", kSecond},

        {"GET", "account/balance", &Rest::balance, kUser, kRead, 10, ""},
        {"GET", "account/positions", &Rest::positions, kUser, kRead, 10, ""},
        {"GET", "account/config", &Rest::config, kUser, kRead, 5, ""},
        {"GET", "account/instruments", &Rest::instruments, kUser, kRead, 20, "instType"},
        {"GET", "account/trade-fee", &Rest::trade_fee, kUser, kRead, 5, ""},
        {"GET", "account/bills", &Rest::bills, kUser, kRead, 5, "", kSecond},
        {"GET", "account/bills-archive", &Rest::bills, kUser, kRead, 5, ""},
        {"POST", "account/set-position-mode", &Rest::set_position_mode, kUser, kTrade, 5, ""},
        {"POST", "account/set-leverage", &Rest::set_leverage, kUser, kTrade, 20, ""},
        {"GET", "account/leverage-info", &Rest::leverage_info, kUser, kRead, 20, ""},
        {"GET", "account/max-size", &Rest::max_size, kUser, kRead, 20, ""},
        {"GET", "account/max-avail-size", &Rest::max_avail_size, kUser, kRead, 20, ""},
        {"GET", "account/account-position-risk", &Rest::position_risk, kUser, kRead, 10, ""},
        {"GET", "account/interest-rate", &Rest::interest_rate, kUser, kRead, 5, ""},

        {"GET", "asset/balances", &Rest::asset_balances, kUser, kRead, 6, "", kSecond},
        {"GET", "asset/currencies", &Rest::currencies, kUser, kRead, 6, "", kSecond},
        {"GET", "asset/deposit-address", &Rest::deposit_address, kUser, kRead, 6, "", kSecond},
        {"POST", "asset/transfer", &Rest::transfer, kUser, kTrade, 2, "ccy", kSecond},
        {"GET", "asset/transfer-state", &Rest::transfer_state, kUser, kRead, 10, "", kSecond},
        {"POST", "asset/withdrawal", &Rest::withdraw, kUser, kOut, 6, "", kSecond},
        {"POST", "asset/cancel-withdrawal", &Rest::cancel_withdrawal, kUser, kOut, 6, "", kSecond},
        {"GET", "asset/withdrawal-history", &Rest::withdrawals, kUser, kRead, 6, "", kSecond},
        {"GET", "asset/deposit-history", &Rest::deposits, kUser, kRead, 6, "", kSecond},
        {"GET", "asset/bills", &Rest::asset_bills, kUser, kRead, 6, "", kSecond},
        {"GET", "asset/asset-valuation", &Rest::asset_valuation, kUser, kRead, 1, "", kSecond},
    };
    return kRoutes;
}

const Code* Rest::check(const ports::ServerEvent& event, const ApiKey*& key) const {
    const std::string_view id = event.header("OK-ACCESS-KEY");
    const std::string_view sign = event.header("OK-ACCESS-SIGN");
    const std::string_view stamp = event.header("OK-ACCESS-TIMESTAMP");
    const std::string_view passphrase = event.header("OK-ACCESS-PASSPHRASE");
    if (id.empty()) return &kNoKey;
    if (passphrase.empty()) return &kNoPassphrase;
    if (sign.empty()) return &kNoSign;
    if (stamp.empty()) return &kNoTimestamp;
    const UnixNanos at = parse_iso(stamp);
    if (!at.known()) return &kBadTimestamp;
    constexpr sim_front::TimeWindow kWindow{Nanos::seconds(30), Nanos::seconds(30)};
    if (!kWindow.admits(at, event.received)) return &kTimestampExpired;
    key = core_.keyring.find(id);
    if (key == nullptr) return &kUnknownKey;
    if ((event.header("x-simulated-trading") == "1") != core_.settings.demo)
        return &kWrongEnvironment;
    std::string text{stamp};
    text += event.method;
    text += event.path;
    if (!event.query.empty()) text.append("?").append(event.query);
    text += event.bytes;
    if (!key->signed_by(text, sign, ApiKey::Encoding::Base64)) return &kBadSign;
    // After the signature, so that nobody else learns about the passphrase.
    if (!sim_front::same_secret(key->passphrase, passphrase)) return &kWrongPassphrase;
    if (!key->from(event.peer)) return &kWrongAddress;
    return nullptr;
}

Answer Rest::answer(const ports::ServerEvent& event) {
    constexpr std::string_view kRoot = "/api/v5/";
    std::string_view path = event.path;
    const Route* route = nullptr;
    bool known = false;
    if (path.substr(0, kRoot.size()) == kRoot) {
        path.remove_prefix(kRoot.size());
        for (const Route& r : routes()) {
            known = known || r.path == path;
            if (r.path == path && r.method == event.method) route = &r;
        }
    }
    if (known && route == nullptr) return bad(kWrongMethod);
    if (route == nullptr) return bad(Code{"404", 404, "Not Found"});

    sim_front::Parameters query;
    if (!query.add_encoded(event.query)) return bad(kParameter, "query");
    const ApiKey* key = nullptr;
    if (route->per == Per::User) {
        if (const Code* const why = check(event, key)) return bad(*why, event.peer);
        const bool allowed = key->may(route->permission) ||
                             (route->run == &Rest::transfer && key->may(Permission::Transfer));
        if (!allowed) return bad(kNotPermitted);
    }
    Json body;
    if (event.method == "POST") {
        if (event.bytes.empty()) return bad(kBodyEmpty);
        sim_front::ReadJson read = sim_front::read_json(event.bytes);
        if (!read.good || !read.value.is_structured()) return bad(kBadJson);
        body = std::move(read.value);
    }
    if (route->most != 0) {
        std::string who =
            key == nullptr ? std::string{event.peer} : std::to_string(key->account.raw());
        if (!route->by.empty()) {
            who += ' ';
            who +=
                body.is_object() ? parameter(body, route->by) : std::string{query.text(route->by)};
        }
        if (!core_.limits.take(route->path, who, route->most, event.received, 1, route->interval))
            return bad(kRateLimit);
    }
    const Call call{query,
                    body,
                    key == nullptr ? sim_engine::AccountId{} : key->account,
                    event.header("expTime"),
                    event.received,
                    key};
    return (this->*route->run)(call);
}

ports::HttpReply Rest::handle(const ports::ServerEvent& event) {
    Answer out = answer(event);
    ports::HttpReply reply;
    reply.status = out.status;
    reply.headers.push_back({"Content-Type", "application/json"});
    reply.body = out.body.dump(-1, ' ', false, Json::error_handler_t::replace);
    return reply;
}

}  // namespace parallax::sim_okx
