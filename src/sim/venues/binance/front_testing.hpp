#pragma once

#include <gtest/gtest.h>

#include "sim/engine/test_support.hpp"
#include "sim/venues/binance/front.hpp"
#include "sim/venues/common/crypto.hpp"
#include "sim/venues/common/server_transport_testing.hpp"

namespace parallax::sim_binance {

/// Binance with BTCUSDT, its perpetual BTCPERP, and one key that may do everything.
struct BinanceWorld {
    static constexpr std::uint32_t kFuturesListener = 9;

    sim_engine::testing::World world;
    sim_front::Keyring keys;
    sim_front::RecordedServer server;
    std::unique_ptr<BinanceFront> front;

    BinanceWorld() {
        using sim_front::Permission;
        sim_front::ApiKey key;
        key.id = "key";
        key.secret = "secret";
        key.permissions = {Permission::Read, Permission::Trade, Permission::Transfer};
        key.account = world.accounts[0];
        keys.add(key);
        server.time = world.now;
        FrontSettings settings;
        settings.futures = {ports::ListenerId{kFuturesListener}};
        front = std::make_unique<BinanceFront>(world.venue, keys, server, settings);
    }
    struct Answer {
        std::uint16_t status;
        Json body;
    };
    Answer call(const std::string& method, const std::string& path, std::string query = {},
                bool sign = true) {
        if (sign) {
            query += (query.empty() ? "timestamp=" : "&timestamp=") +
                     std::to_string(server.time.millis());
            query += "&signature=" + sim_front::hex(sim_front::hmac_sha256("secret", query));
        }
        const auto reply =
            server.request(*front, {method, path, query, "", {{"X-MBX-APIKEY", "key"}}});
        return {reply.status, Json::parse(reply.body)};
    }
    ports::SessionId open(const std::string& path, bool futures = false) {
        sim_front::RecordedServer::Request request{"GET", path, {}, {}, {}};
        if (futures) request.listener = ports::ListenerId{kFuturesListener};
        return server.open(*front, request);
    }
    void step(Nanos by) {
        server.time = server.time + by;
        world.now = server.time;
        world.venue.advance(server.time);
        front->advance(server.time);
    }
    /// What a session was told of this kind.
    std::vector<Json> told(ports::SessionId session, const char* kind) {
        std::vector<Json> out;
        for (const Json& message : server.take(session)) {
            const Json& event = message.contains("event") ? message["event"] : message;
            if (event.value("e", "") == kind) out.push_back(event);
        }
        return out;
    }
};

}  // namespace parallax::sim_binance
