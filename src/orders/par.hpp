#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>

namespace parallax::orders {

/// Whether limits count an asset as one value unit: dollars and the stablecoins issued against
/// them. Profit is never counted this way (conversions have a price); only limits and the
/// comparison of hedges are.
[[nodiscard]] inline bool is_at_par(std::string_view asset) noexcept {
    constexpr std::string_view kPar[] = {"USD",  "USDT", "USDC", "FDUSD", "TUSD",
                                         "BUSD", "DAI",  "USDE", "PYUSD", "RLUSD"};
    return std::find(std::begin(kPar), std::end(kPar), asset) != std::end(kPar);
}

}  // namespace parallax::orders
