#pragma once

#include <span>

#include "core/amount.hpp"
#include "core/ids.hpp"
#include "core/market.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace parallax::ports {

/// Part of a wallet that an order needs at worst (orders/worst_case.hpp): price at the protection
/// limit, fee included.
struct Hold {
    Market wallet{};
    AssetId asset;
    Amount amount;        ///< >= 0: an order that only reduces may need nothing
    ClientOrderId order;  ///< of the plan; never held for before
};

/// Portfolio's promise that money is there before an order leaves.
class Reservations {
public:
    virtual ~Reservations() = default;
    /// Moves all holds from available to reserved, or none. May be called again for other orders of
    /// the same plan. The order may then be sent, or a smaller one; its end gives back what is
    /// left. Errors: Rejected (not enough available).
    [[nodiscard]] virtual HotResult<void> reserve(PlanId plan, std::span<const Hold> holds,
                                                  UnixNanos now) = 0;
    /// Gives back what the plan holds for orders that were never sent; nothing if there are none.
    virtual void release(PlanId plan, UnixNanos now) = 0;
    [[nodiscard]] virtual Amount available(Market wallet, AssetId asset) const noexcept = 0;
};

}  // namespace parallax::ports
