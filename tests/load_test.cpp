// The simulated venues under load and abuse, over real TLS: they say no in the venue's way, go on
// serving those who behave, hold bounded memory, and need no restart.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <map>
#include <thread>

#include "binary.hpp"
#include "net/socket_transport.hpp"
#include "runtime/clock.hpp"
#include "sim/server/background_server.hpp"

namespace parallax::tests {
namespace {

using namespace std::chrono_literals;
using ports::NetEventKind;
using sim_server::BackgroundServer;
using sim_server::Door;
using sim_server::SimServer;

#ifdef PLX_SANITIZED  // keeps what was freed
constexpr std::size_t kMostGrowth = 1'200'000'000;
#else
constexpr std::size_t kMostGrowth = 400'000'000;  ///< bytes; 1,000 readers that do not read
#endif
constexpr Nanos kPatience = Nanos::seconds(60);  ///< sanitizers are slow

std::size_t resident_bytes() {
    std::ifstream statm{"/proc/self/statm"};
    std::size_t size = 0, resident = 0;
    statm >> size >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

struct Route {
    Door door;
    const char* socket;
    const char* subscribe;
    const char* time;
};
constexpr Route kRoutes[] = {
    {Door::BinanceSpot, "/ws", R"({"method":"SUBSCRIBE","params":["btcusdt@depth@100ms"],"id":1})",
     "/api/v3/time"},
    {Door::BinanceUsdm, "/ws", R"({"method":"SUBSCRIBE","params":["btcusdt@depth@100ms"],"id":1})",
     "/fapi/v1/time"},
    {Door::Okx, "/ws/v5/public",
     R"({"op":"subscribe","args":[{"channel":"books","instId":"BTC-USDT"}]})",
     "/api/v5/public/time"},
    {Door::Bybit, "/v5/public/spot", R"({"op":"subscribe","args":["orderbook.50.BTCUSDT"]})",
     "/v5/market/time"},
};

class Load : public ::testing::Test {
protected:
    void SetUp() override {
        sim_server::ServerSettings settings;
        auto started = BackgroundServer::start(settings);
        ASSERT_TRUE(started) << started.error().detail;
        server_ = std::move(*started);
        ASSERT_TRUE(server_->facts().write_authority(folder_.path("ca.pem")));
        calm_ = client();
    }
    std::unique_ptr<ports::Transport> client() const {
        net::ClientOptions options;
        options.extra_ca_file = folder_.path("ca.pem");
        return std::move(*net::make_socket_transport(options));
    }
    std::string url(const char* scheme, const Route& route, const char* path) const {
        return std::string{scheme} + "://" + server_->facts().host(route.door) + path;
    }
    /// Every door tells its time to somebody who behaves: twice a second at most, as the venues'
    /// limits want.
    void expect_served() {
        std::this_thread::sleep_for(500ms);
        std::map<std::uint64_t, const Route*> asked;
        for (const Route& route : kRoutes) {
            ports::HttpRequest request;
            request.method = "GET";
            request.url = url("https", route, route.time);
            request.timeout = Nanos::seconds(20);
            const auto id = calm_->request(request);
            ASSERT_TRUE(id);
            asked.emplace(id->raw(), &route);
        }
        const MonoNanos until = runtime::mono_now() + kPatience;
        while (!asked.empty() && runtime::mono_now() < until) {
            for (const ports::NetEvent& event : calm_->poll(Nanos::millis(10))) {
                if (event.kind == NetEventKind::Response)
                    EXPECT_EQ(event.code, 200) << event.bytes;
                else
                    ADD_FAILURE() << event.bytes;
                asked.erase(event.request.raw());
            }
        }
        EXPECT_TRUE(asked.empty());
    }
    [[nodiscard]] std::size_t connections() const {
        std::size_t count = 0;
        server_->ask([&](SimServer& server) { count = server.connections(); });
        return count;
    }
    /// All but those of the one who behaves have gone.
    void expect_forgotten() {
        const MonoNanos until = runtime::mono_now() + kPatience;
        while (connections() > 2 * std::size(kRoutes) && runtime::mono_now() < until)
            expect_served();
        EXPECT_LE(connections(), 2 * std::size(kRoutes));
    }

    TemporaryFolder folder_;
    std::unique_ptr<BackgroundServer> server_;
    std::unique_ptr<ports::Transport> calm_;
};

TEST_F(Load, AThousandWhoSubscribeAndDoNotRead) {
    expect_served();
    const std::size_t before = resident_bytes();
    std::size_t opened = 0;
    std::map<std::string, std::size_t> refused;
    {
        const auto crowd = client();
        std::map<std::uint64_t, const Route*> waiting;
        for (std::size_t i = 0; i < 1'000; ++i) {
            const Route& route = kRoutes[i % std::size(kRoutes)];
            const auto id = crowd->connect({url("wss", route, route.socket), {}});
            ASSERT_TRUE(id);
            waiting.emplace(id->raw(), &route);
        }
        const MonoNanos until = runtime::mono_now() + kPatience;
        while (!waiting.empty() && runtime::mono_now() < until) {
            for (const ports::NetEvent& event : crowd->poll(Nanos::millis(10))) {
                const auto found = waiting.find(event.connection.raw());
                if (found == waiting.end()) continue;
                if (event.kind == NetEventKind::Opened) {
                    ++opened;
                    ASSERT_TRUE(crowd->send(event.connection, found->second->subscribe));
                } else if (event.kind == NetEventKind::Closed) {
                    ++refused[std::string{event.bytes}];
                } else {
                    continue;
                }
                waiting.erase(found);
            }
        }
        EXPECT_TRUE(waiting.empty()) << waiting.size() << " without an answer";
        // The venues' own limits: OKX allows three connections a second from an address.
        EXPECT_GT(opened, 500U);
        for (const auto& [why, count] : refused) {
            EXPECT_FALSE(why.empty()) << count;
            std::printf("%zu refused: %s\n", count, why.c_str());
        }
        const MonoNanos reading_nothing = runtime::mono_now() + Nanos::seconds(15);
        while (runtime::mono_now() < reading_nothing) expect_served();
        EXPECT_LT(resident_bytes(), before + kMostGrowth);
    }
    expect_forgotten();
    std::printf("%zu opened, %zd MB more\n", opened,
                static_cast<std::ptrdiff_t>(resident_bytes() - before) / 1'000'000);
}

TEST_F(Load, GarbageAndSilenceAtTheDoors) {
    expect_served();
    std::vector<int> sockets;
    for (std::size_t i = 0; i < 300; ++i) {
        const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(server_->facts().port(kRoutes[i % std::size(kRoutes)].door));
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ASSERT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
        // A third says nothing at all, a third plain HTTP, a third what comes into its mind.
        const std::string text = i % 3 == 0   ? ""
                                 : i % 3 == 1 ? "GET /api/v3/time HTTP/1.1\r\nHost: x\r\n\r\n"
                                              : std::string(4'096, static_cast<char>(i));
        if (!text.empty()) (void)!::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        sockets.push_back(fd);
    }
    for (int i = 0; i < 10; ++i) expect_served();
    expect_forgotten();  // the silent ones too
    for (const int fd : sockets) ::close(fd);
    expect_served();
}

}  // namespace
}  // namespace parallax::tests
