#include "services/scanner/service.hpp"

#include <gtest/gtest.h>

#include "services/scanner/testing.hpp"

namespace parallax::scanner {
namespace {

using messages::Opportunity;
using messages::OpportunityKind;
using messages::ReasonCode;

TEST(Service, FindsSpotAgainstAnInversePerpetualInBaseTerms) {
    Desk desk;
    const auto s = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto p = desk.inverse(Market::BinanceCoinm, "BTC");
    desk.start();
    EXPECT_EQ(desk.service->basis_pair_count(), 1u);
    desk.quote(s, "60000.00", "5", "60001.00", "5");
    desk.quote(p, "60600.0", "1000000", "60601.0", "1000000");
    desk.clock();
    const Opportunity* o = find(desk.service->opportunities(), OpportunityKind::SpotPerp);
    ASSERT_NE(o, nullptr);
    ASSERT_EQ(o->leg_count, 2u);
    EXPECT_EQ(o->legs[0].instrument, s);
    EXPECT_EQ(o->legs[1].instrument, p);
    EXPECT_EQ(o->legs[1].side, Side::Sell);
    EXPECT_EQ(o->legs[1].quantity.raw() % 100, 0);  // whole contracts of 100 USD
    EXPECT_EQ(o->legs[1].value, Amount::units(o->legs[1].quantity.raw()));
    const double base = o->legs[1].value.approximate() / 60600.0;
    EXPECT_NEAR(o->edge.raw.approximate(), base * 599.0, 1e-6);
    EXPECT_TRUE(adds_up(o->edge));
    // the basis is expected to stay as it is: nothing is earned by entering
    EXPECT_EQ(o->reason.code, ReasonCode::BelowMinEdge);
}

TEST(Service, ADatedFutureConvergesAndAnExpiredOneIsLeftAlone) {
    Desk desk;
    desk.config.hold_hours = 24 * 30;
    const auto s = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto f = desk.dated(Market::BinanceUsdm, "BTC", desk.now + Nanos::seconds(7 * 86'400));
    desk.start();
    desk.quote(s, "60000.00", "5", "60001.00", "5");
    desk.quote(f, "60600.00", "5", "60601.00", "5");
    desk.clock();
    const Opportunity* o = find(desk.service->opportunities(), OpportunityKind::DatedBasis);
    ASSERT_NE(o, nullptr);
    EXPECT_EQ(o->reason.code, ReasonCode::None);
    EXPECT_GT(o->edge.net, Amount{});
    const auto seen = desk.service->counts().seen;
    desk.now = desk.now + Nanos::seconds(8 * 86'400);
    desk.quote(s, "60000.00", "5", "60001.00", "5");
    desk.quote(f, "60600.00", "5", "60601.00", "5");
    desk.clock();
    EXPECT_EQ(desk.service->counts().seen, seen);
}

TEST(Service, ExpectedFundingPaysForABasisPosition) {
    Desk desk;
    const auto s = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto p = desk.linear(Market::BinanceUsdm, "BTC");
    desk.config.hold_hours = 8;
    desk.start();
    messages::MarkPrice mark;
    mark.instrument = p;
    mark.stamp.received = desk.now;
    mark.has_funding = true;
    mark.funding_rate = Rate::basis_points(30);
    mark.next_funding = desk.now + Nanos::seconds(3'600);
    mark.funding_interval = Nanos::seconds(8 * 3'600);
    desk.quote(s, "60000.00", "5", "60001.00", "5");
    desk.quote(p, "60010.00", "5", "60011.00", "5");
    desk.service->on(mark);
    const Opportunity* o = find(desk.service->opportunities(), OpportunityKind::SpotPerp);
    ASSERT_NE(o, nullptr);
    EXPECT_EQ(o->reason.code, ReasonCode::None);
    EXPECT_NEAR(o->edge.funding.approximate() / o->capital.approximate(), 0.0030, 1e-6);
}

/// A spot and a perpetual whose basis has signalled an entry of 1 %.
struct BasisDesk : Desk {
    InstrumentId s, p;
    BasisDesk() {
        s = spot(Market::BinanceSpot, "BTC", "USDT");
        p = linear(Market::BinanceUsdm, "BTC");
        config.report_interval = Nanos{};
        config.cooldown = Nanos{};
        config.max_edge = Rate::basis_points(5'000);
    }
    void quote_basis(std::string_view bid, std::string_view ask) {
        quote(s, "60000.00", "5", "60001.00", "5");
        quote(p, bid, "5", ask, "5");
        clock();
    }
    /// Learns a basis of nothing, sees one of 1 % and enters. Returns the entry.
    Opportunity enter(std::int64_t filled = 100) {
        start();
        for (int i = 0; i < 100; ++i) {
            quote_basis(i % 2 == 0 ? "59999.00" : "60001.00", i % 2 == 0 ? "60000.00" : "60002.00");
            now = now + Nanos::seconds(1);
        }
        service->clear_outputs();
        quote_basis("60600.00", "60601.00");
        const Opportunity* entry = find(service->opportunities(), OpportunityKind::SpotPerp);
        PLX_ASSERT(entry != nullptr && entry->reason.none());
        const Opportunity copy = *entry;
        finish(copy,
               filled == 100 ? messages::PlanOutcome::Completed : messages::PlanOutcome::Legged,
               filled);
        service->clear_outputs();
        now = now + Nanos::seconds(1);
        return copy;
    }
    [[nodiscard]] const Opportunity* signalled() const {
        for (const Opportunity& o : service->opportunities()) {
            if (o.reason.none() && o.kind == OpportunityKind::SpotPerp) return &o;
        }
        return nullptr;
    }
};

TEST(BasisExit, AConvergedBasisClosesThePositionReduceOnly) {
    BasisDesk desk;
    const Opportunity entry = desk.enter();
    desk.quote_basis("60600.00", "60601.00");  // still wide: holding on is worth more
    EXPECT_EQ(desk.signalled(), nullptr);
    desk.now = desk.now + Nanos::seconds(1);
    desk.quote_basis("59890.00", "59891.00");  // beyond its mean: it will not get better
    const Opportunity* exit = desk.signalled();
    ASSERT_NE(exit, nullptr);
    ASSERT_EQ(exit->leg_count, 2u);
    EXPECT_EQ(exit->legs[0].instrument, desk.p);
    EXPECT_EQ(exit->legs[0].side, Side::Buy);
    EXPECT_TRUE(exit->legs[0].reduce_only);
    EXPECT_EQ(exit->legs[1].instrument, desk.s);
    EXPECT_FALSE(exit->legs[1].reduce_only);  // a spot market does not know the flag
    EXPECT_EQ(exit->legs[0].quantity, entry.legs[1].quantity);
    EXPECT_EQ(exit->legs[1].quantity, entry.legs[0].quantity);
    EXPECT_FALSE(entry.legs[0].reduce_only || entry.legs[1].reduce_only);
    EXPECT_TRUE(adds_up(exit->edge));
    EXPECT_GT(exit->edge.net, Amount{});
    // closed: the pair may be entered again, and is not closed twice
    desk.finish(*exit, messages::PlanOutcome::Completed);
    desk.service->clear_outputs();
    desk.now = desk.now + Nanos::seconds(1);
    desk.quote_basis("60600.00", "60601.00");
    ASSERT_NE(desk.signalled(), nullptr);
    EXPECT_EQ(desk.signalled()->legs[0].instrument, desk.s);
}

TEST(BasisExit, FundingThatTurnedEndsThePosition) {
    BasisDesk desk;
    (void)desk.enter();
    messages::MarkPrice mark;
    mark.instrument = desk.p;
    mark.stamp.received = desk.now;
    mark.has_funding = true;
    mark.funding_rate = -Rate::basis_points(200);  // shorts pay more than the basis is worth
    mark.next_funding = desk.now + Nanos::seconds(3'600);
    mark.funding_interval = Nanos::seconds(8 * 3'600);
    desk.send(mark);
    desk.now = desk.now + Nanos::seconds(1);
    desk.quote_basis("60600.00", "60601.00");
    ASSERT_NE(desk.signalled(), nullptr);
    EXPECT_TRUE(desk.signalled()->legs[0].reduce_only);
    EXPECT_GT(desk.signalled()->edge.funding, Amount{});
}

TEST(BasisExit, AnOldPositionIsClosedAtAnyPrice) {
    BasisDesk desk;
    desk.config.max_hold_hours = 2;
    (void)desk.enter();
    desk.now = desk.now + Nanos::seconds(2 * 3'600);
    desk.quote_basis("61200.00", "61201.00");  // twice as wide: a loss
    ASSERT_NE(desk.signalled(), nullptr);
    EXPECT_TRUE(desk.signalled()->legs[0].reduce_only);
    EXPECT_LT(desk.signalled()->edge.net, Amount{});
}

TEST(BasisExit, WhatAPartOfAPlanFilledIsWhatIsClosed) {
    BasisDesk desk;
    desk.config.max_hold_hours = 1;
    const Opportunity entry = desk.enter(50);
    desk.now = desk.now + Nanos::seconds(3'600);
    desk.quote_basis("60600.00", "60601.00");
    ASSERT_NE(desk.signalled(), nullptr);
    const Quantity perp = entry.legs[1].quantity, closed = desk.signalled()->legs[0].quantity;
    EXPECT_LE(closed.raw() * 2, perp.raw());
    EXPECT_GT(closed.raw() * 2, perp.raw() - 2 * desk.universe.instrument(desk.p).lot.raw());
}

TEST(Basis, TheAlignedEdgeIsOfOneMatchingTime) {
    BasisDesk desk;
    desk.start();
    desk.quote(desk.s, "60000.00", "5", "60001.00", "5");
    desk.quote(desk.p, "60200.00", "5", "60201.00", "5");
    desk.now = desk.now + Nanos::millis(100);
    desk.quote(desk.p, "60600.00", "5", "60601.00", "5");  // spot has not been heard of since
    desk.clock();
    const Opportunity* o = find(desk.service->opportunities(), OpportunityKind::SpotPerp);
    ASSERT_NE(o, nullptr);
    EXPECT_NEAR(o->edge.aligned.approximate() / o->edge.raw.approximate(), 199.0 / 599.0, 1e-9);
}

}  // namespace
}  // namespace parallax::scanner
