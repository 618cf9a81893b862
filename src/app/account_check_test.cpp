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
        p.quantity = to_amount(Quantity::from_raw(raw),
                               pipeline_->universe().symbol_of(perp_).quantity_scale);
        p.entry = Amount::units(60'000);
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
    AccountCheckConfig config() const {
        AccountCheckConfig config;
        config.interval = Nanos::seconds(10);
        config.adopt = adopt_;
        return config;
    }
    /// Begins with positions to be taken over.
    void adopting(std::vector<PositionReport> positions) {
        adopt_ = true;
        account_.positions = std::move(positions);
        check_.emplace(account_, std::vector{Market::Okx}, config());
    }
    const portfolio::PositionReport* booked(InstrumentId id) {
        booked_ = pipeline_->portfolio().positions();
        const auto found = std::ranges::find(booked_, id, &portfolio::PositionReport::instrument);
        return found == booked_.end() ? nullptr : &*found;
    }
    messages::CashEvent funding(std::int64_t units, UnixNanos time) {
        messages::CashEvent event;
        event.wallet = Market::Okx;
        event.asset = asset("USDT");
        event.instrument = perp_;
        event.amount = Amount::units(units);
        event.time = time;
        return event;
    }

    bool adopt_ = false;
    std::vector<portfolio::PositionReport> booked_;
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
    EXPECT_NE(check_->why().find("--adopt"), std::string::npos) << check_->why();
    EXPECT_EQ(booked(perp_), nullptr);
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
        EXPECT_TRUE(pipeline_->portfolio().alarms().empty());
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

// ---- positions that were there before the ledger

TEST_F(Check, WithAdoptAnOpenPositionIsTakenOver) {
    adopting({position(-5)});
    pass(Nanos::seconds(1));
    EXPECT_TRUE(check_->agrees()) << check_->why();
    ASSERT_NE(booked(perp_), nullptr);
    EXPECT_EQ(booked(perp_)->net.text(), "-0.005");
    EXPECT_EQ(booked(perp_)->basis, Amount::units(300));
    EXPECT_EQ(ledger("USDT"), Amount::units(1'000)) << "it moves no money";
    EXPECT_EQ(pipeline_->risk().exposures().at(perp_).position, Quantity::from_raw(-5));
    const auto told = check_->take_adopted();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0],
              "okx: took over a position in BTC-USDT-SWAP: -0.005 at an average of 60000, "
              "unrealised 0");
    EXPECT_TRUE(check_->take_adopted().empty());
}

TEST_F(Check, PositionsOfBothSignsAreTakenOverTogether) {
    const InstrumentId other = list(Market::Okx, InstrumentKind::LinearPerpetual, "BTC-USDT-2");
    PositionReport shorted = position(-7);
    shorted.instrument = other;
    adopting({position(5), shorted});
    pass(Nanos::seconds(1));
    EXPECT_TRUE(check_->agrees()) << check_->why();
    ASSERT_NE(booked(perp_), nullptr);
    ASSERT_NE(booked(other), nullptr);
    EXPECT_EQ(booked(perp_)->net.text(), "0.005");
    EXPECT_EQ(booked(other)->net.text(), "-0.007");
}

TEST_F(Check, OnceTakenOverADifferenceIsADifference) {
    adopting({position(5)});
    pass(Nanos::seconds(1));
    account_.positions = {position(8)};
    pass(Nanos::seconds(40));
    EXPECT_FALSE(check_->agrees());
    EXPECT_NE(check_->why().find("0.008 in BTC-USDT-SWAP, the ledger says 0.005"),
              std::string::npos)
        << check_->why();
    resume();
    pass(Nanos::seconds(10));
    EXPECT_FALSE(check_->agrees()) << "nor does a restart take it over";
    EXPECT_EQ(booked(perp_)->net.text(), "0.005");
}

TEST_F(Check, APositionThatSomebodyOpensWhileItRunsIsNotTakenOver) {
    adopting({});
    pass(Nanos::seconds(1));
    EXPECT_TRUE(check_->agrees());
    account_.positions = {position(5)};
    pass(Nanos::seconds(40));
    EXPECT_FALSE(check_->agrees());
    EXPECT_EQ(booked(perp_), nullptr);
}

TEST_F(Check, ARunThatGoesOnTakesOverWhatItsLedgerNeverHad) {
    adopting({position(5)});
    pass(Nanos::seconds(1));
    const InstrumentId late = list(Market::Okx, InstrumentKind::LinearPerpetual, "BTC-USDT-2");
    PositionReport other = position(3);
    other.instrument = late;
    account_.positions.push_back(other);
    resume();
    pass(Nanos::seconds(1));
    EXPECT_TRUE(check_->agrees()) << check_->why();
    ASSERT_NE(booked(late), nullptr);
    EXPECT_EQ(booked(late)->net.text(), "0.003");
}

TEST_F(Check, WhatIsSplitIsolatedOrWithoutAPriceIsNotTakenOver) {
    PositionReport one = position(5);
    one.one_sided = false;
    adopting({one});
    pass(Nanos::seconds(1));
    EXPECT_NE(check_->why().find("hedge mode"), std::string::npos) << check_->why();
    one = position(5);
    one.cross = false;
    account_.positions = {one};
    pass(Nanos::seconds(6));
    EXPECT_NE(check_->why().find("isolated"), std::string::npos) << check_->why();
    one = position(5);
    one.entry = Amount{};
    account_.positions = {one};
    pass(Nanos::seconds(6));
    EXPECT_NE(check_->why().find("average price"), std::string::npos) << check_->why();
    account_.positions = {position(5), position(-2)};
    pass(Nanos::seconds(6));
    EXPECT_NE(check_->why().find("hedge mode"), std::string::npos) << check_->why();
    EXPECT_EQ(booked(perp_), nullptr);
    account_.positions = {position(5)};
    pass(Nanos::seconds(6));
    EXPECT_TRUE(check_->agrees()) << check_->why();
}

/// The next comparison was a minute away, and orders on it were not.
TEST_F(Check, ANewInstrumentIsComparedAtOnceAndNothingIsTradedBefore) {
    adopting({position(5)});
    pass(Nanos::seconds(1));
    ASSERT_TRUE(check_->agrees());
    const InstrumentId late = list(Market::Okx, InstrumentKind::LinearPerpetual, "BTC-USDT-2");
    PositionReport other = position(-3);
    other.instrument = late;
    account_.positions.push_back(other);
    check_->advance(now_, {false, fills_}, *pipeline_);
    EXPECT_FALSE(check_->agrees());
    EXPECT_NE(check_->why().find("not known yet"), std::string::npos) << check_->why();
    pass(Nanos::seconds(1));
    EXPECT_TRUE(check_->agrees()) << check_->why();
    ASSERT_NE(booked(late), nullptr);
    EXPECT_EQ(booked(late)->net.text(), "-0.003");
}

TEST_F(Check, WhileOrdersAreUnderWayANewInstrumentIsAskedAboutOnceASecond) {
    pass(Nanos::seconds(1));
    const int asked = account_.asked[AccountTopic::Positions];
    list(Market::Okx, InstrumentKind::LinearPerpetual, "BTC-USDT-2");
    pass(Nanos::seconds(5), true);
    EXPECT_FALSE(check_->agrees());
    EXPECT_GE(account_.asked[AccountTopic::Positions], asked + 3);
    EXPECT_LE(account_.asked[AccountTopic::Positions], asked + 6);
    pass(Nanos::seconds(2));
    EXPECT_TRUE(check_->agrees()) << check_->why();
}

/// An order of ours may be what made it.
TEST_F(Check, NothingIsTakenOverWhileOrdersAreUnderWay) {
    adopting({position(5)});
    pass(Nanos::seconds(5), true);
    EXPECT_EQ(booked(perp_), nullptr);
    pass(Nanos::seconds(3));
    EXPECT_NE(booked(perp_), nullptr);
}

/// The list of payments begins before the ledger does, and is told after it began: the wallet was
/// out by what had been paid shortly before, for good.
TEST_F(Check, APaymentThatTheOpeningBalanceContainsIsNotBookedAgain) {
    adopting({position(5)});
    check_->on(funding(7, now_ - Nanos::seconds(30)), *pipeline_);
    pass(Nanos::seconds(1));
    ASSERT_TRUE(check_->agrees());
    check_->on(funding(9, now_ - Nanos::seconds(20)), *pipeline_);
    EXPECT_EQ(ledger("USDT"), Amount::units(1'000));
    check_->on(funding(3, now_ + Nanos::seconds(1)), *pipeline_);
    EXPECT_EQ(ledger("USDT"), Amount::units(1'003));
}

TEST_F(Check, APaymentThatComesBeforeTheWalletWasToldIsBookedIfTheWalletLacksIt) {
    adopting({position(5)});
    check_->on(funding(4, now_ + Nanos::millis(1)), *pipeline_);  // the report is older
    EXPECT_EQ(ledger("USDT"), Amount{});
    pass(Nanos::seconds(1));
    EXPECT_EQ(ledger("USDT"), Amount::units(1'004));
}

TEST_F(Check, ARunThatGoesOnBooksEachPayment) {
    pass(Nanos::seconds(1));
    resume();
    check_->on(funding(5, now_ - Nanos::seconds(30)), *pipeline_);
    EXPECT_EQ(ledger("USDT"), Amount::units(1'005));
}

}  // namespace
}  // namespace parallax::app
