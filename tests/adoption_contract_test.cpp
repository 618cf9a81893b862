// An account with open positions is taken over by a fresh ledger, at every venue, over real TLS
// against the simulated one: from then on wallet and position are the venue's to the last unit.
#include "app/account_check.hpp"
#include "gateway_world.hpp"

namespace parallax::gateway_testing {
namespace {

using messages::TimeInForce;

class AdoptionContract : public ::testing::TestWithParam<VenueParts (*)()> {
protected:
    AdoptionContract() {
        w.start_account();
        EXPECT_TRUE(w.until([this] { return w.account->ready(); }));
    }
    void trade(Side side, std::int64_t price, std::int64_t thousandths) {
        w.rest(opposite(side), price, thousandths, true);
        (void)w.end_of(w.place(w.order(side, price, thousandths, TimeInForce::Ioc, true)));
    }
    /// A ledger that begins now; what was told before is not its business.
    void begin(bool adopt) {
        for (const Instrument& listing : w.universe.instruments()) {
            const auto listed = pipeline.on(messages::InstrumentListed{
                w.loop.client->now(), w.universe.definition(listing.id)});
            ASSERT_TRUE(listed);
            ASSERT_EQ(*listed, listing.id);
        }
        w.run(Nanos::millis(300));
        told_ = w.events.size();
        paid_ = w.cash.size();
        config_.adopt = adopt;
        std::vector<Market> markets{w.instrument(true).market};
        if (w.parts.has_spot) markets.push_back(w.instrument(false).market);
        check.emplace(*w.account, markets, config_);
    }
    /// Lets the check ask and judge, with what was told meanwhile.
    bool compare(const std::function<bool()>& done) {
        return w.until([&] {
            for (; told_ < w.events.size(); ++told_) pipeline.on(w.events[told_]);
            for (; paid_ < w.cash.size(); ++paid_) check->on(w.cash[paid_], pipeline);
            while (const auto answer = w.account->next()) check->on(*answer);
            check->advance(w.loop.client->now(), {false, told_}, pipeline);
            return done();
        });
    }
    void expect_equal(const char* after) {
        EXPECT_TRUE(compare([&] {
            const auto positions = pipeline.portfolio().positions();
            return booked() == w.balance("USDT") && !positions.empty() &&
                   positions[0].net == theirs();
        })) << after
            << ": the ledger has " << booked().text() << ", the venue " << w.balance("USDT").text();
    }
    Amount booked() const {
        const auto usdt = *pipeline.universe().find_asset("USDT");
        return pipeline.portfolio().ledger().holdings(wallet_of(w.instrument(true).market), usdt);
    }
    Amount theirs() const {
        return w.venue.listing(w.perpetual).amount(w.venue.position(w.me, w.perpetual).quantity());
    }

    World w{GetParam()(), true};
    app::Settings settings;
    app::Pipeline pipeline{settings, messages::RunManifest{}};
    app::AccountCheckConfig config_;
    std::optional<app::AccountCheck> check;
    std::size_t told_ = 0, paid_ = 0;
};

TEST_P(AdoptionContract, ALongPositionIsTakenOverAndTradedDownFlippedAndClosed) {
    trade(Side::Buy, 60'010, 13);
    trade(Side::Buy, 60'023, 8);
    trade(Side::Sell, 60'017, 4);
    begin(true);
    ASSERT_TRUE(compare([&] { return check->agrees(); })) << check->why();
    ASSERT_EQ(check->take_adopted().size(), 1U);
    expect_equal("taken over");
    EXPECT_EQ(theirs().text(), "0.017");
    EXPECT_EQ(
        pipeline.risk().exposures().at(w.perpetual_id).position,
        to_quantity(theirs(), w.universe.symbol_of(w.perpetual_id).quantity_scale, Rounding::Down));
    trade(Side::Sell, 59'981, 7);
    expect_equal("traded down");
    trade(Side::Sell, 60'007, 24);
    expect_equal("flipped");
    EXPECT_EQ(theirs().text(), "-0.014");
    trade(Side::Buy, 60'011, 14);
    expect_equal("closed");
    EXPECT_TRUE(theirs().is_zero());
    EXPECT_EQ(pipeline.portfolio().counters().inexact_attributions, 0U);
    EXPECT_TRUE(pipeline.portfolio().alarms().empty());
}

TEST_P(AdoptionContract, AShortPositionIsTakenOverAndARunThatGoesOnKnowsIt) {
    trade(Side::Sell, 59'987, 11);
    trade(Side::Sell, 59'991, 6);
    begin(true);
    ASSERT_TRUE(compare([&] { return check->agrees(); })) << check->why();
    expect_equal("taken over");
    trade(Side::Buy, 60'003, 5);
    expect_equal("traded down");
    app::Pipeline next{settings, messages::RunManifest{}};
    ASSERT_TRUE(next.continue_from(pipeline, nullptr));
    const auto before = pipeline.portfolio().positions()[0];
    app::AccountCheck again{*w.account, {w.instrument(true).market}, config_};
    ASSERT_TRUE(w.until([&] {
        while (const auto answer = w.account->next()) again.on(*answer);
        again.advance(w.loop.client->now(), {}, next);
        return again.agrees();
    })) << again.why();
    EXPECT_TRUE(again.take_adopted().empty());
    EXPECT_EQ(next.portfolio().positions()[0].net, before.net);
    EXPECT_EQ(next.portfolio().positions()[0].basis, before.basis);
}

TEST_P(AdoptionContract, WithoutBeingToldToItIsLeftAlone) {
    trade(Side::Buy, 60'010, 10);
    begin(false);
    ASSERT_TRUE(compare([&] { return !check->why().empty(); }));
    EXPECT_FALSE(check->agrees());
    EXPECT_NE(check->why().find("--adopt"), std::string::npos) << check->why();
    EXPECT_TRUE(pipeline.portfolio().positions().empty());
}

const char* venue_of_case(std::size_t index) {
    constexpr const char* kNames[] = {"Okx", "Bybit", "BinanceUsdm"};
    return kNames[index];
}
INSTANTIATE_TEST_SUITE_P(Venues, AdoptionContract,
                         ::testing::Values(okx_parts, bybit_parts, binance_usdm_parts),
                         [](const auto& c) { return venue_of_case(c.index); });

}  // namespace
}  // namespace parallax::gateway_testing
