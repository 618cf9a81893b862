#include <gtest/gtest.h>

#include "sim/engine/test_support.hpp"
#include "sim/venues/binance/front.hpp"
#include "sim/venues/common/crypto.hpp"
#include "sim/venues/common/server_transport_testing.hpp"

namespace parallax::sim_binance {
namespace {

struct Fixture : ::testing::Test {
    sim_engine::testing::World world;
    sim_front::Keyring keys;
    sim_front::RecordedServer server;
    std::unique_ptr<BinanceFront> front;

    Fixture() {
        sim_front::ApiKey key;
        key.id = "key";
        key.secret = "secret";
        key.permissions = {sim_front::Permission::Read, sim_front::Permission::Trade};
        key.account = world.accounts[0];
        keys.add(key);
        server.time = world.now;
        front = std::make_unique<BinanceFront>(world.venue, keys, server, FrontSettings{});
    }
    std::string stamped(const std::string& query, std::int64_t shift = 0) const {
        return query + (query.empty() ? "" : "&") +
               "timestamp=" + std::to_string(server.time.millis() + shift);
    }
    ports::HttpReply call(const std::string& method, const std::string& path, std::string query,
                          bool sign = true, std::int64_t shift = 0) {
        if (sign) {
            query = stamped(query, shift);
            query += "&signature=" + sim_front::hex(sim_front::hmac_sha256("secret", query));
        }
        return server.request(*front, {method, path, query, "", {{"X-MBX-APIKEY", "key"}}});
    }
    static int code(const ports::HttpReply& reply) { return Json::parse(reply.body)["code"]; }
};

constexpr const char* kLimit =
    "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&price=100&quantity=1";

TEST_F(Fixture, PlacesQueriesAndCancels) {
    const auto placed = call("POST", "/api/v3/order", std::string{kLimit} + "&newClientOrderId=a");
    ASSERT_EQ(placed.status, 200) << placed.body;
    const Json order = Json::parse(placed.body);
    EXPECT_EQ(order["status"], "NEW");
    EXPECT_EQ(order["price"], "100.00000000");
    EXPECT_EQ(sim_front::header_of(placed, "X-MBX-ORDER-COUNT-10S"), "1");
    EXPECT_EQ(code(call("POST", "/api/v3/order", std::string{kLimit} + "&newClientOrderId=a")),
              -2010);
    const auto cancelled = call("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=a");
    EXPECT_EQ(Json::parse(cancelled.body)["status"], "CANCELED") << cancelled.body;
    EXPECT_EQ(code(call("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=a")), -2011);
    EXPECT_EQ(code(call("GET", "/api/v3/order", "symbol=BTCUSDT&orderId=7")), -2013);
}

TEST_F(Fixture, TheFuturesWalletShowsAssetsThatNothingSettlesIn) {
    const AssetId odd = *world.venue.find_asset("BTC");
    world.venue.grant(world.accounts[0], sim_engine::Wallet::Derivatives, odd, Amount::units(3));
    const Json rows = Json::parse(call("GET", "/fapi/v3/balance", "").body);
    const auto row = std::ranges::find(rows, "BTC", [](const Json& r) { return r["asset"]; });
    ASSERT_NE(row, rows.end()) << rows;
    EXPECT_EQ((*row)["balance"], "1003.00000000");
}

TEST_F(Fixture, RefusesWhatIsNotSignedNowAndKnown) {
    EXPECT_EQ(code(call("POST", "/api/v3/order", stamped(kLimit) + "&signature=00", false)), -1022);
    EXPECT_EQ(code(call("GET", "/api/v3/account", "", true, -5'001)), -1021);
    EXPECT_EQ(code(call("GET", "/api/v3/account", "", true, 1'000)), -1021);
    EXPECT_EQ(call("GET", "/api/v3/account", "", true, -5'000).status, 200);
    EXPECT_EQ(code(call("GET", "/api/v3/account", "x=1")), -1104);
    EXPECT_EQ(call("GET", "/api/v3/nowhere", "", false).status, 404);
    EXPECT_EQ(code(call("GET", "/api/v3/depth", "symbol=NO", false)), -1121);
}

TEST_F(Fixture, BansWhoIgnoresTheLimit) {
    int status = 0;
    for (int i = 0; i < 6'000 / 250 + 1; ++i)
        status = call("GET", "/api/v3/depth", "symbol=BTCUSDT&limit=5000", false).status;
    EXPECT_EQ(status, 429);
    for (int i = 0; i < 30; ++i)
        status = call("GET", "/api/v3/depth", "symbol=BTCUSDT&limit=5000", false).status;
    EXPECT_EQ(status, 418);
}

TEST_F(Fixture, TellsTheUserStreamAndTheMarket) {
    const auto api = server.open(*front, {"GET", "/ws-api/v3", {}, {}, {}});
    const std::string text = "apiKey=key&timestamp=" + std::to_string(server.time.millis());
    const Json params{{"apiKey", "key"},
                      {"timestamp", server.time.millis()},
                      {"signature", sim_front::hex(sim_front::hmac_sha256("secret", text))}};
    server.message(
        *front, api,
        Json{{"id", 1}, {"method", "userDataStream.subscribe.signature"}, {"params", params}}
            .dump());
    EXPECT_EQ(server.take_one(api)["result"]["subscriptionId"], 0);
    server.message(*front, api, "garbage");
    EXPECT_EQ(server.take_one(api)["status"], 400);
    const auto market = server.open(*front, {"GET", "/ws/btcusdt@depth@100ms", {}, {}, {}});
    ASSERT_EQ(call("POST", "/api/v3/order", kLimit).status, 200);
    const auto told = server.take(api);
    ASSERT_EQ(told.size(), 2u);
    EXPECT_EQ(told[0]["event"]["x"], "NEW");
    EXPECT_EQ(told[1]["event"]["e"], "outboundAccountPosition");
    front->advance(server.time + Nanos::millis(100));
    EXPECT_EQ(server.take_one(market)["b"][0][0], "100.00000000");
}

}  // namespace
}  // namespace parallax::sim_binance
