#include "services/scanner/joint_optimum.hpp"

#include <algorithm>
#include <limits>

#include "services/scanner/clearing.hpp"

namespace parallax::scanner {
namespace {

constexpr std::size_t kNoHead = std::numeric_limits<std::size_t>::max();

/// Walks the levels of one side over all its active venues, best price first. `Sign` is +1 for
/// asks, -1 for bids, so that lower is better on both.
template <int Sign>
class SideWalk {
public:
    SideWalk(std::span<const NetLadder> ladders, std::uint32_t active) noexcept {
        for (std::size_t i = 0; i < ladders.size(); ++i) {
            if ((active >> i & 1) == 0 || ladders[i].levels.empty()) continue;
            Head& head = heads_[count_++];
            head.at = ladders[i].levels.data();
            head.end = head.at + ladders[i].levels.size();
            head.before = 0;
            head.venue = i;
            load(head);
        }
        choose();
    }
    [[nodiscard]] bool done() const noexcept { return best_ == kNoHead; }
    [[nodiscard]] std::int64_t price() const noexcept { return Sign * heads_[best_].price; }
    [[nodiscard]] std::int64_t left() const noexcept { return heads_[best_].left; }
    /// Takes from the best level, at most left().
    void take(std::int64_t quantity, std::array<std::int64_t, kMaxVenues>& taken) noexcept {
        taken[heads_[best_].venue] += quantity;
        if (take_from(heads_[best_], quantity)) choose();
    }
    /// Takes from one venue's ladder whatever the others offer; returns the value taken, or nothing
    /// when it is too shallow.
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
        std::int64_t before;  ///< total of the levels used up
        std::int64_t left;
        std::int64_t price;
        std::size_t venue;
    };
    static void load(Head& head) noexcept {
        head.left = head.at->total - head.before;
        head.price = Sign * head.at->price;
    }
    /// True when the level is used up.
    static bool take_from(Head& head, std::int64_t quantity) noexcept {
        head.left -= quantity;
        if (head.left > 0) return false;
        head.before = head.at->total;
        if (++head.at != head.end) load(head);
        return true;
    }
    void choose() noexcept {
        best_ = kNoHead;
        for (std::size_t i = 0; i < count_; ++i) {
            if (heads_[i].at == heads_[i].end) continue;
            if (best_ == kNoHead || heads_[i].price < heads_[best_].price) best_ = i;
        }
    }
    std::size_t count_ = 0;
    std::size_t best_ = kNoHead;
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
        asks.take(quantity, out.bought);
        bids.take(quantity, out.sold);
    }
}

constexpr std::size_t kAllHold = kMaxVenues;

/// The first venue that was given something, but less than its minimum; kAllHold when there is
/// none.
[[nodiscard]] std::size_t starved(std::span<const NetLadder> ladders,
                                  const std::array<std::int64_t, kMaxVenues>& taken) noexcept {
    for (std::size_t i = 0; i < ladders.size(); ++i) {
        if (taken[i] != 0 && taken[i] < ladders[i].minimum) return i;
    }
    return kAllHold;
}

