#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/amount.hpp"
#include "core/time.hpp"

namespace parallax::risk {

/// Token bucket as one point in time (generic cell rate algorithm): the moment when the bucket
/// would be full again. Integers only. A part of it is the reserve that entries may not touch.
class RateBucket {
public:
    void set(std::int64_t per_second, std::int64_t burst_seconds, Rate reserve) noexcept {
        cost_ = 1'000'000'000 / per_second;
        depth_ = cost_ * per_second * burst_seconds;
        const auto kept =
            static_cast<std::int64_t>(static_cast<__int128>(depth_) * reserve.raw() / Rate::kOne);
        most_debt_[0] = depth_ - kept - cost_;
        most_debt_[1] = depth_ - cost_;
    }
    /// Whether one more token is there, above the reserve unless it may be used.
    [[nodiscard]] bool allows(bool reserve_too, UnixNanos now) const noexcept {
        return full_at_ - now.nanos() <= most_debt_[reserve_too ? 1 : 0] &&
               most_debt_[reserve_too ? 1 : 0] >= 0;
    }
    /// Takes a token, below zero if need be: a cancel is never refused.
    void take(UnixNanos now) noexcept { full_at_ = std::max(full_at_, now.nanos()) + cost_; }
    /// A token taken at this time was not used.
    void give_back() noexcept { full_at_ -= cost_; }
    /// Whole tokens left, the reserve included.
    [[nodiscard]] std::int64_t left(UnixNanos now) const noexcept {
        return (depth_ - debt(now)) / cost_;
    }
    template <class Archive>
    void describe(Archive& a) {
        a(full_at_);
    }

private:
    [[nodiscard]] std::int64_t debt(UnixNanos now) const noexcept {
        return std::max<std::int64_t>(full_at_ - now.nanos(), 0);
    }
    std::int64_t cost_ = 1;  ///< ns a token takes to come back
    std::int64_t depth_ = 0;
    std::array<std::int64_t, 2> most_debt_{};  ///< before another token: without, with the reserve
    std::int64_t full_at_ = 0;
};

/// What one market allows: new orders, and messages of any kind.
struct alignas(64) MarketRates {
    RateBucket orders;
    RateBucket messages;
    template <class Archive>
    void describe(Archive& a) {
        a(orders, messages);
    }
};

}  // namespace parallax::risk
