#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "services/scanner/net_ladder.hpp"

namespace parallax::scanner {

/// Venues a side of the joint optimum. A venue may appear on both sides, as its own bid and ask
/// never cross.
inline constexpr std::size_t kMaxVenues = 16;
/// Minimums are met exactly among this many venues a side (the best priced); further ones are left
/// out.
inline constexpr std::size_t kMaxActive = 4;

inline constexpr std::int64_t kNoLimit = std::int64_t{1} << 62;

/// How much to buy and sell where. Quantities in the group's scale; edge in net price units x
/// quantity.
struct Optimum {
    std::array<std::int64_t, kMaxVenues> bought{};
    std::array<std::int64_t, kMaxVenues> sold{};
    std::int64_t quantity = 0;  ///< sum of bought = sum of sold
    __int128 edge = 0;          ///< value of what is sold less cost of what is bought
    std::int64_t marginal = 0;  ///< net bid less net ask of the last unit
};

/// Maximises sum(bid x sold) - sum(ask x bought) - theta x quantity subject to sum(bought) =
/// sum(sold), 0 <= each <= its ladder's depth, each either 0 or at least its minimum, and quantity
/// <= limit.
///
/// Without a binding minimum the answer is the k-way merge of all asks rising and all bids falling,
/// walked while bid > ask + theta: greedy is exact for separable convex costs (Federgruen &
/// Groenevelt 1986). With minimums the sets of active venues are enumerated and within each set
/// every active venue first gets its minimum, then the sides are made equal, then the walk goes on:
/// minimums only move the starting point of a problem that stays convex.
[[nodiscard]] Optimum joint_optimum(std::span<const NetLadder> asks,
                                    std::span<const NetLadder> bids, std::int64_t theta,
                                    std::int64_t limit = kNoLimit) noexcept;

}  // namespace parallax::scanner
