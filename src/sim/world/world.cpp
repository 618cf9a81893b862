#include "sim/world/world.hpp"

#include <algorithm>

#include "sim/venues/binance/front.hpp"
#include "sim/venues/bybit/front.hpp"
#include "sim/venues/okx/front.hpp"
#include "sim/world/positions.hpp"

namespace parallax::sim_world {
namespace {

constexpr Nanos kStep = Nanos::millis(10);  // longest the world moves without its fronts
constexpr Venue kVenues[] = {Venue::Binance, Venue::Okx, Venue::Bybit};

sim_engine::CrowdSettings crowd_settings(const WorldSettings& s) {
    sim_engine::CrowdSettings out;
    out.prices.start = s.start - s.warm_up;
    out.prices.intensity = s.intensity;
    out.prices.volatility = s.volatility;
    out.activity = s.activity;
    out.coins = s.coins;
    return out;
}

}  // namespace

Result<std::unique_ptr<SimWorld>> SimWorld::make(const WorldSettings& settings,
                                                 ports::ServerTransport& transport,
                                                 const Listeners& listeners,
                                                 Surroundings surroundings,
                                                 const FixListeners& fix) {
    PLX_ASSERT(settings.start.known());
    std::unique_ptr<SimWorld> world{
        new SimWorld{settings, transport, listeners, std::move(surroundings)}};
    world->fix_listeners_ = fix;
    if (auto done = world->open_accounts(); !done) return tl::unexpected{std::move(done.error())};
    world->make_fronts(settings);
    world->move(settings.start);
    if (auto done = world->open_positions(); !done) return tl::unexpected{std::move(done.error())};
    return world;
}

SimWorld::SimWorld(const WorldSettings& settings, ports::ServerTransport& transport,
                   const Listeners& listeners, Surroundings surroundings)
    : transport_{transport, sim_prices::derive_seed(settings.seed, 0xFA01)},
      listeners_{listeners},
      surroundings_{std::move(surroundings)},
      accounts_{settings.accounts.empty() ? standard_accounts(settings.seed) : settings.accounts},
      now_{settings.start - settings.warm_up},
      random_{sim_prices::derive_seed(settings.seed, 0xFA02)} {
    crowd_ = std::make_unique<sim_engine::Crowd>(crowd_settings(settings), settings.seed);
    for (const Venue venue : kVenues) {
        sim_engine::VenueSettings s;
        s.venue = venue;
        if (venue == Venue::Binance) s.discount_asset = "BNB";
        venues_[index_of(venue)] = std::make_unique<sim_engine::SimVenue>(s);
        crowd_->join(*venues_[index_of(venue)]);
    }
}

Result<void> SimWorld::open_accounts() {
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

Result<void> SimWorld::open_positions() {
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        for (const OpenPosition& wanted : accounts_[i].positions) {
            const auto done =
                open_position(venue(wanted.venue), account(wanted.venue, i), wanted, now_);
            if (!done) return fail(Errc::Rejected, accounts_[i].name + ": " + done.error().detail);
        }
    }
    return {};
}

void SimWorld::make_fronts(const WorldSettings& settings) {
    sim_binance::FrontSettings binance;
    binance.seed = settings.seed;
    binance.futures = {listeners_[static_cast<std::size_t>(Door::BinanceUsdm)]};
    binance.fix = fix_listeners_;
    fronts_[0] =
        std::make_unique<sim_binance::BinanceFront>(*venues_[0], keyrings_[0], transport_, binance);
    sim_okx::FrontSettings okx;
    okx.withdrawal_addresses = settings.withdrawal_addresses;
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        if (accounts_[i].okx_vip4) okx.vip4.insert(account_ids_[1][i].raw());
    }
    fronts_[1] =
        std::make_unique<sim_okx::OkxFront>(*venues_[1], transport_, keyrings_[1], std::move(okx));
    sim_bybit::FrontSettings bybit;
    bybit.withdrawal_addresses = settings.withdrawal_addresses;
    fronts_[2] = std::make_unique<sim_bybit::BybitFront>(*venues_[2], transport_, keyrings_[2],
                                                         std::move(bybit));
}

void SimWorld::move(UnixNanos now) {
    while (now_ < now) {
        now_ = std::min(now, now_ + kStep);
        if (quiet_) {
            for (auto& venue : venues_) venue->advance(now_);
        } else {
            crowd_->advance(now_);
        }
        run_script();
        transport_.advance(now_);
        for (auto& front : fronts_) front->advance(now_);
    }
}

void SimWorld::on(const ports::ServerEvent& event) {
    fronts_[index_of(venue_of(door_of(event.listener)))]->on(event);
}

void SimWorld::serve(UnixNanos now) {
    const auto events = transport_.poll(Nanos{});
    if (events.empty()) return;
    move(now);  // who asks is told of the world as it is now
    for (ports::ServerEvent event : events) {
        event.received = now_;
        on(event);
    }
}

Door SimWorld::door_of(ports::ListenerId listener) const noexcept {
    if (std::ranges::find(fix_listeners_, listener) != fix_listeners_.end())
        return Door::BinanceSpot;
    const auto found = std::ranges::find(listeners_, listener);
    PLX_ASSERT(found != listeners_.end());
    return static_cast<Door>(found - listeners_.begin());
}

}  // namespace parallax::sim_world
