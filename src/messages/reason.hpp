#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace parallax::messages {

/// Why something was not traded. The texts are the contract with screens and exports; never
/// renamed. `value` and `limit` of a Reason are in the unit given here.
enum class ReasonCode : std::uint8_t {
    None,                 ///< it was signalled
    BelowMinEdge,         ///< expected edge | threshold; Rate raw (1e-9)
    InsufficientDepth,    ///< quantity found | quantity needed; symbol's quantity scale
    InsufficientBalance,  ///< available | needed; asset units x 1e-9
    BelowMinNotional,     ///< notional | venue's minimum; quote units x 1e-9
    LotRounding,          ///< quantity before | lot; symbol's quantity scale
    BookStale,  ///< age | allowed age; ns. Also a book in gap, syncing or crossed: value is its
                ///< BookState
    ClockSkew,  ///< skew between legs | bound; ns
    VenueDown,  ///< value: market
    VenueAuthFailed,  ///< value: market
    RateBudget,       ///< tokens left | needed
    RiskLimit,  ///< value: RiskCheck number that refused | its sub-code. Also "too good to be true"
    Cooldown,   ///< ns left | length
    Duplicate,  ///< value: the plan or opportunity that has it already
    Expired,    ///< age | time to live; ns
    LostRace,   ///< depth left at arrival | wanted; symbol's quantity scale
    ModeShadow,  ///< scanning only: trading is off by configuration
    Halted,      ///< value: scope
};
inline constexpr std::size_t kReasonCount = 18;

[[nodiscard]] constexpr std::string_view to_string(ReasonCode code) noexcept {
    constexpr std::array<std::string_view, kReasonCount> kNames{"none",
                                                                "below_min_edge",
                                                                "insufficient_depth",
                                                                "insufficient_balance",
                                                                "below_min_notional",
                                                                "lot_rounding",
                                                                "book_stale",
                                                                "clock_skew",
                                                                "venue_down",
                                                                "venue_auth_failed",
                                                                "rate_budget",
                                                                "risk_limit",
                                                                "cooldown",
                                                                "duplicate",
                                                                "expired",
                                                                "lost_race",
                                                                "mode_shadow",
                                                                "halted"};
    return kNames[static_cast<std::size_t>(code)];
}

/// A coded reason with its numbers; see ReasonCode for their units.
struct Reason {
    ReasonCode code = ReasonCode::None;
    std::int64_t value = 0;
    std::int64_t limit = 0;
    [[nodiscard]] bool none() const noexcept { return code == ReasonCode::None; }
    friend constexpr bool operator==(const Reason&, const Reason&) = default;
    template <class Archive>
    void describe(Archive& a) {
        a(code, value, limit);
    }
};

}  // namespace parallax::messages
