// Any bytes: no crash, no byte read outside, and where the scanner and the full reader both accept,
// the same frame.
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "adapters/venues/common/frame_text.hpp"
#include "adapters/venues/okx/instruments.hpp"
#include "adapters/venues/okx/parse.hpp"

namespace {

using namespace parallax;

const Universe& listed() {
    static const Universe universe = [] {
        Universe all;
        for (const char* symbol : {"BTC-USDT", "BTC-USDT-SWAP", "BTC-USD-220527"}) {
            if (!all.list(okx::infer_definition(Market::Okx, symbol, 4, 4))) std::abort();
        }
        return all;
    }();
    return universe;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view frame{reinterpret_cast<const char*>(data), size};
    const UnixNanos now = UnixNanos::from_millis(1'700'000'000'000);
    okx::Parser fast{Market::Okx, listed()};
    okx::Parser full{Market::Okx, listed()};
    ports::MarketFrame a;
    ports::MarketFrame b;
    if (fast.parse(frame, now, a) && full.parse_full(frame, now, b)) {
        const std::string x = venue_common::frame_text(a);
        const std::string y = venue_common::frame_text(b);
        if (x != y) {
            std::fprintf(stderr, "scanner: %s\nfull:    %s\n", x.c_str(), y.c_str());
            std::abort();
        }
    }
    return 0;
}
