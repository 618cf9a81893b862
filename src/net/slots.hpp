#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/assert.hpp"

namespace parallax::net {

/// Owns objects under ids that are found with one look and never used again: the low bits are a
/// place, the high bits count.
template <class T>
class Slots {
public:
    /// The id that the next add() will give.
    [[nodiscard]] std::uint64_t next_id() const noexcept {
        const std::uint64_t place = free_.empty() ? slots_.size() : free_.back();
        return (serial_ << kPlaceBits) | place;
    }
    std::uint64_t add(std::unique_ptr<T> object) {
        const std::uint64_t id = next_id();
        ++serial_;
        if (free_.empty()) {
            PLX_ASSERT(slots_.size() < kPlaceMask);
            slots_.emplace_back();
        } else {
            free_.pop_back();
        }
        slots_[id & kPlaceMask] = {id, std::move(object)};
        ++count_;
        return id;
    }
    [[nodiscard]] T* find(std::uint64_t id) const noexcept {
        const std::uint64_t place = id & kPlaceMask;
        if (place >= slots_.size() || slots_[place].id != id) return nullptr;
        return slots_[place].object.get();
    }
    std::unique_ptr<T> remove(std::uint64_t id) {
        PLX_ASSERT(find(id) != nullptr);
        const std::uint64_t place = id & kPlaceMask;
        slots_[place].id = 0;
        free_.push_back(static_cast<std::uint32_t>(place));
        --count_;
        return std::move(slots_[place].object);
    }
    [[nodiscard]] std::size_t size() const noexcept { return count_; }

private:
    static constexpr unsigned kPlaceBits = 20;
    static constexpr std::uint64_t kPlaceMask = (1U << kPlaceBits) - 1;
    struct Slot {
        std::uint64_t id = 0;
        std::unique_ptr<T> object;
    };
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
    std::uint64_t serial_ = 1;
    std::size_t count_ = 0;
};

}  // namespace parallax::net
