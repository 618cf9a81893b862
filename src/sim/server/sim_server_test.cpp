#include "sim/server/sim_server.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "net/socket_transport.hpp"
#include "runtime/clock.hpp"
#include "sim/server/background_server.hpp"
#include "sim/venues/common/crypto.hpp"
#include "sim/venues/common/json.hpp"

namespace parallax::sim_server {
namespace {

using sim_front::Json;

/// A client of our own that trusts the server's authority.
class Client {
public:
    explicit Client(const SimServer& server) {
        ca_ = ::testing::TempDir() + "plx_sim_ca_" + std::to_string(::getpid()) + ".pem";
        EXPECT_TRUE(server.write_authority(ca_));
        net::ClientOptions options;
        options.extra_ca_file = ca_;
        for (std::size_t i = 0; i < kDoorCount; ++i) {
            const std::uint16_t port = server.port(static_cast<Door>(i));
            options.overrides.push_back({"localhost:" + std::to_string(port), "127.0.0.1", port});
        }
        auto made = net::make_socket_transport(options);
        EXPECT_TRUE(made) << made.error().detail;
        transport = std::move(*made);
    }
    ~Client() { ::unlink(ca_.c_str()); }

    /// Until an event of this kind; `step` runs in between.
    template <class Step>
    std::string next(ports::NetEventKind kind, Step&& step) {
        for (int i = 0; i < 5'000; ++i) {
            for (const ports::NetEvent& event : transport->poll(Nanos::millis(1))) {
                if (event.kind == kind) {
                    status = event.code;
                    return std::string{event.bytes};
                }
                if (event.kind == ports::NetEventKind::Failed) return std::string{event.bytes};
            }
            step();
        }
        return "nothing came";
    }
    template <class Step>
    std::string get(const std::string& url, Step&& step) {
        EXPECT_TRUE(transport->request({"GET", url, {}, "", Nanos::seconds(10)}));
        return next(ports::NetEventKind::Response, step);
    }

