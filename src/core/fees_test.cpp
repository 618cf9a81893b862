#include "core/fees.hpp"

#include <gtest/gtest.h>

#include "core/archive.hpp"

namespace parallax {
namespace {

TEST(FeeSchedule, KnowsItsTables) {
    EXPECT_TRUE(FeeSchedule::named("zero"));
    EXPECT_TRUE(FeeSchedule::named("base"));
    EXPECT_TRUE(FeeSchedule::named("vip9"));
    EXPECT_FALSE(FeeSchedule::named(""));
    EXPECT_FALSE(FeeSchedule::named("vip"));
}

TEST(FeeSchedule, BaseTierIsWhatTheVenuesPublish) {
    const auto base = FeeSchedule::named("base").value();
    EXPECT_EQ(base.rates(Market::BinanceSpot, InstrumentKind::Spot).taker, Rate::basis_points(10));
    EXPECT_EQ(base.rates(Market::BinanceUsdm, InstrumentKind::LinearPerpetual).taker,
              Rate::basis_points(5));
    EXPECT_EQ(base.rates(Market::Okx, InstrumentKind::Spot).maker, Rate::basis_points(8));
    EXPECT_EQ(base.rates(Market::Okx, InstrumentKind::InversePerpetual).taker,
              Rate::basis_points(5));
    EXPECT_EQ(base.rates(Market::BybitLinear, InstrumentKind::LinearFuture).taker,
              Rate::parse("0.00055").value());
}

TEST(FeeSchedule, TopTierNeverCostsMoreThanTheBase) {
    const auto base = FeeSchedule::named("base").value();
    const auto top = FeeSchedule::named("vip9").value();
    for (const MarketInfo& market : kMarkets) {
        for (const auto kind : {InstrumentKind::Spot, InstrumentKind::LinearPerpetual}) {
            EXPECT_LE(top.rates(market.market, kind).taker, base.rates(market.market, kind).taker)
                << market.name;
            EXPECT_LE(top.rates(market.market, kind).maker, base.rates(market.market, kind).maker)
                << market.name;
        }
    }
}

TEST(FeeSchedule, SpotPaysInWhatItReceivesDerivativesInQuote) {
    for (const std::string_view name : {"zero", "base", "vip9"}) {
        const auto fees = FeeSchedule::named(name).value();
        EXPECT_EQ(fees.rates(Market::Okx, InstrumentKind::Spot).asset, FeeAsset::Received);
        EXPECT_EQ(fees.rates(Market::Okx, InstrumentKind::LinearPerpetual).asset, FeeAsset::Quote);
    }
}

TEST(FeeSchedule, ReadsBackFromItsState) {
    auto fees = FeeSchedule::named("base").value();
    fees.set(Market::BybitSpot, true,
             {Rate::basis_points(-1), Rate::basis_points(3), FeeAsset::Other});
    std::vector<std::byte> bytes;
    StateWriter writer{bytes};
    writer(fees);
    FeeSchedule copy;
    StateReader reader{bytes};
    reader(copy);
    EXPECT_TRUE(reader.finished());
    EXPECT_EQ(state_hash(copy), state_hash(fees));
    EXPECT_EQ(copy.rates(Market::BybitSpot, InstrumentKind::Spot),
              fees.rates(Market::BybitSpot, InstrumentKind::Spot));
}

}  // namespace
}  // namespace parallax
