#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/amount.hpp"
#include "core/instrument.hpp"
#include "services/portfolio/wide.hpp"

namespace parallax::portfolio {

/// A derivative position at average cost: what all three venues report, O(1), and exact here
/// because the basis is kept as a sum and never as a price. Amounts of money are in the settle
/// asset.
///
/// Every fill has a gain: what its value adds to profit when the position is closed one day.
/// Linear: a sale gains price x quantity, a purchase loses it. Inverse: a purchase gains quantity /
/// price coins, a sale loses them. A division that does not come out even goes against us. Then at
/// all times (I11): realised + basis = sum of gains.
struct Position {
    Amount net;     ///< > 0 long; in the unit of Quantity
    Amount basis;   ///< gains of the part still open
    Amount margin;  ///< initial margin locked behind it
    Amount realised;
    Amount gains;       ///< sum over all fills, and over what was adopted
    Price last;         ///< of the latest fill: the mark when there is no better
    bool told = false;  ///< the venue's word was booked: a rest of the basis may outlive the net
    template <class Archive>
    void describe(Archive& a) {
        a(net, basis, margin, realised, gains, last, told);
    }
};

/// What one fill did to a position.
struct PositionChange {
    Amount gain;
    Amount realised;  ///< goes through the ledger
    Amount basis;     ///< change of the basis: gain - realised
    Amount net;       ///< change of the net quantity
    Amount margin_released;
    Amount margin_needed;  ///< for the opened part; the caller locks what it can
};

/// Gain of a fill in the settle asset, rounded against us.
[[nodiscard]] Amount gain_of(const Universe& universe, InstrumentId id, Side side, Price price,
                             Quantity quantity) noexcept;

/// Books a fill; leverage >= 1. Crossing zero closes first and opens the rest. `told` is the profit
/// that the venue booked with it, which counts: average cost depends on the order of fills, and
/// they come in other orders than they happened in. What it makes of the basis comes out even with
/// the last of them.
PositionChange apply_fill(Position& position, const Universe& universe, InstrumentId id, Side side,
                          Price price, Quantity quantity, std::int64_t leverage,
                          std::optional<Amount> told = std::nullopt) noexcept;

/// Makes a position that was there before us ours: `quantity` (negative: short) at the venue's
/// average price. Its basis is what one fill at that price would have left, rounded against us;
/// nothing is realised. The venue knows its average finer than it says, so `told` is set: its word
/// counts for what comes of it. Needs a fresh position, quantity != 0, entry > 0 and numbers whose
/// product is an Amount; leverage >= 1.
PositionChange adopt_position(Position& position, const Universe& universe, InstrumentId id,
                              Amount quantity, Amount entry, std::int64_t leverage) noexcept;

/// Profit in the settle asset per unit of net quantity at the mark: the price for linear contracts,
/// minus its reciprocal (to 1e-18) for inverse ones. mark > 0.
[[nodiscard]] Amount unit_value(const Universe& universe, InstrumentId id, Price mark) noexcept;

/// Profit still open at a unit value: exact, or rounded down to 1e-18.
[[nodiscard]] inline Amount unrealised(const Position& position, Amount unit) noexcept {
    return position.basis + Wide::product(position.net, unit).rounded(Rounding::Down);
}

}  // namespace parallax::portfolio
