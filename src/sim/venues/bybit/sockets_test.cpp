#include "sim/venues/bybit/front_testing.hpp"

namespace parallax::sim_bybit::testing {
namespace {

TEST(BybitPublic, HeartbeatsAndAcksHaveTheShapeOfTheirSocket) {
    Desk d;
    const auto spot = d.open("/v5/public/spot"), linear = d.open("/v5/public/linear"),
               user = d.open("/v5/private"), trade = d.open("/v5/trade");
    const Json ping = {{"req_id", "7"}, {"op", "ping"}};
    for (const auto s : {spot, linear, user, trade}) d.say(s, ping);
    const Json a = d.server.take_one(spot), b = d.server.take_one(user),
               c = d.server.take_one(trade);
    EXPECT_EQ(a["op"], "ping");
    EXPECT_EQ(a["ret_msg"], "pong");
    EXPECT_EQ(a["success"], true);
    EXPECT_EQ(b["op"], "pong");
    EXPECT_EQ(b["args"][0], "1767225600000");
    EXPECT_EQ(c["retCode"], 0);
    EXPECT_EQ(c["data"][0], "1767225600000");
    d.server.take(linear);
    EXPECT_EQ(d.follow(spot, {"publicTrade.BTCUSDT"})[0]["ret_msg"], "subscribe");
    EXPECT_EQ(d.follow(linear, {"publicTrade.BTCPERP"})[0]["ret_msg"], "");
    const Json bad = d.follow(spot, {"orderbook.25.BTCUSDT"})[0];
    EXPECT_EQ(bad["success"], false);
    EXPECT_EQ(bad["ret_msg"], "Invalid topic: [orderbook.25.BTCUSDT]");
    Json eleven = Json::array();
    for (int i = 0; i < 11; ++i) eleven.push_back("publicTrade.BTCUSDT");
    EXPECT_EQ(d.follow(spot, eleven)[0]["success"], false);
    d.server.message(*d.front, spot, "{]");
    EXPECT_EQ(d.server.take_one(spot)["success"], false);
    EXPECT_FALSE(d.open("/v5/public/nothing").valid());
    EXPECT_EQ(d.server.refusal.status, 404);
    d.wait(600'000);
    EXPECT_EQ(d.server.closed.size(), 4U);  // silent for ten minutes
}

TEST(BybitSockets, GarbageIsAnsweredAndHarmsNobody) {
    Desk d;
    const char* const garbage[] = {"",
                                   "[]",
                                   "null",
                                   "\xff\xfe",
                                   R"({"op":5})",
                                   R"({"op":"subscribe"})",
                                   R"({"op":"subscribe","args":[1,{},null]})",
                                   R"({"op":"subscribe","args":["kline.01.BTCUSDT"]})",
                                   R"({"op":"auth","args":[{},[],0]})",
                                   R"({"op":"order.create","args":[[]],"header":7})",
                                   R"({"op":"order.create-batch","args":[{"request":{}}]})"};
    for (const char* const path :
         {"/v5/public/spot", "/v5/public/linear", "/v5/private", "/v5/trade"}) {
        for (const char* const text : garbage) {
            const auto s = d.open(path);
            d.server.message(*d.front, s, text);
            const Json answer = d.server.take_one(s);
            const bool refused =
                answer.contains("success") ? answer["success"] == false : answer["retCode"] != 0;
            EXPECT_TRUE(refused) << path << ' ' << text << ' ' << answer;
        }
    }
}

TEST(BybitPublic, BooksComeWholeThenAsDifferencesInSequence) {
    Desk d;
    d.world.place(d.world.limit(2, Side::Buy, 99, 1'000));
    d.world.place(d.world.limit(2, Side::Sell, 101, 2'000));
    const auto s = d.open("/v5/public/spot");
    const auto first = d.follow(s, {"orderbook.50.BTCUSDT"});
    ASSERT_EQ(first.size(), 2U);
    EXPECT_EQ(first[1]["type"], "snapshot");
    EXPECT_EQ(first[1]["data"]["b"], Json::parse(R"([["99.0","1"]])"));
    EXPECT_EQ(first[1]["data"]["a"], Json::parse(R"([["101.0","2"]])"));
    const std::uint64_t u = first[1]["data"]["u"], seq = first[1]["data"]["seq"];
    d.world.place(d.world.limit(2, Side::Buy, 99, 500));
    d.wait(19);
    EXPECT_TRUE(d.server.take(s).empty());
    d.wait(1);
    const Json delta = d.server.take_one(s);
    EXPECT_EQ(delta["type"], "delta");
    EXPECT_EQ(delta["data"]["b"], Json::parse(R"([["99.0","1.5"]])"));
    EXPECT_EQ(delta["data"]["a"], Json::array());
    EXPECT_EQ(delta["data"]["u"], u + 1);
    EXPECT_GT(delta["data"]["seq"], seq);
    (void)d.world.venue.cancel_all(d.world.accounts[2], d.world.spot, d.world.now);
    d.wait(20);
    EXPECT_EQ(d.server.take_one(s)["data"]["b"], Json::parse(R"([["99.0","0"]])"));
}

TEST(BybitPublic, TheBestLevelIsAlwaysWholeAndComesAgainAfterThreeSeconds) {
    Desk d;
    d.world.place(d.world.limit(2, Side::Buy, 99, 1'000));
    const auto s = d.open("/v5/public/spot");
    const Json first = d.follow(s, {"orderbook.1.BTCUSDT"})[1];
    d.world.place(d.world.limit(2, Side::Buy, 99.5, 1'000));
    d.wait(10);
    const Json second = d.server.take_one(s);
    EXPECT_EQ(second["type"], "snapshot");
    EXPECT_EQ(second["data"]["b"], Json::parse(R"([["99.5","1"]])"));
    d.wait(2'990);
    EXPECT_TRUE(d.server.take(s).empty());
    d.wait(10);
    const Json again = d.server.take_one(s);
    EXPECT_EQ(again["data"]["u"], second["data"]["u"]);
    EXPECT_GT(second["data"]["u"], first["data"]["u"]);
}

TEST(BybitPublic, TheRestBookCarriesTheNumberOfTheThousandLevelStream) {
    Desk d;
    d.world.place(d.world.limit(2, Side::Buy, 99, 1'000));
    const auto s = d.open("/v5/public/spot");
    (void)d.follow(s, {"orderbook.1000.BTCUSDT"});
    d.world.place(d.world.limit(2, Side::Buy, 98, 1'000));
    const Json book =
        d.ask(Desk::plain("/v5/market/orderbook", "category=spot&symbol=BTCUSDT&limit=5"));
    const Json delta = d.server.take_one(s);  // told early, so that the two agree
    EXPECT_EQ(book["result"]["u"], delta["data"]["u"]);
    EXPECT_EQ(book["result"]["b"], Json::parse(R"([["99.0","1"],["98.0","1"]])"));
}

TEST(BybitPublic, TradesTickersCandlesAndLimits) {
    Desk d;
    const auto s = d.open("/v5/public/linear");
    (void)d.follow(s, {"publicTrade.BTCPERP"});
    d.world.place(d.world.on_perpetual(d.world.limit(2, Side::Sell, 101, 1'000)));
    d.world.place(d.world.on_perpetual(d.world.limit(3, Side::Buy, 101, 250)));
    d.wait(1);
    const Json trade = d.server.take_one(s);
    EXPECT_EQ(trade["data"][0]["S"], "Buy");
    EXPECT_EQ(trade["data"][0]["p"], "101.0");
    EXPECT_EQ(trade["data"][0]["v"], "0.250");
    EXPECT_EQ(trade["data"][0]["L"], "PlusTick");
    const Json ticker = d.follow(s, {"tickers.BTCPERP"})[1];
    EXPECT_EQ(ticker["type"], "snapshot");
    EXPECT_EQ(ticker["data"]["lastPrice"], "101.0");
    EXPECT_EQ(ticker["data"]["openInterest"], "0.250");
    EXPECT_EQ(ticker["data"]["ask1Size"], "0.750");
    d.world.place(d.world.on_perpetual(d.world.limit(3, Side::Buy, 99, 1'000)));
    d.wait(100);
    const Json change = d.server.take_one(s);
    EXPECT_EQ(change["type"], "delta");
    EXPECT_EQ(change["data"]["bid1Price"], "99.0");
    EXPECT_FALSE(change["data"].contains("lastPrice"));  // absent = unchanged
    const Json candle = d.follow(s, {"kline.1.BTCPERP"})[1];
    EXPECT_EQ(candle["data"][0]["close"], "101.0");
    EXPECT_EQ(candle["data"][0]["confirm"], false);
    d.wait(60'000);
    bool closed = false;
    for (const Json& m : d.server.take(s))
        closed = closed || (m["topic"] == "kline.1.BTCPERP" && m["data"][0]["confirm"] == true);
    EXPECT_TRUE(closed);
    const Json limits = d.follow(s, {"priceLimit.BTCPERP"})[1];
    EXPECT_EQ(limits["data"]["buyLmt"], "150.0");
    EXPECT_EQ(limits["data"]["sellLmt"], "50.0");
}

TEST(BybitPrivate, TellsOrdersFillsPositionsAndWallets) {
    Desk d;
    const auto s = d.logged_in("/v5/private");
    EXPECT_EQ(d.server.take_one(s)["success"], true);
    EXPECT_EQ(d.follow(s, {"order", "order.linear"})[0]["success"], false);  // not mixed
    EXPECT_EQ(d.follow(s, {"order", "execution", "execution.fast", "position", "wallet"}).size(),
              1U);
    d.world.place(d.world.on_perpetual(d.world.limit(2, Side::Sell, 101, 1'000)));
    EXPECT_EQ(d.create(d.limit("linear", "Buy", "101", "1", "GTC", "b-1"))["retCode"], 0);
    std::map<std::string, Json> last;
    for (const Json& m : d.server.take(s)) last[m["topic"].get<std::string>()] = m;
    EXPECT_EQ(last.at("order")["data"][0]["orderStatus"], "Filled");
    EXPECT_EQ(last.at("order")["data"][0]["rejectReason"], "EC_NoError");
    EXPECT_EQ(last.at("order")["data"][0]["cumFeeDetail"]["USDT"], "0.05555");
    EXPECT_EQ(last.at("execution")["data"][0]["execType"], "Trade");
    EXPECT_EQ(last.at("execution")["data"][0]["feeCurrency"], "USDT");
    EXPECT_EQ(last.at("execution.fast")["data"][0]["orderLinkId"], "b-1");
    EXPECT_FALSE(last.at("execution.fast")["data"][0].contains("execFee"));
    EXPECT_EQ(last.at("position")["data"][0]["size"], "1");
    EXPECT_EQ(last.at("wallet")["data"][0]["accountType"], "UNIFIED");
}

TEST(BybitPrivate, EndsOfOrdersHaveTheVenuesWords) {
    Desk d;
    const auto s = d.logged_in("/v5/private");
    (void)d.follow(s, {"order.spot"});
    d.world.place(d.world.limit(2, Side::Sell, 101, 1'000));
    const auto end = [&](const Json& order) {
        EXPECT_EQ(d.create(order)["retCode"], 0);
        const Json m = d.server.take(s).back();
        EXPECT_EQ(m["topic"], "order.spot");
        return m["data"][0]["orderStatus"].get<std::string>() + ' ' +
               m["data"][0]["rejectReason"].get<std::string>();
    };
    EXPECT_EQ(end(d.limit("spot", "Buy", "101", "1", "PostOnly")),
              "Cancelled EC_PostOnlyWillTakeLiquidity");
    EXPECT_EQ(end(d.limit("spot", "Buy", "101", "2", "FOK")), "Cancelled EC_CancelForNoFullFill");
    EXPECT_EQ(end(d.limit("spot", "Buy", "100", "2", "IOC")), "Cancelled EC_NoImmediateQtyToFill");
    EXPECT_EQ(end(d.limit("spot", "Buy", "101", "2", "IOC")),
              "PartiallyFilledCanceled EC_NoImmediateQtyToFill");
}

TEST(BybitPrivate, AnAcknowledgedOrderMayBeRejectedLater) {
    Desk d;
    d.front->reject_late(true);
    const auto s = d.logged_in("/v5/private");
    (void)d.follow(s, {"order"});
    const Json ack = d.create(d.limit("linear", "Buy", "200", "1", "GTC", "late"));
    EXPECT_EQ(ack["retCode"], 0);
    const Json order = d.server.take_one(s)["data"][0];
    EXPECT_EQ(order["orderId"], ack["result"]["orderId"]);
    EXPECT_EQ(order["orderStatus"], "Rejected");
    EXPECT_EQ(order["rejectReason"], "EC_ReachRiskPriceLimit");
    const Json found = d.get("/v5/order/realtime", "category=linear&orderLinkId=late");
    EXPECT_EQ(found["result"]["list"][0]["orderStatus"], "Rejected");
    EXPECT_EQ(d.create(d.limit("linear", "Buy", "90.01", "1"))["retCode"], 10001);  // a mistake
}

TEST(BybitTrade, LogsInOnceAndPlacesAmendsAndCancels) {
    Desk d;
    const auto s = d.open("/v5/trade");
    const auto ask = [&](const std::string& op, Json args, const std::string& id) {
        d.say(s, {{"reqId", id},
                  {"header", {{"X-BAPI-TIMESTAMP", std::to_string(d.server.time.millis())}}},
                  {"op", op},
                  {"args", Json::array({std::move(args)})}});
        return d.server.take_one(s);
    };
    const Json order = d.limit("linear", "Buy", "90", "1", "PostOnly", "t-1");
    EXPECT_EQ(ask("order.create", order, "0")["retCode"], 10007);
    const std::int64_t soon = d.server.time.millis() + 1'000;
    const auto auth = [&](const std::string& key, std::int64_t at, const std::string& sign) {
        d.say(s, {{"op", "auth"}, {"args", {key, at, sign}}});
        return d.server.take_one(s);
    };
    const std::string good = Desk::sign("GET/realtime" + std::to_string(soon));
    EXPECT_EQ(auth("NOBODY", soon, good)["retCode"], 10003);
    EXPECT_EQ(auth("KEY0", soon, std::string(64, '0'))["retCode"], 10004);
    EXPECT_EQ(auth("KEY0", 1, Desk::sign("GET/realtime1"))["retCode"], 10004);
    EXPECT_EQ(auth("KEY0", soon, good)["retCode"], 0);
    EXPECT_EQ(auth("KEY0", soon, good)["retCode"], 20001);
    const Json made = ask("order.create", order, "1");
    EXPECT_EQ(made["retCode"], 0) << made.dump();
    EXPECT_EQ(made["header"]["X-Bapi-Limit"], "10");
    EXPECT_EQ(made["header"]["X-Bapi-Limit-Status"], "9");
    EXPECT_EQ(made["data"]["orderLinkId"], "t-1");
    EXPECT_EQ(ask("order.create", order, "1")["retCode"], 20006);
    EXPECT_EQ(ask("order.create", order, "2")["retCode"], 110072);
    EXPECT_EQ(ask("order.unknown", order, "3")["retCode"], 10404);
    const Json where = {{"category", "linear"}, {"symbol", "BTCPERP"}, {"orderLinkId", "t-1"}};
    Json amend = where;
    amend["qty"] = "0.5";
    EXPECT_EQ(ask("order.amend", amend, "4")["retCode"], 0);
    EXPECT_EQ(ask("order.cancel", where, "5")["retCode"], 0);
    EXPECT_EQ(ask("order.cancel", where, "6")["retCode"], 110001);
    const Json batch =
        ask("order.create-batch",
            {{"category", "linear"},
             {"request",
              {d.limit("linear", "Buy", "90", "1"), d.limit("linear", "Buy", "90.01", "1")}}},
            "7");
    EXPECT_EQ(batch["retExtInfo"]["list"][1]["code"], 10001);
    EXPECT_NE(batch["data"]["list"][0]["orderId"], "");
    d.server.time = d.server.time + Nanos::seconds(6);
    d.say(s, {{"reqId", "8"},
              {"header", {{"X-BAPI-TIMESTAMP", std::to_string(soon - 1'000)}}},
              {"op", "order.create"},
              {"args", {order}}});
    EXPECT_EQ(d.server.take_one(s)["retCode"], 10002);
}

}  // namespace
}  // namespace parallax::sim_bybit::testing
