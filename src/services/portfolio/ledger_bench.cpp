#include <benchmark/benchmark.h>

#include "services/portfolio/service.hpp"
#include "services/portfolio/test_world.hpp"

// Budget: one fill through the service (dedupe, four postings, plan sums) in 1 us.

namespace parallax::portfolio {
namespace {

using namespace test;

void BM_Posting(benchmark::State& state) {
    Ledger ledger;
    ledger.grow(4);
    const AssetId asset{1};
    const Place outside{Market::Okx, Bucket::External}, free{Market::Okx, Bucket::Available};
    ledger.begin(PlanId{1}, at(1));
    std::size_t n = 0;
    for (auto _ : state) {
        ledger.post(EntryKind::Deposit, asset, outside, free, Amount::from_raw(1'000));
        if (++n % 256 == 0) ledger.clear_outputs();
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Posting);

/// Orders of eight fills each, two orders a plan; outputs cleared after every fill as the pipeline
/// does.
void BM_Fill(benchmark::State& state) {
    World world;
    const InstrumentId id = state.range(0) == 0 ? world.binance_btc : world.perp;
    Service service{world.universe, world.books, world.fees, Config{}};
    service.on(world.flow(Market::BinanceSpot, "USDT", "1000000000"));
    service.on(world.flow(Market::BinanceSpot, "BTC", "1000000"));
    service.on(world.flow(Market::BinanceUsdm, "USDT", "1000000000"));
    auto fill = world.fill(order_id(1), id, Side::Buy, 1, "60000", "1", "", "0.6", "USDT");
    fill.quantity = Quantity::from_raw(1'000);
    auto order = world.order(order_id(1), id, Side::Buy, "60000", "1");
    order.quantity = Quantity::from_raw(8'000);
    const auto leg = world.leg(id, Side::Buy, "1", "60000", "60000");
    std::uint64_t plan = 0;
    std::uint64_t trade = 0;
    for (auto _ : state) {
        if (trade % 8 == 0) {  // a new order; a plan ends with its second
            state.PauseTiming();
            if (trade % 16 == 0) {
                if (plan > 0) {
                    service.on(world.plan(plan, messages::PlanState::Settled, {leg}));
                    service.on(messages::ClockTick{at(static_cast<std::int64_t>(plan) * 1'000)});
                }
                service.on(world.plan(++plan, messages::PlanState::Reserved, {leg}));
                fill.side = Side::Buy;
            } else {
                fill.side = Side::Sell;
            }
            order.side = fill.side;
            order.id = fill.id = order_id(plan, 0, static_cast<std::uint16_t>(trade % 16));
            fill.cumulative = Quantity{};
            send(service, world, order);
            service.clear_outputs();
            state.ResumeTiming();
        }
        fill.trade_id = ++trade;
        fill.cumulative += fill.quantity;
        service.on(fill);
        service.clear_outputs();
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Fill)->ArgName("perpetual")->Arg(0)->Arg(1);

void BM_DuplicateFill(benchmark::State& state) {
    World world;
    Service service{world.universe, world.books, world.fees, Config{}};
    service.on(world.flow(Market::BinanceSpot, "USDT", "100000"));
    send(service, world, world.order(order_id(1), world.binance_btc, Side::Buy, "60000", "1"));
    const auto fill = world.fill(order_id(1), world.binance_btc, Side::Buy, 1, "60000", "1", "1");
    service.on(fill);
    for (auto _ : state) service.on(fill);
}
BENCHMARK(BM_DuplicateFill);

void BM_ReserveAndRelease(benchmark::State& state) {
    World world;
    Service service{world.universe, world.books, world.fees, Config{}};
    service.on(world.flow(Market::BinanceSpot, "USDT", "100000"));
    service.on(world.flow(Market::Okx, "BTC", "10"));
    const std::array holds{
        ports::Hold{Market::BinanceSpot, world.asset("USDT"), amount("60000"), order_id(1, 0)},
        ports::Hold{Market::Okx, world.asset("BTC"), amount("1"), order_id(1, 1)}};
    service.clear_outputs();
    for (auto _ : state) {
        benchmark::DoNotOptimize(service.reserve(PlanId{1}, holds, at(1)));
        service.release(PlanId{1}, at(2));
        service.clear_outputs();
    }
}
BENCHMARK(BM_ReserveAndRelease);

}  // namespace
}  // namespace parallax::portfolio
