// Any bytes from the venue: see order_fuzz_kit.hpp.
#include <cstdlib>

#include "adapters/venues/common/key_testing.hpp"
#include "adapters/venues/common/order_fuzz_kit.hpp"
#include "adapters/venues/okx/account.hpp"
#include "adapters/venues/okx/instruments.hpp"
#include "adapters/venues/okx/order_gateway.hpp"

namespace {

using namespace parallax;

const Universe& listed() {
    static const Universe universe = [] {
        Universe all;
        for (const char* symbol : {"BTC-USDT", "BTC-USDT-SWAP"}) {
            if (!all.list(okx::infer_definition(Market::Okx, symbol, 4, 4))) std::abort();
        }
        return all;
    }();
    return universe;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const okx::Signer signer{
        venue_common::testing::credentials("key", "22582BD0CFF14C41EDBF1AB98506286D", "pass")};
    okx::Orders orders{listed(), signer, "test", {}};
    okx::Accounts accounts{listed(), "test", ""};
    venue_common::testing::read_everything(listed(), orders, accounts,
                                           {reinterpret_cast<const char*>(data), size});
    return 0;
}
