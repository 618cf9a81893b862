#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "book/book_set.hpp"
#include "core/fees.hpp"
#include "core/instrument.hpp"

namespace parallax::trading {

/// A listing through which an amount of an asset can be given away or got. The asset is the
/// listing's base or, on spot, its quote.
struct Candidate {
    InstrumentId instrument;
    Rate penalty;         ///< costs besides the fee: later unwinding
    Amount cap;           ///< most of the asset that the balance there allows
    bool revert = false;  ///< the plan traded the other way here
    /// What one unit of the listing's other asset is worth in the asset that costs are compared in:
    /// the executable rate, its costs taken off (giving) or put on (getting); 0 = unknown.
    Amount conversion = Amount::units(1);
};

struct RoutePart {
    std::size_t candidate = 0;
    InstrumentId instrument;
    Side side{};
    Quantity quantity;  ///< whole lots, at least the venue's minima
    Price worst;        ///< last level needed
    Amount amount;      ///< of the asset
};

/// An amount split over venues.
struct Route {
    static constexpr std::size_t kMaxParts = 6;
    std::array<RoutePart, kMaxParts> parts;
    std::size_t count = 0;
    Amount placed;   ///< of the asset
    Amount counter;  ///< received (giving) or paid (getting) for it at the books' prices, fees,
                     ///< penalties and conversion included
};

inline constexpr std::size_t kMaxCandidates = 16;

/// Splits `amount` (> 0) of `asset` over the candidates by net price: the books are walked
/// together, the best net level first (exact for convex ladders, methods 1.2). Parts that no venue
/// would take (lot, minima) are given to the others. Books that are not tradable do not take part;
/// candidates beyond kMaxCandidates neither. Complexity: candidates x levels walked.
[[nodiscard]] Route route(const Universe& universe, const book::BookSet& books,
                          const FeeSchedule& fees, std::span<const Candidate> candidates,
                          AssetId asset, bool give, Amount amount) noexcept;

/// Whether a venue would take this order: lots, least and largest quantity and notional.
[[nodiscard]] bool sendable(const Universe& universe, InstrumentId id, Price price,
                            Quantity quantity) noexcept;

/// Which side trades an asset of a listing: giving base sells, giving quote buys.
[[nodiscard]] Side side_for(const Instrument& listing, AssetId asset, bool give) noexcept;

/// Units of the other asset per unit of `asset` at a price of the listing; 0 if that rounds away.
[[nodiscard]] Amount unit_price(const Universe& universe, InstrumentId id, AssetId asset,
                                Price price) noexcept;

/// An amount at a price per unit.
[[nodiscard]] inline Amount times(Amount amount, Amount unit_price) noexcept {
    return Amount::from_raw(
        multiply_divide(amount.raw(), unit_price.raw(), kPow10[18], Rounding::HalfEven));
}
/// An amount of `asset` as a quantity of the listing at a price, whole lots, rounded down.
[[nodiscard]] Quantity quantity_of(const Universe& universe, InstrumentId id, AssetId asset,
                                   Amount amount, Price price) noexcept;
/// A quantity of the listing at a price as an amount of `asset`.
[[nodiscard]] Amount amount_of(const Universe& universe, InstrumentId id, AssetId asset,
                               Quantity quantity, Price price) noexcept;

}  // namespace parallax::trading
