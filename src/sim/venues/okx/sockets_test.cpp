#include "sim/venues/okx/okx_testing.hpp"

namespace parallax::sim_okx {
namespace {

using testing::OkxWorld;

const std::string kBooks =
    R"({"id":"1512","op":"subscribe","args":[{"channel":"books","instId":"BTC-USDT"}]})";

Json subscribe(Json arg) { return {{"op", "subscribe"}, {"args", Json::array({std::move(arg)})}}; }

std::int64_t code_of(const OkxWorld& w, const char* name) {
    return w.venue.listing(*w.venue.find_listing(Market::Okx, name)).definition.venue_code;
}

TEST(OkxSocket, DoorsPingAndSilence) {
    OkxWorld w;
    const auto session = w.open("public");
    ASSERT_TRUE(session.valid());
    EXPECT_FALSE(w.open("nothing").valid());
    EXPECT_EQ(w.server.refusal.status, 404);
    w.say(session, "ping");
    ASSERT_EQ(w.server.sent[session.raw()].back(), "pong");
    w.server.sent.clear();
    w.say(session, "{nonsense");
    EXPECT_EQ(w.server.take_one(session)["code"], "60012");
    w.say(session, R"({"op":"dance","args":[1]})");
    EXPECT_EQ(w.server.take_one(session)["code"], "60019");
    w.say(session, kBooks);
    w.server.sent.clear();
    w.step(Nanos::seconds(29));
    EXPECT_FALSE(w.server.closed.contains(session.raw()));
    w.say(session, "ping");
    w.step(Nanos::seconds(29));
    EXPECT_FALSE(w.server.closed.contains(session.raw()));
    w.step(Nanos::seconds(1));
    EXPECT_EQ(w.server.closed[session.raw()], 4004);
    w.server.time = w.server.time + Nanos::seconds(2);
    for (int i = 0; i < 4; ++i) {
        const auto opened = w.server.open(*w.front, {"GET", "/ws/v5/public", "", "", {}});
        EXPECT_EQ(opened.valid(), i < 3) << "three a second";
    }
}

TEST(OkxSocket, WhoSubscribesToNothingIsClosed) {
    OkxWorld w;
    const auto session = w.open("public");
    w.step(Nanos::seconds(15));
    w.say(session, "ping");
    w.step(Nanos::seconds(15));
    EXPECT_EQ(w.server.closed[session.raw()], 4004);
}

TEST(OkxSocket, LoginAndItsRefusals) {
    OkxWorld w;
    const auto refused = [&w](auto change) {
        const auto session = w.open("private");
        Json login = Json::parse(w.login_text());
        change(login["args"][0]);
        w.say(session, login.dump());
        EXPECT_EQ(w.server.closed[session.raw()], 4001);
        return w.server.take_one(session).value("code", "");
    };
    EXPECT_EQ(refused([](Json& a) { a["timestamp"] = "soon"; }), "60004");
    EXPECT_EQ(refused([](Json& a) { a["timestamp"] = "1538054050"; }), "60006");
    EXPECT_EQ(refused([](Json& a) { a["apiKey"] = ""; }), "60005");
    EXPECT_EQ(refused([](Json& a) { a["apiKey"] = "nobody"; }), "60032");
    EXPECT_EQ(refused([](Json& a) { a["sign"] = "AAAA"; }), "60007");
    EXPECT_EQ(refused([](Json& a) { a["passphrase"] = "x"; }), "60024");
    const auto session = w.logged_in();
    w.say(session, w.login_text());
    EXPECT_EQ(w.server.take_one(session)["code"], "60031");
    const auto stranger = w.open("private");
    w.say(stranger, subscribe({{"channel", "orders"}, {"instType", "ANY"}}).dump());
    EXPECT_EQ(w.server.take_one(stranger)["code"], "60011");
    w.say(stranger, R"({"id":"1","op":"order","args":[{}]})");
    EXPECT_EQ(w.server.take_one(stranger)["code"], "60011");
}

TEST(OkxSocket, ManySubscriptionsAreTooFrequent) {
    OkxWorld w;
    const auto session = w.open("public");
    for (int i = 0; i < 480; ++i) w.say(session, kBooks);
    w.server.sent.clear();
    w.say(session, kBooks);
    EXPECT_EQ(w.server.take_one(session)["code"], "60014");
}

TEST(OkxStreams, BooksChainHeartbeatAndJoiner) {
    OkxWorld w;
    w.limit("buy", "50000", "1");
    const auto session = w.open("public");
    w.say(session, kBooks);
    auto told = w.server.take(session);
    ASSERT_EQ(told.size(), 2u);
    EXPECT_EQ(told[0]["event"], "subscribe");
    EXPECT_EQ(told[0]["id"], "1512");
    EXPECT_EQ(told[1]["action"], "snapshot");
    Json row = told[1]["data"][0];
    EXPECT_EQ(row["prevSeqId"], -1);
    EXPECT_EQ(row["checksum"], 0);
    EXPECT_EQ(row["bids"], Json::parse(R"([["50000","1","0","1"]])"));
    const Json first = row["seqId"];
    w.limit("buy", "49999.9", "0.2");
    EXPECT_TRUE(w.server.take(session).empty()) << "not before the interval's end";
    const auto joiner = w.open("public");  // a second later
    w.say(joiner, kBooks);
    const Json snapshot = w.server.take(joiner)[1]["data"][0];
    EXPECT_EQ(snapshot["seqId"], first) << "what the others were told";
    w.step(Nanos::millis(100));
    const Json update = w.server.take_one(session);
    EXPECT_EQ(w.server.take_one(joiner), update);
    EXPECT_EQ(update["action"], "update");
    EXPECT_EQ(update["data"][0]["prevSeqId"], first);
    EXPECT_EQ(update["data"][0]["bids"], Json::parse(R"([["49999.9","0.2","0","1"]])"));
    for (int i = 0; i < 3; ++i) {
        w.say(session, "ping");
        w.say(joiner, "ping");
        w.server.sent.clear();
        w.step(Nanos::seconds(20));
    }
    const Json heartbeat = w.server.take_one(session)["data"][0];
    EXPECT_EQ(heartbeat["seqId"], heartbeat["prevSeqId"]);
    EXPECT_EQ(heartbeat["seqId"], update["data"][0]["seqId"]);
    EXPECT_TRUE(heartbeat["bids"].empty());
}

TEST(OkxStreams, TradesOfOneTakerAndPriceTogether) {
    OkxWorld w;
    const auto trades = w.open("public");
    w.say(trades, subscribe({{"channel", "trades"}, {"instId", "BTC-USDT"}}).dump());
    const auto all = w.open("business");
    w.say(all, subscribe({{"channel", "trades-all"}, {"instId", "BTC-USDT"}}).dump());
    w.limit("sell", "50000", "0.1", "limit", "key-other");
    w.limit("sell", "50000", "0.2", "limit", "key-other");
    w.limit("sell", "50001", "0.3", "limit", "key-other");
    w.server.sent.clear();
    w.limit("buy", "50001", "0.5");
    const auto told = w.server.take(trades);
    ASSERT_EQ(told.size(), 2u);
    EXPECT_EQ(told[0]["data"][0]["count"], "2");
    EXPECT_EQ(told[0]["data"][0]["sz"], "0.3");
    EXPECT_EQ(told[1]["data"][0]["sz"], "0.2");
    EXPECT_EQ(w.server.take(all).size(), 3u);
}

TEST(OkxStreams, WrongUrlUnknownInstrumentAndTier) {
    OkxWorld w;
    const auto session = w.open("public");
    for (const Json& arg :
         {Json{{"channel", "candle1m"}, {"instId", "BTC-USDT"}},
          Json{{"channel", "books"}, {"instId", "NO-USDT"}}, Json{{"channel", "gossip"}},
          Json{{"channel", "orders"}, {"instType", "ANY"}},
          Json{{"channel", "funding-rate"}, {"instId", "BTC-USDT"}}}) {
        w.say(session, subscribe(arg).dump());
        EXPECT_EQ(w.server.take_one(session)["code"], "60018") << arg;
    }
    const Json fast = subscribe({{"channel", "books-l2-tbt"}, {"instId", "BTC-USDT"}});
    w.say(session, fast.dump());
    EXPECT_EQ(w.server.take_one(session)["code"], "60011");
    w.say(session, w.login_text());
    w.server.sent.clear();
    w.say(session, fast.dump());
    EXPECT_EQ(w.server.take_one(session)["code"], "64003");
    FrontSettings settings;
    settings.vip4 = {w.me.raw()};
    OkxWorld vip{settings};
    const auto richer = vip.open("public");
    vip.say(richer, vip.login_text());
    vip.say(richer, fast.dump());
    vip.server.sent.clear();
    vip.say(richer, kBooks);
    const auto told = vip.server.take(richer);
    ASSERT_EQ(told.size(), 2u);
    EXPECT_EQ(told[0]["event"], "subscribe");
    EXPECT_EQ(told[1]["code"], "64004");
}

TEST(OkxOrderSocket, OrdersByCodeAndTheirPushes) {
    OkxWorld w;
    const auto session = w.logged_in();
    w.say(session, subscribe({{"channel", "orders"}, {"instType", "ANY"}}).dump());
    w.say(session, subscribe({{"channel", "account"}}).dump());
    w.say(session, subscribe({{"channel", "balance_and_position"}}).dump());
    const auto greetings = w.server.take(session);
    ASSERT_EQ(greetings.size(), 8u);  // ack, [snapshot,] connection count
    EXPECT_EQ(greetings[1]["event"], "channel-conn-count");
    EXPECT_EQ(greetings[3]["eventType"], "snapshot");
    const auto code = code_of(w, "BTC-USDT");
    Json order = {{"id", "7"},
                  {"op", "order"},
                  {"args", Json::array({{{"instIdCode", code},
                                         {"tdMode", "cash"},
                                         {"side", "buy"},
                                         {"ordType", "limit"},
                                         {"px", "50000"},
                                         {"sz", "1"},
                                         {"clOrdId", "a1"}}})}};
    w.say(session, order.dump());
    auto told = w.server.take(session);
    ASSERT_EQ(told.size(), 4u);
    EXPECT_EQ(told[0]["op"], "order");
    EXPECT_EQ(told[0]["data"][0]["sCode"], "0");
    EXPECT_EQ(told[1]["data"][0]["state"], "live");
    EXPECT_EQ(told[1]["arg"]["channel"], "orders");
    EXPECT_TRUE(told[1]["arg"].contains("uid"));
    EXPECT_EQ(told[2]["eventType"], "event_update");
    EXPECT_EQ(told[2]["data"][0]["details"][0]["ordFrozen"], "50000");
    w.limit("sell", "50000", "0.4", "ioc", "key-other");
    told = w.server.take(session);
    ASSERT_GE(told.size(), 2u);
    const Json& fill = told[0]["data"][0];
    EXPECT_EQ(fill["state"], "partially_filled");
    EXPECT_EQ(fill["execType"], "M");
    EXPECT_EQ(fill["fillSz"], "0.4");
    EXPECT_EQ(fill["fillFee"], "-0.00032");
    EXPECT_EQ(fill["fillFeeCcy"], "BTC");
    const Json& lean = told.back()["data"][0];
    EXPECT_EQ(lean["eventType"], "filled");
    EXPECT_EQ(lean["trades"].size(), 1u);
    w.say(
        session,
        Json{
            {"id", "8"},
            {"op", "amend-order"},
            {"args",
             Json::array(
                 {{{"instIdCode", code}, {"clOrdId", "a1"}, {"newPx", "49999"}, {"reqId", "r1"}}})}}
            .dump());
    told = w.server.take(session);
    EXPECT_EQ(told[1]["data"][0]["reqId"], "r1");
    EXPECT_EQ(told[1]["data"][0]["amendResult"], "0");
    EXPECT_EQ(told[1]["data"][0]["px"], "49999");
    w.say(session, Json{{"id", "9"},
                        {"op", "batch-cancel-orders"},
                        {"args", Json::array({{{"instIdCode", code}, {"clOrdId", "a1"}},
                                              {{"instIdCode", code}, {"ordId", "1"}}})}}
                       .dump());
    told = w.server.take(session);
    EXPECT_EQ(told[0]["code"], "2");
    EXPECT_EQ(told[0]["data"][1]["sCode"], "51400");
    EXPECT_EQ(told[1]["data"][0]["state"], "canceled");
    EXPECT_EQ(told[1]["data"][0]["cancelSource"], "1");
    order["args"][0]["instId"] = "BTC-USDT";
    order["args"][0].erase("instIdCode");
    w.say(session, order.dump());
    EXPECT_EQ(w.server.take_one(session)["data"][0]["sCode"], "50014") << "instId is ignored";
    order["args"][0]["instIdCode"] = 1;
    w.say(session, order.dump());
    EXPECT_EQ(w.server.take_one(session)["data"][0]["sCode"], "51001");
    order["args"][0]["instIdCode"] = code;
    order["expTime"] = "1597026383085";
    w.say(session, order.dump());
    EXPECT_EQ(w.server.take_one(session)["code"], "50036");
    order.erase("id");
    w.say(session, order.dump());
    EXPECT_EQ(w.server.take_one(session)["code"], "60033");
    EXPECT_TRUE(w.venue.audit());
}

TEST(OkxOrderSocket, HowOrdersEnd) {
    for (const bool old : {false, true}) {
        FrontSettings settings;
        settings.post_only_tells_live = old;
        OkxWorld w{settings};
        const auto session = w.logged_in();
        w.say(session, subscribe({{"channel", "orders"}, {"instType", "SPOT"}}).dump());
        w.limit("sell", "50000", "1", "limit", "key-other");
        const auto end = [&](const std::string& kind, const std::string& px,
                             const std::string& sz) {
            w.server.sent.clear();
            EXPECT_EQ(w.limit("buy", px, sz, kind).row()["sCode"], "0");
            std::string states;
            Json last;
            for (const Json& told : w.server.take(session)) {
                last = told["data"][0];
                states += last["state"].get<std::string>() + " ";
            }
            return states + last["cancelSource"].get<std::string>();
        };
        EXPECT_EQ(end("post_only", "50000", "1"), old ? "live canceled 31" : "canceled 31");
        EXPECT_EQ(end("fok", "50000", "2"), "live canceled 13");
        EXPECT_EQ(end("ioc", "49000", "1"), "live canceled 14");
        EXPECT_EQ(end("ioc", "50000", "1.5"), "live partially_filled canceled 14");
        EXPECT_EQ(end("post_only", "49000", "1"), "live ");
    }
}

TEST(OkxOrderSocket, AQuoteOrderEndsFilled) {
    OkxWorld w;
    const auto session = w.logged_in();
    w.say(session, subscribe({{"channel", "orders"}, {"instType", "SPOT"}}).dump());
    w.limit("sell", "50000", "0.01", "limit", "key-other");
    w.limit("sell", "50001", "1", "limit", "key-other");
    w.server.sent.clear();
    w.post("trade/order", {{"instId", "BTC-USDT"},
                           {"tdMode", "cash"},
                           {"side", "buy"},
                           {"ordType", "market"},
                           {"sz", "1000.33"}});
    const auto told = w.server.take(session);
    ASSERT_EQ(told.size(), 3u);
    EXPECT_EQ(told[1]["data"][0]["state"], "partially_filled");
    EXPECT_EQ(told[2]["data"][0]["state"], "filled");
}

TEST(OkxUserStreams, PositionsAreRepeatedUnlessNotWanted) {
    OkxWorld w;
    const auto session = w.logged_in();
    w.say(session, subscribe({{"channel", "positions"}, {"instType", "SWAP"}}).dump());
    const auto quiet = w.logged_in();
    w.say(quiet, subscribe({{"channel", "positions"},
                            {"instType", "SWAP"},
                            {"extraParams", R"({"updateInterval":"0"})"}})
                     .dump());
    w.server.sent.clear();
    w.step(Nanos::seconds(5));
    EXPECT_EQ(w.server.take_one(session)["eventType"], "snapshot");
    EXPECT_TRUE(w.server.take(quiet).empty());
}

}  // namespace
}  // namespace parallax::sim_okx
