#include "services/scanner/service.hpp"

#include <gtest/gtest.h>

#include "services/scanner/testing.hpp"

namespace parallax::scanner {
namespace {

using messages::Opportunity;
using messages::OpportunityKind;
using messages::ReasonCode;

TEST(Service, NoNumberAVenueCanSendStopsTheProcess) {
    Desk desk{"base"};
    const InstrumentId ids[] = {desk.spot(Market::BinanceSpot, "BTC", "USDT"),
                                desk.spot(Market::Okx, "BTC", "USDT"),
                                desk.spot(Market::BybitSpot, "BTC", "USDC"),
                                desk.spot(Market::BinanceSpot, "ETH", "BTC"),
                                desk.spot(Market::BinanceSpot, "ETH", "USDT"),
                                desk.spot(Market::BinanceSpot, "USDC", "USDT"),
                                desk.linear(Market::BinanceUsdm, "BTC"),
                                desk.inverse(Market::BinanceCoinm, "BTC")};
    desk.config.max_value = Amount::units(1'000'000'000);
    desk.start();
    runtime::Random random{9};
    const auto any = [&] {
        return random.between(1, (std::int64_t{1} << random.between(1, 62)) + random.between(0, 3));
    };
    for (int i = 0; i < 30'000; ++i) {
        desk.now = desk.now + Nanos::millis(random.between(0, 30));
        const InstrumentId id = ids[random.below(8)];
        const std::int64_t bid = any();
        const std::int64_t ask = random.chance(0.3) ? bid + 1 : bid + any() / 2;
        desk.raw_quote(id, bid, any(), ask, any());
        if (random.chance(0.1)) desk.raw_quote(id, bid, 0, ask, any());  // an empty side
        if (random.chance(0.2)) desk.clock();
        for (const Opportunity& o : desk.service->opportunities()) ASSERT_TRUE(adds_up(o.edge));
        desk.service->clear_outputs();
    }
    EXPECT_GT(desk.service->counts().seen, 1'000u);
}

TEST(Service, TheSameInputGivesTheSameStateAndOutput) {
    Day a{7}, b{7}, c{8};
    std::uint64_t emitted = 0;
    for (int i = 0; i < 20'000; ++i) {
        a.step();
        b.step();
        c.step();
        ASSERT_EQ(a.desk.service->opportunities().size(), b.desk.service->opportunities().size());
        for (std::size_t k = 0; k < a.desk.service->opportunities().size(); ++k) {
            const Opportunity& o = a.desk.service->opportunities()[k];
            ASSERT_EQ(state_hash(o), state_hash(b.desk.service->opportunities()[k]));
            ASSERT_TRUE(adds_up(o.edge));
            ASSERT_LE(o.leg_count, messages::kMaxLegs);
            for (std::size_t l = 0; l < o.leg_count; ++l) {
                const Instrument& instrument = a.desk.universe.instrument(o.legs[l].instrument);
                if (o.reason.none()) {
                    ASSERT_EQ(o.legs[l].quantity.raw() % instrument.lot.raw(), 0);
                    ASSERT_EQ(o.legs[l].protection.raw() % instrument.tick.raw(), 0);
                    ASSERT_GT(o.legs[l].quantity.raw(), 0);
                }
            }
        }
        emitted += a.desk.service->opportunities().size();
        if (i % 50 == 0) {
            a.desk.service->clear_outputs();
            b.desk.service->clear_outputs();
            c.desk.service->clear_outputs();
        }
    }
    EXPECT_GT(emitted, 100u);
    EXPECT_GT(a.desk.service->counts().signalled, 20u);
    EXPECT_EQ(state_hash(*a.desk.service), state_hash(*b.desk.service));
    EXPECT_NE(state_hash(*a.desk.service), state_hash(*c.desk.service));
}

TEST(Service, AStateReadBackIsTheSameAndGoesOnTheSame) {
    Day run{11};
    for (int i = 0; i < 5'000; ++i) run.step();
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(*run.desk.service);
    Service fresh{run.desk.universe, run.desk.books, run.desk.fees, run.desk.config};
    StateReader reader{bytes};
    reader(fresh);
    ASSERT_TRUE(reader.finished());
    EXPECT_EQ(state_hash(fresh), state_hash(*run.desk.service));
    // both see the same books from here on
    run.desk.second = &fresh;
    run.desk.service->clear_outputs();
    for (int i = 0; i < 5'000; ++i) run.step();
    EXPECT_EQ(fresh.counts().seen, run.desk.service->counts().seen);
    EXPECT_EQ(fresh.counts().refused, run.desk.service->counts().refused);
    EXPECT_EQ(state_hash(fresh), state_hash(*run.desk.service));
}

TEST(Service, WhatIsRememberedOfAGapChangesNoResult) {
    // A service read back from its state remembers nothing: it must go on as one that does.
    Day run{17};
    for (int round = 0; round < 40; ++round) {
        std::vector<std::byte> bytes;
        StateWriter writer{bytes};
        writer(*run.desk.service);
        Service fresh{run.desk.universe, run.desk.books, run.desk.fees, run.desk.config};
        StateReader reader{bytes};
        reader(fresh);
        ASSERT_TRUE(reader.finished());
        run.desk.second = &fresh;
        for (int i = 0; i < 100; ++i) run.step();
        ASSERT_EQ(state_hash(fresh), state_hash(*run.desk.service)) << round;
        run.desk.second = nullptr;
        run.desk.service->clear_outputs();
    }
}

TEST(Service, ATickBehindTheGapSparesTheWorkAndOneInsideDoesNot) {
    TwoVenues desk;
    desk.start();
    desk.cross();
    const auto book = [&](std::int64_t size, std::int64_t behind) {
        const Level bids[] = {{Price::from_raw(10'300), Quantity::from_raw(size)},
                              {Price::from_raw(9'900), Quantity::from_raw(behind)}};
        const Level asks[] = {{Price::from_raw(10'400), Quantity::from_raw(5)}};
        desk.set_book(desk.b, bids, asks);
        desk.tell(desk.b);
        desk.service->close_all(desk.now);
        const Quantity peak = desk.service->episodes().back().peak_quantity;
        desk.service->clear_outputs();
        return peak.raw();
    };
    EXPECT_EQ(book(100'000, 7), 100'000);
    EXPECT_EQ(book(100'000, 9), 100'000);
    EXPECT_EQ(book(50'000, 9), 50'000);
    EXPECT_EQ(book(150'000, 9), 150'000);
}

}  // namespace
}  // namespace parallax::scanner
