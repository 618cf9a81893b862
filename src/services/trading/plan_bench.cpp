// Opportunity -> requests, journalled updates included; gate and wallets are stand-ins that approve
// at once.
#include <benchmark/benchmark.h>

#include "services/trading/fixture.hpp"

namespace parallax::trading {
namespace {

/// The plan ends between two rounds, outside the measured time of the second variant.
void BM_OpportunityToRequests(benchmark::State& state) {
    fixture::World world;
    world.config.exclusive = false;
    world.start();
    messages::Opportunity opportunity = world.pair();
    for (auto _ : state) {
        opportunity.id = OpportunityId{world.next_opportunity++};
        world.service->clear_outputs();
        world.service->on(opportunity);
        benchmark::DoNotOptimize(world.service->requests().data());
        state.PauseTiming();
        const auto orders = world.requests();
        for (const auto& order : orders) world.done(order);
        state.ResumeTiming();
    }
}
BENCHMARK(BM_OpportunityToRequests)->Iterations(50'000);

void BM_WholePlan(benchmark::State& state) {
    fixture::World world;
    messages::Opportunity opportunity = world.pair();
    messages::OrderEvent event;
    event.kind = messages::OrderEventKind::Done;
    for (auto _ : state) {
        opportunity.id = OpportunityId{world.next_opportunity++};
        world.service->clear_outputs();
        world.service->on(opportunity);
        const std::array ids{world.service->requests()[0].id, world.service->requests()[1].id};
        for (const ClientOrderId id : ids) {
            event.id = id;
            event.received = world.now;
            world.service->on(event);
        }
    }
}
BENCHMARK(BM_WholePlan);

void BM_RouteAHedge(benchmark::State& state) {
    fixture::World world;
    const Candidate places[] = {{world.binance, {}, Amount::units(10), false},
                                {world.okx, {}, Amount::units(10), false},
                                {world.bybit, {}, Amount::units(10), false},
                                {world.perp, Rate::basis_points(10), Amount::units(10), false}};
    const AssetId btc = *world.universe.find_asset("BTC");
    for (auto _ : state) {
        benchmark::DoNotOptimize(
            route(world.universe, world.books, world.fees, places, btc, true, Amount::units(2)));
    }
}
BENCHMARK(BM_RouteAHedge);

}  // namespace
}  // namespace parallax::trading
