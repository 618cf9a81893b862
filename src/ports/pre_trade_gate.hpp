#pragma once

#include <span>

#include "core/amount.hpp"
#include "core/time.hpp"
#include "messages/risk.hpp"
#include "messages/scanner.hpp"
#include "messages/trade.hpp"

namespace parallax::ports {

/// What trading wants to send: all orders of one step of one plan.
struct Intent {
    std::span<const messages::OrderRequest> orders;
    messages::OpportunityKind strategy{};
    OpportunityId opportunity;  ///< duplicates are refused by it; none for hedges
    Rate expected_rate;         ///< ignored unless the orders are entries
    Rate threshold;
    UnixNanos expires;  ///< of the opportunity
    UnixNanos now;
};

/// Risk's pre-trade check: a direct call when together, a message when apart. Called once per plan
/// step.
class PreTradeGate {
public:
    virtual ~PreTradeGate() = default;
    /// All orders or none. Approval counts them at once at their worst case; an approved order that
    /// is not sent after all must be cancelled with `retract`. Never allocates, blocks or throws.
    [[nodiscard]] virtual messages::Verdict check(const Intent& intent) noexcept = 0;
    /// Takes back approved orders that were not sent.
    virtual void retract(std::span<const messages::OrderRequest> orders) noexcept = 0;
};

}  // namespace parallax::ports
