#pragma once

#include "adapters/venues/common/reactions.hpp"
#include "core/market.hpp"
#include "messages/reason.hpp"
#include "messages/risk.hpp"

/// What the core is told of a venue's refusal.
namespace parallax::venue_common {

/// For what the venue's own table does not say better; `code` is the venue's.
[[nodiscard]] constexpr messages::Reason reason_for(Reaction reaction, std::int32_t code,
                                                    Market market) noexcept {
    using messages::ReasonCode;
    const auto where = static_cast<std::int64_t>(market);
    switch (reaction) {
        case Reaction::Halt:
            return {ReasonCode::VenueAuthFailed, where, code};
        case Reaction::BackOff:
            return {ReasonCode::RateBudget, 0, code};
        case Reaction::Retry:
        case Reaction::ResyncClock:
        case Reaction::Relogin:
        case Reaction::StopInstrument:
            return {ReasonCode::VenueDown, where, code};
        default:
            return {ReasonCode::RiskLimit,
                    static_cast<std::int64_t>(messages::RiskCheck::Instrument), code};
    }
}

}  // namespace parallax::venue_common
