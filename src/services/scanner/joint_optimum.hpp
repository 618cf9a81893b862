#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "services/scanner/net_ladder.hpp"

namespace parallax::scanner {

/// Venues a side of the joint optimum. A venue may appear on both sides, as its own bid and ask
/// never cross.
inline constexpr std::size_t kMaxVenues = 16;
/// Relaxations solved at most while minimums bind: not reached by the random markets of up to eight
/// venues a side that the tests compare with brute force. If it ever is, the best answer so far is
/// returned, which is feasible.
inline constexpr std::size_t kMostRelaxations = 4'096;

inline constexpr std::int64_t kNoLimit = std::int64_t{1} << 62;

/// How much to buy and sell where. Quantities in the group's scale; edge in net price units x
/// quantity.
struct Optimum {
    std::array<std::int64_t, kMaxVenues> bought{};
    std::array<std::int64_t, kMaxVenues> sold{};
    std::int64_t quantity = 0;  ///< sum of bought = sum of sold
    __int128 edge = 0;          ///< value of what is sold less cost of what is bought
};

/// Maximises sum(bid x sold) - sum(ask x bought) - theta x quantity subject to sum(bought) =
/// sum(sold), 0 <= each <= its ladder's depth, each either 0 or at least its minimum, and quantity
/// <= limit. Of equal prices the lower index is taken first.
///
/// Without a binding minimum the answer is the merge of all asks rising and all bids falling, taken
/// while bid > ask + theta: greedy is exact for separable convex costs (Federgruen & Groenevelt
/// 1986). Where the merge ends is found without walking it, by bisecting all ladders at once with
/// their running totals (see clearing.hpp). Minimums are met by branch and bound: a venue that the
/// relaxed answer gives too little is once left out and once given its minimum first; minimums only
/// move the starting point of a problem that stays convex, so each relaxation is exact and bounds
/// what lies below it.
///
/// Writes the venues of the ladders only: what `out` held of others stays.
void joint_optimum(std::span<const NetLadder> asks, std::span<const NetLadder> bids,
                   std::int64_t theta, std::int64_t limit, Optimum& out) noexcept;
[[nodiscard]] inline Optimum joint_optimum(std::span<const NetLadder> asks,
                                           std::span<const NetLadder> bids, std::int64_t theta,
                                           std::int64_t limit = kNoLimit) noexcept {
    Optimum out;
    joint_optimum(asks, bids, theta, limit, out);
    return out;
}

}  // namespace parallax::scanner
