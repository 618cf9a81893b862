#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "adapters/venues/common/rate_limiter.hpp"
#include "ports/transport.hpp"

/// What the venues' feedback from answers has in common.
namespace parallax::venue_common {

/// The whole text as a number that is not negative.
[[nodiscard]] inline std::optional<std::int64_t> number_in(std::string_view text) noexcept {
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec != std::errc{} || read.ptr != end || number < 0) return std::nullopt;
    return number;
}

/// A count that adding our own requests to cannot carry over.
[[nodiscard]] inline std::uint32_t as_count(std::int64_t number) noexcept {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(number, 0, 1'000'000'000));
}

/// Gives the ticket of an HTTP request back. True: it was answered, and the answer may tell more.
inline bool give_back(RateLimiter& limiter, const RateTicket& ticket,
                      const ports::NetEvent& event) {
    if (event.kind == ports::NetEventKind::Response) {
        limiter.answered(ticket, event.received);
        return true;
    }
    if (event.unsent) {
        limiter.unsent(ticket);
    } else {
        limiter.lost(ticket, event.received);
    }
    return false;
}

}  // namespace parallax::venue_common
