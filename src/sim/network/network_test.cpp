#include "sim/network/network.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace parallax::sim_network {
namespace {

using ports::NetEvent;
using ports::NetEventKind;
using ports::ServerEvent;
using ports::ServerEventKind;

constexpr UnixNanos kStart = UnixNanos::from_millis(1'767'225'600'000);
constexpr const char* kHost = "venue.sim:443";

/// One client, one server that answers requests with their body and WebSocket messages with
/// themselves.
struct World {
    explicit World(std::uint64_t seed = 1) : network{kStart, seed} {
        network.listen(server, kHost, {Nanos::millis(1), Nanos{}});
    }
    /// Runs until nothing is due before `until`.
    void run(Nanos length) {
        const UnixNanos until = network.now() + length;
        while (network.next_due() <= until) {
            network.advance(std::max(network.now(), network.next_due()));
            for (const ServerEvent& event : server.poll(Nanos{})) serve(event);
            for (const NetEvent& event : client.poll(Nanos{})) {
                const Nanos at = network.now() - kStart;
                seen.push_back({event.kind, event.code, event.unsent, std::string{event.bytes}, at,
                                event.connection, event.request});
            }
        }
        network.advance(until);
    }
    void serve(const ServerEvent& event) {
        served.push_back(event.kind);
        if (silent) return;
        if (event.kind == ServerEventKind::Upgrade && event.path == "/refused") {
            server.respond(event.exchange, {.status = 401, .headers = {}, .body = {}});
        } else if (event.kind == ServerEventKind::Upgrade) {
            session = server.accept(event.exchange);
        } else if (event.kind == ServerEventKind::Request && event.bytes == "drop me") {
            server.drop(event.exchange);
        } else if (event.kind == ServerEventKind::Request) {
            ports::HttpReply reply{
                .status = 200, .headers = {{"X-Query", std::string{event.query}}}, .body = {}};
            reply.body = std::string{event.method} + " " + std::string{event.path} + " " +
                         std::string{event.bytes};
            server.respond(event.exchange, std::move(reply));
        } else if (event.kind == ServerEventKind::Message) {
            ASSERT_TRUE(server.send(event.session, event.bytes));
        }
    }
    ports::ConnectionId connect(const std::string& path = "/ws") {
        ports::WebSocketTarget target;
        target.url = std::string{"wss://venue.sim"} + path;
        return client.connect(target).value();
    }
    ports::RequestId post(const std::string& body) {
        ports::HttpRequest request;
        request.method = "POST";
        request.url = "https://venue.sim/order?a=1";
        request.body = body;
        request.timeout = Nanos::seconds(2);
        return client.request(request).value();
    }
    [[nodiscard]] std::size_t count(ServerEventKind kind) const {
        return static_cast<std::size_t>(std::ranges::count(served, kind));
    }

