#pragma once

#include <algorithm>
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
        reserve_ =
            static_cast<std::int64_t>(static_cast<__int128>(depth_) * reserve.raw() / Rate::kOne);
    }
    /// Whether n more tokens are there, above the reserve unless it may be used.
    [[nodiscard]] bool allows(std::int64_t n, bool reserve_too, UnixNanos now) const noexcept {
        return debt(now) + n * cost_ <= depth_ - (reserve_too ? 0 : reserve_);
    }
    /// Takes n tokens, below zero if need be: a cancel is never refused.
    void take(std::int64_t n, UnixNanos now) noexcept {
        full_at_ = std::max(full_at_, now.nanos()) + n * cost_;
    }
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
    std::int64_t reserve_ = 0;
    std::int64_t full_at_ = 0;
};

}  // namespace parallax::risk
