#include "sim/server/sim_server.hpp"

#include <sys/random.h>

#include <algorithm>

#include "runtime/clock.hpp"
#include "sim/venues/binance/front.hpp"
#include "sim/venues/bybit/front.hpp"
#include "sim/venues/common/crypto.hpp"
#include "sim/venues/okx/front.hpp"

namespace parallax::sim_server {
namespace {

constexpr Nanos kStep = Nanos::millis(10);     // longest the world moves without its fronts
constexpr Nanos kBeat = Nanos::millis(2);      // simulated; how finely the market moves
constexpr Nanos kBehind = Nanos::millis(100);  // simulated, caught up in one turn at most
constexpr Venue kVenues[] = {Venue::Binance, Venue::Okx, Venue::Bybit};

std::size_t index_of(Venue venue) noexcept { return static_cast<std::size_t>(venue); }

sim_engine::CrowdSettings crowd_settings(const ServerSettings& s, UnixNanos start) {
    sim_engine::CrowdSettings out;
    out.prices.start = start;
    out.prices.intensity = s.intensity;
    out.prices.volatility = s.volatility;
    out.activity = s.activity;
    return out;
}

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
    if (auto done = server->open_accounts(); !done) return tl::unexpected{std::move(done.error())};
    server->make_fronts();
    server->warm_up();
    return server;
}

SimServer::SimServer(const ServerSettings& settings, std::unique_ptr<net::SocketServer> sockets)
    : settings_{settings},
      sockets_{std::move(sockets)},
      transport_{*sockets_, sim_prices::derive_seed(settings.seed, 0xFA01)},
      clock_{settings.start.known() ? settings.start : runtime::wall_now(), 0, runtime::mono_now()},
      accounts_{settings.accounts.empty() ? standard_accounts(settings.seed) : settings.accounts},
      world_{clock_.now() - settings.warm_up},
      control_token_{random_token()},
      random_{sim_prices::derive_seed(settings.seed, 0xFA02)} {
    crowd_ = std::make_unique<sim_engine::Crowd>(crowd_settings(settings, world_), settings.seed);
    for (const Venue venue : kVenues) {
        sim_engine::VenueSettings s;
        s.venue = venue;
        if (venue == Venue::Binance) s.discount_asset = "BNB";
        venues_[index_of(venue)] = std::make_unique<sim_engine::SimVenue>(s);
        crowd_->join(*venues_[index_of(venue)]);
    }
}

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
    net::ListenOptions options;
    options.port = settings_.control_port;
    if (settings_.tls) options.certificate = certificate;
    const auto listening = sockets_->listen(options);
    if (!listening) return fail(listening.error().code, "control: " + listening.error().detail);
    control_ = {listening->id, listening->port};
    return {};
}

Result<void> SimServer::open_accounts() {
    for (AccountSettings& account : accounts_) {
        for (const Venue venue : kVenues) {
            sim_engine::AccountSettings s;
            s.name = account.name;
            s.fees = account.fees;
            account_ids_[index_of(venue)].push_back(venues_[index_of(venue)]->open_account(s));
        }
        for (const Holding& holding : account.holdings) {
            if (holding.amount.is_negative())
                return fail(Errc::Rejected, account.name + ": less than no " + holding.asset);
            bool taken = false;
            for (const Venue at : kVenues) {
                if (holding.venue.value_or(at) != at) continue;
                sim_engine::SimVenue& venue = *venues_[index_of(at)];
                // Nobody can trade what no venue lists: more likely a slip of the pen.
                const auto asset = venue.find_asset(holding.asset);
                if (!asset) continue;
                taken = true;
                const auto id = account_ids_[index_of(at)].back();
                using sim_engine::Wallet;
                venue.grant(id, holding.wallet.value_or(Wallet::Trading), *asset, holding.amount);
                if (!holding.wallet && at == Venue::Binance &&
                    (holding.asset == "USDT" || holding.asset == "USDC"))
                    venue.grant(id, Wallet::Derivatives, *asset, holding.amount);
            }
            if (!taken)
                return fail(Errc::Rejected, account.name + ": no venue lists " + holding.asset);
        }
        for (VenueKey& key : account.keys) {
            key.key.account = account_ids_[index_of(key.venue)].back();
            sim_front::Keyring& ring = keyrings_[index_of(key.venue)];
            if (ring.find(key.key.id) != nullptr)
                return fail(Errc::Rejected, account.name + ": somebody has the key " + key.key.id);
            ring.add(key.key);
        }
    }
    return {};
}

