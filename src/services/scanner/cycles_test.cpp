#include "services/scanner/cycles.hpp"

#include <cmath>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "runtime/random.hpp"
#include "services/scanner/testing.hpp"
#include "services/scanner/waterfall.hpp"

namespace parallax::scanner {
namespace {

TEST(Log2, IsCloseAndNeverTooHigh) {
    runtime::Random random{1};
    for (int i = 0; i < 100'000; ++i) {
        const std::int64_t value = random.between(1, std::int64_t{1} << random.below(62));
        const double exact = std::log2(static_cast<double>(value));
        const double found = static_cast<double>(Log2::of(value)) / static_cast<double>(Log2::kOne);
        ASSERT_LE(found, exact + 1e-11 * 64) << value;
        ASSERT_GE(found, exact - 1.8e-7) << value;
    }
    EXPECT_EQ(Log2::of(std::int64_t{1} << 40), 40 * Log2::kOne);
}

TEST(CycleIndex, FindsEveryDirectedTriangleOnce) {
    Desk desk;
    desk.spot(Market::BinanceSpot, "BTC", "USDT");
    desk.spot(Market::BinanceSpot, "ETH", "USDT");
    desk.spot(Market::BinanceSpot, "ETH", "BTC");
    desk.spot(Market::Okx, "ETH", "BTC");
    desk.spot(Market::BinanceSpot, "BNB", "USDT");
    desk.spot(Market::BinanceSpot, "BNB", "BTC");
    desk.spot(Market::BinanceSpot, "BNB", "ETH");
    desk.config.four_leg_cycles = true;
    CycleIndex index{desk.universe, desk.fees, desk.config};
    for (const InstrumentId id : desk.ids) index.list(id);
    index.index();
    // brute force over ordered choices of distinct markets that close a simple ring
    std::set<std::vector<std::pair<std::uint32_t, int>>> rings;
    const auto n = static_cast<std::uint32_t>(desk.ids.size());
    const std::function<void(std::vector<std::pair<std::uint32_t, int>>&, std::vector<AssetId>&)> extend =
        [&](auto& legs, auto& nodes) {
            for (std::uint32_t m = 0; m < n; ++m) {
                const Instrument& market = desk.universe.instrument(InstrumentId{m});
                for (const int side : {0, 1}) {
                    const AssetId from = side == 1 ? market.base : market.quote;
                    const AssetId to = side == 1 ? market.quote : market.base;
                    if (from != nodes.back()) continue;
                    legs.emplace_back(m, side);
                    if (to == nodes.front() && legs.size() >= 3) {
                        auto canonical = legs;
                        std::rotate(canonical.begin(), std::min_element(canonical.begin(), canonical.end()), canonical.end());
                        rings.insert(canonical);
                    } else if (legs.size() < 4 && std::find(nodes.begin(), nodes.end(), to) == nodes.end()) {
                        nodes.push_back(to);
                        extend(legs, nodes);
                        nodes.pop_back();
                    }
                    legs.pop_back();
                }
            }
        };
    for (std::uint32_t asset = 0; asset < desk.universe.asset_count(); ++asset) {
        std::vector<std::pair<std::uint32_t, int>> legs;
        std::vector<AssetId> nodes{AssetId{static_cast<std::uint16_t>(asset)}};
        extend(legs, nodes);
    }
    std::set<std::vector<std::pair<std::uint32_t, int>>> found;
    for (std::uint32_t c = 0; c < index.size(); ++c) {
        std::vector<std::pair<std::uint32_t, int>> legs;
        for (std::size_t i = 0; i < index[c].count; ++i) {
            legs.emplace_back(index[c].legs[i].instrument.raw(), static_cast<int>(index[c].legs[i].side));
        }
        std::rotate(legs.begin(), std::min_element(legs.begin(), legs.end()), legs.end());
        EXPECT_TRUE(found.insert(legs).second) << "twice";
    }
    EXPECT_EQ(found, rings);
    EXPECT_GT(rings.size(), 20u);
}

/// Three random books around USDT -> BTC -> ETH -> USDT.
struct Ring {
    Desk desk;
    InstrumentId bu, eb, eu;
    std::array<CycleMarket, 3> markets;

