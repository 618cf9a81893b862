#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>

namespace parallax {

/// Dollars and the stablecoins issued against them: assets meant to be worth one US dollar. They
/// are different assets all the same. Only limits count them as one unit and only the report of
/// crosses compares their prices as they stand; profit, signals and hedges use the rate at which
/// one can be had for the other.
[[nodiscard]] inline bool is_dollar(std::string_view asset) noexcept {
    constexpr std::string_view kDollars[] = {"USD",  "USDT", "USDC", "FDUSD", "TUSD",
                                             "BUSD", "DAI",  "USDE", "PYUSD", "RLUSD"};
    return std::find(std::begin(kDollars), std::end(kDollars), asset) != std::end(kDollars);
}

}  // namespace parallax
