#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <vector>

#include "core/assert.hpp"

namespace parallax::portfolio {

/// Values by a 64-bit key in slots that are used again, so that a busy day allocates only up to its
/// largest moment. Addresses stay until the value is erased. T needs `clear()`, which keeps its
/// capacity, and `describe()`.
template <class T>
class SlotMap {
public:
    [[nodiscard]] T* find(std::uint64_t key) noexcept {
        const auto it = index_.find(key);
        return it == index_.end() ? nullptr : &slots_[it->second];
    }
    [[nodiscard]] const T* find(std::uint64_t key) const noexcept {
        const auto it = index_.find(key);
        return it == index_.end() ? nullptr : &slots_[it->second];
    }
    /// Needs: the key is not there.
    T& add(std::uint64_t key) {
        if (free_.empty()) {
            free_.push_back(static_cast<std::uint32_t>(slots_.size()));
            slots_.emplace_back();
        }
        const std::uint32_t slot = free_.back();
        const bool added = index_.emplace(key, slot).second;
        PLX_ASSERT(added);
        free_.pop_back();
        return slots_[slot];
    }
    void erase(std::uint64_t key) {
        const auto it = index_.find(key);
        PLX_ASSERT(it != index_.end());
        slots_[it->second].clear();
        free_.push_back(it->second);
        index_.erase(it);
    }
    [[nodiscard]] std::size_t size() const noexcept { return index_.size(); }
    /// Rising keys: no result may depend on the hash table.
    [[nodiscard]] std::vector<std::uint64_t> keys() const {
        std::vector<std::uint64_t> keys;
        keys.reserve(index_.size());
        for (const auto& entry : index_) keys.push_back(entry.first);
        std::sort(keys.begin(), keys.end());
        return keys;
    }

    template <class Archive>
    void describe(Archive& a) {
        std::vector<std::uint64_t> known = keys();
        a(known);
        if constexpr (Archive::kReading) {
            *this = SlotMap{};
            for (const std::uint64_t key : known) {
                if (find(key) == nullptr) add(key);
            }
        }
        for (const std::uint64_t key : known) a(*find(key));
    }

private:
    boost::unordered_flat_map<std::uint64_t, std::uint32_t> index_;
    std::deque<T> slots_;
    std::vector<std::uint32_t> free_;
};

}  // namespace parallax::portfolio
