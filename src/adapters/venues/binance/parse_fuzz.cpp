// Any bytes: no crash, no byte read outside, and where the scanner and the full reader both accept,
// the same frame.
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "adapters/venues/binance/instruments.hpp"
#include "adapters/venues/binance/parse.hpp"
#include "adapters/venues/common/frame_text.hpp"

namespace {

using namespace parallax;

const Universe& universe_of(Market market) {
    static const auto all = [] {
        std::array<Universe, kMarketCount> universes;
        for (const Market m : {Market::BinanceSpot, Market::BinanceUsdm, Market::BinanceCoinm}) {
            for (const char* symbol : {"BTCUSDT", "ETHUSDT", "BTCUSD_PERP"}) {
                if (!universes[static_cast<std::size_t>(m)].list(
                        binance::infer_definition(m, symbol, 4, 4)))
                    std::abort();
            }
        }
        return universes;
    }();
    return all[static_cast<std::size_t>(market)];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const Market market = static_cast<Market>(data[0] % 3);
    const std::string_view frame{reinterpret_cast<const char*>(data) + 1, size - 1};
    const UnixNanos now = UnixNanos::from_millis(1'700'000'000'000);
    binance::Parser fast{market, universe_of(market)};
    binance::Parser full{market, universe_of(market)};
    ports::MarketFrame a;
    ports::MarketFrame b;
    if (fast.parse(frame, now, a, "BTCUSDT") && full.parse_full(frame, now, b, "BTCUSDT")) {
        const std::string x = venue_common::frame_text(a);
        const std::string y = venue_common::frame_text(b);
        if (x != y) {
            std::fprintf(stderr, "scanner: %s\nfull:    %s\n", x.c_str(), y.c_str());
            std::abort();
        }
    }
    return 0;
}
