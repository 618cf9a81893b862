// Positions, in-flight exposure, snapshots.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "runtime/random.hpp"
#include "services/risk/fixture.hpp"

namespace parallax::risk {
namespace {

using messages::OrderEventKind;
using messages::ReasonCode;
using messages::RiskCheck;
using messages::Scope;
using messages::ScopeKind;
using messages::TradingState;

class RiskService : public ::testing::Test, protected fixture::World {};

TEST_F(RiskService, AnApprovedOrderCountsInFullAndShrinksWithItsFills) {
    const auto order = this->order(binance, Side::Buy);
    ASSERT_TRUE(ask({order}).approved());
    EXPECT_EQ(btc().open_long().text(), "0.1");
    EXPECT_EQ(usdt().open_short(), Amount::units(5'000));
    EXPECT_EQ(gate->exposures().venue(Venue::Binance).open, Amount::units(5'000));
    gate->on(fill(order, 4'000, 4'000, 1));
    EXPECT_EQ(btc().net.text(), "0.04");
    EXPECT_EQ(btc().open_long().text(), "0.06");
    EXPECT_EQ(gate->exposures().venue(Venue::Binance).gross, Amount::units(5'000));
    gate->on(fill(order, 4'000, 4'000, 1));  // again
    EXPECT_EQ(btc().net.text(), "0.04");
    EXPECT_EQ(gate->counters().duplicates, 1u);
    gate->on(event(order, OrderEventKind::Done));
    gate->on(event(order, OrderEventKind::Done));
    EXPECT_TRUE(btc().open_long().is_zero());
    EXPECT_TRUE(usdt().open_short().is_zero());
    gate->on(fill(order, 6'000, 10'000, 2));  // late
    EXPECT_EQ(btc().net.text(), "0.1");
    EXPECT_TRUE(btc().open_long().is_zero());
    EXPECT_EQ(usdt().net, Amount::units(-5'000));
    EXPECT_EQ(gate->counters().late_fills, 1u);
}
TEST_F(RiskService, APositionThatWasTakenOverCountsLikeOneThatWasTraded) {
    for (const Side side : {Side::Buy, Side::Sell}) {
        start();
        for (const InstrumentId id : {binance, okx, perp}) quote(id, 4'999'900, 5'000'100);
        trade(order(perp, side));
        tick(Nanos::seconds(2));
        const InstrumentExposure traded = gate->exposures().at(perp);
        const Amount net = btc().net, gross = gate->exposures().venue(Venue::Bybit).gross;
        ASSERT_FALSE(traded.gross.is_zero());
        start();
        const Amount size = Amount::from_raw(Amount::units(1).raw() / 10);
        gate->on(messages::PositionAdopted{
            perp, side == Side::Buy ? size : -size, Amount::units(50'000), {}, now});
        tick(Nanos::seconds(2));
        EXPECT_EQ(gate->exposures().at(perp).position, traded.position);
        EXPECT_EQ(gate->exposures().at(perp).gross, traded.gross);
        EXPECT_EQ(btc().net, net);
        EXPECT_EQ(gate->exposures().venue(Venue::Bybit).gross, gross);
        EXPECT_EQ(gate->exposures().total(), gross);
    }
}

/// What was there before us may be larger than anything we would have done.
TEST_F(RiskService, BeyondItsLimitAPositionThatWasTakenOverMayOnlyShrink) {
    config.max_position = Amount::units(20'000);
    config.max_venue_gross = Amount::units(30'000);
    start();
    gate->on(messages::PositionAdopted{perp, Amount::units(1), Amount::units(50'000), {}, now});
    tick(Nanos::seconds(2));
    for (const InstrumentId id : {binance, okx, perp}) quote(id, 4'999'900, 5'000'100);
    const auto more = ask({order(perp, Side::Buy)});
    EXPECT_EQ(more.check, RiskCheck::Exposure);
    EXPECT_EQ(more.detail, static_cast<std::uint8_t>(ExposureCode::Position));
    EXPECT_TRUE(ask({order(perp, Side::Sell)}).approved()) << "an entry that unwinds it";
    EXPECT_TRUE(ask({hedge(perp, Side::Sell)}).approved());
}

TEST_F(RiskService, AnAbsurdPositionIsNotCounted) {
    gate->on(messages::PositionAdopted{perp, Amount::units(1), Amount::max(), {}, now});
    gate->on(messages::PositionAdopted{perp, Amount::max(), Amount::units(1), {}, now});
    gate->on(messages::PositionAdopted{InstrumentId::none(), Amount::units(1), {}, {}, now});
    EXPECT_EQ(gate->counters().malformed, 3u);
    EXPECT_TRUE(gate->exposures().at(perp).position.is_zero());
}

TEST_F(RiskService, FeesMoveTheirAsset) {
    const auto order = this->order(binance, Side::Buy);
    ASSERT_TRUE(ask({order}).approved());
    auto execution = fill(order, 10'000, 10'000, 1);
    execution.fee = Amount::from_raw(kPow10[14]);
    execution.fee_asset = *universe.find_asset("BTC");
    gate->on(execution);
    EXPECT_EQ(btc().net.text(), "0.0999");
}
TEST_F(RiskService, PeersCannotTripAnAssertion) {
    const auto order = this->order(binance, Side::Buy);
    ASSERT_TRUE(ask({order}).approved());
    auto bad = fill(order, INT64_MAX, INT64_MAX, 1);
    bad.price = Price::from_raw(INT64_MAX);
    gate->on(bad);
    bad.price = Price::from_raw(-5);
    gate->on(bad);
    bad.price = Price::from_raw(0);
    gate->on(bad);
    bad = fill(order, 1, 1, 2);
    bad.fee = Amount::max();
    bad.fee_asset = AssetId{};
    gate->on(bad);
    bad.instrument = InstrumentId{77};
    gate->on(bad);
    bad = fill(order, -5, -5, 3);
    gate->on(bad);
    messages::Attribution a;
    a.realised = Amount::max();
    gate->on(a);
    gate->on(
        messages::SetTradingState{{ScopeKind::Symbol, 4'000'000'000}, TradingState::Killed, now});
    gate->on(messages::SetTradingState{{ScopeKind::Strategy, 77}, TradingState::Killed, now});
    EXPECT_TRUE(btc().net.is_zero());
    EXPECT_GE(gate->counters().malformed, 6u);
}
TEST_F(RiskService, AFinerScaleMultipliesWhatIsHeld) {
    trade(this->order(binance, Side::Buy));
    const auto open = this->order(binance, Side::Buy);
    ASSERT_TRUE(ask({open}).approved());
    const auto change = *universe.refine(binance, 3, 6);
    ASSERT_TRUE(change.has_value());
    books.at(binance).rescale(10, 10);
    books.at(okx).rescale(10, 10);
    gate->on_rescale(*change);
    EXPECT_EQ(gate->exposures().at(binance).position.raw(), 100'000);
    gate->on(event(open, OrderEventKind::Done));
    EXPECT_TRUE(btc().open_long().is_zero());
    EXPECT_TRUE(ask({this->order(binance, Side::Buy, 50'000'000, 100'000)}).approved());
}

TEST_F(RiskService, ExposureBeginsWithWhatTheLedgerHolds) {
    const AssetId coin = *universe.find_asset("BTC");
    book(messages::EntryKind::Deposit, coin, messages::Bucket::External,
         messages::Bucket::Available, 6);
    EXPECT_EQ(btc().net, Amount::units(6)) << "the opening balance is exposure";
    ASSERT_TRUE(ask({order(okx, Side::Sell)}).approved());  // values the coin
    EXPECT_EQ(ask({order(binance, Side::Buy)}).detail,
              static_cast<std::uint8_t>(ExposureCode::AssetDelta))
        << "6 coins at 50,000 are more than the limit";
    EXPECT_TRUE(ask({order(okx, Side::Sell)}).approved());
    book(messages::EntryKind::Reserve, coin, messages::Bucket::Available,
         messages::Bucket::Reserved, 2);
    EXPECT_EQ(btc().net, Amount::units(6)) << "money that only changes its pocket";
    book(messages::EntryKind::Fill, coin, messages::Bucket::Conversion, messages::Bucket::Available,
         1);
    EXPECT_EQ(btc().net, Amount::units(6)) << "fills were counted when they came";
    book(messages::EntryKind::Withdrawal, coin, messages::Bucket::Available,
         messages::Bucket::External, 2);
    EXPECT_EQ(btc().net, Amount::units(4));
    EXPECT_TRUE(ask({order(binance, Side::Buy)}).approved());
}
TEST_F(RiskService, InventoryDoesNotLiftTheGrossLimits) {
    config.max_position = Amount::units(9'999);
    start();
    book(messages::EntryKind::Deposit, *universe.find_asset("BTC"), messages::Bucket::External,
         messages::Bucket::Available, 3);
    EXPECT_TRUE(ask({order(okx, Side::Sell)}).approved());
    EXPECT_EQ(ask({order(okx, Side::Sell)}).detail,
              static_cast<std::uint8_t>(ExposureCode::Position));
}

// ---- snapshots, properties

TEST_F(RiskService, ASnapshotRestoresEverything) {
    trade(order(binance, Side::Buy));
    const auto open = order(okx, Side::Sell);
    const auto gone = order(okx, Side::Sell);
    ASSERT_TRUE(ask({open, gone}).approved());
    gate->on(event(open, OrderEventKind::Unknown));
    gate->on(event(gone, OrderEventKind::Done));
    attribute(-300);
    gate->on(messages::SetTradingState{{ScopeKind::Symbol, 1}, TradingState::Halted, now});
    tick(Nanos::millis(1));
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(*gate);
    Service copy{universe, books, money, fees, Config{}};
    StateReader reader{bytes};
    reader(copy);
    EXPECT_TRUE(reader.finished());
    EXPECT_EQ(state_hash(copy), state_hash(*gate));
    // and goes on alike
    for (Service* one : {&copy, &*gate}) {
        one->on(fill(open, 10'000, 10'000, 5));
        one->on(event(open, OrderEventKind::Done));
        one->on(messages::ClockTick{now + Nanos::seconds(5)});
    }
    EXPECT_EQ(state_hash(copy), state_hash(*gate));
}

TEST_F(RiskService, InFlightExposureEndsAtExactlyZeroWhateverVenuesDo) {
    const bool held = rc::check("in-flight", [](std::uint64_t seed) {
        fixture::World world;
        world.config.orders_per_second = world.config.messages_per_second = 10'000;
        world.config.burst_seconds = 60;
        world.config.max_reject_rate = Rate::basis_points(10'000);
        world.start();
        runtime::Random random{seed};
        std::vector<messages::OrderRequest> sent;
        std::vector<messages::OrderEvent> events;
        Quantity net;
        const InstrumentId listings[] = {world.binance, world.okx, world.perp};
        for (int i = 0; i < 60; ++i) {
            const Side side = random.chance(0.5) ? Side::Buy : Side::Sell;
            const std::int64_t size = 2 * random.between(100, 2'000);
            const auto order = world.order(
                listings[random.below(3)], side, 5'000'000, size,
                random.chance(0.3) ? messages::Purpose::Hedge : messages::Purpose::Entry);
            const std::array<messages::OrderRequest, 1> one{order};
            if (!world.gate->check(world.intent(one)).approved()) continue;
            if (random.chance(0.1)) {
                world.gate->retract(one);
                continue;
            }
            std::int64_t filled = 0;
            std::uint64_t trade = order.id.raw();
            while (filled < size && random.chance(0.7)) {
                const std::int64_t part = random.between(1, size - filled);
                filled += part;
                events.push_back(world.fill(order, part, filled, ++trade));
                net = side == Side::Buy ? net + Quantity::from_raw(part)
                                        : net - Quantity::from_raw(part);
            }
            if (random.chance(0.3)) events.push_back(world.event(order, OrderEventKind::Unknown));
            events.push_back(world.event(order, filled == 0 && random.chance(0.5)
                                                    ? OrderEventKind::Rejected
                                                    : OrderEventKind::Done));
            if (random.chance(0.3))
                events.push_back(events[random.below(events.size())]);  // a repetition
        }
        for (std::size_t i = events.size(); i > 1; --i)
            std::swap(events[i - 1], events[random.below(i)]);
        for (const auto& event : events) world.gate->on(event);
        Quantity position;
        for (const InstrumentId id : listings) position += world.gate->exposures().at(id).position;
        RC_ASSERT(position == net);
        RC_ASSERT(world.gate->open_orders() == 0u);
        RC_ASSERT(world.gate->exposures().hedges_open().is_zero());
        for (const AssetExposure& asset : world.gate->exposures().assets()) {
            RC_ASSERT(asset.open_long().is_zero() && asset.open_short().is_zero());
        }
        Amount gross;
        for (const VenueExposure& venue : world.gate->exposures().venues()) {
            RC_ASSERT(venue.open.is_zero());
            gross += venue.gross;
        }
        RC_ASSERT(gross == world.gate->exposures().total());
    });
    EXPECT_TRUE(held);
}

}  // namespace
}  // namespace parallax::risk
