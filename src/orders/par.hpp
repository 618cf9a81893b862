#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>

namespace parallax::orders {

/// Whether limits count an asset as one value unit: dollars and the stablecoins issued against
/// them. Only limits are counted this way: profit and the comparison of hedges use the rate at
/// which one can be had for the other.
[[nodiscard]] inline bool is_at_par(std::string_view asset) noexcept {
    constexpr std::string_view kPar[] = {"USD",  "USDT", "USDC", "FDUSD", "TUSD",
                                         "BUSD", "DAI",  "USDE", "PYUSD", "RLUSD"};
    return std::find(std::begin(kPar), std::end(kPar), asset) != std::end(kPar);
}

}  // namespace parallax::orders
