// Trading goes on after kill -9 as if nothing had happened: nothing lost, nothing twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "kill/kill_world.hpp"
#include "runtime/random.hpp"

namespace parallax::tests {
namespace {

using Json = nlohmann::json;

std::int64_t setting(const char* name, std::int64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::atoll(text);
}

std::string few(const Fills& all, const Fills& without) {
    std::string text;
    int count = 0;
    for (const std::string& one : all) {
        if (!without.contains(one) && count++ < 5) text += one + " ";
    }
    return text + "(" + std::to_string(count) + ")";
}

/// Waits for the moment of a death: often within an order's way, sometimes anywhere, sometimes
/// while it starts or recovers.
void wait_for_the_moment(const KillWorld& world, runtime::Random& random) {
    using std::chrono::microseconds;
    using std::chrono::milliseconds;
    const auto sleep = [&](std::int64_t from, std::int64_t to) {
        std::this_thread::sleep_for(microseconds(random.between(from, to)));
    };
    const auto dice = random.between(0, 9);
    if (dice < 2) return sleep(20'000, 3'000'000);
    if (dice < 4) return sleep(3'000'000, 8'000'000);
    if (world.wait_for_order(milliseconds{12'000})) sleep(0, dice < 8 ? 2'000 : 600'000);
}

/// What must hold of any journal, wherever its process died.
void expect_sound(const Ledger& ledger, const Truth& truth) {
    ASSERT_EQ(ledger.error, "");
    EXPECT_TRUE(std::ranges::includes(truth.fills, ledger.fills))
        << "fills the venues know nothing of: " << few(ledger.fills, truth.fills);
    EXPECT_EQ(ledger.booked, ledger.fills.size()) << "a fill was booked twice, or not";
    EXPECT_THAT(ledger.residuals, ::testing::IsEmpty());
    EXPECT_THAT(ledger.alarms, ::testing::IsEmpty());
}

TEST(Kill, NothingIsLostAndNothingIsBookedTwice) {
    const std::int64_t kills = setting("KILLS", 5);
    const std::int64_t seed = setting("KILL_SEED", 20'261'123);
    KillWorld world;
    ASSERT_TRUE(world.good());
    runtime::Random random{static_cast<std::uint64_t>(seed)};
    int recovered = 0, with_plans = 0;
    double longest = 0;
    std::size_t parts = 0;
    Truth before;
    constexpr std::array kVenues{"binance", "okx", "bybit"};
    world.fault("slow delay=150ms chance=0.3 for=36000s");
    for (std::int64_t round = 1; round <= kills; ++round) {
        SCOPED_TRACE("kill " + std::to_string(round) + " of seed " + std::to_string(seed));
        const pid_t child = world.start();
        ASSERT_GT(child, 0);
        if (round % 3 == 0)
            world.fault("lose_answer count=1 for=5s venue=" +
                        std::string{kVenues[static_cast<std::size_t>(random.between(0, 2))]});
        wait_for_the_moment(world, random);
        int status = 0;
        ASSERT_EQ(waitpid(child, &status, WNOHANG), 0) << world.out() << world.errors();
        ASSERT_EQ(kill(child, SIGKILL), 0);
        ASSERT_EQ(waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status));
        const Truth truth = world.truth();
        const Ledger ledger = world.ledger();
        // It may have died before it wrote anything.
        if (ledger.error.find("holds no run") == std::string::npos || ledger.plans > 0)
            expect_sound(ledger, truth);
        const bool began = ledger.parts > parts;
        parts = ledger.parts;
        if (began && ledger.ready.size() == kVenueCount) {
            ++recovered;
            // What had happened when this process began, it knows by now.
            EXPECT_TRUE(std::ranges::includes(ledger.fills, before.fills))
                << "lost: " << few(before.fills, ledger.fills);
            for (const std::string& reason : ledger.reasons)
                EXPECT_EQ(reason.find("the ledger"), std::string::npos) << reason;
        }
        with_plans += began && ledger.inherited > 0 ? 1 : 0;
        longest = std::max(longest, ledger.longest_inherited_s);
        before = truth;
        std::printf(
            "kill %3lld: %s %5llu plans, %5zu fills, %zu inherited, %zu of them open, %.1f s, "
            "%zu venues ready%s%s\n",
            static_cast<long long>(round), began ? "" : "(never began)",
            static_cast<unsigned long long>(ledger.plans), ledger.fills.size(), ledger.inherited,
            ledger.inherited_open, ledger.longest_inherited_s, ledger.ready.size(),
            ledger.ready.size() < kVenueCount && !ledger.reasons.empty() ? "; " : "",
            ledger.ready.size() < kVenueCount && !ledger.reasons.empty()
                ? ledger.reasons.back().c_str()
                : "");
        std::fflush(stdout);
        if (::testing::Test::HasFailure()) break;
    }
    const Outcome ended = world.finish(20);
    const Json report = Json::parse(ended.out, nullptr, false);
    EXPECT_EQ(ended.exit_code, 0) << ended.error << report["plans"].dump(1)
                                  << report["pnl"]["conservation"].dump(1)
                                  << report["warnings"].dump(1);
    const Truth truth = world.truth();
    const Ledger ledger = world.ledger();
    expect_sound(ledger, truth);
    EXPECT_EQ(ledger.fills, truth.fills) << "lost: " << few(truth.fills, ledger.fills);
    for (const auto& [wallet, held] : truth.balances) {
        const auto here = ledger.balances.find(wallet);
        if (here == ledger.balances.end()) continue;  // an asset that is not traded
        EXPECT_EQ(here->second.text(), held.text()) << wallet;
    }
    EXPECT_EQ(ledger.positions, truth.positions);
    EXPECT_EQ(truth.open_orders, 0U);
    EXPECT_EQ(ledger.open_plans, 0U);
    EXPECT_EQ(ledger.inherited_open, 0U);
    EXPECT_GT(ledger.plans, 0U) << "nothing was traded: this proves nothing";
    EXPECT_LT(std::max(longest, ledger.longest_inherited_s), 30.0);
    const Outcome verified = world.verify();
    EXPECT_EQ(verified.exit_code, 0) << verified.error;
    const Json proof = Json::parse(verified.out, nullptr, false);
    std::printf(
        "%lld kills, %d of them of processes that had recovered, %d with open plans; %zu "
        "fills, all booked once; verify: %s\n",
        static_cast<long long>(kills), recovered, with_plans, truth.fills.size(),
        verified.out.c_str());
    EXPECT_TRUE(proof.is_object() && proof.value("complete", false));
}

}  // namespace
}  // namespace parallax::tests
