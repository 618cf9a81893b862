#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <deque>

namespace parallax::portfolio {

/// The last `kept` keys that were inserted. Key needs ==, hash_value() or a boost hash, and
/// describe() or to be flat.
template <class Key>
class RecentSet {
public:
    explicit RecentSet(std::size_t kept) noexcept : kept_{kept} {}
    /// False when it was there.
    bool insert(const Key& key) {
        if (!known_.insert(key).second) return false;
        order_.push_back(key);
        if (order_.size() > kept_) {
            known_.erase(order_.front());
            order_.pop_front();
        }
        return true;
    }
    [[nodiscard]] bool contains(const Key& key) const noexcept { return known_.contains(key); }
    [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }

    template <class Archive>
    void describe(Archive& a) {
        a(order_);
        if constexpr (Archive::kReading) {
            known_.clear();
            known_.insert(order_.begin(), order_.end());
        }
    }

private:
    std::size_t kept_;
    std::deque<Key> order_;
    boost::unordered_flat_set<Key> known_;
};

}  // namespace parallax::portfolio
