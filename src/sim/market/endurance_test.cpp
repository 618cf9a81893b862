#include <gtest/gtest.h>
#include <algorithm>

#include "sim/market/synthetic_market.hpp"

namespace parallax::sim_market {

namespace {

TEST(SyntheticMarket, BooksStayHealthyForAnHour) {
    Config config;
    config.activity = 0.2;  // the same hour in fewer frames
    SyntheticMarket market{config, 4};
    const auto definitions = market.instruments();
    Frame frame;
    market.next(frame);
    const UnixNanos end = frame.received + Nanos::seconds(3'600);
    std::size_t checks = 0;
    double widest = 0;
    for (std::uint64_t i = 0; frame.received < end; ++i) {
        market.next(frame);
        if (i % 20'000 != 10'000) continue;
        ++checks;
        for (const auto& d : definitions) {
            const auto bids = market.levels(d.market, d.venue_symbol, Side::Buy);
            const auto asks = market.levels(d.market, d.venue_symbol, Side::Sell);
            ASSERT_GE(std::min(bids.size(), asks.size()), 20U) << d.venue_symbol;
            ASSERT_LT(bids[0].price, asks[0].price) << d.venue_symbol;
            const auto middle = static_cast<double>(bids[0].price.raw() + asks[0].price.raw()) / 2;
            const double spread =
                static_cast<double>((asks[0].price - bids[0].price).raw()) / middle;
            if (d.base != "PEPE")
                widest = std::max(widest, spread);  // its tick alone is 10 bp at Binance
            for (const auto* side : {&bids, &asks}) {
                for (const Level& level : *side)
                    ASSERT_GT(level.quantity.raw(), 0) << d.venue_symbol;
                ASSERT_TRUE(
                    std::is_sorted(side->begin(), side->end(), [&](const Level& a, const Level& b) {
                        return side == &bids ? a.price > b.price : a.price < b.price;
                    }));
            }
        }
    }
    EXPECT_GT(checks, 20U);
    EXPECT_LT(widest, 40e-4);
}

}  // namespace
}  // namespace parallax::sim_market
