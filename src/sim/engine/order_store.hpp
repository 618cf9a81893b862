#pragma once

#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "sim/engine/book.hpp"
#include "sim/engine/order.hpp"

namespace parallax::sim_engine {

/// All remembered orders, open and closed. A slot stays the order's until erase(); references hold
/// until the next add().
class OrderStore {
public:
    Slot add(const Order& order) {
        Slot slot = kNoSlot;
        if (free_.empty()) {
            slot = static_cast<Slot>(orders_.size());
            orders_.push_back(order);
        } else {
            slot = free_.back();
            free_.pop_back();
            orders_[slot] = order;
        }
        slots_.emplace(order.id.raw(), slot);
        return slot;
    }
    void erase(OrderId id) {
        const auto found = slots_.find(id.raw());
        orders_[found->second] = Order{};
        free_.push_back(found->second);
        slots_.erase(found);
    }
    [[nodiscard]] Slot find(OrderId id) const noexcept {
        const auto found = slots_.find(id.raw());
        return found == slots_.end() ? kNoSlot : found->second;
    }
    [[nodiscard]] Order& operator[](Slot slot) noexcept { return orders_[slot]; }
    [[nodiscard]] const Order& operator[](Slot slot) const noexcept { return orders_[slot]; }
    [[nodiscard]] std::size_t size() const noexcept { return slots_.size(); }

    template <class Archive>
    void describe(Archive& a) {
        a(orders_, free_);
        if constexpr (Archive::kReading) {
            slots_.clear();
            for (Slot slot = 0; slot < orders_.size(); ++slot) {
                if (orders_[slot].id.valid()) slots_.emplace(orders_[slot].id.raw(), slot);
            }
        }
    }

private:
    std::vector<Order> orders_;
    std::vector<Slot> free_;
    boost::unordered_flat_map<std::uint64_t, Slot> slots_;
};

}  // namespace parallax::sim_engine
