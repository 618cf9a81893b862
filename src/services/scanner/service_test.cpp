#include "services/scanner/service.hpp"

#include <gtest/gtest.h>

#include "services/scanner/testing.hpp"

namespace parallax::scanner {
namespace {

using messages::Opportunity;
using messages::OpportunityKind;
using messages::ReasonCode;

TEST(Service, SignalsACrossedPairOfVenuesWithExactMoney) {
    TwoVenues desk;
    desk.start();
    desk.cross();
    ASSERT_EQ(desk.service->opportunities().size(), 1u);
    const Opportunity& o = desk.service->opportunities()[0];
    EXPECT_EQ(o.reason.code, ReasonCode::None);
    ASSERT_EQ(o.leg_count, 2u);
    EXPECT_EQ(o.legs[0].instrument, desk.a);
    EXPECT_EQ(o.legs[0].side, Side::Buy);
    EXPECT_EQ(o.legs[1].instrument, desk.b);
    EXPECT_EQ(desk.service->counts().signalled, 1u);
    EXPECT_EQ(o.edge.raw, Amount::units(2));
    EXPECT_EQ(o.edge.net, Amount::units(2));
    EXPECT_EQ(o.capital, Amount::units(101));
    EXPECT_TRUE(adds_up(o.edge));
    EXPECT_GE(o.legs[0].protection, o.legs[0].worst);
    EXPECT_LE(o.legs[1].protection, o.legs[1].worst);
}

TEST(Service, BuysMoreWhenTheFeeComesFromTheReceivedBase) {
    TwoVenues desk{"base"};
    desk.start();
    desk.quote(desk.a, "100.00", "3", "101.00", "20");
    desk.quote(desk.b, "103.00", "10", "104.00", "5");
    ASSERT_EQ(desk.service->opportunities().size(), 1u);
    const Opportunity& o = desk.service->opportunities()[0];
    EXPECT_EQ(o.reason.code, ReasonCode::None);
    const std::int64_t bought = o.legs[0].quantity.raw(), sold = o.legs[1].quantity.raw();
    EXPECT_GT(bought, sold);
    EXPECT_LE(std::abs(received(bought, Rate::basis_points(10)) - sold), 1);
    // 10 BTC: raw 20, fees 10 bp of 1,010 and of 1,030
    EXPECT_NEAR(o.edge.net.approximate(), 20.0 - 1.01 - 1.03, 0.02);
}

TEST(Service, RefusesWithTheReasonAndItsNumbers) {
    TwoVenues desk{"base"};
    desk.start();
    desk.quote(desk.a, "100.00", "3", "101.00", "2");
    desk.quote(desk.b, "101.05", "1", "104.00", "5");  // 5 bp raw, 20 bp fees
    ASSERT_EQ(desk.service->opportunities().size(), 1u);
    const Opportunity& o = desk.service->opportunities()[0];
    EXPECT_EQ(o.reason.code, ReasonCode::BelowMinEdge);
    EXPECT_EQ(o.reason.value, o.expected_rate.raw());
    EXPECT_EQ(o.reason.limit, o.threshold.raw());
    EXPECT_LE(o.expected_rate, o.threshold);
    EXPECT_EQ(desk.service->counts().refused[static_cast<std::size_t>(ReasonCode::BelowMinEdge)],
              1u);
    desk.tick_book(desk.b);  // nothing new: counted, not emitted
    EXPECT_EQ(desk.service->opportunities().size(), 1u);
    EXPECT_EQ(desk.service->counts().refused[static_cast<std::size_t>(ReasonCode::BelowMinEdge)],
              2u);
    EXPECT_EQ(desk.service->counts().seen, 2u);
}

TEST(Service, RefusesOldBooksAndUnequalAges) {
    TwoVenues desk;
    desk.start();
    desk.quote(desk.a, "100.00", "3", "101.00", "2");
    desk.now = desk.now + Nanos::seconds(3);
    desk.quote(desk.b, "103.00", "1", "104.00", "5");
    ASSERT_EQ(desk.service->opportunities().size(), 1u);
    EXPECT_EQ(desk.service->opportunities()[0].reason.code, ReasonCode::BookStale);
    EXPECT_GE(desk.service->opportunities()[0].reason.value, Nanos::seconds(3).count());
    EXPECT_EQ(desk.service->opportunities()[0].reason.limit, desk.config.quote_age_spot.count());

    Desk skewed;
    skewed.config.quote_age_spot = Nanos::seconds(60);
    const auto c = skewed.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto d = skewed.spot(Market::Okx, "BTC", "USDT");
    skewed.start();
    skewed.quote(c, "100.00", "3", "101.00", "2");
    skewed.now = skewed.now + Nanos::seconds(3);
    skewed.quote(d, "103.00", "1", "104.00", "5");
    ASSERT_EQ(skewed.service->opportunities().size(), 1u);
    EXPECT_EQ(skewed.service->opportunities()[0].reason.code, ReasonCode::ClockSkew);
    EXPECT_EQ(skewed.service->opportunities()[0].reason.value, Nanos::seconds(3).count());
}

TEST(Service, AClockThatIsSecondsOffIsNoAge) {
    TwoVenues desk;
    desk.venue_clock = Nanos::seconds(-1'272);
    desk.start();
    desk.cross();
    ASSERT_EQ(desk.service->opportunities().size(), 1u);
    EXPECT_EQ(desk.service->opportunities()[0].reason.code, ReasonCode::None);
}

TEST(Service, RefusesWhatIsTooGoodToBeTrue) {
    TwoVenues desk;
    desk.start();
    desk.quote(desk.a, "100.00", "3", "101.00", "2");
    desk.quote(desk.b, "203.00", "1", "204.00", "5");
    ASSERT_EQ(desk.service->opportunities().size(), 1u);
    EXPECT_EQ(desk.service->opportunities()[0].reason.code, ReasonCode::RiskLimit);
}

TEST(Service, BalancesLimitTheSizeAndTheirLackRefuses) {
    TwoVenues desk;
    desk.config.unlimited_balances = false;
    desk.start();
    desk.service->set_balance(Market::Okx, *desk.universe.find_asset("BTC"), *Amount::parse("0.5"));
    desk.cross();
    ASSERT_EQ(desk.service->opportunities().size(), 1u);
    EXPECT_EQ(desk.service->opportunities()[0].reason.code, ReasonCode::InsufficientBalance);
    EXPECT_EQ(desk.service->opportunities()[0].reason.value, 0);

    desk.service->set_balance(Market::BinanceSpot, *desk.universe.find_asset("USDT"),
                              Amount::units(10'000));
    desk.service->clear_outputs();
    desk.now = desk.now + Nanos::seconds(2);
    desk.cross();
    ASSERT_FALSE(desk.service->opportunities().empty());
    const Opportunity& o =
        desk.service->opportunities().back();  // the first found the other book too old
    EXPECT_EQ(o.reason.code, ReasonCode::None);
    EXPECT_EQ(desk.text(o.legs[1].instrument, o.legs[1].quantity), "0.5");
}

TEST(Service, ShadowModeNamesItself) {
    TwoVenues desk;
    desk.config.shadow = true;
    desk.start();
    desk.cross();
    ASSERT_EQ(desk.service->opportunities().size(), 1u);
    EXPECT_EQ(desk.service->opportunities()[0].reason.code, ReasonCode::ModeShadow);
    EXPECT_EQ(desk.service->counts().signalled, 0u);
}

TEST(Service, ComparesStablecoinPairsThroughATradableRateOnly) {
    Desk desk;
    const auto a = desk.spot(Market::BinanceSpot, "BTC", "USDT");
    const auto b = desk.spot(Market::Okx, "BTC", "USDC");
    const auto k = desk.spot(Market::BinanceSpot, "USDC", "USDT");
    desk.start();
    desk.quote(a, "100.00", "3", "101.00", "2");
    desk.quote(b, "103.00", "1", "104.00", "5");
    EXPECT_TRUE(desk.service->opportunities().empty());  // no rate yet
    desk.quote(k, "0.9990", "1000000", "0.9991", "1000000");
    desk.tick_book(b);
    const Opportunity* pair = find(desk.service->opportunities(), OpportunityKind::CrossVenue);
    ASSERT_NE(pair, nullptr);
    const Opportunity& o = *pair;
    EXPECT_EQ(o.reason.code, ReasonCode::None);
    EXPECT_EQ(o.value_asset, *desk.universe.find_asset("USDT"));
    EXPECT_GT(o.edge.conversion, Amount{});
    EXPECT_NEAR(o.edge.conversion.approximate(), 103.0 * (1.0 - 0.9990 * 0.9999), 1e-6);
    // the peg breaks: the pair falls apart
    desk.service->clear_outputs();
    desk.quote(k, "0.8700", "1000000", "0.8710", "1000000");
    desk.now = desk.now + Nanos::seconds(2);
    desk.service->clear_outputs();
    desk.tick_book(b);
    EXPECT_EQ(find(desk.service->opportunities(), OpportunityKind::CrossVenue), nullptr);
}

TEST(Conversions, GoOverTwoMarketsAndNeverThroughABrokenPeg) {
    Desk desk;
    const auto ct = desk.spot(Market::BinanceSpot, "USDC", "USDT");
    const auto fc = desk.spot(Market::BinanceSpot, "FDUSD", "USDC");
    Conversions rates{desk.universe, desk.books, desk.config};
    for (const InstrumentId id : {ct, fc}) EXPECT_TRUE(rates.list(id));
    const auto asset = [&](std::string_view name) { return *desk.universe.find_asset(name); };
    desk.start();
    desk.quote(ct, "0.9990", "1000000", "0.9992", "1000000");
    desk.quote(fc, "0.9980", "1000000", "0.9984", "1000000");
    const auto look = [&] {
        rates.refresh(ct, desk.now, 0.0);
        rates.refresh(fc, desk.now, 0.0);
    };
    look();
    const ConversionRate two = rates.between(asset("FDUSD"), asset("USDT"));
    ASSERT_TRUE(two.usable);
    const ConversionRate one = rates.between(asset("FDUSD"), asset("USDC"));
    const ConversionRate other = rates.between(asset("USDC"), asset("USDT"));
    EXPECT_NEAR(fraction(two.pay), fraction(one.pay) * fraction(other.pay), 2e-9);
    EXPECT_NEAR(fraction(two.receive), fraction(one.receive) * fraction(other.receive), 2e-9);
    EXPECT_GT(two.pay, two.receive);
    // a hop beyond the breaker ends the way, and USD at par is no way round it
    desk.quote(ct, "0.9800", "1000000", "0.9802", "1000000");
    look();
    EXPECT_FALSE(rates.between(asset("FDUSD"), asset("USDT")).usable);
    EXPECT_TRUE(rates.between(asset("FDUSD"), asset("USDC")).usable);
}

TEST(Conversions, TakeTheBetterOfTwoWaysOnEachSide) {
    Desk desk;
    const auto a = desk.spot(Market::BinanceSpot, "USDC", "USDT");
    const auto b = desk.spot(Market::Okx, "USDC", "USDT");
    Conversions rates{desk.universe, desk.books, desk.config};
    for (const InstrumentId id : {a, b}) EXPECT_TRUE(rates.list(id));
    desk.start();
    desk.quote(a, "0.9990", "1000000", "0.9995", "1000000");
    desk.quote(b, "0.9988", "1000000", "0.9993", "1000000");
    rates.refresh(a, desk.now, 0.0);
    const ConversionRate alone =
        rates.between(*desk.universe.find_asset("USDC"), *desk.universe.find_asset("USDT"));
    rates.refresh(b, desk.now, 0.0);
    const ConversionRate both =
        rates.between(*desk.universe.find_asset("USDC"), *desk.universe.find_asset("USDT"));
    EXPECT_LT(both.pay, alone.pay);
    EXPECT_EQ(both.receive, alone.receive);
}

TEST(Inventory, TargetsFollowTheWeights) {
    // 3 BTC on a, 1 on b: with equal shares selling on a is welcome, with 3 to 1 it is at target.
    const auto inventory = [](std::string_view weights) {
        TwoVenues desk;
        desk.config.unlimited_balances = false;
        PLX_ASSERT(parse_setting("", weights, desk.config.inventory_weights));
        desk.start();
        const AssetId btc = *desk.universe.find_asset("BTC");
        desk.service->set_balance(Market::BinanceSpot, btc, Amount::units(3));
        desk.service->set_balance(Market::Okx, btc, Amount::units(1));
        desk.service->set_balance(Market::Okx, *desk.universe.find_asset("USDT"),
                                  Amount::units(1'000));
        desk.quote(desk.b, "100.00", "3", "101.00", "2");
        desk.quote(desk.a, "103.00", "1", "104.00", "5");
        return desk.service->opportunities().back().edge.inventory;
    };
    EXPECT_LT(inventory(""), Amount{});
    EXPECT_EQ(inventory("binance.spot BTC 3"), Amount{});
    EXPECT_EQ(inventory("binance.spot * 3, okx ETH 9"), Amount{});
    EXPECT_GT(inventory("binance.spot BTC 9"), Amount{});
    InventoryWeights wrong;
    for (const char* text : {"nowhere BTC 3", "okx BTC", "okx BTC -1", "okx BTC 3 4", "okx BTC x"})
        EXPECT_FALSE(parse_setting("", text, wrong)) << text;
}

}  // namespace
}  // namespace parallax::scanner
