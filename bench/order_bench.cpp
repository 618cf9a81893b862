// Tick to order as it is wired: the whole product on real TLS sockets against the simulated venues,
// both in one thread by turns, so that no scheduler is measured and caches are as cold as the
// venues' work leaves them. OpenSSL alone takes its turn under the same conditions.
#include <benchmark/benchmark.h>

#include <map>

#include "app/live_loop.hpp"
#include "app/live_seats.hpp"
#include "app/sim_access.hpp"
#include "net/bare_tls.hpp"
#include "net/socket_transport.hpp"
#include "runtime/clock.hpp"
#include "sim/server/sim_server.hpp"

namespace {

using namespace parallax;
using runtime::LatencyHistogram;

constexpr Nanos kRun = Nanos::seconds(20);        ///< real time
constexpr double kSpeed = 5;                      ///< market seconds a second
constexpr Nanos kDeadline = Nanos::millis(10);    ///< of market time: a message waits no longer
constexpr std::size_t kTick = 300, kOrder = 400;  ///< bytes, of the bare echo

bool is_order(std::string_view text) {
    for (const std::string_view verb :
         {"order.place", "\"op\":\"order\"", "\"op\":\"batch-orders\"", "order.create"}) {
        if (text.find(verb) != std::string_view::npos) return true;
    }
    return false;
}

/// A transport that is never waited for, and what happens at it.
class Watched final : public ports::Transport {
public:
    explicit Watched(ports::Transport& inner) noexcept : inner_{inner} {}
    Result<ports::ConnectionId> connect(const ports::WebSocketTarget& target) override {
        return inner_.connect(target);
    }
    HotResult<void> send(ports::ConnectionId connection, std::string_view text) override {
        if (!is_order(text)) return inner_.send(connection, text);
        const MonoNanos before = runtime::mono_now();
        const auto sent = inner_.send(connection, text);
        const MonoNanos after = runtime::mono_now();
        if (!std::exchange(ordered_, true)) {  // of several legs the first
            decided.record((before - told_).count());
            over_tls.record((after - told_ + reading_).count());
        }
        waiting_.emplace(connection.raw(), before);
        return sent;
    }
    HotResult<void> ping(ports::ConnectionId connection) override {
        return inner_.ping(connection);
    }
    void close(ports::ConnectionId connection, std::uint16_t code) override {
        inner_.close(connection, code);
    }
    Result<ports::RequestId> request(const ports::HttpRequest& request) override {
        return inner_.request(request);
    }
    /// One event at a time: a message does not wait for those that came with it.
    std::span<const ports::NetEvent> poll(Nanos) override {
        if (events_.empty()) {
            const MonoNanos asked = runtime::mono_now();
            events_ = inner_.poll(Nanos{});
            const auto count = static_cast<std::int64_t>(std::max<std::size_t>(1, events_.size()));
            reading_ = Nanos{(runtime::mono_now() - asked).count() / count};
            messages += events_.size();
        }
        told_ = runtime::mono_now();
        ordered_ = false;
        const auto next = events_.first(std::min<std::size_t>(1, events_.size()));
        events_ = events_.subspan(next.size());
        if (next.empty()) return next;
        const auto sent = waiting_.find(next[0].connection.raw());
        if (next[0].kind == ports::NetEventKind::Message && sent != waiting_.end()) {
            round_trip.record((told_ - sent->second).count());
            waiting_.erase(sent);
        }
        return next;
    }
    [[nodiscard]] bool idle() const noexcept { return events_.empty(); }
    UnixNanos now() const noexcept override { return inner_.now(); }

