#include <cstdio>

#include "adapters/venues/common/client_id_text.hpp"
#include "app/commands.hpp"
#include "app/live_run.hpp"
#include "app/live_seats.hpp"
#include "app/reach.hpp"
#include "app/stop.hpp"
#include "net/socket_transport.hpp"

namespace parallax::app {
namespace {

/// A venue cancels what we left when it has not heard from us for so long.
constexpr Nanos kDeadMan = Nanos::seconds(30);

/// What happened so shortly before a process died may not have been told to it.
constexpr Nanos kUntold = Nanos::seconds(60);

Result<void> check_limits(const std::string& config) {
    std::string missing;
    for (const std::string& key : limits_not_set(config))
        missing += (missing.empty() ? "" : ", ") + key;
    if (missing.empty()) return {};
    return fail(Errc::Rejected,
                config + ": real orders need limits that somebody chose; set " + missing);
}

}  // namespace

int run_live_command(const LiveOptions& options) {
    const auto settings = read_settings(options.config);
    if (!settings) return refuse("live", settings.error());
    if (!venue_common::ClientIdText::good_tag(options.tag))
        return refuse("live", {Errc::Rejected, "--tag: four of a-z 0-9"});
    if (options.adopt && !options.orders)
        return refuse("live", {Errc::Rejected, "--adopt is of accounts: it needs --orders"});
    std::unique_ptr<ports::Secrets> secrets;
    if (options.orders) {
        if (const auto limits = check_limits(options.config); !limits)
            return refuse("live", limits.error());
        auto opened = open_secrets(options.secrets);
        if (!opened) return refuse("live", opened.error());
        secrets = std::move(*opened);
    }
    net::ClientOptions client;
    client.extra_ca_file = settings->live.ca_file;
    const auto sockets = net::make_socket_transport(client);
    if (!sockets) return refuse("live", sockets.error());
    fix::Transport transport{**sockets};
    const auto venues = options.orders ? reach_venues(transport, *settings, secrets.get())
                                       : reach_streams(transport, *settings, options.secrets);
    if (!venues) return refuse("live", venues.error());
    for (const auto& venue : *venues) {
        if (!options.orders) break;
        if (const auto fit = check_seats(*venue); !fit) return refuse("live", fit.error());
        if (const auto fit = LiveFeeds::check(*venue); !fit) return refuse("live", fit.error());
    }

    LiveExecution* execution = nullptr;
    const auto make_execution = [&](const Pipeline& pipeline) {
        AccountCheckConfig check;
        check.interval = settings->live.compare_interval;
        check.adopt = options.adopt;
        auto made = std::make_unique<LiveExecution>(pipeline, terms_of(*settings), check);
        execution = made.get();
        SeatOptions seat;
        seat.over = [&pipeline](ClientOrderId id) {
            const auto* order = pipeline.portfolio().orders().find(id);
            return order != nullptr && order->closed();
        };
        if (pipeline.resumed_from().known()) seat.told_until = pipeline.resumed_from() - kUntold;
        seat.tag = options.tag;
        seat.dead_man = kDeadMan;
        seat.fix = &transport;
        for (const auto& venue : *venues)
            add_seats(*made, transport, *venue, pipeline.universe(), seat);
        return made;
    };
    SessionOptions session_options;
    session_options.seed = options.seed;
    session_options.journal = options.journal;
    session_options.mode = options.orders ? "live" : "paper";
    session_options.inputs = "live venues, tag " + options.tag;
    session_options.continues = options.orders;
    session_options.snapshot_every = options.snapshot_every;
    session_options.measure = true;
    Session session{*settings, session_options,
                    options.orders ? make_execution : Session::MakeExecution{}};
    if (const auto opened = session.open(transport.now()); !opened)
        return refuse("live", opened.error());
    if (options.rearm) session.rearm();
    LiveMarket market{transport, session, &transport};
    for (const auto& venue : *venues)
        market.add(*venue, options.seed + static_cast<std::uint64_t>(venue->venue()));
    if (const auto done = market.subscribe(settings->live.symbols); !done)
        return refuse("live", done.error());
    std::optional<Recorder> recorder;
    if (!options.record.empty()) {
        auto made = Recorder::create(options.record, false);
        if (!made) return refuse("live", made.error());
        market.record(recorder.emplace(std::move(*made)));
    }
    stop_on_signals();
    LiveRunOptions run;
    run.title = options.orders ? "LIVE ORDERS" : "PAPER on live data";
    run.seconds = options.seconds;
    run.headless = options.headless;
    run.json = options.json;
    const int code = run_live(transport, session, market, execution, run);
    return recorder ? finish_recording(*recorder, "live", code) : code;
}

}  // namespace parallax::app