    struct Seen {
        NetEventKind kind{};
        std::uint16_t code = 0;
        bool unsent = false;
        std::string bytes;
        Nanos at;
        ports::ConnectionId connection;
        ports::RequestId request;
        bool operator==(const Seen&) const = default;
    };
    Network network;
    ports::Transport& client = network.add_client();
    ports::ServerTransport& server = network.add_server();
    ports::SessionId session;
    bool silent = false;
    std::vector<Seen> seen;
    std::vector<ServerEventKind> served;
};

TEST(Network, AStreamIsUpWithoutBeingAccepted) {
    World world;
    ports::WebSocketTarget target;
    target.url = "tls://venue.sim:443";
    const auto connection = world.client.connect(target);
    ASSERT_TRUE(connection);
    world.run(Nanos::millis(10));
    ASSERT_EQ(world.count(ServerEventKind::Opened), 1U);
    ASSERT_TRUE(world.client.send(*connection, "bytes"));
    world.run(Nanos::millis(10));
    ASSERT_EQ(world.seen.size(), 2U);
    EXPECT_EQ(world.seen[0].kind, NetEventKind::Opened);
    EXPECT_EQ(world.seen[1].bytes, "bytes");
    world.client.close(*connection, 1000);
    world.run(Nanos::millis(10));
    EXPECT_EQ(world.count(ServerEventKind::Closed), 1U);
}

TEST(Network, ARequestIsAnsweredAfterTwoLatencies) {
    World world;
    const ports::RequestId id = world.post("body");
    world.run(Nanos::seconds(5));
    ASSERT_EQ(world.seen.size(), 1U);
    EXPECT_EQ(world.seen[0].kind, NetEventKind::Response);
    EXPECT_EQ(world.seen[0].request, id);
    EXPECT_EQ(world.seen[0].code, 200);
    EXPECT_EQ(world.seen[0].bytes, "POST /order body");
    EXPECT_EQ(world.seen[0].at, Nanos::millis(2));
}

TEST(Network, AWebSocketEchoesInOrderWhateverTheJitter) {
    World world;
    world.network.set_line(kHost, {Nanos::millis(1), Nanos::millis(50)});
    const ports::ConnectionId id = world.connect();
    EXPECT_FALSE(world.client.send(id, "too early"));
    world.run(Nanos::seconds(1));
    ASSERT_EQ(world.seen.at(0).kind, NetEventKind::Opened);
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(world.client.send(id, std::to_string(i)));
    ASSERT_TRUE(world.client.ping(id));
    world.run(Nanos::seconds(5));
    ASSERT_EQ(world.seen.size(), 102U);
    std::vector<std::string> messages;
    for (const auto& one : world.seen) {
        if (one.kind == NetEventKind::Message) messages.push_back(one.bytes);
    }
    ASSERT_EQ(messages.size(), 100U);
    for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(messages[i], std::to_string(i));
    EXPECT_EQ(world.count(ServerEventKind::Ping), 1U);
}

TEST(Network, BothSidesHearOfAGoodbyeOnce) {
    for (const bool by_client : {true, false}) {
        World world;
        const ports::ConnectionId id = world.connect();
        world.run(Nanos::seconds(1));
        if (by_client) world.client.close(id);
        if (!by_client) world.server.close(world.session, 1008);
        world.run(Nanos::seconds(1));
        ASSERT_EQ(world.seen.size(), 2U);
        EXPECT_EQ(world.seen[1].kind, NetEventKind::Closed);
        EXPECT_EQ(world.seen[1].code, by_client ? 1000 : 1008);
        EXPECT_EQ(world.count(ServerEventKind::Closed), 1U);
        EXPECT_FALSE(world.client.send(id, "too late"));
        EXPECT_FALSE(world.server.send(world.session, "too late"));
    }
}

TEST(Network, BothGoodbyesAtOnceAreOneEach) {
    World world;
    const ports::ConnectionId id = world.connect();
    world.run(Nanos::seconds(1));
    world.client.close(id);
    world.server.close(world.session, 1008);
    world.run(Nanos::seconds(1));
    EXPECT_EQ(std::ranges::count(world.seen, NetEventKind::Closed, &World::Seen::kind), 1);
    EXPECT_EQ(world.count(ServerEventKind::Closed), 1U);
}

TEST(Network, ACutLosesWhatIsUnderWayAndTellsBoth) {
    World world;
    const ports::ConnectionId id = world.connect();
    world.run(Nanos::seconds(1));
    ASSERT_TRUE(world.client.send(id, "lost"));
    (void)world.post("lost");
    world.network.cut(kHost);
    world.run(Nanos::seconds(5));
    ASSERT_EQ(world.seen.size(), 3U);
    EXPECT_EQ(world.seen[1].kind, NetEventKind::Closed);
    EXPECT_EQ(world.seen[1].code, 1006);
    EXPECT_EQ(world.seen[2].kind, NetEventKind::Failed);
    EXPECT_FALSE(world.seen[2].unsent);
    EXPECT_EQ(world.count(ServerEventKind::Message), 0U);
    EXPECT_EQ(world.count(ServerEventKind::Closed), 1U);
}

TEST(Network, AStallHoldsEverythingUpAndLosesNothing) {
    World world;
    const ports::ConnectionId id = world.connect();
    world.run(Nanos::seconds(1));
    ASSERT_TRUE(world.client.send(id, "1"));
    world.network.stall(kHost, world.network.now() + Nanos::seconds(3));
    ASSERT_TRUE(world.client.send(id, "2"));
    world.run(Nanos::seconds(2));
    EXPECT_EQ(world.seen.size(), 1U);
    world.run(Nanos::seconds(2));
    ASSERT_EQ(world.seen.size(), 3U);
    EXPECT_EQ(world.seen[1].bytes, "1");
    EXPECT_EQ(world.seen[2].bytes, "2");
}

TEST(Network, WhoRefusesIsNotReachedAtAll) {
    World world;
    world.network.refuse(kHost, kStart + Nanos::seconds(1));
    (void)world.post("body");
    (void)world.connect();
    world.run(Nanos::seconds(1));
    ASSERT_EQ(world.seen.size(), 2U);
    EXPECT_EQ(world.seen[0].kind, NetEventKind::Failed);
    EXPECT_TRUE(world.seen[0].unsent);
    EXPECT_EQ(world.seen[1].kind, NetEventKind::Closed);
    EXPECT_TRUE(world.served.empty());
    (void)world.post("body");
    world.run(Nanos::seconds(1));
    EXPECT_EQ(world.seen.back().kind, NetEventKind::Response);
}

TEST(Network, AnAnswerMayBeLostAfterTheRequestWasServed) {
    World world;
    world.network.lose_answers(kHost, kStart + Nanos::seconds(1));
    (void)world.post("order");
    world.run(Nanos::seconds(5));
    ASSERT_EQ(world.seen.size(), 1U);
    EXPECT_EQ(world.seen[0].kind, NetEventKind::Failed);
    EXPECT_FALSE(world.seen[0].unsent);
    EXPECT_EQ(world.seen[0].at, Nanos::seconds(2));
    EXPECT_EQ(world.count(ServerEventKind::Request), 1U);
}

TEST(Network, ADroppedRequestFailsAtOnceAndMayHaveBeenServed) {
    World world;
    (void)world.post("drop me");
    world.run(Nanos::seconds(1));
    ASSERT_EQ(world.seen.size(), 1U);
    EXPECT_EQ(world.seen[0].kind, NetEventKind::Failed);
    EXPECT_FALSE(world.seen[0].unsent);
    EXPECT_EQ(world.seen[0].at, Nanos::millis(1));
}

TEST(Network, ARefusedOrUnansweredUpgradeIsClosed) {
    World world;
    (void)world.connect("/refused");
    world.run(Nanos::seconds(1));
    world.silent = true;
    (void)world.connect();
    world.run(Nanos::seconds(20));
    ASSERT_EQ(world.seen.size(), 2U);
    EXPECT_EQ(world.seen[0].kind, NetEventKind::Closed);
    EXPECT_EQ(world.seen[0].bytes, "HTTP status 401");
    EXPECT_EQ(world.seen[1].kind, NetEventKind::Closed);
    EXPECT_EQ(world.seen[1].bytes, "no answer in time");
}

TEST(Network, ASlowReaderPushesBack) {
    World world;
    const ports::ConnectionId id = world.connect();
    world.run(Nanos::seconds(1));
    world.network.stall(kHost, world.network.now() + Nanos::seconds(5));
    const std::string large(1024 * 1024, 'x');
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(world.client.send(id, large));
    const auto refused = world.client.send(id, "x");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), Errc::BackPressured);
    world.run(Nanos::seconds(10));
    EXPECT_TRUE(world.client.send(id, "x"));
}

TEST(Network, UnknownNamesAndSchemesAreRejected) {
    World world;
    ports::HttpRequest request;
    request.method = "GET";
    request.url = "https://elsewhere.sim/";
    EXPECT_FALSE(world.client.request(request));
    request.url = "wss://venue.sim/";
    EXPECT_FALSE(world.client.request(request));
}

TEST(Network, TheSameSeedGivesTheSameRun) {
    const auto run = [](std::uint64_t seed) {
        World world{seed};
        world.network.set_line(kHost, {Nanos::millis(1), Nanos::millis(50)});
        const ports::ConnectionId id = world.connect();
        world.run(Nanos::seconds(1));
        for (int i = 0; i < 20; ++i) {
            (void)world.client.send(id, std::to_string(i));
            (void)world.post(std::to_string(i));
        }
        world.run(Nanos::seconds(5));
        return world.seen;
    };
    EXPECT_EQ(run(7), run(7));
    EXPECT_NE(run(7), run(8));
}

}  // namespace
}  // namespace parallax::sim_network