/// Gives every venue of the set its minimum; false when one is too shallow for it.
template <class Walk>
bool preallocate(std::span<const NetLadder> ladders, std::uint32_t forced, Walk& side,
                 __int128& value, std::array<std::int64_t, kMaxVenues>& taken,
                 std::int64_t& total) noexcept {
    for (std::size_t i = 0; i < ladders.size(); ++i) {
        if ((forced >> i & 1) == 0) continue;
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

/// A set of venues a side: those that must have their minimum, and those that may have anything.
struct Node {
    std::uint32_t forced_buy = 0, forced_sell = 0;
    std::uint32_t open_buy = ~0u, open_sell = ~0u;
};

/// The relaxed optimum of a node: the forced venues have their minimum, the open ones anything from
/// 0. False when the forced ones cannot have it.
bool relax(const Sides& sides, const Node& node, Optimum& out) noexcept {
    Asks asks{sides.asks, node.open_buy};
    Bids bids{sides.bids, node.open_sell};
    __int128 cost = 0, value = 0;
    std::int64_t bought = 0, sold = 0;
    if (!preallocate(sides.asks, node.forced_buy, asks, cost, out.bought, bought)) return false;
    if (!preallocate(sides.bids, node.forced_sell, bids, value, out.sold, sold)) return false;
    if (!equalise(sold - bought, asks, cost, out.bought)) return false;
    if (!equalise(bought - sold, bids, value, out.sold)) return false;
    out.quantity = std::max(bought, sold);
    out.edge = value - cost;
    walk(asks, bids, sides.theta, sides.limit, out);
    return out.quantity <= sides.limit;
}

[[nodiscard]] __int128 objective(const Optimum& optimum, std::int64_t theta) noexcept {
    return optimum.edge - static_cast<__int128>(theta) * optimum.quantity;
}

/// Branch and bound over the venues that got less than their minimum. The first found wins ties.
class Search {
public:
    explicit Search(const Sides& sides) noexcept : sides_{sides} {}
    void branch(const Node& node, const Optimum& relaxed) noexcept {
        if (objective(relaxed, sides_.theta) <= objective(best_, sides_.theta)) return;
        const std::size_t buyer = starved(sides_.asks, relaxed.bought);
        const std::size_t seller = starved(sides_.bids, relaxed.sold);
        if (buyer == kAllHold && seller == kAllHold) {
            best_ = relaxed;
            return;
        }
        const bool buys = buyer != kAllHold;
        const std::uint32_t venue = 1u << (buys ? buyer : seller);
        Node with = node, without = node;
        (buys ? with.forced_buy : with.forced_sell) |= venue;
        (buys ? without.open_buy : without.open_sell) &= ~venue;
        for (const Node& child : {with, without}) {
            if (++solved_ > kMostRelaxations) return;
            Optimum next;
            if (relax(sides_, child, next)) branch(child, next);
        }
    }
    [[nodiscard]] const Optimum& best() const noexcept { return best_; }

private:
    Sides sides_;
    Optimum best_;
    std::size_t solved_ = 0;
};

/// The only venue of a side that offers anything; null when none or several do.
const NetLadder* only(std::span<const NetLadder> ladders, std::size_t& venue) noexcept {
    const NetLadder* found = nullptr;
    for (std::size_t i = 0; i < ladders.size(); ++i) {
        if (ladders[i].levels.empty()) continue;
        if (found != nullptr) return nullptr;
        found = &ladders[i];
        venue = i;
    }
    return found;
}

/// The optimum of one venue a side by the merge itself: most gaps are that, a few levels deep.
void merge(const NetLadder& ask, const NetLadder& bid, std::int64_t theta, std::int64_t limit,
           Optimum& out) noexcept {
    std::size_t a = 0, b = 0;
    while (a < ask.levels.size() && b < bid.levels.size() && out.quantity < limit &&
           bid.levels[b].price - ask.levels[a].price > theta) {
        const std::int64_t asked = ask.levels[a].total, wanted = bid.levels[b].total;
        out.quantity = std::min({asked, wanted, limit});
        a += asked == out.quantity ? 1 : 0;
        b += wanted == out.quantity ? 1 : 0;
    }
    const auto value = [&](const NetLadder& ladder, std::size_t used) {
        const std::int64_t rest = out.quantity - ladder.total(used);
        return ladder.worth(used) +
               (rest > 0 ? static_cast<__int128>(ladder.levels[used].price) * rest : 0);
    };
    out.edge = value(bid, b) - value(ask, a);
}

/// Best price of a side over all venues; the worst there is when nobody offers anything.
template <class Better>
std::int64_t top(std::span<const NetLadder> ladders, std::int64_t worst, Better&& better) noexcept {
    for (const NetLadder& ladder : ladders) {
        if (!ladder.levels.empty()) worst = better(worst, ladder.levels.front().price);
    }
    return worst;
}

}  // namespace

void joint_optimum(std::span<const NetLadder> asks, std::span<const NetLadder> bids,
                   std::int64_t theta, std::int64_t limit, Optimum& out) noexcept {
    constexpr std::int64_t kFar = std::int64_t{1} << 62;
    const auto lower = [](std::int64_t a, std::int64_t b) { return std::min(a, b); };
    const auto higher = [](std::int64_t a, std::int64_t b) { return std::max(a, b); };
    std::fill_n(out.bought.begin(), asks.size(), 0);
    std::fill_n(out.sold.begin(), bids.size(), 0);
    out.quantity = 0;
    out.edge = 0;
    if (limit <= 0 || top(bids, -kFar, higher) - theta <= top(asks, kFar, lower)) return;
    constexpr std::size_t kFew = 16;  // levels: then bisection is quicker
    std::size_t buy = 0, sell = 0;
    const NetLadder* ask = only(asks, buy);
    const NetLadder* bid = only(bids, sell);
    if (ask != nullptr && bid != nullptr && ask->levels.size() + bid->levels.size() <= kFew) {
        merge(*ask, *bid, theta, limit, out);
        out.bought[buy] = out.sold[sell] = out.quantity;
    } else {
        Clearing{asks, bids, theta}.solve(limit, out);
    }
    if (starved(asks, out.bought) == kAllHold && starved(bids, out.sold) == kAllHold) return;
    Search search{{asks, bids, theta, limit}};
    search.branch({}, out);
    out = search.best();
}

}  // namespace parallax::scanner
