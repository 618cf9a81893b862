// Tick to order as it is wired: the whole product on real TLS sockets against the simulated venues,
// both in one thread by turns, so that no scheduler is measured and caches are as cold as the
// venues' work leaves them. OpenSSL alone takes its turn under the same conditions.
#include <benchmark/benchmark.h>

#include "app/live_loop.hpp"
#include "app/live_seats.hpp"
#include "app/sim_access.hpp"
#include "net/socket_transport.hpp"
#include "order_watch.hpp"
#include "sim/server/sim_server.hpp"

namespace {

using namespace parallax;
using bench::quantiles;

constexpr Nanos kRun = Nanos::seconds(20);      ///< real time
constexpr double kSpeed = 5;                    ///< market seconds a second
constexpr Nanos kDeadline = Nanos::millis(10);  ///< of market time: a message waits no longer

struct Run : bench::OrderFigures {
    bench::Way way;
    bench::Samples round_trip;
    double seconds = 0;       ///< the client's own
    double longest_step = 0;  ///< ns that 10 ms of the market took the client
    std::uint64_t messages = 0, plans = 0;
};

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
    bench::Watched transport{**sockets};
    transport.way = &run.way;

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
    bench::BareEcho bare;
    market.start(transport.now());
    const MonoNanos start = runtime::mono_now();
    UnixNanos step = transport.now() + kDeadline;
    Nanos in_step;
    Nanos busy;
    for (MonoNanos now = start; now - start < kRun;) {
        if (transport.idle()) {
            (*server)->poll(Nanos{});
            bare.run();
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
    run.take(bare);
    run.round_trip = transport.round_trip;
    return run;
}

/// One run for all benchmarks of this program.
const Run& the_run(benchmark::State& state) {
    static const Run run = make_run();
    bench::check(state, run);
    return run;
}

// Budget: 500 ns with HMAC signing, 150 ns on a session that is signed in, when hot.
void BM_TickToOrder(benchmark::State& state) { quantiles(state, the_run(state).way.decided); }
BENCHMARK(BM_TickToOrder)->Iterations(1);

// Bytes of a tick in at one socket, bytes of the order out at another.
void BM_TickToOrderTls(benchmark::State& state) { quantiles(state, the_run(state).way.over_tls); }
BENCHMARK(BM_TickToOrderTls)->Iterations(1);

// Reference: OpenSSL reads a record and writes another.
void BM_BareAnswer(benchmark::State& state) { quantiles(state, the_run(state).bare_answer); }
BENCHMARK(BM_BareAnswer)->Iterations(1);

// Budget: an echo in which the one who answers is Parallax, at most 1.15 times the bare echo.
void BM_EchoByParallax(benchmark::State& state) {
    const Run& run = the_run(state);
    state.counters["p50_ns"] = run.echo(run.way);
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