    LatencyHistogram decided;     ///< told of a message, to an order signed and framed
    LatencyHistogram over_tls;    ///< bytes at the socket, to the order's bytes at the socket
    LatencyHistogram round_trip;  ///< an order, to the venue's next word on its connection
    std::uint64_t messages = 0;

private:
    ports::Transport& inner_;
    std::span<const ports::NetEvent> events_;  ///< of the last poll, not told yet
    Nanos reading_;                            ///< of one of them from its socket
    MonoNanos told_;
    bool ordered_ = true;
    std::map<std::uint64_t, MonoNanos> waiting_;
};

struct Run {
    LatencyHistogram decided, over_tls, round_trip;
    LatencyHistogram bare_answer, bare_echo;
    double seconds = 0;       ///< the client's own
    double longest_step = 0;  ///< ns that 10 ms of the market took the client
    std::uint64_t messages = 0, plans = 0;
    std::string error;
};

/// An echo by OpenSSL alone; of it the part of the one who answers.
void echo(net::bench::BareTls& bare, Run& run) {
    static const std::string tick(kTick, 't'), order(kOrder, 'o');
    const MonoNanos start = runtime::mono_now();
    net::bench::BareTls::write(bare.server, tick);
    const MonoNanos arrived = runtime::mono_now();
    benchmark::DoNotOptimize(bare.read(bare.client).data());
    net::bench::BareTls::write(bare.client, order);
    const MonoNanos answered = runtime::mono_now();
    benchmark::DoNotOptimize(bare.read(bare.server).data());
    run.bare_answer.record((answered - arrived).count());
    run.bare_echo.record((runtime::mono_now() - start).count());
}

Run make_run() {
    Run run;
    app::Settings settings;
    settings.fees = *FeeSchedule::named("zero");
    sim_server::ServerSettings world;
    world.speed = kSpeed;
    world.accounts = sim_world::standard_accounts(world.seed);
    for (auto& account : world.accounts) account.fees = settings.fees;
    auto server = sim_server::SimServer::start(world);
    if (!server) return run.error = server.error().detail, run;
    net::ClientOptions options;
    options.extra_ca_file = "/tmp/plx_order_bench_" + std::to_string(::getpid());
    if (!(*server)->write_authority(options.extra_ca_file)) return run.error = "no /tmp", run;
    options.clock = runtime::WallClock{(*server)->now(), runtime::mono_now(), kSpeed};
    auto sockets = net::make_socket_transport(options);
    ::unlink(options.extra_ca_file.c_str());
    if (!sockets) return run.error = sockets.error().detail, run;
    Watched transport{**sockets};

    std::vector<std::unique_ptr<app::VenueAccess>> venues;
    std::array<std::string, sim_server::kDoorCount> hosts;
    for (std::size_t i = 0; i < hosts.size(); ++i)
        hosts[i] = (*server)->host(static_cast<sim_server::Door>(i));
    for (const app::VenueConfig& addresses : app::simulated_addresses(hosts)) {
        const auto venue = static_cast<Venue>(venues.size());
        venues.push_back(std::make_unique<app::VenueAccess>(
            transport, venue, addresses,
            app::simulated_credentials((*server)->accounts()[0], venue)));
    }
    app::LiveExecution* execution = nullptr;
    app::Session session{settings, {}, [&](const app::Pipeline& pipeline) {
                             auto made = std::make_unique<app::LiveExecution>(
                                 pipeline, app::terms_of(settings));
                             execution = made.get();
                             for (const auto& venue : venues)
                                 add_seats(*made, transport, *venue, pipeline.universe(), {});
                             return made;
                         }};
    if (!session.open()) return run.error = "no session", run;
    app::LiveMarket market{transport, session};
    for (const auto& venue : venues) market.add(*venue, 1);
    if (!market.subscribe(settings.live.symbols)) return run.error = "no symbols", run;

    app::LiveLoop loop{transport, session, market, execution};
    net::bench::BareTls bare;
    market.start(transport.now());
    const MonoNanos start = runtime::mono_now();
    UnixNanos step = transport.now() + kDeadline;
    Nanos in_step;
    Nanos busy;
    for (MonoNanos now = start; now - start < kRun;) {
        if (transport.idle()) {
            (*server)->poll(Nanos{});
            echo(bare, run);
        }
        const MonoNanos before = runtime::mono_now();
        const UnixNanos market_time = loop.turn();
        now = runtime::mono_now();
        busy = busy + (now - before);
        in_step = in_step + (now - before);
        if (market_time < step) continue;
        // The first second fetches listings and snapshots.
        if (now - start > Nanos::seconds(1))
            run.longest_step = std::max(run.longest_step, static_cast<double>(in_step.count()));
        in_step = Nanos{};
        step = market_time + kDeadline;
    }
    run.seconds = static_cast<double>(busy.count()) / 1e9;
    run.messages = transport.messages;
    run.plans = session.pipeline().plan_counts().sent;
    run.decided = transport.decided;
    run.over_tls = transport.over_tls;
    run.round_trip = transport.round_trip;
    return run;
}

/// One run for all benchmarks of this program.
const Run& the_run(benchmark::State& state) {
    static const Run run = make_run();
    if (!run.error.empty()) state.SkipWithError(run.error.c_str());
    for (auto _ : state) benchmark::ClobberMemory();
    return run;
}

void quantiles(benchmark::State& state, const LatencyHistogram& histogram) {
    state.counters["p50_ns"] = static_cast<double>(histogram.quantile(0.5));
    state.counters["p99_ns"] = static_cast<double>(histogram.quantile(0.99));
    state.counters["samples"] = static_cast<double>(histogram.count());
}

// Budget: 500 ns with HMAC signing, 150 ns on a session that is signed in, when hot.
void BM_TickToOrder(benchmark::State& state) { quantiles(state, the_run(state).decided); }
BENCHMARK(BM_TickToOrder)->Iterations(1);

// Bytes of a tick in at one socket, bytes of the order out at another.
void BM_TickToOrderTls(benchmark::State& state) { quantiles(state, the_run(state).over_tls); }
BENCHMARK(BM_TickToOrderTls)->Iterations(1);

// Reference: OpenSSL reads a record and writes another.
void BM_BareAnswer(benchmark::State& state) { quantiles(state, the_run(state).bare_answer); }
BENCHMARK(BM_BareAnswer)->Iterations(1);

// Budget: an echo in which the one who answers is Parallax, at most 1.15 times the bare echo.
void BM_EchoByParallax(benchmark::State& state) {
    const Run& run = the_run(state);
    state.counters["p50_ns"] = static_cast<double>(run.bare_echo.quantile(0.5)) -
                               static_cast<double>(run.bare_answer.quantile(0.5)) +
                               static_cast<double>(run.over_tls.quantile(0.5));
}
BENCHMARK(BM_EchoByParallax)->Iterations(1);

void BM_BareEcho(benchmark::State& state) { quantiles(state, the_run(state).bare_echo); }
BENCHMARK(BM_BareEcho)->Iterations(1);

// An order to the simulated venue and its answer back, both ends' work and a turn of the loop.
void BM_OrderRoundTrip(benchmark::State& state) { quantiles(state, the_run(state).round_trip); }
BENCHMARK(BM_OrderRoundTrip)->Iterations(1);

// What the client takes in from all three fronts. `first_miss_a_second`: at this rate of messages
// the fullest 10 ms of the run would have taken the client 10 ms.
void BM_MarketData(benchmark::State& state) {
    const Run& run = the_run(state);
    const auto messages = static_cast<double>(run.messages);
    const double per_second = messages / static_cast<double>(kRun.count()) * 1e9;
    state.counters["message_ns"] = run.seconds * 1e9 / messages;
    state.counters["messages_a_second"] = per_second;
    state.counters["first_miss_a_second"] =
        per_second * static_cast<double>(kDeadline.count()) / kSpeed / run.longest_step;
    state.counters["plans"] = static_cast<double>(run.plans);
}
BENCHMARK(BM_MarketData)->Iterations(1);

}  // namespace