    std::unique_ptr<ports::Transport> transport;
    std::uint16_t status = 0;

private:
    std::string ca_;
};

constexpr auto kNothing = [] {};

ServerSettings quick() {
    ServerSettings s;
    s.warm_up = Nanos::seconds(2);
    return s;
}

TEST(SimServer, AllFourDoorsAnswerOverTls) {
    const auto server = BackgroundServer::start(quick());
    ASSERT_TRUE(server) << server.error().detail;
    const SimServer& facts = (*server)->facts();
    Client client{facts};
    const auto url = [&](Door door, const char* path) {
        return "https://" + facts.host(door) + path;
    };
    const Json spot = Json::parse(
        client.get(url(Door::BinanceSpot, "/api/v3/depth?symbol=BTCUSDT&limit=5"), kNothing));
    EXPECT_EQ(spot["bids"].size(), 5u);
    const Json usdm = Json::parse(
        client.get(url(Door::BinanceUsdm, "/fapi/v1/depth?symbol=BTCUSDT&limit=5"), kNothing));
    EXPECT_EQ(usdm["asks"].size(), 5u);
    const Json okx = Json::parse(
        client.get(url(Door::Okx, "/api/v5/market/trades?instId=BTC-USDT&limit=5"), kNothing));
    EXPECT_EQ(okx["data"].size(), 5u) << "the warm-up traded";
    const Json bybit = Json::parse(client.get(
        url(Door::Bybit, "/v5/market/tickers?category=linear&symbol=BTCUSDT"), kNothing));
    EXPECT_EQ(bybit["result"]["list"].size(), 1u);
    // One world: prices of the venues are less than a percent apart.
    const double mine = std::stod(spot["bids"][0][0].get<std::string>());
    const double theirs = std::stod(bybit["result"]["list"][0]["lastPrice"].get<std::string>());
    EXPECT_NEAR(mine / theirs, 1.0, 0.01);
}

TEST(SimServer, ClientsClocksFitAtTheSpeedOfTheWall) {
    const auto server = BackgroundServer::start(quick());
    ASSERT_TRUE(server);
    const SimServer& facts = (*server)->facts();
    Client client{facts};
    const sim_front::ApiKey& key = facts.accounts()[0].keys[0].key;
    const std::string query = "timestamp=" + std::to_string(runtime::wall_now().millis());
    const std::string url =
        "https://" + facts.host(Door::BinanceSpot) + "/api/v3/account?" + query +
        "&signature=" + sim_front::hex(sim_front::hmac_sha256(key.secret, query));
    ASSERT_TRUE(client.transport->request(
        {"GET", url, {{"X-MBX-APIKEY", key.id}}, "", Nanos::seconds(10)}));
    const Json account = Json::parse(client.next(ports::NetEventKind::Response, kNothing));
    EXPECT_EQ(client.status, 200);
    EXPECT_EQ(account["balances"][0]["free"].is_string(), true) << account;
    bool sound = false;
    (*server)->ask([&](SimServer& s) { sound = s.venue(Venue::Binance).audit(); });
    EXPECT_TRUE(sound);
}

TEST(SimServer, SteppedTimeGivesTheSameWorldTwice) {
    const auto run = [] {
        ServerSettings s = quick();
        s.speed = 0;
        s.start = UnixNanos::from_millis(1'767'225'600'000);
        s.seed = 7;
        const auto made = SimServer::start(s);
        EXPECT_TRUE(made);
        SimServer& server = **made;
        Client client{server};
        server.advance(Nanos::seconds(3));
        EXPECT_EQ(server.now(), s.start + Nanos::seconds(3));
        return client.get(
            "https://" + server.host(Door::Okx) + "/api/v5/market/books?instId=ETH-USDT&sz=50",
            [&] { server.poll(Nanos{}); });
    };
    const std::string first = run();
    EXPECT_GT(first.size(), 1'000u) << first;
    EXPECT_EQ(first, run());
}

TEST(SimServer, TimeRunsAtItsSpeed) {
    ServerSettings s = quick();
    s.speed = 20;
    const auto made = SimServer::start(s);
    ASSERT_TRUE(made);
    const UnixNanos before = (*made)->now();
    const MonoNanos wall = runtime::mono_now();
    while (runtime::mono_now() - wall < Nanos::millis(300)) (*made)->poll(Nanos::millis(1));
    const Nanos passed = (*made)->now() - before;
    EXPECT_GT(passed, Nanos::seconds(4));
    EXPECT_LT(passed, Nanos::seconds(20));
}

TEST(SimServer, RefusesWhatCannotBe) {
    const auto first = SimServer::start(quick());
    ASSERT_TRUE(first);
    ServerSettings taken = quick();
    taken.ports[2] = (*first)->port(Door::Okx);
    const auto second = SimServer::start(taken);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::Unavailable);
    EXPECT_TRUE(second.error().detail.starts_with("okx: ")) << second.error().detail;
    ServerSettings wrong = quick();
    wrong.accounts = standard_accounts(1);
    wrong.accounts[1].holdings.push_back({"GOLD", Amount::units(1)});
    EXPECT_EQ(SimServer::start(wrong).error().detail, "bob: no venue lists GOLD");
    wrong.accounts = {standard_accounts(1)[0], standard_accounts(1)[0]};
    EXPECT_EQ(SimServer::start(wrong).error().code, Errc::Rejected);
}

TEST(SimServer, KeysFollowFromTheSeed) {
    const auto one = standard_accounts(1), again = standard_accounts(1), two = standard_accounts(2);
    EXPECT_EQ(one[0].keys[1].key.secret, again[0].keys[1].key.secret);
    EXPECT_NE(one[0].keys[1].key.secret, two[0].keys[1].key.secret);
    EXPECT_NE(one[0].keys[1].key.secret, one[1].keys[1].key.secret);
}

}  // namespace
}  // namespace parallax::sim_server
