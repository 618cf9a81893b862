#include "kill/kill_world.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>

#include <limits>
#include <thread>

#include "adapters/venues/common/order_numbers.hpp"
#include "app/settings.hpp"
#include "journal/reader.hpp"
#include "messages/codec.hpp"
#include "net/socket_transport.hpp"
#include "sim/venues/bybit/ids.hpp"

extern char** environ;

namespace parallax::tests {
namespace {

using sim_world::Door;

std::string section(const char* name, const std::string& host) {
    return std::string{"["} + name + "]\nenvironment = \"custom\"\nrest = \"https://" + host +
           "\"\nstreams = \"wss://" + host + "\"\norders = \"wss://" + host + "\"\n";
}

std::string key_of(std::string_view a, std::string_view b) {
    return std::string{a} + "|" + std::string{b};
}

std::string fill_key(Market market, std::string_view symbol, std::uint64_t trade, Side side) {
    return key_of(to_string(market), symbol) + "|" + std::to_string(trade) +
           (side == Side::Buy ? "|buy" : "|sell");
}

/// Which of our wallets a wallet of the venue's is; none where we trade nothing from.
std::optional<Market> wallet_of(Venue venue, sim_engine::Wallet wallet) {
    if (venue == Venue::Binance) {
        if (wallet == sim_engine::Wallet::Trading) return Market::BinanceSpot;
        if (wallet == sim_engine::Wallet::Derivatives) return Market::BinanceUsdm;
        return std::nullopt;
    }
    if (wallet != sim_engine::Wallet::Trading) return std::nullopt;
    return venue == Venue::Okx ? Market::Okx : Market::BybitSpot;
}

void read_truth(sim_server::SimServer& sim, Truth& truth) {
    for (std::size_t v = 0; v < kVenueCount; ++v) {
        const auto name = static_cast<Venue>(v);
        sim_engine::SimVenue& venue = sim.venue(name);
        const sim_engine::AccountId account = sim.account(name, 0);
        for (const sim_engine::Fill& fill : venue.fills_since(account, 0)) {
            const InstrumentDefinition& listing = venue.listing(fill.listing).definition;
            std::uint64_t trade = fill.execution.trade.raw();
            if (name == Venue::Bybit)  // it shows them as texts of its own
                trade = venue_common::number_of(sim_bybit::trade_text(
                    fill.listing, fill.execution.trade, is_spot(listing.kind)));
            truth.fills.insert(fill_key(listing.market, listing.venue_symbol, trade, fill.side));
        }
        truth.open_orders += venue.account(account).open_total;
        for (std::uint16_t i = 0; i < venue.assets(); ++i) {
            for (std::size_t w = 0; w < sim_engine::kWalletCount; ++w) {
                const auto wallet = static_cast<sim_engine::Wallet>(w);
                const auto market = wallet_of(name, wallet);
                const Amount total = venue.balance(account, wallet, AssetId{i}).total;
                if (market && !total.is_zero())
                    truth.balances[key_of(to_string(*market), venue.asset_name(AssetId{i}))] =
                        total;
            }
        }
        for (std::uint32_t i = 0; i < venue.listings(); ++i) {
            const sim_engine::ListingId id{i};
            const sim_engine::Listing& listing = venue.listing(id);
            if (!listing.perpetual) continue;
            const Amount net = listing.amount(venue.position(account, id).quantity());
            if (!net.is_zero())
                truth.positions[key_of(to_string(listing.definition.market),
                                       listing.definition.venue_symbol)] = net;
        }
    }
}

}  // namespace

KillWorld::KillWorld() {
    sim_server::ServerSettings settings;
    settings.seed = 20'261'123;
    settings.intensity = 4;
    settings.accounts = sim_world::standard_accounts(settings.seed);
    for (sim_world::AccountSettings& account : settings.accounts)
        account.fees = *FeeSchedule::named("zero");
    auto made = sim_server::BackgroundServer::start(settings);
    if (!made) return;
    server_ = std::move(*made);
    if (!server_->facts().write_authority(folder_.path("ca.pem"))) return;
    const sim_server::SimServer& sim = server_->facts();
    std::string config =
        "[live]\nsymbols = \"BTC/USDT ETH/USDT DOGE/USDT SOL/USDT "
        "BTC/USDT:USDT ETH/USDT:USDT\"\nca_file = \"" +
        folder_.path("ca.pem") +
        "\"\ncompare_interval_s = 20\n"
        // Wide, so that what a death does is not hidden behind a limit.
        "[scanner]\nmax_value = \"2000\"\n"
        "[risk]\nmax_order_value = \"50000\"\nmax_position = \"100000000\"\n"
        "max_asset_delta = \"100000000\"\nmax_quote_group = \"100000000\"\n"
        "max_venue_gross = \"100000000\"\nmax_total_gross = \"100000000\"\n"
        "max_loss_trade = \"1000000\"\nmax_loss_minute = \"1000000\"\n"
        "max_loss_hour = \"1000000\"\nmax_loss_day = \"1000000\"\n"
        "max_drawdown = \"1000000\"\nmax_legging_hour = \"1000000\"\n"
        "min_fill_ratio_bp = 0\nmax_markout_loss_bp = 10000\nmax_reject_rate_bp = 10000\n";
    config += section("live_okx", sim.host(Door::Okx));
    config += section("live_bybit", sim.host(Door::Bybit));
    config += section("live_binance", sim.host(Door::BinanceSpot));
    const std::string usdm = sim.host(Door::BinanceUsdm);
    config += "usdm_rest = \"https://" + usdm + "\"\nusdm_streams = \"wss://" + usdm +
              "\"\nusdm_orders = \"wss://" + usdm + "\"\n";
    config += app::format_fees(*FeeSchedule::named("zero"), "fees.");
    folder_.write("live.toml", config);
    folder_.write("pass", "correct horse\n");
    chmod(folder_.path("pass").c_str(), 0600);
    store_keys();
    net::ClientOptions options;
    options.extra_ca_file = folder_.path("ca.pem");
    for (const Door door : {Door::BinanceSpot, Door::BinanceUsdm})
        options.overrides.push_back({sim.host(door), "127.0.0.1", sim.port(door)});
    auto client = net::make_socket_transport(options);
    if (!client) throw std::runtime_error(client.error().detail);
    client_ = std::move(*client);
}

void KillWorld::store_keys() const {
    for (const sim_world::VenueKey& one : server_->facts().accounts()[0].keys) {
        const auto store = [&](const char* part, const std::string& value) {
            if (value.empty()) return;
            folder_.write("value", value);
            const Outcome stored = run_parallax(
                "secrets set " + std::string{to_string(one.venue)} + ".main." + part + " --file " +
                    folder_.path("secrets") + " --passphrase-file " + folder_.path("pass"),
                folder_.path("value"));
            if (stored.exit_code != 0) throw std::runtime_error(stored.error);
        };
        store("api_key", one.key.id);
        store("secret", one.key.secret);
        store("passphrase", one.key.passphrase);
    }
}

std::vector<std::string> KillWorld::arguments() const {
    return {"live",
            "--orders",
            "--headless",
            "--config",
            folder_.path("live.toml"),
            "--secrets-file",
            folder_.path("secrets"),
            "--passphrase-file",
            folder_.path("pass"),
            "--journal",
            folder_.path("journal"),
            "--snapshot-every",
            "3000"};
}

void KillWorld::pace() const {
    const sim_server::SimServer& sim = server_->facts();
    const std::string spot = "https://" + sim.host(Door::BinanceSpot) + "/api/v3/ping";
    const std::string usdm = "https://" + sim.host(Door::BinanceUsdm) + "/fapi/v1/ping";
    constexpr std::uint32_t kSpotAtMost = 4'000, kUsdmAtMost = 1'600;
    for (int second = 0; second < 180; ++second) {
        if (weight_used(spot) <= kSpotAtMost && weight_used(usdm) <= kUsdmAtMost) return;
        std::this_thread::sleep_for(std::chrono::seconds{1});
    }
    throw std::runtime_error("Binance's request weight does not become free");
}

std::uint32_t KillWorld::weight_used(const std::string& url) const {
    constexpr auto kUnknown = std::numeric_limits<std::uint32_t>::max();
    if (!client_->request({"GET", url, {}, "", Nanos::seconds(10)})) return kUnknown;
    for (;;) {
        for (const ports::NetEvent& event : client_->poll(Nanos::millis(100))) {
            if (event.kind == ports::NetEventKind::Failed) return kUnknown;
            if (event.kind != ports::NetEventKind::Response) continue;
            const std::string count{event.header("X-MBX-USED-WEIGHT-1M")};
            return count.empty() ? kUnknown : static_cast<std::uint32_t>(std::stoul(count));
        }
    }
}

pid_t KillWorld::start() const {
    pace();
    std::vector<std::string> words = arguments();
    words.insert(words.begin(), tests::binary());
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_addopen(&files, 1, folder_.path("out").c_str(), kFlags, 0600);
    posix_spawn_file_actions_addopen(&files, 2, folder_.path("error").c_str(), kFlags, 0600);
    pid_t child = -1;
    if (posix_spawn(&child, argv.front(), &files, nullptr, argv.data(), environ) != 0) child = -1;
    posix_spawn_file_actions_destroy(&files);
    return child;
}

bool KillWorld::wait_for_order(std::chrono::milliseconds patience) const {
    using Clock = std::chrono::steady_clock;
    const auto until = Clock::now() + patience;
    // Only what this process writes counts: it begins behind what is there.
    auto segments = journal::list_segments(folder_.path("journal"));
    const std::uint64_t last = segments && !segments->empty() ? segments->back().number : 0;
    while (Clock::now() < until) {
        segments = journal::list_segments(folder_.path("journal"));
        if (segments && !segments->empty() && segments->back().number > last) break;
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    if (!segments || segments->empty()) return false;
    auto reader = journal::Reader::open(folder_.path("journal"), segments->back().number);
    journal::Record record;
    while (reader && Clock::now() < until) {
        const auto next = reader->next(record);
        if (!next) return false;
        if (!*next) {
            std::this_thread::sleep_for(std::chrono::microseconds{100});
            continue;
        }
        if (record.type != static_cast<std::uint16_t>(messages::MessageType::OrderRequest))
            continue;
        messages::OrderRequest request;
        if (messages::decode(record.payload, request) &&
            request.action == messages::OrderAction::Place)
            return true;
    }
    return false;
}

void KillWorld::fault(const std::string& line) const {
    const auto command = sim_world::parse_fault(line);
    if (!command) throw std::runtime_error(command.error().detail);
    server_->ask([&](sim_server::SimServer& sim) { (void)sim.fault(*command); });
}

Outcome KillWorld::finish(int seconds) const {
    pace();
    std::string line;
    for (const std::string& word : arguments()) line += word + " ";
    return run_parallax(line + "--json --seconds " + std::to_string(seconds));
}

Outcome KillWorld::verify() const {
    return run_parallax("verify --json " + folder_.path("journal"));
}

Truth KillWorld::truth() const {
    Truth truth;
    server_->ask([&](sim_server::SimServer& sim) { read_truth(sim, truth); });
    return truth;
}

namespace {

/// What the records tell that the state does not.
class Chronicle {
public:
    struct Fill {
        InstrumentId instrument;
        std::uint64_t trade = 0;
        Side side{};
    };
    void on(const messages::RunManifest& manifest) {
        ++parts;
        began_ = manifest.started;
        ready.clear();
        reasons.clear();
        inherited_ = open_;
        inherited = open_.size();
        longest = Nanos{};
    }
    void on(const messages::OrderEvent& event) {
        if (event.kind == messages::OrderEventKind::Filled)
            fills.push_back({event.instrument, event.trade_id, event.side});
    }
    void on(const messages::PlanUpdate& update) {
        using messages::PlanState;
        const bool over = update.state == PlanState::Settled || update.state == PlanState::Refused;
        if (!over) {
            open_.insert(update.plan.raw());
            return;
        }
        open_.erase(update.plan.raw());
        if (update.outcome == messages::PlanOutcome::Residual)
            residuals.push_back(
                "plan " + std::to_string(update.plan.raw()) + " of start " + std::to_string(parts) +
                ": " + std::string{to_string(update.reason.code)} + " " +
                std::to_string(update.reason.value) + " of " + std::to_string(update.reason.limit));
        if (inherited_.erase(update.plan.raw()) != 0)
            longest = std::max(longest, update.time - began_);
    }
    void on(const messages::AccountStatus& status) {
        const std::string venue{to_string(venue_of(status.market))};
        if (status.good) {
            ready.insert(venue);
        } else {
            reasons.push_back(venue + ": " + status.why);
        }
    }
    [[nodiscard]] std::size_t inherited_open() const noexcept { return inherited_.size(); }

    std::vector<Fill> fills;
    std::set<std::string> ready;
    std::vector<std::string> reasons, residuals;
    std::size_t inherited = 0, parts = 0;
    Nanos longest{};

private:
    UnixNanos began_;
    std::set<std::uint64_t> open_, inherited_;
};

}  // namespace

Ledger KillWorld::ledger() const {
    Ledger out;
    std::vector<std::string> notes;
    const auto restored = app::restore(folder_.path("journal"), notes);
    if (!restored) {
        out.error = restored.error().detail;
        return out;
    }
    const app::Pipeline& pipeline = (*restored)->pipeline();
    Chronicle chronicle;
    auto reader = journal::Reader::open(folder_.path("journal"));
    journal::Record record;
    messages::OwnedDepth scratch;
    while (reader) {
        const auto next = reader->next(record);
        if (!next) out.error = next.error().detail;
        if (!next || !*next) break;
        const auto type = static_cast<messages::MessageType>(record.type);
        (void)messages::visit(type, record.payload, scratch, [&](const auto& message) {
            if constexpr (requires { chronicle.on(message); }) chronicle.on(message);
        });
    }
    const Universe& universe = pipeline.universe();
    for (const Chronicle::Fill& fill : chronicle.fills) {
        const Instrument& listing = universe.instrument(fill.instrument);
        out.fills.insert(fill_key(listing.market, listing.venue_symbol, fill.trade, fill.side));
    }
    out.parts = chronicle.parts;
    out.ready = chronicle.ready;
    out.reasons = chronicle.reasons;
    out.residuals = chronicle.residuals;
    out.inherited = chronicle.inherited;
    out.inherited_open = chronicle.inherited_open();
    out.longest_inherited_s = static_cast<double>(chronicle.longest.count()) / 1e9;
    out.booked = pipeline.portfolio().counters().fills;
    const auto& alarms = pipeline.portfolio().counters().alarms;
    for (std::size_t i = 0; i < alarms.size(); ++i) {
        if (alarms[i] != 0)
            out.alarms.push_back(std::string{to_string(static_cast<portfolio::Alarm>(i))} + " " +
                                 std::to_string(alarms[i]));
    }
    out.plans = pipeline.plan_counts().sent;
    out.open_plans = pipeline.trading().open_plans();
    for (const MarketInfo& market : kMarkets) {
        for (std::uint16_t i = 0; i < universe.asset_count(); ++i) {
            const Amount held = pipeline.portfolio().ledger().holdings(market.market, AssetId{i});
            if (pipeline.portfolio().ledger().movements(market.market, AssetId{i}) != 0)
                out.balances[key_of(market.name, universe.asset_name(AssetId{i}))] = held;
        }
    }
    for (const portfolio::PositionReport& position : pipeline.portfolio().positions()) {
        const Instrument& listing = universe.instrument(position.instrument);
        if (!position.net.is_zero())
            out.positions[key_of(to_string(listing.market), listing.venue_symbol)] = position.net;
    }
    return out;
}

}  // namespace parallax::tests
