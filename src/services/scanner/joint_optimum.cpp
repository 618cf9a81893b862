#include "services/scanner/joint_optimum.hpp"

#include <algorithm>
#include <limits>

namespace parallax::scanner {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

/// Walks the levels of one side over all its active venues, best price first. `Sign` is +1 for asks, -1 for bids, so
/// that lower is better on both.
template <int Sign>
class SideWalk {
public:
    SideWalk(std::span<const NetLadder> ladders, std::uint32_t active) noexcept {
        for (std::size_t i = 0; i < ladders.size(); ++i) {
            if ((active >> i & 1) == 0 || ladders[i].levels.empty()) continue;
            Head& head = heads_[count_++];
            head.at = ladders[i].levels.data();
            head.end = head.at + ladders[i].levels.size();
            head.left = head.at->quantity;
            head.price = Sign * head.at->price;
            head.venue = i;
        }
        choose();
    }
    [[nodiscard]] bool done() const noexcept { return best_ == kNone; }
    [[nodiscard]] std::int64_t price() const noexcept { return Sign * heads_[best_].price; }
    [[nodiscard]] std::int64_t left() const noexcept { return heads_[best_].left; }
    /// Takes from the best level, at most left().
    void take(std::int64_t quantity, std::array<std::int64_t, kMaxVenues>& taken) noexcept {
        taken[heads_[best_].venue] += quantity;
        if (take_from(heads_[best_], quantity)) choose();
    }
    /// Takes from one venue's ladder whatever the others offer; returns the value taken, or nothing when it is too
    /// shallow.
    bool take_at(std::size_t venue, std::int64_t quantity, __int128& value) noexcept {
        for (std::size_t h = 0; h < count_; ++h) {
            Head& head = heads_[h];
            if (head.venue != venue) continue;
            while (quantity > 0 && head.at != head.end) {
                const std::int64_t part = std::min(quantity, head.left);
                value += static_cast<__int128>(head.at->price) * part;
                quantity -= part;
                take_from(head, part);
            }
            choose();
            return quantity == 0;
        }
        return quantity == 0;
    }

private:
    struct Head {
        const NetLevel* at;
        const NetLevel* end;
        std::int64_t left;
        std::int64_t price;
        std::size_t venue;
    };
    /// True when the level is used up.
    static bool take_from(Head& head, std::int64_t quantity) noexcept {
        head.left -= quantity;
        if (head.left > 0) return false;
        if (++head.at != head.end) {
            head.left = head.at->quantity;
            head.price = Sign * head.at->price;
        }
        return true;
    }
    void choose() noexcept {
        best_ = kNone;
        for (std::size_t i = 0; i < count_; ++i) {
            if (heads_[i].at == heads_[i].end) continue;
            if (best_ == kNone || heads_[i].price < heads_[best_].price) best_ = i;
        }
    }
    std::size_t count_ = 0;
    std::size_t best_ = kNone;
    Head heads_[kMaxVenues];
};

using Asks = SideWalk<1>;
using Bids = SideWalk<-1>;

void walk(Asks& asks, Bids& bids, std::int64_t theta, std::int64_t limit, Optimum& out) noexcept {
    while (!asks.done() && !bids.done() && out.quantity < limit) {
        const std::int64_t margin = bids.price() - asks.price();
        if (margin <= theta) return;
        const std::int64_t quantity = std::min({asks.left(), bids.left(), limit - out.quantity});
        out.edge += static_cast<__int128>(margin) * quantity;
        out.quantity += quantity;
        out.marginal = margin;
        asks.take(quantity, out.bought);
        bids.take(quantity, out.sold);
    }
}

[[nodiscard]] bool minimums_hold(std::span<const NetLadder> ladders,
                                 const std::array<std::int64_t, kMaxVenues>& taken) noexcept {
    for (std::size_t i = 0; i < ladders.size(); ++i) {
        if (taken[i] != 0 && taken[i] < ladders[i].minimum) return false;
    }
    return true;
}

/// Gives every active venue its minimum; false when one is too shallow for it.
template <class Walk>
bool preallocate(std::span<const NetLadder> ladders, std::uint32_t active, Walk& side, __int128& value,
                 std::array<std::int64_t, kMaxVenues>& taken, std::int64_t& total) noexcept {
    for (std::size_t i = 0; i < ladders.size(); ++i) {
        if ((active >> i & 1) == 0) continue;
        const std::int64_t minimum = ladders[i].minimum;
        if (!side.take_at(i, minimum, value)) return false;
        taken[i] += minimum;
        total += minimum;
    }
    return true;
}

/// Takes the best of a side until `missing` more is taken; false when the side ends before.
template <class Walk>
bool equalise(std::int64_t missing, Walk& side, __int128& value,
              std::array<std::int64_t, kMaxVenues>& taken) noexcept {
    while (missing > 0 && !side.done()) {
        const std::int64_t part = std::min(missing, side.left());
        value += static_cast<__int128>(side.price()) * part;
        missing -= part;
        side.take(part, taken);
    }
    return missing <= 0;
}

struct Sides {
    std::span<const NetLadder> asks;
    std::span<const NetLadder> bids;
    std::int64_t theta;
    std::int64_t limit;
};

/// The optimum when exactly these venues are active; false when they cannot all have their minimum.
bool solve_set(const Sides& sides, std::uint32_t buy, std::uint32_t sell, Optimum& out) noexcept {
    Asks asks{sides.asks, buy};
    Bids bids{sides.bids, sell};
    __int128 cost = 0, value = 0;
    std::int64_t bought = 0, sold = 0;
    if (!preallocate(sides.asks, buy, asks, cost, out.bought, bought)) return false;
    if (!preallocate(sides.bids, sell, bids, value, out.sold, sold)) return false;
    if (!equalise(sold - bought, asks, cost, out.bought)) return false;
    if (!equalise(bought - sold, bids, value, out.sold)) return false;
    out.quantity = std::max(bought, sold);
    out.edge = value - cost;
    walk(asks, bids, sides.theta, sides.limit, out);
    return out.quantity <= sides.limit;
}

/// The venues to enumerate: at most kMaxActive, the best priced first.
std::uint32_t candidates(std::span<const NetLadder> ladders, int sign) noexcept {
    std::uint32_t chosen = 0;
    for (std::size_t n = 0; n < kMaxActive; ++n) {
        std::size_t best = kNone;
        for (std::size_t i = 0; i < ladders.size(); ++i) {
            if ((chosen >> i & 1) != 0 || ladders[i].levels.empty()) continue;
            const std::int64_t price = sign * ladders[i].levels.front().price;
            if (best == kNone || price < sign * ladders[best].levels.front().price) best = i;
        }
        if (best == kNone) break;
        chosen |= 1u << best;
    }
    return chosen;
}

[[nodiscard]] __int128 objective(const Optimum& optimum, std::int64_t theta) noexcept {
    return optimum.edge - static_cast<__int128>(theta) * optimum.quantity;
}

/// Every non-empty pair of sets of candidates, the best kept; the first found wins ties.
Optimum enumerate(const Sides& sides) noexcept {
    Optimum best;
    const std::uint32_t buyers = candidates(sides.asks, 1);
    const std::uint32_t sellers = candidates(sides.bids, -1);
    for (std::uint32_t buy = buyers; buy != 0; buy = (buy - 1) & buyers) {
        for (std::uint32_t sell = sellers; sell != 0; sell = (sell - 1) & sellers) {
            Optimum trial;
            if (!solve_set(sides, buy, sell, trial)) continue;
            if (objective(trial, sides.theta) > objective(best, sides.theta)) best = trial;
        }
    }
    return best;
}

}  // namespace

Optimum joint_optimum(std::span<const NetLadder> asks, std::span<const NetLadder> bids,
                      std::int64_t theta, std::int64_t limit) noexcept {
    Optimum out;
    Asks ask_walk{asks, ~0u};
    Bids bid_walk{bids, ~0u};
    walk(ask_walk, bid_walk, theta, limit, out);
    if (minimums_hold(asks, out.bought) && minimums_hold(bids, out.sold)) return out;
    return enumerate({asks, bids, theta, limit});
}

}  // namespace parallax::scanner
