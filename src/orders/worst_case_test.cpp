#include "orders/worst_case.hpp"

#include <gtest/gtest.h>

namespace parallax::orders {
namespace {

class WorstCase : public ::testing::Test {
protected:
    InstrumentId list(Market market, InstrumentKind kind, const char* name, const char* quote,
                      const char* settle, const char* contract) {
        InstrumentDefinition d;
        d.market = market;
        d.kind = kind;
        d.venue_symbol = name;
        d.base = "BTC";
        d.quote = quote;
        d.settle = settle;
        d.tick = "0.1";
        d.lot = is_inverse(kind) ? "1" : "0.001";
        d.contract_size = contract;
        d.max_leverage = 10;
        return universe.list(d)->id;
    }
    Universe universe;
    FeeSchedule fees = *FeeSchedule::named("base");
    InstrumentId spot = list(Market::BinanceSpot, InstrumentKind::Spot, "BTCUSDT", "USDT", "", "");
    InstrumentId linear =
        list(Market::BybitLinear, InstrumentKind::LinearPerpetual, "BTCUSDT", "USDT", "USDT", "");
    InstrumentId inverse = list(Market::BinanceCoinm, InstrumentKind::InversePerpetual,
                                "BTCUSD_PERP", "USD", "BTC", "100");
    Price price = Price::from_raw(500'000);    // 50,000.0
    Quantity one = Quantity::from_raw(1'000);  // 1 BTC
    Quantity dollars = Quantity::from_raw(1'000);
};

TEST_F(WorstCase, SpotBuyPaysQuote) {
    const Need need = worst_case(universe, fees, spot, Side::Buy, price, one, 3);
    EXPECT_EQ(need.wallet, Market::BinanceSpot);
    EXPECT_EQ(universe.asset_name(need.asset), "USDT");
    EXPECT_EQ(need.amount, Amount::units(50'000));
}
TEST_F(WorstCase, SpotBuyAddsAFeeThatIsPaidInQuote) {
    fees.set(Market::BinanceSpot, true, {Rate{}, Rate::basis_points(10), FeeAsset::Quote});
    EXPECT_EQ(worst_case(universe, fees, spot, Side::Buy, price, one, 3).amount,
              Amount::units(50'050));
}
TEST_F(WorstCase, SpotSellPaysBase) {
    const Need need = worst_case(universe, fees, spot, Side::Sell, price, one, 3);
    EXPECT_EQ(universe.asset_name(need.asset), "BTC");
    EXPECT_EQ(need.amount, Amount::units(1));
}
TEST_F(WorstCase, ADerivativePaysMarginAndFeeFromTheSharedWallet) {
    const Need need = worst_case(universe, fees, linear, Side::Sell, price, one, 4);
    EXPECT_EQ(need.wallet, Market::BybitSpot);
    EXPECT_EQ(need.amount.text(), "12527.5");  // 50,000 / 4 + 5.5 bp
    EXPECT_EQ(worst_case(universe, fees, linear, Side::Sell, price, one, 50).amount.text(),
              "5027.5");  // venue's 10 x
    EXPECT_EQ(worst_case(universe, fees, linear, Side::Sell, price, one, 4, true).amount.text(),
              "27.5");
}
TEST_F(WorstCase, AnInverseContractIsMarginedInBase) {
    const Need need = worst_case(universe, fees, inverse, Side::Buy, price, dollars, 2);
    EXPECT_EQ(universe.asset_name(need.asset), "BTC");
    EXPECT_EQ(need.amount.text(), "0.01001");  // 1,000 USD = 0.02 BTC, half of it, plus 5 bp
}

}  // namespace
}  // namespace parallax::orders
