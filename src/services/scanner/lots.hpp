#pragma once

#include <cstdint>
#include <span>

#include "core/amount.hpp"
#include "core/instrument.hpp"
#include "core/price.hpp"
#include "messages/reason.hpp"

namespace parallax::scanner {

/// One order of an opportunity while its size is made to fit the venues' lots. Quantities in the
/// listing's own scale; x factor in the group's.
struct LotLeg {
    Side side = Side::Buy;
    std::int64_t order = 0;
    std::int64_t lot = 1;
    std::int64_t minimum = 0;  ///< smallest order, a multiple of lot
    std::int64_t factor = 1;
    Rate base_fee;           ///< share of the bought base the venue keeps
    std::int64_t worst = 0;  ///< net price of the last unit: says which leg gives way first
};

/// Smallest order a venue takes at a price, a multiple of its lot.
[[nodiscard]] std::int64_t least_order(const Instrument& instrument, const Symbol& symbol,
                                       Price price) noexcept;

/// Rounds orders down to lots, drops those below their minimum and trims the longer side from its
/// worst leg until the sides differ by less than one lot of the leg trimmed: dust, never an
/// unhedged leg. The reason is none, or what left nothing to trade.
[[nodiscard]] messages::ReasonCode fit_lots(std::span<LotLeg> legs) noexcept;

}  // namespace parallax::scanner
