#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/instrument.hpp"
#include "core/time.hpp"
#include "messages/scanner.hpp"
#include "services/scanner/survival.hpp"

namespace parallax::scanner {

/// How far back a survival curve looks.
enum class Horizon : std::uint8_t { Ever, Day, Hour };

/// What a survival table says, for screens and reports.
struct SurvivalRow {
    messages::OpportunityKind kind{};
    std::uint64_t episodes = 0;
    std::uint64_t censored = 0;
    Nanos p25, median, p75, p90;  ///< -1 ns where unknown
};

/// Open and closed episodes. An episode is owned by one lane (a group, cycle or pair) and named by
/// its route.
class EpisodeBook {
public:
    static constexpr std::size_t kKinds = 6;

    /// What an update adds.
    struct Peak {
        Rate rate;
        Amount net;
        Quantity quantity;
    };
    struct Open {
        messages::Episode episode;
        std::uint32_t lane = 0;
        std::uint32_t buy_row = 0;  ///< where the lane finds the prices again
        std::uint32_t sell_row = 0;
        template <class Archive>
        void describe(Archive& a) {
            a(episode, lane, buy_row, sell_row);
        }
    };

    EpisodeBook();
    /// Opens the route's episode or raises its peak. Returns true when it was opened. `at`: where
    /// the episode was found last, looked at first, and where it is now.
    bool touch(const Open& start, UnixNanos now, const Peak& peak, std::uint32_t& at);
    /// Would touch() with a peak of this rate open an episode or raise its peak? True also when it
    /// is not where it was found last.
    [[nodiscard]] bool would_rise(const Open& start, Rate rate, std::uint32_t at) const noexcept {
        return at >= open_.size() || open_[at].episode.route != start.episode.route ||
               open_[at].lane != start.lane || rate > open_[at].episode.peak_rate;
    }
    bool touch(const Open& start, UnixNanos now, const Peak& peak) {
        std::uint32_t at = 0;
        return touch(start, now, peak, at);
    }
    /// How an episode ends: by the market, unless censored; with a reason when it could no longer
    /// be traded.
    struct End {
        bool censored = false;
        messages::Reason reason;
    };
    /// Closes those episodes of a lane for which `ended(open)` says so; returns how many.
    template <class Predicate>
    std::uint32_t close_if(std::uint32_t lane, UnixNanos now, const End& end, Predicate&& ended) {
        std::uint32_t closed = 0;
        for (std::size_t i = 0; i < open_.size();) {
            if (open_[i].lane == lane && ended(open_[i])) {
                close(i, now, end);
                ++closed;
            } else {
                ++i;
            }
        }
        return closed;
    }
    void close_all(UnixNanos now);

    [[nodiscard]] bool none_open() const noexcept { return open_.empty(); }
    /// Grows whenever an episode ends: what was read from survival tables may be another now.
    [[nodiscard]] std::uint64_t endings() const noexcept { return endings_; }
    [[nodiscard]] std::span<const Open> open() const noexcept { return open_; }
    [[nodiscard]] std::span<const messages::Episode> closed() const noexcept { return closed_; }
    void clear_closed() noexcept { closed_.clear(); }
    [[nodiscard]] const SurvivalCurves& survival(messages::OpportunityKind kind) const noexcept {
        return curves_[static_cast<std::size_t>(kind)];
    }
    /// Time passes: rolling curves forget.
    void advance(UnixNanos now) noexcept {
        for (SurvivalCurves& curves : curves_) curves.advance(now);
    }
    [[nodiscard]] std::array<SurvivalRow, kKinds> report(
        Horizon horizon = Horizon::Ever) const noexcept;
    /// Peak quantities of episodes that buy the symbol grow with its scale.
    void rescale(const Universe& universe, SymbolId symbol, std::int64_t quantity_factor) noexcept;

    template <class Archive>
    void describe(Archive& a) {
        a(open_, curves_);
    }

private:
    void close(std::size_t at, UnixNanos now, const End& end);

    std::vector<Open> open_;
    std::vector<messages::Episode> closed_;
    std::uint64_t endings_ = 0;  ///< not state
    std::array<SurvivalCurves, kKinds> curves_{};
};

/// Name of a route: a hash of kind, instruments and sides, the same in every run.
class RouteHash {
public:
    explicit RouteHash(messages::OpportunityKind kind) noexcept
        : value_{mix(0x5ca1ab1e, static_cast<std::uint64_t>(kind))} {}
    RouteHash& leg(InstrumentId instrument, Side side) noexcept {
        value_ = mix(value_, (static_cast<std::uint64_t>(instrument.raw()) << 1) |
                                 static_cast<std::uint64_t>(side));
        return *this;
    }
    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

private:
    static std::uint64_t mix(std::uint64_t state, std::uint64_t word) noexcept {
        std::uint64_t z = (state ^ word) + 0x9E3779B97F4A7C15ULL;  // SplitMix64's finaliser
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }
    std::uint64_t value_;
};

}  // namespace parallax::scanner
