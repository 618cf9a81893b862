#pragma once

#include "core/amount.hpp"

namespace parallax::sim_engine {

/// Up to the venue's step of 10^-decimals: what is owed gets larger, what is paid out smaller.
[[nodiscard]] inline Amount round_up(Amount owed, std::uint8_t decimals) noexcept {
    const __int128 step = kPow10[static_cast<std::size_t>(Amount::kDecimals - decimals)];
    return Amount::from_raw(divide(owed.raw(), step, Rounding::Up) * step);
}

}  // namespace parallax::sim_engine
