#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "app/commands.hpp"
#include "app/live_run.hpp"
#include "app/live_seats.hpp"
#include "app/sim_access.hpp"
#include "app/sim_truth.hpp"
#include "app/stop.hpp"
#include "net/socket_transport.hpp"
#include "sim/server/background_server.hpp"

namespace parallax::app {
namespace {

using sim_server::BackgroundServer;

constexpr Nanos kBooksBack = Nanos::seconds(120);  // market time
constexpr Nanos kQuiet = Nanos::seconds(10);       // for what is under way at any speed

/// A folder that goes with the process, for the simulation's certificate authority.
class Scratch {
public:
    Scratch() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "parallax-up-XXXXXX").string();
        if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
    }
    ~Scratch() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    [[nodiscard]] bool good() const noexcept { return !path_.empty(); }
    [[nodiscard]] std::string file(const char* name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

Result<Settings> settings_of(const UpOptions& options) {
    Settings settings;
    if (!options.config.empty()) {
        auto read = read_settings(options.config);
        if (!read) return read;
        settings = std::move(*read);
    }
    if (!options.fees.empty()) {
        const auto fees = read_fees(options.fees);
        if (!fees) return tl::unexpected<Error>{fees.error()};
        settings.fees = *fees;
    }
    return settings;
}

/// Once every book is whole again and nobody trades any more: what differs from the truth.
std::vector<std::string> found_in(LiveLoop& loop, const ports::Transport& transport,
                                  const Session& session, const LiveMarket& market,
                                  const LiveExecution& execution, BackgroundServer& server) {
    const UnixNanos until = transport.now() + kBooksBack;
    const auto whole = [&] {
        // Not only of those that are subscribed at the moment.
        const auto& all = session.pipeline().universe().instruments();
        const auto gone = std::ranges::count(all, InstrumentStatus::Delisted, &Instrument::status);
        return market.readiness().tradable + static_cast<std::size_t>(gone) == all.size();
    };
    while (transport.now() < until && !whole()) loop.turn();
    std::vector<std::string> found;
    if (!whole()) found.emplace_back("not every book is live again");
    server.ask([](sim_server::SimServer& sim) { sim.world().fall_quiet(); });
    const UnixNanos quiet = transport.now() + kQuiet;
    while (transport.now() < quiet) loop.turn();
    server.ask([&](sim_server::SimServer& sim) {
        for (std::string& one : differences(session, execution, sim.world()))
            found.push_back(std::move(one));
    });
    return found;
}

}  // namespace

int run_up(const UpOptions& options) {
    const auto settings = settings_of(options);
    if (!settings) return refuse("up", settings.error());
    auto script = options.faults.empty() ? std::vector<sim_world::ScheduledFault>{}
                                         : read_fault_script(options.faults);
    if (!script) return refuse("up", script.error());
    SessionOptions session_options;
    session_options.seed = options.seed;
    session_options.journal = options.journal;
    session_options.snapshot_every = options.snapshot_every;
    session_options.mode = "up";
    session_options.inputs = "simulated venues";
    session_options.measure = true;
    sim_server::ServerSettings world;
    world.seed = options.seed;
    world.speed = options.speed;
    world.accounts = sim_world::standard_accounts(options.seed);
    for (sim_world::AccountSettings& account : world.accounts) account.fees = settings->fees;
    const auto server = BackgroundServer::start(world);
    if (!server) return refuse("up", server.error());
    const Scratch scratch;
    net::ClientOptions client;
    client.extra_ca_file = scratch.file("ca.pem");
    if (!scratch.good())
        return refuse("up", {Errc::Unavailable, "no folder for temporary files: set TMPDIR"});
    if (const auto written = (*server)->facts().write_authority(client.extra_ca_file); !written)
        return refuse("up", written.error());
    (*server)->ask([&](sim_server::SimServer& sim) {
        client.clock = runtime::WallClock{sim.now(), runtime::mono_now(), options.speed};
    });
    const auto transport = net::make_socket_transport(client);
    if (!transport) return refuse("up", transport.error());

    std::vector<std::unique_ptr<VenueAccess>> venues;
    std::array<std::string, sim_server::kDoorCount> hosts;
    for (std::size_t i = 0; i < hosts.size(); ++i)
        hosts[i] = (*server)->facts().host(static_cast<sim_server::Door>(i));
    for (const VenueConfig& addresses : simulated_addresses(hosts)) {
        const auto venue = static_cast<Venue>(venues.size());
        venues.push_back(std::make_unique<VenueAccess>(
            **transport, venue, addresses,
            simulated_credentials((*server)->facts().accounts()[0], venue)));
    }
    LiveExecution* execution = nullptr;
    const auto make_execution = [&](const Pipeline& pipeline) {
        auto made = std::make_unique<LiveExecution>(pipeline, terms_of(*settings));
        execution = made.get();
        for (const auto& venue : venues)
            add_seats(*made, **transport, *venue, pipeline.universe(), {});
        return made;
    };
    Session session{*settings, session_options,
                    options.paper ? Session::MakeExecution{} : make_execution};
    if (const auto opened = session.open(); !opened) return refuse("up", opened.error());
    LiveMarket market{**transport, session};
    for (const auto& venue : venues)
        market.add(*venue, options.seed + static_cast<std::uint64_t>(venue->venue()));
    if (const auto done = market.subscribe(settings->live.symbols); !done)
        return refuse("up", done.error());
    std::optional<Recorder> recorder;
    if (!options.record.empty()) {
        auto made = Recorder::create(options.record, false);
        if (!made) return refuse("up", made.error());
        market.record(recorder.emplace(std::move(*made)));
    }
    stop_on_signals();
    LiveRunOptions run;
    run.title = std::string{options.paper ? "PAPER on" : "orders to"} + " simulated venues, seed " +
                std::to_string(options.seed);
    run.seconds = options.seconds;
    run.headless = options.headless;
    run.json = options.json;
    if (!options.faults.empty()) {
        (*server)->ask([&](sim_server::SimServer& sim) { sim.play(std::move(*script)); });
        run.calm = [&] { (*server)->ask([](sim_server::SimServer& sim) { sim.calm(); }); };
        run.check = [&](LiveLoop& loop) {
            return found_in(loop, **transport, session, market, *execution, **server);
        };
    }
    const int code = run_live(**transport, session, market, execution, run);
    return recorder ? finish_recording(*recorder, "up", code) : code;
}

}  // namespace parallax::app
