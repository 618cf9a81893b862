#pragma once

#include <cstddef>
#include <span>

#include "core/result.hpp"
#include "messages/trade.hpp"

namespace parallax::ports {

/// Sends orders to venues and brings back what they say. One order ends in exactly one of Rejected,
/// Done, NotFound; until then it is open or Unknown. Fills may come twice, late, and out of order.
class OrderGateway {
public:
    virtual ~OrderGateway() = default;
    /// Hands requests over; returns before any answer. Errors: BackPressured, Unavailable: none of
    /// them was sent.
    [[nodiscard]] virtual Result<void> submit(std::span<const messages::OrderRequest> requests) = 0;
    /// Moves up to `out.size()` waiting events to `out`, oldest first; returns how many.
    [[nodiscard]] virtual std::size_t poll(std::span<messages::OrderEvent> out) = 0;
};

}  // namespace parallax::ports
