// Any bytes from the venue, for either product: see order_fuzz_kit.hpp.
#include <cstdlib>

#include "adapters/venues/binance/account.hpp"
#include "adapters/venues/binance/instruments.hpp"
#include "adapters/venues/binance/order_gateway.hpp"
#include "adapters/venues/common/key_testing.hpp"
#include "adapters/venues/common/order_fuzz_kit.hpp"

namespace {

using namespace parallax;

const Universe& listed() {
    static const Universe universe = [] {
        Universe all;
        for (const Market market : {Market::BinanceSpot, Market::BinanceUsdm}) {
            if (!all.list(binance::infer_definition(market, "BTCUSDT", 4, 4))) std::abort();
        }
        return all;
    }();
    return universe;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static binance::Signer signer{
        venue_common::testing::credentials("key", "TESTSECRET0123456789")};
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    for (const auto product : {binance::Product::Spot, binance::Product::Usdm}) {
        binance::OrderSettings settings;
        settings.product = product;
        binance::Orders orders{listed(), signer, "test", settings};
        (void)orders.read_stream_key(text);
        binance::AccountSettings account;
        account.product = product;
        binance::Accounts accounts{listed(), account};
        venue_common::testing::read_everything(listed(), orders, accounts, text);
    }
    return 0;
}
