// A link on real TLS sockets.
#include "adapters/venues/common/link.hpp"
#include "net/loopback_testing.hpp"

namespace parallax::venue_common {
namespace {

constexpr LimitSpec kLimits[] = {{"connections a minute", 600, Nanos::seconds(60)}};
constexpr CallSpec kCalls[] = {{"connect", {{{0, 1}}}}};

TEST(LinkOverTls, KeepsAConnectionThroughCutsSilenceAndReplacement) {
    net::Loopback net;
    std::vector<ports::SessionId> sessions;
    bool mute = false;
    net.on_server = [&](net::SocketServer& server, const ports::ServerEvent& event) {
        if (event.kind == ports::ServerEventKind::Upgrade) server.accept(event.exchange, {});
        if (event.kind == ports::ServerEventKind::Opened) sessions.push_back(event.session);
        if (event.kind == ports::ServerEventKind::Message && !mute)
            (void)server.send(event.session, event.bytes);
    };
    RateLimiter limiter{{kLimits, kCalls}};
    LinkOptions options;
    options.target.url = net.ws("/stream");
    options.heartbeat = {Heartbeat::Kind::Text, Nanos::millis(50), true, false, "ping"};
    options.silence = Nanos::millis(400);
    options.overlap = Nanos::millis(50);
    options.first_wait = Nanos::millis(20);
    Link link{*net.client, limiter, options};
    std::vector<LinkReason> ended;
    int lives = 0;
    // Loopback keeps copies of events: the link is fed from them.
    const auto step = [&] {
        net.step();
        for (const net::SeenClientEvent& seen : std::exchange(net.seen, {})) {
            ports::NetEvent event;
            event.kind = seen.kind;
            event.code = seen.code;
            event.connection = seen.connection;
            event.received = net.client->now();
            event.bytes = seen.bytes;
            EXPECT_TRUE(link.on(event));
        }
        const UnixNanos now = net.client->now();
        link.advance(now);
        while (const auto fact = link.next_fact()) {
            if (fact->kind == LinkFactKind::Opened) link.set_up(fact->connection, {}, now);
            if (fact->kind == LinkFactKind::Live) ++lives;
            if (fact->kind == LinkFactKind::Ended) ended.push_back(fact->reason);
        }
        return true;
    };
    const auto until = [&](auto done) {
        return net.until([&] { return step() && done(); }, Nanos::seconds(10));
    };
    net.step();
    link.start(net.client->now());
    ASSERT_TRUE(until([&] { return lives == 1; }));
    ASSERT_TRUE(until([&] { return link.counters().messages >= 3; })) << "heartbeats are answered";

    net.server->close(sessions.back(), 0);  // cut without a goodbye
    ASSERT_TRUE(until([&] { return lives == 2; }));
    EXPECT_EQ(ended, std::vector{LinkReason::Closed});

    mute = true;
    ASSERT_TRUE(until([&] { return ended.size() == 2; }));
    EXPECT_EQ(ended.back(), LinkReason::Silent);
    mute = false;
    ASSERT_TRUE(until([&] { return lives == 3; }));

    const ports::ConnectionId before = link.current();
    link.replace(net.client->now());
    ASSERT_TRUE(until([&] { return ended.size() == 3; }));
    EXPECT_EQ(ended.back(), LinkReason::Planned);
    EXPECT_EQ(lives, 4);
    EXPECT_NE(link.current(), before);
    EXPECT_TRUE(link.live());
    EXPECT_EQ(sessions.size(), 4u);
}

}  // namespace
}  // namespace parallax::venue_common
