// What a venue says of an account against the ledger, question by question.
#include "app/account_check.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "app/account_testing.hpp"

namespace parallax::app {
namespace {

using messages::BalanceReport;
using ports::AccountAnswer;
using ports::AccountTopic;
using ports::PositionReport;

class ScriptedAccount final : public AnsweringAccount {
public:
    Result<std::uint64_t> ask(const ports::AccountRequest& request) override {
        if (request.topic == AccountTopic::Positions && !has_positions)
            return fail(Errc::Rejected, "spot");
        ++asked[request.topic];
        AccountAnswer answer = number(request.topic);
        if (error) {
            answer.error = *error;
        } else if (request.topic == AccountTopic::Balances) {
            answer.facts = swapped ? ports::AccountFacts{positions} : ports::AccountFacts{balances};
        } else {
            answer.facts = positions;
        }
        return give(std::move(answer), silent);
    }
    std::map<AccountTopic, int> asked;
    std::vector<BalanceReport> balances;
    std::vector<PositionReport> positions;
    std::optional<Error> error;
    bool has_positions = true, swapped = false, silent = false;
};

class Check : public ::testing::Test {
protected:
    Check() {
        list(Market::Okx, InstrumentKind::Spot, "BTC-USDT");
        perp_ = list(Market::Okx, InstrumentKind::LinearPerpetual, "BTC-USDT-SWAP");
        account_.balances = {report("USDT", 1'000), report("BTC", 2)};
    }
    InstrumentId list(Market market, InstrumentKind kind, const char* name) {
        InstrumentDefinition d;
        d.market = market;
        d.kind = kind;
        d.venue_symbol = name;
        d.base = "BTC";
        d.quote = "USDT";
        if (kind != InstrumentKind::Spot) d.settle = "USDT";
        d.tick = "0.1";
        d.lot = "0.001";
        return *pipeline_->on(messages::InstrumentListed{now_, d});
    }
    AssetId asset(const char* name) { return *pipeline_->universe().find_asset(name); }
    BalanceReport report(const char* name, std::int64_t units) {
        return {Market::Okx, asset(name), Amount::units(units), now_, 0};
    }
    PositionReport position(std::int64_t raw) {
        PositionReport p;
        p.instrument = perp_;
        p.quantity = Quantity::from_raw(raw);
        return p;
    }
    Amount ledger(const char* name) {
        return pipeline_->portfolio().ledger().holdings(Market::Okx, asset(name));
    }
    void pass(Nanos time, bool busy = false) {
        const UnixNanos end = now_ + time;
        while (now_ < end) {
            now_ = now_ + Nanos::millis(100);
            while (const auto answer = account_.next()) check_->on(*answer);
            check_->advance(now_, {busy, fills_}, *pipeline_);
        }
    }
    /// The process dies and another takes over.
    void resume() {
        messages::RunManifest manifest;
        manifest.started = now_;
        auto next = std::make_unique<Pipeline>(settings_, manifest);
        ASSERT_TRUE(next->continue_from(*pipeline_, nullptr));
        pipeline_ = std::move(next);
        check_.emplace(account_, std::vector{Market::Okx}, config());
    }
    static AccountCheckConfig config() {
        AccountCheckConfig config;
        config.interval = Nanos::seconds(10);
        return config;
    }

    Settings settings_;
    std::uint64_t fills_ = 0;
    UnixNanos now_ = UnixNanos::from_millis(1'700'000'000'000);
    std::unique_ptr<Pipeline> pipeline_ =
        std::make_unique<Pipeline>(settings_, messages::RunManifest{});
    ScriptedAccount account_;
    std::optional<AccountCheck> check_{std::in_place, account_, std::vector{Market::Okx}, config()};
    InstrumentId perp_;
};

TEST_F(Check, WhatAFreshLedgerDoesNotKnowIsItsOpeningBalance) {
    EXPECT_FALSE(check_->agrees());
    pass(Nanos::seconds(1));
    EXPECT_TRUE(check_->agrees());
    EXPECT_TRUE(check_->known());
    EXPECT_EQ(ledger("USDT"), Amount::units(1'000));
    EXPECT_EQ(check_->balance(Market::Okx, asset("BTC")), Amount::units(2));
}

/// Each turn of the loop asked again: hundreds of requests a second at a venue that refuses.
TEST_F(Check, AfterAnErrorItWaits) {
    account_.error = Error{Errc::Unavailable, "maintenance"};
    pass(Nanos::seconds(21));
    EXPECT_LE(account_.asked[AccountTopic::Balances], 5);
    EXPECT_GE(account_.asked[AccountTopic::Balances], 4);
    EXPECT_EQ(check_->why(), "maintenance");
    EXPECT_FALSE(check_->agrees());
    account_.error.reset();
    pass(Nanos::seconds(6));
    EXPECT_TRUE(check_->agrees());
    EXPECT_EQ(check_->why(), "");
}

/// It was asked once, and the venue stayed halted for good.
TEST_F(Check, APositionThatIsClosedNoLongerStandsInTheWay) {
    account_.positions = {position(5)};
    pass(Nanos::seconds(20));
    EXPECT_FALSE(check_->agrees());
    EXPECT_NE(check_->why().find("BTC-USDT-SWAP"), std::string::npos) << check_->why();
    EXPECT_NE(check_->why().find("close it"), std::string::npos) << check_->why();
    account_.positions.clear();
    pass(Nanos::seconds(6));
    EXPECT_TRUE(check_->agrees());
}

TEST_F(Check, AnAnswerOfAnotherKindIsAnError) {
    account_.swapped = true;
    pass(Nanos::seconds(2));
    EXPECT_FALSE(check_->agrees());
    EXPECT_NE(check_->why().find("something else"), std::string::npos) << check_->why();
}

TEST_F(Check, AWalletWithoutPositionsIsNoError) {
    account_.has_positions = false;
    pass(Nanos::seconds(1));
    EXPECT_TRUE(check_->agrees());
}

TEST_F(Check, WhatIsEmptyAtTheVenueIsTold) {
    pass(Nanos::seconds(1));
    resume();
    account_.balances = {report("USDT", 1'000)};  // the coins are gone, and left out
    pass(Nanos::seconds(1));
    EXPECT_FALSE(check_->agrees());
    EXPECT_NE(check_->why().find("holds 0 BTC, the ledger says 2"), std::string::npos)
        << check_->why();
}

/// After a restart a difference is no opening balance: it is told, and portfolio acts when it
/// stays.
TEST_F(Check, ADifferenceAfterARestartIsJudgedByPortfolio) {
    pass(Nanos::seconds(1));
    resume();
    account_.balances = {report("USDT", 990), report("BTC", 2)};
    pass(Nanos::seconds(3));
    EXPECT_FALSE(check_->agrees());
    EXPECT_EQ(ledger("USDT"), Amount::units(1'000));
    pass(Nanos::seconds(20));
    EXPECT_EQ(ledger("USDT"), Amount::units(990)) << "three reports in a row: to suspense";
    EXPECT_EQ(pipeline_->portfolio()
                  .counters()
                  .alarms[static_cast<std::size_t>(portfolio::Alarm::Unreconciled)],
              1u);
    EXPECT_TRUE(check_->agrees());
}

/// What was told in part before the process died becomes complete after.
TEST_F(Check, AnAssetTheLedgerNeverMovedIsStillAnOpeningBalanceAfterARestart) {
    account_.balances = {report("USDT", 1'000)};
    pass(Nanos::seconds(1));
    resume();
    account_.balances = {report("USDT", 1'000), report("BTC", 2)};
    pass(Nanos::seconds(1));
    EXPECT_TRUE(check_->agrees());
    EXPECT_EQ(ledger("BTC"), Amount::units(2));
}

/// Each report was told to portfolio, which took a wallet nobody had opened for one that differs.
TEST_F(Check, AWalletWithoutAnOpeningBalanceIsNotHeldAgainstTheLedger) {
    for (const bool resumed : {false, true}) {
        if (resumed) resume();
        pass(Nanos::seconds(10), true);
        EXPECT_FALSE(check_->agrees());
        EXPECT_TRUE(ledger("USDT").is_zero());
        EXPECT_TRUE(pipeline_->portfolio().discrepancies().empty());
    }
    pass(Nanos::seconds(2));
    EXPECT_TRUE(check_->agrees());
    EXPECT_EQ(ledger("USDT"), Amount::units(1'000));
}

TEST_F(Check, AFillBetweenTwoQuestionsMakesThemBeAskedAgain) {
    account_.silent = true;
    pass(Nanos::millis(100));
    account_.silent = false;
    fills_ = 1;
    pass(Nanos::seconds(30));
    EXPECT_FALSE(check_->agrees()) << "no answer, no judgement";
    check_.emplace(account_, std::vector{Market::Okx}, config());
    const int asked = account_.asked[AccountTopic::Balances];
    pass(Nanos::millis(100));
    fills_ = 2;
    pass(Nanos::millis(100));
    EXPECT_FALSE(check_->agrees());
    pass(Nanos::seconds(2));
    EXPECT_TRUE(check_->agrees());
    EXPECT_EQ(account_.asked[AccountTopic::Balances], asked + 2);
}

TEST_F(Check, NothingIsConcludedWhileOrdersAreUnderWay) {
    pass(Nanos::seconds(1));
    resume();
    account_.balances = {report("USDT", 1'000), report("BTC", 3)};
    pass(Nanos::seconds(3), true);
    EXPECT_FALSE(check_->agrees());
    EXPECT_NE(check_->why().find("under way"), std::string::npos) << check_->why();
}

TEST_F(Check, WhileRunningOneDifferenceOfPositionsIsNotYetAHaltButThreeAre) {
    pass(Nanos::seconds(1));
    account_.positions = {position(5)};
    pass(Nanos::seconds(10));
    EXPECT_TRUE(check_->agrees());
    pass(Nanos::seconds(12));
    EXPECT_FALSE(check_->agrees());
    EXPECT_NE(check_->why().find("BTC-USDT-SWAP"), std::string::npos);
    account_.positions.clear();
    pass(Nanos::seconds(6));
    EXPECT_TRUE(check_->agrees()) << "it heals";
}

TEST_F(Check, IsAskedAtItsIntervalAndWhenWanted) {
    pass(Nanos::seconds(31));
    EXPECT_EQ(account_.asked[AccountTopic::Positions], 4);
    EXPECT_EQ(account_.asked[AccountTopic::Balances], 1) << "later they come by themselves";
    check_->ask_again();
    EXPECT_FALSE(check_->known());
    pass(Nanos::millis(300));
    EXPECT_TRUE(check_->known());
    EXPECT_EQ(account_.asked[AccountTopic::Balances], 2);
}

TEST_F(Check, ASilentVenueIsNotAskedTwice) {
    account_.silent = true;
    pass(Nanos::seconds(60));
    EXPECT_EQ(account_.asked[AccountTopic::Balances], 1);
    EXPECT_GT(check_->next_due(), now_ + Nanos::seconds(3'600));
}

}  // namespace
}  // namespace parallax::app
