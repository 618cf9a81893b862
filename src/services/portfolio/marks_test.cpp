#include "services/portfolio/marks.hpp"

#include <gtest/gtest.h>

#include "services/portfolio/test_world.hpp"

namespace parallax::portfolio {
namespace {

using test::amount;

TEST(Marks, AreTheMidInEitherDirection) {
    test::World world;
    Marks marks{world.universe, world.books};
    EXPECT_EQ(marks.rate(world.asset("BTC"), world.asset("USDT")), amount("60000"));
    EXPECT_EQ(marks.rate(world.asset("USDT"), world.asset("BTC")), amount("0.000016666666666667"));
    EXPECT_EQ(marks.rate(world.asset("USDT"), world.asset("USDT")), amount("1"));
}

TEST(Marks, GoOverOneAssetInBetween) {
    test::World world;
    Marks marks{world.universe, world.books};
    EXPECT_EQ(marks.rate(world.asset("ETH"), world.asset("BTC")),
              amount("0.050000000000001"));  // 3000 / 60000
    EXPECT_EQ(marks.rate(world.asset("USD"), world.asset("USDT")),
              std::nullopt);  // no spot listing at all
}

TEST(Marks, TakeTheNextListingWhenTheFirstHasNoQuote) {
    test::World world;
    Marks marks{world.universe, world.books};
    world.quote(world.okx_btc, "61000", "61000");
    world.books.at(world.binance_btc).reset();
    EXPECT_EQ(marks.rate(world.asset("BTC"), world.asset("USDT")), amount("61000"));
}

TEST(Marks, RememberTheLastRateButReportsRememberNothing) {
    test::World world;
    Marks marks{world.universe, world.books};
    EXPECT_EQ(marks.peek(world.asset("BNB"), world.asset("USDT")), amount("600"));
    world.books.at(world.bnb).reset();
    EXPECT_EQ(marks.peek(world.asset("BNB"), world.asset("USDT")), std::nullopt);
    world.quote(world.bnb, "600", "602");
    EXPECT_EQ(marks.rate(world.asset("BNB"), world.asset("USDT")), amount("601"));
    world.books.at(world.bnb).reset();
    EXPECT_EQ(marks.rate(world.asset("BNB"), world.asset("USDT")), amount("601"));
}

TEST(Marks, LearnOfNewListings) {
    test::World world;
    Marks marks{world.universe, world.books};
    EXPECT_EQ(marks.rate(world.asset("USD"), world.asset("USDT")), std::nullopt);
    const InstrumentId id =
        world.list(Market::Okx, InstrumentKind::Spot, "USDT-USD", "USDT", "USD", "0.0001", "0.01");
    world.quote(id, "0.9999", "1.0001");
    marks.on_listed();
    EXPECT_EQ(marks.rate(world.asset("USD"), world.asset("USDT")), amount("1"));
}

TEST(Marks, PreferTheVenuesOwnMarkPriceAndKeepItThroughARescale) {
    test::World world;
    Marks marks{world.universe, world.books};
    EXPECT_EQ(marks.price(world.perp), world.price(world.perp, "60015"));
    messages::MarkPrice mark;
    mark.instrument = world.perp;
    marks.on(mark);  // an update without a mark changes nothing
    EXPECT_EQ(marks.price(world.perp), world.price(world.perp, "60015"));
    mark.mark = world.price(world.perp, "60001");
    marks.on(mark);
    const auto change = world.universe.refine(world.perp, 4, 0);
    marks.rescale(**change);
    EXPECT_EQ(marks.price(world.perp), world.price(world.perp, "60001"));
    mark.instrument = InstrumentId::none();
    marks.on(mark);
}

}  // namespace
}  // namespace parallax::portfolio
