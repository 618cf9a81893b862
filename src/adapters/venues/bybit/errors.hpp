#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "adapters/venues/common/reactions.hpp"

namespace parallax::bybit {

/// retCodes of REST and WebSocket (v5 error codes, copy of 2026-07-24). Texts changed over time, so
/// only codes decide.
[[nodiscard]] std::span<const venue_common::CodeRule> codes() noexcept;

/// `status`: of HTTP, 200 for a WebSocket. `code`: retCode (or an item's code of a batch); nothing
/// when the answer has none, as then the status decides.
[[nodiscard]] venue_common::Verdict judge(int status, std::optional<std::int32_t> code) noexcept;

}  // namespace parallax::bybit
