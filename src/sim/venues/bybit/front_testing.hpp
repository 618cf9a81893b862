#pragma once

#include "sim/engine/test_support.hpp"
#include "sim/venues/bybit/front.hpp"
#include "sim/venues/common/crypto.hpp"
#include "sim/venues/common/server_transport_testing.hpp"

namespace parallax::sim_bybit::testing {

using sim_engine::testing::World;
using sim_front::Permission;
using sim_front::RecordedServer;

inline constexpr const char* kSecret = "TESTSECRET0123456789";

/// A venue with two accounts, their keys and a front on sockets in memory. BTCUSDT is spot, BTCPERP
/// linear; tick 0.1, lot 0.001.
struct Desk {
    World world{Venue::Bybit, "base"};
    RecordedServer server;
    sim_front::Keyring keys;
    std::unique_ptr<BybitFront> front;

    explicit Desk(const FrontSettings& settings = {}) {
        for (std::size_t i = 0; i < 2; ++i) {
            sim_front::ApiKey key;
            key.id = "KEY" + std::to_string(i);
            key.secret = kSecret;
            key.permissions = {Permission::Read, Permission::Trade, Permission::Transfer};
            key.account = world.accounts[i];
            keys.add(key);
        }
        sim_front::ApiKey reader;
        reader.id = "READER";
        reader.secret = kSecret;
        reader.permissions = {Permission::Read};
        reader.account = world.accounts[0];
        keys.add(reader);
        server.time = world.now;
        front = std::make_unique<BybitFront>(world.venue, server, keys, settings);
        world.venue.set_index(world.spot, world.price(100), world.now);
        world.venue.set_index(world.perpetual, world.price(100), world.now);
    }
    void wait(std::int64_t ms) {
        server.time = world.now = server.time + Nanos::millis(ms);
        front->advance(server.time);
    }
    [[nodiscard]] static std::string sign(const std::string& text) {
        return sim_front::hex(sim_front::hmac_sha256(kSecret, text));
    }
    [[nodiscard]] static RecordedServer::Request plain(const std::string& path,
                                                       const std::string& query = {},
                                                       const std::string& method = "GET") {
        RecordedServer::Request r;
        r.method = method;
        r.path = path;
        r.query = query;
        return r;
    }
    RecordedServer::Request signed_request(const std::string& method, const std::string& path,
                                           const std::string& content,
                                           const std::string& key = "KEY0") const {
        RecordedServer::Request r;
        r.method = method;
        r.path = path;
        (method == "GET" ? r.query : r.body) = content;
        const std::string stamp = std::to_string(server.time.millis());
        r.headers = {{"X-BAPI-API-KEY", key},
                     {"X-BAPI-TIMESTAMP", stamp},
                     {"X-BAPI-RECV-WINDOW", "5000"},
                     {"X-BAPI-SIGN", sign(stamp + key + "5000" + content)}};
        return r;
    }
    Json ask(const RecordedServer::Request& r) {
        const ports::HttpReply reply = server.request(*front, r);
        EXPECT_EQ(reply.status, 200) << reply.body;
        return Json::parse(reply.body);
    }
    Json get(const std::string& path, const std::string& query = {},
             const std::string& key = "KEY0") {
        return ask(signed_request("GET", path, query, key));
    }
    Json post(const std::string& path, const Json& body, const std::string& key = "KEY0") {
        return ask(signed_request("POST", path, body.dump(), key));
    }
    Json limit(const std::string& category, const std::string& side, const std::string& price,
               const std::string& qty, const std::string& tif = "GTC",
               const std::string& link = {}) const {
        return {{"category", category}, {"symbol", category == "spot" ? "BTCUSDT" : "BTCPERP"},
                {"side", side},         {"orderType", "Limit"},
                {"qty", qty},           {"price", price},
                {"timeInForce", tif},   {"orderLinkId", link}};
    }
    Json create(const Json& order, const std::string& key = "KEY0") {
        return post("/v5/order/create", order, key);
    }
    ports::SessionId open(const std::string& path) {
        RecordedServer::Request r;
        r.path = path;
        return server.open(*front, r);
    }
    ports::SessionId logged_in(const std::string& path, const std::string& key = "KEY0") {
        const ports::SessionId s = open(path);
        const std::int64_t expires = server.time.millis() + 10'000;
        say(s, {{"req_id", "1"},
                {"op", "auth"},
                {"args", {key, expires, sign("GET/realtime" + std::to_string(expires))}}});
        return s;
    }
    void say(ports::SessionId s, const Json& message) { server.message(*front, s, message.dump()); }
    /// Follows topics and takes the answer and what came at once.
    std::vector<Json> follow(ports::SessionId s, const Json& topics) {
        say(s, {{"req_id", "s"}, {"op", "subscribe"}, {"args", topics}});
        return server.take(s);
    }
};

}  // namespace parallax::sim_bybit::testing
