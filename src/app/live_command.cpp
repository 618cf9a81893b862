#include <cstdio>

#include "adapters/venues/common/client_id_text.hpp"
#include "app/commands.hpp"
#include "app/live_run.hpp"
#include "app/live_seats.hpp"
#include "net/socket_transport.hpp"

namespace parallax::app {
namespace {

int report(const Error& error) {
    std::fprintf(stderr, "parallax live: %s\n", error.detail.c_str());
    return error.code == Errc::Unavailable ? kUnavailable : kUsage;
}

/// A venue cancels what we left when it has not heard from us for so long.
constexpr Nanos kDeadMan = Nanos::seconds(30);

/// What happened so shortly before a process died may not have been told to it.
constexpr Nanos kUntold = Nanos::seconds(60);

Result<void> check_limits(const std::string& config) {
    std::string missing;
    for (const std::string& key :
         keys_not_set(config, {"risk.max_order_value", "risk.max_position", "risk.max_loss_day"}))
        missing += (missing.empty() ? "" : ", ") + key;
    if (missing.empty()) return {};
    return fail(Errc::Rejected,
                config + ": real orders need limits that somebody chose; set " + missing);
}

const VenueConfig& config_of(const Settings& settings, Venue venue) {
    switch (venue) {
        case Venue::Binance:
            return settings.live_binance;
        case Venue::Okx:
            return settings.live_okx;
        case Venue::Bybit:
            break;
    }
    return settings.live_bybit;
}

using Accesses = std::vector<std::unique_ptr<VenueAccess>>;

/// `secrets`: null when nothing is to be signed.
Result<Accesses> reach(ports::Transport& transport, const Settings& settings,
                       ports::Secrets* secrets) {
    Accesses all;
    for (std::size_t i = 0; i < kVenueCount; ++i) {
        const auto venue = static_cast<Venue>(i);
        const VenueConfig& config = config_of(settings, venue);
        if (!config.on()) continue;
        const auto addresses = with_addresses(venue, config);
        if (!addresses) return tl::unexpected<Error>{addresses.error()};
        std::optional<venue_common::Credentials> credentials;
        if (secrets != nullptr) {
            auto read = venue_common::read_credentials(*secrets, venue, config.account);
            if (!read) return tl::unexpected<Error>{read.error()};
            credentials = std::move(*read);
        }
        all.push_back(
            std::make_unique<VenueAccess>(transport, venue, *addresses, std::move(credentials)));
    }
    if (all.empty()) return fail(Errc::Rejected, "every venue is off");
    return all;
}

}  // namespace

int run_live_command(const LiveOptions& options) {
    const auto settings = read_settings(options.config);
    if (!settings) return report(settings.error());
    if (!venue_common::ClientIdText::good_tag(options.tag))
        return report({Errc::Rejected, "--tag: four of a-z 0-9"});
    std::unique_ptr<ports::Secrets> secrets;
    if (options.orders) {
        if (const auto limits = check_limits(options.config); !limits)
            return report(limits.error());
        auto opened = open_secrets(options.secrets);
        if (!opened) return report(opened.error());
        secrets = std::move(*opened);
    }
    net::ClientOptions client;
    client.extra_ca_file = settings->live.ca_file;
    const auto transport = net::make_socket_transport(client);
    if (!transport) return report(transport.error());
    const auto venues = reach(**transport, *settings, secrets.get());
    if (!venues) return report(venues.error());

    LiveExecution* execution = nullptr;
    const auto make_execution = [&](const Pipeline& pipeline) {
        AccountCheckConfig check;
        check.interval = settings->live.compare_interval;
        auto made = std::make_unique<LiveExecution>(pipeline, check);
        execution = made.get();
        SeatOptions seat;
        seat.over = [&pipeline](ClientOrderId id) {
            const auto* order = pipeline.portfolio().orders().find(id);
            return order != nullptr && order->closed();
        };
        if (pipeline.resumed_from().known()) seat.told_until = pipeline.resumed_from() - kUntold;
        seat.tag = options.tag;
        seat.dead_man = kDeadMan;
        for (const auto& venue : *venues)
            add_seats(*made, **transport, *venue, pipeline.universe(), seat);
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
    if (const auto opened = session.open((*transport)->now()); !opened)
        return report(opened.error());
    if (options.rearm) session.rearm();
    LiveMarket market{**transport, session};
    for (const auto& venue : *venues)
        market.add(*venue, options.seed + static_cast<std::uint64_t>(venue->venue()));
    if (const auto done = market.subscribe(settings->live.symbols); !done)
        return report(done.error());
    stop_on_signals();
    LiveRunOptions run;
    run.title = options.orders ? "LIVE ORDERS" : "PAPER on live data";
    run.seconds = options.seconds;
    run.headless = options.headless;
    run.json = options.json;
    return run_live(**transport, session, market, execution, run);
}

}  // namespace parallax::app
