// What owners of accounts are told, USD-M's REST, and the wallet's.
#include "sim/venues/binance/front_testing.hpp"

namespace parallax::sim_binance {
namespace {

struct Usdm : ::testing::Test, BinanceWorld {
    std::string limit(const char* more = "") const {
        return std::string{
                   "symbol=BTCPERP&side=BUY&type=LIMIT&timeInForce=GTC&price=100&quantity="
                   "1"} +
               more;
    }
};

TEST_F(Usdm, OrdersArePlacedModifiedQueriedAndCancelled) {
    const auto placed = call("POST", "/fapi/v1/order", limit("&newClientOrderId=a"));
    ASSERT_EQ(placed.status, 200) << placed.body;
    EXPECT_EQ(placed.body["status"], "NEW");
    EXPECT_FALSE(placed.body.contains("avgPrice")) << "gone since 2026-07";
    const auto changed = call("PUT", "/fapi/v1/order",
                              "symbol=BTCPERP&side=BUY&origClientOrderId=a&quantity=2&price=101");
    EXPECT_EQ(changed.body["origQty"], "2.000") << changed.body;
    EXPECT_EQ(call("PUT", "/fapi/v1/order",
                   "symbol=BTCPERP&side=BUY&origClientOrderId=a&quantity=2&price=101")
                  .body["code"],
              -5027);
    EXPECT_EQ(call("GET", "/fapi/v1/openOrders", "symbol=BTCPERP").body.size(), 1u);
    EXPECT_EQ(call("DELETE", "/fapi/v1/order", "symbol=BTCPERP&origClientOrderId=a").body["status"],
              "CANCELED");
    EXPECT_EQ(call("DELETE", "/fapi/v1/order", "symbol=BTCPERP&origClientOrderId=a").body["code"],
              -2011);
    EXPECT_EQ(
        call("POST", "/fapi/v1/order", limit("&newClientOrderId=b&reduceOnly=true")).body["code"],
        -2022);
    EXPECT_EQ(call("POST", "/fapi/v1/order",
                   "symbol=BTCPERP&side=BUY&type=STOP_MARKET&stopPrice=1&quantity=1")
                  .body["code"],
              -4120);
}

TEST_F(Usdm, PositionsMarginAndLeverage) {
    EXPECT_EQ(call("POST", "/fapi/v1/leverage", "symbol=BTCPERP&leverage=10").body["leverage"], 10);
    EXPECT_EQ(call("POST", "/fapi/v1/leverage", "symbol=BTCPERP&leverage=51").body["code"], -4028);
    world.place(world.on_perpetual(world.limit(1, Side::Sell, 100, 1'000)));
    const auto bought =
        call("POST", "/fapi/v1/order",
             "symbol=BTCPERP&side=BUY&type=MARKET&quantity=1&newOrderRespType=RESULT");
    EXPECT_EQ(bought.body["status"], "FILLED") << bought.body;
    const auto risk = call("GET", "/fapi/v3/positionRisk", "symbol=BTCPERP");
    EXPECT_EQ(risk.body[0]["positionAmt"], "1.000") << risk.body;
    const auto account = call("GET", "/fapi/v3/account");
    EXPECT_GT(std::stod(account.body["totalInitialMargin"].get<std::string>()), 9.9);
    EXPECT_EQ(call("GET", "/fapi/v1/userTrades", "symbol=BTCPERP").body.size(), 1u);
    EXPECT_EQ(call("POST", "/fapi/v1/marginType", "symbol=BTCPERP&marginType=CROSSED").body["code"],
              -4046);
}

TEST_F(Usdm, ListenKeysTellOrdersAndBalancesUntilTheyExpire) {
    const auto key = call("POST", "/fapi/v1/listenKey", "", false);
    const std::string name = key.body["listenKey"];
    EXPECT_EQ(call("POST", "/fapi/v1/listenKey", "", false).body["listenKey"], name)
        << "the same while it lives";
    const auto user = open("/private/ws/" + name);
    world.place(world.on_perpetual(world.limit(1, Side::Sell, 100, 1'000)));
    ASSERT_EQ(call("POST", "/fapi/v1/order", limit()).status, 200);
    const auto messages = server.take(user);
    std::vector<std::string> kinds;
    for (const Json& m : messages)
        kinds.push_back(m["e"].get<std::string>() +
                        (m.contains("o") ? " " + m["o"]["X"].get<std::string>() : ""));
    EXPECT_EQ(kinds,
              (std::vector<std::string>{"ORDER_TRADE_UPDATE NEW", "ORDER_TRADE_UPDATE FILLED",
                                        "TRADE_LITE", "ACCOUNT_UPDATE"}));
    EXPECT_EQ(messages.back()["a"]["P"][0]["pa"], "1.000") << messages.back();
    step(Nanos::seconds(1'800));
    EXPECT_EQ(call("PUT", "/fapi/v1/listenKey", "", false).body["listenKey"], name);
    step(Nanos::seconds(3'500));
    EXPECT_TRUE(told(user, "listenKeyExpired").empty());
    step(Nanos::seconds(200));
    EXPECT_EQ(told(user, "listenKeyExpired").size(), 1u);
    EXPECT_EQ(call("PUT", "/fapi/v1/listenKey", "", false).body["code"], -1125);
}

TEST_F(Usdm, ListenKeysCanBeEndedFromOutside) {
    const std::string name = call("POST", "/fapi/v1/listenKey", "", false).body["listenKey"];
    const auto user = open("/ws/" + name, true);
    front->expire_listen_keys();
    step(Nanos::millis(1));
    EXPECT_EQ(told(user, "listenKeyExpired").size(), 1u);
    call("POST", "/fapi/v1/order", limit());
    EXPECT_TRUE(server.take(user).empty());
}

TEST_F(Usdm, MarketStreamsComeByTheirRoutes) {
    const auto market = open("/market/ws/btcperp@aggTrade"),
               free = open("/public/ws/btcperp@trade"), wrong = open("/public/ws/btcperp@aggTrade");
    world.place(world.on_perpetual(world.limit(1, Side::Sell, 100, 1'000)));
    call("POST", "/fapi/v1/order", limit());
    step(Nanos::millis(200));
    EXPECT_EQ(told(market, "aggTrade").size(), 1u);
    EXPECT_EQ(told(free, "trade").size(), 1u);
    EXPECT_TRUE(server.take(wrong).empty());
}

TEST_F(Usdm, StreamsOfAllSymbolsAreOfTheirProductAndRoute) {
    const auto days = open("/market/ws/!ticker@arr"), minis = open("/market/ws/!miniTicker@arr"),
               marks = open("/market/ws/!markPrice@arr@1s"), best = open("/public/ws/!bookTicker"),
               astray = open("/public/ws/!miniTicker@arr"),
               unrouted = open("/ws/!ticker@arr", true);
    world.place(world.on_perpetual(world.limit(1, Side::Sell, 100, 1'000)));
    for (int i = 0; i < 5; ++i) step(Nanos::seconds(1));
    const auto first = [&](ports::SessionId session) -> Json {
        const auto told = server.take(session);
        return told.empty() ? Json{} : told[0];
    };
    const Json day = first(days), mini = first(minis), mark = first(marks);
    ASSERT_EQ(day.size(), 1U) << day;
    EXPECT_EQ(day[0]["e"], "24hrTicker");
    EXPECT_EQ(day[0]["s"], "BTCPERP");
    ASSERT_EQ(mini.size(), 1U) << mini;
    EXPECT_EQ(mini[0]["s"], "BTCPERP");
    EXPECT_EQ(mark[0]["e"], "markPriceUpdate");
    const auto told = server.take(best);
    ASSERT_EQ(told.size(), 1U) << "every 5 s";
    EXPECT_EQ(told[0]["e"], "bookTicker");
    EXPECT_EQ(told[0]["a"], "100.0");
    EXPECT_TRUE(server.take(astray).empty());
    EXPECT_TRUE(server.take(unrouted).empty());
}

struct Spot : ::testing::Test, BinanceWorld {
    ports::SessionId subscribed() {
        const auto api = open("/ws-api/v3");
        const std::string text = "apiKey=key&timestamp=" + std::to_string(server.time.millis());
        const Json params{{"apiKey", "key"},
                          {"timestamp", server.time.millis()},
                          {"signature", sim_front::hex(sim_front::hmac_sha256("secret", text))}};
        server.message(
            *front, api,
            Json{{"id", 1}, {"method", "userDataStream.subscribe.signature"}, {"params", params}}
                .dump());
        EXPECT_EQ(server.take_one(api)["status"], 200);
        return api;
    }
};

TEST_F(Spot, ExecutionReportsTellAFillWithItsFee) {
    world.venue.set_fees(world.accounts[0], *FeeSchedule::named("base"));
    const auto user = subscribed();
    world.place(world.limit(1, Side::Sell, 100, 400));
    call("POST", "/api/v3/order",
         "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&price=100&quantity=1");
    const auto reports = told(user, "executionReport");
    ASSERT_EQ(reports.size(), 3u);
    EXPECT_EQ(reports[0]["x"], "NEW");
    EXPECT_EQ(reports[1]["x"], "TRADE");
    EXPECT_EQ(reports[1]["X"], "PARTIALLY_FILLED");
    EXPECT_EQ(reports[1]["l"], "0.40000000");
    EXPECT_EQ(reports[1]["n"], "0.00040000");
    EXPECT_EQ(reports[1]["N"], "BTC");
    EXPECT_EQ(reports[2]["x"], "EXPIRED");
}

TEST_F(Spot, WindowsAreToldOfOneSymbolAndOfAll) {
    const auto one = open("/ws/btcusdt@ticker_4h"), all = open("/ws/!ticker_1d@arr"),
               retired = open("/ws/!ticker@arr"), unknown = open("/ws/btcusdt@ticker_2h");
    step(Nanos::seconds(1));
    const auto told = server.take(one), every = server.take(all);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0]["e"], "4hTicker");
    EXPECT_EQ(told[0]["s"], "BTCUSDT");
    EXPECT_FALSE(told[0].contains("b"));
    EXPECT_EQ(told[0]["C"].get<std::int64_t>() - told[0]["O"].get<std::int64_t>(), 4 * 3'600'000)
        << told[0];
    ASSERT_EQ(every.size(), 1U);
    EXPECT_EQ(every[0].size(), 1U) << "perpetuals are no spot symbols";
    EXPECT_EQ(every[0][0]["e"], "1dTicker");
    EXPECT_TRUE(server.take(retired).empty());
    EXPECT_TRUE(server.take(unknown).empty());
}

TEST_F(Spot, MoneyMovesBetweenSpotAndUsdm) {
    const auto user = subscribed();
    const auto moved =
        call("POST", "/sapi/v1/asset/transfer", "type=MAIN_UMFUTURE&asset=USDT&amount=1000.5");
    EXPECT_GT(moved.body["tranId"], 0) << moved.body;
    const auto balance = call("GET", "/fapi/v3/balance");
    bool found = false;
    for (const Json& row : balance.body) {
        if (row["asset"] != "USDT") continue;
        found = true;
        EXPECT_EQ(row["balance"], "1001000.50000000");
    }
    EXPECT_TRUE(found) << balance.body;
    const auto updates = told(user, "balanceUpdate");
    ASSERT_EQ(updates.size(), 1u);
    EXPECT_EQ(updates[0]["d"], "-1000.50000000");
    EXPECT_EQ(
        call("POST", "/sapi/v1/asset/transfer", "type=UMFUTURE_MAIN&asset=USDT&amount=1e9").status,
        400);
    EXPECT_EQ(call("POST", "/sapi/v1/asset/transfer", "type=A_B&asset=USDT&amount=1").body["code"],
              -1102);
    EXPECT_EQ(
        call("POST", "/sapi/v1/asset/transfer", "type=MAIN_UMFUTURE&asset=USDT&amount=9999999999")
            .body["code"],
        -5013);
}

TEST_F(Spot, TheWalletTellsWhatClientsAskWhenTheyComeUp) {
    EXPECT_EQ(call("GET", "/sapi/v1/system/status", "", false).body["status"], 0);
    const auto coins = call("GET", "/sapi/v1/capital/config/getall", "x=ignored");
    EXPECT_EQ(coins.status, 200);
    EXPECT_GE(coins.body.size(), 2u);
    EXPECT_EQ(call("GET", "/sapi/v1/account/apiRestrictions").body["enableWithdrawals"], false);
    EXPECT_EQ(call("GET", "/sapi/v1/asset/tradeFee", "symbol=BTCUSDT").body.size(), 1u);
    EXPECT_EQ(call("GET", "/sapi/v1/margin/allPairs", "", false).body, Json::array());
    EXPECT_EQ(call("GET", "/dapi/v1/exchangeInfo", "", false).body["symbols"], Json::array());
    EXPECT_EQ(call("POST", "/sapi/v3/asset/getUserAsset").body.size(), 2u);
    EXPECT_EQ(call("GET", "/sapi/v1/capital/config/getall", "", false).body["code"], -1102);
}

TEST_F(Spot, SocketRequestsAreAnsweredAndWrongOnesRefused) {
    const auto api = open("/ws-api/v3");
    const auto ask = [&](const Json& request) {
        server.message(*front, api, request.dump());
        return server.take_one(api);
    };
    EXPECT_EQ(ask({{"id", "a"}, {"method", "ping"}})["status"], 200);
    EXPECT_EQ(
        ask({{"id", 2}, {"method", "depth"}, {"params", {{"symbol", "NO"}}}})["error"]["code"],
        -1121);
    EXPECT_EQ(ask({{"id", 3}, {"method", "nowhere"}})["status"], 400);
    EXPECT_EQ(ask({{"id", 4},
                   {"method", "order.place"},
                   {"params", {{"apiKey", "key"}, {"symbol", "BTCUSDT"}}}})["error"]["code"],
              -1102);
}

}  // namespace
}  // namespace parallax::sim_binance
