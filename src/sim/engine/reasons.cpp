#include "sim/engine/reasons.hpp"

#include <cstddef>

namespace parallax::sim_engine {

std::string_view to_string(Reject reason) noexcept {
    constexpr std::string_view kNames[kRejectCount] = {
        "none",
        "unknown account",
        "unknown listing",
        "unknown asset",
        "halted",
        "cancel only",
        "post-only phase",
        "delisted",
        "invalid combination",
        "invalid quantity",
        "invalid price",
        "lot size",
        "tick size",
        "below minimum quantity",
        "above maximum quantity",
        "above maximum market quantity",
        "below minimum price",
        "above maximum price",
        "price too high",
        "price too low",
        "below minimum notional",
        "above maximum notional",
        "too many open orders",
        "too many open orders in total",
        "duplicate client id",
        "insufficient balance",
        "insufficient margin",
        "nothing to reduce",
        "reduce-only too large",
        "post-only would take",
        "fill-or-kill unfilled",
        "unknown order",
        "order closed",
        "nothing to amend",
        "amend not allowed",
        "amend below filled",
        "amend would take",
        "too many amends",
        "invalid amount",
        "invalid leverage",
        "wallet not offered",
        "unknown movement",
        "movement final",
    };
    return kNames[static_cast<std::size_t>(reason)];
}

std::string_view to_string(CloseReason reason) noexcept {
    constexpr std::string_view kNames[] = {
        "none",
        "user",
        "cancel all",
        "replaced",
        "dead man's switch",
        "immediate or cancel",
        "fill or kill",
        "no liquidity",
        "price protection",
        "too many matches",
        "post only",
        "self trade",
        "reduce only",
        "amend below filled",
        "amend would take",
        "liquidation",
        "delisted",
    };
    return kNames[static_cast<std::size_t>(reason)];
}

}  // namespace parallax::sim_engine
