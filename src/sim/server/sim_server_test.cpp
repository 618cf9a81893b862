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
using sim_world::FaultCommand;
using sim_world::parse_fault;
using sim_world::parse_fault_script;
using sim_world::standard_accounts;

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
        const std::string control = server.control_url().substr(8);
        options.overrides.push_back(
            {control, "127.0.0.1",
             static_cast<std::uint16_t>(std::stoi(control.substr(control.find(':') + 1)))});
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

TEST(SimServer, AccountsHoldTheirPositionsWhenTheDoorsOpen) {
    ServerSettings settings = quick();
    settings.accounts = standard_accounts(settings.seed);
    const auto start = [&](const char* symbol, const char* quantity) {
        settings.accounts[1].positions = {{Venue::Okx, symbol, *Amount::parse(quantity)}};
        return SimServer::start(settings);
    };
    const auto server = start("BTC-USDT-SWAP", "-0.05");
    ASSERT_TRUE(server) << server.error().detail;
    sim_world::SimWorld& world = (*server)->world();
    sim_engine::SimVenue& okx = world.venue(Venue::Okx);
    const auto id = okx.find_listing(Market::Okx, "BTC-USDT-SWAP");
    ASSERT_TRUE(id);
    const auto& position = okx.position(world.account(Venue::Okx, 1), *id);
    EXPECT_LT(position.quantity(), Quantity{});
    EXPECT_EQ(okx.listing(*id).amount(position.magnitude()).text(), "0.05");

    for (const auto& [symbol, quantity, why] :
         {std::tuple{"BTC-USDT", "1", "no such perpetual"},
          std::tuple{"BTC-USDT-SWAP", "0.000000000000000001", "whole lots"},
          std::tuple{"BTC-USDT-SWAP", "0.050000000000000001", "whole lots"},
          std::tuple{"BTC-USDT-SWAP", "100000000000000", "whole lots"},
          std::tuple{"BTC-USDT-SWAP", "1000", "more than"}}) {
        const auto refused = start(symbol, quantity);
        ASSERT_FALSE(refused) << quantity;
        EXPECT_NE(refused.error().detail.find(why), std::string::npos) << refused.error().detail;
        EXPECT_NE(refused.error().detail.find("bob"), std::string::npos);
    }
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

FaultCommand command(const char* line) {
    const auto parsed = parse_fault(line);
    EXPECT_TRUE(parsed) << parsed.error().detail;
    return *parsed;
}

TEST(Faults, WhatPeopleWriteIsReadOrExplained) {
    const FaultCommand stall = command(" stall venue=okx for=1.5s path=/ws/v5/private ");
    EXPECT_EQ(stall.venues, std::vector{Venue::Okx});
    EXPECT_EQ(stall.span("for", {}), Nanos::millis(1'500));
    EXPECT_EQ(command("clock by=-250ms").span("by", {}), Nanos::millis(-250));
    EXPECT_EQ(command("gap").venues.size(), 3u);
    for (const char* const bad :
         {"", "explode", "stall", "stall for=soon", "stall for=-3s", "gap chance=2",
          "gap colour=red", "http status=999", "disconnect code=7", "gap venue=kraken",
          "halt venue=okx", "gap count"})
        EXPECT_EQ(parse_fault(bad).error().code, Errc::Malformed) << bad;
}

TEST(Faults, ScriptsTellAllTheirMistakesWithTheirLines) {
    const auto good = parse_fault_script(
        "# a bad day\n12.5s stall venue=okx for=3s\n\nevery 30s gap # often\n", "x");
    ASSERT_TRUE(good) << good.error().detail;
    ASSERT_EQ(good->size(), 2u);
    EXPECT_EQ((*good)[0].at, Nanos::millis(12'500));
    EXPECT_EQ((*good)[1].every, Nanos::seconds(30));
    const auto bad = parse_fault_script("gap\n1s explode\nevery 0s gap\n", "day.txt");
    ASSERT_FALSE(bad);
    EXPECT_NE(bad.error().detail.find("day.txt:1: "), std::string::npos) << bad.error().detail;
    EXPECT_NE(bad.error().detail.find("day.txt:2: explode"), std::string::npos);
    EXPECT_NE(bad.error().detail.find("day.txt:3: "), std::string::npos);
}

struct Stepped : ::testing::Test {
    std::unique_ptr<SimServer> server;
    std::unique_ptr<Client> client;
    Stepped() {
        ServerSettings s = quick();
        s.speed = 0;
        s.start = UnixNanos::from_millis(1'767'225'600'000);
        auto made = SimServer::start(s);
        EXPECT_TRUE(made);
        server = std::move(*made);
        client = std::make_unique<Client>(*server);
    }
    std::string get(Door door, const std::string& path) {
        return client->get("https://" + server->host(door) + path,
                           [&] { server->advance(Nanos::millis(10)); });
    }
    sim_engine::OrderId place(Venue at, const char* symbol, double part_of_price) {
        sim_engine::SimVenue& venue = server->venue(at);
        for (std::size_t i = 0; i < venue.listings(); ++i) {
            const sim_engine::ListingId id{static_cast<sim_engine::ListingId::rep>(i)};
            const sim_engine::Listing& l = venue.listing(id);
            if (l.definition.venue_symbol != symbol || l.perpetual) continue;
            sim_engine::NewOrder order;
            order.account = server->account(at, 0);
            order.listing = id;
            const auto raw = static_cast<double>(venue.book(id).top(Side::Buy).price.raw());
            const auto ticks = static_cast<std::int64_t>(raw * part_of_price) / l.tick.raw();
            order.price = Price::from_raw(ticks * l.tick.raw());
            order.quantity = *l.parse_quantity("0.01");
            const auto placed = venue.place(order, server->now());
            EXPECT_TRUE(placed) << to_string(placed.error());
            return placed.value_or(sim_engine::OrderId{});
        }
        return {};
    }
};

TEST_F(Stepped, RequestsFailAsTheyAreToldTo) {
    ASSERT_TRUE(server->fault(command("http status=429 venue=binance path=/api/v3/depth")));
    EXPECT_EQ(Json::parse(get(Door::BinanceSpot, "/api/v3/depth?symbol=BTCUSDT"))["code"], -1003);
    EXPECT_EQ(client->status, 429);
    EXPECT_GT(get(Door::BinanceSpot, "/api/v3/depth?symbol=BTCUSDT").size(), 100u);
    ASSERT_TRUE(server->fault(command("lose_request venue=bybit delay=20ms")));
    EXPECT_EQ(get(Door::Bybit, "/v5/market/time").find("retCode"), std::string::npos) << "cut";
    EXPECT_EQ(server->accidents(), 2u);
}

TEST_F(Stepped, MaintenanceClosesTheVenueAndOpensItAgain) {
    ASSERT_TRUE(server->fault(command("maintenance venue=okx for=2s")));
    (void)get(Door::Okx, "/api/v5/public/time");
    EXPECT_EQ(client->status, 503);
    EXPECT_EQ(server->venue(Venue::Okx).listing(sim_engine::ListingId{0}).state,
              sim_engine::ListingState::Halted);
    server->advance(Nanos::seconds(2));
    (void)get(Door::Okx, "/api/v5/public/time");
    EXPECT_EQ(client->status, 200);
    EXPECT_EQ(server->venue(Venue::Okx).listing(sim_engine::ListingId{0}).state,
              sim_engine::ListingState::Trading);
}

TEST_F(Stepped, OrdersAreFilledFromOutsideAndCancelsComeLate) {
    const auto partly = place(Venue::Binance, "BTCUSDT", 0.95);
    ASSERT_TRUE(server->fault(command("fill venue=binance part=0.5")));
    const sim_engine::Order* order = server->venue(Venue::Binance).order(partly);
    EXPECT_EQ(order->status, sim_engine::OrderStatus::PartiallyFilled);
    EXPECT_EQ(order->filled + order->filled, order->quantity);
    const auto late = place(Venue::Bybit, "BTCUSDT", 0.95);
    ASSERT_TRUE(server->fault(command("late_fill venue=bybit delay=100ms")));
    EXPECT_FALSE(
        server->venue(Venue::Bybit).cancel(server->account(Venue::Bybit, 0), late, server->now()));
    EXPECT_EQ(server->venue(Venue::Bybit).order(late)->status, sim_engine::OrderStatus::Filled);
    EXPECT_TRUE(server->venue(Venue::Bybit).audit() && server->venue(Venue::Binance).audit());
}

TEST_F(Stepped, ListingsChangeAndEnd) {
    ASSERT_TRUE(server->fault(command("tick venue=binance symbol=BTCUSDT value=0.1")));
    const Json info = Json::parse(get(Door::BinanceSpot, "/api/v3/exchangeInfo?symbol=BTCUSDT"));
    EXPECT_EQ(std::stod(info["symbols"][0]["filters"][0]["tickSize"].get<std::string>()), 0.1);
    ASSERT_TRUE(server->fault(command("delist venue=okx symbol=BTC-USDT")));
    server->advance(Nanos::seconds(1));
    EXPECT_EQ(server->venue(Venue::Okx).listing(sim_engine::ListingId{0}).state,
              sim_engine::ListingState::Delisted);
    EXPECT_EQ(server->fault(command("halt symbol=NOTHING")).error().code, Errc::Rejected);
}

TEST_F(Stepped, ClocksJumpAndStand) {
    const UnixNanos before = server->now();
    ASSERT_TRUE(server->fault(command("clock by=5s")));
    server->advance(Nanos{});
    EXPECT_EQ(server->now() - before, Nanos::seconds(5));
    ASSERT_TRUE(server->fault(command("clock by=-2s")));
    server->advance(Nanos::seconds(1));
    EXPECT_EQ(server->now() - before, Nanos::seconds(5)) << "stands, it never falls";
    server->advance(Nanos::seconds(2));
    EXPECT_EQ(server->now() - before, Nanos::seconds(6));
}

TEST_F(Stepped, ConnectionsEndAndCertificatesChange) {
    const std::string url = "wss://" + server->host(Door::Bybit) + "/v5/public/spot";
    const auto step = [&] { server->advance(Nanos::millis(10)); };
    ASSERT_TRUE(client->transport->connect({url, {}}));
    (void)client->next(ports::NetEventKind::Opened, step);
    ASSERT_TRUE(server->fault(command("disconnect venue=bybit code=1012")));
    (void)client->next(ports::NetEventKind::Closed, step);
    EXPECT_EQ(client->status, 1012);
    ASSERT_TRUE(client->transport->connect({url, {}}));
    (void)client->next(ports::NetEventKind::Opened, step);
    ASSERT_TRUE(server->fault(command("certificate")));
    (void)client->next(ports::NetEventKind::Closed, step);
    EXPECT_EQ(client->status, 1006);
    ASSERT_TRUE(client->transport->connect({url, {}}));
    (void)client->next(ports::NetEventKind::Opened, step);
}

/// Every venue's sockets and answers are within reach of faults, each by the paths it has.
TEST_F(Stepped, FaultsStrikeSocketsAndAnswersOfEveryVenue) {
    const auto step = [&] { server->advance(Nanos::millis(10)); };
    const std::tuple<Door, const char*, const char*> kDoors[] = {
        {Door::BinanceSpot, "/ws/btcusdt@depth@100ms", "/api/v3/time"},
        {Door::BinanceUsdm, "/public/ws/btcusdt@depth@100ms", "/fapi/v1/time"},
        {Door::Okx, "/ws/v5/public", "/api/v5/public/time"},
        {Door::Bybit, "/v5/public/spot", "/v5/market/time"},
    };
    for (const auto& [door, socket, question] : kDoors) {
        const std::string venue{to_string(venue_of(door))};
        ASSERT_TRUE(client->transport->connect({"wss://" + server->host(door) + socket, {}}));
        (void)client->next(ports::NetEventKind::Opened, step);
        ASSERT_EQ(client->status, 0) << venue;
        ASSERT_TRUE(server->fault(command(("disconnect code=1012 venue=" + venue).c_str())));
        (void)client->next(ports::NetEventKind::Closed, step);
        EXPECT_EQ(client->status, 1012) << venue;
        ASSERT_TRUE(server->fault(command(("lose_answer venue=" + venue).c_str())));
        EXPECT_FALSE(get(door, question).starts_with("{")) << venue << ": was answered";
        EXPECT_TRUE(get(door, question).starts_with("{")) << venue;
    }
}

TEST_F(Stepped, AScriptPlaysByTimeAndDice) {
    auto script = parse_fault_script("1s maintenance venue=okx for=1s\nevery 100ms duplicate", "x");
    ASSERT_TRUE(script);
    server->play(std::move(*script));
    const auto halted = [&] {
        return server->venue(Venue::Okx).listing(sim_engine::ListingId{0}).state ==
               sim_engine::ListingState::Halted;
    };
    server->advance(Nanos::millis(990));
    EXPECT_FALSE(halted());
    server->advance(Nanos::millis(20));
    EXPECT_TRUE(halted());
    server->advance(Nanos::seconds(1));
    EXPECT_FALSE(halted());
}

TEST_F(Stepped, TheControlInterfaceWantsItsToken) {
    const auto step = [&] { server->advance(Nanos::millis(10)); };
    const auto post = [&](const std::string& token, const std::string& path,
                          const std::string& body) {
        EXPECT_TRUE(client->transport->request({body.empty() ? "GET" : "POST",
                                                server->control_url() + path,
                                                {{"Authorization", "Bearer " + token}},
                                                body,
                                                Nanos::seconds(10)}));
        const std::string answer = client->next(ports::NetEventKind::Response, step);
        return sim_front::read_json(answer).value;
    };
    const std::string token = server->control_token();
    EXPECT_EQ(token.size(), 48u);
    (void)post("wrong", "/v1/status", "");
    EXPECT_EQ(client->status, 401);
    (void)post(token.substr(1), "/v1/status", "");
    EXPECT_EQ(client->status, 401);
    EXPECT_EQ(post(token, "/v1/status", "")["active_faults"], 0);
    (void)post(token, "/v1/faults", R"({"fault":"stall venue=okx for=60s"})");
    EXPECT_EQ(client->status, 200);
    EXPECT_EQ(post(token, "/v1/status", "")["active_faults"], 1);
    (void)post(token, "/v1/faults", R"({"fault":"explode"})");
    EXPECT_EQ(client->status, 400);
    (void)post(token, "/v1/faults", "garbage");
    EXPECT_EQ(client->status, 400);
    (void)post(token, "/v1/faults", R"({"fault":"clear"})");
    EXPECT_EQ(post(token, "/v1/status", "")["active_faults"], 0);
    const UnixNanos before = server->now();
    (void)post(token, "/v1/advance", R"({"ms":60000})");
    server->advance(Nanos{});
    EXPECT_GE(server->now() - before, Nanos::seconds(60));
    (void)post(token, "/v1/advance", R"({"ms":-1})");
    EXPECT_EQ(client->status, 400);
}

}  // namespace
}  // namespace parallax::sim_server
