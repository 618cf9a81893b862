#include "system.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>

#include "app/live_loop.hpp"
#include "app/live_seats.hpp"
#include "app/sim_access.hpp"
#include "app/sim_truth.hpp"
#include "core/assert.hpp"
#include "fault_plan.hpp"
#include "positions.hpp"
#include "runtime/random.hpp"
#include "sim/prices/deviation.hpp"
#include "sim/prices/listings.hpp"
#include "world_transport.hpp"

namespace parallax::simulation {
namespace {

using sim_prices::Coin;
using sim_world::Door;

constexpr UnixNanos kMidnight = UnixNanos::from_millis(1'767'225'600'000);
constexpr Nanos kCalmBefore = Nanos::seconds(4);   // it connects and begins to trade
constexpr Nanos kCalmAfter = Nanos::seconds(8);    // of `lasting`: it recovers and trades on
constexpr Nanos kBooksBack = Nanos::seconds(120);  // until every book must be whole again
constexpr Nanos kOverdue = Nanos::seconds(1);      // a plan is looked at every 100 ms
constexpr Nanos kUntold = Nanos::seconds(60);      // before a restart, told again after it
constexpr Nanos kQuiet = Nanos::seconds(2);        // for what is conflated to be told

/// What is different from seed to seed, besides prices and faults.
struct Scene {
    std::vector<Coin> coins;
    std::string symbols;
    FeeSchedule fees;
    double activity = 0, intensity = 0, volatility = 0;
    sim_network::Line line;
    bool positions = false;  ///< the account has traded perpetuals before
};

Scene draw_scene(std::uint64_t seed) {
    runtime::Random random{sim_prices::derive_seed(seed, 0x5CE0)};
    Scene scene;
    std::vector<Coin> all{Coin::Btc, Coin::Eth, Coin::Sol, Coin::Xrp, Coin::Doge, Coin::Pepe};
    const bool triangle = random.chance(0.3);  // BTC, ETH, and one against the other
    if (triangle) {
        scene.coins = {Coin::Btc, Coin::Eth};
        scene.symbols = "ETH/BTC ";
    }
    for (int i = 0; i < 2 && !triangle; ++i) {
        const auto at = static_cast<std::ptrdiff_t>(random.below(all.size()));
        scene.coins.push_back(all[static_cast<std::size_t>(at)]);
        all.erase(all.begin() + at);
    }
    const bool usdc = random.chance(0.5);
    for (const Coin coin : scene.coins) {
        const std::string name = model(coin).name;
        scene.symbols += name + "/USDT ";
        if (coin != Coin::Pepe) scene.symbols += name + "/USDT:USDT ";
        if (usdc && (coin == Coin::Btc || coin == Coin::Eth)) scene.symbols += name + "/USDC ";
    }
    if (usdc) {
        scene.symbols += "USDC/USDT";
        scene.coins.push_back(Coin::Usdc);
    }
    static constexpr const char* kFees[] = {"zero", "zero", "zero", "vip9", "base"};
    scene.fees = *FeeSchedule::named(kFees[random.below(std::size(kFees))]);
    scene.activity = 0.2 + 0.4 * random.uniform();
    scene.intensity = 20 + 120 * random.uniform();
    scene.volatility = 0.5 + 2 * random.uniform();
    scene.line.latency = Nanos::micros(random.between(100, 5'000));
    scene.line.jitter = Nanos::micros(random.between(0, 3'000));
    scene.positions = random.chance(0.4);
    return scene;
}

/// What may end or change its tick: whatever is traded against USDT.
std::vector<Subject> subjects_of(const Scene& scene) {
    std::vector<Subject> out;
    for (const sim_prices::Listing& listing : sim_prices::all_listings()) {
        const InstrumentDefinition& d = listing.definition;
        const bool ours = std::ranges::any_of(scene.coins, [&](Coin coin) {
            return coin != Coin::Usdc && d.base == model(coin).name;
        });
        if (ours && d.quote == "USDT") out.push_back({venue_of(d.market), d.venue_symbol, d.tick});
    }
    return out;
}

/// A limit that stops the trade would end the test of what comes after it.
risk::Config patient_risk() {
    risk::Config config;
    config.max_loss_trade = config.max_loss_minute = config.max_loss_hour = config.max_loss_day =
        config.max_drawdown = config.max_legging_hour = Amount::units(1'000'000);
    config.cooldown = Nanos::seconds(1);
    config.max_reject_rate = Rate::from_raw(Rate::kOne);
    config.min_fill_ratio = Rate{};
    config.max_markout_loss = Rate::basis_points(10'000);
    return config;
}

sim_world::WorldSettings world_settings(std::uint64_t seed, UnixNanos start, const Scene& scene) {
    sim_world::WorldSettings out;
    out.seed = seed;
    out.start = start;
    out.warm_up = Nanos::seconds(2);
    out.activity = scene.activity;
    out.intensity = scene.intensity;
    out.volatility = scene.volatility;
    out.coins = scene.coins;
    sim_world::AccountSettings account = sim_world::standard_accounts(seed)[0];
    account.fees = scene.fees;
    account.holdings = {{"USDT", Amount::units(100'000)}};
    for (const Coin coin : scene.coins) {
        const auto worth = static_cast<std::int64_t>(50'000 / model(coin).price);
        account.holdings.push_back(
            {model(coin).name, Amount::units(std::max<std::int64_t>(worth, 1))});
    }
    out.accounts = {std::move(account)};
    return out;
}

bool has_restart(const PlannedFault& fault) { return fault.restart.has_value(); }

/// Everything of one run. Members in the order in which they need each other.
class System {
public:
    explicit System(const Options& options)
        : options_{options},
          scene_{draw_scene(options.seed)},
          start_{kMidnight - options.early},
          network_{start_, sim_prices::derive_seed(options.seed, 0x4E37)},
          transport_{network_, network_.add_client()} {
        outcome_.script = options.faults.value_or(draw_faults(
            options.seed, kCalmBefore, options.lasting - kCalmAfter, subjects_of(scene_)));
        if (options.trace) std::fprintf(stderr, "symbols: %s\n", scene_.symbols.c_str());
        open_world();
    }
    ~System() {
        loop_.reset();
        market_.reset();
        session_.reset();  // and with it the journal, before its folder goes
        std::error_code ignored;
        if (!own_journal_.empty()) std::filesystem::remove_all(own_journal_, ignored);
    }
    System(const System&) = delete;
    System& operator=(const System&) = delete;

    Outcome run() {
        const auto plan = read_faults(outcome_.script);
        if (!plan) {
            outcome_.broken.push_back(plan.error().detail);
            return std::move(outcome_);
        }
        if (options_.journal.empty() && std::ranges::any_of(*plan, has_restart)) make_journal();
        open_session();
        auto next = plan->begin();
        const UnixNanos calm = start_ + (options_.lasting - kCalmAfter);
        bool calmed = false;
        for (UnixNanos now = start_; now < start_ + options_.lasting; now = loop_->turn()) {
            for (; next != plan->end() && now >= start_ + next->at; ++next) begin(*next);
            for (const std::string& line : execution_->take_notices()) {
                ++outcome_.adopted;
                say(line.c_str());
            }
            if (options_.trace) watch();
            if (now >= next_round_) forgive(now);
            look_for_overdue(now);
            if (calmed || now < calm) continue;
            calmed = true;
            say("calm");
            world_->calm();
        }
        world_->calm();
        // One that died a while ago may wait for a venue's budget before its account is open again.
        const UnixNanos open_by = network_.now() + kBooksBack;
        while (network_.now() < open_by && !execution_->open()) loop_->turn();
        say("winding down");
        loop_->wind_down();
        const UnixNanos until = network_.now() + kBooksBack;
        while (network_.now() < until && !books_back()) loop_->turn();
        say("quiet");
        quiet_ = true;
        world_->fall_quiet();
        // Even now a connection may be given up for an answer that was lost long ago.
        const UnixNanos last = network_.now() + kBooksBack;
        do {
            const UnixNanos quiet = network_.now() + kQuiet;
            while (network_.now() < quiet) loop_->turn();
        } while (!books_back() && network_.now() < last);
        finish();
        return std::move(outcome_);
    }

private:
    using LiveLoop = app::LiveLoop;

    void open_world() {
        ports::ServerTransport& server = network_.add_server();
        sim_world::SimWorld::Listeners listeners;
        for (std::size_t i = 0; i < listeners.size(); ++i)
            listeners[i] = network_.listen(server, endpoint(static_cast<Door>(i)), scene_.line);
        auto made = sim_world::SimWorld::make(world_settings(options_.seed, start_, scene_), server,
                                              listeners,
                                              {[this](Nanos by) { transport_.jump_world(by); },
                                               [this]() -> Result<void> {
                                                   world_->disconnect_all();
                                                   return {};
                                               }});
        PLX_ASSERT(made.has_value());
        world_ = std::move(*made);
        transport_.set_world(*world_);
        if (options_.positions.value_or(scene_.positions)) take_positions(*world_, options_.seed);
        outcome_.positions = open_positions(*world_);
        fills_before_ = app::fills_at_venues(*world_);
    }

    void open_session() {
        std::array<std::string, sim_world::kDoorCount> hosts;
        for (std::size_t i = 0; i < hosts.size(); ++i) hosts[i] = endpoint(static_cast<Door>(i));
        const auto addresses = app::simulated_addresses(hosts);
        venues_.clear();
        for (std::size_t i = 0; i < kVenueCount; ++i) {
            const auto venue = static_cast<Venue>(i);
            venues_.push_back(std::make_unique<app::VenueAccess>(
                transport_, venue, addresses[i],
                app::simulated_credentials(world_->accounts()[0], venue)));
        }
        app::Settings settings;
        settings.fees = scene_.fees;
        settings.live.symbols = scene_.symbols;
        settings.risk = patient_risk();
        app::SessionOptions session_options;
        session_options.seed = options_.seed;
        session_options.journal = options_.journal;
        session_options.mode = "simulation";
        session_options.continues = true;
        session_ = std::make_unique<app::Session>(
            settings, session_options, [this, settings](const app::Pipeline& pipeline) {
                app::AccountCheckConfig check;
                check.adopt = true;
                auto made =
                    std::make_unique<app::LiveExecution>(pipeline, app::terms_of(settings), check);
                execution_ = made.get();
                app::SeatOptions seat;
                seat.over = [&pipeline](ClientOrderId id) {
                    const auto* order = pipeline.portfolio().orders().find(id);
                    return order != nullptr && order->closed();
                };
                if (pipeline.resumed_from().known())
                    seat.told_until = pipeline.resumed_from() - kUntold;
                for (const auto& venue : venues_)
                    app::add_seats(*made, transport_, *venue, pipeline.universe(), seat);
                return made;
            });
        const auto opened = session_->open(network_.now());
        if (!opened) std::fprintf(stderr, "%s\n", opened.error().detail.c_str());
        PLX_ASSERT(opened.has_value());
        market_ = std::make_unique<app::LiveMarket>(transport_, *session_);
        for (const auto& venue : venues_)
            market_->add(*venue, options_.seed + static_cast<std::uint64_t>(venue->venue()));
        const auto subscribed = market_->subscribe(scene_.symbols);
        PLX_ASSERT(subscribed.has_value());
        loop_.emplace(transport_, *session_, *market_, execution_);
        market_->start(network_.now());
    }

    void make_journal() {
        static int runs = 0;
        own_journal_ =
            (std::filesystem::temp_directory_path() /
             ("plx_simulation_" + std::to_string(::getpid()) + "_" + std::to_string(++runs)))
                .string();
        options_.journal = own_journal_;
    }

    /// The process dies, without a word to anybody; the world goes on. Then another one takes up
    /// what its journal says.
    void restart(Nanos away) {
        outcome_.messages += session_->counts().messages;
        ++outcome_.restarts;
        loop_.reset();
        market_.reset();
        session_.reset();
        venues_.clear();
        for (std::size_t i = 0; i < sim_world::kDoorCount; ++i)
            network_.cut(endpoint(static_cast<Door>(i)));
        const UnixNanos until = network_.now() + away;
        while (network_.now() < until) (void)transport_.poll(until - network_.now());
        open_session();
        alarms_ = {};
    }

    void begin(const PlannedFault& fault) {
        say(fault.line.c_str());
        if (fault.restart) restart(*fault.restart);
        for (const NetworkFault& one : fault.network) strike(network_, one);
        // What finds nothing to strike is no mistake: a script is drawn without looking.
        for (const sim_world::FaultCommand& one : fault.world) (void)world_->fault(one);
    }

    /// A plan past its last deadline may wait for the answer of a silent venue, and for nothing
    /// else.
    void look_for_overdue(UnixNanos now) {
        for (const trading::Plan& plan : session_->pipeline().trading().plans()) {
            if (!plan.open() || !plan.give_up_at.known() || now < plan.give_up_at + kOverdue)
                continue;
            if (!plan.any_live() && overdue_.insert(plan.id.raw()).second)
                outcome_.broken.push_back("plan " + std::to_string(plan.id.raw()) +
                                          " is open past its deadline, with nothing under way");
        }
    }

    /// A person who looks every two seconds and lets everything that was stopped go on.
    void forgive(UnixNanos now) {
        next_round_ = now + Nanos::seconds(2);
        if (!execution_->open()) return;  // not begun so far, or halted for a good reason
        using messages::ScopeKind;
        std::vector<messages::Scope> scopes{{}};
        for (std::uint32_t i = 0; i < kVenueCount; ++i) scopes.push_back({ScopeKind::Venue, i});
        for (const Symbol& symbol : session_->pipeline().universe().symbols())
            scopes.push_back({ScopeKind::Symbol, symbol.id.raw()});
        for (const messages::Scope scope : scopes)
            session_->on(messages::SetTradingState{scope, messages::TradingState::Active, now});
    }

    [[nodiscard]] bool listed(const Instrument& listing) {
        const sim_engine::SimVenue& venue = world_->venue(venue_of(listing.market));
        const auto id = venue.find_listing(listing.market, listing.venue_symbol);
        return id && venue.listing(*id).state != sim_engine::ListingState::Delisted;
    }

    /// What the venue still lists can be traded; a book of anything else is out of use, or empty.
    [[nodiscard]] bool right(const Instrument& listing) {
        const book::FeedBook& book = session_->pipeline().market().books()[listing.id];
        // Where nothing happens any more a book that is whole grows stale.
        if (listed(listing))
            return book.tradable() || (quiet_ && book.state() == book::BookState::Stale);
        return !book.tradable() ||
               (book.cursor(Side::Buy).done() && book.cursor(Side::Sell).done());
    }

    [[nodiscard]] bool books_back() {
        const auto& all = session_->pipeline().universe().instruments();
        return !all.empty() &&
               std::ranges::all_of(all, [this](const Instrument& one) { return right(one); });
    }

    void finish() {
        if (options_.tamper) options_.tamper(*world_);
        for (std::string& one : app::differences(*session_, *execution_, *world_, fills_before_))
            outcome_.broken.push_back(std::move(one));
        if (!books_back()) {
            const auto ready = market_->readiness();
            std::string which;
            for (const Instrument& listing : session_->pipeline().universe().instruments()) {
                const book::FeedBook& book = session_->pipeline().market().books()[listing.id];
                if (right(listing)) continue;
                which += " " + std::string{to_string(listing.market)} + " " + listing.venue_symbol +
                         " is " + std::string{to_string(book.state())};
            }
            outcome_.broken.push_back(std::to_string(ready.tradable) + " of " +
                                      std::to_string(ready.listed) + " books are live:" + which);
        }
        for (const auto& seat : execution_->seats()) {
            if (!seat.trading)
                outcome_.broken.push_back(std::string{to_string(seat.venue)} +
                                          " does not trade: " + seat.why);
        }
        if (options_.trace) tell_connections();
        execution_->stop(network_.now());
        market_->stop(network_.now());
        if (const auto done = session_->finish(); !done)
            outcome_.broken.push_back(done.error().detail);
        const app::Pipeline& pipeline = session_->pipeline();
        for (const Instrument& listing : pipeline.universe().instruments())
            outcome_.ended += listing.status == InstrumentStatus::Trading ? 0 : 1;
        outcome_.digest = pipeline.digest();
        outcome_.messages += session_->counts().messages;
        outcome_.plans = pipeline.plan_counts().sent;
        outcome_.residuals = pipeline.plan_counts().residual;
        outcome_.fills = pipeline.portfolio().counters().fills;
        outcome_.accidents = world_->accidents();
        for (const MarketInfo& market : kMarkets) {
            for (std::uint16_t i = 0; i < pipeline.universe().asset_count(); ++i) {
                const auto funding = pipeline.portfolio().ledger().balance(
                    market.market, AssetId{i}, messages::Bucket::Funding);
                outcome_.funded += funding.is_zero() ? 0 : 1;
            }
        }
        outcome_.idle_polls = transport_.idle_polls();
        outcome_.simulated = static_cast<double>((network_.now() - start_).count()) / 1e9;
    }

    /// Tells of alarms when they come, and of plans that end with a rest.
    void watch() {
        for (const trading::Plan& plan : session_->pipeline().trading().plans()) {
            if (!plan.stranded || !stranded_.insert(plan.id.raw()).second) continue;
            std::string text = "plan " + std::to_string(plan.id.raw()) +
                               " ends with a rest: " + std::string{to_string(plan.reason.code)} +
                               " " + std::to_string(plan.reason.value) + " " +
                               std::to_string(plan.reason.limit);
            for (std::size_t i = 0; i < plan.leg_count; ++i) {
                const Instrument& listing =
                    session_->pipeline().universe().instrument(plan.legs[i].instrument);
                text += "; " + std::string{to_string(listing.market)} + " " + listing.venue_symbol +
                        (plan.legs[i].side == Side::Buy ? " buy " : " sell ") +
                        std::to_string(plan.legs[i].planned.raw()) + " filled " +
                        std::to_string(plan.legs[i].filled.raw());
            }
            say(text.c_str());
            for (const trading::Order& order : plan.all_orders())
                say(("  order on " + std::to_string(order.instrument.raw()) +
                     (order.side == Side::Buy ? " buy " : " sell ") +
                     std::to_string(order.quantity.raw()) + " at " +
                     std::to_string(order.price.raw()) + ", state " +
                     std::to_string(static_cast<int>(order.state)) + ", filled " +
                     std::to_string(order.fills.filled().raw()))
                        .c_str());
        }
        const auto& alarms = session_->pipeline().portfolio().counters().alarms;
        for (std::size_t i = 0; i < alarms.size(); ++i) {
            if (alarms[i] == alarms_[i]) continue;
            say(("alarm: " + std::string{to_string(static_cast<portfolio::Alarm>(i))}).c_str());
            for (const std::string& one :
                 app::differences(*session_, *execution_, *world_, fills_before_))
                say(("  " + one).c_str());
        }
        alarms_ = alarms;
    }

    void tell_connections() const {
        for (const ports::FeedConnection& one : market_->connections())
            std::fprintf(stderr, "%s: %s, %llu messages, %llu attempts, %llu drops, last: %s\n",
                         one.name.c_str(), std::string{one.state}.c_str(),
                         static_cast<unsigned long long>(one.messages),
                         static_cast<unsigned long long>(one.attempts),
                         static_cast<unsigned long long>(one.drops), one.last_reason.c_str());
        for (const std::string& notice : market_->notices())
            std::fprintf(stderr, "notice: %s\n", notice.c_str());
    }

    void say(const char* what) const {
        if (!options_.trace) return;
        std::fprintf(stderr, "%8.3f  %s\n",
                     static_cast<double>((network_.now() - start_).count()) / 1e9, what);
    }

    Options options_;
    Scene scene_;
    UnixNanos start_;
    Outcome outcome_;
    sim_network::Network network_;
    WorldTransport transport_;
    std::unique_ptr<sim_world::SimWorld> world_;
    std::vector<std::unique_ptr<app::VenueAccess>> venues_;
    std::unique_ptr<app::Session> session_;
    app::LiveExecution* execution_ = nullptr;  ///< the session's
    std::unique_ptr<app::LiveMarket> market_;
    std::array<std::uint64_t, portfolio::kAlarmCount> alarms_{};
    std::optional<LiveLoop> loop_;
    bool quiet_ = false;              ///< nothing happens at the venues any more
    std::uint64_t fills_before_ = 0;  ///< of the account, when the session began
    std::string own_journal_;         ///< made for this run; empty: none
    UnixNanos next_round_ = start_;
    std::set<std::uint64_t> overdue_, stranded_;  ///< plans that were told of
};

}  // namespace

Outcome run(const Options& options) { return System{options}.run(); }

}  // namespace parallax::simulation
