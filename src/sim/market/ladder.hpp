#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/price.hpp"

namespace parallax::sim_market {

/// One side of a synthetic book: levels in ticks and lots, worst first, best last, and which of
/// them changed since the last depth message.
class Ladder {
public:
    static constexpr std::size_t kMost = 208;
    struct Rung {
        std::int64_t price = 0;
        std::int64_t quantity = 0;
        bool changed = false;    ///< since the last depth message
        bool published = false;  ///< somebody following the depth messages knows it
    };

    explicit Ladder(Side side) : sign_{side == Side::Buy ? 1 : -1} { gone_.reserve(1'024); }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    /// 0 is the best; needs index < size().
    [[nodiscard]] const Rung& operator[](std::size_t index) const noexcept {
        return rungs_[size_ - 1 - index];
    }
    [[nodiscard]] const Rung& best() const noexcept { return rungs_[size_ - 1]; }
    [[nodiscard]] const Rung& worst() const noexcept { return rungs_[0]; }
    /// True when price `a` is nearer to the middle than `b`.
    [[nodiscard]] bool inside(std::int64_t a, std::int64_t b) const noexcept {
        return sign_ * a > sign_ * b;
    }

    void set_quantity(std::size_t index, std::int64_t quantity) noexcept {
        Rung& rung = rungs_[size_ - 1 - index];
        rung.quantity = quantity;
        rung.changed = true;
    }
    void erase(std::size_t index) {
        Rung* const rung = &rungs_[size_ - 1 - index];
        if (rung->published) gone_.push_back(rung->price);
        std::move(rung + 1, rungs_.data() + size_, rung);
        --size_;
    }
    /// False when there is a level at the price already or no room.
    bool insert(std::int64_t price, std::int64_t quantity) {
        if (size_ == kMost || price <= 0) return false;
        std::size_t at = size_;
        while (at > 0 && inside(rungs_[at - 1].price, price)) --at;
        if (at > 0 && rungs_[at - 1].price == price) return false;
        std::move_backward(rungs_.data() + at, rungs_.data() + size_, rungs_.data() + size_ + 1);
        ++size_;
        rungs_[at] = {price, quantity, true, false};
        if (const auto it = std::find(gone_.begin(), gone_.end(), price); it != gone_.end()) {
            *it = gone_.back();
            gone_.pop_back();
            rungs_[at].published = true;
        }
        return true;
    }
    /// Published prices that have no level any more.
    [[nodiscard]] const std::vector<std::int64_t>& gone() const noexcept { return gone_; }
    /// A depth message with all changes went out.
    void published() noexcept {
        for (std::size_t i = 0; i < size_; ++i) {
            rungs_[i].changed = false;
            rungs_[i].published = true;
        }
        gone_.clear();
    }

private:
    std::int64_t sign_;
    std::size_t size_ = 0;
    std::array<Rung, kMost> rungs_{};
    std::vector<std::int64_t> gone_;
};

}  // namespace parallax::sim_market
