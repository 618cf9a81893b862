#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/price.hpp"

namespace parallax::sim_engine {

/// Place of an order in the store; free places are used again.
using Slot = std::uint32_t;
inline constexpr Slot kNoSlot = ~Slot{0};

/// Neighbours of an order in the queue of its price level.
struct Links {
    Slot before = kNoSlot;
    Slot after = kNoSlot;
};

/// Orders waiting at one price, oldest first.
struct Queue {
    Price price;
    Quantity quantity;
    std::uint32_t orders = 0;
    Slot first = kNoSlot;
    Slot last = kNoSlot;

    template <class Archive>
    void describe(Archive& a) {
        a(price, quantity, orders, first, last);
    }
};

/// Both sides of one listing: levels by price, orders by time. Knows slots and quantities, not
/// orders. Levels lie in a vector, best at its end, because most changes happen near the best.
class Book {
public:
    void add(Side side, Price price, Slot slot, Quantity quantity);
    /// The order in `slot` leaves; `quantity` is what is left of it.
    void remove(Side side, Price price, Slot slot, Quantity quantity);
    /// The order at the price gets smaller and keeps its place.
    void reduce(Side side, Price price, Quantity by);

    [[nodiscard]] bool empty(Side side) const noexcept { return levels(side).empty(); }
    /// Needs a level there.
    [[nodiscard]] const Queue& best(Side side) const noexcept { return levels(side).back(); }
    /// Quantity 0 when the side is empty.
    [[nodiscard]] Level top(Side side) const noexcept {
        return empty(side) ? Level{} : Level{best(side).price, best(side).quantity};
    }
    [[nodiscard]] const Queue* find(Side side, Price price) const noexcept;
    /// Worst first, best last.
    [[nodiscard]] std::span<const Queue> levels(Side side) const noexcept {
        return sides_[static_cast<std::size_t>(side)];
    }
    [[nodiscard]] Slot after(Slot slot) const noexcept { return links_[slot].after; }
    /// Number of the last change of a level.
    [[nodiscard]] std::uint64_t update() const noexcept { return update_; }
    std::uint64_t count_update(std::uint64_t stride) noexcept { return update_ += stride; }

    template <class Archive>
    void describe(Archive& a) {
        a(sides_, update_);
        std::vector<std::pair<Slot, std::pair<Slot, Slot>>> links;
        if constexpr (Archive::kReading) {
            a(links);
            for (const auto& [slot, ends] : links) {
                if (slot > kMostSlots) return a.damage();
                link(slot) = {ends.first, ends.second};
            }
        } else {
            for (const auto& side : sides_) {
                for (const Queue& queue : side) {
                    for (Slot s = queue.first; s != kNoSlot; s = links_[s].after)
                        links.push_back({s, {links_[s].before, links_[s].after}});
                }
            }
            a(links);
        }
    }

private:
    static constexpr Slot kMostSlots = 1U << 26;
    [[nodiscard]] Links& link(Slot slot) {
        if (slot >= links_.size()) links_.resize(slot + 1);
        return links_[slot];
    }
    /// Index of the level, or where it belongs.
    [[nodiscard]] std::size_t place(Side side, Price price) const noexcept;

    std::array<std::vector<Queue>, 2> sides_;
    std::vector<Links> links_;  ///< by slot
    std::uint64_t update_ = 0;
};

}  // namespace parallax::sim_engine
