#include "sim/server/sim_server.hpp"

#include <sys/random.h>

#include <algorithm>

#include "runtime/clock.hpp"
#include "sim/venues/common/crypto.hpp"

namespace parallax::sim_server {
namespace {

constexpr Nanos kStep = Nanos::millis(10);     // of advance(), between two polls
constexpr Nanos kBeat = Nanos::millis(2);      // simulated; how finely the market moves
constexpr Nanos kBehind = Nanos::millis(100);  // simulated, caught up in one turn at most

/// Nobody can guess it: from the kernel, not from the seed.
std::string random_token() {
    std::array<unsigned char, 24> bytes{};
    PLX_ASSERT(::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    return sim_front::hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

Result<std::unique_ptr<SimServer>> SimServer::start(const ServerSettings& settings) {
    auto sockets = net::SocketServer::make({});
    if (!sockets) return tl::unexpected{std::move(sockets.error())};
    std::unique_ptr<SimServer> server{new SimServer{settings, std::move(*sockets)}};
    if (auto done = server->listen(); !done) return tl::unexpected{std::move(done.error())};
    if (auto done = server->make_world(); !done) return tl::unexpected{std::move(done.error())};
    return server;
}

SimServer::SimServer(const ServerSettings& settings, std::unique_ptr<net::SocketServer> sockets)
    : settings_{settings},
      sockets_{std::move(sockets)},
      clock_{settings.start.known() ? settings.start : runtime::wall_now(), 0, runtime::mono_now()},
      control_token_{random_token()} {}

SimServer::~SimServer() = default;

net::Certificate SimServer::issue() const {
    std::vector<std::string> hosts{"localhost", "127.0.0.1", "::1", settings_.address};
    // Some clients tell products apart by the first word of a host.
    for (const char* const word : {"api", "fapi", "dapi", "stream", "fstream", "ws-api", "ws-fapi",
                                   "www", "openapi", "ws", "wspap"})
        hosts.push_back(std::string{word} + ".localhost");
    hosts.insert(hosts.end(), settings_.names.begin(), settings_.names.end());
    std::ranges::sort(hosts);
    const auto same = std::ranges::unique(hosts);
    hosts.erase(same.begin(), same.end());
    return authority_.issue(hosts);
}

Result<void> SimServer::listen() {
    const net::Certificate certificate = issue();
    for (std::size_t i = 0; i < kDoorCount; ++i) {
        net::ListenOptions options;
        options.address = settings_.address;
        options.port = settings_.ports[i];
        options.allow_tls12 = true;  // some clients know no better
        if (settings_.tls) options.certificate = certificate;
        const auto listening = sockets_->listen(options);
        if (!listening) {
            return fail(listening.error().code, std::string{to_string(static_cast<Door>(i))} +
                                                    ": " + listening.error().detail);
        }
        doors_[i] = {listening->id, listening->port};
    }
    for (std::size_t i = 0; i < fix_doors_.size(); ++i) {
        net::ListenOptions options;
        options.address = settings_.address;
        options.port = settings_.fix_ports[i];
        options.allow_tls12 = true;
        options.raw = true;
        if (settings_.tls) options.certificate = certificate;
        const auto listening = sockets_->listen(options);
        if (!listening)
            return fail(listening.error().code, "binance.fix: " + listening.error().detail);
        fix_doors_[i] = {listening->id, listening->port};
    }
    net::ListenOptions options;
    options.port = settings_.control_port;
    if (settings_.tls) options.certificate = certificate;
    const auto listening = sockets_->listen(options);
    if (!listening) return fail(listening.error().code, "control: " + listening.error().detail);
    control_ = {listening->id, listening->port};
    return {};
}

/// With trades, candles and settled books for those who look at the past. Time starts when the
/// warm-up is over.
Result<void> SimServer::make_world() {
    sim_world::WorldSettings settings = settings_;
    settings.start = clock_.now();
    sim_world::SimWorld::Listeners listeners;
    for (std::size_t i = 0; i < kDoorCount; ++i) listeners[i] = doors_[i].listener;
    auto made = sim_world::SimWorld::make(
        settings, *sockets_, listeners,
        {[this](Nanos by) { clock_.jump(by); }, [this] { return renew_certificates(); }},
        {fix_doors_[0].listener, fix_doors_[1].listener, fix_doors_[2].listener});
    if (!made) return tl::unexpected{std::move(made.error())};
    world_ = std::move(*made);
    const UnixNanos start = settings_.start.known() ? settings_.start : runtime::wall_now();
    clock_ = WorldClock{std::max(start, clock_.now()), settings_.speed, runtime::mono_now()};
    world_->move(clock_.now());
    return {};
}

/// Connections from now on get another certificate; those that are, end.
Result<void> SimServer::renew_certificates() {
    if (!settings_.tls) return fail(Errc::Rejected, "certificate: there is no TLS");
    const net::Certificate certificate = issue();
    for (const DoorState& door : doors_) {
        if (auto done = sockets_->replace_certificate(door.listener, certificate); !done)
            return done;
    }
    for (const DoorState& door : fix_doors_) {
        if (auto done = sockets_->replace_certificate(door.listener, certificate); !done)
            return done;
    }
    world_->disconnect_all();
    return {};
}

void SimServer::poll(Nanos wait) {
    const MonoNanos wall = runtime::mono_now();
    UnixNanos now = clock_.read(wall);
    if (now - world_->now() > kBehind) {
        now = world_->now() + kBehind;  // clients are served in between, however slow the machine
        wait = Nanos{};
    }
    if (now - world_->now() >= kBeat) world_->move(now);
    if (clock_.speed() > 0)
        wait =
            std::clamp(clock_.until(world_->now() + kBeat, wall), Nanos{}, std::max(wait, Nanos{}));
    serve(wait);
}

void SimServer::advance(Nanos by) {
    clock_.jump(by);
    const UnixNanos until = clock_.read(runtime::mono_now());
    while (world_->now() < until) {
        world_->move(std::min(until, world_->now() + kStep));
        serve(Nanos{});
    }
}

void SimServer::serve(Nanos wait) {
    const auto events = world_->poll(wait);
    if (events.empty()) return;
    // Who asks is told of the world as it is now.
    const UnixNanos now = std::min(clock_.read(runtime::mono_now()), world_->now() + kBehind);
    if (clock_.speed() > 0) world_->move(now);
    for (ports::ServerEvent event : events) {
        event.received = std::max(world_->now(), now);
        if (event.listener == control_.listener) {
            control(event);
        } else {
            world_->on(event);
        }
    }
}

std::string SimServer::host(Door door) const { return "localhost:" + std::to_string(port(door)); }

std::string SimServer::control_url() const {
    return (settings_.tls ? "https://localhost:" : "http://localhost:") +
           std::to_string(control_.port);
}

std::vector<SimServer::Address> SimServer::addresses() const {
    const std::string s = settings_.tls ? "s" : "";
    const auto http = [&](Door door, const char* path = "") {
        return "http" + s + "://" + host(door) + path;
    };
    const auto ws = [&](Door door, const char* path = "") {
        return "ws" + s + "://" + host(door) + path;
    };
    const auto fix = [&](std::size_t which) {
        return (settings_.tls ? "tls://localhost:" : "tcp://localhost:") +
               std::to_string(fix_doors_[which].port);
    };
    using enum Door;
    return {
        {BinanceSpot, "REST", http(BinanceSpot)},
        {BinanceSpot, "streams", ws(BinanceSpot)},
        {BinanceSpot, "WebSocket API", ws(BinanceSpot, "/ws-api/v3")},
        {BinanceSpot, "FIX order entry", fix(0)},
        {BinanceSpot, "FIX drop copy", fix(1)},
        {BinanceSpot, "FIX market data", fix(2)},
        {BinanceUsdm, "REST", http(BinanceUsdm)},
        {BinanceUsdm, "streams", ws(BinanceUsdm)},
        {BinanceUsdm, "WebSocket API", ws(BinanceUsdm, "/ws-fapi/v1")},
        {Okx, "REST", http(Okx)},
        {Okx, "WebSocket", ws(Okx, "/ws/v5")},
        {Bybit, "REST", http(Bybit)},
        {Bybit, "WebSocket", ws(Bybit, "/v5")},
    };
}

}  // namespace parallax::sim_server
