#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/time.hpp"

namespace parallax::scanner {

/// Kaplan-Meier estimate of how long gaps live: S(t) = product over event times of (1 - ended / at
/// risk). Durations fall into buckets of 1/8 of a power of two from 1 us up (at most 12.5 % wide),
/// so that memory and time are fixed.
class SurvivalTable {
public:
    void record(Nanos duration, bool censored) noexcept;
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] std::uint64_t ended() const noexcept { return ended_; }
    /// Probability to live longer than `time`; 1 when nothing is known.
    [[nodiscard]] double survival(Nanos time) const noexcept;
    /// The time by which a fraction has ended (0.5: the median); -1 ns when too many were censored
    /// to tell.
    [[nodiscard]] Nanos quantile(double fraction) const noexcept;

    /// Takes back what `other` recorded, all of which this one has recorded too.
    void subtract(const SurvivalTable& other) noexcept;

    /// Only the buckets in use are written.
    template <class Archive>
    void describe(Archive& a) {
        a(count_, ended_, low_, high_);
        if constexpr (Archive::kReading) {
            events_ = {};
            censored_ = {};
            high_ = std::min<std::uint32_t>(high_, kBuckets);
        }
        for (std::size_t i = low_; i < high_; ++i) a(events_[i], censored_[i]);
    }

private:
    static constexpr std::size_t kBuckets = 288;
    static std::size_t bucket(Nanos duration) noexcept;
    static Nanos upper(std::size_t bucket) noexcept;

    std::uint64_t count_ = 0;
    std::uint64_t ended_ = 0;
    std::uint32_t low_ = kBuckets;  ///< buckets [low, high) may be in use
    std::uint32_t high_ = 0;
    std::array<std::uint32_t, kBuckets> events_{};
    std::array<std::uint32_t, kBuckets> censored_{};
};

/// The same over the last while only: a ring of slices, each forgotten as a whole, so that between
/// kSlices - 1 and kSlices slices count.
template <std::size_t kSlices>
class RollingSurvival {
public:
    explicit RollingSurvival(Nanos slice) noexcept : slice_{slice} {}
    void record(UnixNanos now, Nanos duration, bool censored) noexcept {
        advance(now);
        slices_[static_cast<std::size_t>(newest_) % kSlices].record(duration, censored);
        all_.record(duration, censored);
    }
    /// Forgets what is too old; time does not run backwards.
    void advance(UnixNanos now) noexcept {
        const std::int64_t slice = now.nanos() / slice_.count();
        if (slice <= newest_) return;
        if (all_.count() == 0) {
            newest_ = slice;
            return;
        }
        for (std::int64_t i = std::max(newest_ + 1, slice - static_cast<std::int64_t>(kSlices) + 1);
             i <= slice; ++i) {
            SurvivalTable& old = slices_[static_cast<std::size_t>(i) % kSlices];
            if (old.count() == 0) continue;
            all_.subtract(old);
            old = {};
        }
        newest_ = slice;
    }
    [[nodiscard]] const SurvivalTable& table() const noexcept { return all_; }

    template <class Archive>
    void describe(Archive& a) {
        a(newest_, all_);
        for (SurvivalTable& slice : slices_) a(slice);
    }

private:
    Nanos slice_;
    std::int64_t newest_ = 0;
    SurvivalTable all_;
    std::array<SurvivalTable, kSlices> slices_{};
};

/// Survival since the start, over the last day and over the last hour.
class SurvivalCurves {
public:
    static constexpr std::uint64_t kEnough = 20;  ///< fewer episodes say nothing

    void record(UnixNanos now, Nanos duration, bool censored) noexcept {
        ever_.record(duration, censored);
        day_.record(now, duration, censored);
        hour_.record(now, duration, censored);
    }
    void advance(UnixNanos now) noexcept {
        day_.advance(now);
        hour_.advance(now);
    }
    [[nodiscard]] const SurvivalTable& ever() const noexcept { return ever_; }
    [[nodiscard]] const SurvivalTable& day() const noexcept { return day_.table(); }
    [[nodiscard]] const SurvivalTable& hour() const noexcept { return hour_.table(); }
    /// The shortest window with enough episodes to say something; null when not even all are.
    [[nodiscard]] const SurvivalTable* telling() const noexcept {
        if (hour().count() >= kEnough) return &hour();
        if (day().count() >= kEnough) return &day();
        return ever_.count() >= kEnough ? &ever_ : nullptr;
    }

    template <class Archive>
    void describe(Archive& a) {
        a(ever_, day_, hour_);
    }

private:
    SurvivalTable ever_;
    RollingSurvival<9> day_{Nanos::seconds(3 * 3'600)};
    RollingSurvival<7> hour_{Nanos::seconds(600)};
};

}  // namespace parallax::scanner
