#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/amount.hpp"
#include "core/time.hpp"

namespace parallax::risk {

/// Sum over the last N buckets of time: what happened between N-1 and N widths ago drops out at
/// once.
template <class T, std::size_t N>
class RollingSum {
public:
    explicit constexpr RollingSum(Nanos width) noexcept : width_{width} {}
    void add(UnixNanos now, T amount) noexcept {
        advance(now);
        buckets_[slot(newest_)] += amount;
        sum_ += amount;
    }
    [[nodiscard]] T sum(UnixNanos now) noexcept {
        advance(now);
        return sum_;
    }
    void clear() noexcept {
        buckets_ = {};
        sum_ = T{};
    }
    template <class Archive>
    void describe(Archive& a) {
        a(newest_, sum_, buckets_);
    }

private:
    static std::size_t slot(std::int64_t bucket) noexcept {
        return static_cast<std::size_t>(bucket) % N;
    }
    void advance(UnixNanos now) noexcept {
        const std::int64_t bucket = now.nanos() / width_.count();
        if (bucket <= newest_) return;  // a late event counts in the newest bucket
        if (bucket - newest_ >= static_cast<std::int64_t>(N)) {
            clear();
        } else {
            for (std::int64_t i = newest_ + 1; i <= bucket; ++i) {
                sum_ -= buckets_[slot(i)];
                buckets_[slot(i)] = T{};
            }
        }
        newest_ = bucket;
    }
    Nanos width_;
    std::int64_t newest_ = 0;
    T sum_{};
    std::array<T, N> buckets_{};
};

}  // namespace parallax::risk
