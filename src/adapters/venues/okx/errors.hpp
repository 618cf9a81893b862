#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "adapters/venues/common/reactions.hpp"

namespace parallax::okx {

/// Codes and sCodes of REST and WebSocket (v5 error codes, copy of 2026-07-28).
[[nodiscard]] std::span<const venue_common::CodeRule> codes() noexcept;

/// `status`: of HTTP, 200 for a WebSocket. `code`: the item's sCode where there is one, else the
/// answer's code; -1 when there is none. A status of 200 says nothing: many refusals have it.
[[nodiscard]] venue_common::Verdict judge(int status, std::int32_t code,
                                          std::string_view message) noexcept;

}  // namespace parallax::okx
