#pragma once

#include <string_view>

#include "adapters/venues/binance/limits.hpp"
#include "adapters/venues/common/reactions.hpp"
#include "messages/reason.hpp"

namespace parallax::binance {

/// What the core is told of a refusal. Spot says many things by -1013 and -2010, whose message
/// tells them apart.
[[nodiscard]] messages::Reason refusal(Product product, std::int32_t code, std::string_view message,
                                       venue_common::Reaction reaction) noexcept;

/// Why an order ended unfilled. `time_in_force`: "IOC"; `expiry`: expiryReason or eR of spot, er of
/// USD-M, may be empty.
[[nodiscard]] messages::Reason end_reason(Product product, std::string_view status,
                                          std::string_view time_in_force,
                                          std::string_view expiry) noexcept;

}  // namespace parallax::binance
