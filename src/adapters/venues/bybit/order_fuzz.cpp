// Any bytes from the venue: see order_fuzz_kit.hpp.
#include <cstdlib>

#include "adapters/venues/bybit/account.hpp"
#include "adapters/venues/bybit/instruments.hpp"
#include "adapters/venues/bybit/order_gateway.hpp"
#include "adapters/venues/common/key_testing.hpp"
#include "adapters/venues/common/order_fuzz_kit.hpp"

namespace {

using namespace parallax;

const Universe& listed() {
    static const Universe universe = [] {
        Universe all;
        for (const Market market : {Market::BybitSpot, Market::BybitLinear}) {
            if (!all.list(bybit::infer_definition(market, "BTCUSDT", 4, 4))) std::abort();
        }
        return all;
    }();
    return universe;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const bybit::Signer signer{
        venue_common::testing::credentials("key", "TESTSECRET0123456789"), 5'000};
    bybit::Orders orders{listed(), signer, "test", {}};
    bybit::Accounts accounts{listed(), "test"};
    venue_common::testing::read_everything(listed(), orders, accounts,
                                           {reinterpret_cast<const char*>(data), size});
    return 0;
}
