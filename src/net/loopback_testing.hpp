#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <vector>

#include "net/socket_server.hpp"
#include "net/socket_transport.hpp"
#include "runtime/clock.hpp"

namespace parallax::net {

/// A certificate authority and its file, shared by all tests of a program.
class TestAuthority {
public:
    static TestAuthority& get() {
        static TestAuthority one;
        return one;
    }
    [[nodiscard]] const std::string& file() const { return file_; }
    [[nodiscard]] Certificate issue(std::vector<std::string> hosts = {"localhost", "127.0.0.1"},
                                    Nanos from = Nanos::seconds(-3'600),
                                    Nanos to = Nanos::seconds(3'600)) const {
        return authority_.issue(hosts, from, to);
    }

private:
    TestAuthority() : authority_{"Parallax test"} {
        file_ = ::testing::TempDir() + "plx_ca_" + std::to_string(::getpid()) + ".pem";
        EXPECT_TRUE(authority_.write(file_));
    }
    ~TestAuthority() { ::unlink(file_.c_str()); }
    CertificateAuthority authority_;
    std::string file_;
};

/// A copy of a NetEvent that outlives the poll.
struct SeenClientEvent {
    ports::NetEventKind kind;
    std::uint16_t code;
    bool unsent;
    ports::ConnectionId connection;
    ports::RequestId request;
    std::string bytes;
    std::vector<ports::HttpHeader> headers;
};

/// A server and a client in one thread, polled in turn.
class Loopback {
public:
    using OnServer = std::function<void(SocketServer&, const ports::ServerEvent&)>;

    explicit Loopback(ServerOptions server_options = {}, ClientOptions client_options = {},
                      bool tls = true, std::optional<Certificate> certificate = {}) {
        auto made = SocketServer::make(server_options);
        EXPECT_TRUE(made);
        server = std::move(*made);
        ListenOptions listen;
        if (tls) listen.certificate = certificate ? *certificate : TestAuthority::get().issue();
        const auto listening = server->listen(listen);
        EXPECT_TRUE(listening);
        listener = listening->id;
        port = listening->port;
        if (client_options.extra_ca_file.empty()) {
            client_options.extra_ca_file = TestAuthority::get().file();
        }
        // Names without a look-up, so that tests need no resolver.
        client_options.overrides.push_back(
            {"localhost:" + std::to_string(port), "127.0.0.1", port});
        auto transport = make_socket_transport(client_options);
        EXPECT_TRUE(transport) << transport.error().detail;
        client = std::move(*transport);
        scheme_end = tls ? "s://localhost:" : "://localhost:";
        on_server = echo;
    }

    /// Accepts every WebSocket, sends messages back, answers requests with their body.
    static void echo(SocketServer& server, const ports::ServerEvent& event) {
        switch (event.kind) {
            case ports::ServerEventKind::Upgrade:
                server.accept(event.exchange, {});
                return;
            case ports::ServerEventKind::Request:
                server.respond(
                    event.exchange,
                    {200, {{"X-Path", std::string{event.path}}}, std::string{event.bytes}, false});
                return;
            case ports::ServerEventKind::Message:
                (void)server.send(event.session, event.bytes);
                return;
            default:
                return;
        }
    }

    [[nodiscard]] std::string ws(const std::string& target = "/ws") const {
        return "ws" + scheme_end + std::to_string(port) + target;
    }
    [[nodiscard]] std::string http(const std::string& target = "/") const {
        return "http" + scheme_end + std::to_string(port) + target;
    }

    void step() {
        for (const ports::ServerEvent& event : server->poll(Nanos{})) {
            server_events.push_back(event.kind);
            if (event.kind == ports::ServerEventKind::Closed) server_close_code = event.code;
            on_server(*server, event);
        }
        for (const ports::NetEvent& event : client->poll(Nanos::micros(200))) {
            seen.push_back({event.kind,
                            event.code,
                            event.unsent,
                            event.connection,
                            event.request,
                            std::string{event.bytes},
                            {event.headers.begin(), event.headers.end()}});
        }
    }
    /// Polls until `done` or `limit` is over; whether it is done.
    bool until(const std::function<bool()>& done, Nanos limit = Nanos::seconds(20)) {
        const MonoNanos end = runtime::mono_now() + limit;
        while (!done()) {
            if (runtime::mono_now() > end) return false;
            step();
        }
        return true;
    }
    [[nodiscard]] std::size_t count(ports::NetEventKind kind) const {
        std::size_t found = 0;
        for (const SeenClientEvent& event : seen) found += event.kind == kind ? 1 : 0;
        return found;
    }
    /// Waits for the next event of a kind and takes everything up to it.
    SeenClientEvent next(ports::NetEventKind kind, Nanos limit = Nanos::seconds(20)) {
        EXPECT_TRUE(until([&] { return count(kind) > 0; }, limit)) << "no event came";
        while (!seen.empty()) {
            SeenClientEvent first = std::move(seen.front());
            seen.erase(seen.begin());
            if (first.kind == kind) return first;
        }
        return {};
    }
    ports::ConnectionId open(ports::WebSocketTarget target) {
        const auto id = client->connect(target);
        EXPECT_TRUE(id);
        (void)next(ports::NetEventKind::Opened);
        return *id;
    }
    SeenClientEvent get(const std::string& url, const std::string& body = "") {
        const auto id =
            client->request({body.empty() ? "GET" : "POST", url, {}, body, Nanos::seconds(10)});
        EXPECT_TRUE(id);
        return next(ports::NetEventKind::Response);
    }

    std::unique_ptr<SocketServer> server;
    std::unique_ptr<ports::Transport> client;
    ports::ListenerId listener;
    std::uint16_t port = 0;
    std::string scheme_end;
    OnServer on_server;
    std::vector<SeenClientEvent> seen;
    std::vector<ports::ServerEventKind> server_events;
    std::uint16_t server_close_code = 0;
};

}  // namespace parallax::net
