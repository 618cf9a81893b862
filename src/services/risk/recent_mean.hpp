#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/amount.hpp"

namespace parallax::risk {

/// Mean of the last 50 rates. Says nothing before there are as many: a breaker must not trip on a
/// handful.
class RecentMean {
public:
    static constexpr std::uint64_t kSample = 50;

    /// Anything beyond +-100 counts as that, so that one absurd number cannot overflow the sum.
    void add(Rate rate) noexcept {
        constexpr std::int64_t kMost = 100 * Rate::kOne;
        const std::int64_t value = rate.raw() < -kMost  ? -kMost
                                   : rate.raw() > kMost ? kMost
                                                        : rate.raw();
        std::int64_t& place = values_[count_ % kSample];
        sum_ += value - (full() ? place : 0);
        place = value;
        ++count_;
    }
    [[nodiscard]] bool full() const noexcept { return count_ >= kSample; }
    /// full().
    [[nodiscard]] Rate mean() const noexcept {
        return Rate::from_raw(sum_ / static_cast<std::int64_t>(kSample));
    }
    void clear() noexcept {
        sum_ = 0;
        count_ = 0;
    }
    template <class Archive>
    void describe(Archive& a) {
        a(count_, sum_);
        for (std::size_t i = 0; i < count_ && i < kSample; ++i) a(values_[i]);
    }

private:
    std::uint64_t count_ = 0;
    std::int64_t sum_ = 0;
    std::array<std::int64_t, kSample> values_{};
};

}  // namespace parallax::risk