    explicit Ring(runtime::Random& random) : desk{"vip9"} {
        bu = desk.spot(Market::BinanceSpot, "BTC", "USDT");
        eb = desk.spot(Market::BinanceSpot, "ETH", "BTC");
        eu = desk.spot(Market::BinanceSpot, "ETH", "USDT");
        const std::int64_t gain = random.between(-10, 120);  // bp around the ring
        book(random, bu, 6'000'000, 10, 60'000);
        book(random, eb, 5'000, 1, 1'000'000);
        book(random, eu, 300'000 + 30 * gain, 5, 1'000'000);
        const Side sides[] = {Side::Buy, Side::Buy, Side::Sell};
        const InstrumentId ids[] = {bu, eb, eu};
        for (std::size_t i = 0; i < 3; ++i) {
            const Instrument& instrument = desk.universe.instrument(ids[i]);
            markets[i] = {&desk.books[ids[i]], &instrument, &desk.universe.symbol_of(ids[i]), sides[i],
                          Rate::from_raw(230'000), random.chance(0.7) ? FeeAsset::Received : FeeAsset::Quote, Amount::max()};
        }
    }
    void book(runtime::Random& random, InstrumentId id, std::int64_t mid, std::int64_t step, std::int64_t depth) {
        std::vector<Level> bids, asks;
        std::int64_t bid = mid, ask = mid + 1;
        for (int l = 0; l < 6; ++l) {
            bids.push_back({Price::from_raw(bid), Quantity::from_raw(random.between(1, depth))});
            asks.push_back({Price::from_raw(ask), Quantity::from_raw(random.between(1, depth))});
            bid -= random.between(1, 4 * step);
            ask += random.between(1, 4 * step);
        }
        desk.set_book(id, bids, asks);
    }
};

TEST(SizeCycle, IsNotBeatenByAGridSearch) {
    EXPECT_TRUE(rc::check([] {
        runtime::Random random{*rc::gen::arbitrary<std::uint64_t>()};
        for (int round = 0; round < 10; ++round) {
            const Ring ring{random};
            const CycleRun found = size_cycle(ring.markets, 0.0, Amount::units(1'000'000'000), 50);
            Amount best;
            std::int64_t depth = 0;
            for (auto it = ring.markets[0].book->cursor(Side::Sell); !it.done(); ++it) depth += (*it).quantity.raw();
            const std::int64_t step = std::max<std::int64_t>(depth / 2'000, 1);
            for (std::int64_t q = 1; q <= depth; q += step) {
                const CycleRun run = run_cycle(ring.markets, Quantity::from_raw(q), 50);
                if (run.feasible) best = std::max(best, run.profit());
            }
            const Amount profit = found.feasible ? found.profit() : Amount{};
            // lots of the second and third market leave dust: a tenth of a dollar and a ten-thousandth of the profit
            RC_ASSERT(profit.approximate() >= best.approximate() * 0.9999 - 0.7);
            if (found.feasible) RC_ASSERT(found.used > Amount{});
        }
    }));
}

TEST(RunCycle, NeverSpendsWhatItDoesNotHold) {
    EXPECT_TRUE(rc::check([] {
        runtime::Random random{*rc::gen::arbitrary<std::uint64_t>()};
        const Ring ring{random};
        const CycleRun run = run_cycle(ring.markets, Quantity::from_raw(random.between(1, 50'000)), 50);
        if (!run.feasible) return;
        // leg by leg with plain sums
        Amount held;
        for (std::size_t i = 0; i < 3; ++i) {
            const CycleMarket& m = ring.markets[i];
            const Walk walk = walk_book(*m.book, *m.symbol, m.side, run.quantities[i], 50);
            RC_ASSERT(walk.quantity == run.quantities[i]);
            const Amount fee = apply(m.taker, walk.value, Rounding::Up);
            const bool base_fee = m.fee_asset == FeeAsset::Received;
            const Amount spent = m.side == Side::Sell ? walk.base : base_fee ? walk.value : walk.value + fee;
            if (i == 0) RC_ASSERT(spent == run.used);
            if (i > 0) RC_ASSERT(spent <= held);
            held = m.side == Side::Sell ? walk.value - fee
                   : base_fee           ? walk.base - apply(m.taker, walk.base, Rounding::Up)
                                        : walk.base;
        }
        RC_ASSERT(held == run.got);
    }));
}

TEST(SizeCycle, BalancesOfEveryLegLimitIt) {
    runtime::Random random{5};
    for (int i = 0; i < 200; ++i) {
        Ring ring{random};
        ring.markets[1].available = *Amount::parse("0.01");
        const CycleRun found = size_cycle(ring.markets, 0.0, Amount::units(1'000'000), 50);
        if (!found.feasible) continue;
        const Walk walk = walk_book(*ring.markets[1].book, *ring.markets[1].symbol, Side::Buy, found.quantities[1], 50);
        ASSERT_LE(walk.value, *Amount::parse("0.01"));
    }
}

}  // namespace
}  // namespace parallax::scanner
