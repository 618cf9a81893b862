#include "sim/venues/okx/okx_testing.hpp"

namespace parallax::sim_okx {
namespace {

using testing::iso;
using testing::kSecret;
using testing::OkxWorld;

TEST(OkxSign, VectorsOfTheSheet) {
    const auto sign = [](std::string_view text) {
        return sim_front::base64(sim_front::hmac_sha256(kSecret, text));
    };
    EXPECT_EQ(sign("2020-12-08T09:08:57.715ZGET/api/v5/account/balance?ccy=BTC"),
              "HiZhvSfMtWJA3uUIVXV3a/bSXNPCWvYFXoGCVS8V4zY=");
    EXPECT_EQ(sign("1538054050GET/users/self/verify"),
              "+LdIr8lkkvhr5hoA3g9TMC0+uQJ849ftAcocA/ouu4M=");
    EXPECT_EQ(parse_iso("2020-12-08T09:08:57.715Z").millis(), 1'607'418'537'715);
    EXPECT_EQ(iso(parse_iso("2024-02-29T23:59:59.001Z")), "2024-02-29T23:59:59.001Z");
    for (const char* const bad : {"", "2020-12-08T09:08:57Z", "2020-13-08T09:08:57.715Z",
                                  "2020-12-08 09:08:57.715Z", "1607418537715"})
        EXPECT_FALSE(parse_iso(bad).known()) << bad;
}

TEST(OkxDoors, EveryWayToBeRefused) {
    OkxWorld w;
    const auto code = [&w](auto change) {
        auto r = w.signed_request("GET", "account/balance", "ccy=BTC", "");
        change(r);
        const auto reply = w.send(r);
        EXPECT_EQ(reply.status, 401);
        return reply.code();
    };
    EXPECT_EQ(w.ask("account/balance", "ccy=BTC").code(), "0");
    EXPECT_EQ(code([](auto& r) { r.headers.erase(r.headers.begin()); }), "50103");
    EXPECT_EQ(code([](auto& r) { r.headers.pop_back(); }), "50104");
    EXPECT_EQ(code([](auto& r) { r.headers[1].value = ""; }), "50106");
    EXPECT_EQ(code([](auto& r) { r.headers[2].value = ""; }), "50107");
    EXPECT_EQ(code([](auto& r) { r.headers[2].value = "1607418537"; }), "50112");
    EXPECT_EQ(code([](auto& r) { r.query = "ccy=ETH"; }), "50113");
    EXPECT_EQ(code([](auto& r) { r.headers[0].value = "nobody"; }), "50119");
    EXPECT_EQ(code([](auto& r) { r.headers[3].value = "word"; }), "50105");
    EXPECT_EQ(code([](auto& r) { r.headers.push_back({"x-simulated-trading", "1"}); }), "50101");
    EXPECT_EQ(w.ask("account/balance", "", "key-read").code(), "50110");
    auto late = w.signed_request("GET", "account/balance", "", "");
    w.step(Nanos::seconds(30));
    EXPECT_EQ(w.send(late).code(), "0") << "the same request again, within its time";
    w.step(Nanos::millis(1));
    EXPECT_EQ(w.send(late).code(), "50102");
    auto read_only = w.signed_request("POST", "trade/order", "", "{}", "key-read");
    read_only.peer = "10.9.9.9";
    EXPECT_EQ(w.send(read_only).code(), "50120");
}

TEST(OkxDoors, PathsMethodsBodies) {
    OkxWorld w;
    EXPECT_EQ(w.get("public/nothing").status, 404);
    EXPECT_EQ(w.send({"POST", "/api/v5/public/time", "", "{}", {}}).code(), "50115");
    EXPECT_EQ(w.send(w.signed_request("POST", "trade/order", "", "")).code(), "50000");
    EXPECT_EQ(w.send(w.signed_request("POST", "trade/order", "", "{\"a\":")).code(), "50002");
    EXPECT_EQ(w.get("public/instruments").code(), "50014");
    EXPECT_EQ(w.get("public/instruments", "instType=STOCK").code(), "51000");
    EXPECT_EQ(w.get("market/books", "instId=NO-USDT").code(), "51001");
    EXPECT_EQ(w.get("market/books", "instId=BTC-USDT&sz=401").code(), "51000");
}

TEST(OkxDoors, LimitsAreCountedByAddressAndFreeAgain) {
    OkxWorld w;
    for (int i = 0; i < 10; ++i) EXPECT_EQ(w.get("public/time").code(), "0");
    const auto over = w.get("public/time");
    EXPECT_EQ(over.status, 429);
    EXPECT_EQ(over.code(), "50011");
    EXPECT_EQ(w.send({"GET", "/api/v5/public/time", "", "", {}, "10.0.0.2"}).code(), "0");
    w.step(Nanos::millis(2'100));
    EXPECT_EQ(w.get("public/time").code(), "0");
}

TEST(OkxDoors, SixtyOrdersInTwoSecondsOfAnInstrument) {
    OkxWorld w;
    for (int i = 0; i < 60; ++i) EXPECT_EQ(w.limit("buy", "100", "0.001").code(), "0") << i;
    EXPECT_EQ(w.limit("buy", "100", "0.001").code(), "50011");
    Json batch = Json::array();
    for (int i = 0; i < 2; ++i)
        batch.push_back({{"instId", "BTC-USDT"},
                         {"tdMode", "cash"},
                         {"side", "buy"},
                         {"ordType", "limit"},
                         {"px", "100"},
                         {"sz", "0.001"}});
    EXPECT_EQ(w.post("trade/batch-orders", batch).code(), "0") << "batches have their own bucket";
}

TEST(OkxMarket, InstrumentsBookTicker) {
    OkxWorld w;
    const auto swap = w.get("public/instruments", "instType=SWAP&instId=BTC-USDT-SWAP");
    EXPECT_EQ(swap.row()["ctVal"], "0.01");
    EXPECT_EQ(swap.row()["lotSz"], "0.01");
    EXPECT_TRUE(swap.row()["instIdCode"].is_number_integer());
    EXPECT_EQ(w.get("public/instruments", "instType=FUTURES").body["data"].size(), 0u);
    w.limit("buy", "50000.1", "0.5");
    w.limit("sell", "50001", "0.25", "limit", "key-other");
    const Json book = w.get("market/books", "instId=BTC-USDT&sz=5").row();
    EXPECT_EQ(book["bids"], Json::parse(R"([["50000.1","0.5","0","1"]])"));
    EXPECT_EQ(book["asks"], Json::parse(R"([["50001","0.25","0","1"]])"));
    w.limit("buy", "50001", "0.25");
    const Json ticker = w.get("market/ticker", "instId=BTC-USDT").row();
    EXPECT_EQ(ticker["last"], "50001");
    EXPECT_EQ(ticker["vol24h"], "0.25");
    EXPECT_EQ(ticker["askPx"], "");
    EXPECT_EQ(w.get("market/trades", "instId=BTC-USDT").row()["side"], "buy");
    w.step(Nanos::seconds(120));
    const auto candles = w.get("market/candles", "instId=BTC-USDT&bar=1m");
    ASSERT_EQ(candles.body["data"].size(), 3u) << "minutes without trades are there too";
    EXPECT_EQ(candles.row(2)[5], "0.25");
    EXPECT_EQ(candles.row(2)[8], "1");
    EXPECT_EQ(candles.row(0)[8], "0");
}

TEST(OkxTrade, PlaceQueryAmendCancel) {
    OkxWorld w;
    const auto placed = w.post("trade/order", {{"instId", "BTC-USDT"},
                                               {"tdMode", "cash"},
                                               {"side", "buy"},
                                               {"ordType", "limit"},
                                               {"px", "2.1"},
                                               {"sz", "2"},
                                               {"clOrdId", "b15"},
                                               {"tag", "t1"}});
    ASSERT_EQ(placed.row()["sCode"], "0");
    const std::string id = placed.row()["ordId"];
    EXPECT_TRUE(placed.body.contains("inTime"));
    const Json order = w.ask("trade/order", "instId=BTC-USDT&clOrdId=b15").row();
    EXPECT_EQ(order["ordId"], id);
    EXPECT_EQ(order["state"], "live");
    EXPECT_EQ(order["avgPx"], "");
    EXPECT_EQ(order["tag"], "t1");
    EXPECT_EQ(w.limit("buy", "1", "1").code(), "0");
    EXPECT_EQ(w.ask("trade/orders-pending", "after=" + std::to_string(std::stoull(id) + 1))
                  .body["data"]
                  .size(),
              1u);
    const auto amended =
        w.post("trade/amend-order", {{"instId", "BTC-USDT"}, {"ordId", id}, {"newSz", "3"}});
    EXPECT_EQ(amended.row()["sCode"], "0");
    EXPECT_EQ(w.ask("trade/order", "instId=BTC-USDT&ordId=" + id).row()["sz"], "3");
    const Json cancel = {{"instId", "BTC-USDT"}, {"clOrdId", "b15"}};
    EXPECT_EQ(w.post("trade/cancel-order", cancel).row()["sCode"], "0");
    EXPECT_EQ(w.post("trade/cancel-order", cancel).row()["sCode"], "51400");
    EXPECT_EQ(w.post("trade/amend-order", {{"instId", "BTC-USDT"}, {"ordId", id}, {"newSz", "4"}})
                  .row()["sCode"],
              "51503");
    EXPECT_EQ(w.ask("trade/order", "instId=BTC-USDT&ordId=" + id).row()["cancelSource"], "1");
    EXPECT_EQ(w.ask("trade/order", "instId=BTC-USDT&ordId=1").code(), "51603");
    w.step(Nanos::seconds(7'201));
    EXPECT_EQ(w.ask("trade/order", "instId=BTC-USDT&ordId=" + id).code(), "51603")
        << "unfilled ones are kept two hours";
}

TEST(OkxTrade, EveryRefusalHasItsCode) {
    OkxWorld w;
    const auto refused = [&w](Json change) {
        Json order = {{"instId", "BTC-USDT"}, {"tdMode", "cash"}, {"side", "buy"},
                      {"ordType", "limit"},   {"px", "50000"},    {"sz", "0.01"}};
        order.update(change);
        const auto reply = w.post("trade/order", order);
        EXPECT_EQ(reply.status, 200);
        EXPECT_EQ(reply.code(), reply.row()["sCode"] == "0" ? "0" : "1");
        w.step(Nanos::millis(100));
        return reply.row()["sCode"].get<std::string>();
    };
    EXPECT_EQ(refused({{"instId", "NO-USDT"}}), "51001");
    EXPECT_EQ(refused({{"side", "up"}}), "51000");
    EXPECT_EQ(refused({{"tdMode", "cross"}}), "51010");
    EXPECT_EQ(refused({{"ordType", "gtd"}}), "51000");
    EXPECT_EQ(refused({{"clOrdId", "with-dash"}}), "51000");
    EXPECT_EQ(refused({{"px", ""}}), "50014");
    EXPECT_EQ(refused({{"px", "-1"}}), "51000");
    EXPECT_EQ(refused({{"px", "50000.05"}}), "51150");
    EXPECT_EQ(refused({{"sz", "0.000001"}}), "51020");
    EXPECT_EQ(refused({{"sz", "0.0000000001"}}), "51121");
    EXPECT_EQ(refused({{"sz", "1000"}}), "51008");
    EXPECT_EQ(refused({{"clOrdId", "twin"}}), "0");
    EXPECT_EQ(refused({{"clOrdId", "twin"}}), "51016");
    const Json swap = {{"instId", "BTC-USDT-SWAP"}, {"tdMode", "cross"}, {"sz", "1"}};
    const auto on_swap = [&](Json change) {
        Json all = swap;
        all.update(change);
        return refused(all);
    };
    EXPECT_EQ(on_swap({{"reduceOnly", true}}), "51169");
    EXPECT_EQ(on_swap({{"posSide", "long"}}), "51000");
    EXPECT_EQ(on_swap({{"tdMode", "cash"}}), "51000");
    EXPECT_EQ(on_swap({{"sz", "0.001"}}), "51121");
    EXPECT_EQ(on_swap({{"sz", "100000"}}), "51008");
    w.venue.set_index(
        *w.venue.find_listing(Market::Okx, "BTC-USDT-SWAP"),
        *w.venue.listing(*w.venue.find_listing(Market::Okx, "BTC-USDT-SWAP")).parse_price("50000"),
        w.server.time);
    EXPECT_EQ(on_swap({{"px", "60000"}}), "51006");
    EXPECT_EQ(on_swap({{"px", "60000"}, {"pxAmendType", "1"}}), "0");
    EXPECT_EQ(refused({{"ordType", "fok"}, {"stpMode", "cancel_both"}}), "54036");
    auto late = w.signed_request("POST", "trade/order", "", "{}");
    late.headers.push_back({"expTime", "1597026383085"});
    EXPECT_EQ(w.send(late).code(), "50036");
}

TEST(OkxTrade, FillsFeesAndMarketOrdersInQuote) {
    OkxWorld w;
    w.limit("sell", "50000", "1", "limit", "key-other");
    const auto bought = w.post("trade/order", {{"instId", "BTC-USDT"},
                                               {"tdMode", "cash"},
                                               {"side", "buy"},
                                               {"ordType", "market"},
                                               {"sz", "1000"}});
    ASSERT_EQ(bought.row()["sCode"], "0") << bought.body;
    const std::string id = bought.row()["ordId"];
    const Json order = w.ask("trade/order", "instId=BTC-USDT&ordId=" + id).row();
    EXPECT_EQ(order["state"], "filled");
    EXPECT_EQ(order["accFillSz"], "0.02");
    EXPECT_EQ(order["avgPx"], "50000");
    EXPECT_EQ(order["sz"], "1000");
    EXPECT_EQ(order["tgtCcy"], "quote_ccy");
    EXPECT_EQ(order["fee"], "-0.00002");
    EXPECT_EQ(order["feeCcy"], "BTC");
    const Json fill = w.ask("trade/fills", "instType=SPOT").row();
    EXPECT_EQ(fill["execType"], "T");
    EXPECT_EQ(fill["feeRate"], "-0.001");
    EXPECT_EQ(w.ask("account/balance", "ccy=BTC").row()["details"][0]["cashBal"], "10.01998");
    EXPECT_EQ(w.ask("account/bills", "").row()["type"], "2");
    EXPECT_TRUE(w.venue.audit());
}

TEST(OkxTrade, CancelAllAfterTakesTheTagsOrders) {
    OkxWorld w;
    Json order = {{"instId", "BTC-USDT"}, {"tdMode", "cash"}, {"side", "buy"}, {"ordType", "limit"},
                  {"px", "100"},          {"sz", "1"},        {"tag", "x"}};
    w.post("trade/order", order);
    order["tag"] = "y";
    w.post("trade/order", order);
    EXPECT_EQ(w.post("trade/cancel-all-after", {{"timeOut", "5"}}).code(), "51000");
    const auto armed = w.post("trade/cancel-all-after", {{"timeOut", "10"}, {"tag", "x"}});
    EXPECT_EQ(armed.row()["tag"], "x");
    EXPECT_EQ(w.front->next_due(), w.server.time + Nanos::seconds(10));
    w.step(Nanos::millis(9'999));
    EXPECT_EQ(w.ask("trade/orders-pending").body["data"].size(), 2u);
    w.step(Nanos::millis(1));
    const auto left = w.ask("trade/orders-pending");
    ASSERT_EQ(left.body["data"].size(), 1u);
    EXPECT_EQ(left.row()["tag"], "y");
    EXPECT_EQ(w.ask("trade/orders-history", "instType=SPOT").row()["cancelSource"], "20");
}

TEST(OkxAccount, SwapPositionInContracts) {
    OkxWorld w;
    const Json sell = {{"instId", "BTC-USDT-SWAP"}, {"tdMode", "cross"}, {"side", "sell"},
                       {"ordType", "limit"},        {"px", "50000"},     {"sz", "3"}};
    Json buy = sell;
    buy["side"] = "buy";
    EXPECT_EQ(w.post("account/set-leverage",
                     {{"instId", "BTC-USDT-SWAP"}, {"lever", "10"}, {"mgnMode", "cross"}})
                  .row()["lever"],
              "10");
    EXPECT_EQ(w.post("account/set-leverage",
                     {{"instId", "BTC-USDT-SWAP"}, {"lever", "500"}, {"mgnMode", "cross"}})
                  .code(),
              "59102");
    w.post("trade/order", sell, "key-other");
    w.post("trade/order", buy);
    const Json position = w.ask("account/positions").row();
    EXPECT_EQ(position["pos"], "3");
    EXPECT_EQ(position["avgPx"], "50000");
    EXPECT_EQ(position["lever"], "10");
    EXPECT_EQ(w.ask("account/positions", "", "key-other").row()["pos"], "-3");
    Json bid = buy;
    bid["px"] = "49990";
    w.post("trade/order", bid, "key-other");
    EXPECT_EQ(
        w.post("trade/close-position", {{"instId", "BTC-USDT-SWAP"}, {"mgnMode", "cross"}}).code(),
        "0");
    EXPECT_EQ(w.ask("account/positions").body["data"].size(), 0u);
    EXPECT_EQ(
        w.post("trade/close-position", {{"instId", "BTC-USDT-SWAP"}, {"mgnMode", "cross"}}).code(),
        "51023");
}

TEST(OkxAsset, TransfersAndWithdrawals) {
    FrontSettings settings;
    settings.withdrawal_addresses = {"home"};
    OkxWorld w{settings};
    const auto moved =
        w.post("asset/transfer",
               {{"ccy", "USDT"}, {"amt", "100"}, {"from", "18"}, {"to", "6"}, {"clientId", "c1"}});
    ASSERT_EQ(moved.code(), "0");
    EXPECT_EQ(w.ask("asset/transfer-state", "clientId=c1").row()["state"], "success");
    EXPECT_EQ(w.ask("asset/balances").row()["bal"], "100");
    EXPECT_EQ(
        w.post("asset/transfer", {{"ccy", "USDT"}, {"amt", "101"}, {"from", "6"}, {"to", "18"}})
            .code(),
        "58116");
    Json out = {{"ccy", "USDT"}, {"amt", "10"}, {"dest", "4"}, {"toAddr", "nowhere"}};
    EXPECT_EQ(w.post("asset/withdrawal", out).code(), "58207");
    out["toAddr"] = "home";
    EXPECT_EQ(w.post("asset/withdrawal", out).code(), "0");
    EXPECT_EQ(w.ask("asset/withdrawal-history").row()["state"], "0");
    w.step(Nanos::seconds(121));
    EXPECT_EQ(w.ask("asset/withdrawal-history").row()["state"], "2");
    EXPECT_EQ(w.post("asset/withdrawal", out, "key-other").code(), "50120");
}

}  // namespace
}  // namespace parallax::sim_okx
