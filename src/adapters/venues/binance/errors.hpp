#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "adapters/venues/common/reactions.hpp"

namespace parallax::binance {

using venue_common::Verdict;

/// Codes of spot and USD-M (spot errors.md of 2026-07-21, derivatives error codes of 2026-05-28).
[[nodiscard]] std::span<const venue_common::CodeRule> spot_codes() noexcept;
[[nodiscard]] std::span<const venue_common::CodeRule> usdm_codes() noexcept;

/// An answer over HTTP, or of the WebSocket API whose `status` is the same number. `code` and
/// `message` are those of the body, 0 and empty when it has none. A code decides before the status,
/// but for 5xx, where only the documented texts of 503 and the codes of the table are safe.
[[nodiscard]] Verdict judge_spot(int status, std::int32_t code, std::string_view message) noexcept;
[[nodiscard]] Verdict judge_usdm(int status, std::int32_t code, std::string_view message) noexcept;

}  // namespace parallax::binance
