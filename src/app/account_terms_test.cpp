// Fees and leverage of an account against what the configuration reckons with.
#include "app/account_terms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "app/account_testing.hpp"

namespace parallax::app {
namespace {

using ports::AccountAnswer;
using ports::AccountRequest;
using ports::AccountTopic;
using ports::LeverageReport;
using ::testing::HasSubstr;

class ScriptedAccount final : public AnsweringAccount {
public:
    Result<std::uint64_t> ask(const AccountRequest& request) override {
        ++asked[request.topic];
        AccountAnswer answer = number(request.topic);
        const auto error = errors.find(request.topic);
        if (error != errors.end()) {
            answer.error = error->second;
            answer.unlisted = unlisted;
        } else if (request.topic == AccountTopic::Fees) {
            answer.facts = fees;
        } else if (request.topic == AccountTopic::PositionMode) {
            answer.facts = ports::PositionModeReport{
                request.instrument, !hedged.contains(request.instrument.index()), whole_account};
        } else {
            LeverageReport& there = leverage[request.instrument.index()];
            there.instrument = request.instrument;
            if (request.topic == AccountTopic::SetLeverage && obeys) {
                there.leverage = request.leverage;
                there.cross = true;
            }
            answer.facts = there;
        }
        return give(std::move(answer));
    }
    std::map<AccountTopic, int> asked;
    std::map<AccountTopic, Error> errors;
    std::map<std::size_t, LeverageReport> leverage;
    std::vector<ports::FeeReport> fees;
    std::set<std::size_t> hedged;  ///< instruments in hedge mode
    bool obeys = true, unlisted = false, whole_account = true;
};

Rate bp(std::int64_t tenths) { return Rate::from_raw(Rate::basis_points(tenths).raw() / 10); }

class Terms : public ::testing::Test {
protected:
    Terms() {
        list(InstrumentKind::Spot, "BTC-USDT");
        perp_ = list(InstrumentKind::LinearPerpetual, "BTC-USDT-SWAP");
        account_.fees = {{Market::Okx, true, {}, {bp(80), bp(100), FeeAsset::Received}},
                         {Market::Okx, false, {}, {bp(20), bp(50), FeeAsset::Quote}}};
        config_.fees = *FeeSchedule::named("base");
        config_.leverage = 3;
        terms_.emplace(account_, std::vector{Market::Okx}, config_);
    }
    InstrumentId list(InstrumentKind kind, const char* name) {
        InstrumentDefinition d;
        d.market = Market::Okx;
        d.kind = kind;
        d.venue_symbol = name;
        d.base = "BTC";
        d.quote = "USDT";
        if (kind != InstrumentKind::Spot) d.settle = "USDT";
        d.tick = "0.1";
        d.lot = "0.001";
        d.max_leverage = 50;
        return universe_.list(d)->id;
    }
    void pass(Nanos time) {
        const UnixNanos end = now_ + time;
        while (now_ < end) {
            now_ = now_ + Nanos::millis(100);
            while (const auto answer = account_.next())
                EXPECT_TRUE(terms_->on(*answer, now_, universe_));
            terms_->advance(now_, universe_);
        }
    }

