// Client against server over real sockets.
#include <thread>

#include "net/loopback_testing.hpp"

namespace parallax::net {

namespace {

using ports::NetEventKind;
using ports::ServerEventKind;

TEST(Loopback, WebSocketEchoesOverTls) {
    Loopback net;
    const auto id = net.open({net.ws(), {}});
    ASSERT_TRUE(net.client->send(id, "hello"));
    EXPECT_EQ(net.next(NetEventKind::Message).bytes, "hello");
    ASSERT_TRUE(net.client->ping(id));
    (void)net.next(NetEventKind::Pong);
    net.client->close(id, 1001);
    const SeenClientEvent closed = net.next(NetEventKind::Closed);
    EXPECT_EQ(closed.code, 1001);
    ASSERT_TRUE(net.until([&] { return net.server_close_code != 0; }));
    EXPECT_EQ(net.server_close_code, 1001);
    EXPECT_TRUE(net.until([&] { return net.server->connections() == 0; }));
    EXPECT_EQ(net.client->send(id, "late").error(), Errc::Unavailable);
}

TEST(Loopback, WebSocketEchoesWithoutTls) {
    Loopback net{{}, {}, false};
    const auto id = net.open({net.ws(), {}});
    ASSERT_TRUE(net.client->send(id, "plain"));
    EXPECT_EQ(net.next(NetEventKind::Message).bytes, "plain");
}

/// A server that takes streams only, and sends back what comes.
struct Streams : Loopback {
    Streams() {
        ListenOptions listen;
        listen.certificate = TestAuthority::get().issue();
        listen.raw = true;
        const auto listening = server->listen(listen);
        EXPECT_TRUE(listening);
        raw = listening->port;
    }
    std::string url() const { return "tls://127.0.0.1:" + std::to_string(raw); }
    std::uint16_t raw = 0;
};

TEST(Loopback, AStreamCarriesBytesAsTheyAre) {
    Streams net;
    const auto id = net.open({net.url(), {}});
    std::string sent;
    for (int i = 0; i < 2'000; ++i) sent += "piece " + std::to_string(i) + std::string(1, '\0');
    ASSERT_TRUE(net.client->send(id, std::string_view{sent}.substr(0, 7)));
    ASSERT_TRUE(net.client->send(id, std::string_view{sent}.substr(7)));
    std::string came;
    while (came.size() < sent.size()) came += net.next(NetEventKind::Message).bytes;
    EXPECT_EQ(came, sent);
    EXPECT_EQ(net.client->ping(id).error(), Errc::Unavailable);
    net.client->close(id);
    EXPECT_EQ(net.next(NetEventKind::Closed).code, 1000);
    ASSERT_TRUE(net.until([&] { return net.server_close_code != 0; }));
    EXPECT_EQ(net.server_close_code, 1000) << "an end in order";
    EXPECT_TRUE(net.until([&] { return net.server->connections() == 0; }));
}

TEST(Loopback, AStreamsLastBytesComeBeforeItsEnd) {
    Streams net;
    net.on_server = [](SocketServer& server, const ports::ServerEvent& event) {
        if (event.kind != ServerEventKind::Message) return;
        (void)server.send(event.session, std::string(100'000, 'x'));
        server.close(event.session, 1000);
    };
    const auto id = net.open({net.url(), {}});
    ASSERT_TRUE(net.client->send(id, "?"));
    std::size_t came = 0;
    while (came < 100'000) came += net.next(NetEventKind::Message).bytes.size();
    EXPECT_EQ(came, 100'000U);
    EXPECT_EQ(net.next(NetEventKind::Closed).code, 1000);
}

TEST(Loopback, AStreamThatIsCutSaysSo) {
    Streams net;
    net.on_server = [](SocketServer& server, const ports::ServerEvent& event) {
        if (event.kind == ServerEventKind::Message) server.close(event.session, 0);
    };
    const auto id = net.open({net.url(), {}});
    ASSERT_TRUE(net.client->send(id, "?"));
    EXPECT_EQ(net.next(NetEventKind::Closed).code, 1006);
}

TEST(Loopback, AStreamWhoseReaderSleepsIsBackPressured) {
    Streams net;
    ports::SessionId session;
    net.on_server = [&](SocketServer&, const ports::ServerEvent& event) {
        if (event.kind == ServerEventKind::Opened) session = event.session;
    };
    (void)net.open({net.url(), {}});
    ASSERT_TRUE(net.until([&] { return session.valid(); }));
    const std::string block(256 * 1024, 'x');
    std::size_t taken = 0;
    while (taken < 1'000 && net.server->send(session, block)) ++taken;
    EXPECT_GT(taken, 0U);
    EXPECT_LT(taken, 200U) << "what nobody reads is bounded";
    EXPECT_EQ(net.server->send(session, block).error(), Errc::BackPressured);
}

TEST(Loopback, AStreamNeedsACertificateForItsHost) {
    Streams net;
    ports::WebSocketTarget target{"tls://localhost:" + std::to_string(net.raw), {}};
    ASSERT_TRUE(net.client->connect(target));
    (void)net.next(NetEventKind::Opened);
    ListenOptions listen;
    listen.certificate = TestAuthority::get().issue({"elsewhere"});
    listen.raw = true;
    const auto other = net.server->listen(listen);
    ASSERT_TRUE(other);
    ASSERT_TRUE(net.client->connect({"tls://127.0.0.1:" + std::to_string(other->port), {}}));
    const std::string why = net.next(NetEventKind::Closed).bytes;
    EXPECT_NE(why.find("mismatch"), std::string::npos) << why;
}

TEST(Loopback, EverySizeComesBackWithAndWithoutDeflate) {
    ServerOptions options;
    options.send_buffer = 8 * 1024 * 1024;
    options.max_message = 2 * 1024 * 1024;
    for (const bool deflate : {false, true}) {
        Loopback net{options};
        const auto id = net.open({net.ws(), {}, deflate});
        for (const std::size_t size :
             {0UL, 1UL, 125UL, 126UL, 127UL, 65'535UL, 65'536UL, 1'048'576UL}) {
            std::string text(size, ' ');
            for (std::size_t i = 0; i < size; ++i) {
                text[i] = static_cast<char>('a' + (i * i / 7) % 26);
            }
            ASSERT_TRUE(net.client->send(id, text));
            EXPECT_EQ(net.next(NetEventKind::Message).bytes, text) << size << deflate;
        }
    }
}

TEST(Loopback, ManyMessagesOfOnePollKeepTheirViews) {
    Loopback net;
    for (const bool deflate : {false, true}) {
        const auto id = net.open({net.ws(), {}, deflate});
        constexpr int kMessages = 2'000;
        for (int i = 0; i < kMessages; ++i) {
            const std::string text(static_cast<std::size_t>(i % 400),
                                   static_cast<char>('a' + i % 26));
            ASSERT_TRUE(net.client->send(id, std::to_string(i) + text));
        }
        for (int i = 0; i < kMessages; ++i) {
            const std::string text(static_cast<std::size_t>(i % 400),
                                   static_cast<char>('a' + i % 26));
            ASSERT_EQ(net.next(NetEventKind::Message).bytes, std::to_string(i) + text);
        }
    }
}

TEST(Loopback, RequestsShareAKeptAliveConnection) {
    Loopback net;
    for (int i = 0; i < 20; ++i) {
        const SeenClientEvent answer = net.get(net.http("/a%20b?q=" + std::to_string(i)), "body");
        EXPECT_EQ(answer.code, 200);
        EXPECT_EQ(answer.bytes, "body");
        ASSERT_FALSE(answer.headers.empty());
        EXPECT_EQ(answer.headers[0].value, "/a%20b");
    }
    EXPECT_EQ(net.server->connections(), 1U);
}

TEST(Loopback, ConnectionsPerHostAreLimitedAndTheRestWaits) {
    ClientOptions options;
    options.connections_per_host = 3;
    options.waiting_per_host = 40;
    Loopback net{{}, options};
    for (int i = 0; i < 43; ++i) {
        ASSERT_TRUE(net.client->request({"GET", net.http(), {}, "", Nanos::seconds(10)}));
    }
    EXPECT_EQ(net.client->request({"GET", net.http(), {}, "", Nanos::seconds(10)}).error().code,
              Errc::BackPressured);
    ASSERT_TRUE(net.until([&] { return net.count(NetEventKind::Response) == 43; }));
    EXPECT_EQ(net.server->connections(), 3U);
}

TEST(Loopback, AnswersLeaveInTheOrderOfTheRequests) {
    // Two requests in one write: a pipelining client, which ours is not.
    Loopback net{{}, {}, false};
    std::vector<ports::ExchangeId> asked;
    net.on_server = [&](SocketServer&, const ports::ServerEvent& event) {
        asked.push_back(event.exchange);
    };
    const auto address = parse_address("127.0.0.1", net.port);
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    ASSERT_EQ(::connect(fd, address->get(), address->length), 0);
    const std::string two = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
    ASSERT_EQ(::write(fd, two.data(), two.size()), static_cast<ssize_t>(two.size()));
    ASSERT_TRUE(net.until([&] { return asked.size() == 2; }));
    net.server->respond(asked[1], {200, {}, "second", false});
    net.server->respond(asked[0], {200, {}, "first", false});
    net.step();
    std::string got(1'000, '\0');
    got.resize(static_cast<std::size_t>(::read(fd, got.data(), got.size())));
    EXPECT_LT(got.find("first"), got.find("second"));
    EXPECT_NE(got.find("second"), std::string::npos);
    ::close(fd);
    EXPECT_TRUE(net.until([&] { return net.server->connections() == 0; }));
}

TEST(Loopback, UpgradeMayBeRefused) {
    Loopback net;
    net.on_server = [](SocketServer& server, const ports::ServerEvent& event) {
        server.respond(event.exchange, {429, {}, "slow down", false});
    };
    ASSERT_TRUE(net.client->connect({net.ws(), {}}));
    const SeenClientEvent closed = net.next(NetEventKind::Closed);
    EXPECT_EQ(closed.code, 1006);
    EXPECT_NE(closed.bytes.find("429"), std::string::npos) << closed.bytes;
    EXPECT_NE(closed.bytes.find("slow down"), std::string::npos) << closed.bytes;
}

TEST(Loopback, ADroppedRequestFailsAsSentAndTheServerGoesOn) {
    Loopback net;
    net.on_server = [](SocketServer& server, const ports::ServerEvent& event) {
        if (event.path != "/drop") return Loopback::echo(server, event);
        server.drop(event.exchange);
        server.respond(event.exchange, {200, {}, "too late", false});
        server.drop(event.exchange);
    };
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(net.client->request({"POST", net.http("/drop"), {}, "x", Nanos::seconds(10)}));
        const SeenClientEvent failed = net.next(NetEventKind::Failed);
        EXPECT_FALSE(failed.unsent);
        EXPECT_EQ(net.get(net.http("/a"), "body").bytes, "body");
    }
    (void)net.client->connect({net.ws("/drop"), {}});
    EXPECT_EQ(net.next(NetEventKind::Closed).code, 1006);
    EXPECT_TRUE(net.until([&] { return net.server->connections() == 1; }));
}

TEST(Loopback, NothingListeningIsClosedAndUnsent) {
    ClientOptions options;
    Loopback net;
    ASSERT_TRUE(net.client->connect({"ws://127.0.0.1:1/", {}}));
    EXPECT_NE(net.next(NetEventKind::Closed).bytes.find("refused"), std::string::npos);
    ASSERT_TRUE(net.client->request({"GET", "http://127.0.0.1:1/", {}, "", Nanos::seconds(5)}));
    EXPECT_TRUE(net.next(NetEventKind::Failed).unsent);
}

TEST(Loopback, UnansweredRequestTimesOutAsSent) {
    Loopback net;
    net.on_server = [](SocketServer&, const ports::ServerEvent&) {};
    ASSERT_TRUE(net.client->request({"POST", net.http("/order"), {}, "{}", Nanos::millis(200)}));
    const SeenClientEvent failed = net.next(NetEventKind::Failed);
    EXPECT_FALSE(failed.unsent);
    EXPECT_NE(failed.bytes.find("timed out"), std::string::npos) << failed.bytes;
}

TEST(Loopback, AConnectionThatTheServerClosedIsNotUsedAgain) {
    ServerOptions options;
    options.idle_timeout = Nanos::millis(50);
    Loopback net{options};
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(net.get(net.http("/x"), "1").code, 200);
        ASSERT_TRUE(net.until([&] { return net.server->connections() == 0; }));
    }
}

TEST(Loopback, NamesAreLookedUp) {
    Loopback net{{}, {}, false};
    // Another spelling of the host that no override names.
    const std::string url = "http://LocalHost:" + std::to_string(net.port) + "/";
    ClientOptions plain;
    auto client = make_socket_transport(plain);
    ASSERT_TRUE(client);
    net.client = std::move(*client);
    EXPECT_EQ(net.get(url, "x").code, 200);
    ASSERT_TRUE(
        net.client->request({"GET", "http://no-such-host.invalid/", {}, "", Nanos::seconds(20)}));
    const SeenClientEvent failed = net.next(NetEventKind::Failed, Nanos::seconds(30));
    EXPECT_TRUE(failed.unsent);
    EXPECT_NE(failed.bytes.find("no-such-host.invalid"), std::string::npos) << failed.bytes;
}

TEST(Loopback, BadUrlsAreRejected) {
    Loopback net;
    EXPECT_EQ(net.client->connect({"https://a/", {}}).error().code, Errc::Rejected);
    EXPECT_EQ(net.client->connect({"wss://", {}}).error().code, Errc::Rejected);
    EXPECT_EQ(net.client->request({"GET", "wss://a/", {}, ""}).error().code, Errc::Rejected);
    EXPECT_EQ(net.client->request({"HEAD", "https://a/", {}, ""}).error().code, Errc::Rejected);
    EXPECT_EQ(net.client->request({"GET", "https://a/", {{"A", "b\r\nC: d"}}, ""}).error().code,
              Errc::Rejected);
}

TEST(Loopback, BusyPollingWorksToo) {
    ClientOptions options;
    options.loop = {.spin = true, .busy_poll_us = 50, .core = 0};
    std::thread{[&] {  // one of its own, because it stays pinned
        Loopback net{{}, options};
        const auto id = net.open({net.ws(), {}});
        ASSERT_TRUE(net.client->send(id, "spin"));
        EXPECT_EQ(net.next(NetEventKind::Message).bytes, "spin");
    }}
        .join();
    options.loop.core = 100'000;
    EXPECT_EQ(make_socket_transport(options).error().code, Errc::Unavailable);
}

}  // namespace
}  // namespace parallax::net
