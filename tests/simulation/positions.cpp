#include "positions.hpp"

#include "runtime/random.hpp"
#include "sim/prices/deviation.hpp"
#include "sim/world/positions.hpp"

namespace parallax::simulation {
namespace {

template <class Each>
void for_each_perpetual(sim_world::SimWorld& world, Each each) {
    for (const Venue at : {Venue::Binance, Venue::Okx, Venue::Bybit}) {
        const sim_engine::SimVenue& venue = world.venue(at);
        for (std::size_t i = 0; i < venue.listings(); ++i) {
            const sim_engine::ListingId id{static_cast<sim_engine::ListingId::rep>(i)};
            if (venue.listing(id).perpetual) each(at, id);
        }
    }
}

}  // namespace

void take_positions(sim_world::SimWorld& world, std::uint64_t seed) {
    runtime::Random random{sim_prices::derive_seed(seed, 0xAD09)};
    for_each_perpetual(world, [&](Venue at, sim_engine::ListingId id) {
        if (!random.chance(0.7)) return;
        const Side side = random.chance(0.5) ? Side::Buy : Side::Sell;
        const Amount worth = Amount::units(random.between(500, 6'000));
        sim_engine::SimVenue& venue = world.venue(at);
        const auto best = venue.levels(id, opposite(side), 1);
        if (best.empty()) return;
        (void)sim_world::take(venue, world.account(at, 0), id, side,
                              venue.listing(id).affordable(worth, best[0].price), world.now());
    });
}

std::uint64_t open_positions(sim_world::SimWorld& world) {
    std::uint64_t open = 0;
    for_each_perpetual(world, [&](Venue at, sim_engine::ListingId id) {
        const auto& position = world.venue(at).position(world.account(at, 0), id);
        open += position.magnitude().is_zero() ? 0 : 1;
    });
    return open;
}

}  // namespace parallax::simulation
