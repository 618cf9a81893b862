// Any bytes: no crash, no byte read outside. What is taken says the same when it is read again, and
// each number of a book stands for one level.
#include <cstdio>
#include <cstdlib>

#include "adapters/fix/fields.hpp"
#include "adapters/venues/binance/fix_feed.hpp"
#include "adapters/venues/binance/instruments.hpp"
#include "adapters/venues/binance/parse.hpp"
#include "adapters/venues/common/frame_text.hpp"

namespace {

using namespace parallax;

const Universe& listed() {
    static const Universe one = [] {
        Universe universe;
        if (!universe.list(binance::infer_definition(Market::BinanceSpot, "BTCUSDT", 2, 5)))
            std::abort();
        return universe;
    }();
    return one;
}

void expect(bool good, const char* what) {
    if (good) return;
    std::fprintf(stderr, "%s\n", what);
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // As people read FIX, so that seeds may be edited.
    std::string message{reinterpret_cast<const char*>(data), size};
    for (char& c : message) c = c == '|' ? fix::kSoh : c;
    const UnixNanos now = UnixNanos::from_millis(1'700'000'000'000);
    binance::Parser parser{Market::BinanceSpot, listed()};
    ports::MarketFrame out;
    const auto read = parser.parse(message, now, out);
    if (read) {
        const std::string once = venue_common::frame_text(out);
        expect(parser.parse(message, now, out).has_value() && venue_common::frame_text(out) == once,
               "read twice it is another one");
        if (out.has(ports::MarketFrame::kDepth))
            expect(out.depth.first_id <= out.depth.last_id, "ids that fall");
        for (const auto* side : {&out.depth.bids, &out.depth.asks}) {
            for (const Level& level :
                 out.has(ports::MarketFrame::kDepth) ? *side : std::span<const Level>{})
                expect(level.price.raw() >= 0 && level.quantity.raw() >= 0, "a negative number");
        }
    }
    (void)binance::fix_feed::read(message);
    (void)binance::fix_feed::trade_of(message);
    return 0;
}
