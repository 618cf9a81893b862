// Peers that break rules, do not read, do not speak or are too many: clear ends, bounded memory,
// and everybody else goes on.
#include <sys/resource.h>

#include <fstream>

#include "net/loopback_testing.hpp"
#include "net/websocket_frame.hpp"
#include "net/websocket_handshake.hpp"
#include "runtime/random.hpp"

namespace parallax::net {
namespace {

using ports::NetEventKind;
using ports::ServerEventKind;

/// A plain socket under a test's control.
class RawPeer {
public:
    explicit RawPeer(std::uint16_t port) : fd_{::socket(AF_INET, SOCK_STREAM, 0)} {
        const auto address = parse_address("127.0.0.1", port);
        EXPECT_EQ(::connect(fd_, address->get(), address->length), 0);
    }
    /// Waits for one that connects to `listener`.
    static RawPeer accepted(int listener) {
        return RawPeer{::accept(listener, nullptr, nullptr), 0};
    }
    ~RawPeer() { ::close(fd_); }
    RawPeer(const RawPeer&) = delete;
    RawPeer& operator=(const RawPeer&) = delete;

    void write(std::string_view bytes) {
        EXPECT_EQ(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
    }
    /// As much as fits, or nothing when the line is down.
    std::size_t write_some(std::string_view bytes) {
        const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        return count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    /// What is there now.
    std::string read() {
        std::string bytes(100'000, '\0');
        const ssize_t count = ::recv(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT);
        bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return bytes;
    }
    std::string read_until(Loopback& net, std::string_view wanted) {
        std::string all;
        EXPECT_TRUE(net.until([&] {
            all += read();
            return all.find(wanted) != std::string::npos;
        })) << all;
        return all;
    }
    void upgrade(Loopback& net) {
        const auto url = parse_url("ws://localhost/");
        write(make_websocket_offer(*url, {}, false).request);
        (void)read_until(net, "\r\n\r\n");
    }

private:
    RawPeer(int fd, int /*tag*/) : fd_{fd} {}
    int fd_;
};

/// A listener that says whatever a test wants.
class RawServer {
public:
    RawServer() : fd_{::socket(AF_INET, SOCK_STREAM, 0)} {
        auto address = parse_address("127.0.0.1", 0);
        EXPECT_EQ(::bind(fd_, address->get(), address->length), 0);
        EXPECT_EQ(::listen(fd_, 10), 0);
        EXPECT_EQ(::getsockname(fd_, address->get(), &address->length), 0);
        port = address->port();
    }
    ~RawServer() { ::close(fd_); }
    RawServer(const RawServer&) = delete;
    RawServer& operator=(const RawServer&) = delete;
    /// Polls until somebody has connected and sent a request.
    [[nodiscard]] std::unique_ptr<RawPeer> accept(Loopback& net) const {
        net.step();
        std::unique_ptr<RawPeer> peer{new RawPeer{RawPeer::accepted(fd_)}};
        (void)peer->read_until(net, "\r\n\r\n");
        return peer;
    }
    std::uint16_t port = 0;

private:
    int fd_;
};

std::size_t resident_bytes() {
    std::ifstream file{"/proc/self/statm"};
    std::size_t pages = 0;
    file >> pages >> pages;
    return pages * 4'096;
}

std::string random_bytes(std::size_t size, std::uint64_t seed) {
    runtime::Random random{seed};
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.next());
    return bytes;
}

TEST(Abuse, GarbageInsteadOfTlsIsCutAndOthersGoOn) {
    Loopback net;
    const auto id = net.open({net.ws(), {}});
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        RawPeer peer{net.port};
        peer.write(random_bytes(1'000, seed));
        EXPECT_TRUE(net.until([&] { return net.server->connections() == 1; }));
    }
    ASSERT_TRUE(net.client->send(id, "alive"));
    EXPECT_EQ(net.next(NetEventKind::Message).bytes, "alive");
}

TEST(Abuse, GarbageInsteadOfHttpIsAnswered400) {
    Loopback net{{}, {}, false};
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        RawPeer peer{net.port};
        peer.write(random_bytes(1'000, seed) + "\n");
        EXPECT_TRUE(peer.read_until(net, "\r\n\r\n").starts_with("HTTP/1.1 400 ")) << seed;
    }
    EXPECT_TRUE(net.until([&] { return net.server->connections() == 0; }));
}

TEST(Abuse, GarbageAfterTheUpgradeClosesWith1002) {
    Loopback net{{}, {}, false};
    RawPeer peer{net.port};
    peer.upgrade(net);
    peer.write("\xFF\xFF garbage");
    EXPECT_TRUE(net.until([&] { return net.server_close_code != 0; }));
    EXPECT_EQ(net.server_close_code, 1002);
    const std::string close = peer.read_until(net, "bad frame header");
    EXPECT_TRUE(close.starts_with("\x88\x12\x03\xEA"));
}

TEST(Abuse, SlowRequestEndsWith408AndItsMemoryIsBounded) {
    ServerOptions options;
    options.request_timeout = Nanos::millis(300);
    Loopback net{options, {}, false};
    RawPeer peer{net.port};
    const MonoNanos begin = runtime::mono_now();
    std::string answer;
    peer.write("GET / HTTP/1.1\r\n");
    while (answer.empty() && runtime::mono_now() - begin < Nanos::seconds(10)) {
        peer.write("A: b\r\n");  // each line comes in time, the request never does
        for (int i = 0; i < 50 && answer.empty(); ++i) {
            net.step();
            answer = peer.read();
        }
    }
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 ")) << answer;
}

TEST(Abuse, SilentPeersAreCutDuringTheTlsHandshake) {
    ServerOptions options;
    options.request_timeout = Nanos::millis(100);
    Loopback net{options};
    RawPeer peer{net.port};
    ASSERT_TRUE(net.until([&] { return net.server->connections() == 1; }));
    EXPECT_TRUE(net.until([&] { return net.server->connections() == 0; }));
}

TEST(Abuse, HeadAndBodyAreLimited) {
    Loopback net{{}, {}, false};
    RawPeer long_head{net.port};
    long_head.write("GET / HTTP/1.1\r\nA: " + std::string(17'000, 'x'));
    EXPECT_TRUE(long_head.read_until(net, "\r\n\r\n").starts_with("HTTP/1.1 431 "));
    RawPeer long_body{net.port};
    long_body.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4194305\r\n\r\n");
    EXPECT_TRUE(long_body.read_until(net, "\r\n\r\n").starts_with("HTTP/1.1 413 "));
}

TEST(Abuse, MessageOverTheLimitClosesWith1009) {
    ServerOptions options;
    options.max_message = 1'000;
    Loopback net{options};
    const auto id = net.open({net.ws(), {}});
    ASSERT_TRUE(net.client->send(id, std::string(1'001, 'x')));
    EXPECT_EQ(net.next(NetEventKind::Closed).code, 1009);
    ports::WebSocketTarget target{net.ws(), {}};
    target.max_message = 10;
    const auto small = net.open(target);
    ASSERT_TRUE(net.client->send(small, "more than ten"));
    EXPECT_EQ(net.next(NetEventKind::Closed).code, 1009);
    EXPECT_TRUE(net.until([&] { return net.server_close_code == 1009; }));
}

TEST(Abuse, SlowReaderIsPushedBackThenCut) {
    ServerOptions options;
    options.send_buffer = 100'000;
    options.stuck_timeout = Nanos::millis(300);
    Loopback net{options, {}, false};
    ports::SessionId session;
    net.on_server = [&](SocketServer& server, const ports::ServerEvent& event) {
        if (event.kind == ServerEventKind::Upgrade) session = server.accept(event.exchange, {});
    };
    RawPeer peer{net.port};
    peer.upgrade(net);
    const std::string text(10'000, 'x');
    Errc refused{};
    std::size_t sent = 0;
    const MonoNanos end = runtime::mono_now() + Nanos::seconds(10);
    while (runtime::mono_now() < end) {
        const auto result = net.server->send(session, text);
        sent += result ? 1 : 0;
        if (!result) {
            refused = result.error();
            if (refused == Errc::Unavailable) break;
            net.step();
        }
    }
    EXPECT_GT(sent, 10U) << "the kernel's buffers and ours";
    EXPECT_EQ(refused, Errc::Unavailable) << "cut in the end";
    EXPECT_TRUE(net.until([&] { return net.server_close_code == 1006; }));
    EXPECT_TRUE(net.until([&] { return net.server->connections() == 0; }));
}

TEST(Abuse, PingFloodWithoutReadingIsCut) {
    ServerOptions options;
    options.send_buffer = 50'000;
    Loopback net{options, {}, false};
    RawPeer peer{net.port};
    peer.upgrade(net);
    FrameHeader header;
    header.opcode = Opcode::Ping;
    header.masked = true;
    header.length = 125;
    char bytes[kMaxFrameHeader];
    const std::string one =
        std::string{bytes, write_frame_header(header, bytes)} + std::string(125, 'p');
    std::string many;
    for (int i = 0; i < 1'000; ++i) many += one;
    std::string_view rest = many;
    for (int i = 0; i < 20'000 && net.server_close_code == 0; ++i) {
        net.step();
        rest.remove_prefix(peer.write_some(rest));
        if (rest.empty()) rest = many;
    }
    EXPECT_EQ(net.server_close_code, 1006);
}

TEST(Abuse, ConnectionsAreLimited) {
    ServerOptions options;
    options.max_connections = 2;
    Loopback net{options};
    (void)net.open({net.ws(), {}});
    (void)net.open({net.ws(), {}});
    ASSERT_TRUE(net.client->connect({net.ws(), {}}));
    EXPECT_EQ(net.next(NetEventKind::Closed).code, 1006);
    EXPECT_EQ(net.server->connections(), 2U);
}

TEST(Abuse, AThousandConnectionsFitAndLeaveNothingBehind) {
    rlimit files{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, 8'192);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
    constexpr std::size_t kMany = 1'000;
    Loopback net;
    const auto first = net.open({net.ws(), {}});
    const std::size_t before = resident_bytes();
    std::vector<ports::ConnectionId> ids;
    for (std::size_t i = 0; i < kMany; ++i) {
        ids.push_back(*net.client->connect({net.ws(), {}, false, 1 << 20, Nanos::seconds(120)}));
    }
    ASSERT_TRUE(
        net.until([&] { return net.count(NetEventKind::Opened) == kMany; }, Nanos::seconds(120)));
    net.seen.clear();
    for (const auto id : ids) ASSERT_TRUE(net.client->send(id, std::string(2'000, 'x')));
    ASSERT_TRUE(
        net.until([&] { return net.count(NetEventKind::Message) == kMany; }, Nanos::seconds(60)));
#ifndef PLX_SANITIZED
    // Both sides together: OpenSSL's sessions are most of it.
    EXPECT_LT(resident_bytes() - before, kMany * 200'000);
#endif
    for (const auto id : ids) net.client->close(id);
    ASSERT_TRUE(net.until([&] { return net.server->connections() == 1; }, Nanos::seconds(60)));
    net.seen.clear();
    ASSERT_TRUE(net.client->send(first, "still here"));
    EXPECT_EQ(net.next(NetEventKind::Message).bytes, "still here");
    RecordProperty("kilobytes", static_cast<int>((resident_bytes() - before) / 1'024));
}

/// What a client makes of a server's answer to its request.
SeenClientEvent answered(const std::string& answer, NetEventKind kind) {
    Loopback net{{}, {}, false};
    const RawServer server;
    const std::string url = "http://127.0.0.1:" + std::to_string(server.port) + "/";
    EXPECT_TRUE(net.client->request({"GET", url, {}, "", Nanos::seconds(10)}));
    {
        const auto peer = server.accept(net);
        peer->write(answer);
    }
    return net.next(kind);
}

TEST(Abuse, CutAnswersFailAsSent) {
    for (const char* answer :
         {"", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal", "SSH-2.0-x\r\n",
          "HTTP/1.1 101 Switching Protocols\r\n\r\n"}) {
        const SeenClientEvent failed = answered(answer, NetEventKind::Failed);
        EXPECT_FALSE(failed.unsent) << answer;
        EXPECT_FALSE(failed.bytes.empty());
    }
}

TEST(Abuse, AnswersEndInEveryWay) {
    EXPECT_EQ(answered("HTTP/1.1 200 OK\r\n\r\nto the end", NetEventKind::Response).bytes,
              "to the end");
    EXPECT_EQ(answered("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n"
                       "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                       NetEventKind::Response)
                  .bytes,
              "ok");
    EXPECT_EQ(answered("HTTP/1.1 429 Slow\r\nContent-Length: 0\r\nRetry-After: 3\r\n\r\n",
                       NetEventKind::Response)
                  .code,
              429);
}

TEST(Abuse, WrongUpgradeAnswersAreRefused) {
    for (const char* answer :
         {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "garbage\r\n\r\n", "",
          "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Accept: wrong\r\n\r\n"}) {
        Loopback net{{}, {}, false};
        const RawServer server;
        ASSERT_TRUE(
            net.client->connect({"ws://127.0.0.1:" + std::to_string(server.port) + "/", {}}));
        {
            const auto peer = server.accept(net);
            peer->write(answer);
        }
        const SeenClientEvent closed = net.next(NetEventKind::Closed);
        EXPECT_EQ(closed.code, 1006) << answer;
        EXPECT_FALSE(closed.bytes.empty());
    }
}

TEST(Abuse, SilentServersTimeOutWithTheirPhase) {
    Loopback net{{}, {}, false};
    const RawServer server;
    ports::WebSocketTarget target{"wss://127.0.0.1:" + std::to_string(server.port) + "/", {}};
    target.timeout = Nanos::millis(100);
    ASSERT_TRUE(net.client->connect(target));
    const std::string why = net.next(NetEventKind::Closed).bytes;
    EXPECT_NE(why.find("timed out while in the TLS handshake"), std::string::npos) << why;
}

}  // namespace
}  // namespace parallax::net
