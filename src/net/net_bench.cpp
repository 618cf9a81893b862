// WebSocket over loopback TLS beside OpenSSL alone on the same kind of connection. Both ends take
// turns in one thread, so a round trip is the work of both and no scheduler's; nobody ever sleeps.
#include <benchmark/benchmark.h>

#include <chrono>

#include "net/bare_tls.hpp"
#include "net/socket_server.hpp"
#include "net/socket_transport.hpp"

namespace {

using namespace parallax;
using namespace parallax::net;
using namespace parallax::net::bench;

constexpr std::size_t kBatch = 100;

/// Our client and our server with one WebSocket between them.
class OverWebSocket {
public:
    OverWebSocket() {
        ServerOptions server_options;
        server = std::move(*SocketServer::make(server_options));
        ListenOptions listen;
        listen.certificate = certificate();
        const auto listening = server->listen(listen);
        ClientOptions options;
        options.loop.spin = true;
        options.extra_ca_file = ca_file(authority());
        client = std::move(*make_socket_transport(options));
        ::unlink(options.extra_ca_file.c_str());
        connection =
            *client->connect({"wss://127.0.0.1:" + std::to_string(listening->port) + "/", {}});
        for (bool open = false; !open;) {
            for (const auto& event : server->poll(Nanos{})) {
                if (event.kind == ports::ServerEventKind::Upgrade) {
                    session = server->accept(event.exchange, {});
                }
            }
            for (const auto& event : client->poll(Nanos{})) {
                if (event.kind == ports::NetEventKind::Closed) std::abort();
                open = event.kind == ports::NetEventKind::Opened;
            }
        }
    }
    std::unique_ptr<SocketServer> server;
    std::unique_ptr<ports::Transport> client;
    ports::ConnectionId connection;
    ports::SessionId session;
};

// Reference: TLS alone. SSL_read takes two reads of the socket for a record.
void BM_TlsEcho(benchmark::State& state) {
    BareTls tls;
    const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
    for (auto _ : state) {
        BareTls::write(tls.client, text);
        BareTls::write(tls.server, tls.read(tls.server));
        benchmark::DoNotOptimize(tls.read(tls.client).data());
    }
}
BENCHMARK(BM_TlsEcho)->Arg(200);

// Budget: at most 1.15 times the bare echo.
void BM_WebSocketEcho(benchmark::State& state) {
    OverWebSocket net;
    const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
    for (auto _ : state) {
        if (!net.client->send(net.connection, text)) std::abort();
        for (bool answered = false; !answered;) {
            for (const auto& event : net.server->poll(Nanos{})) {
                if (!net.server->send(event.session, event.bytes)) std::abort();
            }
            answered = !net.client->poll(Nanos{}).empty();
        }
    }
}
BENCHMARK(BM_WebSocketEcho)->Arg(200);

/// What reading one message takes, without those that write it.
class Reading {
public:
    explicit Reading(benchmark::State& state) : state_{state} {}
    ~Reading() {
        const auto messages = static_cast<double>(state_.iterations() * kBatch);
        state_.counters["message_ns"] = seconds_ * 1e9 / messages;
        state_.counters["messages_a_second"] = messages / seconds_;
    }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    void begin() { begin_ = std::chrono::steady_clock::now(); }
    void end() {
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin_;
        seconds_ += taken.count();
        state_.SetIterationTime(taken.count());
    }

private:
    benchmark::State& state_;
    double seconds_ = 0;
    std::chrono::steady_clock::time_point begin_;
};

// Reference: reading the same records with OpenSSL alone.
void BM_TlsReceive(benchmark::State& state) {
    BareTls tls;
    Reading reading{state};
    const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
    for (auto _ : state) {
        for (std::size_t i = 0; i < kBatch; ++i) BareTls::write(tls.server, text);
        reading.begin();
        for (std::size_t i = 0; i < kBatch; ++i) {
            benchmark::DoNotOptimize(tls.read(tls.client).data());
        }
        reading.end();
    }
}
BENCHMARK(BM_TlsReceive)->Arg(200)->UseManualTime()->Iterations(2'000);

// What a client can take in: messages of a burst, read, decrypted, checked and told.
void BM_WebSocketReceive(benchmark::State& state) {
    OverWebSocket net;
    Reading reading{state};
    const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
    for (auto _ : state) {
        for (std::size_t i = 0; i < kBatch; ++i) {
            if (!net.server->send(net.session, text)) std::abort();
        }
        (void)net.server->poll(Nanos{});
        reading.begin();
        for (std::size_t got = 0; got < kBatch;) got += net.client->poll(Nanos{}).size();
        reading.end();
    }
}
BENCHMARK(BM_WebSocketReceive)->Arg(200)->UseManualTime()->Iterations(2'000);

}  // namespace
