// What was: marks by the minute, open interest, amendments, liquidations, the day so far.
#include "sim/venues/binance/front_testing.hpp"

namespace parallax::sim_binance {
namespace {

using sim_engine::NewOrder;

struct History : ::testing::Test, BinanceWorld {
    void index(double price) {
        world.venue.set_index(world.perpetual, world.price(price), world.now);
        front->advance(world.now);
    }
    Json get(const std::string& path, const std::string& query) {
        const auto answer = call("GET", path, query, false);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return answer.body;
    }
};

TEST_F(History, MarkIndexAndPremiumHaveCandles) {
    index(100);
    step(Nanos::seconds(20));
    index(104);
    step(Nanos::seconds(120));  // a flat minute between
    index(102);
    const Json candles = get("/fapi/v1/indexPriceKlines", "pair=BTCPERP&interval=1m");
    ASSERT_EQ(candles.size(), 3U) << candles;
    EXPECT_EQ(candles[0][1], "100.0");
    EXPECT_EQ(candles[0][2], "104.0");
    EXPECT_EQ(candles[0][4], "104.0");
    EXPECT_EQ(candles[1][3], "104.0") << "flat";
    EXPECT_EQ(candles[2][4], "102.0");
    EXPECT_EQ(candles[1][0].get<std::int64_t>() - candles[0][0].get<std::int64_t>(), 60'000);
    const Json five = get("/fapi/v1/indexPriceKlines", "pair=BTCPERP&interval=5m&limit=2");
    ASSERT_EQ(five.size(), 1U);
    EXPECT_EQ(five[0][1], "100.0");
    EXPECT_EQ(five[0][4], "102.0");
    const Json marks = get("/fapi/v1/markPriceKlines", "symbol=BTCPERP&interval=1m");
    const Json premium = get("/fapi/v1/premiumIndexKlines", "symbol=BTCPERP&interval=1m");
    ASSERT_EQ(marks.size(), 3U);
    ASSERT_EQ(premium.size(), 3U);
    const double mark = std::stod(marks[2][4].get<std::string>());
    EXPECT_NEAR(std::stod(premium[2][4].get<std::string>()), (mark - 102) / 102, 1e-8);
    const std::string second = std::to_string(candles[1][0].get<std::int64_t>());
    EXPECT_EQ(get("/fapi/v1/markPriceKlines",
                  "symbol=BTCPERP&interval=1m&startTime=" + second + "&endTime=" + second)
                  .size(),
              1U);
    EXPECT_EQ(
        call("GET", "/fapi/v1/markPriceKlines", "symbol=BTCPERP&interval=7m", false).body["code"],
        -1120);
    EXPECT_EQ(call("GET", "/fapi/v1/indexPriceKlines", "interval=1m", false).body["code"], -1102);
    EXPECT_EQ(call("GET", "/fapi/v1/indexPriceKlines", "pair=NO&interval=1m", false).body["code"],
              -1121);
}

TEST_F(History, ContinuousCandlesAreThoseOfThePerpetual) {
    const auto stream = open("/market/ws/btcperp_perpetual@continuousKline_1m", true);
    world.place(world.on_perpetual(world.limit(1, Side::Sell, 100, 1'000)));
    world.place(world.on_perpetual(world.limit(2, Side::Buy, 100, 1'000)));
    step(Nanos::seconds(1));
    const Json candles =
        get("/fapi/v1/continuousKlines", "pair=BTCPERP&contractType=PERPETUAL&interval=1m");
    EXPECT_EQ(candles, get("/fapi/v1/klines", "symbol=BTCPERP&interval=1m"));
    ASSERT_FALSE(candles.empty());
    const auto told = this->told(stream, "continuous_kline");
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told[0]["ps"], "BTCPERP");
    EXPECT_EQ(told[0]["ct"], "PERPETUAL");
    EXPECT_EQ(told[0]["k"]["c"], candles[0][4]);
    EXPECT_TRUE(
        get("/fapi/v1/continuousKlines", "pair=BTCPERP&contractType=NEXT_QUARTER&interval=1m")
            .empty());
    EXPECT_EQ(call("GET", "/fapi/v1/continuousKlines",
                   "pair=BTCPERP&contractType=WEEKLY&interval=1m", false)
                  .body["code"],
              -1130);
}

TEST_F(History, OpenInterestAndWhoHoldsItAreKept) {
    index(100);
    EXPECT_TRUE(
        get("/futures/data/globalLongShortAccountRatio", "symbol=BTCPERP&period=5m").empty())
        << "nobody is short";
    world.place(world.on_perpetual(world.limit(1, Side::Sell, 100, 3'000)));
    world.place(world.on_perpetual(world.limit(2, Side::Buy, 100, 1'000)));
    step(Nanos::seconds(2));
    index(100);
    world.place(world.on_perpetual(world.limit(3, Side::Buy, 100, 2'000)));
    step(Nanos::seconds(300));
    index(100);
    const Json open = get("/futures/data/openInterestHist", "symbol=BTCPERP&period=5m");
    ASSERT_EQ(open.size(), 2U) << open;
    EXPECT_EQ(open[0]["sumOpenInterest"], "1.00000000");
    EXPECT_EQ(open[1]["sumOpenInterest"], "3.00000000");
    EXPECT_EQ(
        std::stod(open[1]["sumOpenInterestValue"].get<std::string>()),
        3 * std::stod(
                get("/fapi/v1/premiumIndex", "symbol=BTCPERP")["markPrice"].get<std::string>()));
    EXPECT_EQ(get("/futures/data/openInterestHist", "symbol=BTCPERP&period=1h").size(), 1U);
    const Json ratio = get("/futures/data/globalLongShortAccountRatio", "symbol=BTCPERP&period=5m");
    ASSERT_EQ(ratio.size(), 2U);
    EXPECT_EQ(ratio[0]["longShortRatio"], "1.0000");
    EXPECT_EQ(ratio[1]["longShortRatio"], "2.0000");
    EXPECT_EQ(ratio[1]["longAccount"], "0.6667");
    EXPECT_EQ(call("GET", "/futures/data/openInterestHist", "symbol=BTCPERP&period=1m", false)
                  .body["code"],
              -1130);
}

TEST_F(History, AmendmentsAreRemembered) {
    const Json placed = call("POST", "/api/v3/order",
                             "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&price=100&"
                             "quantity=2")
                            .body;
    const std::string one = "symbol=BTCUSDT&orderId=" + placed["orderId"].dump();
    EXPECT_TRUE(call("GET", "/api/v3/order/amendments", one).body.empty());
    const Json amended = call("PUT", "/api/v3/order/amend/keepPriority", one + "&newQty=1").body;
    EXPECT_NE(call("PUT", "/api/v3/order/amend/keepPriority", one + "&newQty=3").status, 200);
    const Json told = call("GET", "/api/v3/order/amendments", one).body;
    ASSERT_EQ(told.size(), 1U) << told;
    EXPECT_EQ(told[0]["origQty"], "2.00000000");
    EXPECT_EQ(told[0]["newQty"], "1.00000000");
    EXPECT_EQ(told[0]["executionId"], amended["executionId"]);

    const Json open = call("POST", "/fapi/v1/order",
                           "symbol=BTCPERP&side=BUY&type=LIMIT&timeInForce=GTC&price=100&"
                           "quantity=1")
                          .body;
    const std::string other = "symbol=BTCPERP&orderId=" + open["orderId"].dump();
    for (const char* const price : {"99", "98"}) {
        EXPECT_EQ(
            call("PUT", "/fapi/v1/order", other + "&side=BUY&quantity=2&price=" + price).status,
            200);
    }
    const Json changes = call("GET", "/fapi/v1/orderAmendment", other).body;
    ASSERT_EQ(changes.size(), 2U) << changes;
    EXPECT_EQ(changes[0]["amendment"]["price"], (Json{{"before", "99.0"}, {"after", "98.0"}}));
    EXPECT_EQ(changes[1]["amendment"]["origQty"], (Json{{"before", "1.000"}, {"after", "2.000"}}));
    EXPECT_EQ(changes[1]["amendment"]["count"], 1);
    EXPECT_EQ(call("GET", "/fapi/v1/orderAmendment", other + "&limit=1").body.size(), 1U);
}

TEST_F(History, LiquidationsAreTold) {
    sim_engine::AccountSettings settings;
    settings.fees = *FeeSchedule::named("zero");
    const sim_engine::AccountId poor = world.venue.open_account(settings);
    sim_front::ApiKey key;
    key.id = "poor";
    key.secret = "secret";
    key.permissions = {sim_front::Permission::Read};
    key.account = poor;
    keys.add(key);
    world.venue.grant(poor, world.margin_wallet(), world.usdt, Amount::units(5));
    ASSERT_TRUE(world.venue.set_leverage(poor, world.perpetual, 50, world.now));
    const auto one = open("/market/ws/btcperp@forceOrder", true);
    const auto all = open("/market/ws/!forceOrder@arr", true);
    index(100);
    world.place(world.on_perpetual(world.limit(1, Side::Sell, 100, 1'000)));
    NewOrder order = world.on_perpetual(world.limit(0, Side::Buy, 100, 1'000));
    order.account = poor;
    world.place(order);
    world.place(world.on_perpetual(world.limit(2, Side::Buy, 97, 5'000)));
    index(95.8);
    for (const auto session : {one, all}) {
        const auto told = this->told(session, "forceOrder");
        ASSERT_EQ(told.size(), 1U);
        EXPECT_EQ(told[0]["o"]["s"], "BTCPERP");
        EXPECT_EQ(told[0]["o"]["S"], "SELL");
        EXPECT_EQ(told[0]["o"]["ap"], "97.000");
        EXPECT_EQ(told[0]["o"]["z"], "1.000");
        EXPECT_EQ(told[0]["o"]["X"], "FILLED");
    }
    const auto listed = [&](std::string query) {
        query += "timestamp=" + std::to_string(server.time.millis());
        query += "&signature=" + sim_front::hex(sim_front::hmac_sha256("secret", query));
        const auto reply = server.request(
            *front, {"GET", "/fapi/v1/forceOrders", query, "", {{"X-MBX-APIKEY", "poor"}}});
        return Json::parse(reply.body);
    };
    ASSERT_EQ(listed("").size(), 1U);
    EXPECT_EQ(listed("")[0]["executedQty"], "1.000");
    EXPECT_TRUE(listed("autoCloseType=ADL&").empty());
    EXPECT_TRUE(call("GET", "/fapi/v1/forceOrders", "").body.empty()) << "another's";
}

TEST_F(History, TheTradingDayBeginsAtMidnight) {
    world.place(world.limit(1, Side::Sell, 100, 1'000));
    world.place(world.limit(2, Side::Buy, 100, 1'000));
    step(Nanos::seconds(3'600));
    constexpr std::int64_t kDayMs = 86'400'000;
    const Json utc = get("/api/v3/ticker/tradingDay", "symbol=BTCUSDT");
    const std::int64_t midnight = server.time.millis() - server.time.millis() % kDayMs;
    EXPECT_EQ(utc["openTime"], midnight);
    EXPECT_EQ(utc["closeTime"], midnight + kDayMs - 1);
    EXPECT_EQ(utc["volume"], "1.00000000");
    EXPECT_FALSE(utc.contains("bidPrice"));
    const Json west = get("/api/v3/ticker/tradingDay", "symbol=BTCUSDT&timeZone=-5:45");
    EXPECT_EQ((west["openTime"].get<std::int64_t>() - midnight + kDayMs) % kDayMs,
              (5 * 60 + 45) * 60'000);
    for (const char* const zone : {"15", "-13", "x", "1:99", "-"}) {
        EXPECT_EQ(call("GET", "/api/v3/ticker/tradingDay",
                       std::string{"symbol=BTCUSDT&timeZone="} + zone, false)
                      .body["code"],
                  -1130)
            << zone;
    }
    EXPECT_EQ(call("GET", "/api/v3/ticker/tradingDay", "", false).body["code"], -1128);
}

}  // namespace
}  // namespace parallax::sim_binance
