#include "system.hpp"

#include <gtest/gtest.h>

namespace parallax::simulation {
namespace {

Options calm(std::uint64_t seed) {
    Options options;
    options.seed = seed;
    options.lasting = Nanos::seconds(15);
    options.faults = "";
    return options;
}

TEST(Simulation, TheSameSeedGivesTheSameBytesFaultsIncluded) {
    Options options;
    options.seed = 3;
    const Outcome once = run(options), again = run(options);
    EXPECT_EQ(once.digest, again.digest);
    EXPECT_EQ(once.messages, again.messages);
    EXPECT_GT(once.accidents, 0U);
    options.seed = 4;
    EXPECT_NE(run(options).digest, once.digest);
}

TEST(Simulation, WithoutFaultsItTradesAndKnowsTheTruth) {
    const Outcome outcome = run(calm(1));
    EXPECT_EQ(outcome.broken, std::vector<std::string>{});
    EXPECT_GT(outcome.plans, 0U);
    EXPECT_GT(outcome.fills, 0U);
}

TEST(Simulation, OpenPositionsAreTakenOverAndItKnowsTheTruthAboutThem) {
    Options options = calm(5);
    options.positions = true;
    const Outcome outcome = run(options);
    EXPECT_EQ(outcome.broken, std::vector<std::string>{});
    EXPECT_GT(outcome.positions, 2U);
    EXPECT_GT(outcome.adopted, 0U);
    EXPECT_LE(outcome.adopted, outcome.positions) << "those of what it does not follow are not its";
    EXPECT_GT(outcome.fills, 0U);
}

/// Killed and started again while it recovers, and later.
TEST(Simulation, WhatWasTakenOverIsTakenOnce) {
    Options options = calm(5);
    options.positions = true;
    options.faults = "2s restart for=1s\n5s restart for=2s\n";
    const Outcome outcome = run(options);
    EXPECT_EQ(outcome.broken, std::vector<std::string>{});
    EXPECT_EQ(outcome.restarts, 2U);
    EXPECT_GT(outcome.adopted, 0U);
    EXPECT_LE(outcome.adopted, outcome.positions);
}

TEST(Simulation, WhatIsNoLongerListedEndsAndTheOthersGoOn) {
    const std::pair<const char*, std::uint64_t> cases[] = {
        // spot and perpetual of one name
        {"5s delist venue=okx symbol=BTC-USDT-SWAP\n8s restart for=1s\n", 1},
        {"5s delist venue=binance symbol=BTCUSDT\n8s restart for=1s\n", 2},
        {"5s delist venue=bybit symbol=BTCUSDT\n8s restart for=1s\n", 2}};
    for (const auto& [fault, ended] : cases) {
        Options options = calm(1);
        options.faults = fault;
        const Outcome outcome = run(options);
        EXPECT_EQ(outcome.broken, std::vector<std::string>{}) << fault;
        EXPECT_GT(outcome.plans, 0U);
        EXPECT_EQ(outcome.ended, ended) << fault;
    }
}

TEST(Simulation, WhatIsListedAgainIsTradedAgain) {
    Options options = calm(1);
    options.lasting = Nanos::seconds(20);
    options.faults =
        "3s delist venue=okx symbol=BTC-USDT-SWAP\n5s restart for=1s\n"
        "9s resume venue=okx symbol=BTC-USDT-SWAP\n10s restart for=1s\n";
    const Outcome outcome = run(options);
    EXPECT_EQ(outcome.broken, std::vector<std::string>{});
    EXPECT_EQ(outcome.ended, 0U);
}

/// Funding is in the balances at midnight, and the lists of payments cannot be read for long after.
TEST(Simulation, FundingThatIsToldLateIsNoDifference) {
    Options options = calm(5);
    options.positions = true;
    options.early = Nanos::seconds(6);
    options.lasting = Nanos::seconds(140);
    options.faults =
        "4s http venue=okx path=/api/v5/account/bills status=503 count=9999 for=125s\n"
        "4s http venue=bybit path=/v5/execution/list status=503 count=9999 for=125s\n"
        "4s http venue=binance path=/fapi/v1/income status=503 count=9999 for=125s\n";
    const Outcome outcome = run(options);
    EXPECT_EQ(outcome.broken, std::vector<std::string>{});
    EXPECT_GT(outcome.funded, 1U);
    EXPECT_GT(outcome.accidents, 0U);
}

TEST(Simulation, ABookWhoseSnapshotIsLostAsksAgain) {
    Options options = calm(1);
    options.faults =
        "0s gap venue=okx match=\"action\":\"snapshot\" count=5\n"
        "0s gap venue=bybit match=\"type\":\"snapshot\",\"ts\" count=5\n";
    const Outcome outcome = run(options);
    EXPECT_GT(outcome.accidents, 2U);
    EXPECT_EQ(outcome.broken, std::vector<std::string>{});
}

TEST(Simulation, WhatTheSessionDoesNotKnowIsFound) {
    Options options = calm(1);
    options.tamper = [](sim_world::SimWorld& world) {
        sim_engine::SimVenue& okx = world.venue(Venue::Okx);
        okx.grant(world.account(Venue::Okx, 0), sim_engine::Wallet::Trading,
                  *okx.find_asset("USDT"), Amount::from_raw(1));
    };
    const Outcome outcome = run(options);
    ASSERT_EQ(outcome.broken.size(), 1U);
    EXPECT_TRUE(outcome.broken[0].starts_with("okx: the ledger has ")) << outcome.broken[0];
}

TEST(Simulation, ATradeBehindItsBackIsFound) {
    Options options = calm(2);
    options.tamper = [](sim_world::SimWorld& world) {
        sim_engine::SimVenue& bybit = world.venue(Venue::Bybit);
        const auto listing = sim_engine::ListingId{0};
        sim_engine::NewOrder order;
        order.account = world.account(Venue::Bybit, 0);
        order.listing = listing;
        order.side = Side::Sell;
        order.price = bybit.levels(listing, Side::Buy, 1).at(0).price;
        order.quantity = bybit.levels(listing, Side::Buy, 1).at(0).quantity;
        ASSERT_TRUE(bybit.place(order, world.now()));
    };
    std::string all;
    for (const std::string& one : run(options).broken) all += one + "\n";
    EXPECT_NE(all.find("fills at the venues"), std::string::npos) << all;
    EXPECT_NE(all.find("our book says"), std::string::npos) << all;
    EXPECT_NE(all.find("the ledger has"), std::string::npos) << all;
}

}  // namespace
}  // namespace parallax::simulation
