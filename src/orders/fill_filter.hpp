#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/price.hpp"

namespace parallax::orders {

/// Which part of a reported execution of one order is news. Venues repeat fills, send them late and
/// in another order (methods 9, I7), so a fill counts once: its trade id must be new, and the sum
/// may not pass the venue's own cumulative count. Without a trade id (0) the cumulative count alone
/// says what is new. The last 16 trade ids are remembered; a repetition of an older one is caught
/// by the cumulative count.
class FillFilter {
public:
    /// The new part of the execution, 0 for a duplicate or nonsense. Numbers may be anything a peer
    /// sends.
    Quantity accept(std::uint64_t trade_id, Quantity quantity, Quantity cumulative) noexcept {
        if (trade_id != 0 && seen(trade_id)) return {};
        highest_ = std::max(highest_, cumulative);
        const Quantity room = highest_ - filled_;
        const Quantity claimed = trade_id == 0 ? unnamed(quantity, cumulative) : quantity;
        const Quantity fresh = highest_.is_zero() ? claimed : std::min(claimed, room);
        if (fresh <= Quantity{}) return {};
        if (trade_id != 0) remember(trade_id);
        filled_ += fresh;
        return fresh;
    }
    /// The venue said how much has filled, without saying how (its end-of-order message).
    void expect(Quantity cumulative) noexcept { highest_ = std::max(highest_, cumulative); }
    /// Whether executions are known of that have not been seen yet.
    [[nodiscard]] bool missing() const noexcept { return highest_ > filled_; }
    [[nodiscard]] Quantity filled() const noexcept { return filled_; }
    /// For another order; cheaper than a fresh object.
    void reset() noexcept {
        filled_ = highest_ = Quantity{};
        count_ = 0;
    }
    void rescale(std::int64_t factor) noexcept {
        filled_ = Quantity::from_raw(filled_.raw() * factor);
        highest_ = Quantity::from_raw(highest_.raw() * factor);
    }
    template <class Archive>
    void describe(Archive& a) {
        a(filled_, highest_, count_);
        for (std::size_t i = 0; i < known(); ++i) a(trades_[i]);
    }

private:
    static constexpr std::size_t kRemembered = 16;
    /// Nothing if the count has passed it; else its size, or more if executions before it were
    /// missed.
    [[nodiscard]] Quantity unnamed(Quantity quantity, Quantity cumulative) const noexcept {
        return cumulative <= filled_ ? Quantity{} : std::max(quantity, cumulative - filled_);
    }
    [[nodiscard]] std::size_t known() const noexcept {
        return std::min<std::size_t>(count_, kRemembered);
    }
    [[nodiscard]] bool seen(std::uint64_t trade_id) const noexcept {
        return std::find(trades_.begin(), trades_.begin() + known(), trade_id) !=
               trades_.begin() + known();
    }
    void remember(std::uint64_t trade_id) noexcept { trades_[count_++ % kRemembered] = trade_id; }

    Quantity filled_;
    Quantity highest_;
    std::uint32_t count_ = 0;
    std::array<std::uint64_t, kRemembered> trades_{};
};

}  // namespace parallax::orders
