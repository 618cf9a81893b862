#include "sim/engine/crowd.hpp"

#include <algorithm>
#include <cmath>

#include "sim/engine/crowd_view.hpp"

namespace parallax::sim_engine {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

constexpr auto kLater = [](const auto& a, const auto& b) {
    return a.at != b.at ? a.at > b.at : a.bot > b.bot;
};

bool knows(const std::vector<sim_prices::Coin>& coins, sim_prices::Coin coin) {
    return coins.empty() || coin == sim_prices::Coin::Usdt ||
           std::ranges::find(coins, coin) != coins.end();
}

Amount amount_of(double units) noexcept {
    return Amount::from_raw(static_cast<__int128>(units * 1e12) * 1'000'000);
}

}  // namespace

Crowd::Crowd(const CrowdSettings& settings, std::uint64_t seed)
    : settings_{settings},
      seed_{seed},
      fair_{settings.prices, sim_prices::derive_seed(seed, 0)},
      random_{sim_prices::derive_seed(seed, 1)},
      next_second_{settings.prices.start.nanos()},
      shaken_{settings.prices.start.nanos() / sim_prices::FairPrice::kStepNs} {}

void Crowd::join(SimVenue& venue) {
    constexpr double kRiches = 1e11;  // USDT worth of each asset: it must never run dry
    const std::int64_t start = settings_.prices.start.nanos();
    venues_.push_back(&venue);
    AccountSettings account;
    account.watched = false;
    account.fees = *FeeSchedule::named("zero");
    account.name = "makers";
    const AccountId maker = venue.open_account(account);
    account.name = "takers";
    const AccountId taker = venue.open_account(account);
    const Wallet derivatives =
        venue.settings().venue == Venue::Binance ? Wallet::Derivatives : Wallet::Trading;
    for (sim_prices::Listing& listing : sim_prices::all_listings()) {
        if (venue_of(listing.definition.market) != venue.settings().venue) continue;
        if (!knows(settings_.coins, listing.base) || !knows(settings_.coins, listing.quote))
            continue;
        const auto id = venue.list(listing.definition);
        PLX_ASSERT(id.has_value());
        const std::uint64_t own_seed = sim_prices::derive_seed(seed_, 2 + bots_.size());
        runtime::Random random{own_seed};
        const sim_prices::Deviation deviation{listing, start, random};
        schedule_.push_back({start, static_cast<std::uint32_t>(bots_.size())});
        for (const AccountId each : {maker, taker}) {
            if (!listing.perpetual) continue;
            (void)venue.set_leverage(each, *id, listing.definition.max_leverage,
                                     settings_.prices.start);
        }
        bots_.push_back({&venue, std::move(listing), *id, maker, taker, random, deviation, {}});
    }
    for (std::size_t coin = 0; coin <= sim_prices::kCoinCount; ++coin) {
        const auto& model = sim_prices::model(static_cast<sim_prices::Coin>(coin));
        const auto asset = venue.find_asset(model.name);
        if (!asset) continue;
        for (const AccountId each : {maker, taker}) {
            venue.grant(each, Wallet::Trading, *asset, amount_of(kRiches / model.price));
            if (derivatives != Wallet::Trading)
                venue.grant(each, derivatives, *asset, amount_of(kRiches / model.price));
        }
    }
    std::make_heap(schedule_.begin(), schedule_.end(), kLater);
}

UnixNanos Crowd::next() const noexcept {
    const std::int64_t turn = schedule_.empty() ? next_second_ : schedule_.front().at;
    return UnixNanos::from_nanos(std::min(turn, next_second_));
}

void Crowd::advance(UnixNanos now) {
    while (next() <= now) {
        if (next_second_ <= next().nanos()) {
            fair_.advance(next_second_);
            second(UnixNanos::from_nanos(next_second_));
            next_second_ += kSecond;
            continue;
        }
        std::pop_heap(schedule_.begin(), schedule_.end(), kLater);
        Turn& turn = schedule_.back();
        Bot& bot = bots_[turn.bot];
        fair_.advance(turn.at);
        shake(turn.at);
        beat(bot, turn.at);
        const double mean =
            1e9 / (bot.listing.changes * settings_.activity * std::sqrt(fair_.volatility()));
        turn.at +=
            1 + static_cast<std::int64_t>(mean * (bot.random.uniform() + bot.random.uniform()));
        std::push_heap(schedule_.begin(), schedule_.end(), kLater);
    }
    for (SimVenue* const venue : venues_) venue->advance(now);
}

/// Draws, for each step of the grid, whether a listing falls out of line.
void Crowd::shake(std::int64_t now) {
    const double chance = sim_prices::shake_chance(settings_.prices.intensity);
    for (; shaken_ < now / sim_prices::FairPrice::kStepNs; ++shaken_) {
        if (!random_.chance(chance)) continue;
        Bot& bot = bots_[random_.below(bots_.size())];
        bot.deviation.shake(bot.listing, random_);
    }
}

/// Index prices and worths of assets, known to all venues at once.
void Crowd::second(UnixNanos now) {
    for (SimVenue* const venue : venues_) {
        venue->advance(now);
        for (std::size_t i = 0; i <= sim_prices::kCoinCount; ++i) {
            const auto coin = static_cast<sim_prices::Coin>(i);
            if (const auto asset = venue->find_asset(sim_prices::model(coin).name))
                venue->set_asset_value(*asset, amount_of(fair_.at(coin, now.nanos())));
        }
    }
    for (Bot& bot : bots_) {
        const Listing& listing = bot.venue->listing(bot.id);
        const double value = fair_.at(bot.listing.base, now.nanos()) * bot.listing.coins_a_unit /
                             fair_.at(bot.listing.quote, now.nanos());
        const double steps = value * static_cast<double>(pow10(listing.price_scale.decimals));
        bot.venue->set_index(bot.id, Price::from_raw(static_cast<std::int64_t>(steps + 0.5)), now);
    }
}

Crowd::View Crowd::look(Bot& bot, std::int64_t now) const {
    const Listing& listing = bot.venue->listing(bot.id);
    bot.deviation.advance(bot.listing, now, bot.random);
    const auto lag = static_cast<std::int64_t>(bot.listing.lag_ms * settings_.lag * 1e6);
    const double unit = static_cast<double>(pow10(listing.price_scale.decimals));
    View view{listing, UnixNanos::from_nanos(now), 0, 0, 0, 0, 0, 1};
    view.tick = static_cast<double>(listing.tick.raw());
    view.middle =
        bot.deviation.middle_ticks(bot.listing, fair_, now - lag) * bot.listing.tick * unit;
    view.calm_spread = std::max(0.5 * view.tick, view.middle * bot.listing.half_spread_bp * 1e-4);
    view.half_spread = view.calm_spread * (0.7 + 0.3 * fair_.volatility());
    view.spacing = std::max(view.tick, view.middle * bot.listing.spacing_bp * 1e-4);
    const double worth =
        listing.notional(Price::from_raw(static_cast<std::int64_t>(view.middle)), listing.lot)
            .approximate();
    // A tenth more, so that orders some percent below the middle are still large enough.
    view.least_lots = std::max(
        listing.min_notional.approximate() * 1.1 / worth,
        static_cast<double>(listing.min_quantity.raw()) / static_cast<double>(listing.lot.raw()));
    return view;
}

}  // namespace parallax::sim_engine