void SimServer::make_fronts() {
    sim_binance::FrontSettings binance;
    binance.seed = settings_.seed;
    binance.futures = {doors_[static_cast<std::size_t>(Door::BinanceUsdm)].listener};
    fronts_[0] =
        std::make_unique<sim_binance::BinanceFront>(*venues_[0], keyrings_[0], transport_, binance);
    sim_okx::FrontSettings okx;
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        if (accounts_[i].okx_vip4) okx.vip4.insert(account_ids_[1][i].raw());
    }
    fronts_[1] =
        std::make_unique<sim_okx::OkxFront>(*venues_[1], transport_, keyrings_[1], std::move(okx));
    fronts_[2] = std::make_unique<sim_bybit::BybitFront>(*venues_[2], transport_, keyrings_[2]);
}

/// Trades, candles and settled books for those who look at the past. Time starts when it is over.
void SimServer::warm_up() {
    move_world(clock_.now());
    const UnixNanos start = settings_.start.known() ? settings_.start : runtime::wall_now();
    clock_ = WorldClock{std::max(start, clock_.now()), settings_.speed, runtime::mono_now()};
    move_world(clock_.now());
}

void SimServer::move_world(UnixNanos now) {
    while (world_ < now) {
        world_ = std::min(now, world_ + kStep);
        crowd_->advance(world_);
        run_script();
        transport_.advance(world_);
        for (auto& front : fronts_) front->advance(world_);
    }
}

void SimServer::poll(Nanos wait) {
    const MonoNanos wall = runtime::mono_now();
    UnixNanos now = clock_.read(wall);
    if (now - world_ > kBehind) {
        now = world_ + kBehind;  // clients are served in between, however slow the machine
        wait = Nanos{};
    }
    if (now - world_ >= kBeat) move_world(now);
    if (clock_.speed() > 0)
        wait = std::clamp(clock_.until(world_ + kBeat, wall), Nanos{}, std::max(wait, Nanos{}));
    serve(wait);
}

void SimServer::advance(Nanos by) {
    clock_.jump(by);
    const UnixNanos until = clock_.read(runtime::mono_now());
    while (world_ < until) {
        move_world(std::min(until, world_ + kStep));
        serve(Nanos{});
    }
}

void SimServer::serve(Nanos wait) {
    const auto events = transport_.poll(wait);
    if (events.empty()) return;
    // Who asks is told of the world as it is now.
    const UnixNanos now = std::min(clock_.read(runtime::mono_now()), world_ + kBehind);
    if (clock_.speed() > 0) move_world(now);
    for (ports::ServerEvent event : events) {
        event.received = std::max(world_, now);
        if (event.listener == control_.listener) {
            control(event);
            continue;
        }
        fronts_[index_of(venue_of(door_of(event.listener)))]->on(event);
    }
}

Door SimServer::door_of(ports::ListenerId listener) const noexcept {
    const auto found = std::ranges::find(doors_, listener, &DoorState::listener);
    PLX_ASSERT(found != doors_.end());
    return static_cast<Door>(found - doors_.begin());
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
    using enum Door;
    return {
        {BinanceSpot, "REST", http(BinanceSpot)},
        {BinanceSpot, "streams", ws(BinanceSpot)},
        {BinanceSpot, "WebSocket API", ws(BinanceSpot, "/ws-api/v3")},
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
