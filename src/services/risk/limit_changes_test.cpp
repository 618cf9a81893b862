#include "services/risk/limit_changes.hpp"

#include <gtest/gtest.h>

#include "core/settings.hpp"
#include "services/risk/fixture.hpp"

namespace parallax::risk {
namespace {

using messages::LimitsOutcome;
using messages::RiskCheck;

/// Collects the names of all limits; their defaults are in their ranges.
struct Names {
    std::vector<std::string> all;
    template <class T>
    void field(const char* name, T& value, const char* lowest, const char* highest, const char*) {
        T low{}, high{};
        EXPECT_TRUE(parse_setting(name, lowest, low)) << name;
        EXPECT_TRUE(parse_setting(name, highest, high)) << name;
        EXPECT_TRUE(low <= value && value <= high) << name;
        all.emplace_back(name);
    }
};

TEST(Limits, KnowWhichWayIsLooser) {
    Config config;
    const auto step = [&](const char* name, const char* text) {
        return set_limit(config, name, text);
    };
    EXPECT_EQ(step("max_order_value", "50000"), LimitStep::Same);
    EXPECT_EQ(step("max_order_value", "40000"), LimitStep::Tighter);
    EXPECT_EQ(config.max_order_value, Amount::units(40'000));
    EXPECT_EQ(step("max_order_value", "40000.01"), LimitStep::Looser);
    EXPECT_EQ(step("cooldown_s", "30"), LimitStep::Looser) << "a floor";
    EXPECT_EQ(step("hedge_reserve_bp", "4000"), LimitStep::Tighter);
    EXPECT_EQ(step("min_fill_ratio_bp", "0"), LimitStep::Looser);
    EXPECT_EQ(step("min_liquidation_distance_bp", "999"), LimitStep::Looser);
    EXPECT_EQ(step("max_loss_day", "0"), LimitStep::Looser) << "0 switches it off";
    EXPECT_EQ(step("max_loss_day", "1000000"), LimitStep::Tighter) << "and this on again";
    EXPECT_EQ(step("max_order_value", "0"), LimitStep::Invalid) << "below its range";
    EXPECT_EQ(step("max_order_value", "many"), LimitStep::Invalid);
    EXPECT_EQ(step("max_oder_value", "1"), LimitStep::Unknown);
    EXPECT_EQ(config.max_order_value, Amount::parse("40000.01").value());
}
/// Every name in the tables of exceptions is a limit: a renamed one would silently turn around.
TEST(Limits, TheExceptionsNameLimits) {
    Names names;
    Config config;
    config.visit(names);
    for (const std::string_view name : limit_exceptions())
        EXPECT_NE(std::find(names.all.begin(), names.all.end(), name), names.all.end()) << name;
}

class ChangingLimits : public ::testing::Test, protected fixture::World {
protected:
    messages::LimitsChanged say(const char* person, const char* settings,
                                std::uint64_t proposal = 0) {
        gate->clear_outputs();
        gate->on(messages::ChangeLimits{proposal, person, settings, now});
        EXPECT_FALSE(gate->limit_changes().empty());
        return gate->limit_changes().back();
    }
    messages::LimitsChanged approve(const char* person, std::uint64_t proposal) {
        return say(person, "", proposal);
    }
};

TEST_F(ChangingLimits, LoweringTakesEffectAtOnce) {
    EXPECT_EQ(gate->limits_version(), 1u);
    const auto change = say("ann", "max_order_value = 1000");
    EXPECT_EQ(change.outcome, LimitsOutcome::Applied);
    EXPECT_EQ(change.version, 2u);
    EXPECT_EQ(change.proposer, "ann");
    EXPECT_EQ(change.settings, "max_order_value = 1000\n");
    EXPECT_EQ(ask({order(binance, Side::Buy)}).check, RiskCheck::OrderSize);
}
TEST_F(ChangingLimits, RaisingNeedsASecondPerson) {
    const auto proposed = say("ann", "max_order_value = 60000");
    EXPECT_EQ(proposed.outcome, LimitsOutcome::Proposed);
    EXPECT_EQ(proposed.proposal, 1u);
    EXPECT_EQ(gate->limits_version(), 1u);
    const auto large = order(binance, Side::Buy, 5'000'000, 110'000);
    EXPECT_FALSE(ask({large}).approved());
    EXPECT_EQ(approve("ann", 1).outcome, LimitsOutcome::SamePerson);
    EXPECT_EQ(approve("", 1).outcome, LimitsOutcome::Malformed);
    EXPECT_EQ(approve("bob", 2).outcome, LimitsOutcome::NoProposal);
    EXPECT_FALSE(ask({large}).approved());
    const auto applied = approve("bob", 1);
    EXPECT_EQ(applied.outcome, LimitsOutcome::Applied);
    EXPECT_EQ(applied.version, 2u);
    EXPECT_EQ(applied.proposer, "ann");
    EXPECT_EQ(applied.approver, "bob");
    EXPECT_TRUE(ask({large}).approved());
    EXPECT_EQ(approve("carl", 1).outcome, LimitsOutcome::NoProposal) << "once";
}
TEST_F(ChangingLimits, AMixedChangeIsTakenApart) {
    gate->clear_outputs();
    gate->on(messages::ChangeLimits{0, "ann", "max_order_value = 60000\n  max_venue_gross=500000\n",
                                    now});
    ASSERT_EQ(gate->limit_changes().size(), 2u);
    EXPECT_EQ(gate->limit_changes()[0].outcome, LimitsOutcome::Applied);
    EXPECT_EQ(gate->limits().max_venue_gross, Amount::units(500'000));
    EXPECT_EQ(gate->limits().max_order_value, Amount::units(50'000));
    EXPECT_EQ(approve("bob", gate->limit_changes()[1].proposal).outcome, LimitsOutcome::Applied);
    EXPECT_EQ(gate->limits().max_order_value, Amount::units(60'000));
    EXPECT_EQ(gate->limits().max_venue_gross, Amount::units(500'000));
}
TEST_F(ChangingLimits, AnOldProposalDoesNotUndoALaterLowering) {
    say("ann", "max_order_value = 60000");
    say("bob", "max_order_value = 1000");
    EXPECT_EQ(approve("bob", 1).outcome, LimitsOutcome::Stale);
    EXPECT_EQ(gate->limits().max_order_value, Amount::units(1'000));
}
TEST_F(ChangingLimits, NonsenseChangesNothing) {
    for (const char* settings : {"", "max_order_value", "max_order_value = x", "unknown = 1",
                                 "max_order_value = 1000\nleverage = 0", "leverage = 3"}) {
        EXPECT_EQ(say("ann", settings).outcome, LimitsOutcome::Malformed) << settings;
    }
    EXPECT_EQ(say("", "max_order_value = 1000").outcome, LimitsOutcome::Malformed);
    EXPECT_EQ(gate->limits_version(), 1u);
    EXPECT_EQ(gate->limits().max_order_value, Amount::units(50'000));
}
TEST_F(ChangingLimits, AProposalSurvivesASnapshot) {
    say("ann", "max_order_value = 60000");
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(*gate);
    gate.emplace(universe, books, money, fees, Config{});
    StateReader reader{bytes};
    reader(*gate);
    EXPECT_TRUE(reader.finished());
    EXPECT_EQ(approve("ann", 1).outcome, LimitsOutcome::SamePerson);
    EXPECT_EQ(approve("bob", 1).outcome, LimitsOutcome::Applied);
}

}  // namespace
}  // namespace parallax::risk
