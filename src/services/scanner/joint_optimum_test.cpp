#include "services/scanner/joint_optimum.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <functional>

#include "runtime/random.hpp"
#include "services/scanner/lots.hpp"

namespace parallax::scanner {
namespace {

/// A small market with brute force beside it. Quantities are small whole numbers.
struct SmallMarket {
    std::vector<std::vector<NetLevel>> asks, bids;
    std::vector<std::int64_t> ask_minimums, bid_minimums;

    SmallMarket(runtime::Random& random, bool minimums, std::size_t most_venues) {
        fill(random, asks, ask_minimums, 1, minimums, most_venues);
        fill(random, bids, bid_minimums, -1, minimums, most_venues);
    }
    static void fill(runtime::Random& random, std::vector<std::vector<NetLevel>>& sides,
                     std::vector<std::int64_t>& least, std::int64_t sign, bool minimums,
                     std::size_t most_venues) {
        const std::size_t venues = 1 + random.below(most_venues);
        for (std::size_t v = 0; v < venues; ++v) {
            std::vector<NetLevel> levels;
            std::int64_t price = 1'000 - sign * random.between(-4, 12);
            const std::size_t count = random.below(4);
            for (std::size_t l = 0; l < count; ++l) {
                levels.push_back(next_level(levels.empty() ? NetLevel{} : levels.back(), price,
                                            random.between(1, 3)));
                price += sign * random.between(1, 8);
            }
            sides.push_back(levels);
            least.push_back(minimums ? random.between(0, 5) : 0);
        }
    }
    static std::vector<NetLadder> ladders(const std::vector<std::vector<NetLevel>>& sides,
                                          const std::vector<std::int64_t>& least) {
        std::vector<NetLadder> out;
        for (std::size_t v = 0; v < sides.size(); ++v) out.push_back({sides[v], least[v]});
        return out;
    }
    /// Best objective of taking `quantity` in total from a side for every total, over all splits:
    /// sign +1 cost, -1 value.
    static std::vector<std::int64_t> by_total(const std::vector<std::vector<NetLevel>>& sides,
                                              const std::vector<std::int64_t>& least, bool cost) {
        constexpr std::int64_t kNever = 1'000'000'000;
        std::vector<std::int64_t> best{0};
        for (std::size_t v = 0; v < sides.size(); ++v) {
            std::vector<std::int64_t> own{0};
            for (const NetLevel& level : sides[v]) {
                while (static_cast<std::int64_t>(own.size()) <= level.total)
                    own.push_back(own.back() + (cost ? level.price : -level.price));
            }
            std::vector<std::int64_t> next(best.size() + own.size() - 1, kNever);
            for (std::size_t a = 0; a < best.size(); ++a) {
                for (std::size_t b = 0; b < own.size(); ++b) {
                    if (best[a] == kNever || (b != 0 && static_cast<std::int64_t>(b) < least[v]))
                        continue;
                    next[a + b] = std::min(next[a + b], best[a] + own[b]);
                }
            }
            best = next;
        }
        return best;
    }
    [[nodiscard]] std::int64_t brute_force(std::int64_t theta) const {
        const auto cost = by_total(asks, ask_minimums, true);
        const auto value = by_total(bids, bid_minimums, false);
        std::int64_t best = 0;
        for (std::size_t q = 1; q < std::min(cost.size(), value.size()); ++q) {
            best = std::max(best, -value[q] - cost[q] - theta * static_cast<std::int64_t>(q));
        }
        return best;
    }
};

void expect_feasible(const std::vector<NetLadder>& ladders,
                     const std::array<std::int64_t, kMaxVenues>& taken, std::int64_t total) {
    std::int64_t sum = 0;
    for (std::size_t v = 0; v < ladders.size(); ++v) {
        const std::int64_t depth = ladders[v].total(ladders[v].levels.size());
        RC_ASSERT(taken[v] >= 0 && taken[v] <= depth);
        RC_ASSERT(taken[v] == 0 || taken[v] >= ladders[v].minimum);
        sum += taken[v];
    }
    RC_ASSERT(sum == total);
}

/// The greedy merge itself, level by level: what the search must equal to the last unit, ties and
/// all, where no minimum binds.
Optimum merged(const std::vector<NetLadder>& asks, const std::vector<NetLadder>& bids,
               std::int64_t theta, std::int64_t limit) {
    Optimum out;
    std::array<std::size_t, kMaxVenues> ask_at{}, bid_at{};
    const auto best = [](const std::vector<NetLadder>& ladders, const auto& at, int sign) {
        std::size_t found = kMaxVenues;
        for (std::size_t v = 0; v < ladders.size(); ++v) {
            if (at[v] == ladders[v].levels.size()) continue;
            if (found == kMaxVenues || sign * ladders[v].levels[at[v]].price <
                                           sign * ladders[found].levels[at[found]].price)
                found = v;
        }
        return found;
    };
    const auto left = [](const NetLadder& ladder, std::size_t at, std::int64_t taken) {
        return ladder.levels[at].total - taken;
    };
    while (out.quantity < limit) {
        const std::size_t a = best(asks, ask_at, 1), b = best(bids, bid_at, -1);
        if (a == kMaxVenues || b == kMaxVenues) break;
        const std::int64_t margin =
            bids[b].levels[bid_at[b]].price - asks[a].levels[ask_at[a]].price;
        if (margin <= theta) break;
        const std::int64_t part =
            std::min({left(asks[a], ask_at[a], out.bought[a]),
                      left(bids[b], bid_at[b], out.sold[b]), limit - out.quantity});
        out.quantity += part;
        out.edge += static_cast<__int128>(margin) * part;
        out.bought[a] += part;
        out.sold[b] += part;
        if (left(asks[a], ask_at[a], out.bought[a]) == 0) ++ask_at[a];
        if (left(bids[b], bid_at[b], out.sold[b]) == 0) ++bid_at[b];
    }
    return out;
}

void expect_exact(std::uint64_t seed, bool minimums, std::size_t venues = 3) {
    runtime::Random random{seed};
    const SmallMarket market{random, minimums, venues};
    const std::int64_t theta = random.chance(0.5) ? 0 : random.between(-3, 4);
    const auto asks = SmallMarket::ladders(market.asks, market.ask_minimums);
    const auto bids = SmallMarket::ladders(market.bids, market.bid_minimums);
    const Optimum found = joint_optimum(asks, bids, theta);
    expect_feasible(asks, found.bought, found.quantity);
    expect_feasible(bids, found.sold, found.quantity);
    RC_ASSERT(found.edge - static_cast<__int128>(theta) * found.quantity ==
              market.brute_force(theta));
    if (minimums) return;
    const std::int64_t limit = random.between(0, 30);
    const Optimum limited = joint_optimum(asks, bids, theta, limit);
    const Optimum walked = merged(asks, bids, theta, limit);
    RC_ASSERT(limited.quantity == walked.quantity && limited.edge == walked.edge);
    RC_ASSERT(limited.bought == walked.bought && limited.sold == walked.sold);
}

TEST(JointOptimum, EqualsBruteForceAndTheMergeWithoutMinimums) {
    EXPECT_TRUE(rc::check([] {
        const auto seed = *rc::gen::arbitrary<std::uint64_t>();
        for (std::uint64_t i = 0; i < 100; ++i) expect_exact(seed + i, false, 5);
    }));
}

TEST(JointOptimum, EqualsBruteForceWithMinimums) {
    EXPECT_TRUE(rc::check([] {
        const auto seed = *rc::gen::arbitrary<std::uint64_t>();
        for (std::uint64_t i = 0; i < 100; ++i) expect_exact(seed + i, true);
    }));
}

TEST(JointOptimum, MeetsTheMinimumsOfManyVenuesExactly) {
    EXPECT_TRUE(rc::check([] {
        const auto seed = *rc::gen::arbitrary<std::uint64_t>();
        for (std::uint64_t i = 0; i < 30; ++i) expect_exact(seed + i, true, 8);
    }));
}

std::vector<NetLevel> levels_of(std::initializer_list<std::pair<std::int64_t, std::int64_t>> all) {
    std::vector<NetLevel> out;
    for (const auto& [price, quantity] : all)
        out.push_back(next_level(out.empty() ? NetLevel{} : out.back(), price, quantity));
    return out;
}

/// Where both sides are worth the same over a stretch of prices, interpolation has nothing to go
/// by.
TEST(JointOptimum, DeepLaddersOfEqualSizesMeet) {
    for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
        runtime::Random random{seed};
        std::vector<std::vector<NetLevel>> sides(4);
        for (std::size_t v = 0; v < sides.size(); ++v) {
            const std::int64_t sign = v < 2 ? 1 : -1;
            std::int64_t price = 1'000'000 - sign * random.between(-5'000, 60'000);
            const std::size_t count = 10 + random.below(30);
            for (std::size_t l = 0; l < count; ++l) {
                sides[v].push_back(next_level(l == 0 ? NetLevel{} : sides[v].back(), price, 1));
                price += sign * random.between(1, seed % 2 == 0 ? 3 : 3'000);
            }
        }
        const std::vector<NetLadder> asks{{sides[0], 0}, {sides[1], 0}};
        const std::vector<NetLadder> bids{{sides[2], 0}, {sides[3], 0}};
        constexpr std::int64_t kAll = 1'000'000;
        const Optimum found = joint_optimum(asks, bids, 0, kAll);
        const Optimum walked = merged(asks, bids, 0, kAll);
        ASSERT_EQ(found.quantity, walked.quantity) << seed;
        ASSERT_TRUE(found.edge == walked.edge) << seed;
        ASSERT_EQ(found.bought, walked.bought) << seed;
        ASSERT_EQ(found.sold, walked.sold) << seed;
    }
}

TEST(JointOptimum, StopsAtTheLimit) {
    const auto asks = levels_of({{100, 5}, {101, 5}});
    const auto bids = levels_of({{110, 20}});
    const NetLadder buy[] = {{asks, 0}}, sell[] = {{bids, 0}};
    const Optimum found = joint_optimum(buy, sell, 0, 7);
    EXPECT_EQ(found.quantity, 7);
    EXPECT_EQ(found.edge, 5 * 10 + 2 * 9);
    EXPECT_EQ(joint_optimum(buy, sell, 0, 0).quantity, 0);
}

TEST(JointOptimum, StopsAtThetaNotAtZero) {
    const auto asks = levels_of({{100, 5}, {107, 5}});
    const auto bids = levels_of({{110, 20}});
    const NetLadder buy[] = {{asks, 0}}, sell[] = {{bids, 0}};
    EXPECT_EQ(joint_optimum(buy, sell, 3).quantity, 5);
    EXPECT_EQ(joint_optimum(buy, sell, 2).quantity, 10);
    EXPECT_EQ(joint_optimum({}, sell, 0).quantity, 0);
    EXPECT_EQ(joint_optimum(buy, {}, 0).quantity, 0);
}

TEST(JointOptimum, TakesEqualPricesFromTheLowerIndexFirst) {
    const auto level = levels_of({{100, 5}});
    const auto bids = levels_of({{110, 7}});
    const NetLadder buy[] = {{level, 0}, {level, 0}}, sell[] = {{bids, 0}};
    const Optimum found = joint_optimum(buy, sell, 0);
    EXPECT_EQ(found.bought[0], 5);
    EXPECT_EQ(found.bought[1], 2);
}

TEST(FitLots, LeavesLessThanALotOnTheLongerSide) {
    EXPECT_TRUE(rc::check([] {
        runtime::Random random{*rc::gen::arbitrary<std::uint64_t>()};
        for (int round = 0; round < 50; ++round) {
            std::vector<LotLeg> legs;
            const std::int64_t lots[] = {1, 5, 10, 100, 3};
            for (std::size_t i = 0, n = 2 + random.below(4); i < n; ++i) {
                LotLeg leg;
                leg.side = i == 0               ? Side::Buy
                           : i == 1             ? Side::Sell
                           : random.chance(0.5) ? Side::Buy
                                                : Side::Sell;
                leg.order = random.between(1, 3'000);
                leg.lot = lots[random.below(5)];
                leg.minimum = leg.lot * random.between(0, 3);
                leg.factor = random.chance(0.3) ? 10 : 1;
                leg.base_fee =
                    leg.side == Side::Buy && random.chance(0.5) ? Rate::basis_points(10) : Rate{};
                leg.worst = random.between(90, 110);
                legs.push_back(leg);
            }
            const auto before = legs;
            const auto reason = fit_lots(legs);
            std::int64_t bought = 0, sold = 0, coarsest = 0;
            for (std::size_t i = 0; i < legs.size(); ++i) {
                const LotLeg& leg = legs[i];
                RC_ASSERT(leg.order % leg.lot == 0);
                RC_ASSERT(leg.order == 0 || leg.order >= leg.minimum);
                RC_ASSERT(leg.order <= before[i].order);
                (leg.side == Side::Buy ? bought : sold) +=
                    (leg.side == Side::Buy ? received(leg.order, leg.base_fee) : leg.order) *
                    leg.factor;
                if (leg.order > 0) coarsest = std::max(coarsest, leg.lot * leg.factor);
            }
            if (reason == messages::ReasonCode::None) {
                RC_ASSERT(bought > 0 && sold > 0);
                RC_ASSERT(std::abs(bought - sold) <= coarsest);
            } else {
                RC_ASSERT(bought == 0 || sold == 0);
            }
        }
    }));
}

TEST(FitLots, TrimsTheLongerSideFromItsWorstLeg) {
    LotLeg legs[] = {{Side::Buy, 100, 10, 10, 1, Rate{}, 50},
                     {Side::Buy, 100, 10, 10, 1, Rate{}, 60},
                     {Side::Sell, 155, 5, 5, 1, Rate{}, 70}};
    EXPECT_EQ(fit_lots(legs), messages::ReasonCode::None);
    EXPECT_EQ(legs[0].order, 100);
    EXPECT_EQ(legs[1].order, 60);
    EXPECT_EQ(legs[2].order, 155);
}

TEST(NetLadder, RoundsAgainstUs) {
    EXPECT_TRUE(rc::check([] {
        runtime::Random random{*rc::gen::arbitrary<std::uint64_t>()};
        for (int i = 0; i < 100; ++i) {
            const NetTerms terms{Rate::from_raw(random.between(0, 2'000'000)),
                                 random.chance(0.5) ? FeeAsset::Received : FeeAsset::Quote,
                                 Rate::from_raw(Rate::kOne), Rate::from_raw(Rate::kOne),
                                 Rate::from_raw(random.between(-200'000, 200'000))};
            const auto digits = static_cast<unsigned>(random.below(6));
            const auto fraction = static_cast<unsigned>(random.below(20));
            const Price price = Price::from_raw(random.between(1, 5'000'000));
            const double unit =
                static_cast<double>(pow10(static_cast<std::uint8_t>(digits))) * std::exp2(fraction);
            const double ask =
                static_cast<double>(price.raw()) * unit * (static_cast<double>(terms.ask()) / 1e18);
            const double bid =
                static_cast<double>(price.raw()) * unit * (static_cast<double>(terms.bid()) / 1e18);
            const auto net_ask = static_cast<double>(
                Multiplier{terms.ask(), digits, fraction, Rounding::Up}.ceil(price));
            const auto net_bid = static_cast<double>(
                Multiplier{terms.bid(), digits, fraction, Rounding::Down}.floor(price));
            RC_ASSERT(net_ask >= ask * (1 - 1e-12));
            RC_ASSERT(net_ask <= ask * (1 + 1e-12) + 2 + ask * 0x1p-44);
            RC_ASSERT(net_bid <= bid * (1 + 1e-12));
            RC_ASSERT(net_bid >= bid * (1 - 1e-12) - 2 - bid * 0x1p-44);
        }
    }));
}

}  // namespace
}  // namespace parallax::scanner
