#include "services/portfolio/marks.hpp"

#include <gtest/gtest.h>

#include "services/portfolio/test_world.hpp"

namespace parallax::portfolio {
namespace {

using test::amount;
using test::at;

std::optional<Amount> value(const std::optional<UnitValue>& unit) {
    return unit ? std::optional{unit->value} : std::nullopt;
}

TEST(Marks, AreTheMidInEitherDirection) {
    test::World world;
    Marks marks{world.universe, world.books, Nanos::seconds(60)};
    EXPECT_EQ(value(marks.rate(world.asset("BTC"), world.asset("USDT"))), amount("60000"));
    EXPECT_EQ(value(marks.rate(world.asset("USDT"), world.asset("BTC"))),
              amount("0.000016666666666667"));
    EXPECT_EQ(value(marks.rate(world.asset("USDT"), world.asset("USDT"))), amount("1"));
}

TEST(Marks, GoOverOneAssetInBetween) {
    test::World world;
    Marks marks{world.universe, world.books, Nanos::seconds(60)};
    EXPECT_EQ(value(marks.rate(world.asset("ETH"), world.asset("BTC"))),
              amount("0.050000000000001"));  // 3000 / 60000
    EXPECT_EQ(value(marks.rate(world.asset("USD"), world.asset("USDT"))),
              std::nullopt);  // no spot listing at all
}

TEST(Marks, TakeTheNextListingWhenTheFirstHasNoQuote) {
    test::World world;
    Marks marks{world.universe, world.books, Nanos::seconds(60)};
    world.quote(world.okx_btc, "61000", "61000");
    world.books.at(world.binance_btc).reset();
    EXPECT_EQ(value(marks.rate(world.asset("BTC"), world.asset("USDT"))), amount("61000"));
}

TEST(Marks, RememberTheLastRateButReportsRememberNothing) {
    test::World world;
    Marks marks{world.universe, world.books, Nanos::seconds(60)};
    EXPECT_EQ(value(marks.peek(world.asset("BNB"), world.asset("USDT"))), amount("600"));
    world.books.at(world.bnb).reset();
    EXPECT_EQ(value(marks.peek(world.asset("BNB"), world.asset("USDT"))), std::nullopt);
    world.quote(world.bnb, "600", "602");
    EXPECT_EQ(value(marks.rate(world.asset("BNB"), world.asset("USDT"))), amount("601"));
    world.books.at(world.bnb).reset();
    EXPECT_EQ(value(marks.rate(world.asset("BNB"), world.asset("USDT"))), amount("601"));
}

TEST(Marks, LearnOfNewListings) {
    test::World world;
    Marks marks{world.universe, world.books, Nanos::seconds(60)};
    EXPECT_EQ(value(marks.rate(world.asset("USD"), world.asset("USDT"))), std::nullopt);
    const InstrumentId id =
        world.list(Market::Okx, InstrumentKind::Spot, "USDT-USD", "USDT", "USD", "0.0001", "0.01");
    world.quote(id, "0.9999", "1.0001");
    marks.on_listed();
    EXPECT_EQ(value(marks.rate(world.asset("USD"), world.asset("USDT"))), amount("1"));
}

TEST(Marks, PreferTheVenuesOwnMarkPriceAndKeepItThroughARescale) {
    test::World world;
    Marks marks{world.universe, world.books, Nanos::seconds(60)};
    EXPECT_EQ(marks.mark(world.perp).price, world.price(world.perp, "60015"));
    messages::MarkPrice mark;
    mark.instrument = world.perp;
    marks.on(mark);  // an update without a mark changes nothing
    EXPECT_EQ(marks.mark(world.perp).price, world.price(world.perp, "60015"));
    mark.mark = world.price(world.perp, "60001");
    marks.on(mark);
    const auto change = world.universe.refine(world.perp, 4, 0);
    marks.rescale(**change);
    EXPECT_EQ(marks.mark(world.perp).price, world.price(world.perp, "60001"));
    mark.instrument = InstrumentId::none();
    marks.on(mark);
}

TEST(Marks, OfAnAssetComeFromTheVenueItLiesAt) {
    test::World world;
    Marks marks{world.universe, world.books, Nanos::seconds(60)};
    world.quote(world.okx_btc, "61000", "61000");
    const AssetId btc = world.asset("BTC"), usdt = world.asset("USDT");
    EXPECT_EQ(value(marks.peek(btc, usdt, Venue::Okx)), amount("61000"));
    EXPECT_EQ(value(marks.peek(btc, usdt, Venue::Binance)), amount("60000"));
    EXPECT_EQ(value(marks.rate(btc, usdt)), amount("60000"));  // one price for plans: lowest id
    world.books.at(world.okx_btc).reset();
    EXPECT_EQ(value(marks.peek(btc, usdt, Venue::Okx)), amount("60000"));  // falls back
}

TEST(Marks, FallBackInOrderAndSayWhereTheyComeFrom) {
    test::World world;
    Marks marks{world.universe, world.books, Nanos::seconds(60)};
    const InstrumentId okx = world.list(Market::Okx, InstrumentKind::LinearPerpetual,
                                        "BTC-USDT-SWAP", "BTC", "USDT", "0.1", "0.001");
    EXPECT_EQ(marks.mark(okx).source, MarkSource::Sibling);
    EXPECT_EQ(marks.mark(okx).price, world.price(world.perp, "60015"));
    messages::MarkPrice mark;
    mark.instrument = world.perp;
    mark.mark = world.price(world.perp, "60001");
    mark.stamp.received = at(0);
    marks.on(mark);
    EXPECT_EQ(marks.mark(okx).price, mark.mark);  // the sibling's mark before its middle
    world.quote(okx, "60030", "60040");
    EXPECT_EQ(marks.mark(okx).source, MarkSource::Mid);
    mark.instrument = okx;
    marks.on(mark);
    EXPECT_EQ(marks.mark(okx).source, MarkSource::VenueMark);
    for (const InstrumentId id : {world.perp, okx}) world.books.at(id).reset();
    EXPECT_EQ(marks.mark(world.inverse).source, MarkSource::None);
}

TEST(Marks, GiveWayToYoungerOnesWhenOldAndAreCalledStaleWhenThereAreNone) {
    test::World world;
    Marks marks{world.universe, world.books, Nanos::seconds(60)};
    messages::MarkPrice mark;
    mark.instrument = world.perp;
    mark.mark = world.price(world.perp, "60001");
    mark.stamp.received = at(-61'000);
    marks.on(mark);
    EXPECT_FALSE(marks.mark(world.perp).stale);
    marks.advance(at(0));
    EXPECT_EQ(marks.mark(world.perp).source, MarkSource::Mid);
    EXPECT_FALSE(marks.mark(world.perp).stale);
    EXPECT_FALSE(marks.rate(world.asset("BTC"), world.asset("USDT"))->stale);
    marks.advance(at(60'001));
    EXPECT_EQ(marks.mark(world.perp).source, MarkSource::VenueMark);  // all are old: the best
    EXPECT_TRUE(marks.mark(world.perp).stale);
    EXPECT_TRUE(marks.rate(world.asset("BTC"), world.asset("USDT"))->stale);
}

}  // namespace
}  // namespace parallax::portfolio
