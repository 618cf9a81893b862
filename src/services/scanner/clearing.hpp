#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "services/scanner/joint_optimum.hpp"

namespace parallax::scanner {

/// Where the rising asks and the falling bids of many ladders meet. For a price p let A(p) be what
/// is asked at or below p and B(p) what is bid above it: A rises, B falls, and the most that
/// crosses is the maximum of min(A, B). The smallest p with A(p) >= B(p) is one of the levels'
/// prices. It is bracketed by regula falsi (Illinois) on A - B, in the end by bisection; each step
/// counts a price into all ladders by binary search. The guesses are doubles, the counts are exact.
///
/// A constant can stand for a side, so that the same search also finds the cheapest asks, or the
/// best bids, of a given quantity.
class Clearing {
public:
    Clearing(std::span<const NetLadder> asks, std::span<const NetLadder> bids,
             std::int64_t theta) noexcept
        : asks_{asks}, bids_{bids}, theta_{theta} {}

    /// Fills an empty `out` with the optimum; ignores minimums. Needs at least one ask and one bid.
    void solve(std::int64_t limit, Optimum& out) noexcept;

private:
    struct Window {
        const NetLevel* levels;
        std::uint32_t low;    ///< levels before it are on the near side of the answer
        std::uint32_t high;   ///< levels from it on are on its far side
        std::uint32_t guess;  ///< how many are on the near side of the price looked at
        std::uint32_t venue;
        std::uint32_t end;  ///< number of levels
    };
    struct Meeting {
        std::int64_t price = 0;   ///< the smallest p with A(p) >= B(p), asks with theta added
        std::int64_t asked = 0;   ///< strictly below it
        std::int64_t wanted = 0;  ///< strictly above it
    };
    void open(std::span<const NetLadder> asks, std::span<const NetLadder> bids) noexcept;
    [[nodiscard]] Meeting meet(std::int64_t asked, std::int64_t wanted) noexcept;
    [[nodiscard]] std::int64_t middle_price() const noexcept;
    void take_asks(const Meeting& at, std::int64_t quantity, Optimum& out) const noexcept;
    void take_bids(const Meeting& at, std::int64_t quantity, Optimum& out) const noexcept;
    [[nodiscard]] std::span<Window> ask_windows() noexcept { return {windows_.data(), ask_count_}; }
    [[nodiscard]] std::span<Window> bid_windows() noexcept {
        return {windows_.data() + ask_count_, count_ - ask_count_};
    }

    std::span<const NetLadder> asks_;
    std::span<const NetLadder> bids_;
    std::int64_t theta_;
    std::size_t ask_count_ = 0;
    std::size_t count_ = 0;
    std::array<Window, 2 * kMaxVenues> windows_;  ///< asks first; only count_ are set
};

}  // namespace parallax::scanner
