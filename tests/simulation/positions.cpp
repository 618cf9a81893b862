#include "positions.hpp"

#include "runtime/random.hpp"
#include "sim/prices/deviation.hpp"

namespace parallax::simulation {
namespace {

constexpr std::size_t kLevels = 5;  ///< that it takes from, at most

void take(sim_world::SimWorld& world, Venue at, sim_engine::ListingId id, Side side, Amount left) {
    sim_engine::SimVenue& venue = world.venue(at);
    const sim_engine::Listing& listing = venue.listing(id);
    for (const Level& level : venue.levels(id, opposite(side), kLevels)) {
        sim_engine::NewOrder order;
        order.account = world.account(at, 0);
        order.listing = id;
        order.side = side;
        order.time_in_force = sim_engine::TimeInForce::ImmediateOrCancel;
        order.price = level.price;
        order.quantity = level.quantity;
        const Amount worth = listing.notional(level.price, level.quantity);
        if (worth > left) {  // the last part of it
            const auto part = static_cast<std::int64_t>(
                multiply_divide(level.quantity.raw(), left.raw(), worth.raw(), Rounding::Down));
            order.quantity = floor_to(Quantity::from_raw(part), listing.lot);
        }
        left -= std::min(worth, left);
        if (!order.quantity.is_zero()) (void)venue.place(order, world.now());
    }
}

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
        take(world, at, id, side, Amount::units(random.between(500, 6'000)));
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
