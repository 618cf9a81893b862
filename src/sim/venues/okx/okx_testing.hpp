#pragma once

#include <gtest/gtest.h>

#include <string>

#include "sim/prices/listings.hpp"
#include "sim/venues/common/crypto.hpp"
#include "sim/venues/common/server_transport_testing.hpp"
#include "sim/venues/okx/front.hpp"

namespace parallax::sim_okx::testing {

/// The secret and passphrase of all test keys; the secret is the documents' example.
inline constexpr const char* kSecret = "22582BD0CFF14C41EDBF1AB98506286D";

inline std::string iso(UnixNanos time) {
    const std::int64_t ms = time.millis();
    const std::time_t seconds = static_cast<std::time_t>(ms / 1'000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[40];
    const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    std::string out{text, size};
    std::string fraction = std::to_string(1'000 + ms % 1'000);
    return out + "." + fraction.substr(1) + "Z";
}

/// OKX with its listings, a trader, a counterparty, and a front on sockets in memory.
struct OkxWorld {
    sim_engine::SimVenue venue;
    sim_front::RecordedServer server;
    sim_front::Keyring keyring;
    sim_engine::AccountId me, other;
    std::unique_ptr<OkxFront> front;

    explicit OkxWorld(FrontSettings settings = {}) : venue{venue_settings()} {
        for (const sim_prices::Listing& listing : sim_prices::all_listings()) {
            if (listing.definition.market != Market::Okx) continue;
            EXPECT_TRUE(venue.list(listing.definition));
        }
        for (sim_engine::AccountId* const account : {&me, &other}) {
            sim_engine::AccountSettings s;
            s.name = "trader";
            s.fees = *FeeSchedule::named("base");
            *account = venue.open_account(s);
            for (const char* const name : {"USDT", "BTC"}) {
                venue.grant(*account, sim_engine::Wallet::Trading, venue.asset(name),
                            Amount::units(name[0] == 'U' ? 100'000 : 10));
            }
        }
        using sim_front::Permission;
        keyring.add({"key-me",
                     sim_front::KeyKind::Hmac,
                     kSecret,
                     "pass",
                     {Permission::Read, Permission::Trade, Permission::Withdraw},
                     {},
                     me});
        keyring.add({"key-other",
                     sim_front::KeyKind::Hmac,
                     kSecret,
                     "pass",
                     {Permission::Read, Permission::Trade},
                     {},
                     other});
        keyring.add({"key-read",
                     sim_front::KeyKind::Hmac,
                     kSecret,
                     "pass",
                     {Permission::Read},
                     {"10.9.9.9"},
                     me});
        front = std::make_unique<OkxFront>(venue, server, keyring, std::move(settings));
        front->advance(server.time);
    }
    static sim_engine::VenueSettings venue_settings() {
        sim_engine::VenueSettings s;
        s.venue = Venue::Okx;
        return s;
    }
    void step(Nanos by) {
        server.time = server.time + by;
        venue.advance(server.time);
        front->advance(server.time);
    }

    struct Reply {
        std::uint16_t status;
        Json body;
        [[nodiscard]] std::string code() const { return body.value("code", ""); }
        [[nodiscard]] const Json& row(std::size_t at = 0) const { return body.at("data").at(at); }
    };
    Reply get(const std::string& path, const std::string& query = "") {
        return send({"GET", "/api/v5/" + path, query, "", {}});
    }
    Reply send(sim_front::RecordedServer::Request r) {
        const ports::HttpReply reply = server.request(*front, r);
        return {reply.status, Json::parse(reply.body)};
    }
    sim_front::RecordedServer::Request signed_request(const std::string& method,
                                                      const std::string& path,
                                                      const std::string& query,
                                                      const std::string& body,
                                                      const std::string& key = "key-me") {
        sim_front::RecordedServer::Request r{method, "/api/v5/" + path, query, body, {}};
        const std::string at = iso(server.time);
        const std::string text = at + method + r.path + (query.empty() ? "" : "?" + query) + body;
        r.headers = {{"OK-ACCESS-KEY", key},
                     {"OK-ACCESS-SIGN", sim_front::base64(sim_front::hmac_sha256(kSecret, text))},
                     {"OK-ACCESS-TIMESTAMP", at},
                     {"OK-ACCESS-PASSPHRASE", "pass"}};
        return r;
    }
    Reply ask(const std::string& path, const std::string& query = "",
              const std::string& key = "key-me") {
        return send(signed_request("GET", path, query, "", key));
    }
    Reply post(const std::string& path, const Json& body, const std::string& key = "key-me") {
        return send(signed_request("POST", path, "", body.dump(), key));
    }
    Reply limit(const std::string& side, const std::string& px, const std::string& sz,
                const std::string& kind = "limit", const std::string& key = "key-me") {
        return post("trade/order",
                    {{"instId", "BTC-USDT"},
                     {"tdMode", "cash"},
                     {"side", side},
                     {"ordType", kind},
                     {"px", px},
                     {"sz", sz}},
                    key);
    }

    ports::SessionId open(const std::string& url) {
        server.time = server.time + Nanos::seconds(1);  // three connections a second
        return server.open(*front, {"GET", "/ws/v5/" + url, "", "", {}});
    }
    void say(ports::SessionId session, const std::string& text) {
        server.message(*front, session, text);
    }
    [[nodiscard]] std::string login_text(const std::string& key = "key-me") const {
        const std::string at = std::to_string(server.time.millis() / 1'000);
        const std::string sign =
            sim_front::base64(sim_front::hmac_sha256(kSecret, at + "GET/users/self/verify"));
        return Json{
            {"op", "login"},
            {"args",
             Json::array(
                 {{{"apiKey", key}, {"passphrase", "pass"}, {"timestamp", at}, {"sign", sign}}})}}
            .dump();
    }
    ports::SessionId logged_in(const std::string& key = "key-me") {
        const ports::SessionId session = open("private");
        say(session, login_text(key));
        EXPECT_EQ(server.take_one(session).value("event", ""), "login");
        return session;
    }
};

}  // namespace parallax::sim_okx::testing
