#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/assert.hpp"
#include "core/time.hpp"

namespace parallax::venue_common {

/// What of one limit may still count at the venue. A request counts from the moment it is sent
/// until one window after its answer, because it arrived at some time in between. So whatever the
/// latencies, the offset of the venue's clock and the way it cuts its windows (rolling, or fixed to
/// its minute), every request that falls into one window of the venue together with a new one is
/// counted when the new one is sent:
///   arrival of the old one  >  arrival of the new one - window  >=  sending of the new one -
///   window
/// Answered requests are kept in 64 slots, given back a slot's width (1/60 of the window) late.
class RateWindow {
public:
    /// Added to a window: a venue may count whole milliseconds, and two clocks run 100 ppm apart.
    static constexpr Nanos guard(Nanos window) noexcept {
        return Nanos::millis(2) + window / 10'000;
    }

    void advance(UnixNanos now, Nanos window) noexcept {
        const std::int64_t newest = slot(now, window);
        if (answered_ == 0) {
            oldest_ = std::max(oldest_, newest - kSlots + 1);
            return;
        }
        while (oldest_ <= newest && given_back(oldest_, window) <= now) {
            std::uint32_t& count = slots_[index(oldest_)];
            answered_ -= count;
            count = 0;
            ++oldest_;
            if (answered_ == 0) oldest_ = std::max(oldest_, newest - kSlots + 1);
        }
    }
    void send(std::uint32_t amount) noexcept { open_ += amount; }
    void unsend(std::uint32_t amount) noexcept {
        PLX_ASSERT(amount <= open_);
        open_ -= amount;
    }
    /// `at`: not after the last advance().
    void answer(std::uint32_t amount, UnixNanos at, Nanos window) noexcept {
        unsend(amount);
        const std::int64_t where = slot(at, window);
        if (where < oldest_) return;  // a window ago already
        slots_[index(where)] += amount;
        answered_ += amount;
    }
    [[nodiscard]] std::uint32_t used() const noexcept { return open_ + answered_; }
    [[nodiscard]] std::uint32_t open() const noexcept { return open_; }
    /// The earliest time when at most `most` are used, should nothing more be sent.
    [[nodiscard]] UnixNanos when_at_most(std::uint32_t most, UnixNanos now,
                                         Nanos window) const noexcept {
        if (used() <= most) return now;
        // Open ones must be answered first, so a window from now is the earliest.
        if (open_ > most) return given_back(slot(now, window), window);
        std::uint32_t left = used();
        std::int64_t at = oldest_;
        for (; left > most; ++at) left -= slots_[index(at)];
        return given_back(at - 1, window);
    }

    template <class Archive>
    void describe(Archive& a) {
        a(open_, answered_, oldest_, slots_);
    }

private:
    static constexpr std::int64_t kSlots = 64;
    static std::int64_t width(Nanos window) noexcept { return (window.count() + 59) / 60; }
    static std::int64_t slot(UnixNanos at, Nanos window) noexcept {
        return at.nanos() / width(window);
    }
    static std::size_t index(std::int64_t slot) noexcept {
        return static_cast<std::size_t>(slot) % kSlots;
    }
    static UnixNanos given_back(std::int64_t slot, Nanos window) noexcept {
        return UnixNanos::from_nanos((slot + 1) * width(window)) + window + guard(window);
    }

    std::uint32_t open_ = 0;      ///< sent, not answered
    std::uint32_t answered_ = 0;  ///< sum of the slots
    std::int64_t oldest_ = 0;     ///< slots before it are empty
    std::array<std::uint32_t, kSlots> slots_{};
};

}  // namespace parallax::venue_common
