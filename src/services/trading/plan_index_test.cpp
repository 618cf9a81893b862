#include "services/trading/plan_index.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <random>

namespace parallax::trading {
namespace {

using messages::PlanState;

constexpr std::size_t kPlaces = 70;  // more than one word of places

/// The same questions, put to the plans themselves.
struct Naive {
    std::vector<Plan>& plans;

    std::size_t find(PlanId id) const {
        for (std::size_t i = 0; i < plans.size(); ++i) {
            if (id.valid() && plans[i].id == id) return i;
        }
        return PlanIndex::kNowhere;
    }
    PlanId same(OpportunityId opportunity) const {
        for (const Plan& plan : plans) {
            if (plan.id.valid() && plan.opportunity == opportunity) return plan.id;
        }
        return {};
    }
    PlanId rival(const messages::Opportunity& opportunity) const {
        for (const Plan& plan : plans) {
            for (std::size_t i = 0; plan.open() && i < plan.entry_legs; ++i) {
                for (std::size_t j = 0; j < opportunity.leg_count; ++j) {
                    if (plan.legs[i].instrument == opportunity.legs[j].instrument &&
                        plan.legs[i].side == opportunity.legs[j].side)
                        return plan.id;
                }
            }
        }
        return {};
    }
    std::size_t next() const {
        std::optional<std::size_t> oldest;
        for (std::size_t i = 0; i < plans.size(); ++i) {
            if (!plans[i].id.valid()) return i;
            if (plans[i].open()) continue;
            const auto age = [this](std::size_t at) {
                return std::pair{plans[at].stranded, plans[at].settled};
            };
            if (!oldest || age(i) < age(*oldest)) oldest = i;
        }
        return oldest.value_or(PlanIndex::kNowhere);
    }
};

class Random {
public:
    std::uint64_t below(std::uint64_t end) { return engine_() % end; }
    InstrumentId instrument() { return InstrumentId{static_cast<std::uint32_t>(below(40))}; }
    Side side() { return below(2) == 0 ? Side::Buy : Side::Sell; }

private:
    std::mt19937_64 engine_{20261123};
};

/// A plan as the service leaves one: never there, open, or settled.
Plan any_plan(Random& random, std::uint64_t id) {
    Plan plan;
    if (random.below(8) == 0) return plan;
    plan.id = PlanId{id};
    plan.opportunity = OpportunityId{id + 1'000};
    plan.state = random.below(2) == 0 ? PlanState::Sent : PlanState::Settled;
    plan.stranded = random.below(4) == 0;
    if (!plan.open()) plan.settled = UnixNanos::from_nanos(1 + static_cast<int>(random.below(50)));
    if (plan.open()) plan.wake = UnixNanos::from_nanos(1 + static_cast<int>(random.below(50)));
    plan.leg_count = plan.entry_legs = static_cast<std::uint8_t>(2 + random.below(3));
    for (std::size_t i = 0; i < plan.entry_legs; ++i) {
        plan.legs[i].instrument = random.instrument();
        plan.legs[i].side = random.side();
    }
    return plan;
}

TEST(PlanIndex, AnswersAsTheMirroredPlansThemselvesWould) {
    Random random;
    std::vector<Plan> plans(kPlaces);
    const Naive naive{plans};
    PlanIndex index{kPlaces};
    std::size_t open_seen = 0, rivals_seen = 0;
    for (std::uint64_t id = 1; id < 5'000; ++id) {
        const std::size_t place = random.below(kPlaces);
        plans[place] = any_plan(random, id);
        index.mirror(place, plans[place]);
        if (random.below(3) == 0) continue;  // several changes between two questions

        ASSERT_EQ(index.next(), naive.next());
        EXPECT_TRUE(index.next_known());
        for (const std::uint64_t asked : {id, id - random.below(200), id + 1}) {
            ASSERT_EQ(index.find(PlanId{asked}), naive.find(PlanId{asked}));
            const OpportunityId opportunity{asked + 1'000};
            ASSERT_EQ(index.same(opportunity), naive.same(opportunity));
        }
        messages::Opportunity wanted;
        wanted.leg_count = 2;
        for (std::size_t i = 0; i < 2; ++i) {
            wanted.legs[i].instrument = random.instrument();
            wanted.legs[i].side = random.side();
        }
        ASSERT_EQ(index.rival(wanted), naive.rival(wanted));
        rivals_seen += index.rival(wanted).valid() ? 1 : 0;

        std::vector<std::size_t> open, expected;
        index.for_each_open([&](std::size_t at) { open.push_back(at); });
        for (std::size_t at = 0; at < kPlaces; ++at) {
            ASSERT_EQ(index.open(at), plans[at].open());
            if (plans[at].open()) expected.push_back(at);
        }
        ASSERT_EQ(open, expected);
        for (const std::size_t at : open) ASSERT_EQ(index.wake(at), plans[at].wake);
        open_seen += open.size();
    }
    EXPECT_GT(open_seen, 10'000u);
    EXPECT_GT(rivals_seen, 1'000u);
}

TEST(PlanIndex, WithoutAPlanThereIsNothingToFind) {
    PlanIndex index{kPlaces};
    EXPECT_EQ(index.find(PlanId{}), PlanIndex::kNowhere);
    EXPECT_FALSE(index.same(OpportunityId{}).valid());
    EXPECT_EQ(index.next(), 0u);
}

TEST(PlanIndex, WhenAllAreOpenThereIsNoPlace) {
    PlanIndex index{2};
    Plan plan;
    plan.state = PlanState::Sent;
    for (std::size_t i = 0; i < 2; ++i) {
        plan.id = PlanId{i + 1};
        index.mirror(i, plan);
    }
    EXPECT_EQ(index.next(), PlanIndex::kNowhere);
    plan.state = PlanState::Settled;
    index.mirror(1, plan);
    EXPECT_EQ(index.next(), 1u);
}

}  // namespace
}  // namespace parallax::trading
