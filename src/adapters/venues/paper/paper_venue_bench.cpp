#include <benchmark/benchmark.h>

#include "adapters/venues/paper/test_support.hpp"

namespace parallax::paper {
namespace {

using namespace testing;

/// One IOC order from submit to its last event: three events, one fill.
void BM_PaperVenueOrder(benchmark::State& state) {
    Config config = quiet_config();
    config.order_memory = Nanos::seconds(1);
    config.refill_half_life = Nanos::millis(1);
    World world{config};
    world.venue->deposit(World::kSpotMarket, world.usdt, Amount::units(1'000'000'000));
    world.venue->deposit(World::kSpotMarket, world.btc, Amount::units(1'000'000));
    OrderRequest request = world.order(world.spot, Side::Buy, "100", "0.1");
    std::array<OrderEvent, 8> events;
    std::uint64_t plan = 0;
    std::size_t told = 0;
    for (auto _ : state) {
        request.id = ClientOrderId{PlanId{++plan}, 0, 1};
        request.side = plan % 2 == 0 ? Side::Buy : Side::Sell;
        request.price = world.price(world.spot, plan % 2 == 0 ? "100" : "99.99");
        request.decided = world.now;
        benchmark::DoNotOptimize(world.venue->submit({&request, 1}));
        world.now = world.now + Nanos::millis(10);
        world.venue->advance(world.now);
        told += world.venue->poll(events);
    }
    state.SetItemsProcessed(state.iterations());
    state.counters["events"] = static_cast<double>(told) / static_cast<double>(state.iterations());
}
BENCHMARK(BM_PaperVenueOrder);

}  // namespace
}  // namespace parallax::paper
