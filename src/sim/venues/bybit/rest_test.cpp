#include "sim/venues/bybit/front_testing.hpp"
#include "sim/venues/bybit/ids.hpp"

namespace parallax::sim_bybit::testing {
namespace {

TEST(BybitIds, ComeBackAndForeignOnesDoNot) {
    for (const std::uint64_t n : {0ULL, 1ULL, 1'000'000'001ULL, 1ULL << 40, ~0ULL}) {
        EXPECT_EQ(number_of_uuid(uuid_of(n)), n);
    }
    EXPECT_FALSE(number_of_uuid("a4c1718e-fe53-4659-a118-1f6ecce04ad9"));
    const sim_engine::OrderId id{1'000'000'123};
    EXPECT_EQ(parse_order_id(order_text(id, true)), id);
    EXPECT_EQ(parse_order_id(order_text(id, false)), id);
    EXPECT_FALSE(parse_order_id("12"));
    EXPECT_FALSE(parse_order_id("x"));
}

TEST(BybitSignature, IsThatOfTheSheetsVectors) {
    EXPECT_EQ(Desk::sign("1658384314791XXXXXXXXXX5000category=option&symbol=BTC-29JUL22-25000-C"),
              "e2efccd9fec8d9bf6d5873a43893e5d3df3b2bb3f08763172ee927c74fa63559");
    EXPECT_EQ(Desk::sign(R"(1658385579423XXXXXXXXXX5000{"category": "option"})"),
              "9f18974896149c27ecdc61d67d97e05be0a2c45ce5f4c7ecb3ec47c01ea2f9d2");
    EXPECT_EQ(Desk::sign("GET/realtime1662350400000"),
              "9e22ecbf1bc0fbd607b1ea007e14f9402426849ef8d327c0659512e4a5725b7d");
}

TEST(BybitRest, RefusesWrongKeysClocksAndSignatures) {
    Desk d;
    const std::string path = "/v5/account/wallet-balance", query = "accountType=UNIFIED";
    EXPECT_EQ(d.get(path, query)["retCode"], 0);
    EXPECT_EQ(d.get(path, query)["retCode"], 0);  // the same again counts again
    EXPECT_EQ(d.get(path, query, "NOBODY")["retCode"], 10003);
    auto r = d.signed_request("GET", path, query);
    r.headers.back().value.back() = r.headers.back().value.back() == '0' ? '1' : '0';
    EXPECT_EQ(d.ask(r)["retCode"], 10004);
    r = d.signed_request("GET", path, query);
    r.query += "&coin=BTC";
    EXPECT_EQ(d.ask(r)["retCode"], 10004);
    r = d.signed_request("GET", path, query);
    r.headers.pop_back();
    EXPECT_EQ(d.ask(r)["retCode"], 10001);
    r = d.signed_request("GET", path, query);
    d.server.time = d.server.time + Nanos::millis(5'000);
    EXPECT_EQ(d.ask(r)["retCode"], 0);  // server_time - recv_window <= timestamp
    d.server.time = d.server.time + Nanos::millis(1);
    EXPECT_EQ(d.ask(r)["retCode"], 10002);
    d.server.time = d.server.time + Nanos::millis(1'000);
    r = d.signed_request("GET", path, query);
    d.server.time = d.server.time - Nanos::millis(999);
    EXPECT_EQ(d.ask(r)["retCode"], 0);
    d.server.time = d.server.time - Nanos::millis(1);
    EXPECT_EQ(d.ask(r)["retCode"], 10002);
    EXPECT_EQ(d.create(d.limit("spot", "Buy", "90", "1"), "READER")["retCode"], 10005);
    r = d.signed_request("POST", "/v5/order/create", "{\"category\":");
    EXPECT_EQ(d.ask(r)["retCode"], 10001);
}

TEST(BybitRest, UnknownPathsMethodsAndBodiesOfGets) {
    Desk d;
    EXPECT_EQ(d.server.request(*d.front, Desk::plain("/v5/nothing")).status, 404);
    EXPECT_EQ(d.server.request(*d.front, Desk::plain("/v5/market/time", "", "POST")).status, 404);
    auto with_body = Desk::plain("/v5/market/time");
    with_body.body = "{}";
    EXPECT_EQ(d.server.request(*d.front, with_body).status, 403);
    const Json time = d.ask(Desk::plain("/v5/market/time"));
    EXPECT_EQ(time["result"]["timeSecond"], "1767225600");
    EXPECT_EQ(time["result"]["timeNano"], "1767225600000000000");
    EXPECT_EQ(time["time"], 1'767'225'600'000);
}

TEST(BybitRest, AnAddressThatAsksTooOftenIsBannedForTenMinutes) {
    Desk d;
    for (int i = 0; i < 600; ++i) {
        ASSERT_EQ(d.server.request(*d.front, Desk::plain("/v5/market/time")).status, 200) << i;
    }
    EXPECT_EQ(d.server.request(*d.front, Desk::plain("/v5/market/time")).status, 403);
    auto other = Desk::plain("/v5/market/time");
    other.peer = "10.0.0.2";
    EXPECT_EQ(d.server.request(*d.front, other).status, 200);
    d.wait(599'999);
    EXPECT_EQ(d.server.request(*d.front, Desk::plain("/v5/market/time")).status, 403);
    d.wait(1);
    EXPECT_EQ(d.server.request(*d.front, Desk::plain("/v5/market/time")).status, 200);
}

TEST(BybitRest, AccountsHaveTenLinearOrdersASecondAndTheHeadersSaySo) {
    Desk d;
    for (int i = 0; i < 10; ++i) {
        const auto reply = d.server.request(
            *d.front, d.signed_request("POST", "/v5/order/create",
                                       d.limit("linear", "Buy", "90", "1").dump()));
        EXPECT_EQ(sim_front::header_of(reply, "X-Bapi-Limit"), "10");
        EXPECT_EQ(sim_front::header_of(reply, "X-Bapi-Limit-Status"), std::to_string(9 - i));
        EXPECT_EQ(Json::parse(reply.body)["retCode"], 0) << reply.body;
    }
    const auto over = d.server.request(
        *d.front,
        d.signed_request("POST", "/v5/order/create", d.limit("linear", "Buy", "90", "1").dump()));
    EXPECT_EQ(Json::parse(over.body)["retCode"], 10006);
    EXPECT_EQ(sim_front::header_of(over, "X-Bapi-Limit-Status"), "0");
    EXPECT_GT(std::stoll(sim_front::header_of(over, "X-Bapi-Limit-Reset-Timestamp")),
              d.server.time.millis());
    EXPECT_EQ(d.create(d.limit("spot", "Buy", "90", "1"))["retCode"], 0);  // its own bucket
    EXPECT_EQ(d.create(d.limit("linear", "Buy", "90", "1"), "KEY1")["retCode"], 0);
    d.wait(1'100);
    EXPECT_EQ(d.create(d.limit("linear", "Buy", "90", "1"))["retCode"], 0);
}

TEST(BybitRest, EachRefusalHasItsCode) {
    Desk d;
    const auto code = [&](Json order) { return d.create(order)["retCode"].get<int>(); };
    const auto with = [&](Json order, const char* name, Json value) {
        order[name] = std::move(value);
        return code(order);
    };
    const Json spot = d.limit("spot", "Buy", "90", "1"),
               linear = d.limit("linear", "Buy", "90", "1");
    EXPECT_EQ(with(spot, "symbol", "NOPE"), 170121);
    EXPECT_EQ(with(linear, "symbol", "NOPE"), 10001);
    EXPECT_EQ(with(spot, "category", "margin"), 10001);
    EXPECT_EQ(with(spot, "side", "buy"), 10001);
    EXPECT_EQ(with(spot, "qty", "0.0001"), 170137);
    EXPECT_EQ(with(spot, "price", "90.01"), 170134);
    EXPECT_EQ(with(linear, "price", "90.01"), 10001);
    d.wait(1'100);
    EXPECT_EQ(with(spot, "qty", "0.001"), 170140);
    EXPECT_EQ(with(linear, "qty", "0.001"), 110094);
    EXPECT_EQ(with(spot, "price", "200"), 170193);
    EXPECT_EQ(with(linear, "price", "200"), 110003);
    EXPECT_EQ(with(spot, "orderLinkId", "a b"), 10001);
    EXPECT_EQ(with(spot, "takeProfit", "120"), 10001);
    EXPECT_EQ(with(linear, "positionIdx", 1), 10001);
    EXPECT_EQ(with(linear, "reduceOnly", true), 110017);
    d.wait(1'100);
    EXPECT_EQ(with(spot, "orderLinkId", "one"), 0);
    EXPECT_EQ(with(spot, "orderLinkId", "one"), 170141);
    EXPECT_EQ(with(d.limit("spot", "Sell", "110", "1"), "qty", "999"), 0);
    EXPECT_EQ(with(d.limit("spot", "Sell", "110", "1"), "qty", "999"), 170131);
    d.world.venue.set_state(d.world.spot, sim_engine::ListingState::Halted, d.world.now);
    EXPECT_EQ(code(spot), 170157);
    const Json none =
        d.post("/v5/order/cancel", {{"category", "spot"}, {"symbol", "BTCUSDT"}, {"orderId", "5"}});
    EXPECT_EQ(none["retCode"], 170213);
    EXPECT_EQ(
        d.post("/v5/order/cancel",
               {{"category", "linear"}, {"symbol", "BTCPERP"}, {"orderLinkId", "five"}})["retCode"],
        110001);
}

TEST(BybitRest, AnOrderFromItsPlaceToItsFillAndItsAmends) {
    Desk d;
    const Json made = d.create(d.limit("linear", "Sell", "101", "2", "GTC", "s-1"), "KEY1");
    const std::string id = made["result"]["orderId"];
    EXPECT_EQ(id.size(), 36U);
    EXPECT_EQ(made["result"]["orderLinkId"], "s-1");
    const std::string where = "category=linear&symbol=BTCPERP";
    Json o = d.get("/v5/order/realtime", where + "&orderLinkId=s-1", "KEY1")["result"]["list"][0];
    EXPECT_EQ(o["orderStatus"], "New");
    EXPECT_EQ(o["leavesQty"], "2");
    const Json amend = {
        {"category", "linear"}, {"symbol", "BTCPERP"}, {"orderId", id}, {"price", "100.5"}};
    EXPECT_EQ(d.post("/v5/order/amend", amend, "KEY1")["result"]["orderId"], id);
    EXPECT_EQ(d.post("/v5/order/amend", amend, "KEY1")["retCode"], 34040);
    EXPECT_EQ(d.post("/v5/order/amend", amend, "KEY0")["retCode"], 110001);  // not one's own
    EXPECT_EQ(d.create({{"category", "linear"},
                        {"symbol", "BTCPERP"},
                        {"side", "Buy"},
                        {"orderType", "Market"},
                        {"qty", "0.5"}})["retCode"],
              0);
    o = d.get("/v5/order/realtime", where, "KEY1")["result"]["list"][0];
    EXPECT_EQ(o["orderStatus"], "PartiallyFilled");
    EXPECT_EQ(o["cumExecQty"], "0.5");
    EXPECT_EQ(o["avgPrice"], "100.5");
    EXPECT_EQ(
        d.post("/v5/order/cancel", {{"category", "linear"}, {"symbol", "BTCPERP"}, {"orderId", id}},
               "KEY1")["retCode"],
        0);
    o = d.get("/v5/order/history", where, "KEY1")["result"]["list"][0];
    EXPECT_EQ(o["orderStatus"], "Cancelled");  // linear: though partly filled
    EXPECT_EQ(o["cancelType"], "CancelByUser");
    const Json fill = d.get("/v5/execution/list", where)["result"]["list"][0];
    EXPECT_EQ(fill["execPrice"], "100.5");
    EXPECT_EQ(fill["execFee"], "0.0276375");  // 50.25 x 0.055 %
    EXPECT_EQ(fill["isMaker"], false);
    const Json p = d.get("/v5/position/list", where)["result"]["list"][0];
    EXPECT_EQ(p["side"], "Buy");
    EXPECT_EQ(p["size"], "0.5");
    EXPECT_EQ(p["avgPrice"], "100.5");
}

TEST(BybitRest, BatchesTellEachOrderApart) {
    Desk d;
    Json good = d.limit("spot", "Buy", "90", "1"), bad = d.limit("spot", "Buy", "90.01", "1");
    const Json out =
        d.post("/v5/order/create-batch", {{"category", "spot"}, {"request", {good, bad}}});
    EXPECT_EQ(out["retCode"], 0);
    EXPECT_EQ(out["retExtInfo"]["list"][0]["code"], 0);
    EXPECT_EQ(out["retExtInfo"]["list"][1]["code"], 170134);
    EXPECT_NE(out["result"]["list"][0]["orderId"], "");
    EXPECT_EQ(out["result"]["list"][1]["orderId"], "");
    Json many = Json::array();
    for (int i = 0; i < 11; ++i) many.push_back(good);
    EXPECT_EQ(
        d.post("/v5/order/create-batch", {{"category", "spot"}, {"request", many}})["retCode"],
        10001);
    Json linear = Json::array();
    for (int i = 0; i < 12; ++i) linear.push_back(d.limit("linear", "Buy", "90", "1"));
    const Json over =
        d.post("/v5/order/create-batch", {{"category", "linear"}, {"request", linear}});
    EXPECT_EQ(over["retExtInfo"]["list"][9]["code"], 0);
    EXPECT_EQ(over["retExtInfo"]["list"][10]["code"], 10006);  // ten a second
    const Json all =
        d.post("/v5/order/cancel-all", {{"category", "linear"}, {"symbol", "BTCPERP"}});
    EXPECT_EQ(all["result"]["list"].size(), 10U);
    EXPECT_EQ(all["result"]["success"], "1");
}

TEST(BybitRest, TransfersAreOncePerTheirId) {
    Desk d;
    const Json request = {{"transferId", "42c0cfb0-6bca-c242-bc76-4e6df6cbab16"},
                          {"coin", "USDT"},
                          {"amount", "100.5"},
                          {"fromAccountType", "UNIFIED"},
                          {"toAccountType", "FUND"}};
    EXPECT_EQ(d.post("/v5/asset/transfer/inter-transfer", request)["result"]["status"], "SUCCESS");
    EXPECT_EQ(d.post("/v5/asset/transfer/inter-transfer", request)["result"]["status"], "SUCCESS");
    const Json fund = d.get("/v5/asset/transfer/query-account-coins-balance", "accountType=FUND");
    EXPECT_EQ(fund["result"]["balance"][0]["walletBalance"], "100.5");
    Json more = request;
    more["transferId"] = "52c0cfb0-6bca-c242-bc76-4e6df6cbab16";
    more["amount"] = "99999999";
    EXPECT_EQ(d.post("/v5/asset/transfer/inter-transfer", more)["retCode"], 131228);
    EXPECT_EQ(d.get("/v5/asset/transfer/query-inter-transfer-list")["result"]["list"].size(), 1U);
}

}  // namespace
}  // namespace parallax::sim_bybit::testing
