// The steady state allocates nothing.
#include "adapters/venues/binance/fix_market_testing.hpp"
#include "adapters/venues/binance/instruments.hpp"
#include "adapters/venues/binance/parse.hpp"
#include "testing/allocations.hpp"

#include <gtest/gtest.h>

#include <span>
#include <string>

namespace parallax::binance {
namespace {

/// Once each frame was parsed, parsing them again allocates nothing.
void expect_none(Market market, std::span<const std::string> frames) {
    Universe universe;
    ASSERT_TRUE(universe.list(infer_definition(market, "BTCUSDT", 2, 3)));
    Parser parser{market, universe};
    ports::MarketFrame out;
    for (const std::string& frame : frames)
        ASSERT_TRUE(parser.parse(frame, UnixNanos::from_millis(1), out));
    const std::size_t before = allocations();
    for (int round = 0; round < 100; ++round) {
        for (const std::string& frame : frames) {
            if (!parser.parse(frame, UnixNanos::from_millis(1), out) || out.contents == 0)
                std::abort();
        }
    }
    EXPECT_EQ(allocations() - before, 0U);
}

TEST(Allocation, NoneOverFixOnceTheBuffersHaveGrown) {
    PLX_NEEDS_ALLOCATION_COUNT();
    const std::string frames[] = {
        fix_text("W",
                 "55=BTCUSDT|262=best-BTCUSDT|25044=7|268=2|269=0|270=1|271=2|269=1|270=3|"
                 "271=4|"),
        fix_text("X",
                 "262=book-BTCUSDT|268=2|279=1|269=0|270=1.50|271=2|55=BTCUSDT|25043=1|"
                 "25044=2|279=2|269=1|270=3.00000000|"),
        fix_text("X", "262=best-BTCUSDT|268=1|279=1|269=0|270=1|271=2|55=BTCUSDT|25044=9|"),
        fix_text("X", "262=trade-BTCUSDT|268=1|279=0|269=2|270=1|271=2|55=BTCUSDT|1003=4|2446=1|")};
    expect_none(Market::BinanceSpot, frames);
}

TEST(Allocation, NoneOnceTheBuffersHaveGrown) {
    PLX_NEEDS_ALLOCATION_COUNT();
    const std::string frames[] = {
        R"({"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1,"T":2,"s":"BTCUSDT","U":3,"u":4,"pu":2,"b":[["1.00","2"],["3","4"]],"a":[["5","6"]]}})",
        R"({"e":"bookTicker","u":5,"s":"BTCUSDT","b":"61800.20","B":"2.507","a":"61800.30","A":"2.510","T":1723161256313,"E":1723161256313})",
        R"({"e":"trade","E":1,"T":2,"s":"BTCUSDT","t":5266583935,"p":"61800.30","q":"0.006","X":"MARKET","m":false})"};
    expect_none(Market::BinanceUsdm, frames);
}

}  // namespace
}  // namespace parallax::binance