    Universe universe_;
    InstrumentId perp_;
    ScriptedAccount account_;
    AccountTermsConfig config_;
    std::optional<AccountTerms> terms_;
    UnixNanos now_ = UnixNanos::from_millis(1'700'000'000'000);
};

TEST_F(Terms, ALeverageThatDiffersIsSetAndReadBack) {
    EXPECT_FALSE(terms_->good());
    account_.leverage[perp_.index()] = {perp_, 20, false};
    pass(Nanos::seconds(2));
    EXPECT_TRUE(terms_->good()) << terms_->why();
    EXPECT_EQ(terms_->why(), "");
    EXPECT_EQ(account_.leverage[perp_.index()].leverage, 3);
    EXPECT_EQ(account_.asked[AccountTopic::SetLeverage], 1);
    EXPECT_EQ(account_.asked[AccountTopic::Leverage], 2);
}

TEST_F(Terms, ALeverageThatIsRightIsLeftAlone) {
    account_.leverage[perp_.index()] = {perp_, 3, true};
    pass(Nanos::seconds(2));
    EXPECT_TRUE(terms_->good());
    EXPECT_EQ(account_.asked[AccountTopic::SetLeverage], 0);
}

TEST_F(Terms, AVenueThatRefusesTheLeverageIsNotTraded) {
    account_.errors[AccountTopic::SetLeverage] = {Errc::Rejected, "59101 open orders"};
    pass(Nanos::seconds(4));
    EXPECT_FALSE(terms_->good());
    EXPECT_EQ(terms_->why(), "the leverage of BTC-USDT-SWAP cannot be set to 3: 59101 open orders");
    EXPECT_EQ(account_.asked[AccountTopic::SetLeverage], 1) << "it is not asked in each turn";
    account_.errors.clear();
    pass(Nanos::seconds(6));
    EXPECT_TRUE(terms_->good()) << terms_->why();
}

/// A restart after a delisting asked for its leverage, and kept the whole venue out.
TEST_F(Terms, AnInstrumentTheVenueNoLongerListsStandsInNobodysWay) {
    account_.errors[AccountTopic::Leverage] = {Errc::Rejected, "no such instrument, code 51001"};
    account_.unlisted = true;
    pass(Nanos::seconds(2));
    EXPECT_TRUE(terms_->good()) << terms_->why();
    EXPECT_EQ(account_.asked[AccountTopic::SetLeverage], 0);
    account_.unlisted = false;
    list(InstrumentKind::Spot, "ETH-USDT");  // all are asked again
    pass(Nanos::seconds(2));
    EXPECT_FALSE(terms_->good()) << "any other error does";
}

TEST_F(Terms, AVenueThatSaysYesAndDoesNotIsNotTraded) {
    account_.leverage[perp_.index()] = {perp_, 20, false};
    account_.obeys = false;
    pass(Nanos::seconds(2));
    EXPECT_FALSE(terms_->good());
    EXPECT_THAT(terms_->why(), HasSubstr("BTC-USDT-SWAP has leverage 20 with isolated margin"));
}

TEST_F(Terms, FeesAboveTheConfiguredOnesKeepTheVenueOut) {
    account_.fees[1].rates.taker = bp(55);
    pass(Nanos::seconds(2));
    EXPECT_FALSE(terms_->good());
    EXPECT_THAT(terms_->why(), HasSubstr("BTC-USDT-SWAP pays 5.5 bp as taker, [fees.\"okx\"] "
                                         "derivative_taker_bp says 5"));
    account_.fees[1].rates.taker = bp(50);
    pass(Nanos::seconds(61));
    EXPECT_TRUE(terms_->good()) << terms_->why();
}

TEST_F(Terms, FeesBelowTheConfiguredOnesAreToldAndNotCountedOn) {
    account_.fees[0].rates.maker = bp(-5);
    pass(Nanos::seconds(2));
    EXPECT_TRUE(terms_->good());
    EXPECT_THAT(terms_->note(), HasSubstr("BTC-USDT pays -0.5 bp as maker"));
}

/// Its own rate is dearer than the market's.
TEST_F(Terms, WhatIsSaidOfAnInstrumentComesBeforeWhatIsSaidOfAll) {
    account_.fees.push_back({Market::Okx, false, perp_, {bp(20), bp(60), FeeAsset::Quote}});
    pass(Nanos::seconds(2));
    EXPECT_FALSE(terms_->good());
    EXPECT_THAT(terms_->why(), HasSubstr("pays 6 bp"));
}

TEST_F(Terms, AFeeThatNobodyTellsIsNotTakenForTheConfiguredOne) {
    account_.fees.pop_back();
    pass(Nanos::seconds(2));
    EXPECT_FALSE(terms_->good());
    EXPECT_THAT(terms_->why(), HasSubstr("does not say what BTC-USDT-SWAP costs"));
}

TEST_F(Terms, AnInstrumentThatIsNewIsAskedAboutAtOnce) {
    pass(Nanos::seconds(2));
    const InstrumentId late = list(InstrumentKind::LinearPerpetual, "ETH-USDT-SWAP");
    pass(Nanos::seconds(2));
    EXPECT_EQ(account_.leverage[late.index()].leverage, 3);
    EXPECT_TRUE(terms_->good());
}

/// A tier may change any day; a venue that is down for a minute changes nothing.
TEST_F(Terms, TheyAreAskedAgainEachHour) {
    pass(Nanos::seconds(2));
    account_.errors[AccountTopic::Fees] = {Errc::Unavailable, "maintenance"};
    pass(Nanos::seconds(3'600));
    EXPECT_EQ(account_.asked[AccountTopic::Fees], 2);
    EXPECT_TRUE(terms_->good()) << terms_->why();
    account_.errors.clear();
    account_.fees[0].rates.taker = bp(120);
    pass(Nanos::seconds(10));
    EXPECT_FALSE(terms_->good());
    EXPECT_THAT(terms_->why(), HasSubstr("12 bp"));
}

TEST_F(Terms, AnAccountInHedgeModeIsNotTraded) {
    account_.leverage[perp_.index()] = {perp_, 20, false};
    account_.hedged = {perp_.index()};
    pass(Nanos::seconds(2));
    EXPECT_FALSE(terms_->good());
    EXPECT_THAT(terms_->why(), HasSubstr("the account is in hedge mode"));
    EXPECT_THAT(terms_->why(), HasSubstr("one-way mode"));
    EXPECT_EQ(account_.asked[AccountTopic::SetLeverage], 0) << "nothing is set there";
    account_.hedged.clear();
    pass(Nanos::seconds(61));
    EXPECT_TRUE(terms_->good()) << terms_->why();
}

TEST_F(Terms, WhereEachSymbolHasItsModeEachIsAsked) {
    const InstrumentId other = list(InstrumentKind::LinearPerpetual, "ETH-USDT-SWAP");
    account_.whole_account = false;
    account_.hedged = {other.index()};
    pass(Nanos::seconds(2));
    EXPECT_EQ(account_.asked[AccountTopic::PositionMode], 2);
    EXPECT_FALSE(terms_->good());
    EXPECT_THAT(terms_->why(), HasSubstr("ETH-USDT-SWAP is in hedge mode"));
}

TEST_F(Terms, AModeOfTheWholeAccountIsAskedOnce) {
    list(InstrumentKind::LinearPerpetual, "ETH-USDT-SWAP");
    pass(Nanos::seconds(2));
    EXPECT_TRUE(terms_->good()) << terms_->why();
    EXPECT_EQ(account_.asked[AccountTopic::PositionMode], 1);
}

TEST_F(Terms, AModeThatNobodyTellsKeepsTheVenueOut) {
    account_.errors[AccountTopic::PositionMode] = {Errc::Rejected, "no permission"};
    pass(Nanos::seconds(2));
    EXPECT_FALSE(terms_->good());
    EXPECT_EQ(terms_->why(), "the position mode of BTC-USDT-SWAP is not known: no permission");
}

/// It was asked for its fees for ever, and what nobody told kept the venue out.
TEST_F(Terms, WhatIsDelistedIsNotAskedAboutAndComesBack) {
    list(InstrumentKind::LinearPerpetual, "ETH-USDT-SWAP");
    account_.fees[1] = {Market::Okx, false, perp_, {bp(20), bp(50), FeeAsset::Quote}};
    pass(Nanos::seconds(2));
    EXPECT_FALSE(terms_->good()) << "a fee that nobody told";
    EXPECT_TRUE(terms_->take_outdated()) << "the list may say why";
    EXPECT_FALSE(terms_->take_outdated());
    InstrumentDefinition gone = universe_.definition(*universe_.find(Market::Okx, "ETH-USDT-SWAP"));
    gone.status = InstrumentStatus::Delisted;
    ASSERT_TRUE(universe_.list(gone));
    pass(Nanos::seconds(62));
    EXPECT_TRUE(terms_->good()) << terms_->why();
    const int asked = account_.asked[AccountTopic::Fees];
    gone.status = InstrumentStatus::Trading;
    ASSERT_TRUE(universe_.list(gone));
    account_.fees.push_back({Market::Okx,
                             false,
                             *universe_.find(Market::Okx, "ETH-USDT-SWAP"),
                             {bp(20), bp(50), FeeAsset::Quote}});
    pass(Nanos::seconds(2));
    EXPECT_EQ(account_.asked[AccountTopic::Fees], asked + 1) << "at once, like a new one";
    EXPECT_TRUE(terms_->good()) << terms_->why();
}

/// The list was read before it ended, and its fees after.
TEST_F(Terms, AFeeOfWhatTheVenueNoLongerListsStandsInNobodysWay) {
    const InstrumentId other = list(InstrumentKind::LinearPerpetual, "ETH-USDT-SWAP");
    ports::FeeReport gone{Market::Okx, false, other, {}};
    gone.unlisted = true;
    account_.fees.push_back(gone);
    pass(Nanos::seconds(2));
    EXPECT_TRUE(terms_->good()) << terms_->why();
    EXPECT_TRUE(terms_->take_outdated());
}

}  // namespace
}  // namespace parallax::app
